//! Solving a [`Program`]: one trait, any number of solvers, and a certificate that trusts none of them.
//!
//! A solver returns what it found with its evidence; *infeasible* is a status, not an error.

pub mod certify;
pub mod conflict;
pub mod integer;
mod reduced;
pub mod reference;
mod stated;
pub mod structured;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::program::Program;
pub use certify::{Certificate, certify};

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Optimal within the solver's tolerance.
    Optimal,
    /// No point meets the rows.
    Infeasible,
    /// Stopped by a limit or a signal.
    Stopped,
}

/// What a solver found.
#[derive(Debug, Clone)]
pub struct Solution {
    /// How it ended.
    pub status: Status,
    /// Share of each column; zeros unless there is a point.
    pub x: Vec<f64>,
    /// Price of each row, see [`Program`] for its sign. Where the rows contradict each other, the prices
    /// that prove it: with no objective at all, the bound that they give is below zero.
    pub prices: Vec<f64>,
    /// Iterations, in the solver's own sense.
    pub iterations: u64,
    /// Seconds.
    pub seconds: f64,
}

/// Limits of a solve.
pub struct Limits<'a> {
    /// When to stop.
    pub deadline: Option<Instant>,
    /// Set by a signal.
    pub stop: &'a AtomicBool,
}

impl Limits<'_> {
    /// Whether it is time to stop.
    pub fn reached(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Seconds left.
    pub fn left(&self) -> Option<f64> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64())
    }
}

/// What is decided of the ladders that are taken as a whole: `Some(true)` = taken, `Some(false)` = not,
/// `None` = any share between (the relaxation). One entry per ladder of the program, or none at all.
pub type Decided = [Option<bool>];

/// Something that solves the linear relaxation of a program.
pub trait Solver: Sync {
    /// Its name, as in `--solver`.
    fn name(&self) -> &'static str;

    /// Solves the relaxation with some whole ladders decided. `start` are prices of a program much like
    /// this one, from which a solver may begin.
    ///
    /// # Errors
    /// A numerical failure, in the solver's own words.
    fn solve(
        &self,
        program: &Program,
        decided: &Decided,
        start: Option<&[f64]>,
        limits: &Limits<'_>,
    ) -> Result<Solution, String>;
}

/// The solver of a name.
pub fn by_name(name: &str) -> Option<Box<dyn Solver>> {
    match name {
        "clarabel" => Some(Box::new(reference::Clarabel)),
        "structured" => Some(Box::new(structured::Structured)),
        #[cfg(feature = "highs")]
        "highs" => Some(Box::new(reference::Highs)),
        _ => None,
    }
}

/// Names of the solvers of this build, the default first.
pub const NAMES: &[&str] = &[
    "structured",
    "clarabel",
    #[cfg(feature = "highs")]
    "highs",
];
