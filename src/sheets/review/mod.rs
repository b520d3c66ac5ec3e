//! The folder of a review: `review.html`, `review.xlsx`, `review.json`, `cells.csv`, and the day itself in our own
//! columns, from which the next fit learns.

mod book;
mod front;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;

use super::folder::{self, Kind};
use super::manifest::Manifest;
use super::table::rounded;
use super::{Lang, json, rejected, text};
use crate::config::Request;
use crate::error::{Error, Finding, Result};
use crate::history::{self, History};
use crate::report::{self, review::About};
use crate::review::{Effect, Review, ReviewCell, Side};

/// Everything that a review writes.
#[derive(Clone, Copy)]
pub struct Reviewing<'a> {
    /// The request that the plan answers.
    pub request: &'a Request,
    /// The review.
    pub review: &'a Review,
    /// What happened.
    pub happened: &'a History,
    /// The day on which it was exported, where that is known.
    pub exported: Option<Date>,
    /// What is doubtful.
    pub doubts: &'a [Finding],
    /// When the run began.
    pub started: Timestamp,
    /// Language of the page and the workbook.
    pub lang: Lang,
}

/// What [`write_review`] leaves.
pub const REVIEW: Kind = Kind {
    mark: "review",
    files: &[
        "review.html",
        "review.xlsx",
        "review.json",
        "cells.csv",
        "actuals.parquet",
        "rejected.csv",
        "manifest.json",
    ],
};

/// Writes a review into `out`, in one step as [`super::write`].
pub fn write_review(package: &Reviewing<'_>, out: &Path, force: bool) -> Result<()> {
    let Reviewing { request, review, happened, doubts, started, lang, exported } = *package;
    let about = About { audit: &happened.audit, doubts };
    folder::replace(out, &REVIEW, force, |folder| {
        text(&folder.join("review.html"), &report::review::review(review, &about, lang)?)?;
        book::write(package, &folder.join("review.xlsx"))?;
        json(&folder.join("review.json"), review)?;
        cells(review, &folder.join("cells.csv"))?;
        let actuals = folder.join("actuals.parquet");
        match exported {
            Some(_) => history::write_dated_parquet(&actuals, happened)?,
            None => history::write_parquet(&actuals, happened)?,
        }
        rejected::write(&happened.audit, &folder.join("rejected.csv"))?;
        json(&folder.join("manifest.json"), &Manifest::of(&REVIEW, request, &happened.audit, started)?)
    })?;
    tracing::info!(out = %out.display(), "written");
    Ok(())
}

/// Under which name a folder of the history takes a day as it was exported on some other: one file for each look, of
/// which a fit uses the last, and from all of which it learns how sales fill in.
///
/// # Errors
/// `A025` where nobody knows when the day was exported; `A022` where that look is there already, unless `force`.
pub fn place_of(date: Date, exported: Option<Date>, folder: &Path, force: bool) -> Result<PathBuf> {
    let Some(exported) = exported else {
        let cause =
            "nobody says when the report was exported, so a fit cannot know whether its sales are final";
        let action = "say the day of the export with --as-of";
        return Err(Finding::error("A025", cause, action).into());
    };
    let path = folder.join(format!("actuals-{date}-exported-{exported}.parquet"));
    if path.exists() && !force {
        let action = "say --force to replace it; a later export of the day needs no --force";
        return Err(Finding::error("A022", "this export of the day is in the history already", action)
            .in_file(&path)
            .into());
    }
    Ok(path)
}

/// Puts the day where [`place_of`] says, for the next fit.
///
/// # Errors
/// A file that cannot be written.
pub fn feed(happened: &History, place: &Path) -> Result<()> {
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    // Beside its place first: a killed run leaves no half of a file in a history.
    let name = place.file_stem().unwrap_or_default().to_string_lossy();
    let new = place.with_file_name(format!(".{name}.tmp"));
    history::write_dated_parquet(&new, happened)?;
    std::fs::rename(&new, place).map_err(Error::io("replace", place))
}

/// Sums of both sides, in the order of the columns.
const SUMS: [&str; 5] = ["impressions", "clicks", "spend", "orders", "revenue"];

/// Of these, what may still come.
const LATE: [&str; 3] = ["spend", "orders", "revenue"];

fn cells(review: &Review, path: &Path) -> Result<()> {
    let failed = Error::csv(path);
    let mut writer = csv::Writer::from_path(path).map_err(failed)?;
    let head = ["date", "hour", "channel", "campaign", "unit", "product"].map(str::to_owned).into_iter();
    let both = ["bid", "position"].into_iter().chain(SUMS);
    let sides = both.flat_map(|name| [format!("planned_{name}"), format!("actual_{name}")]);
    let late = LATE.map(|name| format!("late_{name}"));
    let effects = Effect::ALL
        .iter()
        .flat_map(|effect| ["spend", "revenue"].map(|measure| format!("{measure}_by_{}", effect.name())));
    writer.write_record(head.chain(sides).chain(late).chain(effects)).map_err(failed)?;
    for cell in &review.cells {
        writer.write_record(record(review, cell)).map_err(failed)?;
    }
    writer.flush().map_err(Error::io("write", path))
}

fn record(review: &Review, cell: &ReviewCell) -> Vec<String> {
    let unit = &review.units[cell.cell.unit as usize];
    let shown = |value: Option<f64>| value.map_or_else(String::new, |value| rounded(value, 4).to_string());
    let sides = [cell.planned, cell.actual];
    let of = |value: &dyn Fn(&Side) -> Option<f64>| sides.map(|side| shown(side.as_ref().and_then(value)));
    let names = [
        review.date.to_string(),
        cell.cell.hour.to_string(),
        unit.channel.to_string(),
        unit.campaign.clone(),
        unit.unit.clone(),
        unit.product.clone().unwrap_or_default(),
    ];
    let mut record = names.to_vec();
    record.extend(of(&|side| side.bid));
    record.extend(of(&|side| side.outcome.position()));
    for measure in 0..SUMS.len() {
        record.extend(of(&|side| Some(side.outcome.measures()[measure])));
    }
    let late = [cell.late.spend, cell.late.orders, cell.late.revenue];
    record.extend(late.map(|sum| shown(Some(sum))));
    for effect in Effect::ALL {
        let it = cell.effects.of(effect);
        record.extend([it.spend, it.revenue].map(|money| shown(Some(money))));
    }
    record
}
