//! A level of which nobody knows whether, and when, it has jumped today.

use super::tier::Tier;

/// Standard deviation of a jump, as a share of the level.
pub const JUMP: f64 = 0.3;
/// The least that an hour's word makes of a hypothesis that it contradicts: one hour alone may be an outlier.
const OUTLIER: f64 = 0.01;
/// Hypotheses below this weight are forgotten.
const FORGOTTEN: f64 = 1e-6;

/// A level by the hours at which it may have jumped: never, or last at one of those that are over.
///
/// Each hypothesis is a [`Tier`] that moves little from hour to hour, and is believed as far as it foretold what was
/// then seen (Bayes). So chance is not taken for a change, and a change is followed within hours.
/// (`models/formulation.md` §12)
#[derive(Debug, Clone)]
pub(super) struct Jumps {
    /// The mean over the hypotheses.
    pub factor: f64,
    /// Relative variance around it.
    pub variance: f64,
    hypotheses: Vec<(f64, Tier)>,
}

impl Jumps {
    /// Before the day.
    pub fn new(variance: f64) -> Jumps {
        let tier = Tier::new(variance);
        Jumps { factor: tier.factor, variance: tier.variance, hypotheses: vec![(1.0, tier)] }
    }

    /// An hour goes by: levels fall back and move a little, and with a chance of `jumps` this one leaves where it was.
    pub fn pass(&mut self, persistence: f64, restless: f64, jumps: f64) {
        for (weight, tier) in &mut self.hypotheses {
            tier.pass(persistence, restless);
            *weight *= 1.0 - jumps;
        }
        self.sum_up();
        let away = Tier { factor: self.factor, variance: self.variance + JUMP * JUMP };
        self.hypotheses.push((jumps, away));
        self.sum_up();
    }

    /// Something was seen of which `expected` (this level in it) was to be expected with a relative variance.
    pub fn see(&mut self, seen: f64, expected: f64, noise: f64) {
        if !(expected > 0.0 && noise > 0.0 && noise.is_finite() && seen.is_finite()) {
            return;
        }
        let mean = self.factor;
        for (weight, tier) in &mut self.hypotheses {
            let expected = expected * tier.factor / mean;
            let variance = tier.variance + noise;
            let off = (seen / expected - 1.0).powi(2) / variance;
            // A density of seen ÷ expected at this level, so by the level's own width.
            *weight *= (-0.5 * off).exp().max(OUTLIER) / (variance.sqrt() * tier.factor);
            tier.see(seen, expected, noise);
        }
        let most = self.hypotheses.iter().fold(0.0f64, |most, (weight, _)| most.max(*weight));
        self.hypotheses.retain(|(weight, _)| *weight > FORGOTTEN * most);
        self.sum_up();
    }

    fn sum_up(&mut self) {
        let all: f64 = self.hypotheses.iter().map(|(weight, _)| weight).sum();
        self.hypotheses.iter_mut().for_each(|(weight, _)| *weight /= all);
        let of = |of: &dyn Fn(&Tier) -> f64| -> f64 {
            self.hypotheses.iter().map(|(weight, tier)| weight * of(tier)).sum()
        };
        let mean = of(&|tier| tier.factor);
        let square = of(&|tier| tier.factor * tier.factor * (1.0 + tier.variance));
        (self.factor, self.variance) = (mean, (square / (mean * mean) - 1.0).max(0.0));
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// A day of hours with a relative standard deviation each, at a level that leaves 1 at noon.
    fn day(seed: u64, deviation: f64, from_noon: f64) -> Vec<f64> {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut level = Jumps::new(0.0025);
        let hour = |at: i32| {
            level.pass(0.98, 0.01, 0.01);
            let chance = 1.0 + deviation * 12f64.sqrt() * (random.random::<f64>() - 0.5);
            let truth = if at < 12 { 1.0 } else { from_noon };
            level.see(100.0 * truth * chance, 100.0 * level.factor, deviation * deviation);
            level.factor
        };
        (0..24).map(hour).collect()
    }

    fn mean_square(levels: impl Iterator<Item = f64>, truth: f64) -> f64 {
        let squares: Vec<f64> = levels.map(|level| (level - truth).powi(2)).collect();
        (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
    }

    #[test]
    fn chance_is_not_taken_for_a_change() {
        let off = mean_square((0..40).flat_map(|seed| day(seed, 0.2, 1.0)), 1.0);
        assert!(off < 0.05, "{off}");
    }

    #[test]
    fn a_change_is_followed_the_sooner_the_clearer_it_is() {
        for (deviation, truth, hours, within) in
            [(0.05, 0.6, 2, 0.08), (0.2, 0.7, 8, 0.1), (0.2, 1.6, 4, 0.35)]
        {
            let after = (0..40).map(|seed| day(seed, deviation, truth)[11 + hours]);
            let off = mean_square(after, truth);
            assert!(off < within, "{deviation} {truth}: {off}");
        }
    }

    #[test]
    fn one_wild_hour_is_forgotten() {
        let mut level = Jumps::new(0.0025);
        for hour in 0..12 {
            level.pass(0.98, 0.01, 0.01);
            let seen = if hour == 5 { 300.0 } else { 100.0 };
            level.see(seen, 100.0 * level.factor, 0.01);
        }
        assert!((level.factor - 1.0).abs() < 0.08, "{}", level.factor);
    }

    #[test]
    fn thin_hours_do_not_bias_the_level() {
        // One order in ten hours, as expected, in whichever of them it comes.
        for hour in 0..10 {
            let mut level = Jumps::new(0.05);
            for at in 0..10 {
                level.pass(1.0, 0.01, 0.01);
                let seen = if at == hour { 1.0 } else { 0.0 };
                level.see(seen, 0.1 * level.factor, 10.0 / level.factor);
            }
            assert!((level.factor - 1.0).abs() < 0.03, "hour {hour}: {}", level.factor);
        }
    }
}
