//! Display: every impression on offer goes to the highest CPM bid, for the second highest.

use super::ad::{Expected, Media, Moment, Traffic};
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
    /// The audience, when its people are so few that they see us again.
    audience: Option<usize>,
    wear: f64,
    nerves: f64,
    inflation: f64,
}

impl Placement {
    /// Draws a placement of an audience. `rival_cpm` is the rivals' middling highest bid.
    pub fn draw(stream: &mut Stream, spec: &shop::Display, audience: usize, rival_cpm: f64) -> Self {
        Placement {
            opportunities: spec.opportunities * stream.factor(spec.opportunities_spread),
            rival_cpm,
            rival_spread: spec.rival_spread,
            rival_dayparting: spec.rival_dayparting * (1.0 + 0.5 * stream.normal()),
            ctr: spec.ctr * stream.factor(spec.ctr_spread),
            fatigue: spec.fatigue,
            audience: (spec.people > 0.0).then_some(audience),
            wear: spec.wear,
            nerves: spec.rival_nerves,
            inflation: spec.monthly_inflation,
        }
    }

    /// The rivals' middling highest bid in a cell.
    fn median(&self, moment: &Moment) -> f64 {
        let today = moment.day_stream(Purpose::Rivals).factor(RIVAL_DAY_NOISE);
        let nerves = moment.stream(Purpose::Nerves).factor(self.nerves);
        self.rival_cpm * today * moment.rivals(self.rival_dayparting, self.inflation) * nerves
    }

    /// Clicks per impression when we buy a share of all that is on offer. The more we buy, the more often
    /// the same people see us.
    fn ctr(&self, moment: &Moment, won: f64) -> f64 {
        self.ctr * (1.0 - self.fatigue * won) * (-self.wear * moment.frequency).exp()
    }
}

impl Media for Placement {
    fn visit(&self, moment: &Moment, bid: f64) -> Traffic {
        let mut auctions = moment.stream(Purpose::Auction);
        let opportunities = auctions.poisson(self.opportunities / 24.0 * moment.traffic());
        let held = opportunities.min(AUCTIONS);
        let median = self.median(moment);
        let mut traffic = Traffic::default();
        for number in 0..held {
            let rival = median * auctions.factor(self.rival_spread);
            if bid > rival && (number as f64) < moment.open * held as f64 {
                let shown = opportunities / held + u64::from(number < opportunities % held);
                traffic.impressions += shown;
                traffic.charged += rival * shown as f64 / 1000.0;
            }
        }
        let won = traffic.impressions as f64 / opportunities.max(1) as f64;
        let ctr = self.ctr(moment, won);
        traffic.clicks = moment.stream(Purpose::Clicks).binomial(traffic.impressions, ctr);
        traffic
    }

    fn on_average(&self, moment: &Moment, bids: &[f64]) -> Vec<Expected> {
        let mut auctions = moment.stream(Purpose::Auction);
        let median = self.median(moment);
        let rivals: Vec<f64> = (0..AUCTIONS).map(|_| median * auctions.factor(self.rival_spread)).collect();
        let each = self.opportunities / 24.0 * moment.traffic() / AUCTIONS as f64;
        let expected = |bid: &f64| {
            let won: Vec<f64> = rivals.iter().copied().filter(|rival| bid > rival).collect();
            let impressions = each * won.len() as f64;
            let ctr = self.ctr(moment, won.len() as f64 / AUCTIONS as f64);
            Expected {
                impressions,
                clicks: impressions * ctr,
                charged: each * won.iter().sum::<f64>() / 1000.0,
                position_sum: 0.0,
            }
        };
        bids.iter().map(expected).collect()
    }

    fn audience(&self) -> Option<usize> {
        self.audience
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Channel;
    use crate::market::chance::Chance;
    use crate::market::day::Today;

    fn placement(spec: &shop::Display) -> Placement {
        Placement::draw(&mut Chance::new(2).unit(Purpose::Traits, 1), spec, 0, 45.0)
    }

    #[test]
    fn a_higher_bid_wins_at_least_as_many_and_pays_at_most_itself() {
        let today = Today::normal(2);
        let placement = placement(&shop::Display::default());
        let (mut least, mut most) = (0, 0);
        for hour in 0..24 {
            let moment = Moment::new(&today, Channel::Display, 1, hour);
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

    #[test]
    fn people_who_have_seen_us_click_less_and_the_mean_is_the_mean() {
        let placement = placement(&shop::Display { wear: 0.5, people: 1e4, ..Default::default() });
        let sums = |frequency| {
            let (mut drawn, mut mean) = (0.0, 0.0);
            for luck in 1..200 {
                let today = Today::with_luck(2, luck);
                let moment = Moment { frequency, ..Moment::new(&today, Channel::Display, 1, 20) };
                drawn += placement.visit(&moment, 55.0).clicks as f64;
                mean += placement.on_average(&moment, &[55.0])[0].clicks;
            }
            assert!((drawn / mean - 1.0).abs() < 0.04, "{drawn} around {mean}");
            mean
        };
        assert!((sums(2.0) / sums(0.0) - (-1.0f64).exp()).abs() < 1e-9);
    }
}
