//! The fitted part: how much a passage is about a concept, and whether the answer covers it; weights in `weights.toml`.
//!
//! The topic is a logistic regression. The verdict is the mean of a few small neural networks with one hidden layer,
//! because the signals depend on each other: a denial counts where the topic is, an attribution only without a deed.
//! Both are over features of any passage and any concept; no weight belongs to one concept. `scripts/fit-coverage` fits
//! them by maximum likelihood with a ridge penalty and prints the accuracy on questions that were left out. A mean of
//! networks is close to calibrated as it is (Lakshminarayanan et al. 2017); the script prints how close.

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

/// The mean of small neural networks over standardised features.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Committee {
    /// Names of the features, in order.
    pub features: Vec<String>,
    /// What is taken off each feature.
    pub mean: Vec<f64>,
    /// What each is then divided by.
    pub scale: Vec<f64>,
    /// The networks.
    pub members: Vec<Network>,
}

/// One network: a hidden layer of hyperbolic tangents, and a logistic output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// For each hidden unit the weight of every feature and last the bias.
    pub hidden: Vec<Vec<f64>>,
    /// The weight of every hidden unit and last the bias.
    pub output: Vec<f64>,
}

impl Network {
    /// The logit for standardised features.
    pub fn logit(&self, x: &[f64]) -> f64 {
        let Some((bias, weights)) = self.output.split_last() else { return 0.0 };
        bias + self.hidden.iter().zip(weights).map(|(unit, weight)| weight * activation(unit, x)).sum::<f64>()
    }
}

/// What a hidden unit gives for standardised features.
pub fn activation(unit: &[f64], x: &[f64]) -> f64 {
    let Some((bias, weights)) = unit.split_last() else { return 0.0 };
    (bias + weights.iter().zip(x).map(|(weight, x)| weight * x).sum::<f64>()).tanh()
}

impl Committee {
    /// The probability that the concept is covered, 0 to 1, for features in the order of [`Committee::features`];
    /// `None` when the weights are for other features.
    pub fn probability(&self, names: &[&str], values: &[f32]) -> Option<f64> {
        if self.members.is_empty() || !self.features.iter().map(String::as_str).eq(names.iter().copied()) {
            return None;
        }
        let x: Vec<f64> = values
            .iter()
            .zip(self.mean.iter().zip(&self.scale))
            .map(|(&value, (mean, scale))| (f64::from(value) - mean) / scale)
            .collect();
        Some(self.members.iter().map(|member| probability(member.logit(&x))).sum::<f64>() / self.members.len() as f64)
    }
}

/// Weights for one way of comparing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// How much a passage is about a concept.
    pub topic: Linear,
    /// Whether the answer covers the concept.
    pub verdict: Committee,
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
