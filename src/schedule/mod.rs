//! Schedules: bids as platforms take them.
//!
//! ```text
//! effective bid of a unit in an hour = base bid of the unit · percent of its campaign in the hour ÷ 100
//! ```
//!
//! A campaign has a percent for each window of the day, or is off there; a unit has one base bid, or is paused.
//! Base bids and schedules are found together: given the schedule, each unit's best base bid; given the base bids,
//! the campaign's best schedule, both at the rules' prices ([`mod@priced`], [`clock`]). Prices come from a program
//! whose ladders are campaigns and whose rungs are whole schedules ([`master`]), and new schedules are made at
//! those prices until none pays. What is chosen is then moved, step by step, on exact outcomes until every rule
//! holds ([`mod@ascent`]). (`models/formulation.md` §10)

pub mod ascent;
pub mod clock;
pub mod executable;
pub mod grid;
pub mod master;
mod moves;
pub mod priced;
pub mod split;
mod swap;

use rayon::prelude::*;

use crate::calendar::HOURS;
use crate::config::Terms;
use crate::ladder::Ladders;
use crate::landscape::Forecast;
use crate::program::{Model, Weights};
use crate::solver::{Limits, Solver};
pub use grid::{Grid, Part};
use master::{Decided, Master, Mixed, largest};
use priced::Priced;

/// The percents of a campaign by hour; nothing where it is off.
pub type Clock = [Option<u32>; HOURS];

/// Base bids and schedule of one campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Base bid of each unit of the grid in steps of [`Terms::bid_step`]; nothing where it is paused.
    pub base: Vec<Option<i64>>,
    /// The schedule.
    pub percent: Clock,
}

impl Setting {
    /// Nothing runs.
    pub fn idle(units: usize) -> Setting {
        Setting { base: vec![None; units], percent: [None; HOURS] }
    }

    /// The effective bid of a unit in an hour, where both run.
    pub fn effective(&self, unit: usize, hour: usize, terms: &Terms) -> Option<f64> {
        Some(effective(self.base[unit]?, self.percent[hour]?, terms))
    }

    /// Windows of the schedule: runs of hours with one percent.
    pub fn windows(&self) -> Vec<(usize, usize, u32)> {
        clock::windows(&self.percent)
    }
}

/// Base bid × percent, as a clean decimal.
pub fn effective(steps: i64, percent: u32, terms: &Terms) -> f64 {
    let bid = (steps * i64::from(percent)) as f64 * terms.bid_step / 100.0;
    (bid * 1e8).round() / 1e8
}

/// What is scheduled, and by which rules.
pub struct Problem<'a> {
    /// The admissible bids of the cells to schedule; what else the plan holds is given.
    pub ladders: &'a Ladders,
    /// The program on them.
    pub model: &'a Model,
    /// The landscapes on the day.
    pub forecast: &'a Forecast<'a>,
    /// What the platform takes.
    pub terms: &'a Terms,
}

impl Problem<'_> {
    /// The objective and the rows' weights of the measures in a cell, at prices, less the objective's constant.
    fn worth(&self, priced: &[Weights], group: usize, measures: &Weights) -> f64 {
        priced[group].iter().zip(measures).map(|(weight, measure)| weight * measure).sum()
    }
}

/// A finished schedule.
pub struct Scheduled {
    /// The campaigns, or the parts into which they are split.
    pub grids: Vec<Grid>,
    /// What each of them is set to.
    pub settings: Vec<Setting>,
    /// Whether every hard row is met.
    pub met: bool,
    /// Prices of the rows at which the schedules were made.
    pub prices: Vec<f64>,
    /// Splits that would earn more.
    pub splits: Vec<split::Split>,
}

/// Rounds of prices and new schedules; the last ones hardly add anything.
const ROUNDS: usize = 10;
/// Prices at which the first schedules are made, as multiples of the free program's.
const FIRST: [f64; 4] = [1.0, 0.0, 0.6, 1.6];

/// Finds the schedules of all campaigns that earn the most. `prices` are the row prices of the free program.
///
/// # Errors
/// A numerical failure of the solver.
pub fn schedule(
    problem: &Problem<'_>,
    grids: Vec<Grid>,
    prices: &[f64],
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Scheduled, String> {
    let whole = settle(problem, grids, prices, solver, limits)?;
    let splits = split::find(problem, &whole);
    let useful = splits.iter().any(split::Split::pays);
    if problem.terms.split < 2 || !useful {
        return Ok(Scheduled { splits: splits.into_iter().filter(split::Split::pays).collect(), ..whole });
    }
    let parts = split::apply(&whole.grids, &splits);
    let apart = settle(problem, parts, &whole.prices, solver, limits)?;
    let gain = |scheduled: &Scheduled| ascent::objective(problem, &scheduled.grids, &scheduled.settings);
    // Splitting is only proposed where it pays at given prices; whether it did is seen now.
    if (apart.met, gain(&apart)) >= (whole.met, gain(&whole)) { Ok(apart) } else { Ok(whole) }
}

fn settle(
    problem: &Problem<'_>,
    grids: Vec<Grid>,
    prices: &[f64],
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Scheduled, String> {
    let mut master = Master::new(problem, &grids);
    for scale in FIRST {
        let scaled: Vec<f64> = prices.iter().map(|price| price * scale).collect();
        let made = make(problem, &grids, &scaled, |_| None, |_| true);
        made.into_iter().enumerate().for_each(|(at, (setting, _))| {
            master.add(at, setting);
        });
    }
    let open = vec![Decided::Open; grids.len()];
    let mut mixed = master.solve(&open, prices, solver, limits)?;
    for _ in 0..ROUNDS {
        if limits.reached() || !enrich(problem, &mut master, &open, &mixed.prices) {
            break;
        }
        mixed = master.solve(&open, &mixed.prices, solver, limits)?;
    }
    let dived = dive(problem, &mut master, &mixed, solver, limits)?;
    let climb = |start: Vec<Setting>| {
        let (settings, met) = ascent::ascend(problem, &grids, &master, start, &mixed.prices);
        (met, ascent::objective(problem, &grids, &settings), settings)
    };
    let best = |a: (bool, f64, Vec<Setting>), b: (bool, f64, Vec<Setting>)| {
        if (b.0, b.1) > (a.0, a.1) { b } else { a }
    };
    let mut ended = best(climb(dived), climb(master.pick(&mixed.shares)));
    // Where too much runs to be mended: what was made at the first prices, and at last nothing, to which is added
    // what the rules allow.
    for made in 0..=FIRST.len() {
        if ended.0 {
            break;
        }
        ended = best(ended, climb(master.made(made)));
    }
    let (met, _, settings) = ended;
    Ok(Scheduled { grids, settings, met, prices: mixed.prices, splits: Vec::new() })
}

/// Adds the best schedules of the open campaigns at prices, those that are worth more than all that are there.
/// Whether any was.
fn enrich(problem: &Problem<'_>, master: &mut Master<'_, '_>, decided: &[Decided], prices: &[f64]) -> bool {
    let known: Vec<(Setting, f64)> = (0..decided.len()).map(|at| master.best(at, prices)).collect();
    let open = |at: usize| decided[at] == Decided::Open;
    let made = make(problem, master.grids(), prices, |at| open(at).then(|| known[at].0.clone()), open);
    let mut added = false;
    for (at, (setting, _)) in made.into_iter().enumerate().filter(|(at, _)| open(*at)) {
        let (worth, known) = (master.worth(at, &setting, prices), known[at].1);
        if worth > known + 1e-6 * (1.0 + known.abs()) {
            added |= master.add(at, setting);
        }
    }
    added
}

/// Decides one campaign after the other, the surest first; what is left of the rules after each sets the prices
/// at which the schedules of the others are made.
fn dive(
    problem: &Problem<'_>,
    master: &mut Master<'_, '_>,
    mixed: &Mixed,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Vec<Setting>, String> {
    let mut decided = vec![Decided::Open; master.grids().len()];
    let (mut shares, mut prices) = (mixed.shares.clone(), mixed.prices.clone());
    loop {
        let open = (0..decided.len()).filter(|at| decided[*at] == Decided::Open);
        let surest = open.map(|at| (at, largest(&shares[at]))).max_by(|a, b| a.1.1.total_cmp(&b.1.1));
        let Some((at, (choice, _))) = surest else { break };
        decided[at] = choice;
        if limits.reached() || !decided.contains(&Decided::Open) {
            continue;
        }
        let mut rest = master.solve(&decided, &prices, solver, limits)?;
        if enrich(problem, master, &decided, &rest.prices) {
            rest = master.solve(&decided, &rest.prices, solver, limits)?;
        }
        (shares, prices) = (rest.shares, rest.prices);
    }
    Ok((0..decided.len()).map(|at| master.setting(at, decided[at])).collect())
}

/// The best schedule that is found of every campaign to be made at prices: from another start if there is one, else
/// from several.
fn make(
    problem: &Problem<'_>,
    grids: &[Grid],
    prices: &[f64],
    also: impl Fn(usize) -> Option<Setting> + Sync,
    wanted: impl Fn(usize) -> bool + Sync,
) -> Vec<(Setting, f64)> {
    let weights = problem.model.program.priced(prices);
    let one = |(at, grid): (usize, &Grid)| {
        if !wanted(at) {
            return (Setting::idle(grid.units.len()), 0.0);
        }
        let priced = Priced::new(problem, grid, &weights);
        match also(at) {
            None => priced.best(),
            Some(start) => {
                let (anew, further) = (priced.settle(priced.start()), priced.polish(start));
                if further.1 > anew.1 { further } else { anew }
            }
        }
    };
    grids.par_iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests;
