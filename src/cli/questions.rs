//! `viva questions`: what is asked, what a good answer holds, and whether a bank of one's own is sound.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::output::{print, print_bytes, tell, width};
use crate::bank::{Bank, Fault, Kind, Question, Severity, check, find_question};
use crate::report::page::{BOLD, DIM, Page, styled};
use crate::report::{clean, json};
use crate::session::banks::{self, shelf};

/// Shows question banks and checks those of your own
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the questions of every bank
    List {
        /// Only this bank: its id, or the path of a .toml file
        #[arg(long, value_name = "BANK")]
        bank: Option<String>,
        /// Write one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Shows one question as a candidate sees it
    Show {
        /// The question's id, or BANK/ID
        id: String,
        /// Look only in this bank: its id, or the path of a .toml file
        #[arg(long, value_name = "BANK")]
        bank: Option<String>,
        /// Also show why it is asked, advice, concepts, a full answer, and what is asked next
        #[arg(long)]
        answers: bool,
        /// Write one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Checks question banks and names every fault with its line
    Check {
        /// Question banks: TOML files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Write one JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// When a bank or question is not there, a bank cannot be read, or stdout cannot be written.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::List { bank, json } => list(bank.as_deref(), json),
        Command::Show { id, bank, answers, json } => show(&id, bank.as_deref(), answers, json),
        Command::Check { files, json } => check_files(&files, json),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Technical => "technical",
        Kind::Behavioural => "behavioural",
    }
}

/// A question as `list --json` and `show --json` write it.
#[derive(Serialize)]
struct Listed<'b> {
    bank: &'b str,
    id: &'b str,
    kind: Kind,
    prompt: &'b str,
    target_s: f64,
    concepts: usize,
    /// The whole question; only when answers were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<&'b Question>,
}

impl<'b> Listed<'b> {
    fn new(bank: &'b Bank, question: &'b Question, answers: bool) -> Self {
        let Question { id, kind, prompt, target_s, concepts, .. } = question;
        Self {
            bank: &bank.id,
            id,
            kind: *kind,
            prompt,
            target_s: *target_s,
            concepts: concepts.len(),
            question: answers.then_some(question),
        }
    }
}

fn list(bank: Option<&str>, as_json: bool) -> anyhow::Result<ExitCode> {
    let shelf = shelf(bank)?;
    for problem in &shelf.problems {
        tell(&format_args!("warning: {problem}"));
    }
    if as_json {
        let all: Vec<Listed<'_>> = shelf
            .banks
            .iter()
            .flat_map(|bank| bank.questions.iter().map(move |question| Listed::new(bank, question, false)))
            .collect();
        print_bytes(json::document(&all)?.as_bytes())?;
    } else {
        print(&listing(&shelf.banks, width()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn listing(banks: &[Bank], width: usize) -> String {
    let ids = banks.iter().flat_map(|bank| &bank.questions).map(|question| question.id.len());
    let kind_column = 4 + ids.max().unwrap_or(0).clamp(8, 40);
    let prompt_column = kind_column + 13;
    let mut page = Page::new(width);
    for bank in banks {
        let count = bank.questions.len();
        let about = format!("{} · {count} question{}", clean(&bank.title), if count == 1 { "" } else { "s" });
        page.heading(&clean(&bank.id), &about);
        for question in &bank.questions {
            let prompt = shortened(&clean(&question.prompt), page.width().saturating_sub(prompt_column));
            page.columns(&[
                (2, &clean(&question.id)),
                (kind_column, &styled(DIM, kind(question.kind))),
                (prompt_column, &prompt),
            ]);
        }
    }
    page.gap();
    page.item("", "Show one with `viva questions show ID`, and what a full answer holds with `--answers`.");
    page.finish()
}

/// The first words of a text that fit, with an ellipsis when there are more; all of it where next to nothing would fit.
fn shortened(text: &str, room: usize) -> String {
    const LEAST: usize = 12;
    let lines = textwrap::wrap(text, room.saturating_sub(1).max(LEAST));
    match lines.as_slice() {
        [] => String::new(),
        [only] => only.to_string(),
        [first, ..] => format!("{}…", first.trim_end_matches([',', '.', ';', ':'])),
    }
}

fn show(id: &str, bank: Option<&str>, answers: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    // the bank in BANK/ID may be faulty, which is then the error that matters
    let named = bank.or_else(|| id.split_once('/').map(|(bank, _)| bank));
    let shelf = shelf(named)?;
    let (bank, question) = find_question(&shelf.banks, None, id.rsplit('/').next().unwrap_or(id))?;
    if as_json {
        print_bytes(json::document(&Listed::new(bank, question, answers))?.as_bytes())?;
    } else {
        print(&shown(bank, question, answers, width()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn shown(bank: &Bank, question: &Question, answers: bool, width: usize) -> String {
    let mut page = Page::new(width);
    page.item("", &styled(BOLD, &clean(&question.prompt)));
    let about = format!("{}/{} · {} · about {} s", bank.id, question.id, kind(question.kind), question.target_s);
    page.item("", &styled(DIM, &clean(&about)));
    if !answers {
        page.gap();
        page.item("", "Answer first, then look: `--answers` shows what a full answer holds.");
        return page.finish();
    }
    page.heading("Why it is asked", "");
    page.item("  ", &clean(question.why.trim()));
    page.heading("How to answer", "");
    page.item("  ", &clean(question.advice.trim()));
    page.heading("What a full answer covers", "");
    for (index, concept) in question.concepts.iter().enumerate() {
        page.item(&format!("{:>3}  ", index + 1), &styled(BOLD, &clean(&concept.label)));
        page.item("     ", &clean(concept.means.trim()));
        page.item("     ", &styled(DIM, &format!("asked next if it was missing: {}", clean(concept.follow_up.trim()))));
    }
    page.heading("A full answer", "");
    for paragraph in question.model_answer.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        page.item("  ", &clean(paragraph.trim()));
    }
    page.finish()
}

/// One file as `check --json` writes it.
#[derive(Serialize)]
struct CheckedFile {
    file: String,
    /// What kept it from being read at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    questions: Option<usize>,
    concepts: Option<usize>,
    faults: Vec<Fault>,
}

impl CheckedFile {
    fn new(path: &Path) -> Self {
        let file = path.display().to_string();
        let text = match banks::read(path) {
            Ok(text) => text,
            Err(error) => {
                return Self {
                    file,
                    error: Some(error.to_string()),
                    questions: None,
                    concepts: None,
                    faults: Vec::new(),
                };
            }
        };
        let checked = check(&text, &file);
        let questions = checked.bank.as_ref().map(|bank| bank.questions.len());
        let concepts = checked.bank.map(|bank| bank.questions.iter().map(|question| question.concepts.len()).sum());
        Self { file, error: None, questions, concepts, faults: checked.faults }
    }

    fn count(&self, severity: Severity) -> usize {
        self.faults.iter().filter(|fault| fault.severity == severity).count()
    }

    fn is_usable(&self) -> bool {
        self.error.is_none() && self.count(Severity::Error) == 0
    }

    /// The faults, each on a line that editors jump to, and what was found in all.
    fn text(&self) -> String {
        let file = clean(&self.file);
        if let Some(error) = &self.error {
            return format!("{}: {}\n", styled(bad(), "error"), clean(error));
        }
        let mut text = String::new();
        for Fault { severity, line, column, message, fix } in &self.faults {
            let style = if *severity == Severity::Error { bad() } else { warn() };
            let severity = styled(style, &format!("{severity}:"));
            let place = format!("{file}:{line}:{column}:");
            let fault = format!("{place} {severity} {}\n  {} {}\n", clean(message), styled(DIM, "fix:"), clean(fix));
            text.push_str(&fault);
        }
        let number = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let mut parts = Vec::new();
        if let (Some(questions), Some(concepts)) = (self.questions, self.concepts) {
            parts.extend([number(questions, "question"), number(concepts, "concept")]);
        }
        let (errors, warnings) = (self.count(Severity::Error), self.count(Severity::Warning));
        match (errors, warnings) {
            (0, 0) => parts.push("no faults".to_owned()),
            (0, warnings) => parts.push(number(warnings, "warning")),
            (errors, 0) => parts.push(number(errors, "error")),
            (errors, warnings) => parts.extend([number(errors, "error"), number(warnings, "warning")]),
        }
        text + &format!("{file}: {}\n", parts.join(", "))
    }
}

fn bad() -> anstyle::Style {
    anstyle::AnsiColor::Red.on_default().bold()
}

fn warn() -> anstyle::Style {
    anstyle::AnsiColor::Yellow.on_default().bold()
}

/// Exit code 2 when a bank cannot be used.
fn check_files(files: &[PathBuf], as_json: bool) -> anyhow::Result<ExitCode> {
    let checked: Vec<CheckedFile> = files.iter().map(|path| CheckedFile::new(path)).collect();
    if as_json {
        print_bytes(json::document(&checked)?.as_bytes())?;
    } else {
        print(&checked.iter().map(CheckedFile::text).collect::<String>())?;
    }
    Ok(if checked.iter().all(CheckedFile::is_usable) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::bank::builtin;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn the_list_fits_the_terminal_and_names_every_question() {
        let banks = builtin::banks().unwrap();
        for width in [40, 80, 100, 140] {
            let text = plain(&listing(&banks, width));
            assert!(text.lines().all(|line| line.width() <= width), "{text}");
            assert!(banks[0].questions.iter().all(|question| text.contains(&question.id)));
        }
        let text = plain(&listing(&banks, 80));
        assert_eq!(text.lines().filter(|line| line.contains("technical") || line.contains("behavioural")).count(), 24);
    }

    #[test]
    fn answers_are_shown_only_when_asked_for() {
        let banks = builtin::banks().unwrap();
        let (bank, question) = find_question(&banks, None, "sql-vs-nosql").unwrap();
        let candidate = plain(&shown(bank, question, false, 80));
        let answers = plain(&shown(bank, question, true, 80));
        let label = &question.concepts[0].label;
        assert!(!candidate.contains(label) && answers.contains(label), "{candidate}");
        assert!(candidate.lines().chain(answers.lines()).all(|line| line.width() <= 80));
    }

    #[test]
    fn checking_names_the_place_the_fault_and_the_fix() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mine.toml");
        std::fs::write(&path, "schema = \"viva.bank/1\"\nid = \"Mine\"\ntitle = \"Mine\"\n").unwrap();
        let checked = CheckedFile::new(&path);
        let file = path.display();
        let text = plain(&checked.text());
        assert!(text.contains(&format!("{file}:2:6: error: the id \"Mine\" is not written")), "{text}");
        assert!(text.contains("\n  fix: write id = \"mine\"\n"), "{text}");
        assert!(text.ends_with(&format!("{file}: 2 errors, 1 warning\n")), "{text}");
        assert!(!checked.is_usable());
        assert!(!CheckedFile::new(&directory.path().join("nowhere.toml")).is_usable());
    }

    #[test]
    fn shortened_text_ends_in_an_ellipsis_that_fits() {
        assert_eq!(shortened("Walk me through it, please", 20), "Walk me through it…");
        assert_eq!(shortened("Short", 20), "Short");
        assert_eq!(shortened("", 20), "");
    }
}
