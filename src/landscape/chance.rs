//! The chance that a cell's realised mean position lies in a band.

use super::pooling::Noise;

/// Chance that the mean position of so many impressions lies within a band, where (position − 1) is expected
/// to be `beyond` and scatters as `noise` says. (position − 1) is taken as lognormal: positive, skewed.
pub(super) fn within([best, worst]: [f64; 2], beyond: f64, impressions: f64, noise: Noise) -> f64 {
    // A cell that is shown at all is shown once.
    let variance = noise.relative(beyond * impressions.max(1.0)).ln_1p();
    let (middle, spread) = (beyond.ln() - variance / 2.0, variance.sqrt().max(1e-9));
    let below = |position: f64| match position > 1.0 {
        true => normal(((position - 1.0).ln() - middle) / spread),
        false => 0.0,
    };
    (below(worst) - below(best)).clamp(0.0, 1.0)
}

/// The mean of (position − 1) where the mean position of so many impressions is known to lie in an interval of whole
/// positions, as `within` otherwise.
pub(super) fn mean_within([best, worst]: [f64; 2], beyond: f64, impressions: f64, noise: Noise) -> f64 {
    let variance = noise.relative(beyond * impressions.max(1.0)).ln_1p();
    let (middle, spread) = (beyond.max(1e-6).ln() - variance / 2.0, variance.sqrt().max(1e-3));
    // A position that was rounded: 4 to 6 are 3.5 to 6.5.
    let [low, high] = [(best - 1.5).max(0.02), worst - 0.5];
    let (mut sum, mut weight) = (0.0, 0.0);
    for part in 0..PARTS {
        let at = low + (high - low) * (part as f64 + 0.5) / PARTS as f64;
        let z = (at.ln() - middle) / spread;
        let density = (-z * z / 2.0).exp() / at;
        sum += density * at;
        weight += density;
    }
    // Far from where it was expected, the nearer end is all that is known.
    if weight > 1e-200 { sum / weight } else { beyond.clamp(low, high) }
}

/// Parts into which an interval of positions is cut.
const PARTS: usize = 24;

/// The standard normal distribution function, to 1e-7 (Abramowitz & Stegun 1964, 26.2.17).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let tail = series.iter().rev().fold(0.0, |sum, term| (sum + term) * t) * (-z * z / 2.0).exp()
        / std::f64::consts::TAU.sqrt();
    if z > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_is_the_tables() {
        for (z, expected) in [(0.0, 0.5), (1.0, 0.841_344_7), (-1.96, 0.024_997_9), (3.0, 0.998_650_1)] {
            assert!((normal(z) - expected).abs() < 2e-7, "{z}: {}", normal(z));
        }
    }

    #[test]
    fn an_interval_holds_its_mean_where_it_was_expected() {
        let noise = Noise { each: 1.0, common: 0.01 };
        let mean = |beyond| mean_within([4.0, 6.0], beyond, 50.0, noise);
        assert!((mean(4.0) - 4.0).abs() < 0.1 && mean(2.0) < 3.0 && mean(7.0) > 4.8);
        assert!((2.5..=5.5).contains(&mean(0.001)) && (2.5..=5.5).contains(&mean(900.0)));
    }

    #[test]
    fn the_middle_is_safer_than_the_edge_and_many_impressions_than_few() {
        let noise = Noise { each: 2.0, common: 0.01 };
        let chance = |beyond, impressions| within([3.0, 5.0], beyond, impressions, noise);
        assert!(chance(2.9, 20.0) > chance(2.1, 20.0) && chance(2.9, 20.0) > chance(3.9, 20.0));
        assert!(chance(2.9, 200.0) > chance(2.9, 20.0));
        assert!(chance(2.0, 1e9) < 0.6 && chance(2.9, 1e9) > 0.98);
    }
}
