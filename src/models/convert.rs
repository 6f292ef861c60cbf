//! Conversion of `CTranslate2` Whisper models to ggml.
//!
//! Whisper is published to Python's package index in the form that `CTranslate2` reads; whisper.cpp reads another. The
//! weights are the same half-precision numbers in both, so nothing is lost, and as tensors, tokens and filters are written
//! in the order of the publisher's own files, the result is the publisher's file to the byte: one checksum serves both.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use thiserror::Error;

use super::ct2::{Ct2Error, Ct2Model, DataType, Variable};
use super::ggml::{self, Hyperparameters};
use super::mel;

/// The token at which Whisper's special tokens begin; whisper.cpp knows those and everything after.
const FIRST_SPECIAL_TOKEN: &str = "<|endoftext|>";
/// Bytes read and written at once; a multiple of every element's size.
const CHUNK: usize = 1 << 16;

/// Why a model could not be converted.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// The model file is not what it should be.
    #[error("{path}: {source}")]
    Model {
        /// The model file.
        path: PathBuf,
        /// What is wrong.
        source: Ct2Error,
    },
    /// The vocabulary is not what it should be.
    #[error("{path}: {fault}")]
    Vocabulary {
        /// The vocabulary file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// What can go wrong inside, before the files' names are known.
#[derive(Debug)]
enum Fault {
    Model(Ct2Error),
    Vocabulary(String),
    Output(io::Error),
}

impl From<Ct2Error> for Fault {
    fn from(error: Ct2Error) -> Self {
        Self::Model(error)
    }
}

/// Converts the `CTranslate2` model `model` with its `vocabulary` (`vocabulary.txt` or `.json`) to the ggml file `to`,
/// which appears whole or not at all.
///
/// # Errors
///
/// [`ConvertError`] names the file that is at fault; `to` is then as it was before.
pub fn convert(model: &Path, vocabulary: &Path, to: &Path) -> Result<Hyperparameters, ConvertError> {
    let io_error = |path: &Path| {
        let path = path.to_owned();
        move |source| ConvertError::Io { path, source }
    };
    let input = File::open(model).map_err(io_error(model))?;
    let words = std::fs::read(vocabulary).map_err(io_error(vocabulary))?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary =
        tempfile::Builder::new().prefix(".convert-").tempfile_in(directory).map_err(io_error(directory))?;
    let parameters = convert_stream(input, &words, temporary.as_file_mut()).map_err(|fault| match fault {
        Fault::Model(source) => ConvertError::Model { path: model.to_owned(), source },
        Fault::Vocabulary(fault) => ConvertError::Vocabulary { path: vocabulary.to_owned(), fault },
        Fault::Output(source) => ConvertError::Io { path: to.to_owned(), source },
    })?;
    temporary.as_file().sync_all().map_err(io_error(to))?;
    temporary.persist(to).map_err(|error| ConvertError::Io { path: to.to_owned(), source: error.error })?;
    Ok(parameters)
}

fn convert_stream<R: Read + Seek>(input: R, vocabulary: &[u8], output: impl Write) -> Result<Hyperparameters, Fault> {
    let mut model = Ct2Model::open(input)?;
    let parameters = hyperparameters(&mut model)?;
    let tokens = tokens(vocabulary, parameters.n_vocab).map_err(Fault::Vocabulary)?;
    let plan = Plan::new(&parameters, &model)?;
    let mut output = BufWriter::with_capacity(CHUNK, output);
    let filters = mel::filters(parameters.n_mels as usize);
    ggml::write_head(&mut output, &parameters, &filters, &tokens).map_err(Fault::Output)?;
    for tensor in &plan.tensors {
        ggml::write_tensor_head(&mut output, &tensor.name, &tensor.dims, tensor.half).map_err(Fault::Output)?;
        copy_elements(&mut model, tensor, &mut output)?;
    }
    output.flush().map_err(Fault::Output)?;
    Ok(parameters)
}

/// Reads the hyper-parameters off the shapes of the variables.
fn hyperparameters<R: Read + Seek>(model: &mut Ct2Model<R>) -> Result<Hyperparameters, Ct2Error> {
    let [n_vocab, n_text_state] = dims(model, "decoder/embeddings/weight")?;
    let [n_audio_ctx, n_audio_state] = dims(model, "encoder/position_encodings/encodings")?;
    let [n_text_ctx, _] = dims(model, "decoder/position_encodings/encodings")?;
    let [_, n_mels, _] = dims(model, "encoder/conv1/weight")?;
    let layers = |stack: &str| {
        let has = |layer: &u32| model.has(&format!("{stack}/layer_{layer}/ffn/linear_0/weight"));
        (0..ggml::MAX_LAYERS).take_while(has).count() as u32
    };
    let (n_audio_layer, n_text_layer) = (layers("encoder"), layers("decoder"));
    let mut heads = |stack: &str| {
        let name = format!("{stack}/num_heads");
        let heads = model.integer(&name)?;
        u32::try_from(heads).ok().filter(|heads| (1..=1024).contains(heads)).ok_or(Ct2Error::Shape {
            name,
            found: heads.to_string(),
            expected: "1 to 1024 heads".into(),
        })
    };
    let parameters = Hyperparameters {
        n_vocab,
        n_audio_ctx,
        n_audio_state,
        n_audio_head: heads("encoder")?,
        n_audio_layer,
        n_text_ctx,
        n_text_state,
        n_text_head: heads("decoder")?,
        n_text_layer,
        n_mels,
        ftype: 1,
    };
    parameters.check().map_err(|error| Ct2Error::Shape {
        name: "encoder or decoder".into(),
        found: error.to_string(),
        expected: "the dimensions of a Whisper model".into(),
    })?;
    Ok(parameters)
}

fn dims<R: Read + Seek, const N: usize>(model: &Ct2Model<R>, name: &str) -> Result<[u32; N], Ct2Error> {
    let variable = model.variable(name)?;
    variable.dims.as_slice().try_into().map_err(|_| Ct2Error::Shape {
        name: name.to_owned(),
        found: variable.form(),
        expected: format!("of {N} dimensions"),
    })
}

/// A tensor to be written, and where its elements come from.
struct Tensor {
    name: String,
    dims: Vec<u32>,
    /// Whether it is written in half precision.
    half: bool,
    source: Variable,
    /// Index of the first element in the source.
    first: u64,
    elements: u64,
}

/// The tensors in the order in which they are written, all checked.
struct Plan<'m, R> {
    model: &'m Ct2Model<R>,
    tensors: Vec<Tensor>,
}

impl<'m, R: Read + Seek> Plan<'m, R> {
    fn new(parameters: &Hyperparameters, model: &'m Ct2Model<R>) -> Result<Plan<'m, R>, Ct2Error> {
        let p = parameters;
        let mut plan = Plan { model, tensors: Vec::with_capacity(p.tensors() as usize) };
        let (a, t) = (p.n_audio_state, p.n_text_state);
        plan.whole("decoder.positional_embedding", "decoder/position_encodings/encodings", &[p.n_text_ctx, t], false)?;
        plan.whole("encoder.positional_embedding", "encoder/position_encodings/encodings", &[p.n_audio_ctx, a], false)?;
        plan.whole("decoder.token_embedding.weight", "decoder/embeddings/weight", &[p.n_vocab, t], true)?;
        for layer in 0..p.n_text_layer {
            let (to, from) = (format!("decoder.blocks.{layer}"), format!("decoder/layer_{layer}"));
            plan.feed_forward(&to, &from, t)?;
            plan.self_attention(&to, &from, t)?;
            plan.cross_attention(&to, &from, t)?;
        }
        plan.norm("decoder.ln", "decoder/layer_norm", t)?;
        for (conv, inputs) in [("conv1", p.n_mels), ("conv2", a)] {
            plan.whole(&format!("encoder.{conv}.weight"), &format!("encoder/{conv}/weight"), &[a, inputs, 3], true)?;
            plan.whole(&format!("encoder.{conv}.bias"), &format!("encoder/{conv}/bias"), &[a], false)?;
            if let Some(bias) = plan.tensors.last_mut() {
                // added to every column of the convolution's output
                bias.dims.push(1);
            }
        }
        for layer in 0..p.n_audio_layer {
            let (to, from) = (format!("encoder.blocks.{layer}"), format!("encoder/layer_{layer}"));
            plan.feed_forward(&to, &from, a)?;
            plan.self_attention(&to, &from, a)?;
        }
        plan.norm("encoder.ln_post", "encoder/layer_norm", a)?;
        Ok(plan)
    }

    /// The rows `part` of `parts` equal parts of a variable, whose part has the dimensions `dims`.
    fn part(
        &mut self,
        name: &str,
        source: &str,
        (part, parts): (u32, u32),
        dims: &[u32],
        half: bool,
    ) -> Result<(), Ct2Error> {
        let variable = self.model.variable(source)?;
        let mut expected = dims.to_vec();
        if let Some(rows) = expected.first_mut() {
            *rows = rows.saturating_mul(parts);
        }
        if variable.dims != expected || !matches!(variable.data_type, DataType::F16 | DataType::F32 | DataType::Bf16) {
            return Err(Ct2Error::Shape {
                name: source.to_owned(),
                found: variable.form(),
                expected: format!("f16{expected:?} (bf16 and f32 will do, quantised weights will not)"),
            });
        }
        let elements = dims.iter().map(|dim| u64::from(*dim)).product();
        self.tensors.push(Tensor {
            name: name.to_owned(),
            dims: dims.to_vec(),
            half,
            source: variable.clone(),
            first: u64::from(part) * elements,
            elements,
        });
        Ok(())
    }

    fn whole(&mut self, name: &str, source: &str, dims: &[u32], half: bool) -> Result<(), Ct2Error> {
        self.part(name, source, (0, 1), dims, half)
    }

    fn norm(&mut self, to: &str, from: &str, width: u32) -> Result<(), Ct2Error> {
        self.whole(&format!("{to}.weight"), &format!("{from}/gamma"), &[width], false)?;
        self.whole(&format!("{to}.bias"), &format!("{from}/beta"), &[width], false)
    }

    fn linear(&mut self, to: &str, from: &str, part: (u32, u32), dims: [u32; 2]) -> Result<(), Ct2Error> {
        self.part(&format!("{to}.weight"), &format!("{from}/weight"), part, &dims, true)?;
        self.part(&format!("{to}.bias"), &format!("{from}/bias"), part, &dims[..1], false)
    }

    /// Keys have no bias in Whisper; `CTranslate2` stores zeros for them.
    fn keys(&mut self, to: &str, from: &str, part: (u32, u32), width: u32) -> Result<(), Ct2Error> {
        self.part(&format!("{to}.key.weight"), &format!("{from}/weight"), part, &[width, width], true)
    }

    fn self_attention(&mut self, to: &str, from: &str, width: u32) -> Result<(), Ct2Error> {
        let (attn, source) = (format!("{to}.attn"), format!("{from}/self_attention"));
        let (fused, square) = (format!("{source}/linear_0"), [width, width]);
        self.norm(&format!("{to}.attn_ln"), &format!("{source}/layer_norm"), width)?;
        self.linear(&format!("{attn}.query"), &fused, (0, 3), square)?;
        self.keys(&attn, &fused, (1, 3), width)?;
        self.linear(&format!("{attn}.value"), &fused, (2, 3), square)?;
        self.linear(&format!("{attn}.out"), &format!("{source}/linear_1"), (0, 1), square)
    }

    fn cross_attention(&mut self, to: &str, from: &str, width: u32) -> Result<(), Ct2Error> {
        let (attn, source) = (format!("{to}.cross_attn"), format!("{from}/attention"));
        let (fused, square) = (format!("{source}/linear_1"), [width, width]);
        self.norm(&format!("{to}.cross_attn_ln"), &format!("{source}/layer_norm"), width)?;
        self.linear(&format!("{attn}.query"), &format!("{source}/linear_0"), (0, 1), square)?;
        self.keys(&attn, &fused, (0, 2), width)?;
        self.linear(&format!("{attn}.value"), &fused, (1, 2), square)?;
        self.linear(&format!("{attn}.out"), &format!("{source}/linear_2"), (0, 1), square)
    }

    fn feed_forward(&mut self, to: &str, from: &str, width: u32) -> Result<(), Ct2Error> {
        let hidden = width.saturating_mul(4);
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"), width)?;
        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"), (0, 1), [hidden, width])?;
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"), (0, 1), [width, hidden])
    }
}

/// Copies a tensor's elements, in its own precision when that is asked for, chunk by chunk.
fn copy_elements<R: Read + Seek>(
    model: &mut Ct2Model<R>,
    tensor: &Tensor,
    output: &mut impl Write,
) -> Result<(), Fault> {
    let size = tensor.source.data_type.size();
    let offset = tensor.source.offset + tensor.first * size as u64;
    let mut left = tensor.elements * size as u64;
    let mut input = model.bytes(offset, left)?;
    let mut chunk = vec![0; CHUNK];
    while left > 0 {
        let bytes = &mut chunk[..left.min(CHUNK as u64) as usize];
        input.read_exact(bytes).map_err(Ct2Error::Io)?;
        left -= bytes.len() as u64;
        if tensor.half && tensor.source.data_type == DataType::F16 {
            output.write_all(bytes).map_err(Fault::Output)?;
            continue;
        }
        for element in bytes.chunks_exact(size) {
            let value = match (tensor.source.data_type, element) {
                (DataType::F16, [a, b]) => f16::from_le_bytes([*a, *b]).to_f32(),
                (DataType::Bf16, [a, b]) => bf16::from_le_bytes([*a, *b]).to_f32(),
                (_, [a, b, c, d]) => f32::from_le_bytes([*a, *b, *c, *d]),
                _ => continue, // the plan holds no other types
            };
            if tensor.half {
                output.write_all(&f16::from_f32(value).to_le_bytes()).map_err(Fault::Output)?;
            } else {
                output.write_all(&value.to_le_bytes()).map_err(Fault::Output)?;
            }
        }
    }
    Ok(())
}

/// The regular tokens as bytes, from a `vocabulary.txt` (one token a line) or a `vocabulary.json` (an array of strings).
fn tokens(vocabulary: &[u8], n_vocab: u32) -> Result<Vec<Vec<u8>>, String> {
    let text = std::str::from_utf8(vocabulary).map_err(|error| format!("the vocabulary is no UTF-8 text: {error}"))?;
    let words: Vec<String> = match serde_json::from_str(text) {
        Ok(words) => words,
        Err(_) => text.lines().map(str::to_owned).collect(),
    };
    if words.len() != n_vocab as usize {
        return Err(format!(
            "found {} tokens, expected {n_vocab} as in the model: the two do not belong together",
            words.len()
        ));
    }
    let regular = words
        .iter()
        .position(|word| word == FIRST_SPECIAL_TOKEN)
        .ok_or_else(|| format!("the token {FIRST_SPECIAL_TOKEN} is missing: this is not Whisper's vocabulary"))?;
    let alphabet = byte_alphabet();
    // the publisher's English-only files hold this one token more
    let published = if super::ggml::is_multilingual(n_vocab) { regular } else { regular + 1 };
    words[..published]
        .iter()
        .enumerate()
        .map(|(index, word)| {
            word.chars()
                .map(|c| {
                    alphabet.iter().position(|known| *known == c).map(|byte| byte as u8).ok_or_else(|| {
                        format!("token {index}: {c:?} is not in the byte-level alphabet of GPT-2's vocabulary")
                    })
                })
                .collect()
        })
        .collect()
}

/// The character that stands for each byte in GPT-2's vocabulary (Radford et al. 2019, `bytes_to_unicode`): printable
/// ones for themselves, the others for characters from U+0100 on.
fn byte_alphabet() -> [char; 256] {
    let mut next = 0x100;
    std::array::from_fn(|byte| {
        let byte = byte as u8;
        if matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff) {
            char::from(byte)
        } else {
            let stand_in = char::from_u32(next).unwrap_or(char::REPLACEMENT_CHARACTER);
            next += 1;
            stand_in
        }
    })
}

#[cfg(test)]
pub(super) mod tests;
