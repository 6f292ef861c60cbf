//! Transcripts instead of recordings: no model is needed, and nothing of time is made up.

use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::{Value, json};

use crate::harness::{Room, json as parsed};

const ANSWER: &str = "Well, um, I would start with a modular monolith, you know. I would split only when teams grow, \
                      because every network hop costs. Um, and we measure it first.";

#[test]
fn a_plain_transcript_is_judged_without_times() {
    let room = Room::new();
    room.put("answer.txt", ANSWER);
    let output = room.score().args(["answer.txt", "--question", "monolith-evolution", "--json"]).assert().success();
    let feedback = parsed(output.stderr(is_empty()).get_output());
    assert_eq!(feedback["schema"], "viva.feedback/1");
    assert_eq!((&feedback["recording"], &feedback["model"]), (&Value::Null, &Value::Null));
    assert_eq!(feedback["question"]["id"], "monolith-evolution");
    assert_eq!(feedback["transcript"]["text"], ANSWER);
    assert_eq!(
        feedback["transcript"]["words"][1],
        json!({"text": "um,", "start_s": null, "end_s": null, "probability": null})
    );
    for field in
        ["answer_s", "response_latency_s", "speech_rate_wpm", "articulation_rate_syl_per_s", "phonation_time_ratio"]
    {
        assert_eq!(feedback["timing"][field], Value::Null, "{field}");
    }
    assert_eq!((&feedback["fillers"]["per_minute"], &feedback["delivery"]), (&Value::Null, &Value::Null));
    let kinds: Vec<_> =
        feedback["fillers"]["items"].as_array().expect("items").iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["lexical", "filled_pause", "lexical", "filled_pause"], "Well, um, you know, Um");
}

#[test]
fn encodings_and_ends_of_names_do_not_matter() {
    let room = Room::new();
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(ANSWER.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    room.put("a.txt", ANSWER);
    room.put("B.TXT", [b"\xEF\xBB\xBF", ANSWER.replace(' ', "\r\n").as_bytes()].concat());
    room.put("c.txt", utf16);
    let output = room.score().args(["a.txt", "B.TXT", "c.txt", "--json"]).assert().success();
    let all = parsed(output.get_output());
    assert_eq!((&all[0], &all[0]), (&all[1], &all[2]));
}

#[test]
fn words_with_times_give_rates_but_no_pauses() {
    let room = Room::new();
    let words: Vec<Value> = ANSWER
        .split(' ')
        .enumerate()
        .map(|(index, word)| json!({"word": format!(" {word}"), "start": 0.4 * index as f64, "end": 0.4 * index as f64 + 0.3}))
        .collect();
    room.put("list.json", serde_json::to_string(&words).expect("JSON"));
    room.put("object.json", json!({"language": "en", "words": words}).to_string());
    room.put("segments.json", json!({"text": "", "segments": [{"id": 0, "words": words}]}).to_string());
    let output = room.score().args(["list.json", "object.json", "segments.json", "--json"]).assert().success();
    let all = parsed(output.get_output());
    assert_eq!((&all[0], &all[0]), (&all[1], &all[2]));
    let timing = &all[0]["timing"];
    assert!(timing["speech_rate_wpm"].as_f64().is_some_and(|wpm| (120.0..160.0).contains(&wpm)), "{timing}");
    assert_eq!(
        (&timing["speaking_s"], &timing["pauses"]),
        (&Value::Null, &json!([])),
        "pauses come from the sound alone"
    );
    assert_eq!(all[0]["fillers"]["items"][1]["start_s"], 0.4, "um");
}

#[test]
fn a_document_is_judged_again_with_its_own_question() {
    let room = Room::new();
    room.put("answer.txt", ANSWER);
    let scored = room.score().args(["answer.txt", "--question", "monolith-evolution", "--json"]).assert().success();
    let first = scored.get_output().stdout.clone();
    room.put("first.json", &first);
    let again = room.score().args(["first.json", "--json"]).assert().success();
    assert_eq!(room.plain(&again.get_output().stdout), room.plain(&first));
    // another question can be asked of it
    let other = room.score().args(["first.json", "--json", "--question", "sql-vs-nosql"]).assert().success();
    assert_eq!(parsed(other.get_output())["question"]["id"], "sql-vs-nosql");
    // a bank that is not here is named
    let foreign = room.plain(&first).replace("\"monolith-evolution\"", "\"dinner-rush\"");
    room.put("foreign.json", foreign);
    room.score().args(["foreign.json", "--json"]).assert().code(2).stderr(
        contains("foreign.json: answers the question lead-systems-engineer/dinner-rush, which is in no bank here")
            .and(contains("--bank FILE.toml --question dinner-rush")),
    );
}

#[test]
fn a_question_is_found_in_a_bank_of_ones_own() {
    let room = Room::new();
    room.put("answer.txt", ANSWER);
    let guide =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/questions/README.md")).expect("the guide");
    let (_, bank) = guide.split_once("```toml\n").expect("an example");
    room.put("kitchen.toml", bank.split_once("\n```").expect("its end").0);
    let args = ["answer.txt", "--bank", "kitchen.toml", "--question", "dinner-rush", "--json"];
    let feedback = parsed(room.score().args(args).assert().success().get_output());
    assert_eq!(feedback["question"]["bank"], "kitchen");
}

#[test]
fn the_report_is_plain_text_of_80_columns_where_there_is_no_terminal() {
    let room = Room::new();
    room.put("answer.txt", ANSWER);
    let output = room.score().args(["answer.txt", "--question", "monolith-evolution"]).assert().success();
    let text = room.plain(&output.stdout(contains("\u{1b}").not()).get_output().stdout);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("If we are on a monolith today"), "{text}");
}
