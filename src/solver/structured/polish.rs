//! From near-optimal prices to an exact optimum: fix the clear winners, solve the rest.
//!
//! At prices λ nearly every ladder has a clear best rung. Those are fixed there. The few with the smallest
//! margin between their best and their second best form a residual program with all rows, whose bounds
//! are less what is fixed. Its duals are boxed in `λ ± β`, or thousands of fixed ladders would want to
//! move: a side with variable y may be broken at the price y + β, and leaving it slack costs y − β,
//! so that
//!
//! ```text
//! maximise  Σ gains x + Σ_sides (y − β)⁺ t − (y + β) s      a·x ∓ s ± t = bound,  s, t ≥ 0
//! ```
//!
//! Its own duals are the next λ. All ladders are priced with them in 64 bits: the dual value is an upper
//! bound, the fixed and residual parts together are a point. When the two agree and no bound is broken,
//! both are proven; otherwise the ladders that would rather move join the residual, boxes that bind are
//! widened, and it is solved again.

use rayon::prelude::*;

use super::super::certify::Sum;
use super::super::{Decided, Limits};
use super::prices::{Side, of_rows};
use super::residual;
use crate::program::{Program, Weights};

/// Relative gap at which a point counts as optimal.
const GAP: f64 = 1e-9;
/// Violation, relative to a row's activity, at which a row counts as met.
const BROKEN: f64 = 1e-7;
/// Rounds at most.
const ROUNDS: usize = 6;

/// An exact point and its prices.
pub struct Polished {
    /// Share of each column.
    pub x: Vec<f64>,
    /// Price of each row.
    pub prices: Vec<f64>,
    /// Rounds taken.
    pub rounds: usize,
}

/// A ladder at given prices.
#[derive(Debug, Clone, Copy)]
struct Pick {
    /// Best rung; `NONE` = not running.
    best: u32,
    /// Best value less second best, relative to the ladder's scale.
    margin: f32,
}

const NONE: u32 = u32::MAX;

/// Polishes prices `y` of the sides.
pub fn polish(
    program: &Program,
    decided: &Decided,
    sides: &[Side],
    y: &mut [f64],
    smoothing: f64,
    limits: &Limits<'_>,
) -> Option<Polished> {
    let rows = program.rows.len();
    let mut size = 4 * rows + 300;
    let mut keep: Vec<usize> = Vec::new();
    // Prices are as good as their smoothing: so wide is the box.
    let mut widen = vec![50.0 * smoothing; sides.len()];
    let mut best: Option<Polished> = None;
    for round in 1..=ROUNDS {
        let prices = of_rows(sides, y, rows);
        let (picks, _) = price(program, &prices, decided);
        let mut open = smallest_margins(&picks, size);
        open.extend_from_slice(&keep);
        // Ladders that weigh much by themselves cannot be judged by their margin.
        open.extend((0..program.ladders.len()).filter(|ladder| program.ladders[*ladder].blocks.len() > 1));
        open.sort_unstable();
        open.dedup();
        let whole = open.len() == program.ladders.len();
        let (gains, activity) = fixed(program, &picks, &open);
        let residual = residual::solve(program, decided, sides, y, &widen, &open, &activity, whole)?;
        y.copy_from_slice(&residual.y);
        let prices = of_rows(sides, y, rows);
        let (picks_after, bound) = price(program, &prices, decided);
        let bound = bound
            + program.constant
            + sides.iter().zip(y.iter()).map(|(side, y)| side.sign * side.bound * y).sum::<f64>();
        let value = program.constant + gains + residual.gains;
        let broken = residual.broken > BROKEN;
        let gap = (bound - value) / bound.abs().max(1.0);
        tracing::debug!(
            round,
            open = open.len(),
            gap,
            broken = residual.broken,
            boxed = residual.boxed.len(),
            "polish"
        );
        let mut x = vec![0.0; program.columns()];
        let mut is_open = vec![false; program.ladders.len()];
        open.iter().for_each(|ladder| is_open[*ladder] = true);
        for (ladder, pick) in
            picks.iter().enumerate().filter(|(ladder, pick)| !is_open[*ladder] && pick.best != NONE)
        {
            x[program.ladders[ladder].columns.start + pick.best as usize] = 1.0;
        }
        keep.clear();
        for (ladder, shares) in open.iter().zip(&residual.x) {
            x[program.ladders[*ladder].columns.clone()].copy_from_slice(shares);
            if shares.iter().any(|share| *share > 1e-7 && *share < 1.0 - 1e-7) {
                keep.push(*ladder);
            }
        }
        let proven = !broken && gap.abs() <= GAP;
        best = Some(Polished { x, prices, rounds: round });
        if proven || (whole && residual.boxed.is_empty()) || limits.reached() {
            return best;
        }
        // Ladders that were fixed and would now rather be elsewhere.
        keep.extend(
            (0..picks.len())
                .filter(|ladder| !is_open[*ladder] && picks[*ladder].best != picks_after[*ladder].best),
        );
        if keep.len() > 8 * size {
            keep.truncate(8 * size);
        }
        for side in residual.boxed {
            widen[side] *= 10.0;
        }
        size = (size * 3 / 2).min(program.ladders.len());
    }
    best
}

/// Every ladder's best at prices, and Σ of the best values.
fn price(program: &Program, prices: &[f64], decided: &Decided) -> (Vec<Pick>, f64) {
    const RUN: usize = 4096;
    let priced = program.priced(prices);
    let runs: Vec<(Vec<Pick>, f64)> = (0..program.ladders.len().div_ceil(RUN))
        .into_par_iter()
        .map(|run| {
            let ladders = run * RUN..((run + 1) * RUN).min(program.ladders.len());
            let mut total = Sum::default();
            let mut worth = Vec::new();
            let picks = ladders
                .map(|ladder| pick(program, ladder, &priced, decided, &mut worth, &mut total))
                .collect();
            (picks, total.get())
        })
        .collect();
    let mut total = Sum::default();
    runs.iter().for_each(|(_, part)| total.add(*part));
    (runs.into_iter().flat_map(|(picks, _)| picks).collect(), total.get())
}

fn pick(
    program: &Program,
    ladder: usize,
    priced: &[Weights],
    decided: &Decided,
    worth: &mut Vec<f64>,
    total: &mut Sum,
) -> Pick {
    let span = &program.ladders[ladder];
    let rungs = span.columns.len();
    worth.clear();
    worth.resize(rungs, 0.0);
    let mut scale = 1e-9f64;
    for block in &program.blocks[span.blocks.clone()] {
        for (measure, weight) in priced[block.group].iter().enumerate() {
            let values =
                &program.values[block.values + measure * rungs..block.values + (measure + 1) * rungs];
            for (worth, value) in worth.iter_mut().zip(values) {
                *worth += weight * value;
            }
            if program.objective[measure] != 0.0 {
                scale = values
                    .iter()
                    .fold(scale, |most, value| most.max((value * program.objective[measure]).abs()));
            }
        }
    }
    let decided = decided.get(ladder).copied().flatten();
    if decided == Some(false) {
        return Pick { best: NONE, margin: f32::INFINITY };
    }
    let (mut best, mut first, mut second) = match decided {
        Some(_) => (0, worth[0], f64::NEG_INFINITY),
        None => (NONE, 0.0, f64::NEG_INFINITY),
    };
    for (rung, worth) in worth.iter().enumerate().skip(usize::from(decided.is_some())) {
        if *worth > first {
            (best, second, first) = (rung as u32, first, *worth);
        } else if *worth > second {
            second = *worth;
        }
    }
    total.add(first);
    Pick { best, margin: ((first - second) / scale) as f32 }
}

fn smallest_margins(picks: &[Pick], size: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..picks.len()).collect();
    if size < order.len() {
        order.select_nth_unstable_by(size, |a, b| {
            picks[*a].margin.total_cmp(&picks[*b].margin).then(a.cmp(b))
        });
        order.truncate(size);
    }
    order
}

/// Gains of the ladders that are fixed at their best, and per row their activity and about Σ|a·x|.
fn fixed(program: &Program, picks: &[Pick], open: &[usize]) -> (f64, Vec<(f64, f64)>) {
    let mut sums = vec![[Sum::default(); crate::program::MEASURES]; program.groups.len()];
    let mut is_open = vec![false; picks.len()];
    open.iter().for_each(|ladder| is_open[*ladder] = true);
    for (ladder, pick) in picks.iter().enumerate() {
        if pick.best == NONE || is_open[ladder] {
            continue;
        }
        let span = &program.ladders[ladder];
        let rungs = span.columns.len();
        for block in &program.blocks[span.blocks.clone()] {
            for (measure, sum) in sums[block.group].iter_mut().enumerate() {
                sum.add(program.values[block.values + measure * rungs + pick.best as usize]);
            }
        }
    }
    let mut gains = Sum::default();
    let mut activity = vec![(Sum::default(), 0.0); program.rows.len()];
    for (terms, sums) in program.groups.iter().zip(&sums) {
        for (measure, sum) in sums.iter().enumerate() {
            gains.add(program.objective[measure] * sum.get());
            for term in terms {
                let used = term.weights[measure] * sum.get();
                activity[term.row].0.add(used);
                activity[term.row].1 += used.abs();
            }
        }
    }
    (gains.get(), activity.into_iter().map(|(sum, absolute)| (sum.get(), absolute)).collect())
}
