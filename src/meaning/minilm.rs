//! all-MiniLM-L6-v2 as an ONNX file, run in pure Rust.

use super::{Embedder, MeaningError, normalise};
use rten::{Model, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use rten_text::tokenizer::{EncodeOptions, Tokenizer};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// File names inside the model's directory.
const MODEL_FILE: &str = "model.onnx";
const TOKENIZER_FILE: &str = "tokenizer.json";

/// The most tokens that are read at once. The model was trained on up to 256; what is longer is cut into pieces.
const MOST_TOKENS: usize = 254;

/// Threads for one run. The vectors do not depend on it.
const THREADS: usize = 2;

/// A loaded sentence model.
pub struct MiniLm {
    model: Model,
    tokenizer: Tokenizer,
    input_ids: NodeId,
    attention_mask: NodeId,
    token_type_ids: Option<NodeId>,
    output: NodeId,
    threads: Arc<ThreadPool>,
    identity: String,
}

impl std::fmt::Debug for MiniLm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MiniLm").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// The vectors of a text's tokens, with the byte in the text at which each token starts.
struct TokenVectors {
    starts: Vec<usize>,
    vectors: NdTensor<f32, 2>,
}

impl MiniLm {
    /// Loads `model.onnx` and `tokenizer.json` from a directory.
    ///
    /// # Errors
    /// [`MeaningError::Read`] when a file is not there, [`MeaningError::Model`] when it is no such model.
    pub fn load(dir: &Path) -> Result<Self, MeaningError> {
        let read = |name: &str| {
            let path = dir.join(name);
            std::fs::read(&path)
                .map(|bytes| (path.clone(), bytes))
                .map_err(|source| MeaningError::Read { path, source })
        };
        let (tokenizer_path, tokenizer_bytes) = read(TOKENIZER_FILE)?;
        let (model_path, model_bytes) = read(MODEL_FILE)?;
        let wrong = |path: &Path, found: String, expected: &'static str| MeaningError::Model {
            path: path.to_path_buf(),
            found,
            expected,
        };

        let identity = identity(&model_bytes, &tokenizer_bytes);
        let json = String::from_utf8(tokenizer_bytes)
            .map_err(|error| wrong(&tokenizer_path, error.to_string(), "a tokenizer as UTF-8 JSON"))?;
        let tokenizer = Tokenizer::from_json(&json).map_err(|error| {
            wrong(&tokenizer_path, error.to_string(), "the WordPiece tokenizer of all-MiniLM-L6-v2")
        })?;
        let model = rten::ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load(model_bytes)
            .map_err(|error| wrong(&model_path, error.to_string(), "all-MiniLM-L6-v2 as ONNX"))?;

        let node = |name: &str| model.find_node(name);
        let expected = "a model with the inputs input_ids and attention_mask and one vector per token";
        let (Some(input_ids), Some(attention_mask)) = (node("input_ids"), node("attention_mask")) else {
            return Err(wrong(&model_path, "its inputs have other names".into(), expected));
        };
        let token_type_ids = node("token_type_ids").filter(|id| model.input_ids().contains(id));
        let Some(&output) = model.output_ids().first() else {
            return Err(wrong(&model_path, "it has no output".into(), expected));
        };
        let threads = Arc::new(ThreadPool::with_num_threads(THREADS));
        let loaded = Self { model, tokenizer, input_ids, attention_mask, token_type_ids, output, threads, identity };
        loaded.tokens("ok").map_err(|error| wrong(&model_path, error.to_string(), expected))?;
        Ok(loaded)
    }

    /// Runs the model over one text. Texts are never put into one batch: an int8 model scales its activations by the
    /// whole input, so a text's vector would depend on its neighbours.
    fn tokens(&self, text: &str) -> Result<TokenVectors, MeaningError> {
        let failed = |found: String| MeaningError::Run { text: text.chars().take(60).collect(), found };
        let options = EncodeOptions { max_chunk_len: Some(MOST_TOKENS), ..EncodeOptions::default() };
        let chunks = self.tokenizer.encode_chunks(text.into(), options).map_err(|error| failed(error.to_string()))?;
        let mut starts = Vec::new();
        let mut flat: Vec<f32> = Vec::new();
        let mut width = 0;
        for chunk in &chunks {
            let ids: Vec<i32> = chunk.token_ids().iter().map(|&id| i32::try_from(id).unwrap_or(0)).collect();
            let length = ids.len();
            let mut inputs = vec![
                (self.input_ids, Tensor::from_data(&[1, length], ids).into()),
                (self.attention_mask, Tensor::from_data(&[1, length], vec![1i32; length]).into()),
            ];
            if let Some(id) = self.token_type_ids {
                inputs.push((id, Tensor::from_data(&[1, length], vec![0i32; length]).into()));
            }
            let run = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
            let outputs =
                self.model.run(inputs, &[self.output], Some(run)).map_err(|error| failed(error.to_string()))?;
            let Some(Value::FloatTensor(tensor)) = outputs.into_iter().next() else {
                return Err(failed("it gave no vectors".into()));
            };
            let &[1, rows, columns] = tensor.shape() else {
                return Err(failed(format!("its output has the shape {:?}, not [1, tokens, width]", tensor.shape())));
            };
            if rows != length || columns == 0 || (width != 0 && columns != width) {
                return Err(failed(format!("it gave {rows} × {columns} numbers for {length} tokens")));
            }
            width = columns;
            flat.extend(tensor.iter().copied());
            starts.extend_from_slice(chunk.token_offsets());
        }
        let rows = starts.len();
        Ok(TokenVectors { starts, vectors: NdTensor::from_data([rows, width], flat) })
    }
}

impl Embedder for MiniLm {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, MeaningError> {
        texts
            .iter()
            .map(|text| {
                let tokens = self.tokens(text)?;
                let mut vector = sum(&tokens.vectors, 0..tokens.starts.len());
                normalise(&mut vector);
                Ok(vector)
            })
            .collect()
    }

    fn embed_parts(&self, text: &str, parts: &[Range<usize>]) -> Result<Vec<Vec<f32>>, MeaningError> {
        let tokens = self.tokens(text)?;
        Ok(parts
            .iter()
            .map(|part| {
                let inside = |index: &usize| part.contains(&tokens.starts[*index]);
                let first = (0..tokens.starts.len()).find(inside);
                let last = (0..tokens.starts.len()).rfind(inside);
                match (first, last) {
                    (Some(first), Some(last)) => sum(&tokens.vectors, first..last + 1),
                    _ => vec![0.0; tokens.vectors.size(1)],
                }
            })
            .collect())
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}

/// The sum of some rows; zeros for no rows.
fn sum(vectors: &NdTensor<f32, 2>, rows: Range<usize>) -> Vec<f32> {
    let mut sum = vec![0.0f32; vectors.size(1)];
    for row in rows {
        for (total, x) in sum.iter_mut().zip(vectors.slice(row).iter()) {
            *total += x;
        }
    }
    sum
}

/// The first 16 hexadecimal digits of a SHA-256 over both files.
fn identity(model: &[u8], tokenizer: &[u8]) -> String {
    let digest = Sha256::new().chain_update(model).chain_update(tokenizer).finalize();
    digest.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
