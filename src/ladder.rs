//! Ladders: the bids that are admissible in each cell, in rising order, each with what it is expected
//! to bring.
//!
//! A ladder spans one hour of a unit, or several hours that must or may share one bid: all hours of a
//! unit that is bought by the day, and hours that the history cannot tell apart. The position band is
//! not a rule of the program: rungs outside it are simply not on the ladder, and a mix of two rungs
//! inside the band is inside it too. (`models/formulation.md` §3)

mod slot;
mod solution;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::calendar::HOURS;
use crate::config::PlanFile;
use crate::config::limits::Limits;
use crate::keys::{Cell, Channel};
use crate::landscape::{Forecast, Landscapes};
use crate::metric::Outcome;
use crate::reason::Reason;
pub use slot::beside_what_sells;
pub use solution::Running;

/// Rungs on a ladder whose highest bid is [`WIDE`] times its lowest or less. With 12, doubling them changes the optimum
/// of the sample shop by less than 0.1 % (`tests/golden`).
pub const RUNGS: usize = 12;
/// Wider ladders have so many more rungs as they are wider, as ln, up to twice as many.
const WIDE: f64 = 2.25;

/// The admissible bids of a unit in some hours.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// Index of the unit.
    pub unit: u32,
    /// The hours that share the bid, rising.
    pub hours: Vec<u8>,
    /// The bids, rising.
    pub bids: Vec<f64>,
    /// Outcomes, hour-major: `outcomes[hour_index * bids.len() + rung]`.
    pub outcomes: Vec<Outcome>,
    /// Taken as a whole or not at all (a slot with a fee).
    pub whole: bool,
}

impl Ladder {
    /// Outcomes of one hour, by rung.
    pub fn at_hour(&self, index: usize) -> &[Outcome] {
        &self.outcomes[index * self.bids.len()..(index + 1) * self.bids.len()]
    }

    /// Outcome of a rung over all hours of the ladder.
    pub fn total(&self, rung: usize) -> Outcome {
        (0..self.hours.len()).map(|hour| self.at_hour(hour)[rung]).sum()
    }
}

/// A cell that is not planned but counts: bid by the platform, or at a bid that the plan file fixes.
#[derive(Debug, Clone)]
pub struct Given {
    /// The cell.
    pub cell: Cell,
    /// Its bid, where it is ours to set.
    pub bid: Option<f64>,
    /// What is expected of it.
    pub outcome: Outcome,
    /// Why it is given.
    pub reason: Reason,
}

/// All cells of the planned day, sorted into those to plan, those given and those that cannot run.
#[derive(Debug, Clone, Default)]
pub struct Ladders {
    /// To plan.
    pub ladders: Vec<Ladder>,
    /// Counted, not planned.
    pub given: Vec<Given>,
    /// Not running, and why.
    pub idle: Vec<(Cell, Reason)>,
}

impl Ladders {
    /// All cells that are to plan.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let of = |ladder: &Ladder| {
            let unit = ladder.unit;
            ladder.hours.clone().into_iter().map(move |hour| Cell { unit, hour })
        };
        self.ladders.iter().flat_map(of)
    }

    /// Whether a cell is to plan.
    pub fn has(&self, cell: Cell) -> bool {
        self.ladders.iter().any(|ladder| ladder.unit == cell.unit && ladder.hours.contains(&cell.hour))
    }

    /// Takes a cell out of those to plan. Hours that shared its ladder keep it.
    pub fn remove(&mut self, cell: Cell) {
        for ladder in self.ladders.iter_mut().filter(|ladder| ladder.unit == cell.unit) {
            let Some(at) = ladder.hours.iter().position(|hour| *hour == cell.hour) else { continue };
            ladder.hours.remove(at);
            let rungs = ladder.bids.len();
            ladder.outcomes.drain(at * rungs..(at + 1) * rungs);
        }
        self.ladders.retain(|ladder| !ladder.hours.is_empty());
    }
}

/// Builds the ladders of a day with at most `rungs` rungs each, up to twice as many where bids lie far apart.
pub fn build(
    landscapes: &Landscapes,
    forecast: &Forecast<'_>,
    file: &PlanFile,
    date: Date,
    rungs: usize,
) -> Ladders {
    build_held(landscapes, forecast, file, date, Build { rungs, hold: file.search.hold })
}

/// How fine ladders are, and how safe.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// Rungs on a ladder, at most.
    pub rungs: usize,
    /// A rung's chance of being held in the position band is at least this share of the best that the cell can
    /// have; at 0, its predicted position lies in the band.
    pub hold: f64,
}

/// Builds the ladders of a day, as safe as is asked.
pub fn build_held(
    landscapes: &Landscapes,
    forecast: &Forecast<'_>,
    file: &PlanFile,
    date: Date,
    build: Build,
) -> Ladders {
    let date = date.to_string();
    let classes = hour_classes(file, &date);
    let of_unit = |unit: u32| {
        let mut ladders = Ladders::default();
        let key = &landscapes.units[unit as usize];
        let mut limits = file.limits(key, &date);
        if key.channel.by_the_day() {
            share_over_the_day(&mut limits);
        }
        if key.channel == Channel::GroupBuy {
            slot::slot(&mut ladders, forecast, file, unit, landscapes, &limits);
            return ladders;
        }
        let known = &landscapes.known[unit as usize];
        let apart = !key.channel.by_the_day() && landscapes.tells_hours_apart(unit);
        let mut left: Vec<u8> = (0..HOURS as u8).collect();
        while let Some(first) = left.first().copied() {
            // Hours that may share a bid: alike in limits, last bid, and in the rules that reach them.
            let like_first = |hour: u8| {
                let (a, b) = (usize::from(first), usize::from(hour));
                if key.channel.by_the_day() {
                    return (limits[a].run, limits[a].managed) == (limits[b].run, limits[b].managed);
                }
                limits[a] == limits[b] && known.last_bid[a] == known.last_bid[b] && classes[a] == classes[b]
            };
            let hours: Vec<u8> =
                left.iter().copied().filter(|hour| *hour == first || (!apart && like_first(*hour))).collect();
            left.retain(|hour| !hours.contains(hour));
            cells(&mut ladders, landscapes, forecast, unit, hours, &limits[usize::from(first)], build);
        }
        ladders
    };
    let mut all = Ladders::default();
    let of_units: Vec<Ladders> = (0..landscapes.units.len() as u32).into_par_iter().map(of_unit).collect();
    for of_unit in of_units {
        all.ladders.extend(of_unit.ladders);
        all.given.extend(of_unit.given);
        all.idle.extend(of_unit.idle);
    }
    all
}

/// Makes what is bought by the day keep the limits of all its hours in each of them: a bid that is fixed
/// in one hour is fixed, and a range that is narrower in one hour is narrower.
fn share_over_the_day(limits: &mut [Limits]) {
    let planned = || limits.iter().filter(|limits| limits.run && limits.managed);
    let fixed = planned().find_map(|limits| limits.fixed);
    let low = planned().map(|limits| limits.bid[0]).fold(0.0, f64::max);
    let high = planned().map(|limits| limits.bid[1]).fold(f64::INFINITY, f64::min);
    let max_change = planned().filter_map(|limits| limits.max_change).reduce(f64::min);
    let extrapolate = planned().map(|limits| limits.extrapolate).fold(f64::INFINITY, f64::min);
    for limits in limits.iter_mut().filter(|limits| limits.run && limits.managed) {
        (limits.fixed, limits.bid, limits.max_change) = (fixed, [low, high], max_change);
        limits.extrapolate = extrapolate;
    }
}

/// For each hour, which rules with hours in their scope reach it: hours of one class are alike.
fn hour_classes(file: &PlanFile, date: &str) -> Vec<Vec<bool>> {
    use crate::config::rule::Key;
    (0..HOURS as u8)
        .map(|hour| {
            let mut class = Vec::new();
            for rule in &file.rules {
                for scope in rule.scope.iter().chain(&rule.of).filter(|scope| scope.by_hour()) {
                    class.push(scope.has_hour(hour, date, &file.phases));
                }
                if rule.keys().contains(&Key::Hour) {
                    class.extend((0..HOURS as u8).map(|other| other == hour));
                }
                if rule.keys().contains(&Key::Phase) {
                    class.extend(file.phases.iter().map(|phase| phase.has(hour)));
                }
            }
            class
        })
        .collect()
}

/// Sorts the hours of a unit that share a bid.
fn cells(
    ladders: &mut Ladders,
    landscapes: &Landscapes,
    forecast: &Forecast<'_>,
    unit: u32,
    hours: Vec<u8>,
    limits: &Limits,
    build: Build,
) {
    let known = &landscapes.known[unit as usize];
    let each = |hour: &u8| Cell { unit, hour: *hour };
    let idle = |ladders: &mut Ladders, reason: Reason| {
        ladders.idle.extend(hours.iter().map(|hour| (each(hour), reason.clone())));
    };
    if !limits.run {
        return idle(ladders, Reason::Paused);
    }
    let last = known.last_bid[usize::from(hours[0])];
    if !limits.managed {
        // What the platform bids is not ours to know: the usual bid stands for it.
        let Some(bid) = last.or(known.reference_bid) else { return idle(ladders, Reason::NoHistory) };
        ladders.given.extend(hours.iter().map(|hour| Given {
            cell: each(hour),
            bid: None,
            outcome: forecast.outcome(unit, *hour, bid),
            reason: Reason::Unmanaged,
        }));
        return;
    }
    let steps = match admissible(landscapes, forecast, unit, hours[0], limits, last, build.hold) {
        Ok(steps) => steps,
        Err(reason) => return idle(ladders, reason),
    };
    if limits.fixed.is_some() {
        let bid = limits.at_step(steps[0]);
        ladders.given.extend(hours.iter().map(|hour| Given {
            cell: each(hour),
            bid: Some(bid),
            outcome: forecast.outcome(unit, *hour, bid),
            reason: Reason::FixedBid,
        }));
        return;
    }
    let bids: Vec<f64> = spread(steps, build.rungs, last.map(|last| (last / limits.step).round() as i64))
        .into_iter()
        .map(|step| limits.at_step(step))
        .collect();
    let outcomes =
        hours.iter().flat_map(|hour| bids.iter().map(|bid| forecast.outcome(unit, *hour, *bid))).collect();
    ladders.ladders.push(Ladder { unit, hours, bids, outcomes, whole: false });
}

/// Lowest and highest admissible bid, in steps.
fn admissible(
    landscapes: &Landscapes,
    forecast: &Forecast<'_>,
    unit: u32,
    hour: u8,
    limits: &Limits,
    last: Option<f64>,
    hold: f64,
) -> Result<[i64; 2], Reason> {
    let known = &landscapes.known[unit as usize];
    let Some(seen) = known.bids else { return Err(Reason::NoHistory) };
    let (mut low, mut high) = (limits.bid[0], limits.bid[1]);
    if let Some(fixed) = limits.fixed {
        (low, high) = (limits.snap(fixed), limits.snap(fixed));
    } else {
        low = low.max(seen[0] / (1.0 + limits.extrapolate));
        high = high.min(seen[1] * (1.0 + limits.extrapolate));
        if let (Some(change), Some(last)) = (limits.max_change, last) {
            low = low.max(last * (1.0 - change));
            high = high.min(last * (1.0 + change));
        }
    }
    // A bid such as 0.3 is 29.999999999999996 steps of 0.01.
    let steps = [(low / limits.step - 1e-6).ceil() as i64, (high / limits.step + 1e-6).floor() as i64];
    let [mut first, mut last_step] = [steps[0].max(1), steps[1]];
    if first > last_step {
        return Err(Reason::NoAdmissibleBid { lowest: low, highest: high });
    }
    let position = |step: i64| forecast.position(unit, hour, limits.at_step(step));
    if let (Some([best, worst]), Some(at_lowest), Some(at_highest)) =
        (limits.position, position(first), position(last_step))
    {
        // Positions fall as bids rise, so both ends are found by bisection.
        let outside = Reason::OutsideBand { at_lowest, at_highest };
        let inside = |step: i64, keep: &dyn Fn(f64) -> bool| position(step).is_some_and(keep);
        let Some(from) = first_where(first, last_step, |step| inside(step, &|position| position <= worst))
        else {
            return Err(outside);
        };
        let beyond = first_where(first, last_step, |step| inside(step, &|position| position < best));
        let to = beyond.map_or(last_step, |step| step - 1);
        if from > to {
            return Err(outside);
        }
        (first, last_step) = (from, to);
        let held = |step: i64| forecast.held(unit, hour, limits.at_step(step), [best, worst]).unwrap_or(0.0);
        (first, last_step) = safest(first, last_step, hold, held);
    }
    Ok([first, last_step])
}

/// The steps whose chance is at least a share `hold` of the best. Chances rise to one peak and fall.
fn safest(low: i64, high: i64, hold: f64, chance: impl Fn(i64) -> f64) -> (i64, i64) {
    let peak = first_where(low, high, |step| step == high || chance(step + 1) < chance(step)).unwrap_or(high);
    let least = hold * chance(peak);
    let from = first_where(low, peak, |step| chance(step) >= least).unwrap_or(peak);
    let beyond = first_where(peak, high, |step| chance(step) < least);
    (from, beyond.map_or(high, |step| step - 1).max(from))
}

/// First step in `low..=high` for which a rising condition holds.
fn first_where(low: i64, high: i64, holds: impl Fn(i64) -> bool) -> Option<i64> {
    if !holds(high) {
        return None;
    }
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}

/// At most `rungs` steps between two ends, more where these lie far apart, spread evenly in ratio, and the present bid
/// among them.
fn spread([first, last]: [i64; 2], rungs: usize, present: Option<i64>) -> Vec<i64> {
    let ratio = last as f64 / first as f64;
    let rungs = (rungs as f64 * (ratio.ln() / WIDE.ln()).clamp(1.0, 2.0)).ceil() as usize;
    let mut steps: Vec<i64> = (0..rungs)
        .map(|rung| {
            let share = rung as f64 / (rungs.max(2) - 1) as f64;
            ((first as f64 * ratio.powf(share)).round() as i64).clamp(first, last)
        })
        .chain(present.filter(|present| (first..=last).contains(present)))
        .collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

#[cfg(test)]
mod tests;
