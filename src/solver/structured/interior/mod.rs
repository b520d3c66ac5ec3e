//! A primal-dual interior-point method (Mehrotra) for the [residual program](super::residual).
//!
//! All slacks of the duals follow from the prices y and the ladders' values z, so dual feasibility holds
//! throughout, as does Σ x + idle = 1; only the rows are met at the end. With θ = variable ÷ slack, D the
//! sum of θ over a ladder and its idling, and p = θ ÷ D, eliminating everything but the rows' prices
//! leaves
//!
//! ```text
//! (Σ_ladders D · Cov_p(a) + diag(θ_over + θ_under)) · dλ = right
//! ```
//!
//! a covariance, like the Hessian of the smoothed dual, and gathered by group in the same way.

mod flow;
mod newton;
mod start;
mod state;

use super::residual::Residual;
use super::system::System;
use super::view::View;
use crate::solver::Limits;
use newton::Newton;
use start::start;
use state::State;

/// Where the method ended.
pub struct Point {
    /// Shares by column.
    pub x: Vec<f64>,
    /// The sides' variables.
    pub y: Vec<f64>,
    /// By how much each side is broken.
    pub over: Vec<f64>,
    /// By how much each side is slack.
    pub under: Vec<f64>,
    /// Iterations.
    pub iterations: usize,
    /// Whether it is nowhere near done.
    pub stalled: bool,
}

impl Point {
    fn of(state: &State, iterations: usize, stalled: bool) -> Self {
        let State { columns, over, under, y, .. } = state;
        let (x, over, under) = (columns.value.clone(), over.value.clone(), under.value.clone());
        Point { x, y: y.clone(), over, under, iterations, stalled }
    }
}

/// Iterations at most.
const MOST: usize = 80;
/// How many times its tolerances a point may be from done before it has stalled.
const STALLED: f64 = 1e4;
/// Violation, relative to a row's activity, that counts as none.
const MET: f64 = 1e-11;
/// How near to the border a step may go.
const NEAR: f64 = 0.9995;
/// A step below this is looked at twice.
const SHORT: f64 = 0.1;

/// Solves the residual program from the sides' variables `y`, until no more than `tolerance` is left
/// between its value and its bound. Nothing when numbers fail.
pub fn solve(
    view: &View<'_>,
    residual: &Residual,
    y: &[f64],
    tolerance: f64,
    limits: &Limits<'_>,
) -> Option<Point> {
    let mut state = start(view, residual, y, tolerance);
    let mut system = System::new(&view.pattern);
    let count = state.count() as f64;
    let mut best: Option<(f64, Point)> = None;
    for iteration in 0..MOST {
        let missing = flow::missing(view, residual, &state);
        let product = state.product();
        let worst = missing
            .iter()
            .zip(&residual.size)
            .map(|(missing, size)| missing.abs() / size)
            .fold(0.0, f64::max);
        tracing::trace!(iteration, product, worst, "interior");
        // How far it is from done: both within their tolerances at 1.
        let far = (product / tolerance).max(worst / MET);
        if far.is_finite() && best.as_ref().is_none_or(|(least, _)| far < *least) {
            best = Some((far, Point::of(&state, iteration, far > STALLED)));
        }
        let least = best.as_ref().map_or(f64::INFINITY, |(least, _)| *least);
        // Once rounding takes over, what was best stays so.
        if least <= 1.0 || far > 1e6 * least || !far.is_finite() || limits.reached() {
            break;
        }
        let Some(newton) = Newton::new(view, residual, &state, &mut system) else { break };
        // What is asked of every product: nothing first, then a share of the mean and the second order.
        let ahead = newton.direction(&state, &missing, |value, slack, _, _| -value * slack, None);
        let (primal, dual) = state.steps(&ahead);
        let (primal, dual) = (primal.min(1.0), dual.min(1.0));
        let gone = primal * dual;
        let after: f64 = state
            .kinds()
            .iter()
            .zip(ahead.kinds())
            .map(|(pairs, moves)| {
                let values = pairs.value.iter().zip(&moves.value).map(|(at, step)| at + primal * step);
                let slacks = pairs.slack.iter().zip(&moves.slack).map(|(at, step)| at + dual * step);
                values.zip(slacks).map(|(value, slack)| value * slack).sum::<f64>()
            })
            .sum();
        // Not far below what is asked: the rows must be met as well.
        let centre = (after / product).clamp(0.0, 1.0).powi(3) * product / count;
        let centre = centre.max(0.1 * tolerance / count);
        let towards = |share: f64| {
            let target =
                |value: f64, slack: f64, moved: f64, bent: f64| centre - value * slack - share * moved * bent;
            let direction = newton.direction(&state, &missing, target, Some(&ahead));
            let steps = state.steps(&direction);
            (direction, steps)
        };
        let (mut direction, (mut primal, mut dual)) = towards(1.0);
        if primal.min(dual) < SHORT {
            // What could not be gone whole ahead foretells only so much of the second order.
            let other = towards(gone);
            if other.1.0.min(other.1.1) > primal.min(dual) {
                (direction, (primal, dual)) = other;
            }
        }
        state.move_by(&direction, ((NEAR * primal).min(1.0), (NEAR * dual).min(1.0)));
    }
    best.map(|(_, point)| point)
}
