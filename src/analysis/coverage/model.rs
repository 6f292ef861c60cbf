//! The fitted part: two small logistic regressions, and their weights in `weights.toml`.
//!
//! The first says how much a passage is about a concept (its topic), the second whether the answer covers it, from the
//! best passages and the stance around them. Both are over features of any passage and any concept; no weight belongs
//! to one concept. `scripts/fit-coverage` fits them by maximum likelihood with a ridge penalty (le Cessie & van
//! Houwelingen 1992) and prints the accuracy on questions that were left out.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A weighted sum of named features.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// The sum without any feature.
    pub bias: f64,
    /// Weight of each feature by its name; a feature that is not named weighs nothing.
    pub weights: BTreeMap<String, f64>,
}

impl Linear {
    /// The weighted sum, in logits.
    pub fn logit(&self, names: &[&str], values: &[f32]) -> f64 {
        self.bias
            + names
                .iter()
                .zip(values)
                .filter_map(|(name, &value)| self.weights.get(*name).map(|weight| weight * f64::from(value)))
                .sum::<f64>()
    }

    /// The weights in the order of some names.
    pub fn in_order(&self, names: &[&str]) -> Ordered {
        Ordered {
            bias: self.bias,
            weights: names.iter().map(|name| self.weights.get(*name).copied().unwrap_or(0.0)).collect(),
        }
    }
}

/// A [`Linear`] laid out for one order of features.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordered {
    bias: f64,
    weights: Vec<f64>,
}

impl Ordered {
    /// The weighted sum, in logits.
    pub fn logit(&self, values: &[f32]) -> f64 {
        self.bias + self.weights.iter().zip(values).map(|(weight, &value)| weight * f64::from(value)).sum::<f64>()
    }
}

/// Weights for one way of comparing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// How much a passage is about a concept.
    pub topic: Linear,
    /// Whether the answer covers the concept.
    pub verdict: Linear,
    /// Probability from which a concept is covered.
    pub covered_from: f64,
    /// Probability from which a concept is at least touched.
    pub partial_from: f64,
}

/// The contents of `weights.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// With sentence embeddings.
    pub meaning: Model,
    /// With the bank's words alone.
    pub cues: Model,
}

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| toml::from_str(include_str!("weights.toml")).unwrap_or_default());

impl Weights {
    /// The weights that Viva ships.
    pub fn shipped() -> &'static Self {
        &WEIGHTS
    }
}

/// Probability of a logit.
pub fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}
