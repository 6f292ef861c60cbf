//! Viva is a rehearsal room for spoken interviews that runs wholly on the user's own machine.
//!
//! Samples (from a microphone or a file) become [`evidence::Evidence`] by voice activity detection and local speech
//! recognition; this costs time and needs models. Evidence becomes [`feedback::Feedback`] by [`analysis`], which is
//! pure: no I/O, no clock, no randomness. Renderers in [`report`] show what stands in the feedback and compute nothing.

pub mod analysis;
pub mod audio;
pub mod bank;
pub mod cli;
pub mod evidence;
pub mod feedback;
pub mod meaning;
pub mod models;
pub mod report;
pub mod session;
pub mod speech;
