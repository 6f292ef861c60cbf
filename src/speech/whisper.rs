//! Recognition by whisper.cpp through whisper-rs.

use std::path::Path;

use whisper_rs::{
    DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters,
    WhisperState,
};

use crate::speech::nudge::Nudge;
use crate::speech::transcriber::{Reading, Style, Token, TranscribeError, Transcriber};
use crate::speech::voice::SAMPLE_RATE_HZ;

/// An example of speech with fillers. Whisper writes on in the style of what came before, so this brings back the
/// fillers that its training texts had tidied away.
const VERBATIM_PROMPT: &str = "Umm, let me think like, hmm... Okay, here's what I'm, like, thinking. Uh, so, um, yeah.";
/// Frames of the encoder in one second.
const ENCODER_FRAMES_PER_S: f64 = 50.0;
/// Frames of the encoder for 30 s, the most that there is.
const ENCODER_FRAMES: usize = 1500;

/// A loaded Whisper model with the memory for one reading at a time.
pub struct Whisper {
    state: WhisperState,
    fillers: Vec<i32>,
    multilingual: bool,
    threads: usize,
}

impl Whisper {
    /// Loads the ggml file at `path`; `name` is its name in the manifest and decides which attention heads align words.
    ///
    /// # Errors
    ///
    /// When the file is no ggml Whisper model or memory is short.
    pub fn load(path: &Path, name: &str, threads: usize) -> Result<Self, TranscribeError> {
        whisper_rs::install_logging_hooks();
        let fail =
            |reason: String| TranscribeError::Load { path: path.display().to_string(), name: name.to_owned(), reason };
        let mut parameters = WhisperContextParameters::new();
        parameters.dtw_parameters(DtwParameters { mode: alignment(name), dtw_mem_size: DTW_MEMORY_BYTES });
        let context = WhisperContext::new_with_params(path, parameters).map_err(|error| fail(error.to_string()))?;
        let mut fillers = vec![];
        for text in [" um", " uh", " Um", " Uh", " hmm", " er", " Umm", " Hmm", " Er", " erm"] {
            if let Ok(tokens) = context.tokenize(text, 4) {
                if tokens.len() == 1 {
                    fillers.push(tokens[0]);
                } else {
                    eprintln!("{text} {tokens:?}");
                }
            }
        }
        let state = context.create_state().map_err(|error| fail(error.to_string()))?;
        Ok(Self { state, fillers, multilingual: context.is_multilingual(), threads: threads.max(1) })
    }
}

/// Memory for aligning one window: its attention weights, several times over.
const DTW_MEMORY_BYTES: usize = 256 * 1024 * 1024;

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

/// Encoder frames for `samples`: as few as hold them and a margin in which the decoder finds the end.
fn encoder_frames(samples: usize) -> usize {
    /// Silence after the last word, in encoder frames.
    const MARGIN: usize = 64;
    /// Kernels like multiples of this.
    const STEP: usize = 64;
    let needed = (samples as f64 / SAMPLE_RATE_HZ as f64 * ENCODER_FRAMES_PER_S).ceil() as usize + MARGIN;
    let extra: usize = std::env::var("LAB_EXTRA").map_or(0, |v| v.parse().unwrap());
    let least: usize = std::env::var("LAB_LEAST").map_or(0, |v| v.parse().unwrap());
    (needed + extra).max(least).next_multiple_of(STEP).min(ENCODER_FRAMES)
}

impl Transcriber for Whisper {
    fn read(&mut self, samples: &[f32], style: Style) -> Result<Reading, TranscribeError> {
        let mut parameters = FullParams::new(match std::env::var("LAB_BEAM") {
            Ok(b) => SamplingStrategy::BeamSearch { beam_size: b.parse().unwrap(), patience: -1.0 },
            _ => SamplingStrategy::Greedy { best_of: 1 },
        });
        parameters.set_n_threads(self.threads as i32);
        parameters.set_language(Some("en"));
        parameters.set_translate(false);
        parameters.set_no_context(true);
        parameters.set_no_timestamps(std::env::var_os("LAB_TS").is_none());
        parameters.set_single_segment(true);
        parameters.set_suppress_blank(true);
        parameters.set_suppress_nst(false);
        parameters.set_temperature(0.0);
        parameters.set_temperature_inc(0.2);
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        parameters.set_audio_ctx(
            std::env::var("LAB_CTX").map_or(encoder_frames(samples.len()) as i32, |v| v.parse().unwrap()),
        );
        if style == Style::Verbatim {
            parameters.set_initial_prompt(&std::env::var("LAB_PROMPT").unwrap_or(VERBATIM_PROMPT.into()));
        }
        let mut nudge = Nudge {
            tokens: self.fillers.clone(),
            raise: std::env::var("LAB_RAISE").map_or(0.0, |v| v.parse().unwrap()),
            vocabulary: self.state.n_vocab() as usize,
            seen: vec![],
        };
        #[allow(unsafe_code)]
        unsafe {
            nudge.install(&mut parameters);
        }
        let _ = self.multilingual;
        self.state.full(parameters, samples).map_err(|error| TranscribeError::Recognise(error.to_string()))?;
        let mut reading = Reading::default();
        // whisper.cpp gives the moment at which the decoder goes on to the next token: a token's end
        let mut start_s = Some(0.0);
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else { continue };
                let data = token.token_data();
                let Ok(bytes) = token.to_bytes() else { continue };
                // special tokens are written in brackets: [_BEG_], [_TT_550_]
                if bytes.starts_with(b"[_") || bytes.starts_with(b"<|") {
                    continue;
                }
                reading.tokens.push(Token { bytes: bytes.to_vec(), probability: data.p, start_s });
                start_s = (data.t_dtw >= 0).then_some(data.t_dtw as f64 / 100.0);
            }
        }
        LAB.with(|l| *l.borrow_mut() = nudge.seen);
        Ok(reading)
    }
}

thread_local! {
/// x
pub static LAB: std::cell::RefCell<Vec<(usize, f32)>> = const { std::cell::RefCell::new(vec![]) }; }
