//! A finished plan turned into what a platform executes, and evaluated again on that.

mod by_hand;
mod free;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use super::reopen::{Reopened, reopen};
use super::{Options, Stages, pick_solver};
use crate::calendar::HOURS;
use crate::config::limits::Limits;
use crate::config::{PlanFile, Platform, Terms};
use crate::error::{Error, Finding, Result};
use crate::history::Audit;
use crate::keys::{Cell, Channel};
use crate::ladder::{self, Build, Given, Ladder, Ladders};
use crate::landscape::Forecast;
use crate::metric::Metric;
use crate::plan::{Outlook, PlanCell, Reason, check, outlook};
use crate::program::{self, Model, rows};
use crate::schedule::executable::{self, Better, Executable, PartOf, Unreached, Why};
use crate::schedule::{self, Grid, Part, Problem, Scheduled, Setting, Wishes};
use crate::solver::{self, certify};

/// An exported plan.
pub struct Exported {
    /// What the platform executes.
    pub executable: Executable,
    /// The plan that it was made from.
    pub reopened: Reopened,
    /// Seconds of each stage.
    pub stages: Vec<(&'static str, f64)>,
}

impl Exported {
    /// The account of the history.
    pub fn audit(&self) -> &Audit {
        &self.reopened.audit
    }
}

/// Opens a finished plan and finds the bids that a platform can execute. The channels that the platform does not
/// buy keep the plan's bids.
///
/// # Errors
/// As [`reopen`]; `P020` when the plan has nothing for the platform; a numerical failure.
pub fn export(plan: &Path, platform: Platform, options: &Options) -> Result<Exported> {
    let mut stages = Stages::start();
    let reopened = stages.run("reopen", || reopen(plan))?;
    let executable = execute(&reopened, platform, options, None, &mut stages)?;
    Ok(Exported { executable, reopened, stages: stages.seconds })
}

/// What is looked at while a plan is turned.
struct Turned<'a> {
    reopened: &'a Reopened,
    forecast: &'a Forecast<'a>,
    file: &'a PlanFile,
    free: Vec<PlanCell>,
    day: String,
    /// When to be content with what is found.
    deadline: Option<Instant>,
}

/// Finds the bids that a platform can execute in the place of a plan that is open. After `deadline` no better
/// schedules are looked for than those that are there.
///
/// # Errors
/// `P020` when the plan has nothing for the platform; a numerical failure.
pub(crate) fn execute(
    reopened: &Reopened,
    platform: Platform,
    options: &Options,
    deadline: Option<Instant>,
    stages: &mut Stages,
) -> Result<Executable> {
    let (landscapes, file) = (&reopened.landscapes, &reopened.request.file);
    let forecast = landscapes.on(reopened.date, file).beside(reopened.slots());
    let terms = file.terms(platform);
    let hold = terms.as_ref().map_or(file.search.hold, |terms| terms.hold);
    let build = Build { rungs: ladder::RUNGS, hold };
    let built = ladder::build_held(landscapes, &forecast, file, reopened.date, build);
    let built = match &reopened.under_way {
        Some(day) => day.rest(built, landscapes, &forecast, &reopened.request),
        None => built,
    };
    let free = free::cells(reopened, &forecast, &built)?;
    let day = reopened.date.to_string();
    let turned = Turned { reopened, forecast: &forecast, file, free, day, deadline };
    let mut executable = Executable {
        platform,
        terms,
        account: file.platform.at(platform).cloned().unwrap_or_default(),
        date: reopened.date,
        objective: file.plan.objective,
        margin: file.plan.margin,
        currency: file.plan.currency.clone(),
        units: landscapes.units.clone(),
        campaigns: Vec::new(),
        cells: turned.free.clone(),
        free: turned.free.clone(),
        rules: Vec::new(),
        held: [None, None],
        outlook: Outlook::default(),
        by_hand: Vec::new(),
        unreached: Vec::new(),
        better: Vec::new(),
    };
    if let (Some(channel), Some(terms)) = (platform.channel(), executable.terms.clone()) {
        let ladders = turned.of_channel(&built, channel);
        if ladders.ladders.is_empty() {
            let cause = format!(
                "the plan has no {channel} units with bids to set, and `{}` takes no others",
                platform.name()
            );
            return Err(Finding::error(
                "P020",
                cause,
                "export to a platform of a channel that the plan bids in",
            )
            .into());
        }
        let (ladders, scheduled) =
            stages.run("schedule", || turned.around_hands(ladders, channel, &terms, options))?;
        executable.campaigns = executable::campaigns(&scheduled.grids, &scheduled.settings, &terms);
        executable.cells = turned.cells(&scheduled, &ladders, &terms, channel);
        executable.by_hand = turned.by_hand(&mut executable.cells, &scheduled, &terms, channel);
        executable.unreached = turned.unreached(&executable.cells, &scheduled);
        executable.better = better(&scheduled);
        executable.held = [turned.held(&executable.cells, channel), turned.held(&turned.free, channel)];
    }
    stages.run("check", || {
        let product = executable.campaigns.first().and(platform.channel());
        // The other channels keep the plan's bids, which were checked when it was made; those that a person approved
        // may be what the plan file does not allow.
        let here = |cell: &&PlanCell| {
            let channel = landscapes.units[cell.cell.unit as usize].channel;
            Some(channel) == platform.channel() && cell.reason != Reason::ByHand
        };
        let made: Vec<PlanCell> = executable.cells.iter().filter(here).cloned().collect();
        let wrong = check::cells(&made, landscapes, &forecast, file, &turned.day, product);
        match wrong.first() {
            None => Ok(()),
            Some(first) => {
                Err(Error::Internal(format!("{} effective bids are wrong; the first: {first}", wrong.len())))
            }
        }
    })?;
    let spread = forecast.spread(file);
    for campaign in &mut executable.campaigns {
        let cells = executable.cells.iter().filter(|cell| cell.run && campaign.executes(cell.cell));
        let cells = cells.map(|cell| (cell.cell.unit, &cell.outcome, false));
        let bands = outlook::bands(cells, |unit| landscapes.units[unit as usize].channel, &spread);
        campaign.spend =
            bands.into_iter().find(|band| band.channel.is_none() && band.metric == Metric::Spend);
    }
    let of_day = (&spread, turned.day.as_str());
    executable.outlook =
        super::outlook::outlook(file, landscapes, &forecast, of_day, &executable.cells, None);
    executable.rules = check::rules(&executable.cells, &landscapes.units, file, &turned.day, Some(&spread));
    Ok(executable)
}

impl Turned<'_> {
    /// The ladders of one channel; everything else that runs is given.
    fn of_channel(&self, built: &Ladders, channel: Channel) -> Ladders {
        let units = &self.reopened.landscapes.units;
        let here = |unit: u32| units[unit as usize].channel == channel;
        let mut ladders = Ladders {
            ladders: built.ladders.iter().filter(|ladder| here(ladder.unit)).cloned().collect(),
            ..Ladders::default()
        };
        for given in built.given.iter().filter(|given| here(given.cell.unit)) {
            match (&given.reason, given.bid) {
                (Reason::FixedBid, Some(bid)) => {
                    let half = self.limits(given.cell).step / 2.0;
                    ladders.ladders.push(self.around(given.cell, bid, half, true));
                }
                _ => ladders.given.push(given.clone()),
            }
        }
        let others = self.free.iter().filter(|cell| cell.run && !here(cell.cell.unit));
        ladders.given.extend(others.map(|cell| Given {
            cell: cell.cell,
            bid: cell.bid,
            outcome: cell.outcome,
            reason: cell.reason.clone(),
        }));
        ladders
    }

    /// The limits of a cell.
    fn limits(&self, cell: Cell) -> Limits {
        let unit = &self.reopened.landscapes.units[cell.unit as usize];
        self.file.limits(unit, &self.day).swap_remove(usize::from(cell.hour))
    }

    /// A bid that is fixed: any bid that is the same within rounding. `in_band` keeps those out that leave the band.
    fn around(&self, cell: Cell, bid: f64, rounding: f64, in_band: bool) -> Ladder {
        let limits = self.limits(cell);
        let held = |bid: &f64| match (limits.position, self.forecast.position(cell.unit, cell.hour, *bid)) {
            (Some([best, worst]), Some(position)) if in_band => (best..=worst).contains(&position),
            _ => true,
        };
        let mut bids: Vec<f64> =
            [bid - rounding, bid, bid + rounding].into_iter().filter(|bid| *bid > 0.0 && held(bid)).collect();
        if bids.is_empty() {
            bids.push(bid);
        }
        let outcomes = bids.iter().map(|bid| self.forecast.outcome(cell.unit, cell.hour, *bid)).collect();
        Ladder { unit: cell.unit, hours: vec![cell.hour], bids, outcomes, whole: false }
    }

    /// The program of the channel: the rules less what is given, those that the plan itself breaks moved to where
    /// it is.
    fn model(&self, ladders: &Ladders) -> Result<Model> {
        let units = &self.reopened.landscapes.units;
        let rule_rows = rows::resolve(self.file, units, &self.day)
            .map_err(|found| self.reopened.request.refuse(found))?;
        let mut model = program::build(ladders, rule_rows, self.file, units.len(), None);
        let mut used = vec![(0.0f64, 0.0f64); model.program.rows.len()];
        for (index, ladder) in ladders.ladders.iter().enumerate() {
            for (at, hour) in ladder.hours.iter().enumerate() {
                let place = Cell { unit: ladder.unit, hour: *hour };
                let Ok(cell) = self.free.binary_search_by_key(&place, |cell| cell.cell) else { continue };
                let measures = self.free[cell].outcome.measures();
                for term in &model.program.groups[model.hour_groups[index][at]] {
                    let more: f64 =
                        term.weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum();
                    used[term.row].0 += more;
                    used[term.row].1 += more.abs();
                }
            }
        }
        for (row, (activity, absolute)) in model.program.rows.iter_mut().zip(used) {
            if row.penalty.is_none() && activity < row.lower - BROKEN * absolute {
                row.lower = activity;
            }
            if row.penalty.is_none() && activity > row.upper + BROKEN * absolute {
                row.upper = activity;
            }
        }
        Ok(model)
    }

    /// Finds the schedules, `wanted` cells running whatever they are worth. `known` are schedules to begin with.
    fn schedule(
        &self,
        ladders: &Ladders,
        terms: &Terms,
        (wanted, known): (&[Cell], &[Setting]),
        options: &Options,
    ) -> Result<Scheduled> {
        let model = self.model(ladders)?;
        let wishes = Wishes::new(wanted.iter().copied(), &model.program);
        let solver = pick_solver(options)?;
        let limits = solver::Limits { deadline: self.deadline, stop: &options.stop };
        // The program of the free bids is small beside the schedules, and they begin with its prices.
        let unlimited = solver::Limits { deadline: None, ..limits };
        let relaxed = solver.solve(&model.program, &[], None, &unlimited).map_err(Error::Internal)?;
        let prices = certify::lawful(&model.program, &relaxed.prices);
        let problem = Problem { ladders, model: &model, forecast: self.forecast, terms, wishes: &wishes };
        let grids = Grid::all(ladders, &self.reopened.landscapes.units);
        schedule::schedule(&problem, grids, &prices, known, solver.as_ref(), &limits).map_err(Error::Internal)
    }

    /// All cells of the day: those of the channel as they are scheduled, the others as the plan has them.
    fn cells(
        &self,
        scheduled: &Scheduled,
        ladders: &Ladders,
        terms: &Terms,
        channel: Channel,
    ) -> Vec<PlanCell> {
        let units = &self.reopened.landscapes.units;
        let mut cells = self.free.clone();
        let of_platform = |cell: &PlanCell| matches!(cell.reason, Reason::Unmanaged | Reason::Over);
        for cell in cells.iter_mut().filter(|cell| units[cell.cell.unit as usize].channel == channel) {
            if !of_platform(cell) {
                (cell.run, cell.bid, cell.outcome) = (false, None, Default::default());
            }
        }
        for (grid, setting) in scheduled.grids.iter().zip(&scheduled.settings) {
            for (index, unit) in grid.units.iter().enumerate() {
                for hour in 0..HOURS {
                    let Some(place) = grid.at(index, hour) else { continue };
                    let Some(bid) = setting.effective(index, hour, terms) else { continue };
                    let place_of = Cell { unit: *unit, hour: ladders.ladders[place.ladder].hours[place.at] };
                    if let Ok(at) = cells.binary_search_by_key(&place_of, |cell| cell.cell) {
                        let outcome = self.forecast.outcome(*unit, hour as u8, bid);
                        let cell = &mut cells[at];
                        (cell.run, cell.bid, cell.outcome) = (true, Some(bid), outcome);
                        if cell.reason != Reason::FixedBid {
                            cell.reason = Reason::Chosen;
                        }
                    }
                }
            }
        }
        cells
    }

    /// Mean chance that the cells of a channel are held in their bands, weighted by impressions.
    fn held(&self, cells: &[PlanCell], channel: Channel) -> Option<f64> {
        let units = &self.reopened.landscapes.units;
        let (mut sum, mut weight) = (0.0, 0.0);
        for cells in cells.chunk_by(|a, b| a.cell.unit == b.cell.unit) {
            let Some(first) = cells.first() else { continue };
            let unit = &units[first.cell.unit as usize];
            if unit.channel != channel {
                continue;
            }
            let limits = self.file.limits(unit, &self.day);
            for cell in cells.iter().filter(|cell| cell.run) {
                let (Some(bid), Some(band)) = (cell.bid, limits[usize::from(cell.cell.hour)].position) else {
                    continue;
                };
                if let Some(chance) = self.forecast.held(cell.cell.unit, cell.cell.hour, bid, band) {
                    sum += chance * cell.outcome.impressions;
                    weight += cell.outcome.impressions;
                }
            }
        }
        (weight > 0.0).then(|| sum / weight)
    }

    /// Cells that the plan runs and the schedule does not.
    fn unreached(&self, cells: &[PlanCell], scheduled: &Scheduled) -> Vec<Unreached> {
        let mut running: BTreeSet<u32> = BTreeSet::new();
        for (grid, setting) in scheduled.grids.iter().zip(&scheduled.settings) {
            let units = grid.units.iter().zip(&setting.base);
            running.extend(units.filter(|(_, base)| base.is_some()).map(|(unit, _)| *unit));
        }
        let lost = self.free.iter().zip(cells).filter(|(free, cell)| free.run && !cell.run);
        lost.map(|(free, _)| Unreached {
            unit: free.cell.unit,
            hour: free.cell.hour,
            bid: free.bid,
            outcome: free.outcome,
            why: if running.contains(&free.cell.unit) { Why::HourOff } else { Why::UnitPaused },
        })
        .collect()
    }
}

/// A row counts as broken by the plan from this share of its activity on.
const BROKEN: f64 = 1e-9;

fn better(scheduled: &Scheduled) -> Vec<Better> {
    let split = |split: &schedule::split::Split| Better {
        campaign: scheduled.grids[split.grid].campaign.clone(),
        gain: split.gain(),
        share: split.gain() / split.worth.max(1e-9),
        parts: split
            .parts
            .iter()
            .map(|part| PartOf {
                hours: match part.part {
                    Part::Hours(from, to) => Some((from, to)),
                    _ => None,
                },
                units: part.units.clone(),
            })
            .collect(),
    };
    scheduled.splits.iter().map(split).collect()
}

#[cfg(test)]
mod tests;
