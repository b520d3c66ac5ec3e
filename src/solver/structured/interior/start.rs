//! Where the [interior-point method](super) begins.

use super::flow::{activity, worth};
use super::state::{Pairs, State};
use crate::solver::structured::residual::{Open, Residual};
use crate::solver::structured::view::View;

/// How many times the mean product may be that of a ladder's columns, and how far these are raised at most.
const UNEVEN: f64 = 3.0;
const RAISED: f64 = 100.0;

/// A point that meets all equations: at prices near `y` every ladder is centred, its shares solving
/// `x · slack = μ`, `Σ x + idle = 1`, and what that leaves of a side's bound is its slack or its breach.
pub fn start(view: &View<'_>, residual: &Residual, y: &[f64], tolerance: f64) -> State {
    let within = |at: usize, y: f64| {
        let width = residual.high[at] - residual.low[at];
        let margin = (0.1 * width).min(0.01 * (y.abs() + view.natural[view.sides[at].row]));
        y.clamp(residual.low[at] + margin, residual.high[at] - margin)
    };
    // A side without a price begins with a small one.
    let idle = |at: usize| y[at] <= 0.0 && view.sides[at].least == 0.0;
    let mut y: Vec<f64> =
        (0..y.len()).map(|at| if idle(at) { 1e-3 * within(at, 0.0) } else { within(at, y[at]) }).collect();
    let first = worth(view, residual, &y);
    let count = (residual.gains.len() + residual.open.len() + 2 * y.len()).max(1) as f64;
    let mu = (0.3 * typical(residual, &first)).max(tolerance / count);
    let (columns, _) = centre(residual, &first, mu);
    for (at, left) in left(view, residual, &columns).into_iter().enumerate() {
        if idle(at) && left > 0.0 {
            y[at] = (mu / left).min(within(at, 0.0));
        }
    }
    // The price of what nothing uses stands where breach and slack are alike.
    for side in &residual.unused {
        y[*side] = 0.5 * (residual.low[*side] + residual.high[*side]);
    }
    let worth = worth(view, residual, &y);
    let state = at(view, residual, &y, &worth, mu);
    // Sides far from their place would take many short steps: from nearer the middle the way is shorter.
    let mean = state.product() / count;
    if mean > UNEVEN * mu { at(view, residual, &y, &worth, mean.min(RAISED * mu)) } else { state }
}

/// The state at prices `y`, where ladders have this `worth`, with products near μ.
fn at(view: &View<'_>, residual: &Residual, y: &[f64], worth: &[f64], mu: f64) -> State {
    let (columns, idle) = centre(residual, worth, mu);
    let mut over = Pairs { value: Vec::new(), slack: Vec::new() };
    let mut under = Pairs { value: Vec::new(), slack: Vec::new() };
    for (at, left) in left(view, residual, &columns).into_iter().enumerate() {
        let (dear, cheap) = (residual.high[at] - y[at], y[at] - residual.low[at]);
        let (breach, slack) = match left > 0.0 {
            true => (mu / dear, left + mu / dear),
            false => (mu / cheap - left, mu / cheap),
        };
        over.value.push(breach);
        over.slack.push(dear);
        under.value.push(slack);
        under.slack.push(cheap);
    }
    State { columns, idle, over, under, y: y.to_vec() }
}

/// By side, what the columns leave of its bound.
fn left(view: &View<'_>, residual: &Residual, columns: &Pairs) -> Vec<f64> {
    let activity = activity(view, residual, &columns.value);
    let sides = view.sides.iter().zip(&residual.bounds);
    sides.map(|(side, bound)| bound - side.sign * activity[side.row]).collect()
}

/// What typically separates a ladder's rungs.
fn typical(residual: &Residual, worth: &[f64]) -> f64 {
    let apart = |open: &Open| {
        let of = &worth[open.first..open.first + open.rungs.len()];
        let high = of.iter().copied().fold(0.0, f64::max);
        let gaps = of.iter().map(|worth| high - worth).chain([high]).filter(|apart| *apart > 0.0);
        gaps.fold(f64::INFINITY, f64::min)
    };
    let mut apart: Vec<f64> = residual.open.iter().map(apart).filter(|apart| apart.is_finite()).collect();
    let middle = apart.len() / 2;
    match apart.is_empty() {
        true => 0.0,
        false => *apart.select_nth_unstable_by(middle, f64::total_cmp).1,
    }
}

/// Columns and idling of every ladder with `x · slack = μ` and `Σ x + idle = 1`.
fn centre(residual: &Residual, worth: &[f64], mu: f64) -> (Pairs, Pairs) {
    let mut columns =
        Pairs { value: Vec::with_capacity(worth.len()), slack: Vec::with_capacity(worth.len()) };
    let mut idle = Pairs { value: Vec::new(), slack: Vec::new() };
    for open in &residual.open {
        let of = &worth[open.first..open.first + open.rungs.len()];
        // Σ μ ÷ (z − w) = 1 by Newton's method from the left, where it never overshoots.
        let mut z = of.iter().copied().fold(0.0, f64::max) + mu;
        for _ in 0..30 {
            let inverse = of.iter().map(|worth| 1.0 / (z - worth)).chain([1.0 / z]);
            let (sum, squares) = inverse.fold((0.0, 0.0), |(sum, squares), of| (sum + of, squares + of * of));
            let step = (mu * sum - 1.0) / (mu * squares);
            z += step;
            if step <= 1e-12 * z {
                break;
            }
        }
        let total: f64 = of.iter().map(|worth| mu / (z - worth)).sum::<f64>() + mu / z;
        columns.value.extend(of.iter().map(|worth| mu / (z - worth) / total));
        columns.slack.extend(of.iter().map(|worth| z - worth));
        idle.value.push(mu / z / total);
        idle.slack.push(z);
    }
    (columns, idle)
}
