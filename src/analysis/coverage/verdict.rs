//! From passages to concepts: what is measured of a whole answer and one concept.

use super::features::{Cosines, Features, NAMES as PASSAGE_NAMES, Prepared, Reading, features};
use super::model::Ordered;
use super::polarity::{Marks, Stance, stance};
use std::ops::Range;

/// Passages over which marks are averaged, the most topical first.
const MOST_TOPICAL: usize = 5;

/// How far below the best passage, in logits, the clean one counts at most.
const FLOOR: f64 = 8.0;

/// Names of the features of an answer and a concept, in order.
pub const NAMES: [&str; 44] = [
    "topic",
    "topic_clean",
    "topic_clean_sentence",
    "topic_other",
    "terms",
    "misheard",
    "example_top",
    "sibling_gap",
    "contrast_gap",
    "same_gap",
    "word_top",
    "best_denied",
    "best_negated",
    "best_omitted",
    "best_wished",
    "best_attributed",
    "best_dismissed",
    "best_confessed",
    "best_doing",
    "best_turns",
    "best_doubtful",
    "near_denied",
    "near_negated",
    "near_omitted",
    "near_wished",
    "near_attributed",
    "near_dismissed",
    "near_confessed",
    "near_doing",
    "near_turns",
    "near_doubtful",
    "next_doubtful",
    "before_doubtful",
    "near_next_doubtful",
    "near_before_doubtful",
    "stance_mismatch",
    "answer_doubt",
    "answer_denied",
    "answer_topic",
    "rank",
    "length",
    "term_doubtful",
    "term_next_doubtful",
    "sentence_doubtful",
];

/// Features of one answer and one concept.
pub type VerdictFeatures = [f32; NAMES.len()];

/// What was found for one concept.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its features.
    pub features: VerdictFeatures,
    /// The passages that are most about it, the best first, as ranges of clauses.
    pub passages: Vec<Range<usize>>,
    /// How the speaker stands to it where it is most talked about.
    pub stance: Stance,
    /// Logit of the best passage's topic.
    pub topic: f64,
    /// Logit of the best passage whose sentences hold no doubt; `None` when all do.
    pub topic_clean: Option<f64>,
}

/// The features of every passage (outer) and concept (inner).
pub fn passage_features(question: &Prepared, reading: &Reading, cosine: Option<&[Vec<f32>]>) -> Vec<Vec<Features>> {
    reading
        .answer
        .passages
        .iter()
        .enumerate()
        .map(|(index, passage)| {
            let cosines: Cosines<'_> = cosine.and_then(|rows| rows.get(index)).map(Vec::as_slice);
            features(question, reading, passage, cosines, None)
        })
        .collect()
}

fn at(name: &str) -> usize {
    PASSAGE_NAMES.iter().position(|other| *other == name).unwrap_or(0)
}

/// What is found for each concept, given the features of all passages.
pub fn judge(reading: &Reading, passages: &[Vec<Features>], topic: &Ordered) -> Vec<Found> {
    let concepts = passages.first().map_or(0, Vec::len);
    let logits: Vec<Vec<f64>> =
        passages.iter().map(|row| row.iter().map(|features| topic.logit(features)).collect()).collect();
    let best: Vec<f64> =
        (0..concepts).map(|concept| logits.iter().map(|row| row[concept]).fold(f64::NEG_INFINITY, f64::max)).collect();
    let mean_best = best.iter().sum::<f64>() / concepts.max(1) as f64;
    let clauses = reading.marks.len().max(1) as f32;
    let answer_doubt = reading.marks.iter().filter(|marks| marks.doubtful()).count() as f32 / clauses;
    let answer_denied = reading.marks.iter().filter(|marks| marks.denied).count() as f32 / clauses;
    let sentences = SentenceMarks::new(reading);
    let marks_from = at("denied");
    let doubtful_at = at("doubtful_stance");

    (0..concepts)
        .map(|concept| {
            let mut order: Vec<usize> = (0..passages.len()).collect();
            order.sort_by(|&a, &b| logits[b][concept].total_cmp(&logits[a][concept]).then(a.cmp(&b)));
            let first = order[0];
            let features = &passages[first][concept];
            let top = &order[..order.len().min(MOST_TOPICAL)];
            let near =
                |feature: usize| top.iter().map(|&p| passages[p][concept][feature]).sum::<f32>() / top.len() as f32;
            let floor = best[concept] - FLOOR;
            let max_where =
                |keep: &dyn Fn(usize) -> bool| order.iter().find(|&&p| keep(p)).map(|&p| logits[p][concept].max(floor));
            let topic_clean = max_where(&|p| passages[p][concept][doubtful_at] < 0.5);
            let clean_sentence = max_where(&|p| !sentences.doubtful(reading, &reading.answer.passages[p]));
            let chosen = &reading.answer.passages[first];
            let apart = max_where(&|p| {
                let other = &reading.answer.passages[p];
                other.start >= chosen.end || other.end <= chosen.start
            });
            let (term_doubtful, term_next) = term_doubt(reading, &sentences, concept);
            let mut values = [0.0f32; NAMES.len()];
            let mut next = 0;
            let mut put = |value: f32| {
                values[next] = value;
                next += 1;
            };
            put(best[concept] as f32);
            put(topic_clean.unwrap_or(floor) as f32);
            put(clean_sentence.unwrap_or(floor) as f32);
            put(apart.unwrap_or(floor) as f32);
            put(features[at("terms")]);
            put(features[at("misheard")]);
            put(features[at("example_top")]);
            put(features[at("example_top")] - features[at("sibling_top")]);
            put(features[at("example_max")] - features[at("contrast_max")]);
            put(features[at("example_same")] - features[at("contrast_same")]);
            put(features[at("word_example_top")]);
            for offset in 0..10 {
                put(features[marks_from + offset]);
            }
            for offset in 0..10 {
                put(near(marks_from + offset));
            }
            put(features[at("next_doubtful")]);
            put(features[at("before_doubtful")]);
            put(near(at("next_doubtful")));
            put(near(at("before_doubtful")));
            put(features[at("stance_mismatch")]);
            put(answer_doubt);
            put(answer_denied);
            put(mean_best as f32);
            put(best.iter().filter(|&&other| other > best[concept]).count() as f32 / concepts as f32);
            put(features[at("length")]);
            put(term_doubtful);
            put(term_next);
            put(f32::from(u8::from(sentences.doubtful(reading, chosen))));
            Found {
                features: values,
                passages: top.iter().map(|&p| reading.answer.passages[p].clone()).collect(),
                stance: stance(sentences.of(reading, chosen)),
                topic: best[concept],
                topic_clean: clean_sentence,
            }
        })
        .collect()
}

/// The clauses of each sentence.
struct SentenceMarks {
    /// First clause and one past the last, for each sentence.
    clauses: Vec<Range<usize>>,
}

impl SentenceMarks {
    fn new(reading: &Reading) -> Self {
        let mut clauses: Vec<Range<usize>> = Vec::new();
        for (index, clause) in reading.answer.clauses.iter().enumerate() {
            if clauses.len() <= clause.sentence {
                clauses.resize(clause.sentence + 1, index..index);
            }
            clauses[clause.sentence].end = index + 1;
        }
        Self { clauses }
    }

    /// The marks of all clauses of the sentences that a passage touches.
    fn of<'a>(&self, reading: &'a Reading, passage: &Range<usize>) -> &'a [Marks] {
        let sentence = |clause: usize| reading.answer.clauses.get(clause).map(|clause| clause.sentence);
        let first = sentence(passage.start).and_then(|s| self.clauses.get(s)).map_or(0, |range| range.start);
        let last = sentence(passage.end.saturating_sub(1))
            .and_then(|s| self.clauses.get(s))
            .map_or(reading.marks.len(), |range| range.end);
        &reading.marks[first..last.max(first)]
    }

    fn doubtful(&self, reading: &Reading, passage: &Range<usize>) -> bool {
        stance(self.of(reading, passage)) != Stance::Asserted
    }
}

/// The share of a concept's terms that stand in a doubtful sentence, and that are followed by one; 0 without terms.
fn term_doubt(reading: &Reading, sentences: &SentenceMarks, concept: usize) -> (f32, f32) {
    let clauses: Vec<usize> = reading
        .hits
        .iter()
        .filter(|hit| hit.concept == concept && !hit.misheard)
        .filter_map(|hit| reading.answer.clauses.iter().position(|clause| clause.tokens.contains(&hit.tokens.start)))
        .collect();
    if clauses.is_empty() {
        return (0.0, 0.0);
    }
    let share = |count: usize| count as f32 / clauses.len() as f32;
    let inside = clauses.iter().filter(|&&clause| sentences.doubtful(reading, &(clause..clause + 1))).count();
    let after = clauses
        .iter()
        .filter(|&&clause| {
            let sentence = reading.answer.clauses[clause].sentence;
            sentences
                .clauses
                .get(sentence + 1)
                .is_some_and(|next| stance(&reading.marks[next.clone()]) != Stance::Asserted)
        })
        .count();
    (share(inside), share(after))
}
