//! The directories in which models lie.

use std::path::{Path, PathBuf};

use crate::session::home;

/// The environment variable that names the one directory of models, instead of all others.
pub const MODELS_VARIABLE: &str = "VIVA_MODELS";

/// Where models are looked for and where fetched ones go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `$VIVA_MODELS`.
    pub only: Option<PathBuf>,
    /// `models` in Viva's own directory.
    pub home: PathBuf,
    /// Whether the user named Viva's own directory (`$VIVA_HOME`).
    pub home_is_named: bool,
    /// `models` of a checkout of Viva's sources.
    pub checkout: Option<PathBuf>,
}

impl Places {
    /// The places of this process, from its environment, its current directory and its executable.
    pub fn of_this_process() -> Self {
        let named = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty());
        let current = std::env::current_dir().ok();
        let executable = std::env::current_exe().ok();
        let candidates =
            current.as_deref().into_iter().chain(executable.iter().flat_map(|path| path.ancestors().skip(1)));
        Self {
            only: named(MODELS_VARIABLE).map(PathBuf::from),
            home: home::home().join("models"),
            home_is_named: named(home::HOME_VARIABLE).is_some(),
            checkout: find_checkout(candidates),
        }
    }

    /// The directories in which models are looked for, the first one first.
    pub fn directories(&self) -> Vec<PathBuf> {
        match &self.only {
            Some(only) => vec![only.clone()],
            None => std::iter::once(&self.home).chain(&self.checkout).cloned().collect(),
        }
    }

    /// The directory into which models are fetched: `$VIVA_MODELS`, `$VIVA_HOME/models`, `models/` of a checkout, or
    /// `models` in the user's data directory.
    pub fn fetch_directory(&self) -> &Path {
        match (&self.only, &self.checkout) {
            (Some(only), _) => only,
            (None, Some(checkout)) if !self.home_is_named => checkout,
            (None, _) => &self.home,
        }
    }
}

/// `models` of the first candidate that is a checkout.
fn find_checkout<'a>(candidates: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    candidates.map(|candidate| candidate.join("models")).find(|models| models.join("manifest.toml").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places {
            only: None,
            home: "/data/viva/models".into(),
            home_is_named: false,
            checkout: Some("/src/viva/models".into()),
        }
    }

    #[test]
    fn home_is_searched_before_the_checkout_but_a_checkout_fetches_for_itself() {
        let places = places();
        assert_eq!(places.directories(), [Path::new("/data/viva/models"), Path::new("/src/viva/models")]);
        assert_eq!(places.fetch_directory(), Path::new("/src/viva/models"));
        let installed = Places { checkout: None, ..places };
        assert_eq!(installed.fetch_directory(), Path::new("/data/viva/models"));
    }

    #[test]
    fn what_the_user_names_wins() {
        let named = Places { home_is_named: true, ..places() };
        assert_eq!(named.fetch_directory(), Path::new("/data/viva/models"));
        let only = Places { only: Some("/mnt/models".into()), ..named };
        assert_eq!(only.directories(), [Path::new("/mnt/models")]);
        assert_eq!(only.fetch_directory(), Path::new("/mnt/models"));
    }

    #[test]
    fn a_checkout_is_known_by_its_manifest() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("target/release");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(root.path().join("models")).unwrap();
        assert_eq!(find_checkout(deep.ancestors().take(3)), None);
        std::fs::write(root.path().join("models/manifest.toml"), "").unwrap();
        assert_eq!(find_checkout(deep.ancestors()), Some(root.path().join("models")));
    }
}
