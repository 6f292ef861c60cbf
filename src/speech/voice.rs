//! Voice activity from the waveform: where somebody speaks, and where a silent pause is.
//!
//! Frame energies are compared with a noise floor that is measured in the recording itself. Two thresholds (hysteresis)
//! keep a voice from flickering, an onset time keeps clicks out, and short dips (stop closures) are bridged. Whisper's
//! times are never asked: it stretches words over pauses.

use crate::evidence::Span;

/// Sampling rate of everything behind the decoder, in hertz, as a number of samples.
pub const SAMPLE_RATE_HZ: usize = crate::audio::SAMPLE_RATE_HZ as usize;

/// Finds the stretches in which somebody speaks.
pub trait VoiceDetector {
    /// Spans with speech in `samples` (mono, 16 kHz), in order and apart, in seconds from the first sample.
    fn activity(&self, samples: &[f32]) -> Vec<Span>;
}

/// Samples between two frames: 10 ms.
const HOP: usize = 160;
/// Samples in a frame: 25 ms, at least two periods of the lowest voice.
const FRAME: usize = 400;
/// What stands in for the level of digital silence, in dB below full scale.
const FLOOR_DBFS: f32 = -100.0;

/// Voice activity by energy over an adaptive noise floor, with onset, bridging and hysteresis.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyDetector {
    /// Least rise over the noise floor that begins speech, in dB.
    pub onset_db: f32,
    /// Rise over the noise floor below which speech ends, in dB.
    pub offset_db: f32,
    /// How far below the loudest speech a sound may lie and still be speech, in dB: quieter is breath and room.
    pub range_db: f32,
    /// The shortest stretch of speech, in seconds: shorter ones are clicks.
    pub shortest_speech_s: f64,
    /// Dips up to this long are bridged, in seconds: closures of stop consonants last up to about 0.1 s.
    pub bridge_s: f64,
    /// How long speech goes on after its last loud frame, in seconds.
    pub hang_over_s: f64,
}

impl Default for EnergyDetector {
    fn default() -> Self {
        Self {
            onset_db: 4.0,
            offset_db: 3.0,
            range_db: 50.0,
            shortest_speech_s: 0.05,
            bridge_s: 0.10,
            hang_over_s: 0.02,
        }
    }
}

/// Level of each 25 ms frame, one every 10 ms, in dB below full scale.
pub fn frame_levels_dbfs(samples: &[f32]) -> Vec<f32> {
    if samples.is_empty() {
        return Vec::new();
    }
    let frames = 1 + samples.len().saturating_sub(FRAME) / HOP;
    (0..frames)
        .map(|frame| {
            let slice = &samples[frame * HOP..(frame * HOP + FRAME).min(samples.len())];
            let mean = slice.iter().sum::<f32>() / slice.len() as f32;
            let power = slice.iter().map(|sample| (sample - mean).powi(2)).sum::<f32>() / slice.len() as f32;
            (10.0 * (power + 1e-10).log10()).max(FLOOR_DBFS)
        })
        .collect()
}

/// The value below which `share` (0 to 1) of `values` lies; the floor for no values.
fn percentile(values: &[f32], share: f64) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let index = (share * (sorted.len().saturating_sub(1)) as f64).round() as usize;
    sorted.get(index).copied().unwrap_or(FLOOR_DBFS)
}

impl EnergyDetector {
    /// Noise floor for each frame in dB below full scale: a low percentile of the levels around it, so that a fan that
    /// starts in the middle is followed, but a stretch without pauses does not count as noise.
    fn noise_floor(levels: &[f32]) -> Vec<f32> {
        /// Share of frames that are surely silent: speech has pauses for a fifth of its time and more.
        const QUIET_SHARE: f64 = 0.05;
        /// Frames on either side that the local floor looks at: 8 s, longer than any run of speech without a pause.
        const REACH: usize = 800;
        /// Frames between two measurements of the local floor.
        const STEP: usize = 100;
        /// How far the local floor may rise over that of the whole recording, in dB.
        const LARGEST_RISE_DB: f32 = 10.0;
        let global = percentile(levels, QUIET_SHARE);
        let mut floor = Vec::with_capacity(levels.len());
        while floor.len() < levels.len() {
            let at = floor.len();
            let around = &levels[at.saturating_sub(REACH)..(at + STEP + REACH).min(levels.len())];
            let local = percentile(around, QUIET_SHARE).clamp(global, global + LARGEST_RISE_DB);
            floor.resize((at + STEP).min(levels.len()), local);
        }
        floor
    }

    /// How much the noise itself wavers, in dB: half the distance between its median and its low end.
    fn waver_db(levels: &[f32], floor: &[f32]) -> f32 {
        /// Frames this near to the floor are noise, in dB.
        const NEAR_DB: f32 = 6.0;
        let near: Vec<f32> =
            levels.iter().zip(floor).map(|(level, floor)| level - floor).filter(|rise| rise.abs() < NEAR_DB).collect();
        if near.is_empty() { 0.0 } else { percentile(&near, 0.5).max(0.0) }
    }
}

impl VoiceDetector for EnergyDetector {
    fn activity(&self, samples: &[f32]) -> Vec<Span> {
        /// Speech that never rises this far over its own floor is none, in dB.
        const LEAST_CONTRAST_DB: f32 = 6.0;
        let levels = frame_levels_dbfs(samples);
        if levels.is_empty() {
            return Vec::new();
        }
        let loud = percentile(&levels, 0.95);
        let floor = Self::noise_floor(&levels);
        if loud - percentile(&levels, 0.05) < LEAST_CONTRAST_DB {
            return Vec::new();
        }
        let waver = Self::waver_db(&levels, &floor);
        let mut runs: Vec<(usize, usize)> = Vec::new();
        let mut start = None;
        for (frame, (level, floor)) in levels.iter().zip(&floor).enumerate() {
            let on = (floor + self.onset_db.max(2.0 * waver)).max(loud - self.range_db);
            let off = (floor + self.offset_db.max(1.5 * waver)).max(loud - self.range_db - 3.0);
            match start {
                None if *level > on => start = Some(frame),
                Some(first) if *level < off => {
                    runs.push((first, frame));
                    start = None;
                }
                _ => {}
            }
        }
        if let Some(first) = start {
            runs.push((first, levels.len()));
        }
        self.tidy(&runs, samples.len() as f64 / SAMPLE_RATE_HZ as f64)
    }
}

impl EnergyDetector {
    /// From runs of frames to spans: bridges dips, drops clicks, adds the hang-over, keeps within the recording.
    fn tidy(&self, runs: &[(usize, usize)], duration_s: f64) -> Vec<Span> {
        let hop_s = HOP as f64 / SAMPLE_RATE_HZ as f64;
        // a frame is loud as soon as its last samples are: its centre is the fairest moment for both edges
        let centre_s = FRAME as f64 / SAMPLE_RATE_HZ as f64 / 2.0;
        let at = |frame: usize| frame as f64 * hop_s + centre_s;
        let spans = runs.iter().map(|&(first, past)| {
            Span::new((at(first) - hop_s).max(0.0), (at(past) - hop_s + self.hang_over_s).min(duration_s))
        });
        let bridged = self.bridge(spans);
        let kept = bridged.into_iter().filter(|span| span.duration_s() >= self.shortest_speech_s + self.hang_over_s);
        self.bridge(kept)
    }

    fn bridge(&self, spans: impl Iterator<Item = Span>) -> Vec<Span> {
        let mut joined: Vec<Span> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.start_s - last.end_s < self.bridge_s => last.end_s = last.end_s.max(span.end_s),
                _ => joined.push(span),
            }
        }
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seconds: f64, level: f32, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..(seconds * SAMPLE_RATE_HZ as f64) as usize)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 8) as f32 / 8_388_608.0 - 1.0) * level
            })
            .collect()
    }

    fn tone_between(samples: &mut [f32], start_s: f64, end_s: f64) {
        let range = (start_s * SAMPLE_RATE_HZ as f64) as usize..(end_s * SAMPLE_RATE_HZ as f64) as usize;
        for index in range {
            samples[index] += 0.3 * (index as f32 * 0.07).sin();
        }
    }

    #[test]
    fn finds_bursts_in_noise_to_within_two_frames() {
        let mut samples = noise(6.0, 0.01, 7);
        for (start_s, end_s) in [(1.0, 2.0), (2.4, 3.0), (4.0, 5.5)] {
            tone_between(&mut samples, start_s, end_s);
        }
        let found = EnergyDetector::default().activity(&samples);
        assert_eq!(found.len(), 3, "{found:?}");
        for (span, (start_s, end_s)) in found.iter().zip([(1.0, 2.0), (2.4, 3.0), (4.0, 5.5)]) {
            assert!((span.start_s - start_s).abs() < 0.025, "{span:?}");
            assert!((span.end_s - end_s).abs() < 0.035, "{span:?}");
        }
        let pauses = found.windows(2).filter(|pair| pair[1].start_s - pair[0].end_s >= 0.25);
        assert_eq!(pauses.count(), 2);
    }

    #[test]
    fn hears_nothing_in_silence_noise_and_clicks() {
        let detector = EnergyDetector::default();
        assert!(detector.activity(&[]).is_empty());
        assert!(detector.activity(&vec![0.0; 48_000]).is_empty());
        assert!(detector.activity(&noise(3.0, 0.02, 3)).is_empty());
        let mut click = noise(3.0, 0.001, 5);
        click[20_000..20_080].fill(0.9);
        assert!(detector.activity(&click).is_empty());
    }

    #[test]
    fn bridges_stop_closures() {
        let mut samples = noise(3.0, 0.001, 9);
        tone_between(&mut samples, 1.0, 1.4);
        tone_between(&mut samples, 1.48, 2.0);
        assert_eq!(EnergyDetector::default().activity(&samples).len(), 1);
    }
}
