//! From the plan file's `[history]` to the accepted history.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::apart::apart;
use super::fault::{Fault, Kind};
use super::files;
use super::ingest::{Ingested, Job, Limits, age};
use super::observation::{Audit, History, Observation, STALE_DAYS};
use super::schema::Column;
use super::source::check_source;
use super::triangle::Triangle;
use super::validate::{Clash, Kept, clashes, sort, supersede};
use crate::calendar::{date_of, day_number};
use crate::config::{Request, Source};
use crate::error::{Error, Finding, Result, Severity};
use crate::keys::{Channel, Unit};

/// Reads every source of the plan file.
///
/// # Errors
/// [`Error::Input`] with all findings of the stage: first of the sources and headers; then, when more
/// than `[history] max_rejected` of the rows cannot be used, of the rows.
pub fn read(request: &Request) -> Result<History> {
    let sources = sources(request);
    let mut findings: Vec<Finding> = sources.iter().flat_map(check_source).collect();
    if sources.is_empty() {
        let action = "add `files = [\"history/*.csv\"]` under [history], or a [[history.source]]";
        findings
            .push(Finding::error("H001", "the plan file names no history", action).in_file(&request.path));
    }
    let inputs = files::find(request, &sources, &mut findings);
    let prepared: Vec<_> =
        inputs.par_iter().map(|input| Job::prepare(input, &sources[input.source])).collect();
    let mut jobs = Vec::new();
    for (job, more) in prepared {
        jobs.extend(job);
        findings.extend(more);
    }
    stop_at_errors(&mut findings)?;
    findings.extend(drift(&jobs));
    tracing::info!(files = jobs.len(), "reading the history");

    let end = request.file.plan.date.map(day_number);
    let limits = Limits { window_days: request.file.history.window_days, end };
    let read: Vec<_> = jobs.par_iter().enumerate().map(|(file, job)| job.read(file as u32, limits)).collect();
    let mut files = Vec::new();
    for ingested in read {
        match ingested {
            Ok(ingested) => files.push(ingested),
            Err(finding) => findings.push(finding),
        }
    }
    stop_at_errors(&mut findings)?;

    let (mut units, mut kept) = merge(&mut files);
    sort(&mut kept);
    let triangle = earlier_exports(&mut kept, &units, &mut files);
    findings.extend(young(&files));
    reject_clashes(&mut kept, &units, &jobs, &mut files);
    for row in &kept {
        let audit = &mut files[row.file as usize].account.audit;
        audit.accepted += 1;
        audit.imputed += usize::from(row.row.hour.is_none());
    }
    findings.extend(stale(&kept, &units));
    findings.extend(apart(&kept, &units, request.file.history.lookback_days, &jobs));
    come_of_age(&mut kept, &units);
    look_back(&mut kept, &units, request.file.history.lookback_days, &mut files);
    drop_idle_units(&mut kept, &mut units);

    let data = files.iter().map(|file| file.account.audit.rows - file.account.harmless).sum::<usize>();
    let faulty = files.iter().map(|file| file.account.rejected.len() - file.account.harmless).sum::<usize>();
    let mut audit = Audit::default();
    for Ingested { account, .. } in files {
        let (file, rejected, more) = account.close();
        audit.files.push(file);
        audit.rejected.extend(rejected);
        findings.extend(more);
    }
    tracing::info!(rows = data, rejected = faulty, units = units.len(), used = kept.len(), "history read");
    let future = audit.rejected.iter().filter(|row| row.code == Kind::Future.code()).count();
    stop_at_rejections(&mut findings, [data, faulty, future], request.file.history.max_rejected)?;
    audit.findings = findings;
    let observations = kept.into_iter().map(|kept| kept.row).collect();
    Ok(History { units, observations, triangle, audit })
}

/// The sources of the plan file; `files` is one without mappings.
pub(super) fn sources(request: &Request) -> Vec<Source> {
    let history = &request.file.history;
    let plain = (!history.files.is_empty()).then(|| Source {
        files: history.files.clone(),
        period_days: 1,
        ..Source::default()
    });
    plain.into_iter().chain(history.source.iter().cloned()).collect()
}

fn stop_at_errors(findings: &mut Vec<Finding>) -> Result<()> {
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Error::Input(std::mem::take(findings)));
    }
    Ok(())
}

/// Names the files of a source that lack a column which others of it have.
fn drift(jobs: &[Job<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for job in jobs {
        let siblings = jobs.iter().filter(|other| other.input.source == job.input.source);
        let siblings: Vec<_> = siblings.collect();
        for column in Column::ALL {
            if job.binding.has(column) || siblings.len() < 2 {
                continue;
            }
            if let Some(other) = siblings.iter().find(|other| other.binding.has(column)) {
                let cause =
                    format!("the file has no `{}`, but {} has", column.name(), other.input.path.display());
                let action = "export both with the same columns, or give them sources of their own";
                findings.push(Finding::warning("H015", cause, action).in_file(&job.input.path));
            }
        }
    }
    findings
}

/// Numbers the units of all files in one sorted list, and takes the rows out of the files.
fn merge(files: &mut [Ingested]) -> (Vec<Unit>, Vec<Kept>) {
    let mut units: Vec<Unit> = files.iter().flat_map(|file| file.units.iter().cloned()).collect();
    units.par_sort_unstable();
    units.dedup();
    let mut all = Vec::with_capacity(files.iter().map(|file| file.kept.len()).sum());
    for file in files {
        let numbers: Vec<u32> =
            file.units.iter().map(|unit| units.partition_point(|other| other < unit) as u32).collect();
        for mut kept in std::mem::take(&mut file.kept) {
            kept.row.unit = numbers[kept.row.unit as usize];
            all.push(kept);
        }
    }
    (units, all)
}

/// Takes out the rows that a later export holds too. What the exports held of their sales, from the first after the day
/// was over, tells how sales fill in.
fn earlier_exports(kept: &mut Vec<Kept>, units: &[Unit], files: &mut [Ingested]) -> Triangle {
    let mut triangle = Triangle::default();
    if kept.iter().all(|kept| kept.exported.is_none()) {
        return triangle;
    }
    supersede(kept, |looks| {
        for look in &looks[..looks.len() - 1] {
            files[look.file as usize].account.audit.earlier += 1;
        }
        let over = |look: &&Kept| look.exported.is_some_and(|exported| exported > look.row.end());
        let looks: Vec<Observation> = looks.iter().filter(over).map(|look| look.row).collect();
        if let Some(first) = looks.first() {
            triangle.add(units[first.unit as usize].channel, &looks);
        }
    });
    triangle
}

/// Says which files hold rows that others hold as they were later.
fn young(files: &[Ingested]) -> Vec<Finding> {
    let audits = files.iter().map(|file| &file.account.audit).filter(|audit| audit.earlier > 0);
    let said = audits.map(|audit| {
        let cause = format!("{} rows were exported again later: the later export is used", audit.earlier);
        let action = "nothing to do: how their sales grew between the exports tells how sales fill in";
        Finding::note("H024", cause, action).in_file(&audit.file)
    });
    said.collect()
}

/// Dates the rows whose report does not say when it was exported: the morning after the newest day of all, or of the
/// channel where its history is stale.
fn come_of_age(kept: &mut [Kept], units: &[Unit]) {
    let last = last_days(kept, units);
    let newest = last.values().copied().max().unwrap_or(0);
    for kept in kept.iter_mut().filter(|kept| kept.exported.is_none()) {
        let own = last[&units[kept.row.unit as usize].channel];
        kept.row.age = age(&kept.row, if newest - own > STALE_DAYS { own } else { newest });
    }
}

/// The last day of each channel.
fn last_days(kept: &[Kept], units: &[Unit]) -> BTreeMap<Channel, i32> {
    let mut last = BTreeMap::new();
    for row in kept {
        let day = last.entry(units[row.row.unit as usize].channel).or_insert(i32::MIN);
        *day = row.row.end().max(*day);
    }
    last
}

/// Takes out the rows that clash with others, and books them in their files.
fn reject_clashes(kept: &mut Vec<Kept>, units: &[Unit], jobs: &[Job<'_>], files: &mut [Ingested]) {
    let clashes = clashes(kept);
    if clashes.is_empty() {
        return;
    }
    for (file, job) in jobs.iter().enumerate() {
        let of_file: Vec<&Clash> =
            clashes.iter().filter(|clash| kept[clash.at].file as usize == file).collect();
        let mut lines: Vec<usize> = of_file.iter().map(|clash| kept[clash.at].line as usize).collect();
        if lines.is_empty() {
            continue;
        }
        lines.sort_unstable();
        let mut texts = job.texts(&lines);
        let account = &mut files[file].account;
        let mut conflicts = 0;
        let mut ordered = of_file;
        ordered.sort_by_key(|clash| kept[clash.at].line);
        for clash in ordered {
            let line = kept[clash.at].line as usize;
            conflicts += usize::from(clash.kind == Kind::Conflicting);
            account.reject(
                fault(clash, kept, units, jobs),
                line,
                String::new(),
                texts.remove(&line).unwrap_or_default(),
            );
        }
        if conflicts > 0 && !job.binding.unused.is_empty() {
            let cause = format!("{conflicts} rows have the key of another row, with other numbers");
            let action = format!(
                "if one of the unused columns tells them apart ({}), join it into `unit`: columns = {{ unit = [\"…\", \"…\"] }}",
                job.binding.unused.join(", ")
            );
            account.remarks.push(Finding::warning("H020", cause, action).in_file(&job.input.path));
        }
    }
    let mut clashes = clashes.iter().map(|clash| clash.at).peekable();
    let mut at = 0;
    kept.retain(|_| {
        let clashing = clashes.next_if_eq(&at).is_some();
        while clashes.next_if_eq(&at).is_some() {}
        at += 1;
        !clashing
    });
}

fn fault(clash: &Clash, kept: &[Kept], units: &[Unit], jobs: &[Job<'_>]) -> Fault {
    let (row, other) = (&kept[clash.at], &kept[clash.with]);
    let elsewhere = if other.file == row.file {
        format!("line {}", other.line)
    } else {
        format!("{}:{}", jobs[other.file as usize].input.path.display(), other.line)
    };
    let reason = match clash.kind {
        Kind::Identical => format!("the row repeats {elsewhere}"),
        Kind::Conflicting => format!("the row has the key of {elsewhere}, with other numbers"),
        _ => format!("the row covers hours that {elsewhere} reports too"),
    };
    let hour = row.row.hour.map_or_else(String::new, |hour| format!(" {hour:02}h"));
    let key = format!("{}{hour} {}", date_of(row.row.day), units[row.row.unit as usize]);
    Fault::of_row(clash.kind, key, reason)
}

/// Drops rows that end before the lookback, which is counted from the last day of the row's channel:
/// reports of different channels are often exported on different days.
fn look_back(kept: &mut Vec<Kept>, units: &[Unit], days: u32, files: &mut [Ingested]) {
    let last = last_days(kept, units);
    kept.retain(|row| {
        let channel = units[row.row.unit as usize].channel;
        let young = i64::from(row.row.end()) > i64::from(last[&channel]) - i64::from(days);
        files[row.file as usize].account.audit.too_old += usize::from(!young);
        young
    });
    for Ingested { account, .. } in files {
        if account.audit.accepted > 0 && account.audit.too_old == account.audit.accepted {
            let cause = format!("every row is older than {days} days before the last day of its channel");
            let action = "raise `[history] lookback_days`, or plan from this file alone";
            account.remarks.push(Finding::warning("H022", cause, action).in_file(&account.audit.file));
        }
    }
}

/// Warns of channels whose history ends long before the others'.
fn stale(kept: &[Kept], units: &[Unit]) -> Vec<Finding> {
    let last = last_days(kept, units);
    let newest = last.values().copied().max().unwrap_or(0);
    last.iter()
        .filter(|(_, day)| newest - **day > STALE_DAYS)
        .map(|(channel, day)| {
            Finding::warning(
                "H023",
                format!(
                    "the history of {channel} ends on {}, {} days before the newest row of all",
                    date_of(*day),
                    newest - day
                ),
                "export the channel again; until then it is planned as if its last days were yesterday",
            )
        })
        .collect()
}

/// Keeps the units that still have rows, and the numbering dense.
fn drop_idle_units(kept: &mut [Kept], units: &mut Vec<Unit>) {
    let mut idle = vec![true; units.len()];
    kept.iter().for_each(|kept| idle[kept.row.unit as usize] = false);
    let mut numbers = Vec::with_capacity(units.len());
    let mut next = 0;
    for idle in &idle {
        numbers.push(next);
        next += u32::from(!idle);
    }
    kept.iter_mut().for_each(|kept| kept.row.unit = numbers[kept.row.unit as usize]);
    let mut idle = idle.into_iter();
    units.retain(|_| !idle.next().unwrap_or(true));
}

fn stop_at_rejections(
    findings: &mut Vec<Finding>,
    [rows, rejected, future]: [usize; 3],
    most: f64,
) -> Result<()> {
    let share = rejected as f64 / rows.max(1) as f64;
    let summary = if share > most {
        let cause = format!(
            "{rejected} of {rows} rows ({:.2} %) cannot be used, more than `[history] max_rejected` = {} %",
            share * 100.0,
            most * 100.0
        );
        Finding::error(
            "H016",
            cause,
            "mend the rows named below, or raise `max_rejected` if the rest is enough",
        )
    } else if rows == rejected {
        let cause = match future {
            0 => "the history has no rows".to_owned(),
            future => format!("the history has no rows before the planned date: {future} are of it or later"),
        };
        Finding::error("H021", cause, "check the files that `[history]` names, and the date that is planned")
    } else {
        return Ok(());
    };
    let mut all = vec![summary];
    all.append(findings);
    Err(Error::Input(all))
}
