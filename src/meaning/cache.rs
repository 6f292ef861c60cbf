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
