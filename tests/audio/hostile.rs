//! Any bytes at all: never a panic, never more memory than the file can fill.

use proptest::prelude::*;
use viva::audio::{Audio, AudioError};

use crate::make::{Wav, fixture, read_bytes};

/// What holds for every result.
fn sound(result: &Result<Audio, AudioError>, file_length: usize) -> Result<(), TestCaseError> {
    match result {
        Ok(audio) => {
            prop_assert!(audio.samples.iter().all(|sample| (-1.0..=1.0).contains(sample)));
            prop_assert!(audio.peak.is_finite() && audio.duration_s.is_finite());
            prop_assert!((0.0..=1.0).contains(&audio.clipped_fraction));
            let expected = (audio.duration_s * 16_000.0).round();
            prop_assert!((audio.samples.len() as f64 - expected).abs() <= 1.0);
            // a byte of PCM is at most two samples at 16 kHz
            prop_assert!(audio.samples.capacity() < 2 * file_length + 70_000 || audio.sample_rate_hz < 8_000);
        }
        Err(error) => prop_assert!(!error.to_string().contains('\n'), "{}", error),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        sound(&read_bytes("x.wav", &bytes), 1 << 20)?;
    }

    #[test]
    fn arbitrary_bytes_behind_a_marker(
        marker in prop::sample::select(vec![
            &b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00"[..], b"RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00",
            b"RIFX\x00\x00\x00\x00WAVE", b"fLaC\x00\x00\x00\x22", b"OggS\x00\x02", b"ID3\x04\x00\x00", b"\xff\xfb\x90\x64",
            b"\xff\xf1\x50\x80", b"FORM\x00\x00\x10\x00AIFFCOMM", b"caff\x00\x01\x00\x00desc",
            b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00moov", b"\x1a\x45\xdf\xa3",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..2_000),
    ) {
        sound(&read_bytes("x.wav", &[marker, &bytes].concat()), 1 << 20)?;
    }

    #[test]
    fn wav_headers_with_any_field_wrong(
        tag in prop::sample::select(vec![0, 1, 2, 3, 6, 7, 0x11, 0x55, 0xFFFE, 0xFFFF]),
        (channels, rate, align, bits) in (
            prop_oneof![0_u16..20, any::<u16>()],
            prop_oneof![Just(8_000_u32), Just(44_100), Just(192_000), any::<u32>()],
            prop::option::of(prop_oneof![0_u16..64, any::<u16>()]),
            prop_oneof![0_u16..70, any::<u16>()],
        ),
        (riff_size, data_size) in (prop::option::of(any::<u32>()), prop::option::of(any::<u32>())),
        format_tail in prop::collection::vec(any::<u8>(), 0..50),
        data in prop::collection::vec(any::<u8>(), 0..2_000),
        big_endian in any::<bool>(),
    ) {
        let riff = if big_endian { *b"RIFX" } else { *b"RIFF" };
        let wav = Wav {
            riff, riff_size, tag, channels, rate, block_align: align, bits, format_tail,
            between: Vec::new(), data_size, data, after: Vec::new(),
        };
        sound(&wav.read(), 1 << 20)?;
    }

    #[test]
    fn real_files_with_bytes_changed(
        name in prop::sample::select(vec![
            "tone.flac", "tone.mp3", "tone.m4a", "tone-alac.m4a", "tone.ogg", "tone.aac", "tone.aiff", "tone-alac.caf",
            "tone-vorbis.webm", "tone-mulaw.wav", "tone-adpcm-ms.wav", "tone-adpcm-ima.wav", "video-with-sound.mp4",
        ]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        keep in 0.2_f64..1.0,
    ) {
        let mut bytes = std::fs::read(fixture(name)).expect("a fixture");
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        for (index, value) in changes {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        sound(&read_bytes(name, &bytes), 1 << 22)?;
    }
}
