//! The planned day played again and again under some bids.

use std::collections::HashMap;

use jiff::civil::Date;
use rayon::prelude::*;

use super::{Bids, Forecast};
use crate::config::PlanFile;
use crate::keys::{Cell, Channel, Unit};
use crate::market::{self, Played, Shop};
use crate::metric::Outcome;
use crate::plan::{Band, PlanCell, RuleValue, check};
use crate::reason::Reason;

/// Days under the same bids.
#[derive(Debug, Clone)]
pub struct Series {
    days: Vec<Vec<Played>>,
}

/// How a number spreads over the days.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
    /// One day in ten is below.
    pub low: f64,
    /// One day in ten is above.
    pub high: f64,
}

impl Spread {
    /// Of some numbers; all zero of none.
    pub fn of(mut values: Vec<f64>) -> Spread {
        if values.is_empty() {
            return Spread::default();
        }
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let square: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let at = |share: f64| values[(share * (count - 1.0)).round() as usize];
        Spread { mean, deviation: (square / (count - 1.0).max(1.0)).sqrt(), low: at(0.1), high: at(0.9) }
    }
}

/// A rule row over the days.
#[derive(Debug, Clone)]
pub struct RuleDays {
    /// What the plan expects of it.
    pub forecast: RuleValue,
    /// What it was, over the days on which it had a value.
    pub played: Spread,
    /// Share of the days on which it was met.
    pub met: f64,
}

impl Series {
    /// Of days that have been played.
    pub(super) fn of(days: Vec<Vec<Played>>) -> Series {
        Series { days }
    }

    /// Plays a day (a day number) so many times.
    pub fn play(shop: &Shop, day: i32, bids: &Bids, days: u32) -> Series {
        let lucks = (1..=days).into_par_iter();
        let days = lucks.map(|luck| market::play(shop, day, luck, &|unit, hour| bids.of(unit, hour)));
        Series { days: days.collect() }
    }

    /// How a number of the day spreads.
    pub fn spread(&self, of: impl Fn(&Outcome) -> f64) -> Spread {
        self.spread_of(|_| true, of)
    }

    /// How a number of part of the day spreads.
    pub fn spread_of(&self, keep: impl Fn(&Unit) -> bool, of: impl Fn(&Outcome) -> f64) -> Spread {
        let total = |day: &Vec<Played>| -> Outcome {
            day.iter().filter(|cell| keep(&cell.unit)).map(|cell| cell.outcome).sum()
        };
        Spread::of(self.days.iter().map(|day| of(&total(day))).collect())
    }

    /// By how much a number of each day exceeds that of another series under the same luck.
    pub fn less(&self, other: &Series, of: fn(&Outcome) -> f64) -> Vec<f64> {
        let total = |day: &Vec<Played>| of(&day.iter().map(|cell| cell.outcome).sum());
        self.days.iter().zip(&other.days).map(|(one, other)| total(one) - total(other)).collect()
    }

    /// How revenue spreads.
    pub fn revenue(&self) -> Spread {
        self.spread(|outcome| outcome.revenue)
    }

    /// Share of the search hours with an impression whose mean position lay in a band.
    pub fn share_in_band(&self, [best, worst]: [f64; 2]) -> Option<f64> {
        let search = self.days.iter().flatten().filter(|cell| cell.unit.channel == Channel::Search);
        let positions: Vec<f64> = search.filter_map(|cell| cell.outcome.position()).collect();
        let held = positions.iter().filter(|position| (best..=worst).contains(*position)).count();
        (!positions.is_empty()).then(|| held as f64 / positions.len() as f64)
    }

    /// Share of the days on which totals lay in their bands of 50 % and of 80 %, over all bands that have a
    /// width.
    pub fn coverage(&self, bands: &[Band]) -> Option<[f64; 2]> {
        let (mut inside, mut count) = ([0.0; 2], 0.0);
        for band in bands.iter().filter(|band| band.deviation > 0.0) {
            for day in &self.days {
                let kept = day.iter().filter(|cell| band.channel.is_none_or(|own| own == cell.unit.channel));
                let total: Outcome = kept.map(|cell| cell.outcome).sum();
                let Some(value) = band.metric.of(&total, 0.0) else { continue };
                count += 1.0;
                for (inside, [low, high]) in inside.iter_mut().zip([band.p50, band.p80]) {
                    *inside += f64::from(u8::from((low..=high).contains(&value)));
                }
            }
        }
        (count > 0.0).then(|| inside.map(|inside| inside / count))
    }

    /// Every rule row on every day, by the code that checks plans, in the order of the forecast's.
    pub fn rules(&self, units: &[Unit], file: &PlanFile, date: Date, forecast: &Forecast) -> Vec<RuleDays> {
        let index: HashMap<&Unit, u32> = units.iter().zip(0..).collect();
        let date = date.to_string();
        let values = |cells: Vec<PlanCell>| check::rules(&cells, units, file, &date, None);
        let expected = forecast
            .cells()
            .iter()
            .filter_map(|(unit, hour, outcome)| Some(ran(*index.get(unit)?, *hour, *outcome)));
        let days: Vec<Vec<RuleValue>> = self
            .days
            .par_iter()
            .map(|day| {
                values(day.iter().map(|cell| ran(index[&cell.unit], cell.hour, cell.outcome)).collect())
            })
            .collect();
        let mut found: HashMap<(&str, &str), Vec<&RuleValue>> = HashMap::new();
        for value in days.iter().flatten() {
            found.entry((&value.rule, &value.scope)).or_default().push(value);
        }
        values(expected.collect())
            .into_iter()
            .map(|forecast| {
                let days = found.get(&(forecast.rule.as_str(), forecast.scope.as_str()));
                let days = days.map_or(&[][..], Vec::as_slice);
                RuleDays {
                    played: Spread::of(days.iter().filter_map(|day| day.value).collect()),
                    met: days.iter().filter(|day| day.met).count() as f64 / days.len().max(1) as f64,
                    forecast,
                }
            })
            .collect()
    }
}

/// A cell as the check of plans reads it.
fn ran(unit: u32, hour: u8, outcome: Outcome) -> PlanCell {
    PlanCell {
        cell: Cell { unit, hour },
        run: true,
        bid: None,
        last_bid: None,
        outcome,
        reason: Reason::Chosen,
        extrapolated: false,
        imputed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_its_numbers() {
        let spread = Spread::of((0..=20).map(f64::from).collect());
        assert_eq!((spread.mean, spread.low, spread.high), (10.0, 2.0, 18.0));
        assert!((spread.deviation - 6.2048).abs() < 1e-3);
        assert_eq!(Spread::of(vec![3.0]).deviation, 0.0);
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }
}
