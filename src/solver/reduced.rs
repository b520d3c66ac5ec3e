//! A program without what is settled beforehand, so that interior-point methods have room to move:
//!
//! - where a row's sum may not exceed 0 and no column can lower it, every column that raises it stays at 0
//!   (a ratio that no rung reaches, a bound of nothing);
//! - a bound that nothing can reach is left out: numbers far out of reach drown the tolerances of the rest;
//! - a soft row that is broken whatever is done costs its price per unit in the objective, and is no row.

use super::Decided;
use crate::program::Program;

/// A bound at 0, relative to the row's largest coefficient.
const ZERO: f64 = 1e-9;

/// What is left of a program.
pub struct Reduced {
    /// Coefficients of each row: pairs of a column and its value, columns that are out left out.
    pub sums: Vec<Vec<(usize, f64)>>,
    /// Objective by column, what is lost to soft rows taken off.
    pub gains: Vec<f64>,
    /// Lower and upper bound of each row, where it can bind.
    pub bounds: Vec<[Option<f64>; 2]>,
    /// Per column: whether it must stay at 0.
    pub out: Vec<bool>,
    /// Whether a hard row is broken whatever is done, or a slot that is taken has nothing left to take.
    pub contradicts: bool,
    /// Soft rows that are broken whatever is done, with their price.
    lost: Vec<(usize, f64)>,
    /// The rows that force columns out, in the order in which they were found.
    forces: Vec<Force>,
}

struct Force {
    row: usize,
    /// 1 where its upper bound forces, −1 where its lower bound does.
    sign: f64,
    /// The columns and their coefficients.
    columns: Vec<(usize, f64)>,
}

/// Reduces a program.
pub fn reduce(program: &Program, decided: &Decided) -> Reduced {
    let mut sums: Vec<Vec<(usize, f64)>> = vec![Vec::new(); program.rows.len()];
    for (index, ladder) in program.columns.ladders.iter().enumerate() {
        for (row, coefficients) in program.entries(index) {
            sums[row].extend(ladder.columns.clone().zip(coefficients).filter(|(_, value)| *value != 0.0));
        }
    }
    let mut reduced = Reduced {
        sums,
        gains: (0..program.columns.ladders.len()).flat_map(|ladder| program.gains(ladder)).collect(),
        bounds: Vec::with_capacity(program.rows.len()),
        out: vec![false; program.columns.count()],
        contradicts: false,
        lost: Vec::new(),
        forces: Vec::new(),
    };
    reduced.force(program);
    reduced.contradicts = program.columns.ladders.iter().zip(decided).any(|(ladder, decided)| {
        *decided == Some(true) && ladder.columns.clone().all(|column| reduced.out[column])
    });
    for index in 0..program.rows.len() {
        reduced.bound(program, index);
    }
    reduced
}

impl Reduced {
    /// Forces columns out until no row forces any more.
    fn force(&mut self, program: &Program) {
        loop {
            let known = self.forces.len();
            for (index, row) in program.rows.iter().enumerate().filter(|(_, row)| row.penalty.is_none()) {
                for (bound, sign) in [(row.upper, 1.0), (-row.lower, -1.0)] {
                    let sum = &self.sums[index];
                    let largest = sum.iter().fold(0.0f64, |most, (_, value)| most.max(value.abs()));
                    if largest > 0.0
                        && (0.0..=ZERO * largest).contains(&bound)
                        && sum.iter().all(|(_, value)| sign * value >= 0.0)
                    {
                        let columns = std::mem::take(&mut self.sums[index]);
                        columns.iter().for_each(|(column, _)| self.out[*column] = true);
                        self.forces.push(Force { row: index, sign, columns });
                    }
                }
            }
            if self.forces.len() == known {
                return;
            }
            let out = &self.out;
            self.sums.iter_mut().for_each(|sum| sum.retain(|(column, _)| !out[*column]));
        }
    }

    /// Settles what a row's bounds can still do.
    fn bound(&mut self, program: &Program, index: usize) {
        let (row, sum) = (&program.rows[index], &self.sums[index]);
        let [least, most] = range(program, sum);
        // A hair, so that sums added up in another order do not contradict themselves.
        let hair = ZERO * most.max(-least);
        let broken = if row.lower > most + hair {
            -1.0
        } else if row.upper < least - hair {
            1.0
        } else {
            let lower = (row.lower > least).then_some(row.lower.min(most));
            let upper = (row.upper < most).then_some(row.upper.max(least));
            self.bounds.push([lower, upper]);
            return;
        };
        self.bounds.push([None; 2]);
        match row.penalty {
            None => self.contradicts = true,
            Some(penalty) => {
                self.lost.push((index, broken * penalty));
                for (column, value) in sum {
                    self.gains[*column] -= broken * penalty * value;
                }
            }
        }
    }

    /// Completes prices: those of soft rows that are lost, and for the rows that force the least price at
    /// which none of their columns would pay. The last found come first: they hold no columns of those
    /// found before them.
    pub fn price(&self, program: &Program, decided: &Decided, prices: &mut [f64]) {
        self.lost.iter().for_each(|(row, price)| prices[*row] = *price);
        let mut ladder_of = vec![0; program.columns.count()];
        for (index, ladder) in program.columns.ladders.iter().enumerate() {
            ladder_of[ladder.columns.clone()].fill(index);
        }
        for force in self.forces.iter().rev() {
            let priced = program.priced(prices);
            let mut raise: f64 = 0.0;
            let mut at: Option<(usize, Vec<f64>, f64)> = None;
            for (column, value) in &force.columns {
                let index = ladder_of[*column];
                if at.as_ref().is_none_or(|(ladder, ..)| *ladder != index) {
                    let reduced = program.reduced(index, &priced);
                    let columns = program.columns.ladders[index].columns.clone();
                    let taken = decided.get(index).copied().flatten() == Some(true);
                    let start = if taken { f64::NEG_INFINITY } else { 0.0 };
                    let best = columns.clone().zip(&reduced).filter(|(column, _)| !self.out[*column]);
                    let best = best.fold(start, |best, (_, reduced)| best.max(*reduced));
                    at = Some((index, reduced, best));
                }
                let Some((_, reduced, best)) = &at else { continue };
                let excess = reduced[*column - program.columns.ladders[index].columns.start] - best;
                if decided.get(index).copied().flatten() != Some(false) && excess > 0.0 {
                    raise = raise.max(excess / value.abs());
                }
            }
            prices[force.row] += force.sign * raise;
        }
    }
}

/// The least and the most that a row's sum can be.
fn range(program: &Program, sum: &[(usize, f64)]) -> [f64; 2] {
    let (mut least, mut most) = (0.0, 0.0);
    let mut at = 0;
    for ladder in &program.columns.ladders {
        let (mut low, mut high) = (0.0f64, 0.0f64);
        while let Some((_, value)) = sum.get(at).filter(|(column, _)| *column < ladder.columns.end) {
            (low, high) = (low.min(*value), high.max(*value));
            at += 1;
        }
        (least, most) = (least + low, most + high);
    }
    [least, most]
}
