//! A room of its own for each test: an empty home, a directory for files, and the program.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Set by those who have no speech model and want the other tests all the same.
const WITHOUT_MODEL: &str = "VIVA_TEST_WITHOUT_MODEL";

/// A directory for one test; `home` in it is Viva's home.
pub struct Room {
    directory: TempDir,
}

impl Room {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory for the test") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Puts a file into the room.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a file for the test");
        path
    }

    /// `viva score`, run from the room. Models are looked for where the environment or the checkout has them.
    pub fn score(&self) -> Command {
        let mut command = self.viva();
        command.arg("score");
        command
    }

    pub fn viva(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_viva"));
        command.env("VIVA_HOME", self.path("home")).current_dir(self.directory.path());
        command
    }

    /// Text with the room's own path taken out, so that it can be compared.
    pub fn plain(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        text.replace(&format!("{}/", self.directory.path().display()), "")
    }
}

/// A file of `tests/`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// A short recording of real speech, 2.4 s.
pub fn speech() -> PathBuf {
    fixture("speech/librispeech/367-130732-0006.flac")
}

pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("stdout is not one JSON document ({error}): {}", String::from_utf8_lossy(&output.stderr))
    })
}

/// Leave to recognise speech, one test at a time: several recognisers at once slow each other down many times over. `None`
/// when it is said that there is no model; without that, the tests fail where there is none.
pub fn model() -> Option<MutexGuard<'static, ()>> {
    static NOTE: Once = Once::new();
    static TURN: Mutex<()> = Mutex::new(());
    if std::env::var_os(WITHOUT_MODEL).is_some_and(|value| !value.is_empty()) {
        NOTE.call_once(|| {
            eprintln!("\n*** {WITHOUT_MODEL} IS SET: TESTS THAT RECOGNISE SPEECH ARE SKIPPED ***\n");
        });
        return None;
    }
    Some(TURN.lock().unwrap_or_else(PoisonError::into_inner))
}
