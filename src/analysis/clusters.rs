//! Places where fillers stand close together: bursts, the opening of the answer, and what they came before.

use super::fillers::counts;
use super::fixed;
use super::parts_of_speech::{is_article, is_auxiliary, is_be, is_conjunction, is_preposition, is_subject};
use super::tokens::{Break, Token};
use crate::evidence::{Evidence, Span};
use crate::feedback::{Filler, FillerCluster};

/// How many fillers make a burst, and within how many seconds from the first start to the last.
const BURST: (usize, f64) = (3, 6.0);
/// The opening of an answer, in seconds from its first sound, and how many fillers there are worth a mention.
const OPENING: (f64, usize) = (5.0, 2);
/// How many words name what a cluster came before.
const TOPIC_WORDS: usize = 4;

/// The clusters in order of time. Filled pauses and lexical fillers count; without times there are none.
pub(super) fn clusters(
    evidence: &Evidence,
    content: &[Token],
    aside: &[bool],
    items: &[Filler],
    answer: Option<Span>,
) -> Vec<FillerCluster> {
    let Some(answer) = answer else { return Vec::new() };
    let mut events: Vec<(f64, f64, usize)> = items
        .iter()
        .filter(|item| counts(item))
        .filter_map(|item| Some((item.start_s?, item.end_s?, item.word?)))
        .collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    // groups as ranges of events: every run in which any three neighbours lie within the burst's time
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for (first, run) in events.windows(BURST.0).enumerate() {
        if run[BURST.0 - 1].0 - run[0].0 <= BURST.1 {
            match groups.last_mut() {
                Some((_, past)) if first < *past => *past = first + BURST.0,
                _ => groups.push((first, first + BURST.0)),
            }
        }
    }
    let early = events.iter().take_while(|event| event.0 - answer.start_s <= OPENING.0).count();
    if early >= OPENING.1 && groups.first().is_none_or(|(first, _)| *first >= early) {
        groups.insert(0, (0, early));
    }
    groups
        .into_iter()
        .filter_map(|(first, past)| {
            let (start_s, last) = (events[first].0, events[past - 1]);
            let opens = start_s - answer.start_s <= OPENING.0;
            let place = if opens { "opening".to_owned() } else { topic(evidence, content, aside, last.2) };
            Some(FillerCluster {
                start_s: fixed(start_s, 3)?,
                end_s: fixed(last.1.max(start_s), 3)?,
                count: (past - first) as u32,
                place,
            })
        })
        .collect()
}

/// What was said next, so that people find the place: before “the payments database”.
fn topic(evidence: &Evidence, content: &[Token], aside: &[bool], word: usize) -> String {
    let next = content
        .iter()
        .zip(aside)
        .skip_while(|(token, _)| token.word <= word)
        .filter(|(_, aside)| !**aside)
        .map(|(token, _)| token);
    let function = |token: &&Token| {
        let norm = token.norm.as_str();
        is_conjunction(norm) || is_subject(norm) || is_auxiliary(norm) || is_be(norm) || is_preposition(norm)
    };
    let meant: Vec<&Token> = next.clone().take(2 * TOPIC_WORDS).skip_while(function).collect();
    let words: Vec<&Token> = if meant.is_empty() { next.take(TOPIC_WORDS).collect() } else { meant };
    let mut quote = Vec::new();
    let mut words: Vec<&Token> = words.into_iter().take(TOPIC_WORDS).collect();
    // no quote ends in "in" or "the", unless that is all there is
    while words.len() > 1 && words.last().is_some_and(|token| function(token) || is_article(&token.norm)) {
        words.pop();
    }
    for token in words {
        let text = evidence.words[token.word].text.as_str();
        quote.push(text.trim_matches(|c: char| !c.is_alphanumeric()));
        if token.after >= Break::Comma {
            break;
        }
    }
    if quote.is_empty() { "at the end".to_owned() } else { format!("before “{}”", quote.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::super::fillers::{Marks, fillers};
    use super::super::tokens::{Tokens, tests::timed};

    fn places(text: &str) -> Vec<(u32, String)> {
        let evidence = timed(text, 0.0, 0.5, &[]);
        let tokens = Tokens::new(&evidence, &[]);
        let found = fillers(&evidence, &tokens, &Marks::new(&tokens), super::super::timing::answer(&evidence));
        found.clusters.into_iter().map(|cluster| (cluster.count, cluster.place)).collect()
    }

    #[test]
    fn finds_an_opening_and_a_burst_and_says_before_what() {
        let steady = "we ship the whole thing every single week to every shop in the country without a break";
        let text = format!(
            "Um, uh, {steady}. And then, um, we, uh, like, um, the payments database, it fell over. {steady}. Um, fine."
        );
        assert_eq!(places(&text), [(2, "opening".to_owned()), (4, "before “the payments database”".to_owned())]);
    }

    #[test]
    fn a_burst_at_the_very_end_has_no_topic() {
        let steady = "we ship the whole thing every single week to every shop in the country without a break";
        assert_eq!(places(&format!("{steady} um uh um")), [(3, "at the end".to_owned())]);
    }

    #[test]
    fn scattered_fillers_are_no_cluster() {
        let steady = "we ship the whole thing every single week to every shop";
        assert!(places(&format!("{steady} um {steady} um {steady} um")).is_empty());
    }
}
