//! Tempo over the answer, and stretches that are rushed.

use super::fixed;
use super::tokens::Token;
use crate::evidence::Span;
use crate::feedback::PaceWindow;

/// Length of a window in seconds. At 150 words a minute it holds 25 words, so that one word more or less moves the figure
/// by 6 wpm; in 5 s it would be 12.
const WINDOW_S: f64 = 10.0;
/// From one window to the next, in seconds: half a window, so that no change falls between two.
const STEP_S: f64 = 5.0;
/// Rest at the end, in seconds, that is worth a window of its own, drawn back to full length.
const REST_S: f64 = 1.0;
/// Words a minute above which a window is rushed: well beyond conversational 130 to 160.
const RUSHED_WPM: f64 = 190.0;
/// How many windows in a row must be rushed: what lasts, not one quick sentence.
const RUSHED_WINDOWS: usize = 2;

/// Words a minute in windows of 10 s, one every 5 s; a word belongs to the window that holds its middle. Empty for an
/// answer that is shorter than one window.
pub(super) fn windows(content: &[Token], answer: Span) -> Vec<PaceWindow> {
    let middles: Vec<f64> =
        content.iter().filter_map(|token| token.span).map(|span| f64::midpoint(span.start_s, span.end_s)).collect();
    let window = |start_s: f64| {
        let end_s = start_s + WINDOW_S;
        let words = middles.iter().filter(|middle| (start_s..end_s).contains(*middle)).count();
        Some(PaceWindow {
            start_s: fixed(start_s, 3)?,
            end_s: fixed(end_s, 3)?,
            wpm: fixed(words as f64 * 60.0 / WINDOW_S, 1)?,
        })
    };
    let steps = ((answer.duration_s() - WINDOW_S) / STEP_S).floor();
    if steps.is_nan() || steps < 0.0 {
        return Vec::new();
    }
    let mut windows: Vec<PaceWindow> =
        (0..=steps as usize).filter_map(|step| window(answer.start_s + step as f64 * STEP_S)).collect();
    if windows.last().is_some_and(|last| answer.end_s - last.end_s >= REST_S) {
        windows.extend(window(answer.end_s - WINDOW_S));
    }
    windows
}

/// Stretches of at least two neighbouring windows that are all rushed, with their mean tempo.
pub(super) fn rushed(windows: &[PaceWindow]) -> Vec<PaceWindow> {
    windows
        .chunk_by(|a, b| (a.wpm > RUSHED_WPM) == (b.wpm > RUSHED_WPM))
        .filter(|run| run.len() >= RUSHED_WINDOWS && run[0].wpm > RUSHED_WPM)
        .filter_map(|run| {
            let wpm = fixed(run.iter().map(|window| window.wpm).sum::<f64>() / run.len() as f64, 1)?;
            Some(PaceWindow { start_s: run[0].start_s, end_s: run[run.len() - 1].end_s, wpm })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tokens::{Tokens, tests::timed};
    use super::*;

    /// An answer of so many words, each taking as long.
    fn answer(words: usize, each_s: f64) -> (Vec<Token>, Span) {
        let evidence = timed(&"word ".repeat(words), 1.0, each_s, &[]);
        (Tokens::new(&evidence, &[]).content, Span::new(1.0, 1.0 + words as f64 * each_s))
    }

    #[test]
    fn a_steady_speaker_has_a_steady_pace() {
        let (content, span) = answer(75, 0.4);
        let windows = windows(&content, span);
        assert_eq!(windows.len(), 5);
        assert!(windows.iter().all(|window| (window.wpm - 150.0).abs() <= 6.0), "{windows:?}");
        assert!(rushed(&windows).is_empty());
    }

    #[test]
    fn the_rest_is_not_lost() {
        let (content, span) = answer(33, 0.4);
        let windows = windows(&content, span);
        assert_eq!(windows.iter().map(|window| window.end_s).collect::<Vec<_>>(), [11.0, 14.2]);
    }

    #[test]
    fn a_short_answer_has_no_windows() {
        let (content, span) = answer(20, 0.4);
        assert!(windows(&content, span).is_empty());
    }

    #[test]
    fn only_what_lasts_is_rushed() {
        let at = |start_s: f64, wpm| PaceWindow { start_s, end_s: start_s + 10.0, wpm };
        let windows = [at(0.0, 200.0), at(5.0, 150.0), at(10.0, 210.0), at(15.0, 200.0), at(20.0, 160.0)];
        assert_eq!(rushed(&windows), [PaceWindow { start_s: 10.0, end_s: 25.0, wpm: 205.0 }]);
    }
}
