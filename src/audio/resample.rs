//! Resampling to 16 kHz, block by block, without delay and with an exact length.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

use crate::audio::{FILE_RATES_HZ, SAMPLE_RATE_HZ};

/// Least length of the anti-aliasing filter in output samples. At 1 024 the transition lies between 7.7 and 8 kHz, so
/// all that speech has is kept, and the filter's half length, which live capture waits for, is 32 ms.
const MIN_FILTER_OUT: usize = 1024;

/// Brings one channel to 16 kHz. Feed it blocks of any length with [`Resampler::push`], then call
/// [`Resampler::finish`] once; what comes out does not depend on how the input was cut into blocks.
///
/// The filter is a linear-phase sinc with a squared Blackman-Harris window, applied by FFT (rubato's `Fft`). Its delay
/// is taken off the start, and the output has exactly `round(n × 16 000 ÷ rate)` samples for `n` that went in.
/// At 16 kHz samples pass through untouched.
pub struct Resampler {
    rate_hz: u32,
    filter: Option<Filter>,
    frames_in: u64,
    frames_out: u64,
}

struct Filter {
    fft: Fft<f32>,
    /// Input that does not fill a block yet; always shorter than a block.
    pending: Vec<f32>,
    /// One block of output.
    block: Vec<f32>,
    /// Output samples still to be dropped: the filter's delay.
    to_drop: usize,
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler")
            .field("rate_hz", &self.rate_hz)
            .field("frames_in", &self.frames_in)
            .finish_non_exhaustive()
    }
}

/// The resampler could not be made or run.
#[derive(Debug, thiserror::Error)]
#[error("cannot resample from {rate_hz} Hz to 16000 Hz: {reason}")]
pub struct ResampleError {
    /// The rate that was asked for, in hertz.
    pub rate_hz: u32,
    /// Why not.
    pub reason: String,
}

impl Resampler {
    /// A resampler from `rate_hz` to 16 kHz.
    ///
    /// # Errors
    /// When the rate is outside [`FILE_RATES_HZ`].
    pub fn new(rate_hz: u32) -> Result<Self, ResampleError> {
        let error = |reason: String| ResampleError { rate_hz, reason };
        if !FILE_RATES_HZ.contains(&rate_hz) {
            return Err(error(format!("expected {} to {} Hz", FILE_RATES_HZ.start(), FILE_RATES_HZ.end())));
        }
        let filter = if rate_hz == SAMPLE_RATE_HZ {
            None
        } else {
            let common = greatest_common_divisor(rate_hz, SAMPLE_RATE_HZ);
            let (unit_in, unit_out) = ((rate_hz / common) as usize, (SAMPLE_RATE_HZ / common) as usize);
            // an even number of units, so that half the filter is a whole number of samples on both sides
            let units = MIN_FILTER_OUT.div_ceil(unit_out).next_multiple_of(2);
            let fft = Fft::new_custom(
                rate_hz as usize,
                SAMPLE_RATE_HZ as usize,
                units * unit_in,
                1,
                1,
                WindowFunction::BlackmanHarris2,
                FixedSync::Both,
            )
            .map_err(|reason| error(reason.to_string()))?;
            Some(Filter {
                pending: Vec::with_capacity(fft.input_frames_next()),
                block: vec![0.0; fft.output_frames_next()],
                to_drop: fft.output_delay(),
                fft,
            })
        };
        Ok(Self { rate_hz, filter, frames_in: 0, frames_out: 0 })
    }

    /// How many samples at 16 kHz there will be when `more` follow those pushed so far and then nothing:
    /// `round(n × 16 000 ÷ rate)`. Never less than what has come out.
    pub fn expected_out(&self, more: u64) -> u64 {
        let (n, rate) = (u128::from(self.frames_in) + u128::from(more), u128::from(self.rate_hz));
        ((n * u128::from(SAMPLE_RATE_HZ) * 2 + rate) / (rate * 2)) as u64
    }

    /// Takes samples at the input rate and appends what is ready to `out`.
    ///
    /// # Errors
    /// When the filter refuses a block, which a rate accepted by [`Resampler::new`] never does.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), ResampleError> {
        self.frames_in += samples.len() as u64;
        let before = out.len();
        match &mut self.filter {
            None => out.extend_from_slice(samples),
            Some(filter) => {
                filter.push(samples, out).map_err(|reason| ResampleError { rate_hz: self.rate_hz, reason })?;
            }
        }
        self.frames_out += (out.len() - before) as u64;
        Ok(())
    }

    /// Appends what is left in the filter to `out`, so that the whole output has its exact length.
    ///
    /// # Errors
    /// As [`Resampler::push`].
    pub fn finish(mut self, out: &mut Vec<f32>) -> Result<(), ResampleError> {
        let missing = self.expected_out(0).saturating_sub(self.frames_out) as usize;
        let Some(filter) = &mut self.filter else { return Ok(()) };
        let mut tail = Vec::new();
        let silence = vec![0.0; filter.fft.input_frames_next()];
        while tail.len() < missing {
            filter.push(&silence, &mut tail).map_err(|reason| ResampleError { rate_hz: self.rate_hz, reason })?;
        }
        out.extend_from_slice(&tail[..missing]);
        Ok(())
    }
}

impl Filter {
    fn push(&mut self, mut samples: &[f32], out: &mut Vec<f32>) -> Result<(), String> {
        let block_in = self.fft.input_frames_next();
        if !self.pending.is_empty() {
            let (head, rest) = samples.split_at(samples.len().min(block_in - self.pending.len()));
            self.pending.extend_from_slice(head);
            samples = rest;
            if self.pending.len() < block_in {
                return Ok(());
            }
            let pending = std::mem::take(&mut self.pending);
            let result = self.run(&pending, out);
            self.pending = pending;
            self.pending.clear();
            result?;
        }
        while samples.len() >= block_in {
            let (block, rest) = samples.split_at(block_in);
            self.run(block, out)?;
            samples = rest;
        }
        self.pending.extend_from_slice(samples);
        Ok(())
    }

    /// Filters one whole block.
    fn run(&mut self, input: &[f32], out: &mut Vec<f32>) -> Result<(), String> {
        let length = self.block.len();
        let input = SequentialSlice::new(input, 1, input.len()).map_err(|reason| reason.to_string())?;
        let mut output = SequentialSlice::new_mut(&mut self.block, 1, length).map_err(|reason| reason.to_string())?;
        let (_, made) = self
            .fft
            .process_into_buffer(&input, &mut output, None::<&Indexing>)
            .map_err(|reason| reason.to_string())?;
        let dropped = self.to_drop.min(made);
        self.to_drop -= dropped;
        out.extend_from_slice(&self.block[dropped..made]);
        Ok(())
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATES_HZ: [u32; 12] =
        [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000];

    fn resampled(rate_hz: u32, samples: &[f32]) -> Vec<f32> {
        let mut resampler = Resampler::new(rate_hz).unwrap();
        let mut out = Vec::new();
        resampler.push(samples, &mut out).unwrap();
        resampler.finish(&mut out).unwrap();
        out
    }

    fn tone(frequency: f64, rate_hz: u32, seconds: f64) -> Vec<f32> {
        let step = std::f64::consts::TAU * frequency / f64::from(rate_hz);
        (0..(seconds * f64::from(rate_hz)) as usize).map(|index| (step * index as f64).sin() as f32).collect()
    }

    /// Level against a sine of full scale, in dB, away from the ends.
    fn level_db(samples: &[f32]) -> f64 {
        let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
        let power = middle.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / middle.len() as f64;
        10.0 * (2.0 * power + 1e-30).log10()
    }

    /// The lag, in samples at 16 kHz, at which `found` is most like `expected`.
    fn lag(found: &[f32], expected: &[f32]) -> isize {
        let alike = |lag: isize| -> f64 {
            (200..found.len() - 200)
                .map(|index| f64::from(found[index]) * f64::from(expected[index.saturating_add_signed(-lag)]))
                .sum()
        };
        (-100..=100_isize).max_by(|a, b| alike(*a).total_cmp(&alike(*b))).unwrap()
    }

    #[test]
    fn sixteen_kilohertz_pass_untouched() {
        let samples = tone(440.0, 16_000, 0.1);
        assert_eq!(resampled(16_000, &samples), samples);
    }

    #[test]
    fn the_band_of_speech_is_flat() {
        for rate_hz in RATES_HZ {
            let top = if rate_hz < 16_000 { f64::from(rate_hz) * 0.45 } else { 7_000.0 };
            for frequency in [60.0, 300.0, 1_000.0, 3_000.0, 5_000.0, 6_000.0, 7_000.0] {
                if frequency <= top {
                    let level = level_db(&resampled(rate_hz, &tone(frequency, rate_hz, 1.0)));
                    assert!(level.abs() < 0.5, "{frequency} Hz at {rate_hz} Hz: {level:.2} dB");
                }
            }
        }
    }

    #[test]
    fn what_lies_beyond_the_new_band_vanishes() {
        for rate_hz in RATES_HZ.into_iter().filter(|rate_hz| *rate_hz > 16_000) {
            for frequency in [8_050.0, 9_000.0, 10_000.0, 12_000.0, 15_000.0, 20_000.0, 40_000.0] {
                if frequency < f64::from(rate_hz) / 2.0 {
                    let level = level_db(&resampled(rate_hz, &tone(frequency, rate_hz, 1.0)));
                    assert!(level < -60.0, "{frequency} Hz at {rate_hz} Hz: {level:.1} dB");
                }
            }
        }
    }

    #[test]
    fn upsampling_adds_no_mirror_image() {
        let out = resampled(8_000, &tone(3_000.0, 8_000, 1.0));
        let expected = tone(3_000.0, 16_000, 1.0);
        let rest: Vec<f32> = out.iter().zip(&expected).map(|(found, expected)| found - expected).collect();
        assert!(level_db(&rest) < -60.0, "{:.1} dB", level_db(&rest));
    }

    #[test]
    fn there_is_no_delay() {
        for rate_hz in RATES_HZ {
            // a click of 1 ms half-way, with the same energy whatever the rate
            let pulse = |rate_hz: u32| -> Vec<f32> {
                let rate = f64::from(rate_hz);
                (0..rate_hz / 4)
                    .map(|index| (-((f64::from(index) / rate - 0.125) * 4_000.0).powi(2)).exp() as f32)
                    .collect()
            };
            let found = resampled(rate_hz, &pulse(rate_hz));
            let expected = pulse(16_000);
            assert_eq!(lag(&found, &expected), 0, "{rate_hz} Hz");
            let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 0.02, "{rate_hz} Hz: {worst}");
        }
    }

    #[test]
    fn an_impulse_comes_out_where_it_went_in() {
        let mut samples = vec![0.0; 48_000];
        samples[24_000] = 1.0;
        let out = resampled(48_000, &samples);
        let peak = (0..out.len()).max_by(|a, b| out[*a].total_cmp(&out[*b]));
        assert_eq!(peak, Some(8_000));
    }

    #[test]
    fn rates_without_a_common_divisor_work() {
        for rate_hz in [8_001, 44_101, 47_999, 191_999] {
            let out = resampled(rate_hz, &tone(1_000.0, rate_hz, 1.0));
            assert_eq!(out.len(), 16_000, "{rate_hz} Hz");
            assert!(level_db(&out).abs() < 0.5, "{rate_hz} Hz");
        }
    }

    #[test]
    fn rates_out_of_range_are_refused() {
        let message = Resampler::new(7_999).unwrap_err().to_string();
        assert_eq!(message, "cannot resample from 7999 Hz to 16000 Hz: expected 8000 to 192000 Hz");
        assert!(Resampler::new(0).is_err() && Resampler::new(u32::MAX).is_err());
    }

    #[test]
    fn the_output_may_be_taken_away_between_blocks() {
        let samples = tone(500.0, 44_100, 0.7);
        let mut resampler = Resampler::new(44_100).unwrap();
        let (mut all, mut out) = (Vec::new(), Vec::new());
        for block in samples.chunks(480) {
            resampler.push(block, &mut out).unwrap();
            all.append(&mut out);
        }
        resampler.finish(&mut out).unwrap();
        all.append(&mut out);
        assert_eq!(all, resampled(44_100, &samples));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_length_is_exact_and_does_not_depend_on_the_blocks(
            rate_hz in prop_oneof![prop::sample::select(RATES_HZ.to_vec()), 8_000_u32..192_000],
            length in 0_usize..20_000,
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let samples = tone(777.0, rate_hz, length as f64 / f64::from(rate_hz));
            let mut borders: Vec<usize> = cuts.iter().map(|cut| cut.index(samples.len() + 1)).collect();
            borders.extend([0, samples.len()]);
            borders.sort_unstable();
            let mut resampler = Resampler::new(rate_hz).unwrap();
            let mut out = Vec::new();
            for pair in borders.windows(2) {
                resampler.push(&samples[pair[0]..pair[1]], &mut out).unwrap();
            }
            prop_assert!(out.len() as u64 <= resampler.expected_out(0));
            resampler.finish(&mut out).unwrap();
            let exact = samples.len() as f64 * 16_000.0 / f64::from(rate_hz);
            prop_assert_eq!(out.len(), exact.round() as usize);
            prop_assert_eq!(out, resampled(rate_hz, &samples));
        }
    }
}
