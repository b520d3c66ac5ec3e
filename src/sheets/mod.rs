//! The output folder: what people and programs read.
//!
//! All files of a run are written into a folder beside the output folder, which then takes its place
//! in one step: a killed run leaves the last good output untouched.

mod folder;
mod manifest;
pub mod read;
mod rejected;
mod summary;
mod table;
mod workbook;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use crate::config::Request;
use crate::error::{Error, Result};
use crate::history::Audit;
use crate::plan::Plan;
use crate::report;
pub use crate::report::Lang;
pub use folder::refuse;
pub use manifest::MARKER;

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
    /// The linear program as MPS text, when asked for.
    pub mps: Option<&'a str>,
    /// When the run began.
    pub started: Timestamp,
    /// Language of the workbook, the report and the column `reason`.
    pub lang: Lang,
}

/// Writes the package into `out`: beside its place first, then put there in one step. What else stands
/// in the folder is kept. Refuses a folder that no run of ours wrote, unless `force`.
pub fn write(package: &Package<'_>, out: &Path, force: bool) -> Result<()> {
    folder::replace(out, force, |folder| fill(package, folder))?;
    tracing::info!(out = %out.display(), "written");
    Ok(())
}

fn fill(package: &Package<'_>, folder: &Path) -> Result<()> {
    let Package { request, audit, plan, lang, .. } = *package;
    let rows = table::rows(plan, lang);
    table::write_csv(&rows, &folder.join("plan.csv"))?;
    table::write_parquet(plan.date, rows, &folder.join("plan.parquet"))?;
    workbook::write(package, &folder.join("bids.xlsx"))?;
    text(&folder.join("report.html"), &report::page(request, audit, plan, lang)?)?;
    json(&folder.join("summary.json"), &summary::Summary::of(package))?;
    if let Some(mps) = package.mps {
        text(&folder.join("program.mps"), mps)?;
    }
    rejected::write(audit, &folder.join("rejected.csv"))?;
    json(&folder.join("manifest.json"), &manifest::Manifest::of(package)?)
}

/// Names of the files that [`write`] may leave, none of which outlives the run that wrote it.
const FILES: [&str; 8] = [
    "plan.csv",
    "plan.parquet",
    "bids.xlsx",
    "report.html",
    "summary.json",
    "program.mps",
    "rejected.csv",
    "manifest.json",
];

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
