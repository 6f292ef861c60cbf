//! From interleaved samples at the file's rate to one channel at 16 kHz, block by block.
//!
//! Levels and clipping are measured here, on the file's own samples, because mixing and resampling hide them.

use std::path::Path;

use crate::audio::resample::{ResampleError, Resampler};
use crate::audio::{AudioError, FILE_RATES_HZ, MAX_CHANNELS, MAX_DURATION_S, SAMPLE_RATE_HZ};

/// Frames that are looked at together; small enough for the first-level cache.
const BLOCK_FRAMES: usize = 2048;

/// Samples at full scale in a row that count as clipping. A loud peak touches full scale once, perhaps twice; a clipped
/// one stays there.
const CLIP_RUN: u32 = 3;

/// Power below which a channel counts as dead, relative to the loudest: −60 dB, the noise of an open input.
const DEAD_CHANNEL_POWER: f64 = 1e-6;

/// The mix counts as cancelled when it carries less than this share of the power that unrelated channels would give.
/// For two equal channels that is a correlation below −0.9.
const CANCELLED_SHARE: f64 = 0.1;

/// Peak above which floating-point samples are worth a warning: 6 dB beyond full scale. Below it, it is overshoot.
pub(super) const LOUD_BEYOND_FULL_SCALE: f32 = 2.0;

/// Largest sample that can be meant: integers of 32 bits written as floating point. Beyond it lies garbage.
const MAX_SAMPLE: f32 = 2_147_483_648.0;

/// What the samples come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Source {
    /// Sampling rate in hertz.
    pub rate_hz: u32,
    /// Number of channels.
    pub channels: u16,
    /// Range of absolute values that count as full scale.
    pub full_scale: (f32, f32),
}

impl Source {
    /// Full scale of integers with this many bits: from the highest positive value on.
    pub(super) fn integer_full_scale(bits: u32) -> (f32, f32) {
        let half = f64::from(1_u32 << (bits.clamp(2, 32) - 1));
        (((half - 1.0) / half) as f32, f32::INFINITY)
    }

    /// Full scale of floating-point PCM: 1 itself, where a converter clips. What lies beyond is loud, not clipped.
    pub(super) const FLOAT_FULL_SCALE: (f32, f32) = (0.9999, 1.0001);

    /// Full scale after a lossy codec, which smears the flat tops of clipped waves over and under 1.
    pub(super) const LOSSY_FULL_SCALE: (f32, f32) = (0.999, f32::INFINITY);
}

/// Which channels make the one that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mix {
    /// The mean of those that are alive.
    Mean,
    /// One alone, from 0.
    Only(usize),
}

/// What came out of a whole file.
#[derive(Debug)]
pub(super) struct Taken {
    /// One channel at 16 kHz, −1 to 1.
    pub samples: Vec<f32>,
    /// Frames that went in.
    pub frames: u64,
    /// Samples that went in.
    pub total: u64,
    /// Highest absolute sample that went in.
    pub peak: f32,
    /// Share of samples in runs at full scale.
    pub clipped_fraction: f64,
    /// Samples that were no numbers.
    pub not_numbers: u64,
    /// When the channels cancel each other: the loudest, to be used alone.
    pub cancelled: Option<usize>,
}

/// Levels of one channel so far.
#[derive(Debug, Clone, Copy, Default)]
struct Channel {
    energy: f64,
    clipped: u64,
    run: u32,
    run_positive: bool,
}

/// Takes a file's samples block by block.
pub(super) struct Intake<'a> {
    path: &'a Path,
    source: Source,
    mix: Mix,
    resampler: Resampler,
    channels: Vec<Channel>,
    mix_energy: f64,
    frames: u64,
    peak: f32,
    not_numbers: u64,
    mono: Vec<f32>,
    samples: Vec<f32>,
}

impl<'a> Intake<'a> {
    /// An intake for a file. `frames` is how many the file can hold at most, where that is certain.
    pub(super) fn new(path: &'a Path, source: Source, frames: Option<u64>, mix: Mix) -> Result<Self, AudioError> {
        let Source { rate_hz, channels, .. } = source;
        if channels == 0 || channels > MAX_CHANNELS {
            return Err(AudioError::Channels { path: path.into(), channels: channels.into() });
        }
        if !FILE_RATES_HZ.contains(&rate_hz) {
            return Err(AudioError::Rate { path: path.into(), rate_hz });
        }
        let frames = frames.unwrap_or(0);
        if frames > max_frames(rate_hz) {
            return Err(AudioError::TooLong { path: path.into() });
        }
        let resampler = Resampler::new(rate_hz).map_err(|reason| resample_error(path, &reason))?;
        let expected = frames as f64 * f64::from(SAMPLE_RATE_HZ) / f64::from(rate_hz);
        Ok(Self {
            path,
            source,
            mix,
            resampler,
            channels: vec![Channel::default(); usize::from(channels)],
            mix_energy: 0.0,
            frames: 0,
            peak: 0.0,
            not_numbers: 0,
            mono: Vec::with_capacity(BLOCK_FRAMES),
            samples: Vec::with_capacity(expected.ceil() as usize + 1),
        })
    }

    /// Takes whole frames of interleaved samples. What is no number becomes 0 in place.
    pub(super) fn push(&mut self, interleaved: &mut [f32]) -> Result<(), AudioError> {
        let count = self.channels.len();
        for block in interleaved.chunks_mut(BLOCK_FRAMES * count) {
            let frames = block.len() / count;
            let block = &mut block[..frames * count];
            self.frames += frames as u64;
            if self.frames > max_frames(self.source.rate_hz) {
                return Err(AudioError::TooLong { path: self.path.into() });
            }
            self.clean(block);
            let block_peak = block.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            self.peak = self.peak.max(block_peak);
            if block_peak >= self.source.full_scale.0 {
                self.count_clipping(block);
            } else {
                self.channels.iter_mut().for_each(|channel| channel.run = 0);
            }
            self.mix_down(block);
            let mono = std::mem::take(&mut self.mono);
            self.reserve(mono.len());
            let pushed = self.resampler.push(&mono, &mut self.samples);
            self.mono = mono;
            pushed.map_err(|reason| resample_error(self.path, &reason))?;
        }
        Ok(())
    }

    /// Takes silence for what was lost, so that the rest keeps its time.
    pub(super) fn push_silence(&mut self, seconds: f64) -> Result<(), AudioError> {
        let mut frames = (seconds * f64::from(self.source.rate_hz)).round() as usize;
        let mut silence = vec![0.0; BLOCK_FRAMES * self.channels.len()];
        while frames > 0 {
            let now = frames.min(BLOCK_FRAMES);
            self.push(&mut silence[..now * usize::from(self.source.channels)])?;
            frames -= now;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<Taken, AudioError> {
        let total = self.frames * self.channels.len() as u64;
        if self.frames == 0 {
            return Err(AudioError::NoSamples { path: self.path.into() });
        }
        if self.not_numbers == total {
            return Err(AudioError::AllNotNumbers { path: self.path.into(), count: total });
        }
        self.reserve(0);
        let (gain, cancelled) = self.verdict_on_channels();
        self.resampler.finish(&mut self.samples).map_err(|reason| resample_error(self.path, &reason))?;
        let gain = gain / self.peak.max(1.0);
        for sample in &mut self.samples {
            // the filter may overshoot full scale by a little
            *sample = (*sample * gain).clamp(-1.0, 1.0);
        }
        let clipped = self.channels.iter().map(|channel| channel.clipped).sum::<u64>();
        Ok(Taken {
            samples: self.samples,
            frames: self.frames,
            total,
            peak: self.peak,
            clipped_fraction: clipped as f64 / total as f64,
            not_numbers: self.not_numbers,
            cancelled,
        })
    }

    /// Frames taken so far.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Seconds taken so far.
    pub(super) fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(self.source.rate_hz)
    }

    /// The factor that makes up for dead channels, and the loudest channel when the others cancel it.
    fn verdict_on_channels(&self) -> (f32, Option<usize>) {
        if self.mix != Mix::Mean {
            return (1.0, None);
        }
        let loudest = self.channels.iter().map(|channel| channel.energy).fold(0.0, f64::max);
        let alive = |channel: &&Channel| channel.energy >= loudest * DEAD_CHANNEL_POWER;
        let living = self.channels.iter().filter(alive).count();
        if loudest == 0.0 || living == 0 {
            return (1.0, None);
        }
        let count = self.channels.len() as f64;
        let unrelated = self.channels.iter().filter(alive).map(|channel| channel.energy).sum::<f64>() / count.powi(2);
        let cancelled = living > 1 && self.mix_energy < unrelated * CANCELLED_SHARE;
        let position = self.channels.iter().position(|channel| channel.energy >= loudest);
        ((count / living as f64) as f32, position.filter(|_| cancelled))
    }

    /// Replaces what is no number by 0.
    fn clean(&mut self, block: &mut [f32]) {
        // false for NaN too
        if block.iter().all(|sample| sample.abs() <= MAX_SAMPLE) {
            return;
        }
        for sample in block {
            if sample.is_nan() || sample.abs() > MAX_SAMPLE {
                *sample = 0.0;
                self.not_numbers += 1;
            }
        }
    }

    /// Counts samples in runs at full scale, on one side of zero, for each channel.
    fn count_clipping(&mut self, block: &[f32]) {
        let (least, most) = self.source.full_scale;
        for (index, channel) in self.channels.iter_mut().enumerate() {
            for sample in block.iter().skip(index).step_by(usize::from(self.source.channels)) {
                let positive = *sample > 0.0;
                if !(least..=most).contains(&sample.abs()) {
                    channel.run = 0;
                } else if channel.run > 0 && positive == channel.run_positive {
                    channel.run = channel.run.saturating_add(1);
                } else {
                    channel.run = 1;
                    channel.run_positive = positive;
                }
                if channel.run == CLIP_RUN {
                    channel.clipped += u64::from(CLIP_RUN);
                } else if channel.run > CLIP_RUN {
                    channel.clipped += 1;
                }
            }
        }
    }

    /// Fills `mono` and adds up the energies.
    fn mix_down(&mut self, block: &[f32]) {
        self.mono.clear();
        let square = |sample: f32| f64::from(sample) * f64::from(sample);
        match (self.mix, self.channels.as_mut_slice()) {
            // nothing to choose between
            (_, [_]) => self.mono.extend_from_slice(block),
            (Mix::Only(index), channels) => {
                self.mono.extend(block.iter().skip(index).step_by(channels.len()));
            }
            (Mix::Mean, [left, right]) => {
                let (pairs, _) = block.as_chunks::<2>();
                for [a, b] in pairs {
                    let mean = (a + b) * 0.5;
                    left.energy += square(*a);
                    right.energy += square(*b);
                    self.mix_energy += square(mean);
                    self.mono.push(mean);
                }
            }
            (Mix::Mean, channels) => {
                let share = 1.0 / channels.len() as f32;
                for frame in block.chunks_exact(channels.len()) {
                    let mean = frame.iter().sum::<f32>() * share;
                    channels.iter_mut().zip(frame).for_each(|(channel, sample)| channel.energy += square(*sample));
                    self.mix_energy += square(mean);
                    self.mono.push(mean);
                }
            }
        }
    }

    /// Makes room for what `frames` more give, growing by a quarter: doubling would hold a long recording thrice.
    fn reserve(&mut self, frames: usize) {
        let missing = (self.resampler.expected_out(frames as u64) as usize).saturating_sub(self.samples.len());
        if self.samples.capacity() - self.samples.len() < missing {
            self.samples.reserve_exact(missing.max(self.samples.len() / 4).max(SAMPLE_RATE_HZ as usize));
        }
    }
}

fn max_frames(rate_hz: u32) -> u64 {
    (MAX_DURATION_S * f64::from(rate_hz)) as u64
}

fn resample_error(path: &Path, reason: &ResampleError) -> AudioError {
    AudioError::damaged(path, reason.to_string(), "a rate that can be resampled")
}
