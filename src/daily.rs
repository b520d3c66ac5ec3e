//! The daily batch of one plan file: history → fresh? → plan → sheets, exports, report → `latest`.
//!
//! Whatever happens to a run, the last good plan stays where it is until the next one stands beside it, whole and
//! flushed to the disk. A run only ever adds a folder, then replaces the file `latest`, then removes old folders
//! ([`sheets::daily`]). The steps themselves are those of `plan` and `export`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::{OnStale, Platform, Request};
use crate::error::{Error, Finding, Result, Severity, exit};
use crate::history::{self, Audit, History};
use crate::landscape::Landscapes;
use crate::pipeline::export::execute;
use crate::pipeline::reopen::Reopened;
use crate::pipeline::{self, Options, Planned, Run, Stages};
use crate::plan::Status;
use crate::sheets::daily::{Basis, Daily, Figures, Kept, Past, Record, State, write_record};
use crate::sheets::{self, Export, Lang, Package, read};

/// What is to be done.
pub struct Order<'a> {
    /// The request; its date is the one asked for, if there is one.
    pub request: &'a Request,
    /// As of `plan`.
    pub options: &'a Options,
    /// The folder of the batch, [`folder`] by default.
    pub root: &'a Path,
    /// Language of the sheets.
    pub lang: Lang,
    /// Plan even if nothing has changed; and make a folder of others one of the batch.
    pub force: bool,
}

/// What came of it.
pub struct Report {
    /// The line for monitoring.
    pub record: Record,
    /// What is doubtful.
    pub findings: Vec<Finding>,
    /// Why there is no new plan.
    pub error: Option<Error>,
}

/// Where the batch of a plan file has its folder: `daily/NAME` beside it.
pub fn folder(plan_file: &Path) -> PathBuf {
    let name = plan_file.file_stem().unwrap_or_default();
    plan_file.parent().unwrap_or(Path::new("")).join("daily").join(name)
}

/// Runs the batch. `doubts` are the plan file's.
pub fn run(order: &Order<'_>, doubts: Vec<Finding>) -> Report {
    let mut record = Record::begun(order.request.path.clone());
    let mut findings = doubts;
    let error = attempt(order, &mut record, &mut findings).err();
    conclude(record, findings, error, order.root)
}

/// The report of a batch that could not even begin.
pub fn refused(plan_file: &Path, root: &Path, error: Error) -> Report {
    conclude(Record::begun(plan_file.to_path_buf()), Vec::new(), Some(error), root)
}

fn conclude(mut record: Record, findings: Vec<Finding>, error: Option<Error>, root: &Path) -> Report {
    if let Some(error) = &error {
        record.exit_code = error.exit_code();
        record.status = match error {
            Error::Busy(_) => State::Busy,
            Error::Stopped(_) => State::Stopped,
            _ => State::Failed,
        };
        let of_error = error.findings();
        record.count(&of_error);
        let first = of_error.iter().find(|finding| finding.severity == Severity::Error);
        record.error = first.map(|finding| finding.cause.clone());
    }
    record.count(&findings);
    record.latest = Daily::latest(root);
    record.finished = Timestamp::now();
    if !matches!(record.exit_code, exit::DONE | exit::BUSY) {
        match &record.latest {
            Some(last) if record.folder.as_ref() == Some(&last.folder) => {}
            Some(last) => {
                tracing::warn!(date = %last.date, folder = %last.folder.display(), "the last good plan stays as it is");
            }
            None => tracing::warn!("there is no good plan yet"),
        }
    }
    Report { record, findings, error }
}

fn attempt(order: &Order<'_>, record: &mut Record, findings: &mut Vec<Finding>) -> Result<()> {
    let daily = Daily::open(order.root, order.force)?;
    let lock = daily.lock()?;
    findings.extend(lock.killed().cloned());
    daily.settle()?;
    let look = |history: &History, date: Date| {
        record.date = Some(date);
        fresh(order, history, date, findings)?;
        let basis = Basis::of(order.request, &history.audit, &options_in_words(order))?;
        let same = unchanged(&daily, date, &basis).filter(|_| !order.force);
        record.made_of = Some(basis);
        Ok(same.map_or(ControlFlow::Continue(()), ControlFlow::Break))
    };
    match pipeline::plan_unless(order.request, order.options, look)? {
        ControlFlow::Break(past) => stay(record, past),
        ControlFlow::Continue(planned) => {
            findings.extend(planned.run.audit.findings.iter().cloned());
            not_stopped(order)?;
            publish(order, &daily, planned, record)?;
        }
    }
    daily.point()?;
    daily.keep(order.request.file.daily.keep, record.folder.as_deref());
    Ok(())
}

/// What the plan depends on beside configuration and inputs.
fn options_in_words(order: &Order<'_>) -> String {
    let Options { solver, frontiers, .. } = order.options;
    format!("{:?} {solver:?} {frontiers}", order.lang)
}

/// The last run of a date, if it was made from the same.
fn unchanged(daily: &Daily, date: Date, basis: &Basis) -> Option<Past> {
    let last = daily.past().into_iter().rfind(|past| past.date == date)?;
    let changed = last.made_of.differs(basis);
    if changed.is_empty() {
        return Some(last);
    }
    tracing::info!(%date, changed = changed.join(", "), "planning the date again");
    None
}

/// Nothing has changed: the last run of the date says how it is.
fn stay(record: &mut Record, past: Past) {
    tracing::info!(date = %past.date, folder = %past.folder.display(), "nothing has changed since; nothing to do");
    (record.status, record.exit_code) = match past.status.is_good() {
        true => (State::Unchanged, exit::DONE),
        false => (State::Infeasible, exit::INFEASIBLE),
    };
    (record.figures, record.folder) = (past.figures, Some(past.folder));
}

/// Stops at a history that is not there yet, unless the plan file says to go on.
fn fresh(order: &Order<'_>, history: &History, date: Date, findings: &mut Vec<Finding>) -> Result<()> {
    let daily = &order.request.file.daily;
    if history.audit.model().is_some() {
        let cause = "with --model the history is not read, so nobody knows whether it is up to date";
        let action = "leave --model away in a daily run, or look after the model's age yourself";
        findings.push(Finding::warning("D009", cause, action));
        return Ok(());
    }
    let mut found = history::fresh(history, daily, date);
    found.extend(past(order, date));
    if found.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Error::Input(found));
    }
    findings.extend(found);
    Ok(())
}

/// A planned date that the clock has left behind: the history ends too early, or the plan file fixes it.
fn past(order: &Order<'_>, date: Date) -> Option<Finding> {
    let plan = &order.request.file.plan;
    let zone = TimeZone::get(&plan.timezone).unwrap_or(TimeZone::UTC);
    let today = Timestamp::now().to_zoned(zone).date();
    if date >= today || order.options.date.is_some() {
        return None;
    }
    if plan.date.is_some() {
        let cause = format!("the plan file fixes the date {date}, which is past: every run plans it again");
        let action = "leave `[plan] date` away in a plan file that runs daily; the day after the history's last is planned then";
        return Some(Finding::warning("D008", cause, action).in_file(&order.request.path));
    }
    let cause = format!("the day after the history's last is {date}, but today is {today}");
    let action = "export the missing days and run again; `--date` plans a date of your choice";
    let finding = Finding::error("D007", cause, action);
    Some(match order.request.file.daily.on_stale {
        OnStale::Stop => finding,
        OnStale::Warn => Finding { severity: Severity::Warning, ..finding },
    })
}

/// A run that was asked to stop publishes nothing: the plan it has may be a poor one.
fn not_stopped(order: &Order<'_>) -> Result<()> {
    match order.options.stop.load(std::sync::atomic::Ordering::SeqCst) {
        true => Err(Error::Stopped("a signal asked the run to stop".into())),
        false => Ok(()),
    }
}

/// Writes the folder of the run, whole or not at all.
fn publish(order: &Order<'_>, daily: &Daily, planned: Planned, record: &mut Record) -> Result<()> {
    let Planned { run: Run { audit, plan, frontiers, stages: planning, .. }, landscapes } = planned;
    let platforms = order.request.file.daily.platforms()?;
    record.figures = Figures::of(&plan);
    (record.status, record.exit_code) = match plan.status {
        Status::Optimal => (State::Planned, exit::DONE),
        Status::Feasible => (State::Unproven, exit::LIMIT),
        Status::Infeasible => (State::Infeasible, exit::INFEASIBLE),
    };
    record.seconds = planning.clone();
    let out = daily.next(plan.date);
    record.folder = Some(out.clone());
    let tested = sheets::last_backtest(order.request)?;
    let package = Package {
        request: order.request,
        audit: &audit,
        plan: &plan,
        stages: &planning,
        frontiers: &frontiers,
        tested: tested.as_ref(),
        mps: None,
        within: None,
        started: record.started,
        lang: order.lang,
    };
    let (mut stages, began) = (Stages::start(), Instant::now());
    let written = sheets::write_with(&package, &out, |folder| {
        // Where no plan meets the rules there is nothing to execute.
        if plan.status != Status::Infeasible && !platforms.is_empty() {
            let made = (landscapes, audit.clone());
            stages.run("export", || export(order, &platforms, made, [folder, &out], record))?;
        }
        not_stopped(order)?;
        record.finished = Timestamp::now();
        write_record(folder, record)
    });
    let exporting: f64 = stages.seconds().iter().map(|(_, seconds)| seconds).sum();
    record.seconds.extend(stages.seconds());
    record.seconds.push(("write", began.elapsed().as_secs_f64() - exporting));
    if written.is_err() {
        record.folder = None;
    }
    written
}

/// Exports the plan that stands in `folder` and will stand in `out`, a folder for each platform in it.
fn export(
    order: &Order<'_>,
    platforms: &[Platform],
    (landscapes, audit): (Landscapes, Audit),
    [folder, out]: [&Path; 2],
    record: &mut Record,
) -> Result<()> {
    let lines = read::read(folder)?;
    let date = lines.first().map_or(Date::ZERO, |line| line.date);
    let request = order.request.clone();
    let plan = Reopened { request, landscapes, audit, date, lines, doubts: Vec::new(), under_way: None };
    for platform in platforms {
        let (mut stages, started) = (Stages::start(), Timestamp::now());
        let executable = execute(&plan, *platform, order.options, &mut stages)?;
        let kept = Kept::of(&executable);
        if !kept.rules_met {
            tracing::warn!(platform = platform.name(), "no schedule was found that meets every rule");
            (record.status, record.exit_code) = (State::Infeasible, exit::INFEASIBLE);
        }
        record.figures.exports.insert(platform.name().to_owned(), kept);
        let package = Export {
            request: order.request,
            audit: &plan.audit,
            plan: out,
            executable: &executable,
            stages: stages.seconds(),
            started,
        };
        sheets::write_export(&package, &folder.join(platform.name()), false)?;
    }
    Ok(())
}
