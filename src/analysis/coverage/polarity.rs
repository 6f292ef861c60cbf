//! Reading a clause: is it said that the speaker does or recommends the thing, or that it was missing, wished for,
//! somebody else's opinion, or not worth having?
//!
//! The reading is by rules over words, in the manner of `NegEx` (Chapman et al. 2001): a trigger, and a scope that ends with the
//! clause. Rules find [`Marks`]; how much each mark weighs is fitted (`weights.toml`), because most of them also occur in
//! sentences that do cover ("nothing merges red"). [`stance`] is the reading for people: it names what a note says.

use super::clauses::{Answer, Token};
use std::ops::{BitOr, Range};
use std::sync::LazyLock;

/// What was found in a clause; each is independent of the others.
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

/// Patterns of one kind, by a plain list: words parted by spaces, `x*` for a beginning, `_` for any word, `...` for up
/// to three words.
struct Patterns(LazyLock<Vec<Pattern>>);

impl Patterns {
    fn find(&self, words: &[&str]) -> Option<Range<usize>> {
        (0..words.len())
            .find_map(|at| self.0.iter().find_map(|pattern| pattern.matches(&words[at..]).map(|n| at..at + n)))
    }

    fn any(&self, words: &[&str]) -> bool {
        self.find(words).is_some()
    }
}

macro_rules! patterns {
    ($name:ident, $doc:literal, [$($pattern:literal),* $(,)?]) => {
        #[doc = $doc]
        static $name: Patterns = Patterns(LazyLock::new(|| [$($pattern),*].into_iter().map(Pattern::parse).collect()));
    };
}

patterns!(
    HARMLESS,
    "Negative words that deny nothing.",
    [
        "not only",
        "not just",
        "not merely",
        "no longer",
        "no matter",
        "no doubt",
        "nothing but",
        "never again",
        "why not",
        "if not",
        "or not",
        "don't know",
        "do not know",
        "doesn't matter",
        "didn't matter",
        "don't get me wrong",
        "not sure",
        "no idea",
        "can't remember",
        "don't remember",
        "can't recall",
        "no surprise",
        "no wonder",
        "never mind",
        "no joke",
        "not a joke",
        "not bad",
        "no fuss",
        "nothing fancy",
        "not to mention",
        "no question",
        "no exception*",
        "no excuse*",
        "can't say",
        "can't complain",
        "couldn't agree more",
        "without a doubt",
        "not too",
        "not very",
        "not long",
        "not much",
        "no less",
        "no more than",
        "not more than",
        "won't lie",
        "can't stress",
        "can't overstate",
        "not that _ matters",
        "whether or not",
        "didn't take long",
        "believe it or not",
        "not for the first time",
        "don't worry",
        "don't ask",
        "not so much",
        "not exactly",
        "isn't it",
        "doesn't it",
        "wasn't it",
        "aren't they",
        "didn't we",
        "haven't we",
        "not unusual",
        "nothing special",
        "not rocket",
        "no rocket",
    ]
);

patterns!(
    GUARDS,
    "A negation that is a rule with its exception: nothing ships until, never without.",
    [
        "until",
        "till",
        "unless",
        "before",
        "without",
        "except",
        "other than",
        "but",
        "anymore",
        "any more",
        "again",
        "only",
        "red",
        "by hand",
        "manually",
    ]
);

patterns!(
    OMITTED,
    "Left out, stopped, put off, refused.",
    [
        "skipp*",
        "skip it",
        "skip that",
        "skip those",
        "skip them",
        "never got",
        "never get",
        "never gotten",
        "never came",
        "never happened",
        "never made",
        "never went",
        "not got round",
        "didn't get round",
        "didn't get around",
        "didn't get to",
        "didn't come to",
        "got round to",
        "get around to",
        "instead of",
        "rather than",
        "as opposed to",
        "postpon*",
        "put off",
        "put it off",
        "putting off",
        "shelved",
        "scrapped",
        "abandoned",
        "cancelled",
        "canceled",
        "dropped it",
        "dropped the idea",
        "dropped that",
        "ditched",
        "gave up on",
        "gave up",
        "given up",
        "turned it down",
        "turned down",
        "turned that down",
        "talked ... out of",
        "refus*",
        "declin*",
        "reject*",
        "vetoed",
        "said no",
        "say no",
        "says no",
        "we passed",
        "i passed",
        "forgot",
        "forgotten",
        "neglected",
        "ignored",
        "left it out",
        "left out",
        "leave it out",
        "left undone",
        "fell through",
        "fell asleep",
        "fizzled",
        "fell by the wayside",
        "lost track",
        "ran out of",
        "no time",
        "no budget",
        "no money",
        "no appetite",
        "no interest",
        "no room",
        "no energy",
        "lack of",
        "lacked",
        "lacking",
        "too busy",
        "too expensive",
        "too much work",
        "too much hassle",
        "too small for",
        "too early for",
        "used to",
        "stayed empty",
        "stayed open",
        "stayed the way",
        "stayed where",
        "stayed as",
        "left it",
        "left them",
        "never mind that",
        "failed to",
        "didn't bother",
        "don't bother",
        "wouldn't bother",
        "never bothered",
        "not bother",
        "stopped doing",
        "did away with",
        "got rid of",
        "killed it",
        "went without",
        "do without",
        "did without",
        "live without",
        "off the table",
        "out of scope",
        "out of the question",
        "no good at",
        "absent",
        "missing",
        "didn't exist",
        "doesn't exist",
        "didn't happen",
        "doesn't happen",
        "hasn't happened",
        "wasn't there",
        "weren't there",
        "missed out",
        "still waiting",
        "still don't",
        "still haven't",
        "still isn't",
        "nowhere",
        "zero",
    ]
);

patterns!(
    WISHED,
    "Wished for, planned, or only possible.",
    [
        "i wish",
        "we wish",
        "wish i",
        "wish we",
        "should have",
        "should've",
        "could have",
        "could've",
        "would have",
        "would've",
        "would be nice",
        "would be lovely",
        "would be good",
        "would be great",
        "be nice to",
        "would love",
        "would like to",
        "i'd love",
        "we'd love",
        "i'd like to",
        "we'd like to",
        "ought to",
        "some day",
        "someday",
        "one day",
        "one of these days",
        "next year",
        "next quarter",
        "next time",
        "eventually we'll",
        "in the future",
        "later maybe",
        "maybe later",
        "plan to",
        "plans to",
        "planned to",
        "planning to",
        "was planned",
        "were planned",
        "the plan was",
        "the idea was",
        "on the list",
        "on my list",
        "on our list",
        "on the backlog",
        "in the backlog",
        "wish list",
        "wishlist",
        "todo list",
        "to do list",
        "was going to",
        "were going to",
        "hope to",
        "hoping to",
        "hoped to",
        "meant to",
        "intend*",
        "wanted to",
        "want to have",
        "supposed to",
        "was supposed",
        "were supposed",
        "aspir*",
        "dream*",
        "in theory",
        "in an ideal",
        "in a perfect",
        "ideally",
        "on paper",
        "if only",
        "if we had",
        "if i had",
        "if we'd",
        "if i'd",
        "had we",
        "would've been",
        "promis*",
        "pencilled",
        "penciled",
        "at some point",
        "sooner or later",
        "sometime",
        "looking into",
        "thinking about",
        "thought about",
        "considered",
        "considering",
        "toyed with",
        "half built",
        "half finished",
        "might add",
        "might do",
        "may add",
        "is coming",
        "was coming",
        "we'll get",
        "i'll get",
        "will get there",
        "not yet",
        "isn't yet",
        "haven't yet",
        "hasn't yet",
        "hindsight",
        "if i were",
        "wouldn't mind",
        "i regret",
        "we regret",
    ]
);

patterns!(
    ATTRIBUTED,
    "Somebody else says, wants or does it.",
    [
        "people say",
        "people talk*",
        "people ask",
        "people tell*",
        "people love",
        "people like to",
        "people always",
        "people will tell",
        "people want*",
        "people prais*",
        "people keep",
        "people bring",
        "people mention",
        "folks say",
        "folks talk*",
        "folks love",
        "they say",
        "they tell",
        "they told",
        "they want*",
        "they keep",
        "they talk*",
        "they call",
        "they like to",
        "they suggest*",
        "they ask*",
        "everybody",
        "everyone",
        "every consultant",
        "every book",
        "every blog",
        "every talk",
        "somebody said",
        "someone said",
        "somebody suggest*",
        "someone suggest*",
        "somebody propos*",
        "someone propos*",
        "somebody wanted",
        "someone wanted",
        "some people",
        "some say",
        "some folks",
        "some swear",
        "you hear",
        "you always hear",
        "you read",
        "i've read",
        "i read about",
        "i read that",
        "i read a",
        "i have read",
        "i've heard",
        "i heard",
        "i have heard",
        "we heard",
        "heard of",
        "heard about",
        "i've seen",
        "i know",
        "i'm told",
        "i was told",
        "we were told",
        "was told",
        "told me",
        "tells me",
        "tell me",
        "telling me",
        "tells you",
        "told us",
        "tell you to",
        "tells us",
        "supposedly",
        "allegedly",
        "so called",
        "in vogue",
        "fashion*",
        "hype*",
        "buzzword*",
        "trendy",
        "textbook*",
        "the book*",
        "the literature",
        "gospel",
        "best practice*",
        "blog post*",
        "conference*",
        "keynote",
        "white paper*",
        "podcast",
        "vendor*",
        "consultant*",
        "analysts",
        "salesm*",
        "sales guy",
        "sales people",
        "the cto",
        "our cto",
        "the ceo",
        "our ceo",
        "the cfo",
        "our cfo",
        "the boss",
        "my boss",
        "our boss",
        "the founder*",
        "our founder*",
        "management",
        "the board",
        "my predecessor",
        "our predecessor",
        "predecessor*",
        "another team",
        "other team*",
        "a colleague",
        "my colleague",
        "the architect*",
        "an architect",
        "our architect*",
        "my manager",
        "the manager",
        "the director",
        "my director",
        "the intern",
        "head office",
        "headquarters",
        "an engineer wanted",
        "somebody else",
        "someone else",
        "a friend",
        "he want*",
        "she want*",
        "he said",
        "she said",
        "he kept",
        "she kept",
        "he insist*",
        "she insist*",
        "he swear*",
        "she swear*",
        "he swore",
        "she swore",
        "he suggest*",
        "she suggest*",
        "he propos*",
        "she propos*",
        "he love*",
        "she love*",
        "he talk*",
        "she talk*",
        "asked for",
        "kept asking",
        "kept saying",
        "kept telling",
        "swear by",
        "swears by",
        "preach*",
        "evangel*",
        "praise*",
        "recommended by",
        "pitched",
        "pushed for",
        "pushing for",
        "was keen",
        "is keen",
        "were keen",
        "fan of",
    ]
);

patterns!(
    DISMISSED,
    "Held to be of little worth.",
    [
        "overrated",
        "overkill",
        "over engineered",
        "overengineer*",
        "waste of",
        "wasted",
        "not worth",
        "wasn't worth",
        "isn't worth",
        "hardly worth",
        "never worth",
        "don't trust",
        "didn't trust",
        "never trusted",
        "don't believe",
        "didn't believe",
        "never believed",
        "not a believer",
        "not a fan",
        "no fan",
        "never saw the point",
        "don't see the point",
        "didn't see the point",
        "no point",
        "don't see why",
        "didn't see why",
        "see no",
        "saw no",
        "pointless",
        "useless",
        "theatre",
        "theater",
        "luxury",
        "luxuries",
        "nice to have",
        "nice idea",
        "nice in a",
        "nice on a",
        "sounds nice",
        "sounds good",
        "sounds lovely",
        "sounds great",
        "sounded nice",
        "looks nice",
        "looks good on",
        "pretty slide*",
        "nice slide*",
        "on a slide",
        "on slides",
        "a slide",
        "nonsense",
        "rubbish",
        "bureaucra*",
        "red tape",
        "paperwork",
        "who cares",
        "couldn't care",
        "don't care",
        "didn't care",
        "never cared",
        "not for us",
        "not for me",
        "not my thing",
        "no thanks",
        "i'd rather not",
        "i laughed",
        "we laughed",
        "laughable",
        "a joke",
        "boring",
        "silly",
        "fairy tale",
        "fairytale",
        "for big companies",
        "for bigger companies",
        "for google",
        "we're not google",
        "big company",
        "for enterprises",
        "wasn't our case",
        "isn't our case",
        "wasn't our problem",
        "isn't my job",
        "not my job",
        "wasn't my job",
        "not our job",
        "leave to others",
        "leave that to",
        "never convinced",
        "not convinced",
        "don't need",
        "didn't need",
        "never needed",
        "doesn't need",
        "no need",
        "against",
        "allergic",
        "sceptical",
        "skeptical",
        "hate",
        "hated",
        "cargo cult",
        "never missed it",
        "not interested",
        "don't buy",
        "didn't buy it",
        "makes no sense",
        "made no sense",
        "doesn't help",
        "didn't help",
        "never helped",
        "lip service",
        "rubber stamp*",
        "tick the box",
        "ticking boxes",
        "box ticking",
        "gathering dust",
        "gathers dust",
        "collecting dust",
        "out of date",
        "nobody reads",
        "nobody read",
        "no one reads",
        "no one read",
        "stopped looking",
        "nobody looked",
        "no one looked",
        "nobody looks",
        "nobody used",
        "nobody uses",
    ]
);

patterns!(
    TURNS,
    "Joins what was done on to what was lacking.",
    [
        "so i",
        "so we",
        "so my",
        "so our",
        "so now",
        "so then",
        "so first",
        "so that",
        "then i",
        "then we",
        "until i",
        "until we",
        "after that",
        "afterwards",
        "since then",
        "these days",
        "nowadays",
        "now i",
        "now we",
        "now it",
        "now there",
        "now every",
        "that's why",
        "which is why",
        "this time",
        "but now",
        "but then i",
        "but then we",
        "today",
        "and fixed",
        "and changed",
        "from then",
        "from that day",
        "ever since",
        "in the end i",
        "in the end we",
        "not any more",
        "anymore",
        "no longer",
        "that changed",
        "which i changed",
        "i changed that",
        "we changed that",
        "i fixed",
        "we fixed",
        "but i did",
        "but we did",
    ]
);

/// Words that stand between a pronoun and its verb.
fn is_adverb(word: &str) -> bool {
    matches!(
        word,
        "also"
            | "then"
            | "just"
            | "always"
            | "simply"
            | "usually"
            | "first"
            | "now"
            | "still"
            | "actually"
            | "basically"
            | "normally"
            | "typically"
            | "really"
            | "even"
            | "immediately"
            | "quickly"
            | "finally"
            | "both"
            | "all"
            | "deliberately"
            | "only"
            | "later"
            | "eventually"
            | "probably"
            | "definitely"
            | "generally"
            | "often"
    )
}

/// Verbs after I or we that report a state of mind, not a deed.
fn is_no_deed(word: &str) -> bool {
    matches!(
        word,
        "think"
            | "thought"
            | "know"
            | "knew"
            | "mean"
            | "guess"
            | "wish"
            | "want"
            | "wanted"
            | "would"
            | "should"
            | "could"
            | "might"
            | "may"
            | "hope"
            | "hoped"
            | "heard"
            | "hear"
            | "read"
            | "believe"
            | "suppose"
            | "remember"
            | "love"
            | "loved"
            | "like"
            | "liked"
            | "was"
            | "were"
            | "am"
            | "are"
            | "forgot"
            | "skipped"
            | "wonder"
            | "regret"
            | "can't"
            | "said"
            | "say"
            | "understand"
            | "understood"
            | "admit"
            | "confess"
    )
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

/// Who or what can be said to have done nothing.
fn is_subject(word: &str) -> bool {
    matches!(
        word,
        "i" | "we"
            | "they"
            | "he"
            | "she"
            | "there"
            | "there's"
            | "you"
            | "it"
            | "that"
            | "team"
            | "people"
            | "nobody"
            | "us"
            | "one"
            | "i've"
            | "we've"
            | "i'd"
            | "we'd"
            | "those"
            | "which"
            | "product"
            | "company"
            | "them"
            | "these"
            | "this"
    )
}

/// Verbs of having, after which "no", "none" and "nothing" say that it was missing.
fn is_having(word: &str) -> bool {
    matches!(
        word,
        "have"
            | "had"
            | "has"
            | "got"
            | "was"
            | "were"
            | "is"
            | "are"
            | "there's"
            | "there"
            | "saw"
            | "see"
            | "with"
            | "been"
            | "did"
            | "do"
            | "wrote"
            | "made"
            | "kept"
            | "gave"
            | "got'"
            | "we've"
            | "i've"
            | "said"
            | "of"
    )
}

/// Reads the marks of one clause.
pub fn marks(tokens: &[Token]) -> Marks {
    let words: Vec<&str> = tokens.iter().map(|token| token.norm.as_str()).collect();
    let mut marks = Marks {
        omitted: OMITTED.any(&words),
        wished: WISHED.any(&words),
        attributed: ATTRIBUTED.any(&words),
        dismissed: DISMISSED.any(&words),
        turns: TURNS.any(&words[..words.len().min(6)]),
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

fn harmless(words: &[&str], at: usize) -> bool {
    // a harmless phrase begins at the negator, or up to two words before it
    (at.saturating_sub(2)..=at)
        .any(|from| HARMLESS.0.iter().any(|pattern| pattern.matches(&words[from..]).is_some_and(|n| from + n > at)))
}

fn denies(tokens: &[Token], words: &[&str], at: usize) -> bool {
    let word = words[at];
    let closed = tokens[at].closes != super::clauses::Closes::Nothing;
    if matches!(word, "no" | "nope" | "nah") && (closed || words.len() <= 2) {
        return true; // "Runbooks, no, it was all in my head"
    }
    if GUARDS.any(&words[at + 1..]) {
        return false;
    }
    let before = &words[at.saturating_sub(4)..at];
    match word {
        "nobody" | "noone" | "none" => true,
        "no" | "nothing" | "neither" | "nor" | "without" => {
            before.iter().rev().take(3).any(|word| is_having(word))
                || (word == "no" && words.get(at + 1) == Some(&"one"))
        }
        _ => before.iter().any(|word| is_subject(word)) || at == 0 || word != "not",
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
        words[at + 1..]
            .iter()
            .find(|next| !is_adverb(next))
            .is_some_and(|next| !is_no_deed(next) && !is_negator(next) && !is_subject(next))
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
