//! One family of factors of the model, and how far its levels lie apart.

use std::ops::Range;

use rayon::prelude::*;

use super::bin::Bin;
use super::piece::Piece;

/// What is seen and what is expected of some rows.
pub(super) type Sum = [f64; 2];

/// A family of factors while it is being fitted.
pub(super) struct Factor {
    pub value: Vec<f64>,
    /// Between-level variance τ² of the factor.
    pub variance: f64,
    /// Degrees of freedom that the factor takes up: Σ expected ÷ (expected + K).
    pub absorbed: f64,
    /// Whether levels lean on their mean at all.
    pooled: bool,
}

impl Factor {
    pub fn new(levels: usize, variance: f64, pooled: bool) -> Self {
        Factor { value: vec![1.0; levels], variance, absorbed: 0.0, pooled }
    }

    /// One back-fitting step: re-estimates the factor from the sums of each level, and τ² from how far the levels lie
    /// apart beyond what φ explains. What the values are multiplied by comes back.
    pub fn update(&mut self, sums: &[Sum], dispersion: f64) -> Vec<f64> {
        self.update_by(sums, &vec![dispersion; sums.len()])
    }

    /// The same where each level has a φ of its own.
    pub fn update_by(&mut self, sums: &[Sum], dispersion: &[f64]) -> Vec<f64> {
        if self.value.len() < 2 {
            return vec![1.0; self.value.len()];
        }
        let seen: Vec<f64> = sums.iter().map(|[seen, _]| *seen).collect();
        // Expected without the factor itself.
        let without = sums.iter().zip(&self.value).map(|([_, expected], value)| expected / value.max(1e-12));
        let expected: Vec<f64> = without.collect();
        self.variance = match self.pooled {
            true => between_variance(&seen, &expected, dispersion, self.variance),
            false => ALONE,
        };
        self.absorbed = 0.0;
        let mut ratio = Vec::with_capacity(self.value.len());
        for (at, value) in self.value.iter_mut().enumerate() {
            let (old, strength) = (value.max(1e-12), dispersion[at] / self.variance);
            *value = (seen[at] + strength) / (expected[at] + strength);
            self.absorbed += expected[at] / (expected[at] + strength);
            ratio.push(*value / old);
        }
        ratio
    }

    /// Updates a factor of bins; the bins move with it. `span` says which of its levels a piece can have.
    pub fn step(
        &mut self,
        pieces: &mut [Piece],
        dispersion: f64,
        span: impl Fn(&Piece) -> Range<usize> + Sync,
        level: impl Fn(&Bin) -> Option<usize> + Sync,
    ) {
        let levels = self.value.len();
        if levels < 2 {
            return;
        }
        let sums = of_bins(pieces, levels, span, &level);
        let ratio = self.update(&sums, dispersion);
        scale(pieces, &ratio, level);
    }
}

/// Sums of bins by level.
pub(super) fn of_bins(
    pieces: &mut [Piece],
    levels: usize,
    span: impl Fn(&Piece) -> Range<usize> + Sync,
    level: impl Fn(&Bin) -> Option<usize> + Sync,
) -> Vec<Sum> {
    by_level(pieces, levels, span, |piece, first, sums| {
        for bin in &piece.bins {
            if let Some([seen, expected]) = level(bin).map(|at| &mut sums[at - first]) {
                *seen += bin.seen;
                *expected += bin.expected;
            }
        }
    })
}

/// Bins move with their level.
pub(super) fn scale(pieces: &mut [Piece], ratio: &[f64], level: impl Fn(&Bin) -> Option<usize> + Sync) {
    pieces.par_iter_mut().flat_map_iter(|piece| &mut piece.bins).for_each(|bin| {
        let ratio = level(bin).map_or(1.0, |at| ratio[at]);
        bin.expected *= ratio;
        bin.moved *= ratio;
    });
}

/// Sums of all pieces, by level: each adds to those of its `span`, of which it is told the first.
pub(super) fn by_level(
    pieces: &mut [Piece],
    levels: usize,
    span: impl Fn(&Piece) -> Range<usize> + Sync,
    add: impl Fn(&mut Piece, usize, &mut [Sum]) + Sync,
) -> Vec<Sum> {
    let of_piece = |piece: &mut Piece| {
        let span = span(piece);
        let mut sums = vec![[0.0; 2]; span.len()];
        add(piece, span.start, &mut sums);
        (span, sums)
    };
    let parts: Vec<(Range<usize>, Vec<Sum>)> = pieces.par_iter_mut().map(of_piece).collect();
    let mut all = vec![[0.0; 2]; levels];
    for (span, sums) in parts {
        for ([all_seen, all_expected], [seen, expected]) in all[span].iter_mut().zip(sums) {
            *all_seen += seen;
            *all_expected += expected;
        }
    }
    all
}

/// Variance at which levels do not lean on anything.
const ALONE: f64 = 1e3;

/// Between-level variance by weighted moments: E[(seen − expected)²] = φ·expected + τ²·expected².
fn between_variance(seen: &[f64], expected: &[f64], dispersion: &[f64], start: f64) -> f64 {
    let mut variance = start;
    for _ in 0..3 {
        let (mut numerator, mut denominator) = (0.0, 0.0);
        for ((seen, expected), dispersion) in seen.iter().zip(expected).zip(dispersion) {
            let noise = dispersion * expected;
            let total = noise + variance * expected * expected;
            if total > 0.0 {
                // By the inverse variance of (seen ÷ expected − 1)².
                let weight = (expected / total).powi(2);
                numerator += weight * ((seen - expected).powi(2) - noise);
                denominator += weight * expected * expected;
            }
        }
        if denominator > 0.0 {
            variance = (numerator / denominator).clamp(1e-4, 4.0);
        }
    }
    variance
}
