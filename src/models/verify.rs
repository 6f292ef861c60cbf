//! Whether a model's files are the ones that were published.
//!
//! Hashing 150 MB at every start would be felt, so a file that was found good is remembered beside the model, together
//! with its size, its time of modification and its inode; a file that differs in any of these is hashed again.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::manifest::{Fingerprint, ModelFile};
use super::{LocatedModel, Model, ModelError, ggml};

/// The name and version of the memory's format.
const SCHEMA: &str = "viva.verified/1";
/// Bytes hashed at once.
const CHUNK: usize = 1 << 17;

/// What is remembered of a model's files.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    schema: String,
    files: BTreeMap<String, Remembered>,
}

/// A file that was found good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    bytes: u64,
    modified_ns: u128,
    inode: u64,
    sha256: String,
}

impl Remembered {
    fn new(metadata: &Metadata, sha256: String) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            bytes: metadata.len(),
            modified_ns: modified.map_or(0, |age| age.as_nanos()),
            inode: inode(metadata),
            sha256,
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// Checks a model before it is loaded and returns it with its checksum. A model of the manifest must have the published
/// bytes; another one must at least be a whole ggml file.
///
/// # Errors
///
/// [`ModelError::Damaged`] and [`ModelError::Format`] name the file, what was found and what was expected.
pub fn verify(model: &LocatedModel) -> Result<LocatedModel, ModelError> {
    let sha256 = if let (Some(entry), Some(directory)) = (model.entry, &model.directory) {
        verify_published(entry, directory)?
    } else {
        let file = File::open(&model.path).map_err(io_error(&model.path))?;
        ggml::check(file).map_err(|source| ModelError::Format { path: model.path.clone(), source })?;
        Some(sha256_of(&model.path).map_err(io_error(&model.path))?)
    };
    Ok(LocatedModel { sha256, ..model.clone() })
}

/// As [`verify`], but hashes every file whatever is remembered.
///
/// # Errors
///
/// As [`verify`].
pub fn verify_anew(model: &LocatedModel) -> Result<LocatedModel, ModelError> {
    if let (Some(entry), Some(directory)) = (model.entry, &model.directory) {
        // a memory that cannot be forgotten is one that could not be written: nothing stands in it
        let _ = std::fs::remove_file(sidecar(entry, directory));
    }
    verify(model)
}

/// Checks every file of `entry` in `directory`; the checksum is that of the first.
fn verify_published(entry: &Model, directory: &Path) -> Result<Option<String>, ModelError> {
    let memory = Memory::read(&sidecar(entry, directory));
    let mut first = None;
    for file in &entry.files {
        let path = directory.join(&file.path);
        let metadata = std::fs::metadata(&path).map_err(io_error(&path))?;
        let sha256 = match memory.files.get(&file.path) {
            Some(known) if memory.holds(file, &metadata) => known.sha256.clone(),
            _ => {
                let sha256 = check_file(&entry.name, &path, &metadata, &file.fingerprints())?;
                remember(entry, directory, file, sha256.clone());
                sha256
            }
        };
        first.get_or_insert(sha256);
    }
    Ok(first)
}

fn check_file(name: &str, path: &Path, metadata: &Metadata, builds: &[Fingerprint<'_>]) -> Result<String, ModelError> {
    let damaged = |found: String, expected: String| ModelError::Damaged {
        path: path.to_owned(),
        name: name.to_owned(),
        found,
        expected,
    };
    let any = |parts: Vec<String>| parts.join(" or ");
    if !builds.iter().any(|build| build.bytes == metadata.len()) {
        let expected = any(builds.iter().map(|build| build.bytes.to_string()).collect());
        return Err(damaged(format!("{} bytes", metadata.len()), format!("{expected} bytes")));
    }
    let sha256 = sha256_of(path).map_err(io_error(path))?;
    if builds.iter().any(|build| build.bytes == metadata.len() && build.sha256 == sha256) {
        Ok(sha256)
    } else {
        let expected = any(builds.iter().map(|build| build.sha256.to_owned()).collect());
        Err(damaged(format!("SHA-256 {sha256}"), expected))
    }
}

/// Whether the memory says that every file is good, without hashing anything.
pub fn is_remembered(entry: &Model, directory: &Path) -> bool {
    let memory = Memory::read(&sidecar(entry, directory));
    entry
        .files
        .iter()
        .all(|file| std::fs::metadata(directory.join(&file.path)).is_ok_and(|metadata| memory.holds(file, &metadata)))
}

/// Whether one file of `entry` is here and good; hashed only when it is not remembered.
pub(super) fn is_good(entry: &Model, directory: &Path, file: &ModelFile) -> bool {
    let path = directory.join(&file.path);
    let Ok(metadata) = std::fs::metadata(&path) else { return false };
    let builds = file.fingerprints();
    if Memory::read(&sidecar(entry, directory)).holds(file, &metadata) {
        return true;
    }
    let good = check_file(&entry.name, &path, &metadata, &builds);
    good.map(|sha256| remember(entry, directory, file, sha256)).is_ok()
}

/// Remembers that a file of `entry` was found to have this checksum.
pub(super) fn remember(entry: &Model, directory: &Path, file: &ModelFile, sha256: String) {
    let path = sidecar(entry, directory);
    if let Ok(metadata) = std::fs::metadata(directory.join(&file.path)) {
        let mut memory = Memory::read(&path);
        memory.files.insert(file.path.clone(), Remembered::new(&metadata, sha256));
        // a directory that cannot be written to only costs the time to hash again
        let _ = memory.write(&path);
    }
}

/// The file in which is remembered that `entry` was found good.
pub fn sidecar(entry: &Model, directory: &Path) -> PathBuf {
    directory.join(format!("{}.verified.json", entry.name))
}

/// SHA-256 of a file in lower-case hexadecimal digits.
///
/// # Errors
///
/// When the file cannot be read.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => hasher.update(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hexadecimal(&hasher.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ModelError + use<> {
    let path = path.to_owned();
    move |source| ModelError::Io { path, source }
}

impl Memory {
    /// Whether `file`, as it is now, was found to have one of the published checksums.
    fn holds(&self, file: &ModelFile, metadata: &Metadata) -> bool {
        self.files.get(&file.path).is_some_and(|known| {
            *known == Remembered::new(metadata, known.sha256.clone())
                && file.fingerprints().iter().any(|build| build.sha256 == known.sha256)
        })
    }

    /// A memory that cannot be read is none: everything is hashed again.
    fn read(path: &Path) -> Self {
        std::fs::read(path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok())
            .filter(|memory| memory.schema == SCHEMA)
            .unwrap_or_else(|| Self { schema: SCHEMA.to_owned(), files: BTreeMap::new() })
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.persist(path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Manifest;

    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    fn hello() -> (tempfile::TempDir, &'static Model) {
        let text = format!(
            "schema = 'viva.manifest/1'\n[[model]]\nname = 'hello'\nkind = 'voice'\nlicence = ''\nlanguages = ''\n\
             good_for = ''\n[[model.file]]\npath = 'hello.bin'\nbytes = 5\nsha256 = '{HELLO}'\n[[model.file.source]]\n\
             kind = 'publisher'\nurl = 'https://example.org/hello'\n"
        );
        let manifest: &'static Manifest = Box::leak(Box::new(Manifest::parse(&text).unwrap()));
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("hello.bin"), "hello").unwrap();
        (directory, manifest.model("hello").unwrap())
    }

    #[test]
    fn a_good_file_is_remembered_and_a_changed_one_is_hashed_again() {
        let (directory, entry) = hello();
        let model = LocatedModel::in_directory(entry, directory.path());
        assert!(!is_remembered(entry, directory.path()));
        assert_eq!(verify(&model).unwrap().sha256.as_deref(), Some(HELLO));
        assert!(is_remembered(entry, directory.path()));

        std::fs::write(&model.path, "jello").unwrap();
        assert!(!is_remembered(entry, directory.path()));
        let error = verify(&model).unwrap_err().to_string();
        assert!(error.contains("hello.bin") && error.contains(HELLO), "{error}");
        assert!(error.contains("`viva models remove hello` and `viva models fetch hello`"), "{error}");

        std::fs::write(&model.path, "hell").unwrap();
        let error = verify(&model).unwrap_err().to_string();
        assert!(error.contains("found 4 bytes, expected 5 bytes"), "{error}");
    }

    #[test]
    fn a_memory_of_other_bytes_is_not_trusted() {
        let (directory, entry) = hello();
        let model = LocatedModel::in_directory(entry, directory.path());
        verify(&model).unwrap();
        let path = sidecar(entry, directory.path());
        let other = std::fs::read_to_string(&path).unwrap().replace(HELLO, &"0".repeat(64));
        std::fs::write(&path, other).unwrap();
        assert!(!is_remembered(entry, directory.path()));
        assert_eq!(verify(&model).unwrap().sha256.as_deref(), Some(HELLO));
        std::fs::write(&path, "no json").unwrap();
        assert!(verify(&model).is_ok());
    }

    #[test]
    fn a_file_outside_the_manifest_must_be_a_model() {
        let (directory, _) = hello();
        let path = directory.path().join("hello.bin");
        let model = LocatedModel { name: "hello".into(), path, sha256: None, directory: None, entry: None };
        let error = verify(&model).unwrap_err().to_string();
        assert!(error.contains("found a file that begins with \"hell\""), "{error}");
    }
}
