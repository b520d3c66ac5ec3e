//! A level that is followed through the hours of a day.

/// A factor around 1 and how well it is known.
///
/// Its belief is a gamma distribution of mean `factor` and relative variance `variance`. A cell group in which S was
/// seen and μ expected, with a relative variance r, is worth 1 ÷ r pseudo-counts of S ÷ μ:
///
/// ```text
/// factor ← factor · (1 ÷ v + S ÷ (μ r)) ÷ (1 ÷ v + 1 ÷ r),     1 ÷ v ← 1 ÷ v + 1 ÷ r
/// ```
///
/// the credibility formula by which history is pooled, and a Kalman filter of a log-level where r is small; it is
/// linear in S, so that thin hours, in which S is mostly 0, do not bias it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tier {
    pub factor: f64,
    pub variance: f64,
}

/// The least that is ever unknown of a level, as a relative variance.
const LEAST: f64 = 1e-6;

impl Tier {
    /// Before the day.
    pub fn new(variance: f64) -> Tier {
        Tier { factor: 1.0, variance: variance.max(LEAST) }
    }

    /// An hour goes by: the level falls back towards 1 and moves by chance.
    pub fn pass(&mut self, persistence: f64, restless: f64) {
        self.factor = 1.0 + persistence * (self.factor - 1.0);
        self.variance = persistence * persistence * self.variance + restless * restless;
    }

    /// Something was seen of which `expected` (this level in it) was to be expected with a relative variance.
    pub fn see(&mut self, seen: f64, expected: f64, noise: f64) {
        if !(expected > 0.0 && noise > 0.0 && noise.is_finite() && seen.is_finite()) {
            return;
        }
        let (known, more) = (1.0 / self.variance, 1.0 / noise);
        self.factor *= (known + more * seen / expected) / (known + more);
        self.variance = (1.0 / (known + more)).max(LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_seen_is_nothing_learned_and_much_seen_is_believed() {
        let mut tier = Tier::new(0.01);
        tier.see(0.0, 0.0, 1.0);
        assert_eq!(tier.factor, 1.0);
        tier.see(60.0, 100.0, 1e9);
        assert!((tier.factor - 1.0).abs() < 1e-6, "a cell that says nothing");
        tier.see(60.0, 100.0, 1e-6);
        assert!((tier.factor - 0.6).abs() < 1e-3, "{}", tier.factor);
    }

    #[test]
    fn a_shock_is_followed_within_two_hours_and_forgotten_as_said() {
        let mut tier = Tier::new(0.0025);
        for _ in 0..12 {
            tier.pass(0.98, 0.05);
            tier.see(100.0 * tier.factor, 100.0 * tier.factor, 0.0025);
        }
        for _ in 0..2 {
            tier.pass(0.98, 0.05);
            tier.see(60.0, 100.0 * tier.factor, 0.0025);
        }
        assert!((0.55..0.72).contains(&tier.factor), "{}", tier.factor);
        let before = tier.factor;
        tier.pass(0.98, 0.05);
        assert!((tier.factor - (1.0 + 0.98 * (before - 1.0))).abs() < 1e-12);
    }

    #[test]
    fn thin_hours_do_not_bias_the_level() {
        // One order in ten hours, as expected, in whichever of them it comes.
        for hour in 0..10 {
            let mut tier = Tier::new(0.05);
            for at in 0..10 {
                let seen = if at == hour { 1.0 } else { 0.0 };
                tier.see(seen, 0.1 * tier.factor, 10.0 / tier.factor);
            }
            assert!((tier.factor - 1.0).abs() < 0.01, "hour {hour}: {}", tier.factor);
        }
    }
}
