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

use rayon::prelude::*;

use super::options::{Brought, Near, Options, Own};
use crate::config::limits::Limits;
use crate::ladder::{Ladder, Ladders};
use crate::landscape::Forecast;
use crate::metric::Outcome;
use crate::program::Model;

/// Rounds of rising prices before mending is given up.
pub const ROUNDS: usize = 24;
/// Sweeps over the ladders within a round; few are needed, ties must not go on for ever.
const SWEEPS: usize = 6;
/// Rows are kept this far inside their bounds, relative to their activity, so that adding up in another
/// order cannot break them.
const INSIDE: f64 = 1e-9;

/// The bids chosen, one per ladder; nothing where the ladder does not run.
#[derive(Clone, Default)]
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

/// Everything that choosing needs to know.
pub struct Chooser<'a> {
    options: Options<'a>,
    own: Vec<Own>,
}

impl<'a> Chooser<'a> {
    /// Among these ladders, under the program on them and the landscapes on the day; `limits` are those of each
    /// ladder's hours (they share them).
    pub fn new(
        ladders: &'a Ladders,
        model: &'a Model,
        forecast: &'a Forecast<'a>,
        limits: &'a [Limits],
    ) -> Self {
        let options = Options { ladders, model, forecast, limits };
        Chooser { own: options.own(), options }
    }

    /// The ladders.
    pub fn ladders(&self) -> &'a Ladders {
        self.options.ladders
    }

    /// The program on them.
    pub fn model(&self) -> &'a Model {
        self.options.model
    }

    /// Turns shares into bids. `prices` are the program's row prices; `decided` fixes whole ladders; a
    /// broken row costs more in each of `rounds`.
    pub fn choose(&self, x: &[f64], prices: &[f64], decided: &[Option<bool>], rounds: usize) -> Choice {
        let (options, program) = (&self.options, &self.options.model.program);
        let count = options.ladders.ladders.len();
        let mut bids: Vec<Option<f64>> = (0..count).map(|ladder| self.rounded(ladder, x)).collect();
        let rounded = bids.clone();
        let with_steps = |(ladder, (own, bid)): (usize, (&Own, &Option<f64>))| {
            (options.one(ladder, &own.rows, *bid), options.near(ladder, &own.rows, *bid))
        };
        let (mut chosen, mut near): (Vec<Brought>, Vec<Near>) =
            self.own.par_iter().zip(&bids).enumerate().map(with_steps).unzip();
        let mut used = vec![Used::default(); program.rows.len()];
        for (own, chosen) in self.own.iter().zip(&chosen) {
            add(&mut used, &own.rows, chosen.option(0, own.rows.len()).1);
        }
        let scale: Vec<f64> = crate::solver::conflict::scales(program);
        let most = |ladder: usize| program.gains(ladder).into_iter().fold(0.0, f64::max);
        let worth = (0..count).map(most).sum::<f64>().max(1.0);
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
        let nothing = vec![0.0; program.rows.len()];
        let mut met = false;
        for _ in 0..rounds {
            for _ in 0..SWEEPS {
                let mut changed = false;
                for ladder in 0..count {
                    if decided.get(ladder).copied().flatten().is_some() {
                        continue;
                    }
                    let Own { rows, rungs } = &self.own[ladder];
                    // All options of a ladder touch the same rows, so only those are compared.
                    take_off(&mut used, rows, chosen[ladder].option(0, rows.len()).1);
                    // Nothing for an option that is no better than another: most are told by their gain alone.
                    let merit = |(gain, parts): (f64, &[f64]), than: f64| {
                        let mut merit = (gain > than).then_some(gain);
                        let mut lost = 0.0;
                        for (row, more) in rows.iter().zip(parts) {
                            merit?;
                            lost += penalties[*row] * broken(*row, used[*row].with(*more));
                            merit = Some(gain - lost).filter(|merit| *merit > than);
                        }
                        merit
                    };
                    let present =
                        merit(chosen[ladder].option(0, rows.len()), f64::NEG_INFINITY).unwrap_or(f64::MIN);
                    if near[ladder].around != bids[ladder] {
                        near[ladder] = options.near(ladder, rows, bids[ladder]);
                    }
                    let Near { bids: fine, brought, .. } = &near[ladder];
                    let on_rungs = options.ladders.ladders[ladder].bids.iter().enumerate();
                    let on_rungs = on_rungs.map(|(at, bid)| (Some(*bid), rungs.option(at, rows.len())));
                    let beside = fine.iter().enumerate();
                    let beside = beside.map(|(at, bid)| (Some(*bid), brought.option(at, rows.len())));
                    let nothing = (None, (0.0, &nothing[..rows.len()]));
                    let mut best = (present, None);
                    for (bid, brought) in on_rungs.chain(beside).chain([nothing]) {
                        // Of equals the last.
                        if let Some(value) = merit(brought, present)
                            && value >= best.0
                        {
                            best = (value, Some(bid));
                        }
                    }
                    if let (value, Some(bid)) = best
                        && value > present + 1e-9 * (1.0 + present.abs())
                    {
                        bids[ladder] = bid;
                        chosen[ladder] = options.one(ladder, rows, bid);
                        changed = true;
                    }
                    add(&mut used, rows, chosen[ladder].option(0, rows.len()).1);
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
        let rungs = &self.options.ladders.ladders[ladder];
        let shares = &x[self.options.model.program.columns.ladders[ladder].columns.clone()];
        let used: f64 = shares.iter().sum();
        if used < 0.5 {
            return None;
        }
        if rungs.whole {
            return rungs.bids.first().copied();
        }
        let mean = rungs.bids.iter().zip(shares).map(|(bid, share)| bid * share).sum::<f64>() / used;
        let (low, high) = (rungs.bids.first()?, rungs.bids.last()?);
        Some(self.options.limits[ladder].snap(mean).clamp(*low, *high))
    }

    /// Outcomes of a ladder's hours at any bid between its rungs.
    pub fn outcomes(&self, ladder: usize, bid: f64) -> Vec<Outcome> {
        outcomes(&self.options.ladders.ladders[ladder], self.options.forecast, bid)
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

fn add(used: &mut [Used], rows: &[usize], parts: &[f64]) {
    for (row, more) in rows.iter().zip(parts) {
        used[*row] = used[*row].with(*more);
    }
}

fn take_off(used: &mut [Used], rows: &[usize], parts: &[f64]) {
    for (row, less) in rows.iter().zip(parts) {
        used[*row].activity -= less;
        used[*row].by -= u32::from(*less != 0.0);
    }
}
