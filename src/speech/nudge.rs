//! The one place where Viva's own code is called from inside whisper.cpp: a nudge towards fillers.
//!
//! Whisper was trained on tidied texts and holds back *um* and *uh*. Before each token is chosen, the scores of these
//! tokens are raised by a constant, and what share of the probability they had is written down: at a moment where the
//! recogniser nearly wrote *uh*, the waveform is asked whether there is one.
#![allow(unsafe_code)]

use std::ffi::c_void;

use whisper_rs::{
    FullParams, WhisperError, WhisperState, WhisperSysContext, WhisperSysState, WhisperTokenData, WhisperTokenId,
};

/// What the nudge does, and what it saw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nudge {
    /// Tokens that begin a filler.
    pub tokens: Vec<WhisperTokenId>,
    /// How much their scores are raised, in nats.
    pub raise: f32,
    /// Number of scores in a row: the size of the model's vocabulary, set by [`read`].
    vocabulary: usize,
    /// For each step, how many tokens stood before it and which share of the probability the fillers had, 0 to 1,
    /// before they were raised. A reading that is begun again writes its steps again.
    pub seen: Vec<(usize, f32)>,
}

impl Nudge {
    /// A nudge that raises the scores of `tokens` by `raise` nats.
    pub fn new(tokens: Vec<WhisperTokenId>, raise: f32) -> Self {
        Self { tokens, raise, vocabulary: 0, seen: Vec::new() }
    }

    /// Looks at one row of scores and raises those of fillers.
    fn apply(&mut self, step: usize, scores: &mut [f32]) {
        let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if !highest.is_finite() {
            return;
        }
        let total: f32 = scores.iter().map(|score| (score - highest).exp()).sum();
        let mut share = 0.0;
        for token in &self.tokens {
            if let Some(score) = usize::try_from(*token).ok().and_then(|index| scores.get_mut(index)) {
                share += (*score - highest).exp() / total;
                *score += self.raise;
            }
        }
        self.seen.push((step, share));
    }

    /// What share of the probability fillers had when `step` tokens stood before; 0 when it was not asked.
    pub fn share_at(&self, step: usize) -> f32 {
        self.seen.iter().rev().find(|(at, _)| *at == step).map_or(0.0, |(_, share)| *share)
    }
}

/// Reads `samples` with `state` and asks `nudge` before each token. `parameters` must ask for a single decoder (greedy,
/// best of one), whose scores whisper.cpp filters on the calling thread.
///
/// # Errors
///
/// Those of [`WhisperState::full`].
pub fn read(
    state: &mut WhisperState,
    mut parameters: FullParams,
    samples: &[f32],
    nudge: &mut Nudge,
) -> Result<(), WhisperError> {
    nudge.vocabulary = usize::try_from(state.n_vocab()).unwrap_or(0);
    // SAFETY: `nudge` is borrowed mutably until this function returns, and the parameters, with the pointer in them, are
    // used up by `full` before it does; `vocabulary` is that of the model that `state` belongs to
    unsafe {
        parameters.set_filter_logits_callback_user_data(std::ptr::from_mut(nudge).cast());
        parameters.set_filter_logits_callback(Some(trampoline));
    }
    state.full(parameters, samples)
}

/// Called by whisper.cpp before each token is chosen, with the tokens so far and a row of scores.
unsafe extern "C" fn trampoline(
    _context: *mut WhisperSysContext,
    _state: *mut WhisperSysState,
    _tokens: *const WhisperTokenData,
    count: i32,
    scores: *mut f32,
    nudge: *mut c_void,
) {
    if nudge.is_null() || scores.is_null() {
        return;
    }
    // SAFETY: `nudge` is the pointer that `read` set and keeps valid; `scores` points to as many floats as
    // the vocabulary has tokens, which is what whisper.cpp allocates for each decoder
    unsafe {
        let nudge = &mut *nudge.cast::<Nudge>();
        let scores = std::slice::from_raw_parts_mut(scores, nudge.vocabulary);
        nudge.apply(usize::try_from(count).unwrap_or(0), scores);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raises_fillers_and_writes_down_their_share() {
        let mut nudge = Nudge { tokens: vec![1, 9], raise: 2.0, vocabulary: 3, seen: Vec::new() };
        let mut scores = [0.0, 0.0, f32::NEG_INFINITY];
        nudge.apply(4, &mut scores);
        assert_eq!(scores[..2], [0.0, 2.0]);
        assert_eq!(nudge.seen.len(), 1);
        assert_eq!(nudge.seen[0].0, 4);
        assert!((nudge.seen[0].1 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn leaves_rows_without_any_score_alone() {
        let mut nudge = Nudge { tokens: vec![0], raise: 1.0, vocabulary: 2, seen: Vec::new() };
        let mut scores = [f32::NEG_INFINITY; 2];
        nudge.apply(0, &mut scores);
        assert!(nudge.seen.is_empty());
    }
}
