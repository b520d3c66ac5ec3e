//! The structured solver: a few prices decide millions of columns.
//!
//! Very many ladders each touch few rows, and few rows bind everything together. For given row prices
//! every ladder decides by itself, so the work is a stream over the columns ([`dual`]), a Newton method in
//! the prices alone ([`prices`], its matrix in [`system`]), and an exact finish on the few ladders that the
//! prices leave undecided ([`polish`]: all ladders priced in 64 bits by [`exact`], the rest stated by
//! [`residual`] and solved by [`interior`]). Rows are never stored per column.

mod dual;
mod exact;
mod interior;
pub(super) mod lanes;
mod polish;
mod prices;
mod residual;
mod special;
mod system;
mod view;

use std::time::Instant;

use super::reference::Clarabel;
use super::{Decided, Limits, Solution, Solver, Status, certify, conflict};
use crate::program::{MEASURES, Program, Row};
use polish::{Ending, Polished};
use view::View;

/// The structured solver; what it cannot prove goes to [`Clarabel`].
pub struct Structured;

/// The structured solver alone: what it cannot prove is an error.
pub struct Alone;

/// Smoothing at which the prices of ten thousand ladders are handed to the polish, relative to the
/// ladders' scales. With more ladders more of them lie within the smoothing of a tie, so it falls in
/// proportion: what is undecided stays as many.
const LAST: f64 = 1e-3;
const LADDERS: f64 = 1e4;
/// An answer whose certificate leaves no more than this open counts as proven.
const GOOD: f64 = 1e-7;

impl Solver for Structured {
    fn name(&self) -> &'static str {
        "structured"
    }

    fn solve(
        &self,
        program: &Program,
        decided: &Decided,
        start: Option<&[f64]>,
        limits: &Limits<'_>,
    ) -> Result<Solution, String> {
        Alone.solve(program, decided, start, limits).or_else(|reason| {
            tracing::debug!(reason, "the general solver takes over");
            Clarabel.solve(program, decided, start, limits)
        })
    }
}

impl Solver for Alone {
    fn name(&self) -> &'static str {
        "structured alone"
    }

    fn solve(
        &self,
        program: &Program,
        decided: &Decided,
        start: Option<&[f64]>,
        limits: &Limits<'_>,
    ) -> Result<Solution, String> {
        let started = Instant::now();
        if let Some(ladder) = program.columns.broken {
            return Err(format!("a value of ladder {ladder} is no finite number"));
        }
        // Rungs are counted in eight bits here; the tiles hold none of such length anyway.
        let longest = |ladder: &&u32| program.columns.ladders[**ladder as usize].columns.len();
        if let Some(ladder) =
            program.columns.special.iter().find(|ladder| longest(ladder) >= usize::from(exact::NONE))
        {
            return Err(format!("ladder {ladder} has more rungs than prices can count"));
        }
        let timed = |status: Status, x: Vec<f64>, prices: Vec<f64>, passes: f64| {
            let seconds = started.elapsed().as_secs_f64();
            Ok(Solution { status, x, prices, iterations: passes.ceil() as u64, seconds })
        };
        let nowhere = || vec![0.0; program.columns.count()];
        if limits.reached() {
            return timed(Status::Stopped, nowhere(), vec![0.0; program.rows.len()], 0.0);
        }
        let (mut passes, mut open) = (0.0, f64::INFINITY);
        match attempt(program, decided, start, limits, &mut passes) {
            Ending::Point(Polished { x, prices, .. }) => {
                let certificate = certify(program, &x, &prices, decided);
                open = certificate.gap.abs().max(certificate.violation);
                if open <= GOOD {
                    return timed(Status::Optimal, x, prices, passes);
                }
            }
            Ending::Contradiction(prices) if contradict(program, &prices, decided) => {
                return timed(Status::Infeasible, nowhere(), prices, passes);
            }
            Ending::Contradiction(_) | Ending::Lost => {}
        }
        if limits.reached() {
            return timed(Status::Stopped, nowhere(), vec![0.0; program.rows.len()], passes);
        }
        // Do the rows contradict each other? The prices at which breaking them least is dearest prove it.
        let least = conflict::least(program);
        if let Ending::Point(Polished { prices, .. }) = attempt(&least, decided, None, limits, &mut passes)
            && certify::dual_bound(&least, &prices, decided) < -GOOD
        {
            return timed(Status::Infeasible, nowhere(), prices, passes);
        }
        Err(format!("prices leave {open:e} open"))
    }
}

/// Whether prices prove that rows contradict each other: with no objective, their bound is below zero by
/// more than rounding.
fn contradict(program: &Program, prices: &[f64], decided: &Decided) -> bool {
    let mut nothing = program.clone();
    (nothing.objective, nothing.constant) = ([0.0; MEASURES], 0.0);
    let size = |(row, price): (&Row, &f64)| {
        let bound = if *price > 0.0 { row.upper } else { row.lower };
        if *price == 0.0 { 0.0 } else { (price * bound).abs() }
    };
    let size: f64 = program.rows.iter().zip(prices).map(size).sum();
    certify::dual_bound(&nothing, prices, decided) < -GOOD * size.max(f64::MIN_POSITIVE)
}

/// A point and its prices, optimal unless prices cannot tell; counts passes over all columns.
fn attempt(
    program: &Program,
    decided: &Decided,
    start: Option<&[f64]>,
    limits: &Limits<'_>,
    passes: &mut f64,
) -> Ending {
    let started = Instant::now();
    let mut view = View::new(program, decided);
    let view_seconds = started.elapsed().as_secs_f64();
    let last = LAST * (LADDERS / program.columns.ladders.len() as f64).min(1.0);
    let nothing = vec![0.0; view.sides.len()];
    let (mut y, mut first) = match start {
        Some(prices) => (view.variables(prices), last * 4.0),
        None => (nothing.clone(), prices::FIRST),
    };
    for last in [last, last / 4.0] {
        let before = started.elapsed().as_secs_f64();
        prices::find(&mut view, &mut y, first, last, limits, passes);
        let prices_seconds = started.elapsed().as_secs_f64() - before;
        let polished = polish::polish(&view, &mut y, last, limits);
        let polish_seconds = started.elapsed().as_secs_f64() - before - prices_seconds;
        tracing::debug!(passes, view_seconds, prices_seconds, polish_seconds, "attempt");
        match polished {
            Ending::Point(polished) => {
                *passes += polished.passes as f64;
                return Ending::Point(polished);
            }
            Ending::Lost if !limits.reached() => {}
            ending => return ending,
        }
        // Too coarse, or from too far away: from the beginning, and finer.
        (y, first) = (nothing.clone(), prices::FIRST);
    }
    Ending::Lost
}
