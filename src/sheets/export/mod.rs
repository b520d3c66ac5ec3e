//! The folder of an exported plan: the platform's files, what is expected of the effective bids, and what of the
//! plan they cannot reach.

mod by_hand;
mod summary;
mod workbook;

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::folder::{self, Kind};
use super::manifest::Manifest;
use super::{json, platform};
use crate::config::Request;
use crate::error::{Error, Result};
use crate::history::Audit;
use crate::keys::Channel;
use crate::report::Lang;
use crate::schedule::executable::{Executable, Why};

/// Everything that an export writes.
#[derive(Clone, Copy)]
pub struct Export<'a> {
    /// The request that the plan answers.
    pub request: &'a Request,
    /// The account of the history.
    pub audit: &'a Audit,
    /// The folder of the plan.
    pub plan: &'a Path,
    /// What the platform executes.
    pub executable: &'a Executable,
    /// Seconds of each stage.
    pub stages: &'a [(&'static str, f64)],
    /// When the run began.
    pub started: Timestamp,
    /// Language of the workbook.
    pub lang: Lang,
}

/// Every cell as the platform executes it.
pub(super) const EFFECTIVE: &str = "effective.csv";
const UNREACHED: &str = "unreached.csv";

/// What [`write_export`] leaves.
pub const EXPORT: Kind = Kind {
    mark: "export",
    files: &{
        let mut files = [EFFECTIVE; platform::FILES.len() + 6];
        let mut at = 0;
        while at < platform::FILES.len() {
            files[at] = platform::FILES[at];
            at += 1;
        }
        files[at + 1] = UNREACHED;
        files[at + 2] = "summary.json";
        files[at + 3] = "manifest.json";
        files[at + 4] = workbook::FILE;
        files[at + 5] = by_hand::FILE;
        files
    },
};

/// Writes an export into `out`, in one step as [`super::write`].
pub fn write_export(export: &Export<'_>, out: &Path, force: bool) -> Result<()> {
    let plan = export.executable;
    folder::replace(out, &EXPORT, force, |folder| {
        for sheet in platform::of(plan.platform).sheets(plan)? {
            let path = folder.join(sheet.name);
            std::fs::write(&path, &sheet.bytes).map_err(Error::io("write", &path))?;
        }
        effective(plan, &folder.join(EFFECTIVE))?;
        unreached(plan, &folder.join(UNREACHED))?;
        by_hand::write(plan, &folder.join(by_hand::FILE))?;
        workbook::write(export, &folder.join(workbook::FILE))?;
        json(&folder.join("summary.json"), &summary::Summary::of(export))?;
        let manifest = Manifest::of(&EXPORT, export.request, export.audit, export.started)?;
        json(&folder.join("manifest.json"), &manifest)
    })?;
    tracing::info!(out = %out.display(), "written");
    Ok(())
}

/// A row of `effective.csv`: a cell that the platform executes.
#[derive(Serialize)]
struct Row<'a> {
    date: Date,
    hour: u8,
    channel: Channel,
    campaign: &'a str,
    unit: &'a str,
    product: Option<&'a str>,
    platform_campaign: &'a str,
    base: Option<f64>,
    percent: Option<u32>,
    bid: Option<f64>,
    plan_bid: Option<f64>,
    position: Option<f64>,
    impressions: f64,
    clicks: f64,
    spend: f64,
    orders: f64,
    revenue: f64,
}

fn effective(plan: &Executable, path: &Path) -> Result<()> {
    let failed = Error::csv(path);
    let mut writer = csv::Writer::from_path(path).map_err(failed)?;
    let rounded = super::table::rounded;
    for (cell, free) in plan.cells.iter().zip(&plan.free).filter(|(cell, _)| plan.here(cell)) {
        let unit = &plan.units[cell.cell.unit as usize];
        let (name, base, percent) = plan.set(cell.cell).unwrap_or((&unit.campaign, None, None));
        let row = Row {
            date: plan.date,
            hour: cell.cell.hour,
            channel: unit.channel,
            campaign: &unit.campaign,
            unit: &unit.unit,
            product: unit.product.as_deref(),
            platform_campaign: name,
            base,
            percent,
            bid: cell.bid.filter(|_| cell.run),
            plan_bid: free.bid.filter(|_| free.run),
            position: cell.outcome.position().filter(|_| cell.run).map(|position| rounded(position, 4)),
            impressions: rounded(cell.outcome.impressions, 4),
            clicks: rounded(cell.outcome.clicks, 4),
            spend: rounded(cell.outcome.spend, 4),
            orders: rounded(cell.outcome.orders, 4),
            revenue: rounded(cell.outcome.revenue, 4),
        };
        writer.serialize(row).map_err(failed)?;
    }
    writer.flush().map_err(Error::io("write", path))
}

fn unreached(plan: &Executable, path: &Path) -> Result<()> {
    let failed = Error::csv(path);
    let mut writer = csv::Writer::from_path(path).map_err(failed)?;
    writer
        .write_record([
            "hour", "channel", "campaign", "unit", "product", "plan_bid", "spend", "revenue", "why",
        ])
        .map_err(failed)?;
    for lost in &plan.unreached {
        let unit = &plan.units[lost.unit as usize];
        let row = [
            lost.hour.to_string(),
            unit.channel.to_string(),
            unit.campaign.clone(),
            unit.unit.clone(),
            unit.product.clone().unwrap_or_default(),
            lost.bid.map_or_else(String::new, |bid| bid.to_string()),
            super::table::rounded(lost.outcome.spend, 4).to_string(),
            super::table::rounded(lost.outcome.revenue, 4).to_string(),
            match lost.why {
                Why::UnitPaused => "the unit is paused: no base bid suits the hours of its campaign",
                Why::HourOff => "its campaign is off in this hour",
            }
            .to_owned(),
        ];
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(Error::io("write", path))
}
