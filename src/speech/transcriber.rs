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
    /// Share of the probability that filled pauses had in its place, 0 to 1.
    pub filler_share: f32,
}

/// What a recogniser made of one window, read twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readings {
    /// Every um and uh, every repetition: with an example of such speech put before it. With times.
    pub verbatim: Vec<Token>,
    /// As the recogniser would write it: content words at their best, fillers tidied away. Without times; may be empty.
    pub plain: Vec<Token>,
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
    /// Reads each window (mono, 16 kHz, at most 30 s), several at a time if it can, and answers in their order. `done` is
    /// called with the number of a window when it is ready, from any thread.
    ///
    /// # Errors
    ///
    /// When the recogniser fails; never because of what is said.
    fn read(&mut self, windows: &[&[f32]], done: &(dyn Fn(usize) + Sync)) -> Result<Vec<Readings>, TranscribeError>;
}
