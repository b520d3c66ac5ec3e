//! How far single observations lie from their rate.

use serde::{Deserialize, Serialize};

use super::piece::Piece;

/// Σ (y − μ)² ÷ μ and its weights, and the sums that the regression needs.
pub(super) type Moments = [f64; 7];

/// The variance of an observation around its mean μ: `each · μ + common · μ²`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// What single pieces do by chance (φ); it averages out where there are many.
    pub each: f64,
    /// What the day does to all pieces of a cell alike (τ²); it does not average out.
    pub common: f64,
}

impl Noise {
    /// Squared coefficient of variation of an observation with this mean.
    pub fn relative(self, mean: f64) -> f64 {
        self.each / mean.max(1e-12) + self.common
    }

    /// What an observation counts for, against one of the same mean whose pieces are independent.
    pub fn discount(self, mean: f64) -> f64 {
        1.0 / (1.0 + self.common * mean / self.each)
    }

    /// By moments, least squares of (y − μ)² ÷ μ on μ, each row by its inverse variance. The degrees of
    /// freedom that unit effects take are made up for; where units are hardly seen more than once, nothing
    /// tells a unit from its day and only `each` is learned, never below the floor.
    pub(super) fn learn(moments: Moments, absorbed: f64, floor: f64) -> Noise {
        let [statistic, weight, one, x, xx, y, xy] = moments;
        let free = (weight - absorbed).max(0.1 * weight);
        if free <= 0.0 {
            return Noise { each: floor, common: 0.0 };
        }
        if free < 0.5 * weight {
            return Noise { each: (statistic / free).max(floor), common: 0.0 };
        }
        let made_up = weight / free;
        let determinant = one * xx - x * x;
        let common =
            if determinant > 1e-12 * one * xx { made_up * (one * xy - x * y) / determinant } else { 0.0 };
        let common = common.clamp(0.0, MOST);
        let each = (made_up * y - common * x) / one;
        if each >= floor {
            return Noise { each, common };
        }
        // At the floor: what is left is common.
        let common = ((made_up * xy - floor * x) / xx).clamp(0.0, MOST);
        Noise { each: floor, common }
    }

    /// What a piece's rows say of the noise, under the noise that was known before.
    pub(super) fn moments(self, piece: &Piece) -> Moments {
        let mut sums = [0.0; 7];
        for ((row, mu), full) in piece.rows.iter().zip(&piece.mean).zip(&piece.weights) {
            if *mu > 0.0 {
                let square = (row.y - mu).powi(2) / mu;
                // A single outlier must not make everything look like noise.
                let expected = self.each + self.common * mu;
                let least = square.min(50.0 * expected);
                let w = full / expected.powi(2);
                let terms = [full * square, *full, w, w * mu, w * mu * mu, w * least, w * least * mu];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
        }
        sums
    }
}

/// A cell whose mean says less than this is not modelled by a rate at all.
const MOST: f64 = 4.0;
