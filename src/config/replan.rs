//! `[replan]`: how a day is planned again while it is under way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[replan]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Replan {
    /// Largest change of a bid against the plan in force, as a share; in place of the channels' `max_change`.
    pub max_change: f64,
    /// Share of what today shows (a level above or below the forecast) that is still there an hour later.
    pub persistence: f64,
    /// Standard deviation by which a channel's level moves from one hour to the next, as a share.
    pub restless: f64,
    /// Chance that a channel's level jumps in an hour: a rival joins, a link breaks, a channel is cut off.
    pub jumps: f64,
    /// Revenue that an ROI rule may cost for each unit of money by which revenue − bound · spend grows; a rule that costs
    /// more today is given up for the day.
    pub dearest: f64,
    /// Share of a day's orders that its report shows at the end of that day; by default what the history's last
    /// day shows of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_day: Option<f64>,
    /// Mean hours from a click to an order of the same day; 0 = reports show such orders at once.
    pub order_hours: f64,
}

impl Default for Replan {
    fn default() -> Self {
        Replan {
            max_change: 0.3,
            persistence: 0.98,
            restless: 0.01,
            jumps: 0.01,
            dearest: 3.0,
            same_day: None,
            order_hours: 0.0,
        }
    }
}

impl Replan {
    /// Whether nothing was said.
    pub fn is_default(&self) -> bool {
        *self == Replan::default()
    }
}
