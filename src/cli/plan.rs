//! `bidwright plan`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{DayArgs, Log, PlanFileArgs, after_help, screen, stop, summary};
use crate::error::{Result, exit};
use crate::pipeline::{self, Options};
use crate::plan::Status;
use crate::sheets::{self, Lang, Package, Within};

/// Plan a day: history in, hourly bids, sheets and a report out
///
/// Reads the history, fits how each unit answers to its bid, solves a linear program over all bids that
/// are allowed, rounds the bids to their steps, checks every rule again on the rounded bids, and writes
/// the output folder: plan.csv and plan.parquet (one row per unit and hour), bids.xlsx, report.html,
/// summary.json, rejected.csv and manifest.json. Prints the result in short on stdout.
///
/// bids.xlsx has a sheet of bids per channel, in which a person approves, refuses or sets bids. `--approve` takes it
/// back: bids that were refused or left open fall back to those of before, the others are fixed as they stand there,
/// and the plan of these bids is written to a folder of its own, with what they cost and which rules fail (exit code 3).
///
/// When no plan can meet the rules, the nearest plan is written and the rules that contradict each other
/// are named (exit code 3). Ctrl-C stops with the best plan so far (exit code 4); a second one ends at once.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright plan shop/plan.toml\n  bidwright plan shop/plan.toml --date 2026-12-12 --set rule.roi.min=2.5 --out try-2.5\n  bidwright plan shop/plan.toml --approve shop/runs/2026-12-12/bids.xlsx"
))]
pub(super) struct PlanArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Output folder [default: runs/DATE beside the plan file; with --approve runs/DATE-approved]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    day: DayArgs,
    /// Take this bids.xlsx back, with what a person decided in it: its bids are fixed, everything is counted again
    /// on them, and the approved plan is written
    #[arg(long, value_name = "FILE", conflicts_with = "mps")]
    approve: Option<PathBuf>,
    /// Write the linear program as program.mps too, so that any solver can check the optimum
    #[arg(long)]
    mps: bool,
    /// Leave frontiers and costs of rules out of the report: they are solved for it alone
    #[arg(long)]
    no_frontier: bool,
    /// Write into --out even if that folder is not an output folder of bidwright
    #[arg(long)]
    force: bool,
    /// Language of the workbook and the report
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANG")]
    lang: Language,
    /// Seconds after which the best plan so far is written, with its gap [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time_limit: Option<Duration>,
}

/// A language of the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Language {
    /// English.
    En,
    /// 中文.
    Zh,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Lang::En,
            Language::Zh => Lang::Zh,
        }
    }
}

pub(super) fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds is needed".to_owned())?;
    let limit = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    if limit.is_zero() { Err("a limit must be above 0".into()) } else { Ok(limit) }
}

impl PlanArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let started = Timestamp::now();
        let mut request = self.file.load(log)?;
        // Also the day before which the history ends, and the one in the manifest.
        let options = Options {
            mps: self.mps,
            told: !self.no_frontier,
            time_limit: self.time_limit,
            stop: stop::flag(),
            ..self.day.options(&mut request)
        };
        if let Some(out) = &self.out {
            sheets::refuse(out, &sheets::PLAN, self.force)?;
        }
        let approved = self.approve.as_deref().map(sheets::read_approved).transpose()?.map(Arc::new);
        // Frontiers and costs are of the plan, not of bids that somebody approved.
        let told = options.told && approved.is_none();
        let options = Options { approved: approved.clone(), told, ..options };
        let run = pipeline::plan(&request, &options)?;
        log.findings(&run.audit.findings);
        // The folder of the plan holds the workbook that a person wrote into.
        let name = if approved.is_some() { "-approved" } else { "" };
        let beside = || request.resolve(&Path::new("runs").join(format!("{}{name}", run.plan.date)));
        let out = self.out.clone().unwrap_or_else(beside);
        let tested = sheets::last_backtest(&request)?;
        let package = Package {
            frontiers: &run.frontiers,
            costs: &run.costs,
            tested: tested.as_ref(),
            request: &request,
            audit: &run.audit,
            plan: &run.plan,
            stages: &run.stages,
            mps: run.mps.as_deref(),
            within: approved.as_deref().map(Within::Approved),
            started,
            lang: self.lang.into(),
        };
        sheets::write(&package, &out, self.force)?;
        let seconds = run.stages.iter().map(|(_, seconds)| seconds).sum();
        screen::print(&summary::of(&run.plan, seconds, &out))?;
        if self.approve.is_some() {
            let kept = run.plan.rules.iter().all(|rule| rule.met || rule.soft);
            return Ok(if kept { exit::DONE } else { exit::INFEASIBLE });
        }
        Ok(match run.plan.status {
            Status::Optimal => exit::DONE,
            Status::Infeasible => exit::INFEASIBLE,
            Status::Feasible => exit::LIMIT,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn time_limits_are_positive_seconds() {
        assert_eq!(seconds("1.5").unwrap().as_millis(), 1500);
        for bad in ["0", "-1", "inf", "nan", "soon"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
