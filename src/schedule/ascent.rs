//! From a mix of schedules to one schedule a campaign that keeps every rule: exact penalty, coordinate ascent, as
//! for single bids (`plan/choose.rs`), on the landscapes' own outcomes.
//!
//! One move changes a unit's base bid, or a campaign's percents in some hours. A move is admissible when every cell
//! that runs stays within its range, so positions stay in their bands.

use super::penalty::Penalties;
use super::priced::reach;
use super::{Grid, Problem, Setting};
use crate::calendar::HOURS;
use crate::program::{MEASURES, Weights};

/// Rounds of rising penalties.
const ROUNDS: usize = 24;
/// Sweeps over all moves within a round.
const SWEEPS: usize = 8;
/// Steps of a base bid, and points of a percent, that are tried.
pub(super) const STEPS: [i64; 10] = [-13, -5, -3, -2, -1, 1, 2, 3, 5, 13];
/// Edge of a cell's range, below any step.
const EDGE: f64 = 1e-9;

/// What a move changes: objective and row activities.
#[derive(Clone, Default)]
struct Delta {
    gain: f64,
    rows: Vec<(usize, f64)>,
    /// Cells that change, and what they bring then.
    cells: Vec<(usize, Weights)>,
}

pub(super) struct Ascent<'a, 'p> {
    pub(super) problem: &'a Problem<'p>,
    pub(super) grids: &'a [Grid],
    pub(super) settings: Vec<Setting>,
    /// What every cell brings at present, unit-major.
    now: Vec<Vec<Weights>>,
    used: Vec<f64>,
    penalties: Penalties<'a>,
}

/// What the schedules bring of the objective, with what is given.
pub fn objective(problem: &Problem<'_>, grids: &[Grid], settings: &[Setting]) -> f64 {
    let sum: Weights = grids.iter().zip(settings).fold([0.0; MEASURES], |mut sum, (grid, setting)| {
        for (unit, hour) in cells(grid) {
            let Some(bid) = running(problem, grid, setting, unit, hour) else { continue };
            let measures = problem.forecast.outcome(grid.units[unit], hour as u8, bid).measures();
            sum.iter_mut().zip(measures).for_each(|(sum, measure)| *sum += measure);
        }
        sum
    });
    problem.model.program.constant + dot(&problem.model.program.objective, &sum)
}

/// Moves the schedules to the best that keeps every rule. Returns whether every hard row is met.
pub fn ascend(
    problem: &Problem<'_>,
    grids: &[Grid],
    start: Vec<Setting>,
    prices: &[f64],
) -> (Vec<Setting>, bool) {
    let program = &problem.model.program;
    let mut ascent = Ascent {
        problem,
        grids,
        settings: grids.iter().map(|grid| Setting::idle(grid.units.len())).collect(),
        now: grids.iter().map(|grid| vec![[0.0; MEASURES]; grid.cells.len()]).collect(),
        used: vec![0.0; program.rows.len()],
        penalties: Penalties::new(program, prices),
    };
    for (at, setting) in start.into_iter().enumerate() {
        let all: Vec<(usize, usize)> = cells(&grids[at]).collect();
        let delta = ascent.delta(at, &setting, &all);
        ascent.apply(at, setting, delta);
    }
    let met = ascent.rounds();
    (ascent.settings, met)
}

impl Ascent<'_, '_> {
    fn rounds(&mut self) -> bool {
        for _ in 0..ROUNDS {
            for _ in 0..SWEEPS {
                let mut changed = false;
                for at in 0..self.grids.len() {
                    for unit in 0..self.grids[at].units.len() {
                        changed |= self.move_base(at, unit);
                    }
                    changed |= self.move_percents(at);
                }
                if !changed {
                    break;
                }
            }
            if !self.penalties.raise(&self.used) {
                return true;
            }
        }
        false
    }

    /// By how much a move is better.
    fn merit(&self, delta: &Delta) -> f64 {
        let paid = delta.rows.iter().map(|(row, more)| {
            let (before, after) = (self.used[*row], self.used[*row] + more);
            self.penalties.of(*row, after) - self.penalties.of(*row, before)
        });
        delta.gain - paid.sum::<f64>()
    }

    fn apply(&mut self, at: usize, setting: Setting, delta: Delta) {
        for (row, more) in &delta.rows {
            self.used[*row] += more;
        }
        for (cell, measures) in delta.cells {
            self.now[at][cell] = measures;
        }
        self.settings[at] = setting;
    }

    /// What changes when these cells of a campaign go to another setting.
    fn delta(&self, at: usize, to: &Setting, changed: &[(usize, usize)]) -> Delta {
        let (grid, program) = (&self.grids[at], &self.problem.model.program);
        let mut sums: Vec<(usize, Weights)> = Vec::new();
        let mut delta = Delta::default();
        for (unit, hour) in changed {
            let Some(place) = grid.at(*unit, *hour) else { continue };
            let cell = unit * HOURS + hour;
            let before = self.now[at][cell];
            let after = match to.effective(*unit, *hour, self.problem.terms) {
                Some(bid) => self.problem.forecast.outcome(grid.units[*unit], *hour as u8, bid).measures(),
                None => [0.0; MEASURES],
            };
            if before == after {
                continue;
            }
            let more: Weights = std::array::from_fn(|measure| after[measure] - before[measure]);
            let runs = |measures: &Weights| f64::from(u8::from(*measures != [0.0; MEASURES]));
            let wish = self.problem.wish(grid.units[*unit], *hour) * (runs(&after) - runs(&before));
            delta.gain += dot(&program.objective, &more) + wish;
            delta.cells.push((cell, after));
            let group = self.problem.model.hour_groups[place.ladder][place.at];
            match sums.iter_mut().find(|(of, _)| *of == group) {
                Some((_, sum)) => sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more),
                None => sums.push((group, more)),
            }
        }
        for (group, sum) in &sums {
            for term in &program.groups[*group] {
                let more = dot(&term.weights, sum);
                match delta.rows.binary_search_by_key(&term.row, |(row, _)| *row) {
                    Ok(known) => delta.rows[known].1 += more,
                    Err(place) => delta.rows.insert(place, (term.row, more)),
                }
            }
        }
        delta
    }

    /// Takes the best of some other settings of a campaign, if one is better than the present.
    fn take_best(
        &mut self,
        at: usize,
        others: impl IntoIterator<Item = (Setting, Vec<(usize, usize)>)>,
    ) -> bool {
        let mut best: Option<(f64, Setting, Delta)> = None;
        for (setting, changed) in others {
            if !self.admissible(at, &setting, &changed) {
                continue;
            }
            let delta = self.delta(at, &setting, &changed);
            let merit = self.merit(&delta);
            if merit > 1e-9 * (1.0 + delta.gain.abs()) && best.as_ref().is_none_or(|(most, ..)| merit > *most)
            {
                best = Some((merit, setting, delta));
            }
        }
        let Some((_, setting, delta)) = best else { return false };
        self.apply(at, setting, delta);
        true
    }

    /// Whether the changed cells may run as a setting has them.
    fn admissible(&self, at: usize, setting: &Setting, changed: &[(usize, usize)]) -> bool {
        changed.iter().all(|(unit, hour)| {
            let Some(bid) = setting.effective(*unit, *hour, self.problem.terms) else { return true };
            let Some(place) = self.grids[at].at(*unit, *hour) else { return false };
            let [low, high] = reach(&self.problem.ladders.ladders[place.ladder].bids, self.problem.terms);
            (low - EDGE..=high + EDGE).contains(&bid)
        })
    }

    fn move_base(&mut self, at: usize, unit: usize) -> bool {
        let present = &self.settings[at];
        let on = || (0..HOURS).filter(|hour| present.percent[*hour].is_some());
        let limits = self.problem.terms.bid.map(|bid| (bid / self.problem.terms.bid_step).round() as i64);
        let candidates: Vec<Option<i64>> = match present.base[unit] {
            Some(steps) => STEPS.into_iter().map(|more| Some(steps + more)).chain([None]).collect(),
            None => self.middle(at, unit).map_or(Vec::new(), |[low, high]| {
                (0..5).map(|share| Some(low + (high - low) * share / 4)).collect()
            }),
        };
        let changed: Vec<(usize, usize)> = on().map(|hour| (unit, hour)).collect();
        let others: Vec<_> = candidates
            .into_iter()
            .filter(|steps| steps.is_none_or(|steps| (limits[0].max(1)..=limits[1]).contains(&steps)))
            .map(|steps| {
                let mut setting = present.clone();
                setting.base[unit] = steps;
                (setting, changed.clone())
            })
            .collect();
        self.take_best(at, others)
    }

    /// Base bids at which a unit is within its ranges in all hours that are on.
    fn middle(&self, at: usize, unit: usize) -> Option<[i64; 2]> {
        let mut range = [1, i64::MAX];
        for (hour, percent) in self.settings[at].percent.iter().enumerate() {
            let Some(percent) = percent else { continue };
            let place = self.grids[at].at(unit, hour)?;
            let [low, high] = reach(&self.problem.ladders.ladders[place.ladder].bids, self.problem.terms);
            let unit = f64::from(*percent) * self.problem.terms.bid_step / 100.0;
            range[0] = range[0].max((low / unit - 1e-6).ceil() as i64);
            range[1] = range[1].min((high / unit + 1e-6).floor() as i64);
        }
        (range[0] <= range[1] && range[1] < i64::MAX).then_some(range)
    }

    fn move_percents(&mut self, at: usize) -> bool {
        let mut changed = false;
        for hour in 0..HOURS {
            let clocks = self.clocks(&self.settings[at].percent, at, hour);
            let present = &self.settings[at];
            let units = 0..self.grids[at].units.len();
            let others: Vec<_> = clocks
                .into_iter()
                .map(|percent| {
                    let hours = (0..HOURS).filter(|hour| percent[*hour] != present.percent[*hour]);
                    let moved = hours.flat_map(|hour| {
                        units
                            .clone()
                            .filter(|unit| present.base[*unit].is_some())
                            .map(move |unit| (unit, hour))
                    });
                    let moved = moved.collect();
                    (Setting { percent, base: present.base.clone() }, moved)
                })
                .collect();
            changed |= self.take_best(at, others);
        }
        changed
    }
}

/// All cells of a campaign.
fn cells(grid: &Grid) -> impl Iterator<Item = (usize, usize)> + use<> {
    let units = grid.units.len();
    (0..units).flat_map(|unit| (0..HOURS).map(move |hour| (unit, hour)))
}

/// The bid of a cell that runs.
pub fn running(
    problem: &Problem<'_>,
    grid: &Grid,
    setting: &Setting,
    unit: usize,
    hour: usize,
) -> Option<f64> {
    grid.at(unit, hour)?;
    setting.effective(unit, hour, problem.terms)
}

fn dot(weights: &Weights, measures: &Weights) -> f64 {
    weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum()
}
