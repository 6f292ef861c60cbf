//! From samples to evidence of speech: activity, words in their places, filled pauses, pitch.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::evidence::{Prosody, Remark, Span, Word, WordSource};
use crate::speech::acoustics::Acoustics;
use crate::speech::align::{Alignment, NEARLY_WRITTEN, align};
use crate::speech::fillers::{self, Candidate};
use crate::speech::transcriber::{Readings, TranscribeError, Transcriber};
use crate::speech::voice::{EnergyDetector, VoiceDetector};
use crate::speech::windows::{self, Window};
use crate::speech::words::{self, Draft, is_filled_pause, sounds_like_filled_pause};

/// What was heard in a recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// Every word in order of time, verbatim.
    pub words: Vec<Word>,
    /// Stretches with speech, from the waveform.
    pub activity: Vec<Span>,
    /// Pitch and loudness.
    pub prosody: Prosody,
    /// What a reader should know, such as text that was dropped because nobody spoke there.
    pub remarks: Vec<Remark>,
}

/// Listens to a whole recording: `samples` are mono, 16 kHz. `progress` is told the share that is done, 0 to 1, from any
/// thread.
///
/// # Errors
///
/// When the recogniser fails.
pub fn listen(
    samples: &[f32],
    transcriber: &mut dyn Transcriber,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Heard, TranscribeError> {
    let activity = EnergyDetector::default().activity(samples);
    let acoustics = Acoustics::measure(samples);
    let windows = windows::pack(samples, &activity);
    let pieces: Vec<&[f32]> = windows.iter().map(|window| window.samples.as_slice()).collect();
    let ready = AtomicUsize::new(0);
    let readings = transcriber.read(&pieces, &|_| {
        progress((ready.fetch_add(1, Ordering::Relaxed) + 1) as f64 / windows.len() as f64);
    })?;
    let candidates = fillers::candidates(&acoustics, &activity);
    let mut heard = Heard { activity, prosody: acoustics.prosody(), ..Heard::default() };
    let loud_dbfs = acoustics.loud_dbfs();
    let mut unplaced = 0;
    for (window, readings) in windows.iter().zip(&readings) {
        let drafts = drafts(window, readings, &mut heard.remarks);
        let alignment =
            align(&drafts, &heard.activity, window.span(), &candidates, &|at_s| acoustics.loudness(at_s, loud_dbfs));
        unplaced += alignment.words.iter().filter(|span| span.is_none()).count();
        heard.words.extend(place(&drafts, &alignment, &candidates, &acoustics));
    }
    if unplaced > 0 {
        heard.remarks.push(Remark {
            code: "text_without_sound".to_owned(),
            message: format!("{unplaced} words that the recogniser wrote were dropped: nobody speaks there."),
        });
    }
    Ok(heard)
}

/// The words of a window in the recording's time, from both of its readings.
fn drafts(window: &Window, readings: &Readings, remarks: &mut Vec<Remark>) -> Vec<Draft> {
    let mut verbatim = words::words(&readings.verbatim);
    let mut plain = words::words(&readings.plain);
    if let Some((start, past)) = words::find_loop(&plain) {
        plain.drain(start..past);
    }
    if let Some((start, past)) = words::find_loop(&verbatim) {
        remarks.push(Remark {
            code: "loop".to_owned(),
            message: format!(
                "The recogniser began to repeat itself near {:.0} s; the repetitions were dropped.",
                window.span().start_s
            ),
        });
        verbatim.drain(start..past);
    }
    let mut drafts = words::merge(verbatim, &plain);
    for draft in &mut drafts {
        draft.start_s = draft.start_s.map(|at_s| window.to_recording_s(at_s));
        draft.end_s = draft.end_s.map(|at_s| window.to_recording_s(at_s));
    }
    drafts
}

/// Silence on both sides of a word that stands alone, in seconds.
const ALONE_S: f64 = 0.1;

/// Silence after a word at which the speaker stops, in seconds: a silent pause.
const STOPS_S: f64 = 0.25;

/// Whether a word is set off by silence on both sides, or by a silent pause after it.
fn stands_alone(alignment: &Alignment, index: usize) -> bool {
    let Some(span) = alignment.words[index] else { return false };
    let before = alignment.words[..index].iter().rev().flatten().next();
    let after = alignment.words[index + 1..].iter().flatten().next();
    let before_s = before.map_or(f64::INFINITY, |before| span.start_s - before.end_s);
    let after_s = after.map_or(f64::INFINITY, |after| after.start_s - span.end_s);
    // *a*, *at* and the like lean on the word that follows: nobody stops after them but to think
    after_s >= STOPS_S || before_s.min(after_s) >= ALONE_S
}

/// Probability below which the waveform must agree with a written filler.
const DOUBTFUL_FILLER: f64 = 0.4;

/// Words with their spans, and the filled pauses that the recogniser did not write, in order of time.
fn place(drafts: &[Draft], alignment: &Alignment, candidates: &[Candidate], acoustics: &Acoustics) -> Vec<Word> {
    let mut placed = Vec::new();
    for index in 0..=drafts.len() {
        for (_, candidate) in alignment.unwritten.iter().filter(|(before, _)| *before == index) {
            if let Some(candidate) = candidates.get(*candidate) {
                placed.push(Word {
                    text: "uh".to_owned(),
                    span: Some(candidate.span),
                    probability: Some(candidate.held),
                    source: WordSource::Acoustic,
                });
            }
        }
        let Some((draft, span)) = drafts.get(index).zip(alignment.words.get(index).copied().flatten()) else {
            continue;
        };
        let agrees = is_filled_pause(&draft.text) && fillers::held(acoustics, span).is_some();
        if sounds_like_filled_pause(&draft.text)
            && draft.filler_share >= NEARLY_WRITTEN
            && stands_alone(alignment, index)
            && let Some(held) = fillers::nearly_held(acoustics, span)
        {
            let (text, span) = ("uh".to_owned(), Some(span));
            placed.push(Word { text, span, probability: Some(held), source: WordSource::Acoustic });
            continue;
        }
        // an unlikely um in a sound that is not held is an invention of the prompt
        if is_filled_pause(&draft.text) && !agrees && draft.probability < DOUBTFUL_FILLER {
            continue;
        }
        placed.push(Word {
            text: draft.text.clone(),
            span: Some(span),
            probability: Some(draft.probability),
            source: if agrees { WordSource::Both } else { WordSource::Transcript },
        });
    }
    placed
}
