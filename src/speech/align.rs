//! Lays words on the waveform: a word lies where somebody speaks, and no word reaches over a silence.
//!
//! The recogniser's own times are good to a tenth of a second and stretch words over pauses. Here every 20 ms of speech
//! is given to a word, to a filled pause that the recogniser did not write, or to nothing (breath, noise), such that the
//! whole costs least: words have about the length that their syllables take, lie near the recogniser's times, and do not
//! span silences. It is dynamic programming over segments (semi-Markov, as in Ostendorf et al. 1996).

mod cost;

use crate::analysis::syllables::syllables;
use crate::evidence::Span;
use crate::speech::fillers::Candidate;
use crate::speech::words::{Draft, is_filled_pause};

/// Length of a cell, in seconds.
const CELL_S: f64 = 0.02;
/// Longest word, in cells: 1.6 s.
const LONGEST_CELLS: usize = 80;
/// How far a word may lie from where the recogniser puts it, in seconds.
const REACH_S: f64 = 2.5;
/// A silence of this length inside a word is held against it, in seconds: closures of stops are shorter.
const PAUSE_S: f64 = 0.1;

/// Share of the probability from which the recogniser nearly wrote a filler, and is a witness of its own.
pub const NEARLY_WRITTEN: f64 = 0.02;

/// Where words lie in the recording, and which held sounds no word accounts for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alignment {
    /// The span of each word in seconds from the start of the recording; `None` where there was no room left for it.
    pub words: Vec<Option<Span>>,
    /// Held sounds between words: index of the word after, index of the candidate.
    pub unwritten: Vec<(usize, usize)>,
}

/// Cells of speech in order, and how long the silence before each is.
struct Cells {
    start_s: Vec<f64>,
    silence_s: Vec<f64>,
    /// What it costs to leave each cell to no word.
    nothing: Vec<f64>,
    /// What it costs to give the cells before each one to a word, because they are quiet.
    quiet_before: Vec<f64>,
}

impl Cells {
    fn new(activity: &[Span], within: Span, loudness: &dyn Fn(f64) -> f64) -> Self {
        let mut cells =
            Self { start_s: Vec::new(), silence_s: Vec::new(), nothing: Vec::new(), quiet_before: vec![0.0] };
        let mut last_end_s = within.start_s;
        for span in activity {
            let (start_s, end_s) = (span.start_s.max(within.start_s), span.end_s.min(within.end_s));
            let count = ((end_s - start_s) / CELL_S).round().max(0.0) as usize;
            for cell in 0..count {
                let at_s = start_s + cell as f64 * CELL_S;
                cells.start_s.push(at_s);
                let loud = loudness(at_s);
                cells.nothing.push(cost::NOTHING * loud.max(cost::QUIET));
                let before = cells.quiet_before.last().copied().unwrap_or(0.0);
                cells.quiet_before.push(before + cost::NOTHING * (1.0 - loud));
                cells.silence_s.push(if cell == 0 { (start_s - last_end_s).max(0.0) } else { 0.0 });
            }
            if count > 0 {
                last_end_s = end_s;
            }
        }
        cells
    }

    fn len(&self) -> usize {
        self.start_s.len()
    }

    /// Index of the first cell that begins at or after `at_s`.
    fn index(&self, at_s: f64) -> usize {
        self.start_s.partition_point(|start_s| *start_s + CELL_S / 2.0 < at_s)
    }

    fn silence_before_s(&self, cell: usize) -> f64 {
        self.silence_s.get(cell).copied().unwrap_or(PAUSE_S * 2.0)
    }
}

/// A candidate in cells: `[first, past)`, and which one it is.
struct Hypothesis {
    first: usize,
    past: usize,
    held: f64,
    candidate: usize,
}

/// How a state was reached.
#[derive(Clone, Copy)]
enum Step {
    Unreached,
    Nothing,
    Word(u8),
    Unwritten(u16),
}

/// Lays `words` on `activity` within one window; words' times are in seconds from the start of the recording here.
/// `loudness` tells for a moment how loud it is, from 0 (background) to 1 (speech).
pub fn align(
    words: &[Draft],
    activity: &[Span],
    within: Span,
    candidates: &[Candidate],
    loudness: &dyn Fn(f64) -> f64,
) -> Alignment {
    let cells = Cells::new(activity, within, loudness);
    let expected = expected_lengths_s(words, cells.len() as f64 * CELL_S);
    let asked = asked(words, &expected, &cells);
    let hypotheses: Vec<Hypothesis> = candidates
        .iter()
        .enumerate()
        .filter(|(_, Candidate { span, .. })| span.start_s >= within.start_s && span.end_s <= within.end_s)
        .map(|(candidate, Candidate { span, held })| Hypothesis {
            first: cells.index(span.start_s),
            past: cells.index(span.end_s),
            held: *held,
            candidate,
        })
        .filter(|hypothesis| hypothesis.first < hypothesis.past)
        .collect();
    let width = cells.len() + 1;
    let mut best = vec![f64::INFINITY; width * (words.len() + 1)];
    let mut steps = vec![Step::Unreached; width * (words.len() + 1)];
    best[0] = 0.0;
    for done in 0..=words.len() {
        for cell in 0..width {
            let here = best[done * width + cell];
            if !here.is_finite() {
                continue;
            }
            let mut reach = |done: usize, cell: usize, price: f64, step: Step| {
                let slot = done * width + cell;
                if here + price < best[slot] {
                    best[slot] = here + price;
                    steps[slot] = step;
                }
            };
            if cell < cells.len() {
                reach(done, cell + 1, cells.nothing[cell], Step::Nothing);
            }
            for (index, hypothesis) in hypotheses.iter().enumerate() {
                if hypothesis.first == cell {
                    let next = words.get(done).filter(|word| !is_filled_pause(&word.text));
                    let share = next.map_or(0.0, |word| word.filler_share);
                    // a vowel that is held without a silence before it is most often the end of a drawn-out word
                    if share < NEARLY_WRITTEN && cells.silence_before_s(cell) < PAUSE_S {
                        continue;
                    }
                    let price = unwritten_price(hypothesis, share, &cells);
                    reach(done, hypothesis.past, price, Step::Unwritten(index as u16));
                }
            }
            if let Some(word) = words.get(done) {
                let near = word
                    .start_s
                    .is_none_or(|start_s| cells.start_s.get(cell).is_some_and(|at_s| (at_s - start_s).abs() < REACH_S));
                if near {
                    for length in 1..=LONGEST_CELLS.min(cells.len() - cell) {
                        let price = word_price(word, expected[done], asked[done], &cells, cell, length, &hypotheses);
                        reach(done + 1, cell + length, price, Step::Word(length as u8));
                    }
                }
                // a word for which there is no sound: better than none at all
                reach(done + 1, cell, cost::LENGTH_MOST + cost::ONSET_MOST + 2.0, Step::Word(0));
            }
        }
    }
    trace_back(&cells, &steps, width, words.len(), &hypotheses)
}

/// What the recogniser says about one word, in cells.
#[derive(Clone, Copy)]
struct Asked {
    start: Option<usize>,
    end: Option<usize>,
    after_break: bool,
}

/// How early the recogniser's times are on the whole, in seconds: the median of their errors on words whose times were
/// set by hand.
const LATE_S: f64 = 0.04;

fn asked(words: &[Draft], expected_s: &[f64], cells: &Cells) -> Vec<Asked> {
    let breaks = |text: &str| text.ends_with(|last: char| last.is_ascii_punctuation() && last != '\'');
    let mut after_break = true;
    let mut asked = Vec::with_capacity(words.len());
    for (word, expected_s) in words.iter().zip(expected_s) {
        let end = word.end_s.map(|at_s| cells.index(at_s + LATE_S));
        // the first word of a window has an end alone: its length tells where it begins
        let before_end = end.map(|end| {
            let length = (expected_s / CELL_S) as usize;
            (end.saturating_sub(length)..end)
                .rev()
                .find(|cell| cells.silence_before_s(*cell) >= PAUSE_S)
                .unwrap_or(end.saturating_sub(length))
        });
        let start = word.start_s.map(|at_s| cells.index(at_s + LATE_S)).or(before_end);
        asked.push(Asked { start, end, after_break });
        after_break = breaks(&word.text);
    }
    asked
}

fn trace_back(cells: &Cells, steps: &[Step], width: usize, words: usize, hypotheses: &[Hypothesis]) -> Alignment {
    let mut alignment = Alignment { words: vec![None; words], unwritten: Vec::new() };
    let (mut done, mut cell) = (words, width - 1);
    loop {
        match steps[done * width + cell] {
            Step::Unreached => break,
            Step::Nothing => cell -= 1,
            Step::Word(length) => {
                done -= 1;
                let past = cell;
                cell -= usize::from(length);
                if length > 0 {
                    alignment.words[done] = Some(Span::new(cells.start_s[cell], cells.start_s[past - 1] + CELL_S));
                }
            }
            Step::Unwritten(index) => {
                let chosen = &hypotheses[usize::from(index)];
                cell = chosen.first;
                alignment.unwritten.push((done, chosen.candidate));
            }
        }
        if done == 0 && cell == 0 {
            break;
        }
    }
    alignment.unwritten.reverse();
    alignment
}

/// How long each word should take, in seconds, at the tempo at which all of them fill the speech there is.
fn expected_lengths_s(words: &[Draft], speech_s: f64) -> Vec<f64> {
    /// A word without its vowels, in seconds.
    const ONSET_S: f64 = 0.06;
    /// A syllable, in seconds: five a second (de Jong and Wempe 2009 count four to six in fluent speech).
    const SYLLABLE_S: f64 = 0.17;
    /// A filled pause, in seconds (Clark and Fox Tree 2002; the recordings' labels agree).
    const FILLED_PAUSE_S: f64 = 0.3;
    let usual: Vec<f64> = words
        .iter()
        .map(|word| {
            if is_filled_pause(&word.text) {
                FILLED_PAUSE_S
            } else {
                ONSET_S + SYLLABLE_S * f64::from(syllables(&word.text).max(1))
            }
        })
        .collect();
    let total: f64 = usual.iter().sum();
    let tempo = if total > 0.0 { (speech_s / total).clamp(0.6, 1.6) } else { 1.0 };
    usual.into_iter().map(|length_s| length_s * tempo).collect()
}

fn word_price(
    word: &Draft,
    expected_s: f64,
    asked: Asked,
    cells: &Cells,
    first: usize,
    length: usize,
    hypotheses: &[Hypothesis],
) -> f64 {
    // distances are counted in speech: the recogniser gives a silence to the word before or after it, as it likes
    let far = |at: usize, asked: Option<usize>, unit_s: f64, most: f64| {
        asked.map_or(most / 2.0, |asked| (at.abs_diff(asked) as f64 * CELL_S / unit_s).min(most))
    };
    let stretch = ((length as f64 * CELL_S) / expected_s).ln() / cost::LENGTH_SPREAD;
    let most = if asked.after_break { cost::ONSET_MOST_AFTER_BREAK } else { cost::ONSET_MOST };
    let mut price = far(first, asked.start, cost::ONSET_S, most)
        + far(first + length, asked.end, cost::END_S, cost::END_MOST)
        + (0.5 * stretch * stretch).min(cost::LENGTH_MOST);
    let silences = cells.silence_s[first + 1..first + length].iter();
    price += cells.quiet_before[first + length] - cells.quiet_before[first];
    price += cost::PAUSE * silences.filter(|silence_s| **silence_s >= PAUSE_S).count() as f64;
    if is_filled_pause(&word.text) {
        let past = first + length;
        let there = hypotheses.iter().filter(|hypothesis| {
            let shared = past.min(hypothesis.past).saturating_sub(first.max(hypothesis.first));
            2 * shared >= (past.max(hypothesis.past) - first.min(hypothesis.first))
        });
        price -= cost::HELD_WRITTEN * there.map(|hypothesis| hypothesis.held).fold(0.0, f64::max);
    }
    price
}

fn unwritten_price(hypothesis: &Hypothesis, share: f64, cells: &Cells) -> f64 {
    let beside = cells.silence_before_s(hypothesis.first).max(cells.silence_before_s(hypothesis.past)) >= PAUSE_S;
    let nearly = (share.max(cost::LEAST_SHARE) / cost::LEAST_SHARE).ln() * cost::SHARE;
    cost::UNWRITTEN - cost::HELD * hypothesis.held - nearly - if beside { cost::BESIDE_SILENCE } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draft(text: &str, start_s: f64, end_s: f64) -> Draft {
        Draft {
            text: text.to_owned(),
            start_s: Some(start_s),
            end_s: Some(end_s),
            probability: 0.9,
            doubt: 0.9,
            filler_share: 0.0,
        }
    }

    const WHOLE: Span = Span { start_s: 0.0, end_s: 30.0 };

    #[test]
    fn no_word_reaches_over_a_silence() {
        let words = [draft("so,", 0.3, 0.7), draft("everything", 0.7, 2.2), draft("goes", 2.2, 2.5)];
        let activity = [Span::new(0.3, 0.6), Span::new(1.6, 2.5)];
        let found = align(&words, &activity, WHOLE, &[], &|_| 1.0);
        let spans: Vec<Span> = found.words.iter().flatten().copied().collect();
        assert_eq!(spans.len(), 3);
        assert!((spans[0].end_s - 0.6).abs() < 0.05, "{spans:?}");
        assert!((spans[1].start_s - 1.6).abs() < 0.03, "{spans:?}");
        assert!((spans[2].start_s - 2.2).abs() < 0.15, "{spans:?}");
    }

    #[test]
    fn finds_the_filled_pause_that_no_word_accounts_for() {
        let words = [draft("then", 0.3, 1.8), draft("inside", 1.8, 2.3)];
        let activity = [Span::new(0.3, 0.6), Span::new(1.1, 1.4), Span::new(1.8, 2.3)];
        let candidate = Candidate { span: Span::new(1.1, 1.4), held: 1.0 };
        let found = align(&words, &activity, WHOLE, &[candidate], &|_| 1.0);
        assert_eq!(found.unwritten, vec![(1, 0)]);
        assert!(found.words[0].is_some_and(|span| span.end_s < 0.7), "{found:?}");
    }

    #[test]
    fn a_long_vowel_inside_a_word_is_no_filled_pause() {
        let words = [draft("so", 0.3, 0.8), draft("we", 0.8, 1.0), draft("moved", 1.0, 1.4)];
        let activity = [Span::new(0.3, 1.4)];
        let candidate = Candidate { span: Span::new(0.45, 0.78), held: 0.6 };
        assert!(align(&words, &activity, WHOLE, &[candidate], &|_| 1.0).unwritten.is_empty());
    }

    #[test]
    fn words_without_speech_have_no_span() {
        assert_eq!(align(&[draft("thanks", 1.0, 1.2)], &[], WHOLE, &[], &|_| 1.0).words, vec![None]);
        assert!(align(&[], &[Span::new(0.0, 1.0)], WHOLE, &[], &|_| 1.0).words.is_empty());
    }

    proptest! {
        #[test]
        fn spans_are_in_order_and_inside_activity(
            bursts in prop::collection::vec((0.1f64..1.5, 0.12f64..1.0), 1..6),
            onsets in prop::collection::vec(0.0f64..9.0, 0..12),
        ) {
            let mut activity = Vec::new();
            let mut at_s = 0.2;
            for (speech_s, silence_s) in bursts {
                activity.push(Span::new(at_s, at_s + speech_s));
                at_s += speech_s + silence_s;
            }
            let mut onsets = onsets;
            onsets.sort_by(f64::total_cmp);
            let words: Vec<Draft> = onsets.iter().map(|start_s| draft("word", *start_s, start_s + 0.3)).collect();
            let found = align(&words, &activity, WHOLE, &[], &|_| 1.0);
            let mut last_s = 0.0;
            for span in found.words.iter().flatten() {
                prop_assert!(span.start_s >= last_s - 1e-9 && span.end_s > span.start_s);
                prop_assert!(activity.iter().any(|active| active.overlap_s(*span) > 0.0));
                last_s = span.end_s;
            }
        }
    }
}
