use proptest::prelude::*;

use crate::bank::{Bank, Severity, check};

/// A bank without a fault, line by line, so that tests can damage it.
const GOOD: &str = r#"schema = "viva.bank/1"
id = "mine"
title = "My questions"

[[question]]
id = "pools"
kind = "technical"
prompt = "How do you keep the database alive?"
why = "They want to see whether you know what breaks first."
advice = "Name the limit first."
target_s = 90
model_answer = """
I'd put a pool in front of it, \
and watch it."""

[[question.concept]]
id = "connection-pool"
label = "Pool the connections"
means = "The speaker puts a connection pool in front of the database."
cues = ["connection pool", "pgbouncer"]
examples = [
  "I'd put a pool in front of it.",
  "PgBouncer sits between the two.",
  "We share a few connections among many workers.",
]
follow_up = "What happens at ten thousand connections?"
"#;

/// Faults of a bank as `line:column severity message | fix`.
fn faults(text: &str) -> Vec<String> {
    check(text, "mine.toml")
        .faults
        .iter()
        .map(|fault| format!("{}:{} {} {} | {}", fault.line, fault.column, fault.severity, fault.message, fault.fix))
        .collect()
}

#[test]
fn a_good_bank_has_no_fault() {
    assert_eq!(faults(GOOD), Vec::<String>::new());
    let bank = Bank::parse(GOOD, "mine.toml").unwrap();
    assert_eq!(bank.questions[0].model_answer, "I'd put a pool in front of it, and watch it.");
    assert!((bank.questions[0].target_s - 90.0).abs() < f64::EPSILON);
    // what serde reads is what we read
    assert_eq!(bank, toml::from_str::<Bank>(GOOD).unwrap());
}

#[test]
fn windows_line_ends_do_not_matter() {
    assert_eq!(faults(&GOOD.replace('\n', "\r\n")), Vec::<String>::new());
}

#[test]
fn a_misspelt_field_is_named_once_with_what_was_meant() {
    assert_eq!(
        faults(&GOOD.replace("prompt =", "promt =")),
        ["8:1 error unknown field \"promt\" in a question | did you mean `prompt`?"]
    );
}

#[test]
fn a_field_at_the_wrong_place_is_sent_to_the_right_one() {
    let text = GOOD.replace("why =", "means = \"x\"\nwhy =");
    assert_eq!(
        faults(&text),
        ["9:1 error unknown field \"means\" in a question | move it to a concept ([[question.concept]])"]
    );
}

#[test]
fn all_faults_are_named_at_once() {
    let text = GOOD
        .replace("viva.bank/1", "viva.bank/9")
        .replace("id = \"pools\"", "id = \"Pools & Co\"")
        .replace("\"technical\"", "\"tecnical\"")
        .replace("target_s = 90", "target_s = 5")
        .replace("advice = \"Name the limit first.\"\n", "")
        .replace("label = \"Pool the connections\"", "label = \" \"")
        .replace("[\"connection pool\", \"pgbouncer\"]", "[]");
    assert_eq!(
        faults(&text),
        [
            "1:10 error `schema` is \"viva.bank/9\", expected \"viva.bank/1\" | write schema = \"viva.bank/1\", or use \
             the version of Viva that the bank is for",
            "5:1 error a question has no `advice` | add it below [[question]], for example: advice = \"Name a default \
             first, then …\"",
            "6:6 error the id \"Pools & Co\" is not written in lower-case letters, digits and single hyphens | write id \
             = \"pools-co\"",
            "7:8 error `kind` is \"tecnical\", expected \"technical\" or \"behavioural\" | did you mean \"technical\"?",
            "10:12 error `target_s` is the number 5, expected seconds from 10 to 600 | write the length of a good answer \
             in seconds: target_s = 90",
            "15:1 error a concept has no cue, so that no word of an answer can name it | write cues = [\"connection \
             pool\", \"pooling\"]",
            "17:9 error `label` is empty, expected a text that says something | write label = \"Pool the connections\"",
        ]
    );
}

#[test]
fn values_of_the_wrong_kind_are_named() {
    let text =
        GOOD.replace("target_s = 90", "target_s = \"90\"").replace("[\"connection pool\", \"pgbouncer\"]", "\"pool\"");
    let faults = faults(&text);
    assert!(faults[0].starts_with("11:12 error `target_s` is the text \"90\", expected seconds"), "{faults:#?}");
    assert!(faults[1].starts_with("20:8 error `cues` is the text \"pool\", expected a list of texts"), "{faults:#?}");
    assert_eq!(faults.len(), 2);
    let text = GOOD.replace("[[question]]", "[question]");
    assert!(check(&text, "").faults.iter().any(|fault| fault.message.contains("expected [[question]]")));
}

#[test]
fn extreme_numbers_are_out_of_range_and_not_a_crash() {
    for number in ["inf", "nan", "-1", "1e400", "99999999999999999999", "0xFFFFFFFFFFFFFFFFFFFF", "601"] {
        let faults = faults(&GOOD.replace("target_s = 90", &format!("target_s = {number}")));
        assert_eq!(faults.len(), 1, "{number}: {faults:#?}");
        assert!(faults[0].starts_with("11:12 error"), "{number}: {faults:#?}");
    }
}

#[test]
fn ids_that_stand_twice_are_named_with_the_first_line() {
    let second = GOOD.split_once("[[question]]").unwrap().1;
    let faults = faults(&format!("{GOOD}\n[[question]]{second}"));
    assert_eq!(
        faults,
        [
            "29:6 error the question id \"pools\" stands twice in the bank, first in line 6 | give every question of the \
          bank a name of its own"
        ]
    );
}

#[test]
fn cues_that_tell_nothing_are_warned_of() {
    let concept = GOOD.split_once("[[question.concept]]").unwrap().1.replace("connection-pool", "other");
    let text = GOOD.replace("\"pgbouncer\"", "\"Database alive\", \"PgBouncers\", \"pgbouncer\"");
    let faults = faults(&format!("{text}\n[[question.concept]]{}", concept.replace("\"pgbouncer\"", "\"—\"")));
    assert_eq!(faults.len(), 3, "{faults:#?}");
    assert!(faults[0].starts_with("20:28 warning the cue \"Database alive\" stands in the prompt"), "{faults:#?}");
    assert!(faults[1].contains("also names the concept \"connection-pool\" (line 20, by its stems)"), "{faults:#?}");
    assert!(faults[2].contains("holds no letter or digit"), "{faults:#?}");
}

#[test]
fn few_examples_are_a_warning_and_the_bank_is_used() {
    let text = GOOD.replace("  \"PgBouncer sits between the two.\",\n", "");
    let checked = check(&text, "mine.toml");
    assert!(checked.bank.is_some());
    assert_eq!(checked.faults[0].severity, Severity::Warning);
    assert_eq!((checked.faults[0].line, checked.faults[0].message.as_str()), (21, "2 of 3 or more examples"));
}

#[test]
fn the_file_is_named_as_the_bank() {
    let faults = check(GOOD, "some/where/other.toml").faults;
    assert_eq!(faults[0].message, "the bank is called \"mine\" and its file \"other.toml\"");
    assert_eq!(faults[0].severity, Severity::Warning);
}

#[test]
fn syntax_errors_have_their_line_and_hide_no_other_fault() {
    let text = GOOD.replace("kind = \"technical\"", "kind = technical").replace("target_s = 90", "target_s = 5");
    let faults = faults(&text);
    assert!(faults[0].starts_with("7:8 error this is not TOML: "), "{faults:#?}");
    assert!(faults.iter().any(|fault| fault.starts_with("11:12 error `target_s`")), "{faults:#?}");
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert!(check(&text, "mine.toml").bank.is_none());
}

#[test]
fn a_field_that_stands_twice_is_named_at_the_second() {
    let faults = faults(&GOOD.replace("why =", "prompt = \"again\"\nwhy ="));
    assert!(faults[0].starts_with("9:1 error this is not TOML: duplicate key | keep one of the two"), "{faults:#?}");
}

#[test]
fn an_empty_file_and_another_format_are_no_bank() {
    assert!(faults("").iter().any(|fault| fault.contains("the bank has no `schema`")));
    assert!(!faults("{\"schema\": 1}").is_empty());
    let errors = Bank::parse("", "empty.toml").unwrap_err();
    assert!(errors.to_string().starts_with("empty.toml is no question bank that can be used: 4 faults\n"), "{errors}");
}

#[test]
fn escape_sequences_in_a_bank_are_refused_and_not_repeated_raw() {
    let faults = faults(&GOOD.replace("My questions", "\\u001b[31mred"));
    assert_eq!(faults, ["3:9 error `title` holds the control character U+001B, expected plain text | remove it"]);
    let raw = check(&GOOD.replace("kind = \"technical\"", "kind = \"\\u202Etechnical\""), "x");
    assert!(raw.faults.iter().all(|fault| !fault.message.contains('\u{202e}')), "{raw:#?}");
}

#[test]
fn the_example_in_the_manual_is_a_bank_without_a_fault() {
    let manual = include_str!("../../questions/README.md");
    let example = manual.split_once("```toml\n").unwrap().1.split_once("\n```").unwrap().0;
    let checked = check(example, "kitchen.toml");
    assert_eq!(checked.faults, []);
    assert_eq!(checked.bank.unwrap().questions[0].concepts.len(), 2);
    for field in ["schema", "source", "model_answer", "contrasts", "follow_up", "behavioural"] {
        assert!(manual.contains(&format!("`{field}`")), "{field} is not explained");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let checked = check(&text, "x.toml");
        prop_assert_eq!(checked.bank.is_none(), checked.faults.iter().any(|fault| fault.severity == Severity::Error));
    }

    #[test]
    fn damage_anywhere_never_panics(at in 0..GOOD.len(), cut in 0usize..40, with in "[\\[\\]{}\"'=.,#a-z0-9\n\\\\]{0,6}") {
        let text = format!("{}{with}{}", &GOOD[..at], &GOOD[(at + cut).min(GOOD.len())..]);
        let checked = check(&text, "mine.toml");
        let lines = text.lines().count() + 1;
        prop_assert!(checked.faults.iter().all(|fault| (1..=lines).contains(&fault.line) && fault.column >= 1));
        prop_assert!(checked.faults.iter().all(|fault| !fault.message.is_empty() && !fault.fix.is_empty()));
        if let Some(bank) = checked.bank {
            prop_assert_eq!(bank, toml::from_str::<Bank>(&text).unwrap());
        }
    }
}
