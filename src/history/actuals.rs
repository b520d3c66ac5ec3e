//! A report of one day, read as the history is read.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::files;
use super::ingest::Job;
use super::observation::History;
use super::read::{read, sources};
use crate::config::{Constant, Request, Source};
use crate::error::{Error, Finding, Result, Severity};

/// Reads reports of a day, each with the names and mappings of the history's source that it looks like: first
/// of those whose patterns its name matches, else of any, else with our own names. Rows of other dates are
/// read too; a source whose `date` is a constant has `date` in its place, and a row covers its day alone.
///
/// # Errors
/// As [`read`].
pub fn read_actuals(request: &Request, reports: &[PathBuf], date: Date) -> Result<History> {
    let known = sources(request);
    let mut of_day = request.clone();
    let (mut notes, mut chosen) = (Vec::new(), Vec::new());
    for report in reports {
        let path = std::path::absolute(report).map_err(Error::io("resolve", report))?;
        let (source, note) = fitting(request, &known, &path, date);
        chosen.push(source);
        notes.extend(note);
    }
    of_day.file.history.files.clear();
    of_day.file.history.source = chosen;
    // What is asked about is the past; nothing of it is too new or too old.
    (of_day.file.plan.date, of_day.file.history.lookback_days) = (None, u32::MAX);
    let mut history = read(&of_day).map_err(relative)?;
    history.audit.findings.extend(notes);
    Ok(history)
}

/// Whether a pattern of the history reaches a file.
pub fn reads(request: &Request, file: &Path) -> bool {
    let Ok(real) = file.canonicalize() else { return false };
    let found = files::find(request, &sources(request), &mut Vec::new());
    found.iter().any(|input| input.path.canonicalize().is_ok_and(|path| path == real))
}

/// A report is named on the command line, and not beside the plan file.
fn relative(error: Error) -> Error {
    let told = |finding: Finding| match finding.code {
        "H002" => {
            let action = "a report is named relative to the working directory; a folder must hold .csv, .txt, .tsv or .parquet files";
            Finding { action: action.into(), ..finding }
        }
        _ => finding,
    };
    match error {
        Error::Input(findings) => Error::Input(findings.into_iter().map(told).collect()),
        other => other,
    }
}

/// The source that a report is read with; a note where others would have read it, too.
fn fitting(request: &Request, known: &[Source], report: &Path, date: Date) -> (Source, Option<Finding>) {
    let plain = Source { period_days: 1, ..Source::default() };
    let mut candidates: Vec<&Source> = known.iter().filter(|source| names(source, report)).collect();
    let named = candidates.len();
    candidates.extend(known.iter().filter(|source| !names(source, report)));
    candidates.push(&plain);
    let of_day: Vec<Source> = candidates.iter().map(|source| on(source, report, date)).collect();
    let first = of_day.iter().position(|source| understands(request, source)).unwrap_or(0);
    let told = |at: usize| candidates[at].files.join(", ");
    let rival = (first + 1..of_day.len().saturating_sub(1))
        .filter(|at| named == 0 || *at < named)
        .find(|at| of_day[*at] != of_day[first] && understands(request, &of_day[*at]));
    let note = rival.map(|rival| {
        let cause = format!(
            "the report is read as the files of `{}`, and could be read as those of `{}`",
            told(first),
            told(rival)
        );
        let action = "give it a name that the patterns of its own [[history.source]] match";
        Finding::warning("A006", cause, action).in_file(report)
    });
    (of_day[first].clone(), note)
}

/// Whether the last part of one of a source's patterns matches the report's name.
fn names(source: &Source, report: &Path) -> bool {
    let Some(name) = report.file_name().and_then(|name| name.to_str()) else { return false };
    source.files.iter().any(|pattern| {
        let last = Path::new(pattern).file_name().and_then(|last| last.to_str());
        last.and_then(|last| glob::Pattern::new(last).ok()).is_some_and(|pattern| pattern.matches(name))
    })
}

/// A source as it reads one report of a day.
fn on(source: &Source, report: &Path, date: Date) -> Source {
    let mut source = source.clone();
    source.files = vec![report.display().to_string()];
    source.period_days = 1;
    if let Some(constant) = source.constants.get_mut("date") {
        *constant = Constant::Text(date.to_string());
    }
    source
}

/// Whether a source understands the report's columns.
fn understands(request: &Request, source: &Source) -> bool {
    let mut findings = Vec::new();
    let inputs = files::find(request, std::slice::from_ref(source), &mut findings);
    inputs.first().is_some_and(|input| {
        let (job, found) = Job::prepare(input, source);
        job.is_some() && found.iter().all(|finding| finding.severity < Severity::Error)
    })
}
