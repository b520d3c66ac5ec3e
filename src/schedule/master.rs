//! Whole schedules weighed against each other: a program whose ladders are campaigns and whose rungs are schedules
//! that were made so far. Its prices are what the rules cost among schedules.

use super::{Grid, Problem, Setting};
use crate::calendar::HOURS;
use crate::program::{MEASURES, Program, Weights};
use crate::solver::{Limits, Solver, certify, conflict};

/// A schedule of a campaign and what it brings: measures by group of cells.
struct Column {
    setting: Setting,
    sums: Vec<Weights>,
}

/// The schedules made so far.
pub struct Master<'a, 'p> {
    problem: &'a Problem<'p>,
    grids: &'a [Grid],
    /// Groups of each campaign's cells.
    groups: Vec<Vec<usize>>,
    columns: Vec<Vec<Column>>,
}

/// Shares of the schedules, and prices.
pub struct Mixed {
    /// For each campaign, the share of each of its schedules.
    pub shares: Vec<Vec<f64>>,
    /// Row prices.
    pub prices: Vec<f64>,
}

/// What is decided of a campaign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decided {
    /// Nothing: any mix of its schedules.
    Open,
    /// It is idle.
    Idle,
    /// It has this of its schedules.
    Column(usize),
}

/// A broken row costs so many times the free program's price for it, so that prices stay finite while there are
/// too few schedules to keep every row.
const ELASTIC: f64 = 20.0;

impl<'a, 'p> Master<'a, 'p> {
    /// No schedules yet, but for the idle one that every campaign has.
    pub fn new(problem: &'a Problem<'p>, grids: &'a [Grid]) -> Self {
        let groups = |grid: &Grid| {
            let cells = grid.cells.iter().flatten();
            let mut groups: Vec<usize> =
                cells.map(|place| problem.model.hour_groups[place.ladder][place.at]).collect();
            groups.sort_unstable();
            groups.dedup();
            groups
        };
        Master {
            problem,
            grids,
            groups: grids.iter().map(groups).collect(),
            columns: grids.iter().map(|_| Vec::new()).collect(),
        }
    }

    /// What a schedule brings, by group of the campaign's cells.
    fn sums(&self, at: usize, setting: &Setting) -> Vec<Weights> {
        let (grid, groups) = (&self.grids[at], &self.groups[at]);
        let mut sums = vec![[0.0; MEASURES]; groups.len()];
        for unit in 0..grid.units.len() {
            for hour in 0..HOURS {
                let (Some(place), Some(bid)) =
                    (grid.at(unit, hour), setting.effective(unit, hour, self.problem.terms))
                else {
                    continue;
                };
                let outcome = self.problem.forecast.outcome(grid.units[unit], hour as u8, bid);
                let group = self.problem.model.hour_groups[place.ladder][place.at];
                if let Ok(group) = groups.binary_search(&group) {
                    for (sum, measure) in sums[group].iter_mut().zip(outcome.measures()) {
                        *sum += measure;
                    }
                }
            }
        }
        sums
    }

    /// Adds a schedule of a campaign, unless it is there or runs nothing.
    pub fn add(&mut self, at: usize, setting: Setting) -> bool {
        let idle = setting.base.iter().all(Option::is_none) || setting.percent.iter().all(Option::is_none);
        if idle || self.columns[at].iter().any(|column| column.setting == setting) {
            return false;
        }
        let sums = self.sums(at, &setting);
        self.columns[at].push(Column { setting, sums });
        true
    }

    /// What a schedule is worth at prices.
    pub fn worth(&self, at: usize, setting: &Setting, prices: &[f64]) -> f64 {
        let priced = self.problem.model.program.priced(prices);
        self.at_prices(at, &self.sums(at, setting), &priced)
    }

    fn at_prices(&self, at: usize, sums: &[Weights], priced: &[Weights]) -> f64 {
        self.groups[at].iter().zip(sums).map(|(group, sums)| self.problem.worth(priced, *group, sums)).sum()
    }

    /// The best schedule of a campaign at prices, and its worth; idle where none is worth anything.
    pub fn best(&self, at: usize, prices: &[f64]) -> (Setting, f64) {
        let priced = self.problem.model.program.priced(prices);
        let all = self.columns[at].iter().map(|column| (column, self.at_prices(at, &column.sums, &priced)));
        match all.max_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((column, worth)) if worth > 0.0 => (column.setting.clone(), worth),
            _ => (Setting::idle(self.grids[at].units.len()), 0.0),
        }
    }

    /// The campaigns.
    pub fn grids(&self) -> &'a [Grid] {
        self.grids
    }

    /// All schedules of a campaign.
    pub fn settings(&self, at: usize) -> impl Iterator<Item = &Setting> {
        self.columns[at].iter().map(|column| &column.setting)
    }

    /// Of each campaign the schedule that was made as the `number`-th; idle where there are fewer.
    pub fn made(&self, number: usize) -> Vec<Setting> {
        let made = |at: usize| self.columns[at].get(number).map(|column| column.setting.clone());
        (0..self.grids.len())
            .map(|at| made(at).unwrap_or_else(|| Setting::idle(self.grids[at].units.len())))
            .collect()
    }

    /// The best mix of schedules of the campaigns that are not decided yet.
    ///
    /// # Errors
    /// A numerical failure of the solver.
    pub fn solve(
        &self,
        decided: &[Decided],
        start: &[f64],
        solver: &dyn Solver,
        limits: &Limits<'_>,
    ) -> Result<Mixed, String> {
        let free = &self.problem.model.program;
        let mut program = Program::new(free.objective);
        program.constant = free.constant;
        program.groups.clone_from(&free.groups);
        program.rows.clone_from(&free.rows);
        let scales = conflict::scales(free);
        let worth = (0..free.columns.ladders.len())
            .map(|ladder| free.gains(ladder).into_iter().fold(0.0, f64::max))
            .sum::<f64>()
            .max(1.0);
        for ((row, price), scale) in program.rows.iter_mut().zip(start).zip(&scales) {
            row.penalty.get_or_insert_with(|| ELASTIC * price.abs().max(0.01 * worth / scale));
        }
        let mut ladders = Vec::new();
        for (at, columns) in self.columns.iter().enumerate() {
            match decided[at] {
                Decided::Open if !columns.is_empty() => {}
                Decided::Column(column) => {
                    self.give(at, &columns[column], &mut program);
                    continue;
                }
                _ => continue,
            }
            let rungs = |group: usize| columns.iter().map(|column| column.sums[group]).collect::<Vec<_>>();
            let blocks: Vec<Vec<Weights>> = (0..self.groups[at].len()).map(rungs).collect();
            let blocks: Vec<(usize, &[Weights])> =
                self.groups[at].iter().copied().zip(blocks.iter().map(Vec::as_slice)).collect();
            program.add_ladder(false, &blocks);
            ladders.push(at);
        }
        if ladders.is_empty() {
            return Ok(Mixed { shares: vec![Vec::new(); self.columns.len()], prices: start.to_vec() });
        }
        let solution = solver.solve(&program, &[], None, limits)?;
        let mut shares: Vec<Vec<f64>> = self.columns.iter().map(|columns| vec![0.0; columns.len()]).collect();
        for (ladder, at) in ladders.into_iter().enumerate() {
            shares[at].copy_from_slice(&solution.x[program.columns.ladders[ladder].columns.clone()]);
        }
        Ok(Mixed { shares, prices: certify::lawful(&program, &solution.prices) })
    }

    /// Takes what a schedule uses off the rows.
    fn give(&self, at: usize, column: &Column, program: &mut Program) {
        for (group, sums) in self.groups[at].iter().zip(&column.sums) {
            for term in program.groups[*group].clone() {
                let used: f64 = term.weights.iter().zip(sums).map(|(weight, sum)| weight * sum).sum();
                program.rows[term.row].lower -= used;
                program.rows[term.row].upper -= used;
            }
        }
    }

    /// The schedule of a campaign that is decided.
    pub fn setting(&self, at: usize, decided: Decided) -> Setting {
        match decided {
            Decided::Column(column) => self.columns[at][column].setting.clone(),
            Decided::Open | Decided::Idle => Setting::idle(self.grids[at].units.len()),
        }
    }

    /// Of each campaign the schedule with the largest share, idle where that is larger.
    pub fn pick(&self, shares: &[Vec<f64>]) -> Vec<Setting> {
        shares.iter().enumerate().map(|(at, shares)| self.setting(at, largest(shares).0)).collect()
    }
}

/// The schedule of a campaign with the largest share, and that share.
pub fn largest(shares: &[f64]) -> (Decided, f64) {
    let idle = 1.0 - shares.iter().sum::<f64>();
    let most = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
    match most {
        Some(most) if shares[most] >= idle => (Decided::Column(most), shares[most]),
        _ => (Decided::Idle, idle),
    }
}
