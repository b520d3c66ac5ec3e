//! Ladders beside a solution: what it brings, what it runs in part, which slots it stands on.

use super::{Ladder, Ladders};
use crate::keys::Cell;
use crate::landscape::Forecast;
use crate::metric::Outcome;

/// The cells that run, those that are given first, and what they bring.
pub struct Running(Vec<(Cell, Outcome)>);

impl Running {
    /// What they bring in the cells that a filter keeps.
    pub fn under(&self, keep: impl Fn(Cell) -> bool) -> Outcome {
        self.0.iter().filter(|(cell, _)| keep(*cell)).map(|(_, outcome)| *outcome).sum()
    }
}

impl Ladders {
    /// What a solution, and what is given, brings in the cells that a filter keeps.
    pub fn under(&self, x: &[f64], keep: impl Fn(Cell) -> bool) -> Outcome {
        self.running(x).under(keep)
    }

    /// What a solution runs, and what is given.
    pub fn running(&self, x: &[f64]) -> Running {
        let mut cells: Vec<(Cell, Outcome)> =
            self.given.iter().map(|given| (given.cell, given.outcome)).collect();
        let mut first = 0;
        for ladder in &self.ladders {
            let shares = &x[first..first + ladder.bids.len()];
            first += ladder.bids.len();
            // Few rungs of few ladders run.
            if shares.iter().all(|share| *share == 0.0) {
                continue;
            }
            for (at, hour) in ladder.hours.iter().enumerate() {
                let used = ladder.at_hour(at).iter().zip(shares).filter(|(_, share)| **share != 0.0);
                let outcome = used.map(|(outcome, share)| *outcome * *share).sum();
                cells.push((Cell { unit: ladder.unit, hour: *hour }, outcome));
            }
        }
        Running(cells)
    }

    /// The same ladders, those that may run differently in each hour and that a solution runs only in
    /// part taken apart into their hours: half a day at a bid is twelve hours at it. Returns the solution
    /// on them too, and which ladder each is of; nothing where none is taken apart.
    pub fn apart(
        &self,
        x: &[f64],
        by_the_day: impl Fn(u32) -> bool,
    ) -> Option<(Ladders, Vec<f64>, Vec<usize>)> {
        let parted = |ladder: &Ladder, mine: &[f64]| {
            let used: f64 = mine.iter().sum();
            let partial = used > 1e-6 && mine.iter().copied().fold(0.0, f64::max) < 1.0 - 1e-6;
            partial && !ladder.whole && ladder.hours.len() > 1 && !by_the_day(ladder.unit)
        };
        let mut first = 0;
        let each: Vec<&[f64]> = self
            .ladders
            .iter()
            .map(|ladder| {
                first += ladder.bids.len();
                &x[first - ladder.bids.len()..first]
            })
            .collect();
        if !self.ladders.iter().zip(&each).any(|(ladder, mine)| parted(ladder, mine)) {
            return None;
        }
        let (mut ladders, mut shares, mut origin) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (ladder, mine)) in self.ladders.iter().zip(each).enumerate() {
            if !parted(ladder, mine) {
                ladders.push(ladder.clone());
                shares.extend_from_slice(mine);
                origin.push(index);
                continue;
            }
            for (at, hour) in ladder.hours.iter().enumerate() {
                let outcomes = ladder.at_hour(at).to_vec();
                ladders.push(Ladder { hours: vec![*hour], outcomes, ..ladder.clone() });
                shares.extend_from_slice(mine);
                origin.push(index);
            }
        }
        Some((Ladders { ladders, given: self.given.clone(), idle: self.idle.clone() }, shares, origin))
    }

    /// By ladder, whether a slot that makes something of other traffic runs: as the forecast counts on it.
    pub fn settled(&self, forecast: &Forecast<'_>) -> Vec<Option<bool>> {
        let tells = |ladder: &Ladder| ladder.whole && forecast.landscapes().halo(ladder.unit) != 0.0;
        let of = |ladder: &Ladder| tells(ladder).then(|| forecast.slots().contains(&ladder.unit));
        self.ladders.iter().map(of).collect()
    }
}
