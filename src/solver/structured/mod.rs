//! The structured solver: a few prices decide millions of columns.
//!
//! Very many ladders each touch few rows, and few rows bind everything together. For given row prices
//! every ladder decides by itself, so the work is a stream over the columns ([`dual`]), a Newton method in
//! the prices alone ([`prices`]), and an exact finish on the few ladders that the prices leave undecided
//! ([`polish`]). Rows are never stored per column ([`storage`]).

mod dual;
mod polish;
mod prices;
mod residual;
mod storage;

use std::time::Instant;

use super::reference::Clarabel;
use super::{Decided, Limits, Solution, Solver, Status, certify};
use crate::program::{MEASURES, Program};

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

    fn solve(&self, program: &Program, decided: &Decided, limits: &Limits<'_>) -> Result<Solution, String> {
        // Where there is little to gain, where nothing but broken rows has a price, and once it is time to
        // stop, the general solver answers.
        let soft = program.rows.iter().any(|row| row.penalty.is_some());
        if program.columns() < SMALL || soft || program.objective == [0.0; MEASURES] || limits.reached() {
            return Clarabel.solve(program, decided, limits);
        }
        let started = Instant::now();
        let storage = storage::Storage::new(program, decided);
        let sides = prices::sides(program);
        let mut y = vec![0.0; sides.len()];
        let mut passes = 0.0;
        let last = LAST * (LADDERS / program.ladders.len() as f64).min(1.0);
        prices::find(&storage, &sides, &mut y, None, last, limits, &mut passes);
        tracing::debug!(
            passes,
            seconds = started.elapsed().as_secs_f64(),
            tiles = storage.tiles.len(),
            "prices"
        );
        let polished = polish::polish(program, decided, &sides, &mut y, last, limits);
        let solution = polished.map(|polished| Solution {
            status: Status::Optimal,
            x: polished.x,
            prices: polished.prices,
            iterations: passes.ceil() as u64 + polished.rounds as u64,
            seconds: started.elapsed().as_secs_f64(),
        });
        let proven = |solution: &Solution| {
            let certificate = certify(program, &solution.x, &solution.prices, decided);
            certificate.gap.abs().max(certificate.violation) <= GOOD
        };
        match solution.filter(proven) {
            Some(solution) => Ok(solution),
            // Infeasible, or harder than prices can tell, or stopped: the general solver finds out which.
            None => Clarabel.solve(program, decided, limits),
        }
    }
}
