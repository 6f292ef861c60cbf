//! WAV as recorders leave it: PCM in RIFF, RIFX, RF64 and BW64.
//!
//! hound refuses a file whose sizes are wrong, and wrong sizes are what a recorder leaves that was killed, so the
//! header is walked here and sizes are believed only as far as the file goes. Other codecs in WAV (µ-law, A-law, ADPCM)
//! are handed to [`super::decode`] behind a header that has been put right.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use crate::audio::intake::{Intake, Mix, Source};
use crate::audio::{AudioError, AudioWarning, MAX_CHANNELS, Pass, decode};

/// Bytes that are read at a time.
const BLOCK_BYTES: usize = 1 << 16;

/// Longest format chunk that is looked at; real ones have 16 to 50 bytes, ADPCM's a few more.
const MAX_FORMAT_BYTES: u64 = 1024;

/// Bytes after the samples that are taken for more samples, in seconds of sound. Less is padding or a tag.
const MIN_UNANNOUNCED_S: f64 = 0.25;

/// Codec numbers of the format chunk.
mod tag {
    pub const PCM: u16 = 1;
    pub const FLOAT: u16 = 3;
    pub const EXTENSIBLE: u16 = 0xFFFE;
    /// What symphonia decodes: Microsoft ADPCM, A-law, µ-law, IMA ADPCM.
    pub const DECODED: [u16; 4] = [2, 6, 7, 0x11];
    /// Names for people of what is not read.
    pub const NAMES: [(u16, &str); 10] = [
        (0x31, "GSM 6.10 in WAV"),
        (0x40, "G.721 ADPCM in WAV"),
        (0x45, "G.726 ADPCM in WAV"),
        (0x50, "MPEG layer 2 in WAV"),
        (0x55, "MP3 in WAV"),
        (0x64, "G.726 ADPCM in WAV"),
        (0x65, "G.722 ADPCM in WAV"),
        (0xFF, "AAC in WAV"),
        (0x161, "Windows Media audio in WAV"),
        (0x162, "Windows Media audio in WAV"),
    ];
}

/// What the format chunk says.
#[derive(Debug, Clone, PartialEq)]
struct Format {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    bytes_per_second: u32,
    block_align: u16,
    bits: u16,
    /// The chunk as it stands in the file.
    chunk: Vec<u8>,
}

/// Where the samples are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Data {
    start: u64,
    /// Bytes that are there.
    length: u64,
    /// Bytes that the header promises, where it says so at all.
    promised: Option<u64>,
}

/// How one sample is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Unsigned8,
    Signed(usize),
    Float32,
    Float64,
}

/// Decodes a WAV file from its start.
pub(super) fn decode(path: &Path, file: File, mix: Mix) -> Result<Pass, AudioError> {
    let io = |source| AudioError::from_io(path, source);
    let file_length = file.metadata().map_err(io)?.len();
    let mut reader = BufReader::with_capacity(BLOCK_BYTES, file);
    let header = Header::read(path, &mut reader, file_length)?;
    let Header { format, data, big_endian } = &header;
    reader.seek(SeekFrom::Start(data.start)).map_err(io)?;
    match format.tag {
        tag::PCM | tag::FLOAT => {
            let (encoding, width) = format.encoding(path)?;
            pcm(path, reader, format, *data, (encoding, width, *big_endian), mix)
        }
        other if tag::DECODED.contains(&other) && !big_endian => {
            let repaired = Cursor::new(header.repaired()).chain(reader.take(data.length));
            let mut pass = decode::decode_stream(path, repaired, mix)?;
            let seconds = pass.taken.frames as f64 / f64::from(pass.source.rate_hz);
            pass.warnings.extend(data.warning(seconds, f64::from(format.bytes_per_second)));
            Ok(pass)
        }
        other => {
            let named = tag::NAMES.iter().find(|(number, _)| *number == other);
            let found = named.map_or_else(|| format!("codec number {other:#06x} in WAV"), |(_, name)| (*name).into());
            Err(AudioError::Unsupported { path: path.into(), found })
        }
    }
}

/// Decodes PCM from a reader that stands at the first sample.
fn pcm(
    path: &Path,
    reader: impl Read,
    format: &Format,
    data: Data,
    (encoding, width, big_endian): (Encoding, usize, bool),
    mix: Mix,
) -> Result<Pass, AudioError> {
    let full_scale = match encoding {
        Encoding::Float32 | Encoding::Float64 => Source::FLOAT_FULL_SCALE,
        // the lowest bits of a wider word may be unused: 24 bits in 32
        Encoding::Unsigned8 | Encoding::Signed(_) => Source::integer_full_scale(format.bits.into()),
    };
    let source = Source { rate_hz: format.rate_hz, channels: format.channels, full_scale };
    let frame = width * usize::from(format.channels);
    let mut intake = Intake::new(path, source, Some(data.length / frame as u64), mix)?;
    let mut reader = reader.take(data.length - data.length % frame as u64);
    let mut bytes = vec![0; BLOCK_BYTES - BLOCK_BYTES % frame];
    let mut samples = Vec::with_capacity(bytes.len() / width);
    loop {
        let filled = fill(&mut reader, &mut bytes).map_err(|source| AudioError::from_io(path, source))?;
        let whole = filled - filled % frame;
        if whole == 0 {
            break;
        }
        samples.clear();
        encoding.decode(&bytes[..whole], width, big_endian, &mut samples);
        intake.push(&mut samples)?;
    }
    let warnings = data.warning(intake.seconds(), f64::from(format.rate_hz) * frame as f64);
    Ok(Pass::new(source, intake.finish()?, warnings.into_iter().collect()))
}

/// Reads until the buffer is full or the input ends.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl Encoding {
    /// Appends the samples in `bytes`, each of `width` bytes, as −1 to 1.
    fn decode(self, bytes: &[u8], width: usize, big_endian: bool, out: &mut Vec<f32>) {
        const I16: f32 = 1.0 / 32_768.0;
        const I32: f32 = 1.0 / 2_147_483_648.0;
        match (self, big_endian) {
            (Self::Unsigned8, _) => out.extend(bytes.iter().map(|byte| (f32::from(*byte) - 128.0) / 128.0)),
            (Self::Signed(2), false) => {
                out.extend(bytes.as_chunks().0.iter().map(|word| f32::from(i16::from_le_bytes(*word)) * I16));
            }
            (Self::Signed(2), true) => {
                out.extend(bytes.as_chunks().0.iter().map(|word| f32::from(i16::from_be_bytes(*word)) * I16));
            }
            (Self::Signed(_), _) => out.extend(bytes.chunks_exact(width).map(|word| {
                // to the top of 32 bits, so that the sign and the scale are right for every width
                let mut wide = [0; 4];
                if big_endian {
                    let used = width.min(4);
                    wide[..used].copy_from_slice(&word[..used]);
                    i32::from_be_bytes(wide) as f32 * I32
                } else {
                    let used = width.min(4);
                    wide[4 - used..].copy_from_slice(&word[width - used..]);
                    i32::from_le_bytes(wide) as f32 * I32
                }
            })),
            (Self::Float32, false) => out.extend(bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word))),
            (Self::Float32, true) => out.extend(bytes.as_chunks().0.iter().map(|word| f32::from_be_bytes(*word))),
            (Self::Float64, false) => {
                out.extend(bytes.as_chunks().0.iter().map(|word| f64::from_le_bytes(*word) as f32));
            }
            (Self::Float64, true) => {
                out.extend(bytes.as_chunks().0.iter().map(|word| f64::from_be_bytes(*word) as f32));
            }
        }
    }
}

impl Format {
    /// How samples are stored and how many bytes each takes.
    fn encoding(&self, path: &Path) -> Result<(Encoding, usize), AudioError> {
        if self.channels == 0 || self.channels > MAX_CHANNELS {
            return Err(AudioError::Channels { path: path.into(), channels: self.channels.into() });
        }
        // a block align that fits is the truth (24 bits in 32); one that does not is ignored
        let aligned = usize::from(self.block_align / self.channels);
        let needed = usize::from(self.bits.div_ceil(8));
        let fits = self.block_align.is_multiple_of(self.channels) && aligned >= needed && aligned <= 8;
        let width = if fits && aligned > 0 { aligned } else { needed };
        match (self.tag, self.bits, width) {
            (tag::PCM, 1..=8, 1) => Ok((Encoding::Unsigned8, 1)),
            (tag::PCM, 1..=32, 2..=4) => Ok((Encoding::Signed(width), width)),
            (tag::FLOAT, 32, 4) => Ok((Encoding::Float32, 4)),
            (tag::FLOAT, 64, 8) => Ok((Encoding::Float64, 8)),
            (tag::FLOAT, bits, _) => {
                Err(AudioError::damaged(path, format!("floating-point samples of {bits} bits"), "32 or 64 bits"))
            }
            (_, bits, _) => Err(AudioError::damaged(
                path,
                format!("samples of {bits} bits in blocks of {} bytes", self.block_align),
                "8, 16, 24 or 32 bits",
            )),
        }
    }
}

impl Data {
    /// What to say when the header's promise and the file differ.
    fn warning(&self, found_s: f64, bytes_per_second: f64) -> Option<AudioWarning> {
        match self.promised {
            Some(promised) if promised == self.length => None,
            Some(promised) if promised > self.length && bytes_per_second > 0.0 => {
                Some(AudioWarning::CutShort { promised_s: promised as f64 / bytes_per_second, found_s })
            }
            _ => Some(AudioWarning::Unfinished { found_s }),
        }
    }
}

/// Everything before the samples.
#[derive(Debug, Clone, PartialEq)]
struct Header {
    format: Format,
    data: Data,
    big_endian: bool,
}

impl Header {
    /// Walks the chunks up to the samples.
    fn read(path: &Path, reader: &mut (impl Read + Seek), file_length: u64) -> Result<Self, AudioError> {
        let mut walk = Walk { path, reader, file_length, at: 12, big_endian: false };
        let mut top = [0; 12];
        walk.exact(0, &mut top, "a RIFF header of 12 bytes")?;
        walk.big_endian = top.starts_with(b"RIFX");
        let wide = top.starts_with(b"RF64") || top.starts_with(b"BW64");
        let mut format = None;
        let mut wide_length = None;
        loop {
            let mut chunk = [0; 8];
            let expected = if format.is_some() { "a chunk named data" } else { "a chunk named fmt" };
            walk.exact(walk.at, &mut chunk, expected)?;
            let (name, size) = chunk.split_at(4);
            let size = u64::from(walk.u32(size));
            let body = walk.at + 8;
            match name {
                b"fmt " => format = Some(walk.format(body, size)?),
                b"ds64" if wide => {
                    let mut sizes = [0; 16];
                    walk.exact(body, &mut sizes, "a ds64 chunk of 24 bytes")?;
                    let mut length = [0; 8];
                    length.copy_from_slice(&sizes[8..]);
                    wide_length = Some(u64::from_le_bytes(length));
                }
                b"data" => {
                    let Some(format) = format else {
                        return Err(AudioError::damaged(
                            path,
                            "samples before their format",
                            "a chunk named fmt first",
                        ));
                    };
                    let promised = match (size, wide_length) {
                        (0xFFFF_FFFF, Some(length)) if length > 0 => Some(length),
                        (0xFFFF_FFFF, _) => None,
                        (size, _) => Some(size),
                    };
                    let data = walk.data(body, promised, &format)?;
                    return Ok(Self { format, data, big_endian: walk.big_endian });
                }
                _ => {}
            }
            // chunks begin at even places
            walk.at = body + size + size % 2;
        }
    }

    /// A header whose sizes are those of the file, for a decoder that believes them.
    fn repaired(&self) -> Vec<u8> {
        let chunk = &self.format.chunk;
        let length = self.data.length.min(u64::from(u32::MAX) - 1) as u32;
        let mut header = b"RIFF".to_vec();
        header.extend(length.saturating_add(chunk.len() as u32 + 20).to_le_bytes());
        header.extend(b"WAVEfmt ");
        header.extend((chunk.len() as u32).to_le_bytes());
        header.extend(chunk);
        header.extend(b"data");
        header.extend(length.to_le_bytes());
        header
    }
}

/// Chunk by chunk through a file.
struct Walk<'a, R> {
    path: &'a Path,
    reader: &'a mut R,
    file_length: u64,
    at: u64,
    big_endian: bool,
}

impl<R: Read + Seek> Walk<'_, R> {
    fn exact(&mut self, at: u64, buffer: &mut [u8], expected: &str) -> Result<(), AudioError> {
        let length = self.file_length;
        if at.saturating_add(buffer.len() as u64) > length {
            let found = format!("the file ends after {length} bytes");
            return Err(AudioError::damaged(self.path, found, expected));
        }
        self.reader.seek(SeekFrom::Start(at)).map_err(|source| AudioError::from_io(self.path, source))?;
        self.reader.read_exact(buffer).map_err(|source| AudioError::from_io(self.path, source))
    }

    fn u16(&self, bytes: &[u8]) -> u16 {
        let pair = [bytes.first().copied().unwrap_or(0), bytes.get(1).copied().unwrap_or(0)];
        if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    }

    fn u32(&self, bytes: &[u8]) -> u32 {
        let (first, second) = bytes.split_at(bytes.len().min(2));
        let (first, second) = (u32::from(self.u16(first)), u32::from(self.u16(second)));
        if self.big_endian { first << 16 | second } else { second << 16 | first }
    }

    fn format(&mut self, body: u64, size: u64) -> Result<Format, AudioError> {
        if !(16..=MAX_FORMAT_BYTES).contains(&size) {
            let found = format!("a format chunk of {size} bytes");
            return Err(AudioError::damaged(self.path, found, "16 to 1024 bytes"));
        }
        let mut chunk = vec![0; size as usize];
        self.exact(body, &mut chunk, "a whole format chunk")?;
        let mut tag = self.u16(&chunk);
        let mut bits = self.u16(&chunk[14..]);
        if tag == tag::EXTENSIBLE && chunk.len() >= 26 {
            // valid bits, channel mask, and a GUID that begins with the codec number
            tag = self.u16(&chunk[24..]);
            let valid = self.u16(&chunk[18..]);
            if valid > 0 && valid < bits && tag == tag::PCM {
                bits = valid;
            }
        }
        Ok(Format {
            tag,
            channels: self.u16(&chunk[2..]),
            rate_hz: self.u32(&chunk[4..8]),
            bytes_per_second: self.u32(&chunk[8..12]),
            block_align: self.u16(&chunk[12..]),
            bits,
            chunk,
        })
    }

    /// Decides where the samples end.
    fn data(&mut self, start: u64, promised: Option<u64>, format: &Format) -> Result<Data, AudioError> {
        let available = self.file_length - start;
        let Some(size) = promised else {
            // the sign for "not known": what writers to a pipe leave
            return Ok(Data { start, length: available, promised: None });
        };
        if size >= available {
            return Ok(Data { start, length: available, promised });
        }
        let rest = available - size;
        let bytes_per_second = u64::from(format.block_align.max(1)) * u64::from(format.rate_hz);
        let much = rest as f64 >= MIN_UNANNOUNCED_S * bytes_per_second as f64 || size == 0;
        if much && !self.chunk_at(start + size + size % 2)? && !self.chunk_at(start + size)? {
            return Ok(Data { start, length: available, promised });
        }
        Ok(Data { start, length: size, promised })
    }

    /// Whether another chunk begins at a place: four printable letters and a size that fits.
    fn chunk_at(&mut self, at: u64) -> Result<bool, AudioError> {
        if at + 8 > self.file_length {
            return Ok(false);
        }
        let mut chunk = [0; 8];
        self.exact(at, &mut chunk, "a chunk")?;
        let (name, size) = chunk.split_at(4);
        let printable = name.iter().all(|byte| (b' '..=b'~').contains(byte));
        Ok(printable && at + 8 + u64::from(self.u32(size)) <= self.file_length)
    }
}
