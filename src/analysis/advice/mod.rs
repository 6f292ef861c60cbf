//! What to do next time: at most three pieces of advice, the most valuable first, each with its moment.
//!
//! Every measure may propose advice with a priority; the highest three are given. Nothing is graded, and what is only a
//! habit of coaches is called that.

mod content;
mod speech;

use super::fixed;
use crate::bank::Question;
use crate::feedback::{Advice, Feedback, Status};

/// How many pieces of advice are given: more than three are not acted on.
const MOST: usize = 3;
/// Proposals at or above this priority are worth changing something for; below it they are next steps for an answer that
/// is well.
const WORTH_CHANGING: u32 = 40;

/// Priorities, highest first. What spoils the figures comes before the figures; what an interviewer notices first comes
/// before polish.
mod priority {
    pub const QUALITY: u32 = 100;
    pub const OFF_TOPIC: u32 = 95;
    /// Twice the harmful rate and more of filled pauses.
    pub const MANY_FILLED_PAUSES: u32 = 90;
    /// More than half of the concepts are missing.
    pub const MOSTLY_MISSING: u32 = 85;
    pub const FILLED_PAUSES: u32 = 75;
    pub const MISSING_CONCEPT: u32 = 70;
    pub const RUSHING: u32 = 65;
    pub const PAUSES_INSIDE: u32 = 60;
    pub const NO_RESULT: u32 = 58;
    pub const LENGTH: u32 = 55;
    pub const LEXICAL_FILLER: u32 = 50;
    pub const REPETITIONS: u32 = 45;
    pub const TRAILING_OFF: u32 = 42;
    pub const SLOW: u32 = 40;
    pub const WE_NOT_I: u32 = 38;
    pub const STRUCTURE: u32 = 36;
    pub const NUMBER: u32 = 34;
    pub const PARTIAL_CONCEPT: u32 = 33;
    pub const LATE_START: u32 = 30;
}

/// A piece of advice that competes for a place.
struct Proposal {
    priority: u32,
    advice: Advice,
}

/// A proposal; a moment that is no number is left out.
fn propose(priority: u32, code: &str, at_s: Option<f64>, message: String) -> Proposal {
    Proposal { priority, advice: Advice { code: code.to_owned(), message, at_s: at_s.and_then(|at_s| fixed(at_s, 3)) } }
}

/// The advice for feedback that is complete but for it.
pub(super) fn advice(feedback: &Feedback, question: Option<&Question>) -> Vec<Advice> {
    if feedback.quality.status == Status::Unscorable {
        return unscorable(feedback);
    }
    let mut proposals = Vec::new();
    if let Some(issue) = feedback.quality.issues.first() {
        proposals.push(propose(priority::QUALITY, &issue.code, None, issue.message.clone()));
    }
    content::proposals(feedback, question, &mut proposals);
    speech::proposals(feedback, question, &mut proposals);
    // equal priorities stay in the order above: stable, so the same answer gets the same advice
    proposals.sort_by_key(|proposal| std::cmp::Reverse(proposal.priority));
    if proposals.first().is_none_or(|first| first.priority < WORTH_CHANGING) {
        let strength = strength(feedback).into_iter();
        return strength.chain(proposals.into_iter().take(1).map(|proposal| proposal.advice)).collect();
    }
    // what is worth changing, and at most one next step if there is room
    let worth = proposals.iter().take_while(|proposal| proposal.priority >= WORTH_CHANGING).count();
    proposals.into_iter().take(MOST.min(worth + 1)).map(|proposal| proposal.advice).collect()
}

/// What to do to get a recording that can be scored: the quality gate's own words.
fn unscorable(feedback: &Feedback) -> Vec<Advice> {
    let of_issue = |issue: &crate::feedback::Issue| Advice {
        code: issue.code.clone(),
        message: issue.message.clone(),
        at_s: None,
    };
    let mut advice: Vec<Advice> = feedback.quality.issues.iter().take(MOST).map(of_issue).collect();
    if advice.is_empty() {
        let message = "Nothing in this recording could be scored. Check that the right microphone is chosen and not muted, speak \
            a hand's width away from it, and record again.";
        advice.push(Advice { code: "record_again".to_owned(), message: message.to_owned(), at_s: None });
    }
    advice
}

/// One thing that went well, with its figure; `None` when no measure can vouch for one.
fn strength(feedback: &Feedback) -> Option<Advice> {
    let message = content::strength(feedback).or_else(|| speech::strength(feedback))?;
    Some(Advice { code: "strength".to_owned(), message, at_s: None })
}

/// A number with its noun: "1 filled pause", "3 filled pauses".
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::super::structure::tests::question;
    use super::*;
    use crate::bank::{Concept, Kind};
    use crate::feedback::{
        ConceptResult, ConceptStatus, Coverage, Filler, FillerCluster, FillerEvidence, FillerKind, Fillers, Issue,
        Pause, PausePosition, Quality, SCHEMA, Structure, Timing, Transcript,
    };

    /// A minute's answer with nothing to find fault with.
    fn good() -> Feedback {
        let timing = Timing {
            answer_s: Some(60.0),
            response_latency_s: Some(1.0),
            words: Some(145),
            speech_rate_wpm: Some(145.0),
            articulation_rate_syl_per_s: Some(4.8),
            phonation_time_ratio: Some(0.8),
            ..Timing::default()
        };
        Feedback {
            schema: SCHEMA.to_owned(),
            recording: None,
            question: None,
            model: None,
            quality: Quality {
                status: Status::Ok,
                issues: Vec::new(),
                snr_db: None,
                peak_dbfs: None,
                clipped_fraction: None,
            },
            transcript: Transcript { text: String::new(), words: Vec::new() },
            timing,
            fillers: Fillers { per_minute: Some(1.0), ..Fillers::default() },
            coverage: None,
            structure: None,
            delivery: None,
            advice: Vec::new(),
        }
    }

    fn filler(kind: FillerKind, text: &str, start_s: f64) -> Filler {
        Filler {
            kind,
            text: text.to_owned(),
            start_s: Some(start_s),
            end_s: Some(start_s + 0.3),
            evidence: FillerEvidence::Both,
            confidence: 0.9,
            word: None,
        }
    }

    fn with_concepts(statuses: &[ConceptStatus]) -> (Feedback, Question) {
        let mut question = question(Kind::Technical);
        let mut feedback = good();
        let concepts: Vec<ConceptResult> = statuses
            .iter()
            .enumerate()
            .map(|(index, status)| ConceptResult {
                id: format!("c{index}"),
                label: format!("Do thing {index}"),
                status: *status,
                confidence: 0.9,
                evidence: Vec::new(),
                note: None,
            })
            .collect();
        question.concepts = concepts
            .iter()
            .map(|concept| Concept {
                id: concept.id.clone(),
                label: concept.label.clone(),
                means: String::new(),
                cues: Vec::new(),
                examples: Vec::new(),
                contrasts: Vec::new(),
                follow_up: format!("Why {}?", concept.id),
            })
            .collect();
        let covered = statuses.iter().filter(|status| **status == ConceptStatus::Covered).count() as u32;
        feedback.coverage = Some(Coverage {
            covered,
            total: statuses.len() as u32,
            concepts,
            method: "cues".to_owned(),
            off_topic: None,
        });
        (feedback, question)
    }

    fn codes(feedback: &Feedback, question: Option<&Question>) -> Vec<String> {
        advice(feedback, question).into_iter().map(|advice| advice.code).collect()
    }

    #[test]
    fn a_good_answer_gets_a_strength_with_its_figure() {
        let advice = advice(&good(), None);
        assert_eq!(advice.len(), 1);
        assert_eq!(advice[0].code, "strength");
        assert!(advice[0].message.contains("0 filled pauses"), "{}", advice[0].message);
    }

    #[test]
    fn a_good_answer_gets_the_next_concept_as_its_next_step() {
        use ConceptStatus::{Covered, Partial};
        let (feedback, question) = with_concepts(&[Covered, Covered, Partial]);
        let advice = advice(&feedback, Some(&question));
        assert_eq!(
            advice.iter().map(|advice| advice.code.as_str()).collect::<Vec<_>>(),
            ["strength", "partial_concept"]
        );
        assert!(advice[0].message.contains("2 of 3"), "{}", advice[0].message);
        assert!(
            advice[1].message.contains("Do thing 2") && advice[1].message.contains("Why c2?"),
            "{}",
            advice[1].message
        );
    }

    #[test]
    fn names_the_missing_concept_and_its_follow_up() {
        use ConceptStatus::{Covered, Missing};
        let (feedback, question) = with_concepts(&[Covered, Missing, Missing, Covered, Covered]);
        let advice = advice(&feedback, Some(&question));
        assert_eq!(advice[0].code, "missing_concept");
        assert!(
            advice[0].message.contains("Do thing 1") && advice[0].message.contains("“Why c1?”"),
            "{}",
            advice[0].message
        );
    }

    #[test]
    fn filled_pauses_are_shown_where_they_cluster() {
        let mut feedback = good();
        feedback.fillers.items =
            (0..8).map(|index| filler(FillerKind::FilledPause, "um", 10.0 + f64::from(index))).collect();
        feedback.fillers.clusters = vec![FillerCluster {
            start_s: 10.0,
            end_s: 18.0,
            count: 8,
            place: "before “the payments database”".to_owned(),
        }];
        let advice = advice(&feedback, None);
        assert_eq!((advice[0].code.as_str(), advice[0].at_s), ("filled_pauses", Some(10.0)));
        assert!(
            advice[0].message.contains("8 filled pauses")
                && advice[0].message.contains("before “the payments database”")
        );
    }

    #[test]
    fn many_fillers_of_several_kinds_are_not_passed_over() {
        let mut feedback = good();
        let kinds = ["so", "well", "okay", "right", "yeah", "anyway"];
        feedback.fillers.items = (0..12)
            .map(|index| filler(FillerKind::Lexical, kinds[index as usize % 6], f64::from(index) * 5.0))
            .collect();
        feedback.fillers.per_minute = Some(12.4);
        let advice = advice(&feedback, None);
        assert_eq!((advice[0].code.as_str(), advice[0].at_s), ("fillers", Some(0.0)));
        assert!(advice[0].message.contains("12 fillers of several kinds (12 a minute)"), "{}", advice[0].message);
    }

    #[test]
    fn quality_comes_first_and_three_are_enough() {
        use ConceptStatus::Missing;
        let (mut feedback, question) = with_concepts(&[Missing, Missing]);
        feedback.quality.status = Status::Warn;
        feedback.quality.issues = vec![Issue { code: "noise".to_owned(), message: "There is noise.".to_owned() }];
        feedback.fillers.items = (0..30).map(|index| filler(FillerKind::FilledPause, "um", f64::from(index))).collect();
        feedback.timing.answer_s = Some(20.0);
        feedback.timing.pauses = vec![Pause { start_s: 3.0, end_s: 6.0, position: PausePosition::WithinClause }];
        assert_eq!(codes(&feedback, Some(&question)), ["noise", "filled_pauses", "missing_concept"]);
    }

    #[test]
    fn a_favourite_filler_is_named() {
        let mut feedback = good();
        feedback.fillers.items = (0..5)
            .map(|index| filler(FillerKind::Lexical, if index == 2 { "so" } else { "Like" }, f64::from(index) * 9.0))
            .collect();
        let advice = advice(&feedback, None);
        assert_eq!((advice[0].code.as_str(), advice[0].at_s), ("lexical_filler", Some(0.0)));
        assert!(advice[0].message.contains("“like” 4 times"), "{}", advice[0].message);
    }

    #[test]
    fn a_story_without_a_result_is_told_so() {
        let mut feedback = good();
        feedback.structure = Some(Structure {
            kind: "behavioural".to_owned(),
            missing: vec!["result".to_owned()],
            ..Structure::default()
        });
        assert_eq!(codes(&feedback, None)[0], "no_result");
    }

    #[test]
    fn nothing_to_score_says_what_to_do() {
        let mut feedback = good();
        feedback.quality.status = Status::Unscorable;
        assert_eq!(codes(&feedback, None), ["record_again"]);
        feedback.quality.issues =
            vec![Issue { code: "silence".to_owned(), message: "Unmute the microphone.".to_owned() }];
        assert_eq!(codes(&feedback, None), ["silence"]);
    }
}
