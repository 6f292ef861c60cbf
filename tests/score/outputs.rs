//! Where results go: stdout as report, document or lines, and files.

use std::path::Path;

use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;

use crate::harness::{Room, json};

fn room() -> Room {
    let room = Room::new();
    room.put("one.txt", "So, um, I would start small.");
    room.put("two.txt", "We measure first, and then we cut.");
    room
}

#[test]
fn one_file_is_an_object_several_are_an_array_and_lines_are_lines() {
    let room = room();
    assert!(json(room.score().args(["one.txt", "--json"]).assert().success().get_output()).is_object());
    let both = json(room.score().args(["one.txt", "two.txt", "--json"]).assert().success().get_output());
    assert_eq!(both[1]["transcript"]["text"], "We measure first, and then we cut.");
    let output = room.score().args(["one.txt", "gone.txt", "two.txt", "--jsonl"]).assert().code(1).get_output().clone();
    let lines: Vec<Value> =
        room.plain(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines, both.as_array().expect("an array").clone());
    // of several files none could be read
    let none = room.score().args(["gone.txt", "lost.txt", "--json"]).assert().code(2);
    assert_eq!(json(none.get_output()), serde_json::json!([]));
    // one that is named twice is scored twice
    let twice = json(room.score().args(["one.txt", "one.txt", "--json"]).assert().success().get_output());
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn several_reports_are_told_apart_by_their_files() {
    let room = room();
    room.score()
        .args(["one.txt", "two.txt"])
        .assert()
        .success()
        .stdout(contains("── one.txt\n").and(contains("\n── two.txt\n")).and(contains("\u{1b}").not()));
}

#[test]
fn out_keeps_a_document_and_a_page_for_each_file() {
    let room = room();
    std::fs::create_dir(room.path("b")).expect("a directory");
    room.put("b/one.txt", "Another answer with the same name.");
    room.put("v1.2 take.txt", "A name with a dot and a space.");
    let args = ["one.txt", "b/one.txt", "v1.2 take.txt", "--out", "results/today", "--jsonl"];
    let assert = room.score().args(args).assert().success();
    let output =
        assert.stderr(contains("written: results/today/one-2.json and results/today/one-2.html")).get_output().clone();
    let lines = room.plain(&output.stdout);
    for (line, name) in lines.lines().zip(["one", "one-2", "v1.2 take"]) {
        let document = std::fs::read(room.path(&format!("results/today/{name}.json"))).expect("a document");
        let document: Value = serde_json::from_slice(&document).expect("JSON");
        assert_eq!(document, serde_json::from_str::<Value>(line).expect("JSON"));
        let page = std::fs::read_to_string(room.path(&format!("results/today/{name}.html"))).expect("a page");
        assert!(page.starts_with("<!DOCTYPE html>"));
    }
    // the same again replaces what Viva wrote, and makes no further files
    room.score().args(args).assert().success();
    assert_eq!(std::fs::read_dir(room.path("results/today")).expect("results").count(), 6);
}

#[test]
#[cfg(unix)]
fn what_is_kept_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let room = room();
    room.score().args(["one.txt", "--out", "results", "--report", "page.html"]).assert().success();
    let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&room.path("results")), 0o700);
    for name in ["results/one.json", "results/one.html", "page.html"] {
        assert_eq!(mode(&room.path(name)), 0o600, "{name}");
    }
}

#[test]
fn nothing_that_is_read_or_foreign_is_overwritten() {
    let room = room();
    let words = "[{\"word\": \"so\"}]";
    room.put("answer.json", words);
    room.put("one.html", "<p>my notes");
    room.score().args(["answer.json", "one.txt", "--out", "."]).assert().success();
    assert_eq!(std::fs::read_to_string(room.path("answer.json")).expect("the source"), words);
    assert_eq!(std::fs::read_to_string(room.path("one.html")).expect("the notes"), "<p>my notes");
    assert!(room.path("answer-2.json").exists() && room.path("one-2.html").exists());
    // a document that Viva wrote is not replaced either when it is what is read
    let before = std::fs::read(room.path("answer-2.json")).expect("a document");
    room.score().args(["answer-2.json", "--out", "."]).assert().success();
    assert_eq!(std::fs::read(room.path("answer-2.json")).expect("a document"), before);
    assert!(room.path("answer-2-2.json").exists());
}

#[test]
fn places_that_will_not_do_are_refused_before_anything_is_scored() {
    let room = room();
    std::fs::create_dir(room.path("folder.html")).expect("a directory");
    let told = |args: &[&str], message: &str| {
        room.score().args(args).assert().code(2).stdout(is_empty()).stderr(contains(message));
    };
    told(
        &["one.txt", "two.txt", "--report", "r.html"],
        "r.html: --report takes one answer, and there are 2; use --out DIR",
    );
    told(&["one.txt", "--report", "one.txt"], "one.txt: --report writes HTML; give it a name that ends in .html");
    told(&["one.txt", "--report", "folder.html"], "folder.html: --report needs a file, and this is a directory");
    told(&["one.txt", "--report", "gone/r.html"], "gone/r.html: there is no directory gone; make it first");
    told(&["one.txt", "--out", "two.txt"], "two.txt: --out needs a directory, and this is a file");
    told(&["one.txt", "--out", "two.txt/below"], "two.txt/below: the directory for --out cannot be made");
    told(&["one.txt", "--json", "--jsonl"], "cannot be used with");
    // and nothing is made for results that there will not be
    told(&["one.txt", "--out", "new", "--question", "nothing"], "there is no question \"nothing\"");
    assert!(!room.path("new").exists());
}
