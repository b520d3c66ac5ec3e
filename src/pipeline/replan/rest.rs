//! The two parts of a day under way: what is over, and the ladders of the rest.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Scene;
use crate::calendar::HOURS;
use crate::config::{PlanFile, Slot};
use crate::keys::{Cell, Channel, Unit};
use crate::ladder::{Given, Ladder, Ladders};
use crate::landscape::today::Happened;
use crate::landscape::{Forecast, Landscapes};
use crate::metric::Outcome;
use crate::pipeline::actuals::Actuals;
use crate::plan::Plan;
use crate::reason::Reason;
use crate::sheets::read::Line;

/// The cells of the plan in force that run.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    cells: BTreeMap<Cell, (Option<f64>, Outcome)>,
    /// Units that the landscapes do not know.
    pub strangers: Vec<Unit>,
}

impl InForce {
    /// Lines of a plan as cells; `units` are the landscapes'.
    pub fn of(lines: &[Line], units: &[Unit]) -> InForce {
        let index: HashMap<&Unit, u32> = units.iter().zip(0..).collect();
        let mut in_force = InForce::default();
        for line in lines {
            match index.get(&line.unit) {
                Some(unit) => {
                    let cell = Cell { unit: *unit, hour: line.hour };
                    in_force.cells.insert(cell, (line.bid, line.outcome));
                }
                None => in_force.strangers.push(line.unit.clone()),
            }
        }
        in_force.strangers.dedup();
        in_force
    }

    /// The cells of a plan that is there.
    pub fn from_plan(plan: &Plan) -> InForce {
        let runs = plan.cells.iter().filter(|cell| cell.run);
        InForce {
            cells: runs.map(|cell| (cell.cell, (cell.bid, cell.outcome))).collect(),
            strangers: Vec::new(),
        }
    }

    /// Whether a cell runs.
    pub fn runs(&self, cell: Cell) -> bool {
        self.cells.contains_key(&cell)
    }

    /// The bid of a cell; nothing where it does not run or the platform bids.
    pub fn bid(&self, cell: Cell) -> Option<f64> {
        self.cells.get(&cell).and_then(|(bid, _)| *bid)
    }

    /// The cells that run with what was expected of them.
    pub fn cells(&self) -> impl Iterator<Item = (u32, u8, Outcome)> + '_ {
        self.cells.iter().map(|(cell, (_, outcome))| (cell.unit, cell.hour, *outcome))
    }

    /// Makes the bids in force those from which bids of the rest of the day move. What does not run in it moves
    /// from its last bid.
    pub(super) fn anchor(&self, landscapes: &mut Landscapes, now: u8) {
        for (cell, (bid, _)) in self.cells.range(..).filter(|(cell, _)| cell.hour >= now) {
            let by_the_day = landscapes.units[cell.unit as usize].channel.by_the_day();
            if let (Some(bid), false) = (bid, by_the_day) {
                landscapes.known[cell.unit as usize].last_bid[usize::from(cell.hour)] = Some(*bid);
            }
        }
    }

    /// What the plan in force would still bring in cells to plan, by cell. `ladders` are those of the rest.
    pub(super) fn kept(&self, ladders: &Ladders, forecast: &Forecast<'_>, now: u8) -> Vec<(Cell, Outcome)> {
        let given: HashSet<Cell> = ladders.given.iter().map(|given| given.cell).collect();
        let planned = self.cells.iter().filter(|(cell, _)| cell.hour >= now && !given.contains(cell));
        planned
            .filter_map(|(cell, (bid, _))| Some((*cell, forecast.outcome(cell.unit, cell.hour, (*bid)?))))
            .collect()
    }

    /// Puts the bids in force beside those of a plan: its last bids are these, in the rest of the day.
    pub(super) fn compare(&self, plan: &mut Plan, now: u8) {
        for cell in plan.cells.iter_mut().filter(|cell| cell.cell.hour >= now) {
            cell.last_bid = self.bid(cell.cell);
        }
    }
}

/// The hours of a day that are over.
#[derive(Debug, Clone)]
pub struct Past {
    /// Every cell that ran, or was to run and brought nothing; sorted.
    pub happened: Vec<Happened>,
}

/// A cell that is over, as it is counted.
struct Booked {
    cell: Cell,
    bid: Option<f64>,
    outcome: Outcome,
}

impl Past {
    /// What the reports say of the hours before `now`. A cell that runs in the plan in force and has no row brought
    /// nothing at its bid.
    pub fn of(actuals: &Actuals, in_force: &InForce, units: &[Unit], now: u8) -> Past {
        let mut cells: BTreeMap<Cell, Happened> = BTreeMap::new();
        for (unit, hour, _) in in_force.cells().filter(|(_, hour, _)| *hour < now) {
            let cell = Cell { unit, hour };
            let slot = units[unit as usize].channel == Channel::GroupBuy;
            // A slot is open when it shows rows; what the platform bids is not ours to know.
            if let (Some(bid), false) = (in_force.bid(cell), slot) {
                cells.insert(cell, Happened { cell, bid, outcome: Outcome::default() });
            }
        }
        for row in &actuals.observations {
            let Some(hour) = row.hour.filter(|hour| *hour < now) else { continue };
            let cell = Cell { unit: row.unit, hour };
            let told = Some(f64::from(row.bid)).filter(|bid| bid.is_finite());
            // A bid is a decimal number that was stored as f32.
            let told = told.map(|bid| (bid * 1e4).round() / 1e4);
            let bid = told.or(in_force.bid(cell)).unwrap_or(f64::NAN);
            cells.insert(cell, Happened { cell, bid, outcome: row.outcome() });
        }
        Past { happened: cells.into_values().collect() }
    }

    /// The ladders of the rest of the day.
    pub(super) fn rest(
        &self,
        built: Ladders,
        landscapes: &Landscapes,
        forecast: &Forecast<'_>,
        file: &PlanFile,
        scene: &Scene<'_>,
    ) -> Ladders {
        let booked = self.booked(landscapes, forecast, file, scene);
        ladders(built, &booked, scene.in_force, forecast, landscapes, file, scene.now)
    }

    /// What happened, with the sales that are still to come.
    fn booked(
        &self,
        landscapes: &Landscapes,
        forecast: &Forecast<'_>,
        file: &PlanFile,
        scene: &Scene<'_>,
    ) -> Vec<Booked> {
        let slot = |unit: u32| {
            let unit = &landscapes.units[unit as usize];
            file.group_buy.slot.iter().find(|slot| slot.is(unit))
        };
        let mut booked = Vec::with_capacity(self.happened.len());
        for cells in self.happened.chunk_by(|a, b| a.cell.unit == b.cell.unit) {
            let slot = slot(cells[0].cell.unit);
            let late = |happened: &Happened| {
                // A slot's commission is the plan file's: reports have no bids of slots.
                let bid = slot.map_or(happened.bid, |slot| slot.rate);
                let known = Happened { bid: if bid.is_finite() { bid } else { 0.0 }, ..*happened };
                landscapes.late(forecast, &known, scene.now, scene.arrived)
            };
            let late: Vec<Outcome> = cells.iter().map(late).collect();
            let part = slot.map_or(1.0, |slot| charged(slot, cells, &late));
            booked.extend(cells.iter().zip(late).map(|(happened, late)| Booked {
                cell: happened.cell,
                bid: Some(happened.bid).filter(|bid| bid.is_finite()),
                outcome: happened.outcome + Outcome { spend: part * late.spend, ..late },
            }));
        }
        booked
    }
}

/// The part of a slot's commissions on late sales that its fee has room for, beside what was charged already.
fn charged(slot: &Slot, cells: &[Happened], late: &[Outcome]) -> f64 {
    let reported: Outcome = cells.iter().map(|happened| happened.outcome).sum();
    let late: Outcome = late.iter().copied().sum();
    let room = slot.fee(reported.revenue + late.revenue) - reported.spend;
    if late.spend > 0.0 { (room / late.spend).clamp(0.0, 1.0) } else { 0.0 }
}

/// The ladders of the rest of the day: hours that are over are given as they were booked, what is bought by the day
/// as it is in force.
fn ladders(
    built: Ladders,
    past: &[Booked],
    in_force: &InForce,
    forecast: &Forecast<'_>,
    landscapes: &Landscapes,
    file: &PlanFile,
    now: u8,
) -> Ladders {
    let by_the_day = |unit: u32| landscapes.units[unit as usize].channel.by_the_day();
    let mut rest = Ladders::default();
    let mut daily: Vec<Cell> = Vec::new();
    for ladder in built.ladders {
        if by_the_day(ladder.unit) {
            daily.extend(ladder.hours.iter().map(|hour| Cell { unit: ladder.unit, hour: *hour }));
        } else {
            rest.ladders.extend(from(ladder, now));
        }
    }
    let given = built.given.into_iter().filter(|given| given.cell.hour >= now);
    let (bought, given): (Vec<Given>, Vec<Given>) =
        given.partition(|given| by_the_day(given.cell.unit) && given.reason != Reason::Unmanaged);
    rest.given = given;
    daily.extend(bought.iter().map(|given| given.cell));
    for (cell, reason) in built.idle.into_iter().filter(|(cell, _)| cell.hour >= now) {
        // A slot that the plan takes although nothing stands for it now is still taken.
        match in_force.runs(cell) && by_the_day(cell.unit) && reason != Reason::NotOffered {
            true => daily.push(cell),
            false => rest.idle.push((cell, reason)),
        }
    }
    // Every cell that is over is in the plan, whether it ran or not.
    let ran: HashSet<Cell> = past.iter().map(|booked| booked.cell).collect();
    rest.given.extend(past.iter().map(|booked| Given {
        cell: booked.cell,
        bid: booked.bid,
        outcome: booked.outcome,
        reason: Reason::Over,
    }));
    let offered = |unit: u32| {
        let key = &landscapes.units[unit as usize];
        key.channel != Channel::GroupBuy || file.group_buy.slot.iter().any(|slot| slot.is(key))
    };
    let units = (0..landscapes.units.len() as u32).filter(|unit| offered(*unit));
    let cells = units.flat_map(|unit| (0..now).map(move |hour| Cell { unit, hour }));
    rest.idle.extend(cells.filter(|cell| !ran.contains(cell)).map(|cell| (cell, Reason::Over)));
    daily.retain(|cell| cell.hour >= now);
    daily.sort_unstable();
    daily.dedup();
    for cells in daily.chunk_by(|a, b| a.unit == b.unit) {
        under_way(&mut rest, cells, past, in_force, forecast, landscapes, file);
    }
    rest.given.sort_by_key(|given| given.cell);
    rest
}

/// A ladder without the hours that are over; nothing when it has no others.
fn from(ladder: Ladder, now: u8) -> Option<Ladder> {
    let kept: Vec<usize> = (0..ladder.hours.len()).filter(|at| ladder.hours[*at] >= now).collect();
    if kept.len() == ladder.hours.len() {
        return Some(ladder);
    }
    let outcomes = kept.iter().flat_map(|at| ladder.at_hour(*at).to_vec()).collect();
    let hours: Vec<u8> = kept.iter().map(|at| ladder.hours[*at]).collect();
    (!hours.is_empty()).then_some(Ladder { hours, outcomes, ..ladder })
}

/// The rest of the day of one unit that is bought by the day: it keeps its bid, or stays away.
fn under_way(
    rest: &mut Ladders,
    cells: &[Cell],
    past: &[Booked],
    in_force: &InForce,
    forecast: &Forecast<'_>,
    landscapes: &Landscapes,
    file: &PlanFile,
) {
    let unit = cells[0].unit;
    let day = (0..HOURS as u8).map(|hour| Cell { unit, hour });
    let Some(bid) = day.into_iter().find_map(|cell| in_force.bid(cell)) else {
        return rest.idle.extend(cells.iter().map(|cell| (*cell, Reason::UnderWay)));
    };
    let key = &landscapes.units[unit as usize];
    let mut outcomes: Vec<Outcome> = match key.channel {
        Channel::GroupBuy => cells.iter().map(|cell| forecast.slot_hour(unit, cell.hour)).collect(),
        _ => cells.iter().map(|cell| forecast.outcome(unit, cell.hour, bid)).collect(),
    };
    if let Some(slot) = file.group_buy.slot.iter().find(|slot| slot.is(key)) {
        // Of the fee, what was not charged before.
        let before: Outcome =
            past.iter().filter(|booked| booked.cell.unit == unit).map(|booked| booked.outcome).sum();
        let to_come: f64 = outcomes.iter().map(|outcome| outcome.revenue).sum();
        let left = (slot.fee(before.revenue + to_come) - before.spend).max(0.0);
        let hours = outcomes.len() as f64;
        for outcome in &mut outcomes {
            let share = if to_come > 0.0 { outcome.revenue / to_come } else { 1.0 / hours };
            outcome.spend = left * share;
        }
    }
    rest.given.extend(cells.iter().zip(outcomes).map(|(cell, outcome)| Given {
        cell: *cell,
        bid: Some(bid),
        outcome,
        reason: Reason::UnderWay,
    }));
}
