//! The transcript as it is read: words, fillers and pauses in order of time, in paragraphs with their moment.

use crate::evidence::Span;
use crate::feedback::{Feedback, Filler, FillerEvidence, FillerKind, PausePosition, TimedWord};

/// A paragraph ends with the first sentence that ends this long after its start: about a breath of reading.
const PARAGRAPH_S: f64 = 15.0;

/// The same for a transcript without times, in words.
const PARAGRAPH_WORDS: usize = 50;

/// One piece of the transcript.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece<'f> {
    /// A word that is nothing but a word.
    Word(&'f TimedWord),
    /// One or more words that are one filler, or a filler that only the waveform shows.
    Filler { kind: FillerKind, text: String, start_s: Option<f64>, probable: bool },
    /// A silent pause.
    Pause { start_s: f64, end_s: f64, position: PausePosition },
}

/// Pieces that are read together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Paragraph<'f> {
    pub(super) start_s: Option<f64>,
    pub(super) pieces: Vec<Piece<'f>>,
}

/// The transcript in paragraphs.
pub(super) fn paragraphs(feedback: &Feedback) -> Vec<Paragraph<'_>> {
    let words = &feedback.transcript.words;
    let (owners, heard) = owners(words, &feedback.fillers.items);
    let mut between = between(feedback, &heard);
    between.reverse();
    let mut paragraphs = Vec::new();
    let mut current = Paragraph::default();
    let mut words_in_current = 0;
    let mut index = 0;
    while let Some(word) = words.get(index) {
        while between.last().is_some_and(|(moment, _)| middle(word).is_some_and(|middle| middle > *moment)) {
            current.pieces.extend(between.pop().map(|(_, piece)| piece));
        }
        current.start_s = current.start_s.or(word.start_s);
        let owner = owners.get(index).copied().flatten();
        let mut last = index;
        match owner.and_then(|owner| feedback.fillers.items.get(owner)) {
            Some(filler) => {
                while owners.get(last + 1).copied().flatten() == owner && last + 1 < words.len() {
                    last += 1;
                }
                let said: Vec<&str> = words.iter().take(last + 1).skip(index).map(|word| word.text.as_str()).collect();
                current.pieces.push(Piece::Filler {
                    kind: filler.kind,
                    text: said.join(" "),
                    start_s: word.start_s.or(filler.start_s),
                    probable: filler.evidence == FillerEvidence::Acoustic,
                });
            }
            None => current.pieces.push(Piece::Word(word)),
        }
        words_in_current += last + 1 - index;
        index = last + 1;
        if ends_sentence(words.get(last)) && long_enough(&current, words.get(index), words_in_current) {
            paragraphs.push(std::mem::take(&mut current));
            words_in_current = 0;
        }
    }
    current.pieces.extend(between.into_iter().rev().map(|(_, piece)| piece));
    if !current.pieces.is_empty() {
        paragraphs.push(current);
    }
    paragraphs
}

fn ends_sentence(word: Option<&TimedWord>) -> bool {
    word.is_some_and(|word| word.text.trim_end_matches(['"', '”', '\'', '’', ')']).ends_with(['.', '?', '!', '…']))
}

fn long_enough(current: &Paragraph<'_>, next: Option<&TimedWord>, words: usize) -> bool {
    match (current.start_s, next.and_then(|next| next.start_s)) {
        (Some(start), Some(next)) => next - start >= PARAGRAPH_S,
        _ => words >= PARAGRAPH_WORDS,
    }
}

fn middle(word: &TimedWord) -> Option<f64> {
    Some(f64::midpoint(word.start_s?, word.end_s?))
}

/// For each word the filler it belongs to, and the fillers that no word belongs to. Where two claim a word, the kind
/// that stands first in [`FillerKind`] has it: an "um" inside a restart stays an "um".
fn owners<'f>(words: &[TimedWord], items: &'f [Filler]) -> (Vec<Option<usize>>, Vec<&'f Filler>) {
    let mut owners = vec![None; words.len()];
    let mut heard = Vec::new();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|index| items.get(*index).map(|item| item.kind));
    for (index, item) in order.into_iter().filter_map(|index| items.get(index).map(|item| (index, item))) {
        let claimed: Vec<usize> = match item.word.filter(|first| *first < words.len()) {
            Some(first) => (first..words.len()).take(item.text.split_whitespace().count().max(1)).collect(),
            None => match (item.start_s, item.end_s) {
                (Some(start), Some(end)) => (0..words.len())
                    .filter(|at| words.get(*at).and_then(middle).is_some_and(|middle| start <= middle && middle <= end))
                    .collect(),
                _ => Vec::new(),
            },
        };
        if claimed.is_empty() {
            heard.push(item);
        }
        for at in claimed {
            if let Some(owner) = owners.get_mut(at) {
                owner.get_or_insert(index);
            }
        }
    }
    (owners, heard)
}

/// What stands between words, with the middle of each, in order of time.
fn between<'f>(feedback: &Feedback, heard: &[&Filler]) -> Vec<(f64, Piece<'f>)> {
    let pauses = feedback.timing.pauses.iter().map(|pause| {
        let piece = Piece::Pause { start_s: pause.start_s, end_s: pause.end_s, position: pause.position };
        (f64::midpoint(pause.start_s, pause.end_s), piece)
    });
    let heard = heard.iter().filter_map(|filler| {
        let start = filler.start_s?;
        let probable = filler.evidence == FillerEvidence::Acoustic;
        let piece = Piece::Filler { kind: filler.kind, text: filler.text.clone(), start_s: filler.start_s, probable };
        Some((f64::midpoint(start, filler.end_s.unwrap_or(start)), piece))
    });
    let mut between: Vec<_> = pauses.chain(heard).collect();
    between.sort_by(|a, b| a.0.total_cmp(&b.0));
    between
}

/// Where somebody speaks: the answer without its pauses; empty without times.
pub(super) fn speech(feedback: &Feedback) -> Vec<Span> {
    let timing = &feedback.timing;
    let words = &feedback.transcript.words;
    let from_words = || {
        let first = words.iter().find_map(|word| word.start_s)?;
        let last = words.iter().rev().find_map(|word| word.end_s)?;
        Some((first, last))
    };
    let duration = feedback.recording.as_ref().map(|recording| recording.duration_s);
    let from_sound = || {
        let first = timing.response_latency_s?;
        let last = first + timing.answer_s?;
        // a latency that counts from a question outside of the recording does not fit into it
        (last <= duration? + 0.5).then_some((first, last))
    };
    let Some((first, last)) = from_sound().or_else(from_words).filter(|(first, last)| first < last) else {
        return Vec::new();
    };
    let mut spans = Vec::new();
    let mut at = first;
    for pause in timing.pauses.iter().filter(|pause| pause.start_s < last && pause.end_s > first) {
        if pause.start_s > at {
            spans.push(Span::new(at, pause.start_s));
        }
        at = at.max(pause.end_s);
    }
    if at < last {
        spans.push(Span::new(at, last));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn plain(feedback: &Feedback) -> Vec<String> {
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Word(word) => word.text.clone(),
            Piece::Filler { text, probable, .. } => format!("<{text}{}>", if *probable { "?" } else { "" }),
            Piece::Pause { start_s, end_s, .. } => format!("({:.1})", end_s - start_s),
        };
        paragraphs(feedback).iter().map(|p| p.pieces.iter().map(piece).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn fillers_and_pauses_stand_where_they_were_said() {
        let text = plain(&sample::rich());
        assert!(text[0].starts_with("<Um,> (0.8) I'd start with"), "{text:#?}");
        assert!(text.iter().any(|paragraph| paragraph.contains("<you know,>")), "{text:#?}");
        assert!(text.iter().any(|paragraph| paragraph.contains("<the the>")), "{text:#?}");
        assert!(text.iter().any(|paragraph| paragraph.contains("<um?>")), "{text:#?}");
        assert!(text.len() > 1, "{text:#?}");
    }

    #[test]
    fn every_word_is_shown_once() {
        for feedback in [sample::rich(), sample::transcript_only(), sample::hostile()] {
            let shown: usize = paragraphs(&feedback)
                .iter()
                .flat_map(|paragraph| &paragraph.pieces)
                .map(|piece| match piece {
                    Piece::Word(_) => 1,
                    Piece::Filler { probable: true, .. } | Piece::Pause { .. } => 0,
                    Piece::Filler { text, .. } => text.split(' ').count(),
                })
                .sum();
            assert_eq!(shown, feedback.transcript.words.len());
        }
    }

    #[test]
    fn indices_from_outside_that_fit_no_word_are_no_crash() {
        let mut feedback = sample::rich();
        for item in &mut feedback.fillers.items {
            item.word = Some(usize::MAX);
        }
        assert!(!paragraphs(&feedback).is_empty());
    }

    #[test]
    fn speech_is_what_pauses_leave() {
        let spans = speech(&sample::rich());
        assert!(spans.windows(2).all(|pair| pair[0].end_s <= pair[1].start_s));
        for pause in &sample::rich().timing.pauses {
            let pause = Span::new(pause.start_s, pause.end_s);
            assert!(spans.iter().all(|span| span.overlap_s(pause) < 1e-9));
        }
        assert_eq!(speech(&sample::transcript_only()), []);
    }
}
