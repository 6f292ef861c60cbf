//! Everything that is not plain WAV, through symphonia: FLAC, MP3, AAC, ALAC, Vorbis, AIFF, CAF, and telephone codecs.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions, well_known as codec};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use crate::audio::edits::{self, Edit};
use crate::audio::intake::{Intake, Mix, Source};
use crate::audio::{AudioError, AudioWarning, Pass};

/// Times in a row that the container may fail to give a packet before the rest of the file is given up.
const MAX_READ_FAILURES: usize = 16;

/// Longest silence, in seconds, that stands for one damaged packet. Real ones hold 20 to 200 ms.
const MAX_PACKET_S: f64 = 1.0;

/// Least gap between two packets, in seconds, that is filled with silence. Below it lie the rounding of containers and
/// the silence that encoders put first.
const GAP_TOLERANCE_S: f64 = 0.1;

/// Longest gap, in seconds, that is filled with silence. A longer one is a time stamp gone wrong.
const MAX_GAP_S: f64 = 10.0;

/// Part of a track's promised length, in seconds, that may be missing before it is called cut short.
const LENGTH_TOLERANCE_S: f64 = 0.5;

/// Names for people of codecs that are not decoded.
const NOT_DECODED: [(AudioCodecId, &str); 10] = [
    (codec::CODEC_ID_OPUS, "Opus"),
    (codec::CODEC_ID_SPEEX, "Speex"),
    (codec::CODEC_ID_MP1, "MPEG layer 1"),
    (codec::CODEC_ID_MP2, "MPEG layer 2"),
    (codec::CODEC_ID_AC3, "Dolby AC-3"),
    (codec::CODEC_ID_EAC3, "Dolby E-AC-3"),
    (codec::CODEC_ID_DCA, "DTS"),
    (codec::CODEC_ID_WMA, "Windows Media audio"),
    (codec::CODEC_ID_WAVPACK, "WavPack"),
    (codec::CODEC_ID_TRUEHD, "Dolby TrueHD"),
];

/// Decodes a file from its start.
pub(super) fn decode(path: &Path, file: File, mix: Mix) -> Result<Pass, AudioError> {
    let io = |source| AudioError::from_io(path, source);
    let mut again = file.try_clone().map_err(io)?;
    let edit = edits::find(&mut BufReader::new(&mut again));
    again.rewind().map_err(io)?;
    guarded(path, move || {
        let format = match probe(Box::new(file)) {
            // the reader wants to see the end first, which is missing; from the front there may be much to hear
            Err(Error::IoError(error)) if is_end(&error) => {
                again.rewind().map_err(io)?;
                probe(Box::new(ReadOnlySource::new(again)))
            }
            opened => opened,
        };
        Playing::new(path, format.map_err(|error| probe_error(path, error))?, mix, edit)?.play()
    })
}

/// Decodes a stream that cannot be sought in.
pub(super) fn decode_stream(path: &Path, stream: impl Read + Send + Sync, mix: Mix) -> Result<Pass, AudioError> {
    guarded(path, || {
        let format = probe(Box::new(ReadOnlySource::new(stream))).map_err(|error| probe_error(path, error))?;
        Playing::new(path, format, mix, None)?.play()
    })
}

thread_local! {
    /// Whether this thread is inside a decoder.
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Runs the decoder so that a fault in it, on a damaged file, is an error and not the end of the program. Symphonia has
/// arithmetic that overflows on sizes gone wrong; the user is told of the file, not of the line in a library.
fn guarded(path: &Path, run: impl FnOnce() -> Result<Pass, AudioError>) -> Result<Pass, AudioError> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |fault| {
            if !DECODING.try_with(Cell::get).unwrap_or(false) {
                told(fault);
            }
        }));
    });
    let outer = DECODING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    DECODING.set(outer);
    result.unwrap_or_else(|_| {
        Err(AudioError::damaged(path, "data that the decoder cannot cope with", "a sound file that plays elsewhere"))
    })
}

/// Opens a container by its content.
fn probe<'s>(source: Box<dyn MediaSource + 's>) -> Result<Box<dyn FormatReader + 's>, Error> {
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    symphonia::default::get_probe().probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
}

/// A container that is being decoded.
struct Playing<'s> {
    path: &'s Path,
    format: Box<dyn FormatReader + 's>,
    mix: Mix,
    track: Chosen,
    intake: Option<(Source, Intake<'s>)>,
    samples: Vec<f32>,
    decoded: u64,
    dropped: u64,
    /// Silence owed for what was lost since the last decoded packet, in seconds.
    lost_s: f64,
    /// The container's time, in seconds, at which the sound begins.
    origin_s: Option<f64>,
    /// What the container says is meant to be heard.
    edit: Option<Edit>,
    /// Frames that were left out so far because of it.
    skipped: u64,
}

impl<'s> Playing<'s> {
    fn new(
        path: &'s Path,
        format: Box<dyn FormatReader + 's>,
        mix: Mix,
        edit: Option<Edit>,
    ) -> Result<Self, AudioError> {
        let track = Chosen::of(path, format.as_ref())?;
        Ok(Self {
            path,
            format,
            mix,
            track,
            intake: None,
            samples: Vec::new(),
            decoded: 0,
            dropped: 0,
            lost_s: 0.0,
            origin_s: None,
            edit,
            skipped: 0,
        })
    }

    /// Decodes to the end.
    fn play(mut self) -> Result<Pass, AudioError> {
        while let Some(packet) = self.next_packet()? {
            if packet.track_id == self.track.id {
                self.take(&packet)?;
            }
        }
        let Some((source, intake)) = self.intake else { return Err(nothing_decoded(self.path, self.dropped)) };
        // noise that looks like a packet now and then is no recording
        if self.dropped > self.decoded {
            return Err(nothing_decoded(self.path, self.dropped));
        }
        let found_s = intake.seconds();
        let mut warnings = Vec::new();
        if self.dropped > 0 {
            warnings.push(AudioWarning::Dropped { packets: self.dropped });
        }
        let promised = self.edit.and_then(|edit| edit.keep_s).or(self.track.promised_s);
        if let Some(promised_s) = promised.filter(|promised| found_s + LENGTH_TOLERANCE_S < *promised) {
            warnings.push(AudioWarning::CutShort { promised_s, found_s });
        }
        Ok(Pass::new(source, intake.finish()?, warnings))
    }

    /// The next packet of any track; `None` at the end, or where the container cannot be read further.
    fn next_packet(&mut self) -> Result<Option<Packet>, AudioError> {
        for failures in 0..MAX_READ_FAILURES {
            match self.format.next_packet() {
                Ok(packet) => return Ok(packet),
                // a chained Ogg stream goes on with new headers
                Err(Error::ResetRequired) => match Chosen::of(self.path, self.format.as_ref()) {
                    Ok(track) => {
                        self.track = track;
                        self.origin_s = None;
                    }
                    Err(_) => return Ok(None),
                },
                Err(Error::IoError(error)) if is_end(&error) => return Ok(None),
                Err(Error::IoError(error)) => return Err(AudioError::from_io(self.path, error)),
                // one gap, however long the reader stumbles in it
                Err(_) => self.dropped += u64::from(failures == 0),
            }
        }
        Ok(None)
    }

    /// Decodes one packet of the chosen track.
    fn take(&mut self, packet: &Packet) -> Result<(), AudioError> {
        let Ok(buffer) = self.track.decoder.decode(packet) else {
            self.dropped += 1;
            self.lost_s += (packet.dur.get() as f64 * self.track.unit_s).clamp(0.0, MAX_PACKET_S);
            return Ok(());
        };
        if buffer.is_empty() {
            return Ok(());
        }
        // a reader that finds its way again says nothing of what it passed over, but its time stamps do
        let trimmed = i64::try_from(packet.trim_start.get()).unwrap_or(0);
        let begins_s = packet.pts.get().saturating_add(trimmed) as f64 * self.track.unit_s;
        let taken = self.intake.as_ref().map_or(0.0, |(_, intake)| intake.seconds());
        let taken_s = self.lost_s + taken + self.skipped as f64 / f64::from(buffer.spec().rate().max(1));
        let origin_s = *self.origin_s.get_or_insert(begins_s - taken_s);
        let skipped_s = begins_s - origin_s - taken_s;
        if (GAP_TOLERANCE_S..=MAX_GAP_S).contains(&skipped_s) {
            self.dropped += 1;
            self.lost_s += skipped_s;
        }
        let source = Source {
            rate_hz: buffer.spec().rate(),
            channels: u16::try_from(buffer.num_planes()).unwrap_or(u16::MAX),
            full_scale: self.track.full_scale,
        };
        let (_, intake) = match &mut self.intake {
            // no part may change the layout half-way; what does is counted as damaged
            Some((first, _)) if (first.rate_hz, first.channels) != (source.rate_hz, source.channels) => {
                self.dropped += 1;
                self.lost_s += buffer.frames() as f64 / f64::from(source.rate_hz.max(1));
                return Ok(());
            }
            Some(taking) => taking,
            empty @ None => empty.insert((source, Intake::new(self.path, source, None, self.mix)?)),
        };
        intake.push_silence(std::mem::take(&mut self.lost_s))?;
        buffer.copy_to_vec_interleaved(&mut self.samples);
        let heard = heard(self.edit, self.skipped, intake.frames(), buffer.frames(), source.rate_hz);
        self.skipped += heard.start as u64;
        let channels = usize::from(source.channels);
        intake.push(&mut self.samples[heard.start * channels..heard.end * channels])?;
        self.decoded += 1;
        Ok(())
    }
}

/// Which of the next `frames` are meant to be heard, when `skipped` were left out and `taken` were heard before.
fn heard(edit: Option<Edit>, skipped: u64, taken: u64, frames: usize, rate_hz: u32) -> Range<usize> {
    let Some(edit) = edit else { return 0..frames };
    let in_frames = |seconds: f64| (seconds * f64::from(rate_hz)).round() as u64;
    let start = in_frames(edit.skip_s).saturating_sub(skipped).min(frames as u64);
    let left = edit.keep_s.map_or(u64::MAX, |keep| in_frames(keep).saturating_sub(taken));
    let end = start.saturating_add(left).min(frames as u64);
    start as usize..end as usize
}

/// The track that is decoded.
struct Chosen {
    id: u32,
    decoder: Box<dyn AudioDecoder>,
    full_scale: (f32, f32),
    promised_s: Option<f64>,
    /// Seconds in one unit of the container's time.
    unit_s: f64,
}

impl Chosen {
    /// Chooses the sound track of a file and makes its decoder.
    fn of(path: &Path, format: &dyn FormatReader) -> Result<Self, AudioError> {
        let audio = |track: &Track| match &track.codec_params {
            Some(CodecParameters::Audio(params)) => Some(params.clone()),
            _ => None,
        };
        let track = format.default_track(TrackType::Audio).or_else(|| format.first_track(TrackType::Audio));
        let Some((track, params)) = track.and_then(|track| Some((track, audio(track)?))) else {
            return Err(no_sound(path, format));
        };
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&params, &AudioDecoderOptions::default())
            .map_err(|error| decoder_error(path, params.codec, format, &error))?;
        let lossless = [codec::CODEC_ID_FLAC, codec::CODEC_ID_ALAC].contains(&params.codec) || is_pcm(params.codec);
        let bits = params.bits_per_sample.unwrap_or(16);
        let full_scale = if is_float(params.codec) {
            Source::FLOAT_FULL_SCALE
        } else if lossless {
            Source::integer_full_scale(bits)
        } else {
            Source::LOSSY_FULL_SCALE
        };
        let promised_s = track
            .num_frames
            .zip(params.sample_rate)
            .and_then(|(frames, rate)| (rate > 0).then(|| frames as f64 / f64::from(rate)));
        let unit_s = track.time_base.map_or(0.0, |base| f64::from(base.numer.get()) / f64::from(base.denom.get()));
        Ok(Self { id: track.id, decoder, full_scale, promised_s, unit_s })
    }
}

fn is_float(id: AudioCodecId) -> bool {
    (codec::CODEC_ID_PCM_F32LE..=codec::CODEC_ID_PCM_F64BE_PLANAR).contains(&id)
}

fn is_pcm(id: AudioCodecId) -> bool {
    (codec::CODEC_ID_PCM_S32LE..=codec::CODEC_ID_PCM_U8_PLANAR).contains(&id)
}

fn is_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

fn probe_error(path: &Path, error: Error) -> AudioError {
    match error {
        Error::IoError(error) if !is_end(&error) => AudioError::from_io(path, error),
        Error::IoError(_) => AudioError::damaged(path, "the file ends inside its header", "a whole sound file"),
        Error::DecodeError(found) => AudioError::damaged(path, found, "a whole sound file"),
        // the probe says the same for a format nobody knows and for a feature of one that it knows
        Error::Unsupported(found) if !found.contains("probe") => {
            AudioError::Unsupported { path: path.into(), found: format!("a variant of its format ({found})") }
        }
        _ => AudioError::NotAudio { path: path.into(), found: "in no format that is known".into() },
    }
}

fn decoder_error(path: &Path, id: AudioCodecId, format: &dyn FormatReader, error: &Error) -> AudioError {
    let container = format.format_info().long_name;
    if let Some((_, name)) = NOT_DECODED.iter().find(|(number, _)| *number == id) {
        return AudioError::Unsupported { path: path.into(), found: format!("{name} in {container}") };
    }
    match error {
        Error::Unsupported(what) => {
            AudioError::Unsupported { path: path.into(), found: format!("a codec in {container} ({what})") }
        }
        other => AudioError::damaged(path, other.to_string(), "codec parameters that a decoder can start with"),
    }
}

fn no_sound(path: &Path, format: &dyn FormatReader) -> AudioError {
    let video = format.tracks().iter().any(|track| track.track_type() == Some(TrackType::Video));
    let found =
        if video { "a video track".into() } else { format!("{} tracks that are no sound", format.tracks().len()) };
    AudioError::NoSound { path: path.into(), found }
}

fn nothing_decoded(path: &Path, dropped: u64) -> AudioError {
    if dropped == 0 {
        AudioError::NoSamples { path: path.into() }
    } else {
        AudioError::damaged(path, format!("{dropped} parts that cannot be decoded"), "sound that plays elsewhere")
    }
}
