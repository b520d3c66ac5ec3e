//! What the options of ladders bring: of each bid that may be chosen, its objective and its part of the rows.
//!
//! Choosing looks at options by the million, and mostly at the same ones again. So what rungs bring is asked once, and
//! what fine steps around a bid bring, which only the landscapes know, once for each bid that they are taken around.

use rayon::prelude::*;

use crate::config::limits::Limits;
use crate::ladder::{Ladder, Ladders};
use crate::landscape::Forecast;
use crate::metric::Outcome;
use crate::program::{Model, Program, Weights};

/// Fine steps, in steps of the bid.
const FINE: [f64; 8] = [-8.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 8.0];

/// What some options of a ladder bring, one after the other.
#[derive(Clone, Default)]
pub struct Brought {
    gains: Vec<f64>,
    /// Option by option, its part of each row that the ladder reaches.
    parts: Vec<f64>,
}

/// The rows that a ladder reaches, rising, and what its rungs bring.
pub struct Own {
    /// The rows.
    pub rows: Vec<usize>,
    /// The rungs.
    pub rungs: Brought,
}

/// Fine steps around a bid.
#[derive(Clone, Default)]
pub struct Near {
    /// The bid.
    pub around: Option<f64>,
    /// The bids beside it that the ladder allows.
    pub bids: Vec<f64>,
    /// What they bring.
    pub brought: Brought,
}

/// What options are options of.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The ladders.
    pub ladders: &'a Ladders,
    /// The program on them.
    pub model: &'a Model,
    /// The landscapes on the day.
    pub forecast: &'a Forecast<'a>,
    /// Limits of each ladder's hours (they share them).
    pub limits: &'a [Limits],
}

impl Brought {
    /// Objective and parts of an option; `rows` is how many rows its ladder reaches.
    pub fn option(&self, at: usize, rows: usize) -> (f64, &[f64]) {
        (self.gains[at], &self.parts[at * rows..(at + 1) * rows])
    }

    /// Adds an option that brings so much in each of the ladder's hours.
    fn add(
        &mut self,
        program: &Program,
        groups: &[usize],
        rows: &[usize],
        outcome: impl Fn(usize) -> Outcome,
    ) {
        let first = self.parts.len();
        self.parts.resize(first + rows.len(), 0.0);
        let mut gain = 0.0;
        for (at, group) in groups.iter().enumerate() {
            let measures = outcome(at).measures();
            gain += dot(&program.objective, &measures);
            for term in &program.groups[*group] {
                if let Ok(row) = rows.binary_search(&term.row) {
                    self.parts[first + row] += dot(&term.weights, &measures);
                }
            }
        }
        self.gains.push(gain);
    }
}

impl Options<'_> {
    /// Rows and rungs of every ladder.
    pub fn own(&self) -> Vec<Own> {
        let program = &self.model.program;
        let of = |(ladder, groups): (&Ladder, &Vec<usize>)| {
            let terms = groups.iter().flat_map(|group| &program.groups[*group]);
            let mut rows: Vec<usize> = terms.map(|term| term.row).collect();
            rows.sort_unstable();
            rows.dedup();
            let mut rungs = Brought::default();
            for rung in 0..ladder.bids.len() {
                rungs.add(program, groups, &rows, |hour| ladder.at_hour(hour)[rung]);
            }
            Own { rows, rungs }
        };
        self.ladders.ladders.par_iter().zip(&*self.model.hour_groups).map(of).collect()
    }

    /// What a bid of a ladder brings, or not running.
    pub fn one(&self, ladder: usize, rows: &[usize], bid: Option<f64>) -> Brought {
        let mut brought = Brought::default();
        self.add(&mut brought, ladder, rows, bid);
        brought
    }

    /// The fine steps around a bid of a ladder.
    pub fn near(&self, ladder: usize, rows: &[usize], around: Option<f64>) -> Near {
        let rungs = &self.ladders.ladders[ladder];
        let mut near = Near { around, ..Near::default() };
        if let (Some(bid), Some(low), Some(high), false) =
            (around, rungs.bids.first(), rungs.bids.last(), rungs.whole)
        {
            let limits = &self.limits[ladder];
            let bids = FINE.map(|steps| limits.snap(bid + steps * limits.step));
            near.bids.extend(bids.into_iter().filter(|bid| (*low..=*high).contains(bid)));
        }
        for bid in &near.bids {
            self.add(&mut near.brought, ladder, rows, Some(*bid));
        }
        near
    }

    fn add(&self, brought: &mut Brought, ladder: usize, rows: &[usize], bid: Option<f64>) {
        let (rungs, groups) = (&self.ladders.ladders[ladder], &self.model.hour_groups[ladder]);
        let rung = bid.and_then(|bid| rungs.bids.iter().position(|rung| *rung == bid));
        brought.add(&self.model.program, groups, rows, |hour| match (bid, rung) {
            (None, _) => Outcome::default(),
            (_, Some(rung)) => rungs.at_hour(hour)[rung],
            (Some(bid), None) => self.forecast.outcome(rungs.unit, rungs.hours[hour], bid),
        });
    }
}

fn dot(weights: &Weights, measures: &Weights) -> f64 {
    weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum()
}
