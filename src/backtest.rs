//! Backtest: learn from the past of a day, predict the day at the bids that were set, compare with
//! what happened.
//!
//! The origin rolls: each of the last N days is predicted from the days before it alone. Days whose
//! sales are still filling in are left out, because what happened on them is not known yet.

mod coverage;
pub mod unseen;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use crate::calendar::{HOURS, date_of};
use crate::config::{Request, Uplift};
use crate::error::{Error, Finding, Result};
use crate::history::{self, History, Observation};
use crate::keys::Channel;
use crate::landscape::{Forecast, Landscapes};
use crate::metric::Outcome;
use crate::plan::outlook::bands;
pub use coverage::Coverage;
use coverage::{Coverages, Naive};

/// Predicted against actual, for one metric of a channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BacktestRow {
    /// The channel, or `total`.
    pub channel: String,
    /// The metric; `position` is the impression-weighted mean, `position_error` the impression-weighted
    /// mean absolute error by cell.
    pub metric: &'static str,
    /// What was predicted.
    pub predicted: f64,
    /// What happened.
    pub actual: f64,
    /// predicted ÷ actual − 1; for positions, predicted − actual.
    pub error: f64,
}

/// The comparison over all held-out days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// First and last day held out.
    pub days: [Date; 2],
    /// Rows by channel and metric.
    pub rows: Vec<BacktestRow>,
    /// How single days lay in their bands, and beside naive forecasts.
    pub coverage: Vec<Coverage>,
    /// Whether the forecast can be trusted, in words.
    pub verdict: String,
    /// Spend within 10 % and revenue within 15 %, in total and in every channel.
    pub trusted: bool,
}

/// Sums of one channel.
#[derive(Default)]
struct Sums {
    predicted: Outcome,
    actual: Outcome,
    position_error: f64,
}

/// Runs the backtest over the last `days` days whose sales are final.
///
/// # Errors
/// Findings in the history; `L020` when it is too short.
pub fn run(request: &Request, days: u32) -> Result<Backtest> {
    let history = history::read(request)?;
    let last = history.last_day().unwrap_or(0) - request.file.history.maturity_days as i32;
    compare(&history, &history, request, last - days as i32 + 1, last)
}

/// Predicts the days from `first` to `last` from what `known` holds of the days before each, and
/// compares with what `truth` holds of them. Both list the same units.
///
/// # Errors
/// `L020` when there is nothing before the first day or nothing on the days.
pub fn compare(
    known: &History,
    truth: &History,
    request: &Request,
    first: i32,
    last: i32,
) -> Result<Backtest> {
    let mut request = request.clone();
    request.file.uplift = Uplift::default();
    let mut sums: BTreeMap<Channel, Sums> = BTreeMap::new();
    let mut coverages = Coverages::default();
    for day in first..=last {
        let past = known.until(day - 1);
        if past.observations.is_empty() {
            return Err(too_short(first, last));
        }
        let (landscapes, _) = Landscapes::fit(&past, &request)?;
        let ran = truth.observations.iter().filter(|row| row.day == day && row.days == 1);
        let mut slots: Vec<u32> = ran.map(|row| row.unit).collect();
        slots.retain(|unit| truth.units[*unit as usize].channel == Channel::GroupBuy);
        slots.dedup();
        let forecast = landscapes.on(date_of(day), &request.file).beside(slots);
        let mut cells = Vec::new();
        let mut days = naive(&past, day);
        let held = truth.observations.iter().filter(|row| row.day == day && row.days == 1);
        for row in held.filter(|row| landscapes.known[row.unit as usize].rows > 0) {
            let channel = truth.units[row.unit as usize].channel;
            let sums = sums.entry(channel).or_default();
            let (predicted, actual) = (predict(row, channel, &landscapes, &forecast), row.outcome());
            if let (Some(predicted), Some(actual)) = (predicted.position(), actual.position()) {
                sums.position_error += (predicted - actual).abs() * row.impressions;
            }
            sums.predicted += predicted;
            sums.actual += actual;
            cells.push((row.unit, predicted));
            days.entry(channel).or_default().actual += actual;
        }
        let cells = cells.iter().map(|(unit, outcome)| (*unit, outcome, false));
        let channel_of = |unit: u32| truth.units[unit as usize].channel;
        coverages.add(&bands(cells, channel_of, &forecast.spread(&request.file)), &days);
    }
    if sums.is_empty() {
        return Err(too_short(first, last));
    }
    Ok(judge(sums, coverages.rows(), [date_of(first), date_of(last)]))
}

/// What each channel did on this day last week and on its mean day, as it is known now.
fn naive(past: &History, day: i32) -> BTreeMap<Channel, Naive> {
    let mut days: BTreeMap<Channel, Naive> = BTreeMap::new();
    let mut seen: BTreeMap<Channel, BTreeSet<i32>> = BTreeMap::new();
    for row in past.observations.iter().filter(|row| row.days == 1) {
        let channel = past.units[row.unit as usize].channel;
        let naive = days.entry(channel).or_default();
        naive.mean_day += row.outcome();
        if row.day == day - 7 {
            naive.last_week += row.outcome();
        }
        seen.entry(channel).or_default().insert(row.day);
    }
    for (channel, naive) in &mut days {
        naive.mean_day = naive.mean_day * (1.0 / seen[channel].len().max(1) as f64);
    }
    days
}

fn too_short(first: i32, last: i32) -> Error {
    Finding::error(
        "L020",
        format!(
            "the history has no days to learn from before {}, or none to compare with up to {}",
            date_of(first),
            date_of(last)
        ),
        "give a longer history, or fewer --days",
    )
    .into()
}

fn predict(row: &Observation, channel: Channel, landscapes: &Landscapes, forecast: &Forecast<'_>) -> Outcome {
    let known = &landscapes.known[row.unit as usize];
    let bid = f64::from(row.bid);
    let bid = if bid.is_finite() && bid > 0.0 { Some(bid) } else { known.reference_bid };
    let hours: Vec<u8> = row.hour.map_or_else(|| (0..HOURS as u8).collect(), |hour| vec![hour]);
    hours
        .into_iter()
        .map(|hour| match (channel, bid) {
            (Channel::GroupBuy, _) => forecast.slot_hour(row.unit, hour),
            (_, Some(bid)) => forecast.outcome(row.unit, hour, bid),
            (_, None) => Outcome::default(),
        })
        .map(|outcome| match channel {
            // A slot's fee is agreed, not predicted.
            Channel::GroupBuy => Outcome { spend: row.spend, ..outcome },
            _ => outcome,
        })
        .sum()
}

/// A metric's name, its value, and the relative error above which it is not trusted.
type Gate = (&'static str, fn(&Outcome) -> f64, f64);

fn judge(sums: BTreeMap<Channel, Sums>, coverage: Vec<Coverage>, days: [Date; 2]) -> Backtest {
    let mut total = Sums::default();
    let mut rows = Vec::new();
    let mut missed = Vec::new();
    let mut add = |name: &str, sums: &Sums| {
        let metrics: [Gate; 5] = [
            ("impressions", |outcome| outcome.impressions, f64::INFINITY),
            ("clicks", |outcome| outcome.clicks, f64::INFINITY),
            ("spend", |outcome| outcome.spend, 0.10),
            ("orders", |outcome| outcome.orders, f64::INFINITY),
            ("revenue", |outcome| outcome.revenue, 0.15),
        ];
        for (metric, of, gate) in metrics {
            let (predicted, actual) = (of(&sums.predicted), of(&sums.actual));
            let error = if actual > 0.0 { predicted / actual - 1.0 } else { 0.0 };
            if error.abs() > gate {
                missed.push(format!("{name} {metric} {:+.1} %", 100.0 * error));
            }
            rows.push(BacktestRow { channel: name.into(), metric, predicted, actual, error });
        }
        if let (Some(predicted), Some(actual)) = (sums.predicted.position(), sums.actual.position()) {
            rows.push(BacktestRow {
                channel: name.into(),
                metric: "position",
                predicted,
                actual,
                error: predicted - actual,
            });
            let error = sums.position_error / sums.actual.position_weight;
            rows.push(BacktestRow {
                channel: name.into(),
                metric: "position_error",
                predicted: error,
                actual: 0.0,
                error,
            });
        }
    };
    for (channel, sums) in &sums {
        add(channel.name(), sums);
        total.predicted += sums.predicted;
        total.actual += sums.actual;
    }
    total.predicted.position_weight = 0.0;
    add("total", &total);
    let trusted = missed.is_empty();
    let verdict = if trusted {
        "Trusted: spend within 10 % and revenue within 15 % of what happened, in total and in every channel."
            .to_string()
    } else {
        format!("Not yet trusted (spend within 10 %, revenue within 15 %): {}.", missed.join(", "))
    };
    Backtest { days, rows, coverage, verdict, trusted }
}
