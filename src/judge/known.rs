//! The bids of a planner who knows the true curves: the same program, true outcomes.

use jiff::civil::Date;
use rayon::prelude::*;

use super::Bids;
use crate::calendar::{HOURS, day_number};
use crate::config::limits::Limits;
use crate::config::{PlanFile, Request};
use crate::error::Result;
use crate::keys::{Cell, Channel, Unit};
use crate::ladder::{Given, Ladder, Ladders};
use crate::market::{Shop, Truth};
use crate::metric::Outcome;
use crate::pipeline::{self, Options};
use crate::reason::Reason;

/// Days of other luck over which a true curve is the mean.
const DRAWS: u32 = 24;
/// Bids at which a curve is looked up.
const GRID: usize = 48;
/// How far from a shop's usual bids the grid reaches, as a factor.
const REACH: f64 = 6.0;
/// Slots and displays change the curves of other units, so bids are found more than once, each time on
/// the curves under the bids before.
const ROUNDS: usize = 4;

/// The best bids of a day, `before` being what is bid now. They keep the plan file's limits but for those
/// that guard against ignorance: `max_change` and `extrapolate`. What a bid does to the curves of other
/// cells is no part of the program, here as in a plan.
///
/// # Errors
/// What the program says of rules that match nothing.
pub fn best(shop: &Shop, request: &Request, date: Date, before: &Bids) -> Result<Bids> {
    let mut bids = before.clone();
    let mut curves: Option<Curves> = None;
    for _ in 0..ROUNDS {
        let mut truth = Truth::on(shop, day_number(date), DRAWS, &|unit, hour| bids.of(unit, hour));
        if let Some(curves) = &curves {
            // Half a step: the more is bid the less it brings, and whole steps would swing for ever.
            truth.frequency_between(&curves.truth);
        }
        let found = Curves::of(truth, &request.file, date, before, curves);
        let Curves { truth: _, units, ladders } = &found;
        let best = pipeline::known::best_bids(request, &Options::default(), units, ladders, date)?;
        bids = Bids::default();
        for given in &ladders.given {
            if let Some(bid) = given.bid {
                bids.set(&units[given.cell.unit as usize], given.cell.hour, bid);
            }
        }
        for (ladder, bid) in ladders.ladders.iter().zip(best) {
            for hour in &ladder.hours {
                if let Some(bid) = bid {
                    bids.set(&units[ladder.unit as usize], *hour, bid);
                }
            }
        }
        curves = Some(found);
    }
    Ok(bids)
}

/// The true curves under some bids, as ladders.
struct Curves<'a> {
    truth: Truth<'a>,
    units: Vec<Unit>,
    /// Sorted by unit.
    ladders: Ladders,
}

impl<'a> Curves<'a> {
    /// Looks the curves up; those that cannot have changed are taken from `before`.
    fn of(truth: Truth<'a>, file: &PlanFile, date: Date, now: &Bids, before: Option<Curves<'a>>) -> Self {
        let units: Vec<Unit> = truth.units().cloned().collect();
        let date = date.to_string();
        let before = before.filter(|before| before.truth.has_traffic_of(&truth));
        let part = |at: usize| {
            let limits = file.limits(&units[at], &date);
            match (units[at].channel, &before) {
                (Channel::Display, _) | (_, None) => {}
                (_, Some(before)) => return before.part(at),
            }
            match units[at].channel {
                Channel::GroupBuy => slot(&truth, at, &units[at], file, &limits),
                Channel::Affiliate => by_the_day(&truth, at, &units[at], &limits, now),
                Channel::Search | Channel::Display => by_the_hour(&truth, at, &units[at], &limits, now),
            }
        };
        let parts: Vec<Ladders> = (0..units.len()).into_par_iter().map(part).collect();
        let mut ladders = Ladders::default();
        for part in parts {
            ladders.ladders.extend(part.ladders);
            ladders.given.extend(part.given);
        }
        Curves { truth, units, ladders }
    }

    /// The part of one unit.
    fn part(&self, at: usize) -> Ladders {
        let ladders = self.ladders.ladders.iter().filter(|ladder| ladder.unit as usize == at);
        let given = self.ladders.given.iter().filter(|given| given.cell.unit as usize == at);
        Ladders { ladders: ladders.cloned().collect(), given: given.cloned().collect(), ..Ladders::default() }
    }
}

/// A cell that is not ours to plan, or whose bid is fixed.
fn given(truth: &Truth<'_>, at: usize, unit: &Unit, hour: u8, limits: &Limits, now: &Bids) -> Option<Given> {
    let (bid, reason) = match (limits.fixed, limits.managed) {
        (_, false) => (now.of(unit, hour)?, Reason::Unmanaged),
        (Some(fixed), true) => (fixed, Reason::FixedBid),
        (None, true) => return None,
    };
    let outcome = truth.curve(at, hour, &[bid]).first().copied().unwrap_or_default();
    Some(Given { cell: Cell { unit: at as u32, hour }, bid: Some(bid), outcome, reason })
}

/// Bids from low to high, on their step.
fn grid(limits: &Limits, usual: f64) -> Vec<f64> {
    let low = limits.bid[0].max(usual / REACH).max(limits.step);
    let high = limits.bid[1].min(usual * REACH).max(low);
    let bid = |at: usize| limits.snap(low * (high / low).powf(at as f64 / (GRID - 1) as f64));
    let mut bids: Vec<f64> = (0..GRID).map(bid).collect();
    bids.retain(|bid| *bid > 0.0 && *bid <= limits.bid[1] + 1e-9);
    bids.dedup();
    bids
}

fn by_the_hour(truth: &Truth<'_>, at: usize, unit: &Unit, limits: &[Limits], now: &Bids) -> Ladders {
    let mut all = Ladders::default();
    for hour in 0..HOURS as u8 {
        let limits = &limits[usize::from(hour)];
        if !limits.run {
            continue;
        }
        if !limits.managed || limits.fixed.is_some() {
            all.given.extend(given(truth, at, unit, hour, limits, now));
            continue;
        }
        let grid = grid(limits, truth.usual_bid(at));
        let in_band = |outcome: &Outcome| match (limits.position, outcome.position()) {
            (Some([best, worst]), Some(position)) => (best..=worst).contains(&position),
            (Some(_), None) => false,
            (None, _) => outcome.impressions > 0.0,
        };
        let curve = truth.curve(at, hour, &grid);
        let (bids, outcomes): (Vec<f64>, Vec<Outcome>) =
            grid.into_iter().zip(curve).filter(|(_, outcome)| in_band(outcome)).unzip();
        if !bids.is_empty() {
            all.ladders.push(Ladder { unit: at as u32, hours: vec![hour], bids, outcomes, whole: false });
        }
    }
    all
}

fn by_the_day(truth: &Truth<'_>, at: usize, unit: &Unit, limits: &[Limits], now: &Bids) -> Ladders {
    let mut all = Ladders::default();
    let (mut hours, mut outcomes) = (Vec::new(), Vec::new());
    let bids = grid(&limits[0], truth.usual_bid(at));
    for hour in (0..HOURS as u8).filter(|hour| limits[usize::from(*hour)].run) {
        let limits = &limits[usize::from(hour)];
        if !limits.managed || limits.fixed.is_some() {
            all.given.extend(given(truth, at, unit, hour, limits, now));
            continue;
        }
        hours.push(hour);
        outcomes.extend(truth.curve(at, hour, &bids));
    }
    if !hours.is_empty() {
        all.ladders.push(Ladder { unit: at as u32, hours, bids, outcomes, whole: false });
    }
    all
}

fn slot(truth: &Truth<'_>, at: usize, unit: &Unit, file: &PlanFile, limits: &[Limits]) -> Ladders {
    let offer = file.group_buy.slot.iter().find(|slot| slot.is(unit));
    let Some(offer) = offer.filter(|_| limits.iter().all(|limits| limits.run)) else {
        return Ladders::default();
    };
    let day = (0..HOURS as u8).map(|hour| (hour, truth.curve(at, hour, &[offer.rate])[0]));
    let (hours, mut outcomes): (Vec<u8>, Vec<Outcome>) =
        day.filter(|(_, outcome)| outcome.clicks > 0.0).unzip();
    let clicks: f64 = outcomes.iter().map(|outcome| outcome.clicks).sum();
    let fee = offer.fee(outcomes.iter().map(|outcome| outcome.revenue).sum());
    for outcome in &mut outcomes {
        outcome.spend = fee * outcome.clicks / clicks;
    }
    let ladder = Ladder { unit: at as u32, hours, bids: vec![offer.rate], outcomes, whole: true };
    match ladder.hours.is_empty() {
        true => Ladders::default(),
        false => Ladders { ladders: vec![ladder], ..Ladders::default() },
    }
}
