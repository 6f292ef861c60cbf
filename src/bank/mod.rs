//! Question banks: what is asked, and what a good answer holds. Pure: text in, banks and faults out.
//!
//! [`check`] reads a bank and names every fault with its line; [`Bank::parse`] is for those who only want the bank.
//! [`find_question`] finds a question by what a user types; [`builtin::banks`] are the banks that come with Viva.

/// The banks that come with Viva.
pub mod builtin;
/// Faults and where they stand.
pub mod fault;
/// Finding a question by its name.
pub mod find;
mod read;
mod table;

use serde::{Deserialize, Serialize};

pub use fault::{BankErrors, Fault, Severity};
pub use find::{FindError, find_question};

/// A bank that was read, with everything that was noticed.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The bank; `None` when a fault is an error.
    pub bank: Option<Bank>,
    /// Errors and warnings in the order of their lines.
    pub faults: Vec<Fault>,
}

/// Reads a bank and names every fault in it, not only the first. `name` is the file's name, and only compared with the
/// bank's id.
pub fn check(text: &str, name: &str) -> Checked {
    read::read(text, name)
}

impl Bank {
    /// Reads a bank; warnings are passed over. `name` is the file's name as the user knows it, for the messages.
    ///
    /// # Errors
    /// [`BankErrors`] with every error when the text is no valid bank.
    pub fn parse(text: &str, name: &str) -> Result<Self, BankErrors> {
        let Checked { bank, faults } = check(text, name);
        bank.ok_or_else(|| BankErrors {
            name: name.to_owned(),
            faults: faults.into_iter().filter(|fault| fault.severity == Severity::Error).collect(),
        })
    }
}

/// The name and version of the bank format.
pub const SCHEMA: &str = "viva.bank/1";

/// A set of questions for one kind of interview. One bank is one TOML file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Short name in lower case with hyphens; the file is `ID.toml`.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Where it came from and under which licence, for people.
    #[serde(default)]
    pub source: Option<String>,
    /// The questions in the order they are asked.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
}

/// One question of an interview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Short name, unique in the bank.
    pub id: String,
    /// Technical or behavioural: decides how the structure of an answer is read.
    pub kind: Kind,
    /// The question as it is spoken.
    pub prompt: String,
    /// Why interviewers ask it.
    pub why: String,
    /// How to answer it.
    pub advice: String,
    /// Length to aim for, in seconds. Advice of coaches, not research.
    pub target_s: f64,
    /// An answer that covers every concept.
    pub model_answer: String,
    /// What a full answer covers.
    #[serde(rename = "concept")]
    pub concepts: Vec<Concept>,
}

/// Kinds of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// How would you do it, and why.
    Technical,
    /// Tell me about a time when.
    Behavioural,
}

/// One thing that a full answer says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// Short name, unique in the question.
    pub id: String,
    /// A few words for people, as an instruction: "Start with a modular monolith".
    pub label: String,
    /// What the speaker must say that they do or recommend, in one sentence.
    pub means: String,
    /// Terms that name it: words and short phrases, matched by their stems.
    pub cues: Vec<String>,
    /// Sentences that cover it, worded as differently as people speak; compared by meaning.
    pub examples: Vec<String>,
    /// Sentences that touch it and do not cover it: the opposite choice, a neighbouring thing.
    #[serde(default)]
    pub contrasts: Vec<String>,
    /// What an interviewer asks when it was missing.
    pub follow_up: String,
}

/// Which field of a concept a text of [`Question::texts`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// [`Concept::means`].
    Means,
    /// One of [`Concept::examples`].
    Example,
    /// One of [`Concept::contrasts`].
    Contrast,
    /// [`Question::prompt`].
    Prompt,
}

impl Question {
    /// Every text that meaning is compared with, in a fixed order: for each concept its meaning, its examples, its
    /// contrasts (with the concept's index), and last the prompt (with no concept).
    pub fn texts(&self) -> Vec<(Option<usize>, TextKind, &str)> {
        let mut texts = Vec::new();
        for (index, concept) in self.concepts.iter().enumerate() {
            texts.push((Some(index), TextKind::Means, concept.means.as_str()));
            texts.extend(concept.examples.iter().map(|text| (Some(index), TextKind::Example, text.as_str())));
            texts.extend(concept.contrasts.iter().map(|text| (Some(index), TextKind::Contrast, text.as_str())));
        }
        texts.push((None, TextKind::Prompt, self.prompt.as_str()));
        texts
    }
}
