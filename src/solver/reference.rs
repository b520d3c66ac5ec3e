//! The whole program through good_lp: the reference that every other solver is compared with, and the
//! engine for programs of a shop's size.

use std::time::Instant;

use good_lp::solvers::SolutionWithDual;
use good_lp::{DualValues, constraint::ConstraintReference};
use good_lp::{Expression, ProblemVariables, ResolutionError, SolverModel, Variable, constraint, variable};

use super::{Decided, Limits, Solution, Solver, Status};
use crate::program::Program;

/// Clarabel, an interior-point solver in pure Rust.
pub struct Clarabel;

/// The program in good_lp's terms. Rows are divided by their largest coefficient, the objective by its
/// largest, so that tolerances mean the same everywhere.
struct Stated {
    variables: ProblemVariables,
    columns: Vec<Variable>,
    objective: Expression,
    objective_scale: f64,
    constraints: Vec<good_lp::Constraint>,
    /// Program row and scale of the leading constraints; ladders' constraints follow.
    rows: Vec<(usize, f64)>,
}

fn state(program: &Program, decided: &Decided) -> Stated {
    let mut variables = ProblemVariables::new();
    let columns: Vec<Variable> = (0..program.columns()).map(|_| variables.add(variable().min(0.0))).collect();
    let gains: Vec<Vec<f64>> = (0..program.ladders.len()).map(|ladder| program.gains(ladder)).collect();
    let largest = gains.iter().flatten().fold(0.0f64, |largest, gain| largest.max(gain.abs()));
    let objective_scale = if largest > 0.0 { largest } else { 1.0 };

    let mut sums: Vec<Vec<(usize, f64)>> = vec![Vec::new(); program.rows.len()];
    for (index, ladder) in program.ladders.iter().enumerate() {
        for (row, coefficients) in program.entries(index) {
            sums[row].extend(ladder.columns.clone().zip(coefficients).filter(|(_, value)| *value != 0.0));
        }
    }
    let mut objective = Expression::with_capacity(program.columns());
    for (column, gain) in columns.iter().zip(gains.iter().flatten()) {
        objective.add_mul(gain / objective_scale, *column);
    }
    let (mut constraints, mut rows) = (Vec::new(), Vec::new());
    for (index, (row, sum)) in program.rows.iter().zip(&sums).enumerate() {
        let largest = sum.iter().fold(0.0f64, |largest, (_, value)| largest.max(value.abs()));
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let mut left = Expression::with_capacity(sum.len() + 1);
        for (column, value) in sum {
            left.add_mul(value / scale, columns[*column]);
        }
        let slack = row.penalty.map(|penalty| {
            let slack = variables.add(variable().min(0.0));
            objective.add_mul(-penalty * scale / objective_scale, slack);
            slack
        });
        for (bound, sign) in [(row.upper, 1.0), (row.lower, -1.0)] {
            if bound.is_finite() {
                let mut left = left.clone();
                if let Some(slack) = slack {
                    left.add_mul(-sign, slack);
                }
                constraints.push(if sign > 0.0 {
                    constraint!(left <= bound / scale)
                } else {
                    constraint!(left >= bound / scale)
                });
                rows.push((index, scale));
            }
        }
    }
    for (index, ladder) in program.ladders.iter().enumerate() {
        let mut used = Expression::with_capacity(ladder.columns.len());
        for column in ladder.columns.clone() {
            used.add_mul(1.0, columns[column]);
        }
        constraints.push(match decided.get(index).copied().flatten() {
            Some(true) => constraint!(used == 1.0),
            Some(false) => constraint!(used <= 0.0),
            None => constraint!(used <= 1.0),
        });
    }
    Stated { variables, columns, objective, objective_scale, constraints, rows }
}

impl Stated {
    fn solution<S>(
        &self,
        mut solved: S,
        references: &[ConstraintReference],
        rows: usize,
        iterations: u64,
        seconds: f64,
    ) -> Solution
    where
        S: good_lp::Solution + for<'a> SolutionWithDual<'a>,
    {
        let x = self.columns.iter().map(|column| solved.value(*column).clamp(0.0, 1.0)).collect();
        let mut prices = vec![0.0; rows];
        let dual = solved.compute_dual();
        for ((row, scale), reference) in self.rows.iter().zip(references) {
            prices[*row] += dual.dual(reference.clone()) * self.objective_scale / scale;
        }
        Solution { status: Status::Optimal, x, prices, iterations, seconds }
    }
}

fn nothing(program: &Program, status: Status, started: Instant) -> Solution {
    Solution {
        status,
        x: vec![0.0; program.columns()],
        prices: vec![0.0; program.rows.len()],
        iterations: 0,
        seconds: started.elapsed().as_secs_f64(),
    }
}

impl Solver for Clarabel {
    fn name(&self) -> &'static str {
        "clarabel"
    }

    fn solve(&self, program: &Program, decided: &Decided, limits: &Limits<'_>) -> Result<Solution, String> {
        let started = Instant::now();
        if limits.reached() {
            return Ok(nothing(program, Status::Stopped, started));
        }
        let mut stated = state(program, decided);
        let variables = std::mem::take(&mut stated.variables);
        let mut model = variables.maximise(stated.objective.clone()).using(good_lp::clarabel);
        let settings = model.settings();
        settings.tol_gap_rel(1e-9).tol_gap_abs(1e-9).tol_feas(1e-9).max_iter(200);
        if let Some(left) = limits.left() {
            settings.time_limit(left.max(0.01));
        }
        let references: Vec<_> = std::mem::take(&mut stated.constraints)
            .into_iter()
            .map(|row| model.add_constraint(row))
            .collect();
        match model.solve() {
            Ok(solved) => {
                let iterations = u64::from(solved.inner().iterations);
                Ok(stated.solution(
                    solved,
                    &references,
                    program.rows.len(),
                    iterations,
                    started.elapsed().as_secs_f64(),
                ))
            }
            Err(ResolutionError::Infeasible) => Ok(nothing(program, Status::Infeasible, started)),
            Err(ResolutionError::Other("Time limit reached")) => {
                Ok(nothing(program, Status::Stopped, started))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}
