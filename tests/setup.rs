//! `viva questions` and `viva doctor` as a user meets them: output, errors, exit codes.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};

/// The program with a home of its own.
fn viva(home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viva"));
    command.env("VIVA_HOME", home.path()).env("NO_COLOR", "1");
    command
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory for the test")
}

#[test]
fn the_list_is_plain_text_where_there_is_no_terminal() {
    viva(&home())
        .args(["questions", "list"])
        .assert()
        .success()
        .stdout(contains("architecture-zero-to-millions").and(contains("\u{1b}").not()))
        .stderr(is_empty());
}

#[test]
fn the_list_is_one_json_document() {
    let output = viva(&home()).args(["questions", "list", "--json"]).assert().success().get_output().stdout.clone();
    let all: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(24));
    assert_eq!(all[0]["bank"], "lead-systems-engineer");
    assert!(all[0].get("question").is_none(), "answers were not asked for");
}

#[test]
fn an_unknown_question_is_wrong_usage_and_the_likely_one_is_offered() {
    viva(&home())
        .args(["questions", "show", "sql-nosql"])
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(contains("did you mean sql-vs-nosql?"));
}

#[test]
fn a_faulty_bank_of_ones_own_is_reported_and_the_others_are_listed() {
    let home = home();
    std::fs::create_dir(home.path().join("questions")).expect("a directory");
    std::fs::write(home.path().join("questions/broken.toml"), "schema = \u{7}").expect("a file");
    viva(&home)
        .args(["questions", "list"])
        .assert()
        .success()
        .stdout(contains("sql-vs-nosql"))
        .stderr(contains("broken.toml:1:10: error: this is not TOML"));
}

#[test]
fn check_ends_with_2_when_one_of_several_banks_cannot_be_used() {
    let home = home();
    let bad = home.path().join("bad.toml");
    std::fs::write(&bad, "schema = \"viva.bank/1\"\nid = \"bad\"\ntitle = 3\n").expect("a file");
    viva(&home)
        .args(["questions", "check", "questions/lead-systems-engineer.toml"])
        .arg(&bad)
        .assert()
        .code(2)
        .stdout(contains("24 questions, 171 concepts").and(contains("bad.toml:3:9: error: `title` is the number 3")));
    viva(&home).args(["questions", "check", "questions/lead-systems-engineer.toml"]).assert().success();
}

#[test]
fn the_doctor_writes_one_document_and_no_noise_with_or_without_sound() {
    let output = viva(&home()).args(["doctor", "--json"]).assert().stderr(is_empty()).get_output().stdout.clone();
    let checks: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    let codes: Vec<_> = checks.as_array().into_iter().flatten().filter_map(|check| check["code"].as_str()).collect();
    for code in ["program", "recogniser", "cores", "model", "home", "space", "banks"] {
        assert!(codes.contains(&code), "{code} is missing from {codes:?}");
    }
}

#[test]
fn the_doctor_says_how_to_get_the_model_without_which_nothing_is_scored() {
    let home = home();
    viva(&home).arg("doctor").env("VIVA_MODELS", home.path()).assert().code(1).stdout(
        contains("✗ Speech model").and(contains("`viva models fetch")).and(contains("must be put right first")),
    );
}

#[test]
fn the_list_of_models_fits_80_columns_and_is_one_json_document() {
    let home = home();
    let output = viva(&home).args(["models", "list"]).assert().success().stderr(is_empty()).get_output().stdout.clone();
    let text = String::from_utf8(output).expect("UTF-8");
    assert!(text.contains("* base ") && text.contains("148 MB") && !text.contains('\u{1b}'), "{text}");
    // the last lines name a directory, which is as long as it is
    let table = text.split("\n\n").next().expect("a table");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{text}");
    let output = viva(&home).args(["models", "list", "--json"]).assert().success().get_output().stdout.clone();
    let listing: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    assert_eq!(listing["schema"], "viva.models/1");
    let defaults = listing["models"].as_array().into_iter().flatten().filter(|model| model["default"] == true);
    assert_eq!(defaults.map(|model| &model["name"]).collect::<Vec<_>>(), ["base", "minilm"]);
}

#[test]
fn help_fits_80_columns_and_names_every_command() {
    let home = home();
    for args in [&["--help"][..], &["score", "--help"], &["questions", "--help"], &["models", "fetch", "--help"]] {
        let output = viva(&home).args(args).env("COLUMNS", "80").assert().success().get_output().stdout.clone();
        let text = String::from_utf8(output).expect("UTF-8");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
    viva(&home)
        .arg("--help")
        .assert()
        .stdout(contains("score").and(contains("questions")).and(contains("models")).and(contains("doctor")));
}
