//! Stance adverbs: *basically, essentially, actually, literally, honestly, frankly, obviously*, and *just*.

use super::super::parts_of_speech::{
    among, is_amount, is_auxiliary, is_be, is_joiner, is_subject, is_subject_pronoun, is_verb,
};
use super::super::tokens::Break;
use super::{Hit, Place, filler};

pub(super) fn adverb(place: &Place) -> Option<Hit> {
    match place.word(0) {
        "basically" | "essentially" => basically(place),
        "actually" => actually(place),
        "literally" => literally(place),
        "honestly" | "frankly" => honestly(place),
        "obviously" => obviously(place),
        _ => None,
    }
}

/// Opens the sentence or stands in brackets.
fn at_edge(place: &Place) -> Option<Hit> {
    if place.set_off(1) {
        filler(1, 0.9)
    } else if place.initial || place.chained {
        filler(1, 0.8)
    } else {
        None
    }
}

fn basically(place: &Place) -> Option<Hit> {
    let right = place.right(1);
    if let Some(hit) = at_edge(place) {
        return Some(hit);
    }
    if place.open_right(1) {
        // "We sold sofas basically."
        return if is_be(place.left()) { None } else { filler(1, 0.85) };
    }
    // "basically nothing", "basically the same": says how nearly, and is meant
    let approximates = is_amount(right)
        || among(right, "the impossible free done dead just unchanged identical empty useless unusable");
    if approximates {
        return None;
    }
    let props =
        is_subject(place.left()) || is_joiner(place.left()) || is_be(place.left()) || is_auxiliary(place.left());
    if props { filler(1, 0.65) } else { None }
}

fn actually(place: &Place) -> Option<Hit> {
    // "Actually, no": a correction
    if place.initial && matches!(place.word(1), "no" | "not") {
        return None;
    }
    // "what they do actually.", "not actually,"
    let closes = place.open_right(1)
        && !matches!(place.left(), "not" | "")
        && !place.earlier(&["what", "how", "who", "did", "does", "do"], 5);
    at_edge(place).or(if closes { filler(1, 0.7) } else { None })
}

fn literally(place: &Place) -> Option<Hit> {
    let right = place.right(1);
    if is_amount(right) || matches!(right, "a" | "translated" | "speaking") {
        return None;
    }
    if let Some(hit) = at_edge(place) {
        return Some(hit);
    }
    let left = place.left();
    let props = (is_subject(left) || is_be(left) || is_joiner(left))
        && (is_auxiliary(right) || is_verb(right) || is_be(right) || right == "just");
    if props { filler(1, 0.7) } else { None }
}

fn honestly(place: &Place) -> Option<Hit> {
    let (left, right) = (place.left(), place.right(1));
    // "honestly and early" tells how
    if matches!(right, "and" | "or" | "about" | "with") {
        return None;
    }
    if let Some(hit) = at_edge(place) {
        return Some(hit);
    }
    let stance = left == "i"
        && (place.after(1) >= Break::Comma
            || is_auxiliary(right)
            || is_be(right)
            || is_verb(right)
            || right == "never");
    let props = is_be(left) && !place.open_right(1) || is_joiner(left) && is_subject(right);
    if stance || props { filler(1, 0.75) } else { None }
}

fn obviously(place: &Place) -> Option<Hit> {
    let (left, right) = (place.left(), place.right(1));
    if let Some(hit) = at_edge(place) {
        return Some(hit);
    }
    let props =
        is_joiner(left) && is_subject(right) || is_subject_pronoun(left) && (is_auxiliary(right) || is_verb(right));
    if props { filler(1, 0.7) } else { None }
}

/// *just*: "only" or "a moment ago", unless the speaker stops on it or props another filler with it.
pub(super) fn just(place: &Place) -> Option<Hit> {
    if place.word(0) != "just" {
        return None;
    }
    let stranded = place.after(1) == Break::Comma || place.tokens[place.at].hesitates_after;
    let props = ["kind", "sort", "basically", "kinda", "sorta"].contains(&place.right(1));
    if (stranded || props) && !place.left().is_empty() { filler(1, 0.6) } else { None }
}
