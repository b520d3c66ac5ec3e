//! Slots that are taken whole or not at all: branch and bound against every subset.

use std::sync::atomic::{AtomicBool, Ordering};

use bidwright::program::Program;
use bidwright::solver::{self, Decided, Limits, Solution, Solver, Status, certify, integer};
use proptest::prelude::*;

use super::programs::{draw, sizes};
use crate::dense::Dense;

/// The best over all subsets of whole ladders, each with the rest solved to optimality.
fn every_subset(program: &Program, solver: &dyn Solver, limits: &Limits<'_>) -> Option<f64> {
    let whole: Vec<usize> =
        (0..program.columns.ladders.len()).filter(|ladder| program.columns.ladders[*ladder].whole).collect();
    let mut best: Option<f64> = None;
    for subset in 0..1u32 << whole.len() {
        let mut decided = vec![None; program.columns.ladders.len()];
        for (bit, ladder) in whole.iter().enumerate() {
            decided[*ladder] = Some(subset >> bit & 1 == 1);
        }
        let solution = solver.solve(program, &decided, None, limits).expect("no numerical failure");
        if solution.status == Status::Optimal {
            let value = certify(program, &solution.x, &solution.prices, &decided).objective;
            best = Some(best.map_or(value, |best| best.max(value)));
        }
    }
    best
}

proptest! {
    #![proptest_config(super::cases(60))]

    #[test]
    fn branch_and_bound_finds_the_best_subset(size in sizes(), whole in 1..=6usize) {
        let program = draw(&size, whole).program;
        let stop = AtomicBool::new(false);
        let limits = Limits { deadline: None, stop: &stop };
        let solver = solver::by_name(solver::NAMES[0]).expect("a named solver");
        let best = integer::solve(&program, solver.as_ref(), &limits).expect("no numerical failure");
        let expected = every_subset(&program, solver.as_ref(), &limits);
        prop_assert_eq!(best.status, if expected.is_some() { Status::Optimal } else { Status::Infeasible });
        if let (Some(expected), Some(solution)) = (expected, best.solution) {
            let allowed = 3e-6 * expected.abs().max(1.0);
            let value = Dense::of(&program).value(&solution.x);
            prop_assert!((value - expected).abs() <= allowed, "{value} against {expected}");
            prop_assert!(best.bound >= expected - allowed, "bound {} below {expected}", best.bound);
            prop_assert!(best.bound <= best.relaxed + 3e-6 * best.relaxed.abs().max(1.0));
            for ladder in program.columns.ladders.iter().filter(|ladder| ladder.whole) {
                let used: f64 = solution.x[ladder.columns.clone()].iter().sum();
                prop_assert!(used.min(1.0 - used).abs() <= 2e-6, "{used} of a slot");
            }
        }
    }
}

/// A solver whose answers end after so many solves: it fails, or it is stopped.
struct Tiring {
    inner: Box<dyn Solver>,
    left: std::sync::atomic::AtomicI64,
    fails: bool,
}

impl Solver for Tiring {
    fn name(&self) -> &'static str {
        "tiring"
    }

    fn solve(
        &self,
        program: &Program,
        decided: &Decided,
        start: Option<&[f64]>,
        limits: &Limits<'_>,
    ) -> Result<Solution, String> {
        if self.left.fetch_sub(1, Ordering::Relaxed) > 0 {
            return self.inner.solve(program, decided, start, limits);
        }
        if self.fails {
            return Err("numerical failure".into());
        }
        let stopped = AtomicBool::new(true);
        self.inner.solve(program, decided, start, &Limits { deadline: None, stop: &stopped })
    }
}

proptest! {
    #![proptest_config(super::cases(40))]

    /// Whatever befalls the search, the bound that it reports is a bound, and what it calls optimal is.
    #[test]
    fn a_search_cut_short_claims_no_more_than_it_knows(
        size in sizes(), whole in 2..=6usize, solves in 1..6i64, fails in any::<bool>(),
    ) {
        let program = draw(&size, whole).program;
        let stop = AtomicBool::new(false);
        let limits = Limits { deadline: None, stop: &stop };
        let solver = || solver::by_name(solver::NAMES[0]).expect("a named solver");
        let tiring = Tiring { inner: solver(), left: solves.into(), fails };
        let best = integer::solve(&program, &tiring, &limits).expect("the root is solved");
        let expected = every_subset(&program, solver().as_ref(), &limits);
        let Some(expected) = expected else {
            prop_assert!(best.solution.is_none());
            return Ok(());
        };
        let allowed = 3e-6 * expected.abs().max(1.0);
        prop_assert!(best.bound >= expected - allowed, "bound {} below {expected}", best.bound);
        prop_assert!(best.status != Status::Infeasible, "there is a point");
        let value = best.solution.as_ref().map(|solution| Dense::of(&program).value(&solution.x));
        if best.status == Status::Optimal {
            prop_assert!((value.expect("a point") - expected).abs() <= allowed);
        } else {
            prop_assert!(best.fallback.is_some(), "the relaxation was solved, so there is something to round");
        }
    }
}
