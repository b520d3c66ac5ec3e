//! The folder of a run: sheets, report, exports, and its record.

use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Order, not_stopped};
use crate::config::Platform;
use crate::error::{Finding, Result, exit};
use crate::history::Audit;
use crate::landscape::Landscapes;
use crate::pipeline::export::execute;
use crate::pipeline::reopen::Reopened;
use crate::pipeline::{Planned, Run, Stages};
use crate::plan::{Conflict, Status};
use crate::schedule::executable::Executable;
use crate::sheets::daily::{Daily, Figures, Kept, Record, State, write_record};
use crate::sheets::{self, Export, Package, read};

/// Writes the folder of the run, whole or not at all. `findings` are all that the record counts.
pub(super) fn publish(
    order: &Order<'_>,
    daily: &Daily,
    planned: Planned,
    record: &mut Record,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let Planned { run: Run { audit, plan, frontiers, costs, stages: planning, .. }, landscapes } = planned;
    let platforms = order.request.file.daily.platforms()?;
    record.figures = Figures::of(&plan);
    (record.status, record.exit_code) = match plan.status {
        Status::Optimal => (State::Planned, exit::DONE),
        Status::Feasible => (State::Unproven, exit::LIMIT),
        Status::Infeasible => (State::Infeasible, exit::INFEASIBLE),
    };
    if let Some(conflict) = &plan.conflict {
        contradiction(conflict, record);
    }
    record.count(findings.iter());
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
        costs: &costs,
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
            stages.run("export", || export(order, &platforms, made, [folder, &out], record, findings))?;
            record.count(findings.iter());
        }
        not_stopped(order)?;
        record.finished = Timestamp::now();
        write_record(folder, record)
    });
    let exporting: f64 = stages.seconds().iter().map(|(_, seconds)| seconds).sum();
    record.seconds.extend(stages.seconds());
    record.seconds.push(("write", began.elapsed().as_secs_f64() - exporting));
    if written.is_err() {
        (record.folder, record.figures) = (None, Figures::default());
    }
    written
}

/// Names the rules that no plan meets, and what would do.
fn contradiction(conflict: &Conflict, record: &mut Record) {
    let cause = conflict.cause();
    tracing::warn!("{cause}");
    conflict.relaxations.iter().for_each(|relaxation| tracing::warn!("{}", relaxation.sentence));
    record.error = Some(cause);
}

/// Exports the plan that stands in `folder` and will stand in `out`, a folder for each platform in it.
fn export(
    order: &Order<'_>,
    platforms: &[Platform],
    (landscapes, audit): (Landscapes, Audit),
    [folder, out]: [&Path; 2],
    record: &mut Record,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let lines = read::read(folder)?;
    let date = lines.first().map_or(Date::ZERO, |line| line.date);
    let request = order.request.clone();
    let plan = Reopened {
        request,
        landscapes,
        audit,
        date,
        lines,
        off: Vec::new(),
        doubts: Vec::new(),
        under_way: None,
    };
    // One limit for all of them together.
    let deadline = order.options.time_limit.map(|limit| Instant::now() + limit);
    for platform in platforms {
        let (mut stages, started) = (Stages::start(), Timestamp::now());
        let executable = execute(&plan, *platform, order.options, deadline, &mut stages)?;
        let kept = Kept::of(&executable);
        findings.extend(executable.silent());
        if !kept.rules_met {
            let cause = broken(*platform, &executable);
            tracing::warn!("{cause}");
            (record.status, record.exit_code) = (State::Infeasible, exit::INFEASIBLE);
            record.error.get_or_insert(cause);
        }
        record.figures.exports.insert(platform.name().to_owned(), kept);
        let package = Export {
            request: order.request,
            audit: &plan.audit,
            plan: out,
            executable: &executable,
            stages: stages.seconds(),
            started,
            lang: order.lang,
        };
        sheets::write_export(&package, &folder.join(platform.name()), false)?;
    }
    Ok(())
}

/// Names the rules that a platform's best schedule breaks.
fn broken(platform: Platform, executable: &Executable) -> String {
    let broken = executable.rules.iter().filter(|rule| !rule.met && !rule.soft);
    let names: Vec<String> = broken.map(ToString::to_string).collect();
    format!(
        "no schedule of {} was found that meets every rule; broken: {}",
        platform.name(),
        names.join(", ")
    )
}
