//! A program written out column by column, from its documentation alone, so that answers can be judged
//! without the code that gave them.

use bidwright::program::Program;
use good_lp::{Expression, ProblemVariables, ResolutionError, Solution, SolverModel, constraint, variable};

/// The program as matrix and vectors.
pub struct Dense<'a> {
    pub program: &'a Program,
    /// Objective by column.
    pub gains: Vec<f64>,
    /// Coefficients by row and column.
    pub rows: Vec<Vec<f64>>,
}

impl<'a> Dense<'a> {
    pub fn of(program: &'a Program) -> Self {
        let columns = program.columns.count();
        let mut dense =
            Dense { program, gains: vec![0.0; columns], rows: vec![vec![0.0; columns]; program.rows.len()] };
        for ladder in &program.columns.ladders {
            for block in &program.columns.blocks[ladder.blocks.clone()] {
                for (rung, column) in ladder.columns.clone().enumerate() {
                    for (measure, value) in program.columns.kept.iter().zip(program.columns.at(*block, rung))
                    {
                        let measure = *measure;
                        dense.gains[column] += program.objective[measure] * value;
                        for term in &program.groups[block.group as usize] {
                            dense.rows[term.row][column] += term.weights[measure] * value;
                        }
                    }
                }
            }
        }
        dense
    }

    /// Activity of a row.
    pub fn activity(&self, row: usize, x: &[f64]) -> f64 {
        self.rows[row].iter().zip(x).map(|(a, x)| a * x).sum()
    }

    /// By how much a row is broken.
    pub fn broken(&self, row: usize, x: &[f64]) -> f64 {
        let (bounds, activity) = (&self.program.rows[row], self.activity(row, x));
        (bounds.lower - activity).max(activity - bounds.upper).max(0.0)
    }

    /// Objective, penalties of broken soft rows taken off.
    pub fn value(&self, x: &[f64]) -> f64 {
        let gains: f64 = self.gains.iter().zip(x).map(|(gain, x)| gain * x).sum();
        let penalties: f64 = (0..self.rows.len())
            .filter_map(|row| Some(self.program.rows[row].penalty? * self.broken(row, x)))
            .sum();
        self.program.constant + gains - penalties
    }

    /// Whether hard rows, ladders and signs hold within a tolerance relative to each row's terms.
    pub fn admits(&self, x: &[f64], tolerance: f64) -> bool {
        let rows = (0..self.rows.len()).filter(|row| self.program.rows[*row].penalty.is_none());
        let rows_hold = rows.clone().all(|row| {
            let terms: f64 = self.rows[row].iter().zip(x).map(|(a, x)| (a * x).abs()).sum();
            let bounds = &self.program.rows[row];
            let bound = [bounds.lower, bounds.upper].into_iter().filter(|bound| bound.is_finite());
            self.broken(row, x) <= tolerance * bound.fold(terms, |most, bound| most.max(bound.abs()))
        });
        rows_hold
            && x.iter().all(|x| *x >= -tolerance)
            && self
                .program
                .columns
                .ladders
                .iter()
                .all(|ladder| x[ladder.columns.clone()].iter().sum::<f64>() <= 1.0 + tolerance)
    }

    /// The optimum of the relaxation under some of the hard rows (no soft ones), by a simplex method that
    /// the crate does not use; nothing when they contradict each other.
    pub fn simplex(&self, keep: impl Fn(usize) -> bool) -> Option<f64> {
        let mut variables = ProblemVariables::new();
        let columns: Vec<_> =
            self.gains.iter().map(|_| variables.add(variable().min(0.0).max(1.0))).collect();
        let sum = |coefficients: &[f64], scale: f64| -> Expression {
            coefficients.iter().zip(&columns).map(|(a, x)| (a / scale) * *x).sum()
        };
        let largest = |values: &[f64]| {
            let largest = values.iter().fold(0.0f64, |most, value| most.max(value.abs()));
            if largest > 0.0 { largest } else { 1.0 }
        };
        let scale = largest(&self.gains);
        let mut model = variables.maximise(sum(&self.gains, scale)).using(good_lp::microlp);
        for ladder in &self.program.columns.ladders {
            let used: Expression = columns[ladder.columns.clone()].iter().copied().sum();
            model = model.with(constraint!(used <= 1.0));
        }
        for (row, bounds) in self.program.rows.iter().enumerate() {
            if bounds.penalty.is_some() || !keep(row) {
                continue;
            }
            let unit = largest(&self.rows[row]);
            if bounds.lower.is_finite() {
                model = model.with(constraint!(sum(&self.rows[row], unit) >= bounds.lower / unit));
            }
            if bounds.upper.is_finite() {
                model = model.with(constraint!(sum(&self.rows[row], unit) <= bounds.upper / unit));
            }
        }
        match model.solve() {
            Ok(solution) => {
                let x: Vec<f64> = columns.iter().map(|column| solution.value(*column)).collect();
                Some(self.value(&x))
            }
            Err(ResolutionError::Infeasible) => None,
            Err(error) => panic!("microlp: {error}"),
        }
    }

    /// The optimum by trying every vertex: every choice of as many tight constraints as there are columns.
    /// Soft rows get a column for their violation. For tiny programs; nothing when no vertex is feasible.
    pub fn enumerate(&self) -> Option<f64> {
        let columns = self.gains.len();
        let soft: Vec<usize> =
            (0..self.rows.len()).filter(|row| self.program.rows[*row].penalty.is_some()).collect();
        let size = columns + soft.len();
        // Every constraint as a·y ≤ b.
        let mut constraints: Vec<(Vec<f64>, f64)> = Vec::new();
        for (row, bounds) in self.program.rows.iter().enumerate() {
            for (bound, sign) in [(bounds.upper, 1.0), (bounds.lower, -1.0)] {
                if bound.is_finite() {
                    let mut left: Vec<f64> = self.rows[row].iter().map(|a| sign * a).collect();
                    left.extend(soft.iter().map(|of| if *of == row { -1.0 } else { 0.0 }));
                    constraints.push((left, sign * bound));
                }
            }
        }
        for ladder in &self.program.columns.ladders {
            let left =
                (0..size).map(|column| f64::from(u8::from(ladder.columns.contains(&column)))).collect();
            constraints.push((left, 1.0));
        }
        for column in 0..size {
            constraints.push(((0..size).map(|at| if at == column { -1.0 } else { 0.0 }).collect(), 0.0));
        }
        let mut best: Option<f64> = None;
        let mut chosen: Vec<usize> = (0..size).collect();
        loop {
            let tight: Vec<&(Vec<f64>, f64)> = chosen.iter().map(|at| &constraints[*at]).collect();
            if let Some(y) = solve_equations(&tight) {
                let holds = constraints.iter().all(|(left, right)| {
                    let used: f64 = left.iter().zip(&y).map(|(a, y)| a * y).sum();
                    let size: f64 = left.iter().zip(&y).map(|(a, y)| (a * y).abs()).sum();
                    used <= right + 1e-9 * (right.abs() + size).max(1e-3)
                });
                if holds {
                    let value = self.value(&y[..columns]);
                    best = Some(best.map_or(value, |best| best.max(value)));
                }
            }
            // The next combination in lexical order.
            let Some(at) = (0..size).rev().find(|at| chosen[*at] < constraints.len() - size + at) else {
                break;
            };
            chosen[at] += 1;
            for next in at + 1..size {
                chosen[next] = chosen[next - 1] + 1;
            }
        }
        best
    }
}

/// Gaussian elimination with full pivoting in the column; nothing for a singular system.
fn solve_equations(equations: &[&(Vec<f64>, f64)]) -> Option<Vec<f64>> {
    let size = equations.len();
    let mut table: Vec<Vec<f64>> = equations
        .iter()
        .map(|(left, right)| {
            let scale = left.iter().fold(0.0f64, |most, a| most.max(a.abs())).max(f64::MIN_POSITIVE);
            left.iter().chain([right]).map(|value| value / scale).collect()
        })
        .collect();
    for column in 0..size {
        let pivot =
            (column..size).max_by(|a, b| table[*a][column].abs().total_cmp(&table[*b][column].abs()))?;
        if table[pivot][column].abs() < 1e-11 {
            return None;
        }
        table.swap(column, pivot);
        let leading = table[column].clone();
        for row in table.iter_mut().skip(column + 1) {
            let factor = row[column] / leading[column];
            row.iter_mut().zip(&leading).for_each(|(value, above)| *value -= factor * above);
        }
    }
    let mut solution = vec![0.0; size];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|column| table[row][column] * solution[column]).sum();
        solution[row] = (table[row][size] - known) / table[row][row];
    }
    Some(solution)
}
