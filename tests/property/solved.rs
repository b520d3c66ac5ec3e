//! Every answer is certified, and no point that can be found by chance is better.

use std::sync::atomic::AtomicBool;

use bidwright::solver::{self, Limits, Status, certify};
use proptest::prelude::*;
use rand::RngExt;

use super::programs::{draw, point, random, sizes};
use crate::dense::Dense;

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
