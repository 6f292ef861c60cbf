//! Concept coverage: which of a question's concepts an answer covers.
//!
//! The words are cut into clauses and passages ([`clauses`]), each clause's stance is read ([`polarity`]), each passage
//! is compared with the bank's texts by words, terms and, when there is a sentence model, meaning ([`features`],
//! [`cues`]), and a small fitted model says how probable it is that a careful reader calls the concept covered
//! ([`verdict`], [`model`]).

pub mod clauses;
pub mod cues;
pub mod features;
pub mod model;
pub mod polarity;
pub mod verdict;

use crate::bank::Question;
use crate::evidence::{Evidence, Likeness, Word};
use crate::feedback::{ConceptResult, ConceptStatus, Coverage, Quote};
use clauses::Answer;
use features::{Prepared, Reading};
use model::{Model, Weights};
use polarity::Stance;
use std::ops::Range;
use verdict::Found;

/// The most passages that are quoted for a concept.
const MOST_QUOTES: usize = 2;

/// Topic, in logits, from which a concept that is not covered counts as talked about.
const TALKED_ABOUT: f64 = 0.0;

/// Highest confidence of any concept, its mean over all, and the mean topic in logits, below which an answer is said to
/// speak of something else. On questions that were left out this finds 5 of 8 answers that do, and says it wrongly of 4
/// in 84 that do not (short ones that reach a single concept), so it is a question to the speaker and no verdict.
const OFF_TOPIC_HIGHEST: f64 = 0.5;
const OFF_TOPIC_MEAN: f64 = 0.15;
const OFF_TOPIC_MEAN_TOPIC: f64 = 0.0;

/// Words below which it cannot be told whether an answer is to the point.
const FEWEST_WORDS: usize = 20;

/// Judges which concepts of a question an answer covers. Pure; without [`Evidence::likeness`] it goes by the bank's
/// words alone and says so in `method`.
pub fn coverage(evidence: &Evidence, question: &Question) -> Coverage {
    let prepared = Prepared::new(question);
    let answer = Answer::new(&evidence.words);
    let cosine = evidence.likeness.as_ref().filter(|likeness| fits(likeness, &answer, question)).map(|l| &l.cosine);
    let weights = Weights::shipped();
    let (model, method) = match cosine {
        Some(_) => (&weights.meaning, "cues+embeddings"),
        None => (&weights.cues, "cues"),
    };
    let reading = Reading::new(answer, &prepared);
    let passages = verdict::passage_features(&prepared, &reading, cosine.map(Vec::as_slice));
    let found = verdict::judge(&reading, &passages, &model.topic.in_order(&features::NAMES));
    let concepts: Vec<ConceptResult> = question
        .concepts
        .iter()
        .enumerate()
        .map(|(index, concept)| {
            let (confidence, found) = match found.get(index) {
                Some(found) => {
                    (model.verdict.probability(&verdict::NAMES, &found.features).unwrap_or(0.0), Some(found))
                }
                None => (0.0, None),
            };
            let status = found.map_or(ConceptStatus::Missing, |found| status(model, confidence, found));
            ConceptResult {
                id: concept.id.clone(),
                label: concept.label.clone(),
                status,
                confidence: super::fixed(confidence, 3).unwrap_or_default(),
                evidence: found
                    .filter(|_| status != ConceptStatus::Missing)
                    .map_or_else(Vec::new, |found| quotes(found, &reading, &evidence.words)),
                note: found.and_then(|found| note(index, status, found, &reading, &evidence.words)),
            }
        })
        .collect();
    let covered = concepts.iter().filter(|concept| concept.status == ConceptStatus::Covered).count();
    Coverage {
        covered: covered as u32,
        total: concepts.len() as u32,
        method: method.to_owned(),
        off_topic: off_topic(&concepts, &found, evidence.words.len()),
        concepts,
    }
}

/// Whether an answer speaks of something else; `None` when it is too short to say.
fn off_topic(concepts: &[ConceptResult], found: &[Found], words: usize) -> Option<bool> {
    if concepts.is_empty() || words < FEWEST_WORDS {
        return None;
    }
    let highest = concepts.iter().map(|concept| concept.confidence).fold(0.0, f64::max);
    let mean = concepts.iter().map(|concept| concept.confidence).sum::<f64>() / concepts.len() as f64;
    let topic = found.iter().map(|found| found.topic).sum::<f64>() / found.len().max(1) as f64;
    Some(highest < OFF_TOPIC_HIGHEST && mean < OFF_TOPIC_MEAN && topic < OFF_TOPIC_MEAN_TOPIC)
}

/// Whether a likeness was made from this answer and this question.
fn fits(likeness: &Likeness, answer: &Answer, question: &Question) -> bool {
    let texts = question.texts().len();
    likeness.cosine.len() == answer.passages.len()
        && likeness.clauses.len() == answer.passages.len()
        && likeness.cosine.iter().all(|row| row.len() == texts)
        && answer.passages.iter().zip(&likeness.clauses).all(|(passage, &(first, past_last))| {
            let words = answer.words_of(passage);
            words.start == first && words.end == past_last
        })
}

fn status(model: &Model, confidence: f64, found: &Found) -> ConceptStatus {
    let talked_about =
        found.topic >= TALKED_ABOUT && matches!(found.stance, Stance::Wished | Stance::Attributed | Stance::Asserted);
    if confidence >= model.covered_from {
        ConceptStatus::Covered
    } else if confidence >= model.partial_from || talked_about {
        ConceptStatus::Partial
    } else {
        ConceptStatus::Missing
    }
}

fn quotes(found: &Found, reading: &Reading, words: &[Word]) -> Vec<Quote> {
    let mut taken: Vec<Range<usize>> = Vec::new();
    for passage in &found.passages {
        let apart = taken.iter().all(|other| passage.start >= other.end || passage.end <= other.start);
        if apart && taken.len() < MOST_QUOTES {
            taken.push(passage.clone());
        }
    }
    taken.into_iter().map(|passage| quote(&reading.answer.words_of(&passage), words)).collect()
}

/// The transcript's words, with their times.
fn quote(range: &Range<usize>, words: &[Word]) -> Quote {
    let words = &words[range.clone()];
    let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    Quote {
        quote: text.join(" "),
        start_s: words.first().and_then(|word| word.span).map(|span| span.start_s),
        end_s: words.last().and_then(|word| word.span).map(|span| span.end_s),
    }
}

fn note(concept: usize, status: ConceptStatus, found: &Found, reading: &Reading, words: &[Word]) -> Option<String> {
    let misheard = reading.hits.iter().find(|hit| hit.concept == concept && hit.misheard).map(|hit| {
        let first = reading.answer.tokens[hit.tokens.start].word;
        let last = reading.answer.tokens[hit.tokens.end - 1].word;
        let heard = quote(&(first..last + 1), words).quote;
        let heard = heard.trim_matches(|c: char| !c.is_alphanumeric());
        format!("“{heard}” is possibly “{}”, misheard.", hit.term)
    });
    let talked_about = found.topic >= TALKED_ABOUT;
    let stance = match found.stance {
        _ if status == ConceptStatus::Covered || !talked_about => None,
        Stance::Denied => Some("You say that this was not there or not done."),
        Stance::Wished => Some("You wish for it or plan it; say what you did or would do."),
        Stance::Attributed => Some("You tell what others say or want; say what you did or would do."),
        Stance::Dismissed => Some("You speak of it as not worth having."),
        Stance::Asserted => Some("You touch on it; say what you did or would do."),
    };
    match (stance, misheard) {
        (Some(stance), Some(misheard)) => Some(format!("{stance} {misheard}")),
        (Some(stance), None) => Some(stance.to_owned()),
        (None, misheard) => misheard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{Concept, Kind};
    use crate::evidence::{Span, WordSource};
    use proptest::prelude::*;

    fn question() -> Question {
        let concept = |id: &str, means: &str, cues: &[&str], examples: &[&str], contrasts: &[&str]| Concept {
            id: id.into(),
            label: id.into(),
            means: means.into(),
            cues: cues.iter().map(|&text| text.into()).collect(),
            examples: examples.iter().map(|&text| text.into()).collect(),
            contrasts: contrasts.iter().map(|&text| text.into()).collect(),
            follow_up: String::new(),
        };
        Question {
            id: "q".into(),
            kind: Kind::Technical,
            prompt: "How would you keep a shop running?".into(),
            why: String::new(),
            advice: String::new(),
            target_s: 90.0,
            model_answer: String::new(),
            concepts: vec![
                concept(
                    "queues",
                    "The speaker moves slow work to queues.",
                    &["queues", "background worker"],
                    &["We move slow work to queues.", "Slow jobs go on queues and a background worker takes them."],
                    &["Everything runs in the request."],
                ),
                concept(
                    "restores",
                    "The speaker tests restores.",
                    &["restore", "backup"],
                    &["We restore last night's backup each month.", "A backup counts when we have restored it."],
                    &["We assume that the backups work."],
                ),
            ],
        }
    }

    fn evidence(text: &str) -> Evidence {
        let words = text
            .split_whitespace()
            .enumerate()
            .map(|(index, text)| Word {
                text: text.to_owned(),
                span: Some(Span::new(index as f64 * 0.4, index as f64 * 0.4 + 0.3)),
                probability: None,
                source: WordSource::Transcript,
            })
            .collect();
        Evidence { words, ..Evidence::default() }
    }

    #[test]
    fn the_same_answer_is_judged_the_same_to_the_last_bit() {
        let words =
            "We move slow work to queues with a worker, and each month we restore last night's backup somewhere.";
        let first = coverage(&evidence(words), &question());
        for _ in 0..20 {
            assert_eq!(coverage(&evidence(words), &question()), first);
            // rounding must not be what makes them alike
            let prepared = || format!("{:?}", Prepared::new(&question()));
            assert_eq!(prepared(), prepared());
        }
    }

    #[test]
    fn what_is_done_outranks_what_is_denied() {
        let done = coverage(&evidence("We move slow work to queues, and a background worker takes it."), &question());
        let denied = coverage(&evidence("Queues, no, we never had queues, it all ran inline."), &question());
        assert!(done.concepts[0].confidence > denied.concepts[0].confidence);
        assert_eq!(done.method, "cues");
        assert_eq!(done.total, 2);
    }

    #[test]
    fn quotes_are_the_transcripts_words_with_their_times() {
        let result = coverage(&evidence("Um, so we, uh, move slow work to queues."), &question());
        let quote = &result.concepts[0].evidence[0];
        assert!(quote.quote.contains("uh, move slow work to queues."), "{}", quote.quote);
        assert!(quote.start_s.is_some_and(|s| s < 1.0) && quote.end_s.is_some_and(|s| s > 3.0));
    }

    #[test]
    fn a_misheard_term_is_noted() {
        let result = coverage(&evidence("All of the slow work goes on cues in the evening."), &question());
        let note = result.concepts[0].note.clone().unwrap_or_default();
        assert!(note.contains("“cues” is possibly “queues”"), "{note}");
    }

    #[test]
    fn an_empty_answer_covers_nothing() {
        let result = coverage(&evidence(""), &question());
        assert_eq!((result.covered, result.off_topic), (0, None));
        assert!(result.concepts.iter().all(|concept| concept.status == ConceptStatus::Missing));
    }

    #[test]
    fn a_likeness_of_another_answer_is_not_used() {
        let mut evidence = evidence("We move slow work to queues.");
        evidence.likeness = Some(Likeness { clauses: vec![(0, 1)], cosine: vec![vec![1.0]] });
        assert_eq!(coverage(&evidence, &question()).method, "cues");
    }

    proptest! {
        #[test]
        fn every_text_is_judged_the_same_twice_and_within_bounds(text in "\\PC{0,120}") {
            let evidence = evidence(&text);
            let result = coverage(&evidence, &question());
            prop_assert_eq!(&result, &coverage(&evidence, &question()));
            for concept in &result.concepts {
                prop_assert!((0.0..=1.0).contains(&concept.confidence));
            }
        }
    }
}
