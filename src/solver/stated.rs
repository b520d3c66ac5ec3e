//! A program in good_lp's terms.

use good_lp::variable::UnsolvedProblem;
use good_lp::{Constraint, Expression, ProblemVariables, Variable, constraint, variable};

use super::reduced::{Reduced, reduce};
use super::{Decided, Solution, Status};
use crate::program::Program;

/// Shares below this are dust that interior points leave behind, on rungs that do not pay.
const DUST: f64 = 1e-6;

/// The program, reduced. Rows are divided by their largest coefficient, the objective by its largest, so
/// that tolerances mean the same everywhere.
pub struct Stated {
    /// Variables and objective.
    pub problem: UnsolvedProblem,
    /// The rows, then one constraint for each ladder.
    pub constraints: Vec<Constraint>,
    /// What the solver's numbers mean.
    pub meaning: Meaning,
}

/// What turns a solver's numbers back into the program's.
pub struct Meaning {
    /// For each of the program's columns the number of its variable, none where it is out.
    columns: Vec<Option<usize>>,
    objective_scale: f64,
    /// Program row, scale and sign (−1 for a lower bound) of the leading constraints.
    rows: Vec<(usize, f64, f64)>,
    reduced: Reduced,
}

/// States a program; nothing when its rows contradict each other at first sight.
pub fn state(program: &Program, decided: &Decided) -> Option<Stated> {
    let reduced = reduce(program, decided);
    if reduced.contradicts {
        return None;
    }
    let mut variables = ProblemVariables::new();
    let columns: Vec<Option<Variable>> =
        reduced.out.iter().map(|out| (!out).then(|| variables.add(variable().min(0.0)))).collect();
    // Variables are numbered in the order in which they were added.
    let mut numbers = 0..;
    let numbers = columns.iter().map(|column| column.and_then(|_| numbers.next())).collect();
    let stated = || columns.iter().zip(&reduced.gains).filter_map(|(column, gain)| Some(((*column)?, *gain)));
    let largest_gain = stated().fold(0.0f64, |largest, (_, gain)| largest.max(gain.abs()));
    let mut objective = Expression::with_capacity(program.columns.count());
    stated().for_each(|(column, gain)| objective.add_mul(gain, column));

    let mut largest_penalty: f64 = 0.0;
    let (mut constraints, mut rows) = (Vec::new(), Vec::new());
    for (index, (sum, bounds)) in reduced.sums.iter().zip(&reduced.bounds).enumerate() {
        let scale = sum.iter().fold(0.0f64, |largest, (_, value)| largest.max(value.abs()));
        for (bound, sign) in bounds.iter().zip([-1.0, 1.0]) {
            let Some(bound) = bound else { continue };
            let mut used = Expression::with_capacity(sum.len() + 1);
            for (column, value) in sum {
                if let Some(column) = columns[*column] {
                    used.add_mul(value / scale, column);
                }
            }
            if let Some(penalty) = program.rows[index].penalty {
                let slack = variables.add(variable().min(0.0));
                objective.add_mul(-penalty * scale, slack);
                largest_penalty = largest_penalty.max(penalty * scale);
                used.add_mul(-sign, slack);
            }
            constraints.push(if sign > 0.0 {
                constraint!(used <= bound / scale)
            } else {
                constraint!(used >= bound / scale)
            });
            rows.push((index, scale, sign));
        }
    }
    for (index, ladder) in program.columns.ladders.iter().enumerate() {
        let mut used = Expression::with_capacity(ladder.columns.len());
        for column in columns[ladder.columns.clone()].iter().flatten() {
            used.add_mul(1.0, *column);
        }
        constraints.push(match decided.get(index).copied().flatten() {
            Some(true) => constraint!(used == 1.0),
            Some(false) => constraint!(used <= 0.0),
            None => constraint!(used <= 1.0),
        });
    }
    let scales = [largest_gain, largest_penalty];
    let objective_scale = scales.into_iter().find(|scale| *scale > 0.0).unwrap_or(1.0);
    let problem = variables.maximise(objective / objective_scale);
    let meaning = Meaning { columns: numbers, objective_scale, rows, reduced };
    Some(Stated { problem, constraints, meaning })
}

impl Meaning {
    /// Whether no column is left to decide.
    #[cfg(feature = "highs")]
    pub fn is_settled(&self) -> bool {
        self.columns.iter().all(Option::is_none)
    }

    /// The solution by the solver's `values` of the variables and what the bound of each leading
    /// constraint costs, `pressure` ≥ 0.
    pub fn solution(
        &self,
        program: &Program,
        decided: &Decided,
        values: &[f64],
        pressure: impl Fn(usize) -> f64,
    ) -> Solution {
        let share = |column: &Option<usize>| column.map_or(0.0, |column| values[column].clamp(0.0, 1.0));
        let mut x: Vec<f64> = self.columns.iter().map(share).collect();
        let mut prices = vec![0.0; program.rows.len()];
        for (at, (row, scale, sign)) in self.rows.iter().enumerate() {
            prices[*row] += sign * pressure(at) * self.objective_scale / scale;
        }
        self.reduced.price(program, decided, &mut prices);
        self.sweep(program, decided, &prices, &mut x);
        Solution { status: Status::Optimal, x, prices, iterations: 0, seconds: 0.0 }
    }
    /// Sweeps up dust: of a share and of what its rung falls short of paying, one is nothing at the
    /// optimum, and it is the smaller.
    fn sweep(&self, program: &Program, decided: &Decided, prices: &[f64], x: &mut [f64]) {
        let priced = program.priced(prices);
        for (index, ladder) in program.columns.ladders.iter().enumerate() {
            let shares = &mut x[ladder.columns.clone()];
            if shares.iter().all(|share| *share == 0.0 || *share >= DUST) {
                continue;
            }
            let reduced = program.reduced(index, &priced);
            let taken = decided.get(index).copied().flatten() == Some(true);
            let start = if taken { f64::NEG_INFINITY } else { 0.0 };
            let best = reduced.iter().copied().fold(start, f64::max);
            for (share, reduced) in shares.iter_mut().zip(reduced) {
                if *share < DUST && *share < (best - reduced) / self.objective_scale {
                    *share = 0.0;
                }
            }
        }
    }
}
