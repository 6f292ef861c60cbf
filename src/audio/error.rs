//! What can be wrong with a recording: errors when it cannot be used, warnings when it can.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::audio::{FILE_RATES_HZ, MAX_CHANNELS, MAX_DURATION_S};
use crate::evidence::Remark;

/// Why a recording could not be read or written. Each message is one line: the file, what was found, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// There is nothing at the path.
    #[error("{}: no such file; check the spelling and the folder", path.display())]
    NotFound {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The path is a folder.
    #[error("{}: is a folder, not a recording; name the files in it", path.display())]
    Directory {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The path is a device, a pipe or a socket.
    #[error("{}: is a device or a pipe, not a file; save the recording to a file first", path.display())]
    NotAFile {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The user may not read or write there.
    #[error("{}: permission denied; check who owns the file and its folder (ls -l)", path.display())]
    Permission {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The operating system failed.
    #[error("{}: cannot be read: {source}; check the disk or copy the file elsewhere", path.display())]
    Read {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("{}: cannot be written: {reason}; check that the folder exists and the disk is not full", path.display())]
    Write {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// The file has no bytes.
    #[error("{}: is empty (0 bytes); record it again or copy it again", path.display())]
    Empty {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file is something else than sound.
    #[error(
        "{}: is {found}, not a recording; expected WAV, FLAC, MP3, M4A, Ogg Vorbis, AIFF or CAF",
        path.display()
    )]
    NotAudio {
        /// The path as it was given.
        path: PathBuf,
        /// What it seems to be: "text", "a PDF document".
        found: String,
    },
    /// The file holds sound in a codec or container that is not read.
    #[error(
        "{}: holds {found}, which cannot be read; convert it first: ffmpeg -i {} -ac 1 -ar 16000 {}",
        path.display(), quoted(path), quoted(&converted(path))
    )]
    Unsupported {
        /// The path as it was given.
        path: PathBuf,
        /// The codec or container: "Opus".
        found: String,
    },
    /// The container holds no sound.
    #[error("{}: holds {found} and no sound; choose a file with a sound track", path.display())]
    NoSound {
        /// The path as it was given.
        path: PathBuf,
        /// What it holds: "a video track".
        found: String,
    },
    /// The header cannot be understood.
    #[error("{}: is damaged: {found}; expected {expected}; copy or export it again", path.display())]
    Damaged {
        /// The path as it was given.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// There is a header and not one sample.
    #[error("{}: has a header and no samples, as a recorder leaves it that never started; record it again", path.display())]
    NoSamples {
        /// The path as it was given.
        path: PathBuf,
    },
    /// Every sample is NaN or infinite.
    #[error("{}: all {count} samples are NaN or infinite; export it again as 16-bit WAV", path.display())]
    AllNotNumbers {
        /// The path as it was given.
        path: PathBuf,
        /// How many samples there are.
        count: u64,
    },
    /// The sampling rate is outside of what is read.
    #[error(
        "{}: its header says {rate_hz} Hz; expected {} to {} Hz; resample or export it again",
        path.display(), FILE_RATES_HZ.start(), FILE_RATES_HZ.end()
    )]
    Rate {
        /// The path as it was given.
        path: PathBuf,
        /// The rate that was found, in hertz.
        rate_hz: u32,
    },
    /// The number of channels is outside of what is read.
    #[error(
        "{}: its header says {channels} channels; expected 1 to {MAX_CHANNELS}; export it again as mono",
        path.display()
    )]
    Channels {
        /// The path as it was given.
        path: PathBuf,
        /// The number that was found.
        channels: u64,
    },
    /// The recording is longer than [`MAX_DURATION_S`].
    #[error(
        "{}: is longer than {} hours; cut out the part to be scored: ffmpeg -i {} -t 3600 {}",
        path.display(), MAX_DURATION_S / 3600.0, quoted(path), quoted(&converted(path))
    )]
    TooLong {
        /// The path as it was given.
        path: PathBuf,
    },
}

impl AudioError {
    /// The error for what the operating system said while a file was opened or read.
    pub(super) fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::Permission { path },
            io::ErrorKind::IsADirectory => Self::Directory { path },
            _ => Self::Read { path, source },
        }
    }

    /// A header that cannot be understood.
    pub(super) fn damaged(path: &Path, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), found: found.into(), expected: expected.into() }
    }
}

/// Where a converted copy would go: beside the original, with a name that is not taken by it.
fn converted(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-16k.wav"))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+@[]".contains(letter);
    if text.chars().all(plain) && !text.starts_with('-') { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// What was wrong with a recording that could be read all the same.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AudioWarning {
    /// The header promises more sound than the file holds.
    CutShort {
        /// Length that was promised, in seconds.
        promised_s: f64,
        /// Length that was found, in seconds.
        found_s: f64,
    },
    /// The header gives no length, or one that is too short, as a recorder leaves it that was killed.
    Unfinished {
        /// Length that was found, in seconds.
        found_s: f64,
    },
    /// Parts could not be decoded; silence stands in their place where their length is known.
    Dropped {
        /// How many packets.
        packets: u64,
    },
    /// Samples that are NaN, infinite or beyond all reason were replaced by silence.
    NotNumbers {
        /// How many samples.
        count: u64,
        /// Of how many.
        total: u64,
    },
    /// The channels cancel each other, so only the loudest was used.
    OutOfPhase {
        /// The channel that was used, from 1.
        channel: usize,
    },
    /// Floating-point samples go far beyond full scale; they were scaled down.
    BeyondFullScale {
        /// The highest absolute sample.
        peak: f32,
    },
}

impl AudioWarning {
    /// A short stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CutShort { .. } | Self::Unfinished { .. } => "interrupted",
            Self::Dropped { .. } => "damaged",
            Self::NotNumbers { .. } => "not_numbers",
            Self::OutOfPhase { .. } => "out_of_phase",
            Self::BeyondFullScale { .. } => "beyond_full_scale",
        }
    }
}

impl fmt::Display for AudioWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort { promised_s, found_s } => write!(
                f,
                "The file promises {promised_s:.1} s and ends after {found_s:.1} s; what is there was read. Copy it \
                 again if the end is missing."
            ),
            Self::Unfinished { found_s } => write!(
                f,
                "The header does not say how long the recording is, as when a recorder is stopped by force or writes \
                 to a pipe; all {found_s:.1} s in the file were read."
            ),
            Self::Dropped { packets: 1 } => {
                write!(f, "One damaged part of the file was replaced by silence; copy the file again if you can.")
            }
            Self::Dropped { packets } => write!(
                f,
                "{packets} damaged parts of the file were replaced by silence; copy the file again if you can."
            ),
            Self::NotNumbers { count, total } => write!(
                f,
                "{count} of {total} samples are not numbers and were replaced by silence; export the file again."
            ),
            Self::OutOfPhase { channel } => write!(
                f,
                "The channels cancel each other, as with a wrongly wired cable; only channel {channel} was used."
            ),
            Self::BeyondFullScale { peak } => {
                write!(f, "Samples reach {peak:.1} times full scale; the recording was scaled down to fit.")
            }
        }
    }
}

impl From<&AudioWarning> for Remark {
    fn from(warning: &AudioWarning) -> Self {
        Self { code: warning.code().into(), message: warning.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_becomes_advice() {
        let told = |kind: io::ErrorKind| AudioError::from_io(Path::new("a b.wav"), kind.into()).to_string();
        assert_eq!(
            told(io::ErrorKind::PermissionDenied),
            "a b.wav: permission denied; check who owns the file and its folder (ls -l)"
        );
        assert_eq!(told(io::ErrorKind::NotFound), "a b.wav: no such file; check the spelling and the folder");
        assert_eq!(
            told(io::ErrorKind::TimedOut),
            "a b.wav: cannot be read: timed out; check the disk or copy the file elsewhere"
        );
    }

    #[test]
    fn commands_in_messages_can_be_pasted_into_a_shell() {
        let told = |path: &str| AudioError::TooLong { path: path.into() }.to_string();
        assert_eq!(
            told("talks/day 1.mp3"),
            "talks/day 1.mp3: is longer than 4 hours; cut out the part to be scored: ffmpeg -i 'talks/day 1.mp3' -t \
             3600 'talks/day 1-16k.wav'"
        );
        assert!(told("it's.mp3").contains(r"-i 'it'\''s.mp3' "));
        assert!(told("-y.mp3").contains("-i '-y.mp3' ") || told("-y.mp3").contains("-i ./-y.mp3 "));
    }
}
