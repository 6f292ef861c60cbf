//! `viva doctor`: what is here, what is missing, and what to do about it.

use std::process::ExitCode;

use anstyle::AnsiColor;
use serde::Serialize;

use super::output::{print, print_bytes, width};
use crate::models::{self, Kind};
use crate::report::page::{BOLD, DIM, Page, styled};
use crate::report::{clean, json};

mod audio;
mod machine;
mod places;

/// Says what is set up, what is missing, and what to do about it
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Write one JSON document
    #[arg(long)]
    json: bool,
    /// Only list the audio devices, for the doctor that started this one
    #[arg(long, hide = true)]
    probe_audio: bool,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// As it should be.
    Good,
    /// Something can be done without it, or could be better.
    Warning,
    /// Viva cannot do its main job.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    /// A short stable name.
    code: &'static str,
    /// What was looked at, for people.
    name: &'static str,
    outcome: Outcome,
    /// What was found.
    found: String,
    /// What to do; null when there is nothing to do.
    advice: Option<String>,
}

impl Check {
    fn new(code: &'static str, name: &'static str, outcome: Outcome, found: impl Into<String>) -> Self {
        Self { code, name, outcome, found: found.into(), advice: None }
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Whether a model is here.
struct ModelState {
    /// What it is for.
    name: &'static str,
    /// Whether nothing works without it.
    needed: bool,
    /// Its name and place when it is here and was verified, and otherwise what is wrong and what to do.
    state: Result<String, String>,
}

/// The models that are used when none is named, as [`crate::models`] finds and verifies them.
fn models() -> [ModelState; 2] {
    let state = |kind| {
        models::ready(kind, None)
            .map(|model| format!("{}, verified, {}", model.name, model.path.display()))
            .map_err(|error| error.to_string())
    };
    [
        ModelState { name: "Speech model", needed: true, state: state(Kind::Whisper) },
        // without it, concepts are judged by the banks' terms alone
        ModelState { name: "Sentence model", needed: false, state: state(Kind::Embedding) },
    ]
}

fn model_check(model: ModelState) -> Check {
    match model.state {
        Ok(found) => Check::new("model", model.name, Outcome::Good, found),
        Err(reason) => {
            let outcome = if model.needed { Outcome::Bad } else { Outcome::Warning };
            Check::new("model", model.name, outcome, "not ready").advise(reason)
        }
    }
}

/// Runs the command. The exit code is 1 when something is missing without which nothing can be scored.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { json: as_json, probe_audio } = args;
    if probe_audio {
        print(&json::line(&audio::probe())?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut checks = machine::checks();
    checks.extend(models().into_iter().map(model_check));
    checks.extend(audio::checks(&audio::ask_a_child()));
    checks.extend(places::checks());
    if as_json {
        print_bytes(json::document(&checks)?.as_bytes())?;
    } else {
        print(&text(&checks, width()))?;
    }
    let bad = checks.iter().any(|check| check.outcome == Outcome::Bad);
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(checks: &[Check], width: usize) -> String {
    let mut page = Page::new(width);
    for check in checks {
        let (style, mark) = match check.outcome {
            Outcome::Good => (AnsiColor::Green.on_default().bold(), "✓"),
            Outcome::Warning => (AnsiColor::Yellow.on_default().bold(), "!"),
            Outcome::Bad => (AnsiColor::Red.on_default().bold(), "✗"),
        };
        let name = styled(BOLD, &format!("{:<20}", check.name));
        page.item(&format!("{} {name} ", styled(style, mark)), &clean(&check.found));
        if let Some(advice) = &check.advice {
            page.item(&format!("  {}", styled(DIM, "→ ")), &clean(advice));
        }
    }
    page.gap();
    let count = |outcome| checks.iter().filter(|check| check.outcome == outcome).count();
    let verdict = match (count(Outcome::Bad), count(Outcome::Warning)) {
        (0, 0) => "All is well.".to_owned(),
        (0, warnings) => format!("Ready, with {warnings} thing{} to look at.", if warnings == 1 { "" } else { "s" }),
        (bad, _) => format!("{bad} thing{} must be put right first.", if bad == 1 { "" } else { "s" }),
    };
    page.item("", &styled(BOLD, &verdict));
    page.finish()
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_line_fits_and_foreign_text_is_clean() {
        let checks = [
            Check::new("a", "A", Outcome::Good, format!("/home/{}", "x".repeat(200))),
            Check::new("b", "B", Outcome::Bad, "\u{1b}[2J").advise("do this ".repeat(30)),
            model_check(ModelState { name: "Speech model", needed: true, state: Err("fetch it".to_owned()) }),
        ];
        for width in [40, 80, 120] {
            let plain = anstream::adapter::strip_str(&text(&checks, width)).to_string();
            assert!(plain.lines().all(|line| line.width() <= width), "{plain}");
            assert!(plain.contains("�[2J") && plain.contains("2 things must be put right first."), "{plain}");
        }
    }

    #[test]
    fn a_model_that_is_not_needed_is_only_a_warning() {
        let check = |needed, state| model_check(ModelState { name: "m", needed, state }).outcome;
        assert_eq!(check(false, Err("e".to_owned())), Outcome::Warning);
        assert_eq!(check(true, Err("e".to_owned())), Outcome::Bad);
        assert_eq!(check(true, Ok("base".to_owned())), Outcome::Good);
    }
}
