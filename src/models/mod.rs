//! Models: the manifest, where they lie, fetching, conversion, verification.
//!
//! [`ready`] finds a model by name or path and checks it against the manifest before it is loaded; [`mod@fetch`] gets it.
//! Nothing else in Viva uses the network.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub mod convert;
pub mod ct2;
pub mod fetch;
pub mod ggml;
pub mod manifest;
pub mod mel;
pub mod places;
#[cfg(test)]
mod sample;
pub mod verify;

pub use manifest::{Kind, Manifest, Model, manifest};
pub use verify::verify;

use manifest::ManifestError;
use places::Places;

/// Names as different as this are no misspellings of each other (Jaro–Winkler similarity, 0 to 1).
const LIKELY_MEANT: f64 = 0.8;

/// Why a model cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// No model is called that.
    #[error("there is no model called {name:?}{}; known models: {}", meant(.suggestion.as_deref()), .known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
        /// All names.
        known: Vec<String>,
    },
    /// The model is known, but not here.
    #[error(
        "the model {name} is not on this machine (looked in {}): fetch it with `viva models fetch {name}` ({})",
        list(.directories),
        megabytes(*.bytes)
    )]
    NotFetched {
        /// The model.
        name: String,
        /// Its size.
        bytes: u64,
        /// Where it was looked for.
        directories: Vec<PathBuf>,
    },
    /// A path leads nowhere.
    #[error("{path}: there is no such file; expected a Whisper model in ggml's format, or the name of a model")]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// The model is for something else.
    #[error("{name} is a model of kind {found}, expected one of kind {expected}: {}", .known.join(", "))]
    OtherKind {
        /// The model.
        name: String,
        /// What it is for.
        found: Kind,
        /// What was needed.
        expected: Kind,
        /// Names of models that would do.
        known: Vec<String>,
    },
    /// A file could not be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A file has not the bytes that it should have.
    #[error(
        "{path}: the file is not what was published: found {found}, expected {expected}; \
         get it again with `viva models remove {name}` and `viva models fetch {name}`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The model it belongs to.
        name: String,
        /// Its size or checksum.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// A file that the manifest does not know is no Whisper model.
    #[error("{path}: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ggml::GgmlError,
    },
    /// The manifest is broken.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

fn meant(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!(" (did you mean {name:?}?)")).unwrap_or_default()
}

fn list(directories: &[PathBuf]) -> String {
    directories.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ")
}

/// A size for people: `148 MB`, `1.6 GB`.
pub fn megabytes(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        mb if mb >= 1000.0 => format!("{:.1} GB", mb / 1000.0),
        mb if mb >= 1.0 => format!("{mb:.0} MB"),
        _ => format!("{:.0} kB", bytes as f64 / 1e3),
    }
}

/// A model on this machine.
#[derive(Debug, Clone)]
pub struct LocatedModel {
    /// Its name, or that of its file when the manifest does not know it.
    pub name: String,
    /// Its only file, or the directory of its files.
    pub path: PathBuf,
    /// SHA-256 of its first file; `None` until [`fn@verify`] has seen the file.
    pub sha256: Option<String>,
    /// The directory of models in which it lies; `None` when it was given as a path.
    pub directory: Option<PathBuf>,
    /// Its entry in the manifest; `None` when the manifest does not know it.
    pub entry: Option<&'static Model>,
}

impl LocatedModel {
    /// All its files.
    pub fn files(&self) -> Vec<PathBuf> {
        match (&self.directory, self.entry) {
            (Some(directory), Some(entry)) => entry.files.iter().map(|file| directory.join(&file.path)).collect(),
            _ => vec![self.path.clone()],
        }
    }

    /// A model of the manifest as it lies, or would lie, in `directory`.
    pub fn in_directory(entry: &'static Model, directory: &Path) -> Self {
        let path = match entry.files.as_slice() {
            [only] => directory.join(&only.path),
            [first, ..] => directory.join(Path::new(&first.path).parent().unwrap_or(Path::new(""))),
            [] => directory.to_owned(),
        };
        Self { name: entry.name.clone(), path, sha256: None, directory: Some(directory.to_owned()), entry: Some(entry) }
    }
}

/// The directories in which models are looked for, the first one first.
pub fn directories() -> Vec<PathBuf> {
    Places::of_this_process().directories()
}

/// Finds a model by its name (`base`, also `ggml-base.bin`) or by the path of a ggml file.
///
/// The model is not checked: give what this returns to [`fn@verify`] before loading it.
///
/// # Errors
///
/// [`ModelError`] says what to do: which name was probably meant, or how to fetch the model.
pub fn locate(name: &str) -> Result<LocatedModel, ModelError> {
    locate_in(name, &directories())
}

/// The model that is used when none is named.
///
/// # Errors
///
/// As [`locate`].
pub fn locate_default(kind: Kind) -> Result<LocatedModel, ModelError> {
    let manifest = manifest()?;
    match manifest.default_of(kind) {
        Some(model) => locate(&model.name),
        None => Err(unknown(manifest, &kind.to_string())),
    }
}

/// Finds a model of this kind, the default one when no name is given, and checks it: what this returns may be loaded.
///
/// # Errors
///
/// As [`locate`] and [`fn@verify`]; [`ModelError::OtherKind`] for a model that is for something else.
pub fn ready(kind: Kind, name: Option<&str>) -> Result<LocatedModel, ModelError> {
    let model = name.map_or_else(|| locate_default(kind), locate)?;
    of_kind(&model, kind)?;
    verify(&model)
}

fn of_kind(model: &LocatedModel, kind: Kind) -> Result<(), ModelError> {
    // a model that the manifest does not know is taken for a Whisper model, and verified as one
    let found = model.entry.map_or(Kind::Whisper, |entry| entry.kind);
    if found == kind {
        return Ok(());
    }
    let models = manifest()?.models.iter().filter(|known| known.kind == kind);
    let known = models.map(|known| known.name.clone()).collect();
    Err(ModelError::OtherKind { name: model.name.clone(), found, expected: kind, known })
}

/// The model of the manifest that a name means.
///
/// # Errors
///
/// [`ModelError::Unknown`], with what was probably meant.
pub fn find(name: &str) -> Result<&'static Model, ModelError> {
    let manifest = manifest()?;
    manifest.model(name).or_else(|| manifest.model(bare(name))).ok_or_else(|| unknown(manifest, name))
}

fn locate_in(name: &str, directories: &[PathBuf]) -> Result<LocatedModel, ModelError> {
    let given = Path::new(name);
    if given.is_file() {
        return Ok(custom(given));
    }
    if given.components().count() > 1 || given.is_absolute() {
        return Err(ModelError::NoFile { path: given.to_owned() });
    }
    match find(name) {
        Ok(entry) => directories
            .iter()
            .map(|directory| LocatedModel::in_directory(entry, directory))
            .find(|model| model.files().iter().all(|file| file.is_file()))
            .ok_or_else(|| ModelError::NotFetched {
                name: entry.name.clone(),
                bytes: entry.bytes(),
                directories: directories.to_vec(),
            }),
        Err(error) => {
            // a model of the user's own in the same directory
            let file = format!("ggml-{}.bin", bare(name));
            let own = directories.iter().map(|directory| directory.join(&file)).find(|path| path.is_file());
            own.map(|path| custom(&path)).ok_or(error)
        }
    }
}

fn custom(path: &Path) -> LocatedModel {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    LocatedModel { name: bare(&file).to_owned(), path: path.to_owned(), sha256: None, directory: None, entry: None }
}

/// A name without the file name's trimmings.
fn bare(name: &str) -> &str {
    let name = name.strip_prefix("ggml-").unwrap_or(name);
    name.strip_suffix(".bin").unwrap_or(name)
}

fn unknown(manifest: &Manifest, name: &str) -> ModelError {
    let known: Vec<String> = manifest.models.iter().map(|model| model.name.clone()).collect();
    let suggestion = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(bare(name), candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKELY_MEANT)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone());
    ModelError::Unknown { name: name.to_owned(), suggestion, known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_put_right() {
        let error = locate_in("smal", &["/nowhere".into()]).unwrap_err().to_string();
        assert!(error.contains("(did you mean \"small\"?)"), "{error}");
        let error = locate_in("zzzz", &["/nowhere".into()]).unwrap_err().to_string();
        assert!(!error.contains("did you mean"), "{error}");
        assert!(error.contains("known models: tiny.en, base,"), "{error}");
    }

    #[test]
    fn a_model_that_is_not_here_says_how_to_get_it() {
        let error = locate_in("base", &["/data/viva/models".into(), "/nowhere".into()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the model base is not on this machine (looked in /data/viva/models and /nowhere): \
             fetch it with `viva models fetch base` (148 MB)"
        );
    }

    #[test]
    fn the_first_directory_wins_and_every_file_must_be_there() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let directories = [first.path().to_owned(), second.path().to_owned()];
        std::fs::write(second.path().join("ggml-base.bin"), "b").unwrap();
        assert_eq!(locate_in("base", &directories).unwrap().path, second.path().join("ggml-base.bin"));
        std::fs::write(first.path().join("ggml-base.bin"), "a").unwrap();
        assert_eq!(locate_in("ggml-base.bin", &directories).unwrap().path, first.path().join("ggml-base.bin"));

        std::fs::create_dir(first.path().join("minilm")).unwrap();
        std::fs::write(first.path().join("minilm/model.onnx"), "").unwrap();
        assert!(matches!(locate_in("minilm", &directories), Err(ModelError::NotFetched { .. })));
        std::fs::write(first.path().join("minilm/tokenizer.json"), "").unwrap();
        assert_eq!(locate_in("minilm", &directories).unwrap().path, first.path().join("minilm"));
    }

    #[test]
    fn a_model_for_something_else_is_refused() {
        let minilm = LocatedModel::in_directory(find("minilm").unwrap(), Path::new("models"));
        assert!(of_kind(&minilm, Kind::Embedding).is_ok());
        let error = of_kind(&minilm, Kind::Whisper).unwrap_err().to_string();
        assert!(error.starts_with("minilm is a model of kind embedding, expected one of kind whisper: tiny.en, base,"));
    }

    #[test]
    fn own_models_are_found_by_path_and_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ggml-distil.bin");
        std::fs::write(&path, "").unwrap();
        for name in [path.to_str().unwrap(), "distil"] {
            let model = locate_in(name, &[directory.path().to_owned()]).unwrap();
            assert_eq!((model.name.as_str(), &model.path), ("distil", &path));
            assert!(model.entry.is_none());
        }
        let missing = directory.path().join("nothing.bin");
        assert!(matches!(locate_in(missing.to_str().unwrap(), &[]), Err(ModelError::NoFile { .. })));
    }
}
