//! From a file to evidence: decoding and recognition for recordings, reading for transcripts.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::recogniser::{Recogniser, RecogniserError};
use super::transcript::{self, Document, TranscriptError};
use crate::audio::{self, AudioError};
use crate::evidence::{Evidence, Recording};
use crate::feedback::QuestionRef;
use crate::speech;
use crate::speech::transcriber::TranscribeError;

/// What a file is taken for, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A plain transcript: `.txt`.
    Text,
    /// Words with times, or one of Viva's own documents: `.json`.
    Json,
    /// A recording: every other file. What format it is in is told by its content.
    Recording,
}

impl Form {
    /// What the file at `path` is taken for.
    pub fn of(path: &Path) -> Self {
        let ends_in = |end: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(end));
        if ends_in("txt") {
            Self::Text
        } else if ends_in("json") {
            Self::Json
        } else {
            Self::Recording
        }
    }
}

/// What is being done with a file, for those who wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// The file is read and decoded.
    Reading,
    /// The recogniser is checked and loaded.
    Loading,
    /// Speech is recognised.
    Recognising {
        /// Seconds of the recording that are done.
        done_s: f64,
        /// Length of the recording in seconds.
        total_s: f64,
    },
    /// The evidence is judged.
    Judging,
}

/// Why a file gives no evidence. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The recording cannot be read.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The transcript cannot be read.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// There is no recogniser.
    #[error("{}: not scored: {source}", path.display())]
    Recogniser {
        /// The recording.
        path: PathBuf,
        /// What is wrong with the recogniser.
        source: RecogniserError,
    },
    /// Recognition failed.
    #[error("{}: {source}", path.display())]
    Recognition {
        /// The recording.
        path: PathBuf,
        /// What the recogniser says.
        source: TranscribeError,
    },
}

/// What a file gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taken {
    /// What is known about the answer; [`Evidence::likeness`] is not filled here.
    pub evidence: Evidence,
    /// The question that one of Viva's own documents names.
    pub question: Option<QuestionRef>,
    /// The shortest silence that the evidence shows, in seconds; `None` when it comes from a waveform and shows all.
    pub pause_threshold_s: Option<f64>,
}

/// Takes the evidence of one answer from a file. `progress` is told what is being done.
///
/// # Errors
/// [`IntakeError`] names the file, what was found and what to do. Silence is no error: it is evidence of silence.
pub fn evidence_of(
    path: &Path,
    recogniser: &mut Recogniser,
    progress: &mut (dyn FnMut(Stage) + Send),
) -> Result<Taken, IntakeError> {
    progress(Stage::Reading);
    match Form::of(path) {
        Form::Text => {
            let words = transcript::read_text(path)?;
            Ok(Taken { evidence: Evidence { words, ..Evidence::default() }, ..Taken::default() })
        }
        Form::Json => Ok(of_document(transcript::read_json(path)?)),
        Form::Recording => of_recording(path, recogniser, progress),
    }
}

fn of_document(document: Document) -> Taken {
    let Document { words, recording, model, question, activity, pause_threshold_s, levels, remarks } = document;
    let evidence = Evidence { recording, model, words, activity, levels, remarks, ..Evidence::default() };
    Taken { evidence, question, pause_threshold_s }
}

fn of_recording(
    path: &Path,
    recogniser: &mut Recogniser,
    progress: &mut (dyn FnMut(Stage) + Send),
) -> Result<Taken, IntakeError> {
    let audio = audio::read(path)?;
    progress(Stage::Loading);
    let (transcriber, model) =
        recogniser.ready().map_err(|source| IntakeError::Recogniser { path: path.into(), source })?;
    let total_s = audio.duration_s;
    progress(Stage::Recognising { done_s: 0.0, total_s });
    let progress = Mutex::new(progress);
    let share = |done: f64| {
        if let Ok(mut progress) = progress.lock() {
            progress(Stage::Recognising { done_s: done.clamp(0.0, 1.0) * total_s, total_s });
        }
    };
    let heard = speech::listen(&audio.samples, transcriber, &share)
        .map_err(|source| IntakeError::Recognition { path: path.into(), source })?;
    let levels = audio::levels(&audio.samples, &heard.activity, audio.peak, audio.clipped_fraction);
    let mut remarks = audio.remarks();
    remarks.extend(heard.remarks);
    let evidence = Evidence {
        recording: Some(Recording {
            path: path.display().to_string(),
            sha256: audio.sha256,
            duration_s: audio.duration_s,
            sample_rate_hz: audio.sample_rate_hz,
            channels: audio.channels,
        }),
        model: Some(model),
        words: heard.words,
        activity: Some(heard.activity),
        levels: Some(levels),
        prosody: Some(heard.prosody),
        likeness: None,
        remarks,
    };
    Ok(Taken { evidence, ..Taken::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_name_tells_transcripts_from_recordings() {
        for (name, form) in [
            ("a.txt", Form::Text),
            ("A.TXT", Form::Text),
            ("a.json", Form::Json),
            ("a.wav", Form::Recording),
            ("a.wav.txt", Form::Text),
            ("txt", Form::Recording),
            ("answer", Form::Recording),
        ] {
            assert_eq!(Form::of(Path::new(name)), form, "{name}");
        }
    }
}
