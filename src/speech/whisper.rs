//! Recognition by whisper.cpp through whisper-rs.
//!
//! Each window is encoded once and read twice: verbatim, with an example of hesitant speech before it, and plain. Windows
//! are read side by side, each by one thread: threads that share one window spend their time waiting for each other, and
//! on a busy machine they are many times slower than one.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use whisper_rs::{
    DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters,
    WhisperState, WhisperTokenId,
};

use crate::speech::nudge::{self, Nudge};
use crate::speech::transcriber::{Readings, Token, TranscribeError, Transcriber};

/// An example of speech with fillers. Whisper writes on in the style of what came before, so this brings back the
/// fillers that its training texts had tidied away.
const VERBATIM_PROMPT: &str = "Umm, let me think like, hmm... Okay, here's what I'm, like, thinking. Uh, so, um, yeah.";
/// How much the scores of fillers are raised, in nats. On eight labelled recordings (README,
/// “Accuracy”), 1 finds what 0 misses, 2 and more invent.
const FILLER_RAISE: f32 = 1.0;
/// Filled pauses as tokens begin them.
const FILLERS: [&str; 10] = [" um", " uh", " Um", " Uh", " hmm", " Hmm", " er", " Er", " erm", " Umm"];
/// Memory for aligning one window: its attention weights, several times over.
const ALIGNMENT_BYTES: usize = 256 * 1024 * 1024;
/// The most tokens of a plain reading: half of Whisper's text context, as whisper.cpp has it.
const MOST_TOKENS: usize = 220;
/// The shortest window that whisper.cpp reads, in samples: 0.1 s, and a little more for its rounding.
const LEAST_SAMPLES: usize = 2000;

/// A loaded Whisper model with the memory to read several windows side by side.
pub struct Whisper {
    context: WhisperContext,
    states: Vec<WhisperState>,
    threads: usize,
}

impl Whisper {
    /// Loads the ggml file at `path`; `name` is its name in the manifest and decides which attention heads align words.
    /// At most `threads` windows are read side by side.
    ///
    /// # Errors
    ///
    /// When the file is no ggml Whisper model or memory is short.
    pub fn load(path: &Path, name: &str, threads: usize) -> Result<Self, TranscribeError> {
        whisper_rs::install_logging_hooks();
        let fail =
            |reason: String| TranscribeError::Load { path: path.display().to_string(), name: name.to_owned(), reason };
        let mut parameters = WhisperContextParameters::new();
        parameters.dtw_parameters(DtwParameters { mode: alignment(name), dtw_mem_size: ALIGNMENT_BYTES });
        let context = WhisperContext::new_with_params(path, parameters).map_err(|error| fail(error.to_string()))?;
        let state = context.create_state().map_err(|error| fail(error.to_string()))?;
        Ok(Self { context, states: vec![state], threads: threads.max(1) })
    }
}

/// Which attention heads follow the sound, by model.
fn alignment(name: &str) -> DtwMode<'static> {
    let model_preset = match name {
        "tiny.en" => DtwModelPreset::TinyEn,
        "tiny" => DtwModelPreset::Tiny,
        "base.en" => DtwModelPreset::BaseEn,
        "base" => DtwModelPreset::Base,
        "small.en" => DtwModelPreset::SmallEn,
        "small" => DtwModelPreset::Small,
        "medium.en" => DtwModelPreset::MediumEn,
        "medium" => DtwModelPreset::Medium,
        "large-v3-turbo" => DtwModelPreset::LargeV3Turbo,
        _ => return DtwMode::TopMost { n_top: 2 },
    };
    DtwMode::ModelPreset { model_preset }
}

impl Transcriber for Whisper {
    fn read(&mut self, windows: &[&[f32]], done: &(dyn Fn(usize) + Sync)) -> Result<Vec<Readings>, TranscribeError> {
        while self.states.len() < self.threads.min(windows.len()) {
            let state = self.context.create_state().map_err(|error| TranscribeError::Recognise(error.to_string()))?;
            self.states.push(state);
        }
        let reader = Reader::new(&self.context)?;
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Result<Readings, TranscribeError>>>> =
            Mutex::new(windows.iter().map(|_| None).collect());
        std::thread::scope(|scope| {
            for state in &mut self.states {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(window) = windows.get(index) else { break };
                        let result = reader.read(state, window);
                        if let Ok(mut results) = results.lock() {
                            results[index] = Some(result);
                        }
                        done(index);
                    }
                });
            }
        });
        let lost = || TranscribeError::Recognise("a reading was lost".to_owned());
        let results = results.into_inner().map_err(|_| lost())?;
        results.into_iter().map(|result| result.unwrap_or_else(|| Err(lost()))).collect()
    }
}

/// What all windows are read with.
struct Reader<'a> {
    context: &'a WhisperContext,
    fillers: Vec<WhisperTokenId>,
}

impl<'a> Reader<'a> {
    fn new(context: &'a WhisperContext) -> Result<Self, TranscribeError> {
        let mut fillers = Vec::new();
        for text in FILLERS {
            let tokens = context.tokenize(text, 8).map_err(|error| TranscribeError::Recognise(error.to_string()))?;
            // a filler that is spelled by several tokens would raise every word that begins like it
            if let [token] = tokens[..] {
                fillers.push(token);
            }
        }
        Ok(Self { context, fillers })
    }

    fn read(&self, state: &mut WhisperState, samples: &[f32]) -> Result<Readings, TranscribeError> {
        let mut padded;
        let samples = if samples.len() < LEAST_SAMPLES {
            padded = samples.to_vec();
            padded.resize(LEAST_SAMPLES, 0.0);
            &padded
        } else {
            samples
        };
        let verbatim = self.verbatim(state, samples)?;
        let plain = self.plain(state)?;
        Ok(Readings { verbatim, plain })
    }

    /// Encodes a window and reads it in the style of the prompt.
    fn verbatim(&self, state: &mut WhisperState, samples: &[f32]) -> Result<Vec<Token>, TranscribeError> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_n_threads(1);
        parameters.set_language(Some("en"));
        parameters.set_no_context(true);
        parameters.set_no_timestamps(true);
        parameters.set_single_segment(true);
        parameters.set_suppress_blank(true);
        parameters.set_temperature_inc(0.0);
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        parameters.set_initial_prompt(VERBATIM_PROMPT);
        let mut nudge = Nudge::new(self.fillers.clone(), FILLER_RAISE);
        nudge::read(state, parameters, samples, &mut nudge)
            .map_err(|error| TranscribeError::Recognise(error.to_string()))?;
        Ok(self.tokens(state, &nudge))
    }

    /// The tokens of the last reading with their times.
    fn tokens(&self, state: &WhisperState, nudge: &Nudge) -> Vec<Token> {
        let mut tokens = Vec::new();
        // whisper.cpp gives the moment at which the decoder goes on to the next token: a token's end. Where the first one
        // begins, it does not say
        let mut start_s = None;
        let mut step = 0;
        for segment in state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else { continue };
                let share = nudge.share_at(step);
                step += 1;
                let data = token.token_data();
                if data.id >= self.context.token_eot() {
                    continue;
                }
                let Ok(bytes) = token.to_bytes() else { continue };
                tokens.push(Token { bytes: bytes.to_vec(), probability: data.p, start_s, filler_share: share });
                start_s = (data.t_dtw >= 0).then_some(data.t_dtw as f64 / 100.0);
            }
        }
        tokens
    }

    /// Reads the window that was encoded last once more, without a prompt: always the likeliest token, until the end.
    fn plain(&self, state: &mut WhisperState) -> Result<Vec<Token>, TranscribeError> {
        let fail = |error: whisper_rs::WhisperError| TranscribeError::Recognise(error.to_string());
        let context = self.context;
        let mut head = vec![context.token_sot()];
        if context.is_multilingual() {
            head.extend([context.token_lang(0), context.token_transcribe()]);
        }
        // only the scores of a single token can be read, so the last one goes alone
        state.decode(&head, 0, 1).map_err(fail)?;
        let mut past = head.len();
        let mut last = context.token_not();
        let mut tokens: Vec<Token> = Vec::new();
        let blank = context.tokenize(" ", 4).map_err(fail)?;
        while tokens.len() < MOST_TOKENS {
            state.decode(&[last], past, 1).map_err(fail)?;
            past += 1;
            let scores = state.get_logits().map_err(fail)?;
            let allowed = |id: WhisperTokenId| {
                id < context.token_eot() && !(tokens.is_empty() && blank.contains(&id))
                    || id == context.token_eot() && !tokens.is_empty()
            };
            let Some((id, probability)) = likeliest(scores, allowed) else { break };
            if id == context.token_eot() {
                break;
            }
            let bytes = context.token_to_bytes(id).map_err(fail)?.to_vec();
            tokens.push(Token { bytes, probability, start_s: None, filler_share: 0.0 });
            last = id;
        }
        Ok(tokens)
    }
}

/// The allowed token with the highest score, and its probability among all that are allowed.
fn likeliest(scores: &[f32], allowed: impl Fn(WhisperTokenId) -> bool) -> Option<(WhisperTokenId, f32)> {
    let candidates = || {
        let ids =
            scores.iter().enumerate().filter_map(|(id, score)| Some((WhisperTokenId::try_from(id).ok()?, *score)));
        ids.filter(|(id, score)| score.is_finite() && allowed(*id))
    };
    let (best, highest) = candidates().max_by(|left, right| left.1.total_cmp(&right.1))?;
    let total: f32 = candidates().map(|(_, score)| (score - highest).exp()).sum();
    Some((best, 1.0 / total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_likeliest_allowed_token() {
        let (id, probability) = likeliest(&[1.0, 3.0, 2.0, 9.0], |id| id < 3).expect("some");
        assert_eq!(id, 1);
        assert!((probability - 1.0 / (1.0 + (-1.0f32).exp() + (-2.0f32).exp())).abs() < 1e-6);
        assert_eq!(likeliest(&[f32::NAN], |_| true), None);
    }

    #[test]
    fn a_file_that_is_no_model_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = Whisper::load(file.path(), "base", 1).err().expect("no model").to_string();
        assert!(error.contains(&file.path().display().to_string()), "{error}");
        assert!(error.contains("viva models fetch base"), "{error}");
    }
}
