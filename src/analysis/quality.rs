//! The gate before every figure: whether the signal allows a judgement, and what to do when it does not.

use crate::evidence::{Evidence, Levels, Remark, Span};
use crate::feedback::{Issue, Quality, Status};

/// Peak below which a recording is silence, in dBFS: a muted microphone. At 16 bits it leaves five of them.
pub const SILENCE_PEAK_DBFS: f64 = -60.0;

/// Speech that it takes to say anything, in seconds: a word or two.
pub const MIN_SPEECH_S: f64 = 1.0;

/// Speech below which figures are given with a reservation, in seconds. At five fillers a minute, ten seconds hold one.
pub const FEW_SPEECH_S: f64 = 10.0;

/// Share of clipped samples from which it is worth a word: one in a thousand is 16 samples of every second, a
/// crackle at each loud vowel. Below it, recognition and pitch do not suffer.
pub const CLIPPED_FRACTION: f64 = 0.001;

/// Level of speech below which it is too quiet, in dBFS. Speech is recorded between −35 and −15; at −50 a 16-bit
/// recording has come near the noise of a built-in microphone.
pub const QUIET_SPEECH_DBFS: f64 = -50.0;

/// Ratio of speech to noise below which it is noisy, in dB. Word errors of Whisper rise clearly under 10 dB (Radford et
/// al. 2022, figure 5), and weak syllables sink into the noise between them.
pub const NOISY_SNR_DB: f64 = 10.0;

/// Highest frequency of a telephone, in hertz: half of its 8 kHz.
pub const NARROW_BAND_HZ: f64 = 4_000.0;

/// Share of the recording that is speech below which most of it is silence.
pub const LITTLE_SPEECH_SHARE: f64 = 0.25;

/// Silence that is never called too much, in seconds: thinking before an answer is not a fault of the recording.
pub const FREE_SILENCE_S: f64 = 30.0;

/// Remarks that are about the signal, by their code: those of the reader, and what a document says of a signal that is not
/// there to be measured again.
const SIGNAL_REMARKS: [&str; 6] =
    ["interrupted", "damaged", "not_numbers", "out_of_phase", "beyond_full_scale", "narrow_band"];

/// Judges the signal of an answer. A plain transcript has no signal: its quality is `ok` with no figures.
pub fn quality(evidence: &Evidence) -> Quality {
    match (&evidence.levels, &evidence.recording) {
        (Some(levels), Some(recording)) => {
            let activity = evidence.activity.as_deref().unwrap_or_default();
            quality_of_signal(levels, recording.duration_s, activity, &evidence.remarks)
        }
        _ => Quality { status: Status::Ok, issues: Vec::new(), snr_db: None, peak_dbfs: None, clipped_fraction: None },
    }
}

/// Judges a signal by its levels, its length in seconds, where somebody speaks, and what was noticed when it was read.
///
/// The status is `unscorable` when there is silence, no speech or too little of it, and `warn` when there is any other
/// issue. Issues stand in order, the worst first.
pub fn quality_of_signal(levels: &Levels, duration_s: f64, activity: &[Span], remarks: &[Remark]) -> Quality {
    let speech_s: f64 = activity.iter().map(|span| span.duration_s()).sum();
    let fatal = no_answer(levels, speech_s);
    let status = fatal.is_some();
    let mut issues: Vec<Issue> = fatal.into_iter().collect();
    if !status {
        issues.extend(faults(levels, duration_s, speech_s));
    }
    let about_signal = remarks.iter().filter(|remark| SIGNAL_REMARKS.contains(&remark.code.as_str()));
    issues.extend(about_signal.map(|remark| issue(&remark.code, remark.message.clone())));
    let status = match (status, issues.is_empty()) {
        (true, _) => Status::Unscorable,
        (false, false) => Status::Warn,
        (false, true) => Status::Ok,
    };
    Quality {
        status,
        issues,
        snr_db: levels.snr_db,
        peak_dbfs: levels.peak_dbfs,
        clipped_fraction: Some(levels.clipped_fraction),
    }
}

fn issue(code: &str, message: String) -> Issue {
    Issue { code: code.into(), message }
}

/// Why there is no answer to judge.
fn no_answer(levels: &Levels, speech_s: f64) -> Option<Issue> {
    match levels.peak_dbfs {
        None => Some(issue(
            "silence",
            "The recording is digital silence. Check that the right microphone is chosen and not muted, then record \
             again."
                .into(),
        )),
        Some(peak) if peak < SILENCE_PEAK_DBFS => Some(issue(
            "silence",
            format!(
                "The recording is all but silent (peak −{:.0} dBFS). Check that the right microphone is chosen and \
                 not muted, then record again.",
                peak.abs()
            ),
        )),
        Some(_) if speech_s <= 0.0 => Some(issue(
            "no_speech",
            "There is sound but nobody speaks. Check which microphone is recorded, move closer and record again."
                .into(),
        )),
        Some(_) if speech_s < MIN_SPEECH_S => Some(issue(
            "too_short",
            format!("There is only {speech_s:.1} s of speech, too little to judge. Answer in full sentences."),
        )),
        Some(_) => None,
    }
}

/// What stands against the figures of a recording with an answer in it, the worst first.
fn faults(levels: &Levels, duration_s: f64, speech_s: f64) -> Vec<Issue> {
    let mut issues = Vec::new();
    if let Some(snr) = levels.snr_db.filter(|snr| *snr < NOISY_SNR_DB) {
        issues.push(issue(
            "noise",
            format!(
                "Speech is only {:.0} dB above the noise, so words and pauses may be missed. Move closer to the \
                 microphone or to a quieter room.",
                snr.max(0.0)
            ),
        ));
    }
    if levels.clipped_fraction > CLIPPED_FRACTION {
        issues.push(issue(
            "clipping",
            format!(
                "The recording is overdriven ({:.1} % of it is cut off at full scale). Turn the input level down or \
                 sit further from the microphone.",
                levels.clipped_fraction * 100.0
            ),
        ));
    }
    if let Some(level) = levels.speech_dbfs.filter(|level| *level < QUIET_SPEECH_DBFS) {
        issues.push(issue(
            "too_quiet",
            format!(
                "The speech is very quiet (−{:.0} dBFS; −35 to −15 is usual). Turn the input level up or move \
                 closer to the microphone.",
                level.abs()
            ),
        ));
    }
    if speech_s < FEW_SPEECH_S {
        issues.push(issue(
            "too_short",
            format!(
                "There is only {speech_s:.1} s of speech, so figures for each minute rest on little. Answers of a \
                 minute or more say more."
            ),
        ));
    }
    if speech_s < duration_s * LITTLE_SPEECH_SHARE && duration_s - speech_s > FREE_SILENCE_S {
        issues.push(issue(
            "mostly_silence",
            format!(
                "Only {speech_s:.0} s of {duration_s:.0} s is speech. If the recorder was left running, stop it after \
                 the answer."
            ),
        ));
    }
    if let Some(top) = levels.bandwidth_hz.filter(|top| *top <= NARROW_BAND_HZ) {
        issues.push(issue(
            "narrow_band",
            format!(
                "The sound ends at {:.1} kHz, as over a telephone or a Bluetooth headset, so some words may be \
                 misheard. Use a wired or built-in microphone.",
                top / 1000.0
            ),
        ));
    }
    issues
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ordinary recording of a minute.
    fn ordinary() -> (Levels, Vec<Span>) {
        let levels = Levels {
            peak_dbfs: Some(-6.0),
            speech_dbfs: Some(-24.0),
            noise_dbfs: Some(-60.0),
            snr_db: Some(36.0),
            clipped_fraction: 0.0,
            bandwidth_hz: Some(7_900.0),
        };
        (levels, vec![Span::new(1.0, 40.0), Span::new(41.0, 59.0)])
    }

    fn codes(quality: &Quality) -> Vec<&str> {
        quality.issues.iter().map(|issue| issue.code.as_str()).collect()
    }

    #[test]
    fn nothing_is_said_against_an_ordinary_recording() {
        let (levels, activity) = ordinary();
        let quality = quality_of_signal(&levels, 60.0, &activity, &[]);
        assert_eq!((quality.status, codes(&quality)), (Status::Ok, vec![]));
        assert_eq!(quality.clipped_fraction, Some(0.0));
    }

    #[test]
    fn silence_is_never_scored() {
        let (levels, activity) = ordinary();
        for (peak, code) in [(None, "silence"), (Some(-80.0), "silence"), (Some(-20.0), "no_speech")] {
            let levels = Levels { peak_dbfs: peak, ..levels.clone() };
            let quality = quality_of_signal(&levels, 60.0, &[], &[]);
            assert_eq!((quality.status, codes(&quality)), (Status::Unscorable, vec![code]));
        }
        let quiet = Levels { peak_dbfs: Some(-61.0), ..levels };
        let quality = quality_of_signal(&quiet, 60.0, &activity, &[]);
        assert_eq!(quality.status, Status::Unscorable, "a detector that hears speech in silence is not believed");
    }

    #[test]
    fn a_word_is_too_short_and_a_sentence_gets_a_reservation() {
        let (levels, _) = ordinary();
        let word = quality_of_signal(&levels, 5.0, &[Span::new(1.0, 1.6)], &[]);
        assert_eq!((word.status, codes(&word)), (Status::Unscorable, vec!["too_short"]));
        let sentence = quality_of_signal(&levels, 5.0, &[Span::new(1.0, 4.0)], &[]);
        assert_eq!((sentence.status, codes(&sentence)), (Status::Warn, vec!["too_short"]));
    }

    #[test]
    fn every_fault_is_named_with_what_to_do() {
        let (mut levels, activity) = ordinary();
        levels.snr_db = Some(5.0);
        levels.clipped_fraction = 0.02;
        levels.speech_dbfs = Some(-55.0);
        levels.bandwidth_hz = Some(3_400.0);
        let remark = |code: &str| Remark { code: code.into(), message: "…".into() };
        let remarks = [remark("interrupted"), remark("second_voice")];
        let quality = quality_of_signal(&levels, 400.0, &activity, &remarks);
        assert_eq!(quality.status, Status::Warn);
        assert_eq!(codes(&quality), ["noise", "clipping", "too_quiet", "mostly_silence", "narrow_band", "interrupted"]);
        insta::assert_snapshot!(
            quality.issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>().join("\n"),
            @r##"
            Speech is only 5 dB above the noise, so words and pauses may be missed. Move closer to the microphone or to a quieter room.
            The recording is overdriven (2.0 % of it is cut off at full scale). Turn the input level down or sit further from the microphone.
            The speech is very quiet (−55 dBFS; −35 to −15 is usual). Turn the input level up or move closer to the microphone.
            Only 57 s of 400 s is speech. If the recorder was left running, stop it after the answer.
            The sound ends at 3.4 kHz, as over a telephone or a Bluetooth headset, so some words may be misheard. Use a wired or built-in microphone.
            …
            "##
        );
    }

    #[test]
    fn what_could_not_be_measured_is_no_fault() {
        let (levels, activity) = ordinary();
        let levels = Levels { snr_db: None, noise_dbfs: None, bandwidth_hz: None, ..levels };
        assert_eq!(quality_of_signal(&levels, 60.0, &activity, &[]).status, Status::Ok);
    }

    #[test]
    fn a_transcript_has_no_signal_to_judge() {
        let quality = quality(&Evidence::default());
        assert_eq!((quality.status, quality.peak_dbfs, quality.clipped_fraction), (Status::Ok, None, None));
    }
}
