//! From tokens to words, and from two readings of one window to one.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::speech::transcriber::Token;

/// A word of a reading, before it is laid on the waveform.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The word with its punctuation.
    pub text: String,
    /// When the recogniser thinks it begins, in seconds from the start of the window; `None` when it did not say.
    pub start_s: Option<f64>,
    /// When the recogniser thinks it ends; `None` when it did not say.
    pub end_s: Option<f64>,
    /// Mean probability of its tokens (geometric), 0 to 1.
    pub probability: f64,
    /// Probability of its least certain token, 0 to 1.
    pub doubt: f64,
    /// Share of the probability that fillers had where this word begins, 0 to 1.
    pub filler_share: f64,
}

impl Draft {
    /// The word in lower case without punctuation, for comparing.
    pub fn plain(&self) -> String {
        plain(&self.text)
    }
}

/// A word in lower case without anything but letters, digits and inner apostrophes.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || *c == '\'').flat_map(char::to_lowercase).collect()
}

/// Whether a word is a filled pause as recognisers spell them: um, umm, uh, uhm, er, erm, hmm, mm, ah.
pub fn is_filled_pause(text: &str) -> bool {
    let word = plain(text);
    let shape = |head: &str, tails: &[char]| {
        word.strip_prefix(head).is_some_and(|rest| rest.chars().all(|letter| tails.contains(&letter)))
    };
    match word.as_str() {
        "ah" | "ahh" | "mm" | "mmm" | "hm" | "eh" => true,
        _ => shape("um", &['m', 'h']) || shape("uh", &['h', 'm']) || shape("er", &['r', 'm']) || shape("hm", &['m']),
    }
}

/// Whether a word sounds like a filled pause to somebody who does not expect one: a lone weak vowel, with or without a
/// stop after it that is easily imagined.
pub fn sounds_like_filled_pause(text: &str) -> bool {
    matches!(plain(text).as_str(), "a" | "at" | "ah" | "oh" | "ar" | "or" | "are" | "of" | "her" | "uh-huh" | "eh")
}

/// Joins tokens into words. Descriptions of sounds (`[applause]`, `(laughs)`, `*coughs*`, `♪`) are no words and go.
pub fn words(tokens: &[Token]) -> Vec<Draft> {
    let mut groups: Vec<Vec<&Token>> = Vec::new();
    for token in tokens {
        match groups.last_mut() {
            Some(group) if !token.bytes.starts_with(b" ") => group.push(token),
            _ => groups.push(vec![token]),
        }
    }
    let mut drafts: Vec<Draft> = Vec::new();
    let mut description: Option<char> = None;
    for (index, group) in groups.iter().enumerate() {
        let bytes: Vec<u8> = group.iter().flat_map(|token| token.bytes.iter().copied()).collect();
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        if describes_sound(&text, &mut description) || text.is_empty() {
            continue;
        }
        if plain(&text).is_empty() {
            // punctuation that stands alone belongs to the word before it
            if let Some(last) = drafts.last_mut().filter(|_| text.chars().all(|c| c.is_ascii_punctuation())) {
                last.text.push_str(&text);
            }
            continue;
        }
        // punctuation is not spoken: it ends no word
        let spoken = group.iter().rposition(|token| token.bytes.iter().any(|b| b.is_ascii_alphanumeric() || *b > 127));
        let after = spoken.and_then(|at| group.get(at + 1)).or_else(|| groups.get(index + 1).map(|next| &next[0]));
        let logarithms: f64 = group.iter().map(|token| f64::from(token.probability.max(1e-6)).ln()).sum();
        drafts.push(Draft {
            text,
            start_s: group[0].start_s,
            end_s: after.and_then(|token| token.start_s),
            probability: (logarithms / group.len() as f64).exp(),
            doubt: group.iter().map(|token| f64::from(token.probability)).fold(1.0, f64::min),
            filler_share: f64::from(group[0].filler_share),
        });
    }
    drafts
}

/// Whether `text` is (part of) a description of a sound; `open` remembers the closing sign that is waited for.
fn describes_sound(text: &str, open: &mut Option<char>) -> bool {
    if let Some(close) = *open {
        if text.contains(close) {
            *open = None;
        }
        return true;
    }
    let close = match text.chars().next() {
        Some('[') => ']',
        Some('(') => ')',
        Some('*') => '*',
        Some('♪') => '♪',
        _ => return false,
    };
    if !text.chars().skip(1).any(|c| c == close) {
        *open = Some(close);
    }
    true
}

/// How many times a phrase may stand one after another before it is a loop of the decoder: people say "no, no, no".
const LOOP_TIMES: usize = 4;
/// Longest phrase of a loop, in words.
const LOOP_WORDS: usize = 8;

/// Where a loop of the decoder begins: the index after its second round, and the index after its last.
pub fn find_loop(drafts: &[Draft]) -> Option<(usize, usize)> {
    let plain: Vec<String> = drafts.iter().map(Draft::plain).collect();
    for start in 0..plain.len() {
        for length in 1..=LOOP_WORDS.min((plain.len() - start) / LOOP_TIMES) {
            let phrase = &plain[start..start + length];
            let times = plain[start..].chunks_exact(length).take_while(|round| *round == phrase).count();
            // one short word may be said more often than a phrase
            let allowed = if length == 1 { LOOP_TIMES + 2 } else { LOOP_TIMES };
            if times >= allowed {
                return Some((start + 2 * length, start + times * length));
            }
        }
    }
    None
}

/// Where nobody hesitates, the example of hesitant speech misleads the recogniser: the verbatim reading must be this much
/// more certain. Measured on 50 utterances read aloud and 8 spontaneous answers (README, “Accuracy”).
const FLUENT_BONUS: f64 = 0.1;
/// In hesitant speech the plain reading tidies: words that it alone has or leaves out must be this much more certain.
const ADDED_WORDS_MALUS: f64 = 0.2;
/// What a reading is trusted where it has no words at all.
const NOTHING_SAID: f64 = 0.5;

/// One reading from two: fillers and repetitions from the verbatim one, content from the one that is more certain.
///
/// Both are aligned without their fillers; where they differ, the one whose least certain token is more certain wins
/// (after Fiscus 1997, ROVER, with two systems). Words of the plain reading get no times of their own.
pub fn merge(verbatim: Vec<Draft>, plain_reading: &[Draft]) -> Vec<Draft> {
    if plain_reading.is_empty() {
        return verbatim;
    }
    let kept: Vec<usize> = (0..verbatim.len()).filter(|index| !is_filled_pause(&verbatim[*index].text)).collect();
    let content: Vec<&Draft> = plain_reading.iter().filter(|draft| !is_filled_pause(&draft.text)).collect();
    let ours: Vec<String> = kept.iter().map(|index| verbatim[*index].plain()).collect();
    let theirs: Vec<String> = content.iter().map(|draft| draft.plain()).collect();
    let fluent = kept.len() == verbatim.len();
    let mut replaced: Vec<(Vec<usize>, usize, Vec<Draft>)> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &ours, &theirs) {
        let (old, new) = (operation.old_range(), operation.new_range());
        if matches!(operation, DiffOp::Equal { .. }) {
            continue;
        }
        let before: Vec<usize> = kept[old.clone()].to_vec();
        let instead: Vec<Draft> = content[new].iter().map(|draft| (*draft).clone()).collect();
        if repeats(&verbatim, &before) && instead.is_empty() {
            continue;
        }
        let certain = |drafts: &mut dyn Iterator<Item = f64>| {
            drafts
                .fold(None, |least: Option<f64>, doubt| Some(least.map_or(doubt, |least| least.min(doubt))))
                .unwrap_or(NOTHING_SAID)
        };
        let trust_verbatim = certain(&mut before.iter().map(|index| verbatim[*index].doubt));
        let trust_plain = certain(&mut instead.iter().map(|draft| draft.doubt));
        let bonus = match (fluent, before.is_empty() || instead.is_empty()) {
            (true, _) => FLUENT_BONUS,
            (false, false) => 0.0,
            (false, true) => -ADDED_WORDS_MALUS,
        };
        if trust_verbatim < trust_plain + bonus {
            let at = kept.get(old.start).copied().unwrap_or(verbatim.len());
            replaced.push((before, at, instead));
        }
    }
    let mut merged = Vec::with_capacity(verbatim.len());
    for (index, draft) in verbatim.into_iter().enumerate() {
        for (_, _, instead) in replaced.iter().filter(|(_, at, _)| *at == index) {
            merged.extend(instead.iter().map(|draft| Draft { start_s: None, end_s: None, ..draft.clone() }));
        }
        if !replaced.iter().any(|(before, _, _)| before.contains(&index)) {
            merged.push(draft);
        }
    }
    let end = replaced.iter().filter(|(_, at, _)| *at >= ours.len().max(kept.last().map_or(0, |last| last + 1)));
    for (_, _, instead) in end {
        merged.extend(instead.iter().map(|draft| Draft { start_s: None, end_s: None, ..draft.clone() }));
    }
    merged
}

/// Whether the words at `indices` say again what stands right before or after them: "the the", "we were, we were".
fn repeats(drafts: &[Draft], indices: &[usize]) -> bool {
    let (Some(first), Some(last)) = (indices.first(), indices.last()) else { return false };
    let phrase: Vec<String> = indices.iter().map(|index| drafts[*index].plain()).collect();
    let content = |draft: &&Draft| !is_filled_pause(&draft.text);
    let before: Vec<String> = drafts[..*first].iter().filter(content).map(Draft::plain).collect();
    let after: Vec<String> = drafts[last + 1..].iter().filter(content).map(Draft::plain).collect();
    before.ends_with(&phrase) || after.starts_with(&phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, probability: f32, start_s: f64) -> Token {
        Token { bytes: text.as_bytes().to_vec(), probability, start_s: Some(start_s), filler_share: 0.0 }
    }

    fn drafts(text: &str, doubt: f64) -> Vec<Draft> {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| Draft {
                text: word.to_owned(),
                start_s: Some(0.0),
                end_s: Some(0.1),
                probability: doubt,
                doubt,
                filler_share: 0.0,
            })
            .collect()
    }

    fn text(drafts: &[Draft]) -> String {
        drafts.iter().map(|draft| draft.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn joins_tokens_and_takes_the_end_before_the_comma() {
        let tokens =
            [token(" Ter", 0.9, 0.0), token("raform", 0.4, 0.2), token(",", 0.5, 0.6), token(" then", 0.8, 1.0)];
        let words = words(&tokens);
        assert_eq!(text(&words), "Terraform, then");
        assert_eq!((words[0].start_s, words[0].end_s), (Some(0.0), Some(0.6)));
        assert!((words[0].doubt - 0.4).abs() < 1e-6);
    }

    #[test]
    fn descriptions_of_sounds_are_no_words() {
        let tokens = [
            token(" [", 0.5, 0.0),
            token("ap", 0.5, 0.0),
            token("plause", 0.5, 0.0),
            token("]", 0.5, 0.0),
            token(" (", 0.5, 0.0),
            token("upbeat", 0.5, 0.0),
            token(" music", 0.5, 0.0),
            token(")", 0.5, 0.0),
            token(" *", 0.5, 0.0),
            token("laughs", 0.5, 0.0),
            token("*", 0.5, 0.0),
            token(" thanks", 0.5, 0.0),
        ];
        assert_eq!(text(&words(&tokens)), "thanks");
    }

    #[test]
    fn knows_filled_pauses() {
        for word in ["um,", "Uh.", "umm", "uhm", "er", "erm", "Hmm...", "mm", "ah"] {
            assert!(is_filled_pause(word), "{word}");
        }
        for word in ["umbrella", "her", "error", "uh-huh", "a", "oh", "hum", "era"] {
            assert!(!is_filled_pause(word), "{word}");
        }
    }

    #[test]
    fn finds_loops_but_lets_people_repeat_themselves() {
        assert_eq!(find_loop(&drafts("no no no it was fine", 0.9)), None);
        assert_eq!(find_loop(&drafts("so we did we did we did we did we did", 0.9)), Some((5, 11)));
    }

    #[test]
    fn keeps_fillers_and_repetitions_and_takes_the_surer_words() {
        let verbatim = [drafts("um we the the moved", 0.9), drafts("reddies", 0.2), drafts("uh there", 0.9)].concat();
        let plain = [drafts("we the moved", 0.9), drafts("Redis", 0.8), drafts("there", 0.9)].concat();
        assert_eq!(text(&merge(verbatim, &plain)), "um we the the moved Redis uh there");
    }

    #[test]
    fn puts_words_at_the_end_that_only_the_plain_reading_has() {
        assert_eq!(text(&merge(drafts("um we moved", 0.9), &drafts("we moved it then", 0.9))), "um we moved it then");
        assert_eq!(text(&merge(drafts("we moved", 0.9), &[])), "we moved");
        assert_eq!(text(&merge(Vec::new(), &drafts("we moved", 0.9))), "we moved");
    }

    #[test]
    fn distrusts_a_reading_that_drops_confident_words() {
        let merged = merge(drafts("we moved um it", 0.9), &drafts("we moved everything over to it", 0.9));
        assert_eq!(text(&merged), "we moved um everything over to it");
    }
}
