//! Writing 16-bit mono WAV at 16 kHz, for tests and tools.

use std::path::Path;

use crate::audio::{AudioError, SAMPLE_RATE_HZ};

/// Writes one channel at 16 kHz as 16-bit WAV. Samples beyond −1 to 1 are clipped and NaN becomes 0.
///
/// # Errors
/// [`AudioError::Write`] when the file cannot be made or filled.
pub fn write_wav_16k(path: &Path, samples: &[f32]) -> Result<(), AudioError> {
    let error = |reason: hound::Error| match reason {
        hound::Error::IoError(source) if source.kind() == std::io::ErrorKind::PermissionDenied => {
            AudioError::Permission { path: path.into() }
        }
        reason => AudioError::Write { path: path.into(), reason: reason.to_string() },
    };
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).map_err(error)?;
    for sample in samples {
        // the same scale as reading: −1 is −32768, and a cast of NaN is 0
        writer.write_sample((sample * 32_768.0).round() as i16).map_err(error)?;
    }
    writer.finalize().map_err(error)
}
