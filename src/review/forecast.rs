//! The forecast's verdict: what happened against the plan's bands, and against the gate by which forecasts are
//! trusted.

use serde::Serialize;

use super::Group;
use crate::keys::Channel;
use crate::metric::Metric;
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
    /// What happened.
    pub actual: f64,
    /// expected ÷ actual − 1, as `backtest` has it; nothing where nothing happened.
    pub error: Option<f64>,
    /// One day in two lies between these.
    pub p50: [f64; 2],
    /// Four days in five lie between these.
    pub p80: [f64; 2],
    /// Whether this day did, in the first and in the second.
    pub inside: [bool; 2],
    /// Whether the error is within the gate; nothing where there is none for the metric.
    pub passed: Option<bool>,
}

/// Every band of the plan against what happened.
pub fn forecasts(bands: &[Band], total: &Group, channels: &[Group]) -> Vec<Forecast> {
    let of = |band: &Band| {
        let group = match band.channel {
            None => Some(total),
            Some(_) => channels.iter().find(|group| group.key.channel == band.channel),
        };
        let actual = group.and_then(|group| band.metric.of(&group.actual, 0.0)).unwrap_or(0.0);
        let error = (actual > 0.0).then(|| band.expected / actual - 1.0);
        let gate = GATES.iter().find(|(metric, _)| *metric == band.metric);
        let within = |[low, high]: [f64; 2]| low <= actual && actual <= high;
        Forecast {
            channel: band.channel,
            metric: band.metric,
            expected: band.expected,
            actual,
            error,
            p50: band.p50,
            p80: band.p80,
            inside: [within(band.p50), within(band.p80)],
            passed: gate.map(|(_, most)| error.is_some_and(|error| error.abs() <= *most)),
        }
    };
    bands.iter().map(of).collect()
}
