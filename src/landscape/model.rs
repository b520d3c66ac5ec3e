//! The model of one channel: a chain of pooled rates from bids to revenue.

use serde::{Deserialize, Serialize};

use super::channel::MIDDLE;
use super::pooling::Effects;
use super::price::Gaps;
use super::saturation::Saturation;
use crate::calendar::HOURS;
use crate::keys::Channel;

/// What volume is counted in: the first of these that the channel's history holds at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Volume {
    /// Impressions, from which clicks follow.
    Impressions,
    /// Clicks, where impressions are not reported.
    Clicks,
    /// Orders, where clicks are not reported either.
    Orders,
}

/// How revenue follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevenueBy {
    /// Revenue per order.
    Orders,
    /// Revenue per click, where orders are missing or do not account for the revenue.
    Clicks,
}

/// The fitted model of a channel. Indices of units count within the channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChannelModel {
    /// The channel.
    pub channel: Channel,
    /// Campaign index of each unit.
    pub campaign: Vec<u32>,
    /// Whether any row of the channel has an hour.
    pub hourly: bool,
    /// What volume is counted in.
    pub unit_of_volume: Volume,
    /// How revenue follows.
    pub revenue_by: RevenueBy,
    /// Odds of standing behind a rival, by ln bid; nothing where no position is known.
    pub position: Option<Effects>,
    /// (position − 1) is odds ÷ (1 + crowding · odds).
    pub crowding: f64,
    /// Volume per hour, by position (search) or by the bid's ratio to the usual one.
    pub volume: Effects,
    /// Clicks per impression, by the same.
    pub ctr: Effects,
    /// Price paid ÷ bid, by ln bid, at the top of the page.
    pub price: Effects,
    /// How that falls further down the page.
    #[serde(default)]
    pub gaps: Gaps,
    /// Orders per click.
    pub cvr: Effects,
    /// Revenue per order, or per click.
    pub value: Effects,
    /// The usual bid of each unit in each hour, unit-major, at which its volume is referenced; nothing where
    /// no bid is known, empty where volume does not answer to bids as such.
    pub usual_bid: Vec<Option<f64>>,
    /// How fast volume saturates as positions rise, or how steep the share is that is won as bids do.
    pub saturation: Saturation,
    /// The same of CTR by position; display's answers to volume.
    pub ctr_saturation: Saturation,
    /// What an hour of a slot's run brings over its mean open hour, unit-major; empty in other channels.
    pub presence: Vec<f64>,
    /// By slot of the group-buy channel, ln of what it makes of this channel's traffic while it is open; empty
    /// where no slot ever ran.
    pub halo: Vec<f64>,
    /// Share of the commissions on all sales that is paid in the end: sales that come back pay none. 1 in other
    /// channels.
    pub paid: f64,
}

impl ChannelModel {
    /// A bid over the unit's usual one in an hour; NaN where no bid is known.
    pub fn ratio(&self, unit: usize, hour: u8, bid: f64) -> f64 {
        let usual = self.usual_bid.get(unit * HOURS + usize::from(hour)).copied().flatten();
        usual.map_or(f64::NAN, |usual| bid / usual)
    }

    /// Whether every table of the model has an entry for this unit.
    pub fn has(&self, unit: usize) -> bool {
        let campaigns = self.volume.campaign.len();
        let tables = [
            Some(&self.volume),
            Some(&self.ctr),
            Some(&self.price),
            Some(&self.cvr),
            Some(&self.value),
            self.position.as_ref(),
        ];
        self.campaign.get(unit).is_some_and(|campaign| (*campaign as usize) < campaigns)
            && (self.usual_bid.is_empty() || unit * HOURS < self.usual_bid.len())
            && tables.into_iter().flatten().all(|effects| effects.has(unit, campaigns))
    }

    /// What was learned, line by line, for people.
    pub fn lines(&self) -> Vec<(String, String)> {
        let name = |what: &str| format!("{} {what}", self.channel);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let mut lines = vec![(
            name("units"),
            format!(
                "{} in {} campaigns, {}",
                self.campaign.len(),
                self.volume.campaign.len(),
                if self.hourly { "hour by hour" } else { "by the day; hours from a shape" }
            ),
        )];
        if let Some(position) = &self.position {
            lines.push((
                name("position"),
                match self.crowding > 0.0 {
                    true => format!(
                        "odds of each of {:.0} rivals ∝ bid^{:.2}",
                        1.0 / self.crowding,
                        mean(&position.slope)
                    ),
                    false => format!("(position − 1) ∝ bid^{:.2}", mean(&position.slope)),
                },
            ));
            for (what, effects, theta) in
                [("ctr", &self.ctr, self.ctr_saturation), ("impressions", &self.volume, self.saturation)]
            {
                let slope = mean(&effects.slope);
                let text =
                    format!("elasticity −{slope:.2} at position {MIDDLE}, rising as position^{:.1}", theta.0);
                lines.push((name(what), text));
            }
        } else if matches!(self.channel, Channel::Display | Channel::Affiliate) {
            lines.push((
                name("volume"),
                format!(
                    "elasticity {:.2} at the usual bid, of a share that is won with steepness {:.1}",
                    mean(&self.volume.slope),
                    self.saturation.0
                ),
            ));
        }
        if matches!(self.channel, Channel::Search | Channel::Display) {
            lines.push((
                name("price"),
                format!("{:.0} % of the bid on average", 100.0 * self.price.base.min(1.0)),
            ));
        }
        lines.push((
            name("cvr"),
            format!(
                "{:.2} % on average; a unit counts as much as its campaign after {:.0} orders",
                100.0 * self.cvr.base,
                self.cvr.unit_strength
            ),
        ));
        lines
    }
}
