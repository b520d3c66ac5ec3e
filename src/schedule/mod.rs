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
//! those prices until none pays, and some at prices around them. One of each campaign is chosen ([`choose`]) and moved, step by step, on exact outcomes until every rule
//! holds ([`mod@ascent`]). (`models/formulation.md` §10)

pub mod ascent;
mod choose;
pub mod clock;
pub mod executable;
pub mod grid;
pub mod master;
mod moves;
mod penalty;
pub mod pins;
pub mod priced;
pub mod split;
mod start;
mod swap;

use rayon::prelude::*;

use crate::calendar::HOURS;
use crate::config::Terms;
use crate::ladder::Ladders;
use crate::landscape::Forecast;
use crate::program::{Model, Weights};
use crate::solver::{Limits, Solver, conflict};
pub use grid::{Grid, Part};
use master::Master;
use penalty::Penalties;
pub use pins::Wishes;
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
    /// Cells that are to run whatever they are worth, because a person said so.
    pub wishes: &'a Wishes,
}

impl Problem<'_> {
    /// What a cell is worth beyond what it brings, where a person wants it to run.
    fn wish(&self, unit: u32, hour: usize) -> f64 {
        self.wishes.of(unit, hour)
    }

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
/// Prices around the mix's, as multiples of them.
const NEARBY: [f64; 6] = [0.7, 0.85, 0.95, 1.05, 1.15, 1.4];
/// How often the choice is made again among what was climbed to.
const AGAIN: usize = 3;
/// Rows whose prices are moved by themselves, the dearest first.
const ALONE: usize = 4;

/// Finds the schedules of all campaigns that earn the most. `prices` are the row prices of the free program; `known` are
/// schedules to begin with beside others, one for each grid or none.
///
/// # Errors
/// A numerical failure of the solver.
pub fn schedule(
    problem: &Problem<'_>,
    grids: Vec<Grid>,
    prices: &[f64],
    known: &[Setting],
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Scheduled, String> {
    let whole = settle(problem, grids, prices, known, solver, limits)?;
    let splits = split::find(problem, &whole);
    let useful = splits.iter().any(split::Split::pays);
    if problem.terms.split < 2 || !useful {
        return Ok(Scheduled { splits: splits.into_iter().filter(split::Split::pays).collect(), ..whole });
    }
    let parts = split::apply(&whole.grids, &splits);
    let apart = settle(problem, parts, &whole.prices, &[], solver, limits)?;
    let gain = |scheduled: &Scheduled| ascent::objective(problem, &scheduled.grids, &scheduled.settings);
    // Splitting is only proposed where it pays at given prices; whether it did is seen now.
    if (apart.met, gain(&apart)) >= (whole.met, gain(&whole)) { Ok(apart) } else { Ok(whole) }
}

fn settle(
    problem: &Problem<'_>,
    grids: Vec<Grid>,
    prices: &[f64],
    known: &[Setting],
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Scheduled, String> {
    // Solves are short; the limits end the search for schedules.
    let unlimited = &Limits { deadline: None, ..*limits };
    let mut master = Master::new(problem, &grids);
    for scale in FIRST {
        let scaled: Vec<f64> = prices.iter().map(|price| price * scale).collect();
        make(problem, &mut master, &scaled, |_, priced| priced.best());
    }
    if known.len() == grids.len() {
        make(problem, &mut master, prices, |at, priced| priced.polish(known[at].clone()));
    }
    let mut mixed = master.solve(prices, solver, unlimited)?;
    for _ in 0..ROUNDS {
        if limits.reached() || !enrich(problem, &mut master, &mixed) {
            break;
        }
        mixed = master.solve(&mixed, solver, unlimited)?;
    }
    for near in nearby(problem, &mixed) {
        if limits.reached() {
            break;
        }
        let known: Vec<Setting> = (0..grids.len()).map(|at| master.best(at, &near).0).collect();
        make(problem, &mut master, &near, |at, priced| priced.polish(known[at].clone()));
    }
    let program = &problem.model.program;
    let climb = |start: Vec<Setting>| {
        let (settings, met) = ascent::ascend(problem, &grids, start, &mixed);
        (met, ascent::objective(problem, &grids, &settings), settings)
    };
    let choose = |master: &Master<'_, '_>| {
        master.picked(&choose::choose(master, &mixed, Penalties::new(program, &mixed)))
    };
    let mut ended = climb(choose(&master));
    // What was climbed to is one more schedule of each campaign to choose from.
    for _ in 0..AGAIN {
        ended.2.iter().enumerate().for_each(|(at, setting)| _ = master.add(at, setting.clone()));
        let other = climb(choose(&master));
        if limits.reached() || (other.0, other.1) <= (ended.0, ended.1) {
            break;
        }
        ended = other;
    }
    // Where too much runs to be mended: what was made at the first prices, and at last nothing.
    for made in (0..FIRST.len()).map(Some).chain([None]) {
        if ended.0 {
            break;
        }
        let other = climb(master.picked(&vec![made; grids.len()]));
        if (other.0, other.1) > (ended.0, ended.1) {
            ended = other;
        }
    }
    let (met, _, settings) = ended;
    Ok(Scheduled { grids, settings, met, prices: mixed, splits: Vec::new() })
}

/// Adds the best schedules of the campaigns at prices, those that are worth more than all that are there. Whether any
/// was.
fn enrich(problem: &Problem<'_>, master: &mut Master<'_, '_>, prices: &[f64]) -> bool {
    let known: Vec<(Setting, f64)> = (0..master.grids().len()).map(|at| master.best(at, prices)).collect();
    let better = |at: usize, priced: &Priced<'_>| {
        let (setting, worth) = priced.further(known[at].0.clone());
        // Between rungs worth is a little off, so it must be more than noise.
        let idle = || Setting::idle(setting.base.len());
        if worth > known[at].1 * (1.0 + 1e-6) + 1e-6 { (setting, worth) } else { (idle(), 0.0) }
    };
    make(problem, master, prices, better)
}

/// Prices around those of the mix, at which schedules are made that spend a little more or less of what the rules
/// allow: all prices higher or lower, and each of the dearest rows by itself.
fn nearby(problem: &Problem<'_>, prices: &[f64]) -> Vec<Vec<f64>> {
    let scales = conflict::scales(&problem.model.program);
    let cost = |row: usize| prices[row].abs() * scales[row];
    let mut rows: Vec<usize> = (0..prices.len()).filter(|row| cost(*row) > 0.0).collect();
    rows.sort_by(|a, b| cost(*b).total_cmp(&cost(*a)).then(a.cmp(b)));
    rows.truncate(ALONE);
    let all = NEARBY.map(|scale| prices.iter().map(|price| price * scale).collect());
    let alone = rows.iter().flat_map(|row| {
        NEARBY.map(|scale| {
            let mut scaled = prices.to_vec();
            scaled[*row] *= scale;
            scaled
        })
    });
    all.into_iter().chain(alone).collect()
}

/// Makes a schedule of every campaign at prices and adds it to the others, unless it is there. Whether any was added.
fn make(
    problem: &Problem<'_>,
    master: &mut Master<'_, '_>,
    prices: &[f64],
    best: impl Fn(usize, &Priced<'_>) -> (Setting, f64) + Sync,
) -> bool {
    let weights = problem.model.program.priced(prices);
    let one = |(at, grid): (usize, &Grid)| best(at, &Priced::new(problem, grid, &weights)).0;
    let made: Vec<Setting> = master.grids().par_iter().enumerate().map(one).collect();
    made.into_iter().enumerate().fold(false, |added, (at, setting)| master.add(at, setting) || added)
}

#[cfg(test)]
mod tests;
