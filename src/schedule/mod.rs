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
//! holds ([`mod@ascent`]). (`models/formulation.md` §9)

pub mod ascent;
pub mod clock;
pub mod executable;
pub mod grid;
pub mod master;
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
use master::Master;
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
const ROUNDS: usize = 12;
/// Prices at which the first schedules are made, as multiples of the free program's.
const FIRST: [f64; 6] = [1.0, 0.0, 0.5, 0.8, 1.3, 2.0];

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
        let made = make(problem, &grids, &scaled, |_| None);
        made.into_iter().enumerate().for_each(|(at, (setting, _))| {
            master.add(at, setting);
        });
    }
    let mut mixed = master.solve(prices, solver, limits)?;
    for _ in 0..ROUNDS {
        if limits.reached() {
            break;
        }
        let best = |at: usize| master.best(at, &mixed.prices);
        let made = make(problem, &grids, &mixed.prices, |at| Some(best(at).0.clone()));
        let mut added = false;
        for (at, (setting, _)) in made.into_iter().enumerate() {
            let worth = master.worth(at, &setting, &mixed.prices);
            let known = master.best(at, &mixed.prices).1;
            if worth > known + 1e-6 * (1.0 + known.abs()) {
                added |= master.add(at, setting);
            }
        }
        if !added {
            break;
        }
        mixed = master.solve(&mixed.prices, solver, limits)?;
    }
    let start = master.pick(&mixed.shares);
    let (settings, met) = ascent::ascend(problem, &grids, &master, start, &mixed.prices);
    Ok(Scheduled { grids, settings, met, prices: mixed.prices, splits: Vec::new() })
}

/// The best schedule of every campaign at prices, from the cells' own best bids and from another start.
fn make(
    problem: &Problem<'_>,
    grids: &[Grid],
    prices: &[f64],
    also: impl Fn(usize) -> Option<Setting> + Sync,
) -> Vec<(Setting, f64)> {
    let weights = problem.model.program.priced(prices);
    let one = |(at, grid): (usize, &Grid)| {
        let priced = Priced::new(problem, grid, &weights);
        let mut best = priced.best();
        if let Some(start) = also(at) {
            let other = priced.polish(start);
            if other.1 > best.1 {
                best = other;
            }
        }
        best
    };
    grids.par_iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests;
