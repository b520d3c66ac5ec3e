//! Campaigns that would earn more as two or more: units with different days apart, or parts of the day apart.

use super::priced::Priced;
use rayon::prelude::*;

use super::{Grid, Part, Problem, Scheduled, Setting};
use crate::calendar::HOURS;
use crate::keys::Channel;

/// A campaign split into parts, each with a schedule of its own.
#[derive(Debug, Clone)]
pub struct Split {
    /// Index of the campaign among the grids.
    pub grid: usize,
    /// Its parts.
    pub parts: Vec<Grid>,
    /// What the campaign is worth as it is, at the rules' prices.
    pub worth: f64,
    /// What its parts are worth together, at the same prices.
    pub apart: f64,
}

/// A split is worth the operator's while from this share of the campaign's worth on.
const PAYS: f64 = 0.005;
/// Turns of sorting units into parts.
const TURNS: usize = 4;

impl Split {
    /// Whether it is worth the operator's while.
    pub fn pays(&self) -> bool {
        self.apart > self.worth * (1.0 + PAYS) + 1e-9
    }

    /// What it adds.
    pub fn gain(&self) -> f64 {
        self.apart - self.worth
    }
}

/// The best split of each whole campaign that has one: into as many parts as the platform's terms allow, two at
/// least.
pub fn find(problem: &Problem<'_>, scheduled: &Scheduled) -> Vec<Split> {
    let weights = problem.model.program.priced(&scheduled.prices);
    let most = problem.terms.split.max(2);
    let one = |(at, (grid, setting)): (usize, (&Grid, &Setting))| {
        if grid.part != Part::Whole {
            return None;
        }
        let whole = Priced::new(problem, grid, &weights);
        let worth = whole.polish(setting.clone()).1;
        let parts = match grid.channel {
            Channel::Display => by_hours(&whole, grid, most),
            _ => by_units(&whole, grid, setting, most),
        };
        let apart = parts.iter().map(|part| {
            let priced = Priced::new(problem, part, &weights);
            priced.settle(priced.start()).1
        });
        let apart = apart.sum();
        (parts.len() > 1).then_some(Split { grid: at, parts, worth, apart })
    };
    let campaigns = scheduled.grids.par_iter().zip(&scheduled.settings).enumerate();
    let mut splits: Vec<Split> = campaigns.filter_map(one).collect();
    splits.sort_by(|a, b| b.gain().total_cmp(&a.gain()).then(a.grid.cmp(&b.grid)));
    splits
}

/// Sorts units by the schedule that suits them best, schedules made for the units that they have, by turns.
fn by_units(whole: &Priced<'_>, grid: &Grid, setting: &Setting, most: usize) -> Vec<Grid> {
    let units = grid.units.len();
    if units < 2 {
        return Vec::new();
    }
    // To begin with: the units that run under the one schedule, and those that do not; then halves of the larger.
    let mut part: Vec<usize> = setting.base.iter().map(|base| usize::from(base.is_none())).collect();
    let mut count = 2;
    loop {
        if !(0..count).all(|number| part.contains(&number)) {
            part = (0..units).map(|unit| unit * count / units).collect();
        }
        for _ in 0..TURNS {
            let clocks: Vec<_> = (0..count)
                .map(|number| {
                    let only = whole.only(|unit| part[unit] == number);
                    only.settle(only.start()).0.percent
                })
                .collect();
            let worth = |unit: usize, number: usize| {
                whole.of_unit(unit, &clocks[number]).map_or(0.0, |(_, worth)| worth)
            };
            let best = |unit: usize| {
                (0..count).fold(part[unit], |best, number| {
                    if worth(unit, number) > worth(unit, best) + 1e-9 { number } else { best }
                })
            };
            let next: Vec<usize> = (0..units).map(best).collect();
            if next == part {
                break;
            }
            part = next;
        }
        if count == most {
            break;
        }
        // One more: the units that still do not run at all.
        count += 1;
        let idle: Vec<usize> = (0..units).filter(|unit| part[*unit] == 0).collect();
        for unit in idle.iter().skip(idle.len().div_ceil(2)) {
            part[*unit] = count - 1;
        }
    }
    let parts = (0..count).map(|number| grid.of_units(number + 1, |unit| part[unit] == number));
    parts.filter(|part| !part.units.is_empty()).collect()
}

/// Cuts the day where base bids of their own are worth the most, by dynamic programming over the hours.
fn by_hours(whole: &Priced<'_>, grid: &Grid, most: usize) -> Vec<Grid> {
    let span = |from: usize, to: usize| -> f64 {
        let percent = std::array::from_fn(|hour| (from..to).contains(&hour).then_some(100));
        (0..grid.units.len()).map(|unit| whole.of_unit(unit, &percent).map_or(0.0, |(_, worth)| worth)).sum()
    };
    let mut spans = vec![vec![0.0; HOURS + 1]; HOURS];
    for (from, spans) in spans.iter_mut().enumerate() {
        for (to, worth) in spans.iter_mut().enumerate().skip(from + 1) {
            *worth = span(from, to);
        }
    }
    // best[k][to]: the hours before `to` in k parts, and where the last begins.
    let mut best = vec![vec![(f64::NEG_INFINITY, 0); HOURS + 1]; most + 1];
    best[0][0] = (0.0, 0);
    for count in 1..=most {
        for to in 1..=HOURS {
            let ways = (0..to).map(|from| (best[count - 1][from].0 + spans[from][to], from));
            best[count][to] =
                ways.fold((f64::NEG_INFINITY, 0), |best, way| if way.0 > best.0 { way } else { best });
        }
    }
    let mut parts = Vec::new();
    let mut to = HOURS;
    for count in (1..=most).rev() {
        let from = best[count][to].1;
        parts.push(grid.of_hours(from, to));
        to = from;
    }
    parts.reverse();
    parts
}

/// All campaigns, those whose split pays in their parts.
pub fn apply(grids: &[Grid], splits: &[Split]) -> Vec<Grid> {
    let parts = |at: usize| splits.iter().find(|split| split.grid == at && split.pays());
    (0..grids.len())
        .flat_map(|at| parts(at).map_or_else(|| vec![grids[at].clone()], |split| split.parts.clone()))
        .collect()
}
