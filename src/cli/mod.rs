//! The command line: one file per command, arguments and wiring, nothing else.

use std::process::ExitCode;

use clap::Parser;

/// `viva doctor`.
pub mod doctor;
pub mod models;
mod output;
/// `viva questions`.
pub mod questions;
/// `viva score`.
pub mod score;

/// A rehearsal room for spoken interviews that runs wholly on your own machine
#[derive(Debug, Parser)]
#[command(name = "viva", version)]
enum Cli {
    Score(score::Args),
    Questions(questions::Args),
    Models(models::ModelsArgs),
    Doctor(doctor::Args),
}

/// Exit code after Ctrl-C.
pub const INTERRUPTED: u8 = 130;
/// Exit code for wrong usage and for input that cannot be used.
pub const WRONG_INPUT: u8 = 2;

/// Parses the arguments, runs the command, and returns its exit code.
pub fn run() -> ExitCode {
    let result = match Cli::parse() {
        Cli::Score(args) => score::run(args),
        Cli::Questions(args) => questions::run(args),
        Cli::Models(args) => models::run(&args),
        Cli::Doctor(args) => doctor::run(args),
    };
    result.unwrap_or_else(|error| {
        output::tell_error(&format_args!("{error:#}"));
        ExitCode::from(WRONG_INPUT)
    })
}
