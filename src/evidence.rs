//! What is known about one answer before anything is judged: words, activity, acoustics.
//!
//! `Evidence` is the border between what costs time (decoding, recognition) and what is pure (analysis). It holds no
//! handles, and everything in it can be written down and read back, so an analysis can be repeated years later.

use serde::{Deserialize, Serialize};

/// A stretch of time in seconds from the start of the recording; `end_s` is never before `start_s`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// First moment, in seconds.
    pub start_s: f64,
    /// Last moment, in seconds.
    pub end_s: f64,
}

impl Span {
    /// A span between two moments in seconds, put in order if they are not.
    pub fn new(start_s: f64, end_s: f64) -> Self {
        Self { start_s: start_s.min(end_s), end_s: start_s.max(end_s) }
    }

    /// Length in seconds, never negative.
    pub fn duration_s(self) -> f64 {
        self.end_s - self.start_s
    }

    /// Seconds that both spans share; 0 when they are apart.
    pub fn overlap_s(self, other: Self) -> f64 {
        (self.end_s.min(other.end_s) - self.start_s.max(other.start_s)).max(0.0)
    }
}

/// One spoken word as it was said. Fillers, repetitions and cut-off words are words too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word with its punctuation, as the transcriber writes it: "Well," or "um,".
    pub text: String,
    /// When it was said; `None` for a plain transcript.
    pub span: Option<Span>,
    /// The recogniser's probability, 0 to 1; `None` when it did not say.
    pub probability: Option<f64>,
    /// What the word was found by.
    pub source: WordSource,
}

/// What a word was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordSource {
    /// The recogniser wrote it, and nothing in the waveform was asked.
    Transcript,
    /// The waveform shows a filled pause where the recogniser wrote nothing.
    Acoustic,
    /// The recogniser wrote it and the waveform agrees.
    Both,
}

/// How loud, how clean and how complete the signal is. Every figure is of the whole recording unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// Highest sample, in dB below full scale; `None` for digital silence.
    pub peak_dbfs: Option<f64>,
    /// Root mean square of the active frames, in dB below full scale; `None` without speech.
    pub speech_dbfs: Option<f64>,
    /// Root mean square of the inactive frames, in dB below full scale; `None` when there are none or they are zeros.
    pub noise_dbfs: Option<f64>,
    /// Speech to noise ratio in dB; `None` when either side could not be measured.
    pub snr_db: Option<f64>,
    /// Share of samples that lie in runs at full scale, 0 to 1.
    pub clipped_fraction: f64,
    /// Highest frequency that carries energy, in hertz; `None` without speech. Telephone speech ends near 3 400 Hz.
    pub bandwidth_hz: Option<f64>,
}

/// Pitch and loudness of the speech, in frames of equal length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Prosody {
    /// Seconds from one frame to the next.
    pub frame_s: f64,
    /// Fundamental frequency in hertz for each frame; `None` where unvoiced.
    pub f0_hz: Vec<Option<f32>>,
    /// Loudness of each frame in dB below full scale.
    pub level_dbfs: Vec<f32>,
}

/// Where a recording came from. Absent for a plain transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// The path as the user gave it.
    pub path: String,
    /// SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Length in seconds.
    pub duration_s: f64,
    /// Sampling rate of the file in hertz.
    pub sample_rate_hz: u32,
    /// Number of channels in the file.
    pub channels: u16,
}

/// Which recogniser wrote the words. Absent for a plain transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Its name in `models/manifest.toml`.
    pub name: String,
    /// SHA-256 of the file that was loaded.
    pub sha256: String,
}

/// How near each clause of the answer lies to each text of the bank, by sentence embedding. Made outside the pure
/// core, because it needs a model; absent when that model is not there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Likeness {
    /// Clauses as ranges of word indices, `[first, past_last)`, in order of time.
    pub clauses: Vec<(usize, usize)>,
    /// `cosine[clause][text]`, −1 to 1, with texts in the order of [`crate::bank::Question::texts`].
    pub cosine: Vec<Vec<f32>>,
}

/// Everything that is known about one answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The recording; `None` for a plain transcript.
    pub recording: Option<Recording>,
    /// The recogniser; `None` for a transcript.
    pub model: Option<Model>,
    /// Every word in order of time, verbatim.
    pub words: Vec<Word>,
    /// Stretches in which somebody speaks, from the waveform, in order and apart; `None` without a waveform.
    pub activity: Option<Vec<Span>>,
    /// Levels of the signal; `None` without a waveform.
    pub levels: Option<Levels>,
    /// Pitch and loudness; `None` without a waveform.
    pub prosody: Option<Prosody>,
    /// Nearness of clauses to the bank's texts; `None` without the embedding model or a question.
    pub likeness: Option<Likeness>,
    /// What was noticed while the evidence was taken, such as text that was dropped because nobody spoke there.
    pub remarks: Vec<Remark>,
}

/// Something noticed while evidence was taken that a reader should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    /// A short stable name, such as `second_voice`.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}
