//! From samples to words: voice activity, recognition, verbatim decoding.

use crate::evidence::{Prosody, Remark, Span, Word, WordSource};

mod nudge;
pub mod transcriber;
pub mod voice;
pub mod whisper;
pub mod windows;

use transcriber::{Style, TranscribeError, Transcriber};
use voice::{EnergyDetector, VoiceDetector};

/// What was heard in a recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// Every word in order of time, verbatim.
    pub words: Vec<Word>,
    /// Stretches with speech, from the waveform.
    pub activity: Vec<Span>,
    /// Pitch and loudness.
    pub prosody: Prosody,
    /// What a reader should know, such as text that was dropped because nobody spoke there.
    pub remarks: Vec<Remark>,
}

/// Listens to a whole recording: `samples` are mono, 16 kHz. `progress` is told the share that is done, 0 to 1.
///
/// # Errors
///
/// When the recogniser fails.
pub fn listen(
    samples: &[f32],
    transcriber: &mut dyn Transcriber,
    progress: &mut dyn FnMut(f64),
) -> Result<Heard, TranscribeError> {
    let activity = EnergyDetector::default().activity(samples);
    let windows = windows::pack(samples, &activity);
    let mut words = Vec::new();
    for (index, window) in windows.iter().enumerate() {
        for token in transcriber.read(&window.samples, Style::Verbatim)?.tokens {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            let at = window.to_recording_s(token.start_s.unwrap_or(0.0));
            words.push(Word {
                text: text.trim().to_owned(),
                span: Some(Span::new(at, at + 0.2)),
                probability: Some(f64::from(token.probability)),
                source: WordSource::Transcript,
            });
        }
        progress((index + 1) as f64 / windows.len() as f64);
    }
    Ok(Heard { words, activity, prosody: Prosody::default(), remarks: Vec::new() })
}
