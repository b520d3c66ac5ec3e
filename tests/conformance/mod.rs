//! One suite of named programs that every solver of this build answers alike.

mod instances;
mod large;

use std::sync::atomic::AtomicBool;

use bidwright::program::{MEASURES, Program, Row, Term, Weights};
use bidwright::solver::structured::Alone;
use bidwright::solver::{self, Limits, Solver, Status, certify};

use crate::dense::Dense;
use instances::{Instance, all};

/// Runs the suite; returns the objective of every instance, none where it is infeasible.
fn suite(solver: &dyn Solver) -> Vec<Option<f64>> {
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    all()
        .iter()
        .map(|Instance { name, program, tiny }| {
            let name = format!("{name} by {}", solver.name());
            let solution =
                solver.solve(program, &[], None, &limits).unwrap_or_else(|error| panic!("{name}: {error}"));
            let exact = tiny.then(|| Dense::of(program).enumerate());
            if solution.status == Status::Infeasible {
                assert!(exact.is_none_or(|exact| exact.is_none()), "{name}: there is a point");
                return None;
            }
            assert_eq!(solution.status, Status::Optimal, "{name}");
            let certificate = certify(program, &solution.x, &solution.prices, &[]);
            assert!(certificate.gap.abs() <= 1e-7, "{name}: gap {:e}", certificate.gap);
            assert!(certificate.violation <= 1e-7, "{name}: violation {:e}", certificate.violation);
            if let Some(exact) = exact {
                let exact = exact.unwrap_or_else(|| panic!("{name}: there is no point"));
                assert_alike(&name, certificate.objective, exact);
            }
            Some(certificate.objective)
        })
        .collect()
}

fn assert_alike(name: &str, a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-7 * b.abs().max(1.0), "{name}: {a} against {b}");
}

#[test]
fn every_solver_answers_the_suite_alike() {
    // The structured solver also without the one that it hands over to.
    let mut answers = vec![("structured alone", suite(&Alone))];
    let named = |name: &&'static str| (*name, suite(solver::by_name(name).expect("a named solver").as_ref()));
    answers.extend(solver::NAMES.iter().map(named));
    for (name, answer) in &answers[1..] {
        for ((instance, first), other) in all().iter().zip(&answers[0].1).zip(answer) {
            match (first, other) {
                (Some(first), Some(other)) => {
                    assert_alike(&format!("{} by {name}", instance.name), *other, *first)
                }
                _ => assert_eq!(first, other, "{} by {name}", instance.name),
            }
        }
    }
}

#[test]
fn no_solver_answers_to_another_name() {
    for name in solver::NAMES {
        assert_eq!(solver::by_name(name).expect("a named solver").name(), *name);
    }
    assert!(solver::by_name("abacus").is_none());
}

#[test]
fn a_solver_told_to_stop_says_so() {
    let stop = AtomicBool::new(true);
    let limits = Limits { deadline: None, stop: &stop };
    for name in solver::NAMES {
        let solver = solver::by_name(name).expect("a named solver");
        let solution = solver.solve(&all()[0].program, &[], None, &limits).expect("no failure");
        assert_eq!(solution.status, Status::Stopped);
    }
}

#[test]
fn decided_slots_are_kept() {
    let instance = all().into_iter().find(|instance| instance.name == "two slots").expect("two slots");
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    for name in solver::NAMES {
        let solver = solver::by_name(name).expect("a named solver");
        let solution =
            solver.solve(&instance.program, &[Some(false), Some(true), None], None, &limits).expect("solved");
        assert_eq!(solution.status, Status::Optimal);
        assert!(solution.x[0].abs() < 1e-7 && (solution.x[1] - 1.0).abs() < 1e-7, "{:?}", solution.x);
    }
}

#[test]
fn programs_of_a_shops_size_are_answered_alike() {
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    for seed in 0..6 {
        let (program, impossible) = (large::program(seed), large::contradictory(seed));
        let mut decided = vec![None; program.columns.ladders.len()];
        for taken in [None, Some(true), Some(false)] {
            *decided.last_mut().expect("ladders") = taken;
            let objectives: Vec<f64> = solvers()
                .iter()
                .map(|solver| {
                    let name = solver.name();
                    let solution = solver.solve(&program, &decided, None, &limits).expect("no failure");
                    assert_eq!(solution.status, Status::Optimal, "{seed} by {name}");
                    let certificate = certify(&program, &solution.x, &solution.prices, &decided);
                    assert!(certificate.gap.abs() <= 1e-7, "{seed} by {name}: gap {:e}", certificate.gap);
                    assert!(certificate.violation <= 1e-7, "{seed} by {name}: {:e}", certificate.violation);
                    certificate.objective
                })
                .collect();
            for objective in &objectives {
                assert_alike(&format!("{seed}, {taken:?}"), *objective, objectives[0]);
            }
        }
        for solver in solvers() {
            let name = solver.name();
            let solution = solver.solve(&impossible, &[], None, &limits).expect("no failure");
            assert_eq!(solution.status, Status::Infeasible, "{seed} by {name}");
            assert!(proves(&impossible, &solution.prices), "{seed} by {name}: no proof");
        }
    }
}

#[test]
fn rows_that_nothing_uses_do_not_lead_prices_astray() {
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    for seed in 0..3 {
        let program = large::by_keyword(seed);
        let objectives: Vec<f64> = solvers()
            .iter()
            .map(|solver| {
                let name = solver.name();
                let solution = solver.solve(&program, &[], None, &limits).expect("no failure");
                let certificate = certify(&program, &solution.x, &solution.prices, &[]);
                assert!(certificate.gap.abs() <= 1e-7, "{seed} by {name}: gap {:e}", certificate.gap);
                assert!(certificate.violation <= 1e-7, "{seed} by {name}: {:e}", certificate.violation);
                certificate.objective
            })
            .collect();
        for objective in &objectives {
            assert_alike(&format!("{seed}"), *objective, objectives[0]);
        }
    }
}

#[test]
fn a_ladder_of_very_many_rungs_is_answered_alike() {
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    let spend = |spend: f64| -> Weights { [0.0, 0.0, spend, 0.0, 20.0 * spend.powf(0.6)] };
    let rungs: Vec<Weights> = (1..=400).map(|rung| spend(f64::from(rung) * 0.1)).collect();
    let mut program = Program::new([0.0, 0.0, 0.0, 0.0, 1.0]);
    let row = program.add_row(Row { upper: 30.0, ..Row::FREE });
    let group = program.add_group(vec![Term { row, weights: [0.0, 0.0, 1.0, 0.0, 0.0] }]);
    program.add_ladder(false, &[(group, &rungs)]);
    program.add_ladder(false, &[(group, &rungs[..200])]);
    for name in solver::NAMES {
        let solver = solver::by_name(name).expect("a named solver");
        let solution = solver.solve(&program, &[], None, &limits).expect("no failure");
        let certificate = certify(&program, &solution.x, &solution.prices, &[]);
        // Both spend 15: the curve is the same and bends. Columns are 32-bit numbers.
        let exact = 40.0 * 15.0f64.powf(0.6);
        assert!((certificate.objective - exact).abs() <= 1e-6 * exact, "{name}: {certificate:?}");
        // The general solver, which answers here, stops at that.
        assert!(certificate.gap.abs().max(certificate.violation) <= 1e-6, "{name}: {certificate:?}");
    }
}

/// All solvers of this build, and the structured one without the one that it hands over to.
fn solvers() -> Vec<Box<dyn Solver>> {
    let named = solver::NAMES.iter().map(|name| solver::by_name(name).expect("a named solver"));
    named.chain([Box::new(Alone) as Box<dyn Solver>]).collect()
}

/// Whether prices prove that rows contradict each other: with no objective, no point could have more than
/// a bound below zero, and every point has zero.
fn proves(program: &Program, prices: &[f64]) -> bool {
    let mut nothing = program.clone();
    (nothing.objective, nothing.constant) = ([0.0; MEASURES], 0.0);
    certify::dual_bound(&nothing, prices, &[]) < 0.0
}
