use std::io;
use std::path::Path;

use crate::cli::output::{Reader, print, print_bytes, width};
use crate::feedback::Feedback;
use crate::report::page::{BOLD, styled};
use crate::report::{clean, json, terminal};

/// How results go to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A report for people.
    Report,
    /// One JSON document.
    Document,
    /// A JSON object a line.
    Lines,
}

/// What goes to stdout.
pub(super) struct Output {
    format: Format,
    several: bool,
    /// What waits for the end of the document.
    waiting: Vec<Feedback>,
    /// Whether a report was printed already.
    begun: bool,
    reader: Reader,
}

impl Output {
    pub(super) fn new(format: Format, several: bool) -> Self {
        Self { format, several, waiting: Vec::new(), begun: false, reader: Reader::There }
    }

    /// Whether nobody reads stdout any more.
    pub(super) fn is_unread(&self) -> bool {
        self.reader == Reader::Gone
    }

    /// Takes the feedback on one file, and prints it unless it is part of a document.
    pub(super) fn take(&mut self, source: &Path, feedback: Feedback) -> io::Result<()> {
        match self.format {
            Format::Document => self.waiting.push(feedback),
            Format::Lines => self.reader = print_bytes(json::line(&feedback)?.as_bytes())?,
            Format::Report => {
                let mut text = String::new();
                if self.several {
                    let gap = if self.begun { "\n" } else { "" };
                    text =
                        format!("{gap}{}\n\n", styled(BOLD, &format!("── {}", clean(&source.display().to_string()))));
                }
                self.begun = true;
                self.reader = print(&(text + &terminal(&feedback, width())))?;
            }
        }
        Ok(())
    }

    /// Prints the document: whatever was scored, also when there was an interruption.
    pub(super) fn finish(self) -> io::Result<()> {
        if self.format != Format::Document {
            return Ok(());
        }
        let text = match self.waiting.as_slice() {
            [only] if !self.several => json::document(only)?,
            [] if !self.several => return Ok(()),
            all => json::document(all)?,
        };
        print_bytes(text.as_bytes()).map(|_| ())
    }
}
