//! Vectors of the bank's texts, kept on disk so that they are made once.

use super::{Embedder, MeaningError};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a file of vectors begins with. A change of the layout changes it.
const MAGIC: &[u8; 8] = b"vivavec1";

/// The widest vector that is believed when a file is read; all-MiniLM-L6-v2 has 384 numbers.
const WIDEST: usize = 4096;

/// An embedder that keeps the vectors of lists of texts in a directory.
#[derive(Debug)]
pub struct Cached<E> {
    inner: E,
    dir: Option<PathBuf>,
}

impl<E: Embedder> Cached<E> {
    /// Keeps vectors in `dir`, which is made when it is first needed.
    pub fn new(inner: E, dir: impl Into<PathBuf>) -> Self {
        Self { inner, dir: Some(dir.into()) }
    }

    /// Keeps nothing.
    pub fn nowhere(inner: E) -> Self {
        Self { inner, dir: None }
    }

    /// The embedder itself.
    pub fn inner(&self) -> &E {
        &self.inner
    }

    /// One unit vector for each text, from the directory when it holds this list in this order for this model.
    /// A file that is damaged, or a directory that cannot be written, costs time and nothing else.
    ///
    /// # Errors
    /// [`MeaningError::Run`] when the model fails on a text.
    pub fn embed_texts(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, MeaningError> {
        let path = self.dir.as_ref().map(|dir| dir.join(self.file_name(texts)));
        if let Some(vectors) = path.as_deref().and_then(|path| read(path, texts.len())) {
            return Ok(vectors);
        }
        let vectors = self.inner.embed(texts)?;
        if let Some(path) = path {
            // only speed depends on it
            let _ = write(&path, &vectors);
        }
        Ok(vectors)
    }

    fn file_name(&self, texts: &[&str]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.inner.identity());
        for text in texts {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        let digest = hash.finalize();
        digest.iter().take(16).fold(String::new(), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        }) + ".vectors"
    }
}

/// Reads a file of `count` vectors; `None` for anything that is not exactly that.
fn read(path: &Path, count: usize) -> Option<Vec<Vec<f32>>> {
    let bytes = std::fs::read(path).ok()?;
    let (content, sum) = bytes.split_last_chunk::<32>()?;
    if Sha256::digest(content).as_slice() != sum {
        return None;
    }
    let rest = content.strip_prefix(MAGIC.as_slice())?;
    let (width, rest) = rest.split_first_chunk::<4>()?;
    let width = u32::from_le_bytes(*width) as usize;
    if width == 0 || width > WIDEST || rest.len() != count * width * 4 {
        return None;
    }
    let numbers: Vec<f32> = rest.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Some(numbers.chunks(width).map(<[f32]>::to_vec).collect())
}

/// Writes vectors so that a reader sees the whole file or none, readable by its owner only.
fn write(path: &Path, vectors: &[Vec<f32>]) -> std::io::Result<()> {
    let width = vectors.first().map_or(0, Vec::len);
    if width == 0 || vectors.iter().any(|vector| vector.len() != width) {
        return Ok(());
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend((width as u32).to_le_bytes());
    bytes.extend(vectors.iter().flatten().flat_map(|x| x.to_le_bytes()));
    let sum = Sha256::digest(&bytes);
    bytes.extend(sum);
    let Some(dir) = path.parent() else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    // a temporary file is made with mode 0600
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    std::io::Write::write_all(&mut file, &bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::ops::Range;

    struct Counting(Cell<u32>);

    impl Embedder for Counting {
        fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, MeaningError> {
            self.0.set(self.0.get() + 1);
            Ok(texts.iter().map(|text| vec![text.len() as f32, 0.5]).collect())
        }

        fn embed_parts(&self, _text: &str, _parts: &[Range<usize>]) -> Result<Vec<Vec<f32>>, MeaningError> {
            Ok(Vec::new())
        }

        fn identity(&self) -> &'static str {
            "counting"
        }
    }

    #[test]
    fn texts_are_embedded_once_and_a_damaged_file_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let cached = Cached::new(Counting(Cell::new(0)), dir.path().join("deep/cache"));
        let first = cached.embed_texts(&["a", "bc"]).unwrap();
        assert_eq!(cached.embed_texts(&["a", "bc"]).unwrap(), first);
        assert_eq!(cached.inner().0.get(), 1);
        assert_ne!(cached.embed_texts(&["ab", "c"]).unwrap(), first, "the same letters, parted otherwise");
        for file in std::fs::read_dir(dir.path().join("deep/cache")).unwrap() {
            std::fs::write(file.unwrap().path(), b"vivavec1 rubbish").unwrap();
        }
        assert_eq!(cached.embed_texts(&["a", "bc"]).unwrap(), first);
        assert_eq!(cached.inner().0.get(), 3);
    }

    #[test]
    fn a_directory_that_cannot_be_made_costs_time_only() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let cached = Cached::new(Counting(Cell::new(0)), file.path().join("below a file"));
        assert_eq!(cached.embed_texts(&["a"]).unwrap(), [[1.0, 0.5]]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_kept_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let cached = Cached::new(Counting(Cell::new(0)), dir.path().join("cache"));
        cached.embed_texts(&["a"]).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.path().join("cache")), 0o700);
        let file = std::fs::read_dir(dir.path().join("cache")).unwrap().next().unwrap().unwrap().path();
        assert_eq!(mode(&file), 0o600);
    }
}
