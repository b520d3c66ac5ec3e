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
mod lanes;
mod polish;
mod prices;
mod residual;
mod special;
mod system;
mod view;

use std::time::Instant;

use super::reference::Clarabel;
use super::{Decided, Limits, Solution, Solver, Status, certify};
use crate::program::{MEASURES, Program};
use view::View;

/// The structured solver.
pub struct Structured;

/// Smoothing at which the prices of ten thousand ladders are handed to the polish, relative to the
/// ladders' scales. With more ladders more of them lie within the smoothing of a tie, so it falls in
/// proportion: what is undecided stays as many.
const LAST: f64 = 1e-3;
const LADDERS: f64 = 1e4;
/// Columns below which the general solver is as fast.
const SMALL: usize = 5_000;
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
        if program.columns.count() < SMALL || program.objective == [0.0; MEASURES] || limits.reached() {
            return Clarabel.solve(program, decided, start, limits);
        }
        match attempt(program, decided, start, limits) {
            Some(solution) => Ok(solution),
            // Infeasible, or harder than prices can tell, or stopped: the general solver finds out which.
            None => Clarabel.solve(program, decided, start, limits),
        }
    }
}

/// An optimal point and its proof, unless prices cannot tell.
fn attempt(
    program: &Program,
    decided: &Decided,
    start: Option<&[f64]>,
    limits: &Limits<'_>,
) -> Option<Solution> {
    let started = Instant::now();
    let seconds = || started.elapsed().as_secs_f64();
    let view = View::new(program, decided);
    tracing::debug!(
        seconds = seconds(),
        tiles = program.columns.tiles.len(),
        special = view.special.len(),
        "view"
    );
    let mut passes = 0.0;
    let last = LAST * (LADDERS / program.columns.ladders.len() as f64).min(1.0);
    let (mut y, first) = match start {
        Some(prices) => (view.variables(prices), last * 16.0),
        None => (vec![0.0; view.sides.len()], prices::FIRST),
    };
    prices::find(&view, &mut y, first, last, limits, &mut passes);
    tracing::debug!(passes, seconds = seconds(), "prices");
    let polished = polish::polish(&view, &mut y, last, limits)?;
    tracing::debug!(seconds = seconds(), "polished");
    let certificate = certify(program, &polished.x, &polished.prices, decided);
    tracing::debug!(
        seconds = seconds(),
        gap = certificate.gap,
        violation = certificate.violation,
        "certified"
    );
    (certificate.gap.abs().max(certificate.violation) <= GOOD).then(|| Solution {
        status: Status::Optimal,
        x: polished.x,
        prices: polished.prices,
        iterations: (passes + polished.passes as f64).ceil() as u64,
        seconds: seconds(),
    })
}
