//! Whisper model files in ggml's format: the head, writing, and a cheap check of the whole structure.
//!
//! The format (whisper.cpp, `whisper_model_load`), all numbers little-endian: magic; eleven `i32` hyper-parameters; mel
//! filters; tokens; then tensors until the file ends, each with its rank, the length of its name, its type, its
//! dimensions innermost first, its name and its elements.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use thiserror::Error;

/// "ggml" as a number.
pub const MAGIC: u32 = 0x6767_6d6c;
/// Bounds for tokens and names: a length beyond is no length.
const MAX_NAME: u32 = 512;
/// Layers of encoder or decoder; large has 32.
pub const MAX_LAYERS: u32 = 128;
/// Dimensions of a tensor; Whisper needs three, ggml has four.
const MAX_RANK: i32 = 4;

/// Why a file is no Whisper model in ggml's format.
#[derive(Debug, Error)]
pub enum GgmlError {
    /// The operating system could not read or write.
    #[error("reading failed: {0}")]
    Io(io::Error),
    /// Another format.
    #[error("found {found}, expected a Whisper model in ggml's format (its first bytes are \"lmgg\")")]
    Magic {
        /// What the first bytes are, for people.
        found: String,
    },
    /// The file ends too early.
    #[error("the file is truncated: it ends inside {inside} (it has {length} bytes)")]
    Truncated {
        /// The part that is cut.
        inside: String,
        /// Bytes in the file.
        length: u64,
    },
    /// A number that no Whisper model holds.
    #[error("the file is corrupt: {what} is {found}, expected {expected}")]
    Field {
        /// The number.
        what: String,
        /// Its value.
        found: i64,
        /// What would do.
        expected: &'static str,
    },
    /// Tensors are missing, or there are too many.
    #[error("the file holds {found} tensors, expected {expected}: it is truncated or corrupt")]
    Tensors {
        /// Tensors found.
        found: u32,
        /// Tensors that a model with these hyper-parameters has.
        expected: u32,
    },
}

/// The hyper-parameters of a Whisper model, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hyperparameters {
    /// Tokens, special ones included: 51 864 for English-only models, more for multilingual ones.
    pub n_vocab: u32,
    /// Positions of the encoder: 1500 for 30 s.
    pub n_audio_ctx: u32,
    /// Width of the encoder.
    pub n_audio_state: u32,
    /// Attention heads of the encoder.
    pub n_audio_head: u32,
    /// Layers of the encoder.
    pub n_audio_layer: u32,
    /// Positions of the decoder: 448.
    pub n_text_ctx: u32,
    /// Width of the decoder.
    pub n_text_state: u32,
    /// Attention heads of the decoder.
    pub n_text_head: u32,
    /// Layers of the decoder.
    pub n_text_layer: u32,
    /// Bands of the mel spectrogram: 80, or 128 from large-v3 on.
    pub n_mels: u32,
    /// Type of the large tensors: 0 is f32, 1 is f16, others are quantised.
    pub ftype: u32,
}

impl Hyperparameters {
    /// Their names and values in the order of the file.
    pub fn fields(&self) -> [(&'static str, u32); 11] {
        [
            ("n_vocab", self.n_vocab),
            ("n_audio_ctx", self.n_audio_ctx),
            ("n_audio_state", self.n_audio_state),
            ("n_audio_head", self.n_audio_head),
            ("n_audio_layer", self.n_audio_layer),
            ("n_text_ctx", self.n_text_ctx),
            ("n_text_state", self.n_text_state),
            ("n_text_head", self.n_text_head),
            ("n_text_layer", self.n_text_layer),
            ("n_mels", self.n_mels),
            ("ftype", self.ftype),
        ]
    }

    fn from_array(v: [u32; 11]) -> Self {
        Self {
            n_vocab: v[0],
            n_audio_ctx: v[1],
            n_audio_state: v[2],
            n_audio_head: v[3],
            n_audio_layer: v[4],
            n_text_ctx: v[5],
            n_text_state: v[6],
            n_text_head: v[7],
            n_text_layer: v[8],
            n_mels: v[9],
            ftype: v[10],
        }
    }

    /// How many tensors such a model has.
    pub fn tensors(&self) -> u32 {
        // outside the layers: seven of the encoder, four of the decoder
        11 + 15 * self.n_audio_layer + 24 * self.n_text_layer
    }

    pub(super) fn check(&self) -> Result<(), GgmlError> {
        // wide bounds: they tell a damaged head from a model, not a good model from a bad one
        let bound = |what: &str, value: u32, limit: u32, expected| {
            if (1..=limit).contains(&value) {
                Ok(())
            } else {
                Err(GgmlError::Field { what: what.to_owned(), found: i64::from(value), expected })
            }
        };
        for (name, value) in self.fields() {
            match name {
                "ftype" => {}
                "n_vocab" => bound(name, value, 1 << 18, "1 to 262144")?,
                "n_audio_layer" | "n_text_layer" => bound(name, value, MAX_LAYERS, "1 to 128")?,
                "n_mels" => bound(name, value, 1024, "1 to 1024")?,
                _ => bound(name, value, 1 << 16, "1 to 65536")?,
            }
        }
        Ok(())
    }
}

/// Whether a model with so many tokens knows languages other than English (whisper.cpp, `is_multilingual`).
pub fn is_multilingual(n_vocab: u32) -> bool {
    n_vocab >= 51_865
}

/// Writes the head of a model: magic, hyper-parameters, mel filters (`n_mels` rows of [`super::mel::FFT_BINS`]), tokens.
///
/// # Errors
///
/// Whatever `output` answers.
pub fn write_head(
    output: &mut impl Write,
    parameters: &Hyperparameters,
    mel_filters: &[f32],
    tokens: &[Vec<u8>],
) -> io::Result<()> {
    output.write_all(&MAGIC.to_le_bytes())?;
    for (_, value) in parameters.fields() {
        output.write_all(&value.to_le_bytes())?;
    }
    output.write_all(&parameters.n_mels.to_le_bytes())?;
    output.write_all(&(super::mel::FFT_BINS as u32).to_le_bytes())?;
    for weight in mel_filters {
        output.write_all(&weight.to_le_bytes())?;
    }
    output.write_all(&(tokens.len() as u32).to_le_bytes())?;
    for token in tokens {
        output.write_all(&(token.len() as u32).to_le_bytes())?;
        output.write_all(token)?;
    }
    Ok(())
}

/// Writes what stands before a tensor's elements. `dims` has rows first, as in `CTranslate2` and `PyTorch`.
///
/// # Errors
///
/// Whatever `output` answers.
pub fn write_tensor_head(output: &mut impl Write, name: &str, dims: &[u32], half: bool) -> io::Result<()> {
    output.write_all(&(dims.len() as u32).to_le_bytes())?;
    output.write_all(&(name.len() as u32).to_le_bytes())?;
    output.write_all(&u32::from(half).to_le_bytes())?;
    for dim in dims.iter().rev() {
        output.write_all(&dim.to_le_bytes())?;
    }
    output.write_all(name.as_bytes())
}

/// Checks that `input` is a whole Whisper model: plausible head, every tensor complete, as many as there should be, and
/// nothing behind them. The elements are not read, so this takes milliseconds; whether they are the right ones, only
/// the checksum can tell.
///
/// # Errors
///
/// [`GgmlError`], which says what is wrong.
pub fn check(input: impl Read + Seek) -> Result<Hyperparameters, GgmlError> {
    let mut walk = Walk::new(input)?;
    let magic = walk.array::<4>("the magic number")?;
    if u32::from_le_bytes(magic) != MAGIC {
        return Err(GgmlError::Magic { found: describe(magic) });
    }
    let mut values = [0; 11];
    for value in &mut values {
        *value = walk.u32("the hyper-parameters")?;
    }
    let parameters = Hyperparameters::from_array(values);
    parameters.check()?;
    let filters = u64::from(walk.u32("the mel filters")?) * u64::from(walk.u32("the mel filters")?);
    walk.skip(filters.saturating_mul(4), "the mel filters")?;
    let tokens = walk.u32("the tokens")?;
    if tokens > parameters.n_vocab {
        return Err(field("the number of tokens", tokens, "at most n_vocab"));
    }
    for _ in 0..tokens {
        let length = walk.u32("the tokens")?;
        if length > MAX_NAME {
            return Err(field("the length of a token", length, "at most 512"));
        }
        walk.skip(u64::from(length), "the tokens")?;
    }
    let mut tensors = 0;
    while walk.at < walk.length {
        walk.tensor()?;
        tensors += 1;
    }
    if tensors == parameters.tensors() {
        Ok(parameters)
    } else {
        Err(GgmlError::Tensors { found: tensors, expected: parameters.tensors() })
    }
}

fn field(what: &str, found: u32, expected: &'static str) -> GgmlError {
    GgmlError::Field { what: what.to_owned(), found: i64::from(found), expected }
}

/// What a file is, judged by its first bytes.
fn describe(magic: [u8; 4]) -> String {
    match &magic {
        b"GGUF" => "a GGUF file".into(),
        b"PK\x03\x04" => "a ZIP file".into(),
        b"<!DO" | b"<htm" | b"<!do" => "a web page (was it downloaded through a login page?)".into(),
        b"vers" => "a Git LFS pointer (the file itself was not downloaded)".into(),
        other => format!("a file that begins with {:?}", String::from_utf8_lossy(other)),
    }
}

/// Bytes a block, and elements a block, of ggml's types (ggml.h, `ggml_type`; ggml-common.h, `block_*`).
fn block(ggml_type: u32) -> Option<(u64, u64)> {
    Some(match ggml_type {
        0 => (4, 1),
        1 => (2, 1),
        2 => (18, 32),
        3 => (20, 32),
        6 => (22, 32),
        7 => (24, 32),
        8 => (34, 32),
        10 => (84, 256),
        11 => (110, 256),
        12 => (144, 256),
        13 => (176, 256),
        14 => (210, 256),
        _ => return None,
    })
}

/// Reads fields and knows the file's length.
struct Walk<R> {
    input: BufReader<R>,
    at: u64,
    length: u64,
}

impl<R: Read + Seek> Walk<R> {
    fn new(mut input: R) -> Result<Self, GgmlError> {
        let length = input.seek(SeekFrom::End(0)).map_err(GgmlError::Io)?;
        input.rewind().map_err(GgmlError::Io)?;
        Ok(Self { input: BufReader::new(input), at: 0, length })
    }

    fn array<const N: usize>(&mut self, inside: &str) -> Result<[u8; N], GgmlError> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.truncated(inside),
            _ => GgmlError::Io(error),
        })?;
        self.at += N as u64;
        Ok(bytes)
    }

    fn u32(&mut self, inside: &str) -> Result<u32, GgmlError> {
        Ok(u32::from_le_bytes(self.array(inside)?))
    }

    fn truncated(&self, inside: &str) -> GgmlError {
        GgmlError::Truncated { inside: inside.to_owned(), length: self.length }
    }

    fn skip(&mut self, bytes: u64, inside: &str) -> Result<(), GgmlError> {
        if bytes > self.length.saturating_sub(self.at) {
            return Err(self.truncated(inside));
        }
        // no overflow: not beyond the file's length
        self.input.seek_relative(bytes.cast_signed()).map_err(GgmlError::Io)?;
        self.at += bytes;
        Ok(())
    }

    fn tensor(&mut self) -> Result<(), GgmlError> {
        let rank = i32::from_le_bytes(self.array("a tensor's rank")?);
        let name_length = self.u32("a tensor's name")?;
        let kind = self.u32("a tensor's type")?;
        if !(1..=MAX_RANK).contains(&rank) {
            return Err(GgmlError::Field {
                what: "a tensor's rank".into(),
                found: i64::from(rank),
                expected: "1 to 4",
            });
        }
        if name_length > MAX_NAME {
            return Err(field("the length of a tensor's name", name_length, "at most 512"));
        }
        let (block_bytes, block_elements) =
            block(kind).ok_or_else(|| field("a tensor's type", kind, "a type that ggml knows"))?;
        let mut elements = 1_u64;
        for _ in 0..rank {
            elements = elements.saturating_mul(u64::from(self.u32("a tensor's dimensions")?));
        }
        let mut name = vec![0; name_length as usize];
        self.input.read_exact(&mut name).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.truncated("a tensor's name"),
            _ => GgmlError::Io(error),
        })?;
        self.at += u64::from(name_length);
        let bytes = (elements / block_elements).saturating_mul(block_bytes);
        self.skip(bytes, &format!("the tensor {}", String::from_utf8_lossy(&name)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::models::convert::tests::converted;

    fn error(bytes: Vec<u8>) -> String {
        check(Cursor::new(bytes)).unwrap_err().to_string()
    }

    #[test]
    fn a_whole_model_passes_and_says_what_it_is() {
        let parameters = check(Cursor::new(converted())).unwrap();
        assert_eq!((parameters.n_vocab, parameters.n_mels, parameters.n_audio_state), (4, 80, 8));
    }

    #[test]
    fn other_files_are_named() {
        assert!(error(b"GGUF....".to_vec()).starts_with("found a GGUF file, expected a Whisper model"));
        assert!(error(b"<!DOCTYPE html>".to_vec()).contains("found a web page"));
        assert!(error(b"version https://git-lfs".to_vec()).contains("Git LFS pointer"));
        assert!(error(Vec::new()).contains("truncated: it ends inside the magic number (it has 0 bytes)"));
    }

    #[test]
    fn a_cut_between_two_tensors_is_noticed() {
        let mut bytes = converted();
        // the last tensor: head of 12 bytes, one dimension, its name, eight floats
        bytes.truncate(bytes.len() - (12 + 4 + "encoder.ln_post.bias".len() + 32));
        assert!(error(bytes).contains("holds 49 tensors, expected 50"));
    }

    #[test]
    fn a_damaged_number_is_named() {
        let mut bytes = converted();
        bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(error(bytes).contains("n_vocab is 4294967295, expected 1 to 262144"));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 4..256), magic: bool) {
            if magic {
                bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
            }
            prop_assert!(check(Cursor::new(bytes)).is_err());
        }

        #[test]
        fn every_truncation_is_an_error(cut in 1_usize..80_000) {
            let mut bytes = converted();
            bytes.truncate(bytes.len().saturating_sub(cut));
            prop_assert!(check(Cursor::new(bytes)).is_err());
        }

        #[test]
        fn a_flipped_byte_never_panics(at in 0_usize..80_000, to: u8) {
            let mut bytes = converted();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = to;
            }
            let _ = check(Cursor::new(bytes));
        }
    }
}
