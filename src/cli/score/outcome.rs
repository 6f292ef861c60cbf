use std::process::ExitCode;

use crate::cli::{INTERRUPTED, WRONG_INPUT};
use crate::feedback::{Feedback, Status};

/// How a run went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// How many files were named.
    pub files: usize,
    /// How many gave feedback, be it that the recording cannot be judged.
    pub scored: usize,
    /// How many of these cannot be judged.
    pub unscorable: usize,
    /// How many could not be read.
    pub failed: usize,
    /// Whether a result could not be written.
    pub unwritten: bool,
    /// Whether scoring ended before its time.
    pub stopped: bool,
    /// Whether Ctrl-C was pressed.
    pub interrupted: bool,
}

impl Outcome {
    pub(super) fn new(files: usize) -> Self {
        Self { files, ..Self::default() }
    }

    pub(super) fn count(&mut self, feedback: &Feedback) {
        self.scored += 1;
        self.unscorable += usize::from(feedback.quality.status == Status::Unscorable);
    }

    pub(super) fn exit_code(self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(self) -> u8 {
        if self.interrupted {
            INTERRUPTED
        } else if self.failed == self.files {
            WRONG_INPUT
        } else {
            // a file that is neither scored nor failed is one whose result nobody reads any more
            u8::from(self.failed > 0 || self.unscorable > 0 || self.unwritten || self.stopped)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_tell_all_some_and_none_apart() {
        let two = Outcome { files: 2, ..Outcome::default() };
        assert_eq!(Outcome { scored: 2, ..two }.code(), 0);
        assert_eq!(Outcome { scored: 1, failed: 1, ..two }.code(), 1);
        assert_eq!(Outcome { scored: 2, unscorable: 2, ..two }.code(), 1);
        assert_eq!(Outcome { scored: 2, unwritten: true, ..two }.code(), 1);
        assert_eq!(Outcome { scored: 1, stopped: true, ..two }.code(), 1);
        assert_eq!(Outcome { failed: 2, ..two }.code(), 2);
        assert_eq!(Outcome { scored: 1, interrupted: true, ..two }.code(), 130);
    }
}
