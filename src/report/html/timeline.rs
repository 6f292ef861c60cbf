//! The answer along its time: pace, speech and pauses, fillers, concepts, advice; told apart by shape as well as colour.
//!
//! Every lane is a drawing of its own whose horizontal positions are per cent of the recording, so that it fits any width
//! without distorting what is drawn. Colours come from the style sheet by class.

use maud::{Markup, html as markup};

use crate::evidence::Span;
use crate::feedback::{Feedback, Filler, FillerEvidence, FillerKind, PaceWindow, PausePosition};
use crate::report::format::{clock, measured};
use crate::report::{clean, flow, texts};

/// Marks of the axis are this far apart, in seconds: the first that gives no more than [`MOST_MARKS`].
const STEPS_S: [f64; 10] = [5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];

/// More labels than this touch each other on a telephone.
const MOST_MARKS: f64 = 6.0;

/// Height of the row of one kind of filler, in pixels.
const ROW_PX: usize = 18;

/// Height of the bars of pace, in pixels.
const PACE_PX: f64 = 44.0;

/// The fastest pace that fits into the lane, in words a minute; faster windows are cut off, and their title says how fast.
const PACE_TOP_WPM: f64 = 220.0;

/// Conversation, in words a minute (see [`texts::SPEECH_RATE`]): the lines across the bars.
const TALK_WPM: [f64; 2] = [130.0, 160.0];

/// From moments to per cent of the width.
#[derive(Clone, Copy)]
struct Scale {
    length_s: f64,
}

impl Scale {
    fn x(self, at_s: f64) -> String {
        format!("{:.3}%", (at_s / self.length_s * 100.0).clamp(0.0, 100.0))
    }

    fn width(self, span: Span) -> String {
        let (start, end) = (span.start_s.clamp(0.0, self.length_s), span.end_s.clamp(0.0, self.length_s));
        format!("{:.3}%", (end - start) / self.length_s * 100.0)
    }

    fn holds(self, at_s: f64) -> bool {
        (0.0..=self.length_s).contains(&at_s)
    }
}

/// The time line, or nothing when the answer has no times.
pub(super) fn section(feedback: &Feedback) -> Markup {
    let speech = flow::speech(feedback);
    let last = speech.last().map_or(0.0, |span| span.end_s);
    let length_s = feedback.recording.as_ref().map_or(last, |recording| recording.duration_s);
    let length_s = if length_s.is_finite() { length_s } else { last };
    if speech.is_empty() || length_s <= 0.0 || !length_s.is_finite() {
        return markup! {};
    }
    let scale = Scale { length_s };
    markup! {
        section aria-labelledby="timeline" {
            h2 id="timeline" { "Time line" }
            div.lanes {
                @if !feedback.timing.pace.is_empty() {
                    span.lane-name { "Pace" }
                    (pace(scale, &feedback.timing.pace))
                }
                span.lane-name { "Speech" }
                (speech_lane(scale, &speech, feedback))
                @if timed_fillers(feedback).next().is_some() {
                    span.lane-name { "Fillers" }
                    (filler_lane(scale, feedback))
                }
                @if quotes(feedback).next().is_some() {
                    span.lane-name { "Concepts" }
                    (concept_lane(scale, feedback))
                }
                @if feedback.advice.iter().any(|advice| advice.at_s.is_some()) {
                    span.lane-name { "Advice" }
                    (advice_lane(scale, feedback))
                }
                span.lane-name {}
                (axis(scale))
            }
            (legend(feedback))
        }
    }
}

fn lane(height: usize, label: &str, content: &Markup) -> Markup {
    markup! { svg role="img" aria-label=(label) width="100%" height=(height) { (content) } }
}

fn pace(scale: Scale, windows: &[PaceWindow]) -> Markup {
    let height = |wpm: f64| (wpm / PACE_TOP_WPM).clamp(0.0, 1.0) * PACE_PX;
    let windows = windows.iter().filter(|window| window.wpm.is_finite() && scale.holds(window.start_s));
    let content = markup! {
        @for window in windows {
            @let tall = height(window.wpm);
            @let span = Span::new(window.start_s, window.end_s);
            rect.pace x=(scale.x(window.start_s)) width=(scale.width(span)) y=(format!("{:.1}", PACE_PX - tall))
                height=(format!("{tall:.1}")) {
                title {
                    (clock(window.start_s)) " to " (clock(window.end_s)) ": "
                    (measured(Some(window.wpm), 0, "words a minute").unwrap_or_default())
                }
            }
        }
        @for wpm in TALK_WPM {
            @let y = format!("{:.1}", PACE_PX - height(wpm));
            line.band x1="0" x2="100%" y1=(y) y2=(y) { title { (wpm) " words a minute" } }
        }
    };
    lane(PACE_PX as usize, "Words a minute over the answer; the lines are conversation, 130 to 160", &content)
}

fn speech_lane(scale: Scale, speech: &[Span], feedback: &Feedback) -> Markup {
    let content = markup! {
        @for span in speech {
            rect.speech x=(scale.x(span.start_s)) width=(scale.width(*span)) y="3" height="18" rx="2" {
                title { "speech " (clock(span.start_s)) " to " (clock(span.end_s)) }
            }
        }
        @for pause in &feedback.timing.pauses {
            @let span = Span::new(pause.start_s, pause.end_s);
            @let (class, y, height) = match pause.position {
                PausePosition::Boundary => ("pause-line", "11", "2"),
                PausePosition::WithinClause => ("pause-box", "4", "16"),
            };
            @if scale.holds(pause.start_s) {
                rect class=(class) x=(scale.x(pause.start_s)) width=(scale.width(span)) y=(y) height=(height) {
                    title {
                        "silent pause " (texts::pause_position(pause.position)) ", "
                        (measured(Some(span.duration_s()), 1, "s").unwrap_or_default()) " at " (clock(pause.start_s))
                    }
                }
            }
        }
    };
    lane(24, "Speech as bars, pauses between clauses as thin lines, pauses inside a clause as outlined boxes", &content)
}

fn timed_fillers(feedback: &Feedback) -> impl Iterator<Item = (f64, &Filler)> {
    feedback.fillers.items.iter().filter_map(|item| Some((item.start_s?, item)))
}

fn kinds(feedback: &Feedback) -> Vec<FillerKind> {
    let there = |kind: &FillerKind| timed_fillers(feedback).any(|(_, item)| item.kind == *kind);
    texts::FILLER_KINDS.into_iter().filter(there).collect()
}

fn filler_lane(scale: Scale, feedback: &Feedback) -> Markup {
    let kinds = kinds(feedback);
    let content = markup! {
        @for (row, kind) in kinds.iter().enumerate() {
            line.rule x1="0" x2="100%" y1=(row * ROW_PX + ROW_PX / 2) y2=(row * ROW_PX + ROW_PX / 2) {}
            @for (start, item) in timed_fillers(feedback).filter(|(start, item)| item.kind == *kind && scale.holds(*start)) {
                @let probable = item.evidence == FillerEvidence::Acoustic;
                svg x=(scale.x(start)) y=(row * ROW_PX + ROW_PX / 2) overflow="visible" {
                    (shape(*kind, probable, &format!(
                        "{}{}: {} at {}",
                        if probable { "probable " } else { "" },
                        texts::one_filler(*kind),
                        clean(&item.text),
                        clock(start)
                    )))
                }
            }
        }
    };
    lane(kinds.len() * ROW_PX, "Fillers, one row and one shape for each kind", &content)
}

/// Outline of each kind around the origin; what is only probable is hollow.
fn shape(kind: FillerKind, probable: bool, title: &str) -> Markup {
    let path = match kind {
        FillerKind::FilledPause => "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0z",
        FillerKind::Lexical => "M0,-6L5.5,4.5L-5.5,4.5z",
        FillerKind::Repetition => "M-6,-4h4.5v8h-4.5zM1.5,-4h4.5v8h-4.5z",
        FillerKind::Restart => "M0,-6L6,0L0,6L-6,0z",
        FillerKind::Hedge => "M-6,2.5q3,-7 6,-2.5t6,-2.5v3q-3,7 -6,2.5t-6,2.5z",
    };
    let class = if probable { "glyph probable" } else { "glyph" };
    markup! { path class=(class) d=(path) { title { (title) } } }
}

/// The shape of a kind on its own, for legends and tables.
pub(super) fn glyph(kind: FillerKind, probable: bool) -> Markup {
    let title = texts::one_filler(kind);
    markup! { svg.key aria-hidden="true" width="16" height="16" viewBox="-8 -8 16 16" { (shape(kind, probable, title)) } }
}

fn quotes(feedback: &Feedback) -> impl Iterator<Item = (usize, f64, &str)> {
    let concepts = feedback.coverage.iter().flat_map(|coverage| coverage.concepts.iter().enumerate());
    concepts.filter_map(|(index, concept)| {
        let start = concept.evidence.iter().find_map(|quote| quote.start_s.filter(|start| start.is_finite()))?;
        Some((index, start, concept.label.as_str()))
    })
}

fn concept_lane(scale: Scale, feedback: &Feedback) -> Markup {
    let content = markup! {
        @for (index, start, label) in quotes(feedback) {
            @let status = feedback.coverage.as_ref().and_then(|coverage| coverage.concepts.get(index)).map(|c| c.status);
            @if let Some(status) = status {
                text class=(format!("flag-{}", texts::status_word(status))) x=(scale.x(start)) y="15" text-anchor="middle" {
                    (texts::status_mark(status))
                    title { (texts::status_word(status)) ": " (clean(label)) " at " (clock(start)) }
                }
            }
        }
    };
    lane(20, "Where concepts were said: a tick for covered, a tilde for partly", &content)
}

fn advice_lane(scale: Scale, feedback: &Feedback) -> Markup {
    let pins = feedback.advice.iter().enumerate().filter_map(|(index, advice)| {
        Some((index + 1, advice.at_s.filter(|at| scale.holds(*at))?, advice.message.as_str()))
    });
    let content = markup! {
        @for (number, at, message) in pins {
            svg x=(scale.x(at)) y="12" overflow="visible" {
                circle.pin r="8.5" { title { (clean(message)) } }
                text.pin-number y="4" text-anchor="middle" { (number) }
            }
        }
    };
    lane(24, "The moments of the advice, by number", &content)
}

fn axis(scale: Scale) -> Markup {
    let step = STEPS_S.into_iter().find(|step| scale.length_s / step <= MOST_MARKS).unwrap_or(scale.length_s);
    let count = (scale.length_s / step).floor().min(MOST_MARKS) as u32;
    let content = markup! {
        @for mark in 0..=count {
            @let at = f64::from(mark) * step;
            // labels at the edges stay inside
            @let anchor = if mark == 0 { "start" } else if at / scale.length_s > 0.95 { "end" } else { "middle" };
            line.tick x1=(scale.x(at)) x2=(scale.x(at)) y1="0" y2="5" {}
            text.label x=(scale.x(at)) y="17" text-anchor=(anchor) { (clock(at)) }
        }
    };
    lane(20, "Minutes and seconds", &content)
}

fn legend(feedback: &Feedback) -> Markup {
    let has = |position| feedback.timing.pauses.iter().any(|pause| pause.position == position);
    let probable = timed_fillers(feedback).find(|(_, item)| item.evidence == FillerEvidence::Acoustic);
    markup! {
        ul.legend {
            li { svg.key aria-hidden="true" width="18" height="16" { rect.speech x="1" y="2" width="16" height="12" rx="2" {} } " speech" }
            @if has(PausePosition::Boundary) {
                li { svg.key aria-hidden="true" width="18" height="16" { rect.pause-line x="1" y="7" width="16" height="2" {} } " pause between clauses" }
            }
            @if has(PausePosition::WithinClause) {
                li { svg.key aria-hidden="true" width="18" height="16" { rect.pause-box x="1.5" y="2.5" width="15" height="11" {} } " pause inside a clause" }
            }
            @for kind in kinds(feedback) { li { (glyph(kind, false)) " " (texts::one_filler(kind)) } }
            @if let Some((_, item)) = probable { li { (glyph(item.kind, true)) " hollow: probable" } }
            @if !feedback.timing.pace.is_empty() {
                li { svg.key aria-hidden="true" width="18" height="16" { line.band x1="0" x2="18" y1="5" y2="5" {} line.band x1="0" x2="18" y1="11" y2="11" {} } " pace of conversation, 130 to 160 words a minute" }
            }
        }
    }
}
