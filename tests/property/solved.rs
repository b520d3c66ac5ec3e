//! Every answer is certified, and no point that can be found by chance is better.

use std::sync::atomic::AtomicBool;

use bidwright::solver::structured::Alone;
use bidwright::solver::{self, Limits, Solver, Status, certify};
use proptest::prelude::*;
use rand::RngExt;

use super::programs::{Size, draw, point, random, sizes};
use crate::dense::Dense;

/// Tiny programs with coefficients from millionths to millions, most of them degenerate: nearly all are
/// proven by prices alone.
#[test]
fn the_structured_solver_seldom_hands_over() {
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    let mut sizes_of = random(5);
    let cases = 400;
    let proven = (0..cases)
        .filter(|seed| {
            let size = Size {
                ladders: sizes_of.random_range(1..12),
                rungs: sizes_of.random_range(1..7),
                rows: sizes_of.random_range(0..9),
                groups: sizes_of.random_range(1..5),
                seed: *seed,
            };
            let program = draw(&size, 0).program;
            let Ok(solution) = Alone.solve(&program, &[], None, &limits) else { return false };
            assert_eq!(solution.status, Status::Optimal, "{size:?}");
            let certificate = certify(&program, &solution.x, &solution.prices, &[]);
            assert!(certificate.gap.abs().max(certificate.violation) <= 1e-7, "{size:?}");
            let warm = Alone.solve(&program, &[], Some(&solution.prices), &limits);
            let Ok(warm) = warm else { return false };
            let warm = certify(&program, &warm.x, &warm.prices, &[]).objective;
            assert!(
                (warm - certificate.objective).abs() <= 2e-7 * warm.abs().max(1.0),
                "{size:?}: warm start"
            );
            true
        })
        .count();
    assert!(proven * 100 >= cases as usize * 97, "{proven} of {cases}");
}

proptest! {
    #![proptest_config(super::cases(250))]

    #[test]
    fn answers_are_certified_and_unbeaten(size in sizes()) {
        let drawn = draw(&size, 0);
        let program = &drawn.program;
        let dense = Dense::of(program);
        prop_assert!(dense.admits(&drawn.point, 1e-9), "the generator's own point breaks a row");
        let stop = AtomicBool::new(false);
        let limits = Limits { deadline: None, stop: &stop };
        for name in solver::NAMES {
            let solver = solver::by_name(name).expect("a named solver");
            let solution = solver.solve(program, &[], None, &limits).expect("no numerical failure");
            prop_assert_eq!(solution.status, Status::Optimal);
            let certificate = certify(program, &solution.x, &solution.prices, &[]);
            if std::env::var_os("BIDWRIGHT_SHOW").is_some() {
                eprintln!("gap {:e} violation {:e}", certificate.gap, certificate.violation);
            }
            prop_assert!(certificate.gap.abs() <= 1e-6, "gap {:e}", certificate.gap);
            prop_assert!(certificate.violation <= 1e-7, "violation {:e}", certificate.violation);
            let value = dense.value(&solution.x);
            prop_assert!((value - certificate.objective).abs() <= 1e-9 * (1.0 + value.abs()));
            prop_assert!(certificate.bound >= value - 1e-6 * value.abs().max(1.0));

            let mut random = random(size.seed ^ 0xfeed);
            let allowed = 1e-6 * certificate.bound.abs().max(1.0);
            for _ in 0..200 {
                let other = point(program, &mut random);
                // Towards a random point as far as the rows allow.
                let mut share = random.random_range(0.0..=1.0);
                for _ in 0..12 {
                    let mixed: Vec<f64> = drawn.point.iter().zip(&other)
                        .map(|(from, to)| from + share * (to - from))
                        .collect();
                    if dense.admits(&mixed, 0.0) {
                        let value = dense.value(&mixed);
                        prop_assert!(value <= certificate.bound + allowed, "{value} is above the bound");
                        prop_assert!(value <= certificate.objective + 2.0 * allowed, "{value} is better");
                        break;
                    }
                    share *= 0.5;
                }
            }
        }
    }
}
