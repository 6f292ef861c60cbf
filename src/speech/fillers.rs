//! Held sounds: places in the waveform that could be filled pauses.

use crate::evidence::Span;
use crate::speech::acoustics::{Acoustics, FRAME_S, Steadiness};

/// Movement of the spectrum below which a sound is held, in dB within 40 ms. Of the filled
/// pauses labelled in eight recordings (README, “Accuracy”) 90 % lie below it, and of their words 90 % above.
const HELD_FLUX_DB: f32 = 3.4;
/// Movement of a frame that may still belong to a held sound, in dB: edges move more than the middle.
const EDGE_FLUX_DB: f32 = 4.2;
/// Pitch of a held sound varies less than this, as a standard deviation in semitones (labelled ones: 90 % below 0.9).
const HELD_PITCH_SEMITONES: f32 = 1.3;
/// Least voiced share of a held sound, 0 to 1.
const HELD_VOICED: f32 = 0.6;
/// Shortest and longest filled pause, in seconds (Goto et al. 1999 ask for 0.2 s; labelled ones begin at 0.15 s).
const LENGTH_S: (f64, f64) = (0.12, 1.6);

/// A held sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Where, in seconds from the start of the recording.
    pub span: Span,
    /// How steady, from 0 (barely) to 1 (a drone).
    pub held: f64,
}

/// Finds held sounds in the active stretches of a recording.
pub fn candidates(acoustics: &Acoustics, activity: &[Span]) -> Vec<Candidate> {
    activity.iter().flat_map(|active| in_stretch(acoustics, *active)).collect()
}

/// How steady a span is, from 0 (barely held) to 1 (a drone); `None` when it is no held sound.
pub fn held(acoustics: &Acoustics, span: Span) -> Option<f64> {
    acoustics.steadiness(span).and_then(|steadiness| rate(&steadiness))
}

/// How steady a span is, from 0 to 1, with leave for a pitch that falls and edges that move: enough where other witnesses
/// speak for a filled pause. `None` when the sound is not voiced or moves like a word.
pub fn nearly_held(acoustics: &Acoustics, span: Span) -> Option<f64> {
    let steadiness = acoustics.steadiness(span)?;
    let calm = steadiness.voiced >= HELD_VOICED && steadiness.flux_db <= EDGE_FLUX_DB;
    calm.then(|| rate(&steadiness).unwrap_or(0.5))
}

fn rate(steadiness: &Steadiness) -> Option<f64> {
    let pitch = steadiness.pitch_sd_semitones?;
    let is_held =
        steadiness.voiced >= HELD_VOICED && pitch <= HELD_PITCH_SEMITONES && steadiness.flux_db <= HELD_FLUX_DB;
    let margin =
        (HELD_FLUX_DB - steadiness.flux_db) / HELD_FLUX_DB + (HELD_PITCH_SEMITONES - pitch) / HELD_PITCH_SEMITONES;
    is_held.then(|| f64::from((0.4 + margin * 0.6).clamp(0.0, 1.0)))
}

fn in_stretch(acoustics: &Acoustics, active: Span) -> Vec<Candidate> {
    let first = (active.start_s / FRAME_S).round() as usize;
    let past = (active.end_s / FRAME_S).round() as usize;
    let mut found = Vec::new();
    let mut start = None;
    for frame in first..=past {
        let calm = frame < past && acoustics.is_calm(frame, EDGE_FLUX_DB);
        match (calm, start) {
            (true, None) => start = Some(frame),
            (false, Some(begin)) => {
                found.extend(candidate(acoustics, active, begin, frame));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// A run of calm frames as a candidate, grown to the edge of the speech where that is near.
fn candidate(acoustics: &Acoustics, active: Span, begin: usize, past: usize) -> Option<Candidate> {
    /// The spectrum looks 40 ms around each frame: edges of held sounds seem to move for that long.
    const EDGE_S: f64 = 0.06;
    let core = Span::new(begin as f64 * FRAME_S, past as f64 * FRAME_S);
    let held = held(acoustics, core)?;
    let start_s = if core.start_s - active.start_s < EDGE_S { active.start_s } else { core.start_s - FRAME_S };
    let end_s = if active.end_s - core.end_s < EDGE_S { active.end_s } else { core.end_s + FRAME_S };
    let span = Span::new(start_s, end_s);
    (LENGTH_S.0..=LENGTH_S.1).contains(&span.duration_s()).then_some(Candidate { span, held })
}
