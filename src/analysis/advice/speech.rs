//! Advice about how it was said: fillers, pauses, pace, voice.
#![allow(clippy::doc_markdown, reason = "DiGennaro is a name")]

use std::collections::BTreeMap;

use super::{Proposal, counted, priority, propose};
use crate::bank::Question;
use crate::feedback::{Feedback, Filler, FillerKind, PausePosition};

/// Filled pauses a minute from which listeners may mind, and from which they do (Laske & DiGennaro Reed 2024).
const FILLED_PAUSES_PER_MINUTE: (f64, f64) = (5.0, 12.0);
/// A lexical filler is a habit when it comes this often in an answer, and this often in a minute or in a hundred words.
const HABIT: (usize, f64, f64) = (4, 2.5, 2.0);
/// A silence inside a clause is long from so many seconds on; so many of them, or one twice as long, are worth a word.
const LONG_INSIDE: (f64, usize) = (1.0, 3);
/// Words a minute below which an answer of some length is slow whatever the cause, and the length in seconds.
const SLOW: (f64, f64) = (100.0, 30.0);
/// Repetitions and restarts that make a burst, and within how many seconds.
const REPAIR_BURST: (usize, f64) = (3, 10.0);
/// Sentences that fade out before it is worth a word.
const FADED_SENTENCES: u32 = 3;
/// Response latency in seconds from which a late start is mentioned. Below it is thinking time.
const LATE_START_S: f64 = 5.0;

pub(super) fn proposals(feedback: &Feedback, _question: Option<&Question>, proposals: &mut Vec<Proposal>) {
    filled_pauses(feedback, proposals);
    pace(feedback, proposals);
    pauses_inside(feedback, proposals);
    lexical_filler(feedback, proposals);
    repetitions(feedback, proposals);
    if let Some(faded) =
        feedback.delivery.as_ref().and_then(|delivery| delivery.trailing_off).filter(|faded| *faded >= FADED_SENTENCES)
    {
        let message =
            format!("{faded} sentences fade out at the end. Keep the voice up until the last word, then breathe.");
        proposals.push(propose(priority::TRAILING_OFF, "trailing_off", None, message));
    }
    if let Some(latency_s) = feedback.timing.response_latency_s.filter(|latency_s| *latency_s > LATE_START_S) {
        let message = format!(
            "The first sound comes after {latency_s:.1} s. Thinking is fine; a short “let me think for a moment” tells the listener so."
        );
        proposals.push(propose(priority::LATE_START, "late_start", Some(0.0), message));
    }
}

fn of_kind(feedback: &Feedback, kind: FillerKind) -> Vec<&Filler> {
    feedback.fillers.items.iter().filter(|item| item.kind == kind).collect()
}

fn filled_pauses(feedback: &Feedback, proposals: &mut Vec<Proposal>) {
    let items = of_kind(feedback, FillerKind::FilledPause);
    if let Some(rate) = per_minute(items.len(), feedback).filter(|rate| *rate > FILLED_PAUSES_PER_MINUTE.0) {
        let level =
            if rate >= FILLED_PAUSES_PER_MINUTE.1 { priority::MANY_FILLED_PAUSES } else { priority::FILLED_PAUSES };
        let (place, at_s) = worst_place(feedback, &items);
        let message = format!(
            "{} ({rate:.0} a minute){place}. Close your mouth and let the silence stand: a second of it sounds considered.",
            counted(items.len(), "filled pause")
        );
        proposals.push(propose(level, "filled_pauses", at_s, message));
    } else if let Some(rate) = feedback.fillers.per_minute.filter(|rate| *rate >= FILLED_PAUSES_PER_MINUTE.1) {
        // few of each, many in all: no single habit to name
        let counts = |filler: &&Filler| matches!(filler.kind, FillerKind::FilledPause | FillerKind::Lexical);
        let all: Vec<&Filler> = feedback.fillers.items.iter().filter(counts).collect();
        let (place, at_s) = worst_place(feedback, &all);
        let message = format!(
            "{} of several kinds ({rate:.0} a minute){place}. Listeners begin to mind about 12; begin each sentence with its subject.",
            counted(all.len(), "filler")
        );
        proposals.push(propose(priority::FILLED_PAUSES, "fillers", at_s, message));
    }
}

/// Where most fillers stand close together, in words, and when that is; else the first of `items`.
fn worst_place(feedback: &Feedback, items: &[&Filler]) -> (String, Option<f64>) {
    match feedback.fillers.clusters.iter().rev().max_by_key(|cluster| cluster.count) {
        Some(cluster) if cluster.place == "opening" => {
            (format!(", {} of the fillers in the opening", cluster.count), Some(cluster.start_s))
        }
        Some(cluster) => {
            (format!(", with {} fillers close together {}", cluster.count, cluster.place), Some(cluster.start_s))
        }
        None => (String::new(), items.first().and_then(|item| item.start_s)),
    }
}

fn per_minute(count: usize, feedback: &Feedback) -> Option<f64> {
    // measured only where the fillers' own rate could be
    feedback.fillers.per_minute?;
    feedback.timing.answer_s.filter(|answer_s| *answer_s > 0.0).map(|answer_s| count as f64 * 60.0 / answer_s)
}

fn pace(feedback: &Feedback, proposals: &mut Vec<Proposal>) {
    let fastest =
        feedback.delivery.as_ref().and_then(|delivery| delivery.rushing.iter().max_by(|a, b| a.wpm.total_cmp(&b.wpm)));
    if let Some(stretch) = fastest {
        let message = format!(
            "You speed up to {:.0} words a minute for {:.0} s. Breathe out before this part and give its main point a sentence of its own.",
            stretch.wpm,
            stretch.end_s - stretch.start_s
        );
        proposals.push(propose(priority::RUSHING, "rushing", Some(stretch.start_s), message));
    }
    let timing = &feedback.timing;
    if let (Some(wpm), Some(answer_s)) = (timing.speech_rate_wpm, timing.answer_s)
        && wpm < SLOW.0
        && answer_s >= SLOW.1
    {
        let why = timing.pace_note.as_deref().unwrap_or_default();
        let message = format!(
            "The pace is slow throughout. {why} Decide on the next point before you finish the one you are at."
        );
        proposals.push(propose(priority::SLOW, "slow", None, message));
    }
}

fn pauses_inside(feedback: &Feedback, proposals: &mut Vec<Proposal>) {
    let long: Vec<(f64, f64)> = feedback
        .timing
        .pauses
        .iter()
        .filter(|pause| pause.position == PausePosition::WithinClause)
        .map(|pause| (pause.start_s, pause.end_s - pause.start_s))
        .filter(|(_, length_s)| *length_s >= LONG_INSIDE.0)
        .collect();
    let Some((at_s, longest_s)) = long.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)) else { return };
    if long.len() < LONG_INSIDE.1 && longest_s < 2.0 * LONG_INSIDE.0 {
        return;
    }
    let message = format!(
        "{} of a second or more in the middle of a sentence, the longest {longest_s:.1} s. Pause between sentences instead: plan one, say it whole.",
        counted(long.len(), "silence")
    );
    proposals.push(propose(priority::PAUSES_INSIDE, "pauses_inside", Some(at_s), message));
}

fn lexical_filler(feedback: &Feedback, proposals: &mut Vec<Proposal>) {
    let mut by_name: BTreeMap<String, Vec<&Filler>> = BTreeMap::new();
    for item in of_kind(feedback, FillerKind::Lexical) {
        by_name.entry(item.text.to_lowercase()).or_default().push(item);
    }
    let Some((name, items)) = by_name.into_iter().rev().max_by_key(|(_, items)| items.len()) else { return };
    let often = match (per_minute(items.len(), feedback), feedback.timing.words) {
        (Some(rate), _) => rate >= HABIT.1,
        (None, Some(words)) => items.len() as f64 * 100.0 >= HABIT.2 * f64::from(words),
        (None, None) => false,
    };
    if items.len() >= HABIT.0 && often {
        let message = format!(
            "“{name}” {} times as a filler. Pick one spot where you say it and leave a short silence there instead.",
            items.len()
        );
        proposals.push(propose(priority::LEXICAL_FILLER, "lexical_filler", items[0].start_s, message));
    }
}

fn repetitions(feedback: &Feedback, proposals: &mut Vec<Proposal>) {
    let starts: Vec<f64> = feedback
        .fillers
        .items
        .iter()
        .filter(|item| matches!(item.kind, FillerKind::Repetition | FillerKind::Restart))
        .filter_map(|item| item.start_s)
        .collect();
    if let Some(burst) =
        starts.windows(REPAIR_BURST.0).find(|burst| burst[REPAIR_BURST.0 - 1] - burst[0] <= REPAIR_BURST.1)
    {
        let message = "Here you begin again several times in a row. Stop, take the time for one breath, and say the sentence once.";
        proposals.push(propose(priority::REPETITIONS, "repetitions", Some(burst[0]), message.to_owned()));
    }
}

/// A fluent delivery as a strength, if it is one.
pub(super) fn strength(feedback: &Feedback) -> Option<String> {
    let filled = of_kind(feedback, FillerKind::FilledPause).len();
    let answer_s = feedback.timing.answer_s?;
    if per_minute(filled, feedback).is_some_and(|rate| rate <= FILLED_PAUSES_PER_MINUTE.0 / 2.0) {
        return Some(format!("Well done: {} in {answer_s:.0} s.", counted(filled, "filled pause")));
    }
    let wpm = feedback.timing.speech_rate_wpm.filter(|wpm| (130.0..=160.0).contains(wpm))?;
    Some(format!("Well done: {wpm:.0} words a minute is the pace of easy conversation."))
}
