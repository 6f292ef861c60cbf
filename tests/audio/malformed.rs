//! Bad input: one clear line for each, and nothing lost that could be read.

use std::path::Path;

use viva::audio::{AudioWarning, read};

use crate::make::{Wav, message, tone};

fn second() -> Vec<i16> {
    tone(440.0, 16_000, 16_000).iter().map(|sample| (sample * 32_768.0) as i16).collect()
}

#[test]
fn sizes_that_lie_do_not_lose_what_is_there() {
    let whole = Wav::mono16(16_000, &second());
    let expected = whole.read().expect("readable").samples;
    let unfinished = AudioWarning::Unfinished { found_s: 1.0 };
    for (size, warning) in [
        (0_u32, unfinished.clone()),
        (0xFFFF_FFFF, unfinished.clone()),
        (16_000, unfinished),
        (64_000, AudioWarning::CutShort { promised_s: 2.0, found_s: 1.0 }),
        (0xFFFF_FFFE, AudioWarning::CutShort { promised_s: 4_294_967_294.0 / 32_000.0, found_s: 1.0 }),
    ] {
        for riff_size in [0, size.wrapping_add(36), 0xFFFF_FFFF] {
            let wav = Wav { data_size: Some(size), riff_size: Some(riff_size), ..whole.clone() };
            let audio = wav.read().expect("readable");
            assert_eq!(audio.samples, expected, "{size:#x}");
            assert_eq!(audio.warnings, std::slice::from_ref(&warning), "{size:#x}");
            assert!(audio.samples.capacity() < 20_000, "a promise allocates nothing");
        }
    }
}

#[test]
fn telephone_codecs_survive_a_size_that_lies_too() {
    let mut wav = Wav::mono16(8_000, &[]);
    (wav.tag, wav.bits) = (7, 8);
    wav.format_tail = vec![0, 0];
    wav.data = vec![0x80; 8_000];
    wav.data_size = Some(0);
    let audio = wav.read().expect("readable");
    assert_eq!((audio.samples.len(), audio.warnings), (16_000, vec![AudioWarning::Unfinished { found_s: 1.0 }]));
}

#[test]
fn padding_after_the_samples_is_no_sound() {
    let mut wav = Wav::mono16(16_000, &second());
    wav.after = vec![0; 128];
    let audio = wav.read().expect("readable");
    assert_eq!((audio.samples.len(), audio.warnings), (16_000, vec![]));
}

#[test]
fn half_a_frame_at_the_end_is_dropped() {
    let mut wav = Wav::mono16(16_000, &second());
    wav.data.push(1);
    assert_eq!(wav.read().expect("readable").samples.len(), 16_000);
}

#[test]
fn samples_that_are_no_numbers_become_silence() {
    let mut wav = Wav::mono16(16_000, &[]);
    (wav.tag, wav.bits) = (3, 32);
    let samples = [0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -0.5];
    wav.data = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let audio = wav.read().expect("readable");
    assert_eq!(audio.samples, [0.5, 0.0, 0.0, 0.0, 0.0, -0.5]);
    assert_eq!(audio.warnings, [AudioWarning::NotNumbers { count: 4, total: 6 }]);
    assert_eq!(audio.peak, 0.5);
}

#[test]
fn warnings_say_what_happened() {
    let warnings = [
        AudioWarning::CutShort { promised_s: 60.0, found_s: 12.34 },
        AudioWarning::Unfinished { found_s: 12.34 },
        AudioWarning::Dropped { packets: 1 },
        AudioWarning::Dropped { packets: 3 },
        AudioWarning::NotNumbers { count: 4, total: 6 },
        AudioWarning::OutOfPhase { channel: 1 },
        AudioWarning::BeyondFullScale { peak: 4.0 },
    ];
    insta::assert_snapshot!(warnings.map(|warning| format!("{}: {warning}", warning.code())).join("\n"), @r##"
    interrupted: The file promises 60.0 s and ends after 12.3 s; what is there was read. Copy it again if the end is missing.
    interrupted: The header does not say how long the recording is, as when a recorder is stopped by force or writes to a pipe; all 12.3 s in the file were read.
    damaged: One damaged part of the file was replaced by silence; copy the file again if you can.
    damaged: 3 damaged parts of the file were replaced by silence; copy the file again if you can.
    not_numbers: 4 of 6 samples are not numbers and were replaced by silence; export the file again.
    out_of_phase: The channels cancel each other, as with a wrongly wired cable; only channel 1 was used.
    beyond_full_scale: Samples reach 4.0 times full scale; the recording was scaled down to fit.
    "##);
}

#[test]
fn every_bad_wav_gets_one_clear_line() {
    let good = Wav::mono16(16_000, &second());
    let bytes = good.bytes();
    let mut told = Vec::new();
    let mut tell = |case: &str, bytes: &[u8]| told.push(format!("{case}: {}", message("a.wav", bytes)));
    tell("empty", &[]);
    tell("text", b"Tell me about a time when you failed.\n");
    tell("four bytes", &bytes[..4]);
    tell("header cut in the format", &bytes[..20]);
    tell("no data chunk", &bytes[..36]);
    tell("no samples", &Wav { data: Vec::new(), ..good.clone() }.bytes());
    tell(
        "empty data before a list",
        &Wav { data: Vec::new(), after: b"LIST\x04\x00\x00\x00INFO".to_vec(), ..good.clone() }.bytes(),
    );
    tell("no channels", &Wav { channels: 0, ..good.clone() }.bytes());
    tell("many channels", &Wav { channels: 60_000, ..good.clone() }.bytes());
    tell("0 Hz", &Wav { rate: 0, ..good.clone() }.bytes());
    tell("4 GHz", &Wav { rate: u32::MAX, ..good.clone() }.bytes());
    tell("0 bits", &Wav { bits: 0, ..good.clone() }.bytes());
    tell("48 bits", &Wav { bits: 48, ..good.clone() }.bytes());
    tell("16-bit floats", &Wav { tag: 3, ..good.clone() }.bytes());
    tell("MP3 in WAV", &Wav { tag: 0x55, ..good.clone() }.bytes());
    tell("unknown codec", &Wav { tag: 0x1234, ..good.clone() }.bytes());
    let mut float = Wav { tag: 3, bits: 32, ..good.clone() };
    float.data = f32::NAN.to_le_bytes().repeat(100);
    tell("all NaN", &float.bytes());
    let mut data_first = b"RIFF\x24\x00\x00\x00WAVEdata\x04\x00\x00\x00".to_vec();
    data_first.extend([0; 64]);
    tell("data before format", &data_first);
    let mut skips = bytes[..36].to_vec();
    skips.extend(b"junk\xff\xff\xff\xff");
    skips.extend([1; 100]);
    tell("a chunk longer than the file", &skips);
    insta::assert_snapshot!(told.join("\n"), @r##"
    empty: a.wav: is empty (0 bytes); record it again or copy it again
    text: a.wav: is text, not a recording; expected WAV, FLAC, MP3, M4A, Ogg Vorbis, AIFF or CAF
    four bytes: a.wav: is damaged: the file ends after 4 bytes; expected a RIFF header of 12 bytes; copy or export it again
    header cut in the format: a.wav: is damaged: the file ends after 20 bytes; expected a whole format chunk; copy or export it again
    no data chunk: a.wav: is damaged: the file ends after 36 bytes; expected a chunk named data; copy or export it again
    no samples: a.wav: has a header and no samples, as a recorder leaves it that never started; record it again
    empty data before a list: a.wav: has a header and no samples, as a recorder leaves it that never started; record it again
    no channels: a.wav: its header says 0 channels; expected 1 to 18; export it again as mono
    many channels: a.wav: its header says 60000 channels; expected 1 to 18; export it again as mono
    0 Hz: a.wav: its header says 0 Hz; expected 8000 to 192000 Hz; resample or export it again
    4 GHz: a.wav: its header says 4294967295 Hz; expected 8000 to 192000 Hz; resample or export it again
    0 bits: a.wav: is damaged: samples of 0 bits in blocks of 0 bytes; expected 8, 16, 24 or 32 bits; copy or export it again
    48 bits: a.wav: is damaged: samples of 48 bits in blocks of 6 bytes; expected 8, 16, 24 or 32 bits; copy or export it again
    16-bit floats: a.wav: is damaged: floating-point samples of 16 bits; expected 32 or 64 bits; copy or export it again
    MP3 in WAV: a.wav: holds MP3 in WAV, which cannot be read; convert it first: ffmpeg -i a.wav -ac 1 -ar 16000 a-16k.wav
    unknown codec: a.wav: holds codec number 0x1234 in WAV, which cannot be read; convert it first: ffmpeg -i a.wav -ac 1 -ar 16000 a-16k.wav
    all NaN: a.wav: all 100 samples are NaN or infinite; export it again as 16-bit WAV
    data before format: a.wav: is damaged: samples before their format; expected a chunk named fmt first; copy or export it again
    a chunk longer than the file: a.wav: is damaged: the file ends after 144 bytes; expected a chunk named data; copy or export it again
    "##);
}

#[test]
fn other_things_than_recordings_get_one_clear_line() {
    let mut told = Vec::new();
    let mut tell = |name: &str, bytes: &[u8]| told.push(message(name, bytes));
    tell("cv.pdf", b"%PDF-1.7\n%\xe2\xe3");
    tell("archive.zip", b"PK\x03\x04\x14\x00\x00\x00");
    tell("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF");
    tell("zeros.wav", &[0; 4_096]);
    tell("noise.bin", &(0..4_096_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>());
    tell("voice.amr", b"#!AMR\n\x3c\x91\x17");
    tell("it's a talk.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9");
    tell("cut.flac", b"fLaC\x00\x00\x00\x22\x10");
    tell("cut.ogg", b"OggS\x00\x02\x00\x00");
    tell("cut.m4a", b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00");
    insta::assert_snapshot!(told.join("\n"), @r##"
    cv.pdf: is a PDF document, not a recording; expected WAV, FLAC, MP3, M4A, Ogg Vorbis, AIFF or CAF
    archive.zip: is a ZIP archive or an office document, not a recording; expected WAV, FLAC, MP3, M4A, Ogg Vorbis, AIFF or CAF
    photo.jpg: is a JPEG picture, not a recording; expected WAV, FLAC, MP3, M4A, Ogg Vorbis, AIFF or CAF
    zeros.wav: is nothing but zeros, not a recording; expected WAV, FLAC, MP3, M4A, Ogg Vorbis, AIFF or CAF
    noise.bin: is in no format that is known, not a recording; expected WAV, FLAC, MP3, M4A, Ogg Vorbis, AIFF or CAF
    voice.amr: holds AMR speech, which cannot be read; convert it first: ffmpeg -i voice.amr -ac 1 -ar 16000 voice-16k.wav
    it's a talk.wma: holds Windows Media, which cannot be read; convert it first: ffmpeg -i 'it'\''s a talk.wma' -ac 1 -ar 16000 'it'\''s a talk-16k.wav'
    cut.flac: is damaged: the file ends inside its header; expected a whole sound file; copy or export it again
    cut.ogg: is damaged: the file ends inside its header; expected a whole sound file; copy or export it again
    cut.m4a: holds a variant of its format (isomp4: missing ftyp atom), which cannot be read; convert it first: ffmpeg -i cut.m4a -ac 1 -ar 16000 cut-16k.wav
    "##);
}

#[test]
fn a_path_that_is_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |path: &Path| {
        read(path).expect_err("an error").to_string().replace(&folder.path().display().to_string(), "FOLDER")
    };
    insta::assert_snapshot!(told(&folder.path().join("gone.wav")), @"FOLDER/gone.wav: no such file; check the spelling and the folder");
    insta::assert_snapshot!(told(folder.path()), @"FOLDER: is a folder, not a recording; name the files in it");
    insta::assert_snapshot!(told(Path::new("/dev/zero")), @"/dev/zero: is a device or a pipe, not a file; save the recording to a file first");
    let pipe = folder.path().join("pipe.wav");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        insta::assert_snapshot!(told(&pipe), @"FOLDER/pipe.wav: is a device or a pipe, not a file; save the recording to a file first");
    }
}
