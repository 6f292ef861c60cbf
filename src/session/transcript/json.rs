use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::TranscriptError;
use super::error::EXPECTED;
use crate::audio::MAX_DURATION_S;
use crate::evidence::{Levels, Model, Recording, Remark, Span, Word, WordSource};
use crate::feedback::{Feedback, FillerEvidence, FillerKind, QuestionRef, SCHEMA, Status};

/// What one word of a list must be, for messages.
const EXPECTED_WORD: &str = "each word as {\"text\": \"so\", \"start_s\": 0.4, \"end_s\": 0.6} (also word, start, end), times in seconds \
     and in order";

/// How far a word may begin before the one in front of it, in seconds: recognisers now and then write such times, and the
/// analysis puts them right. More than this is another order.
const OUT_OF_ORDER_S: f64 = 1.0;

/// What a `.json` file holds of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// The words in order.
    pub words: Vec<Word>,
    /// The recording, when the file is one of Viva's own documents.
    pub recording: Option<Recording>,
    /// The recogniser, likewise.
    pub model: Option<Model>,
    /// The question that was answered, likewise.
    pub question: Option<QuestionRef>,
    /// Where somebody speaks, as far as the document's pauses tell.
    pub activity: Option<Vec<Span>>,
    /// The shortest silence that [`Document::activity`] shows, in seconds.
    pub pause_threshold_s: Option<f64>,
    /// The levels that the document gives.
    pub levels: Option<Levels>,
    /// What the document says about the signal.
    pub remarks: Vec<Remark>,
}

/// A word as tools write it.
#[derive(Debug, Deserialize)]
struct LooseWord {
    text: Option<String>,
    word: Option<String>,
    start_s: Option<f64>,
    start: Option<f64>,
    end_s: Option<f64>,
    end: Option<f64>,
    probability: Option<f64>,
    confidence: Option<f64>,
    score: Option<f64>,
}

/// A word that was checked. Errors are raised while the document is read, so that they carry the place.
#[derive(Debug, Deserialize)]
#[serde(try_from = "LooseWord")]
struct ListedWord(Word);

impl TryFrom<LooseWord> for ListedWord {
    type Error = String;

    fn try_from(loose: LooseWord) -> Result<Self, String> {
        let text = loose.text.or(loose.word).ok_or("a word without `text` or `word`")?.trim().to_owned();
        let span = span(loose.start_s.or(loose.start), loose.end_s.or(loose.end))
            .map_err(|fault| format!("the word {text:?} {fault}"))?;
        let probability = loose.probability.or(loose.confidence).or(loose.score);
        if let Some(other) = probability.filter(|probability| !(0.0..=1.0).contains(probability)) {
            return Err(format!("the word {text:?} has the probability {other}, which is not between 0 and 1"));
        }
        Ok(Self(Word { text, span, probability, source: WordSource::Transcript }))
    }
}

/// A span from two moments, both there or both missing.
fn span(start_s: Option<f64>, end_s: Option<f64>) -> Result<Option<Span>, String> {
    match (start_s, end_s) {
        (None, None) => Ok(None),
        (Some(_), None) => Err("has a start and no end".into()),
        (None, Some(_)) => Err("has an end and no start".into()),
        (Some(start_s), Some(end_s)) if start_s < 0.0 => Err(format!("begins at {start_s} and ends at {end_s}")),
        (Some(start_s), Some(end_s)) if end_s < start_s => {
            Err(format!("ends at {end_s}, before it begins at {start_s}"))
        }
        (Some(_), Some(end_s)) if end_s > MAX_DURATION_S => {
            Err(format!("ends at {end_s} s, which is after {} hours: are these milliseconds?", MAX_DURATION_S / 3600.0))
        }
        (Some(start_s), Some(end_s)) => Ok(Some(Span { start_s, end_s })),
    }
}

#[derive(Debug, Deserialize)]
struct WordList {
    words: Vec<ListedWord>,
}

#[derive(Debug, Deserialize)]
struct Segments {
    segments: Vec<WordList>,
}

/// Reads a JSON text; `path` is only named in errors.
pub(super) fn parse(path: &Path, text: &str) -> Result<Document, TranscriptError> {
    let value: Value = serde_json::from_str(text).map_err(|error| located(path, &error, EXPECTED))?;
    let shape = |found: String| TranscriptError::Shape { path: path.into(), found };
    // what it is decides how it is read; it is read from the text, so that faults in it have a place
    let listed: Vec<ListedWord> = match &value {
        Value::Object(fields) => {
            if let Some(schema) = fields.get("schema") {
                return match schema.as_str() {
                    Some(SCHEMA) => feedback(path, text),
                    Some(other) if other.starts_with("viva.feedback/") => {
                        Err(TranscriptError::OtherVersion { path: path.into(), found: other.into() })
                    }
                    _ => Err(shape(format!("a document of the schema {schema}"))),
                };
            }
            match (fields.get("words"), fields.get("segments").and_then(Value::as_array)) {
                (Some(_), _) => typed::<WordList>(path, text)?.words,
                (None, Some(segments)) if segments.iter().any(|segment| segment.get("words").is_none()) => {
                    return Err(shape(
                        "segments without words (let the recogniser write the times of words: --word_timestamps True)"
                            .into(),
                    ));
                }
                (None, Some(_)) => {
                    typed::<Segments>(path, text)?.segments.into_iter().flat_map(|list| list.words).collect()
                }
                (None, None) if fields.is_empty() => return Err(shape("an empty object".into())),
                (None, None) => {
                    let keys: Vec<&str> = fields.keys().map(String::as_str).take(6).collect();
                    return Err(shape(format!("an object with the keys {}", keys.join(", "))));
                }
            }
        }
        Value::Array(items) if items.first().is_some_and(|item| item.get("schema").is_some()) => {
            return Err(shape(format!("{} documents (put each into a file of its own)", items.len())));
        }
        Value::Array(_) => typed::<Vec<ListedWord>>(path, text)?,
        Value::Null => return Err(shape("null".into())),
        Value::Bool(value) => return Err(shape(format!("the value {value}"))),
        Value::Number(number) => return Err(shape(format!("the number {number}"))),
        Value::String(_) => return Err(shape("one string (save a plain transcript as .txt)".into())),
    };
    let words = listed.into_iter().flat_map(|ListedWord(word)| apart(word)).collect();
    Ok(Document { words: in_order(path, words)?, ..Document::default() })
}

fn typed<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, TranscriptError> {
    serde_json::from_str(text).map_err(|error| located(path, &error, EXPECTED_WORD))
}

/// An error of `serde_json` with the place in front.
fn located(path: &Path, error: &serde_json::Error, expected: &'static str) -> TranscriptError {
    let text = error.to_string();
    let found = text.rsplit_once(" at line ").map_or(text.as_str(), |(found, _)| found);
    let found = if error.is_data() { found.to_owned() } else { format!("this is not JSON ({found})") };
    TranscriptError::Json { path: path.into(), line: error.line(), column: error.column(), found, expected }
}

/// Splits what stands between white space into words, each with its share of the time by its length.
fn apart(word: Word) -> Vec<Word> {
    let parts: Vec<&str> = word.text.split_whitespace().collect();
    if parts.len() == 1 {
        return vec![word];
    }
    let letters: usize = parts.iter().map(|part| part.chars().count()).sum();
    let mut before = 0;
    let mut words = Vec::with_capacity(parts.len());
    for part in parts {
        let after = before + part.chars().count();
        let moment = |span: Span, count: usize| span.start_s + span.duration_s() * count as f64 / letters as f64;
        let span = word.span.map(|span| Span::new(moment(span, before), moment(span, after)));
        words.push(Word { text: part.to_owned(), span, ..word });
        before = after;
    }
    words
}

fn in_order(path: &Path, words: Vec<Word>) -> Result<Vec<Word>, TranscriptError> {
    let mut last: Option<(&Word, Span)> = None;
    for word in &words {
        let Some(span) = word.span else { continue };
        if let Some((before, earlier)) = last.filter(|(_, earlier)| span.start_s < earlier.start_s - OUT_OF_ORDER_S) {
            let found = format!(
                "words that are not in order ({:?} at {} s comes after {:?} at {} s)",
                word.text, span.start_s, before.text, earlier.start_s
            );
            return Err(TranscriptError::Shape { path: path.into(), found });
        }
        last = Some((word, span));
    }
    Ok(words)
}

/// Takes from one of Viva's own documents what its analysis was made from.
fn feedback(path: &Path, text: &str) -> Result<Document, TranscriptError> {
    let document: Feedback = serde_json::from_str(text)
        .map_err(|error| located(path, &error, "a document as `viva score --json` writes it"))?;
    if document.quality.status == Status::Unscorable {
        return Err(TranscriptError::Unscorable { path: path.into() });
    }
    let mut words = Vec::with_capacity(document.transcript.words.len());
    for word in &document.transcript.words {
        let span = span(word.start_s, word.end_s).map_err(|fault| TranscriptError::Shape {
            path: path.into(),
            found: format!("a feedback document in which the word {:?} {fault}", word.text),
        })?;
        let text = word.text.clone();
        words.push(Word { text, span, probability: word.probability, source: WordSource::Transcript });
    }
    for item in document.fillers.items.iter().filter(|item| item.kind == FillerKind::FilledPause) {
        if let Some(word) = item.word.and_then(|index| words.get_mut(index)) {
            word.source = match item.evidence {
                FillerEvidence::Transcript => WordSource::Transcript,
                FillerEvidence::Acoustic => WordSource::Acoustic,
                FillerEvidence::Both => WordSource::Both,
            };
        }
    }
    let quality = &document.quality;
    let levels = quality.clipped_fraction.map(|clipped_fraction| Levels {
        peak_dbfs: quality.peak_dbfs,
        speech_dbfs: document.delivery.as_ref().and_then(|delivery| delivery.loudness_dbfs),
        snr_db: quality.snr_db,
        clipped_fraction,
        ..Levels::default()
    });
    let remarks =
        quality.issues.iter().map(|issue| Remark { code: issue.code.clone(), message: issue.message.clone() });
    Ok(Document {
        words: in_order(path, words)?,
        activity: activity(&document),
        pause_threshold_s: document.timing.pause_threshold_s,
        levels,
        remarks: remarks.collect(),
        recording: document.recording,
        model: document.model,
        question: document.question,
    })
}

/// Where somebody speaks: the answer without its silent pauses. `None` when the document was made without a waveform.
fn activity(document: &Feedback) -> Option<Vec<Span>> {
    let timing = &document.timing;
    timing.pause_threshold_s?;
    let mut start_s = timing.response_latency_s?;
    let end_s = start_s + timing.answer_s?;
    let mut spans = Vec::with_capacity(timing.pauses.len() + 1);
    for pause in &timing.pauses {
        spans.push(Span::new(start_s, pause.start_s));
        start_s = pause.end_s;
    }
    spans.push(Span::new(start_s, end_s));
    Some(spans)
}

#[cfg(test)]
mod tests;
