//! The command line: one file per command, arguments and wiring, nothing else.

use std::process::ExitCode;

use clap::Parser;

/// `viva doctor`.
pub mod doctor;
mod output;
/// `viva questions`.
pub mod questions;

/// A rehearsal room for spoken interviews that runs wholly on your own machine
#[derive(Debug, Parser)]
#[command(version)]
enum Cli {
    Questions(questions::Args),
    Doctor(doctor::Args),
}

/// Parses the arguments, runs the command, and returns its exit code.
pub fn run() -> ExitCode {
    let result = match Cli::parse() {
        Cli::Questions(args) => questions::run(args),
        Cli::Doctor(args) => doctor::run(args),
    };
    result.unwrap_or_else(|error| {
        anstream::eprintln!("error: {}", crate::report::clean_lines(&format!("{error:#}")));
        ExitCode::from(2)
    })
}
