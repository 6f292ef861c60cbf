//! What is measured of a passage and a concept. The weights in `weights.toml` belong to these features and to no
//! concept, so a bank that was never seen is judged by the same rule.

use super::clauses::Answer;
use super::cues::{Hit, Terms, content_stems};
use super::polarity::{Marks, Stance, read, stance};
use crate::bank::{Question, TextKind};
use std::collections::BTreeMap;
use std::ops::Range;

/// Examples that are averaged: one may be near by chance, three are not.
const NEAREST_EXAMPLES: usize = 3;

/// A text of the bank, ready for comparing.
#[derive(Debug, Clone)]
struct Text {
    concept: Option<usize>,
    kind: TextKind,
    /// Weight of each stem, scaled to length 1.
    stems: BTreeMap<String, f32>,
    doubtful: bool,
}

/// A question, ready for comparing. Independent of any answer.
#[derive(Debug, Clone)]
pub struct Prepared {
    texts: Vec<Text>,
    terms: Terms,
    concepts: usize,
    /// Inverse document frequency of each stem over the question's texts.
    idf: BTreeMap<String, f32>,
    unseen_idf: f32,
}

impl Prepared {
    /// Prepares a question.
    pub fn new(question: &Question) -> Self {
        let answers: Vec<(Option<usize>, TextKind, Answer)> =
            question.texts().into_iter().map(|(concept, kind, text)| (concept, kind, Answer::of_text(text))).collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, answer) in &answers {
            let mut stems = stems_of(answer, &(0..answer.clauses.len()));
            stems.sort_unstable();
            stems.dedup();
            for stem in stems {
                *counts.entry(stem).or_insert(0) += 1;
            }
        }
        let total = answers.len() as f32;
        let idf: BTreeMap<String, f32> =
            counts.into_iter().map(|(stem, n)| (stem, (1.0 + total / n as f32).ln())).collect();
        let unseen_idf = (1.0 + total).ln();
        let texts = answers
            .into_iter()
            .map(|(concept, kind, answer)| Text {
                concept,
                kind,
                stems: weigh(stems_of(&answer, &(0..answer.clauses.len())), &idf, unseen_idf),
                doubtful: stance(&read(&answer)) != Stance::Asserted,
            })
            .collect();
        let terms = Terms::new(question.concepts.iter().map(|concept| concept.cues.as_slice()));
        Self { texts, terms, concepts: question.concepts.len(), idf, unseen_idf }
    }
}

fn stems_of(answer: &Answer, clauses: &Range<usize>) -> Vec<String> {
    content_stems(answer.tokens_of(clauses).iter().map(|token| token.norm.as_str()))
}

/// Weights of stems, scaled to length 1. In the order of the stems: sums of floats depend on it.
fn weigh(stems: Vec<String>, idf: &BTreeMap<String, f32>, unseen: f32) -> BTreeMap<String, f32> {
    let mut weights: BTreeMap<String, f32> = BTreeMap::new();
    for stem in stems {
        let weight = idf.get(&stem).copied().unwrap_or(unseen);
        weights.entry(stem).or_insert(weight);
    }
    let length = weights.values().map(|w| w * w).sum::<f32>().sqrt();
    if length > 0.0 {
        for weight in weights.values_mut() {
            *weight /= length;
        }
    }
    weights
}

fn overlap(a: &BTreeMap<String, f32>, b: &BTreeMap<String, f32>) -> f32 {
    a.iter().filter_map(|(stem, x)| b.get(stem).map(|y| x * y)).sum()
}

/// Names of the features of a passage and a concept, in order.
pub const NAMES: [&str; 31] = [
    "example_max",
    "example_top",
    "means",
    "contrast_max",
    "sibling_top",
    "prompt",
    "example_same",
    "contrast_same",
    "word_example_max",
    "word_example_top",
    "word_means",
    "word_contrast_max",
    "word_sibling_top",
    "terms",
    "terms_sibling",
    "misheard",
    "denied",
    "negated",
    "omitted",
    "wished",
    "attributed",
    "dismissed",
    "confessed",
    "doing",
    "turns",
    "doubtful_stance",
    "next_doubtful",
    "before_doubtful",
    "stance_mismatch",
    "length",
    "clauses",
];

/// Features of one passage and one concept.
pub type Features = [f32; NAMES.len()];

/// Everything about an answer that does not depend on the concept.
#[derive(Debug)]
pub struct Reading {
    /// The answer, cut up.
    pub answer: Answer,
    /// Marks of each clause.
    pub marks: Vec<Marks>,
    /// Where the bank's terms stand.
    pub hits: Vec<Hit>,
}

impl Reading {
    /// Reads an answer against a question.
    pub fn new(answer: Answer, question: &Prepared) -> Self {
        let marks = read(&answer);
        let hits = question.terms.find(&answer.tokens);
        Self { answer, marks, hits }
    }
}

/// Cosines of one passage with each text; `None` when there is no sentence model.
pub type Cosines<'a> = Option<&'a [f32]>;

/// The features of one passage for every concept. `skip` names a text that is left out, for fitting on the bank's own
/// sentences.
pub fn features(
    question: &Prepared,
    reading: &Reading,
    passage: &Range<usize>,
    cosines: Cosines<'_>,
    skip: Option<usize>,
) -> Vec<Features> {
    let answer = &reading.answer;
    let stems = weigh(stems_of(answer, passage), &question.idf, question.unseen_idf);
    let words: Vec<f32> = question.texts.iter().map(|text| overlap(&stems, &text.stems)).collect();
    let marks = &reading.marks[passage.clone()];
    let all = marks.iter().fold(Marks::default(), |all, &m| all | m);
    let doubtful = stance(marks) != Stance::Asserted;
    let sentence_of = |clause: usize| answer.clauses.get(clause).map(|clause| clause.sentence);
    let next_doubtful = reading.marks.get(passage.end).is_some_and(|m| m.doubtful());
    let same_sentence_before = passage.start > 0 && sentence_of(passage.start - 1) == sentence_of(passage.start);
    let before_doubtful = same_sentence_before && reading.marks[passage.start - 1].doubtful();

    let by_meaning = cosines.map(|cosines| Near::of(question, cosines, skip, doubtful));
    let by_words = Near::of(question, &words, skip, doubtful);
    let tokens = answer.tokens_of(passage);
    let first_token = answer.clauses.get(passage.start).map_or(0, |clause| clause.tokens.start);
    let span = first_token..first_token + tokens.len();
    let mut terms = vec![0.0f32; question.concepts];
    let mut misheard = vec![0.0f32; question.concepts];
    let mut counted: Vec<(usize, &str)> = Vec::new();
    for hit in &reading.hits {
        let inside = hit.tokens.start >= span.start && hit.tokens.end <= span.end;
        if inside && !counted.contains(&(hit.concept, hit.term.as_str())) {
            counted.push((hit.concept, hit.term.as_str()));
            let sum = if hit.misheard { &mut misheard } else { &mut terms };
            sum[hit.concept] += hit.weight as f32;
        }
    }
    let flag = |on: bool| f32::from(u8::from(on));

    (0..question.concepts)
        .map(|concept| {
            let near = by_meaning.as_ref().map(|near| near.concept(concept)).unwrap_or_default();
            let word = by_words.concept(concept);
            let sibling_terms = (0..question.concepts).filter(|&c| c != concept).map(|c| terms[c]).fold(0.0, f32::max);
            [
                near.example_max,
                near.example_top,
                near.means,
                near.contrast_max,
                near.sibling_top,
                near.prompt,
                near.example_same,
                near.contrast_same,
                word.example_max,
                word.example_top,
                word.means,
                word.contrast_max,
                word.sibling_top,
                terms[concept].min(3.0),
                sibling_terms.min(3.0),
                misheard[concept].min(2.0),
                flag(all.denied),
                flag(all.negated),
                flag(all.omitted),
                flag(all.wished),
                flag(all.attributed),
                flag(all.dismissed),
                flag(all.confessed),
                flag(all.doing),
                flag(all.turns),
                flag(doubtful),
                flag(next_doubtful),
                flag(before_doubtful),
                flag(near.nearest_doubtful != doubtful),
                (1.0 + tokens.len() as f32).ln(),
                marks.len() as f32,
            ]
        })
        .collect()
}

/// Nearness of a passage to every concept's texts, by one measure.
struct Near {
    concepts: Vec<NearConcept>,
}

#[derive(Debug, Clone, Copy, Default)]
struct NearConcept {
    example_max: f32,
    example_top: f32,
    means: f32,
    contrast_max: f32,
    sibling_top: f32,
    prompt: f32,
    example_same: f32,
    contrast_same: f32,
    nearest_doubtful: bool,
}

impl Near {
    fn of(question: &Prepared, values: &[f32], skip: Option<usize>, doubtful: bool) -> Self {
        let mut concepts = vec![NearConcept::default(); question.concepts];
        let mut examples: Vec<Vec<f32>> = vec![Vec::new(); question.concepts];
        let mut prompt = 0.0;
        for (index, (text, &value)) in question.texts.iter().zip(values).enumerate() {
            if skip == Some(index) {
                continue;
            }
            let Some(concept) = text.concept else {
                prompt = value;
                continue;
            };
            let near = &mut concepts[concept];
            match text.kind {
                TextKind::Means => near.means = value,
                TextKind::Example => {
                    examples[concept].push(value);
                    if value > near.example_max {
                        near.example_max = value;
                        near.nearest_doubtful = text.doubtful;
                    }
                    if text.doubtful == doubtful {
                        near.example_same = near.example_same.max(value);
                    }
                }
                TextKind::Contrast => {
                    near.contrast_max = near.contrast_max.max(value);
                    if text.doubtful == doubtful {
                        near.contrast_same = near.contrast_same.max(value);
                    }
                }
                TextKind::Prompt => {}
            }
        }
        for (near, examples) in concepts.iter_mut().zip(&mut examples) {
            near.prompt = prompt;
            examples.sort_unstable_by(|a, b| b.total_cmp(a));
            let top = &examples[..examples.len().min(NEAREST_EXAMPLES)];
            near.example_top = if top.is_empty() { near.means } else { top.iter().sum::<f32>() / top.len() as f32 };
        }
        let tops: Vec<f32> = concepts.iter().map(|near| near.example_top).collect();
        for (concept, near) in concepts.iter_mut().enumerate() {
            near.sibling_top =
                tops.iter().enumerate().filter(|(other, _)| *other != concept).map(|(_, &top)| top).fold(0.0, f32::max);
        }
        Self { concepts }
    }

    fn concept(&self, concept: usize) -> NearConcept {
        self.concepts[concept]
    }
}
