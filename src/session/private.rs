//! Files that belong to the user and to nobody else: readable by their owner only, and never half-written.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::Path;

/// Makes a directory, with those above it that are missing, for its owner only. One that is there stays as it is.
///
/// # Errors
/// When the system says no, or when something else stands at the path.
pub fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file for its owner only. It appears whole or not at all; an older one is replaced when all is written.
///
/// # Errors
/// When the system says no, or when something stands at the path that is no file.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // a rename would put a file in the place of a device
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something that is no file stands there"));
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // temporary files are made for their owner only
    let mut file = tempfile::Builder::new().prefix(".viva-").tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
    }

    #[test]
    #[cfg(unix)]
    fn what_is_written_is_its_owners_alone() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        create_directory(&deep).unwrap();
        assert_eq!((mode(&root.path().join("a")), mode(&deep)), (0o700, 0o700));
        let file = deep.join("c.json");
        write(&file, b"one").unwrap();
        write(&file, b"two").unwrap();
        assert_eq!((mode(&file), fs::read(&file).unwrap()), (0o600, b"two".to_vec()));
        assert_eq!(fs::read_dir(&deep).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let root = tempfile::tempdir().unwrap();
        assert!(write(root.path(), b"x").is_err());
        assert!(root.path().is_dir());
        assert!(write(&root.path().join("missing/file"), b"x").is_err());
        let file = root.path().join("file");
        fs::write(&file, "x").unwrap();
        assert!(create_directory(&file).is_err() && create_directory(&file.join("below")).is_err());
    }
}
