//! What a bid may be in one cell: the channel's table, with the overrides that apply, later ones last.

use super::{BidOverride, Override, PlanFile};
use crate::keys::{Channel, Unit};

/// Limits of one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// May run at all.
    pub run: bool,
    /// Is bid by us, not by the platform.
    pub managed: bool,
    /// The one bid it must have.
    pub fixed: Option<f64>,
    /// Lowest and highest bid.
    pub bid: [f64; 2],
    /// Bids are multiples of this.
    pub step: f64,
    /// Best and worst mean position.
    pub position: Option<[f64; 2]>,
    /// Largest change against the last bid.
    pub max_change: Option<f64>,
    /// Margin outside the history's bids.
    pub extrapolate: f64,
}

impl PlanFile {
    /// The limits of a unit in each hour of the date (`2026-12-12`).
    pub fn limits(&self, unit: &Unit, date: &str) -> Vec<Limits> {
        let base = self.channel_limits(unit.channel);
        let touching: Vec<&Override> =
            self.overrides.iter().filter(|rule| rule.scope.has_unit(unit)).collect();
        (0..crate::calendar::HOURS as u8)
            .map(|hour| {
                let mut limits = base.clone();
                for change in touching.iter().filter(|change| change.scope.has_hour(hour, date, &self.phases))
                {
                    limits.apply(change, unit.channel);
                }
                limits
            })
            .collect()
    }

    fn channel_limits(&self, channel: Channel) -> Limits {
        let (bid, step, position, max_change, extrapolate) = match channel {
            Channel::Search => {
                let table = &self.search;
                (table.bid, table.bid_step, Some(table.position), table.max_change, table.extrapolate)
            }
            Channel::Display => {
                let table = &self.display;
                (table.bid, table.bid_step, None, table.max_change, table.extrapolate)
            }
            Channel::Affiliate => {
                let table = &self.affiliate;
                (table.bid, table.bid_step, None, table.max_change, table.extrapolate)
            }
            Channel::GroupBuy => ([0.0, 1.0], 0.001, None, None, 0.0),
        };
        Limits { run: true, managed: true, fixed: None, bid, step, position, max_change, extrapolate }
    }
}

impl Limits {
    fn apply(&mut self, change: &Override, channel: Channel) {
        self.run = change.run.unwrap_or(self.run);
        self.managed = change.managed.unwrap_or(self.managed);
        match change.bid {
            Some(BidOverride::Fixed(bid)) => self.fixed = Some(bid),
            Some(BidOverride::Range(range)) => (self.bid, self.fixed) = (range, None),
            None => {}
        }
        if channel == Channel::Search {
            self.position = change.position.or(self.position);
        }
        self.step = change.bid_step.unwrap_or(self.step);
        self.max_change = change.max_change.or(self.max_change);
        self.extrapolate = change.extrapolate.unwrap_or(self.extrapolate);
    }

    /// The multiple of the step nearest to a bid, as a clean decimal.
    pub fn snap(&self, bid: f64) -> f64 {
        self.at_step((bid / self.step).round() as i64)
    }

    /// The bid of so many steps, as a clean decimal.
    pub fn at_step(&self, steps: i64) -> f64 {
        (steps as f64 * self.step * 1e6).round() / 1e6
    }
}
