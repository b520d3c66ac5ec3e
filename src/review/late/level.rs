//! How many of those who clicked buy on a day, by what was planned and by what has come so far.

use crate::calendar::HOURS;
use crate::keys::Channel;
use crate::landscape::today::JUMP;
use crate::metric::Metric;
use crate::plan::Band;

/// Relative variance of a day's conversion where the plan has no band, and the least that is taken.
const UNKNOWN: f64 = 1.0;
const CALM: f64 = 0.02 * 0.02;

/// What a day may be: the chance of it, and the relative variance of its conversion.
pub type Prior = (f64, f64);

/// How many buy on a day, against the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Level {
    /// Against the plan.
    pub factor: f64,
    /// Its variance.
    pub variance: f64,
    /// How much of what was seen is in it.
    pub weight: f64,
}

impl Level {
    /// After `seen`, which has so much `chance` and `unsure`ty; `priors` are what a day may be, with the chance of each and
    /// its relative variance. Each is believed as far as it foretold what was seen.
    pub fn of(seen: f64, chance: f64, unsure: f64, priors: [Prior; 2]) -> Level {
        let of = |(believed, prior): Prior| {
            let total = prior + chance + unsure;
            let weight = prior / total;
            let likely = (-(seen - 1.0).powi(2) / (2.0 * total)).exp() / total.sqrt();
            let left = if chance > 0.0 { prior * chance / (prior + chance) } else { 0.0 };
            (believed * likely, Level { factor: 1.0 + weight * (seen - 1.0), variance: left, weight })
        };
        let all = priors.map(of);
        let whole: f64 = all.iter().map(|(believed, _)| believed).sum();
        let mean = |of: &dyn Fn(&Level) -> f64| -> f64 {
            all.iter().map(|(believed, level)| believed / whole * of(level)).sum()
        };
        // Beyond all belief: what was seen is all that is known.
        if whole <= 0.0 {
            return Level { factor: seen, variance: chance, weight: 1.0 };
        }
        let factor = mean(&|level| level.factor);
        let variance = mean(&|level| level.variance + (level.factor - factor).powi(2));
        Level { factor, variance, weight: mean(&|level| level.weight) }
    }
}

/// What a day's conversion may be against the plan: as the plan's band of orders has it, less the chance of single ones;
/// or one that nobody could foretell, as in a day under way (`[replan] jumps`).
pub fn priors(channel: Channel, bands: &[Band], due: f64, jumps: f64) -> [Prior; 2] {
    let band = bands.iter().find(|band| band.channel == Some(channel) && band.metric == Metric::Orders);
    let usual = band.map_or(UNKNOWN, |band| (band.deviation.powi(2) - due.recip()).max(CALM));
    let calm = (1.0 - jumps).powi(HOURS as i32);
    [(calm, usual), (1.0 - calm, usual + JUMP * JUMP)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_day_leans_on_the_plan_and_a_shock_does_not() {
        let seen = |seen: f64| Level::of(seen, 0.004, 0.0, [(0.79, 0.005), (0.21, 0.095)]);
        let (usual, shock) = (seen(0.95), seen(0.6));
        assert!((0.96..0.98).contains(&usual.factor), "{usual:?}");
        assert!((0.6..0.63).contains(&shock.factor), "{shock:?}");
        assert!(usual.variance < shock.variance && shock.variance < 0.005, "{usual:?} {shock:?}");
    }
}
