//! A day planned again while it is under way: what is over stays as it happened, the rest is solved again.
//!
//! ```text
//! plan in force ┐
//! actuals ──────┼─► today's levels ─► landscapes ─► ladders of the rest ─► program ─► plan of the whole day
//! history ──────┘                      the past ───────── counted ───────────┘
//! ```
//!
//! The past is part of every rule and moves no more, as units are that the platform bids for. (`docs/replan.md`)

mod doubts;
mod rest;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

use super::actuals::Actuals;
use super::layout::Layout;
use super::{Options, Ready, Run, Stages, learn, on_day, pick_solver};
use crate::config::Request;
use crate::error::{Error, Finding, Result, Severity};
use crate::history::Audit;
use crate::keys::Channel;
use crate::ladder::{self, Ladders};
use crate::landscape::today::Arrived;
use crate::landscape::{Forecast, Landscapes};
use crate::metric::Outcome;
use crate::plan::{Lost, Plan, PlanCell, Status, Underway, check};
use crate::reason::Reason;
use crate::sheets::MadeAgain;
use crate::sheets::read::{self, Line};
pub use rest::{InForce, Past};

/// What is asked of a day under way.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The reports of the day.
    pub reports: Vec<PathBuf>,
    /// The first hour that is not over, 1 to 23.
    pub now: u8,
    /// The cells of the plan in force that run.
    pub lines: Vec<Line>,
    /// Those of the plan that the day began with.
    pub morning: Vec<Line>,
    /// Go on where the reports are doubtful.
    pub anyway: bool,
}

/// A day planned again.
pub struct Replanned {
    /// The run; its plan is of the whole day, its audit that of the history.
    pub run: Run,
    /// The account of the reports.
    pub reports: Audit,
}

/// Plans the rest of a day again. `request` is the plan file of the day; its date must be that of the plan in force.
///
/// # Errors
/// As [`super::plan`]; findings of [`Actuals::read`]; `A003` to `A010` where the reports are partial, are not of the
/// plan in force or contradict it, unless `anyway` was asked. Rules that cannot be met any more are not an error: the
/// plan says so.
pub fn replan(request: &Request, options: &Options, asked: &Asked) -> Result<Replanned> {
    let mut stages = Stages::start();
    pick_solver(options)?;
    let date = doubts::date(request, options, &asked.lines)?;
    // Rows of the day itself and after it are no history.
    let mut request = request.clone();
    request.file.plan.date = Some(date);
    let (landscapes, mut history) = learn(&request, options, &mut stages)?;
    let mut actuals =
        stages.run("actuals", || Actuals::read(&request, &asked.reports, date, &landscapes.units))?;
    let in_force = InForce::of(&asked.lines, &landscapes.units);
    doubts::examine(&mut actuals, &in_force, &landscapes, asked.now, asked.anyway)?;
    let arrived = Arrived::learn(&landscapes, &request.file);
    if arrived.is_none() {
        actuals.audit.findings.push(doubts::share_unknown());
    }
    let arrived = arrived.unwrap_or(Arrived::ALL);
    let morning = InForce::of(&asked.morning, &landscapes.units);
    let scene =
        Scene { request: &request, options, in_force: &in_force, morning: &morning, now: asked.now, arrived };
    let run = scene.plan(landscapes, &actuals, date, stages)?;
    let audit = std::mem::take(&mut history.audit);
    if run.plan.status == Status::Infeasible {
        actuals.audit.findings.push(doubts::lost(&run.plan));
    }
    Ok(Replanned { run: Run { audit, ..run }, reports: actuals.audit })
}

/// Everything that a day under way is planned with but what happened.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The plan file.
    pub request: &'a Request,
    /// What is asked of the run.
    pub options: &'a Options,
    /// The plan in force.
    pub in_force: &'a InForce,
    /// The plan that the day began with.
    pub morning: &'a InForce,
    /// The first hour that is not over.
    pub now: u8,
    /// How much of today's sales are in the reports.
    pub arrived: Arrived,
}

impl Scene<'_> {
    /// Plans the rest of the day on landscapes that the reports have moved.
    ///
    /// # Errors
    /// As [`super::plan_with`].
    pub fn again(&self, landscapes: Landscapes, actuals: &Actuals, date: Date) -> Result<Plan> {
        Ok(self.plan(landscapes, actuals, date, Stages::start())?.plan)
    }

    fn plan(
        &self,
        mut landscapes: Landscapes,
        actuals: &Actuals,
        date: Date,
        mut stages: Stages,
    ) -> Result<Run> {
        let Scene { in_force, now, .. } = *self;
        let past = Past::of(actuals, in_force, &landscapes.units, now);
        let request = stages.run("today", || self.moves(&mut landscapes, &past, date));
        let forecast = landscapes.on(date, &request.file);
        let rungs = self.options.rungs.unwrap_or(ladder::RUNGS);
        let ladders = stages.run("ladders", || {
            let built = ladder::build(&landscapes, &forecast, &request.file, date, rungs);
            Arc::new(past.rest(built, &landscapes, &forecast, &request.file, self))
        });
        let kept = in_force.kept(&ladders, &forecast, now);
        let morning = self.morning.kept(&ladders, &forecast, now);
        let given = ladders.given.iter().filter(|given| given.reason != Reason::Over);
        let unchanged =
            kept.iter().map(|(_, outcome)| *outcome).chain(given.map(|given| given.outcome)).sum();
        let options = Options { date: Some(date), ..self.options.clone() };
        let layout = Arc::new(Layout::new(date, &options).with(&forecast, ladders).keeping(morning));
        let ready = Ready { layout: Some(&layout), found: None };
        let (mut run, ()) = on_day(&request, &options, &landscapes, ready, stages, |_| Ok(()))?;
        let plan = &mut run.plan;
        in_force.compare(plan, now);
        plan.underway = Some(self.stands(plan, &past, &landscapes, unchanged));
        Ok(run)
    }

    /// Moves the landscapes to what today has shown, and what bids move from to the plan in force; gives the plan
    /// file of the rest of the day.
    fn moves(&self, landscapes: &mut Landscapes, past: &Past, date: Date) -> Request {
        let Scene { request, in_force, now, arrived, .. } = *self;
        let mut slots: Vec<u32> = in_force.cells().map(|(unit, ..)| unit).collect();
        slots.retain(|unit| landscapes.units[*unit as usize].channel == Channel::GroupBuy);
        slots.sort_unstable();
        slots.dedup();
        landscapes.today = Some(landscapes.today(date, &request.file, slots, &past.happened, now, arrived));
        // Within a day, a bid moves from the plan in force and not from last week.
        in_force.anchor(landscapes, now);
        let mut request = request.clone();
        let most = Some(request.file.replan.max_change);
        (request.file.search.max_change, request.file.display.max_change) = (most, most);
        request
    }

    /// Share of the orders of a whole day like this one that its report shows: the channels' shares by their orders.
    fn shown(&self, past: &Past, landscapes: &Landscapes) -> f64 {
        let orders = past.happened.iter().map(|cell| {
            let channel = landscapes.units[cell.cell.unit as usize].channel;
            [cell.outcome.orders, cell.outcome.orders / self.arrived.same_day[channel as usize]]
        });
        let [shown, due] = orders.fold([0.0; 2], |sum, more| [sum[0] + more[0], sum[1] + more[1]]);
        if due > 0.0 { shown / due } else { self.arrived.same_day[Channel::Search as usize] }
    }

    /// Where the day stands.
    fn stands(&self, plan: &Plan, past: &Past, landscapes: &Landscapes, unchanged: Outcome) -> Underway {
        let over = |cell: &PlanCell| cell.reason == Reason::Over;
        let reported: Outcome = past.happened.iter().map(|cell| cell.outcome).sum();
        let booked = plan.total(|cell, _| over(cell));
        let less = reported * -1.0;
        let happened: Vec<PlanCell> = plan.cells.iter().filter(|cell| over(cell)).cloned().collect();
        let day = plan.date.to_string();
        let rows = check::rules(&happened, &plan.units, &self.request.file, &day, None);
        let changes = |cell: &&PlanCell| {
            let moved = cell.change().is_some_and(|change| change.abs() > 1e-9);
            cell.cell.hour >= self.now && (moved || cell.run != cell.last_bid.is_some())
        };
        let planned = |cell: &&PlanCell| !matches!(cell.reason, Reason::Unmanaged | Reason::UnderWay);
        Underway {
            now: self.now,
            reported,
            late: booked + less,
            rest: plan.total(|cell, _| !over(cell)),
            unchanged: booked + unchanged,
            same_day: self.shown(past, landscapes),
            changed: plan.cells.iter().filter(planned).filter(changes).count(),
            levels: landscapes.today.as_ref().map(|today| today.channels.clone()).unwrap_or_default(),
            lost: Lost::of(plan, &rows),
        }
    }
}

/// A day that was planned again, opened once more.
pub struct Opened {
    in_force: InForce,
    past: Past,
    now: u8,
    arrived: Arrived,
}

impl Opened {
    /// Learns again what the day had shown, and moves landscapes and request to it.
    ///
    /// # Errors
    /// As [`Actuals::read`]; a plan in force that cannot be read.
    pub fn of(
        made: &MadeAgain,
        request: &mut Request,
        landscapes: &mut Landscapes,
        date: Date,
    ) -> Result<Opened> {
        let in_force = InForce::of(&read::all(&made.in_force)?, &landscapes.units);
        let actuals = Actuals::read(request, &made.reports(), date, &landscapes.units)?;
        made.same_reports(&actuals.audit)?;
        let arrived = Arrived::learn(landscapes, &request.file);
        let (now, arrived) = (made.now, arrived.unwrap_or(Arrived::ALL));
        let past = Past::of(&actuals, &in_force, &landscapes.units, now);
        let options = Options::default();
        let scene =
            Scene { request, options: &options, in_force: &in_force, morning: &in_force, now, arrived };
        let moved = scene.moves(landscapes, &past, date);
        *request = moved;
        Ok(Opened { in_force, past, now, arrived })
    }

    /// The ladders of the rest of the day.
    pub fn rest(
        &self,
        built: Ladders,
        landscapes: &Landscapes,
        forecast: &Forecast<'_>,
        request: &Request,
    ) -> Ladders {
        let Opened { in_force, past, now, arrived } = self;
        let options = Options::default();
        let scene =
            Scene { request, options: &options, in_force, morning: in_force, now: *now, arrived: *arrived };
        past.rest(built, landscapes, forecast, &request.file, &scene)
    }
}

/// Findings that end a run, unless it is to go on anyway.
fn end_or_go_on(findings: Vec<Finding>, anyway: bool) -> Result<Vec<Finding>> {
    let ends = |finding: &Finding| finding.severity == Severity::Error;
    match findings.iter().any(ends) && !anyway {
        true => Err(Error::Input(findings)),
        false => {
            let told = |finding: Finding| match finding.severity {
                Severity::Error => Finding { severity: Severity::Warning, ..finding },
                _ => finding,
            };
            Ok(findings.into_iter().map(told).collect())
        }
    }
}
