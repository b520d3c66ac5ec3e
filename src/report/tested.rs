//! What the last backtest said, as `bidwright backtest` leaves it for the report.

use jiff::civil::Date;
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;

use super::lang::{self, Lang};
use super::{number, reason};
use crate::keys::Channel;

/// The last backtest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Tested {
    /// First and last day held out.
    pub days: [Date; 2],
    /// Whether the forecast passed.
    pub trusted: bool,
    /// Predicted against actual.
    pub rows: Vec<TestedRow>,
}

/// One figure of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TestedRow {
    /// A channel's name, or `total`.
    pub channel: String,
    /// The metric's name.
    pub metric: String,
    /// What was predicted.
    pub predicted: f64,
    /// What happened.
    pub actual: f64,
    /// predicted ÷ actual − 1.
    pub error: f64,
}

/// The metrics that are judged, and the errors beyond which they are not trusted.
const GATES: [(&str, f64, lang::Word); 2] = [("spend", 0.10, lang::SPEND), ("revenue", 0.15, lang::REVENUE)];

/// Its verdict and its figures for the page; without a backtest, how to make one.
pub fn verdict(tested: Option<&Tested>, lang: Lang) -> Value {
    let Some(tested) = tested else { return Value::from(()) };
    let row = |row: &TestedRow| {
        let (_, gate, word) = GATES.iter().find(|(name, _, _)| *name == row.metric)?;
        let name = Channel::parse(&row.channel)
            .map_or_else(|| lang::TOTAL.in_(lang), |channel| reason::channel(channel).in_(lang));
        Some(context! {
            channel => name,
            metric => word.in_(lang),
            predicted => number::sum(row.predicted),
            actual => number::sum(row.actual),
            error => format!("{}{}", if row.error > 0.0 { "+" } else { "" }, number::percent(row.error, 1)),
            good => row.error.abs() <= *gate,
        })
    };
    let days = [tested.days[0].to_string(), tested.days[1].to_string()];
    context! {
        trusted => tested.trusted,
        words => if tested.trusted { lang::TRUSTED } else { lang::NOT_TRUSTED }.in_(lang),
        days => lang::TESTED_ON.with(lang, &[&days[0], &days[1]]),
        rows => tested.rows.iter().filter_map(row).collect::<Value>(),
    }
}
