//! From shares of rungs to one executable bid a ladder.
//!
//! The linear program may run a share of a ladder on one rung and the rest on another, or not at all.
//! One bid between neighbouring rungs does nearly the same; what it does exactly is asked of the
//! landscapes again. Then bids are moved, one ladder at a time, towards what earns most by the exact
//! outcomes, a broken row costing more in every round until none is broken:
//!
//! ```text
//! merit = objective − Σ_k price_k · violation_k,     price_k ← 4 · price_k while row k is broken
//! ```
//!
//! (an exact penalty with coordinate ascent). So the plan that leaves here meets every row, and its
//! distance to the program's bound says what that cost. (`models/formulation.md` §7)

use crate::config::PlanFile;
use crate::config::limits::Limits;
use crate::ladder::{Ladder, Ladders};
use crate::landscape::Forecast;
use crate::metric::Outcome;
use crate::program::{Model, Weights};

/// Rounds of rising prices before mending is given up.
pub const ROUNDS: usize = 24;
/// Sweeps over the ladders within a round; few are needed, ties must not go on for ever.
const SWEEPS: usize = 6;
/// Rows are kept this far inside their bounds, relative to their activity, so that adding up in another
/// order cannot break them.
const INSIDE: f64 = 1e-9;

/// The bids chosen, one per ladder; nothing where the ladder does not run.
#[derive(Clone)]
pub struct Choice {
    /// Bid of each ladder.
    pub bids: Vec<Option<f64>>,
    /// Whether every hard row is met.
    pub met: bool,
    /// Objective lost to broken soft rows.
    pub penalty: f64,
    /// Ladders whose bid was moved after rounding.
    pub moved: usize,
}

/// What one option of a ladder brings: objective and row activities.
#[derive(Clone, Default)]
struct Effect {
    gain: f64,
    rows: Vec<(usize, f64)>,
}

/// Everything that choosing needs to know.
pub struct Chooser<'a> {
    /// The ladders.
    pub ladders: &'a Ladders,
    /// The program on them.
    pub model: &'a Model,
    /// The landscapes on the day.
    pub forecast: &'a Forecast<'a>,
    /// The plan file.
    pub file: &'a PlanFile,
    /// Limits of each ladder's hours (they share them).
    pub limits: &'a [Limits],
}

impl Chooser<'_> {
    /// Turns shares into bids. `prices` are the program's row prices; `decided` fixes whole ladders; a
    /// broken row costs more in each of `rounds`.
    pub fn choose(&self, x: &[f64], prices: &[f64], decided: &[Option<bool>], rounds: usize) -> Choice {
        let mut bids: Vec<Option<f64>> =
            (0..self.ladders.ladders.len()).map(|ladder| self.rounded(ladder, x)).collect();
        let rounded = bids.clone();
        let program = &self.model.program;
        let mut used = vec![Used::default(); program.rows.len()];
        let mut effects = vec![Effect::default(); bids.len()];
        for (ladder, (effect, bid)) in effects.iter_mut().zip(&bids).enumerate() {
            self.effect(ladder, *bid, effect);
        }
        for effect in &effects {
            add(&mut used, effect);
        }
        let scale: Vec<f64> = crate::solver::conflict::scales(program);
        let most = |ladder: usize| program.gains(ladder).into_iter().fold(0.0, f64::max);
        let worth = (0..program.columns.ladders.len()).map(most).sum::<f64>().max(1.0);
        let mut penalties: Vec<f64> = program
            .rows
            .iter()
            .zip(prices)
            .zip(&scale)
            .map(|((row, price), scale)| {
                row.penalty.unwrap_or_else(|| (2.0 * price.abs()).max(0.01 * worth / scale))
            })
            .collect();
        let broken = |row: usize, used: Used| {
            let bounds = &program.rows[row];
            // Where nothing runs, a sum is 0 and not nearly so.
            let (activity, inside) = match used.by {
                0 => (0.0, 0.0),
                _ => (used.activity, INSIDE * scale[row].max(used.activity.abs())),
            };
            (bounds.lower + inside - activity).max(activity - (bounds.upper - inside)).max(0.0)
        };
        // Options are looked at by the million: what they bring is written into the same places.
        let (mut met, mut best, mut effect) = (false, Effect::default(), Effect::default());
        for _ in 0..rounds {
            for _ in 0..SWEEPS {
                let mut changed = false;
                for ladder in 0..bids.len() {
                    if decided.get(ladder).copied().flatten().is_some() {
                        continue;
                    }
                    // All options of a ladder touch the same rows, so only those are compared.
                    take_off(&mut used, &effects[ladder]);
                    let merit = |effect: &Effect| {
                        let broken = effect
                            .rows
                            .iter()
                            .map(|(row, more)| penalties[*row] * broken(*row, used[*row].with(*more)));
                        effect.gain - broken.sum::<f64>()
                    };
                    let present = merit(&effects[ladder]);
                    let mut most: Option<(f64, Option<f64>)> = None;
                    for bid in self.options(ladder, bids[ladder]) {
                        self.effect(ladder, bid, &mut effect);
                        let value = merit(&effect);
                        if most.is_none_or(|(most, _)| value >= most) {
                            most = Some((value, bid));
                            std::mem::swap(&mut best, &mut effect);
                        }
                    }
                    if let Some((value, bid)) = most
                        && value > present + 1e-9 * (1.0 + present.abs())
                    {
                        bids[ladder] = bid;
                        effects[ladder].clone_from(&best);
                        changed = true;
                    }
                    add(&mut used, &effects[ladder]);
                }
                if !changed {
                    break;
                }
            }
            let mut all_met = true;
            for (row, used) in used.iter().enumerate() {
                if program.rows[row].penalty.is_none() && broken(row, *used) > 0.0 {
                    penalties[row] *= 4.0;
                    all_met = false;
                }
            }
            met = all_met;
            if met {
                break;
            }
        }
        let moved = bids.iter().zip(&rounded).filter(|(bid, rounded)| bid != rounded).count();
        let penalty = |row: usize| {
            let (bounds, activity) = (&program.rows[row], used[row].activity);
            let broken = (bounds.lower - activity).max(activity - bounds.upper).max(0.0);
            bounds.penalty.map_or(0.0, |penalty| penalty * broken)
        };
        let penalty = (0..program.rows.len()).map(penalty).sum();
        Choice { bids, met, penalty, moved }
    }

    /// The mean bid of what runs, on its step, where at least half of the ladder runs.
    fn rounded(&self, ladder: usize, x: &[f64]) -> Option<f64> {
        let rungs = &self.ladders.ladders[ladder];
        let shares = &x[self.model.program.columns.ladders[ladder].columns.clone()];
        let used: f64 = shares.iter().sum();
        if used < 0.5 {
            return None;
        }
        if rungs.whole {
            return rungs.bids.first().copied();
        }
        let mean = rungs.bids.iter().zip(shares).map(|(bid, share)| bid * share).sum::<f64>() / used;
        let (low, high) = (rungs.bids.first()?, rungs.bids.last()?);
        Some(self.limits[ladder].snap(mean).clamp(*low, *high))
    }

    /// Outcomes of a ladder's hours at any bid between its rungs.
    pub fn outcomes(&self, ladder: usize, bid: f64) -> Vec<Outcome> {
        outcomes(&self.ladders.ladders[ladder], self.forecast, bid)
    }

    /// What a bid, or not running, brings; rows that the ladder reaches are named even at zero.
    fn effect(&self, ladder: usize, bid: Option<f64>, effect: &mut Effect) {
        let (program, rungs) = (&self.model.program, &self.ladders.ladders[ladder]);
        let rung = bid.and_then(|bid| rungs.bids.iter().position(|rung| *rung == bid));
        (effect.gain, _) = (0.0, effect.rows.clear());
        for (at, (hour, group)) in rungs.hours.iter().zip(&self.model.hour_groups[ladder]).enumerate() {
            let outcome = match (bid, rung) {
                (None, _) => Outcome::default(),
                (_, Some(rung)) => rungs.at_hour(at)[rung],
                (Some(bid), None) => self.forecast.outcome(rungs.unit, *hour, bid),
            };
            let measures = outcome.measures();
            effect.gain += dot(&program.objective, &measures);
            for term in &program.groups[*group] {
                let used = dot(&term.weights, &measures);
                match effect.rows.binary_search_by_key(&term.row, |(row, _)| *row) {
                    Ok(at) => effect.rows[at].1 += used,
                    Err(at) => effect.rows.insert(at, (term.row, used)),
                }
            }
        }
    }

    /// Not running, the rungs, and fine steps around the present bid.
    fn options(&self, ladder: usize, present: Option<f64>) -> impl Iterator<Item = Option<f64>> {
        let rungs: &Ladder = &self.ladders.ladders[ladder];
        let mut steps = None;
        if let (Some(present), Some(low), Some(high), false) =
            (present, rungs.bids.first(), rungs.bids.last(), rungs.whole)
        {
            let (limits, step) = (&self.limits[ladder], self.limits[ladder].step);
            let (low, high) = (*low, *high);
            let near =
                [-8.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 8.0].map(|steps| limits.snap(present + steps * step));
            steps = Some(near.into_iter().filter(move |bid| (low..=high).contains(bid)));
        }
        rungs.bids.iter().copied().chain(steps.into_iter().flatten()).map(Some).chain([None])
    }
}

/// Outcomes of a ladder's hours at any bid between its rungs.
pub fn outcomes(rungs: &Ladder, forecast: &Forecast<'_>, bid: f64) -> Vec<Outcome> {
    match rungs.bids.iter().position(|rung| *rung == bid) {
        Some(rung) => (0..rungs.hours.len()).map(|hour| rungs.at_hour(hour)[rung]).collect(),
        None => rungs.hours.iter().map(|hour| forecast.outcome(rungs.unit, *hour, bid)).collect(),
    }
}

/// What the ladders that run use of a row.
#[derive(Clone, Copy, Default)]
struct Used {
    activity: f64,
    /// How many of them use any of it.
    by: u32,
}

impl Used {
    fn with(mut self, more: f64) -> Used {
        self.activity += more;
        self.by += u32::from(more != 0.0);
        self
    }
}

fn add(used: &mut [Used], effect: &Effect) {
    for (row, more) in &effect.rows {
        used[*row] = used[*row].with(*more);
    }
}

fn take_off(used: &mut [Used], effect: &Effect) {
    for (row, less) in &effect.rows {
        used[*row].activity -= less;
        used[*row].by -= u32::from(*less != 0.0);
    }
}

fn dot(weights: &Weights, measures: &Weights) -> f64 {
    weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum()
}
