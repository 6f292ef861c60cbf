//! The figures of a report in their order, each with its text: what terminal and page share.

use super::clean;
use super::format::{counted, length, measured, percent};
use super::texts::{self, Measure};
use crate::feedback::{Delivery, Feedback, Filler, FillerKind, PausePosition, Quality, Timing};

/// One figure as it is shown; `value` is `None` when it was not measured.
pub(super) struct Figure {
    pub(super) measure: Measure,
    pub(super) value: Option<String>,
}

fn figure(measure: Measure, value: Option<String>) -> Figure {
    Figure { measure, value }
}

/// Whether anything was measured that takes a clock.
pub(super) fn timed(timing: &Timing) -> bool {
    timing.answer_s.is_some() || timing.speech_rate_wpm.is_some() || timing.speaking_s.is_some()
}

/// The figures of time.
pub(super) fn timing(timing: &Timing) -> Vec<Figure> {
    let count = |value: Option<u32>| value.map(|value| value.to_string());
    vec![
        figure(texts::ANSWER, timing.answer_s.filter(|s| s.is_finite()).map(length)),
        figure(texts::LATENCY, measured(timing.response_latency_s, 1, "s")),
        figure(texts::CONTENT_LATENCY, measured(timing.content_latency_s, 1, "s")),
        figure(texts::SPEAKING, measured(timing.speaking_s, 1, "s")),
        figure(texts::WORDS, count(timing.words)),
        figure(texts::SYLLABLES, count(timing.syllables)),
        figure(texts::SPEECH_RATE, measured(timing.speech_rate_wpm, 0, "words a minute")),
        figure(texts::ARTICULATION_RATE, measured(timing.articulation_rate_syl_per_s, 1, "syllables a second")),
        figure(texts::PHONATION, timing.phonation_time_ratio.filter(|ratio| ratio.is_finite()).map(percent)),
        figure(texts::RUN, measured(timing.mean_length_of_run_syl, 1, "syllables")),
        figure(texts::PAUSES, pauses(timing)),
        figure(texts::LONGEST_PAUSE, longest_pause(timing)),
    ]
}

fn pauses(timing: &Timing) -> Option<String> {
    if !timed(timing) && timing.pauses.is_empty() {
        return None;
    }
    let within = timing.pauses.iter().filter(|pause| pause.position == PausePosition::WithinClause).count();
    Some(match timing.pauses.len() {
        0 => "none".to_owned(),
        all => format!("{all}, {within} inside a clause"),
    })
}

fn longest_pause(timing: &Timing) -> Option<String> {
    measured(timing.longest_pause_s, 1, "s")
        .or_else(|| (timed(timing) && timing.pauses.is_empty()).then(|| "none".to_owned()))
}

/// The threshold in words, as it stands below the figures.
pub(super) fn threshold(timing: &Timing) -> Option<String> {
    measured(timing.pause_threshold_s, 2, "s").map(|s| format!("A silence counts as a pause from {s} on."))
}

/// The figures of the voice.
pub(super) fn delivery(delivery: &Delivery) -> Vec<Figure> {
    let trailing = delivery.trailing_off.map(|count| counted(u64::from(count), "sentence", "sentences"));
    vec![
        figure(texts::PITCH, measured(delivery.pitch_median_hz, 0, "Hz")),
        figure(texts::PITCH_SD, measured(delivery.pitch_sd_semitones, 1, "semitones")),
        figure(texts::LOUDNESS, measured(delivery.loudness_dbfs, 1, "dBFS")),
        figure(texts::LOUDNESS_SD, measured(delivery.loudness_sd_db, 1, "dB")),
        figure(texts::TRAILING_OFF, trailing),
    ]
}

/// The figures of the recording.
pub(super) fn recording(quality: &Quality) -> Vec<Figure> {
    let clipped = measured(quality.clipped_fraction.map(|fraction| fraction * 100.0), 2, "% of samples");
    vec![
        figure(texts::SNR, measured(quality.snr_db, 1, "dB")),
        figure(texts::PEAK, measured(quality.peak_dbfs, 1, "dBFS")),
        figure(texts::CLIPPED, clipped),
    ]
}

/// A filler's words as they are listed: without the punctuation of their sentence, and sounds in lower case.
pub(super) fn said(filler: &Filler) -> String {
    let text = clean(&filler.text);
    let text = text.trim_end_matches([',', '.', ';', ':']);
    if filler.kind == FillerKind::FilledPause { text.to_lowercase() } else { text.to_owned() }
}

/// File, length, format and model in one line each; empty for what is not there.
pub(super) fn origin(feedback: &Feedback) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    match &feedback.recording {
        Some(recording) => {
            rows.push(("Recording", recording.path.clone()));
            let channels = counted(u64::from(recording.channels), "channel", "channels");
            let rate = f64::from(recording.sample_rate_hz) / 1000.0;
            rows.push(("Length", format!("{}, {rate} kHz, {channels}", length(recording.duration_s))));
        }
        None => rows.push(("Recording", "none: a transcript was read".to_owned())),
    }
    if let Some(model) = &feedback.model {
        rows.push(("Model", format!("{}, run on this machine", model.name)));
    }
    rows
}
