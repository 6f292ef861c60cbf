//! The speech recogniser, loaded when the first recording needs it and then kept.

use std::num::NonZero;
use std::sync::Arc;

use crate::evidence::Model;
use crate::models::{self, Kind, ModelError};
use crate::speech::transcriber::{TranscribeError, Transcriber};
use crate::speech::whisper::Whisper;

/// Why there is no recogniser.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecogniserError {
    /// The model is not there or not good.
    #[error(transparent)]
    Model(Arc<ModelError>),
    /// The model could not be loaded.
    #[error(transparent)]
    Load(Arc<TranscribeError>),
}

/// A speech recogniser that is loaded when it is first needed. A failure is kept too: what was said for the first file
/// holds for the others.
pub struct Recogniser {
    name: Option<String>,
    loaded: Option<Result<(Whisper, Model), RecogniserError>>,
}

impl Recogniser {
    /// A recogniser with the model of this name or path, the default one without. Nothing is loaded yet.
    pub fn new(name: Option<String>) -> Self {
        Self { name, loaded: None }
    }

    /// The recogniser, checked and loaded, and which model it is.
    ///
    /// # Errors
    /// [`RecogniserError`] when the model is not there, is damaged, or cannot be loaded; it says what to do.
    pub fn ready(&mut self) -> Result<(&mut dyn Transcriber, Model), RecogniserError> {
        let name = self.name.as_deref();
        match self.loaded.get_or_insert_with(|| load(name)) {
            Ok((whisper, model)) => Ok((whisper, model.clone())),
            Err(error) => Err(error.clone()),
        }
    }
}

fn load(name: Option<&str>) -> Result<(Whisper, Model), RecogniserError> {
    let model = models::ready(Kind::Whisper, name).map_err(|error| RecogniserError::Model(Arc::new(error)))?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let whisper =
        Whisper::load(&model.path, &model.name, threads).map_err(|error| RecogniserError::Load(Arc::new(error)))?;
    Ok((whisper, Model { name: model.name, sha256: model.sha256.unwrap_or_default() }))
}
