//! Advice about what was said: concepts, structure, length.

use super::{Proposal, priority, propose};
use crate::bank::Question;
use crate::feedback::{ConceptResult, ConceptStatus, Coverage, Feedback, Structure};

/// An answer shorter than this share of the target, or longer than that, is worth a word.
const LENGTH_SHARES: (f64, f64) = (0.5, 1.5);
/// Share of the concepts that must be covered for it to be called a strength.
const STRONG_COVERAGE: f64 = 0.6;
/// "We" this many times as often as "I" leaves open what the speaker did.
const WE_PER_I: u32 = 3;

pub(super) fn proposals(feedback: &Feedback, question: Option<&Question>, proposals: &mut Vec<Proposal>) {
    if let Some((coverage, question)) = feedback.coverage.as_ref().zip(question) {
        concepts(coverage, question, proposals);
    }
    if let Some(structure) = &feedback.structure {
        parts(structure, question, proposals);
    }
    if let Some((answer_s, question)) = feedback.timing.answer_s.zip(question) {
        length(answer_s, question.target_s, proposals);
    }
}

fn concepts(coverage: &Coverage, question: &Question, proposals: &mut Vec<Proposal>) {
    if coverage.off_topic == Some(true) {
        let message = format!(
            "The answer seems to speak of something else than the question: “{}” Say in your first sentence how you would do it.",
            question.prompt.trim()
        );
        proposals.push(propose(priority::OFF_TOPIC, "off_topic", None, message));
    }
    let follow_up = |concept: &ConceptResult| {
        let asked = question.concepts.iter().find(|asked| asked.id == concept.id)?;
        Some(asked.follow_up.trim().to_owned()).filter(|follow_up| !follow_up.is_empty())
    };
    let with = |status: ConceptStatus| coverage.concepts.iter().filter(move |concept| concept.status == status);
    if let Some(concept) = with(ConceptStatus::Missing).next() {
        let count = with(ConceptStatus::Missing).count();
        let mostly = 2 * count > coverage.concepts.len();
        let why = concept.note.as_deref().map(|note| format!(" ({})", note.trim_end_matches('.'))).unwrap_or_default();
        let asked = follow_up(concept).map(|asked| format!(" An interviewer would ask: “{asked}”")).unwrap_or_default();
        let others: Vec<&str> =
            with(ConceptStatus::Missing).skip(1).take(2).map(|concept| concept.label.as_str()).collect();
        let others = if others.is_empty() { String::new() } else { format!(" Also missing: {}.", others.join("; ")) };
        let level = if mostly { priority::MOSTLY_MISSING } else { priority::MISSING_CONCEPT };
        let message = format!("Not covered: {}{why}.{asked}{others}", concept.label.trim_end_matches('.'));
        proposals.push(propose(level, "missing_concept", moment(concept), message));
    }
    if let Some(concept) = with(ConceptStatus::Partial).next() {
        let asked = follow_up(concept).map(|asked| format!(" An interviewer would ask: “{asked}”")).unwrap_or_default();
        let message = format!(
            "You touch it, and could say outright that you do it: {}.{asked}",
            concept.label.trim_end_matches('.')
        );
        proposals.push(propose(priority::PARTIAL_CONCEPT, "partial_concept", moment(concept), message));
    }
}

/// Where the concept was touched or denied, if it was.
fn moment(concept: &ConceptResult) -> Option<f64> {
    concept.evidence.first().and_then(|quote| quote.start_s)
}

fn parts(structure: &Structure, question: Option<&Question>, proposals: &mut Vec<Proposal>) {
    let missing = |name: &str| structure.missing.iter().any(|part| part == name);
    let (singular, plural) = (structure.first_person_singular, structure.first_person_plural);
    if structure.kind == "behavioural" {
        let story = question.is_none_or(|question| asks_for_story(&question.prompt));
        if missing("result") && !missing("action") && story {
            let message = "The story has no clear end: close with what came of it, best with a number (“deploys went from 40 \
                minutes to 6”).";
            proposals.push(propose(priority::NO_RESULT, "no_result", None, message.to_owned()));
        } else if structure.numbers == 0 && story {
            let at_s = structure.parts.iter().find(|part| part.name == "result").and_then(|part| part.start_s);
            let message = "Next step: put one number on the result, even a rough one: how much faster, how many fewer, how long it held.";
            proposals.push(propose(priority::NUMBER, "number_as_result", at_s, message.to_owned()));
        }
        if missing("action") && story {
            let message = "What you yourself did is hard to find: say it in steps that begin with “I”.";
            proposals.push(propose(priority::STRUCTURE, "no_action", None, message.to_owned()));
        }
        if plural >= 5 && plural > WE_PER_I * singular {
            let message = format!(
                "“We” {plural} times and “I” {singular} times: the listener cannot tell what you did. Keep “we” for the team and say \
                 “I” for your own part."
            );
            proposals.push(propose(priority::WE_NOT_I, "we_not_i", None, message));
        }
    } else if missing("trade-offs") || missing("reasons") {
        let (what, say) = if missing("reasons") {
            ("reason", "say why with one “because”")
        } else {
            ("trade-off", "name what your choice costs and when you would choose otherwise")
        };
        let message = format!("Next step: no {what} was heard in so many words; {say}.");
        proposals.push(propose(
            priority::STRUCTURE,
            if what == "reason" { "no_reasons" } else { "no_trade_off" },
            None,
            message,
        ));
    }
}

/// Whether a question asks for something that happened: "How do you stay current?" and "Why this company?" do not.
fn asks_for_story(prompt: &str) -> bool {
    const ASKS: [&str; 10] = [
        "tell me about",
        "tell us about",
        "describe a",
        "share a",
        "example of",
        "give me",
        "a time",
        "walk me through",
        "an incident",
        "a situation",
    ];
    let prompt = prompt.to_lowercase();
    ASKS.iter().any(|ask| prompt.contains(ask))
}

fn length(answer_s: f64, target_s: f64, proposals: &mut Vec<Proposal>) {
    let share = answer_s / target_s;
    if !share.is_finite() || share <= 0.0 || (LENGTH_SHARES.0..=LENGTH_SHARES.1).contains(&share) {
        return;
    }
    let habit = format!("Coaches advise about {target_s:.0} s for this question (a habit, not research)");
    let (code, do_what) = if share < 1.0 {
        ("short", "there is room for one example of your own")
    } else {
        ("long", "say the main point first and leave the rest for their questions")
    };
    let message = format!("The answer takes {answer_s:.0} s. {habit}: {do_what}.");
    proposals.push(propose(priority::LENGTH, code, None, message));
}

/// Coverage as a strength, if it is one.
pub(super) fn strength(feedback: &Feedback) -> Option<String> {
    let coverage = feedback.coverage.as_ref().filter(|coverage| coverage.total > 0)?;
    let strong = f64::from(coverage.covered) >= STRONG_COVERAGE * f64::from(coverage.total);
    strong.then(|| format!("Well done: you cover {} of {} concepts.", coverage.covered, coverage.total))
}
