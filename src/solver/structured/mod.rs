//! The structured solver: a few prices decide millions of columns.
//!
//! Very many ladders each touch few rows, and few rows bind everything together. For given row prices
//! every ladder decides by itself, so the work is a stream over the columns ([`dual`]), a Newton method in
//! the prices alone ([`prices`]), and an exact finish on the few ladders that the prices leave undecided
//! ([`polish`]). Rows are never stored per column ([`storage`]).

mod dual;
mod polish;
mod prices;
mod storage;

use std::time::Instant;

use super::{Decided, Limits, Solution, Solver, Status};
use crate::program::Program;

/// The structured solver.
pub struct Structured;

/// Smoothing at which the prices are handed to the polish, relative to the ladders' scales.
const LAST: f64 = 1e-3;

impl Solver for Structured {
    fn name(&self) -> &'static str {
        "structured"
    }

    fn solve(&self, program: &Program, decided: &Decided, limits: &Limits<'_>) -> Result<Solution, String> {
        let started = Instant::now();
        let storage = storage::Storage::new(program, decided);
        let sides = prices::sides(program);
        let mut y = vec![0.0; sides.len()];
        let mut passes = 0.0;
        prices::find(&storage, &sides, &mut y, None, LAST, limits, &mut passes);
        tracing::debug!(
            passes,
            seconds = started.elapsed().as_secs_f64(),
            tiles = storage.tiles.len(),
            "prices"
        );
        let polished =
            polish::polish(program, decided, &sides, &mut y, limits).ok_or("the residual program failed")?;
        if !polished.proven {
            return Err(format!("no proof after {} rounds", polished.rounds));
        }
        Ok(Solution {
            status: Status::Optimal,
            x: polished.x,
            prices: polished.prices,
            iterations: passes.ceil() as u64 + polished.rounds as u64,
            seconds: started.elapsed().as_secs_f64(),
        })
    }
}
