//! Transcripts that were written elsewhere: plain text, words with times, and Viva's own documents.

mod error;
mod json;
mod text;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use error::TranscriptError;
pub use json::Document;

use crate::evidence::Word;

/// Larger files are no transcripts: four hours of speech are some 40 000 words, which as JSON with times take 6 MB.
pub const LARGEST_BYTES: u64 = 16 << 20;

/// More words than this are no answer: 200 a minute, which is fast, for as long as the longest recording.
pub const MOST_WORDS: usize = (crate::audio::MAX_DURATION_S / 60.0) as usize * 200;

/// Reads a plain transcript: words without times.
///
/// # Errors
/// [`TranscriptError`] when the file cannot be read, is too large, is no text, or holds no words.
pub fn read_text(path: &Path) -> Result<Vec<Word>, TranscriptError> {
    bounded(path, text::words(&text::decode(path, read(path)?)?))
}

/// Reads words with times, or a `viva.feedback/1` document.
///
/// # Errors
/// As [`read_text`], and when the text is no JSON or holds something else.
pub fn read_json(path: &Path) -> Result<Document, TranscriptError> {
    let mut document = json::parse(path, &text::decode(path, read(path)?)?)?;
    document.words = bounded(path, document.words)?;
    Ok(document)
}

fn bounded(path: &Path, words: Vec<Word>) -> Result<Vec<Word>, TranscriptError> {
    if !words.iter().any(|word| word.text.chars().any(char::is_alphanumeric)) {
        return Err(TranscriptError::NoWords { path: path.into() });
    }
    if words.len() > MOST_WORDS {
        return Err(TranscriptError::TooManyWords { path: path.into(), words: words.len() });
    }
    Ok(words)
}

fn read(path: &Path) -> Result<Vec<u8>, TranscriptError> {
    let io = |source| TranscriptError::from_io(path.into(), source);
    // asked before opening, because opening a FIFO waits for a writer
    let metadata = std::fs::metadata(path).map_err(io)?;
    if metadata.is_dir() {
        return Err(TranscriptError::Directory { path: path.into() });
    }
    if !metadata.is_file() {
        return Err(TranscriptError::NotAFile { path: path.into() });
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.take(LARGEST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err(TranscriptError::TooLarge { path: path.into() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error<T: std::fmt::Debug>(result: Result<T, TranscriptError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_read_is_named_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        let told = |text: &str| format!("{}: {text}", path.display());
        assert_eq!(error(read_text(&path)), told("no such file; check the spelling and the folder"));
        assert!(error(read_text(directory.path())).ends_with("is a folder, not a transcript; name the files in it"));
        for nothing in ["", " \n\t ", "… — !"] {
            std::fs::write(&path, nothing).unwrap();
            assert_eq!(error(read_text(&path)), told("holds no words; expected what was said, in full"));
        }
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(error(read_text(&path)).contains("is larger than 16 MB, expected the transcript of one answer"));
        std::fs::write(&path, "word ".repeat(MOST_WORDS + 1)).unwrap();
        assert!(error(read_text(&path)).contains("holds 48001 words, expected at most 48000"));
    }

    #[test]
    fn a_transcript_is_words_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        std::fs::write(&path, "Well, um,\r\nI'd start small.\n").unwrap();
        let words = read_text(&path).unwrap();
        assert_eq!(
            words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("|"),
            "Well,|um,|I'd|start|small."
        );
        assert!(words.iter().all(|word| word.span.is_none() && word.probability.is_none()));
    }
}
