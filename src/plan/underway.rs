//! A day that is planned again while it is under way: what has happened, and what it says of the rest.

use serde::{Deserialize, Serialize};

use crate::landscape::today::ChannelLevels;
use crate::metric::Outcome;

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
    /// Rules that the past alone has broken for good, in words.
    pub lost: Vec<String>,
}
