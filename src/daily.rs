//! The daily batch of one plan file: history → fresh? → plan → sheets, exports, report → `latest`.
//!
//! Whatever happens to a run, the last good plan stays where it is until the next one stands beside it, whole and
//! flushed to the disk. A run only ever adds a folder, then replaces the file `latest`, then removes old folders
//! ([`sheets::daily`]). The steps themselves are those of `plan` and `export`.

mod due;
mod publish;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::config::Request;
use crate::error::{Error, Finding, Result, Severity, exit};
use crate::history::History;
use crate::pipeline::{self, Options};
use crate::sheets::Lang;
use crate::sheets::daily::{Basis, Daily, Past, Record, State};

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
    let error = attempt(order, &mut record, &mut findings).err().map(|error| match error {
        // What the solver takes for a limit.
        Error::Stopped(_) => not_stopped(order).err().unwrap_or(error),
        other => other,
    });
    conclude(record, findings, error, order.root)
}

/// The report of a batch that could not even begin.
pub fn refused(plan_file: &Path, root: &Path, error: Error) -> Report {
    conclude(Record::begun(plan_file.to_path_buf()), Vec::new(), Some(error), root)
}

fn conclude(mut record: Record, findings: Vec<Finding>, error: Option<Error>, root: &Path) -> Report {
    let of_error = error.as_ref().map(Error::findings).unwrap_or_default();
    if let Some(error) = &error {
        record.exit_code = error.exit_code();
        record.status = match error {
            Error::Busy(_) => State::Busy,
            Error::Stopped(_) | Error::Interrupted(_) => State::Stopped,
            _ => State::Failed,
        };
        let first = of_error.iter().find(|finding| finding.severity == Severity::Error);
        record.error = first.map(|finding| finding.cause.clone());
    }
    record.count(of_error.iter().chain(&findings));
    record.latest = Daily::latest(root, &record.plan_file);
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
    let daily = Daily::open(order.root, &order.request.path, order.force)?;
    let lock = daily.lock()?;
    findings.extend(lock.killed().cloned());
    daily.settle()?;
    let look = |history: &History, date: Date| {
        record.date = Some(date);
        not_stopped(order)?;
        due::check(order, history, date, findings)?;
        let basis = daily.basis(order.request, date, &history.audit, &options_in_words(order))?;
        let basis = Basis { time_limit: order.options.time_limit.map(|limit| limit.as_secs_f64()), ..basis };
        let same = unchanged(&daily, date, &basis).filter(|_| !order.force);
        record.made_of = Some(basis);
        Ok(same.map_or(ControlFlow::Continue(()), ControlFlow::Break))
    };
    match pipeline::plan_unless_stopped(order.request, order.options, look)? {
        ControlFlow::Break(past) => stay(record, past),
        ControlFlow::Continue(planned) => {
            findings.extend(planned.run.audit.findings.iter().cloned());
            not_stopped(order)?;
            publish::publish(order, &daily, planned, record, findings)?;
        }
    }
    daily.point()?;
    daily.keep(order.request.file.daily.keep, record.folder.as_deref());
    Ok(())
}

/// What the plan depends on beside configuration and inputs.
fn options_in_words(order: &Order<'_>) -> String {
    let Options { solver, told, .. } = order.options;
    format!("{:?} {solver:?} {told}", order.lang)
}

/// The last run of a date, if it was made from the same.
fn unchanged(daily: &Daily, date: Date, basis: &Basis) -> Option<Past> {
    let last = daily.past().into_iter().rfind(|past| past.date == date)?;
    let mut changed = last.made_of.differs(basis);
    // Another limit finds nothing better than what is proven best.
    changed.retain(|part| *part != Basis::TIME_LIMIT || last.status != State::Planned);
    if changed.is_empty() {
        return Some(last);
    }
    tracing::info!(%date, changed = changed.join(", "), "planning the date again");
    None
}

/// Nothing has changed: the last run of the date says how it is.
fn stay(record: &mut Record, past: Past) {
    tracing::info!(date = %past.date, folder = %past.folder.display(), "nothing has changed since; nothing to do");
    (record.status, record.exit_code) = match past.status {
        State::Unproven => (State::Unproven, exit::LIMIT),
        status if status.is_good() => (State::Unchanged, exit::DONE),
        _ => (State::Infeasible, exit::INFEASIBLE),
    };
    (record.figures, record.error, record.folder) = (past.figures, past.error, Some(past.folder));
}

/// A run that was asked to stop publishes nothing: the plan it has may be a poor one.
fn not_stopped(order: &Order<'_>) -> Result<()> {
    match order.options.stop.load(Ordering::SeqCst) {
        true => Err(Error::Interrupted("the run: nothing of it is published")),
        false => Ok(()),
    }
}
