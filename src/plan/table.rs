//! What the options of a ladder bring: of each bid that may be chosen, its objective and its part of the rows.
//!
//! Choosing looks at options by the million, and mostly at the same ones again. So a ladder's options lie side by side
//! in one piece of memory, and what fine steps around a bid bring, which only the landscapes know, is asked once for each
//! bid that they are taken around.

use crate::config::limits::Limits;
use crate::ladder::Ladders;
use crate::landscape::Forecast;
use crate::metric::Outcome;
use crate::program::{Model, Weights};

/// Fine steps, in steps of the bid.
const FINE: [f64; 8] = [-8.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 8.0];

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

/// The options of a ladder beside its present bid: its rungs, the fine steps around that bid, not running.
pub struct Table {
    /// The rows that it reaches, rising.
    pub rows: Vec<usize>,
    /// The present bid.
    pub bid: Option<f64>,
    rungs: usize,
    /// What is looked at together lies together: objective of the present bid and its part of each row; objective by
    /// option; row by row the part of each option; the fine steps.
    numbers: Vec<f64>,
}

impl Table {
    /// The options of a ladder around a bid.
    pub fn new(options: &Options<'_>, ladder: usize, bid: Option<f64>) -> Table {
        let (model, own) = (options.model, &options.ladders.ladders[ladder]);
        let groups = &model.hour_groups[ladder];
        let terms = groups.iter().flat_map(|group| &model.program.groups[*group]);
        let mut rows: Vec<usize> = terms.map(|term| term.row).collect();
        rows.sort_unstable();
        rows.dedup();
        let rungs = own.bids.len();
        let lines = 1 + rows.len();
        let numbers = vec![0.0; lines * (1 + rungs + FINE.len() + 1) + FINE.len()];
        let mut table = Table { rows, bid, rungs, numbers };
        let place = (lines, table.count());
        for (hour, group) in groups.iter().enumerate() {
            table.add(model, *group, place, own.at_hour(hour));
        }
        table.settle(options, ladder, bid);
        table
    }

    /// Makes a bid the present one.
    pub fn settle(&mut self, options: &Options<'_>, ladder: usize, bid: Option<f64>) {
        let (lines, count, fine) = (self.lines(), self.count(), self.rungs..self.rungs + FINE.len());
        self.numbers[..lines].fill(0.0);
        for numbers in self.numbers[lines..].chunks_exact_mut(count).take(lines) {
            numbers[fine.clone()].fill(0.0);
        }
        self.bid = bid;
        let own = &options.ladders.ladders[ladder];
        let mut beside = 0;
        if let (Some(bid), Some(low), Some(high)) = (bid, own.bids.first(), own.bids.last()) {
            let limits = &options.limits[ladder];
            let mut steps = FINE.map(|steps| limits.snap(bid + steps * limits.step));
            for at in 0..steps.len() {
                if !own.whole && (*low..=*high).contains(&steps[at]) {
                    steps[beside] = steps[at];
                    beside += 1;
                }
            }
            self.ask(options, ladder, (lines + self.rungs, count), &steps[..beside]);
            self.ask(options, ladder, (0, 1), &[bid]);
            let tail = self.numbers.len() - FINE.len();
            self.numbers[tail..].copy_from_slice(&steps);
        }
        // What is no option is never the best.
        self.numbers[lines..][fine][beside..].fill(f64::NEG_INFINITY);
    }

    /// The bid of an option, given those of the rungs; nothing where it is not running.
    pub fn option(&self, option: usize, rungs: &[f64]) -> Option<f64> {
        let fine = &self.numbers[self.numbers.len() - FINE.len()..];
        rungs.get(option).or_else(|| fine.get(option - self.rungs)).copied()
    }

    /// Objective of the present bid, and its part of each row.
    pub fn present(&self) -> (f64, &[f64]) {
        (self.numbers[0], &self.numbers[1..self.lines()])
    }

    /// Objective of each option.
    pub fn gains(&self) -> &[f64] {
        &self.numbers[self.lines()..][..self.count()]
    }

    /// What each option uses of one of the rows.
    pub fn parts(&self, row: usize) -> &[f64] {
        let count = self.count();
        &self.numbers[self.lines() + (row + 1) * count..][..count]
    }

    /// The objective, and the rows.
    fn lines(&self) -> usize {
        1 + self.rows.len()
    }

    /// Options beside the present bid.
    fn count(&self) -> usize {
        self.rungs + FINE.len() + 1
    }

    /// Asks what bids bring, for the numbers from a place on, and so far from line to line.
    fn ask(&mut self, options: &Options<'_>, ladder: usize, place: (usize, usize), bids: &[f64]) {
        let (own, model) = (&options.ladders.ladders[ladder], options.model);
        let mut outcomes = [Outcome::default(); FINE.len()];
        for (at, group) in model.hour_groups[ladder].iter().enumerate() {
            for (outcome, bid) in outcomes.iter_mut().zip(bids) {
                *outcome = match own.bids.iter().position(|rung| rung == bid) {
                    Some(rung) => own.at_hour(at)[rung],
                    None => options.forecast.outcome(own.unit, own.hours[at], *bid),
                };
            }
            self.add(model, *group, place, &outcomes[..bids.len()]);
        }
    }

    /// Adds what bids bring in one hour.
    fn add(&mut self, model: &Model, group: usize, (first, width): (usize, usize), outcomes: &[Outcome]) {
        let mut add = |line: usize, weights: &Weights| {
            let sums = &mut self.numbers[first + line * width..][..outcomes.len()];
            for (sum, outcome) in sums.iter_mut().zip(outcomes) {
                *sum += dot(weights, &outcome.measures());
            }
        };
        add(0, &model.program.objective);
        for term in &model.program.groups[group] {
            if let Ok(row) = self.rows.binary_search(&term.row) {
                add(row + 1, &term.weights);
            }
        }
    }
}

fn dot(weights: &Weights, measures: &Weights) -> f64 {
    weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum()
}
