use crate::feedback::{ConceptStatus, FillerKind, PausePosition};

/// What a report says about one measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Its name in the field.
    pub name: &'static str,
    /// A plain word on what it means, for the side of a figure.
    pub plain: &'static str,
    /// How it is measured.
    pub definition: &'static str,
    /// Where the definition or the norm comes from.
    pub source: &'static str,
}

macro_rules! measures {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $plain:literal, $definition:literal, $source:literal;)*) => {
        $($(#[$doc])* pub const $constant: Measure =
            Measure { name: $name, plain: $plain, definition: $definition, source: $source };)*
        /// Every measure.
        #[cfg(test)]
        pub(super) const ALL: &[Measure] = &[$($constant),*];
    };
}

measures! {
    /// Length of the answer.
    ANSWER = "Answer length", "from the first to the last sound",
        "Time from the first to the last sound of speech. 60 to 120 seconds is what coaches advise; no research stands \
         behind it.",
        "Advice of coaches";
    /// Time until the first sound.
    LATENCY = "First sound after", "thinking time; not graded",
        "Time from the end of the question, or from the start of the recording when Viva did not ask it, to the first \
         sound of speech. No norm is known for interviews.",
        "Reported without a norm";
    /// Time until the first word that is no filler.
    CONTENT_LATENCY = "First content after", "the first word that is no filler",
        "Time from the same moment to the first word that is no filler.",
        "Reported without a norm";
    /// Time with speech.
    SPEAKING = "Speaking time", "the answer without its pauses",
        "Time in which somebody speaks: the answer without its silent pauses. Taken from the waveform.",
        "de Jong & Wempe 2009";
    /// Words.
    WORDS = "Words", "filled pauses not counted",
        "Words of the transcript that are no filled pauses.",
        "Tavakoli & Skehan 2005";
    /// Syllables.
    SYLLABLES = "Syllables", "of those words",
        "Syllables of the words that were counted.",
        "de Jong & Wempe 2009";
    /// Words a minute, pauses included.
    SPEECH_RATE = "Speech rate", "with pauses; talk is 130 to 160",
        "Words divided by the length of the answer, pauses included. Conversation runs at 130 to 160 words a minute; a \
         pace outside of that matters only when it lasts.",
        "Tavakoli & Skehan 2005";
    /// Syllables a second, pauses excluded.
    ARTICULATION_RATE = "Articulation rate", "how fast, pauses left out",
        "Syllables divided by speaking time: how fast the mouth moves when it moves.",
        "de Jong & Wempe 2009";
    /// Share of time with speech.
    PHONATION = "Phonation-time ratio", "share of the answer with speech",
        "Speaking time divided by the length of the answer.",
        "de Jong & Wempe 2009; Tavakoli & Skehan 2005";
    /// Syllables between pauses.
    RUN = "Mean length of run", "spoken in one go",
        "Syllables between two silent pauses, on average. Longer runs sound more fluent.",
        "Tavakoli & Skehan 2005";
    /// Silent pauses.
    PAUSES = "Silent pauses", "between clauses they help",
        "Stretches without speech that are at least as long as the threshold, found in the waveform and not by the \
         recogniser's times. 0.25 s keeps the closures of consonants out. Pauses between clauses give structure; pauses \
         inside a clause are what listeners hear as hesitation.",
        "Goldman-Eisler 1968; de Jong & Bosker 2013";
    /// The longest silent pause.
    LONGEST_PAUSE = "Longest pause", "the longest silence inside",
        "Length of the longest silent pause.",
        "Goldman-Eisler 1968";
    /// Fillers a minute.
    FILLERS = "Fillers a minute", "up to 5 did no harm, 12 did",
        "Filled pauses (um, uh, er) and lexical fillers (like, you know, where they mean nothing) for each minute of the \
         answer. Listeners' ratings did not suffer from up to 5 a minute and did from 12.",
        "Laske & DiGennaro Reed 2024";
    /// Median pitch.
    PITCH = "Pitch, median", "of the voice; not graded",
        "Median fundamental frequency of the voiced frames.",
        "Reported without a norm";
    /// Variation of pitch.
    PITCH_SD = "Pitch variation", "livelier voices vary more",
        "Standard deviation of the fundamental frequency in semitones. Listeners call speakers lively whose pitch varies.",
        "After Hincks 2005";
    /// Loudness of the speech.
    LOUDNESS = "Loudness", "compare with your own only",
        "Root mean square level of the speech, in dB below full scale. It depends on the microphone as much as on the \
         voice: compare it only with your own recordings.",
        "Reported without a norm";
    /// Variation of loudness.
    LOUDNESS_SD = "Loudness variation", "how much the level moves",
        "Standard deviation of the level of the frames with speech, in dB.",
        "Reported without a norm";
    /// Sentences that fade out.
    TRAILING_OFF = "Trailing off", "sentences whose end fades out",
        "Sentences whose level falls towards the end by more than the threshold of the analysis.",
        "Reported without a norm";
    /// Signal to noise.
    SNR = "Signal to noise", "how clean the recording is",
        "Level of the speech above the level of the silence around it.",
        "Levels of the recording";
    /// Peak.
    PEAK = "Peak level", "0 dBFS is full scale",
        "Highest sample, in dB below full scale.",
        "Levels of the recording";
    /// Clipping.
    CLIPPED = "Clipped", "samples cut off at full scale",
        "Share of samples that lie in runs at full scale.",
        "Levels of the recording";
}

/// Stands for a figure that could not be measured.
pub const NOT_MEASURED: &str = "not measured";

/// Said in place of all figures of time when there was no sound.
pub const NO_TIMES: &str =
    "Not measured: without a recording there is no timing. Words and fillers are those of the text.";

/// What an acoustic filler is called.
pub const PROBABLE: &str = "heard in the sound, not in the text";

/// Said about the origin of a report.
pub const PRIVATE: &str = "Made by Viva on this machine. Nothing was sent anywhere.";

/// Said when no question was given, so that nothing could be compared with the answer.
pub const NO_QUESTION: &str = "Not judged: no question was given, so there is nothing to compare the answer with.";

/// Said when the answer is not about the question.
pub const OFF_TOPIC: &str = "The answer seems to be about something else. Was it given to another question?";

/// A kind of filler, for several of it.
pub fn filler_kind(kind: FillerKind) -> &'static str {
    match kind {
        FillerKind::FilledPause => "Filled pauses",
        FillerKind::Lexical => "Lexical fillers",
        FillerKind::Repetition => "Repetitions",
        FillerKind::Restart => "Restarts",
        FillerKind::Hedge => "Hedges",
    }
}

/// A kind of filler, for one of it.
pub fn one_filler(kind: FillerKind) -> &'static str {
    match kind {
        FillerKind::FilledPause => "filled pause",
        FillerKind::Lexical => "lexical filler",
        FillerKind::Repetition => "repetition",
        FillerKind::Restart => "restart",
        FillerKind::Hedge => "hedge",
    }
}

/// What is understood by a kind of filler.
pub fn filler_definition(kind: FillerKind) -> &'static str {
    match kind {
        FillerKind::FilledPause => "um, uh, er, erm, hmm: sounds that hold the floor.",
        FillerKind::Lexical => "Words such as like, you know, I mean, only where they mean nothing.",
        FillerKind::Repetition => "A word or phrase said twice in a row without need.",
        FillerKind::Restart => "A phrase that is given up and begun again in other words.",
        FillerKind::Hedge => "Words that take back certainty: I think maybe, kind of. Not counted in the rate.",
    }
}

/// The kinds in the order they are shown.
pub const FILLER_KINDS: [FillerKind; 5] =
    [FillerKind::FilledPause, FillerKind::Lexical, FillerKind::Repetition, FillerKind::Restart, FillerKind::Hedge];

/// A concept's verdict as one character.
pub fn status_mark(status: ConceptStatus) -> &'static str {
    match status {
        ConceptStatus::Covered => "✓",
        ConceptStatus::Partial => "~",
        ConceptStatus::Missing => "✗",
    }
}

/// A concept's verdict in a word.
pub fn status_word(status: ConceptStatus) -> &'static str {
    match status {
        ConceptStatus::Covered => "covered",
        ConceptStatus::Partial => "partly",
        ConceptStatus::Missing => "missing",
    }
}

/// Where a pause stands.
pub fn pause_position(position: PausePosition) -> &'static str {
    match position {
        PausePosition::Boundary => "between clauses",
        PausePosition::WithinClause => "inside a clause",
    }
}

/// How coverage was judged, for people; what is not known is shown as it stands.
pub fn coverage_method(method: &str) -> Option<&str> {
    match method {
        "" => None,
        "cues" => Some("judged by terms"),
        "cues+embeddings" => Some("judged by terms and meaning"),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_explained_and_short_enough_for_its_column() {
        for measure in ALL {
            assert!(measure.name.chars().count() <= 20, "{}", measure.name);
            assert!(measure.plain.chars().count() <= 32, "{}", measure.plain);
            assert!(!measure.plain.is_empty() && !measure.source.is_empty(), "{}", measure.name);
            assert!(measure.definition.ends_with('.') && !measure.definition.contains("  "), "{}", measure.name);
        }
    }
}
