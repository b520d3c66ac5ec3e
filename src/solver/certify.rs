//! The certificate: what an answer is worth, from the program and the answer alone.
//!
//! For any prices λ of the right signs, weak duality bounds every feasible point:
//!
//! ```text
//! objective(x) ≤ constant + Σ_k (λ_k⁺ · upper_k − λ_k⁻ · lower_k) + Σ_ladders max(0, max_j (c_j − Σ_k λ_k a_kj))
//! ```
//!
//! so prices need not be exact to prove something: bad prices only give a weak bound. Sums are
//! compensated (Neumaier), because a gap of 1e-9 lies below the rounding of long plain sums.
//! (`models/formulation.md` §5)

use rayon::prelude::*;

use super::Decided;
use crate::program::columns::EMPTY;
use crate::program::{Program, Weights};

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    /// Objective of the point, penalties of soft rows taken off.
    pub objective: f64,
    /// No point can have more.
    pub bound: f64,
    /// (bound − objective) ÷ max(1, |bound|).
    pub gap: f64,
    /// Largest violation of a hard row, relative to Σ|a·x| + |bound of the row|, and at least to a millionth
    /// of its largest coefficient.
    pub violation: f64,
}

/// A compensated sum.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let total = self.total + term;
        self.lost += if self.total.abs() >= term.abs() {
            (self.total - total) + term
        } else {
            (term - total) + self.total
        };
        self.total = total;
    }

    /// The sum.
    pub fn get(self) -> f64 {
        self.total + self.lost
    }
}

/// Prices of the right signs: none on a bound that does not exist, none above a soft row's penalty.
pub fn lawful(program: &Program, prices: &[f64]) -> Vec<f64> {
    program
        .rows
        .iter()
        .zip(prices)
        .map(|(row, price)| {
            let most = row.penalty.unwrap_or(f64::INFINITY);
            let high = if row.upper.is_finite() { most } else { 0.0 };
            let low = if row.lower.is_finite() { -most } else { 0.0 };
            price.clamp(low, high)
        })
        .collect()
}

/// What a part of the ladders adds up to.
struct Tally {
    gains: Sum,
    best: Sum,
    /// Activity of every row, and Σ|a·x|.
    rows: Vec<(Sum, f64)>,
    /// By how much a ladder is used more than once, or less than not at all.
    misused: f64,
}

/// Parts into which the ladders are cut: as many whatever the machine, so that sums do not depend on it.
const PARTS: usize = 64;

/// Adds up all ladders: their gains and activities under `x`, if there is one, and their best at prices.
fn tally(program: &Program, x: Option<&[f64]>, prices: &[f64], decided: &Decided) -> Tally {
    let columns = &*program.columns;
    let compact = |weights: &Weights| columns.compact(weights);
    let objective = compact(&program.objective);
    let priced: Vec<Weights> = program.priced(prices).iter().map(compact).collect();
    let terms: Vec<Vec<(usize, Weights)>> = program
        .groups
        .iter()
        .map(|terms| terms.iter().map(|term| (term.row, compact(&term.weights))).collect())
        .collect();
    let one = |tally: &mut Tally, worth: &mut Vec<f64>, ladder: usize| {
        let span = &columns.ladders[ladder];
        worth.clear();
        worth.resize(span.columns.len(), 0.0);
        let shares = x.map(|x| &x[span.columns.clone()]);
        for block in &columns.blocks[span.blocks.clone()] {
            let weights = &priced[block.group as usize];
            for (rung, worth) in worth.iter_mut().enumerate() {
                let weighed = columns.at(*block, rung).zip(weights).map(|(value, weight)| value * weight);
                *worth += weighed.sum::<f64>();
                let share = shares.map_or(0.0, |shares| shares[rung]);
                if share != 0.0 {
                    let dot = |weights: &Weights| {
                        columns
                            .at(*block, rung)
                            .zip(weights)
                            .map(|(value, weight)| value * weight)
                            .sum::<f64>()
                    };
                    tally.gains.add(share * dot(&objective));
                    for (row, weights) in &terms[block.group as usize] {
                        let used = share * dot(weights);
                        tally.rows[*row].0.add(used);
                        tally.rows[*row].1 += used.abs();
                    }
                }
            }
        }
        if let Some(shares) = shares {
            let least = shares.iter().copied().fold(0.0, f64::min);
            tally.misused = tally.misused.max(shares.iter().sum::<f64>() - 1.0).max(-least);
        }
        let best = worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        tally.best.add(match decided.get(ladder).copied().flatten() {
            Some(true) => best,
            Some(false) => 0.0,
            None => best.max(0.0),
        });
    };
    let empty = || Tally {
        gains: Sum::default(),
        best: Sum::default(),
        rows: vec![(Sum::default(), 0.0); program.rows.len()],
        misused: 0.0,
    };
    // In the order in which values are stored.
    let tiles = columns.tiles.par_chunks(columns.tiles.len().div_ceil(PARTS).max(1)).map(|tiles| {
        let (mut tally, mut worth) = (empty(), Vec::new());
        let ladders = tiles.iter().flat_map(|tile| tile.ladders).filter(|ladder| *ladder != EMPTY);
        ladders.for_each(|ladder| one(&mut tally, &mut worth, ladder as usize));
        tally
    });
    let parts: Vec<Tally> = tiles.collect();
    let (mut total, mut worth) = (empty(), Vec::new());
    columns.special.iter().for_each(|ladder| one(&mut total, &mut worth, *ladder as usize));
    for part in parts {
        total.gains.add(part.gains.get());
        total.best.add(part.best.get());
        total.misused = total.misused.max(part.misused);
        for ((activity, absolute), (more, size)) in total.rows.iter_mut().zip(part.rows) {
            activity.add(more.get());
            *absolute += size;
        }
    }
    total
}

/// What the rows' bounds cost at lawful prices, and the best of all ladders.
fn bound(program: &Program, prices: &[f64], best: f64) -> f64 {
    let mut bound = Sum::default();
    bound.add(program.constant);
    bound.add(best);
    for (row, price) in program.rows.iter().zip(prices) {
        if *price > 0.0 {
            bound.add(price * row.upper);
        } else if *price < 0.0 {
            bound.add(price * row.lower);
        }
    }
    bound.get()
}

/// The bound that prices prove, some whole ladders decided.
pub fn dual_bound(program: &Program, prices: &[f64], decided: &Decided) -> f64 {
    let prices = lawful(program, prices);
    bound(program, &prices, tally(program, None, &prices, decided).best.get())
}

/// Certifies a point and prices.
pub fn certify(program: &Program, x: &[f64], prices: &[f64], decided: &Decided) -> Certificate {
    let prices = lawful(program, prices);
    let tally = tally(program, Some(x), &prices, decided);
    let bound = bound(program, &prices, tally.best.get());
    let mut objective = tally.gains;
    objective.add(program.constant);
    let mut violation = tally.misused.max(0.0);
    for (index, (row, (activity, absolute))) in program.rows.iter().zip(&tally.rows).enumerate() {
        let activity = activity.get();
        let broken = (row.lower - activity).max(activity - row.upper).max(0.0);
        match row.penalty {
            Some(penalty) => objective.add(-penalty * broken),
            None if broken > 0.0 => {
                let bound = if row.lower.is_finite() { row.lower } else { row.upper };
                // A row that hardly anything uses is measured against a millionth of one whole rung.
                let mut scale = absolute + bound.abs();
                if broken > violation * scale {
                    scale = scale.max(1e-6 * largest_coefficient(program, index)).max(f64::MIN_POSITIVE);
                    violation = violation.max(broken / scale);
                }
            }
            None => {}
        }
    }
    let objective = objective.get();
    Certificate { objective, bound, gap: (bound - objective) / bound.abs().max(1.0), violation }
}

/// Largest coefficient of a row, by the largest of each measure in each of its groups.
fn largest_coefficient(program: &Program, row: usize) -> f64 {
    let columns = &*program.columns;
    let mut largest = 0.0f64;
    for block in columns.ladders.iter().flat_map(|ladder| {
        columns.blocks[ladder.blocks.clone()].iter().map(|block| (*block, ladder.columns.len()))
    }) {
        let (block, rungs) = block;
        for term in program.groups[block.group as usize].iter().filter(|term| term.row == row) {
            let weights = columns.compact(&term.weights);
            for rung in 0..rungs {
                let used: f64 =
                    columns.at(block, rung).zip(weights).map(|(value, weight)| value * weight).sum();
                largest = largest.max(used.abs());
            }
        }
    }
    largest
}
