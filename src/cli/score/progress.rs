use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::report::{clean, clock};
use crate::session::intake::Stage;

/// How often the spinner turns while nothing else moves.
const TICK: Duration = Duration::from_millis(120);

/// What is being done, on stderr; nothing when stderr is no terminal.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    files: usize,
}

impl Progress {
    pub(super) fn new(files: usize) -> Self {
        let bar = ProgressBar::no_length();
        bar.set_style(spinner());
        bar.enable_steady_tick(TICK);
        Self { bar, files }
    }

    /// A new file.
    pub(super) fn begin(&self, index: usize, path: &Path) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let number = if self.files > 1 { format!("{}/{} ", index + 1, self.files) } else { String::new() };
        self.bar.set_prefix(format!("{number}{}", shortened(&clean(&name))));
    }

    /// What is being done with it.
    pub(super) fn stage(&self, stage: Stage) {
        match stage {
            Stage::Reading => self.spin("reading"),
            Stage::Loading => self.spin("loading the speech model"),
            Stage::Recognising { done_s, total_s } => {
                if self.bar.length().is_none() {
                    self.bar.set_length(milliseconds(total_s));
                    self.bar.set_style(bar());
                    self.bar.reset_elapsed();
                }
                // before anything is done, nobody knows how long it takes
                let left = (done_s > 0.0)
                    .then(|| self.bar.elapsed().as_secs_f64() * (total_s - done_s) / done_s)
                    .map_or_else(String::new, |left_s| format!(", {left_s:.0} s left"));
                self.bar.set_position(milliseconds(done_s));
                self.bar.set_message(format!("recognising {} of {}{left}", clock(done_s), clock(total_s)));
            }
            Stage::Judging => self.spin("judging"),
        }
    }

    fn spin(&self, what: &'static str) {
        self.bar.unset_length();
        self.bar.set_style(spinner());
        self.bar.set_message(what);
    }

    /// Does something that writes to the terminal, with the bar out of the way.
    pub(super) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0) as u64
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix}: {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn bar() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix}: {msg} {wide_bar}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A name that leaves room for the bar: its beginning and its end, where names of takes differ.
fn shortened(name: &str) -> String {
    const HEAD: usize = 14;
    const TAIL: usize = 9;
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= HEAD + TAIL + 1 {
        return name.to_owned();
    }
    let (head, tail) = (&letters[..HEAD], &letters[letters.len() - TAIL..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shortened("answer.wav"), "answer.wav");
        assert_eq!(shortened("five-tasks-two-engineers--take-12.flac"), "five-tasks-two…e-12.flac");
        assert_eq!(shortened("ответ-на-вопрос-о-монолите-2.wav").chars().count(), 24);
    }
}
