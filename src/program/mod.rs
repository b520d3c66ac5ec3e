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
//! The columns themselves are in [`columns`]: 32-bit numbers, which are the program; all sums over them
//! are taken in 64 bits. They are shared between programs that differ in rows only. `lower` may be −∞
//! and `upper` +∞, all else is finite. A row with a `penalty` may be broken at that price per unit.
//!
//! Signs: the price λ_k of a row is the objective gained per unit by which its upper bound rises
//! (λ ≥ 0) or, negative, per unit by which its lower bound rises. How rules become rows:
//! `models/formulation.md` §4.

mod build;
pub mod columns;
pub mod model;
pub mod mps;
pub mod rows;

use std::sync::Arc;

pub use build::{Rebound, build, objective_metric};
pub use columns::{Block, Columns, Span, Tile};
pub use model::{Model, RowKey, Side};

/// Number of measures.
pub const MEASURES: usize = 5;

/// Weights over the measures.
pub type Weights = [f64; MEASURES];

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

impl Row {
    /// A row without bounds.
    pub const FREE: Row = Row { lower: f64::NEG_INFINITY, upper: f64::INFINITY, penalty: None };
}

/// The program. See the module for the mathematics.
///
/// ```
/// use bidwright::program::{Program, Row, Term};
///
/// // Two keywords, two bids each: (spend, revenue) by rung. Not more than 25 may be spent.
/// let money = |spend, revenue| [0.0, 0.0, spend, 0.0, revenue];
/// let mut program = Program::new(money(0.0, 1.0));
/// let budget = program.add_row(Row { upper: 25.0, ..Row::FREE });
/// let group = program.add_group(vec![Term { row: budget, weights: money(1.0, 0.0) }]);
/// program.add_ladder(false, &[(group, &[money(10.0, 40.0), money(20.0, 65.0)])]);
/// program.add_ladder(false, &[(group, &[money(8.0, 20.0), money(30.0, 55.0)])]);
/// assert_eq!(program.columns.count(), 4);
/// // The first keyword at its second bid, a quarter of the second at its first.
/// assert_eq!(program.value(&[0.0, 1.0, 0.25, 0.0]), 70.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// Objective weights over the measures.
    pub objective: Weights,
    /// Objective of what is given.
    pub constant: f64,
    /// Columns.
    pub columns: Arc<Columns>,
    /// Groups of blocks that touch the same rows with the same weights.
    pub groups: Vec<Vec<Term>>,
    /// Rows.
    pub rows: Vec<Row>,
}

impl Program {
    /// A program without columns and rows, for all measures.
    pub fn new(objective: Weights) -> Self {
        Self::of(objective, &std::array::from_fn::<usize, MEASURES, _>(|measure| measure))
    }

    /// A program without columns and rows, for the measures in `kept`: those that its objective and its
    /// rows weigh. Others would only take up memory.
    pub fn of(objective: Weights, kept: &[usize]) -> Self {
        let columns = Arc::new(Columns::new(kept));
        Program { objective, constant: 0.0, columns, groups: Vec::new(), rows: Vec::new() }
    }

    /// Adds a row; returns its number.
    pub fn add_row(&mut self, row: Row) -> usize {
        self.rows.push(row);
        self.rows.len() - 1
    }

    /// Adds a group of blocks that touch these rows; returns its number.
    pub fn add_group(&mut self, terms: Vec<Term>) -> usize {
        self.groups.push(terms);
        self.groups.len() - 1
    }

    /// Adds a ladder, one block per group that it has parts in: what each of its rungs brings of every
    /// measure there. Returns its number.
    ///
    /// # Panics
    /// When the blocks have different numbers of rungs, or a whole ladder not just one.
    pub fn add_ladder(&mut self, whole: bool, blocks: &[(usize, &[Weights])]) -> usize {
        Arc::make_mut(&mut self.columns).add(whole, blocks)
    }

    /// Adds to `into[rung]` the weighted sum of a block's measures.
    fn accumulate(&self, block: Block, weights: &Weights, into: &mut [f64]) {
        let weights = self.columns.compact(weights);
        for (rung, into) in into.iter_mut().enumerate() {
            *into +=
                self.columns.at(block, rung).zip(weights).map(|(value, weight)| value * weight).sum::<f64>();
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
        let span = &self.columns.ladders[ladder];
        let mut gains = vec![0.0; span.columns.len()];
        for block in &self.columns.blocks[span.blocks.clone()] {
            self.accumulate(*block, &weights(block.group as usize), &mut gains);
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
        let span = &self.columns.ladders[ladder];
        let rungs = span.columns.len();
        let mut entries: Vec<(usize, Vec<f64>)> = Vec::new();
        for block in &self.columns.blocks[span.blocks.clone()] {
            for term in &self.groups[block.group as usize] {
                let at = match entries.binary_search_by_key(&term.row, |(row, _)| *row) {
                    Ok(at) => at,
                    Err(at) => {
                        entries.insert(at, (term.row, vec![0.0; rungs]));
                        at
                    }
                };
                self.accumulate(*block, &term.weights, &mut entries[at].1);
            }
        }
        entries
    }

    /// Activity of every row, and Σ|a·x| of every row, under a solution.
    pub fn activity(&self, x: &[f64]) -> Vec<(f64, f64)> {
        let mut activity = vec![(0.0, 0.0); self.rows.len()];
        for (ladder, span) in self.columns.ladders.iter().enumerate() {
            let x = &x[span.columns.clone()];
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
        tight.tighten(&self.margin(x, share));
        tight
    }

    /// A share of each row's Σ|a·x| at a point.
    pub fn margin(&self, x: &[f64], share: f64) -> Vec<f64> {
        self.activity(x).into_iter().map(|(_, absolute)| share * absolute).collect()
    }

    /// Moves every hard bound inwards by its row's margin.
    pub fn tighten(&mut self, margin: &[f64]) {
        for (row, margin) in self.rows.iter_mut().zip(margin).filter(|(row, _)| row.penalty.is_none()) {
            row.lower += margin;
            row.upper -= margin;
        }
    }

    /// Objective of a solution.
    pub fn value(&self, x: &[f64]) -> f64 {
        let ladders: f64 = (0..self.columns.ladders.len())
            .map(|ladder| {
                let x = &x[self.columns.ladders[ladder].columns.clone()];
                self.gains(ladder).iter().zip(x).map(|(gain, x)| gain * x).sum::<f64>()
            })
            .sum();
        self.constant + ladders
    }
}
