//! Rows that contradict each other: found, and narrowed to a set from which none can be dropped, judged
//! by a simplex method that the crate does not use.

use std::sync::atomic::AtomicBool;

use bidwright::program::{MEASURES, Program, Row, Span, Term};
use bidwright::solver::{self, Limits, Status, certify, conflict, integer};
use proptest::prelude::*;
use rand::RngExt;

use super::programs::{draw, random, sizes};
use crate::dense::Dense;

/// Adds rows that no point meets together, by a clear margin.
fn contradict(program: &mut Program, kind: usize, seed: u64) {
    let mut random = random(seed);
    let measure = random.random_range(0..MEASURES);
    let mut weights = [0.0; MEASURES];
    weights[measure] = [1e-6, 1.0, 1e6][random.random_range(0..3)];
    let add = |program: &mut Program, lower: f64, upper: f64, weights: [f64; MEASURES]| {
        let row = program.rows.len();
        program.rows.push(Row { lower, upper, penalty: None });
        program.groups.iter_mut().for_each(|group| group.push(Term { row, weights }));
        row
    };
    let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
    let first = add(program, least, most, weights);
    let reach = reach(program, first);
    match kind {
        // More than there is.
        0 => program.rows[first].lower = reach * random.random_range(1.01..3.0),
        // At least this much and at most half of it.
        1 => {
            program.rows[first].lower = 0.8 * reach;
            add(program, least, 0.4 * reach, weights);
        }
        // Three: a + b must be large, a small, b small.
        _ => {
            let mut other = [0.0; MEASURES];
            other[(measure + 1) % MEASURES] = weights[measure];
            let second = add(program, least, most, other);
            let ratio = reach / self::reach(program, second);
            program.rows[first].upper = 0.3 * reach;
            program.rows[second].upper = 0.3 * reach / ratio;
            let mut both = weights;
            both.iter_mut().zip(other).for_each(|(weight, other)| *weight += ratio * other);
            add(program, 0.7 * reach, most, both);
        }
    }
}

/// What every ladder's best rung brings to a row; 1 where nothing brings anything.
fn reach(program: &Program, row: usize) -> f64 {
    let dense = Dense::of(program);
    let best =
        |ladder: &Span| ladder.columns.clone().map(|column| dense.rows[row][column]).fold(0.0, f64::max);
    let reach: f64 = program.columns.ladders.iter().map(best).sum();
    if reach > 0.0 { reach } else { 1.0 }
}

proptest! {
    #![proptest_config(super::cases(120))]

    #[test]
    fn contradictions_are_found_and_none_of_the_set_can_be_dropped(size in sizes(), kind in 0..3usize) {
        let mut program = draw(&size, 0).program;
        contradict(&mut program, kind, size.seed ^ 0xbad);
        let stop = AtomicBool::new(false);
        let limits = Limits { deadline: None, stop: &stop };
        let dense = Dense::of(&program);
        prop_assert!(dense.simplex(|_| true).is_none(), "the generator must contradict");
        for name in solver::NAMES {
            let solver = solver::by_name(name).expect("a named solver");
            let solution = solver.solve(&program, &[], None, &limits).expect("no numerical failure");
            prop_assert_eq!(solution.status, Status::Infeasible);
            let mut nothing = program.clone();
            (nothing.objective, nothing.constant) = ([0.0; MEASURES], 0.0);
            let bound = certify::dual_bound(&nothing, &solution.prices, &[]);
            prop_assert!(bound < 0.0, "{name}: the prices prove nothing: {bound:e}");
            let set = conflict::smallest_set(&program, |row| row, solver.as_ref(), &limits).expect("no failure");
            prop_assert!(!set.is_empty());
            prop_assert!(dense.simplex(|row| set.contains(&row)).is_none(), "{set:?} can be met");
            for dropped in &set {
                let rest = dense.simplex(|row| row != *dropped && set.contains(&row));
                prop_assert!(rest.is_some(), "{dropped} can be dropped from {set:?}");
            }
        }
    }

    /// Two slots of which only halves would do: no row set contradicts itself in the relaxation.
    #[test]
    fn whole_slots_alone_can_contradict(size in sizes(), share in 0.2..0.8f64) {
        let mut program = draw(&size, 0).program;
        program.rows.clear();
        program.groups.iter_mut().for_each(Vec::clear);
        let slot = draw(&super::programs::Size { ladders: 1, rungs: 1, rows: 0, groups: 1, ..size }, 1).program;
        let column = program.columns.count();
        let group = program.add_group(vec![Term { row: 0, weights: [1.0, 0.0, 0.0, 0.0, 0.0] }]);
        let blocks = slot.columns.ladders[0].blocks.clone();
        let more: Vec<[f64; MEASURES]> = blocks
            .map(|block| {
                let mut values = slot.columns.at(slot.columns.blocks[block], 0);
                std::array::from_fn(|_| values.next().expect("every measure is kept") + 1.0)
            })
            .collect();
        let sum = std::array::from_fn(|measure| more.iter().map(|of| of[measure]).sum());
        program.add_ladder(true, &[(group, &[sum])]);
        program.rows.push(Row { lower: 0.0, upper: f64::INFINITY, penalty: None });
        let used = Dense::of(&program).rows[0][column];
        program.rows[0] = Row { lower: 0.9 * share * used, upper: 1.1 * share * used, penalty: None };
        let stop = AtomicBool::new(false);
        let limits = Limits { deadline: None, stop: &stop };
        let solver = solver::by_name(solver::NAMES[0]).expect("a named solver");
        let best = integer::solve(&program, solver.as_ref(), &limits).expect("no failure");
        prop_assert_eq!(best.status, Status::Infeasible);
        let set = conflict::smallest_set(&program, |row| row, solver.as_ref(), &limits).expect("no failure");
        prop_assert_eq!(set, vec![0]);
    }
}
