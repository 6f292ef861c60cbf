use std::path::Path;

use super::TranscriptError;
use crate::evidence::{Word, WordSource};

/// Turns the bytes of a file into text: UTF-8 with or without its mark, or UTF-16 with it.
pub(super) fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, TranscriptError> {
    let wide = match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xFE, 0xFF, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        _ => None,
    };
    let text = if let Some((rest, unit)) = wide {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        let text = String::from_utf16(&units).ok().filter(|_| odd.is_empty());
        text.ok_or_else(|| TranscriptError::NotUtf16 { path: path.into() })?
    } else if bytes.contains(&0) {
        return Err(TranscriptError::Binary { path: path.into() });
    } else {
        String::from_utf8(bytes).map_err(|error| not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to()))?
    };
    if text.contains('\0') {
        return Err(TranscriptError::Binary { path: path.into() });
    }
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

/// The error for a byte that is no UTF-8 after `good` bytes that are.
fn not_utf8(path: &Path, bytes: &[u8], good: usize) -> TranscriptError {
    let before = String::from_utf8_lossy(bytes.get(..good).unwrap_or_default());
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    TranscriptError::NotUtf8 {
        path: path.into(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        byte: bytes.get(good).copied().unwrap_or_default(),
    }
}

/// The words of a plain transcript, without times.
pub(super) fn words(text: &str) -> Vec<Word> {
    text.split_whitespace()
        .map(|word| Word { text: word.to_owned(), span: None, probability: None, source: WordSource::Transcript })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8]) -> Result<String, String> {
        decode(Path::new("a.txt"), bytes.to_vec()).map_err(|error| error.to_string())
    }

    #[test]
    fn marks_of_the_encoding_are_read_and_taken_off() {
        assert_eq!(decoded(b"\xEF\xBB\xBFna\xC3\xAFve").unwrap(), "naïve");
        assert_eq!(decoded(b"\xFF\xFEn\0a\0\xEF\0v\0e\0").unwrap(), "naïve");
        assert_eq!(decoded(b"\xFE\xFF\0n\0a\0\xEF\0v\0e").unwrap(), "naïve");
    }

    #[test]
    fn what_is_no_text_is_told_with_its_place() {
        assert!(decoded(b"one\ntwo na\xEFve").unwrap_err().starts_with("a.txt:2:7: byte 0xEF is not UTF-8; save the"));
        assert!(decoded(b"RIFF\0\0\0\0WAVE").unwrap_err().starts_with("a.txt: holds binary data, not text"));
        assert!(decoded(b"\xFF\xFEa\0b").unwrap_err().contains("no valid UTF-16"));
        assert!(decoded(b"\xFF\xFE\0\xD8").unwrap_err().contains("no valid UTF-16"));
        assert!(decoded(b"\xFF\xFEa\0\0\0").unwrap_err().contains("binary data"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_text_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(text) = decoded(&bytes) {
                prop_assert!(words(&text).iter().all(|word| !word.text.contains(char::is_whitespace)));
            }
        }
    }
}
