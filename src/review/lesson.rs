//! What to take away from the day: findings with the money behind each; what is beyond chance first, then by money.

mod find;
mod rate;

use serde::Serialize;

use super::{Difference, Effect, End, Key};
use crate::keys::Channel;
use crate::metric::Metric;
pub use find::lessons;
pub use rate::Rate;

/// Findings that are told.
pub const TOLD: usize = 10;

/// What is told, and the money behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lesson {
    /// The money behind it, signed: more (+) or less (−) than planned.
    pub money: f64,
    /// What the money is.
    pub of: Money,
    /// The channel's total lay within the band in which four days in five lie: chance alone may do as much.
    pub usual: bool,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What a lesson's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// Money charged to the shop.
    Spend,
    /// Money taken.
    Revenue,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum What {
    /// An effect in a channel.
    Effect {
        /// The channel.
        channel: Channel,
        /// The effect.
        effect: Effect,
        /// What it did.
        difference: Difference,
        /// What it is told by.
        rate: Option<Rate>,
        /// The rate as planned and as it is when all orders are in.
        values: [Option<f64>; 2],
        /// The rate so far, where that is another one.
        so_far: Option<f64>,
    },
    /// A campaign, a unit or a part of the day that differs most.
    Group {
        /// Which.
        #[serde(flatten)]
        key: Key,
        /// The effect behind most of it.
        main: Effect,
        /// What that one did.
        by_main: Difference,
        /// What all did.
        difference: Difference,
    },
    /// Delivery ended before the day.
    Ended(End),
    /// Bids were not the plan's.
    Moves {
        /// Units.
        units: usize,
        /// Unit-hours.
        cells: usize,
        /// Units that kept the bids of before the plan.
        kept_old: usize,
        /// What the other bids explain; nothing where the landscapes say nothing of some.
        explained: Option<Difference>,
        /// What these unit-hours differ by from the plan.
        difference: Difference,
    },
    /// A rule was missed.
    Rule {
        /// Its name with its scope.
        row: String,
        /// What is bounded.
        metric: Metric,
        /// Whether its bounds are shares.
        share: bool,
        /// Its value when all orders are in, and in the plan.
        values: [Option<f64>; 2],
        /// Its value so far, where that is another one.
        so_far: Option<f64>,
        /// The bound that was missed.
        bound: f64,
    },
    /// Search stood outside its band.
    Positions {
        /// Share of the unit-hours inside.
        share: f64,
        /// Share that the plan promised.
        promised: Option<f64>,
        /// Shares of the impressions above the band, and below it.
        outside: [f64; 2],
    },
    /// A total lay outside the band in which four days in five lie.
    Surprise {
        /// The channel; nothing for the whole plan.
        channel: Option<Channel>,
        /// The metric.
        metric: Metric,
        /// What was expected, and what it comes to when all orders are in.
        values: [f64; 2],
        /// What it is so far, where that is something else.
        so_far: Option<f64>,
        /// The band.
        p80: [f64; 2],
    },
}

impl What {
    /// Lessons of one sort are told at most so often; the sort and the number.
    fn most(&self) -> (usize, usize) {
        match self {
            What::Effect { .. } => (0, 5),
            What::Group { key, .. } if key.unit.is_some() => (1, 3),
            What::Group { key, .. } if key.campaign.is_some() => (2, 2),
            What::Group { .. } => (3, 1),
            What::Ended(_) => (4, 3),
            What::Moves { .. } => (5, 1),
            What::Rule { .. } => (6, 3),
            What::Positions { .. } => (7, 1),
            What::Surprise { .. } => (8, 2),
        }
    }
}
