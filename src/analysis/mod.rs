//! From evidence to feedback. Pure: no I/O, no clock, no model handles, no randomness; same input, same bytes out.
//!
//! [`analyse`] runs the measures in order: silent pauses split the words, the split words give the fillers, both give the
//! timing, and so on; each measure stands in a file of its own. Seconds are rounded to the millisecond and every figure to
//! a fixed number of decimals. What could not be measured is `None`.

mod advice;
mod clusters;
mod delivery;
mod fillers;
mod lexical;
mod pace;
mod parts_of_speech;
mod repairs;
mod spoken;
mod structure;
mod structure_cues;
pub mod syllables;
mod timing;
mod tokens;

pub mod quality;

pub mod coverage;

use crate::bank::{Bank, Question};
use crate::evidence::Evidence;
use crate::feedback::{Feedback, Fillers, QuestionRef, SCHEMA, Status, TimedWord, Timing, Transcript};

/// What the analysis can be told; everything else is a named constant of its measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The shortest silence that counts as a pause, in seconds.
    pub pause_threshold_s: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { pause_threshold_s: 0.25 }
    }
}

/// Judges one answer. A recording that the quality gate calls unscorable gets its issues, advice on how to get a better
/// one, and no figures.
pub fn analyse(evidence: &Evidence, question: Option<(&Bank, &Question)>, settings: &Settings) -> Feedback {
    let quality = quality::quality(evidence);
    let mut feedback = Feedback {
        schema: SCHEMA.to_owned(),
        recording: evidence.recording.clone(),
        question: question.map(|(bank, question)| QuestionRef {
            bank: bank.id.clone(),
            id: question.id.clone(),
            prompt: question.prompt.clone(),
        }),
        model: evidence.model.clone(),
        quality,
        transcript: Transcript { text: String::new(), words: Vec::new() },
        timing: Timing::default(),
        fillers: Fillers::default(),
        coverage: None,
        structure: None,
        delivery: None,
        advice: Vec::new(),
    };
    if let Some(recording) = &mut feedback.recording {
        recording.duration_s = fixed(recording.duration_s, 3).unwrap_or_default();
    }
    let quality = &mut feedback.quality;
    quality.snr_db = quality.snr_db.and_then(|snr_db| fixed(snr_db, 1));
    quality.peak_dbfs = quality.peak_dbfs.and_then(|peak_dbfs| fixed(peak_dbfs, 1));
    quality.clipped_fraction = quality.clipped_fraction.and_then(|fraction| fixed(fraction, 5));
    let question = question.map(|(_, question)| question);
    if feedback.quality.status != Status::Unscorable {
        let evidence = &sane(evidence);
        let pauses = timing::silent_pauses(evidence, settings.pause_threshold_s);
        let tokens = tokens::Tokens::new(evidence, pauses.as_deref().unwrap_or_default());
        let marks = fillers::Marks::new(&tokens);
        feedback.transcript = transcript(evidence);
        feedback.timing = timing::timing(evidence, &tokens, &marks.filler, settings);
        feedback.fillers = fillers::fillers(evidence, &tokens, &marks, timing::answer(evidence));
        feedback.coverage = question.map(|question| coverage::coverage(evidence, question));
        for concept in feedback.coverage.iter_mut().flat_map(|coverage| &mut coverage.concepts) {
            concept.confidence = fixed(concept.confidence, 3).unwrap_or_default();
        }
        feedback.structure = structure::structure(evidence, &tokens, &marks.aside, question);
        feedback.delivery = delivery::delivery(evidence, &tokens, &feedback.timing.pace);
    }
    feedback.advice = advice::advice(&feedback, question);
    feedback
}

/// The evidence with times that are numbers, inside the recording and never before the word in front: recognisers now and
/// then write others.
fn sane(evidence: &Evidence) -> Evidence {
    let mut evidence = evidence.clone();
    let end_s = evidence.recording.as_ref().map(|recording| recording.duration_s).filter(|end_s| end_s.is_finite());
    let end_s = end_s.map_or(f64::MAX, |end_s| end_s.max(0.0));
    let mut earliest_s = 0.0_f64;
    for word in &mut evidence.words {
        word.span = word.span.filter(|span| span.start_s.is_finite() && span.end_s.is_finite());
        if let Some(span) = &mut word.span {
            span.start_s = span.start_s.clamp(earliest_s, end_s);
            span.end_s = span.end_s.clamp(span.start_s, end_s);
            earliest_s = span.start_s;
        }
    }
    evidence
}

fn transcript(evidence: &Evidence) -> Transcript {
    let words: Vec<TimedWord> = evidence
        .words
        .iter()
        .map(|word| TimedWord {
            text: word.text.clone(),
            start_s: word.span.and_then(|span| fixed(span.start_s, 3)),
            end_s: word.span.and_then(|span| fixed(span.end_s, 3)),
            probability: word.probability.and_then(|probability| fixed(probability.clamp(0.0, 1.0), 3)),
        })
        .collect();
    let text = evidence.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    Transcript { text, words }
}

/// A figure with a fixed number of decimals; `None` for what is no number. Minus zero becomes zero.
fn fixed(value: f64, decimals: i32) -> Option<f64> {
    let scale = 10_f64.powi(decimals);
    let rounded = (value * scale).round() / scale;
    rounded.is_finite().then_some(rounded + 0.0)
}

#[cfg(test)]
mod tests;
