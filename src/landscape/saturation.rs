//! How volume saturates as bids rise, where it is a matter of being worth while: display and affiliate.

use super::pooling::{Effects, Explained};

/// What a bid adds over the usual one, where volume is a matter of being worth while: `(1 − r^−θ) ÷ θ` of the
/// ratio r to the usual bid, ln r for θ = 0 (Box & Cox 1964). Its slope at the usual bid is 1 for every θ, so
/// a volume's slope is its elasticity there, and the elasticity falls as `r^−θ`.
pub(super) fn appeal(ratio: f64, saturation: f64) -> f64 {
    if saturation == 0.0 { ratio.ln() } else { (1.0 - ratio.powf(-saturation)) / saturation }
}

/// Saturations that are tried, and what is believed of them before the data speaks: a win rate over
/// lognormal rivals falls off like 2 to 3 where half is won, promoters like 1.
const SATURATIONS: [f64; 7] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0];
const SATURATION: [f64; 2] = [1.5, 1.0];

/// The saturation that the history speaks for: the mean over what is tried, each by its likelihood.
pub(super) fn saturates(fit: impl Fn(f64) -> (Effects, Explained)) -> f64 {
    let mut noise = None;
    let missing = SATURATIONS.map(|theta| {
        let (effects, explained) = fit(theta);
        let noise = *noise.get_or_insert(effects.noise);
        explained.deviance(noise) + ((theta - SATURATION[0]) / SATURATION[1]).powi(2)
    });
    let least = missing.iter().copied().fold(f64::INFINITY, f64::min);
    let weights = missing.map(|missing| (-(missing - least) / 2.0).exp());
    let mean = SATURATIONS.iter().zip(&weights).map(|(theta, weight)| theta * weight).sum::<f64>();
    mean / weights.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_usual_bid_every_saturation_has_the_slope_one() {
        for theta in SATURATIONS {
            assert!((appeal(1.0001, theta) / 1e-4 - 1.0).abs() < 1e-3 && appeal(1.0, theta) == 0.0);
            let gains = [0.5, 1.0, 2.0, 4.0].map(|ratio| appeal(2.0 * ratio, theta) - appeal(ratio, theta));
            assert!(gains.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12 && pair[1] > 0.0), "{gains:?}");
        }
    }
}
