//! The bank's terms in an answer: by their stems, and by their sound where a recogniser may have misheard them.

use super::clauses::{Token, normalise};
use rphonetic::{DoubleMetaphone, Encoder};
use rust_stemmers::{Algorithm, Stemmer};
use std::collections::{BTreeMap, HashSet};

/// The most transcript words that are joined when a term is looked for by its sound: "post gress", "graph Ana".
const MOST_JOINED_WORDS: usize = 3;

/// Phonetic codes with fewer consonants than this fit too many words to be told by sound alone.
const FEWEST_CONSONANTS: usize = 2;

/// Likeness of spelling (Jaro–Winkler, 0 to 1) from which words with the same sound are taken for one another; shorter
/// codes need more.
const LIKE_SPELLING: f64 = 0.62;
const LIKE_SPELLING_SHORT: f64 = 0.72;

/// Words that carry no topic. Matching leaves them out.
pub fn is_function_word(norm: &str) -> bool {
    const WORDS: &str = " a an the and or but so because which that this these those there here it its it's i we you he she they me us him \
        her them my our your his their i'm we're i'd we'd i've we've i'll we'll you're they're is are was were be been being am do does did \
        done doing have has had having will would shall should can could may might must of in on at to for from by with as into onto \
        about over under out off up down if then than when where while who whom what why how not no nor never n't don't didn't doesn't \
        isn't wasn't weren't won't wouldn't can't couldn't just like really very quite also too only even still well right okay ok yeah yes \
        um uh some any each every all both more most much many few other another such same own one two first last next let's let get gets \
        got getting go goes went going gone say says said thing things something anything everything nothing somebody anybody everybody \
        people kind sort bit lot way make makes made take takes took put puts come comes came know think mean want need use used using \
        again always usually maybe perhaps actually basically that's there's what's he's she's who's where's 's after before until since \
        between through during against without within around because ";
    thread_local! {
        static SET: HashSet<&'static str> = WORDS.split_whitespace().collect();
    }
    SET.with(|set| set.contains(norm))
}

/// The stem of a word (Porter2).
pub fn stem(norm: &str) -> String {
    thread_local! {
        static STEMMER: Stemmer = Stemmer::create(Algorithm::English);
    }
    let plain = norm.strip_suffix("'s").unwrap_or(norm);
    STEMMER.with(|stemmer| stemmer.stem(plain).into_owned())
}

/// Stems of the words of a text that carry a topic.
pub fn content_stems<'a>(norms: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    norms.into_iter().filter(|norm| !is_function_word(norm)).map(stem).collect()
}

/// A term of the bank, ready for matching.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// As the bank writes it.
    pub text: String,
    stems: Vec<String>,
    sound: Sound,
}

impl Term {
    /// Prepares a term.
    pub fn new(text: &str) -> Self {
        let norms: Vec<String> = text.split([' ', '/', '-']).map(normalise).filter(|norm| !norm.is_empty()).collect();
        Self {
            text: text.to_owned(),
            stems: norms.iter().map(|norm| stem(norm)).collect(),
            sound: Sound::of(&norms.concat()),
        }
    }

    /// Whether the term stands at `at` in a list of stems; hyphens and joined spellings do not matter.
    fn length_at(&self, stems: &[String], at: usize) -> Option<usize> {
        let rest = &stems[at..];
        if !self.stems.is_empty() && rest.starts_with(&self.stems) {
            return Some(self.stems.len());
        }
        // "time boxed" for "timeboxed" and the other way round
        let joined = self.stems.concat();
        if joined.len() < 6 {
            return None;
        }
        (1..=MOST_JOINED_WORDS.min(rest.len())).find(|&n| n != self.stems.len() && rest[..n].concat() == joined)
    }
}

/// How a word sounds.
#[derive(Debug, Clone, PartialEq, Default)]
struct Sound {
    code: String,
    spelling: String,
}

impl Sound {
    fn of(joined: &str) -> Self {
        let letters: String = joined.chars().filter(char::is_ascii_alphabetic).collect();
        // m and n are the consonants that recognisers swap most: "seams", "scenes"
        let code = DoubleMetaphone::new(Some(12)).encode(&letters).replace('M', "N");
        Self { code, spelling: letters }
    }

    fn like(&self, other: &Self) -> bool {
        if self.code.len() < FEWEST_CONSONANTS || self.code != other.code {
            return false;
        }
        let vowel = |sound: &Self| sound.spelling.chars().find(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u'));
        if self.code.len() < 4 && vowel(self) != vowel(other) {
            return false; // "sales" is not "SLOs", "coach" is not "cache"
        }
        let needed = if self.code.len() < 4 { LIKE_SPELLING_SHORT } else { LIKE_SPELLING };
        strsim::jaro_winkler(&self.spelling, &other.spelling) >= needed
    }
}

/// Where a term stands in an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Index of the concept whose term it is.
    pub concept: usize,
    /// First token and one past the last.
    pub tokens: std::ops::Range<usize>,
    /// The term as the bank writes it.
    pub term: String,
    /// Found by its sound only.
    pub misheard: bool,
    /// How telling the term is, 0 to 1: one over the number of the question's concepts that list it.
    pub weight: f64,
}

/// The terms of a question's concepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    by_concept: Vec<Vec<Term>>,
    /// How many concepts list the term with these stems.
    shared: BTreeMap<Vec<String>, usize>,
}

impl Terms {
    /// Prepares the terms of all concepts, in the bank's order.
    pub fn new<'a>(cues: impl IntoIterator<Item = &'a [String]>) -> Self {
        let by_concept: Vec<Vec<Term>> = cues
            .into_iter()
            .map(|cues| {
                let mut seen = HashSet::new();
                cues.iter().map(|cue| Term::new(cue)).filter(|term| seen.insert(term.stems.clone())).collect()
            })
            .collect();
        let mut shared = BTreeMap::new();
        for term in by_concept.iter().flatten() {
            *shared.entry(term.stems.clone()).or_insert(0) += 1;
        }
        Self { by_concept, shared }
    }

    /// Every place where a term stands, by stem or by sound.
    pub fn find(&self, tokens: &[Token]) -> Vec<Hit> {
        let stems: Vec<String> = tokens.iter().map(|token| stem(&token.norm)).collect();
        let heard = Heard::new(tokens);
        let mut hits = Vec::new();
        for (concept, terms) in self.by_concept.iter().enumerate() {
            for term in terms {
                let weight = 1.0 / self.shared.get(&term.stems).copied().unwrap_or(1).max(1) as f64;
                let mut hit = |tokens, misheard| {
                    hits.push(Hit { concept, tokens, term: term.text.clone(), misheard, weight });
                };
                let mut found = false;
                for at in 0..stems.len() {
                    if let Some(length) = term.length_at(&stems, at) {
                        hit(at..at + length, false);
                        found = true;
                    }
                }
                if !found {
                    for tokens in heard.like(&term.sound) {
                        hit(tokens, true);
                    }
                }
            }
        }
        hits
    }
}

/// Sounds of an answer's words, alone and joined.
struct Heard {
    by_code: BTreeMap<String, Vec<(std::ops::Range<usize>, Sound)>>,
}

impl Heard {
    fn new(tokens: &[Token]) -> Self {
        let mut by_code: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for at in 0..tokens.len() {
            for length in 1..=MOST_JOINED_WORDS.min(tokens.len() - at) {
                let part = &tokens[at..at + length];
                // a run of small words is what it is; so is a single ordinary one
                if part.iter().all(|token| is_function_word(&token.norm)) {
                    continue;
                }
                if part[..length - 1].iter().any(|token| token.closes != super::clauses::Closes::Nothing) {
                    break;
                }
                let joined: String = part.iter().map(|token| token.norm.as_str()).collect();
                let sound = Sound::of(&joined);
                if sound.code.len() >= FEWEST_CONSONANTS {
                    by_code.entry(sound.code.clone()).or_default().push((at..at + length, sound));
                }
            }
        }
        Self { by_code }
    }

    fn like(&self, sound: &Sound) -> Vec<std::ops::Range<usize>> {
        self.by_code
            .get(&sound.code)
            .map(|all| all.iter().filter(|(_, heard)| heard.like(sound)).map(|(at, _)| at.clone()).collect())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::coverage::clauses::Answer;

    fn hits(cues: &[&str], text: &str) -> Vec<(String, bool)> {
        let cues: Vec<String> = cues.iter().map(|&cue| cue.to_owned()).collect();
        let terms = Terms::new([cues.as_slice()]);
        terms.find(&Answer::of_text(text).tokens).into_iter().map(|hit| (hit.term, hit.misheard)).collect()
    }

    #[test]
    fn terms_match_by_stem_in_any_form() {
        assert_eq!(hits(&["feature flag"], "everything sits behind feature flags"), [("feature flag".into(), false)]);
        assert_eq!(hits(&["time-box"], "I timeboxed it, a time box of two days").len(), 2);
        assert!(hits(&["queue"], "we put it in front").is_empty());
    }

    #[test]
    fn misheard_terms_are_found_by_their_sound() {
        for (term, text) in [
            ("queues", "we put the slow work on cues"),
            ("seams", "we split it along domain scenes"),
            ("Postgres", "one managed post gress instance"),
            ("SLOs", "we agreed slows with product"),
            ("Redis", "there is a reddies in front"),
            ("canary", "five percent as a can airy"),
            ("Grafana", "one graph Ana board"),
            ("SOC 2", "the bank wanted sock 2"),
        ] {
            assert_eq!(hits(&[term], text).first(), Some(&(term.to_owned(), true)), "{term}");
        }
    }

    #[test]
    fn ordinary_words_are_not_taken_for_terms() {
        for (term, text) in [
            ("queues", "because in that case it goes on"),
            ("cache", "we went to the coach"),
            ("SLOs", "we sell sales"),
            ("DNS", "the dunes and tins"),
        ] {
            assert!(hits(&[term], text).is_empty(), "{term}: {text}");
        }
    }
}
