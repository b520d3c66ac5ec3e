//! A day that is planned again while it is under way: what has happened, and what it says of the rest.

use serde::{Deserialize, Serialize};

use super::{Plan, RuleValue};
use crate::landscape::today::ChannelLevels;
use crate::metric::{Metric, Outcome};

/// Where a day stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Underway {
    /// First hour that is not over: the plan's earlier hours are as they happened.
    pub now: u8,
    /// What the hours that are over brought, as the reports have it.
    pub reported: Outcome,
    /// What is still to come of their clicks: orders that fill in later, and commissions on them. The plan's past
    /// hours, and every rule, count it.
    pub late: Outcome,
    /// What the rest of the day is expected to bring.
    pub rest: Outcome,
    /// What it would bring under the plan in force.
    pub unchanged: Outcome,
    /// Share of a day's orders that its report shows at its end.
    pub same_day: f64,
    /// Bids of the rest of the day that are not those of the plan in force.
    pub changed: usize,
    /// Today's levels against the forecast.
    pub levels: Vec<ChannelLevels>,
    /// Rules that are lost for the day.
    pub lost: Vec<Lost>,
}

/// A rule row that a day under way does not keep any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lost {
    /// The row by its name.
    pub rule: String,
    /// What is bounded, and whether it is a share of it.
    pub metric: Metric,
    /// Whether the bound is a share.
    pub share: bool,
    /// Why.
    pub why: Why,
    /// The bound that is asked.
    pub bound: f64,
    /// Where the whole day is planned to end.
    pub value: f64,
    /// The nearest value that could be reached, every other rule kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reachable: Option<f64>,
}

/// Why a rule is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The hours that are over have used more than is allowed.
    Spent,
    /// Nothing in the hours that are left makes up for those that are over.
    OutOfReach,
    /// It could be kept, at a price above `[replan] dearest`.
    TooDear,
}

impl Lost {
    /// The rows of a finished plan that it does not keep; `past` is what the rules make of the hours that are over.
    pub fn of(plan: &Plan, past: &[RuleValue]) -> Vec<Lost> {
        let lost = |row: &RuleValue| {
            let same = |rule: &str, scope: &str| rule == row.rule && scope == row.scope;
            let before = past.iter().find(|past| same(&past.rule, &past.scope));
            let found = plan.conflict.iter().flat_map(|conflict| &conflict.relaxations);
            let relaxed: Vec<_> = found.filter(|relaxed| same(&relaxed.rule, &relaxed.scope)).collect();
            let cap = !row.share && !row.metric.is_ratio();
            let over =
                |past: &RuleValue| cap && row.max.is_some_and(|max| past.value.is_some_and(|is| is > max));
            let why = match relaxed.is_empty() {
                _ if before.is_some_and(over) => Why::Spent,
                true if plan.conflict.is_none() => Why::TooDear,
                _ => Why::OutOfReach,
            };
            Some(Lost {
                rule: row.to_string(),
                metric: row.metric,
                share: row.share,
                why,
                bound: row.min.or(row.max)?,
                value: row.value?,
                reachable: relaxed.first().and_then(|relaxed| relaxed.reachable),
            })
        };
        plan.rules.iter().filter(|row| !row.met && !row.soft).filter_map(lost).collect()
    }
}
