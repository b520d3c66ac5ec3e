//! Whole schedules weighed against each other: a program whose ladders are campaigns and whose rungs are schedules
//! that were made so far. Its prices are what the rules cost among schedules.

use std::collections::{BTreeMap, BTreeSet};

use super::penalty::worth;
use super::{Grid, Problem, Setting};
use crate::calendar::HOURS;
use crate::program::{MEASURES, Program, Weights};
use crate::solver::{Limits, Solver, certify, conflict};

/// A schedule of a campaign and what it brings: measures by group of cells.
struct Column {
    setting: Setting,
    sums: Vec<Weights>,
    /// What it is worth beside that, for cells that a person wants to run.
    wished: f64,
}

/// The schedules made so far.
pub struct Master<'a, 'p> {
    problem: &'a Problem<'p>,
    grids: &'a [Grid],
    /// Groups of each campaign's cells.
    groups: Vec<Vec<usize>>,
    /// Rows that each campaign's cells are in.
    reached: Vec<Vec<usize>>,
    columns: Vec<Vec<Column>>,
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
        let groups: Vec<Vec<usize>> = grids.iter().map(groups).collect();
        let terms = &problem.model.program.groups;
        let rows = |groups: &Vec<usize>| {
            let rows: BTreeSet<usize> =
                groups.iter().flat_map(|group| &terms[*group]).map(|term| term.row).collect();
            rows.into_iter().collect()
        };
        Master {
            problem,
            grids,
            reached: groups.iter().map(rows).collect(),
            groups,
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

    /// What wishes make a schedule worth.
    fn wished(&self, at: usize, setting: &Setting) -> f64 {
        let grid = &self.grids[at];
        let runs = |unit: usize, hour: usize| {
            grid.at(unit, hour).and(setting.effective(unit, hour, self.problem.terms)).is_some()
        };
        let cells = (0..grid.units.len()).flat_map(|unit| (0..HOURS).map(move |hour| (unit, hour)));
        cells
            .filter(|(unit, hour)| runs(*unit, *hour))
            .map(|(unit, hour)| self.problem.wish(grid.units[unit], hour))
            .sum()
    }

    /// Adds a schedule of a campaign, unless it is there or runs nothing.
    pub fn add(&mut self, at: usize, setting: Setting) -> bool {
        let idle = setting.base.iter().all(Option::is_none) || setting.percent.iter().all(Option::is_none);
        if idle || self.columns[at].iter().any(|column| column.setting == setting) {
            return false;
        }
        let (sums, wished) = (self.sums(at, &setting), self.wished(at, &setting));
        self.columns[at].push(Column { setting, sums, wished });
        true
    }

    fn at_prices(&self, at: usize, sums: &[Weights], priced: &[Weights]) -> f64 {
        self.groups[at].iter().zip(sums).map(|(group, sums)| self.problem.worth(priced, *group, sums)).sum()
    }

    /// The best schedule of a campaign at prices, and its worth; idle where none is worth anything.
    pub fn best(&self, at: usize, prices: &[f64]) -> (Setting, f64) {
        let priced = self.problem.model.program.priced(prices);
        let all = self.columns[at]
            .iter()
            .map(|column| (column, column.wished + self.at_prices(at, &column.sums, &priced)));
        match all.max_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((column, worth)) if worth > 0.0 => (column.setting.clone(), worth),
            _ => (Setting::idle(self.grids[at].units.len()), 0.0),
        }
    }

    /// The campaigns.
    pub fn grids(&self) -> &'a [Grid] {
        self.grids
    }

    /// Of each campaign one of its schedules; idle where there is none of that number, or none is meant.
    pub fn picked(&self, columns: &[Option<usize>]) -> Vec<Setting> {
        let one = |(at, column): (usize, &Option<usize>)| {
            let column = column.and_then(|column| self.columns[at].get(column));
            column.map_or_else(|| Setting::idle(self.grids[at].units.len()), |column| column.setting.clone())
        };
        columns.iter().enumerate().map(one).collect()
    }

    /// How many schedules of a campaign there are.
    pub fn count(&self, at: usize) -> usize {
        self.columns[at].len()
    }

    /// The rows that cells of a campaign are in, rising.
    pub fn reached(&self, at: usize) -> &[usize] {
        &self.reached[at]
    }

    /// What a schedule brings of the objective, and its activity in the rows that it reaches, rising.
    pub fn brings(&self, at: usize, column: usize) -> (f64, Vec<(usize, f64)>) {
        let program = &self.problem.model.program;
        let mut activity: BTreeMap<usize, f64> = self.reached[at].iter().map(|row| (*row, 0.0)).collect();
        let mut gain = self.columns[at][column].wished;
        for (group, sums) in self.groups[at].iter().zip(&self.columns[at][column].sums) {
            gain += dot(&program.objective, sums);
            for term in &program.groups[*group] {
                *activity.entry(term.row).or_default() += dot(&term.weights, sums);
            }
        }
        (gain, activity.into_iter().collect())
    }

    /// The prices of the rows under the best mix of schedules. `start` says how dear a broken row may be.
    ///
    /// # Errors
    /// A numerical failure of the solver.
    pub fn solve(&self, start: &[f64], solver: &dyn Solver, limits: &Limits<'_>) -> Result<Vec<f64>, String> {
        let free = &self.problem.model.program;
        let mut program = Program::new(free.objective);
        program.constant = free.constant;
        program.groups.clone_from(&free.groups);
        program.rows.clone_from(&free.rows);
        let scales = conflict::scales(free);
        let worth = worth(free);
        for ((row, price), scale) in program.rows.iter_mut().zip(start).zip(&scales) {
            row.penalty.get_or_insert_with(|| ELASTIC * price.abs().max(0.01 * worth / scale));
        }
        for (at, columns) in self.columns.iter().enumerate() {
            if columns.is_empty() {
                continue;
            }
            let rungs = |group: usize| columns.iter().map(|column| column.sums[group]).collect::<Vec<_>>();
            let blocks: Vec<Vec<Weights>> = (0..self.groups[at].len()).map(rungs).collect();
            let blocks: Vec<(usize, &[Weights])> =
                self.groups[at].iter().copied().zip(blocks.iter().map(Vec::as_slice)).collect();
            program.add_ladder(false, &blocks);
        }
        if program.columns.ladders.is_empty() {
            return Ok(start.to_vec());
        }
        let solution = solver.solve(&program, &[], None, limits)?;
        Ok(certify::lawful(&program, &solution.prices))
    }
}

fn dot(weights: &Weights, sums: &Weights) -> f64 {
    weights.iter().zip(sums).map(|(weight, sum)| weight * sum).sum()
}
