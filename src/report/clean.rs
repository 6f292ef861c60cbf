use std::borrow::Cow;

/// Stands where a character was taken out.
const REPLACEMENT: char = '\u{FFFD}';

/// Makes text from outside safe to show on one line: white space becomes a space, and control characters (escape
/// sequences for terminals begin with one), bidirectional overrides, invisible and private tag characters become
/// U+FFFD, so that nothing in a bank, a file name or a transcript can colour, move, hide or reorder what is on the
/// screen (Boucher & Anderson 2021 show what the latter can do). Joiners stay: scripts and emoji need them.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| safe(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(safe).collect())
}

/// As [`clean`], but lines stay lines: for messages of several lines that quote text from outside.
pub fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

fn safe(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        // marks, embeddings, overrides and isolates of direction
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        // invisible: zero-width space, word joiner and operators, deprecated format characters, byte order mark
        | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}'
        // annotations and tags
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' => REPLACEMENT,
        c if c.is_control() => REPLACEMENT,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}]0;title\u{7}"), "�[31mred�]0;title�");
        assert_eq!(clean("\u{9b}31m"), "�31m");
        assert_eq!(clean_lines("a\u{1b}[1m\r\nb\n"), "a�[1m\nb");
        assert_eq!(clean("a\r\nb\tc"), "a  b c");
        assert_eq!(clean("user\u{202e}gnp.exe"), "user�gnp.exe");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "Ça va – “naïve” 日本語 👩‍🚀 नमस्ते";
        assert!(matches!(clean(text), Cow::Borrowed(same) if same == text));
    }

    proptest! {
        #[test]
        fn nothing_that_moves_the_cursor_remains(text in any::<String>()) {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.chars().any(char::is_control));
            prop_assert_eq!(cleaned.chars().count(), text.chars().count());
            prop_assert_eq!(clean(&cleaned), cleaned.as_ref());
        }
    }
}
