//! The linear program: plain arrays, no advertising.
//!
//! ```text
//! maximise   Σ_b Σ_j x_j · (objective · value_bj)                          + constant
//! subject to lower_k ≤ Σ_b Σ_j x_j · (weight_k,group(b) · value_bj) ≤ upper_k    for every row k
//!            Σ_{j in ladder} x_j ≤ 1,   x_j ≥ 0                                  for every ladder
//!            x_j ∈ {0, 1}                                              on ladders marked whole
//! ```
//!
//! A *ladder* owns consecutive columns (its rungs); x_j is the share of it that runs on rung j. A ladder
//! has one or more *blocks*, one per part of it that different rows reach; a block holds, for every
//! measure m and rung j, the value_bjm. Which rows reach a block, and with which weights over the
//! measures, is said once per *group* of blocks and never per column: with M measures a column costs
//! M numbers however many rows there are.
//!
//! Sizes that must agree: `ladders[l].columns` partition `0..columns`; `ladders[l].blocks` partition
//! `blocks`; block b of ladder l has `MEASURES × rungs(l)` values at `blocks[b].values`, measure-major.
//! `lower` may be −∞ and `upper` +∞, all else is finite. A row with a `penalty` may be broken at that
//! price per unit.
//!
//! Signs: the price λ_k of a row is the objective gained per unit by which its upper bound rises
//! (λ ≥ 0) or, negative, per unit by which its lower bound rises. How rules become rows:
//! `models/formulation.md` §4.

mod build;
pub mod model;
pub mod mps;
pub mod rows;

use std::ops::Range;

pub use build::{Rebound, build, objective_metric};
pub use model::{Model, RowKey, Side};

/// Number of measures.
pub const MEASURES: usize = 5;

/// Weights over the measures.
pub type Weights = [f64; MEASURES];

/// Consecutive columns of which at most one whole is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its columns.
    pub columns: Range<usize>,
    /// Its blocks.
    pub blocks: Range<usize>,
    /// Taken as a whole or not at all; such a ladder has one rung.
    pub whole: bool,
}

/// The values of a ladder's rungs in one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Which rows it touches.
    pub group: usize,
    /// Offset of its values.
    pub values: usize,
}

/// A row that a group touches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// The row.
    pub row: usize,
    /// Weights of the measures in it.
    pub weights: Weights,
}

/// Bounds of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The least, −∞ for none.
    pub lower: f64,
    /// The most, +∞ for none.
    pub upper: f64,
    /// Price per unit of violation; none = must hold.
    pub penalty: Option<f64>,
}

/// The program. See the module for the mathematics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// Objective weights over the measures.
    pub objective: Weights,
    /// Objective of what is given.
    pub constant: f64,
    /// Ladders.
    pub ladders: Vec<Span>,
    /// Blocks, in the order of the ladders.
    pub blocks: Vec<Block>,
    /// Values of all blocks.
    pub values: Vec<f64>,
    /// Groups of blocks that touch the same rows with the same weights.
    pub groups: Vec<Vec<Term>>,
    /// Rows.
    pub rows: Vec<Row>,
}

impl Program {
    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.ladders.last().map_or(0, |ladder| ladder.columns.end)
    }

    /// Adds to `into[rung]` the weighted sum of a block's measures.
    fn accumulate(&self, block: Block, rungs: usize, weights: &Weights, into: &mut [f64]) {
        for (measure, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            let from = block.values + measure * rungs;
            for (into, value) in into.iter_mut().zip(&self.values[from..from + rungs]) {
                *into += weight * value;
            }
        }
    }

    /// Objective coefficients of a ladder's rungs.
    pub fn gains(&self, ladder: usize) -> Vec<f64> {
        self.weighed(ladder, |_| self.objective)
    }

    /// Objective coefficients of a ladder's rungs, less what they use of the rows at prices λ.
    pub fn reduced(&self, ladder: usize, priced: &[Weights]) -> Vec<f64> {
        self.weighed(ladder, |group| priced[group])
    }

    fn weighed(&self, ladder: usize, weights: impl Fn(usize) -> Weights) -> Vec<f64> {
        let span = &self.ladders[ladder];
        let mut gains = vec![0.0; span.columns.len()];
        for block in &self.blocks[span.blocks.clone()] {
            self.accumulate(*block, span.columns.len(), &weights(block.group), &mut gains);
        }
        gains
    }

    /// Per group, the weights over measures that are left of the objective when every row is paid for
    /// at its price: w_g = objective − Σ_k λ_k · weight_kg.
    pub fn priced(&self, prices: &[f64]) -> Vec<Weights> {
        self.groups
            .iter()
            .map(|terms| {
                let mut weights = self.objective;
                for term in terms {
                    for (weight, used) in weights.iter_mut().zip(term.weights) {
                        *weight -= prices[term.row] * used;
                    }
                }
                weights
            })
            .collect()
    }

    /// Row coefficients of a ladder: pairs of a row and its coefficients by rung, rows rising.
    pub fn entries(&self, ladder: usize) -> Vec<(usize, Vec<f64>)> {
        let span = &self.ladders[ladder];
        let rungs = span.columns.len();
        let mut entries: Vec<(usize, Vec<f64>)> = Vec::new();
        for block in &self.blocks[span.blocks.clone()] {
            for term in &self.groups[block.group] {
                let at = match entries.binary_search_by_key(&term.row, |(row, _)| *row) {
                    Ok(at) => at,
                    Err(at) => {
                        entries.insert(at, (term.row, vec![0.0; rungs]));
                        at
                    }
                };
                self.accumulate(*block, rungs, &term.weights, &mut entries[at].1);
            }
        }
        entries
    }

    /// Activity of every row, and Σ|a·x| of every row, under a solution.
    pub fn activity(&self, x: &[f64]) -> Vec<(f64, f64)> {
        let mut activity = vec![(0.0, 0.0); self.rows.len()];
        for ladder in 0..self.ladders.len() {
            let x = &x[self.ladders[ladder].columns.clone()];
            if x.iter().all(|x| *x == 0.0) {
                continue;
            }
            for (row, coefficients) in self.entries(ladder) {
                for (coefficient, x) in coefficients.iter().zip(x) {
                    activity[row].0 += coefficient * x;
                    activity[row].1 += (coefficient * x).abs();
                }
            }
        }
        activity
    }

    /// The same program with every hard bound moved inwards by a share of the row's Σ|a·x| at a point:
    /// room for rounding.
    pub fn tightened(&self, x: &[f64], share: f64) -> Program {
        let mut tight = self.clone();
        for (row, (_, absolute)) in tight.rows.iter_mut().zip(self.activity(x)) {
            if row.penalty.is_none() {
                row.lower += share * absolute;
                row.upper -= share * absolute;
            }
        }
        tight
    }

    /// Objective of a solution.
    pub fn value(&self, x: &[f64]) -> f64 {
        let ladders: f64 = (0..self.ladders.len())
            .map(|ladder| {
                let x = &x[self.ladders[ladder].columns.clone()];
                self.gains(ladder).iter().zip(x).map(|(gain, x)| gain * x).sum::<f64>()
            })
            .sum();
        self.constant + ladders
    }
}
