//! Cutting an answer into sentences, clauses and passages.
//!
//! A clause is what a stance is read off; a passage, a run of neighbouring clauses or sentences, is what is compared
//! with the bank, because speakers spread one thought over several clauses. Filled pauses and immediate repetitions
//! are left out of both, yet every range counts the transcript's own words, so that quotes show what was said.

use crate::evidence::Word;
use std::ops::Range;

/// The most neighbouring sentences in one passage.
const MOST_SENTENCES: usize = 3;

/// The most words in one passage; the bank's sentences have fewer than 40.
const MOST_PASSAGE_WORDS: usize = 56;

/// A clause with fewer words than this is joined to a neighbour: "right,", "for me,", "queues,".
const FEWEST_CLAUSE_WORDS: usize = 3;

/// Words on either side of a conjunction from which it is taken to join clauses and not nouns.
const FEWEST_WORDS_BEFORE_CONJUNCTION: usize = 3;
const FEWEST_WORDS_AFTER_CONJUNCTION: usize = 4;

/// A silence between two words, in seconds, that ends a sentence where the recogniser wrote no punctuation.
const SENTENCE_SILENCE_S: f64 = 0.9;

/// Words after which a sentence without punctuation is ended, so that a transcript in one piece can still be read.
const LONGEST_SENTENCE_WORDS: usize = 45;

/// Filled pauses, as a recogniser spells them.
fn is_filled_pause(norm: &str) -> bool {
    let mut letters = norm.chars().peekable();
    let shape: String = std::iter::from_fn(|| {
        let letter = letters.next()?;
        while letters.peek() == Some(&letter) {
            letters.next();
        }
        Some(letter)
    })
    .collect();
    matches!(shape.as_str(), "um" | "uh" | "uhm" | "er" | "erm" | "hm" | "mhm" | "m" | "ah" | "eh")
        && !matches!(norm, "m" | "am")
}

/// One word of an answer, ready for matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Index of the word in the transcript.
    pub word: usize,
    /// Lower case, without punctuation around it, with a straight apostrophe inside.
    pub norm: String,
    /// What the punctuation and the silence after it close.
    pub closes: Closes,
}

/// What ends after a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closes {
    /// Nothing.
    Nothing,
    /// A phrase or clause: a comma, semicolon, colon or dash.
    Phrase,
    /// A sentence.
    Sentence,
}

/// A clause: a range of tokens, and the sentence that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Indices into [`Answer::tokens`].
    pub tokens: Range<usize>,
    /// Index of its sentence, counted from 0.
    pub sentence: usize,
}

/// An answer, cut up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Words that mean something, in order.
    pub tokens: Vec<Token>,
    /// Clauses in order, without gaps.
    pub clauses: Vec<Clause>,
    /// Passages as ranges of clauses: runs inside a sentence, and runs of whole sentences.
    pub passages: Vec<Range<usize>>,
}

impl Answer {
    /// Cuts a transcript up.
    pub fn new(words: &[Word]) -> Self {
        let tokens = tokens(words);
        let clauses = clauses(&tokens);
        let passages = passages(&clauses);
        Self { tokens, clauses, passages }
    }

    /// Cuts a plain text up, as if it had been said.
    pub fn of_text(text: &str) -> Self {
        let words: Vec<Word> = text.split_whitespace().map(plain_word).collect();
        Self::new(&words)
    }

    /// The tokens of a range of clauses.
    pub fn tokens_of(&self, clauses: &Range<usize>) -> &[Token] {
        match (self.clauses.get(clauses.start), clauses.end.checked_sub(1).and_then(|last| self.clauses.get(last))) {
            (Some(first), Some(last)) => &self.tokens[first.tokens.start..last.tokens.end],
            _ => &[],
        }
    }

    /// The transcript's words of a range of clauses, as `[first, past_last)`.
    pub fn words_of(&self, clauses: &Range<usize>) -> Range<usize> {
        match self.tokens_of(clauses) {
            [first, .., last] => first.word..last.word + 1,
            [only] => only.word..only.word + 1,
            [] => 0..0,
        }
    }
}

fn plain_word(text: &str) -> Word {
    Word { text: text.to_owned(), span: None, probability: None, source: crate::evidence::WordSource::Transcript }
}

/// Lower case, straight apostrophes, nothing but letters, digits and what stands between them.
pub fn normalise(text: &str) -> String {
    let lower = text.to_lowercase().replace(['’', '‘', '`'], "'");
    lower.trim_matches(|c: char| !c.is_alphanumeric() && c != '%' && c != '$').to_owned()
}

fn tokens(words: &[Word]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let mut closes = closes(&word.text);
        if let (Some(this), Some(next)) = (word.span, words.get(index + 1).and_then(|next| next.span))
            && next.start_s - this.end_s >= SENTENCE_SILENCE_S
            && closes == Closes::Nothing
        {
            closes = Closes::Phrase;
        }
        // a dash that stands alone is punctuation of the word before it
        let pieces: Vec<String> = word
            .text
            .split(['—', '–', '/', '…'])
            .map(normalise)
            .filter(|piece| !piece.is_empty() && !is_filled_pause(piece))
            .collect();
        if pieces.is_empty() {
            if let Some(last) = tokens.last_mut() {
                last.closes = last.closes.max(closes);
            }
            continue;
        }
        for norm in pieces {
            // "the the", "I, I": the second is the one that goes on
            if let Some(last) = tokens.last_mut()
                && last.norm == norm
                && last.closes != Closes::Sentence
            {
                last.word = index;
                last.closes = closes;
                continue;
            }
            tokens.push(Token { word: index, norm, closes: Closes::Nothing });
        }
        if let Some(last) = tokens.last_mut() {
            last.closes = closes;
        }
    }
    end_long_sentences(&mut tokens);
    tokens
}

fn closes(text: &str) -> Closes {
    let end = text.trim_end_matches(['"', '\'', ')', ']', '”', '’']);
    match end.chars().last() {
        Some('.' | '!' | '?' | '…') => Closes::Sentence,
        Some(',' | ';' | ':' | '—' | '–' | '-') => Closes::Phrase,
        _ => Closes::Nothing,
    }
}

/// Ends sentences that have grown too long for want of punctuation, at the last place where a clause may end.
fn end_long_sentences(tokens: &mut [Token]) {
    let mut start = 0;
    let mut place = None;
    for index in 0..tokens.len() {
        if tokens[index].closes == Closes::Sentence {
            start = index + 1;
            place = None;
            continue;
        }
        let joins = tokens.get(index + 1).is_some_and(|next| is_conjunction(&next.norm));
        if tokens[index].closes == Closes::Phrase || (place.is_none() && joins) {
            place = Some(index);
        }
        if index + 1 - start >= LONGEST_SENTENCE_WORDS
            && let Some(end) = place
        {
            tokens[end].closes = Closes::Sentence;
            start = end + 1;
            place = None;
        }
    }
}

/// Words that begin a clause.
fn is_conjunction(norm: &str) -> bool {
    matches!(
        norm,
        "and"
            | "but"
            | "so"
            | "because"
            | "which"
            | "then"
            | "or"
            | "while"
            | "although"
            | "though"
            | "whereas"
            | "since"
            | "when"
            | "where"
            | "if"
            | "instead"
    )
}

fn clauses(tokens: &[Token]) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut sentence = 0;
    let mut start = 0;
    for end in 1..=tokens.len() {
        let closes = tokens[end - 1].closes;
        let sentence_ends = closes == Closes::Sentence || end == tokens.len();
        let joins = tokens.get(end).is_some_and(|next| is_conjunction(&next.norm))
            && end - start >= FEWEST_WORDS_BEFORE_CONJUNCTION
            && words_to_break(&tokens[end..]) >= FEWEST_WORDS_AFTER_CONJUNCTION;
        if !(sentence_ends || closes == Closes::Phrase || joins) {
            continue;
        }
        let short = end - start < FEWEST_CLAUSE_WORDS;
        if short && !sentence_ends {
            continue; // grows into the next clause
        }
        match clauses.last_mut() {
            Some(last) if short && last.sentence == sentence => last.tokens.end = end,
            _ => clauses.push(Clause { tokens: start..end, sentence }),
        }
        start = end;
        if sentence_ends {
            sentence += 1;
        }
    }
    clauses
}

/// Words up to and including the next one that closes something.
fn words_to_break(tokens: &[Token]) -> usize {
    tokens.iter().position(|token| token.closes != Closes::Nothing).map_or(tokens.len(), |index| index + 1)
}

/// Runs of clauses inside one sentence, and runs of whole sentences: a thought seldom ends in the middle of the next
/// sentence.
fn passages(clauses: &[Clause]) -> Vec<Range<usize>> {
    let sentence = |index: usize| clauses.get(index).map(|clause| clause.sentence);
    let mut passages = Vec::new();
    for first in 0..clauses.len() {
        let begins = first == 0 || sentence(first - 1) != sentence(first);
        let mut sentences = 1;
        for last in first..clauses.len() {
            let ends = sentence(last) != sentence(last + 1);
            let words = clauses[last].tokens.end - clauses[first].tokens.start;
            let inside = sentence(first) == sentence(last);
            let too_long = words > MOST_PASSAGE_WORDS && last > first;
            if too_long || sentences > MOST_SENTENCES || (!inside && !begins) {
                break;
            }
            if inside || ends {
                passages.push(first..last + 1);
            }
            sentences += usize::from(ends);
        }
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<String> {
        let answer = Answer::of_text(text);
        answer
            .clauses
            .iter()
            .map(|clause| {
                let norms: Vec<&str> = answer.tokens[clause.tokens.clone()].iter().map(|t| t.norm.as_str()).collect();
                norms.join(" ")
            })
            .collect()
    }

    #[test]
    fn commas_and_conjunctions_end_clauses() {
        assert_eq!(
            cut("We had no cache, the reads hurt and so I put one in front. It held."),
            ["we had no cache", "the reads hurt", "and so i put one in front", "it held"]
        );
    }

    #[test]
    fn a_fronted_topic_stays_with_what_is_said_about_it() {
        assert_eq!(cut("Queues, the CTO wanted them badly."), ["queues the cto wanted them badly"]);
    }

    #[test]
    fn nouns_joined_by_and_stay_together() {
        assert_eq!(cut("Logs and traces go to one place."), ["logs and traces go to one place"]);
    }

    #[test]
    fn filled_pauses_and_repetitions_do_not_count_but_ranges_do() {
        let answer = Answer::of_text("Um, so we we, uh, cache the the reads.");
        let norms: Vec<&str> = answer.tokens.iter().map(|t| t.norm.as_str()).collect();
        assert_eq!(norms, ["so", "we", "cache", "the", "reads"]);
        assert_eq!(answer.words_of(&(0..answer.clauses.len())), 1..9);
    }

    #[test]
    fn i_am_is_no_filled_pause() {
        assert!(is_filled_pause("ummm") && is_filled_pause("hmm") && is_filled_pause("err"));
        assert!(!is_filled_pause("am") && !is_filled_pause("her") && !is_filled_pause("mum"));
    }

    #[test]
    fn a_transcript_without_punctuation_is_still_cut() {
        let text = "we start with one program and it holds all of the things that we need ".repeat(8);
        let answer = Answer::of_text(&text);
        assert!(answer.clauses.len() >= 8, "{:?}", answer.clauses.len());
        assert!(answer.clauses.last().is_some_and(|clause| clause.sentence >= 2));
    }

    proptest! {
        #[test]
        fn clauses_tile_the_tokens_and_passages_stay_inside(text in "([a-z]{1,6}[,.!—]? ){0,80}") {
            let answer = Answer::of_text(&text);
            let mut next = 0;
            for clause in &answer.clauses {
                prop_assert_eq!(clause.tokens.start, next);
                prop_assert!(clause.tokens.end > clause.tokens.start);
                next = clause.tokens.end;
            }
            prop_assert_eq!(next, answer.tokens.len());
            for passage in &answer.passages {
                prop_assert!(passage.end <= answer.clauses.len());
            }
        }
    }
}
