//! Prices of the rows: projected Newton on the smoothed dual, the smoothing falling in stages.
//!
//! A row with two bounds has two dual variables, each ≥ 0 and at most the row's penalty; the row's price
//! is their difference. At each step the variables that lie on a bound and want to go further are held,
//! a Newton system in the others is solved, and the step is clipped into the bounds. A step that does
//! not lower the dual is damped more; once the decrease that is promised falls under the noise of 32-bit
//! sums the full step is taken and the stage left, because searching there only wastes passes.

use super::super::Limits;
use super::dual::{Moments, pass};
use super::system::System;
use super::view::{Side, View};
use crate::program::MEASURES;

/// First smoothing, relative to the ladders' scales, and the factor from stage to stage.
pub const FIRST: f64 = 0.25;
const FACTOR: f64 = 0.25;
/// Damping of the first step, relative to the diagonal.
const FIRST_DAMPING: f64 = 0.1;
/// The least.
const LEAST_DAMPING: f64 = 1e-8;
/// Damping at which a stage is given up.
const MOST_DAMPING: f64 = 1e8;
/// Newton steps of a stage at most.
const STEPS: usize = 12;
/// Returns to a coarser smoothing at most.
const RETURNS: usize = 3;
/// Times that scales are taken anew at most.
const RESCALED: usize = 4;
/// Tiles of the sample that the early stages read.
const SAMPLE: usize = 512;

/// The smoothed dual at a point.
struct Point<'a> {
    value: f64,
    /// By side.
    gradient: Vec<f64>,
    /// Second derivatives by row.
    system: System<'a>,
}

/// How a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Where another step gains little.
    Settled,
    /// Out of steps.
    Unsettled,
    /// Where the dual is below anything that a point could have.
    Below,
}

/// Finds prices for smoothing from `first` down to `last`, starting from the sides' variables `y`; counts
/// passes over all columns. Ends early where the dual is below anything that a point could have.
pub fn find(
    view: &mut View<'_>,
    y: &mut [f64],
    first: f64,
    last: f64,
    limits: &Limits<'_>,
    passes: &mut f64,
) {
    let tiles = view.program.columns.tiles.len() as f64;
    let mut smoothing = first.max(last);
    let mut damping = FIRST_DAMPING;
    let (mut returns, mut rescaled) = (0, 0);
    let prices = view.prices(y);
    if prices.iter().any(|price| *price != 0.0) && view.outgrown(&prices) {
        view.measure(&prices);
    }
    loop {
        // The coarser the smoothing, the smaller the sample that is good enough for it.
        let wanted = SAMPLE as f64 * (FIRST / smoothing).sqrt().max(1.0);
        let stride = if smoothing <= last { 1 } else { (tiles / wanted).max(1.0) as usize };
        let end = stage(view, y, smoothing, stride, &mut damping, limits, passes);
        if end == End::Below || limits.reached() {
            return;
        }
        let prices = view.prices(y);
        if rescaled < RESCALED && view.outgrown(&prices) {
            // Other units: with them from coarse to fine again.
            rescaled += 1;
            view.measure(&prices);
            (smoothing, damping) = (FIRST, FIRST_DAMPING);
        } else if end == End::Unsettled && smoothing < FIRST && returns < RETURNS {
            // Too far to go in so little light: back to a coarser smoothing.
            returns += 1;
            smoothing = (smoothing / FACTOR.powi(3)).min(FIRST);
            damping = FIRST_DAMPING;
        } else if smoothing <= last {
            return;
        } else {
            smoothing = (smoothing * FACTOR).max(last);
        }
    }
}

/// Newton steps at one smoothing.
fn stage(
    view: &View<'_>,
    y: &mut [f64],
    smoothing: f64,
    stride: usize,
    damping: &mut f64,
    limits: &Limits<'_>,
    passes: &mut f64,
) -> End {
    // What a stage before was given up for is forgotten.
    *damping = damping.min(FIRST_DAMPING);
    let mut point = evaluate(view, y, smoothing, stride);
    *passes += 1.0 / stride as f64;
    for _ in 0..STEPS {
        if stride == 1 && point.value < view.floor {
            return End::Below;
        }
        let noise = 1e-8 * point.value.abs();
        // A step that does not lower the dual is damped more: rows that are sums of other rows make the
        // Hessian singular, and only damping keeps the step along them in bounds.
        let next = loop {
            if limits.reached() {
                return End::Settled;
            }
            let Some(next) = newton(view, &point, y, *damping) else { return End::Settled };
            let moved = next.iter().zip(y.iter()).zip(&point.gradient);
            let promised: f64 = -moved.map(|((next, y), slope)| (next - y) * slope).sum::<f64>();
            if promised.abs() <= noise {
                y.copy_from_slice(&next);
                return End::Settled;
            }
            if promised < 0.0 {
                // Clipping has turned a step that leads down into one that leads up; a short one cannot.
                *damping *= 16.0;
                if *damping > MOST_DAMPING {
                    return End::Settled;
                }
                continue;
            }
            let at = evaluate(view, &next, smoothing, stride);
            *passes += 1.0 / stride as f64;
            tracing::trace!(
                smoothing,
                stride,
                damping,
                promised,
                noise,
                change = point.value - at.value,
                "step"
            );
            if at.value <= point.value - 0.05 * promised + noise {
                // The better the model foretold the change, the further it is trusted.
                let foretold = (point.value - at.value) / promised;
                *damping = (*damping / if foretold > 0.4 { 16.0 } else { 2.0 }).max(LEAST_DAMPING);
                y.copy_from_slice(&next);
                break Some((at, promised));
            }
            *damping *= 16.0;
            if *damping > MOST_DAMPING {
                break None;
            }
        };
        let Some((at, promised)) = next else { return End::Settled };
        point = at;
        if promised <= 0.01 * smoothing * point.value.abs() {
            return End::Settled;
        }
    }
    End::Unsettled
}

fn evaluate<'a>(view: &'a View<'_>, y: &[f64], smoothing: f64, stride: usize) -> Point<'a> {
    let prices = view.prices(y);
    let moments = pass(&view.program.columns, &view.scales, &view.weights(&prices), smoothing, stride);
    let mut system = System::new(&view.pattern);
    system.add_moments(&moments);
    let mut activity = vec![0.0; view.program.rows.len()];
    let (slots, width) = (moments.slots, Moments::width(moments.slots));
    view.pattern.activity(
        |group| {
            let first = &moments.of[group * width + 1..group * width + 1 + slots];
            let sums = std::array::from_fn(|slot| first.get(slot).copied().unwrap_or(0.0));
            (sums != [0.0; MEASURES]).then_some(sums)
        },
        &mut activity,
    );
    let mut value = view.offset(y) + moments.of.iter().step_by(width).sum::<f64>();
    for special in &view.special {
        value += special.smoothed(&prices, smoothing, &mut system, &mut activity);
    }
    let gradient = view.sides.iter().map(|side| side.sign * (side.bound - activity[side.row])).collect();
    Point { value, gradient, system }
}

/// The sides' variables after a damped Newton step, clipped into their bounds.
fn newton(view: &View<'_>, point: &Point<'_>, y: &[f64], damping: f64) -> Option<Vec<f64>> {
    let rows = view.program.rows.len();
    let held: Vec<bool> = y
        .iter()
        .zip(&point.gradient)
        .zip(&view.sides)
        .map(|((y, slope), side)| (*y <= side.least && *slope > 0.0) || (*y >= side.cap && *slope < 0.0))
        .collect();
    let (mut extra, mut right) = (vec![f64::INFINITY; rows], vec![0.0; rows]);
    for ((side, slope), _) in view.sides.iter().zip(&point.gradient).zip(&held).filter(|(_, held)| !**held) {
        // A row that hardly anything responds to now has at least a tenth of its natural curvature.
        let natural = view.reach[side.row] / view.natural[side.row];
        let curved = point.system.diagonal(side.row).max(0.1 * natural);
        extra[side.row] = (damping * curved + 1e-10 * natural).max(f64::MIN_POSITIVE);
        right[side.row] = -side.sign * slope;
    }
    point.system.factor(&extra)?.solve(&mut right);
    let prices = view.prices(y);
    let mut sides_of = vec![0u8; rows];
    view.sides.iter().for_each(|side| sides_of[side.row] += 1);
    let step = |((y, side), held): ((&f64, &Side), &bool)| {
        if *held {
            return *y;
        }
        // Nothing moves further than ten times what its row is worth.
        let most = 10.0 * (y.abs() + view.natural[side.row]);
        let step = (side.sign * right[side.row]).clamp(-most, most);
        // Two sides of a row move as one: what one loses the other must not gain as well.
        let from = if sides_of[side.row] == 2 { side.sign * prices[side.row] } else { *y };
        (from + step).clamp(side.least, side.cap)
    };
    Some(y.iter().zip(&view.sides).zip(&held).map(step).collect())
}
