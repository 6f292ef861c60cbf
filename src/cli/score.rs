//! `viva score`: scores recordings and transcripts.
use std::path::PathBuf;
use std::process::ExitCode;
/// Score recordings (WAV, FLAC, MP3, M4A, Ogg) or transcripts (.txt, .json)
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Recordings or transcripts
    #[arg(required = true)]
    files: Vec<PathBuf>,
}
/// Runs.
///
/// # Errors
/// x
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let _ = args.files;
    Ok(ExitCode::SUCCESS)
}
