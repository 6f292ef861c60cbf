//! Hedges: words that lower the speaker's commitment (Lakoff 1973): *I think, maybe, probably, I guess*.

use super::super::parts_of_speech::{among, is_preposition, is_verb};
use super::super::tokens::Break;
use super::{Hit, Place, hedge};

pub(super) fn hedges(place: &Place) -> Option<Hit> {
    let left = place.left();
    match place.word(0) {
        "maybe" | "perhaps" | "probably" | "possibly" | "presumably" | "hopefully" => return hedge(1, 0.9),
        "somewhat" => return hedge(1, 0.75),
        _ => {}
    }
    for phrase in ["i would say", "i'd say", "i want to say"] {
        if let Some(len) = place.says(phrase) {
            let aside = place.set_off(len)
                || place.open_right(len) && phrase != "i want to say"
                || phrase == "i want to say" && is_amount_next(place, len);
            return if aside { hedge(len, 0.85) } else { None };
        }
    }
    for phrase in ["more or less", "pretty much"] {
        if let Some(len) = place.says(phrase) {
            return if place.right(len) == "like" { None } else { hedge(len, 0.8) };
        }
    }
    if let Some(len) = ["i don't know", "i dunno"].iter().find_map(|phrase| place.says(phrase)) {
        let aside = place.before() == Break::Comma && place.after(len) == Break::Comma;
        return if aside { hedge(len, 0.85) } else { None };
    }
    if let Some(len) = place.says("i'm not sure") {
        return if place.set_off(len) { hedge(len, 0.8) } else { None };
    }
    let len = ["i think", "i guess", "i suppose", "i believe", "i feel like", "i reckon"]
        .iter()
        .find_map(|phrase| place.says(phrase))?;
    let right = place.right(len);
    let asked = among(left, "what how why when if before do did as where who way thing whatever can should");
    let thinks = among(right, "about of through in hard carefully twice ahead fast aloud back like differently")
        || right == "so" && place.after(len + 1) == Break::Stop && place.initial;
    let object = place.ahead(len - 1) == "believe"
        && (is_preposition(right) || matches!(right, "it" | "them" | "him" | "her" | "you"))
        || place.ahead(len - 1) == "guess"
            && is_verb(right)
            && !right.ends_with("ed")
            && right != "thing"
            && !place.open_left()
        || place.word(0) == "i" && place.says("i feel like").is_some() && matches!(right, "it" | "a" | "an");
    if asked || thinks || object { None } else { hedge(len, 0.88) }
}

fn is_amount_next(place: &Place, len: usize) -> bool {
    super::super::parts_of_speech::is_amount(place.ahead(len))
}
