//! Everything that is said and means nothing, in one list: filled pauses, lexical fillers, hedges, repetitions, restarts.
//!
//! Filled pauses and lexical fillers make the rate per minute: up to 5 a minute did no measurable harm to a speaker's
//! standing, 12 did (Laske & DiGennaro Reed 2024). The other kinds are listed and not counted in it.
#![allow(clippy::doc_markdown, reason = "DiGennaro is a name")]

use super::clusters::clusters;
use super::repairs::{self, Repair};
use super::timing::SHORTEST_RATED_S;
use super::tokens::{Break, Token, Tokens};
use super::{fixed, lexical};
use crate::evidence::{Evidence, Span, Word, WordSource};
use crate::feedback::{Filler, FillerEvidence, FillerKind, Fillers};

/// Confidence in a filled pause that stands in a typed transcript.
const TYPED: f64 = 0.95;
/// Lowest and highest confidence in a filled pause that only the recogniser wrote; in between, its own probability.
const RECOGNISED: (f64, f64) = (0.5, 0.95);
/// Confidence in a filled pause that recogniser and waveform agree on.
const AGREED: f64 = 0.98;
/// Confidence in a filled pause that only the waveform shows, when the detector gave no probability.
const HEARD: f64 = 0.6;
/// What a pause beside a lexical filler or a drawn-out word adds to the confidence, and the highest that it may reach.
const PROSODY: (f64, f64) = (0.05, 0.98);
/// A word that lasts longer than this many seconds plus as many for each letter is drawn out.
const DRAWN_OUT_S: (f64, f64) = (0.25, 0.06);

/// What the rules found among the content words.
pub(super) struct Marks {
    /// Lexical fillers and hedges.
    lexical: Vec<lexical::Found>,
    /// Repetitions and restarts.
    repairs: Vec<Repair>,
    /// Which content words are lexical fillers.
    pub filler: Vec<bool>,
    /// Which content words are lexical fillers, hedges, or belong to a repair.
    pub aside: Vec<bool>,
}

impl Marks {
    /// Runs the rules; no word is counted twice.
    pub fn new(tokens: &Tokens) -> Self {
        let content = &tokens.content;
        let mut lexical = lexical::find(content);
        let masks = |lexical: &[lexical::Found]| {
            let (mut filler, mut aside) = (vec![false; content.len()], vec![false; content.len()]);
            for found in lexical {
                let range = found.first..found.first + found.len;
                filler[range.clone()].fill(found.kind == FillerKind::Lexical);
                aside[range].fill(true);
            }
            (filler, aside)
        };
        let (filler, aside) = masks(&lexical);
        let repairs = repairs::find(content, &filler, &aside);
        // "I think, I think": one repetition and no hedge beside it
        lexical.retain(|found| {
            !repairs
                .iter()
                .any(|repair| found.first < repair.first + repair.len && repair.first < found.first + found.len)
        });
        let (filler, mut aside) = masks(&lexical);
        for repair in &repairs {
            aside[repair.first..repair.first + repair.len].fill(true);
        }
        Self { lexical, repairs, filler, aside }
    }
}

/// Lists the fillers, their rate and where they stand close together.
pub(super) fn fillers(evidence: &Evidence, tokens: &Tokens, marks: &Marks, answer: Option<Span>) -> Fillers {
    let content = &tokens.content;
    let filled = tokens.filled.iter().map(|index| filled_pause(evidence, *index));
    let lexical = marks.lexical.iter().map(|found| {
        let range = &content[found.first..found.first + found.len];
        item(evidence, range, found.kind, heard_well(range, found.confidence + prosody(range)).min(PROSODY.1))
    });
    let repairs = marks.repairs.iter().map(|repair| {
        let range = &content[repair.first..repair.first + repair.len];
        item(evidence, range, repair.kind, heard_well(range, repair.confidence))
    });
    let mut items: Vec<Filler> = filled.chain(lexical).chain(repairs).collect();
    items.sort_by_key(|item| (item.word, item.kind));
    let counted = items.iter().filter(|item| counts(item)).count();
    let per_minute = answer
        .filter(|answer| answer.duration_s() >= SHORTEST_RATED_S)
        .and_then(|answer| fixed(counted as f64 * 60.0 / answer.duration_s(), 1));
    let clusters = clusters(evidence, content, &marks.aside, &items, answer);
    Fillers { per_minute, items, clusters }
}

/// Whether an item counts into the rate per minute.
pub(super) fn counts(item: &Filler) -> bool {
    matches!(item.kind, FillerKind::FilledPause | FillerKind::Lexical)
}

fn filled_pause(evidence: &Evidence, index: usize) -> Filler {
    let word = &evidence.words[index];
    let probability = word.probability.filter(|probability| probability.is_finite());
    let (found_by, confidence) = match word.source {
        WordSource::Both => (FillerEvidence::Both, AGREED),
        WordSource::Acoustic => {
            (FillerEvidence::Acoustic, probability.map_or(HEARD, |probability| probability.clamp(0.0, 1.0)))
        }
        WordSource::Transcript => (
            FillerEvidence::Transcript,
            probability.map_or(TYPED, |probability| probability.clamp(RECOGNISED.0, RECOGNISED.1)),
        ),
    };
    filler(FillerKind::FilledPause, trimmed(&word.text), word.span, found_by, confidence, index)
}

/// An item that takes a range of content words.
fn item(evidence: &Evidence, range: &[Token], kind: FillerKind, confidence: f64) -> Filler {
    let words: Vec<&Word> = range.iter().map(|token| &evidence.words[token.word]).collect();
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let span = words.first().and_then(|word| word.span).zip(words.last().and_then(|word| word.span));
    let span = span.map(|(first, last)| Span::new(first.start_s, last.end_s));
    let found_by = if words.iter().all(|word| word.source == WordSource::Both) {
        FillerEvidence::Both
    } else {
        FillerEvidence::Transcript
    };
    filler(kind, trimmed(&text), span, found_by, confidence, range.first().map_or(0, |token| token.word))
}

fn filler(
    kind: FillerKind,
    text: String,
    span: Option<Span>,
    evidence: FillerEvidence,
    confidence: f64,
    word: usize,
) -> Filler {
    Filler {
        kind,
        text,
        start_s: span.and_then(|span| fixed(span.start_s, 3)),
        end_s: span.and_then(|span| fixed(span.end_s, 3)),
        evidence,
        confidence: fixed(confidence.clamp(0.0, 1.0), 2).unwrap_or_default(),
        word: Some(word),
    }
}

/// The text without punctuation around it, but for the hyphen of a cut-off word.
fn trimmed(text: &str) -> String {
    text.trim_start_matches(|c: char| !c.is_alphanumeric())
        .trim_end_matches(|c: char| !c.is_alphanumeric() && c != '-')
        .to_owned()
}

/// A rule's confidence, lowered where the recogniser was unsure of the words: by up to 40 %.
fn heard_well(range: &[Token], confidence: f64) -> f64 {
    let probabilities: Vec<f64> =
        range.iter().filter_map(|token| token.probability).filter(|p| p.is_finite()).collect();
    if probabilities.is_empty() {
        return confidence;
    }
    let mean = probabilities.iter().sum::<f64>() / probabilities.len() as f64;
    confidence * (0.6 + 0.4 * mean.clamp(0.0, 1.0))
}

/// What the sound adds: a pause on either side, or a word drawn out while the next one is looked for.
fn prosody(range: &[Token]) -> f64 {
    let paused = range.first().is_some_and(|token| token.before == Break::Pause)
        || range.last().is_some_and(|token| token.hesitates_after);
    let drawn_out = range.last().is_some_and(|token| {
        let letters = token.norm.chars().count() as f64;
        token.span.is_some_and(|span| span.duration_s() > DRAWN_OUT_S.0 + DRAWN_OUT_S.1 * letters)
    });
    if paused || drawn_out { PROSODY.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tests::{timed, transcript};
    use super::*;

    fn found(evidence: &Evidence) -> Fillers {
        let tokens = Tokens::new(evidence, &[]);
        fillers(evidence, &tokens, &Marks::new(&tokens), super::super::timing::answer(evidence))
    }

    #[test]
    fn lists_every_kind_in_order_with_its_words() {
        let evidence = transcript(
            "So, um, I think the the cache was, like, broken. We were, at the time we were three. Wa- wait.",
        );
        let items: Vec<_> = found(&evidence).items.into_iter().map(|item| (item.kind, item.text, item.word)).collect();
        let expected = [
            (FillerKind::Lexical, "So", 0),
            (FillerKind::FilledPause, "um", 1),
            (FillerKind::Hedge, "I think", 2),
            (FillerKind::Repetition, "the the", 4),
            (FillerKind::Lexical, "like", 8),
            (FillerKind::Restart, "We were", 10),
            (FillerKind::Restart, "Wa-", 18),
        ];
        assert_eq!(items, expected.map(|(kind, text, word)| (kind, text.to_owned(), Some(word))));
    }

    #[test]
    fn counts_no_word_twice() {
        let items = found(&transcript("I think, I think it was, you know, you know, fine")).items;
        let kinds: Vec<_> = items.iter().map(|item| item.kind).collect();
        assert_eq!(kinds, [FillerKind::Repetition, FillerKind::Lexical, FillerKind::Lexical]);
    }

    #[test]
    fn says_what_a_filled_pause_was_found_by() {
        let mut evidence = timed("um we uh moved er now", 0.0, 1.0, &[]);
        evidence.words[0].source = WordSource::Both;
        evidence.words[2].source = WordSource::Acoustic;
        evidence.words[2].probability = Some(0.7);
        evidence.words[4].probability = Some(0.3);
        let fillers = found(&evidence);
        let items: Vec<_> = fillers.items.iter().map(|item| (item.evidence, item.confidence, item.start_s)).collect();
        assert_eq!(
            items,
            [
                (FillerEvidence::Both, 0.98, Some(0.0)),
                (FillerEvidence::Acoustic, 0.7, Some(2.0)),
                (FillerEvidence::Transcript, 0.5, Some(4.0))
            ]
        );
        assert_eq!(fillers.per_minute, Some(30.0));
    }

    #[test]
    fn a_rate_needs_time() {
        assert_eq!(found(&transcript("um um um")).per_minute, None);
        assert_eq!(found(&timed("um yes", 0.0, 0.5, &[])).per_minute, None);
    }
}
