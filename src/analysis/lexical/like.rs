//! *like*: a verb, a preposition, a conjunction, a quotation mark, and now and then a filler.

use super::super::parts_of_speech::{
    among, is_adjective, is_amount, is_article, is_auxiliary, is_be, is_degree, is_determiner, is_joiner, is_number,
    is_preposition, is_seeming, is_subject, is_subject_pronoun, is_verb,
};
use super::super::tokens::Break;
use super::{Hit, Place, filler};

/// Words that a comparison may follow: something like, more like, things like.
const COMPARED: [&str; 14] = [
    "something",
    "anything",
    "nothing",
    "things",
    "thing",
    "stuff",
    "more",
    "much",
    "exactly",
    "people",
    "just",
    "lot",
    "bit",
    "others",
];

pub(super) fn like(place: &Place) -> Option<Hit> {
    if place.word(0) != "like"
        || place.right(1) == "i" && is_saying(place.word(2))
        || is_saying(place.word(2)) && is_subject_pronoun(place.right(1))
    {
        return None;
    }
    if place.open_right(1) {
        return before_comma(place);
    }
    if place.before() >= Break::Comma {
        return after_break(place);
    }
    inside(place)
}

fn is_saying(word: &str) -> bool {
    among(word, "said say mentioned told did do always")
}

/// "…, like, …" and "and like, …".
fn before_comma(place: &Place) -> Option<Hit> {
    let left = place.left();
    let wanted = is_subject_pronoun(left) || is_auxiliary(left) && left != "had" && left != "have" || left == "to";
    let compared =
        is_seeming(left) || COMPARED[..7].contains(&left) || matches!(left, "the" | "that" | "it" | "work" | "works");
    let asked = !left.is_empty() && place.earlier(&["what", "how"], 6);
    // "I was like, no way": quotes, and is none of ours
    let person = is_subject_pronoun(place.word(-2))
        || place.word(-2).ends_with("body")
        || place.word(-2).ends_with("one")
        || left == "i'm";
    let propped = is_degree(place.word(1))
        || is_adjective(place.word(1))
        || is_amount(place.word(1))
        || is_determiner(place.word(1));
    let quotes = is_be(left)
        && (person && !propped
            || is_subject_pronoun(place.word(1))
            || matches!(place.word(1), "no" | "oh" | "okay" | "what" | "wait" | "hey"));
    if !place.open_left() && (wanted || compared || asked || quotes) { None } else { filler(1, 0.92) }
}

/// "Like, …" and "…, like a …" where no comma follows.
fn after_break(place: &Place) -> Option<Hit> {
    let right = place.right(1);
    let opens = place.before() == Break::Stop;
    if is_subject_pronoun(right)
        || is_subject(right) && right != "this"
        || is_amount(right) && !(opens && right == "most")
        || is_degree(right)
    {
        return filler(1, 0.75);
    }
    if is_preposition(right) && right != "before" && right != "in" || right == "in" && opens {
        return filler(1, 0.7);
    }
    // "at a, like a furniture retailer": begun again; "a bank, like a proper bank" is one too
    if !opens && matches!(right, "a" | "an") && is_article(place.word(-1)) {
        return filler(1, 0.8);
    }
    None
}

/// No comma on either side.
fn inside(place: &Place) -> Option<Hit> {
    let (left, right) = (place.left(), place.right(1));
    let before_left = place.word(-2);
    if is_seeming(left) || left == "if" && is_subject_pronoun(right) && place.after(2) >= Break::Comma {
        return None;
    }
    // do I like, would you like: an auxiliary in front of the subject makes it the verb; was it like: it does not
    if left == "it" && is_be(before_left) {
        return if is_adjective(right) || is_degree(right) { filler(1, 0.7) } else { None };
    }
    if is_subject_pronoun(left) || left == "they" {
        let props = among(
            right,
            "had was were have got went did didn't couldn't can't never just literally basically totally \
             need needed wanted tried kept",
        );
        return if props { filler(1, 0.7) } else { None };
    }
    if among(left, "can could should to just always really still never also") {
        let verb = is_verb(right) && !right.ends_with("ing") && !right.ends_with("ed");
        return match left {
            "just" if verb || is_subject_pronoun(right) => filler(1, 0.7),
            "can" | "could" | "should" | "to" if verb => filler(1, 0.65),
            _ => None,
        };
    }
    if is_auxiliary(left) && !matches!(left, "had" | "have" | "has")
        || matches!(left, "i'd" | "we'd" | "you'd" | "they'd")
    {
        return None;
    }
    if COMPARED.contains(&left) {
        return None;
    }
    if is_amount(right) || is_number(right) {
        return filler(1, 0.85);
    }
    if is_be(left) {
        let props = is_degree(right)
            || is_adjective(right)
            || right.len() > 4 && right.ends_with("ing")
            || is_preposition(right);
        return if props { filler(1, 0.8) } else { None };
    }
    if is_joiner(left) {
        let verb = among(right, "to what how this them their her him")
            || right == "it" && !is_be(place.word(2)) && !is_auxiliary(place.word(2));
        return if verb { None } else { filler(1, 0.75) };
    }
    if is_preposition(left) && left != "of" || is_determiner(left) && left != "that" && left != "this" {
        return filler(1, 0.85);
    }
    // "we had like a plan", "it took like the whole night"
    let takes = among(
        left,
        "had have has got need needed want wanted took take takes gave bought wrote started lost spent \
             saw",
    );
    if takes && (is_determiner(right) || is_degree(right)) && right != "this" && right != "that" {
        return filler(1, 0.75);
    }
    None
}
