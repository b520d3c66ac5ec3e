//! The market: the project's own auctions, which invent a shop's history and play plans.
//!
//! It simulates who meets whom, not how responses look: queries arrive, rivals bid, slots go by
//! rank score, clicks cost second prices, buyers come back days later. Nothing here knows how
//! landscapes are fitted, so a backtest cannot grade its own assumptions.
//!
//! [`Shop`] (its file) → ad units with rivals, promoters and buyers → [`simulate`] under the past
//! operator's bids, or [`play`] under any bids. Every cell draws from streams of its own, named by
//! seed, luck, unit, day and hour, so the same cell under another bid meets the same queries and the
//! same rivals. One cell changes another only where the shop's file says how: a slot's halo, people who
//! have seen a display before, a budget that is spent, commissions of the days before.
//!
//! [`Truth`] is what bids bring on average: the curves that a planner would like to know.

mod ad;
mod affiliate;
mod chance;
mod crowd;
mod day;
mod demand;
mod display;
mod event;
mod group_buy;
pub mod kinds;
mod operator;
mod play;
mod rivals;
mod sales;
mod search;
pub mod shock;
pub mod shop;
mod truth;

use rayon::prelude::*;

pub use shock::Shock;
pub use shop::Shop;
pub use truth::Truth;

use crate::calendar::day_number;
use crate::history::{History, Observation};
use crate::keys::Unit;
use crate::metric::Outcome;
use play::{Market, Ran};

/// One cell that ran, and what it brought in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// The ad unit.
    pub unit: Unit,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The bid; 0 for a slot with a fixed fee only.
    pub bid: f64,
    /// What it brought; [`play`] and [`truth_day`] count all orders of the attribution window.
    pub outcome: Outcome,
}

/// The history of a shop under its past operator's bids, as a report shows it that was exported on
/// the morning of `as_of`: orders that arrive later are not in it, and commissions are those of the
/// orders that are. Cells that the operator did not run have no row. Its audit is empty: no file was read.
pub fn simulate(shop: &Shop) -> History {
    let History { units, observations, .. } = exports(shop);
    History::of_exports(units, observations)
}

/// The same with the rows of earlier mornings' exports, where the shop's file asks for them: those of days whose orders
/// may still have come in.
pub fn exports(shop: &Shop) -> History {
    let market = Market::open(shop);
    let last = day_number(shop.exported());
    let window = shop.delay.len() as i32;
    let mornings = last - shop.report.earlier_exports as i32..=last;
    let looks: Vec<(i32, i32)> = mornings
        .flat_map(|morning| {
            let first =
                if morning == last { shop.first_day() } else { shop.first_day().max(morning - window) };
            (first..=shop.last_day().min(morning - 1)).map(move |day| (day, morning - 1 - day))
        })
        .collect();
    let mut observations: Vec<Observation> = looks
        .into_par_iter()
        .flat_map_iter(|(day, age)| {
            let ran = market.operators_day(day, Some(age));
            ran.into_iter().map(|cell| observe(&market, day, age, &cell)).collect::<Vec<_>>()
        })
        .collect();
    observations.sort_by_key(|row| (row.unit, row.day, row.hour, row.age));
    let units = market.ads.into_iter().map(|ad| ad.unit).collect();
    tracing::info!(rows = observations.len(), "simulated the shop's history");
    History { units, observations, ..History::default() }
}

/// The final outcome of a day (a day number, within the history or after it) under the operator's
/// own bids. Impressions, clicks, and the spend of auctions and fixed fees are those of the history;
/// orders, revenue and commissions are what they become.
pub fn truth_day(shop: &Shop, day: i32) -> Vec<Played> {
    let market = Market::open(shop);
    market.named(market.operators_day(day, None))
}

/// The final outcome of a day (a day number) under given bids: CPC, CPM, commission; for a group-buy
/// slot anything but nothing takes it, at its own price. A cell without a bid does not run; a slot
/// runs only while it is open, on any day. No budget stops anything: that is the plan's business.
/// Commissions were announced as early as the shop's file says.
///
/// Luck 0 is the history's own; any other is the same day once more, with other people, other rivals'
/// whims and other sales.
pub fn play(shop: &Shop, day: i32, luck: u32, bids: &dyn Fn(&Unit, u8) -> Option<f64>) -> Vec<Played> {
    play_under(shop, day, Circumstances { luck, ..Circumstances::default() }, bids)
}

/// What a day is played under.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances<'a> {
    /// 0 is the history's own luck.
    pub luck: u32,
    /// What nobody could foretell.
    pub shocks: &'a [Shock],
    /// Days after which its sales are looked at: 0 = those of the day itself; nothing = in the end.
    pub age: Option<i32>,
}

/// As [`play`], with shocks, and as a report would show it.
pub fn play_under(
    shop: &Shop,
    day: i32,
    circumstances: Circumstances<'_>,
    bids: &dyn Fn(&Unit, u8) -> Option<f64>,
) -> Vec<Played> {
    let market = Market::open(shop);
    market.named(market.day(day, circumstances, |ad, hour| bids(&ad.unit, hour)))
}

/// The report of a day (a day number), of its hours before `until`, under given bids: sales that come later than its
/// circumstances say are not in it. Its audit is empty: no file was read.
pub fn report(
    shop: &Shop,
    day: i32,
    until: u8,
    circumstances: Circumstances<'_>,
    bids: &dyn Fn(&Unit, u8) -> Option<f64>,
) -> History {
    let market = Market::open(shop);
    let ran = market.day(day, circumstances, |ad, hour| bids(&ad.unit, hour));
    let ran = ran.iter().filter(|cell| cell.hour < until);
    let mut observations: Vec<Observation> = ran
        .map(|cell| observe(&market, day, circumstances.age.unwrap_or(i32::from(u16::MAX)), cell))
        .collect();
    observations.sort_by_key(|row| (row.unit, row.day, row.hour));
    let units = market.ads.into_iter().map(|ad| ad.unit).collect();
    History { units, observations, ..History::default() }
}

/// The units of a shop, sorted.
pub fn units(shop: &Shop) -> Vec<Unit> {
    Market::open(shop).ads.into_iter().map(|ad| ad.unit).collect()
}

/// What the shop's events make of a day (a day number) against a normal one: traffic, orders per click,
/// rivals' bids.
pub fn event_of(shop: &Shop, day: i32) -> [f64; 3] {
    let effect = event::effect(&shop.events, day);
    [effect.traffic, effect.cvr, effect.rivals]
}

/// A cell as a report shows it.
fn observe(market: &Market, day: i32, age: i32, cell: &Ran) -> Observation {
    let ad = &market.ads[cell.ad];
    let outcome = &cell.outcome;
    let has_bid = !matches!(ad.terms, ad::Terms::Slot { rate, .. } if rate == 0.0);
    Observation {
        unit: cell.ad as u32,
        day,
        days: 1,
        hour: Some(cell.hour),
        age: age as u16,
        bid: if has_bid { cell.bid as f32 } else { f32::NAN },
        position: market.shop.report.positions.reported(outcome.position()),
        quality: ad.media.quality().map_or(f32::NAN, |quality| quality as f32),
        impressions: outcome.impressions,
        clicks: outcome.clicks,
        spend: outcome.spend,
        orders: outcome.orders,
        revenue: outcome.revenue,
    }
}

#[cfg(test)]
mod tests;
