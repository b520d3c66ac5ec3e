//! What a slope makes of a feature.

use serde::{Deserialize, Serialize};

/// What becomes of slope × feature. Its own slope at 0 is 1, as ln.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum Link {
    /// `exp(·)`.
    #[default]
    Exponential,
    /// `1 ÷ (1 − ·)`, of a feature that never exceeds `most`: with `(1 − r^−k) ÷ k` at a ratio r, the share that is won
    /// where a chance is logistic in ln r with steepness k. The slope is the elasticity at r = 1, k times the share
    /// that is lost there, so nobody wins more than everything.
    Share {
        /// The largest feature, 1 ÷ k.
        most: f64,
    },
}

/// Of a share's answer, what is within reach: a tenfold of what is usual.
const REACH: f64 = 0.9;

impl Link {
    /// What is multiplied by.
    pub fn response(self, answer: f64) -> f64 {
        match self {
            Link::Exponential => answer.exp(),
            Link::Share { .. } => 1.0 / (1.0 - answer.min(REACH)),
        }
    }

    /// The largest slope of a feature that is told against a reference: at it, a share is a power of the ratio.
    pub fn steepest(self, reference: f64) -> f64 {
        match self {
            Link::Share { most } if reference < most => 1.0 / (most - reference),
            _ => f64::INFINITY,
        }
    }
}
