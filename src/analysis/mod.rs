//! From evidence to feedback. Pure: no I/O, no clock, no model handles, no randomness; same input, same bytes out.

pub mod coverage;

use crate::bank::{Bank, Question};
use crate::evidence::Evidence;
use crate::feedback::Feedback;

/// What the analysis can be told; everything else is a named constant of its measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The shortest silence that counts as a pause, in seconds.
    pub pause_threshold_s: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { pause_threshold_s: 0.25 }
    }
}

/// Judges one answer.
pub fn analyse(_evidence: &Evidence, _question: Option<(&Bank, &Question)>, _settings: &Settings) -> Feedback {
    unreachable!()
}
