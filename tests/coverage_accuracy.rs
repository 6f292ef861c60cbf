//! Concept coverage over the labelled answers stays as good as it was measured. The weights have seen these answers,
//! so this guards against breaking; `scripts/fit-coverage` prints the figures on questions that were left out.

use std::path::{Path, PathBuf};
use viva::analysis::coverage::coverage;
use viva::bank::Bank;
use viva::evidence::{Evidence, Word, WordSource};
use viva::feedback::ConceptStatus;
use viva::meaning::{Cached, MiniLm, likeness};

/// The sentence model's directory, when it is on this machine.
fn minilm() -> Option<PathBuf> {
    let dir = std::env::var_os("VIVA_MINILM")
        .map_or_else(|| viva::session::home::home().join("models/minilm"), PathBuf::from);
    dir.join("model.onnx").is_file().then_some(dir)
}

/// The bank of the labelled answers, when the project holds it.
fn bank() -> Option<Bank> {
    let path = std::env::var_os("VIVA_TEST_BANK").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("questions/lead-systems-engineer.toml"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(path).ok()?;
    Some(toml::from_str(&text).expect("the shipped bank is a bank"))
}

fn f1(embedder: Option<&Cached<MiniLm>>, bank: &Bank) -> f64 {
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for line in include_str!("data/coverage/labelled.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a labelled answer");
        let question = bank.questions.iter().find(|q| row["question"] == q.id.as_str()).expect("a known question");
        let mut evidence = Evidence {
            words: row["text"]
                .as_str()
                .unwrap_or_default()
                .split_whitespace()
                .map(|text| Word {
                    text: text.to_owned(),
                    span: None,
                    probability: None,
                    source: WordSource::Transcript,
                })
                .collect(),
            ..Evidence::default()
        };
        evidence.likeness = embedder.map(|e| likeness(e, &evidence.words, question).expect("a likeness"));
        let result = coverage(&evidence, question);
        assert_eq!(result.method, if embedder.is_some() { "cues+embeddings" } else { "cues" });
        for concept in &result.concepts {
            let is = row["covered"].as_array().is_some_and(|ids| ids.iter().any(|id| id == concept.id.as_str()));
            match (concept.status == ConceptStatus::Covered, is) {
                (true, true) => right += 1,
                (true, false) => wrong += 1,
                (false, true) => missed += 1,
                (false, false) => {}
            }
        }
    }
    2.0 * f64::from(right) / f64::from(2 * right + wrong + missed)
}

#[test]
fn cues_alone_find_what_is_covered() {
    let Some(bank) = bank() else {
        eprintln!("skipped: no bank; set VIVA_TEST_BANK");
        return;
    };
    let f1 = f1(None, &bank);
    assert!(f1 >= 0.82, "F1 {f1:.3}");
}

#[test]
fn cues_and_embeddings_find_what_is_covered() {
    let (Some(bank), Some(dir)) = (bank(), minilm()) else {
        eprintln!("skipped: no bank or no sentence model; set VIVA_TEST_BANK and VIVA_MINILM");
        return;
    };
    let kept = tempfile::tempdir().expect("a temporary directory");
    let f1 = f1(Some(&Cached::new(MiniLm::load(&dir).expect("the sentence model"), kept.path())), &bank);
    assert!(f1 >= 0.88, "F1 {f1:.3}");
}
