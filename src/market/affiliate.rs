//! Affiliate: promoters show what pays them, with diminishing returns.

use super::ad::{Media, Moment, Traffic};
use super::chance::{Purpose, Stream};
use super::shop;

/// A plan and the promoters who look at it.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    promoters: Vec<Promoter>,
    /// Clicks per impression.
    ctr: f64,
}

/// Someone with an audience.
#[derive(Debug, Clone, Copy)]
struct Promoter {
    /// Impressions on a normal day when the commission leaves nothing to wish.
    reach: f64,
    /// Commission at which he does 63 % of that.
    asked: f64,
}

impl Plan {
    /// Draws a plan.
    pub fn draw(stream: &mut Stream, spec: &shop::Affiliate) -> Self {
        let promoters = (0..spec.promoters).map(|_| Promoter {
            reach: spec.reach * stream.factor(spec.reach_spread),
            asked: spec.asked * stream.factor(spec.asked_spread),
        });
        Plan { promoters: promoters.collect(), ctr: spec.ctr }
    }

    /// Impressions on a normal day at a commission: concave, for each promoter does
    /// `reach × (1 − exp(−commission ÷ asked))`.
    fn reach(&self, commission: f64) -> f64 {
        self.promoters.iter().map(|promoter| promoter.reach * -(-commission / promoter.asked).exp_m1()).sum()
    }
}

impl Media for Plan {
    fn visit(&self, moment: &Moment, bid: f64) -> Traffic {
        let mean = self.reach(bid) / 24.0 * moment.traffic();
        let impressions = moment.stream(Purpose::Auction).poisson(mean);
        let clicks = moment.stream(Purpose::Clicks).binomial(impressions, self.ctr);
        Traffic { impressions, clicks, ..Traffic::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::chance::Chance;

    #[test]
    fn promoters_do_more_for_more_but_ever_less_so() {
        let mut stream = Chance::new(4).unit(Purpose::Traits, 1);
        let plan = Plan::draw(&mut stream, &shop::Affiliate::default());
        let reach: Vec<f64> = (0..10).map(|step| plan.reach(0.05 * f64::from(step))).collect();
        assert_eq!(reach[0], 0.0);
        let gains: Vec<f64> = reach.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gains.windows(2).all(|pair| pair[0] > pair[1] && pair[1] > 0.0), "{gains:?}");
    }
}
