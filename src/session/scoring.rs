//! From a file to feedback: evidence is taken, meaning is compared, the analysis judges.

use std::path::{Path, PathBuf};

use super::banks::{self, OpenError};
use super::intake::{self, IntakeError, Stage, Taken};
use super::recogniser::Recogniser;
use super::sense::Sense;
use crate::analysis::{self, Settings};
use crate::bank::{Bank, Question, find_question};
use crate::feedback::{Feedback, QuestionRef};

/// Why a file was not scored. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// The file gives no evidence.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The file is one of Viva's own documents, and its question is in no bank here.
    #[error(
        "{}: answers the question {}/{}, which is in no bank here; name the bank and the question: \
         --bank FILE.toml --question {}",
        path.display(), question.bank, question.id, question.id
    )]
    NoQuestion {
        /// The document.
        path: PathBuf,
        /// The question that it names.
        question: QuestionRef,
    },
    /// The banks cannot be read.
    #[error("{}: {source}", path.display())]
    Banks {
        /// The document whose question is looked for.
        path: PathBuf,
        /// What is wrong with the banks.
        source: OpenError,
    },
    /// The file is one of Viva's own documents, and shorter pauses were asked for than it holds.
    #[error(
        "{}: holds silent pauses from {held_s} s on, and {asked_s} s were asked for; shorter ones can only be found in \
         the recording: score that, or leave --pause-threshold out",
        path.display()
    )]
    ShorterPauses {
        /// The document.
        path: PathBuf,
        /// The shortest silence that counts as a pause in it, in seconds.
        held_s: f64,
        /// What was asked for, in seconds.
        asked_s: f64,
    },
}

/// Scores files one after the other, all in the same way.
pub struct Scorer {
    recogniser: Recogniser,
    question: Option<(Bank, Question)>,
    settings: Settings,
    sense: Sense,
}

impl Scorer {
    /// A scorer for answers to `question`. Without one, only Viva's own documents are judged by their concepts, because
    /// they name their question.
    pub fn new(recogniser: Recogniser, question: Option<(Bank, Question)>, settings: Settings) -> Self {
        Self { recogniser, question, settings, sense: Sense::default() }
    }

    /// Scores one file. `progress` is told what is being done.
    ///
    /// # Errors
    /// [`ScoreError`] when the file cannot be scored; an unscorable recording is no error but feedback that says so.
    pub fn score(&mut self, path: &Path, progress: &mut (dyn FnMut(Stage) + Send)) -> Result<Feedback, ScoreError> {
        let Taken { mut evidence, question: named, pause_threshold_s } =
            intake::evidence_of(path, &mut self.recogniser, progress)?;
        progress(Stage::Judging);
        let asked_s = self.settings.pause_threshold_s;
        if let Some(held_s) = pause_threshold_s.filter(|held_s| asked_s < *held_s) {
            return Err(ScoreError::ShorterPauses { path: path.into(), held_s, asked_s });
        }
        let found = match named {
            Some(named) if self.question.is_none() => Some(answered(path, named)?),
            _ => None,
        };
        let question = found.as_ref().or(self.question.as_ref()).map(|(bank, question)| (bank, question));
        if let Some((_, question)) = question.filter(|_| !evidence.words.is_empty()) {
            match self.sense.likeness(&evidence.words, question) {
                Ok(likeness) => evidence.likeness = Some(likeness),
                Err(remark) => evidence.remarks.push(remark),
            }
        }
        Ok(analysis::analyse(&evidence, question, &self.settings))
    }
}

/// The question that a document names, from the banks of this machine.
fn answered(path: &Path, named: QuestionRef) -> Result<(Bank, Question), ScoreError> {
    let shelf = banks::shelf(None).map_err(|source| ScoreError::Banks { path: path.into(), source })?;
    match find_question(&shelf.banks, Some(&named.bank), &named.id) {
        Ok((bank, question)) => Ok((bank.clone(), question.clone())),
        Err(_) => Err(ScoreError::NoQuestion { path: path.into(), question: named }),
    }
}
