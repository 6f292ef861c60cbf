use std::fmt;
use std::ops::Range;

/// How grave a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The bank cannot be used.
    Error,
    /// The bank can be used, but judges worse than it could.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One thing wrong with a bank. Text of the bank that is quoted in a message has its control characters escaped.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// How grave it is.
    pub severity: Severity,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// Every error of a bank that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BankErrors {
    /// The file's name as the user knows it.
    pub name: String,
    /// The errors in the order of their lines; never empty.
    pub faults: Vec<Fault>,
}

impl fmt::Display for BankErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, count) = (crate::report::clean(&self.name), self.faults.len());
        let faults = if count == 1 { "fault" } else { "faults" };
        write!(f, "{name} is no question bank that can be used: {count} {faults}")?;
        for fault in &self.faults {
            let Fault { severity, line, column, message, fix } = fault;
            write!(f, "\n{name}:{line}:{column}: {severity}: {message}\n  fix: {fix}")?;
        }
        Ok(())
    }
}

/// From offsets in a text to lines and columns.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column of a byte offset, both from 1; an offset past the end is the end.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or_default();
        let column = rest.char_indices().take_while(|(at, _)| start + at < offset).count();
        (line, column + 1)
    }
}

/// Collects faults while a bank is read.
pub(super) struct Faults<'t> {
    lines: Lines<'t>,
    faults: Vec<Fault>,
}

impl<'t> Faults<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { lines: Lines::new(text), faults: Vec::new() }
    }

    pub(super) fn error(&mut self, at: &Range<usize>, message: impl Into<String>, fix: impl Into<String>) {
        self.push(Severity::Error, at, message.into(), fix.into());
    }

    pub(super) fn warning(&mut self, at: &Range<usize>, message: impl Into<String>, fix: impl Into<String>) {
        self.push(Severity::Warning, at, message.into(), fix.into());
    }

    fn push(&mut self, severity: Severity, at: &Range<usize>, message: String, fix: String) {
        let (line, column) = self.lines.position(at.start);
        self.faults.push(Fault { severity, line, column, message, fix });
    }

    /// Line of an offset, from 1.
    pub(super) fn line(&self, at: &Range<usize>) -> usize {
        self.lines.position(at.start).0
    }

    pub(super) fn any_error(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// The faults in the order of their lines.
    pub(super) fn finish(mut self) -> Vec<Fault> {
        self.faults.sort_by_key(|fault| (fault.line, fault.column, fault.severity));
        self.faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let lines = Lines::new("é = 1\r\nb = \"…\" x");
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(lines.position(2), (1, 2));
        assert_eq!(lines.position("é = 1\r\n".len()), (2, 1));
        assert_eq!(lines.position("é = 1\r\nb = \"…\" ".len()), (2, 9));
        assert_eq!(lines.position(10_000), (2, 10));
        assert_eq!(Lines::new("").position(0), (1, 1));
    }

    #[test]
    fn the_display_is_what_an_editor_can_jump_to() {
        let fault = Fault { severity: Severity::Error, line: 3, column: 1, message: "m".into(), fix: "f".into() };
        let errors = BankErrors { name: "x.toml".into(), faults: vec![fault] };
        assert_eq!(
            errors.to_string(),
            "x.toml is no question bank that can be used: 1 fault\nx.toml:3:1: error: m\n  fix: f"
        );
    }
}
