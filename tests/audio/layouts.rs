//! WAV in every layout that recorders write.

use hound::{SampleFormat, WavSpec, WavWriter};
use viva::audio::{AudioWarning, read, write_wav_16k};

use crate::make::{Wav, read_bytes, tone};

/// Samples that show sign, scale and byte order: the extremes, zero, one step either side.
const STEPS: [f64; 8] = [0.0, 0.5, -0.5, 0.25, -1.0, 0.007_812_5, -0.007_812_5, 0.75];

/// Largest difference between two lists of samples.
fn difference(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(found, expected)| (f64::from(*found) - expected).abs()).fold(0.0, f64::max)
}

#[test]
fn every_depth_of_integers_and_floats_is_exact() {
    for (bits, sample_format) in [
        (8, SampleFormat::Int),
        (16, SampleFormat::Int),
        (24, SampleFormat::Int),
        (32, SampleFormat::Int),
        (32, SampleFormat::Float),
    ] {
        for channels in 1..=8 {
            let spec = WavSpec { channels, sample_rate: 16_000, bits_per_sample: bits, sample_format };
            let mut bytes = std::io::Cursor::new(Vec::new());
            let mut writer = WavWriter::new(&mut bytes, spec).expect("a writer");
            for step in STEPS {
                for _ in 0..channels {
                    match sample_format {
                        SampleFormat::Float => writer.write_sample(step as f32),
                        SampleFormat::Int => writer.write_sample((step * 2_f64.powi(i32::from(bits) - 1)) as i32),
                    }
                    .expect("a sample");
                }
            }
            writer.finalize().expect("a file");
            let audio = read_bytes("x.wav", bytes.get_ref()).expect("readable");
            assert!(difference(&audio.samples, &STEPS) < 1e-6, "{bits} bits, {channels} channels: {audio:?}");
            assert_eq!((audio.channels, audio.sample_rate_hz), (channels, 16_000));
            assert_eq!(audio.warnings, []);
            assert!((audio.peak - 1.0).abs() < 1e-6);
            assert_eq!(audio.duration_s, 8.0 / 16_000.0);
        }
    }
}

#[test]
fn floats_of_64_bits_and_big_endian_files_are_exact() {
    let mut wav = Wav::mono16(16_000, &[]);
    wav.bits = 64;
    wav.tag = 3;
    wav.data = STEPS.iter().flat_map(|step| step.to_le_bytes()).collect();
    assert!(difference(&wav.read().expect("readable").samples, &STEPS) < 1e-6);
    wav.riff = *b"RIFX";
    wav.data = STEPS.iter().flat_map(|step| step.to_be_bytes()).collect();
    assert!(difference(&wav.read().expect("readable").samples, &STEPS) < 1e-6);
    for bytes in [2, 3, 4] {
        wav.tag = 1;
        wav.bits = bytes * 8;
        let scale = 2_f64.powi(i32::from(wav.bits) - 1);
        let word = |step: &f64| ((step * scale) as i32).to_be_bytes()[4 - usize::from(bytes)..].to_vec();
        wav.data = STEPS.iter().flat_map(word).collect();
        assert!(difference(&wav.read().expect("readable").samples, &STEPS) < 1e-6, "{bytes} bytes");
    }
}

#[test]
fn twenty_four_bits_in_words_of_thirty_two_are_at_the_top() {
    let mut wav = Wav::mono16(16_000, &[]);
    wav.tag = 0xFFFE;
    wav.bits = 32;
    let guid = b"\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71";
    wav.format_tail = [&22_u16.to_le_bytes()[..], &24_u16.to_le_bytes(), &4_u32.to_le_bytes(), guid].concat();
    wav.data = STEPS.iter().flat_map(|step| ((step * 2_147_483_648.0) as i32).to_le_bytes()).collect();
    assert!(difference(&wav.read().expect("readable").samples, &STEPS) < 1e-6);
}

#[test]
fn chunks_of_odd_length_before_and_after_the_samples_are_skipped() {
    let mut wav = Wav::mono16(16_000, &[0, 16_384, -16_384]);
    wav.between = b"LIST\x05\x00\x00\x00INFOx\x00".to_vec();
    wav.after = b"LIST\x04\x00\x00\x00INFO".repeat(2_000);
    let audio = wav.read().expect("readable");
    assert_eq!(audio.samples, [0.0, 0.5, -0.5]);
    assert_eq!(audio.warnings, []);
}

#[test]
fn rf64_takes_its_length_from_ds64() {
    let mut wav = Wav::mono16(16_000, &[0, 16_384, -16_384]);
    wav.riff = *b"RF64";
    let bytes = wav.bytes();
    let mut wide = bytes[..12].to_vec();
    wide.extend(b"ds64\x1c\x00\x00\x00");
    wide.extend(90_u64.to_le_bytes());
    wide.extend(6_u64.to_le_bytes());
    wide.extend([0; 12]);
    wide.extend(&bytes[12..36]);
    wide.extend(b"data\xff\xff\xff\xff");
    wide.extend(&bytes[44..]);
    let audio = read_bytes("x.wav", &wide).expect("readable");
    assert_eq!((audio.samples, audio.warnings), (vec![0.0, 0.5, -0.5], vec![]));
}

#[test]
fn a_dead_channel_does_not_halve_the_voice() {
    let voice: Vec<i16> = tone(440.0, 16_000, 1_600).iter().map(|sample| (sample * 32_768.0) as i16).collect();
    let mut wav = Wav::mono16(16_000, &voice.iter().flat_map(|sample| [0, *sample]).collect::<Vec<_>>());
    wav.channels = 2;
    let stereo = wav.read().expect("readable");
    let mono = Wav::mono16(16_000, &voice).read().expect("readable");
    assert_eq!(stereo.samples, mono.samples);
    assert_eq!(stereo.warnings, []);
}

#[test]
fn channels_out_of_phase_do_not_cancel() {
    let voice: Vec<i16> = tone(440.0, 16_000, 1_600).iter().map(|sample| (sample * 32_768.0) as i16).collect();
    let inverted = voice.iter().flat_map(|sample| [sample / 2, -sample]).collect::<Vec<_>>();
    let mut wav = Wav::mono16(16_000, &voice.iter().flat_map(|sample| [*sample, -*sample]).collect::<Vec<_>>());
    wav.channels = 2;
    let audio = wav.read().expect("readable");
    assert_eq!(audio.warnings, [AudioWarning::OutOfPhase { channel: 1 }]);
    assert_eq!(audio.samples, Wav::mono16(16_000, &voice).read().expect("readable").samples);
    // the quieter one does not cancel the louder, and their mean is a voice
    wav.data = inverted.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    assert_eq!(wav.read().expect("readable").warnings, []);
}

#[test]
fn two_speakers_on_two_channels_are_mixed() {
    let frames = [[8_192, 0], [0, 16_384], [-8_192, 16_384]];
    let mut wav = Wav::mono16(16_000, &frames.concat());
    wav.channels = 2;
    assert_eq!(wav.read().expect("readable").samples, [0.125, 0.25, 0.125]);
}

#[test]
fn clipping_counts_runs_of_three_and_not_peaks() {
    let high = i16::MAX;
    let low = i16::MIN;
    let samples = [0, high, 0, high, high, 0, high, high, high, 0, low, low, low, low, 0, high, low, high, low, 0];
    let audio = Wav::mono16(16_000, &samples).read().expect("readable");
    assert_eq!(audio.clipped_fraction, 7.0 / 20.0);
    // the channels are told apart
    let mut wav = Wav::mono16(16_000, &[high, 0, high, 0, high, 0, 0, 0]);
    wav.channels = 2;
    assert_eq!(wav.read().expect("readable").clipped_fraction, 3.0 / 8.0);
    // a run over the border of two blocks
    let mut long = vec![0; 5_000];
    long[2_040..2_060].fill(high);
    assert_eq!(Wav::mono16(16_000, &long).read().expect("readable").clipped_fraction, 20.0 / 5_000.0);
}

#[test]
fn a_hot_recording_in_floats_is_scaled_and_not_clipped() {
    let mut wav = Wav::mono16(16_000, &[]);
    (wav.tag, wav.bits) = (3, 32);
    let hot = [0.0_f32, 4.0, -2.0, 4.0, 4.0, 4.0];
    wav.data = hot.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let audio = wav.read().expect("readable");
    assert_eq!(audio.samples, [0.0, 1.0, -0.5, 1.0, 1.0, 1.0]);
    assert_eq!((audio.peak, audio.clipped_fraction), (4.0, 0.0));
    assert_eq!(audio.warnings, [AudioWarning::BeyondFullScale { peak: 4.0 }]);
}

#[test]
fn every_rate_gives_the_exact_length() {
    for rate in [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 47_999, 48_000, 88_200, 96_000, 192_000]
    {
        let frames = rate as usize / 2 + 7;
        let samples: Vec<i16> = tone(440.0, rate, frames).iter().map(|sample| (sample * 32_768.0) as i16).collect();
        let audio = Wav::mono16(rate, &samples).read().expect("readable");
        assert_eq!(audio.samples.len(), (frames as f64 * 16_000.0 / f64::from(rate)).round() as usize, "{rate} Hz");
        assert_eq!(audio.duration_s, frames as f64 / f64::from(rate));
    }
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.wav");
    let samples = [0.0, 0.5, -1.0, 0.25, f32::NAN, 3.0];
    write_wav_16k(&path, &samples).expect("written");
    let audio = read(&path).expect("readable");
    assert_eq!(audio.samples[..5], [0.0, 0.5, -1.0, 0.25, 0.0]);
    assert!((audio.samples[5] - 1.0).abs() < 1e-4);
    let missing = folder.path().join("no/x.wav");
    let message = write_wav_16k(&missing, &samples).expect_err("no folder").to_string();
    assert!(message.contains("cannot be written") && message.contains("x.wav"), "{message}");
}

#[test]
fn the_hash_is_of_the_bytes() {
    // as sha256sum says of the same 49 bytes
    let mut wav = Wav::mono16(16_000, &[0]);
    wav.after = b"abc".to_vec();
    let audio = wav.read().expect("readable");
    assert_eq!(audio.sha256, "0dab8b483f3260a7973dbaf3a37e62e3c80adef98736778d3cc0b716213105f4");
}
