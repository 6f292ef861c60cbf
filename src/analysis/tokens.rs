//! The words of an answer as the text measures read them: spelled alike, fillers apart, with the break on either side.

use crate::evidence::{Evidence, Span, Word, WordSource};

/// How strongly two neighbouring words are set apart, from weakest to strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// Nothing stands between them.
    None,
    /// A silent or a filled pause.
    Pause,
    /// A comma, a dash or dots.
    Comma,
    /// The end of a sentence, or of the answer.
    Stop,
}

/// A word that is no filled pause.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Index in [`Evidence::words`].
    pub word: usize,
    /// Lower case, no punctuation around it, straight apostrophes.
    pub norm: String,
    /// When it was said.
    pub span: Option<Span>,
    /// The recogniser's probability.
    pub probability: Option<f64>,
    /// Break between this word and the one before.
    pub before: Break,
    /// Break between this word and the one after.
    pub after: Break,
    /// Whether a filled pause stands between this word and the next.
    pub hesitates_after: bool,
    /// Whether the word was broken off: "wa-".
    pub cut_off: bool,
    /// Whether a question mark follows.
    pub asks: bool,
}

/// An answer's words, split in content and filled pauses.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    /// Words that are no filled pauses, in order.
    pub content: Vec<Token>,
    /// Indices in [`Evidence::words`] of the filled pauses.
    pub filled: Vec<usize>,
}

/// Abbreviations whose dot ends no sentence.
const ABBREVIATIONS: [&str; 10] = ["dr.", "e.g.", "i.e.", "mr.", "mrs.", "ms.", "no.", "st.", "u.s.", "vs."];

impl Tokens {
    /// Reads the words; `pauses` are the silent pauses, in order, that set words apart as a comma does.
    pub fn new(evidence: &Evidence, pauses: &[Span]) -> Self {
        let words = &evidence.words;
        let mut tokens = Self::default();
        // what has been seen since the last content word
        let (mut gap, mut hesitation) = (Break::Stop, false);
        for (index, word) in words.iter().enumerate() {
            if index > 0 && pause_between(&words[index - 1], word, pauses) {
                gap = gap.max(Break::Pause);
            }
            if word.text.starts_with(['-', '–', '—', '…', ',']) {
                gap = gap.max(Break::Comma);
            }
            let norm = normal(&word.text);
            let filled = is_filled_pause(words, index);
            if filled {
                tokens.filled.push(index);
                hesitation = true;
                gap = gap.max(Break::Pause);
            }
            if filled || norm.is_empty() {
                gap = gap.max(break_after(&word.text));
                continue;
            }
            if let Some(last) = tokens.content.last_mut() {
                (last.after, last.hesitates_after) = (gap, hesitation);
            }
            let after = break_after(&word.text);
            tokens.content.push(Token {
                word: index,
                norm,
                span: word.span,
                probability: word.probability,
                before: gap,
                after,
                hesitates_after: false,
                cut_off: is_cut_off(&word.text),
                asks: word.text.trim_end_matches(['"', '”', '\'', ')']).ends_with('?'),
            });
            (gap, hesitation) = (after, false);
        }
        if let Some(last) = tokens.content.last_mut() {
            (last.after, last.hesitates_after) = (Break::Stop, hesitation);
        }
        tokens
    }
}

/// Whether a silent pause lies at the border of two words. Word ends are stretched over pauses by recognisers, so the
/// pause's middle decides, not the word's end.
fn pause_between(left: &Word, right: &Word, pauses: &[Span]) -> bool {
    let (Some(left), Some(right)) = (left.span, right.span) else { return false };
    let middle = |span: Span| f64::midpoint(span.start_s, span.end_s);
    let first = pauses.partition_point(|pause| middle(*pause) < middle(left));
    pauses.get(first).is_some_and(|pause| middle(*pause) <= middle(right))
}

/// Lower case, without punctuation around it, with straight apostrophes.
pub(super) fn normal(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('’', "'")
}

/// The break that a word's own punctuation makes.
pub(super) fn break_after(text: &str) -> Break {
    let text = text.trim_end_matches(['"', '”', '’', '\'', ')', ']', ' ']);
    if text.ends_with("...") || text.ends_with([',', ';', ':', '—', '–', '-', '…']) {
        Break::Comma
    } else if text.ends_with(['?', '!'])
        || text.ends_with('.') && !ABBREVIATIONS.contains(&text.to_lowercase().as_str())
    {
        Break::Stop
    } else {
        Break::None
    }
}

fn is_cut_off(text: &str) -> bool {
    let text = text.trim_end_matches([',', '.', '?', '!', '"', '”']);
    text.ends_with(['-', '–', '—']) && text.chars().any(char::is_alphabetic)
}

/// Whether a word is a filled pause: um, umm, uh, uhm, er, erm, hmm, mm, ah, or any sound that only the waveform shows.
pub(super) fn is_filled_pause(words: &[Word], index: usize) -> bool {
    let word = &words[index];
    if word.source == WordSource::Acoustic {
        return true;
    }
    let bare: String = word.text.chars().filter(|c| c.is_alphanumeric()).collect();
    let norm = bare.to_lowercase();
    let before = index.checked_sub(1).map(|at| normal(&words[at].text)).unwrap_or_default();
    match norm.as_str() {
        // the ER of a hospital, five mm, to err
        "er" | "mm" if bare.chars().all(char::is_uppercase) => false,
        "mm" => !before.ends_with(|c: char| c.is_ascii_digit()),
        "err" => !matches!(before.as_str(), "to" | "we" | "i" | "you" | "they"),
        _ => sounds_filled(&norm),
    }
}

/// `u+m+`, `u+h+m*`, `e+r+m*`, `h+m+`, `m{2,}`, `a+h+`.
fn sounds_filled(norm: &str) -> bool {
    let after = |text: &str, letter: char| -> Option<String> {
        text.starts_with(letter).then(|| text.trim_start_matches(letter).to_owned())
    };
    let ends_in = |rest: Option<String>, letter: char, least: bool| {
        rest.is_some_and(|rest| (!least || !rest.is_empty()) && rest.trim_start_matches(letter).is_empty())
    };
    ends_in(after(norm, 'u'), 'm', true)
        || ends_in(after(norm, 'u').and_then(|rest| after(&rest, 'h')), 'm', false)
        || ends_in(after(norm, 'e').and_then(|rest| after(&rest, 'r')), 'm', false)
        || ends_in(after(norm, 'h'), 'm', true)
        || ends_in(after(norm, 'a'), 'h', true)
        || norm.len() > 1 && ends_in(after(norm, 'm'), 'm', false)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Evidence of a plain transcript.
    pub fn transcript(text: &str) -> Evidence {
        let words = text
            .split_whitespace()
            .map(|text| Word { text: text.to_owned(), span: None, probability: None, source: WordSource::Transcript })
            .collect();
        Evidence { words, ..Evidence::default() }
    }

    /// Evidence of words that take `each_s` seconds from `start_s` on, with silences after so many words. No waveform.
    pub fn timed(text: &str, start_s: f64, each_s: f64, silences: &[(usize, f64)]) -> Evidence {
        let mut evidence = transcript(text);
        let mut at_s = start_s;
        for (index, word) in evidence.words.iter_mut().enumerate() {
            at_s += silences.iter().filter(|(after, _)| *after == index).map(|(_, silence_s)| silence_s).sum::<f64>();
            word.span = Some(Span::new(at_s, at_s + each_s));
            at_s += each_s;
        }
        evidence
    }

    #[test]
    fn tells_filled_pauses_from_words() {
        for text in [
            "um", "Umm,", "ummm...", "uh", "Uhh,", "uhm", "er,", "erm", "Errm", "hmm", "Hm.", "mm", "mmm", "ah", "Ahh,",
        ] {
            assert!(is_filled_pause(&transcript(text).words, 0), "{text}");
        }
        for text in ["umbrella", "her", "the", "m", "u", "ohm", "huh", "hum", "aha", "era", "ER", "a", "", "—", "mhm"]
        {
            assert!(!is_filled_pause(&transcript(&format!("{text} x")).words, 0), "{text}");
        }
        assert!(!is_filled_pause(&transcript("5 mm").words, 1));
        assert!(!is_filled_pause(&transcript("to err").words, 1));
    }

    #[test]
    fn reads_breaks_from_punctuation_and_filled_pauses() {
        use Break::{Comma, None, Pause, Stop};
        let tokens = Tokens::new(&transcript("So um we moved, like — all of it. Done wa- want"), &[]);
        let breaks: Vec<_> = tokens.content.iter().map(|token| (token.norm.as_str(), token.before)).collect();
        assert_eq!(
            breaks,
            [
                ("so", Stop),
                ("we", Pause),
                ("moved", None),
                ("like", Comma),
                ("all", Comma),
                ("of", None),
                ("it", None),
                ("done", Stop),
                ("wa", None),
                ("want", Comma)
            ]
        );
        assert_eq!(tokens.filled, [1]);
        assert!(tokens.content[8].cut_off && tokens.content[0].hesitates_after);
    }

    #[test]
    fn a_silent_pause_sets_words_apart_even_when_the_word_is_stretched_over_it() {
        let word = |text: &str, start_s, end_s| Word {
            text: text.to_owned(),
            span: Some(Span::new(start_s, end_s)),
            probability: None,
            source: WordSource::Transcript,
        };
        let evidence = Evidence { words: vec![word("we", 0.0, 0.9), word("moved", 1.0, 1.4)], ..Evidence::default() };
        let tokens = Tokens::new(&evidence, &[Span::new(0.3, 0.95)]);
        assert_eq!(tokens.content[1].before, Break::Pause);
    }
}
