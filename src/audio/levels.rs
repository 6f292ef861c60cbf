//! How loud, how clean and how complete the signal is.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use crate::audio::SAMPLE_RATE_HZ;
use crate::evidence::{Levels, Span};

/// Length of a frame for levels in samples: 20 ms, about one voiced sound.
const FRAME: usize = SAMPLE_RATE_HZ as usize / 50;

/// Distance from speech, in seconds, at which silence is trusted to be silence. Breath, reverberation and word ends
/// that the detector missed lie nearer.
const GUARD_S: f64 = 0.1;

/// Least number of frames that noise is measured from: 0.2 s.
const MIN_NOISE_FRAMES: usize = 10;

/// Points of the spectrum: 32 ms, so that one bin is 31.25 Hz.
const SPECTRUM: usize = 512;

/// How far below its maximum, in dB, the long-term spectrum still counts as carrying energy. That of speech falls by
/// some 35 dB a hertz from 500 Hz to 8 kHz (Byrne et al. 1994); what a telephone filter leaves lies lower.
const BANDWIDTH_RANGE_DB: f64 = 50.0;

/// Neighbouring bins that must all carry energy: 190 Hz, wider than the trace of a single tone such as a whistle.
const BANDWIDTH_BINS: usize = 6;

/// Measures the levels of a recording.
///
/// `samples` are one channel at 16 kHz, `activity` is where somebody speaks, in order; `peak` and `clipped_fraction`
/// are those of [`crate::audio::Audio`], because mixing and resampling hide them. A constant offset does not count.
///
/// The level of speech is the root mean square over active frames. That of noise comes from the median power of the
/// inactive frames: for steady noise the same as their root mean square, and a cough or a missed word does not move it.
pub fn levels(samples: &[f32], activity: &[Span], peak: f32, clipped_fraction: f64) -> Levels {
    let powers = Powers::of(samples, activity);
    let speech_dbfs = powers.speech.and_then(decibels);
    let noise_dbfs = powers.noise.and_then(decibels);
    Levels {
        peak_dbfs: decibels(f64::from(peak).powi(2)),
        speech_dbfs,
        noise_dbfs,
        snr_db: speech_dbfs.zip(noise_dbfs).map(|(speech, noise)| speech - noise),
        clipped_fraction,
        bandwidth_hz: bandwidth_hz(samples, activity),
    }
}

/// Power in dB; `None` for zero and for what is no number.
fn decibels(power: f64) -> Option<f64> {
    (power > 0.0 && power.is_finite()).then(|| 10.0 * power.log10())
}

/// Mean power of speech and of noise, full scale being 1.
struct Powers {
    speech: Option<f64>,
    noise: Option<f64>,
}

impl Powers {
    fn of(samples: &[f32], activity: &[Span]) -> Self {
        let mut speech = Vec::new();
        let (mut near, mut far) = (Vec::new(), Vec::new());
        let mut walk = Walk::new(activity);
        for (index, frame) in samples.chunks_exact(FRAME).enumerate() {
            // about its own mean, so that neither an offset nor a slow drift counts as sound
            let mean = frame.iter().map(|sample| f64::from(*sample)).sum::<f64>() / FRAME as f64;
            let power = frame.iter().map(|sample| (f64::from(*sample) - mean).powi(2)).sum::<f64>() / FRAME as f64;
            match walk.distance_s(frame_span(index, FRAME)) {
                Some(0.0) => speech.push(power),
                Some(distance) if distance < GUARD_S => near.push(power),
                _ => far.push(power),
            }
        }
        // an answer without a real pause has no frame far from speech
        if far.len() < MIN_NOISE_FRAMES {
            far.append(&mut near);
        }
        // frames of zeros come from a noise gate and say nothing about the room
        far.retain(|power| *power > f64::MIN_POSITIVE);
        let speech = (!speech.is_empty()).then(|| speech.iter().sum::<f64>() / speech.len() as f64);
        Self { speech, noise: if far.len() < MIN_NOISE_FRAMES { None } else { median(far) } }
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// The time that a frame takes, in seconds.
fn frame_span(index: usize, length: usize) -> Span {
    let at = |sample: usize| sample as f64 / f64::from(SAMPLE_RATE_HZ);
    Span::new(at(index * length), at((index + 1) * length))
}

/// Walks along spans in step with frames.
struct Walk<'a> {
    activity: &'a [Span],
    before: Option<Span>,
}

impl<'a> Walk<'a> {
    fn new(activity: &'a [Span]) -> Self {
        Self { activity, before: None }
    }

    /// Seconds from a frame to the nearest active span; 0 when they touch for the most part; `None` without any span.
    fn distance_s(&mut self, frame: Span) -> Option<f64> {
        while let [first, rest @ ..] = self.activity {
            if first.end_s > frame.start_s {
                break;
            }
            self.before = Some(*first);
            self.activity = rest;
        }
        let next = self.activity.first();
        if next.is_some_and(|span| span.overlap_s(frame) >= frame.duration_s() / 2.0) {
            return Some(0.0);
        }
        // a frame that is half in speech is near it, not in it
        let least = f64::MIN_POSITIVE;
        let to_next = next.map(|span| (span.start_s - frame.end_s).max(least));
        let from_before = self.before.map(|span| (frame.start_s - span.end_s).max(least));
        match (to_next, from_before) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Highest frequency, in hertz, that the long-term spectrum of the active frames carries energy at.
fn bandwidth_hz(samples: &[f32], activity: &[Span]) -> Option<f64> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(SPECTRUM);
    let mut input = fft.make_input_vec();
    let mut output = fft.make_output_vec();
    let mut scratch = fft.make_scratch_vec();
    let window: Vec<f32> =
        (0..SPECTRUM).map(|index| (std::f32::consts::PI * index as f32 / SPECTRUM as f32).sin().powi(2)).collect();
    let mut spectrum = vec![0.0_f64; output.len()];
    let mut walk = Walk::new(activity);
    for (index, frame) in samples.chunks_exact(SPECTRUM).enumerate() {
        if walk.distance_s(frame_span(index, SPECTRUM)) != Some(0.0) {
            continue;
        }
        for ((slot, sample), weight) in input.iter_mut().zip(frame).zip(&window) {
            *slot = sample * weight;
        }
        fft.process_with_scratch(&mut input, &mut output, &mut scratch).ok()?;
        for (sum, bin) in spectrum.iter_mut().zip(&output) {
            *sum += f64::from(Complex::norm_sqr(bin));
        }
    }
    // the lowest bins hold the offset and the rumble of the room
    let body = spectrum.get(3..)?;
    let highest = body.iter().copied().fold(0.0, f64::max);
    let least = highest * 10_f64.powf(-BANDWIDTH_RANGE_DB / 10.0);
    let top = body.windows(BANDWIDTH_BINS).rposition(|bins| highest > 0.0 && bins.iter().all(|bin| *bin >= least))?;
    Some((top + BANDWIDTH_BINS + 2) as f64 * f64::from(SAMPLE_RATE_HZ) / SPECTRUM as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise that is the same on every machine, −1 to 1.
    fn noise(length: usize) -> Vec<f32> {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..length).map(|_| next()).collect()
    }

    fn seconds(length: f64) -> usize {
        (length * f64::from(SAMPLE_RATE_HZ)) as usize
    }

    /// One second of weak noise, two of strong noise, one of weak noise.
    fn recording(weak: f32, strong: f32) -> (Vec<f32>, Vec<Span>) {
        let mut samples = noise(seconds(4.0));
        for (index, sample) in samples.iter_mut().enumerate() {
            *sample *= if (seconds(1.0)..seconds(3.0)).contains(&index) { strong } else { weak };
        }
        (samples, vec![Span::new(1.0, 3.0)])
    }

    fn near(found: Option<f64>, expected: f64, tolerance: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() <= tolerance)
    }

    #[test]
    fn measures_speech_noise_and_their_ratio() {
        let (samples, activity) = recording(0.01, 0.5);
        let found = levels(&samples, &activity, 0.5, 0.0);
        // the power of even noise between −a and a is a² ÷ 3
        assert!(near(found.speech_dbfs, -6.02 - 4.77, 0.1), "{found:?}");
        assert!(near(found.noise_dbfs, -40.0 - 4.77, 0.2), "{found:?}");
        assert!(near(found.snr_db, 33.98, 0.3), "{found:?}");
        assert!(near(found.peak_dbfs, -6.02, 0.01), "{found:?}");
    }

    #[test]
    fn a_cough_and_an_offset_do_not_move_the_noise() {
        let (mut samples, activity) = recording(0.01, 0.5);
        samples[seconds(0.3)..seconds(0.5)].iter_mut().for_each(|sample| *sample *= 60.0);
        for sample in &mut samples {
            *sample += 0.2;
        }
        let found = levels(&samples, &activity, 0.8, 0.0);
        assert!(near(found.noise_dbfs, -44.77, 0.6), "{found:?}");
    }

    #[test]
    fn silence_has_no_levels_instead_of_zeros() {
        let found = levels(&vec![0.0; seconds(2.0)], &[], 0.0, 0.0);
        assert_eq!(found, Levels::default());
        assert_eq!(levels(&[], &[Span::new(0.0, 1.0)], 0.0, 0.0), Levels::default());
    }

    #[test]
    fn a_noise_gate_leaves_no_noise_to_measure() {
        let (samples, activity) = recording(0.0, 0.5);
        let found = levels(&samples, &activity, 0.5, 0.0);
        assert_eq!((found.noise_dbfs, found.snr_db), (None, None));
        assert!(found.speech_dbfs.is_some());
    }

    #[test]
    fn sees_where_the_band_ends() {
        let (samples, activity) = recording(0.0001, 0.5);
        let wide = levels(&samples, &activity, 0.5, 0.0);
        assert!(near(wide.bandwidth_hz, 8000.0, 100.0), "{wide:?}");
        // through a telephone: down to 8 kHz and up again
        let mut telephone = Vec::new();
        let mut up = crate::audio::Resampler::new(8_000).unwrap();
        let halved: Vec<f32> = samples.chunks_exact(2).map(|pair| f32::midpoint(pair[0], pair[1])).collect();
        up.push(&halved, &mut telephone).unwrap();
        up.finish(&mut telephone).unwrap();
        // a whistle above the band is no speech
        for (index, sample) in telephone.iter_mut().enumerate() {
            *sample += 0.1 * (index as f32 * 7000.0 / 16_000.0 * std::f32::consts::TAU).sin();
        }
        let narrow = levels(&telephone, &activity, 0.5, 0.0);
        assert!(near(narrow.bandwidth_hz, 3850.0, 150.0), "{narrow:?}");
    }
}
