//! Hand-made feedback for the tests of the renderers.

use crate::evidence::{Model, Recording};
use crate::feedback::*;

/// Words at an even pace from a moment on, in seconds.
fn say(words: &mut Vec<TimedWord>, from_s: f64, text: &str) {
    const WORD_S: f64 = 0.34;
    for (index, word) in text.split_whitespace().enumerate() {
        let start = from_s + index as f64 * WORD_S;
        words.push(TimedWord {
            text: word.to_owned(),
            start_s: Some(start),
            end_s: Some(start + 0.3),
            probability: Some(0.93),
        });
    }
}

fn filler(kind: FillerKind, text: &str, start_s: f64, word: Option<usize>) -> Filler {
    let end_s = Some(start_s + 0.3);
    let evidence = FillerEvidence::Both;
    Filler { kind, text: text.to_owned(), start_s: Some(start_s), end_s, evidence, confidence: 0.9, word }
}

fn quote(quote: &str, start_s: f64) -> Quote {
    Quote { quote: quote.to_owned(), start_s: Some(start_s), end_s: Some(start_s + 2.0) }
}

fn concept(id: &str, label: &str, status: ConceptStatus, confidence: f64) -> ConceptResult {
    let (id, label) = (id.to_owned(), label.to_owned());
    ConceptResult { id, label, status, confidence, evidence: Vec::new(), note: None }
}

fn find(words: &[TimedWord], text: &str) -> usize {
    words.iter().position(|word| word.text == text).unwrap()
}

fn timing(words: &[TimedWord]) -> Timing {
    let pause = |start_s, end_s, position| Pause { start_s, end_s, position };
    let pace = [(0.0, 10.0, 128.0), (10.0, 20.0, 171.0), (20.0, 30.0, 142.0), (30.0, 40.0, 118.0), (40.0, 48.0, 155.0)];
    Timing {
        answer_s: Some(47.1),
        response_latency_s: Some(1.2),
        content_latency_s: Some(2.4),
        speaking_s: Some(40.6),
        words: Some(words.len() as u32),
        syllables: Some(161),
        speech_rate_wpm: Some(143.2),
        articulation_rate_syl_per_s: Some(4.24),
        phonation_time_ratio: Some(0.862),
        mean_length_of_run_syl: Some(23.0),
        pause_threshold_s: Some(0.25),
        longest_pause_s: Some(2.1),
        pauses: vec![
            pause(1.55, 2.35, PausePosition::WithinClause),
            pause(15.4, 16.0, PausePosition::Boundary),
            pause(24.7, 26.8, PausePosition::WithinClause),
            pause(38.0, 38.45, PausePosition::Boundary),
        ],
        pace: pace.map(|(start_s, end_s, wpm)| PaceWindow { start_s, end_s, wpm }).to_vec(),
        pace_note: Some("Your pace is that of a conversation; from 0:10 to 0:20 you were faster.".to_owned()),
    }
}

fn coverage() -> Coverage {
    let mut concepts = vec![
        concept("modular-monolith-first", "Start with a modular monolith", ConceptStatus::Covered, 0.94),
        concept("managed-database", "Let a provider run the database", ConceptStatus::Covered, 0.88),
        concept("cache-reads", "Cache what is read again and again", ConceptStatus::Partial, 0.47),
        concept(
            "observability",
            "Measure before it hurts: metrics, traces, alarms on service-level objectives",
            ConceptStatus::Missing,
            0.06,
        ),
        concept("async-work", "Move slow work to a queue", ConceptStatus::Missing, 0.12),
    ];
    concepts[0].evidence =
        vec![quote("I'd start with a modular monolith", 2.4), quote("one build and one deploy", 6.5)];
    concepts[1].evidence = vec![quote("The data goes into a hosted Postgres", 10.6)];
    concepts[2].evidence = vec![quote("we could maybe cache something", 27.0)];
    concepts[2].note = Some("It is named as a possibility, not as what you would do.".to_owned());
    concepts[4].note = Some("“cues” was possibly misheard for “queues” at 0:31.".to_owned());
    Coverage { covered: 2, total: 5, concepts, method: "cues+embeddings".to_owned(), off_topic: Some(false) }
}

fn structure() -> Structure {
    let part = |name: &str, start_s, end_s, quote: &str, share| StructurePart {
        name: name.to_owned(),
        start_s: Some(start_s),
        end_s: Some(end_s),
        quote: quote.to_owned(),
        share,
    };
    Structure {
        kind: "technical".to_owned(),
        parts: vec![
            part("position", 2.4, 10.5, "I'd start with a modular monolith", 0.24),
            part("reasons", 10.6, 24.0, "because four engineers can't look after ten services", 0.41),
        ],
        missing: vec!["trade-off".to_owned(), "example".to_owned()],
        first_person_singular: 4,
        first_person_plural: 3,
        numbers: 1,
        target_s: Some(105.0),
    }
}

fn answer() -> Vec<TimedWord> {
    let mut words = Vec::new();
    say(&mut words, 1.2, "Um,");
    say(&mut words, 2.4, "I'd start with a modular monolith, cleanly divided inside, one build and one deploy,");
    say(&mut words, 7.6, "because, you know, four engineers can't look after ten services.");
    say(&mut words, 11.6, "The data goes into a hosted Postgres there.");
    say(&mut words, 16.2, "In front I'd put the the load balancer, uh, with two copies of the app behind it.");
    say(&mut words, 22.4, "It keeps nothing on");
    say(
        &mut words,
        27.0,
        "its own disk, so I think maybe we could cache something, we we could put slow work on cues as well.",
    );
    say(
        &mut words,
        38.6,
        "And then, um, well, everything is kind of ready to grow from ten thousand people to millions.",
    );
    say(&mut words, 44.0, "That's it.");
    words
}

fn items(words: &[TimedWord]) -> Vec<Filler> {
    let uh = find(words, "uh,");
    vec![
        filler(FillerKind::FilledPause, "Um,", 1.2, Some(0)),
        filler(FillerKind::Lexical, "you know,", 7.94, Some(find(words, "you"))),
        filler(FillerKind::Repetition, "the the", 17.9, Some(find(words, "the"))),
        filler(FillerKind::FilledPause, "uh,", 18.9, Some(uh)),
        Filler {
            evidence: FillerEvidence::Acoustic,
            confidence: 0.61,
            ..filler(FillerKind::FilledPause, "um", 23.95, None)
        },
        filler(FillerKind::Hedge, "I think maybe", 28.7, Some(find(words, "think") - 1)),
        filler(FillerKind::Restart, "we we", 30.4, Some(find(words, "something,") + 1)),
        filler(FillerKind::FilledPause, "um,", 39.3, Some(find(words, "um,"))),
    ]
}

fn advice() -> Vec<Advice> {
    let advice = |code: &str, message: &str, at_s| Advice { code: code.to_owned(), message: message.to_owned(), at_s };
    vec![
        advice(
            "missing_concept",
            "Say how you would notice trouble: name one target that product agrees to, and the metric that \
                    shows it.",
            None,
        ),
        advice(
            "filled_pauses",
            "You filled the gap before “cache something” three times. Stop, breathe, and leave it silent.",
            Some(23.9),
        ),
        advice(
            "commit",
            "“We could maybe cache something” leaves the decision open. Say what you would cache and why.",
            Some(27.0),
        ),
    ]
}

/// An answer with everything that feedback can hold.
pub(super) fn rich() -> Feedback {
    let words = answer();
    Feedback {
        schema: SCHEMA.to_owned(),
        recording: Some(Recording {
            path: "answers/architecture take 3.wav".to_owned(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            duration_s: 49.4,
            sample_rate_hz: 44_100,
            channels: 1,
        }),
        question: Some(QuestionRef {
            bank: "lead-systems-engineer".to_owned(),
            id: "architecture-zero-to-millions".to_owned(),
            prompt: "Walk me through how you would design the core backend architecture for a new product expected to \
                     grow from zero to millions of users in 18 months."
                .to_owned(),
        }),
        model: Some(Model { name: "base".to_owned(), sha256: "60ed5bc3dd14eea856493d334349b405782ddcaf".to_owned() }),
        quality: Quality {
            status: Status::Warn,
            issues: vec![Issue {
                code: "clipping".to_owned(),
                message: "The recording is clipped in places: turn the microphone down a little or move back a hand's \
                          breadth."
                    .to_owned(),
            }],
            snr_db: Some(31.6),
            peak_dbfs: Some(0.0),
            clipped_fraction: Some(0.0021),
        },
        transcript: Transcript {
            text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
            words: words.clone(),
        },
        timing: timing(&words),
        fillers: Fillers {
            per_minute: Some(6.4),
            items: items(&words),
            clusters: vec![FillerCluster {
                start_s: 22.4,
                end_s: 31.0,
                count: 3,
                place: "before “cache something”".to_owned(),
            }],
        },
        coverage: Some(coverage()),
        structure: Some(structure()),
        delivery: Some(Delivery {
            pitch_median_hz: Some(118.4),
            pitch_sd_semitones: Some(2.34),
            loudness_dbfs: Some(-23.1),
            loudness_sd_db: None,
            trailing_off: Some(1),
            rushing: vec![PaceWindow { start_s: 10.0, end_s: 20.0, wpm: 171.0 }],
        }),
        advice: advice(),
    }
}

/// A plain text that was scored: no times, no model.
pub(super) fn transcript_only() -> Feedback {
    let rich = rich();
    let words: Vec<TimedWord> = rich
        .transcript
        .words
        .iter()
        .map(|word| TimedWord { start_s: None, end_s: None, probability: None, ..word.clone() })
        .collect();
    let untimed =
        |item: &Filler| Filler { start_s: None, end_s: None, evidence: FillerEvidence::Transcript, ..item.clone() };
    Feedback {
        recording: None,
        model: None,
        quality: Quality {
            status: Status::Ok,
            issues: Vec::new(),
            snr_db: None,
            peak_dbfs: None,
            clipped_fraction: None,
        },
        timing: Timing { words: Some(words.len() as u32), syllables: Some(161), ..Timing::default() },
        transcript: Transcript { text: rich.transcript.text.clone(), words },
        fillers: Fillers {
            per_minute: None,
            items: rich.fillers.items.iter().filter(|item| item.word.is_some()).map(untimed).collect(),
            clusters: Vec::new(),
        },
        question: None,
        coverage: None,
        structure: None,
        delivery: None,
        advice: Vec::new(),
        ..rich
    }
}

/// A recording that allows no judgement.
pub(super) fn unscorable() -> Feedback {
    let rich = rich();
    Feedback {
        quality: Quality {
            status: Status::Unscorable,
            issues: vec![Issue {
                code: "silence".to_owned(),
                message:
                    "The recording is silent from start to end. Is the microphone muted, or is another one chosen? \
                          `viva devices` lists them."
                        .to_owned(),
            }],
            snr_db: None,
            peak_dbfs: None,
            clipped_fraction: Some(0.0),
        },
        transcript: Transcript { text: String::new(), words: Vec::new() },
        timing: Timing::default(),
        fillers: Fillers::default(),
        coverage: None,
        structure: None,
        delivery: None,
        advice: Vec::new(),
        ..rich
    }
}

/// What should be in no terminal and no page: escape sequences, markup, overrides, endless words, extreme numbers.
pub(super) const EVIL: &str =
    "\u{1b}[31m\u{1b}]0;owned\u{7}</style><script>alert(1)</script>\"'&\u{202e}olleh\u{200b}\r\n日本語👩‍🚀\u{9b}2J";

/// Feedback in which every text is [`EVIL`] and numbers are extreme.
pub(super) fn hostile() -> Feedback {
    let mut feedback = rich();
    let long = format!("{EVIL}{}", "x".repeat(300));
    let evil = || long.clone();
    let recording = feedback.recording.as_mut().unwrap();
    (recording.path, recording.sha256, recording.duration_s) = (evil(), evil(), f64::INFINITY);
    feedback.question = Some(QuestionRef { bank: evil(), id: evil(), prompt: evil() });
    feedback.model = Some(Model { name: evil(), sha256: evil() });
    feedback.quality.issues = vec![Issue { code: evil(), message: evil() }];
    feedback.quality.snr_db = Some(f64::NAN);
    feedback.transcript.text = evil();
    for word in &mut feedback.transcript.words {
        word.text = format!("{EVIL}{}", word.text).split_whitespace().collect();
    }
    feedback.transcript.words[3].text = evil().split_whitespace().collect();
    for item in &mut feedback.fillers.items {
        item.text = evil();
        item.confidence = f64::NAN;
    }
    feedback.fillers.items[1].start_s = Some(1e300);
    feedback.fillers.clusters[0].place = evil();
    feedback.timing.pace_note = Some(evil());
    feedback.timing.pauses.push(Pause { start_s: -5.0, end_s: 1e18, position: PausePosition::Boundary });
    feedback.timing.pace.push(PaceWindow { start_s: f64::NAN, end_s: 9.0, wpm: f64::INFINITY });
    if let Some(coverage) = &mut feedback.coverage {
        coverage.method = evil();
        coverage.off_topic = Some(true);
        for concept in &mut coverage.concepts {
            (concept.id, concept.label, concept.note) = (evil(), evil(), Some(evil()));
            concept.evidence = vec![Quote { quote: evil(), start_s: Some(f64::NAN), end_s: None }];
        }
    }
    if let Some(structure) = &mut feedback.structure {
        structure.kind = evil();
        structure.missing = vec![evil()];
        for part in &mut structure.parts {
            (part.name, part.quote, part.share) = (evil(), evil(), f64::NAN);
        }
    }
    for advice in &mut feedback.advice {
        (advice.code, advice.message, advice.at_s) = (evil(), evil(), Some(-1.0));
    }
    feedback
}
