//! The port behind which speech is recognised.

use thiserror::Error;

/// One token of a reading, in order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Its bytes: a token may hold part of a character. A leading space begins a new word.
    pub bytes: Vec<u8>,
    /// The recogniser's probability, 0 to 1.
    pub probability: f32,
    /// When it begins, in seconds from the start of the window; `None` when it was not aligned.
    pub start_s: Option<f64>,
}

/// How a window is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As the recogniser would write it: content words at their best, fillers tidied away.
    Plain,
    /// Every um and uh, every repetition: with an example of such speech put before it.
    Verbatim,
}

/// What a recogniser made of one window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Its tokens in order.
    pub tokens: Vec<Token>,
}

/// Why a window could not be read.
#[derive(Debug, Error)]
pub enum TranscribeError {
    /// The model file could not be loaded.
    #[error("{path}: cannot be loaded as a Whisper model ({reason}); fetch it again with `viva models fetch {name}`")]
    Load {
        /// The file.
        path: String,
        /// Name of the model.
        name: String,
        /// What the library says.
        reason: String,
    },
    /// Recognition failed in the middle.
    #[error("speech recognition failed ({0}); if memory is short, try a smaller model: `--model tiny.en`")]
    Recognise(String),
}

/// Reads speech, window by window.
pub trait Transcriber {
    /// Reads `samples` (mono, 16 kHz, at most 30 s of speech).
    ///
    /// # Errors
    ///
    /// When the recogniser fails; never because of what is said.
    fn read(&mut self, samples: &[f32], style: Style) -> Result<Reading, TranscribeError>;
}
