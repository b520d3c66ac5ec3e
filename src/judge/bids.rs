//! A day's bids, and what was expected of them.

use std::collections::HashMap;

use crate::calendar::HOURS;
use crate::keys::Unit;
use crate::market::{self, Shop};
use crate::metric::Outcome;
use crate::plan::Plan;

/// Bids by unit and hour; 0 for a slot that is taken for its fee.
#[derive(Debug, Clone, Default)]
pub struct Bids(HashMap<Unit, [Option<f64>; HOURS]>);

impl Bids {
    /// Sets a bid.
    pub fn set(&mut self, unit: &Unit, hour: u8, bid: f64) {
        let hours = match self.0.get_mut(unit) {
            Some(hours) => hours,
            None => self.0.entry(unit.clone()).or_default(),
        };
        hours[usize::from(hour) % HOURS] = Some(bid);
    }

    /// The bid of a cell; nothing where it does not run.
    pub fn of(&self, unit: &Unit, hour: u8) -> Option<f64> {
        self.0.get(unit)?[usize::from(hour) % HOURS]
    }

    /// The units that run at all.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.0.keys()
    }

    /// What the shop's own operator bid on a day (a day number).
    pub fn of_operator(shop: &Shop, day: i32) -> Bids {
        let mut bids = Bids::default();
        for cell in market::truth_day(shop, day) {
            bids.set(&cell.unit, cell.hour, cell.bid);
        }
        bids
    }
}

/// A plan's bids with what it expects of each.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    bids: Bids,
    cells: Vec<(Unit, u8, Outcome)>,
}

impl Forecast {
    /// Adds a cell that runs.
    pub fn add(&mut self, unit: &Unit, hour: u8, bid: f64, outcome: Outcome) {
        self.bids.set(unit, hour, bid);
        self.cells.push((unit.clone(), hour, outcome));
    }

    /// The bids.
    pub fn bids(&self) -> &Bids {
        &self.bids
    }

    /// The cells that run: unit, hour, what is expected.
    pub fn cells(&self) -> &[(Unit, u8, Outcome)] {
        &self.cells
    }

    /// What is expected of all of them.
    pub fn total(&self) -> Outcome {
        self.cells.iter().map(|(_, _, outcome)| *outcome).sum()
    }
}

impl From<&Plan> for Forecast {
    fn from(plan: &Plan) -> Self {
        let mut forecast = Forecast::default();
        for cell in plan.cells.iter().filter(|cell| cell.run) {
            if let Some(bid) = cell.bid {
                forecast.add(plan.unit(cell), cell.cell.hour, bid, cell.outcome);
            }
        }
        forecast
    }
}
