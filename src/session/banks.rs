//! Question banks on disk: the user's own stand beside those that come with Viva, and shadow them by their id.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::bank::find::find_bank;
use crate::bank::{Bank, BankErrors, FindError, builtin};
use crate::report::clean;

/// Larger files are no banks: the one that comes with Viva, with 24 questions, has under 0.5 MB.
const LARGEST_BYTES: u64 = 8 << 20;

/// Why a bank could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system says no.
    #[error("cannot read the question bank {}: {source}", shown(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The path leads to a directory.
    #[error("{} is a directory, expected a question bank: one TOML file, such as {}", shown(path), shown(&path.join("kitchen.toml")))]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// The file is far larger than any bank.
    #[error("{} has more than {} MB, expected a question bank, which is a text of some hundred kB", shown(path), LARGEST_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is no text.
    #[error("{}:{line}: this is not UTF-8 text; save the question bank as UTF-8", shown(path))]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line of the first byte that is no UTF-8, from 1.
        line: usize,
    },
    /// The text is no bank.
    #[error(transparent)]
    Faulty(#[from] BankErrors),
    /// There is no such bank.
    #[error(transparent)]
    Unknown(#[from] FindError),
}

fn shown(path: &Path) -> String {
    clean(&path.display().to_string()).into_owned()
}

/// The banks that can be used, and what could not be read.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The user's banks by name, then those that come with Viva and are not shadowed by one of them.
    pub banks: Vec<Bank>,
    /// Files of the user's directory that are no banks; the others can be used all the same.
    pub problems: Vec<OpenError>,
}

/// The directory of the user's own banks, which need not exist.
pub fn directory() -> PathBuf {
    super::home::home().join("questions")
}

/// The banks that a user means: all of them, or with `bank` only that one: its id, or the path of a `.toml` file.
///
/// # Errors
/// [`OpenError`] when the named bank is not there or cannot be read. Without a name, files that cannot be read are
/// listed in [`Shelf::problems`].
pub fn shelf(bank: Option<&str>) -> Result<Shelf, OpenError> {
    shelf_in(&directory(), bank)
}

fn shelf_in(directory: &Path, bank: Option<&str>) -> Result<Shelf, OpenError> {
    let Some(name) = bank else { return all(directory) };
    if Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return Ok(Shelf { banks: vec![open(Path::new(name))?], problems: Vec::new() });
    }
    let own = directory.join(format!("{name}.toml"));
    // a bank of the user's that is faulty is reported, and not silently replaced by one that comes with Viva
    if !name.contains(['/', '\\']) && own.is_file() {
        return Ok(Shelf { banks: vec![open(&own)?], problems: Vec::new() });
    }
    let shelf = all(directory)?;
    let found = find_bank(&shelf.banks, name)?.clone();
    Ok(Shelf { banks: vec![found], problems: Vec::new() })
}

fn all(directory: &Path) -> Result<Shelf, OpenError> {
    let mut shelf = Shelf::default();
    for path in own_files(directory, &mut shelf.problems) {
        match open(&path) {
            Ok(bank) => shelf.banks.push(bank),
            Err(problem) => shelf.problems.push(problem),
        }
    }
    for bank in builtin::banks()? {
        if !shelf.banks.iter().any(|own| own.id == bank.id) {
            shelf.banks.push(bank);
        }
    }
    Ok(shelf)
}

/// The `.toml` files of the user's directory, by name.
fn own_files(directory: &Path, problems: &mut Vec<OpenError>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(source) => {
            problems.push(OpenError::Io { path: directory.to_owned(), source });
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

/// Reads one bank.
///
/// # Errors
/// [`OpenError`] when the file cannot be read or is no bank; every fault of it is named.
pub fn open(path: &Path) -> Result<Bank, OpenError> {
    Ok(Bank::parse(&read(path)?, &path.display().to_string())?)
}

/// Reads the text of a bank.
///
/// # Errors
/// [`OpenError`] when the file cannot be read, is a directory, is too large, or no text.
pub fn read(path: &Path) -> Result<String, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(OpenError::Directory { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.take(LARGEST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST_BYTES {
        return Err(OpenError::TooLarge { path: path.to_owned() });
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        OpenError::NotText { path: path.to_owned(), line }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KITCHEN: &str = include_str!("../../questions/README.md");

    fn kitchen() -> String {
        KITCHEN.split_once("```toml\n").unwrap().1.split_once("\n```").unwrap().0.to_owned()
    }

    fn ids(shelf: &Shelf) -> Vec<&str> {
        shelf.banks.iter().map(|bank| bank.id.as_str()).collect()
    }

    #[test]
    fn own_banks_stand_beside_the_built_in_ones() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("kitchen.toml"), kitchen()).unwrap();
        std::fs::write(directory.path().join("notes.txt"), "no bank").unwrap();
        let shelf = shelf_in(directory.path(), None).unwrap();
        assert_eq!(ids(&shelf), ["kitchen", builtin::DEFAULT]);
        assert!(shelf.problems.is_empty());
        assert_eq!(ids(&shelf_in(directory.path(), Some("kitchen")).unwrap()), ["kitchen"]);
    }

    #[test]
    fn an_own_bank_shadows_a_built_in_one() {
        let directory = tempfile::tempdir().unwrap();
        let text = kitchen().replace("\"kitchen\"", &format!("\"{}\"", builtin::DEFAULT));
        std::fs::write(directory.path().join(format!("{}.toml", builtin::DEFAULT)), text).unwrap();
        let shelf = shelf_in(directory.path(), None).unwrap();
        assert_eq!(shelf.banks.len(), 1);
        assert_eq!(shelf.banks[0].title, "Head chef");
    }

    #[test]
    fn a_faulty_file_is_named_and_takes_nothing_with_it() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("broken.toml"), "schema = 1").unwrap();
        std::fs::write(directory.path().join("latin.toml"), b"a = 1\nb = \"\xe9\"\n").unwrap();
        let shelf = shelf_in(directory.path(), None).unwrap();
        assert_eq!(ids(&shelf), [builtin::DEFAULT]);
        assert_eq!(shelf.problems.len(), 2);
        assert!(shelf.problems[0].to_string().contains("broken.toml:1:10: error: `schema` is the number 1"));
        assert!(shelf.problems[1].to_string().contains("latin.toml:2: this is not UTF-8"));
        // asked for by name, it is the error
        assert!(shelf_in(directory.path(), Some("broken")).is_err());
    }

    #[test]
    fn a_path_is_a_bank_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kitchen.toml");
        std::fs::write(&path, kitchen()).unwrap();
        let empty = directory.path().join("none");
        assert_eq!(ids(&shelf_in(&empty, path.to_str()).unwrap()), ["kitchen"]);
        assert_eq!(ids(&shelf_in(&empty, Some(builtin::DEFAULT)).unwrap()), [builtin::DEFAULT]);
        let error = |bank: &str| shelf_in(&empty, Some(bank)).unwrap_err().to_string();
        assert!(error("lead-system-engineer").contains("did you mean lead-systems-engineer?"));
        assert!(error("nowhere.toml").starts_with("cannot read the question bank nowhere.toml: "));
        assert!(read(directory.path()).unwrap_err().to_string().contains("is a directory, expected a question bank"));
    }

    #[test]
    fn a_file_of_endless_size_is_not_read_into_memory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("huge.toml");
        File::create(&path).unwrap().set_len(1 << 36).unwrap();
        assert!(matches!(open(&path), Err(OpenError::TooLarge { .. })));
    }
}
