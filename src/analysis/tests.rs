//! The whole analysis: a rich case, whole as it is written, and what holds for any evidence.

use proptest::prelude::*;

use super::*;
use crate::bank::Kind;
use crate::evidence::{Levels, Prosody, Recording, Span, Word, WordSource};

/// A spoken answer with everything in it: opening fillers, a burst, repairs, hedges, silences, a faded end.
fn rich() -> Evidence {
    let text = "Um, so, uh, at my last company, a bakery chain, the till software crashed every Saturday. My job was to, um, to find \
        out why. I mean, I think nobody had, you know, like, looked at it in 2021. So I sat behind the the counter and wrote down \
        every crash. We were, at the end we were three people. In the end crashes went from 12 a week to 1, and that's kind of it.";
    let mut at_s = 1.5;
    let mut activity: Vec<Span> = Vec::new();
    let words: Vec<Word> = text
        .split_whitespace()
        .map(|text| {
            let span = Span::new(at_s, at_s + 0.12 + 0.04 * text.len() as f64);
            match activity.last_mut() {
                Some(last) if span.start_s - last.end_s < 0.2 => last.end_s = span.end_s,
                _ => activity.push(span),
            }
            at_s = span.end_s
                + if text.ends_with('.') {
                    0.8
                } else if text.ends_with(',') {
                    0.3
                } else {
                    0.03
                };
            let source = if text.starts_with("Um") { WordSource::Both } else { WordSource::Transcript };
            Word { text: text.to_owned(), span: Some(span), probability: Some(0.9), source }
        })
        .collect();
    let frames = (at_s / 0.01) as usize;
    Evidence {
        recording: Some(Recording {
            path: "take.wav".to_owned(),
            sha256: "00".repeat(32),
            duration_s: at_s + 0.123_456,
            sample_rate_hz: 48_000,
            channels: 1,
        }),
        words,
        activity: Some(activity),
        levels: Some(Levels {
            peak_dbfs: Some(-3.21),
            speech_dbfs: Some(-22.04),
            noise_dbfs: Some(-60.0),
            snr_db: Some(37.96),
            ..Levels::default()
        }),
        prosody: Some(Prosody {
            frame_s: 0.01,
            f0_hz: (0..frames).map(|frame| Some(110.0 + 20.0 * (frame as f32 / 40.0).sin())).collect(),
            level_dbfs: (0..frames).map(|frame| -22.0 + 4.0 * (frame as f32 / 25.0).sin()).collect(),
        }),
        ..Evidence::default()
    }
}

fn bank(kind: Kind) -> Bank {
    Bank {
        schema: crate::bank::SCHEMA.to_owned(),
        id: "bakery".to_owned(),
        title: "Bakery".to_owned(),
        source: None,
        questions: vec![structure::tests::question(kind)],
    }
}

#[test]
fn a_rich_answer_whole() {
    let bank = bank(Kind::Behavioural);
    let mut feedback = analyse(&rich(), Some((&bank, &bank.questions[0])), &Settings::default());
    feedback.transcript.words.truncate(2);
    insta::assert_snapshot!(serde_json::to_string_pretty(&feedback).unwrap());
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let write = || serde_json::to_string(&analyse(&rich(), None, &Settings::default())).unwrap();
    assert_eq!(write(), write());
}

#[test]
fn silence_gets_no_figures() {
    let evidence = Evidence { activity: Some(Vec::new()), levels: Some(Levels::default()), ..rich() };
    let feedback = analyse(&evidence, None, &Settings::default());
    assert_eq!(feedback.timing, Timing::default());
    assert_eq!(feedback.fillers, Fillers::default());
    assert!(feedback.transcript.words.is_empty() && feedback.delivery.is_none() && feedback.structure.is_none());
    assert_eq!(feedback.advice.len(), 1);
}

#[test]
fn an_empty_transcript_is_no_error() {
    let feedback = analyse(&Evidence::default(), None, &Settings::default());
    assert_eq!((feedback.timing.words, feedback.timing.answer_s), (Some(0), None));
    assert!(feedback.advice.is_empty());
}

#[test]
fn rounds_to_fixed_decimals() {
    assert_eq!(fixed(1.234_56, 3), Some(1.235));
    assert_eq!(fixed(-0.000_01, 3).map(f64::to_bits), Some(0.0_f64.to_bits()));
    assert_eq!(fixed(f64::NAN, 3), None);
    assert_eq!(fixed(f64::INFINITY, 1), None);
}

/// Any number, now and then one that is none.
fn seconds() -> impl Strategy<Value = f64> {
    prop_oneof![20 => -5.0..60.0_f64, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)]
}

fn words() -> impl Strategy<Value = Vec<Word>> {
    let text = prop_oneof![
        prop::sample::select(vec![
            "um",
            "Uh,",
            "like",
            "you",
            "know,",
            "I",
            "mean",
            "the",
            "so",
            "was",
            "we",
            "it's",
            "right,",
            "because",
            "from",
            "40",
            "to",
            "6.",
            "wa-",
            "—",
            "kind",
            "of",
            "think",
            "maybe",
            "actually,",
            "and",
            "stuff.",
            "result?"
        ])
        .prop_map(str::to_owned),
        "\\PC{1,6}",
    ];
    let source = prop::sample::select(vec![WordSource::Transcript, WordSource::Acoustic, WordSource::Both]);
    let word = (text, prop::option::of((seconds(), seconds())), prop::option::of(-1.0..2.0_f64), source).prop_map(
        |(text, span, probability, source)| Word {
            text,
            span: span.map(|(start_s, end_s)| Span { start_s, end_s }),
            probability,
            source,
        },
    );
    prop::collection::vec(word, 0..60)
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let activity = prop::option::of(prop::collection::vec(
        (seconds(), seconds()).prop_map(|(start_s, end_s)| Span { start_s, end_s }),
        0..12,
    ));
    let frames = prop::collection::vec((prop::option::of(50.0..400.0_f32), -100.0..0.0_f32), 0..3000);
    (words(), activity, prop::option::of(frames), 0.0..60.0_f64).prop_map(|(words, activity, frames, duration_s)| {
        Evidence {
            recording: activity.as_ref().map(|_| Recording {
                path: "a.wav".to_owned(),
                sha256: String::new(),
                duration_s,
                sample_rate_hz: 16_000,
                channels: 1,
            }),
            words,
            activity,
            prosody: frames.map(|frames| Prosody {
                frame_s: 0.01,
                f0_hz: frames.iter().map(|frame| frame.0).collect(),
                level_dbfs: frames.iter().map(|frame| frame.1).collect(),
            }),
            ..Evidence::default()
        }
    })
}

proptest! {
    #[test]
    fn holds_for_any_evidence(evidence in evidence(), technical in any::<bool>(), threshold in 0.1..1.0_f64) {
        let bank = bank(if technical { Kind::Technical } else { Kind::Behavioural });
        let settings = Settings { pause_threshold_s: threshold };
        let feedback = analyse(&evidence, Some((&bank, &bank.questions[0])), &settings);
        // what is written reads back as the same; a NaN would read back as null
        let json = serde_json::to_string(&feedback).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Feedback>(&json).unwrap(), &feedback);
        prop_assert_eq!(&serde_json::to_string(&analyse(&evidence, Some((&bank, &bank.questions[0])), &settings)).unwrap(), &json);
        let end_s = evidence.recording.as_ref().map_or(f64::INFINITY, |recording| recording.duration_s + 0.001);
        let inside = |start_s: f64, end: f64| start_s >= 0.0 && start_s <= end && end <= end_s;
        let timing = &feedback.timing;
        prop_assert!(timing.pauses.windows(2).all(|pair| pair[0].end_s <= pair[1].start_s));
        prop_assert!(timing.pauses.iter().all(|pause| inside(pause.start_s, pause.end_s) && pause.end_s - pause.start_s >= threshold - 0.002));
        prop_assert!(timing.phonation_time_ratio.is_none_or(|ratio| (0.0..=1.0).contains(&ratio)));
        prop_assert!(timing.speaking_s.zip(timing.answer_s).is_none_or(|(speaking_s, answer_s)| speaking_s <= answer_s));
        prop_assert!(timing.pace.windows(2).all(|pair| pair[0].start_s < pair[1].start_s));
        for item in &feedback.fillers.items {
            prop_assert!((0.0..=1.0).contains(&item.confidence));
            prop_assert!(item.word.is_some_and(|word| word < evidence.words.len()));
            prop_assert!(item.start_s.zip(item.end_s).is_none_or(|(start_s, end)| inside(start_s, end)));
        }
        prop_assert!(feedback.fillers.items.windows(2).all(|pair| pair[0].word <= pair[1].word));
        prop_assert!(feedback.fillers.clusters.iter().all(|cluster| cluster.start_s <= cluster.end_s));
        prop_assert!(feedback.advice.len() <= 3);
        if let Some(structure) = &feedback.structure {
            prop_assert_eq!(structure.parts.len() + structure.missing.len(), 4);
            prop_assert!(structure.parts.iter().all(|part| (0.0..=1.0).contains(&part.share)));
        }
    }
}
