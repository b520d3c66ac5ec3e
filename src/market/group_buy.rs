//! Group buy: a slot that opens for some hours and brings a burst of people.

use super::ad::{Expected, Media, Moment, Traffic};
use super::chance::Purpose;
use super::demand::Demand;
use super::shop;
use crate::calendar::HOURS;

/// How much busier the first hours of a run are.
const BURST: [f64; 3] = [2.0, 1.6, 1.25];

/// A slot's traffic.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    /// Impressions of a normal run by hour; 0 where the slot is closed.
    impressions: [f64; HOURS],
    /// Clicks per impression.
    ctr: f64,
}

impl Stage {
    /// A slot's traffic, spread over its open hours by the hour's demand and the opening's burst.
    pub fn new(slot: &shop::Slot, demand: &Demand) -> Self {
        let mut impressions = [0.0; HOURS];
        let open =
            (0..HOURS).filter(|hour| slot.hour.as_slice().iter().any(|span| span.contains(*hour as u8)));
        for (since, hour) in open.enumerate() {
            impressions[hour] = demand.hour(hour as u8) * BURST.get(since).unwrap_or(&1.0);
        }
        let total: f64 = impressions.iter().sum();
        if total > 0.0 {
            impressions = impressions.map(|weight| slot.impressions * weight / total);
        }
        Stage { impressions, ctr: slot.ctr }
    }
}

impl Stage {
    /// Mean impressions in a cell.
    fn mean(&self, moment: &Moment) -> f64 {
        self.impressions[usize::from(moment.hour) % HOURS] * moment.traffic()
            / moment.today.demand.hour_of(moment.today.day, moment.hour)
    }
}

impl Media for Stage {
    fn visit(&self, moment: &Moment, _bid: f64) -> Traffic {
        let impressions = moment.stream(Purpose::Auction).poisson(self.mean(moment));
        let clicks = moment.stream(Purpose::Clicks).binomial(impressions, self.ctr);
        Traffic { impressions, clicks, ..Traffic::default() }
    }

    fn on_average(&self, moment: &Moment, bids: &[f64]) -> Vec<Expected> {
        let impressions = self.mean(moment);
        vec![Expected { impressions, clicks: impressions * self.ctr, ..Expected::default() }; bids.len()]
    }

    fn is_open(&self, hour: u8) -> bool {
        self.impressions[usize::from(hour) % HOURS] > 0.0
    }
}
