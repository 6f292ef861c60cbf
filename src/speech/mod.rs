//! From samples to words: voice activity, recognition, verbatim decoding.

pub mod acoustics;
pub mod align;
pub mod fillers;
mod listen;
mod nudge;
pub mod transcriber;
pub mod voice;
pub mod whisper;
pub mod windows;
pub mod words;

pub use listen::{Heard, listen};
