use std::io;
use std::path::PathBuf;

use super::{LARGEST_BYTES, MOST_WORDS};

/// What a `.json` transcript may be, for messages.
pub(super) const EXPECTED: &str = "a viva.feedback/1 document, or words with times: [{\"text\": \"so\", \"start_s\": 0.4, \"end_s\": 0.6}, …], \
     {\"words\": […]} or {\"segments\": [{\"words\": […]}]}";

/// Why a transcript could not be read. Each message is one line: the file, what was found, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TranscriptError {
    /// There is nothing at the path.
    #[error("{}: no such file; check the spelling and the folder", path.display())]
    NotFound {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The path is a folder.
    #[error("{}: is a folder, not a transcript; name the files in it", path.display())]
    Directory {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The path is a device, a pipe or a socket.
    #[error("{}: is a device or a pipe, not a file; save the transcript to a file first", path.display())]
    NotAFile {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The operating system says no.
    #[error("{}: cannot be read: {source}; check who owns the file (ls -l) and the disk", path.display())]
    Read {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file holds no word.
    #[error("{}: holds no words; expected what was said, in full", path.display())]
    NoWords {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file is far larger than any answer.
    #[error("{}: is larger than {} MB, expected the transcript of one answer; cut out the part to be scored",
        path.display(), LARGEST_BYTES >> 20)]
    TooLarge {
        /// The path as it was given.
        path: PathBuf,
    },
    /// There are more words than anybody says in the longest recording.
    #[error("{}: holds {words} words, expected at most {MOST_WORDS}; cut out the part to be scored", path.display())]
    TooManyWords {
        /// The path as it was given.
        path: PathBuf,
        /// How many words there are.
        words: usize,
    },
    /// The file is no text at all.
    #[error("{}: holds binary data, not text; if it is a recording, give it the extension that it had", path.display())]
    Binary {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The text is written in another encoding than UTF-8 or UTF-16 with its mark.
    #[error("{}:{line}:{column}: byte 0x{byte:02X} is not UTF-8; save the file as UTF-8 (from an old Windows encoding: \
        iconv -f WINDOWS-1252 -t UTF-8)", path.display())]
    NotUtf8 {
        /// The path as it was given.
        path: PathBuf,
        /// Line of the byte, from 1.
        line: usize,
        /// Column of the byte in characters, from 1.
        column: usize,
        /// The byte.
        byte: u8,
    },
    /// The text is damaged UTF-16.
    #[error("{}: begins with the mark of UTF-16 and is no valid UTF-16; save the file as UTF-8", path.display())]
    NotUtf16 {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The text is no JSON, or a value in it is not what it should be.
    #[error("{}:{line}:{column}: {found}; expected {expected}", path.display())]
    Json {
        /// The path as it was given.
        path: PathBuf,
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
        /// What is wrong there.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// The JSON is something else than a transcript.
    #[error("{}:1:1: holds {found}; expected {EXPECTED}", path.display())]
    Shape {
        /// The path as it was given.
        path: PathBuf,
        /// What it holds.
        found: String,
    },
    /// The document was written under a version of the contract that is not read.
    #[error("{}: is a {found:?} document, expected {:?}; a newer Viva reads it, or score the recording again",
        path.display(), crate::feedback::SCHEMA)]
    OtherVersion {
        /// The path as it was given.
        path: PathBuf,
        /// Its schema.
        found: String,
    },
    /// The document is of a recording that could not be judged, so that it holds no words.
    #[error("{}: is the document of a recording that could not be judged, so it holds no words; score a recording", path.display())]
    Unscorable {
        /// The path as it was given.
        path: PathBuf,
    },
}

impl TranscriptError {
    /// The error for what the operating system said while a file was opened or read.
    pub(super) fn from_io(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::IsADirectory => Self::Directory { path },
            _ => Self::Read { path, source },
        }
    }
}
