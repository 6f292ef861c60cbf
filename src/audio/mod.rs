//! Sound in and out of files: decoding, resampling, levels.
//!
//! [`read`] takes any recording that people have (WAV as recorders leave it, FLAC, MP3, M4A, Ogg Vorbis, AIFF, CAF)
//! and returns what the recogniser needs: one channel at [`SAMPLE_RATE_HZ`]. The file is taken block by block, so
//! memory holds the result and little else. What a format is gets decided by its content, never by its name.

mod decode;
mod edits;
mod error;
mod intake;
pub mod levels;
pub mod resample;
mod sniff;
mod wav;
mod write;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

pub use error::{AudioError, AudioWarning};

pub use levels::levels;
pub use resample::Resampler;
pub use write::write_wav_16k;

use intake::{Mix, Source, Taken};

/// Sampling rate of everything behind [`read`], in hertz: what Whisper and the voice activity detector expect.
pub const SAMPLE_RATE_HZ: u32 = 16_000;

/// Longest recording that is read, in seconds. An interview of three hours fits (690 MB of samples); a header gone
/// wrong or a file of endless silence does not fill the memory.
pub const MAX_DURATION_S: f64 = 4.0 * 3600.0;

/// Lowest and highest sampling rate of a file, in hertz: from telephone to studio.
pub const FILE_RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// Most channels that a file may have. WAVE names 18 places for loudspeakers; a header with more is a damaged one.
pub const MAX_CHANNELS: u16 = 18;

/// A recording, decoded: one channel at 16 kHz, and what is known about the file it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Audio {
    /// One channel at [`SAMPLE_RATE_HZ`], −1 to 1, all finite.
    pub samples: Vec<f32>,
    /// Length in seconds, from the number of frames in the file.
    pub duration_s: f64,
    /// Sampling rate of the file in hertz.
    pub sample_rate_hz: u32,
    /// Number of channels in the file.
    pub channels: u16,
    /// SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Highest absolute sample of the file before channels are mixed; 1 is full scale, floating point can go beyond.
    pub peak: f32,
    /// Share of the file's samples that lie in runs of three or more at full scale, 0 to 1, before resampling.
    pub clipped_fraction: f64,
    /// What was wrong with the file although it could be read.
    pub warnings: Vec<AudioWarning>,
}

impl Audio {
    /// The warnings in the form that [`crate::evidence::Evidence`] keeps.
    pub fn remarks(&self) -> Vec<crate::evidence::Remark> {
        self.warnings.iter().map(crate::evidence::Remark::from).collect()
    }
}

/// Reads a recording.
///
/// # Errors
/// [`AudioError`] when there is no such file, when it is no ordinary file, when nothing in it can be decoded, or when
/// what it holds is outside [`FILE_RATES_HZ`], [`MAX_CHANNELS`] or [`MAX_DURATION_S`]. A file that is damaged in part
/// is read as far as it goes, and [`Audio::warnings`] says what is missing.
pub fn read(path: &Path) -> Result<Audio, AudioError> {
    let file = open(path)?;
    let wanted = AtomicBool::new(true);
    std::thread::scope(|scope| {
        // hashing takes as long as decoding where the processor has no instructions for it
        let hash = std::thread::Builder::new().spawn_scoped(scope, || sha256(path, &wanted));
        let pass = decode_file(path, &file);
        wanted.store(pass.is_ok(), Ordering::Relaxed);
        let hash = hash.map(std::thread::ScopedJoinHandle::join);
        let pass = pass?;
        let sha256 = match hash {
            Ok(Ok(hash)) => hash?,
            // there was no thread to be had
            _ => sha256(path, &wanted)?,
        };
        Ok(pass.into_audio(sha256))
    })
}

/// Decodes the file, and once more with one channel alone when the channels turn out to cancel each other.
fn decode_file(path: &Path, file: &File) -> Result<Pass, AudioError> {
    let pass = decode_pass(path, file, Mix::Mean)?;
    let Some(channel) = pass.taken.cancelled else { return Ok(pass) };
    drop(pass);
    let mut pass = decode_pass(path, file, Mix::Only(channel))?;
    pass.warnings.push(AudioWarning::OutOfPhase { channel: channel + 1 });
    Ok(pass)
}

/// What one pass over a file gave.
struct Pass {
    source: Source,
    taken: Taken,
    warnings: Vec<AudioWarning>,
}

impl Pass {
    fn new(source: Source, taken: Taken, mut warnings: Vec<AudioWarning>) -> Self {
        if taken.not_numbers > 0 {
            warnings.push(AudioWarning::NotNumbers { count: taken.not_numbers, total: taken.total });
        }
        if taken.peak > intake::LOUD_BEYOND_FULL_SCALE {
            warnings.push(AudioWarning::BeyondFullScale { peak: taken.peak });
        }
        Self { source, taken, warnings }
    }

    fn into_audio(self, sha256: String) -> Audio {
        Audio {
            duration_s: self.taken.frames as f64 / f64::from(self.source.rate_hz),
            samples: self.taken.samples,
            sample_rate_hz: self.source.rate_hz,
            channels: self.source.channels,
            sha256,
            peak: self.taken.peak,
            clipped_fraction: self.taken.clipped_fraction,
            warnings: self.warnings,
        }
    }
}

/// Decodes the whole file once.
fn decode_pass(path: &Path, file: &File, mix: Mix) -> Result<Pass, AudioError> {
    use std::io::{Seek, SeekFrom};
    let io = |source| AudioError::from_io(path, source);
    let mut file = file.try_clone().map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(sniff::HEAD_BYTES as u64).read_to_end(&mut head).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    match sniff::content(&head) {
        sniff::Content::Wave => wav::decode(path, file, mix),
        sniff::Content::Audio(_) | sniff::Content::Unknown => decode::decode(path, file, mix),
        sniff::Content::Foreign(found) => Err(AudioError::NotAudio { path: path.into(), found: found.into() }),
        sniff::Content::Unsupported(found) => Err(AudioError::Unsupported { path: path.into(), found: found.into() }),
    }
}

/// Opens an ordinary file that is not empty. Anything else could block for ever or never end.
fn open(path: &Path) -> Result<File, AudioError> {
    let io = |source| AudioError::from_io(path, source);
    // asked before opening, because opening a FIFO waits for a writer
    check_kind(path, &std::fs::metadata(path).map_err(io)?)?;
    let file = File::open(path).map_err(io)?;
    check_kind(path, &file.metadata().map_err(io)?)?;
    Ok(file)
}

fn check_kind(path: &Path, metadata: &std::fs::Metadata) -> Result<(), AudioError> {
    if metadata.is_dir() {
        Err(AudioError::Directory { path: path.into() })
    } else if !metadata.is_file() {
        Err(AudioError::NotAFile { path: path.into() })
    } else if metadata.len() == 0 {
        Err(AudioError::Empty { path: path.into() })
    } else {
        Ok(())
    }
}

/// SHA-256 of a file's bytes, in lower-case hexadecimal. Given up half-way, with some result, when it is not wanted.
fn sha256(path: &Path, wanted: &AtomicBool) -> Result<String, AudioError> {
    let io = |source| AudioError::from_io(path, source);
    let mut file = File::open(path).map_err(io)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 18];
    while wanted.load(Ordering::Relaxed) {
        match file.read(&mut block).map_err(io)? {
            0 => break,
            length => hasher.update(&block[..length]),
        }
    }
    Ok(hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write;
        // writing to a string cannot fail
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}
