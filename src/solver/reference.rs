//! The whole program through good_lp: the reference that every other solver is compared with, and the
//! engine for programs of a shop's size.

use std::time::Instant;

use clarabel::solver::{IPSolver, SolverStatus};
use good_lp::SolverModel;

use super::certify::{certify, dual_bound};
use super::stated::{Stated, state};
use super::{Decided, Limits, Solution, Solver, Status, conflict};
use crate::program::Program;

/// Clarabel, an interior-point solver in pure Rust.
pub struct Clarabel;

/// HiGHS, whose simplex ends in a corner: exact, and slower on large programs.
#[cfg(feature = "highs")]
pub struct Highs;

/// An answer whose certificate leaves no more than this open is taken as it is.
const GOOD: f64 = 1e-7;

fn nothing(program: &Program, status: Status) -> Solution {
    Solution {
        status,
        x: vec![0.0; program.columns.count()],
        prices: vec![0.0; program.rows.len()],
        iterations: 0,
        seconds: 0.0,
    }
}

/// One run of Clarabel: its own status, and the point at which it ended, whatever that is worth.
fn run(
    program: &Program,
    decided: &Decided,
    limits: &Limits<'_>,
) -> Result<(SolverStatus, Solution), String> {
    let Some(Stated { problem, constraints, meaning }) = state(program, decided) else {
        return Ok((SolverStatus::PrimalInfeasible, nothing(program, Status::Infeasible)));
    };
    let mut model = problem.using(good_lp::clarabel);
    let settings = model.settings();
    settings.tol_gap_rel(1e-9).tol_gap_abs(1e-9).tol_feas(1e-9).max_iter(200);
    if let Some(left) = limits.left() {
        settings.time_limit(left.max(0.01));
    }
    let count = constraints.len();
    for constraint in constraints {
        model.add_constraint(constraint);
    }
    let mut solver = model.try_into_solver().map_err(|error| error.to_string())?;
    solver.solve();
    let answer = &solver.solution;
    // The bounds of the variables come before our constraints.
    let first = answer.z.len() - count;
    let pressure = |at: usize| answer.z[first + at].max(0.0);
    let mut solution = meaning.solution(program, decided, &answer.x, pressure);
    solution.iterations = u64::from(answer.iterations);
    Ok((answer.status, solution))
}

/// What an answer leaves open: its gap or its violation, whichever is larger.
fn open(program: &Program, solution: &Solution, decided: &Decided) -> f64 {
    let finite = solution.x.iter().chain(&solution.prices).all(|value| value.is_finite());
    let certificate = certify(program, &solution.x, &solution.prices, decided);
    if finite { certificate.gap.abs().max(certificate.violation) } else { f64::INFINITY }
}

/// The program in which every hard row may be broken at `price` per unit of its scale: it always has a
/// point, with room around it, and prices that are bounded.
fn breakable(program: &Program, price: f64) -> Program {
    let scales = conflict::scales(program);
    let mut breakable = program.clone();
    for (row, scale) in breakable.rows.iter_mut().zip(scales) {
        row.penalty = row.penalty.or(Some(price / scale));
    }
    breakable
}

/// Prices that prove that the rows contradict each other: no point breaks them by less than something.
fn contradiction(
    program: &Program,
    decided: &Decided,
    limits: &Limits<'_>,
) -> Result<Option<Vec<f64>>, String> {
    let least = conflict::least(program);
    let (_, solution) = run(&least, decided, limits)?;
    Ok((dual_bound(&least, &solution.prices, decided) < -GOOD).then_some(solution.prices))
}

impl Solver for Clarabel {
    fn name(&self) -> &'static str {
        "clarabel"
    }

    /// Clarabel's word is not taken for it: an answer is worth what its certificate says. Where that is
    /// too little, because rows leave hardly any room or contradict each other by a hair, the rows are
    /// made breakable at rising prices, and the best answer is kept.
    fn solve(
        &self,
        program: &Program,
        decided: &Decided,
        _: Option<&[f64]>,
        limits: &Limits<'_>,
    ) -> Result<Solution, String> {
        let started = Instant::now();
        let timed = |mut solution: Solution, iterations: u64| {
            solution.seconds = started.elapsed().as_secs_f64();
            solution.iterations = iterations;
            Ok(solution)
        };
        if limits.reached() {
            return timed(nothing(program, Status::Stopped), 0);
        }
        let (status, mut best) = run(program, decided, limits)?;
        let mut iterations = best.iterations;
        if status == SolverStatus::PrimalInfeasible {
            let prices = contradiction(program, decided, limits)?.unwrap_or(best.prices);
            return timed(Solution { prices, ..nothing(program, Status::Infeasible) }, iterations);
        }
        let mut left = open(program, &best, decided);
        if left > GOOD
            && !limits.reached()
            && let Some(prices) = contradiction(program, decided, limits)?
        {
            return timed(Solution { prices, ..nothing(program, Status::Infeasible) }, iterations);
        }
        let worth: f64 = (0..program.columns.ladders.len())
            .map(|ladder| program.gains(ladder).into_iter().fold(0.0f64, |most, gain| most.max(gain.abs())))
            .sum();
        for price in [10.0, 1e3, 1e5] {
            if left <= GOOD || limits.reached() {
                break;
            }
            tracing::debug!(left, ?status, price, "rows are made breakable");
            let (_, other) = run(&breakable(program, price * worth.max(1.0)), decided, limits)?;
            iterations += other.iterations;
            let open = open(program, &other, decided);
            if open < left {
                (best, left) = (other, open);
            }
        }
        if left <= 1e3 * GOOD || status == SolverStatus::Solved {
            return timed(best, iterations);
        }
        if limits.reached() || status == SolverStatus::MaxTime {
            return timed(nothing(program, Status::Stopped), iterations);
        }
        Err(format!("Clarabel ended with {status:?}, and its best answer leaves {left:e} open"))
    }
}

#[cfg(feature = "highs")]
impl Solver for Highs {
    fn name(&self) -> &'static str {
        "highs"
    }

    fn solve(
        &self,
        program: &Program,
        decided: &Decided,
        _: Option<&[f64]>,
        limits: &Limits<'_>,
    ) -> Result<Solution, String> {
        use good_lp::solvers::SolutionStatus;
        use good_lp::{ResolutionError, Solution as _};

        let started = Instant::now();
        let timed = |mut solution: Solution| {
            solution.seconds = started.elapsed().as_secs_f64();
            Ok(solution)
        };
        if limits.reached() {
            return timed(nothing(program, Status::Stopped));
        }
        let Some(Stated { problem, constraints, meaning }) = state(program, decided) else {
            return timed(nothing(program, Status::Infeasible));
        };
        if meaning.is_settled() {
            // HiGHS takes a program without columns for an error.
            return timed(meaning.solution(program, decided, &[], |_| 0.0));
        }
        // One thread: the same corner every time.
        let mut model = problem.using(good_lp::highs).set_threads(1);
        model = model.set_option("primal_feasibility_tolerance", 1e-9);
        model = model.set_option("dual_feasibility_tolerance", 1e-9);
        if let Some(left) = limits.left() {
            model = model.set_time_limit(left.max(0.01));
        }
        for constraint in constraints {
            model.add_constraint(constraint);
        }
        match model.solve() {
            Ok(solved) if matches!(solved.status(), SolutionStatus::TimeLimit) => {
                timed(nothing(program, Status::Stopped))
            }
            Ok(solved) => {
                let answer = solved.into_inner();
                let pressure = |at: usize| answer.dual_rows()[at].abs();
                timed(meaning.solution(program, decided, answer.columns(), pressure))
            }
            Err(ResolutionError::Infeasible) => timed(nothing(program, Status::Infeasible)),
            Err(_) if limits.reached() => timed(nothing(program, Status::Stopped)),
            Err(error) => Err(error.to_string()),
        }
    }
}
