use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::feedback::{Feedback, SCHEMA};
use crate::report::{html, json};
use crate::session::private;

/// Bytes from which a file is known for one of Viva's own.
const HEAD_BYTES: u64 = 1024;

/// The files that results are kept in.
pub(super) struct Results {
    sources: Vec<PathBuf>,
    report: Option<PathBuf>,
    /// For each source, the path of its results without an extension; empty when none are kept.
    stems: Vec<PathBuf>,
}

impl Results {
    /// Finds a place for every result before anything is scored.
    ///
    /// # Errors
    /// When `report` would take several results or the place of a source, or when the directory cannot be made.
    pub(super) fn new(sources: &[PathBuf], report: Option<PathBuf>, out: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(report) = &report {
            check_report(report, sources)?;
        }
        let stems = match out {
            None => Vec::new(),
            Some(directory) => {
                ensure!(
                    directory.is_dir() || !directory.exists(),
                    "{}: --out needs a directory, and this is a file; name another",
                    directory.display()
                );
                private::create_directory(&directory)
                    .with_context(|| format!("{}: the directory for --out cannot be made", directory.display()))?;
                stems(sources, &directory)
            }
        };
        Ok(Self { sources: sources.to_vec(), report, stems })
    }

    /// The file that a result is about.
    pub(super) fn source(&self, index: usize) -> &Path {
        self.sources.get(index).map_or(Path::new(""), PathBuf::as_path)
    }

    /// Whether anything is kept in files.
    pub(super) fn are_kept(&self) -> bool {
        self.report.is_some() || !self.stems.is_empty()
    }

    /// Keeps one result, and says where it was put; `None` when no files were asked for.
    ///
    /// # Errors
    /// When a file cannot be written; names it.
    pub(super) fn keep(&self, index: usize, feedback: &Feedback) -> anyhow::Result<Option<String>> {
        let mut written = Vec::new();
        let mut put = |path: &Path, text: &str| {
            private::write(path, text.as_bytes()).with_context(|| format!("{}: cannot be written", path.display()))?;
            written.push(path.display().to_string());
            anyhow::Ok(())
        };
        if let Some(stem) = self.stems.get(index) {
            put(&with_end(stem, ".json"), &json::document(feedback)?)?;
            put(&with_end(stem, ".html"), &html(feedback))?;
        }
        if let Some(report) = &self.report {
            put(report, &html(feedback))?;
        }
        Ok((!written.is_empty()).then(|| format!("written: {}", written.join(" and "))))
    }
}

fn check_report(report: &Path, sources: &[PathBuf]) -> anyhow::Result<()> {
    let shown = report.display();
    ensure!(
        sources.len() == 1,
        "{shown}: --report takes one answer, and there are {}; use --out DIR, which writes a report for each",
        sources.len()
    );
    let extension = report.extension().unwrap_or_default();
    let is_html = ["html", "htm"].iter().any(|end| extension.eq_ignore_ascii_case(end));
    ensure!(is_html, "{shown}: --report writes HTML; give it a name that ends in .html");
    ensure!(!report.is_dir(), "{shown}: --report needs a file, and this is a directory; name one in it");
    if let Some(parent) = report.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.is_dir()) {
        bail!("{shown}: there is no directory {}; make it first, or use --out", parent.display());
    }
    Ok(())
}

/// For each source a path in `directory` of its own, by its name. Files that Viva did not write are left alone.
fn stems(sources: &[PathBuf], directory: &Path) -> Vec<PathBuf> {
    let read: HashSet<PathBuf> = sources.iter().filter_map(|source| source.canonicalize().ok()).collect();
    let mut taken = HashSet::new();
    let free = |stem: &Path| {
        [".json", ".html"].iter().all(|end| {
            let path = with_end(stem, end);
            let is_read = path.canonicalize().is_ok_and(|path| read.contains(&path));
            !is_read && (!path.exists() || is_ours(&path))
        })
    };
    let mut stems = Vec::with_capacity(sources.len());
    for source in sources {
        let name = source.file_stem().unwrap_or(OsStr::new("answer"));
        let mut number = 1;
        let stem = loop {
            let mut numbered = name.to_owned();
            if number > 1 {
                numbered.push(format!("-{number}"));
            }
            let stem = directory.join(numbered);
            // names that differ in case only are one file on some systems
            if !taken.contains(&stem.as_os_str().to_ascii_lowercase()) && free(&stem) {
                break stem;
            }
            number += 1;
        };
        taken.insert(stem.as_os_str().to_ascii_lowercase());
        stems.push(stem);
    }
    stems
}

/// A path with something after its name; a dot in the name is no extension.
fn with_end(stem: &Path, end: &str) -> PathBuf {
    let mut path = OsString::from(stem);
    path.push(end);
    path.into()
}

/// Whether a file is one that Viva wrote.
fn is_ours(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    read.is_ok()
        && (text.contains(&format!("\"schema\": \"{SCHEMA}\"")) || text.contains("name=\"generator\" content=\"viva"))
}
