//! Packs speech into windows that a recogniser can take at once, cut where nobody speaks.
//!
//! Whisper needs context (short pieces lose words) and invents text in silence. So windows are long, they begin and
//! end at real silences, and silences inside them are shortened. Times are mapped back to the recording afterwards.

use crate::evidence::Span;
use crate::speech::voice::SAMPLE_RATE_HZ;

/// Longest window in seconds. Whisper takes 30; what is left is room for rounding.
const LONGEST_S: f64 = 25.0;
/// Silence kept before and after each stretch of speech, in seconds: soft consonants lie below any threshold.
const MARGIN_S: f64 = 0.2;
/// A silence of this length ends a window that is at least half full, in seconds.
const WELCOME_CUT_S: f64 = 1.0;

/// A stretch of samples for one pass of the recogniser, and where each part of it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The samples, mono, 16 kHz.
    pub samples: Vec<f32>,
    /// For each part: start in the window in seconds, and its span in the recording.
    parts: Vec<(f64, Span)>,
}

impl Window {
    /// Length in seconds.
    pub fn duration_s(&self) -> f64 {
        self.samples.len() as f64 / SAMPLE_RATE_HZ as f64
    }

    /// The moment in the recording that lies `at_s` seconds into this window; both in seconds.
    pub fn to_recording_s(&self, at_s: f64) -> f64 {
        let part = self.parts.iter().rev().find(|(start_s, _)| *start_s <= at_s).or(self.parts.first());
        part.map_or(at_s, |(start_s, span)| (span.start_s + at_s - start_s).clamp(span.start_s, span.end_s))
    }

    /// The span in the recording from this window's first to its last sample.
    pub fn span(&self) -> Span {
        let start_s = self.parts.first().map_or(0.0, |(_, span)| span.start_s);
        Span::new(start_s, self.parts.last().map_or(start_s, |(_, span)| span.end_s))
    }

    fn gather(samples: &[f32], spans: &[Span]) -> Self {
        let mut window = Self { samples: Vec::new(), parts: Vec::new() };
        for span in spans {
            let first = ((span.start_s * SAMPLE_RATE_HZ as f64) as usize).min(samples.len());
            let past = ((span.end_s * SAMPLE_RATE_HZ as f64).round() as usize).clamp(first, samples.len());
            window.parts.push((window.duration_s(), *span));
            window.samples.extend_from_slice(&samples[first..past]);
        }
        window
    }
}

/// Packs the active stretches of `samples` into windows of at most 25 s, each cut at the longest silence that is near.
pub fn pack(samples: &[f32], activity: &[Span]) -> Vec<Window> {
    let duration_s = samples.len() as f64 / SAMPLE_RATE_HZ as f64;
    let stretches = widen(activity, duration_s);
    let mut windows = Vec::new();
    let mut first = 0;
    while first < stretches.len() {
        let mut length_s = 0.0;
        let mut past = first;
        while past < stretches.len() && (past == first || length_s + stretches[past].duration_s() <= LONGEST_S) {
            length_s += stretches[past].duration_s();
            past += 1;
        }
        let cut = if past < stretches.len() { best_cut(&stretches, first, past) } else { past };
        windows.push(Window::gather(samples, &stretches[first..cut]));
        first = cut;
    }
    windows
}

/// Activity widened by the margin, joined where the margins meet, and split where it is longer than a window.
fn widen(activity: &[Span], duration_s: f64) -> Vec<Span> {
    let mut stretches: Vec<Span> = Vec::new();
    for span in activity {
        let wide = Span::new((span.start_s - MARGIN_S).max(0.0), (span.end_s + MARGIN_S).min(duration_s));
        match stretches.last_mut() {
            // margins that overlap meet in the middle of the silence, so that every sample is taken once
            Some(last) if wide.start_s <= last.end_s => {
                let middle_s = f64::midpoint(wide.start_s, last.end_s);
                last.end_s = middle_s;
                stretches.push(Span::new(middle_s, wide.end_s.max(middle_s)));
            }
            _ => stretches.push(wide),
        }
    }
    stretches.into_iter().flat_map(split_long).collect()
}

/// A stretch without any silence that is longer than a window is cut into equal parts.
fn split_long(span: Span) -> Vec<Span> {
    let parts = (span.duration_s() / LONGEST_S).ceil().max(1.0);
    let step_s = span.duration_s() / parts;
    (0..parts as usize)
        .map(|part| Span::new(span.start_s + part as f64 * step_s, span.start_s + (part + 1) as f64 * step_s))
        .collect()
}

/// Index of the stretch before which to cut: the longest silence in the second half of what fits.
fn best_cut(stretches: &[Span], first: usize, past: usize) -> usize {
    let mut length_s = 0.0;
    let mut best = (past, 0.0);
    for index in first + 1..=past {
        length_s += stretches[index - 1].duration_s();
        let silence_s = stretches[index].start_s - stretches[index - 1].end_s;
        // margins meet inside short silences, so that these have length 0: among equals the later one is better
        let rank = silence_s.min(WELCOME_CUT_S);
        if length_s >= LONGEST_S / 2.0 && rank >= best.1 {
            best = (index, rank);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_at_the_longest_silence_of_the_second_half() {
        let samples = vec![0.1; 40 * SAMPLE_RATE_HZ];
        let activity = [Span::new(0.5, 8.0), Span::new(8.5, 16.0), Span::new(18.0, 24.0), Span::new(24.5, 39.0)];
        let windows = pack(&samples, &activity);
        assert_eq!(windows.len(), 2);
        assert!((windows[0].span().end_s - 16.2).abs() < 1e-9);
        assert!((windows[1].span().start_s - 17.8).abs() < 1e-9);
    }

    #[test]
    fn maps_times_back_over_a_shortened_silence() {
        let samples = vec![0.1; 20 * SAMPLE_RATE_HZ];
        let windows = pack(&samples, &[Span::new(1.0, 2.0), Span::new(10.0, 12.0)]);
        assert_eq!(windows.len(), 1);
        let window = &windows[0];
        assert!((window.duration_s() - 3.8).abs() < 1e-3);
        assert!((window.to_recording_s(0.2) - 1.0).abs() < 1e-3);
        assert!((window.to_recording_s(1.6) - 10.0).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn windows_are_short_enough_and_in_order(lengths in prop::collection::vec((0.05f64..30.0, 0.1f64..4.0), 1..12)) {
            let mut at_s = 0.0;
            let mut activity = Vec::new();
            for (speech_s, silence_s) in lengths {
                activity.push(Span::new(at_s, at_s + speech_s));
                at_s += speech_s + silence_s;
            }
            let samples = vec![0.0; (at_s * SAMPLE_RATE_HZ as f64) as usize];
            let windows = pack(&samples, &activity);
            let mut last_s = 0.0;
            for window in &windows {
                prop_assert!(window.duration_s() <= LONGEST_S + 1.0);
                prop_assert!(window.span().start_s >= last_s - 1e-6);
                last_s = window.span().end_s;
            }
            // every active moment is inside some window
            for span in &activity {
                let middle_s = f64::midpoint(span.start_s, span.end_s);
                prop_assert!(windows.iter().any(|window| window.span().start_s <= middle_s && middle_s <= window.span().end_s));
            }
        }
    }
}
