//! The directories in which Viva keeps models and, later, recordings.

use std::path::PathBuf;

/// The environment variable that moves everything Viva keeps.
pub const HOME_VARIABLE: &str = "VIVA_HOME";

/// Viva's own directory: `$VIVA_HOME`, or the data directory that the platform gives to applications
/// (`~/.local/share/viva` on Linux); the current directory's `.viva` when the platform names none.
pub fn home() -> PathBuf {
    if let Some(path) = std::env::var_os(HOME_VARIABLE).filter(|path| !path.is_empty()) {
        return PathBuf::from(path);
    }
    directories::ProjectDirs::from("", "", "viva")
        .map_or_else(|| PathBuf::from(".viva"), |dirs| dirs.data_dir().to_path_buf())
}
