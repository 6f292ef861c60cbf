//! The command line: one file per command, arguments and wiring, nothing else.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod models;

#[derive(Debug, Parser)]
#[command(name = "viva", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Models(models::ModelsArgs),
}

/// Parses the arguments, runs the command, and returns its exit code.
pub fn run() -> ExitCode {
    let Command::Models(args) = Arguments::parse().command;
    models::run(&args).unwrap_or_else(|error| {
        anstream::eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
