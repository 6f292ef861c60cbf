//! `viva score`: scores recordings and transcripts.

mod outcome;
mod output;
mod progress;
mod results;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use tokio::sync::mpsc;

use super::output::{tell, tell_error};
use crate::analysis::Settings;
use crate::bank::{Bank, Question, find_question};
use crate::feedback::Feedback;
use crate::session::banks;
use crate::session::recogniser::Recogniser;
use crate::session::scoring::{ScoreError, Scorer};
use outcome::Outcome;
use output::{Format, Output};
use progress::Progress;
use results::Results;

/// Scores recordings (WAV, FLAC, MP3, M4A, Ogg) or transcripts (.txt, .json)
///
/// A recording is transcribed on this machine and judged: timing, pauses, fillers, and with --question the concepts that
/// a full answer covers. A .txt file is a plain transcript; a .json file holds words with times, or is a document that
/// --json wrote.
///
/// Exit codes: 0 every file was scored; 1 some were not, or a recording could not be judged; 2 wrong usage, or no file
/// could be read; 130 interrupted.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Recordings or transcripts
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The question that is answered: its id, or BANK/ID; `viva questions list` shows them
    #[arg(long, short, value_name = "ID")]
    question: Option<String>,
    /// Look for the question only in this bank: its id, or the path of a .toml file
    #[arg(long, short, value_name = "BANK", requires = "question")]
    bank: Option<String>,
    /// The speech model: its name in `viva models list`, or the path of a ggml file
    #[arg(long, short, value_name = "MODEL")]
    model: Option<String>,
    /// Write one JSON document: an object for one file, an array for several
    #[arg(long)]
    json: bool,
    /// Write one JSON object a line, each as soon as it is ready
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
    /// Also write an HTML report; for several files use --out
    #[arg(long, value_name = "OUT.html")]
    report: Option<PathBuf>,
    /// Also write NAME.json and NAME.html for each file into this directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The shortest silence that counts as a pause, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 250, value_parser = clap::value_parser!(u32).range(100..=5000))]
    pause_threshold: u32,
}

/// Runs the command.
///
/// # Errors
/// When the question or bank is not there, or the results could have no place. What is wrong with single files is told on
/// stderr and by the exit code.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let question = args.question.as_deref().map(|id| question(id, args.bank.as_deref())).transpose()?;
    let results = Results::new(&args.files, args.report, args.out)?;
    let settings = Settings { pause_threshold_s: f64::from(args.pause_threshold) / 1000.0 };
    let format = match (args.json, args.jsonl) {
        (true, _) => Format::Document,
        (_, true) => Format::Lines,
        _ => Format::Report,
    };
    // the sentence model stays on the thread that loads it
    let scorer = move || Scorer::new(Recogniser::new(args.model), question, settings);
    let output = Output::new(format, args.files.len() > 1);
    // recognition has threads of its own; this one waits for results and for Ctrl-C
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .context("the system gives no thread to wait for Ctrl-C with")?;
    let outcome = runtime.block_on(score(args.files, scorer, output, results));
    // recognition cannot be stopped half-way, and nobody waits for it any more
    runtime.shutdown_background();
    Ok(outcome.exit_code())
}

/// The question that is meant, and its bank.
fn question(id: &str, bank: Option<&str>) -> anyhow::Result<(Bank, Question)> {
    // the bank in BANK/ID may be faulty, which is then the error that matters
    let named = bank.or_else(|| id.split_once('/').map(|(bank, _)| bank));
    let shelf = banks::shelf(named)?;
    match find_question(&shelf.banks, None, id.rsplit('/').next().unwrap_or(id)) {
        Ok((bank, question)) => Ok((bank.clone(), question.clone())),
        Err(error) => {
            // it may stand in one of these
            for problem in &shelf.problems {
                tell(&format_args!("warning: {problem}"));
            }
            Err(error.into())
        }
    }
}

/// Scores the files one after the other, and hands over each result as it is ready.
async fn score(
    files: Vec<PathBuf>,
    scorer: impl FnOnce() -> Scorer + Send + 'static,
    mut output: Output,
    results: Results,
) -> Outcome {
    let mut outcome = Outcome::new(files.len());
    let progress = Progress::new(files.len());
    let unwanted = Arc::new(AtomicBool::new(false));
    let mut results_ready = start(files, scorer, progress.clone(), Arc::clone(&unwanted));
    // one wait for the whole run, so that a Ctrl-C while results are written is not missed
    let mut interrupt = std::pin::pin!(interrupt());
    while !outcome.interrupted {
        let next = tokio::select! {
            next = results_ready.recv() => next,
            () = &mut interrupt => {
                outcome.interrupted = true;
                // what is done is kept
                results_ready.try_recv().ok()
            }
        };
        let Some((index, result)) = next else {
            outcome.stopped = !outcome.interrupted && outcome.scored + outcome.failed < outcome.files;
            break;
        };
        let done = progress.aside(|| match result {
            Ok(feedback) => take(index, feedback, &mut output, &results, &mut outcome),
            Err(error) => {
                tell_error(&error);
                outcome.failed += 1;
                Ok(())
            }
        });
        if let Err(error) = done {
            tell_error(&format_args!("the results cannot be written: {error}"));
            outcome.unwritten = true;
            break;
        }
        if output.is_unread() && !results.are_kept() {
            break;
        }
    }
    unwanted.store(true, Ordering::Relaxed);
    progress.finish();
    if let Err(error) = output.finish() {
        tell_error(&format_args!("the results cannot be written: {error}"));
        outcome.unwritten = true;
    }
    if outcome.stopped {
        let source = results.source(outcome.scored + outcome.failed).display();
        tell_error(&format_args!(
            "{source}: scoring stopped because of a fault in Viva; please report it with the lines above"
        ));
    }
    if outcome.interrupted {
        tell(&format_args!("interrupted: {} of {} files were scored", outcome.scored, outcome.files));
    }
    outcome
}

/// Ends when Ctrl-C is pressed. Where that cannot be waited for, it ends the program as it ends others.
async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The scores in order, made on a thread of their own.
fn start(
    files: Vec<PathBuf>,
    scorer: impl FnOnce() -> Scorer + Send + 'static,
    progress: Progress,
    unwanted: Arc<AtomicBool>,
) -> mpsc::Receiver<(usize, Result<Feedback, ScoreError>)> {
    let (send, receive) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        let mut scorer = scorer();
        for (index, path) in files.iter().enumerate() {
            progress.begin(index, path);
            let result = scorer.score(path, &mut |stage| progress.stage(stage));
            if unwanted.load(Ordering::Relaxed) || send.blocking_send((index, result)).is_err() {
                break;
            }
        }
    });
    receive
}

/// Puts a result where it belongs.
fn take(
    index: usize,
    feedback: Feedback,
    output: &mut Output,
    results: &Results,
    outcome: &mut Outcome,
) -> std::io::Result<()> {
    outcome.count(&feedback);
    match results.keep(index, &feedback) {
        Ok(Some(written)) => tell(&written),
        Ok(None) => {}
        Err(error) => {
            tell_error(&format_args!("{error:#}"));
            outcome.unwritten = true;
        }
    }
    output.take(results.source(index), feedback)
}
