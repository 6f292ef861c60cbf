//! How the answer sounds: pitch, loudness, sentences that fade out, stretches that are rushed.

use super::tokens::{Break, Tokens};
use super::{fixed, pace, timing};
use crate::evidence::{Evidence, Prosody, Span};
use crate::feedback::{Delivery, PaceWindow};

/// Least time with a measured pitch, in seconds, for a figure about it.
const LEAST_VOICED_S: f64 = 1.0;
/// Furthest distance from the median pitch, in semitones, that is believed. Tracking errors lie an octave (12) away; even
/// lively speech seldom leaves three quarters of one.
const OCTAVE_GUARD_ST: f64 = 9.0;
/// Levels below this, in dB below full scale, are digital silence inside a stretch of speech and no loudness.
const SILENT_DBFS: f32 = -90.0;
/// The end of a sentence whose level is compared with the whole, in seconds.
const TAIL_S: f64 = 0.5;
/// Shortest sentence that can trail off, in seconds.
const SHORTEST_SENTENCE_S: f64 = 2.0;
/// How far the tail must lie below the sentence's median, in dB. Final lowering alone makes 3 to 6 dB; twice that is heard
/// as mumbling the end.
const TRAILING_OFF_DB: f64 = 11.0;

/// Measures the delivery; `None` without a waveform. `pace` are the windows of [`pace::windows`].
pub(super) fn delivery(evidence: &Evidence, tokens: &Tokens, pace: &[PaceWindow]) -> Option<Delivery> {
    let speech = timing::speech(evidence)?;
    let mut delivery = Delivery { rushing: pace::rushed(pace), ..Delivery::default() };
    delivery.loudness_dbfs =
        evidence.levels.as_ref().and_then(|levels| levels.speech_dbfs).and_then(|level| fixed(level, 1));
    let Some(prosody) = evidence.prosody.as_ref().filter(|prosody| prosody.frame_s > 0.0) else {
        return Some(delivery);
    };
    let pitches: Vec<f64> = frames(prosody, &speech, &prosody.f0_hz)
        .filter_map(|f0_hz| f0_hz.filter(|f0_hz| f0_hz.is_finite() && *f0_hz > 0.0))
        .map(f64::from)
        .collect();
    if let Some(median_hz) = median(&pitches).filter(|_| pitches.len() as f64 * prosody.frame_s >= LEAST_VOICED_S) {
        let semitones: Vec<f64> = pitches
            .iter()
            .map(|f0_hz| 12.0 * (f0_hz / median_hz).log2())
            .filter(|semitones| semitones.abs() <= OCTAVE_GUARD_ST)
            .collect();
        delivery.pitch_median_hz = fixed(median_hz, 1);
        delivery.pitch_sd_semitones = deviation(&semitones).and_then(|deviation| fixed(deviation, 2));
    }
    let levels = loud(prosody, &speech);
    delivery.loudness_sd_db = deviation(&levels).and_then(|deviation| fixed(deviation, 1));
    delivery.trailing_off = trailing_off(prosody, &speech, tokens);
    Some(delivery)
}

/// The values of the frames whose middle lies in one of the spans.
fn frames<'a, T: Copy>(prosody: &'a Prosody, spans: &'a [Span], values: &'a [T]) -> impl Iterator<Item = T> + 'a {
    spans.iter().flat_map(move |span| {
        let index = |at_s: f64| ((at_s / prosody.frame_s - 0.5).ceil().max(0.0) as usize).min(values.len());
        values[index(span.start_s)..index(span.end_s).max(index(span.start_s))].iter().copied()
    })
}

fn loud(prosody: &Prosody, spans: &[Span]) -> Vec<f64> {
    frames(prosody, spans, &prosody.level_dbfs)
        .filter(|level| *level > SILENT_DBFS && level.is_finite())
        .map(f64::from)
        .collect()
}

/// How many sentences end far below their own median level; `None` when no sentence could be measured.
fn trailing_off(prosody: &Prosody, speech: &[Span], tokens: &Tokens) -> Option<u32> {
    let mut measured = false;
    let mut faded = 0;
    for sentence in tokens.content.chunk_by(|token, _| token.after < Break::Stop) {
        let (Some(first), Some(last)) =
            (sentence.first().and_then(|token| token.span), sentence.last().and_then(|token| token.span))
        else {
            continue;
        };
        let spoken: Vec<Span> =
            speech.iter().filter_map(|span| common(*span, Span::new(first.start_s, last.end_s))).collect();
        let Some(end_s) = spoken.last().map(|span| span.end_s) else { continue };
        if spoken.iter().map(|span| span.duration_s()).sum::<f64>() < SHORTEST_SENTENCE_S {
            continue;
        }
        let tail: Vec<Span> =
            spoken.iter().filter_map(|span| common(*span, Span::new(end_s - TAIL_S, end_s))).collect();
        if let (Some(whole), Some(tail)) = (median(&loud(prosody, &spoken)), median(&loud(prosody, &tail))) {
            measured = true;
            faded += u32::from(whole - tail > TRAILING_OFF_DB);
        }
    }
    measured.then_some(faded)
}

/// What two spans share, if anything.
fn common(a: Span, b: Span) -> Option<Span> {
    (a.overlap_s(b) > 0.0).then(|| Span::new(a.start_s.max(b.start_s), a.end_s.min(b.end_s)))
}

/// The middle value; the mean of the two middle ones when their number is even.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        len if len % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// Standard deviation of a sample; `None` for fewer than two values.
fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tests::timed;
    use super::*;

    /// Four seconds of speech between one and five seconds, in frames of 10 ms, from functions of the frame.
    fn sounding(f0_hz: impl Fn(usize) -> Option<f32>, level_dbfs: impl Fn(usize) -> f32) -> Evidence {
        let mut evidence = timed("We moved the whole thing over there.", 1.0, 4.0 / 7.0, &[]);
        evidence.activity = Some(vec![Span::new(1.0, 5.0)]);
        evidence.prosody = Some(Prosody {
            frame_s: 0.01,
            f0_hz: (0..600).map(&f0_hz).collect(),
            level_dbfs: (0..600).map(&level_dbfs).collect(),
        });
        evidence
    }

    fn measured(evidence: &Evidence) -> Delivery {
        delivery(evidence, &Tokens::new(evidence, &[]), &[]).unwrap()
    }

    #[test]
    fn needs_a_waveform() {
        let evidence = timed("We moved.", 0.0, 0.5, &[]);
        assert_eq!(delivery(&evidence, &Tokens::new(&evidence, &[]), &[]), None);
    }

    #[test]
    fn measures_pitch_in_semitones_around_the_median() {
        // half the frames a semitone up, half a semitone down: deviation 1
        let evidence =
            sounding(|frame| Some(120.0 * 2f32.powf(if frame % 2 == 0 { 1.0 } else { -1.0 } / 12.0)), |_| -20.0);
        let delivery = measured(&evidence);
        assert!((delivery.pitch_median_hz.unwrap() - 120.2).abs() < 0.2, "{delivery:?}");
        assert!((delivery.pitch_sd_semitones.unwrap() - 1.0).abs() < 0.02, "{delivery:?}");
    }

    #[test]
    fn octave_jumps_are_no_variation() {
        let evidence = sounding(|frame| Some(if frame % 10 == 0 { 240.0 } else { 120.0 }), |_| -20.0);
        assert_eq!(measured(&evidence).pitch_sd_semitones, Some(0.0));
    }

    #[test]
    fn a_whisper_has_no_pitch() {
        let delivery = measured(&sounding(|_| None, |_| -40.0));
        assert_eq!((delivery.pitch_median_hz, delivery.pitch_sd_semitones), (None, None));
    }

    #[test]
    fn only_frames_with_speech_are_loud() {
        let evidence = sounding(|_| None, |frame| if (100..500).contains(&frame) { -20.0 } else { -70.0 });
        assert_eq!(measured(&evidence).loudness_sd_db, Some(0.0));
    }

    #[test]
    fn hears_a_sentence_that_fades() {
        let fading = sounding(|_| None, |frame| if frame < 440 { -20.0 } else { -35.0 });
        let lowered = sounding(|_| None, |frame| if frame < 440 { -20.0 } else { -26.0 });
        assert_eq!(measured(&fading).trailing_off, Some(1));
        assert_eq!(measured(&lowered).trailing_off, Some(0));
    }
}
