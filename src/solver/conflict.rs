//! When no point meets the rows: the nearest point, and a smallest set of rows that contradict each
//! other.
//!
//! The nearest point minimises Σ violation_k ÷ scale_k. If the least is above zero, the prices of that
//! problem prove it (Farkas), and rows without a price took no part in the proof: dropping them one by
//! one from the others leaves a set from which none can be dropped. Where parts of slots would meet the
//! rows and only whole slots do not, the same is done with branch and bound.

use rayon::prelude::*;

use super::integer::{self, FREE};
use super::{Limits, Solution, Solver, Status, certify};
use crate::program::{MEASURES, Program, Row, Span, Weights};

/// Least total violation, relative to the rows' own scales, that counts as a contradiction.
const TOLERANCE: f64 = 1e-7;
/// A row counts as broken at the nearest point from this share of its activity on.
const BROKEN: f64 = 1e-6;
/// Share of a broken row's activity by which the best of the nearest points may be further.
const ROOM: f64 = 1e-5;

/// The program in which every hard row may be broken at a price of 1 ÷ its scale, and nothing else
/// counts. `keep` says which hard rows are there at all.
fn elastic(program: &Program, scales: &[f64], keep: impl Fn(usize) -> bool) -> Program {
    let mut elastic = program.clone();
    elastic.constant = 0.0;
    elastic.objective = [0.0; MEASURES];
    for (index, row) in elastic.rows.iter_mut().enumerate() {
        if row.penalty.is_some() || !keep(index) {
            *row = Row { lower: f64::NEG_INFINITY, upper: f64::INFINITY, penalty: None };
        } else {
            row.penalty = Some(1.0 / scales[index]);
        }
    }
    elastic
}

/// The program that breaks the hard rows least, and nothing else counts: where its bound is below zero,
/// the prices of that bound prove that the rows contradict each other (Farkas).
pub fn least(program: &Program) -> Program {
    elastic(program, &scales(program), |_| true)
}

/// Scale of each row: what a violation is measured against.
pub fn scales(program: &Program) -> Vec<f64> {
    let mut scales: Vec<f64> = program
        .rows
        .iter()
        .map(|row| if row.lower.is_finite() { row.lower.abs() } else { row.upper.abs() })
        .collect();
    for (scale, reach) in scales.iter_mut().zip(reach(program)) {
        // A ratio row has the bound 0, or little else after what is given: its reach says how large it
        // could be.
        *scale = if *scale > 1e-3 * reach {
            *scale
        } else if reach > 0.0 {
            reach
        } else {
            1.0
        };
    }
    scales
}

/// The most that each row's activity could be, either way: for each measure by itself, so at least that.
pub fn reach(program: &Program) -> Vec<f64> {
    let columns = &*program.columns;
    let mut sizes = vec![[0.0f64; MEASURES]; program.groups.len()];
    let largest = |ladder: &Span| {
        let rungs = ladder.columns.len();
        columns.blocks[ladder.blocks.clone()].iter().map(move |block| {
            let mut largest = [0.0f64; MEASURES];
            for rung in 0..rungs {
                largest
                    .iter_mut()
                    .zip(columns.at(*block, rung))
                    .for_each(|(most, value)| *most = most.max(value.abs()));
            }
            (block.group as usize, largest)
        })
    };
    let blocks: Vec<(usize, Weights)> = columns.ladders.par_iter().flat_map_iter(largest).collect();
    for (group, largest) in blocks {
        sizes[group].iter_mut().zip(largest).for_each(|(sum, size)| *sum += size);
    }
    let mut reach = vec![0.0; program.rows.len()];
    for (terms, sizes) in program.groups.iter().zip(&sizes) {
        for term in terms {
            let weights = columns.compact(&term.weights);
            reach[term.row] +=
                weights.iter().zip(sizes).map(|(weight, size)| weight.abs() * size).sum::<f64>();
        }
    }
    reach
}

/// The best of the points that break the rows least, and by how much in total they do.
///
/// # Errors
/// A numerical failure of the solver.
pub fn nearest(
    program: &Program,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Option<(Solution, f64)>, String> {
    let least = least(program);
    let near = solver.solve(&least, FREE, None, limits)?;
    if near.status != Status::Optimal {
        return Ok(None);
    }
    let violation = -certify(&least, &near.x, &near.prices, FREE).objective;
    // One after the other: a little of the objective beside the penalties would need more digits than
    // there are.
    let mut reachable = program.clone();
    give_way(&mut reachable, &near.x, ROOM);
    let best = solver.solve(&reachable, FREE, None, limits);
    let best = best.ok().filter(|best| best.status == Status::Optimal);
    Ok(Some((best.unwrap_or(near), violation)))
}

/// Moves the bounds that a point breaks to where it is, with `room`, a share of a row's activity, to spare.
pub fn give_way(program: &mut Program, x: &[f64], room: f64) {
    let activities = program.activity(x);
    for (row, (activity, absolute)) in program.rows.iter_mut().zip(activities) {
        if row.penalty.is_none() && activity < row.lower - BROKEN * absolute {
            row.lower = activity - room * absolute;
        }
        if row.penalty.is_none() && activity > row.upper + BROKEN * absolute {
            row.upper = activity + room * absolute;
        }
    }
}

/// A smallest set of hard rows that contradict each other. Rows of one `rule` stand or fall together: drop
/// any one rule and the others can be met. Of a rule's rows those take part that the proof needs.
///
/// # Errors
/// A numerical failure of the solver.
pub fn smallest_set(
    program: &Program,
    rule: impl Fn(usize) -> usize,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Vec<usize>, String> {
    let scales = scales(program);
    // The rows that a proof needs, if there is one.
    let contradict = |rows: &[usize]| -> Result<Option<Vec<usize>>, String> {
        let least = elastic(program, &scales, |row| rows.contains(&row));
        let solution = solver.solve(&least, FREE, None, limits)?;
        let violation = -certify(&least, &solution.x, &solution.prices, FREE).objective;
        let priced = |row: &usize| (solution.prices[*row] * scales[*row]).abs() > 1e-6;
        let proven = solution.status == Status::Optimal && violation > TOLERANCE;
        Ok(proven.then(|| rows.iter().copied().filter(priced).collect()))
    };
    let hard: Vec<usize> =
        (0..program.rows.len()).filter(|row| program.rows[*row].penalty.is_none()).collect();
    if let Some(priced) = contradict(&hard)? {
        let set = if contradict(&priced)?.is_some() { priced } else { hard };
        return drop_each(set, rule, limits, contradict);
    }
    let contradict_whole = |rows: &[usize]| -> Result<Option<Vec<usize>>, String> {
        let least = elastic(program, &scales, |row| rows.contains(&row));
        let proven = -integer::solve(&least, solver, limits)?.bound > integer::TOLERANCE;
        Ok(proven.then(|| rows.to_vec()))
    };
    if program.columns.ladders.iter().any(|ladder| ladder.whole) && contradict_whole(&hard)?.is_some() {
        return drop_each(hard, rule, limits, contradict_whole);
    }
    Ok(Vec::new())
}

/// Whether the hard rows contradict each other, slots taken in parts.
///
/// # Errors
/// A numerical failure of the solver.
pub fn contradicts(program: &Program, solver: &dyn Solver, limits: &Limits<'_>) -> Result<bool, String> {
    let least = least(program);
    let solution = solver.solve(&least, FREE, None, limits)?;
    let violation = -certify(&least, &solution.x, &solution.prices, FREE).objective;
    Ok(solution.status != Status::Optimal || violation > TOLERANCE)
}

/// Drops every rule without which the others still contradict each other.
fn drop_each(
    mut set: Vec<usize>,
    rule: impl Fn(usize) -> usize,
    limits: &Limits<'_>,
    contradict: impl Fn(&[usize]) -> Result<Option<Vec<usize>>, String>,
) -> Result<Vec<usize>, String> {
    let mut kept: Vec<usize> = Vec::new();
    while let Some(next) = set.iter().map(|row| rule(*row)).find(|rule| !kept.contains(rule)) {
        if limits.reached() {
            break;
        }
        let without: Vec<usize> = set.iter().copied().filter(|row| rule(*row) != next).collect();
        match contradict(&without)? {
            Some(needed) => set = if contradict(&needed)?.is_some() { needed } else { without },
            None => kept.push(next),
        }
    }
    Ok(set)
}
