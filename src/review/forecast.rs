//! The forecast's verdict: what happened against the plan's bands, and against the gate by which forecasts are
//! trusted.

use serde::Serialize;

use super::Group;
use crate::keys::Channel;
use crate::metric::{Metric, Outcome};
use crate::plan::Band;

/// The errors up to which a forecast is trusted: spend within 10 %, revenue within 15 %.
pub const GATES: [(Metric, f64); 2] = [(Metric::Spend, 0.10), (Metric::Revenue, 0.15)];

/// A total that was forecast, and what it became.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// The channel; nothing for the whole plan.
    pub channel: Option<Channel>,
    /// The metric.
    pub metric: Metric,
    /// What was expected.
    pub expected: f64,
    /// What happened, as it is reported so far.
    pub actual: f64,
    /// What it will be when all orders are in.
    pub due: f64,
    /// Four times in five that comes to lie between these.
    pub due_p80: [f64; 2],
    /// expected ÷ due − 1, as `backtest` has it; nothing where nothing happened.
    pub error: Option<f64>,
    /// One day in two lies between these.
    pub p50: [f64; 2],
    /// Four days in five lie between these.
    pub p80: [f64; 2],
    /// Whether this day does, or may, in the first and in the second.
    pub inside: [bool; 2],
    /// Whether the error is within the gate; nothing where there is none for the metric, or while that is open.
    pub passed: Option<bool>,
    /// Whether the orders that are still to come decide.
    pub open: bool,
}

/// Every band of the plan against what happened; `due` are the bands of what the day will have brought.
pub fn forecasts(bands: &[Band], due: &[Band], total: &Group, channels: &[Group]) -> Vec<Forecast> {
    let of = |band: &Band| {
        let group = match band.channel {
            None => Some(total),
            Some(_) => channels.iter().find(|group| group.key.channel == band.channel),
        };
        let value = |outcome: Option<Outcome>| {
            outcome.and_then(|outcome| band.metric.of(&outcome, 0.0)).unwrap_or(0.0)
        };
        let actual = value(group.map(|group| group.actual));
        let expected = value(group.map(Group::due));
        let same = |of: &&Band| (of.channel, of.metric) == (band.channel, band.metric);
        let due_p80 = due.iter().find(same).map_or([expected; 2], |due| due.p80);
        let error = |due: f64| (due > 0.0).then(|| band.expected / due - 1.0);
        let gate = GATES.iter().find(|(metric, _)| *metric == band.metric);
        let within = |most: f64, due: f64| error(due).is_some_and(|error| error.abs() <= most);
        let [least, most] = due_p80;
        // Inside the gate wherever it ends, outside it on one side, or neither yet.
        let passed = gate.and_then(|(_, gate)| match [least, most].map(|due| within(*gate, due)) {
            [true, true] => Some(true),
            [false, false] if !within(*gate, expected) => Some(false),
            _ => None,
        });
        let inside = |[low, high]: [f64; 2]| least <= high && low <= most;
        Forecast {
            channel: band.channel,
            metric: band.metric,
            expected: band.expected,
            actual,
            due: expected,
            due_p80,
            error: error(expected),
            p50: band.p50,
            p80: band.p80,
            inside: [inside(band.p50), inside(band.p80)],
            passed,
            open: gate.is_some() && passed.is_none(),
        }
    };
    bands.iter().map(of).collect()
}
