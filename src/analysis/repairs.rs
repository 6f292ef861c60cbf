//! Repetitions ("the the", "I was, I was") and restarts ("We were, at the last place we were").
//!
//! The terms are Shriberg's (1994): what is said again is a repetition, what is given up for other words a restart.
//! Precision comes first: parallel clauses ("we planned, we built"), emphasis ("very very") and grammar ("had had") are
//! left alone, and an asyndetic start counts only when its last word cannot end a clause.

use super::parts_of_speech::{
    among, is_article, is_auxiliary, is_be, is_conjunction, is_degree, is_determiner, is_number, is_preposition,
    is_subject, is_subject_pronoun,
};
use super::tokens::{Break, Token};
use crate::feedback::FillerKind;

/// A repair that was found among the content words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Repair {
    /// Repetition or restart.
    pub kind: FillerKind,
    /// Index of its first word among the content words.
    pub first: usize,
    /// How many content words it takes: all copies of a repetition, what was given up of a restart.
    pub len: usize,
    /// How sure the rule is, 0 to 1.
    pub confidence: f64,
}

/// The longest phrase, in words, that is looked for again.
const LONGEST_COPY: usize = 4;
/// How many words after a broken-off start its beginning is looked for.
const REBEGUN_WITHIN: usize = 8;

/// Finds repairs in order and without overlap. `filler` tells which content words are lexical fillers, `aside` which are
/// fillers or hedges.
pub(super) fn find(tokens: &[Token], filler: &[bool], aside: &[bool]) -> Vec<Repair> {
    let mut taken = vec![false; tokens.len()];
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(repair) = repetition(tokens, filler, at) {
            taken[at..at + repair.len].fill(true);
            found.push(repair);
            at += repair.len;
        } else {
            at += 1;
        }
    }
    for at in 0..tokens.len() {
        if let Some(repair) = cut_off(tokens, at).or_else(|| restart(tokens, aside, at)) {
            let range = repair.first..repair.first + repair.len;
            if !taken[range.clone()].contains(&true) && !aside[range.clone()].contains(&true) {
                taken[range].fill(true);
                found.push(repair);
            }
        }
    }
    found.sort_by_key(|repair| repair.first);
    found
}

/// The longest phrase from `at` that is said again at once, with every further copy.
fn repetition(tokens: &[Token], filler: &[bool], at: usize) -> Option<Repair> {
    for len in (1..=LONGEST_COPY).rev() {
        if at + 2 * len > tokens.len() || filler[at..at + len].iter().all(|is_filler| *is_filler) {
            continue;
        }
        let phrase = &tokens[at..at + len];
        let inner_stop = tokens[at..at + 2 * len - 1].iter().any(|token| token.after == Break::Stop);
        if inner_stop
            || phrase.iter().any(|token| token.cut_off)
            || !said_again(phrase, &tokens[at + len..at + 2 * len])
            || meant(tokens, at, len)
        {
            continue;
        }
        let mut copies = 2;
        while at + (copies + 1) * len <= tokens.len()
            && tokens[at + copies * len - 1].after < Break::Stop
            && said_again(phrase, &tokens[at + copies * len..at + (copies + 1) * len])
        {
            copies += 1;
        }
        let confidence = if tokens[at + len - 1].after >= Break::Pause || len > 1 { 0.92 } else { 0.85 };
        return Some(Repair { kind: FillerKind::Repetition, first: at, len: copies * len, confidence });
    }
    None
}

/// Whether the second phrase says the first again; its last word may go on: "I, I'm".
fn said_again(first: &[Token], second: &[Token]) -> bool {
    let last = first.len() - 1;
    first[..last].iter().zip(second).all(|(a, b)| a.norm == b.norm)
        && (first[last].norm == second[last].norm
            || is_subject(&first[last].norm)
                && second[last].norm.split_once('\'').is_some_and(|(base, _)| base == first[last].norm))
}

/// Whether saying it twice is meant: grammar, emphasis, numbers, set phrases.
fn meant(tokens: &[Token], at: usize, len: usize) -> bool {
    let phrase = &tokens[at..at + len];
    if phrase.iter().all(|token| is_number(&token.norm) || token.norm == "point") {
        return true;
    }
    let word = phrase[0].norm.as_str();
    let before = at.checked_sub(1).map_or("", |before| tokens[before].norm.as_str());
    let set_apart = phrase[len - 1].after >= Break::Pause;
    match len {
        1 => {
            let emphatic = among(
                word,
                "very really so many much far no yes yeah never long more again bye ha blah well okay ok right \
             too big old way knock test quick tiny super exactly same hey oh please now wait",
            );
            // "we had had", "said that that tool", "what it is is"
            let grammatical = among(word, "had that is was her do did you in")
                && !set_apart
                && (word != "you" || among(before, "tell thank show give if as than to"))
                && (word != "in" || among(before, "log come check logged came go step fill built plug move"));
            // "when was it, it was right before": the end of one clause and the start of the next
            let object = matches!(word, "it" | "you" | "that" | "this" | "her" | "them")
                && phrase[0].after >= Break::Comma
                && phrase[0].before < Break::Comma
                && !is_conjunction(before);
            emphatic || grammatical || object
        }
        // "over and over and over"; "if you do, you do"
        2 => {
            let joins = |word: &str| matches!(word, "and" | "by" | "after" | "or" | "to");
            joins(&phrase[1].norm)
                || joins(word) && before == phrase[1].norm
                || among(before, "if when what whatever as who where how") && is_subject(word)
        }
        _ => matches!(before, "if" | "when" | "what" | "whatever" | "as") && is_subject(word),
    }
}

/// A word that was broken off: "wa-", but not "pre- and post-".
fn cut_off(tokens: &[Token], at: usize) -> Option<Repair> {
    let suspended = tokens.get(at + 1).is_some_and(|next| matches!(next.norm.as_str(), "and" | "or" | "to"));
    (tokens[at].cut_off && !suspended).then_some(Repair {
        kind: FillerKind::Restart,
        first: at,
        len: 1,
        confidence: 0.9,
    })
}

/// A start that was given up at the break after `end`.
fn restart(tokens: &[Token], aside: &[bool], end: usize) -> Option<Repair> {
    let last = &tokens[end];
    if aside[end] {
        return None;
    }
    // fillers and hedges between the start and what replaces it count for nothing: "in the, you know, with the"
    let mut next = end + 1;
    while next < tokens.len() && aside[next] && tokens[next].after < Break::Stop {
        next += 1;
    }
    let between = &tokens[end..next];
    let widest = between.iter().map(|token| token.after).max()?;
    let hesitates = between.iter().any(|token| token.hesitates_after);
    if widest == Break::Stop || widest < Break::Comma && !hesitates {
        return None;
    }
    let following = tokens.get(next).filter(|_| !aside[next])?.norm.as_str();
    let first = clause_start(tokens, aside, end);
    let whole = |confidence| Some(Repair { kind: FillerKind::Restart, first, len: end + 1 - first, confidence });
    let word = last.norm.as_str();
    if is_article(word) {
        // "it was a, uh, an app"; "there was a, we had"
        if is_article(following) && following != word {
            return Some(Repair { kind: FillerKind::Restart, first: end, len: 1, confidence: 0.85 });
        }
        let cannot_go_on =
            is_subject_pronoun(following) || following == "it" || following.contains('\'') && is_subject(following);
        let before = end.checked_sub(1).map_or("", |before| tokens[before].norm.as_str());
        if cannot_go_on && end + 1 - first <= 5 {
            return whole(0.75);
        }
        if is_preposition(before) && is_preposition(following) {
            return Some(Repair { kind: FillerKind::Restart, first: end - 1, len: 2, confidence: 0.75 });
        }
        return None;
    }
    // "in, uh, at a hospital"
    if is_preposition(word) && is_preposition(following) && word != following && hesitates {
        return Some(Repair { kind: FillerKind::Restart, first: end, len: 1, confidence: 0.75 });
    }
    let start = &tokens[first..=end];
    if start.len() > 5 || !unfinished(start) {
        return None;
    }
    let opened: &[Token] = if start.len() > 1 && is_conjunction(&start[0].norm) { &start[1..] } else { start };
    if begins_again(tokens, start, next) || begins_again(tokens, opened, next) {
        return whole(0.85);
    }
    // "it's, they track": a subject and its verb, then another subject
    let bare = opened.len() <= 2
        && opened.iter().all(|token| is_subject(&token.norm) || is_be(&token.norm) || is_auxiliary(&token.norm));
    let relative = opened.len() == 1 && opened[0].norm.as_str() == "there"
        || start[0].norm == "that"
        || !is_subject(&opened[0].norm);
    let another =
        is_subject_pronoun(following) || following == "it" || is_subject(following) && following.contains('\'');
    // "yes, we were, they checked": only where a sentence or a conjunction opens it
    let opens = start[0].before == Break::Stop || is_conjunction(&start[0].norm) || hesitates;
    if bare && !relative && another && opens && following != opened[0].norm { whole(0.7) } else { None }
}

/// First word of the clause that ends at `end`: behind the last comma, stop or filler.
fn clause_start(tokens: &[Token], aside: &[bool], end: usize) -> usize {
    (0..=end).rev().find(|at| tokens[*at].before >= Break::Comma || *at > 0 && aside[at - 1]).unwrap_or(0)
}

/// Whether a start cannot be a whole clause because of the word it ends in.
fn unfinished(start: &[Token]) -> bool {
    let Some(last) = start.last() else { return false };
    let subordinate = matches!(start[0].norm.as_str(), "as" | "than" | "if" | "when")
        || start
            .iter()
            .any(|token| matches!(token.norm.as_str(), "what" | "where" | "who" | "how" | "whatever" | "wherever"));
    let word = last.norm.as_str();
    !subordinate
        && (is_be(word)
            || is_auxiliary(word)
            || is_determiner(word) && !matches!(word, "that" | "this" | "no")
            || is_subject_pronoun(word)
            || matches!(word, "to" | "just" | "that's" | "of")
            || word == "it" && (start.len() == 1 || start.len() == 2 && is_conjunction(&start[0].norm))
            || is_conjunction(word) && word != "so" && word != "though" && word != "then"
            || start.len() > 1 && is_degree(word))
}

/// Whether the start's first words come again soon after the break.
fn begins_again(tokens: &[Token], start: &[Token], next: usize) -> bool {
    let same = |a: &str, b: &str| {
        a == b || a.split_once('\'').is_some_and(|(base, _)| base == b) && (is_subject(b) || b == "that")
    };
    let window = &tokens[next..tokens.len().min(next + REBEGUN_WITHIN)];
    for (offset, token) in window.iter().enumerate() {
        if offset > 0 && window[offset - 1].after == Break::Stop {
            return false;
        }
        let again = match start {
            [only] => {
                offset == 0
                    && (same(&only.norm, &token.norm) || only.norm.contains('\'') && same(&token.norm, &only.norm))
            }
            [one, two, ..] if offset == 0 && same(&one.norm, &token.norm) => {
                !is_conjunction(&one.norm) || window.get(1).is_some_and(|second| same(&two.norm, &second.norm))
            }
            [one, two, ..] => {
                same(&one.norm, &token.norm)
                    && window.get(offset + 1).is_some_and(|second| same(&two.norm, &second.norm))
            }
            [] => false,
        };
        if again {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::lexical;
    use super::super::tokens::{Tokens, tests::transcript};
    use super::*;

    /// Words of a sentence without its marks, and each mark as kind, first word and one past the last.
    fn marked(sentence: &str) -> (String, Vec<(FillerKind, usize, usize)>) {
        let (mut marks, mut open) = (Vec::new(), None);
        let mut words = Vec::new();
        for (index, word) in sentence.split_whitespace().enumerate() {
            let mut bare = word.to_owned();
            for (mark, kind) in
                [("{h:", FillerKind::Hedge), ("{r:", FillerKind::Repetition), ("{s:", FillerKind::Restart)]
            {
                if let Some(rest) = bare.strip_prefix(mark) {
                    open = Some((kind, index));
                    bare = rest.to_owned();
                }
            }
            if bare.contains('}') {
                marks.extend(open.take().map(|(kind, first)| (kind, first, index + 1)));
            }
            words.push(bare.replace('}', ""));
        }
        (words.join(" "), marks)
    }

    fn disfluencies(sentence: &str) -> Vec<(FillerKind, usize, usize)> {
        let tokens = Tokens::new(&transcript(sentence), &[]);
        let content = &tokens.content;
        let lexical = lexical::find(content);
        let (mut filler, mut aside) = (vec![false; content.len()], vec![false; content.len()]);
        for found in &lexical {
            let range = found.first..found.first + found.len;
            filler[range.clone()].fill(found.kind == FillerKind::Lexical);
            aside[range].fill(true);
        }
        let at = |first: usize, len: usize| (content[first].word, content[first + len - 1].word + 1);
        let hedges = lexical
            .iter()
            .filter(|found| found.kind == FillerKind::Hedge)
            .map(|found| (found.kind, at(found.first, found.len)));
        let repairs =
            find(content, &filler, &aside).into_iter().map(|repair| (repair.kind, at(repair.first, repair.len)));
        hedges.chain(repairs).map(|(kind, (first, last))| (kind, first, last)).collect()
    }

    fn scores(set: &str) -> (usize, f64, f64) {
        let (mut right, mut found_all, mut gold_all, mut sentences) = (0, 0, 0, 0);
        for line in include_str!("../../tests/data/disfluencies.tsv").lines() {
            let Some(sentence) = line.strip_prefix(set).and_then(|rest| rest.strip_prefix('\t')) else { continue };
            let (plain, gold) = marked(sentence);
            let found = disfluencies(&plain);
            let hits = gold.iter().filter(|mark| found.contains(mark)).count();
            if hits < gold.len() || hits < found.len() {
                println!("{set}: {sentence}  found {found:?}");
            }
            (right, found_all, gold_all, sentences) =
                (right + hits, found_all + found.len(), gold_all + gold.len(), sentences + 1);
        }
        let (precision, recall) = (right as f64 / found_all as f64, right as f64 / gold_all as f64);
        println!("{set}: {sentences} sentences, precision {precision:.3}, recall {recall:.3}");
        (sentences, precision, recall)
    }

    /// The rules were written with these sentences in view.
    #[test]
    fn agrees_with_the_development_table() {
        let (sentences, precision, recall) = scores("dev");
        assert!(sentences >= 55 && precision >= 0.95 && recall >= 0.9);
    }

    /// Written after the rules and before any of their results on it was seen; the rules were not changed for it.
    /// One mark that broke the table's own convention ("She, um, she, she") was corrected afterwards. Precision and recall
    /// 0.955 on 37 sentences, 0.909 before the correction.
    #[test]
    fn agrees_with_the_held_out_table() {
        let (sentences, precision, recall) = scores("held");
        assert!(sentences >= 25 && precision >= 0.85 && recall >= 0.8);
    }
}
