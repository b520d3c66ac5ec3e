//! `bidwright export`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::number::{self, NONE};
use super::plan::Language;
use super::table::table;
use super::{Log, after_help, screen, stop};
use crate::config::Platform;
use crate::error::{Error, Result, exit};
use crate::pipeline::Options;
use crate::pipeline::export::{Exported, export};
use crate::plan::{PlanCell, RuleValue};
use crate::schedule::executable::{Executable, Why};
use crate::sheets::{self, Export};

/// Turn a finished plan into a platform's own sheets
///
/// No platform takes a bid for every keyword and hour. Most take a base bid per keyword and, per campaign, a
/// percentage of it for each window of the day, or no delivery:
///
///   effective bid = base bid × percent ÷ 100
///
/// Base bids and schedules are found together, so that the effective bids earn the most with every rule met and
/// every position in its band, rounded as the platform wants them. The plan is evaluated again on them; the
/// other channels keep the plan's bids. DIR is the output folder of `bidwright plan`; its history must be what
/// it was. Limits of your account go into the plan file, `[platform.NAME]`.
///
/// Beside the platform's files the folder has the operator's workbook, bids.xlsx. Of an approved plan, the bids that a
/// person set are kept as far as base bids and percents can reach them; by-hand.csv says what each became.
///
/// Platforms: zhitongche (Taobao search), zuanzhan (Taobao display: hours on or off, one CPM bid), google-ads
/// (Google Ads Editor's CSV, at most 6 windows a day), microsoft (bulk file, at most 7), amazon (bulk sheet, one
/// bid all day), json (every bid of every hour, for programs).
///
/// Writes the platform's files, effective.csv (every cell with base bid, percent and effective bid),
/// unreached.csv (cells of the plan that the platform cannot run), summary.json and manifest.json.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help!(
    "  bidwright export shop/runs/2026-12-12 --platform zhitongche\n  bidwright export shop/runs/2026-12-12 --platform google-ads --out upload\n\nExit code 3: no schedule was found that meets every rule; the nearest is written and says which are broken."
))]
pub(super) struct ExportArgs {
    /// The output folder of `bidwright plan`
    #[arg(value_name = "DIR")]
    plan: PathBuf,
    /// The platform: zhitongche, zuanzhan, google-ads, microsoft, amazon or json
    #[arg(long, value_name = "NAME")]
    platform: String,
    /// Output folder [default: DIR-NAME, beside the plan's]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The solver of the linear program
    #[arg(long, value_name = "NAME")]
    solver: Option<String>,
    /// Language of the workbook
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANG")]
    lang: Language,
    /// Write into --out even if that folder is not an export's
    #[arg(long)]
    force: bool,
}

impl ExportArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let started = Timestamp::now();
        let platform = Platform::named(&self.platform)?;
        let out = match &self.out {
            Some(out) => out.clone(),
            None => beside(&self.plan, platform)?,
        };
        sheets::refuse(&out, &sheets::EXPORT, self.force)?;
        let options = Options { solver: self.solver.clone(), stop: stop::flag(), ..Options::default() };
        let exported = export(&self.plan, platform, &options)?;
        log.findings(&exported.reopened.doubts);
        log.findings(exported.executable.not_kept().as_slice());
        log.findings(exported.executable.silent().as_slice());
        let package = Export {
            request: &exported.reopened.request,
            audit: exported.audit(),
            plan: &self.plan,
            executable: &exported.executable,
            stages: &exported.stages,
            started,
            lang: self.lang.into(),
        };
        sheets::write_export(&package, &out, self.force)?;
        screen::print(&in_short(&exported, &out))?;
        Ok(if exported.executable.met() { exit::DONE } else { exit::INFEASIBLE })
    }
}

/// The folder beside the plan's that is named after it and the platform.
fn beside(plan: &Path, platform: Platform) -> Result<PathBuf> {
    let real = plan.canonicalize().map_err(Error::io("find", plan))?;
    let mut name: OsString = real.file_name().unwrap_or_default().to_owned();
    name.push(format!("-{}", platform.name()));
    // As the user named it, where that has a last part.
    Ok(if plan.file_name().is_some() { plan.with_file_name(name) } else { real.with_file_name(name) })
}

fn in_short(exported: &Exported, out: &Path) -> String {
    let plan = &exported.executable;
    let mut text = verdict(plan) + "\n\n";
    text += &figures(plan);
    if !plan.campaigns.is_empty() {
        text += "\n\n";
        text += &campaigns(plan);
    }
    for rule in plan.rules.iter().filter(|rule| !rule.met) {
        text += &format!("\nBROKEN: {rule}: {}", broken(rule));
    }
    if let [Some(now), Some(free)] = plan.held {
        text += &format!(
            "\n\npositions: every one predicted in its band; held there with a chance of {} on average ({} in the plan)",
            number::percent(now),
            number::percent(free)
        );
    }
    if !plan.unreached.is_empty() {
        let paused = plan.unreached.iter().filter(|lost| lost.why == Why::UnitPaused).count();
        let revenue: f64 = plan.unreached.iter().map(|lost| lost.outcome.revenue).sum();
        text += &format!(
            "\n\n{} cells of the plan cannot be reached ({} of revenue there): {paused} of paused units, {} in hours that are off",
            plan.unreached.len(),
            number::money(revenue),
            plan.unreached.len() - paused
        );
    }
    for better in plan.better.iter().take(MOST) {
        text += &format!("\n{}", advice(plan, better));
    }
    text += &format!("\n\nwritten to {}\n", out.display());
    text
}

/// Campaigns whose split is proposed in the summary.
const MOST: usize = 3;

fn verdict(plan: &Executable) -> String {
    if plan.silent().is_some() {
        let [_, planned] = plan.units_running();
        return format!(
            "{} for {}: NOTHING RUNS there: 0 of the {planned} units that the plan runs",
            plan.platform.name(),
            plan.date
        );
    }
    let [whole, here] = plan.kept();
    let share = |share: Option<f64>| share.map_or(NONE.into(), number::percent);
    let rules = if plan.met() { "every rule is met" } else { "NOT every rule is met" };
    match plan.terms {
        Some(_) => format!(
            "{} for {}: {} of the plan's {} is kept, {} over the whole plan; {rules}",
            plan.platform.name(),
            plan.date,
            share(here),
            crate::program::objective_metric(plan.objective).name(),
            share(whole)
        ),
        None => format!("{} for {}: the plan's own bids; {rules}", plan.platform.name(), plan.date),
    }
}

fn figures(plan: &Executable) -> String {
    let row = |name: &str, cells: &[PlanCell], here: bool| {
        let keep = |cell: &PlanCell| !here || plan.here(cell);
        let sum = Executable::total(cells, keep);
        let running = cells.iter().filter(|cell| cell.run && keep(cell)).count();
        vec![
            name.to_owned(),
            number::money(sum.spend),
            number::count(sum.clicks),
            number::money(sum.revenue),
            sum.roi().map_or(NONE.into(), |roi| number::grouped(roi, 2)),
            sum.position().map_or(NONE.into(), |position| number::grouped(position, 2)),
            running.to_string(),
        ]
    };
    let name = plan.platform.name();
    let rows = [
        row(&format!("{name}: the plan"), &plan.free, true),
        row(&format!("{name}: as executed"), &plan.cells, true),
        row("all channels: the plan", &plan.free, false),
        row("all channels: as executed", &plan.cells, false),
    ];
    table(["", "spend", "clicks", "revenue", "ROI", "position", "cells running"], 1, rows)
}

fn campaigns(plan: &Executable) -> String {
    let rows = plan.campaigns.iter().map(|campaign| {
        let windows: Vec<String> =
            campaign.windows().iter().map(|(from, to, percent)| format!("{from}-{to} {percent}%")).collect();
        let running = campaign.base.iter().filter(|(_, base)| base.is_some()).count();
        let on = campaign.hours().iter().filter(|on| **on).count();
        vec![
            campaign.name.clone(),
            format!("{running} of {}", campaign.base.len()),
            on.to_string(),
            if windows.len() > 6 { format!("{} windows", windows.len()) } else { windows.join(", ") },
        ]
    });
    table(["campaign", "units running", "hours on", "windows"], 1, rows)
}

fn broken(rule: &RuleValue) -> String {
    let value = rule.value.map_or(NONE.into(), number::significant);
    let bound =
        |bound: Option<f64>, sign| bound.map(|bound| format!(" {sign} {}", number::significant(bound)));
    format!(
        "{} is {value}, must be{}{}",
        rule.metric.name(),
        bound(rule.min, "≥").unwrap_or_default(),
        bound(rule.max, "≤").unwrap_or_default()
    )
}

fn advice(plan: &Executable, better: &crate::schedule::executable::Better) -> String {
    let parts: Vec<String> = better
        .parts
        .iter()
        .map(|part| match part.hours {
            Some((from, to)) => format!("{from}-{to} o'clock"),
            None => {
                let units = &part.units;
                let names: Vec<&str> =
                    units.iter().take(5).map(|unit| plan.units[*unit as usize].unit.as_str()).collect();
                let more = if units.len() > names.len() { ", …" } else { "" };
                format!("{} units ({}{more})", units.len(), names.join(", "))
            }
        })
        .collect();
    format!(
        "better: split campaign {} into {}: {} more at the rules' prices (`[platform.{}] split = {}` does it)",
        better.campaign,
        parts.join(" | "),
        number::money(better.gain),
        plan.platform.name(),
        better.parts.len()
    )
}
