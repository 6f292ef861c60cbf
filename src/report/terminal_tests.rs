use unicode_width::UnicodeWidthStr;

use super::*;
use crate::report::sample;

fn plain(feedback: &Feedback, width: usize) -> String {
    anstream::adapter::strip_str(&terminal(feedback, width)).to_string()
}

#[test]
fn a_full_report_at_80_columns() {
    insta::assert_snapshot!(plain(&sample::rich(), 80));
}

#[test]
fn a_full_report_at_120_columns() {
    insta::assert_snapshot!(plain(&sample::rich(), 120));
}

#[test]
fn a_transcript_has_no_times_and_no_zeros() {
    let text = plain(&sample::transcript_only(), 80);
    assert!(!text.contains("0.0") && !text.contains(" 0 ") && !text.contains("0:00"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn an_unscorable_recording_gets_the_reason_and_no_figure() {
    let text = plain(&sample::unscorable(), 80);
    assert!(!text.contains("words a minute") && !text.contains("Timing") && !text.contains("Fillers"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for feedback in [sample::rich(), sample::transcript_only(), sample::unscorable(), sample::hostile()] {
        for width in [40, 52, 60, 72, 80, 100, 120, 200] {
            for line in plain(&feedback, width).lines() {
                assert!(line.width() <= width, "{} > {width}: {line:?}", line.width());
            }
        }
    }
}

#[test]
fn text_from_outside_cannot_steer_the_terminal() {
    let text = terminal(&sample::hostile(), 80);
    // the only escapes are styles of our own
    for (at, _) in text.match_indices('\u{1b}') {
        let sequence: String = text[at + 1..].chars().take_while(|c| *c != 'm').collect();
        assert!(
            sequence.starts_with('[') && sequence[1..].chars().all(|c| c.is_ascii_digit() || c == ';'),
            "{sequence:?}"
        );
    }
    let plain = plain(&sample::hostile(), 80);
    assert!(!plain.chars().any(|c| c != '\n' && c.is_control()), "{plain:?}");
    assert!(!plain.contains('\u{202e}'));
    assert!(!plain.contains("NaN") && !plain.contains("inf"), "{plain}");
}

#[test]
fn a_question_is_asked_for_when_there_was_none() {
    assert!(plain(&sample::transcript_only(), 80).contains("no question was given"));
}
