//! Levels of the signal.
