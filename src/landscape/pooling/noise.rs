//! How far single observations lie from their rate.

use serde::{Deserialize, Serialize};

use super::Row;

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
    pub fn learn(self, rows: &[Row], mean: &[f64], weights: &[f64], absorbed: f64, floor: f64) -> Noise {
        let mut sums = [0.0; 5];
        let (mut statistic, mut weight) = (0.0, 0.0);
        for ((row, mu), full) in rows.iter().zip(mean).zip(weights) {
            if *mu > 0.0 {
                let square = (row.y - mu).powi(2) / mu;
                statistic += full * square;
                weight += full;
                // A single outlier must not make everything look like noise.
                let expected = self.each + self.common * mu;
                let square = square.min(50.0 * expected);
                let w = full / expected.powi(2);
                for (sum, term) in sums.iter_mut().zip([w, w * mu, w * mu * mu, w * square, w * square * mu])
                {
                    *sum += term;
                }
            }
        }
        let free = (weight - absorbed).max(0.1 * weight);
        if free <= 0.0 {
            return Noise { each: floor, common: 0.0 };
        }
        if free < 0.5 * weight {
            return Noise { each: (statistic / free).max(floor), common: 0.0 };
        }
        let made_up = weight / free;
        let [one, x, xx, y, xy] = sums;
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
}

/// A cell whose mean says less than this is not modelled by a rate at all.
const MOST: f64 = 4.0;
