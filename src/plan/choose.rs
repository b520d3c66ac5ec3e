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

use super::levels::{Levels, Used};
use super::table::{Options, Table};
use crate::config::limits::Limits;
use crate::ladder::{Ladder, Ladders};
use crate::landscape::Forecast;
use crate::metric::Outcome;
use crate::program::Model;

/// Rounds of rising prices before mending is given up.
pub const ROUNDS: usize = 24;
/// Sweeps over the ladders within a round; few are needed, ties must not go on for ever.
const SWEEPS: usize = 6;

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
        Chooser { options: Options { ladders, model, forecast, limits } }
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
        let ladders = &options.ladders.ladders;
        let rounded: Vec<Option<f64>> =
            (0..ladders.len()).into_par_iter().map(|ladder| self.rounded(ladder, x)).collect();
        let seat = |(ladder, bid): (usize, &Option<f64>)| {
            let most = program.gains(ladder).into_iter().fold(0.0, f64::max);
            (most, Seat { table: Table::new(options, ladder, *bid), looked: None })
        };
        let (most, mut seats): (Vec<f64>, Vec<Seat>) = rounded.par_iter().enumerate().map(seat).unzip();
        let mut levels = Levels::new(program, prices, most.iter().sum::<f64>().max(1.0));
        seats.iter().for_each(|seat| levels.add(&seat.table));
        let mut merits = Merits::default();
        let mut met = false;
        for _ in 0..rounds {
            for _ in 0..SWEEPS {
                let mut changed = false;
                for (ladder, Seat { table, looked }) in seats.iter_mut().enumerate() {
                    let fixed = decided.get(ladder).copied().flatten().is_some();
                    // What was no better beside rows that are as they were is no better now.
                    if fixed || looked.is_some_and(|then| levels.as_after(then, &table.rows)) {
                        continue;
                    }
                    *looked = Some(levels.changes());
                    if let Some(better) = merits.better(&levels, table) {
                        let bid = table.option(better, &ladders[ladder].bids);
                        levels.take_off(table);
                        table.settle(options, ladder, bid);
                        levels.add(table);
                        (*looked, changed) = (None, true);
                    }
                }
                if !changed {
                    break;
                }
            }
            met = levels.raise();
            if met {
                break;
            }
        }
        let bids: Vec<Option<f64>> = seats.iter().map(|seat| seat.table.bid).collect();
        let moved = bids.iter().zip(&rounded).filter(|(bid, rounded)| bid != rounded).count();
        Choice { bids, met, penalty: levels.penalty(), moved }
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

/// A ladder while bids are chosen.
struct Seat {
    table: Table,
    /// After how many changes of rows its options were looked at, and none was better.
    looked: Option<u32>,
}

/// Finds the best of a ladder's options; room for what it needs.
#[derive(Default)]
struct Merits {
    left: Vec<Used>,
    lost: Vec<f64>,
}

impl Merits {
    /// The best of a ladder's options, where one is better than its present bid; of equals the last.
    fn better(&mut self, levels: &Levels, table: &Table) -> Option<usize> {
        let Merits { left, lost } = self;
        levels.without(table, left);
        // All options of a ladder touch the same rows, so only those are compared.
        let (gains, (gain, parts)) = (table.gains(), table.present());
        let mut present = 0.0;
        for ((row, left), part) in table.rows.iter().zip(&*left).zip(parts) {
            levels.charge(*row, *left, std::slice::from_ref(part), std::slice::from_mut(&mut present));
        }
        let present = gain - present;
        lost.clear();
        lost.resize(gains.len(), 0.0);
        for (row, left) in left.iter().enumerate() {
            // Rows only take away, and the first ones mostly all that there was.
            if !gains.iter().zip(&*lost).any(|(gain, lost)| gain - lost > present) {
                return None;
            }
            levels.charge(table.rows[row], *left, table.parts(row), lost);
        }
        let mut best = (present, None);
        for (option, merit) in gains.iter().zip(&*lost).map(|(gain, lost)| gain - lost).enumerate() {
            if merit > present && merit >= best.0 {
                best = (merit, Some(option));
            }
        }
        best.1.filter(|_| best.0 > present + 1e-9 * (1.0 + present.abs()))
    }
}
