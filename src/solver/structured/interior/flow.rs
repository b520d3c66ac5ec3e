//! What columns cost at prices, and what they use of the rows: the residual program times a vector.

use super::state::State;
use crate::program::{MEASURES, Weights};
use crate::solver::structured::residual::{Entries, Residual, dot};
use crate::solver::structured::special;
use crate::solver::structured::view::View;

/// What each column is worth at the sides' variables.
pub fn worth(view: &View<'_>, residual: &Residual, y: &[f64]) -> Vec<f64> {
    let mut worth = residual.gains.clone();
    charge(view, residual, &view.prices(y), &mut worth);
    worth
}

/// Takes from `worth` what every column uses of the rows at `prices`.
pub fn charge(view: &View<'_>, residual: &Residual, prices: &[f64], worth: &mut [f64]) {
    let weights: Vec<Weights> = view
        .pattern
        .terms
        .iter()
        .map(|terms| {
            let mut sum = [0.0; MEASURES];
            for (row, weights) in terms {
                sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += prices[*row] * weight);
            }
            sum
        })
        .collect();
    for open in &residual.open {
        let worth = &mut worth[open.first..open.first + open.rungs.len()];
        match &open.entries {
            Entries::Group(group, values) => {
                worth
                    .iter_mut()
                    .zip(values)
                    .for_each(|(worth, value)| *worth -= dot(&weights[*group], value));
            }
            Entries::Rows(rows) => {
                for (row, of) in rows {
                    worth.iter_mut().zip(of).for_each(|(worth, used)| *worth -= prices[*row] * used);
                }
            }
        }
    }
}

/// Activity of every row under numbers by column.
pub fn activity(view: &View<'_>, residual: &Residual, x: &[f64]) -> Vec<f64> {
    let mut sums: Vec<Weights> = vec![[0.0; MEASURES]; view.pattern.terms.len()];
    let mut activity = vec![0.0; view.program.rows.len()];
    for open in &residual.open {
        let x = &x[open.first..open.first + open.rungs.len()];
        match &open.entries {
            Entries::Group(group, values) => {
                for (value, x) in values.iter().zip(x) {
                    sums[*group].iter_mut().zip(value).for_each(|(sum, value)| *sum += value * x);
                }
            }
            Entries::Rows(rows) => rows.iter().for_each(|(row, of)| activity[*row] += special::dot(of, x)),
        }
    }
    view.pattern.activity(|group| Some(sums[group]).filter(|sums| *sums != [0.0; MEASURES]), &mut activity);
    activity
}

/// By how much each side's equation is off.
pub fn missing(view: &View<'_>, residual: &Residual, state: &State) -> Vec<f64> {
    let activity = activity(view, residual, &state.columns.value);
    view.sides
        .iter()
        .enumerate()
        .map(|(at, side)| {
            residual.bounds[at] - side.sign * activity[side.row] + state.over.value[at]
                - state.under.value[at]
        })
        .collect()
}
