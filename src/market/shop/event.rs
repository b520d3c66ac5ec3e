//! Days that are not like others.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::date;

/// `[[event]]`: a day on which everybody buys, and the days before it on which they wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Event {
    /// Its first day.
    #[serde(deserialize_with = "date")]
    #[schemars(with = "String")]
    pub date: Date,
    /// Days that it lasts.
    pub days: u32,
    /// Traffic against a normal day.
    pub traffic: f64,
    /// Orders per click against a normal day.
    pub cvr: f64,
    /// Rivals' bids against a normal day.
    pub rivals: f64,
    /// Traffic by hour on the day, 24 numbers whose scale does not matter; empty = as always.
    pub hour: Vec<f64>,
    /// Days before it that are not like others either.
    pub before_days: u32,
    /// Traffic on the last of them against a normal day; the earlier ones grow into it.
    pub before_traffic: f64,
    /// Orders per click on the last of them: people wait.
    pub before_cvr: f64,
    /// Share of the orders of those days that are presale: deposits, which no report of orders shows.
    pub presale: f64,
}

impl Default for Event {
    fn default() -> Self {
        Event {
            date: jiff::civil::date(2026, 12, 12),
            days: 1,
            traffic: 1.0,
            cvr: 1.0,
            rivals: 1.0,
            hour: Vec::new(),
            before_days: 0,
            before_traffic: 1.0,
            before_cvr: 1.0,
            presale: 0.0,
        }
    }
}
