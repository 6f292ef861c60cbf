//! Sound and WAV files for the tests.

use std::path::{Path, PathBuf};

use viva::audio::{Audio, AudioError};

/// A sine of a quarter of full scale: `frames` samples at `rate` hertz.
pub fn tone(frequency: f64, rate: u32, frames: usize) -> Vec<f64> {
    let step = std::f64::consts::TAU * frequency / f64::from(rate);
    (0..frames).map(|index| 0.25 * (step * index as f64).sin()).collect()
}

/// Root mean square.
pub fn rms(samples: &[f32]) -> f64 {
    (samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

/// A WAV file, byte by byte, so that every field can be wrong.
#[derive(Debug, Clone)]
pub struct Wav {
    pub riff: [u8; 4],
    pub riff_size: Option<u32>,
    pub tag: u16,
    pub channels: u16,
    pub rate: u32,
    pub block_align: Option<u16>,
    pub bits: u16,
    /// Bytes after the 16 of the plain format chunk.
    pub format_tail: Vec<u8>,
    /// Whole chunks between format and data.
    pub between: Vec<u8>,
    pub data_size: Option<u32>,
    pub data: Vec<u8>,
    /// Bytes after the data.
    pub after: Vec<u8>,
}

impl Wav {
    /// 16-bit mono with these samples.
    pub fn mono16(rate: u32, samples: &[i16]) -> Self {
        Self {
            riff: *b"RIFF",
            riff_size: None,
            tag: 1,
            channels: 1,
            rate,
            block_align: None,
            bits: 16,
            format_tail: Vec::new(),
            between: Vec::new(),
            data_size: None,
            data: samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            after: Vec::new(),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let big = &self.riff == b"RIFX";
        let u16 = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let u32 = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let align = self.block_align.unwrap_or(self.channels.wrapping_mul(self.bits.div_ceil(8)));
        let mut body = b"WAVE".to_vec();
        body.extend(b"fmt ");
        body.extend(u32(16 + self.format_tail.len() as u32));
        body.extend(u16(self.tag));
        body.extend(u16(self.channels));
        body.extend(u32(self.rate));
        body.extend(u32(self.rate.wrapping_mul(align.into())));
        body.extend(u16(align));
        body.extend(u16(self.bits));
        body.extend(&self.format_tail);
        body.extend(&self.between);
        body.extend(b"data");
        body.extend(u32(self.data_size.unwrap_or(self.data.len() as u32)));
        body.extend(&self.data);
        body.extend(&self.after);
        let mut bytes = self.riff.to_vec();
        bytes.extend(u32(self.riff_size.unwrap_or(body.len() as u32)));
        bytes.extend(body);
        bytes
    }

    /// Writes it into a new folder and reads it.
    pub fn read(&self) -> Result<Audio, AudioError> {
        read_bytes("recording.wav", &self.bytes())
    }
}

/// Reads bytes as a file of this name in a folder of its own.
pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Audio, AudioError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    viva::audio::read(&path)
}

/// The message of an error, with the folder taken out of it.
pub fn message(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    let message = viva::audio::read(&path).expect_err("an error").to_string();
    assert!(!message.contains('\n'), "one line: {message}");
    message.replace(&format!("{}/", folder.path().display()), "")
}

/// A file of `tests/fixtures/audio`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio").join(name)
}
