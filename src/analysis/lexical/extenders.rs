//! Phrases that trail off (*or something, and stuff*) and stock phrases (*at the end of the day, to be honest*).

use super::super::parts_of_speech::{among, is_joiner, is_preposition, is_subject};
use super::super::tokens::Break;
use super::{Hit, Place, filler};

/// General extenders (Overstreet 1999), longest first.
const EXTENDERS: [&str; 20] = [
    "or something like that",
    "or anything like that",
    "and stuff like that",
    "and things like that",
    "and all that stuff",
    "and all that jazz",
    "or things like that",
    "or stuff like that",
    "and that sort of thing",
    "and that kind of thing",
    "or something",
    "or whatever",
    "or anything",
    "and stuff",
    "and whatnot",
    "and everything",
    "and all that",
    "or so to speak",
    "blah blah blah",
    "blah blah",
];

/// *or something, and stuff like that, or whatever* at the end of a clause, and *whatever* in brackets.
pub(super) fn extender(place: &Place) -> Option<Hit> {
    for phrase in EXTENDERS {
        if let Some(len) = place.says(phrase) {
            let right = place.right(len);
            let ends = right.is_empty() || place.after(len) == Break::Pause && phrase != "and everything";
            let goes_on =
                is_joiner(right) || is_subject(right) || is_preposition(right) && right != "about" && right != "of";
            let takes_object = matches!(
                phrase,
                "or something" | "or anything" | "and everything" | "or whatever" | "and all that" | "and stuff"
            );
            if ends || goes_on && !(takes_object && (is_subject(right) || right == "which" || is_preposition(right))) {
                return filler(len, 0.85);
            }
            return None;
        }
    }
    if place.word(0) == "whatever" && place.set_off(1) && place.left().is_empty() { filler(1, 0.8) } else { None }
}

/// *to be honest, at the end of the day, you see, if you will*.
pub(super) fn stock_phrase(place: &Place) -> Option<Hit> {
    for phrase in [
        "to be honest with you",
        "to be perfectly honest",
        "to be honest",
        "to be fair",
        "to be frank",
        "if i'm honest",
    ] {
        if let Some(len) = place.says(phrase) {
            let needed = among(
                place.left(),
                "want wants try tried need needs have had has got used important afraid safe easier hard enough \
             us people them me is was",
            );
            let object = matches!(place.right(len), "with" | "about" | "and" | "when" | "to" | "even");
            return if needed || object { None } else { filler(len, 0.88) };
        }
    }
    if let Some(len) = place.says("at the end of the day") {
        let sums_up = place.before() == Break::Comma && place.open_right(len)
            || place.initial && matches!(place.ahead(len), "it's" | "it" | "that's" | "you" | "what" | "this")
            || is_joiner(place.left()) && place.open_right(len);
        return if sums_up { filler(len, 0.75) } else { None };
    }
    for phrase in
        ["you see", "if you will", "as it were", "so to speak", "if that makes sense", "let's say", "needless to say"]
    {
        if let Some(len) = place.says(phrase) {
            let brackets =
                place.open_left() && place.open_right(len) || phrase == "if that makes sense" && place.open_right(len);
            return if brackets { filler(len, 0.8) } else { None };
        }
    }
    None
}
