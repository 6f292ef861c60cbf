//! The command line: one file per command, arguments and wiring, nothing else.

use std::process::ExitCode;

/// Parses the arguments, runs the command, and returns its exit code.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
