//! Prices of the rows: projected Newton on the smoothed dual, the smoothing falling in stages.
//!
//! A row with two bounds has two dual variables, each ≥ 0 and at most the row's penalty; the row's price
//! is their difference. At each step the variables that lie on a bound and want to go further are held,
//! a Newton system in the others is solved by Cholesky, and the step is clipped into the bounds. A step
//! that does not lower the dual is halved; once the decrease that is promised falls under the noise of
//! 32-bit sums the full step is taken and the stage left, because searching there only wastes passes.

use ndarray::{Array2, s};

use super::super::Limits;
use super::dual::{Moments, pass};
use super::storage::Storage;
use crate::program::{MEASURES, Program, Weights};

/// A dual variable.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// Its row.
    pub row: usize,
    /// +1 for an upper bound, −1 for a lower one.
    pub sign: f64,
    /// The bound.
    pub bound: f64,
    /// The most it may be.
    pub cap: f64,
}

/// The dual variables of a program.
pub fn sides(program: &Program) -> Vec<Side> {
    let mut sides = Vec::new();
    for (row, bounds) in program.rows.iter().enumerate() {
        let cap = bounds.penalty.unwrap_or(f64::INFINITY);
        for (bound, sign) in [(bounds.upper, 1.0), (bounds.lower, -1.0)] {
            if bound.is_finite() {
                sides.push(Side { row, sign, bound, cap });
            }
        }
    }
    sides
}

/// Prices of the rows from their sides' variables.
pub fn of_rows(sides: &[Side], y: &[f64], rows: usize) -> Vec<f64> {
    let mut prices = vec![0.0; rows];
    for (side, y) in sides.iter().zip(y) {
        prices[side.row] += side.sign * y;
    }
    prices
}

/// The smoothed dual at a point.
struct Point {
    value: f64,
    gradient: Vec<f64>,
    /// Over the sides.
    hessian: Array2<f64>,
}

/// First smoothing, relative to the ladders' scales, and the factor from stage to stage.
const FIRST: f64 = 0.25;
const FACTOR: f64 = 0.25;
/// Damping of a stage's first step, relative to a unit diagonal, and the least.
const FIRST_DAMPING: f64 = 1e-3;
const LEAST_DAMPING: f64 = 1e-8;
/// Newton steps of a stage at most.
const STEPS: usize = 6;
/// Tiles of the sample that the early stages read.
const SAMPLE: usize = 4096;

/// Finds prices for smoothing down to `last`, starting from `y`; counts passes over all columns.
pub fn find(
    storage: &Storage<'_>,
    sides: &[Side],
    y: &mut [f64],
    first: Option<f64>,
    last: f64,
    limits: &Limits<'_>,
    passes: &mut f64,
) {
    let mut smoothing = first.unwrap_or(FIRST).max(last);
    loop {
        // The coarser the smoothing, the smaller the sample that is good enough for it.
        let wanted = SAMPLE as f64 * (FIRST / smoothing).powi(2).max(1.0);
        let stride =
            if smoothing <= last * 4.0 { 1 } else { (storage.tiles.len() as f64 / wanted).max(1.0) as usize };
        stage(storage, sides, y, smoothing, stride, limits, passes);
        if smoothing <= last || limits.reached() {
            return;
        }
        smoothing = (smoothing * FACTOR).max(last);
    }
}

fn stage(
    storage: &Storage<'_>,
    sides: &[Side],
    y: &mut [f64],
    smoothing: f64,
    stride: usize,
    limits: &Limits<'_>,
    passes: &mut f64,
) {
    let mut point = evaluate(storage, sides, y, smoothing, stride);
    *passes += 1.0 / stride as f64;
    let mut damping = FIRST_DAMPING;
    for _ in 0..STEPS {
        let held: Vec<bool> = (0..y.len())
            .map(|at| {
                (y[at] <= 0.0 && point.gradient[at] > 0.0)
                    || (y[at] >= sides[at].cap && point.gradient[at] < 0.0)
            })
            .collect();
        let noise = 1e-7 * point.value.abs();
        // A step that does not lower the dual is damped more: rows that are sums of other rows make the
        // Hessian singular, and only damping keeps the step along them in bounds.
        let next = loop {
            if limits.reached() {
                return;
            }
            let step = newton(&point, &held, damping);
            let next: Vec<f64> = y
                .iter()
                .zip(&step)
                .zip(sides)
                .map(|((y, step), side)| (y + step).clamp(0.0, side.cap))
                .collect();
            let promised: f64 = -next
                .iter()
                .zip(y.iter())
                .zip(&point.gradient)
                .map(|((next, y), slope)| (next - y) * slope)
                .sum::<f64>();
            if promised <= noise {
                y.copy_from_slice(&next);
                return;
            }
            let at = evaluate(storage, sides, &next, smoothing, stride);
            *passes += 1.0 / stride as f64;
            if at.value <= point.value - 0.05 * promised + noise {
                damping = (damping / 16.0).max(LEAST_DAMPING);
                y.copy_from_slice(&next);
                break Some((at, promised));
            }
            damping *= 16.0;
            if damping > 1e8 {
                break None;
            }
        };
        let Some((at, promised)) = next else { return };
        point = at;
        if promised <= 0.01 * smoothing * point.value.abs() {
            return;
        }
    }
}

fn evaluate(storage: &Storage<'_>, sides: &[Side], y: &[f64], smoothing: f64, stride: usize) -> Point {
    let program = storage.program;
    let rows = program.rows.len();
    let prices = of_rows(sides, y, rows);
    let weights = program.priced(&prices);
    let mut groups = pass(storage, &weights, smoothing, stride);
    special(storage, &weights, smoothing, &mut groups);
    let mut value =
        program.constant + sides.iter().zip(y).map(|(side, y)| side.sign * y * side.bound).sum::<f64>();
    let mut activity = vec![0.0; rows];
    let mut curvature = Array2::<f64>::zeros((rows, rows));
    for (terms, moments) in program.groups.iter().zip(&groups) {
        value += moments.value;
        if moments.first == [0.0; MEASURES] {
            continue;
        }
        for term in terms {
            activity[term.row] += dot(&term.weights, &moments.first);
            let bent = bend(&moments.second, &term.weights);
            for other in terms {
                curvature[[term.row, other.row]] += dot(&other.weights, &bent);
            }
        }
    }
    let gradient = sides.iter().map(|side| side.sign * (side.bound - activity[side.row])).collect();
    let hessian = Array2::from_shape_fn((sides.len(), sides.len()), |(i, j)| {
        sides[i].sign * sides[j].sign * curvature[[sides[i].row, sides[j].row]]
    });
    Point { value, gradient, hessian }
}

fn dot(a: &Weights, b: &Weights) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The symmetric matrix of second moments times weights.
fn bend(second: &[f64; super::dual::PAIRS], weights: &Weights) -> Weights {
    let mut bent = [0.0; MEASURES];
    let mut pair = 0;
    for a in 0..MEASURES {
        for b in a..MEASURES {
            bent[a] += second[pair] * weights[b];
            if a != b {
                bent[b] += second[pair] * weights[a];
            }
            pair += 1;
        }
    }
    bent
}

/// Adds the ladders outside the tiles. Their blocks lie in several groups, so their covariance between
/// groups is not gathered: the Hessian is a little too flat there, the gradient is exact.
fn special(storage: &Storage<'_>, weights: &[Weights], smoothing: f64, groups: &mut [Moments]) {
    let program = storage.program;
    for (ladder, scale) in storage.special.iter().zip(&storage.special_scale) {
        let worth = program.reduced(*ladder, weights);
        let mu = smoothing * scale;
        let decided = storage.decided.get(*ladder).copied().flatten();
        if decided == Some(false) {
            continue;
        }
        let null = if decided == Some(true) { f64::NEG_INFINITY } else { 0.0 };
        let highest = worth.iter().copied().fold(null, f64::max);
        let odds: Vec<f64> = worth.iter().map(|worth| ((worth - highest) / mu).exp()).collect();
        let total = odds.iter().sum::<f64>() + ((null - highest) / mu).exp();
        let span = &program.ladders[*ladder];
        let rungs = span.columns.len();
        for (at, block) in program.blocks[span.blocks.clone()].iter().enumerate() {
            let moments = &mut groups[block.group];
            if at == 0 {
                moments.value += highest + mu * total.ln();
            }
            let of = |measure: usize| {
                &program.values[block.values + measure * rungs..block.values + (measure + 1) * rungs]
            };
            let mean: Weights = std::array::from_fn(|measure| {
                of(measure).iter().zip(&odds).map(|(value, odds)| value * odds).sum::<f64>() / total
            });
            let mut pair = 0;
            for a in 0..MEASURES {
                moments.first[a] += mean[a];
                for b in a..MEASURES {
                    let square =
                        of(a).iter().zip(of(b)).zip(&odds).map(|((a, b), odds)| a * b * odds).sum::<f64>()
                            / total;
                    moments.second[pair] += (square - mean[a] * mean[b]) / mu;
                    pair += 1;
                }
            }
        }
    }
}

/// The damped Newton step in the variables that are not held; zero in the others.
fn newton(point: &Point, held: &[bool], damping: f64) -> Vec<f64> {
    let free: Vec<usize> = (0..held.len()).filter(|at| !held[*at]).collect();
    let n = free.len();
    let largest = free.iter().map(|at| point.hessian[[*at, *at]]).fold(0.0, f64::max);
    let mut step = vec![0.0; held.len()];
    // Rows are scaled to a unit diagonal; a row that nothing responds to gets a diagonal of its own.
    let scale: Vec<f64> = free
        .iter()
        .map(|at| 1.0 / point.hessian[[*at, *at]].max(1e-12 * largest).max(f64::MIN_POSITIVE).sqrt())
        .collect();
    let mut matrix = Array2::from_shape_fn((n, n), |(i, j)| {
        point.hessian[[free[i], free[j]]] * scale[i] * scale[j] + if i == j { damping } else { 0.0 }
    });
    if !cholesky(&mut matrix) {
        return step;
    }
    let mut right: Vec<f64> = (0..n).map(|i| -point.gradient[free[i]] * scale[i]).collect();
    solve(&matrix, &mut right);
    for (i, at) in free.iter().enumerate() {
        step[*at] = right[i] * scale[i];
    }
    step
}

/// Cholesky factor in the lower triangle, in place; false when the matrix is not positive definite.
fn cholesky(matrix: &mut Array2<f64>) -> bool {
    for i in 0..matrix.nrows() {
        for j in 0..=i {
            let sum = matrix[[i, j]] - matrix.slice(s![i, ..j]).dot(&matrix.slice(s![j, ..j]));
            if i != j {
                matrix[[i, j]] = sum / matrix[[j, j]];
            } else if sum > 0.0 && sum.is_finite() {
                matrix[[i, i]] = sum.sqrt();
            } else {
                return false;
            }
        }
    }
    true
}

/// Solves with a Cholesky factor, in place.
fn solve(factor: &Array2<f64>, right: &mut [f64]) {
    let n = right.len();
    for i in 0..n {
        let sum: f64 = (0..i).map(|j| factor[[i, j]] * right[j]).sum();
        right[i] = (right[i] - sum) / factor[[i, i]];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|j| factor[[j, i]] * right[j]).sum();
        right[i] = (right[i] - sum) / factor[[i, i]];
    }
}
