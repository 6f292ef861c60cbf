//! The home directory, the banks, the space on the disk.

use std::path::Path;

use super::{Check, Outcome};
use crate::bank::Bank;
use crate::session::banks::{self, OpenError, Shelf};
use crate::session::home::{HOME_VARIABLE, home};

/// The default model takes 148 MB and as much again while it is fetched and converted.
const LEAST_FREE_BYTES: u64 = 400_000_000;

/// Below this, an evening of recordings (48 kHz, 16 bits: 6 MB a minute) and a second model get narrow.
const COMFORTABLE_FREE_BYTES: u64 = 2_000_000_000;

pub(super) fn checks() -> Vec<Check> {
    let home = home();
    let mut checks = vec![home_check(&home), space(&home)];
    checks.extend(bank_checks(banks::shelf(None)));
    checks
}

fn home_check(home: &Path) -> Check {
    const CODE: &str = "home";
    const NAME: &str = "Home directory";
    let shown = home.display();
    let elsewhere = format!("or name another directory in {HOME_VARIABLE}");
    let metadata = match std::fs::metadata(home) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match existing(home).map(tempfile::tempfile_in) {
                Some(Ok(_)) => {
                    Check::new(CODE, NAME, Outcome::Good, format!("{shown} (will be made when it is needed)"))
                }
                Some(Err(error)) => Check::new(CODE, NAME, Outcome::Bad, format!("{shown} cannot be made: {error}"))
                    .advise(format!("make it and give it to your user, {elsewhere}")),
                None => Check::new(CODE, NAME, Outcome::Bad, format!("{shown} cannot be made"))
                    .advise(format!("name a directory that exists in {HOME_VARIABLE}")),
            };
        }
        Err(error) => {
            return Check::new(CODE, NAME, Outcome::Bad, format!("{shown}: {error}"))
                .advise(format!("give it to your user, {elsewhere}"));
        }
    };
    if !metadata.is_dir() {
        return Check::new(CODE, NAME, Outcome::Bad, format!("{shown} is a file, expected a directory"))
            .advise(format!("move the file away, {elsewhere}"));
    }
    // whether a file can be made is the only answer that also holds for lists of access and read-only disks
    if let Err(error) = tempfile::tempfile_in(home) {
        return Check::new(CODE, NAME, Outcome::Bad, format!("{shown} cannot be written: {error}"))
            .advise(format!("give it to your user, {elsewhere}"));
    }
    match open_to_others(&metadata) {
        None => Check::new(CODE, NAME, Outcome::Good, format!("{shown}, yours alone")),
        Some(mode) => {
            Check::new(CODE, NAME, Outcome::Warning, format!("{shown} can be read by others (mode {mode:03o})"))
                .advise(format!("your recordings lie there: chmod 700 '{shown}'"))
        }
    }
}

/// The permissions, when somebody but the owner has any.
#[cfg(unix)]
fn open_to_others(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// The permissions, when somebody but the owner has any.
#[cfg(not(unix))]
fn open_to_others(_metadata: &std::fs::Metadata) -> Option<u32> {
    None
}

/// The nearest directory above that exists.
fn existing(path: &Path) -> Option<&Path> {
    path.ancestors()
        .map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path })
        .find(|path| path.is_dir())
}

fn space(home: &Path) -> Check {
    const CODE: &str = "space";
    const NAME: &str = "Free space";
    let free = existing(home).map(fs4::available_space);
    match free {
        Some(Ok(free)) => {
            let found = if free >= 1_000_000_000 {
                format!("{:.1} GB", free as f64 / 1e9)
            } else {
                format!("{:.0} MB", free as f64 / 1e6)
            };
            if free >= COMFORTABLE_FREE_BYTES {
                return Check::new(CODE, NAME, Outcome::Good, found);
            }
            let outcome = if free < LEAST_FREE_BYTES { Outcome::Bad } else { Outcome::Warning };
            Check::new(CODE, NAME, outcome, found).advise(format!(
                "models and recordings need room: free some, or name a directory on another disk in {HOME_VARIABLE}"
            ))
        }
        Some(Err(error)) => Check::new(CODE, NAME, Outcome::Warning, format!("not known: {error}")),
        None => Check::new(CODE, NAME, Outcome::Warning, "not known: the home directory has no place yet"),
    }
}

fn bank_checks(shelf: Result<Shelf, OpenError>) -> Vec<Check> {
    const CODE: &str = "banks";
    const NAME: &str = "Question banks";
    let shelf = match shelf {
        Ok(shelf) => shelf,
        Err(error) => return vec![Check::new(CODE, NAME, Outcome::Bad, error.to_string())],
    };
    let about = |bank: &Bank| {
        let count = bank.questions.len();
        format!("{} ({count} question{})", bank.id, if count == 1 { "" } else { "s" })
    };
    let found: Vec<String> = shelf.banks.iter().map(about).collect();
    let own = banks::directory();
    let mut checks = vec![Check::new(
        CODE,
        NAME,
        Outcome::Good,
        format!("{}; your own go into {}", found.join(", "), own.display()),
    )];
    for problem in shelf.problems {
        // the first line says which file it is; `check` tells the rest
        let text = problem.to_string();
        let first = text.lines().next().unwrap_or_default().to_owned();
        let check = Check::new(CODE, NAME, Outcome::Warning, first);
        checks.push(check.advise("see `viva questions check FILE`; the other banks can be used"));
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_that_is_not_there_yet_is_well() {
        let directory = tempfile::tempdir().unwrap();
        let check = home_check(&directory.path().join("a/b"));
        assert_eq!(check.outcome, Outcome::Good);
        assert!(check.found.ends_with("(will be made when it is needed)"));
        assert!(!directory.path().join("a").exists());
    }

    #[test]
    #[cfg(unix)]
    fn a_home_that_others_can_read_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let mode = |mode| std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o755);
        let check = home_check(directory.path());
        assert_eq!(check.outcome, Outcome::Warning);
        assert!(check.found.ends_with("(mode 755)") && check.advice.unwrap().contains("chmod 700"));
        mode(0o700);
        assert_eq!(home_check(directory.path()).outcome, Outcome::Good);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_in_place_of_the_home_is_bad() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("viva");
        std::fs::write(&path, "").unwrap();
        let check = home_check(&path);
        assert_eq!(check.outcome, Outcome::Bad);
        assert!(check.found.ends_with("is a file, expected a directory"));
        // and below a file nothing can be made
        assert_ne!(home_check(&path.join("deeper")).outcome, Outcome::Good);
    }

    #[test]
    fn faulty_banks_are_named_and_are_no_disaster() {
        let problem = OpenError::Directory { path: "x.toml".into() };
        let checks = bank_checks(Ok(Shelf { banks: Vec::new(), problems: vec![problem] }));
        assert_eq!(checks[1].outcome, Outcome::Warning);
        assert!(checks[1].found.contains("x.toml is a directory"));
    }

    #[test]
    fn space_is_measured_where_the_home_will_be() {
        let directory = tempfile::tempdir().unwrap();
        let check = space(&directory.path().join("not/yet"));
        assert!(check.found.ends_with("GB") || check.found.ends_with("MB"), "{}", check.found);
    }
}
