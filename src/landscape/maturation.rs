//! How sales fill in: the share of a day's orders that are in, so many days after it.
//!
//! Learned from rows that were exported on several days. An order of such a row came in between two exports, and
//! orders that come after the last one are not seen: the distribution of delays that makes what was seen most likely is
//! that of Turnbull (1976) for censored and truncated data, found by expectation and maximisation. With an export every
//! day it is the chain ladder of claims reserving.
//!
//! Without such rows the newest days tell a little: their orders over those that their clicks are to bring (`young`).
//! That is one day an age, with the luck of that day's conversion, so nothing is fitted by it; it says of a day under way
//! and of a review how much may still come.

mod young;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Landscapes;
use crate::config::{self, PlanFile, Request};
use crate::error::Finding;
use crate::history::triangle::Arrived;
use crate::history::{History, Triangle};
use crate::keys::Channel;

/// Orders seen more than once that a curve takes; with fewer, the newest days' sales are left out.
const ENOUGH: f64 = 100.0;
/// Orders with which the shop's curve speaks in a channel's.
const LIKE_THE_SHOP: f64 = 50.0;
/// Share of the orders from which on sales count as settled.
pub const NEARLY_ALL: f64 = 0.98;
/// Rounds of expectation and maximisation.
const ROUNDS: usize = 500;

/// Share of a day's orders that are in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Maturation {
    /// After 0, 1, 2 … whole days; the last stands for all later ones. Nothing where no curve is known.
    shares: Vec<f64>,
    /// Standard deviation of each, as a share of it; nothing where they are said and not learned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deviations: Vec<f64>,
}

/// How the sales of each channel fill in; nothing of channels of which it is not known.
pub type Maturations = BTreeMap<Channel, Maturation>;

/// How sales fill in, as far as a history tells: by the exports of several days, else by its newest days.
pub(super) fn learn(landscapes: &Landscapes, history: &History, request: &Request) -> Maturations {
    // What the plan file says is asked for when it is needed: it may say otherwise by then.
    let unsaid = config::History { maturation: Vec::new(), ..request.file.history.clone() };
    let told = Channel::ALL.map(|channel| (channel, Maturation::of(&history.triangle, channel, &unsaid)));
    match told.iter().any(|(_, told)| told.is_known()) {
        true => told.into_iter().collect(),
        false => match young::learn(landscapes, history, request) {
            Some(young) => Channel::ALL.map(|channel| (channel, young.clone())).into(),
            None => Maturations::new(),
        },
    }
}

impl Landscapes {
    /// How sales fill in: as the plan file says (`[history] maturation`; `[replan] same_day` for the first morning),
    /// else as the history told.
    pub fn maturations(&self, file: &PlanFile) -> Maturations {
        let said = &file.history.maturation;
        let curve = |channel: Channel| {
            let mut curve = match said.is_empty() {
                true => self.maturation.get(&channel).cloned().unwrap_or_default(),
                false => Maturation { shares: said.clone(), deviations: Vec::new() },
            };
            if let Some(same_day) = file.replan.same_day {
                curve.begins(same_day);
            }
            (channel, curve)
        };
        Channel::ALL.map(curve).into_iter().filter(|(_, curve)| curve.is_known()).collect()
    }
}

impl Maturation {
    /// As the plan file says, else as the exports of several days tell; else nothing.
    pub(super) fn of(triangle: &Triangle, channel: Channel, config: &config::History) -> Maturation {
        if !config.maturation.is_empty() {
            return Maturation { shares: config.maturation.clone(), deviations: Vec::new() };
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
        let shares: Vec<f64> = delays
            .iter()
            .scan(0.0, |sum, share| {
                *sum += share;
                Some(f64::min(*sum, 1.0))
            })
            .collect();
        // Orders of rows that were looked at later than the age: of so many it is known whether they were in by then.
        let witnesses = |age: usize| {
            let later = own.iter().filter(|(arrived, _)| usize::from(arrived.until) > age);
            LIKE_THE_SHOP + later.map(|(_, orders)| orders).sum::<f64>()
        };
        let deviations = shares.iter().enumerate().map(|(age, share)| {
            let odds = (1.0 - share) / share.max(f64::MIN_POSITIVE);
            (odds / witnesses(age)).sqrt().min(1.0)
        });
        Maturation { deviations: deviations.collect(), shares }
    }

    /// Whether a curve is known.
    pub fn is_known(&self) -> bool {
        !self.shares.is_empty()
    }

    /// Whether the curve says anything of an age: one share alone, and not nearly all, is of the first morning.
    pub fn tells(&self, age: u16) -> bool {
        let last = self.shares.last().is_some_and(|share| *share >= NEARLY_ALL);
        usize::from(age) < self.shares.len() || self.shares.len() > 1 || last
    }

    /// Share of the orders of a row of an age, in days, that are in.
    pub fn share(&self, age: u16) -> f64 {
        let at = usize::from(age).min(self.shares.len().saturating_sub(1));
        self.shares.get(at).copied().unwrap_or(1.0)
    }

    /// Standard deviation of that share, as a share of it.
    pub fn deviation(&self, age: u16) -> f64 {
        let at = usize::from(age).min(self.deviations.len().saturating_sub(1));
        self.deviations.get(at).copied().unwrap_or(0.0)
    }

    /// Somebody says how much is in on the first morning; later shares are no smaller.
    fn begins(&mut self, same_day: f64) {
        self.deviations.resize(self.shares.len(), 0.0);
        if self.shares.is_empty() {
            (self.shares, self.deviations) = (vec![same_day], vec![0.0]);
        }
        self.shares.iter_mut().for_each(|share| *share = share.max(same_day));
        (self.shares[0], self.deviations[0]) = (same_day, 0.0);
    }

    /// Says how sales fill in, where that was learned.
    pub(super) fn told(&self, channel: Channel, config: &config::History) -> Option<Finding> {
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
