//! The residual program of the [polish](super::polish): the ladders that prices leave undecided, under
//! all rows, with boxed duals; stated through good_lp and solved by an interior-point method.

use good_lp::solvers::SolutionWithDual;
use good_lp::{DualValues, Expression, ProblemVariables, Solution as _, SolverModel, constraint, variable};

use super::super::Decided;
use super::super::certify::Sum;
use super::prices::{Side, of_rows};
use crate::program::Program;

/// The answer of a residual program.
pub struct Residual {
    /// Shares of each open ladder's rungs.
    pub x: Vec<Vec<f64>>,
    /// The sides' variables.
    pub y: Vec<f64>,
    /// Gains of the open ladders.
    pub gains: f64,
    /// Largest violation, relative to the row's activity.
    pub broken: f64,
    /// Sides whose variable lies on its box.
    pub boxed: Vec<usize>,
}

/// Half the width of each side's box: a share of its price, and of what a unit of the row is worth at
/// all, so that a price of zero has a box too.
fn half_widths(
    program: &Program,
    sides: &[Side],
    y: &[f64],
    widen: &[f64],
    open: &[usize],
    entries: &[Vec<(usize, Vec<f64>)>],
) -> Vec<f64> {
    let mut used = vec![0.0; program.rows.len()];
    let mut worth = vec![0.0; program.rows.len()];
    for (ladder, entries) in open.iter().zip(entries) {
        let gain: f64 = program.gains(*ladder).iter().map(|gain| gain.abs()).sum();
        for (row, coefficients) in entries {
            used[*row] += coefficients.iter().map(|coefficient| coefficient.abs()).sum::<f64>();
            worth[*row] += gain;
        }
    }
    let natural = |row: usize| if used[row] > 0.0 { worth[row] / used[row] } else { 1.0 };
    let half = |((side, y), widen): ((&Side, &f64), &f64)| widen * (y + 0.1 * natural(side.row));
    sides.iter().zip(y).zip(widen).map(half).collect()
}

/// The rungs that can be best somewhere in the box: moving every price by its half width changes what
/// separates a rung from the present best by `Σ spread · |difference of coefficients|` at most.
fn contenders(worth: &[f64], entries: &[(usize, Vec<f64>)], spread: &[f64]) -> Vec<usize> {
    let best =
        (0..worth.len()).filter(|rung| worth[*rung] > 0.0).max_by(|a, b| worth[*a].total_cmp(&worth[*b]));
    let high = best.map_or(0.0, |best| worth[best]);
    let reachable = |rung: &usize| {
        let moved: f64 = entries
            .iter()
            .map(|(row, of)| (spread[*row], (of[*rung] - best.map_or(0.0, |best| of[best])).abs()))
            .filter(|(_, far)| *far > 0.0)
            .map(|(spread, far)| spread * far)
            .sum();
        high - worth[*rung] <= moved + 1e-12 * high.abs()
    };
    (0..worth.len()).filter(reachable).collect()
}

/// Solves the residual program: the open ladders under all rows, whose bounds are less `activity`, the
/// sides' variables held within their boxes unless the program is `whole`.
#[allow(clippy::too_many_arguments)]
pub fn solve(
    program: &Program,
    decided: &Decided,
    sides: &[Side],
    y: &[f64],
    widen: &[f64],
    open: &[usize],
    activity: &[(f64, f64)],
    whole: bool,
) -> Option<Residual> {
    let entries: Vec<Vec<(usize, Vec<f64>)>> = open.iter().map(|ladder| program.entries(*ladder)).collect();
    let half = match whole {
        true => vec![f64::INFINITY; sides.len()],
        false => half_widths(program, sides, y, widen, open, &entries),
    };
    let mut spread = vec![0.0; program.rows.len()];
    sides.iter().zip(&half).for_each(|(side, half)| spread[side.row] += half);
    let priced = program.priced(&of_rows(sides, y, program.rows.len()));
    let mut variables = ProblemVariables::new();
    let mut sums: Vec<Vec<(good_lp::Variable, f64)>> = vec![Vec::new(); program.rows.len()];
    let mut reach = vec![0.0f64; program.rows.len()];
    let mut objective_terms = Vec::new();
    let mut columns = Vec::with_capacity(open.len());
    for (ladder, entries) in open.iter().zip(&entries) {
        let gains = program.gains(*ladder);
        let kept = match decided.get(*ladder).copied().flatten() {
            Some(_) => (0..gains.len()).collect(),
            None => contenders(&program.reduced(*ladder, &priced), entries, &spread),
        };
        let rungs: Vec<_> =
            kept.into_iter().map(|rung| (rung, variables.add(variable().min(0.0)), gains[rung])).collect();
        for (row, coefficients) in entries {
            for (rung, column, _) in rungs.iter().filter(|(rung, ..)| coefficients[*rung] != 0.0) {
                sums[*row].push((*column, coefficients[*rung]));
                reach[*row] = reach[*row].max(coefficients[*rung].abs());
            }
        }
        objective_terms.extend(rungs.iter().map(|(_, column, gain)| (*column, *gain)));
        columns.push(rungs);
    }
    let gain =
        objective_terms.iter().fold(0.0f64, |most, (_, gain)| most.max(gain.abs())).max(f64::MIN_POSITIVE);
    let mut objective = Expression::with_capacity(objective_terms.len());
    for (column, value) in &objective_terms {
        objective.add_mul(value / gain, *column);
    }
    let mut constraints = Vec::new();
    let mut slacks = Vec::new();
    let mut boxes: Vec<(f64, f64)> = Vec::new();
    for (index, side) in sides.iter().enumerate() {
        let scale = if reach[side.row] > 0.0 { reach[side.row] } else { 1.0 };
        let high = (y[index] + half[index]).min(side.cap);
        let low = (y[index] - half[index]).max(0.0);
        let mut left = Expression::with_capacity(sums[side.row].len() + 2);
        for (column, value) in &sums[side.row] {
            left.add_mul(side.sign * value / scale, *column);
        }
        let over = variables.add(variable().min(0.0));
        let under = variables.add(variable().min(0.0));
        left.add_mul(-1.0, over);
        left.add_mul(1.0, under);
        // Without a box the price of breaking is a large one, so that infeasible programs come back too.
        let price = if high.is_finite() { high } else { 1e4 * gain / scale };
        objective.add_mul(-price * scale / gain, over);
        objective.add_mul(low * scale / gain, under);
        let right = side.sign * (side.bound - activity[side.row].0) / scale;
        constraints.push(constraint!(left == right));
        slacks.push((over, under));
        boxes.push((low, scale));
    }
    for (ladder, rungs) in open.iter().zip(&columns) {
        let mut used = Expression::with_capacity(rungs.len());
        rungs.iter().for_each(|(_, column, _)| used.add_mul(1.0, *column));
        constraints.push(match decided.get(*ladder).copied().flatten() {
            Some(true) => constraint!(used == 1.0),
            Some(false) => constraint!(used <= 0.0),
            None => constraint!(used <= 1.0),
        });
    }
    let mut model = variables.maximise(objective).using(good_lp::clarabel);
    model.settings().tol_gap_rel(1e-11).tol_gap_abs(1e-11).tol_feas(1e-11).max_iter(100);
    let references: Vec<_> = constraints.into_iter().map(|row| model.add_constraint(row)).collect();
    let mut solved = model.solve().ok()?;
    let mut gains = Sum::default();
    let mut x = Vec::with_capacity(open.len());
    for (ladder, rungs) in open.iter().zip(&columns) {
        let mut shares = vec![0.0; program.ladders[*ladder].columns.len()];
        for (rung, column, gain) in rungs {
            shares[*rung] = solved.value(*column).clamp(0.0, 1.0);
            gains.add(gain * shares[*rung]);
        }
        x.push(shares);
    }
    let soft = |side: &Side| side.cap.is_finite();
    let mut broken = 0.0f64;
    let mut boxed = Vec::new();
    for (index, (side, (over, under))) in sides.iter().zip(&slacks).enumerate() {
        let amount = solved.value(*over).max(0.0);
        // The box holds the price back where breaking the row, or being paid for its slack, is used.
        if (amount > 1e-7 && !whole && !soft(side)) || (boxes[index].0 > 0.0 && solved.value(*under) > 1e-7) {
            boxed.push(index);
        }
        if soft(side) {
            let scale = if reach[side.row] > 0.0 { reach[side.row] } else { 1.0 };
            gains.add(-side.cap * amount * scale);
        } else {
            let size = activity[side.row].1.max(side.bound.abs()).max(reach[side.row]);
            broken = broken.max(amount * reach[side.row] / size.max(f64::MIN_POSITIVE));
        }
    }
    let dual = solved.compute_dual();
    let y = sides
        .iter()
        .zip(&boxes)
        .zip(&references)
        .map(|((side, (_, scale)), reference)| {
            (dual.dual(reference.clone()) * gain / scale).clamp(0.0, side.cap)
        })
        .collect();
    Some(Residual { x, y, gains: gains.get(), broken, boxed })
}
