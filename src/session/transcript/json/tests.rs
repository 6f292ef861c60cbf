use proptest::prelude::*;

use super::*;
use crate::analysis::{Settings, analyse};
use crate::evidence::Evidence;

fn read(text: &str) -> Result<Document, String> {
    parse(Path::new("a.json"), text).map_err(|error| error.to_string())
}

fn error(text: &str) -> String {
    read(text).unwrap_err()
}

/// Each word as `text@start-end`.
fn listed(text: &str) -> String {
    let words = read(text).unwrap().words;
    let shown = words.iter().map(|word| match word.span {
        Some(span) => format!("{}@{}-{}", word.text, span.start_s, span.end_s),
        None => word.text.clone(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn word_lists_of_many_tools_are_read() {
    let bare = r#"[{"text": "So,", "start_s": 0.5, "end_s": 0.75, "probability": 0.9}, {"text": "queues", "start_s": 1, "end_s": 2}]"#;
    assert_eq!(listed(bare), "So,@0.5-0.75 queues@1-2");
    assert_eq!(read(bare).unwrap().words[0].probability, Some(0.9));
    assert_eq!(listed(&format!(r#"{{"language": "en", "words": {bare}}}"#)), "So,@0.5-0.75 queues@1-2");
    let whisper = r#"{"text": "…", "segments": [{"id": 0, "words": [{"word": " So,", "start": 0.5, "end": 0.75, "probability": 0.9}]},
        {"id": 1, "words": [{"word": " you know", "start": 1.0, "end": 2.0}]}]}"#;
    assert_eq!(listed(whisper), "So,@0.5-0.75 you@1-1.4285714285714286 know@1.4285714285714286-2");
    assert_eq!(
        listed(r#"[{"word": "2026"}, {"word": "was", "start": 1, "end": 2, "score": 0.5}, {"word": " "}]"#),
        "2026 was@1-2"
    );
}

#[test]
fn faults_are_told_with_line_and_column() {
    assert_eq!(
        error("[{\"text\": \"so\"},\n {\"text\": \"we\", \"start\": \"1.0\", \"end\": 2}]"),
        "a.json:2:30: invalid type: string \"1.0\", expected f64; expected each word as {\"text\": \"so\", \"start_s\": 0.4, \
         \"end_s\": 0.6} (also word, start, end), times in seconds and in order"
    );
    let told = |text: &str, found: &str| {
        let error = error(text);
        assert!(error.starts_with(found), "{error}");
    };
    told(
        "[\n{\"start\": 1, \"end\": 2}]",
        "a.json:2:23: a word without `text` or `word`; expected each word as {\"text\"",
    );
    told(
        "[{\"word\": \"so\", \"start\": 3, \"end\": 2}]",
        "a.json:1:38: the word \"so\" ends at 2, before it begins at 3; ",
    );
    told("[{\"word\": \"so\", \"start\": 3}]", "a.json:1:28: the word \"so\" has a start and no end; ");
    told("[{\"word\": \"so\", \"start\": -3, \"end\": 2}]", "a.json:1:39: the word \"so\" begins at -3");
    told(
        "[{\"word\": \"so\", \"start\": 31000, \"end\": 31500}]",
        "a.json:1:46: the word \"so\" ends at 31500 s, which is after 4 hours: are these milliseconds?",
    );
    told(
        "[{\"word\": \"so\", \"score\": 87}]",
        "a.json:1:29: the word \"so\" has the probability 87, which is not between",
    );
    told("{\"words\": 3}", "a.json:1:11: invalid type: integer `3`, expected a sequence; ");
    told(
        "{\"words\": [",
        "a.json:1:11: this is not JSON (EOF while parsing a list); expected a viva.feedback/1 document, or",
    );
    told("", "a.json:1:0: this is not JSON (EOF while parsing a value)");
    told("[1e999]", "a.json:1:6: this is not JSON (number out of range)");
    told(&"[".repeat(100_000), "a.json:1:128: this is not JSON (recursion limit exceeded)");
}

#[test]
fn what_is_no_transcript_is_told_by_what_it_is() {
    let told = |text: &str, found: &str| {
        let error = error(text);
        assert!(
            error.starts_with(&format!("a.json:1:1: holds {found}; expected a viva.feedback/1 document, or")),
            "{error}"
        );
    };
    told("null", "null");
    told("3", "the number 3");
    told("\"so we\"", "one string (save a plain transcript as .txt)");
    told("{}", "an empty object");
    told("{\"name\": 1, \"version\": 2}", "an object with the keys name, version");
    told("{\"schema\": \"viva.bank/1\"}", "a document of the schema \"viva.bank/1\"");
    told("[{\"schema\": \"viva.feedback/1\"}, {}]", "2 documents (put each into a file of its own)");
    told(
        "{\"segments\": [{\"text\": \"so we\"}]}",
        "segments without words (let the recogniser write the times of words: --word_timestamps True)",
    );
    told(
        "[{\"word\": \"a\", \"start\": 5, \"end\": 6}, {\"word\": \"b\", \"start\": 1, \"end\": 2}]",
        "words that are not in order (\"b\" at 1 s comes after \"a\" at 5 s)",
    );
    assert_eq!(
        error("{\"schema\": \"viva.feedback/2\"}"),
        "a.json: is a \"viva.feedback/2\" document, expected \"viva.feedback/1\"; a newer Viva reads it, or score the \
         recording again"
    );
    assert!(
        error("{\"schema\": \"viva.feedback/1\"}").starts_with("a.json:1:29: missing field `quality`"),
        "{}",
        error("{\"schema\": \"viva.feedback/1\"}")
    );
}

/// An answer with a waveform.
fn evidence() -> Evidence {
    let texts =
        ["So,", "um,", "I", "would", "start", "with", "a", "modular", "monolith.", "Then", "we", "measure", "it."];
    let words = texts.iter().enumerate().map(|(index, text)| {
        let start_s = 1.0 + index as f64 + if index > 8 { 2.0 } else { 0.0 };
        let source = if index == 1 { WordSource::Both } else { WordSource::Transcript };
        Word { text: (*text).to_owned(), span: Some(Span::new(start_s, start_s + 0.9)), probability: Some(0.9), source }
    });
    Evidence {
        recording: Some(Recording {
            path: "a.wav".into(),
            sha256: "00".into(),
            duration_s: 20.0,
            sample_rate_hz: 48_000,
            channels: 2,
        }),
        model: Some(Model { name: "base".into(), sha256: "11".into() }),
        words: words.collect(),
        activity: Some(vec![Span::new(1.0, 9.9), Span::new(12.0, 13.0), Span::new(13.3, 15.9)]),
        levels: Some(Levels { peak_dbfs: Some(-3.0), snr_db: Some(8.0), clipped_fraction: 0.0, ..Levels::default() }),
        ..Evidence::default()
    }
}

#[test]
fn a_document_judged_again_is_the_document() {
    let settings = Settings::default();
    let first = analyse(&evidence(), None, &settings);
    assert_eq!(first.timing.pauses.len(), 2);
    let Document { words, recording, model, activity, levels, remarks, .. } =
        read(&serde_json::to_string(&first).unwrap()).unwrap();
    let again = Evidence { recording, model, words, activity, levels, remarks, ..Evidence::default() };
    let again = analyse(&again, None, &settings);
    assert_eq!((&again.timing, &again.fillers, &again.quality), (&first.timing, &first.fillers, &first.quality));
    assert_eq!(
        (&again.recording, &again.model, &again.transcript),
        (&first.recording, &first.model, &first.transcript)
    );
}

#[test]
fn a_document_of_silence_holds_no_words() {
    let silent = Evidence { words: Vec::new(), activity: Some(Vec::new()), ..evidence() };
    let document = serde_json::to_string(&analyse(&silent, None, &Settings::default())).unwrap();
    assert!(error(&document).contains("is the document of a recording that could not be judged, so it holds no words"));
}

proptest! {
    #[test]
    fn any_text_is_a_transcript_or_an_error(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn any_json_is_judged_or_an_error(
        words in prop::collection::vec((".{0,12}", -1e3..2e4f64, -1e3..2e4f64, any::<Option<f64>>()), 0..40),
        sorted in any::<bool>(),
    ) {
        let mut words = words;
        if sorted {
            for word in &mut words {
                (word.1, word.2) = (word.1.abs().min(word.2.abs()), word.1.abs().max(word.2.abs()));
            }
            words.sort_by(|a, b| a.1.total_cmp(&b.1));
        }
        let list: Vec<_> = words
            .iter()
            .map(|(text, start, end, probability)| serde_json::json!({"word": text, "start": start, "end": end, "score": probability}))
            .collect();
        if let Ok(document) = read(&serde_json::to_string(&list).unwrap()) {
            let evidence = Evidence { words: document.words, ..Evidence::default() };
            let text = serde_json::to_string(&analyse(&evidence, None, &Settings::default())).unwrap();
            prop_assert!(!text.contains("NaN"));
        }
    }
}
