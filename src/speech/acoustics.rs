//! What the ear would notice beside the words: pitch, loudness, and how steady a sound is.
//!
//! A filled pause is a vowel that is held: voiced, with a level pitch and a spectrum that hardly moves (Goto, Itou and
//! Hayamizu 1999; de Jong, Pacilly and Heeren 2021). The figures here say so for any span; nothing is decided here.

use std::f32::consts::PI;

use realfft::{RealFftPlanner, num_complex::Complex};

use crate::evidence::{Prosody, Span};
use crate::speech::voice::{SAMPLE_RATE_HZ, frame_levels_dbfs};

/// Seconds from one frame to the next.
pub const FRAME_S: f64 = 0.01;
/// Samples from one frame to the next.
const HOP: usize = 160;
/// Lowest and highest pitch that is looked for, in hertz: the voices of adults with room on both sides.
const PITCH_HZ: (f32, f32) = (65.0, 400.0);
/// Periodicity (normalised autocorrelation, 0 to 1) from which a frame is voiced; the usual value (Boersma 1993).
const VOICED: f32 = 0.45;
/// Samples of the half-rate signal that the pitch of one frame is taken from: 40 ms at 8 kHz, two periods of 50 Hz.
const PITCH_FRAME: usize = 320;
/// Length of the transform for autocorrelation: twice the frame, so that nothing wraps around.
const PITCH_FFT: usize = 1024;
/// Samples of a spectral frame: 32 ms.
const SPECTRUM_FRAME: usize = 512;
/// Bands of the spectrum, equally spaced on the mel scale up to 5 kHz, where vowels differ.
const BANDS: usize = 18;
/// Frames between two spectra that are compared: 40 ms, shorter than any syllable.
const FLUX_FRAMES: usize = 4;

/// Pitch, level and movement of a recording, in frames of 10 ms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Acoustics {
    f0_hz: Vec<Option<f32>>,
    level_dbfs: Vec<f32>,
    /// Mean change of a band within 40 ms, in dB, after the change in level is taken out.
    flux_db: Vec<f32>,
}

/// How steady a span is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steadiness {
    /// Share of its frames that are voiced, 0 to 1.
    pub voiced: f32,
    /// Standard deviation of its pitch in semitones; `None` with fewer than four voiced frames.
    pub pitch_sd_semitones: Option<f32>,
    /// Median movement of its spectrum, in dB within 40 ms.
    pub flux_db: f32,
    /// Median level, in dB below full scale.
    pub level_dbfs: f32,
}

impl Acoustics {
    /// Measures `samples` (mono, 16 kHz).
    pub fn measure(samples: &[f32]) -> Self {
        let level_dbfs = frame_levels_dbfs(samples);
        let frames = level_dbfs.len();
        Self { f0_hz: pitch(samples, frames), flux_db: flux(samples, frames), level_dbfs }
    }

    /// How steady the sound is in `span`; `None` when the span holds no frame.
    pub fn steadiness(&self, span: Span) -> Option<Steadiness> {
        let first = (span.start_s / FRAME_S).round().max(0.0) as usize;
        let past = ((span.end_s / FRAME_S).round() as usize).min(self.level_dbfs.len());
        if first >= past {
            return None;
        }
        let pitches: Vec<f32> = self.f0_hz[first..past].iter().flatten().copied().collect();
        Some(Steadiness {
            voiced: pitches.len() as f32 / (past - first) as f32,
            pitch_sd_semitones: semitone_deviation(&pitches),
            flux_db: median(&self.flux_db[first..past]),
            level_dbfs: median(&self.level_dbfs[first..past]),
        })
    }

    /// Whether the spectrum at a frame moves less than `flux_db` and the frame or a neighbour is voiced.
    pub fn is_calm(&self, frame: usize, flux_db: f32) -> bool {
        let around = frame.saturating_sub(2)..(frame + 3).min(self.f0_hz.len());
        self.flux_db.get(frame).is_some_and(|flux| *flux < flux_db) && self.f0_hz[around].iter().any(Option::is_some)
    }

    /// How loud the sound is at `at_s` seconds, from 0 (18 dB below `loud_dbfs` and quieter: breath and noise) to 1 (6 dB
    /// below it and louder: speech).
    pub fn loudness(&self, at_s: f64, loud_dbfs: f32) -> f64 {
        /// Below this distance from loud speech a sound is background, in dB.
        const BACKGROUND_DB: f32 = 18.0;
        /// Within this distance of loud speech a sound is speech, in dB.
        const SPEECH_DB: f32 = 6.0;
        let frame = (at_s / FRAME_S).round().max(0.0) as usize;
        let level = self.level_dbfs.get(frame).copied().unwrap_or(f32::NEG_INFINITY);
        f64::from(((level - loud_dbfs + BACKGROUND_DB) / (BACKGROUND_DB - SPEECH_DB)).clamp(0.0, 1.0))
    }

    /// The level that the loudest tenth of the frames reaches, in dB below full scale.
    pub fn loud_dbfs(&self) -> f32 {
        let mut sorted = self.level_dbfs.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(0.0)
    }

    /// Pitch and level as the evidence keeps them.
    pub fn prosody(&self) -> Prosody {
        Prosody { frame_s: FRAME_S, f0_hz: self.f0_hz.clone(), level_dbfs: self.level_dbfs.clone() }
    }
}

fn median(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// Standard deviation of pitches in semitones around their median; those an octave off are mended first.
fn semitone_deviation(pitches: &[f32]) -> Option<f32> {
    if pitches.len() < 4 {
        return None;
    }
    let middle = median(pitches);
    let mended = pitches.iter().map(|pitch| {
        let semitones = 12.0 * (pitch / middle).log2();
        semitones - 12.0 * (semitones / 12.0).round()
    });
    let squares: f32 = mended.map(|semitones| semitones * semitones).sum();
    Some((squares / pitches.len() as f32).sqrt())
}

/// Fundamental frequency of each frame by autocorrelation, divided by that of the window (Boersma 1993), at half the
/// sampling rate; isolated voiced frames are dropped and octave jumps of single frames mended.
fn pitch(samples: &[f32], frames: usize) -> Vec<Option<f32>> {
    let half: Vec<f32> = samples.chunks_exact(2).map(|pair| f32::midpoint(pair[0], pair[1])).collect();
    let rate_hz = SAMPLE_RATE_HZ as f32 / 2.0;
    let (shortest, longest) = ((rate_hz / PITCH_HZ.1) as usize, (rate_hz / PITCH_HZ.0) as usize);
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, backward) = (planner.plan_fft_forward(PITCH_FFT), planner.plan_fft_inverse(PITCH_FFT));
    let window: Vec<f32> = hann(PITCH_FRAME);
    let mut spectrum = forward.make_output_vec();
    let mut correlate = |frame: &[f32]| -> Option<Vec<f32>> {
        let mut input = forward.make_input_vec();
        input[..frame.len()].copy_from_slice(frame);
        forward.process(&mut input, &mut spectrum).ok()?;
        for value in &mut spectrum {
            *value = Complex::new(value.norm_sqr(), 0.0);
        }
        let mut output = backward.make_output_vec();
        backward.process(&mut spectrum, &mut output).ok()?;
        Some(output)
    };
    let Some(of_window) = correlate(&window) else { return vec![None; frames] };
    let mut found = vec![None; frames];
    for (index, slot) in found.iter_mut().enumerate() {
        let start = index * HOP / 2;
        let Some(piece) = half.get(start..start + PITCH_FRAME) else { break };
        let mean = piece.iter().sum::<f32>() / piece.len() as f32;
        let frame: Vec<f32> = piece.iter().zip(&window).map(|(sample, weight)| (sample - mean) * weight).collect();
        let Some(of_frame) = correlate(&frame) else { continue };
        if of_frame[0] < 1e-6 {
            continue;
        }
        let strength = |lag: usize| (of_frame[lag] / of_frame[0]) / (of_window[lag] / of_window[0]).max(0.05);
        let mut best: Option<(f32, usize)> = None;
        for lag in shortest..longest.min(PITCH_FRAME - 1) {
            let here = strength(lag);
            if here > strength(lag - 1) && here >= strength(lag + 1) {
                // a longer period must be clearly better: otherwise it is an octave too low
                let ranked = here - 0.01 * (lag as f32 / shortest as f32).log2();
                if best.is_none_or(|(rank, _)| ranked > rank) {
                    best = Some((ranked, lag));
                }
            }
        }
        *slot = best.filter(|(rank, _)| *rank > VOICED).map(|(_, lag)| rate_hz / lag as f32);
    }
    mend(&found)
}

/// Takes the middle of three neighbours, so that single frames that are an octave off, or voiced alone, disappear.
fn mend(found: &[Option<f32>]) -> Vec<Option<f32>> {
    (0..found.len())
        .map(|index| {
            let around: Vec<f32> =
                found[index.saturating_sub(1)..(index + 2).min(found.len())].iter().flatten().copied().collect();
            found[index].filter(|_| around.len() > 1).map(|_| median(&around))
        })
        .collect()
}

fn hann(length: usize) -> Vec<f32> {
    (0..length).map(|index| 0.5 - 0.5 * (2.0 * PI * index as f32 / length as f32).cos()).collect()
}

/// Movement of the spectrum at each frame: the mean difference of mel bands to those 40 ms later, without the part that
/// all of them share.
fn flux(samples: &[f32], frames: usize) -> Vec<f32> {
    /// Energy that stands for silence, so that the bands of noise do not dance.
    const LEAST_ENERGY: f32 = 1e-4;
    let mut planner = RealFftPlanner::<f32>::new();
    let forward = planner.plan_fft_forward(SPECTRUM_FRAME);
    let window = hann(SPECTRUM_FRAME);
    let edges = band_edges();
    let mut spectrum = forward.make_output_vec();
    let mut bands: Vec<[f32; BANDS]> = Vec::with_capacity(frames);
    for index in 0..frames {
        let mut input = forward.make_input_vec();
        for (slot, (sample, weight)) in input.iter_mut().zip(samples.iter().skip(index * HOP).zip(&window)) {
            *slot = sample * weight;
        }
        let mut row = [0.0; BANDS];
        if forward.process(&mut input, &mut spectrum).is_ok() {
            for (band, slot) in row.iter_mut().enumerate() {
                let energy: f32 = spectrum[edges[band]..edges[band + 1]].iter().map(Complex::norm_sqr).sum();
                *slot = 10.0 * (energy + LEAST_ENERGY).log10();
            }
        }
        bands.push(row);
    }
    (0..frames)
        .map(|index| {
            let before = &bands[index.saturating_sub(FLUX_FRAMES / 2)];
            let after = &bands[(index + FLUX_FRAMES / 2).min(frames - 1)];
            let changes: Vec<f32> = after.iter().zip(before).map(|(after, before)| after - before).collect();
            let shared = changes.iter().sum::<f32>() / BANDS as f32;
            changes.iter().map(|change| (change - shared).abs()).sum::<f32>() / BANDS as f32
        })
        .collect()
}

/// First bin of each band and the bin past the last.
fn band_edges() -> [usize; BANDS + 1] {
    let mel = |hertz: f32| 2595.0 * (1.0 + hertz / 700.0).log10();
    let (low, high) = (mel(100.0), mel(5000.0));
    let mut edges = [0; BANDS + 1];
    for (index, edge) in edges.iter_mut().enumerate() {
        let hertz = 700.0 * (10f32.powf((low + (high - low) * index as f32 / BANDS as f32) / 2595.0) - 1.0);
        *edge = (hertz * SPECTRUM_FRAME as f32 / SAMPLE_RATE_HZ as f32).round() as usize;
    }
    // narrow bands at the low end take at least one bin each
    for index in 1..=BANDS {
        edges[index] = edges[index].max(edges[index - 1] + 1);
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice-like tone with ten harmonics whose pitch glides from `from_hz` to `to_hz`.
    fn voice(seconds: f32, from_hz: f32, to_hz: f32) -> Vec<f32> {
        let count = (seconds * SAMPLE_RATE_HZ as f32) as usize;
        let mut phase = 0.0f32;
        (0..count)
            .map(|index| {
                phase += 2.0 * PI * (from_hz + (to_hz - from_hz) * index as f32 / count as f32) / SAMPLE_RATE_HZ as f32;
                (1..=10).map(|harmonic| (phase * harmonic as f32).sin() / harmonic as f32).sum::<f32>() * 0.2
            })
            .collect()
    }

    #[test]
    fn finds_the_pitch_of_low_and_high_voices() {
        for hertz in [80.0f32, 120.0, 210.0, 330.0] {
            let acoustics = Acoustics::measure(&voice(0.6, hertz, hertz));
            let pitches: Vec<f32> = acoustics.f0_hz.iter().flatten().copied().collect();
            assert!(pitches.len() > 40, "{hertz} Hz: {} voiced frames", pitches.len());
            assert!((median(&pitches) / hertz).log2().abs() * 12.0 < 0.5, "{hertz} Hz: {}", median(&pitches));
        }
    }

    #[test]
    fn tells_a_held_vowel_from_a_glide_and_from_noise() {
        let held = Acoustics::measure(&voice(0.5, 120.0, 121.0));
        let glide = Acoustics::measure(&voice(0.5, 100.0, 180.0));
        let span = Span::new(0.1, 0.4);
        let (held, glide) = (held.steadiness(span).expect("frames"), glide.steadiness(span).expect("frames"));
        assert!(held.voiced > 0.9 && held.pitch_sd_semitones.expect("voiced") < 0.3, "{held:?}");
        assert!(glide.pitch_sd_semitones.expect("voiced") > 1.0, "{glide:?}");
        let mut state = 1u32;
        let noise: Vec<f32> = (0..8000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 16_777_216.0 - 0.5
            })
            .collect();
        let noise = Acoustics::measure(&noise).steadiness(span).expect("frames");
        assert!(noise.voiced < 0.2, "{noise:?}");
        assert!(noise.flux_db > 2.0 * held.flux_db, "{noise:?} {held:?}");
    }

    #[test]
    fn mends_octaves() {
        let deviation = semitone_deviation(&[100.0, 101.0, 200.0, 99.0, 50.0]).expect("enough");
        assert!(deviation < 0.3, "{deviation}");
        assert_eq!(semitone_deviation(&[100.0, 100.0]), None);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let acoustics = Acoustics::measure(&[]);
        assert_eq!(acoustics.steadiness(Span::new(0.0, 1.0)), None);
        assert!(Acoustics::measure(&[0.0; 100]).f0_hz.iter().all(Option::is_none));
    }
}
