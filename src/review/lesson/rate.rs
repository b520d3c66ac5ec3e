//! The rates and counts that effects are told by.

use serde::Serialize;

use crate::keys::Channel;
use crate::metric::Outcome;
use crate::review::Effect;

/// A rate or a count that an effect is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// Impressions.
    Impressions,
    /// Clicks.
    Clicks,
    /// Orders.
    Orders,
    /// Clicks ÷ impressions.
    Ctr,
    /// Spend ÷ clicks.
    Cpc,
    /// 1000 × spend ÷ impressions.
    Cpm,
    /// Spend ÷ revenue.
    Commission,
    /// Spend itself: a fee.
    Fee,
    /// Orders ÷ clicks.
    Cvr,
    /// Revenue ÷ orders.
    OrderValue,
}

impl Rate {
    /// Its value for an outcome; nothing over zero.
    pub fn of(self, outcome: &Outcome) -> Option<f64> {
        let ratio = |up: f64, down: f64| (down > 0.0).then(|| up / down);
        match self {
            Rate::Impressions => Some(outcome.impressions),
            Rate::Clicks => Some(outcome.clicks),
            Rate::Orders => Some(outcome.orders),
            Rate::Fee => Some(outcome.spend),
            Rate::Ctr => outcome.ctr(),
            Rate::Cpc => outcome.cpc(),
            Rate::Cpm => outcome.cpm(),
            Rate::Cvr => outcome.cvr(),
            Rate::Commission => ratio(outcome.spend, outcome.revenue),
            Rate::OrderValue => outcome.order_value(),
        }
    }

    /// What an effect of a channel is told by; nothing where the effect is no rate.
    pub fn behind(effect: Effect, channel: Channel, planned: &Outcome) -> Option<Rate> {
        Some(match effect {
            Effect::Volume if planned.impressions > 0.0 => Rate::Impressions,
            Effect::Volume if planned.clicks > 0.0 => Rate::Clicks,
            Effect::Volume => Rate::Orders,
            Effect::Ctr => Rate::Ctr,
            Effect::Price => match channel {
                Channel::Search => Rate::Cpc,
                Channel::Display => Rate::Cpm,
                Channel::Affiliate => Rate::Commission,
                Channel::GroupBuy => Rate::Fee,
            },
            Effect::Conversion => Rate::Cvr,
            Effect::Value => Rate::OrderValue,
            Effect::Bids | Effect::Unplanned | Effect::NotRun | Effect::Ended | Effect::NotInYet => {
                return None;
            }
        })
    }
}
