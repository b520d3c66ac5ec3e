//! Affiliate: promoters show what pays them, with diminishing returns, once they have noticed. A few of
//! them are stars, and now and then one goes live.

use super::ad::{Expected, Media, Moment, Traffic};
use super::chance::{Purpose, Stream};
use super::shop;

/// A star is at most this much of a normal promoter, and a live day of a normal day.
const MOST: f64 = 40.0;

/// Spread of the promoters' delays.
const DELAY_SPREAD: f64 = 0.5;

/// A plan and the promoters who look at it.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    promoters: Vec<Promoter>,
    /// Clicks per impression.
    ctr: f64,
    burst: f64,
    burst_tail: f64,
}

/// Someone with an audience.
#[derive(Debug, Clone, Copy)]
struct Promoter {
    /// Impressions on a normal day when the commission leaves nothing to wish.
    reach: f64,
    /// Commission at which he does 63 % of that.
    asked: f64,
    /// Share of what he felt yesterday that is in what he feels today.
    memory: f64,
}

impl Promoter {
    /// The commission that he has in mind: a mean over the days, which fades.
    fn feels(&self, commission: f64, moment: &Moment) -> f64 {
        let (mut felt, mut left) = (0.0, 1.0);
        for ago in 0..=moment.past.len() {
            let then = match ago {
                0 => commission,
                _ if ago as u32 <= moment.announced => commission,
                _ => moment.past[ago - 1],
            };
            let weight = if ago == moment.past.len() { left } else { left * (1.0 - self.memory) };
            felt += weight * then;
            left -= weight;
        }
        felt
    }

    /// Impressions on a normal day: concave in the commission, `reach × (1 − exp(−commission ÷ asked))`.
    fn shows(&self, commission: f64, moment: &Moment) -> f64 {
        self.reach * -(-self.feels(commission, moment) / self.asked).exp_m1()
    }
}

impl Plan {
    /// Draws a plan.
    pub fn draw(stream: &mut Stream, spec: &shop::Affiliate) -> Self {
        let promoters = (0..spec.promoters).map(|_| Promoter {
            reach: spec.reach * stream.factor(spec.reach_spread),
            asked: spec.asked * stream.factor(spec.asked_spread),
            memory: 0.0,
        });
        let mut promoters: Vec<Promoter> = promoters.collect();
        for promoter in &mut promoters {
            if spec.reach_tail > 0.0 {
                promoter.reach *= stream.tail(spec.reach_tail, MOST) / mean_tail(spec.reach_tail);
            }
            if spec.delay_days > 0.0 {
                promoter.memory = (-1.0 / (spec.delay_days * stream.factor(DELAY_SPREAD))).exp();
            }
        }
        Plan { promoters, ctr: spec.ctr, burst: spec.burst, burst_tail: spec.burst_tail }
    }

    /// Impressions on a normal day, each promoter's multiplied by a factor of his own.
    fn reach(&self, commission: f64, moment: &Moment, mut factor: impl FnMut() -> f64) -> f64 {
        self.promoters.iter().map(|promoter| promoter.shows(commission, moment) * factor()).sum()
    }
}

/// Mean of a Pareto factor that is cut off at [`MOST`].
fn mean_tail(exponent: f64) -> f64 {
    if (exponent - 1.0).abs() < 1e-9 {
        return 1.0 + MOST.ln();
    }
    (exponent - MOST.powf(1.0 - exponent)) / (exponent - 1.0)
}

impl Media for Plan {
    fn visit(&self, moment: &Moment, bid: f64) -> Traffic {
        let mut lives = moment.day_stream(Purpose::Burst);
        let factor = || if lives.happens(self.burst) { lives.tail(self.burst_tail, MOST) } else { 1.0 };
        let mean = self.reach(bid, moment, factor) / 24.0 * moment.traffic() * moment.open;
        let impressions = moment.stream(Purpose::Auction).poisson(mean);
        let clicks = moment.stream(Purpose::Clicks).binomial(impressions, self.ctr);
        Traffic { impressions, clicks, ..Traffic::default() }
    }

    fn on_average(&self, moment: &Moment, bids: &[f64]) -> Vec<Expected> {
        let live = 1.0 + self.burst * (mean_tail(self.burst_tail) - 1.0);
        let traffic = live / 24.0 * moment.traffic();
        let expected = |bid: &f64| {
            let impressions = self.reach(*bid, moment, || 1.0) * traffic;
            Expected { impressions, clicks: impressions * self.ctr, ..Expected::default() }
        };
        bids.iter().map(expected).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Channel;
    use crate::market::chance::Chance;
    use crate::market::day::Today;

    #[test]
    fn promoters_do_more_for_more_but_ever_less_so() {
        let mut stream = Chance::new(4).unit(Purpose::Traits, 1);
        let plan = Plan::draw(&mut stream, &shop::Affiliate::default());
        let today = Today::normal(4);
        let moment = Moment::new(&today, Channel::Affiliate, 1, 12);
        let reach: Vec<f64> =
            (0..10).map(|step| plan.reach(0.05 * f64::from(step), &moment, || 1.0)).collect();
        assert_eq!(reach[0], 0.0);
        let gains: Vec<f64> = reach.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gains.windows(2).all(|pair| pair[0] > pair[1] && pair[1] > 0.0), "{gains:?}");
    }

    #[test]
    fn a_new_commission_is_noticed_late() {
        let mut stream = Chance::new(4).unit(Purpose::Traits, 1);
        let spec = shop::Affiliate { delay_days: 5.0, ..Default::default() };
        let plan = Plan::draw(&mut stream, &spec);
        let today = Today::normal(4);
        let past = vec![0.1; 60];
        let reach = |announced| {
            let moment = Moment { past: &past, announced, ..Moment::new(&today, Channel::Affiliate, 1, 12) };
            plan.reach(0.3, &moment, || 1.0)
        };
        let at_once = plan.reach(0.3, &Moment::new(&today, Channel::Affiliate, 1, 12), || 1.0);
        let series = [0, 3, 10, 30].map(reach);
        assert!(series.is_sorted() && series[0] < 0.75 * at_once, "{series:?} of {at_once}");
        assert!(series[3] > 0.97 * at_once, "{series:?} of {at_once}");
    }

    #[test]
    fn live_days_have_heavy_tails_and_a_known_mean() {
        let mut stream = Chance::new(4).unit(Purpose::Traits, 1);
        let spec = shop::Affiliate { burst: 0.05, burst_tail: 1.5, reach_tail: 1.8, ..Default::default() };
        let plan = Plan::draw(&mut stream, &spec);
        let days: Vec<f64> = (1..=1500)
            .map(|luck| {
                let today = Today::with_luck(4, luck);
                let moment = Moment::new(&today, Channel::Affiliate, 1, 12);
                plan.visit(&moment, 0.2).impressions as f64 / moment.traffic()
            })
            .collect();
        let mean = days.iter().sum::<f64>() / days.len() as f64;
        let today = Today::normal(4);
        let moment = Moment::new(&today, Channel::Affiliate, 1, 12);
        let expected = plan.on_average(&moment, &[0.2])[0].impressions / moment.traffic();
        assert!((mean / expected - 1.0).abs() < 0.06, "{mean} against {expected}");
        assert!(days.iter().copied().fold(0.0, f64::max) > 2.5 * mean);
    }
}
