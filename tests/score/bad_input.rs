//! Bad input: one clear line each, the exit code by contract, and the other files still scored.

use std::fs::File;

use predicates::prelude::*;
use predicates::str::{contains, is_empty};

use crate::harness::{Room, fixture, json, model, speech};

/// A WAV file with this header and data.
fn wav(format: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let block = channels * bits / 8;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0");
    bytes.extend([format.to_le_bytes(), channels.to_le_bytes()].concat());
    bytes.extend([rate_hz.to_le_bytes(), (rate_hz * u32::from(block)).to_le_bytes()].concat());
    bytes.extend([block.to_le_bytes(), bits.to_le_bytes()].concat());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn each_bad_file_gets_one_line_and_the_good_one_is_scored() {
    let room = Room::new();
    let nan: Vec<u8> = std::iter::repeat_n(f32::NAN.to_le_bytes(), 4000).flatten().collect();
    std::fs::create_dir(room.path("folder")).expect("a directory");
    std::fs::create_dir(room.path("folder.txt")).expect("a directory");
    room.put("empty.wav", "");
    room.put("text.wav", "Dear diary, today I was asked about queues.");
    room.put("header.wav", &wav(1, 1, 16_000, 16, &[])[..20]);
    room.put("no-samples.wav", wav(1, 1, 16_000, 16, &[]));
    room.put("no-channels.wav", wav(1, 0, 16_000, 16, &[0; 64]));
    room.put("slow.wav", wav(1, 1, 4_000, 16, &[0; 64]));
    room.put("nan.wav", wav(3, 1, 16_000, 32, &nan));
    let five_hours = File::create(room.path("five-hours.wav")).expect("a file");
    std::io::Write::write_all(&mut &five_hours, &wav(1, 1, 8_000, 16, &[])).expect("a header");
    five_hours.set_len(44 + 5 * 3600 * 16_000).expect("a sparse file");
    room.put("empty.txt", " \n");
    room.put("binary.txt", b"\x7fELF\0\0\0");
    room.put("latin.txt", b"na\xEFve");
    room.put("broken.json", "{\"words\": [\n");
    room.put("other.json", "{\"name\": \"viva\"}");
    room.put("good.txt", "I would start small and measure.");
    let files = [
        "missing.wav",
        "folder",
        "empty.wav",
        "text.wav",
        "header.wav",
        "no-samples.wav",
        "no-channels.wav",
        "slow.wav",
        "nan.wav",
        "five-hours.wav",
        "missing.txt",
        "folder.txt",
        "empty.txt",
        "binary.txt",
        "latin.txt",
        "broken.json",
        "other.json",
        "good.txt",
    ];
    let assert = room.score().args(files).arg("--json").assert().code(1);
    let output = assert.get_output();
    let all = json(output);
    assert_eq!(all.as_array().map(Vec::len), Some(1), "only the good file has a result");
    assert_eq!(all[0]["transcript"]["text"], "I would start small and measure.");
    insta::assert_snapshot!(room.plain(&output.stderr));
    // alone, each of them is bad input, and nothing is written that could be taken for a result
    for file in ["missing.wav", "text.wav", "empty.txt", "broken.json"] {
        room.score().args([file, "--json"]).assert().code(2).stdout(is_empty()).stderr(contains(file));
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    for name in ["secret.wav", "secret.txt"] {
        let path = room.put(name, "x");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("permissions");
        // root may read everything
        if File::open(&path).is_err() {
            room.score().arg(name).assert().code(2).stderr(contains(name).and(contains("ermission denied")));
        }
    }
}

#[test]
fn questions_banks_and_models_that_are_not_there_are_answered_with_what_was_meant() {
    let room = Room::new();
    room.put("a.txt", "I would start small.");
    let told = |args: &[&str], message: &str| {
        room.score().arg("a.txt").args(args).assert().code(2).stdout(is_empty()).stderr(contains(message));
    };
    told(&["--question", "monolith"], "error: there is no question \"monolith\" (did you mean monolith-evolution?)");
    told(&["--question", "x", "--bank", "lead-system-engineer"], "did you mean lead-systems-engineer?");
    told(&["--question", "x", "--bank", "gone.toml"], "cannot read the question bank gone.toml");
    told(&["--bank", "lead-systems-engineer"], "--question <ID>");
    told(&["--pause-threshold", "20"], "20 is not in 100..=5000");
    let silence = room.put("silence.wav", wav(1, 1, 16_000, 16, &vec![0; 64_000]));
    let model = |name: &str, message: &str| {
        room.score()
            .arg(&silence)
            .args(["--model", name])
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains(message));
    };
    model("smal", "silence.wav: not scored: there is no model called \"smal\" (did you mean \"small\"?)");
    model("./gone.bin", "./gone.bin: there is no such file; expected a Whisper model");
    room.put("corrupt.bin", [b"lmgg".as_slice(), &[0x55; 400]].concat());
    model("./corrupt.bin", "silence.wav: not scored: ./corrupt.bin: ");
    // a transcript needs no model
    room.score().args(["a.txt", "--model", "smal"]).assert().success();
}

#[test]
fn without_the_model_recordings_say_how_to_get_it_and_transcripts_are_scored() {
    let room = Room::new();
    room.put("a.txt", "I would start small.");
    std::fs::create_dir(room.path("models")).expect("a directory");
    room.score()
        .arg(speech())
        .args(["a.txt", "--json"])
        .env("VIVA_MODELS", room.path("models"))
        .assert()
        .code(1)
        .stdout(contains("I would start small."))
        .stderr(contains("fetch it with `viva models fetch base` (148 MB)").and(contains("\u{1b}").not()));
}

#[test]
fn silence_is_a_result_that_says_so_and_never_a_score() {
    let Some(_turn) = model() else { return };
    let room = Room::new();
    room.put("silence.wav", wav(1, 1, 16_000, 16, &vec![0; 64_000]));
    let assert = room.score().args(["silence.wav", "--json", "--question", "sql-vs-nosql"]).assert().code(1);
    let feedback = json(assert.stderr(is_empty()).get_output());
    assert_eq!(feedback["quality"]["status"], "unscorable");
    assert_eq!(feedback["quality"]["issues"][0]["code"], "silence");
    assert!(
        feedback["timing"]
            .as_object()
            .expect("timing")
            .values()
            .all(|value| value.is_null() || value == &serde_json::json!([]))
    );
    assert_eq!(feedback["coverage"], serde_json::Value::Null);
    room.score().arg("silence.wav").assert().code(1).stdout(contains("This recording cannot be judged"));
}

#[test]
fn a_damaged_recording_is_scored_as_far_as_it_goes_with_a_warning() {
    let Some(_turn) = model() else { return };
    let room = Room::new();
    let audio = viva::audio::read(&fixture("speech/librispeech/3080-5032-0000.flac")).expect("speech");
    let path = room.path("whole.wav");
    viva::audio::write_wav_16k(&path, &audio.samples).expect("a WAV file");
    let bytes = std::fs::read(&path).expect("its bytes");
    room.put("cut.wav", &bytes[..bytes.len() - 30_000]);
    let float: Vec<u8> = audio
        .samples
        .iter()
        .enumerate()
        .flat_map(|(index, sample)| if index % 9000 == 0 { f32::NAN } else { *sample }.to_le_bytes())
        .collect();
    room.put("nan.wav", wav(3, 1, 16_000, 32, &float));
    let mut lying = bytes;
    lying[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    room.put("lying.wav", lying);
    let assert = room.score().args(["cut.wav", "nan.wav", "lying.wav", "--json"]).assert().success();
    let all = json(assert.get_output());
    for (index, code) in ["interrupted", "not_numbers", "interrupted"].into_iter().enumerate() {
        let feedback = &all[index];
        let codes: Vec<_> =
            feedback["quality"]["issues"].as_array().expect("issues").iter().map(|issue| &issue["code"]).collect();
        assert!(codes.contains(&&serde_json::json!(code)), "{codes:?}");
        assert!(feedback["transcript"]["text"].as_str().is_some_and(|text| text.contains("pleased")), "{feedback}");
    }
}
