//! How sales fill in: the share of a day's orders that are in, so many days after it.
//!
//! Learned from rows that were exported on several days. An order of such a row came in between two exports, and
//! orders that come after the last one are not seen: the distribution of delays that makes what was seen most likely is
//! that of Turnbull (1976) for censored and truncated data, found by expectation and maximisation. With an export every
//! day it is the chain ladder of claims reserving.

use crate::config;
use crate::error::Finding;
use crate::history::Triangle;
use crate::history::triangle::Arrived;
use crate::keys::Channel;

/// Orders seen more than once that a curve takes; with fewer, the newest days' sales are left out.
const ENOUGH: f64 = 100.0;
/// Orders with which the shop's curve speaks in a channel's.
const LIKE_THE_SHOP: f64 = 50.0;
/// Share of the orders from which on sales count as settled.
pub(super) const NEARLY_ALL: f64 = 0.98;
/// Rounds of expectation and maximisation.
const ROUNDS: usize = 500;

/// Share of a day's orders that are in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Maturation {
    /// After 0, 1, 2 … whole days; the last stands for all later ones. Nothing where no curve is known.
    shares: Vec<f64>,
}

impl Maturation {
    /// As the plan file says, else as the exports of several days tell; else nothing.
    pub fn of(triangle: &Triangle, channel: Channel, config: &config::History) -> Maturation {
        if !config.maturation.is_empty() {
            return Maturation { shares: config.maturation.clone() };
        }
        let all: Vec<(Arrived, f64)> =
            Channel::ALL.iter().flat_map(|channel| triangle.of(*channel)).collect();
        let orders: f64 = all.iter().map(|(_, orders)| orders).sum();
        if orders < ENOUGH {
            return Maturation::default();
        }
        let window = config.window_days.try_into().unwrap_or(u16::MAX);
        let shop = delays(&all, window, &[]);
        let own: Vec<(Arrived, f64)> = triangle.of(channel).collect();
        let like: Vec<f64> = shop.iter().map(|share| LIKE_THE_SHOP * share).collect();
        let delays = delays(&own, window, &like);
        let shares = delays.iter().scan(0.0, |sum, share| {
            *sum += share;
            Some(f64::min(*sum, 1.0))
        });
        Maturation { shares: shares.collect() }
    }

    /// Whether a curve is known.
    pub fn is_known(&self) -> bool {
        !self.shares.is_empty()
    }

    /// Share of the orders of a row of an age, in days, that are in.
    pub fn share(&self, age: u16) -> f64 {
        let at = usize::from(age).min(self.shares.len().saturating_sub(1));
        self.shares.get(at).copied().unwrap_or(1.0)
    }

    /// Says how sales fill in, where that was learned.
    pub fn told(&self, channel: Channel, config: &config::History) -> Option<Finding> {
        let settled = self.shares.iter().position(|share| *share >= NEARLY_ALL)?;
        let percent = |share: &f64| format!("{:.0}", 100.0 * share);
        let shares: Vec<String> = self.shares[..=settled].iter().map(percent).collect();
        let cause = format!(
            "{channel}: by the exports of several days, {} % of a day's orders are in the next morning and each morning after",
            shares.join(", ")
        );
        let action = "nothing to do: younger sales are learned from by that share; `history.maturation` says otherwise";
        config.maturation.is_empty().then(|| Finding::note("L006", cause, action))
    }
}

/// Share of orders by delay in days, up to the age of the oldest export or the end of the window. `prior` are orders
/// whose delay is known.
fn delays(seen: &[(Arrived, f64)], window: u16, prior: &[f64]) -> Vec<f64> {
    let oldest = seen.iter().map(|(arrived, _)| arrived.until).max().unwrap_or(0).min(window);
    let most = (usize::from(oldest) + 1).max(prior.len());
    let mut share = vec![1.0 / most as f64; most];
    for _ in 0..ROUNDS {
        let mut orders = vec![0.0; most];
        orders.iter_mut().zip(prior).for_each(|(orders, more)| *orders += more);
        for (arrived, count) in seen {
            let [from, to, until] =
                [arrived.from, arrived.to, arrived.until].map(|age| usize::from(age).min(most - 1));
            let within: f64 = share[from..=to].iter().sum();
            let reported: f64 = share[..=until].iter().sum();
            if within > 0.0 {
                (from..=to).for_each(|at| orders[at] += count * share[at] / within);
                // For each that was seen there are some that will be.
                (until + 1..most).for_each(|at| orders[at] += count * share[at] / reported);
            }
        }
        let all: f64 = orders.iter().sum();
        if all <= 0.0 {
            break;
        }
        share = orders.iter().map(|orders| orders / all).collect();
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Observation;

    const DELAYS: [f64; 5] = [0.6, 0.2, 0.1, 0.06, 0.04];

    fn look(age: u16, orders: f64) -> Observation {
        Observation {
            unit: 0,
            day: 0,
            days: 1,
            hour: None,
            age,
            bid: f32::NAN,
            position: [f32::NAN; 2],
            quality: f32::NAN,
            impressions: 0.0,
            clicks: 0.0,
            spend: 0.0,
            orders,
            revenue: 0.0,
        }
    }

    /// Rows of a thousand orders each, exported at some ages.
    fn triangle(ages: &[&[u16]]) -> Triangle {
        let arrived = |age: &u16| 1000.0 * DELAYS.iter().take(usize::from(*age) + 1).sum::<f64>();
        let mut triangle = Triangle::default();
        for ages in ages {
            let looks: Vec<Observation> = ages.iter().map(|age| look(*age, arrived(age))).collect();
            triangle.add(Channel::Search, &looks);
        }
        triangle
    }

    fn learned(triangle: &Triangle) -> Vec<f64> {
        Maturation::of(triangle, Channel::Search, &config::History::default()).shares
    }

    #[test]
    fn a_curve_is_read_off_exports_of_every_day_and_of_some() {
        let daily = triangle(&[&[0, 1, 2, 3, 4], &[0, 1, 2, 3], &[0, 1, 2], &[0, 1]]);
        let some = triangle(&[&[0, 3], &[1, 4], &[0, 1, 4], &[2, 4], &[0, 2]]);
        for triangle in [daily, some] {
            let curve = learned(&triangle);
            for (share, truth) in curve.iter().zip([0.6, 0.8, 0.9, 0.96, 1.0]) {
                assert!((share - truth).abs() < 0.003, "{curve:?}");
            }
        }
    }

    #[test]
    fn few_orders_say_nothing_and_the_plan_file_says_all() {
        let mut few = Triangle::default();
        few.add(Channel::Search, &[look(0, 10.0), look(1, 20.0)]);
        assert!(learned(&few).is_empty());
        let config = config::History { maturation: vec![0.5, 1.0], ..config::History::default() };
        let said = Maturation::of(&few, Channel::Search, &config);
        assert_eq!([0, 1, 9].map(|age| said.share(age)), [0.5, 1.0, 1.0]);
    }

    #[test]
    fn orders_that_come_back_make_no_share_above_one() {
        let mut triangle = Triangle::default();
        triangle.add(Channel::Search, &[look(0, 900.0), look(1, 1000.0), look(2, 950.0)]);
        let curve = learned(&triangle);
        assert!(curve.windows(2).all(|pair| pair[0] <= pair[1]) && curve[2] <= 1.0, "{curve:?}");
    }
}
