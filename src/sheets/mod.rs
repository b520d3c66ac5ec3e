//! The output folder: what people and programs read.
//!
//! All files of a run are written into a folder beside the output folder, which then takes its place
//! in one step: a killed run leaves the last good output untouched.

mod approved;
mod compare;
pub mod daily;
mod effective;
mod export;
mod folder;
mod frontier;
mod in_force;
mod made;
mod manifest;
pub mod platform;
mod promised;
pub mod read;
mod rejected;
mod review;
mod single;
mod summary;
mod table;
mod workbook;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use crate::config::Request;
use crate::error::{Error, Result};
use crate::explain::Costs;
use crate::frontier::Frontier;
use crate::history::Audit;
use crate::plan::Plan;
use crate::report;
pub use crate::report::Lang;
use crate::report::{Beside, Tested};
use crate::schedule::executable::Executable;
pub use approved::{Approved, Decided, read_approved};
pub use compare::{COMPARISON, Comparison, side, write_comparison};
pub use effective::{Effective, effective};
pub use export::{EXPORT, Export, write_export};
pub use folder::{Kind, refuse};
pub use in_force::{in_force, morning, of_hour};
pub use made::{Made, MadeAgain};
use manifest::MARK;
pub use promised::Promised;
pub use review::{REVIEW, Reviewing, feed, place_of, write_review};
pub use single::put;

/// Everything that a finished run writes.
#[derive(Clone, Copy)]
pub struct Package<'a> {
    /// The request it answers.
    pub request: &'a Request,
    /// The account of the history.
    pub audit: &'a Audit,
    /// The plan.
    pub plan: &'a Plan,
    /// Seconds of each stage, in order.
    pub stages: &'a [(&'static str, f64)],
    /// The frontiers around today's rules.
    pub frontiers: &'a [Frontier],
    /// What whole rules and the position band cost.
    pub costs: &'a Costs,
    /// What the last backtest said.
    pub tested: Option<&'a Tested>,
    /// The linear program as MPS text, when asked for.
    pub mps: Option<&'a str>,
    /// What bounded the plan beside its request.
    pub within: Option<Within<'a>>,
    /// When the run began.
    pub started: Timestamp,
    /// Language of the workbook, the report and the column `reason`.
    pub lang: Lang,
}

/// What a plan is made within, beside its request and its history.
#[derive(Clone, Copy)]
pub enum Within<'a> {
    /// A day under way.
    Day {
        /// The folder of the plan that was in force.
        in_force: &'a Path,
        /// The account of the day's reports.
        reports: &'a Audit,
    },
    /// Bids that a person approved.
    Approved(&'a Approved),
    /// What a platform executes.
    Platform(&'a Executable),
}

/// Writes the package into `out`: beside its place first, then put there in one step. What else stands
/// in the folder is kept. Refuses a folder that no run of ours wrote, unless `force`.
pub fn write(package: &Package<'_>, out: &Path, force: bool) -> Result<()> {
    folder::replace(out, &PLAN, force, |folder| fill(package, folder))?;
    tracing::info!(out = %out.display(), "written");
    Ok(())
}

/// Writes the package, and what `more` writes into the same folder, as [`write`].
pub fn write_with(package: &Package<'_>, out: &Path, more: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    folder::replace(out, &PLAN, false, |folder| {
        fill(package, folder)?;
        more(folder)
    })?;
    tracing::info!(out = %out.display(), "written");
    Ok(())
}

/// One file of the package by its name, for who wants no folder; nothing where it has no such file.
///
/// # Errors
/// A file that cannot be written.
pub fn file(package: &Package<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    if !PLAN.files.contains(&name) {
        return Ok(None);
    }
    let folder = tempfile::tempdir().map_err(Error::io("create", Path::new(name)))?;
    fill(package, folder.path())?;
    let path = folder.path().join(name);
    match path.exists() {
        true => std::fs::read(&path).map(Some).map_err(Error::io("read", &path)),
        false => Ok(None),
    }
}

fn fill(package: &Package<'_>, folder: &Path) -> Result<()> {
    let Package { request, audit, plan, frontiers, costs, tested, lang, .. } = *package;
    let rows = table::rows(plan, lang);
    table::write_csv(&rows, &folder.join("plan.csv"))?;
    table::write_parquet(plan.date, rows, &folder.join("plan.parquet"))?;
    workbook::write(package, &folder.join("bids.xlsx"))?;
    text(
        &folder.join("report.html"),
        &report::page(request, audit, plan, &Beside { frontiers, costs: Some(costs), tested }, lang)?,
    )?;
    json(&folder.join("summary.json"), &summary::Summary::of(package))?;
    if let Some(mps) = package.mps {
        text(&folder.join("program.mps"), mps)?;
    }
    rejected::write(audit, &folder.join("rejected.csv"))?;
    json(
        &folder.join("manifest.json"),
        &manifest::Manifest::of(&PLAN, request, audit, package.started)?.within(plan, package.within),
    )
}

/// What [`write`] leaves.
pub const PLAN: Kind = Kind {
    mark: "plan",
    files: &[
        "plan.csv",
        "plan.parquet",
        "bids.xlsx",
        "report.html",
        "summary.json",
        "program.mps",
        "rejected.csv",
        "manifest.json",
    ],
};

/// Everything that a finished sweep writes.
#[derive(Clone, Copy)]
pub struct Sweep<'a> {
    /// The request whose bounds were moved.
    pub request: &'a Request,
    /// The account of the history.
    pub audit: &'a Audit,
    /// What every step brings.
    pub frontier: &'a Frontier,
    /// When the run began.
    pub started: Timestamp,
    /// Language of the page.
    pub lang: Lang,
}

/// What [`write_sweep`] leaves.
pub const SWEEP: Kind = Kind {
    mark: "sweep",
    files: &["frontier.csv", "frontier.parquet", "frontier.html", "rejected.csv", "manifest.json"],
};

/// Writes a sweep into `out`, in one step as [`write`].
pub fn write_sweep(sweep: &Sweep<'_>, out: &Path, force: bool) -> Result<()> {
    let Sweep { request, audit, frontier, started, lang } = *sweep;
    folder::replace(out, &SWEEP, force, |folder| {
        let table = frontier::Table::of(frontier);
        table.write_csv(&folder.join("frontier.csv"))?;
        table.write_parquet(&folder.join("frontier.parquet"))?;
        text(&folder.join("frontier.html"), &report::frontier(frontier, lang)?)?;
        rejected::write(audit, &folder.join("rejected.csv"))?;
        json(&folder.join("manifest.json"), &manifest::Manifest::of(&SWEEP, request, audit, started)?)
    })?;
    tracing::info!(out = %out.display(), "written");
    Ok(())
}

/// Where `backtest` leaves its last verdict for the report, beside the plan file.
const BACKTEST: &str = "runs/backtest.json";

/// Leaves a backtest for the report of the plans that follow.
pub fn write_backtest(request: &Request, backtest: &impl serde::Serialize) -> Result<()> {
    let path = request.resolve(Path::new(BACKTEST));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    json(&path, backtest)
}

/// The last backtest of a plan file; nothing where there is none that can be read.
pub fn last_backtest(request: &Request) -> Result<Option<Tested>> {
    let path = request.resolve(Path::new(BACKTEST));
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    Ok(serde_json::from_str(&text)
        .map_err(|error| tracing::warn!(path = %path.display(), "the last backtest is left out: {error}"))
        .ok())
}

fn text(path: &Path, text: &str) -> Result<()> {
    let mut file = File::create(path).map_err(Error::io("create", path))?;
    file.write_all(text.as_bytes()).map_err(Error::io("write", path))
}

fn json(path: &Path, value: &impl serde::Serialize) -> Result<()> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| Error::Internal(format!("{}: {error}", path.display())))?;
    text(path, &(json + "\n"))
}

#[cfg(test)]
mod tests;
