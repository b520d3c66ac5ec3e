//! Display: every impression on offer goes to the highest CPM bid, for the second highest.

use super::ad::{Media, Moment, Traffic};
use super::chance::{Purpose, Stream};
use super::shop;

/// Auctions that are held for a cell at most; each stands for its share of the opportunities.
const AUCTIONS: u64 = 64;

/// Spread of the rivals' bids from day to day.
const RIVAL_DAY_NOISE: f64 = 0.05;

/// An audience in a placement.
#[derive(Debug, Clone)]
pub(super) struct Placement {
    /// Impressions on offer on a normal day.
    opportunities: f64,
    /// Middling highest CPM bid of the rivals in a normal hour.
    rival_cpm: f64,
    rival_spread: f64,
    rival_dayparting: f64,
    /// Clicks per impression while the audience is fresh.
    ctr: f64,
    fatigue: f64,
}

impl Placement {
    /// Draws a placement. `rival_cpm` is the rivals' middling highest bid.
    pub fn draw(stream: &mut Stream, spec: &shop::Display, rival_cpm: f64) -> Self {
        Placement {
            opportunities: spec.opportunities * stream.factor(spec.opportunities_spread),
            rival_cpm,
            rival_spread: spec.rival_spread,
            rival_dayparting: spec.rival_dayparting * (1.0 + 0.5 * stream.normal()),
            ctr: spec.ctr * stream.factor(spec.ctr_spread),
            fatigue: spec.fatigue,
        }
    }
}

impl Media for Placement {
    fn visit(&self, moment: &Moment, bid: f64) -> Traffic {
        let mut auctions = moment.stream(Purpose::Auction);
        let opportunities = auctions.poisson(self.opportunities / 24.0 * moment.traffic());
        let held = opportunities.min(AUCTIONS);
        let today = moment.day_stream(Purpose::Rivals).factor(RIVAL_DAY_NOISE);
        let median = self.rival_cpm * today * moment.demand.hour(moment.hour).powf(self.rival_dayparting);
        let mut traffic = Traffic::default();
        for number in 0..held {
            let rival = median * auctions.factor(self.rival_spread);
            if bid > rival {
                let shown = opportunities / held + u64::from(number < opportunities % held);
                traffic.impressions += shown;
                traffic.charged += rival * shown as f64 / 1000.0;
            }
        }
        // The more of an hour's audience we buy, the more often the same people see us.
        let won = traffic.impressions as f64 / opportunities.max(1) as f64;
        let ctr = self.ctr * (1.0 - self.fatigue * won);
        traffic.clicks = moment.stream(Purpose::Clicks).binomial(traffic.impressions, ctr);
        traffic
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Channel;
    use crate::market::chance::Chance;
    use crate::market::demand::Demand;

    #[test]
    fn a_higher_bid_wins_at_least_as_many_and_pays_at_most_itself() {
        let chance = Chance::new(2);
        let demand = Demand::new(chance, &shop::Demand::default(), 20_000);
        let placement =
            Placement::draw(&mut chance.unit(Purpose::Traits, 1), &shop::Display::default(), 45.0);
        let (mut least, mut most) = (0, 0);
        for hour in 0..24 {
            let moment =
                Moment { chance, demand: &demand, channel: Channel::Display, key: 1, day: 20_001, hour };
            let mut before = Traffic::default();
            for bid in [5.0, 20.0, 40.0, 60.0, 90.0, 150.0] {
                let traffic = placement.visit(&moment, bid);
                assert!(traffic.impressions >= before.impressions && traffic.charged >= before.charged);
                assert!(traffic.charged <= bid / 1000.0 * traffic.impressions as f64);
                before = traffic;
                if bid == 20.0 {
                    least += before.impressions;
                }
            }
            most += before.impressions;
        }
        assert!(most > 10 * least, "{least} to {most} impressions");
    }
}
