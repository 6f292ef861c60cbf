//! The sentence model, loaded when the first question needs it and then kept.

use crate::bank::Question;
use crate::evidence::{Likeness, Remark, Word};
use crate::meaning::{self, Cached, MeaningError, MiniLm};
use crate::models::{self, Kind, ModelError};

/// Why meaning could not be compared. Coverage goes on with the bank's cues alone.
#[derive(Debug, thiserror::Error)]
enum SenseError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Meaning(#[from] MeaningError),
}

/// The name of the directory, in Viva's own, that keeps the vectors of the banks' texts.
const CACHE: &str = "cache";

/// A sentence model that is loaded when it is first needed. A failure is kept too.
#[derive(Default)]
pub struct Sense {
    loaded: Option<Result<Cached<MiniLm>, String>>,
}

impl Sense {
    /// How near the answer's clauses lie to the question's texts, or a remark on why that is not known.
    ///
    /// # Errors
    /// The remark, code `cues_alone`, when there is no sentence model or it fails.
    pub fn likeness(&mut self, words: &[Word], question: &Question) -> Result<Likeness, Remark> {
        let remark = |reason: String| Remark {
            code: "cues_alone".to_owned(),
            message: format!("Concepts were judged by the bank's cues alone: {reason}"),
        };
        match self.loaded.get_or_insert_with(|| load().map_err(|error| error.to_string())) {
            Ok(model) => meaning::likeness(model, words, question).map_err(|error| remark(error.to_string())),
            Err(reason) => Err(remark(reason.clone())),
        }
    }
}

fn load() -> Result<Cached<MiniLm>, SenseError> {
    let model = models::ready(Kind::Embedding, None)?;
    Ok(Cached::new(MiniLm::load(&model.path)?, super::home::home().join(CACHE)))
}
