//! How a unit's days wander: what each day does by itself, and what carries over to the next.

use rayon::prelude::*;

use super::Noise;
use super::piece::Piece;

/// Relative variances of a unit's day around what is expected of it, beyond the chance of its pieces.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drift {
    /// Of each day by itself.
    day: f64,
    /// Of a walk's step from each day to the next: demand and rivals change for good.
    step: f64,
}

/// A day of a unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnitDay {
    /// Days since the first.
    at: f64,
    /// How far what was seen lies from what was expected of it, over that.
    off: f64,
    /// Variance of that by the chance of its pieces.
    chance: f64,
    /// What the day counts for: 1 ÷ `chance`, less for old days.
    weight: f64,
    /// Its feature.
    x: f64,
}

/// Days between two days that are compared.
const LAGS: [usize; 7] = [1, 2, 3, 5, 8, 13, 21];

/// The days of each unit of a piece, by their feature's part that days have. Rows that cover several days follow each
/// other as days do.
pub(super) fn days_of(piece: &Piece, noise: Noise) -> Vec<(usize, Vec<UnitDay>)> {
    let Piece { rows, weights, mean, apart, .. } = piece;
    let mut units: Vec<(usize, Vec<UnitDay>)> = Vec::new();
    for day in &apart.days {
        let first = &rows[day.start];
        let sums = day.clone().fold([0.0; 3], |[seen, expected, x], at| {
            let weight = rows[at].weight * mean[at];
            [seen + rows[at].weight * rows[at].y, expected + weight, x + weight * apart.x[at][2]]
        });
        let [seen, expected, x] = sums;
        if expected <= 0.0 {
            continue;
        }
        let unit = first.unit as usize;
        if units.last().is_none_or(|(last, _)| *last != unit) {
            units.push((unit, Vec::new()));
        }
        let Some((_, days)) = units.last_mut() else { continue };
        let at = first.day.map_or(days.len() as f64, |(day, _)| f64::from(day));
        let weight = expected / noise.each;
        days.push(UnitDay {
            at,
            off: seen / expected - 1.0,
            chance: weights[day.start] / weight,
            weight,
            x: x / expected,
        });
    }
    units
}

impl Drift {
    /// By moments: half the square of the difference of two days is, beyond chance, `day + step ÷ 2` times the days
    /// between them (a linear variogram with a nugget; Cressie 1993, ch. 2). Differences know nothing of the unit's mean.
    /// Starts from what was known self.
    pub fn learn(self, units: &[Vec<(usize, Vec<UnitDay>)>]) -> Drift {
        let of_unit = |(_, days): &(usize, Vec<UnitDay>)| {
            let mut sums = [0.0; 5];
            for lag in LAGS {
                for (one, other) in days.iter().zip(days.iter().skip(lag)) {
                    let (apart, chance) = (other.at - one.at, (one.chance + other.chance) / 2.0);
                    let expected = chance + self.day + self.step * apart / 2.0;
                    // A single outlier is no drift.
                    let half = ((one.off - other.off).powi(2) / 2.0).min(OUTLIER * expected) - chance;
                    let weight = (one.weight * one.chance).min(other.weight * other.chance)
                        / (expected * expected * lag as f64);
                    let terms = [1.0, apart, apart * apart, half, half * apart].map(|term| weight * term);
                    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                }
            }
            sums
        };
        let parts: Vec<[f64; 5]> = units.par_iter().flatten().map(of_unit).collect();
        let add = |all: [f64; 5], more: [f64; 5]| std::array::from_fn(|at| all[at] + more[at]);
        let [one, x, xx, y, xy] = parts.into_iter().fold([0.0; 5], add);
        let determinant = one * xx - x * x;
        if determinant <= 1e-9 * one * xx {
            return self;
        }
        let slope = ((one * xy - x * y) / determinant).max(0.0);
        let day = ((y - slope * x) / one).max(0.0);
        let slope = if day > 0.0 { slope } else { (xy / xx).max(0.0) };
        Drift { day: day.min(MOST), step: (2.0 * slope).min(MOST) }
    }

    /// Variance of what a unit's days say of the slope, over what it would be if all that parts them were chance.
    pub fn effect(self, days: &[UnitDay]) -> f64 {
        let (sum, weights) =
            days.iter().fold((0.0, 1e-300), |(sum, all), day| (sum + day.weight * day.x, all + day.weight));
        let tells = |day: &UnitDay| day.weight * (day.x - sum / weights);
        let (mut variance, mut told, mut rest, mut later) = (0.0, 1e-300, 0.0, None);
        // What a day says counts with all steps that led to it.
        for day in days.iter().rev() {
            variance += later.map_or(0.0, |later: f64| self.step * (later - day.at) * rest * rest);
            let tells = tells(day);
            variance += tells * tells * (day.chance + self.day);
            told += tells * (day.x - sum / weights);
            (rest, later) = (rest + tells, Some(day.at));
        }
        (variance / told).max(1.0)
    }

    /// Where the walk has brought a unit by its last day, against its mean, as a factor: each day moves it as far as it
    /// can be trusted (a local level; Harvey 1989, §4.3).
    pub fn level(self, days: &[UnitDay]) -> f64 {
        let [Some(first), Some(last)] = [days.first(), days.last()] else { return 1.0 };
        // From a walk's mean over its days to its first.
        let mut unknown = self.step * (last.at - first.at) / 3.0;
        let (mut level, mut before) = (0.0, first.at);
        for day in days {
            unknown += self.step * (day.at - before);
            let all = unknown + self.day + day.chance;
            if all > 0.0 {
                let most = SURPRISE * all.sqrt();
                level += unknown / all * (day.off - level).clamp(-most, most);
                unknown -= unknown * unknown / all;
            }
            before = day.at;
        }
        (1.0 + level).max(0.1)
    }
}

/// Standard deviations by which a day may lie from its level; beyond, it is an outlier.
const SURPRISE: f64 = 2.5;

/// A square counts for at most so many times what is expected.
const OUTLIER: f64 = 20.0;

/// A day that wanders further says nothing.
const MOST: f64 = 1.0;

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;

    const CHANCE: f64 = 0.01;

    /// Days of units that walk by so much a day, beside what each day does by itself.
    fn units(step: f64, day: f64) -> Vec<Vec<(usize, Vec<UnitDay>)>> {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let mut shake = |deviation: f64| deviation * 12f64.sqrt() * (random.random::<f64>() - 0.5);
        let of_unit = |unit: usize| {
            let mut level = 0.0;
            let day = |at: usize| {
                level += shake(step.sqrt());
                let off = level + shake((day + CHANCE).sqrt());
                UnitDay {
                    at: at as f64,
                    off,
                    chance: CHANCE,
                    weight: 1.0 / CHANCE,
                    x: f64::from(u8::from(at > 13)),
                }
            };
            (unit, (0..28).map(day).collect())
        };
        vec![(0..200).map(of_unit).collect()]
    }

    fn learned(step: f64, day: f64) -> Drift {
        let units = units(step, day);
        (0..4).fold(Drift::default(), |drift, _| drift.learn(&units))
    }

    #[test]
    fn a_walk_is_told_from_what_days_do_by_themselves() {
        for (step, day) in [(0.002, 0.01), (0.0, 0.02), (0.004, 0.0)] {
            let drift = learned(step, day);
            assert!((drift.step - step).abs() < 0.0006, "{drift:?} for {step}, {day}");
            assert!((drift.day - day).abs() < 0.003, "{drift:?} for {step}, {day}");
        }
    }

    #[test]
    fn one_bid_for_a_fortnight_and_another_for_the_next_say_little_where_units_walk() {
        let drift = learned(0.004, 0.0);
        let mut days = units(0.0, 0.0)[0][0].1.clone();
        let held = drift.effect(&days);
        days.iter_mut().enumerate().for_each(|(at, day)| day.x = (at % 2) as f64);
        let alternating = drift.effect(&days);
        assert!(held > 3.0 * alternating && alternating >= 1.0, "{held} and {alternating}");
        assert!((Drift::default().effect(&days) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_unit_is_followed_as_far_as_its_days_can_be_trusted() {
        let drift = learned(0.004, 0.01);
        let units = &units(0.004, 0.01)[0];
        let error = |of: &dyn Fn(&[UnitDay]) -> f64| {
            // The days' own mean is what a fit would have taken for the unit.
            let errors = units.iter().map(|(_, days)| {
                let mean = days.iter().map(|day| day.off).sum::<f64>() / days.len() as f64;
                let centred: Vec<UnitDay> =
                    days.iter().map(|day| UnitDay { off: day.off - mean, ..*day }).collect();
                let now = centred[26..].iter().map(|day| day.off).sum::<f64>() / 2.0;
                (of(&centred[..26]) - 1.0 - now).powi(2)
            });
            errors.sum::<f64>()
        };
        assert!(error(&|days| drift.level(days)) < 0.6 * error(&|_| 1.0));
        assert_eq!(Drift::default().level(&units[0].1), 1.0);
    }
}
