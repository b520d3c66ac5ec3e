//! What a click or a thousand views cost, as a share of the bid.
//!
//! A click costs what beats the next rival below. A higher bid leaves that rival further behind, so the share falls as
//! a power of the bid; but where most rivals stand above, few are left below and the next of them is far: the share
//! falls there too, as `exp(−γ · odds)` of the odds of standing behind a rival. So near the end of the page a lower bid
//! saves more than its own fall, and at its top less. γ is one number a channel, by its likelihood.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::pooling::{self, Effects, Extent, Hours, SlopePrior};
use super::position;
use super::saturation::Tried;
use super::seen::{Seen, some};
use super::totals::{Totals, mean};
use crate::keys::Channel;

/// Above −1, so that the price itself still rises with the bid.
const PRICE: SlopePrior = SlopePrior {
    mean: -0.3,
    sd: 0.3,
    unit_sd: 0.15,
    bounds: [-0.95, 0.0],
    hours: Hours::Answer,
    ..SlopePrior::NONE
};

/// Squared coefficient of variation of single prices within a cell: the least scatter that an amount can have.
const SPREAD_OF_PRICES: f64 = 0.05;

/// γ that are tried.
const GAPS: Tried = Tried { values: &[0.0, 0.015, 0.03, 0.05, 0.08, 0.13], prior: [0.03, 0.05] };

/// Share of clicks that stood no deeper than where gaps are taken to stop widening: deeper than this nothing is known.
const DEEPEST: f64 = 0.99;

/// Rows from which γ is learned.
const ENOUGH: usize = 200_000;

/// How gaps between rivals widen where few of them are left below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Gaps {
    /// How much less of the bid is paid for each of the odds of standing behind a rival, as ln (γ).
    pub widen: f64,
    /// The odds from which on they widen no more.
    pub until: f64,
}

impl Gaps {
    /// What a click costs with such odds, over what it would cost at the top of the page.
    pub fn share(&self, odds: f64) -> f64 {
        (-self.widen * odds.min(self.until)).exp()
    }
}

/// Learns prices of a channel, whose odds of position are those of `page`. `total` is of all its rows.
pub(super) fn fit(
    channel: Channel,
    seen: &[Seen<'_>],
    page: Option<&Effects>,
    total: &Totals,
    first: i32,
    extent: Extent,
) -> (Effects, Gaps) {
    let (prior, piece) = match channel {
        Channel::Search => (PRICE, mean(total.spend, total.clicks)),
        Channel::Display => (PRICE, mean(total.spend, total.impressions)),
        Channel::Affiliate | Channel::GroupBuy => (SlopePrior::NONE, 1.0),
    };
    let exposure = |seen: &Seen<'_>| match channel {
        Channel::Search => seen.row.clicks * seen.bid,
        Channel::Display => seen.row.impressions * seen.bid / 1000.0,
        Channel::Affiliate => seen.row.revenue * seen.bid,
        Channel::GroupBuy => 0.0,
    };
    let rows = |every: u32, gaps: Gaps| {
        let row = |_, seen: &Seen<'_>| {
            let share = match page {
                Some(effects) if gaps.widen > 0.0 => gaps.share(position::odds_of(effects, seen)),
                _ => 1.0,
            };
            let exposure = exposure(seen) * share;
            exposure.is_finite().then(|| seen.row(first, seen.row.spend, exposure, seen.bid.ln()))
        };
        some(seen, every, row)
    };
    let floor = SPREAD_OF_PRICES * piece;
    let mut gaps = Gaps::default();
    if let (Some(effects), true) = (page, extent.parts.saturation) {
        gaps.until = deepest(seen, effects);
        let every = seen.len().div_ceil(ENOUGH).max(1) as u32;
        gaps.widen = GAPS
            .fitted(|widen| pooling::fit_scored(rows(every, Gaps { widen, ..gaps }), extent, prior, floor));
    }
    (pooling::fit(rows(1, gaps), extent, prior, floor), gaps)
}

/// The odds that few clicks exceed.
fn deepest(seen: &[Seen<'_>], effects: &Effects) -> f64 {
    let odds = |seen: &Seen<'_>| (position::odds_of(effects, seen), seen.row.clicks);
    let mut odds: Vec<(f64, f64)> = seen
        .par_iter()
        .filter(|seen| seen.row.clicks > 0.0)
        .map(odds)
        .filter(|it| it.0.is_finite())
        .collect();
    odds.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    position::quantile(&odds, DEEPEST).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Observation;
    use crate::landscape::Parts;

    const UNITS: u32 = 12;
    const DAYS: i32 = 28;
    const GAP: f64 = 0.05;

    /// Odds and price of a click at a bid of the unit: half of rivals' odds at a bid of 1, 2 or 3.
    fn auction(unit: u32, bid: f64) -> (f64, f64) {
        let odds = 3.0 * (bid / f64::from(1 + unit % 3)).powf(-2.0);
        (odds, 0.9 * bid * bid.powf(-0.1) * (-GAP * odds).exp())
    }

    fn rows() -> Vec<Observation> {
        let mut rows = Vec::new();
        for unit in 0..UNITS {
            for day in 0..DAYS {
                for hour in [3u8, 11, 20] {
                    // The bid changes from day to day and from hour to hour, between 0.7 and 1.5 of the usual.
                    let step = (day * 5 + i32::from(hour) * 3 + unit as i32 * 7) % 9;
                    let bid = (f64::from(1 + unit % 3) * (0.7 + 0.1 * f64::from(step))) as f32;
                    let (odds, price) = auction(unit, f64::from(bid));
                    let position = (1.0 + position::beyond(odds, 0.1)) as f32;
                    rows.push(Observation {
                        unit,
                        day,
                        days: 1,
                        hour: Some(hour),
                        age: 0,
                        bid,
                        position: [position; 2],
                        quality: f32::NAN,
                        impressions: 400.0,
                        clicks: 40.0,
                        spend: 40.0 * price,
                        orders: 0.0,
                        revenue: 0.0,
                    });
                }
            }
        }
        rows
    }

    #[test]
    fn a_lower_bid_saves_more_where_few_rivals_are_left_below() {
        let rows = rows();
        let seen: Vec<Seen<'_>> = rows.iter().map(|row| Seen::of(row, row.unit, 0)).collect();
        let extent = Extent {
            units: UNITS as usize,
            campaigns: 1,
            days: DAYS as usize,
            unit_hours: false,
            parts: Parts::ALL,
        };
        let (page, crowding) = position::fit(&seen, 0, extent).expect("positions are told");
        let total = Totals::of(&rows.iter().collect::<Vec<_>>());
        let (price, gaps) = fit(Channel::Search, &seen, Some(&page), &total, 0, extent);
        let odds =
            |unit: u32, bid: f64| page.rate(unit as usize, 0, 11, 2) * page.response(unit as usize, bid.ln());
        let learned = |unit: u32, bid: f64| {
            let share = price.rate(unit as usize, 0, 11, 2) * price.response(unit as usize, bid.ln());
            bid * share * gaps.share(odds(unit, bid))
        };
        assert!(gaps.widen > 0.02, "{gaps:?} {crowding}");
        for unit in [0, 4, 11] {
            let usual = f64::from(1 + unit % 3);
            // Where it was seen, and what a fall from there saves: much more than its own share.
            for bid in [0.7, 1.0, 1.4].map(|share| share * usual) {
                let error = learned(unit, bid) / auction(unit, bid).1 - 1.0;
                assert!(error.abs() < 0.05, "unit {unit} at {bid}: {error:+.3}, {gaps:?}");
            }
            let saved = |of: &dyn Fn(f64) -> f64| (of(usual) / of(0.75 * usual)).ln() / (1.0f64 / 0.75).ln();
            let (told, true_one) = (saved(&|bid| learned(unit, bid)), saved(&|bid| auction(unit, bid).1));
            assert!((told - true_one).abs() < 0.12, "elasticity {told:.2} for {true_one:.2}");
        }
        // Deeper than anything that was seen nothing is made up.
        assert_eq!(gaps.share(1e9), gaps.share(gaps.until));
        assert_eq!(Gaps::default().share(7.0), 1.0);
    }
}
