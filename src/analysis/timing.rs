//! Pauses, rates and latencies (Goldman-Eisler 1968; Tavakoli & Skehan 2005; de Jong & Wempe 2009; de Jong & Bosker 2013).
//!
//! Pauses come from the waveform alone. With word times and no waveform, rates from the first to the last word can be
//! given and pauses cannot; with neither, only the counts.

use super::parts_of_speech::{
    is_article, is_auxiliary, is_be, is_preposition, is_subject, is_subject_pronoun, opens_clause,
};
use super::syllables::syllables;
use super::tokens::{Break, Token, Tokens, break_after};
use super::{Settings, fixed, pace};
use crate::evidence::{Evidence, Span};
use crate::feedback::{Pause, PausePosition, Timing};

/// Shortest answer for which a rate is given, in seconds: below it one word more or less decides.
pub(super) const SHORTEST_RATED_S: f64 = 3.0;
/// Articulation rates in syllables a second between which a rate counts as normal: conversational English lies between
/// 4.4 and 5.9 (Goldman-Eisler 1968), regional means between 4.6 and 5.4 (Jacewicz, Fox, O'Neill & Salmons 2009);
/// widened by about half a syllable, because syllables are counted in the dictionary's full forms.
const NORMAL_ARTICULATION: (f64, f64) = (3.8, 6.2);
/// Conversational speech rate in words a minute.
const CONVERSATIONAL_WPM: (f64, f64) = (130.0, 160.0);

/// The silent pauses: silences of at least `threshold_s` between two stretches of speech, in order. `None` without a
/// waveform. Silence before the first and after the last sound is no pause.
pub(super) fn silent_pauses(evidence: &Evidence, threshold_s: f64) -> Option<Vec<Span>> {
    let activity = speech(evidence)?;
    let gaps = activity.windows(2).map(|pair| Span { start_s: pair[0].end_s, end_s: pair[1].start_s });
    // a millisecond's grace: spans that were rounded must not lose a pause that is exactly as long as the threshold
    Some(gaps.filter(|gap| gap.duration_s() >= threshold_s - 0.0005).collect())
}

/// The stretches of speech, finite, in order, inside the recording and apart; `None` without a waveform.
pub(super) fn speech(evidence: &Evidence) -> Option<Vec<Span>> {
    let end_s = evidence.recording.as_ref().map_or(f64::INFINITY, |recording| recording.duration_s);
    let mut spans: Vec<Span> = evidence
        .activity
        .as_ref()?
        .iter()
        .filter(|span| span.start_s.is_finite() && span.end_s.is_finite())
        .map(|span| Span::new(span.start_s.clamp(0.0, end_s.max(0.0)), span.end_s.clamp(0.0, end_s.max(0.0))))
        .filter(|span| span.duration_s() > 0.0)
        .collect();
    spans.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start_s <= last.end_s => last.end_s = last.end_s.max(span.end_s),
            _ => apart.push(span),
        }
    }
    Some(apart)
}

/// From the first to the last sound of speech; from the first to the last word without a waveform; `None` without times.
pub(super) fn answer(evidence: &Evidence) -> Option<Span> {
    if let Some(speech) = speech(evidence) {
        return Some(Span { start_s: speech.first()?.start_s, end_s: speech.last()?.end_s });
    }
    let spans = || evidence.words.iter().filter_map(|word| word.span);
    let start_s = spans().map(|span| span.start_s).min_by(f64::total_cmp)?;
    let end_s = spans().map(|span| span.end_s).max_by(f64::total_cmp)?;
    Some(Span::new(start_s, end_s))
}

/// Measures the timing. `filler` tells which content words are lexical fillers.
pub(super) fn timing(evidence: &Evidence, tokens: &Tokens, filler: &[bool], settings: &Settings) -> Timing {
    let content = &tokens.content;
    let words = content.len() as u32;
    let syllable_count: u32 = content.iter().map(|token| syllables(&evidence.words[token.word].text)).sum();
    let mut timing = Timing { words: Some(words), syllables: Some(syllable_count), ..Timing::default() };
    let Some(answer) = answer(evidence) else { return timing };
    let first_content =
        content.iter().zip(filler).find(|(_, is_filler)| !**is_filler).and_then(|(token, _)| token.span);
    let answer_s = answer.duration_s();
    timing.answer_s = fixed(answer_s, 3);
    timing.response_latency_s = fixed(answer.start_s, 3);
    timing.content_latency_s = first_content.and_then(|span| fixed(span.start_s.max(answer.start_s), 3));
    let timed = content.iter().any(|token| token.span.is_some());
    let rated = answer_s >= SHORTEST_RATED_S && words > 0;
    if rated {
        timing.speech_rate_wpm = fixed(f64::from(words) * 60.0 / answer_s, 1);
    }
    if timed {
        timing.pace = pace::windows(content, answer);
    }
    if let Some(pauses) = silent_pauses(evidence, settings.pause_threshold_s) {
        // speaking time is what is no silent pause; shorter silences belong to articulation (de Jong & Bosker 2013)
        let speaking_s = answer_s - pauses.iter().map(|pause| pause.duration_s()).sum::<f64>();
        timing.speaking_s = fixed(speaking_s, 3);
        timing.phonation_time_ratio =
            (answer_s > 0.0).then_some(speaking_s / answer_s).and_then(|ratio| fixed(ratio, 3));
        timing.pause_threshold_s = fixed(settings.pause_threshold_s, 3);
        timing.longest_pause_s =
            pauses.iter().map(|pause| pause.duration_s()).max_by(f64::total_cmp).and_then(|longest| fixed(longest, 3));
        if rated && speaking_s > 0.0 {
            timing.articulation_rate_syl_per_s = fixed(f64::from(syllable_count) / speaking_s, 2);
            timing.mean_length_of_run_syl = fixed(f64::from(syllable_count) / (pauses.len() + 1) as f64, 1);
        }
        timing.pauses = pauses.iter().filter_map(|pause| placed(evidence, content, filler, *pause)).collect();
    }
    timing.pace_note = pace_note(&timing);
    timing
}

/// A pause with its position; `None` only for times that are no numbers.
fn placed(evidence: &Evidence, content: &[Token], filler: &[bool], pause: Span) -> Option<Pause> {
    let position = if at_boundary(evidence, content, filler, pause) {
        PausePosition::Boundary
    } else {
        PausePosition::WithinClause
    };
    Some(Pause { start_s: fixed(pause.start_s, 3)?, end_s: fixed(pause.end_s, 3)?, position })
}

/// Whether a pause stands between two clauses: after punctuation that a word which can end a clause carries, or before a
/// word that opens one. Fillers around the pause are looked past, and a comma in front of a filler is taken for the
/// hesitation itself unless a clause opens behind it.
fn at_boundary(evidence: &Evidence, content: &[Token], filler: &[bool], pause: Span) -> bool {
    let middle = |span: Span| f64::midpoint(span.start_s, span.end_s);
    let real = || content.iter().zip(filler).filter(|(_, is_filler)| !**is_filler).map(|(token, _)| token);
    let left = real().rfind(|token| token.span.is_some_and(|span| middle(span) < middle(pause)));
    let right = real().find(|token| token.span.is_some_and(|span| middle(span) >= middle(pause)));
    let (Some(left), Some(right)) = (left, right) else { return true };
    let own = break_after(&evidence.words[left.word].text);
    // a stop that a filler between them carries: "coins, basically. For"
    let between = evidence.words.get(left.word..right.word).unwrap_or_default();
    let stopped = between.iter().any(|word| break_after(&word.text) == Break::Stop);
    let hesitates = right.word > left.word + 1;
    let opens = opens_clause(&right.norm) || hesitates && is_subject(&right.norm);
    stopped || can_end_clause(&left.norm) && (opens || own == Break::Comma && !hesitates)
}

/// Whether a clause can end in the word: not in an article, "to", "was", "we" or "because".
fn can_end_clause(word: &str) -> bool {
    // "log in", "from before" end one
    let particle = matches!(word, "in" | "on" | "over" | "around" | "through" | "before" | "after");
    let open = is_article(word) || is_preposition(word) && !particle || word == "to";
    !(open || is_be(word) || is_subject_pronoun(word) && word != "you" || opens_clause(word))
        && !(is_auxiliary(word) && word.contains('\''))
}

/// One sentence that explains the pace: how fast the mouth moves, and how much is silence.
fn pace_note(timing: &Timing) -> Option<String> {
    let wpm = timing.speech_rate_wpm?;
    let (Some(articulation), Some(ratio)) = (timing.articulation_rate_syl_per_s, timing.phonation_time_ratio) else {
        return Some(format!(
            "{wpm:.0} wpm from the first word to the last; without the sound, pauses cannot be told from speech."
        ));
    };
    let (rate, normal) = match articulation {
        rate if rate < NORMAL_ARTICULATION.0 => ("slowly", false),
        rate if rate > NORMAL_ARTICULATION.1 => ("fast", false),
        _ => ("at a normal rate", true),
    };
    let silence = (1.0 - ratio) * 100.0;
    let cause = if normal && wpm < CONVERSATIONAL_WPM.0 && silence >= 20.0 {
        ": the pauses slow it down, not your speech"
    } else {
        ""
    };
    Some(format!(
        "{wpm:.0} wpm: you articulate {rate} ({articulation:.1} syllables/s), {silence:.0} % is silence{cause}."
    ))
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tests::{timed, transcript};
    use super::*;

    fn measured(evidence: &Evidence) -> Timing {
        let settings = Settings::default();
        let tokens = Tokens::new(evidence, &silent_pauses(evidence, settings.pause_threshold_s).unwrap_or_default());
        timing(evidence, &tokens, &vec![false; tokens.content.len()], &settings)
    }

    #[test]
    fn a_plain_transcript_has_counts_and_no_times() {
        let timing = measured(&transcript("We moved, um, the database in 2021."));
        assert_eq!((timing.words, timing.syllables), (Some(6), Some(12)));
        assert_eq!(Timing { words: None, syllables: None, ..timing }, Timing::default());
    }

    #[test]
    fn word_times_without_a_waveform_give_rates_and_no_pauses() {
        let timing = measured(&timed("We moved the whole database in one night .", 1.0, 0.5, &[]));
        assert_eq!(timing.answer_s, Some(4.5));
        assert_eq!(timing.speech_rate_wpm, Some(106.7));
        assert!(timing.pauses.is_empty() && timing.speaking_s.is_none() && timing.pause_threshold_s.is_none());
        assert!(timing.pace_note.unwrap().contains("without the sound"));
    }

    #[test]
    fn measures_what_the_waveform_shows() {
        // eight words of half a second, silence after the fourth; 10 syllables
        let mut evidence = timed("We moved the app, because nobody used it.", 2.0, 0.5, &[(4, 1.0)]);
        evidence.activity = Some(vec![Span::new(2.0, 3.0), Span::new(3.1, 4.0), Span::new(5.0, 7.0)]);
        let timing = measured(&evidence);
        assert_eq!(timing.answer_s, Some(5.0));
        assert_eq!(timing.response_latency_s, Some(2.0));
        assert_eq!(timing.speaking_s, Some(4.0));
        assert_eq!(timing.phonation_time_ratio, Some(0.8));
        assert_eq!(timing.speech_rate_wpm, Some(96.0));
        assert_eq!(timing.syllables, Some(11));
        assert_eq!(timing.articulation_rate_syl_per_s, Some(2.75));
        assert_eq!(timing.mean_length_of_run_syl, Some(5.5));
        assert_eq!(timing.longest_pause_s, Some(1.0));
        assert_eq!(timing.pauses, [Pause { start_s: 4.0, end_s: 5.0, position: PausePosition::Boundary }]);
        assert!(
            timing.pace_note.unwrap().starts_with("96 wpm: you articulate slowly (2.8 syllables/s), 20 % is silence")
        );
    }

    #[test]
    fn tells_pauses_inside_a_clause_from_those_between_clauses() {
        for (text, after, position) in [
            ("We moved the app. Then we slept.", 4, PausePosition::Boundary),
            ("We moved the app because it broke.", 4, PausePosition::Boundary),
            ("We moved the, um, app to Leeds.", 4, PausePosition::WithinClause),
            ("We moved the app to Leeds then.", 3, PausePosition::WithinClause),
            ("We moved it, um, and slept then.", 4, PausePosition::Boundary),
            ("We sold to, um, to schools and clubs.", 4, PausePosition::WithinClause),
            ("It was coins, basically. For three months.", 4, PausePosition::Boundary),
            ("Nobody had, um, looked at it then.", 3, PausePosition::WithinClause),
            ("We moved it, um, it was cold.", 4, PausePosition::Boundary),
            ("That was a, an app for dogs.", 3, PausePosition::WithinClause),
        ] {
            let mut evidence = timed(text, 0.0, 0.5, &[(after, 1.0)]);
            let at = after as f64 * 0.5;
            evidence.activity = Some(vec![Span::new(0.0, at), Span::new(at + 1.0, 4.5)]);
            assert_eq!(measured(&evidence).pauses[0].position, position, "{text}");
        }
    }

    #[test]
    fn nobody_spoke() {
        let timing = measured(&Evidence { activity: Some(Vec::new()), ..Evidence::default() });
        assert_eq!((timing.answer_s, timing.speech_rate_wpm, timing.speaking_s), (None, None, None));
    }
}
