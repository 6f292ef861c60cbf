//! Discourse markers: *you know, I mean, kind of, right, so, well, okay, look, anyway, yeah*.

use super::super::parts_of_speech::{
    among, is_article, is_auxiliary, is_be, is_conjunction, is_degree, is_determiner, is_joiner, is_number,
    is_preposition, is_subject, is_subject_pronoun, is_verb,
};
use super::super::tokens::Break;
use super::{Hit, Place, filler, hedge};

/// *you know*: a filler unless something is known: "you know the tool", "do you know", "as you know".
pub(super) fn you_know(place: &Place) -> Option<Hit> {
    const OPENERS: [&str; 22] = [
        "do", "did", "don't", "didn't", "does", "if", "as", "how", "what", "let", "once", "before", "until", "when",
        "would", "will", "should", "can", "that", "whether", "where", "sure",
    ];
    for tag in ["you know what i mean", "you know what i'm saying"] {
        if let Some(len) = place.says(tag) {
            return if OPENERS.contains(&place.left()) { None } else { filler(len, 0.9) };
        }
    }
    place.says("you know")?;
    let (left, right) = (place.left(), place.right(2));
    let asked = OPENERS.contains(&left) || left == "so" && !place.chained && !place.open_right(2);
    if asked {
        return None;
    }
    if place.set_off(2) {
        return filler(2, 0.95);
    }
    let knows = among(
        right,
        "the what how why that if where who when about which them him this whether your my our their \
             exactly nothing everything more of all those these some",
    ) || right == "it" && !is_be(place.word(3)) && !is_auxiliary(place.word(3));
    let props_left = is_be(left)
        || is_article(left)
        || is_preposition(left)
        || is_degree(left)
        || matches!(left, "like" | "had" | "have");
    if props_left {
        return filler(2, 0.8);
    }
    if place.open_right(2) {
        // "someone you know," is known; "and you know," is not
        return if is_joiner(left) { filler(2, 0.85) } else { None };
    }
    if knows || !(place.open_left() || is_joiner(left)) {
        return None;
    }
    let goes_on = is_subject(right) || is_joiner(right) || is_preposition(right) || is_degree(right) || is_be(right);
    if goes_on { filler(2, 0.7) } else { None }
}

/// *I mean*: a filler unless something is meant: "what I mean", "by done I mean deployed", "I mean it".
pub(super) fn i_mean(place: &Place) -> Option<Hit> {
    place.says("i mean")?;
    let (left, right) = (place.left(), place.right(2));
    let means = right == "it" && place.after(3) >= Break::Comma
        || right == "to"
        || right == "that" && place.after(3) >= Break::Comma;
    if means || place.earlier(&["by", "say", "said", "what", "whatever"], 6) && !place.set_off(2) {
        return None;
    }
    // "When I say owner, I mean one person"
    let defines = place.earlier(&["say"], 6) && place.earlier(&["when", "if"], 8) && !place.open_right(2);
    if defines {
        return None;
    }
    if place.open_left() || place.before() == Break::Pause {
        return filler(2, if place.open_right(2) { 0.95 } else { 0.85 });
    }
    let props = is_joiner(left) || is_be(left) || is_article(left) || is_preposition(left);
    if props { filler(2, 0.85) } else { None }
}

/// *kind of, sort of*: a noun after a determiner, a hedge before what can be done by degrees, else a filler.
pub(super) fn kind_of(place: &Place) -> Option<Hit> {
    let len = ["kind of", "sort of", "kinda", "sorta"].iter().find_map(|phrase| place.says(phrase))?;
    let (left, right) = (place.left(), place.right(len));
    let names = is_determiner(left)
        || is_number(left)
        || among(
            left,
            "what which same different new other right wrong best worst only certain one whatever his her \
             first second third particular special rare good bad weird strange",
        );
    if names && len == 2 {
        // "that kind of worked"
        return if left == "that" && is_verb(right) && !right.ends_with("ing") { hedge(len, 0.7) } else { None };
    }
    // "that's kind of you"
    if matches!(right, "you" | "them" | "him" | "her") && is_be(left) && place.after(len + 1) >= Break::Comma {
        return None;
    }
    let props = right.is_empty()
        || is_determiner(right)
        || is_article(right)
        || is_subject(right)
        || is_preposition(right)
        || is_joiner(right)
        || matches!(right, "like" | "it" | "you");
    if props { filler(len, 0.8) } else { hedge(len, 0.8) }
}

/// *right*: a filler only when it stands by itself: "Right, so", "the database, right, that".
pub(super) fn right(place: &Place) -> Option<Hit> {
    if place.word(0) != "right" {
        return None;
    }
    let right = place.right(1);
    if place.initial && matches!(right, "so" | "then" | "okay" | "well" | "and") {
        return filler(1, 0.85);
    }
    if place.open_left() && place.open_right(1) {
        // "left, right, and centre"
        return if place.word(-1) == "left" || place.word(1) == "left" { None } else { filler(1, 0.88) };
    }
    let predicates = is_be(place.word(-1)) || among(place.word(-1), "that all it the them not exactly this");
    if place.set_off(1) && !predicates {
        return filler(1, 0.7);
    }
    // "it's the same for every school right?"
    let tag = place.tokens[place.at].asks
        && !predicates
        && !is_verb(place.word(-1))
        && !is_subject(place.word(-1))
        && !place.initial;
    if tag { filler(1, 0.7) } else { None }
}

/// *so, well, okay, look, anyway* where they open a turn or stand in brackets.
pub(super) fn opener(place: &Place) -> Option<Hit> {
    let (word, left, right) = (place.word(0), place.left(), place.right(1));
    let alone = place.open_left() && place.open_right(1);
    let edge = place.initial || place.before() >= Break::Comma;
    match word {
        "so" => {
            if among(right, "many much far that called few long") || left == "or" {
                return None;
            }
            let hesitates = edge && place.tokens[place.at].hesitates_after;
            if alone || hesitates || place.initial && (place.opening || place.chained) { filler(1, 0.85) } else { None }
        }
        "well" => {
            let clause = is_subject(right) || among(right, "the when if in no first at my our");
            let said = is_joiner(left) && place.open_right(1);
            let opens = place.initial && clause || edge && is_subject(right);
            if alone || said || opens || edge && place.set_off(1) { filler(1, 0.9) } else { None }
        }
        "okay" | "ok" | "alright" => {
            let opens = place.initial
                && (is_subject(right)
                    || is_determiner(right)
                    || is_joiner(right)
                    || matches!(right, "then" | "let's" | "so"));
            if alone || opens || edge && is_subject(right) || edge && place.set_off(1) { filler(1, 0.88) } else { None }
        }
        "look" | "listen" => {
            if place.initial && place.open_right(1) {
                filler(1, 0.8)
            } else {
                None
            }
        }
        "anyway" | "anyways" => {
            let opens = place.initial && (place.open_right(1) || is_subject(right));
            if alone || opens || is_joiner(left) && place.open_right(1) { filler(1, 0.8) } else { None }
        }
        _ => None,
    }
}

/// *yeah*: an answer when it opens one, a filler when it bridges: "so, yeah", "and a, yeah, a new one".
pub(super) fn yeah(place: &Place) -> Option<Hit> {
    if place.word(0) != "yeah" {
        return None;
    }
    let bridges =
        place.chained || is_joiner(place.word(-1)) && place.before() < Break::Stop || place.before() == Break::Pause;
    let brackets = place.before() == Break::Comma && !place.initial && place.open_right(1);
    let leads_on = place.initial && matches!(place.word(1), "so" | "no" | "well") && place.after(1) < Break::Stop;
    let hesitant = place.initial && place.at == 0 && place.tokens[0].word > 0;
    let filled_before =
        place.initial && place.at > 0 && place.tokens[place.at].word > place.tokens[place.at - 1].word + 1;
    if is_subject_pronoun(place.word(-1)) && is_conjunction(place.word(-2)) && place.before() == Break::None {
        return None;
    }
    if bridges || brackets || leads_on || hesitant || filled_before { filler(1, 0.8) } else { None }
}
