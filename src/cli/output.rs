//! What every command does with its results, and with what there is to say about the run: write them to stdout and stderr,
//! and survive a reader that has gone.

use std::fmt::Display;
use std::io::{self, Write};

use crate::report::clean_lines;

/// Columns of the terminal that results go to, 80 when they go elsewhere.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size_of(io::stdout()).map_or(80, |(width, _)| usize::from(width.0))
}

/// Whether anybody still reads what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Somebody may.
    There,
    /// The other end of the pipe is closed.
    Gone,
}

/// Writes a result with its styles, which are taken out where they are not wanted (no terminal, `NO_COLOR`). A reader that
/// has closed its end, such as `head`, is no error.
///
/// # Errors
/// When stdout cannot be written for another reason, such as a full disk.
pub(crate) fn print(text: &str) -> io::Result<Reader> {
    write(&mut anstream::stdout(), text.as_bytes())
}

/// Writes a result as it is, byte for byte; as [`print`] otherwise.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_bytes(bytes: &[u8]) -> io::Result<Reader> {
    write(&mut io::stdout().lock(), bytes)
}

fn write(stdout: &mut dyn Write, bytes: &[u8]) -> io::Result<Reader> {
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error),
    }
}

/// Says something on stderr: text from outside is made safe to show, and lines stay lines. Where nobody can be told, such as
/// at a closed terminal, the exit code still tells.
pub(crate) fn tell(text: &dyn Display) {
    let _ = writeln!(anstream::stderr(), "{}", clean_lines(&text.to_string()));
}

/// Says on stderr what is wrong.
pub(crate) fn tell_error(error: &dyn Display) {
    tell(&format_args!("error: {error}"));
}
