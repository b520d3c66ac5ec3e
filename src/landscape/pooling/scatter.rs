//! How far a rate lies from its forecast on another day, and which part of that is common to what.
//!
//! ```text
//! S ÷ forecast = 1 + common + unit + own + hour + √(φ ÷ μ) · chance
//! ```
//!
//! `common` moves a whole channel and does not diversify. `day` moves a unit's whole day, `own` is what is not
//! known of the unit's own effect; both diversify over units. `hour` and the pieces diversify over cells.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::piece::Piece;
use super::{Noise, latest_level};

/// Relative variances, by what shares them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scatter {
    /// Chance of single pieces (φ), in the unit of y: a cell of mean μ has `each ÷ μ`.
    pub each: f64,
    /// Of a cell alone.
    pub hour: f64,
    /// Of a unit's whole day.
    pub day: f64,
    /// Of the channel's whole day: how far a day lies from the level known before it.
    pub common: f64,
    /// Per unit, what is not known of its own effect.
    pub own: Vec<f64>,
}

/// The standard deviation of a channel's days that is believed before any day is seen, and the days that this
/// belief is worth.
const USUAL: f64 = 0.05;
const BELIEF: f64 = 3.0;
/// Days before the first whose level can be foretold.
const WARM_UP: usize = 5;
/// An outlier counts for at most so many times what is expected.
const OUTLIER: f64 = 50.0;

/// What a fit hands on.
pub(super) struct Fitted<'f> {
    pub pieces: &'f [Piece],
    pub noise: Noise,
    /// Day factors.
    pub day: &'f [f64],
    pub units: usize,
    /// Between-unit variance, and degrees of freedom that units and weekdays take up.
    pub unit_variance: f64,
    pub absorbed: [f64; 2],
}

/// The rows of a unit's day.
#[derive(Clone, Copy, Default)]
struct Group {
    unit: usize,
    day: Option<usize>,
    weight: f64,
    seen: f64,
    mean: f64,
    /// Σ μ².
    squares: f64,
}

impl Group {
    fn variance(&self, scatter: &Scatter) -> f64 {
        scatter.each * self.mean + scatter.hour * self.squares + scatter.day * self.mean * self.mean
    }
}

impl Scatter {
    /// By moments, from the residuals of a fit.
    pub(super) fn learn(fitted: &Fitted<'_>) -> Scatter {
        let groups: Vec<Group> = fitted.pieces.par_iter().flat_map_iter(groups).collect();
        let Noise { each, common } = fitted.noise;
        let mut scatter = Scatter { each, hour: 0.0, day: common, common: 0.0, own: Vec::new() };
        let days = groups.len() as f64;
        let made_up = days / (days - fitted.absorbed[0]).max(0.5 * days).max(1e-12);
        for _ in 0..4 {
            let (mut numerator, mut denominator) = (0.0, 0.0);
            for group in &groups {
                let expected = group.variance(&scatter);
                let shared = group.mean * group.mean - group.squares;
                if expected <= 0.0 || shared <= 1e-9 * group.squares {
                    continue;
                }
                let square = (made_up * (group.seen - group.mean).powi(2)).min(OUTLIER * expected);
                let weight = group.weight * shared / expected.powi(2);
                numerator += weight * (square - each * group.mean - common * group.squares);
                denominator += weight * shared;
            }
            if denominator > 0.0 {
                scatter.day = (numerator / denominator).clamp(0.0, 1.0);
                scatter.hour = (common - scatter.day).max(0.0);
            }
        }
        scatter.common = level_error(&groups, &scatter, fitted);
        let mut known = vec![1.0 / fitted.unit_variance; fitted.units];
        for group in groups.iter().filter(|group| group.mean > 0.0) {
            known[group.unit] += group.weight * group.mean * group.mean / group.variance(&scatter).max(1e-12);
        }
        scatter.own = known.into_iter().map(|known| 1.0 / known).collect();
        scatter
    }
}

/// Rows are sorted by unit and day; a row that covers several days is a group of its own.
fn groups(piece: &Piece) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for ((row, mean), weight) in piece.rows.iter().zip(&piece.mean).zip(&piece.weights) {
        let (unit, day) = (row.unit as usize, row.day.map(|(day, _)| usize::from(day)));
        if groups.last().is_none_or(|last| last.unit != unit || last.day != day || day.is_none()) {
            groups.push(Group { unit, day, ..Group::default() });
        }
        if let Some(group) = groups.last_mut() {
            group.weight = *weight;
            group.seen += row.y;
            group.mean += mean;
            group.squares += mean * mean;
        }
    }
    groups
}

/// Relative variance of a day around the level that was known before it, as often before it as the newest
/// known day is before the planned one.
fn level_error(groups: &[Group], scatter: &Scatter, fitted: &Fitted<'_>) -> f64 {
    let days = fitted.day.len();
    let mut sums = vec![(0.0, 0.0, 0.0); days];
    for group in groups {
        if let Some((seen, mean, variance)) = group.day.and_then(|day| sums.get_mut(day)) {
            *seen += group.seen;
            *mean += group.mean;
            *variance += group.variance(scatter);
        }
    }
    let unknown = sums.iter().rev().take_while(|(_, mean, _)| *mean <= 0.0).count();
    let mut squares = Vec::new();
    for (at, (seen, mean, variance)) in sums.iter().copied().enumerate().skip(WARM_UP + unknown) {
        if mean > 0.0 && fitted.day[at] > 0.0 {
            let level = latest_level(&fitted.day[..at - unknown]);
            let expected = mean / fitted.day[at] * level;
            squares.push(((seen / expected - 1.0).powi(2), variance / (mean * mean)));
        }
    }
    let count = squares.len() as f64;
    // Weekdays were learned from the same days.
    let made_up = count / (count - fitted.absorbed[1]).max(0.5 * count).max(1e-12);
    let mut common = USUAL * USUAL;
    for _ in 0..4 {
        let (mut sum, mut weights) = (BELIEF * USUAL * USUAL, BELIEF);
        for (square, noise) in &squares {
            let weight = (common / (common + noise)).powi(2);
            sum += weight * ((made_up * square).min(OUTLIER * (common + noise)) - noise);
            weights += weight;
        }
        common = (sum / weights).clamp(1e-5, 1.0);
    }
    common
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::landscape::Parts;
    use crate::landscape::pooling::{Extent, Row, SlopePrior, fit};

    /// Uniform around 0 with this standard deviation.
    fn shake(random: &mut rand_chacha::ChaCha8Rng, deviation: f64) -> f64 {
        1.0 + deviation * 12f64.sqrt() * (random.random::<f64>() - 0.5)
    }

    fn learned(common: f64, day: f64, hour: f64) -> Scatter {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(11);
        let days: Vec<f64> = (0..60).map(|_| shake(&mut random, common)).collect();
        let mut rows = Vec::new();
        for unit in 0..30 {
            for at in 0..60u16 {
                let of_unit = days[usize::from(at)] * shake(&mut random, day);
                for clock in 0..24 {
                    let y = 1e6 * of_unit * shake(&mut random, hour);
                    let day = Some((at, (at % 7) as u8));
                    rows.push(Row {
                        unit,
                        campaign: 0,
                        hour: Some(clock),
                        day,
                        y,
                        exposure: 1e6,
                        x: f64::NAN,
                        weight: 1.0,
                    });
                }
            }
        }
        let extent = Extent { units: 30, campaigns: 1, days: 60, unit_hours: false, parts: Parts::ALL };
        fit(rows, extent, SlopePrior::NONE, 1.0).scatter
    }

    #[test]
    fn what_moves_together_is_told_from_what_does_not() {
        let scatter = learned(0.08, 0.15, 0.1);
        for (name, found, true_deviation) in
            [("common", scatter.common, 0.08), ("day", scatter.day, 0.15), ("hour", scatter.hour, 0.1)]
        {
            let ratio = found.sqrt() / true_deviation;
            assert!((0.8..1.3).contains(&ratio), "{name}: {} for {true_deviation}", found.sqrt());
        }
        // Sixty days at 0.15 each, and units that are all alike.
        assert!((0.005..0.022).contains(&scatter.own[0].sqrt()), "{}", scatter.own[0].sqrt());
    }

    #[test]
    fn a_history_of_one_day_leaves_the_belief() {
        let row = |unit| Row {
            unit,
            campaign: 0,
            hour: None,
            day: None,
            y: 100.0,
            exposure: 7.0,
            x: f64::NAN,
            weight: 1.0,
        };
        let rows: Vec<Row> = (0..20).map(row).collect();
        let extent = Extent { units: 20, campaigns: 1, days: 1, unit_hours: false, parts: Parts::ALL };
        let scatter = fit(rows, extent, SlopePrior::NONE, 1.0).scatter;
        assert!((scatter.common.sqrt() - USUAL).abs() < 1e-9, "{scatter:?}");
    }
}
