//! Recordings, with the real model: the contract, determinism, formats, and that what is found is there.

use std::process::Output;
use std::sync::OnceLock;

use serde_json::Value;
use viva::feedback::Feedback;

use crate::harness::{Room, fixture, json, model};

/// A spoken answer to its question, scored once for all tests; `None` without the model.
fn answer() -> Option<&'static (Output, String)> {
    static SCORED: OnceLock<(Output, String)> = OnceLock::new();
    let _turn = model()?;
    Some(SCORED.get_or_init(|| {
        let room = Room::new();
        let assert = room
            .score()
            .arg(fixture("recordings/five-tasks-two-engineers--partial.flac"))
            .args(["--question", "five-tasks-two-engineers", "--json", "--report", "page.html"])
            .assert()
            .success();
        let page = std::fs::read_to_string(room.path("page.html")).expect("the page");
        (assert.get_output().clone(), page)
    }))
}

fn label(name: &str) -> Value {
    let text = std::fs::read_to_string(fixture(name)).expect("the label");
    serde_json::from_str(&text).expect("JSON")
}

type Check<'a> = (&'a str, &'a dyn Fn(&Value) -> bool);

#[test]
fn the_document_keeps_the_contract() {
    let Some((output, _)) = answer() else { return };
    let document = json(output);
    let number = Value::is_number;
    let maybe = |value: &Value| value.is_number() || value.is_null();
    let checks: &[Check] = &[
        ("/schema", &|value| value == "viva.feedback/1"),
        ("/recording/path", &Value::is_string),
        ("/recording/sha256", &|value| value.as_str().is_some_and(|hash| hash.len() == 64)),
        ("/recording/duration_s", &|value| value == 83.255),
        ("/recording/sample_rate_hz", &|value| value == 16_000),
        ("/recording/channels", &|value| value == 1),
        ("/question/bank", &|value| value == "lead-systems-engineer"),
        ("/question/id", &|value| value == "five-tasks-two-engineers"),
        ("/question/prompt", &Value::is_string),
        ("/model/name", &|value| value == "base"),
        ("/model/sha256", &|value| value.as_str().is_some_and(|hash| hash.len() == 64)),
        ("/quality/status", &|value| value == "ok" || value == "warn"),
        ("/quality/issues", &Value::is_array),
        ("/quality/snr_db", &maybe),
        ("/quality/peak_dbfs", &number),
        ("/quality/clipped_fraction", &number),
        ("/transcript/text", &Value::is_string),
        ("/transcript/words/0/text", &Value::is_string),
        ("/transcript/words/0/start_s", &number),
        ("/transcript/words/0/end_s", &number),
        ("/transcript/words/0/probability", &maybe),
        ("/timing/answer_s", &number),
        ("/timing/response_latency_s", &number),
        ("/timing/speaking_s", &number),
        ("/timing/words", &Value::is_u64),
        ("/timing/syllables", &Value::is_u64),
        ("/timing/speech_rate_wpm", &number),
        ("/timing/articulation_rate_syl_per_s", &number),
        ("/timing/phonation_time_ratio", &|value| value.as_f64().is_some_and(|ratio| ratio > 0.0 && ratio < 1.0)),
        ("/timing/mean_length_of_run_syl", &number),
        ("/timing/pauses/0/start_s", &number),
        ("/timing/pauses/0/end_s", &number),
        ("/timing/pauses/0/position", &|value| value == "boundary" || value == "within_clause"),
        ("/timing/pace/0/wpm", &number),
        ("/fillers/per_minute", &number),
        ("/fillers/items/0/kind", &Value::is_string),
        ("/fillers/items/0/text", &Value::is_string),
        ("/fillers/items/0/start_s", &number),
        ("/fillers/items/0/end_s", &number),
        ("/fillers/items/0/evidence", &|value| value == "transcript" || value == "acoustic" || value == "both"),
        ("/fillers/items/0/confidence", &number),
        ("/advice/0/code", &Value::is_string),
        ("/advice/0/message", &Value::is_string),
    ];
    for (place, right) in checks {
        let value = document.pointer(place).unwrap_or_else(|| panic!("{place} is missing"));
        assert!(right(value), "{place} is {value}");
    }
    assert!(document["advice"].as_array().is_some_and(|advice| advice.len() <= 3), "at most three pieces of advice");
    // and the program's own types read it without a loss
    let feedback: Feedback = serde_json::from_slice(&output.stdout).expect("the contract");
    assert_eq!(serde_json::to_value(feedback).expect("JSON"), document);
}

#[test]
fn stdout_holds_the_document_alone_and_stderr_is_quiet_without_a_terminal() {
    let Some((output, page)) = answer() else { return };
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text, "written: page.html\n");
    assert!(output.stdout.starts_with(b"{\n") && output.stdout.ends_with(b"}\n"));
    assert!(page.contains("five-tasks-two-engineers") && !page.contains("<script"));
}

#[test]
fn what_was_said_and_when_is_found() {
    let Some((output, _)) = answer() else { return };
    let (document, label) = (json(output), label("recordings/five-tasks-two-engineers--partial.json"));
    let said = document["transcript"]["text"].as_str().expect("a text");
    let wrong = word_error_rate(label["text"].as_str().expect("a text"), said);
    assert!(wrong < 0.25, "word error rate {wrong:.3}: {said}");
    let latency = |value: &Value| value.as_f64().expect("a latency");
    let late = latency(&document["timing"]["response_latency_s"]) - latency(&label["response_latency_s"]);
    assert!(late.abs() < 0.3, "{late}");
    let spans = |list: &Value| -> Vec<(f64, f64)> {
        let moment = |item: &Value, key: &str| item[key].as_f64().expect("a moment");
        list.as_array().expect("spans").iter().map(|item| (moment(item, "start_s"), moment(item, "end_s"))).collect()
    };
    let found = spans(&document["timing"]["pauses"]);
    let labelled = spans(&label["pauses"]);
    let hit = labelled.iter().filter(|pause| found.iter().any(|other| half_shared(**pause, *other))).count();
    assert!(hit * 10 >= labelled.len() * 7, "{hit} of {} pauses", labelled.len());
}

/// Whether two spans share half of what they cover together.
fn half_shared(a: (f64, f64), b: (f64, f64)) -> bool {
    let shared = a.1.min(b.1) - a.0.max(b.0);
    shared > 0.0 && shared >= 0.5 * (a.1.max(b.1) - a.0.min(b.0))
}

#[test]
fn real_speech_is_recognised_one_line_for_each_file() {
    let Some(_turn) = model() else { return };
    let mut files: Vec<_> = std::fs::read_dir(fixture("speech/librispeech"))
        .expect("speech")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "flac"))
        .collect();
    files.sort();
    let output = Room::new().score().args(&files).arg("--jsonl").assert().success().get_output().clone();
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (mut said, mut heard) = (String::new(), String::new());
    for (line, file) in text.lines().zip(&files) {
        let document: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(document["recording"]["path"], file.display().to_string());
        said += &std::fs::read_to_string(file.with_extension("txt")).expect("a text");
        said.push(' ');
        heard += document["transcript"]["text"].as_str().expect("a text");
        heard.push(' ');
    }
    assert_eq!(text.lines().count(), files.len());
    let wrong = word_error_rate(&said, &heard);
    assert!(wrong < 0.2, "word error rate {wrong:.3}: {heard}");
}

#[test]
fn runs_are_identical_and_formats_agree() {
    let Some(_turn) = model() else { return };
    let room = Room::new();
    let flac = fixture("speech/librispeech/1688-142285-0002.flac");
    let audio = viva::audio::read(&flac).expect("speech");
    viva::audio::write_wav_16k(&room.path("a.wav"), &audio.samples).expect("a WAV file");
    let args = ["a.wav", "--json", "--question", "sql-vs-nosql"];
    let run = || room.score().arg(&flac).args(args).assert().success().get_output().clone();
    let (first, second) = (run(), run());
    assert!(first.stdout == second.stdout, "two runs gave different bytes");
    let mut both = json(&first);
    for document in both.as_array_mut().expect("two documents") {
        document["recording"]["path"] = Value::Null;
        document["recording"]["sha256"] = Value::Null;
    }
    assert_eq!(both[0], both[1], "FLAC and WAV of the same samples differ");
}

#[test]
fn a_document_judged_again_keeps_words_times_and_pauses() {
    let Some((output, _)) = answer() else { return };
    let room = Room::new();
    room.put("before.json", &output.stdout);
    let again = json(room.score().args(["before.json", "--json"]).assert().success().get_output());
    let before = json(output);
    for place in
        ["/recording", "/question", "/model", "/transcript", "/timing/pauses", "/timing/words", "/fillers/items"]
    {
        assert_eq!(again.pointer(place), before.pointer(place), "{place}");
    }
    let longer = room.score().args(["before.json", "--json", "--pause-threshold", "1000"]).assert().success();
    let pauses = json(longer.get_output())["timing"]["pauses"].as_array().map(Vec::len);
    assert!(pauses < before["timing"]["pauses"].as_array().map(Vec::len));
    room.score()
        .args(["before.json", "--pause-threshold", "150"])
        .assert()
        .code(2)
        .stderr(predicates::str::contains("holds silent pauses from 0.25 s on, and 0.15 s were asked for"));
}

/// Words in lower case without punctuation and filled pauses.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase())
        .filter(|word| !word.is_empty() && !["um", "uh", "umm", "erm", "hmm"].contains(&word.as_str()))
        .collect()
}

/// Insertions, deletions and substitutions, divided by the words that were said.
fn word_error_rate(said: &str, heard: &str) -> f64 {
    let (said, heard) = (words(said), words(heard));
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (index, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in heard.iter().enumerate() {
            let above = row[column + 1];
            let substituted = diagonal + usize::from(word != other);
            row[column + 1] = substituted.min(above + 1).min(row[column] + 1);
            diagonal = above;
        }
    }
    row[heard.len()] as f64 / said.len().max(1) as f64
}
