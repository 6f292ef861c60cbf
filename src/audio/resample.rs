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
        f.debug_struct("Resampler").field("rate_hz", &self.rate_hz).field("frames_in", &self.frames_in).finish()
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

    /// How many samples at 16 kHz the samples pushed so far make: `round(n × 16 000 ÷ rate)`.
    pub fn expected_out(&self) -> u64 {
        let (n, rate) = (u128::from(self.frames_in), u128::from(self.rate_hz));
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
        let missing = self.expected_out().saturating_sub(self.frames_out) as usize;
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
