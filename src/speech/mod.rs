//! From samples to words: voice activity, recognition, verbatim decoding.

/// A nudge towards fillers, inside whisper.cpp.
mod nudge;
/// The port behind which speech is recognised.
pub mod transcriber;
/// Voice activity from the waveform.
pub mod voice;
/// Recognition by whisper.cpp.
pub mod whisper;
/// Packing speech into windows.
pub mod windows;
