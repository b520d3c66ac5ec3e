//! `bidwright run`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::plan::{Language, seconds};
use super::{DayArgs, Log, PlanFileArgs, after_help, screen, stop};
use crate::daily::{self, Order, Report};
use crate::error::{Error, Result};
use crate::pipeline::Options;

/// The daily batch: check the history, plan, export, keep the last good plan
///
/// For cron and schedulers. Takes a lock; checks that yesterday's history is there and whole; fits, plans, exports
/// to the platforms that `[run] export` names; writes sheets and report; and only then replaces the file `latest`,
/// which names the folder of the last good plan. Prints one line of JSON for monitoring on stdout; logs and
/// findings go to stderr.
///
/// A run that fails, is killed or finds the disk full leaves the last good plan as it was and `latest` pointing to
/// it. A second run for a date with the same inputs and configuration does nothing. Old runs beyond `[run] keep`
/// are removed. `[run]` also says what of the history is missed: docs/plan-file.md. Examples for cron, systemd,
/// Airflow and Kubernetes: docs/daily.md.
///
/// Folders are DATE-N under --out: plan.csv and the others of `bidwright plan`, a folder for each platform, and
/// run.json: the printed line but for `latest`, `finished` and the seconds of `export` and `write`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright run shop/plan.toml\n  bidwright run shop/plan.toml --log-format json >> runs.jsonl 2>> log.jsonl\n  ls shop/daily/plan/$(cat shop/daily/plan/latest)\n\nOf `run`: 0 also when there is nothing to do, 2 also for a history that is not there yet, 3 the nearest plan was\nwritten but is not the latest, 4 a plan not proven best is the latest (status unproven), or nothing was written\n(status stopped), 5 another run is at work in the folder"
))]
pub(super) struct RunArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Folder of all runs of this plan file [default: daily/NAME beside the plan file, NAME being its own]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    day: DayArgs,
    #[command(flatten)]
    daily: DailyArgs,
}

/// What a daily run may be asked for.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct DailyArgs {
    /// Plan even if nothing has changed since the date's last run; write into a folder of others, too
    #[arg(long)]
    force: bool,
    /// Leave frontiers and costs of rules out of the report: they are solved for it alone
    #[arg(long)]
    no_frontier: bool,
    /// Language of the workbook and the report
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANG")]
    lang: Language,
    /// Seconds after which the best plan so far is taken, with its gap [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time_limit: Option<Duration>,
}

impl RunArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let root = self.out.clone().unwrap_or_else(|| daily::folder(&self.file.plan));
        let report = attend(&self.file, &root, &self.day, &self.daily, &stop::flag(), log);
        print(&report)?;
        Ok(report.record.exit_code)
    }
}

/// Prints the line for monitoring.
pub(super) fn print(report: &Report) -> Result<()> {
    let line = serde_json::to_string(&report.record)
        .map_err(|error| Error::Internal(format!("the line for monitoring: {error}")))?;
    screen::print(&line)
}

/// Runs one shop from its plan file to its report, whatever becomes of it; findings and errors are told.
pub(super) fn attend(
    file: &PlanFileArgs,
    root: &Path,
    day: &DayArgs,
    daily: &DailyArgs,
    stop: &Arc<AtomicBool>,
    log: &Log,
) -> Report {
    let work = || -> Result<Report> {
        let (mut request, doubts) = file.examine()?;
        let options = Options {
            told: !daily.no_frontier,
            time_limit: daily.time_limit,
            stop: Arc::clone(stop),
            ..day.options(&mut request)
        };
        let order =
            Order { request: &request, options: &options, root, lang: daily.lang.into(), force: daily.force };
        Ok(daily::run(&order, doubts))
    };
    let ended = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a defect");
        Err(Error::Internal(text.to_owned()))
    });
    let report = ended.unwrap_or_else(|error| daily::refused(&file.plan, root, error));
    log.findings(&report.findings);
    if let Some(error) = &report.error {
        log.error(error);
    }
    report
}
