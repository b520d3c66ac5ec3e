//! The outlook: how far the day may lie from what the plan expects.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::PlanCell;
use crate::keys::Channel;
use crate::landscape::chance::deviate;
use crate::landscape::maturation::Maturations;
use crate::landscape::spread::{Spread, Tally};
use crate::metric::{Metric, Outcome};

/// The metrics whose totals have bands.
pub const METRICS: [Metric; 5] =
    [Metric::Spend, Metric::Clicks, Metric::Orders, Metric::Revenue, Metric::Roi];

/// What a total may be on the day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The channel; nothing for the whole plan.
    pub channel: Option<Channel>,
    /// The metric.
    pub metric: Metric,
    /// What is expected.
    pub expected: f64,
    /// Standard deviation ÷ expected.
    pub deviation: f64,
    /// One day in two lies between these.
    pub p50: [f64; 2],
    /// Four days in five lie between these.
    pub p80: [f64; 2],
}

impl Band {
    /// A lognormal band: amounts are positive, and a day twice as good is as likely as one half as good.
    pub fn new(channel: Option<Channel>, metric: Metric, expected: f64, deviation: f64) -> Band {
        let variance = (deviation * deviation).ln_1p();
        let at = |share: f64| expected * (deviate(share) * variance.sqrt() - variance / 2.0).exp();
        Band { channel, metric, expected, deviation, p50: [at(0.25), at(0.75)], p80: [at(0.1), at(0.9)] }
    }
}

/// How the search cells that run may stand on the day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Search cells that run and have a position band.
    pub cells: usize,
    /// Of those that are shown at all, the expected share whose mean position lies in its band.
    pub share: f64,
}

impl Held {
    /// Of a plan's cells with their chances; NaN where a cell has none.
    pub fn of(cells: &[PlanCell], chances: &[f32]) -> Option<Held> {
        let (mut count, mut shown, mut held) = (0, 0.0, 0.0);
        for (cell, chance) in cells.iter().zip(chances).filter(|(_, chance)| !chance.is_nan()) {
            let seen = -(-cell.outcome.impressions).exp_m1();
            count += 1;
            shown += seen;
            held += seen * f64::from(*chance);
        }
        (shown > 0.0).then(|| Held { cells: count, share: held / shown })
    }
}

/// What confidence costs: the objective of the linear program at 0.5 and at the confidence asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Where rules hold on expected values alone.
    pub at_half: f64,
    /// Where they hold with the confidence.
    pub confident: f64,
    /// The difference.
    pub given_up: f64,
}

/// How far the day may lie from what is expected of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The chance with which rules were to hold; 0.5 for expected values.
    pub confidence: f64,
    /// Totals of every channel that runs, and of the whole plan.
    pub bands: Vec<Band>,
    /// What confidence costs; nothing at 0.5, or where no plan meets the rules.
    pub price: Option<Price>,
    /// Positions in search; nothing where none are known.
    pub held: Option<Held>,
    /// How the sales of each channel fill in after the day, as far as that is known.
    #[serde(default)]
    pub maturation: Maturations,
    /// Chance of each cell of the plan, in its order, that its mean position lies in its band; NaN where
    /// there is none.
    #[serde(skip)]
    pub chances: Vec<f32>,
    /// Standard deviation ÷ expected of each cell's spend and revenue, in its order.
    #[serde(skip)]
    pub scatter: Vec<[f32; 2]>,
    /// Rows of the history behind each cell's unit, in its order.
    #[serde(skip)]
    pub rows: Vec<usize>,
}

impl Default for Outlook {
    fn default() -> Self {
        Outlook {
            confidence: 0.5,
            bands: Vec::new(),
            price: None,
            held: None,
            maturation: Maturations::new(),
            chances: Vec::new(),
            scatter: Vec::new(),
            rows: Vec::new(),
        }
    }
}

impl Outlook {
    /// What the whole plan's revenue is between on four days in five.
    pub fn revenue(&self) -> Option<[f64; 2]> {
        let whole = |band: &&Band| band.channel.is_none() && band.metric == Metric::Revenue;
        self.bands.iter().find(whole).map(|band| band.p80)
    }

    /// What a cell (its index in the plan) may bring: the bands of its spend and of its revenue, each between the
    /// ends of four days in five. Nothing where the spread is not known, or nothing is expected.
    pub fn of_cell(&self, cell: usize, outcome: &Outcome) -> Option<[[f64; 2]; 2]> {
        let [spend, revenue] = *self.scatter.get(cell)?;
        let band = |expected: f64, deviation: f32| {
            let known = expected > 0.0 && deviation.is_finite();
            known.then(|| Band::new(None, Metric::Spend, expected, f64::from(deviation)).p80)
        };
        Some([band(outcome.spend, spend)?, band(outcome.revenue, revenue)?])
    }

    /// The chance of a cell (its index in the plan) to be in its position band.
    pub fn chance(&self, cell: usize) -> Option<f64> {
        self.chances.get(cell).copied().filter(|chance| !chance.is_nan()).map(f64::from)
    }
}

/// The bands of every channel and of all cells together: unit, outcome, and whether it has happened already and so
/// does not scatter. Cells of a unit come one after the other.
pub fn bands<'c>(
    cells: impl Iterator<Item = (u32, &'c Outcome, bool)> + Clone + Sync,
    channel_of: impl Fn(u32) -> Channel + Sync,
    spread: &Spread,
) -> Vec<Band> {
    let of_scope = |scope: Option<Channel>| {
        let kept =
            cells.clone().filter(|(unit, ..)| scope.is_none_or(|channel| channel_of(*unit) == channel));
        let total: Outcome = kept.clone().map(|(_, outcome, _)| *outcome).sum();
        let band = |metric: Metric| {
            let expected = metric.of(&total, 0.0).filter(|expected| *expected > 0.0)?;
            // Relative change of a sum, or of a ratio: of its numerator less that of its denominator.
            let (numerator, denominator) = metric.weights(0.0);
            let measures = total.measures();
            let per = |weights: [f64; 5]| {
                let sum: f64 = weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum();
                weights.map(|weight| weight / sum)
            };
            let (mut weights, less) = (per(numerator), denominator.map_or([0.0; 5], per));
            weights.iter_mut().zip(less).for_each(|(weight, less)| *weight -= less);
            let mut tally = Tally::new(spread);
            let to_come = kept.clone().filter(|(_, _, happened)| !happened);
            to_come.for_each(|(unit, outcome, _)| tally.add(unit, &weights, outcome));
            Some(Band::new(scope, metric, expected, tally.deviation()))
        };
        METRICS.into_iter().filter_map(band).collect::<Vec<_>>()
    };
    let scopes: Vec<Option<Channel>> = Channel::ALL.map(Some).into_iter().chain([None]).collect();
    scopes.into_par_iter().flat_map_iter(of_scope).collect()
}

/// Standard deviation ÷ expected of a cell's spend and revenue; NaN where nothing is expected.
pub fn scatter(cell: &PlanCell, spread: &Spread) -> [f32; 2] {
    let measures = cell.outcome.measures();
    [Metric::Spend, Metric::Revenue].map(|metric| {
        let weights = metric.weights(0.0).0;
        let sum: f64 = weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum();
        if !cell.run || sum <= 0.0 {
            return f32::NAN;
        }
        let mut tally = Tally::new(spread);
        tally.add(cell.cell.unit, &weights, &cell.outcome);
        (tally.deviation() / sum) as f32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_nested_and_their_chances_are_right() {
        let band = Band::new(None, Metric::Spend, 100.0, 0.1);
        assert!(
            band.p80[0] < band.p50[0]
                && band.p50[0] < 100.0
                && 100.0 < band.p50[1]
                && band.p50[1] < band.p80[1]
        );
        // ln of the ends: ±1.2816 of the lognormal's sigma around its median.
        let sigma = 0.01f64.ln_1p().sqrt();
        assert!(((band.p80[1] / band.p80[0]).ln() - 2.0 * 1.281_551_6 * sigma).abs() < 1e-6);
        let exact = Band::new(None, Metric::Spend, 100.0, 0.0);
        assert_eq!((exact.p50, exact.p80), ([100.0, 100.0], [100.0, 100.0]));
    }
}
