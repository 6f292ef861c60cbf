//! Compressed formats, from small files with half a second of silence and half a second of a 1 000 Hz tone.

use viva::audio::{Audio, AudioWarning, read};

use crate::make::{fixture, message, read_bytes, rms};

fn audio(name: &str) -> Audio {
    read(&fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// Where the tone begins, in seconds: the first millisecond in which it is half as loud as later.
fn onset_s(samples: &[f32]) -> f64 {
    let first = samples.chunks(16).position(|block| rms(block) > 0.088).expect("a tone");
    first as f64 / 1000.0
}

/// Frequency of the tone from its zero crossings, in hertz.
fn frequency_hz(samples: &[f32]) -> f64 {
    let tone = &samples[10_000..14_000];
    let crossings = tone.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    crossings as f64 * 4.0
}

#[test]
fn formats_that_know_their_length_are_exact_in_time() {
    for name in [
        "tone.flac",
        "tone-alac.m4a",
        "tone-alac.caf",
        "tone.aiff",
        "tone-mulaw.wav",
        "tone-alaw.wav",
        "tone.ogg",
        "tone.m4a",
        "video-with-sound.mp4",
    ] {
        let audio = audio(name);
        assert_eq!(audio.samples.len(), 16_000, "{name}");
        assert!((onset_s(&audio.samples) - 0.5).abs() <= 0.003, "{name}: {}", onset_s(&audio.samples));
        assert!((frequency_hz(&audio.samples) - 1000.0).abs() <= 4.0, "{name}");
        assert!((rms(&audio.samples[9_000..15_000]) - 0.177).abs() < 0.01, "{name}");
        assert_eq!(audio.warnings, [], "{name}");
    }
}

#[test]
fn lossless_formats_hold_the_samples_of_the_tone() {
    for name in ["tone.flac", "tone-alac.m4a", "tone-alac.caf"] {
        for (index, sample) in audio(name).samples.iter().enumerate() {
            let expected = if index >= 8_000 {
                0.25 * (std::f64::consts::TAU * 1000.0 * index as f64 / 16_000.0).sin()
            } else {
                0.0
            };
            assert!((f64::from(*sample) - expected).abs() < 1e-4, "{name}: sample {index}");
        }
    }
}

#[test]
fn lossy_formats_are_near_in_time() {
    for name in ["tone.mp3", "tone.aac", "tone-vorbis.webm", "tone-adpcm-ms.wav", "tone-adpcm-ima.wav"] {
        let audio = audio(name);
        // AAC without an edit list begins with one or two frames of silence that its encoder put there
        assert!((onset_s(&audio.samples) - 0.5).abs() <= 0.07, "{name}: {}", onset_s(&audio.samples));
        assert!((audio.duration_s - 1.0).abs() < 0.1, "{name}: {}", audio.duration_s);
        assert!((frequency_hz(&audio.samples) - 1000.0).abs() <= 8.0, "{name}");
        assert_eq!(audio.warnings, [], "{name}");
        assert_eq!((audio.channels, audio.clipped_fraction), (1, 0.0), "{name}");
    }
}

#[test]
fn the_content_decides_and_not_the_name() {
    let bytes = std::fs::read(fixture("tone.flac")).expect("a fixture");
    let named = read_bytes("really.wav", &bytes).expect("readable");
    assert_eq!(named, audio("tone.flac"));
}

#[test]
fn what_is_not_decoded_is_named_with_a_way_out() {
    let told = |name: &str| message(name, &std::fs::read(fixture(name)).expect("a fixture"));
    insta::assert_snapshot!(told("tone.opus"), @"tone.opus: holds Opus in Ogg, which cannot be read; convert it first: ffmpeg -i tone.opus -ac 1 -ar 16000 tone-16k.wav");
    insta::assert_snapshot!(told("tone.webm"), @"tone.webm: holds Opus in Matroska / WebM, which cannot be read; convert it first: ffmpeg -i tone.webm -ac 1 -ar 16000 tone-16k.wav");
    insta::assert_snapshot!(told("tone-gsm.wav"), @"tone-gsm.wav: holds GSM 6.10 in WAV, which cannot be read; convert it first: ffmpeg -i tone-gsm.wav -ac 1 -ar 16000 tone-gsm-16k.wav");
    insta::assert_snapshot!(told("silent-video.mp4"), @"silent-video.mp4: holds a video track and no sound; choose a file with a sound track");
}

#[test]
fn a_damaged_part_becomes_silence_and_a_warning() {
    let mut bytes = std::fs::read(fixture("tone.flac")).expect("a fixture");
    let middle = bytes.len() * 3 / 4;
    bytes[middle..middle + 40].fill(0x55);
    let damaged = read_bytes("x.flac", &bytes).expect("readable in part");
    assert!((damaged.duration_s - 1.0).abs() < 1e-3, "what comes later keeps its time: {}", damaged.duration_s);
    assert_eq!(damaged.warnings, [AudioWarning::Dropped { packets: 1 }]);
}

#[test]
fn a_file_that_ends_early_is_read_as_far_as_it_goes() {
    // most of the Ogg file is the codec's tables
    for (name, kept) in [("tone.flac", 0.8), ("tone.mp3", 0.8), ("tone.aac", 0.8), ("tone.ogg", 0.95)] {
        let bytes = std::fs::read(fixture(name)).expect("a fixture");
        let audio =
            read_bytes(name, &bytes[..(bytes.len() as f64 * kept) as usize]).unwrap_or_else(|error| panic!("{error}"));
        assert!((0.5..1.05).contains(&audio.duration_s), "{name}: {}", audio.duration_s);
        assert!(onset_s(&audio.samples) < 0.57, "{name}");
    }
}

#[test]
fn a_fault_in_a_decoder_is_an_error_about_the_file() {
    // 4 billion bytes a packet, which overflows in symphonia 0.6.1
    let mut bytes = std::fs::read(fixture("tone-alac.caf")).expect("a fixture");
    bytes[36..40].fill(0xFF);
    insta::assert_snapshot!(message("a.caf", &bytes), @"a.caf: is damaged: data that the decoder cannot cope with; expected a sound file that plays elsewhere; copy or export it again");
}
