//! How an answer is built: situation, task, action and result for behavioural questions; position, reasons, trade-offs and
//! an example for technical ones.
//!
//! Sentences are labelled by cue phrases. A story has an order, so behavioural answers are labelled as a whole, by the
//! sequence of parts that fits cues and order best (Viterbi 1967); in a technical answer one sentence may do several things.

use super::fixed;
use super::parts_of_speech::{among, is_adjective, is_auxiliary, is_be, is_number, is_past_verb, is_stative, is_verb};
use super::structure_cues::{BEHAVIOURAL, Cue, TECHNICAL};
use super::tokens::{Break, Token, Tokens};
use crate::bank::{Kind, Question};
use crate::evidence::Evidence;
use crate::feedback::{Structure, StructurePart};

/// Fewer words than this have no structure to speak of.
const SHORTEST_WORDS: usize = 25;
/// A sentence without a stop is cut at the first break behind this many words: recognisers sometimes write none.
const LONG_SENTENCE_WORDS: usize = 30;
/// A quoted part shows at most this many words.
const QUOTE_WORDS: usize = 24;
/// Gains of the story's order, in units of one cue: staying in a part, going on to the next, skipping, going back.
const STAY: f64 = 0.4;
const NEXT: f64 = 0.3;
const SKIP: f64 = 0.0;
const BACK: f64 = -1.0;

/// Reads the structure; `None` without a question or for an answer too short to have one. `aside` tells which content
/// words are fillers, hedges or repairs.
pub(super) fn structure(
    evidence: &Evidence,
    tokens: &Tokens,
    aside: &[bool],
    question: Option<&Question>,
) -> Option<Structure> {
    let question = question?;
    let content = &tokens.content;
    if content.len() < SHORTEST_WORDS {
        return None;
    }
    let sentences = sentences(content);
    let (kind, cues) = match question.kind {
        Kind::Behavioural => ("behavioural", &BEHAVIOURAL),
        Kind::Technical => ("technical", &TECHNICAL),
    };
    let scores: Vec<[f64; 4]> = sentences
        .iter()
        .enumerate()
        .map(|(index, sentence)| {
            let place = match index {
                0 => Place::First,
                index if index + 1 == sentences.len() => Place::Last,
                _ => Place::Inside,
            };
            scores(sentence, cues, question.kind, place)
        })
        .collect();
    // which parts each sentence belongs to
    let labels: Vec<[bool; 4]> = match question.kind {
        // one sentence may set the scene and name the task: a strong cue counts beside the order
        Kind::Behavioural => {
            let strong = |index: usize, score: &[f64; 4]| index < 2 && score[index] >= STRONG_CUE;
            let labelled = in_order(&scores).into_iter().zip(&scores);
            labelled
                .map(|(part, score)| std::array::from_fn(|index| index == part || part < 2 && strong(index, score)))
                .collect()
        }
        Kind::Technical => scores.iter().map(|score| score.map(|cue| cue > 0.0)).collect(),
    };
    let mut structure =
        Structure { kind: kind.to_owned(), target_s: fixed(question.target_s, 1), ..Structure::default() };
    for (part, (name, _)) in cues.iter().enumerate() {
        let mine = || sentences.iter().zip(&scores).zip(&labels).filter(|(_, label)| label[part]).map(|(pair, _)| pair);
        let best = mine()
            .filter(|(_, score)| score[part] > 0.0)
            .max_by(|a, b| a.1[part].total_cmp(&b.1[part]).then(b.0[0].word.cmp(&a.0[0].word)));
        let Some((quoted, _)) = best else {
            structure.missing.push((*name).to_owned());
            continue;
        };
        let (first, last) = match question.kind {
            Kind::Behavioural => (mine().next(), mine().next_back()),
            Kind::Technical => (best, best),
        };
        let words: usize = mine().map(|(sentence, _)| sentence.len()).sum();
        structure.parts.push(StructurePart {
            name: (*name).to_owned(),
            start_s: first.and_then(|(sentence, _)| sentence.first()?.span).and_then(|span| fixed(span.start_s, 3)),
            end_s: last.and_then(|(sentence, _)| sentence.last()?.span).and_then(|span| fixed(span.end_s, 3)),
            quote: quote(evidence, quoted),
            share: fixed(words as f64 / content.len() as f64, 3).unwrap_or_default(),
        });
    }
    for (token, _) in content.iter().zip(aside).filter(|(_, aside)| !**aside) {
        let base = token.norm.split('\'').next().unwrap_or_default();
        structure.first_person_singular += u32::from(matches!(base, "i" | "me" | "my" | "mine" | "myself"));
        structure.first_person_plural += u32::from(matches!(base, "we" | "us" | "our" | "ours" | "ourselves"));
    }
    structure.numbers = sentences
        .iter()
        .zip(&labels)
        .map(|(sentence, label)| figures(sentence, kind == "behavioural" && label[3]))
        .sum();
    Some(structure)
}

/// The answer cut in sentences; one that no stop ends is cut at a comma or pause once it is long.
fn sentences(content: &[Token]) -> Vec<&[Token]> {
    let mut sentences = Vec::new();
    let mut first = 0;
    for (index, token) in content.iter().enumerate() {
        let long = index - first >= LONG_SENTENCE_WORDS && token.after >= Break::Pause;
        if token.after == Break::Stop || long {
            sentences.push(&content[first..=index]);
            first = index + 1;
        }
    }
    sentences
}

/// How strongly a sentence speaks for each part: by cue phrases, and by what its grammar shows.
fn scores(sentence: &[Token], cues: &[(&str, &[Cue]); 4], kind: Kind, place: Place) -> [f64; 4] {
    let padded = format!(" {} ", sentence.iter().map(|token| token.norm.as_str()).collect::<Vec<_>>().join(" "));
    let mut scores = cues.map(|(_, cues)| {
        cues.iter().filter(|(phrase, _)| padded.contains(&format!(" {phrase} "))).map(|(_, weight)| weight).sum::<f64>()
    });
    let (past, present) = deeds(sentence);
    match kind {
        Kind::Behavioural => {
            scores[2] += DEED * f64::from(past.min(2));
            scores[3] += if from_to(sentence) { CHANGE } else { 0.0 } + if lasted(sentence) { LASTED } else { 0.0 };
            // a story's first sentence sets the scene and its last tells the end, unless they say otherwise
            scores[0] += if place == Place::First { EDGE } else { 0.0 };
            scores[3] += if place == Place::Last { EDGE } else { 0.0 };
        }
        Kind::Technical => {
            // saying what one does is a position, having done it an example, drawing a consequence a reason
            scores[0] += DEED * f64::from(present.min(1));
            scores[3] += DEED * f64::from(past.min(1));
            scores[1] += if concludes(sentence) { DEED } else { 0.0 };
        }
    }
    scores
}

/// A cue that counts for situation or task though the sentence's main part is the other, in units of one cue.
const STRONG_CUE: f64 = 0.9;

/// Where a sentence stands in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Inside,
    Last,
}

/// What grammar adds to a part, in units of one cue: a deed of the speaker's, a change from one number to another, a time
/// that something took, and standing first or last.
const DEED: f64 = 0.6;
const CHANGE: f64 = 1.5;
const LASTED: f64 = 0.5;
const EDGE: f64 = 0.5;

/// How often the speaker or their team does something: in the past, and in the present or conditional.
fn deeds(sentence: &[Token]) -> (u32, u32) {
    let (mut past, mut present) = (0, 0);
    for (at, token) in sentence.iter().enumerate() {
        let base = token.norm.split('\'').next().unwrap_or_default();
        if !matches!(base, "i" | "we") {
            continue;
        }
        // "I then moved": one adverb may stand between
        let next = |ahead: usize| sentence.get(at + ahead).map_or("", |token| token.norm.as_str());
        let verb = if is_past_verb(next(1)) || is_verb(next(1)) { next(1) } else { next(2) };
        if is_stative(next(1)) || is_stative(verb) || is_auxiliary(next(1)) && next(1).ends_with("n't") {
            continue;
        }
        if base == token.norm && is_past_verb(verb) {
            past += 1;
        } else if is_verb(verb)
            || base == token.norm && !next(1).is_empty() && !is_auxiliary(next(1)) && !is_be(next(1))
        {
            present += 1;
        }
    }
    (past, present)
}

/// Whether a "so" in mid-sentence draws a conclusion.
fn concludes(sentence: &[Token]) -> bool {
    sentence.iter().enumerate().skip(2).any(|(at, token)| {
        token.norm == "so"
            && token.after < Break::Comma
            && sentence.get(at + 1).is_some_and(|next| {
                !is_adjective(&next.norm)
                    && next.norm != "many"
                    && next.norm != "much"
                    && next.norm != "far"
                    && next.norm != "on"
            })
    })
}

/// Whether the sentence says how long something took or held: "it was 47 minutes", "in 14 months".
fn lasted(sentence: &[Token]) -> bool {
    (1..sentence.len()).any(|at| {
        let unit = among(
            sentence[at].norm.as_str(),
            "seconds minutes hours days weeks months years minute hour day week month year",
        );
        let before = at.checked_sub(2).map_or("", |before| sentence[before].norm.as_str());
        unit && is_number(&sentence[at - 1].norm) && among(before, "was took after in within for only")
    })
}

/// The sequence of parts with the highest sum of cues and order.
fn in_order(scores: &[[f64; 4]]) -> Vec<usize> {
    let step = |from: usize, to: usize| match to.cmp(&from) {
        std::cmp::Ordering::Less => BACK,
        std::cmp::Ordering::Equal => STAY,
        std::cmp::Ordering::Greater if to == from + 1 => NEXT,
        std::cmp::Ordering::Greater => SKIP,
    };
    let Some((head, tail)) = scores.split_first() else { return Vec::new() };
    let mut best = *head;
    let mut came_from: Vec<[usize; 4]> = Vec::new();
    for score in tail {
        let from: [usize; 4] = std::array::from_fn(|to| {
            (0..4)
                .max_by(|a, b| (best[*a] + step(*a, to)).total_cmp(&(best[*b] + step(*b, to))).then(b.cmp(a)))
                .unwrap_or(0)
        });
        best = std::array::from_fn(|to| best[from[to]] + step(from[to], to) + score[to]);
        came_from.push(from);
    }
    let mut part = (0..4).max_by(|a, b| best[*a].total_cmp(&best[*b]).then(b.cmp(a))).unwrap_or(0);
    let mut parts = vec![part];
    for from in came_from.iter().rev() {
        part = from[part];
        parts.push(part);
    }
    parts.reverse();
    parts
}

/// Whether the sentence names a change: "from 40 minutes to 6".
fn from_to(sentence: &[Token]) -> bool {
    let number_soon = |at: usize| sentence[at + 1..].iter().take(3).any(|token| numeric(&token.norm));
    let from = sentence.iter().position(|token| token.norm == "from").filter(|at| number_soon(*at));
    from.is_some_and(|from| (from + 1..sentence.len()).any(|at| sentence[at].norm == "to" && number_soon(at)))
}

fn numeric(word: &str) -> bool {
    is_number(word) && word != "one"
}

/// Figures named as results: a change from one number to another counts once; else each number in a result, each
/// percentage, and each number after "down to", "up to", "by" or before "times".
fn figures(sentence: &[Token], result: bool) -> u32 {
    let named = |at: usize| {
        let before = |back: usize| at.checked_sub(back).map_or("", |at| sentence[at].norm.as_str());
        let after = sentence.get(at + 1).map_or("", |token| token.norm.as_str());
        let year = sentence[at].norm.len() == 4
            && (sentence[at].norm.starts_with("19") || sentence[at].norm.starts_with("20"));
        let measured = sentence[at].norm.ends_with('%')
            || matches!(after, "percent" | "times")
            || before(1) == "by"
            || before(1) == "to" && matches!(before(2), "down" | "up");
        !year && (result || measured)
    };
    let numbers = (0..sentence.len())
        .filter(|at| numeric(&sentence[*at].norm) && named(*at))
        // "twenty five" is one figure
        .filter(|at| at.checked_sub(1).is_none_or(|before| !numeric(&sentence[before].norm)))
        .count() as u32;
    if from_to(sentence) { numbers.saturating_sub(1).max(1) } else { numbers }
}

fn quote(evidence: &Evidence, sentence: &[Token]) -> String {
    let words: Vec<&str> =
        sentence.iter().take(QUOTE_WORDS).map(|token| evidence.words[token.word].text.as_str()).collect();
    let more = if sentence.len() > QUOTE_WORDS { " …" } else { "" };
    format!("{}{more}", words.join(" "))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tokens::tests::{timed, transcript};
    use super::*;

    pub fn question(kind: Kind) -> Question {
        Question {
            id: "q".into(),
            kind,
            prompt: "Tell me.".into(),
            why: String::new(),
            advice: String::new(),
            target_s: 90.0,
            model_answer: String::new(),
            concepts: Vec::new(),
        }
    }

    fn read(evidence: &Evidence, kind: Kind) -> Structure {
        let tokens = Tokens::new(evidence, &[]);
        structure(evidence, &tokens, &vec![false; tokens.content.len()], Some(&question(kind))).unwrap()
    }

    const STORY: &str = "At my last company, a bakery chain, the till software crashed every Saturday. My job was to find out why \
        before the Easter rush. So I sat behind the counter for a day and wrote down every crash. Then I moved the price update \
        to the night and asked two colleagues to review it. In the end crashes went from 12 a week to 1. The owner still sends \
        me cake.";

    #[test]
    fn reads_a_story_in_its_four_parts() {
        let evidence = timed(STORY, 0.0, 0.4, &[]);
        let structure = read(&evidence, Kind::Behavioural);
        let names: Vec<_> = structure.parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["situation", "task", "action", "result"]);
        assert!(structure.missing.is_empty());
        assert!((structure.parts.iter().map(|part| part.share).sum::<f64>() - 1.0).abs() < 0.01);
        assert_eq!(structure.numbers, 1);
        assert_eq!((structure.first_person_singular, structure.first_person_plural), (5, 0));
        assert!(structure.parts[3].quote.starts_with("In the end crashes went"));
        assert_eq!(structure.parts[0].start_s, Some(0.0));
    }

    #[test]
    fn a_story_without_an_end_misses_its_result() {
        let cut = STORY.split("In the end").next().unwrap();
        assert_eq!(read(&transcript(cut), Kind::Behavioural).missing, ["result"]);
    }

    #[test]
    fn reads_what_a_technical_answer_does() {
        let text = "I'd start with one managed database, because two people cannot run a cluster. The downside is cost, and you give \
            up some tuning. At my last company we ran Postgres that way for three years.";
        let structure = read(&transcript(text), Kind::Technical);
        assert!(structure.missing.is_empty(), "{structure:?}");
        let bare = "I would use a queue between the two services. The queue holds the orders. The worker takes the orders and sends \
            them to the warehouse, one after the other, all day long.";
        assert_eq!(read(&transcript(bare), Kind::Technical).missing, ["reasons", "trade-offs", "example"]);
    }

    #[test]
    fn a_few_words_have_no_structure() {
        let evidence = transcript("I would use a queue.");
        let tokens = Tokens::new(&evidence, &[]);
        assert_eq!(structure(&evidence, &tokens, &[false; 5], Some(&question(Kind::Technical))), None);
    }

    #[test]
    fn counts_results_with_a_number() {
        for (text, count) in [
            ("It went from 40 minutes to 6.", 1),
            ("We cut it by 30 percent.", 1),
            ("In 2021 we moved.", 0),
            ("We had two teams.", 0),
            ("Errors fell to zero and pages dropped by 12%, down to 3 a week.", 2),
        ] {
            let tokens = Tokens::new(&transcript(text), &[]);
            assert_eq!(figures(&tokens.content, false), count, "{text}");
        }
    }
}
