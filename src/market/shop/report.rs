//! How the platform reports.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[report]`.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Report {
    /// What is told of positions.
    pub positions: Positions,
    /// Mornings before the last on which it was exported too.
    pub earlier_exports: u32,
}

/// What a report tells of positions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Positions {
    /// The mean, to two decimals.
    #[default]
    Mean,
    /// The bucket of the mean: 1, 2-3, 4-6, 7-10, 11-15, 16-20.
    Bucket,
    /// Nothing.
    Hidden,
}

/// The buckets in which platforms tell the rank of the hour.
const BUCKETS: [[f32; 2]; 6] = [[1.0, 1.0], [2.0, 3.0], [4.0, 6.0], [7.0, 10.0], [11.0, 15.0], [16.0, 20.0]];

impl Positions {
    /// A mean position as it is reported: best and worst, NaN for nothing.
    pub(in crate::market) fn reported(self, mean: Option<f64>) -> [f32; 2] {
        let mean = mean.map_or(f32::NAN, |mean| ((mean * 100.0).round() / 100.0) as f32);
        match self {
            Positions::Mean => [mean; 2],
            Positions::Hidden => [f32::NAN; 2],
            Positions::Bucket if mean.is_nan() => [f32::NAN; 2],
            Positions::Bucket => {
                let rank = mean.round();
                *BUCKETS.iter().find(|[_, worst]| rank <= *worst).unwrap_or(&BUCKETS[BUCKETS.len() - 1])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_the_rank_that_the_mean_rounds_to() {
        for (mean, bucket) in [(1.0, [1.0, 1.0]), (1.5, [2.0, 3.0]), (3.4, [2.0, 3.0]), (3.5, [4.0, 6.0])] {
            assert_eq!(Positions::Bucket.reported(Some(mean)), bucket, "{mean}");
        }
        assert_eq!(Positions::Mean.reported(Some(3.456)), [3.46, 3.46]);
        assert!(
            Positions::Bucket.reported(None)[0].is_nan() && Positions::Hidden.reported(Some(3.0))[0].is_nan()
        );
    }
}
