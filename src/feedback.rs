//! The contract `viva.feedback/1`: what `--json` writes, what the store keeps, what every renderer shows.
//!
//! Times are seconds from the start of the recording. A figure that could not be measured is `None` (null), never 0.
//! Fields are added freely; one that is renamed or changes its meaning makes version 2. Unknown fields are ignored when
//! a document is read, and fields that an older version did not write have defaults.

use serde::{Deserialize, Serialize};

/// The name and version of this contract.
pub const SCHEMA: &str = "viva.feedback/1";

/// One answer, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The recording; null for a transcript.
    pub recording: Option<crate::evidence::Recording>,
    /// The question; null when none was given.
    pub question: Option<QuestionRef>,
    /// The recogniser; null for a transcript.
    pub model: Option<crate::evidence::Model>,
    /// Whether the signal allows a judgement.
    pub quality: Quality,
    /// What was said, verbatim.
    pub transcript: Transcript,
    /// Tempo, pauses and latency.
    pub timing: Timing,
    /// Filled pauses, lexical fillers, repetitions, restarts, hedges.
    pub fillers: Fillers,
    /// Which of the bank's concepts were covered; null when no question was given.
    pub coverage: Option<Coverage>,
    /// How the answer is built; null when it is too short to say.
    #[serde(default)]
    pub structure: Option<Structure>,
    /// How it sounds; null without a waveform.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// At most three pieces of advice, the most valuable first.
    pub advice: Vec<Advice>,
}

/// Which question was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuestionRef {
    /// Id of the bank.
    pub bank: String,
    /// Id of the question in the bank.
    pub id: String,
    /// The question as it is asked.
    pub prompt: String,
}

/// Whether the signal allows a judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// `ok`, `warn` or `unscorable`.
    pub status: Status,
    /// What is wrong with the signal, the worst first.
    pub issues: Vec<Issue>,
    /// Speech to noise ratio in dB.
    pub snr_db: Option<f64>,
    /// Highest sample in dB below full scale.
    pub peak_dbfs: Option<f64>,
    /// Share of samples in runs at full scale, 0 to 1; null without a waveform.
    pub clipped_fraction: Option<f64>,
}

/// The verdict of the quality gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing stands against the figures.
    Ok,
    /// The figures hold, with the reservations in `issues`.
    Warn,
    /// No figures are given.
    Unscorable,
}

/// One thing wrong with the signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// A short stable name such as `silence`, `clipping`, `too_quiet`, `no_speech`, `noise`, `narrow_band`.
    pub code: String,
    /// What it is and what to do about it.
    pub message: String,
}

/// What was said, verbatim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// All words joined by spaces.
    pub text: String,
    /// The words with their times.
    pub words: Vec<TimedWord>,
}

/// A word of the transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimedWord {
    /// The word with its punctuation.
    pub text: String,
    /// Start in seconds; null for a plain transcript.
    pub start_s: Option<f64>,
    /// End in seconds; null for a plain transcript.
    pub end_s: Option<f64>,
    /// The recogniser's probability, 0 to 1.
    pub probability: Option<f64>,
}

/// Tempo, pauses and latency. All null, with empty lists, for a plain transcript (but for the counts).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// From the first to the last sound of speech, in seconds.
    pub answer_s: Option<f64>,
    /// From the start of the recording (or the end of the question) to the first sound of speech, in seconds.
    pub response_latency_s: Option<f64>,
    /// From the same moment to the first word that is no filler, in seconds.
    #[serde(default)]
    pub content_latency_s: Option<f64>,
    /// Time with speech, in seconds.
    pub speaking_s: Option<f64>,
    /// Words that are no filled pauses.
    pub words: Option<u32>,
    /// Syllables of those words.
    pub syllables: Option<u32>,
    /// Words a minute of answer time.
    pub speech_rate_wpm: Option<f64>,
    /// Syllables a second of speaking time.
    pub articulation_rate_syl_per_s: Option<f64>,
    /// Speaking time ÷ answer time, 0 to 1.
    pub phonation_time_ratio: Option<f64>,
    /// Syllables between silent pauses.
    pub mean_length_of_run_syl: Option<f64>,
    /// The shortest silence that counts as a pause, in seconds.
    #[serde(default)]
    pub pause_threshold_s: Option<f64>,
    /// The longest silent pause in seconds; null when there is none.
    #[serde(default)]
    pub longest_pause_s: Option<f64>,
    /// Every silent pause in order of time.
    pub pauses: Vec<Pause>,
    /// Words a minute over the answer, in windows.
    pub pace: Vec<PaceWindow>,
    /// One sentence that explains the pace.
    #[serde(default)]
    pub pace_note: Option<String>,
}

/// A silent pause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pause {
    /// Start in seconds.
    pub start_s: f64,
    /// End in seconds.
    pub end_s: f64,
    /// Between sentences or clauses, or inside one.
    pub position: PausePosition,
}

/// Where a silent pause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PausePosition {
    /// Between two clauses or sentences.
    Boundary,
    /// Inside a clause.
    WithinClause,
}

/// Tempo in one window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaceWindow {
    /// Start in seconds.
    pub start_s: f64,
    /// End in seconds.
    pub end_s: f64,
    /// Words a minute in it.
    pub wpm: f64,
}

/// Fillers and other disfluencies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Fillers {
    /// Filled pauses and lexical fillers a minute of answer time; null without times.
    pub per_minute: Option<f64>,
    /// Each one, in order.
    pub items: Vec<Filler>,
    /// Where they stand close together; absent in older documents.
    #[serde(default)]
    pub clusters: Vec<FillerCluster>,
}

/// One filler or disfluency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filler {
    /// Which kind.
    pub kind: FillerKind,
    /// The words.
    pub text: String,
    /// Start in seconds; null for a plain transcript.
    pub start_s: Option<f64>,
    /// End in seconds; null for a plain transcript.
    pub end_s: Option<f64>,
    /// What it was found by.
    pub evidence: FillerEvidence,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// Index of its first word in `transcript.words`.
    #[serde(default)]
    pub word: Option<usize>,
}

/// The kinds of disfluency that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillerKind {
    /// um, uh, er, erm, hmm.
    FilledPause,
    /// like, you know, I mean, sort of … where they mean nothing.
    Lexical,
    /// "the the".
    Repetition,
    /// A phrase begun again in other words.
    Restart,
    /// "I think maybe", "kind of" before an adjective.
    Hedge,
}

/// What a filler was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillerEvidence {
    /// It stands in the transcript.
    Transcript,
    /// The waveform shows it and the transcript does not.
    Acoustic,
    /// Both.
    Both,
}

/// A place where fillers stand close together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FillerCluster {
    /// Start in seconds.
    pub start_s: f64,
    /// End in seconds.
    pub end_s: f64,
    /// How many.
    pub count: u32,
    /// What place it is, for people: "opening", "before “the payments database”".
    pub place: String,
}

/// Which of the bank's concepts were covered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// How many concepts are covered.
    pub covered: u32,
    /// How many there are.
    pub total: u32,
    /// Each concept in the bank's order.
    pub concepts: Vec<ConceptResult>,
    /// Whether meaning was compared by embeddings (`cues+embeddings`) or by the bank's cues alone (`cues`).
    #[serde(default)]
    pub method: String,
    /// Whether the answer speaks of something else altogether; null when that could not be told.
    #[serde(default)]
    pub off_topic: Option<bool>,
}

/// One concept, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConceptResult {
    /// Id in the bank.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Covered, partial or missing.
    pub status: ConceptStatus,
    /// Calibrated probability that a careful reader calls it covered, 0 to 1.
    pub confidence: f64,
    /// The words that show it, the best first.
    pub evidence: Vec<Quote>,
    /// Why it is not covered, or that a term was possibly misheard; null when there is nothing to say.
    pub note: Option<String>,
}

/// Covered, partial or missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConceptStatus {
    /// The speaker says that they do or recommend it.
    Covered,
    /// It is touched, not said.
    Partial,
    /// It is not there, or is denied.
    Missing,
}

/// Quoted words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// The words as they stand in the transcript.
    pub quote: String,
    /// Start in seconds; null for a plain transcript.
    pub start_s: Option<f64>,
    /// End in seconds; null for a plain transcript.
    pub end_s: Option<f64>,
}

/// How the answer is built.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    /// `behavioural` or `technical`.
    pub kind: String,
    /// Parts in order: situation, task, action, result; or position, reasons, trade-off, example.
    pub parts: Vec<StructurePart>,
    /// Names of the parts that are missing.
    pub missing: Vec<String>,
    /// How often the speaker says I, me, my.
    pub first_person_singular: u32,
    /// How often the speaker says we, us, our.
    pub first_person_plural: u32,
    /// Figures that the speaker names as results: "from 40 minutes to 6".
    pub numbers: u32,
    /// Length advised for this question in seconds.
    pub target_s: Option<f64>,
}

/// One part of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StructurePart {
    /// Its name.
    pub name: String,
    /// Start in seconds; null for a plain transcript.
    pub start_s: Option<f64>,
    /// End in seconds; null for a plain transcript.
    pub end_s: Option<f64>,
    /// Its words, as quoted.
    pub quote: String,
    /// Share of the answer's words that it takes, 0 to 1.
    pub share: f64,
}

/// How the answer sounds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Median fundamental frequency in hertz.
    pub pitch_median_hz: Option<f64>,
    /// Standard deviation of the fundamental frequency in semitones.
    pub pitch_sd_semitones: Option<f64>,
    /// Root mean square level of the speech in dB below full scale.
    pub loudness_dbfs: Option<f64>,
    /// Standard deviation of the level of active frames in dB.
    pub loudness_sd_db: Option<f64>,
    /// How many sentences fade out by more than the named threshold.
    pub trailing_off: Option<u32>,
    /// Stretches spoken faster than the named threshold.
    pub rushing: Vec<PaceWindow>,
}

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// A short stable name such as `filled_pauses`, `missing_concept`.
    pub code: String,
    /// What to do, in a sentence or two.
    pub message: String,
    /// The moment it is about, in seconds; null when it is about the whole.
    pub at_s: Option<f64>,
}
