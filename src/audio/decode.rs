//! Everything that is not plain WAV, through symphonia: FLAC, MP3, AAC, ALAC, Vorbis, AIFF, CAF, and telephone codecs.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions, well_known as codec};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;

use crate::audio::intake::{Intake, Mix, Source};
use crate::audio::{AudioError, AudioWarning, Pass};

/// Packets in a row that may fail before the rest is given up: some seconds of sound, more than any scratch.
const MAX_FAILED_IN_A_ROW: u64 = 2000;

/// Share of a track's promised length that may be missing before it is called cut short. Containers round.
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
    guarded(path, Box::new(file), mix)
}

/// Decodes a stream that cannot be sought in.
pub(super) fn decode_stream(path: &Path, stream: impl Read + Send + Sync, mix: Mix) -> Result<Pass, AudioError> {
    guarded(path, Box::new(ReadOnlySource::new(stream)), mix)
}

/// Runs the decoder so that a fault in it, on a damaged file, is an error and not the end of the program.
fn guarded(path: &Path, source: Box<dyn MediaSource + '_>, mix: Mix) -> Result<Pass, AudioError> {
    catch_unwind(AssertUnwindSafe(|| run(path, source, mix))).unwrap_or_else(|_| {
        Err(AudioError::damaged(path, "data that the decoder cannot cope with", "a sound file that plays elsewhere"))
    })
}

fn run(path: &Path, source: Box<dyn MediaSource + '_>, mix: Mix) -> Result<Pass, AudioError> {
    let stream = MediaSourceStream::new(source, symphonia::core::io::MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| probe_error(path, error))?;
    let mut playing = Playing::of(path, format.as_ref())?;
    let mut intake: Option<(Source, Intake)> = None;
    let mut samples: Vec<f32> = Vec::new();
    let (mut decoded, mut dropped, mut in_a_row) = (0_u64, 0_u64, 0_u64);
    while in_a_row < MAX_FAILED_IN_A_ROW {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // a chained Ogg stream goes on with new headers
            Err(Error::ResetRequired) => match Playing::of(path, format.as_ref()) {
                Ok(next) => {
                    playing = next;
                    continue;
                }
                Err(_) => break,
            },
            Err(Error::IoError(error)) if is_end(&error) => break,
            Err(Error::IoError(error)) => return Err(AudioError::from_io(path, error)),
            Err(_) => {
                dropped += 1;
                in_a_row += 1;
                continue;
            }
        };
        if packet.track_id != playing.track {
            continue;
        }
        let buffer = match playing.decoder.decode(&packet) {
            Ok(buffer) => buffer,
            Err(_) => {
                dropped += 1;
                in_a_row += 1;
                continue;
            }
        };
        in_a_row = 0;
        if buffer.is_empty() {
            continue;
        }
        let source = Source {
            rate_hz: buffer.spec().rate(),
            channels: u16::try_from(buffer.num_planes()).unwrap_or(u16::MAX),
            full_scale: playing.full_scale,
        };
        let (_, intake) = match &mut intake {
            // no part may change the layout half-way; what does is counted as damaged
            Some((first, _)) if (first.rate_hz, first.channels) != (source.rate_hz, source.channels) => {
                dropped += 1;
                continue;
            }
            Some(taking) => taking,
            empty @ None => empty.insert((source, Intake::new(path, source, None, mix)?)),
        };
        buffer.copy_to_vec_interleaved(&mut samples);
        intake.push(&mut samples)?;
        decoded += 1;
    }
    let Some((source, intake)) = intake else { return Err(nothing_decoded(path, dropped)) };
    // noise that looks like a packet now and then is no recording
    if dropped > decoded {
        return Err(nothing_decoded(path, dropped));
    }
    let found_s = intake.seconds();
    let mut warnings = Vec::new();
    if dropped > 0 {
        warnings.push(AudioWarning::Dropped { packets: dropped });
    }
    match playing.promised_s {
        Some(promised_s) if found_s + LENGTH_TOLERANCE_S < promised_s && dropped == 0 => {
            warnings.push(AudioWarning::CutShort { promised_s, found_s });
        }
        _ => {}
    }
    Ok(Pass::new(source, intake.finish()?, warnings))
}

/// The track that is decoded.
struct Playing {
    track: u32,
    decoder: Box<dyn AudioDecoder>,
    full_scale: (f32, f32),
    promised_s: Option<f64>,
}

impl Playing {
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
        Ok(Self { track: track.id, decoder, full_scale, promised_s })
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
