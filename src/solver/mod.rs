//! Solving a [`Program`]: one trait, any number of solvers, and a certificate that trusts none of them.
//!
//! A solver returns what it found with its evidence; *infeasible* is a status, not an error. No program is
//! unbounded: every ladder is used once at most.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use bidwright::program::{Program, Row, Term};
//! use bidwright::solver::structured::Structured;
//! use bidwright::solver::{Limits, Solver, Status, certify};
//!
//! // Two ladders of two rungs, each (cost, value); at most 25 may be used, and value must be 2.5 times cost.
//! let measures = |cost, value| [0.0, 0.0, cost, 0.0, value];
//! let mut program = Program::new(measures(0.0, 1.0));
//! let cap = program.add_row(Row { upper: 25.0, ..Row::FREE });
//! let ratio = program.add_row(Row { lower: 0.0, ..Row::FREE });
//! let group = program.add_group(vec![
//!     Term { row: cap, weights: measures(1.0, 0.0) },
//!     Term { row: ratio, weights: measures(-2.5, 1.0) },
//! ]);
//! program.add_ladder(false, &[(group, &[measures(10.0, 40.0), measures(20.0, 65.0)])]);
//! program.add_ladder(false, &[(group, &[measures(8.0, 20.0), measures(30.0, 55.0)])]);
//!
//! let limits = Limits { deadline: None, stop: &AtomicBool::new(false) };
//! let solution = Structured.solve(&program, &[], None, &limits)?;
//! assert_eq!(solution.status, Status::Optimal);
//! let certificate = certify(&program, &solution.x, &solution.prices, &[]);
//! assert!(certificate.gap.abs() < 1e-7 && certificate.violation < 1e-7);
//! assert!((certificate.objective - 77.5).abs() < 1e-5);
//! // One more of the cap is worth 2.5: five eighths of the second ladder's first rung are bought.
//! assert!((solution.prices[cap] - 2.5).abs() < 1e-5);
//!
//! // A cap moved by a little, from the former prices.
//! program.rows[cap].upper = 26.0;
//! let next = Structured.solve(&program, &[], Some(&solution.prices), &limits)?;
//! assert!((program.value(&next.x) - 80.0).abs() < 1e-5);
//! # Ok::<(), String>(())
//! ```

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
