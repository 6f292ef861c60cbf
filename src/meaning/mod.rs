//! How near two sentences are in meaning: sentence embeddings, run locally.
//!
//! A sentence model reads each passage of an answer once and gives a vector to every token; a clause's vector is the
//! mean over its tokens, as the model was trained (Reimers & Gurevych 2019). Clauses and the sentences around them thus
//! share one run of the model ("late chunking", Günther et al. 2024), which keeps a 200-word answer within a tenth of a
//! second. The bank's texts do not change between answers, so their vectors are kept on disk.

mod cache;
mod likeness;
mod minilm;

pub use cache::Cached;
pub use likeness::likeness;

pub use minilm::MiniLm;

use std::ops::Range;
use std::path::PathBuf;

/// What can go wrong when meaning is compared. Coverage works without embeddings, so a caller may report any of these
/// and go on.
#[derive(Debug, thiserror::Error)]
pub enum MeaningError {
    /// A file of the model is not there or cannot be read.
    #[error("cannot read {}: {source}; `viva models fetch minilm` brings the sentence model", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the model is damaged or of another kind.
    #[error("{} is not a sentence model that Viva can run: {found}; expected {expected}. `viva models verify` checks the files, `viva models fetch minilm` brings them again", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The model failed on a text.
    #[error("the sentence model failed on “{text}”: {found}")]
    Run {
        /// The beginning of the text.
        text: String,
        /// What the model said.
        found: String,
    },
}

/// Turns texts into vectors of length 1, so that a dot product is the cosine of the angle between two meanings.
pub trait Embedder {
    /// One unit vector for each text, in order; an empty text gives an empty vector.
    ///
    /// # Errors
    /// [`MeaningError::Run`] when the model fails on a text.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, MeaningError>;

    /// The sum of the token vectors in each byte range of a text, from a single run over the whole text.
    ///
    /// # Errors
    /// [`MeaningError::Run`] when the model fails on the text.
    fn embed_parts(&self, text: &str, parts: &[Range<usize>]) -> Result<Vec<Vec<f32>>, MeaningError>;

    /// What tells this model's vectors from another's: a hash of its files.
    fn identity(&self) -> &str;
}

/// Scales a vector to length 1; leaves zeros as they are.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > f32::EPSILON {
        for x in vector {
            *x /= length;
        }
    }
}

/// The dot product of two vectors of the same length: the cosine, when both have length 1.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
