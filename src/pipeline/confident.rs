//! Rules that hold with a confidence: the program solved again until its rows leave the room that its own
//! solution needs. (`models/formulation.md` §11)

use tracing::info;

use super::day::{Day, Solved};
use crate::error::{Error, Result};
use crate::metric::Outcome;
use crate::plan::Price;
use crate::plan::confidence::{Room, Running, Slopes, Split};
use crate::program::{Model, Program};
use crate::solver::{self, Solver};

/// Solves at most, and solves after which weights do not simply become those at the solution: where two plans
/// take turns, each being the best under the weights of the other, they would do so for ever.
const ROUNDS: usize = 8;
const WHOLE_STEPS: usize = 2;
/// Rows may leave this much too little or too much room, as a share of it, when the solves end.
const CLOSE: f64 = 2e-3;
/// Or the optimum changes by no more than this, relatively.
const SETTLED: f64 = 1e-4;

/// The last program and its solution.
pub(super) struct Confident {
    pub(super) model: Model,
    pub(super) slopes: Slopes,
    pub(super) solved: Solved,
    /// Nothing where there is no optimum to compare.
    pub(super) price: Option<Price>,
}

/// Where less than this share of the plain plan is left, it is looked for again by way of smaller deviates, at these
/// shares of the one that is asked.
const LITTLE: f64 = 0.5;
const STEPS: [f64; 7] = [0.5, 0.7, 0.85, 0.92, 0.96, 0.98, 1.0];

/// Solves until the weights of the rows are those at the solution. `plain` is the solution without room, `split` the
/// day's program told apart.
pub(super) fn find(
    day: &Day<'_>,
    split: &Split,
    room: &Room<'_>,
    plain: &Solved,
    solver: &dyn Solver,
    limits: &solver::Limits<'_>,
) -> Result<Confident> {
    let first = |room: &Room<'_>| at(day, split, room, &plain.x);
    let mut found = settle(day, split, room, plain, first(room), solver, limits)?;
    if found.solved.relaxed >= LITTLE * plain.relaxed || limits.reached() {
        return Ok(found);
    }
    let mut slopes = None;
    for share in STEPS {
        let room = Room { deviate: share * room.deviate, ..*room };
        let from = slopes.unwrap_or_else(|| first(&room));
        let step = settle(day, split, &room, plain, from, solver, limits)?;
        slopes = Some(step.slopes.clone());
        if share == 1.0 && step.solved.relaxed > found.solved.relaxed {
            found = step;
        }
    }
    Ok(found)
}

/// The same from weights to begin with.
fn settle(
    day: &Day<'_>,
    split: &Split,
    room: &Room<'_>,
    plain: &Solved,
    mut slopes: Slopes,
    solver: &dyn Solver,
    limits: &solver::Limits<'_>,
) -> Result<Confident> {
    let mut before = plain.relaxed;
    let mut best: Option<Confident> = None;
    for round in 1.. {
        let model = split.leaning(&slopes, room);
        let solved = Day { model: &model, ..*day }.solve(solver, limits)?;
        let optimal = solved.status == solver::Status::Optimal;
        let next = at(day, split, room, &solved.x);
        let [short, loose] = off(&split.model.program, &model.program, &solved, &next, room);
        let change = (solved.relaxed - before).abs() / before.abs().max(1.0);
        info!(round, short, loose, objective = solved.relaxed, "room for the spread of rows");
        before = solved.relaxed;
        let holds = short <= CLOSE;
        let lost = !optimal && round >= WHOLE_STEPS;
        let done =
            lost || round >= ROUNDS || limits.reached() || holds && (loose <= CLOSE || change <= SETTLED);
        if holds && optimal || best.is_none() && done {
            let price = (optimal && plain.status == solver::Status::Optimal).then_some(Price {
                at_half: plain.relaxed,
                confident: solved.relaxed,
                given_up: plain.relaxed - solved.relaxed,
            });
            let better = best.as_ref().is_none_or(|best| solved.relaxed > best.solved.relaxed);
            if better {
                best = Some(Confident { model, slopes: slopes.clone(), solved, price });
            }
        }
        if done && let Some(best) = best.take() {
            return Ok(best);
        }
        let next = next.after(&slopes);
        slopes = match round {
            ..WHOLE_STEPS => next,
            // Enough room at this plan and those before it; or half of what is too much given back.
            _ if !holds => next.wider(&slopes),
            _ => slopes.towards(&next),
        };
    }
    Err(Error::Internal("the solves for a confidence do not end".into()))
}

/// The slopes at a solution.
fn at(day: &Day<'_>, split: &Split, room: &Room<'_>, x: &[f64]) -> Slopes {
    let columns = &split.model.program.columns;
    Slopes::at(split, day.ladders, room, |index| {
        let (ladder, shares) = (&day.ladders.ladders[index], &x[columns.ladders[index].columns.clone()]);
        let hour = |hour: usize| -> Outcome {
            ladder.at_hour(hour).iter().zip(shares).map(|(outcome, share)| *outcome * *share).sum()
        };
        let share: f64 = shares.iter().sum();
        let outcomes = || (0..ladder.hours.len()).map(hour).collect();
        (share > 1e-9).then(|| Running { outcomes: outcomes(), share })
    })
}

/// By how much rows leave too little room at most, and rows with a price too much or too little, as a share of
/// the room that they should leave.
fn off(plain: &Program, model: &Program, solved: &Solved, slopes: &Slopes, room: &Room<'_>) -> [f64; 2] {
    let (values, leaning) = (plain.activity(&solved.x), model.activity(&solved.x));
    let (mut short, mut loose) = (0.0f64, 0.0f64);
    for (row, bounds) in plain.rows.iter().enumerate() {
        let asked = room.deviate * slopes.deviations[row];
        if asked <= 1e-9 * values[row].1 {
            continue;
        }
        let inside = (values[row].0 - bounds.lower).min(bounds.upper - values[row].0);
        if bounds.penalty.is_none() {
            short = short.max(1.0 - inside / asked);
        }
        if solved.prices[row] != 0.0 {
            // What is given leaves room by its bound, the rest by its weights.
            let other = &model.rows[row];
            let of_given = if bounds.upper.is_finite() {
                bounds.upper - other.upper
            } else {
                bounds.lower - other.lower
            };
            let left = (leaning[row].0 - values[row].0 + of_given).abs();
            loose = loose.max((left / asked - 1.0).abs());
        }
    }
    [short, loose]
}
