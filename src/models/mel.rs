//! Whisper's mel filters, computed and not copied.

/// Whisper's sample rate.
const SAMPLE_RATE_HZ: f64 = 16_000.0;
/// Length of Whisper's Fourier transform, in samples.
const FFT_SAMPLES: usize = 400;
/// Bins of the spectrum that a filter weighs.
pub const FFT_BINS: usize = FFT_SAMPLES / 2 + 1;

/// Slaney's mel scale is linear up to here.
const BREAK_HZ: f64 = 1_000.0;
/// Hertz a mel in the linear part.
const HERTZ_PER_MEL: f64 = 200.0 / 3.0;
/// Mels at the break.
const BREAK_MEL: f64 = BREAK_HZ / HERTZ_PER_MEL;

/// Logarithmic steps above the break: 27 mels from 1000 Hz to 6400 Hz.
fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn mel_from_hertz(hertz: f64) -> f64 {
    if hertz < BREAK_HZ { hertz / HERTZ_PER_MEL } else { BREAK_MEL + (hertz / BREAK_HZ).ln() / log_step() }
}

fn hertz_from_mel(mel: f64) -> f64 {
    if mel < BREAK_MEL { mel * HERTZ_PER_MEL } else { BREAK_HZ * (log_step() * (mel - BREAK_MEL)).exp() }
}

/// `bands` triangular filters from 0 Hz to 8 kHz over [`FFT_BINS`] bins, one filter after the other, each of unit area
/// (Slaney 1998, *Auditory Toolbox*; as librosa's `filters.mel(sr=16000, n_fft=400)`, with which Whisper was trained).
pub fn filters(bands: usize) -> Vec<f32> {
    let top = mel_from_hertz(SAMPLE_RATE_HZ / 2.0);
    let step = top / (bands + 1) as f64;
    // the last edge is the top itself, not a multiple of the step that rounding has moved
    let mels = (0..=bands).map(|i| step * i as f64).chain([top]);
    let edges: Vec<f64> = mels.map(hertz_from_mel).collect();
    let mut weights = Vec::with_capacity(bands * FFT_BINS);
    for edge in edges.windows(3) {
        let [low, centre, high] = [edge[0], edge[1], edge[2]];
        let area = 2.0 / (high - low);
        weights.extend((0..FFT_BINS).map(|bin| {
            let hertz = bin as f64 * SAMPLE_RATE_HZ / FFT_SAMPLES as f64;
            let rise = (hertz - low) / (centre - low);
            let fall = (high - hertz) / (high - centre);
            // rounded twice, as librosa does: the published filters are reproduced to the last bit
            (f64::from(rise.min(fall).max(0.0) as f32) * area) as f32
        }));
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_published_filters() {
        // of the same bytes in whisper.cpp's models/for-tests-ggml-base.bin, from byte 56 on
        let bytes: Vec<u8> = filters(80).iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        assert_eq!(
            crate::models::verify::sha256_of(file.path()).unwrap(),
            "85818f156f7e189453901a515e4726d270d307f976e161cf9403e8caab405498"
        );
    }

    #[test]
    fn each_filter_is_a_triangle_and_neighbours_meet() {
        for bands in [80, 128] {
            let weights = filters(bands);
            assert_eq!(weights.len(), bands * FFT_BINS);
            assert!(weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0));
            let peaks: Vec<usize> = weights
                .chunks(FFT_BINS)
                .map(|row| (0..FFT_BINS).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap())
                .collect();
            assert!(peaks.is_sorted(), "{peaks:?}");
        }
    }
}
