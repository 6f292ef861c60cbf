//! Reading a clause: is it said that the speaker does or recommends the thing, or that it was missing, wished for,
//! somebody else's opinion, or not worth having?
//!
//! The reading is by rules over words, in the manner of `NegEx` (Chapman et al. 2001): a trigger, and a scope that ends with the
//! clause. Rules find [`Marks`]; how much each mark weighs is fitted (`weights.toml`), because most of them also occur in
//! sentences that do cover ("nothing merges red"). [`stance`] is the reading for people: it names what a note says.

use super::clauses::{Answer, Token};
use std::collections::HashMap;
use std::ops::{BitOr, Range};
use std::sync::LazyLock;

/// What was found in a clause; each is independent of the others.
#[allow(clippy::struct_excessive_bools, reason = "each mark is independent of the others and a feature of its own")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Somebody did not, had not, could not: "we never had one", "there was no budget", "nobody wrote it down".
    pub denied: bool,
    /// A negative word that says nothing of what was done: "no public address", "not in the code".
    pub negated: bool,
    /// Left out, stopped, put off, refused: "skipped", "never got round to", "instead of".
    pub omitted: bool,
    /// Wished for, planned, or only possible: "I wish", "should have", "maybe next year".
    pub wished: bool,
    /// What somebody else says, wants or does: "everybody tells you", "the vendor kept pushing".
    pub attributed: bool,
    /// Held to be of little worth: "overrated", "I don't believe in", "sounds nice on a slide".
    pub dismissed: bool,
    /// A preface to bad news: "to be honest", "I'm afraid", "sadly".
    pub confessed: bool,
    /// I or we do, did or would do something, without a negation.
    pub doing: bool,
    /// It joins on with "so", "then", "until", "now": what follows a lack is what was done about it.
    pub turns: bool,
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            denied: self.denied | other.denied,
            negated: self.negated | other.negated,
            omitted: self.omitted | other.omitted,
            wished: self.wished | other.wished,
            attributed: self.attributed | other.attributed,
            dismissed: self.dismissed | other.dismissed,
            confessed: self.confessed | other.confessed,
            doing: self.doing | other.doing,
            turns: self.turns | other.turns,
        }
    }
}

impl Marks {
    /// Whether anything speaks against the clause being an assertion.
    pub fn doubtful(self) -> bool {
        self.denied || self.omitted || self.wished || self.attributed || self.dismissed
    }
}

/// How a speaker stands to what a stretch of words is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stance {
    /// Done or recommended.
    Asserted,
    /// Missing, left out or refused.
    Denied,
    /// Wished for or planned.
    Wished,
    /// Somebody else's view or wish.
    Attributed,
    /// Held to be of little worth.
    Dismissed,
}

/// A word of a pattern.
#[derive(Debug)]
enum Piece {
    /// This word.
    Word(&'static str),
    /// A word that begins so.
    Start(&'static str),
    /// Any one word.
    Any,
    /// Up to three words, whatever they are.
    Gap,
}

#[derive(Debug)]
struct Pattern(Vec<Piece>);

impl Pattern {
    fn parse(text: &'static str) -> Self {
        Self(
            text.split(' ')
                .map(|word| match word {
                    "_" => Piece::Any,
                    "..." => Piece::Gap,
                    _ => word.strip_suffix('*').map_or(Piece::Word(word), Piece::Start),
                })
                .collect(),
        )
    }

    /// Number of words matched from the start of `words`.
    fn matches(&self, words: &[&str]) -> Option<usize> {
        Self::from(&self.0, words)
    }

    fn from(pieces: &[Piece], words: &[&str]) -> Option<usize> {
        let Some((piece, rest)) = pieces.split_first() else { return Some(0) };
        if let Piece::Gap = piece {
            return (0..=words.len().min(3)).find_map(|skip| Self::from(rest, &words[skip..]).map(|n| n + skip));
        }
        let (word, others) = words.split_first()?;
        let fits = match piece {
            Piece::Word(want) => word == want,
            Piece::Start(start) => word.starts_with(start),
            Piece::Any | Piece::Gap => true,
        };
        if fits { Self::from(rest, others).map(|n| n + 1) } else { None }
    }
}

/// Patterns of one kind.
#[derive(Debug, Default)]
struct Patterns(Vec<Pattern>);

/// The phrases of `stance.txt`, by kind.
static PHRASES: LazyLock<HashMap<&'static str, Patterns>> = LazyLock::new(|| {
    let mut phrases: HashMap<&str, Patterns> = HashMap::new();
    let mut kind = "";
    for line in include_str!("stance.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            kind = name;
            continue;
        }
        let patterns = line.split(';').map(str::trim).filter(|text| !text.is_empty()).map(Pattern::parse);
        phrases.entry(kind).or_default().0.extend(patterns);
    }
    phrases
});

fn phrases(kind: &str) -> &'static Patterns {
    static NONE: Patterns = Patterns(Vec::new());
    PHRASES.get(kind).unwrap_or(&NONE)
}

/// Whether a word stands in a list of `stance.txt`.
fn in_list(kind: &str, word: &str) -> bool {
    phrases(kind).any(&[word])
}

impl Patterns {
    fn find(&self, words: &[&str]) -> Option<Range<usize>> {
        (0..words.len())
            .find_map(|at| self.0.iter().find_map(|pattern| pattern.matches(&words[at..]).map(|n| at..at + n)))
    }

    fn any(&self, words: &[&str]) -> bool {
        self.find(words).is_some()
    }
}

fn is_negator(word: &str) -> bool {
    word.ends_with("n't")
        || matches!(
            word,
            "no" | "not"
                | "never"
                | "nobody"
                | "none"
                | "nothing"
                | "neither"
                | "nor"
                | "cannot"
                | "without"
                | "hardly"
                | "barely"
                | "nope"
                | "noone"
                | "nah"
                | "dont"
                | "didnt"
                | "doesnt"
                | "wasnt"
        )
}

/// Reads the marks of one clause.
pub fn marks(tokens: &[Token]) -> Marks {
    let words: Vec<&str> = tokens.iter().map(|token| token.norm.as_str()).collect();
    let mut marks = Marks {
        omitted: phrases("omitted").any(&words),
        wished: phrases("wished").any(&words),
        attributed: phrases("attributed").any(&words) || attributed(&words),
        confessed: phrases("confessed").any(&words),
        dismissed: phrases("dismissed").any(&words),
        turns: phrases("turns").any(&words[..words.len().min(6)]),
        ..Marks::default()
    };
    for (at, word) in words.iter().enumerate() {
        if is_negator(word) && !harmless(&words, at) {
            if denies(tokens, &words, at) { marks.denied = true } else { marks.negated = true }
        }
    }
    marks.doing = doing(&words);
    marks
}

/// Whether a clause says what somebody else says, wants or thinks: an attitude within three words of its holder.
fn attributed(words: &[&str]) -> bool {
    let mut from = 0;
    while let Some(holder) = phrases("others").find(&words[from..]) {
        let after = &words[from + holder.end..];
        if phrases("attitudes").any(&after[..after.len().min(4)]) {
            return true;
        }
        from += holder.end;
    }
    false
}

fn harmless(words: &[&str], at: usize) -> bool {
    // a harmless phrase begins at the negator, or up to two words before it
    (at.saturating_sub(2)..=at).any(|from| {
        phrases("harmless").0.iter().any(|pattern| pattern.matches(&words[from..]).is_some_and(|n| from + n > at))
    })
}

fn denies(tokens: &[Token], words: &[&str], at: usize) -> bool {
    let word = words[at];
    let closed = tokens[at].closes != super::clauses::Closes::Nothing;
    if matches!(word, "no" | "nope" | "nah") && (closed || words.len() <= 2) {
        return true; // "Runbooks, no, it was all in my head"
    }
    if phrases("guards").any(&words[at + 1..]) {
        return false;
    }
    let before = &words[at.saturating_sub(4)..at];
    match word {
        "nobody" | "noone" | "none" => true,
        "without" if at == 0 => true,
        "no" | "nothing" | "neither" | "nor" | "without" => {
            // "we had no", "there was no"; but "the database has no public address" says how it is built
            let having = before.iter().rposition(|word| in_list("having", word));
            having.is_some_and(|verb| {
                verb == 0
                    || before[..verb].iter().any(|word| in_list("subjects", word))
                    || in_list("subjects", before[verb])
            }) || (word == "no" && words.get(at + 1) == Some(&"one"))
        }
        _ => before.iter().any(|word| in_list("subjects", word)) || at == 0 || word != "not",
    }
}

fn doing(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        if !matches!(
            *word,
            "i" | "we" | "i'd" | "we'd" | "i'll" | "we'll" | "i've" | "we've" | "you" | "let's" | "i'm" | "we're"
        ) {
            return false;
        }
        if *word == "you" && at > 1 {
            return false; // "they tell you", "people say that you need"
        }
        words[at + 1..]
            .iter()
            .find(|next| !in_list("adverbs", next))
            .is_some_and(|next| !in_list("no_deeds", next) && !is_negator(next) && !in_list("subjects", next))
    })
}

/// The marks of every clause of an answer, in order.
pub fn read(answer: &Answer) -> Vec<Marks> {
    answer.clauses.iter().map(|clause| marks(&answer.tokens[clause.tokens.clone()])).collect()
}

/// How the speaker stands to what neighbouring clauses say, given their marks in order. What follows a lack and says
/// what was then done outweighs it: "we didn't have one, so I wrote one".
pub fn stance(marks: &[Marks]) -> Stance {
    let lack = marks.iter().rposition(|m| m.doubtful());
    let Some(lack) = lack else { return Stance::Asserted };
    let remedied = marks[lack..].iter().enumerate().any(|(offset, m)| {
        let first = offset == 0;
        m.doing && m.turns && !m.denied && !m.dismissed && !m.wished && (!first || !m.omitted)
    });
    if remedied {
        return Stance::Asserted;
    }
    let all = marks.iter().fold(Marks::default(), |all, &m| all | m);
    if all.dismissed {
        Stance::Dismissed
    } else if all.wished {
        Stance::Wished
    } else if all.denied || all.omitted {
        Stance::Denied
    } else if all.attributed && !all.doing {
        Stance::Attributed
    } else {
        Stance::Asserted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stance_of(text: &str) -> Stance {
        stance(&read(&Answer::of_text(text)))
    }

    #[test]
    fn stances_are_read_as_a_reader_hears_them() {
        let table = include_str!("stance_table.txt");
        let rows: Vec<(&str, &str)> = table.lines().filter_map(|line| line.split_once(" | ")).collect();
        assert!(rows.len() > 100);
        let wrong: Vec<String> = rows
            .iter()
            .filter(|(want, text)| format!("{:?}", stance_of(text)).to_lowercase() != *want)
            .map(|(want, text)| format!("{text}: {:?}, not {want}", stance_of(text)))
            .collect();
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    }

    #[test]
    fn what_was_then_done_outweighs_the_lack_but_not_the_other_way_round() {
        assert_eq!(stance_of("We had no cache, so I put one in front."), Stance::Asserted);
        assert_eq!(stance_of("I put a cache in front, but we never used it."), Stance::Denied);
    }

    #[test]
    fn every_list_is_there() {
        for kind in [
            "harmless",
            "guards",
            "omitted",
            "wished",
            "attributed",
            "others",
            "attitudes",
            "dismissed",
            "turns",
            "confessed",
        ] {
            assert!(phrases(kind).0.len() > 10, "{kind}");
        }
    }
}
