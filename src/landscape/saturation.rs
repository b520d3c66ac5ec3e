//! How fast an answer falls off: one number a channel, by its likelihood.

use serde::{Deserialize, Serialize};

use super::pooling::{Effects, Explained};

/// How fast an answer falls off as bids or positions rise, θ: of an exponential of its appeal, the elasticity at a ratio `r`
/// to what is usual is what it is there, times `r^−θ`; of a share that is won, θ is the steepness (see `pooling::Link`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Saturation(pub f64);

impl Saturation {
    /// What a ratio adds over 1: `(1 − r^−θ) ÷ θ`, ln r for θ = 0 (Box & Cox 1964). Its slope at 1 is 1 for every
    /// θ, so the slope of an answer is its elasticity there.
    pub(super) fn appeal(self, ratio: f64) -> f64 {
        let Saturation(theta) = self;
        if theta == 0.0 { ratio.ln() } else { (1.0 - ratio.powf(-theta)) / theta }
    }
}

/// Values that are tried, and what is believed before the data speaks (mean, standard deviation).
pub(super) struct Tried {
    pub values: &'static [f64],
    pub prior: [f64; 2],
}

/// Steepness of the share that is won by the bid's ratio to the usual one: rivals' bids that scatter by 0.4 to 0.8, as
/// ln, are logistic with 2 to 4, and flatter where rivals are of two kinds far apart.
pub(super) const BY_BID: Tried =
    Tried { values: &[1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0], prior: [1.25, 1.0] };

/// Steepness of what promoters bring, by commission: those who ask for more are fewer, and few weeks of a few commissions
/// tell little of how fast.
pub(super) const BY_COMMISSION: Tried =
    Tried { values: &[0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0], prior: [1.0, 0.5] };

/// θ of volume and of CTR by position: 0 is a power of the position, 1 an exponential of it; pages that end fall
/// off faster.
pub(super) const BY_POSITION: Tried = Tried { values: &[0.0, 0.5, 1.0, 1.5, 2.0, 3.0], prior: [1.0, 1.0] };

impl Tried {
    /// The value that the history speaks for: the mean under a normal likelihood, which the three likeliest neighbours
    /// give. `missing` is the deviance with a value; it is asked downhill from what is believed before.
    pub fn learn(&self, mut missing: impl FnMut(f64) -> f64) -> f64 {
        let ([middle, spread], values) = (self.prior, self.values);
        let mut costs = vec![None; values.len()];
        let mut cost = |at: usize| {
            *costs[at].get_or_insert_with(|| missing(values[at]) + ((values[at] - middle) / spread).powi(2))
        };
        let mut at = values.partition_point(|value| *value < middle).clamp(1, values.len() - 2);
        loop {
            let [left, here, right] = [at - 1, at, at + 1].map(&mut cost);
            if left < here && at > 1 {
                at -= 1;
            } else if right < here && at + 2 < values.len() {
                at += 1;
            } else {
                let three = [at - 1, at, at + 1].map(|at| values[at]);
                return normal_mean(three, [left, here, right], [values[0], values[values.len() - 1]]);
            }
        }
    }

    /// The same of a model that is fitted with each value; all are judged under the noise of the first, and no more
    /// trusted than so many rows of their own.
    pub fn fitted(&self, fit: impl Fn(f64) -> (Effects, Explained)) -> f64 {
        let mut first = None;
        self.learn(|theta| {
            let (effects, explained) = fit(theta);
            let (noise, alike) = *first.get_or_insert((effects.noise, explained.alike));
            explained.deviance(noise) / alike
        })
    }
}

/// Steps in which a mean is taken.
const STEPS: usize = 1000;

/// The mean of what is normal between bounds, −2 ln of whose density is known at three points. Where they bend the
/// wrong way, the likeliest of them.
fn normal_mean(at: [f64; 3], cost: [f64; 3], [low, high]: [f64; 2]) -> f64 {
    let [left, right] = [0, 1].map(|of| (cost[of + 1] - cost[of]) / (at[of + 1] - at[of]));
    let bend = (right - left) / (at[2] - at[0]);
    if bend <= 0.0 || !bend.is_finite() {
        return if cost[0] < cost[2] { at[0] } else { at[2] };
    }
    let top = (at[0] + at[1]) / 2.0 - left / (2.0 * bend);
    let nearest = top.clamp(low, high);
    let points = (0..=STEPS).map(|step| low + (high - low) * step as f64 / STEPS as f64).chain([nearest]);
    let least = (nearest - top).powi(2);
    let (sum, weight) = points.fold((0.0, 0.0), |(sum, weight), at| {
        let density = (-bend * ((at - top).powi(2) - least) / 2.0).exp();
        (sum + density * at, weight + density)
    });
    sum / weight
}

#[cfg(test)]
mod tests {
    use super::super::pooling::Link;
    use super::*;

    #[test]
    fn at_the_usual_bid_every_saturation_has_the_slope_one() {
        for theta in BY_BID.values {
            let appeal = |ratio: f64| Saturation(*theta).appeal(ratio);
            assert!((appeal(1.0001) / 1e-4 - 1.0).abs() < 1e-3 && appeal(1.0) == 0.0);
            let gains = [0.5, 1.0, 2.0, 4.0].map(|ratio| appeal(2.0 * ratio) - appeal(ratio));
            assert!(gains.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12 && pair[1] > 0.0), "{gains:?}");
        }
    }

    #[test]
    fn a_share_that_is_won_is_logistic_in_the_bid_and_never_more_than_all() {
        // Of what is won by a third at the usual bid, with steepness 3.
        let (steepness, won) = (3.0, 1.0 / 3.0);
        let link = Link::Share { most: 1.0 / steepness };
        for ratio in [0.2, 0.7, 1.0, 1.5, 2.0] {
            let share = won * link.response(steepness * (1.0 - won) * Saturation(steepness).appeal(ratio));
            let odds = won / (1.0 - won) * f64::powf(ratio, steepness);
            assert!((share - odds / (1.0 + odds)).abs() < 1e-12, "{share} at {ratio}");
        }
        let most = link.steepest(0.0) * Saturation(steepness).appeal(1e9);
        assert!((0.999..=1.0).contains(&most) && link.response(most).is_finite());
    }

    #[test]
    fn what_the_data_says_nothing_of_is_the_prior() {
        assert!((BY_POSITION.learn(|_| 7.0) - 1.1).abs() < 0.2);
    }

    #[test]
    fn a_value_between_those_tried_is_found_with_few_fits() {
        for told in [0.0, 0.3, 1.2, 2.0, 2.7, 3.0] {
            let mut fits = 0;
            let learned = BY_POSITION.learn(|theta| {
                fits += 1;
                1e4 * (theta - told).powi(2)
            });
            assert!((learned - told).abs() < 0.01 && fits <= 5, "{learned} for {told} with {fits} fits");
        }
        // Beyond what is tried, the end of it.
        assert!(BY_POSITION.learn(|theta| 1e4 * (theta - 9.0).powi(2)) > 2.99);
        assert_eq!(BY_POSITION.learn(|theta| -1e4 * (theta - 1.4).powi(2)), 0.0);
    }
}
