//! What every command does with its results: write them to stdout and survive a reader that has gone.

use std::io::{self, Write};

/// Columns of the terminal that results go to, 80 when they go elsewhere.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size_of(io::stdout()).map_or(80, |(width, _)| usize::from(width.0))
}

/// Writes a result with its styles, which are taken out where they are not wanted (no terminal, `NO_COLOR`). A reader that
/// has closed its end, such as `head`, is no error.
///
/// # Errors
/// When stdout cannot be written for another reason, such as a full disk.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
