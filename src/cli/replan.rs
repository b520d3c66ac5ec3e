//! `bidwright replan`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::plan::{Language, seconds};
use super::{Log, PlanFileArgs, after_help, screen, stop, summary};
use crate::config::Request;
use crate::error::{Error, Finding, Result, exit};
use crate::pipeline::Options;
use crate::pipeline::replan::{Asked, Replanned, replan};
use crate::plan::Status;
use crate::sheets::read::{self, Line};
use crate::sheets::{self, Package, Within};

/// Plan the rest of a day again: past hours stay as they happened, the money left is planned anew
///
/// Reads a report of the day so far, lays it beside the plan in force, learns from it how today differs from the
/// forecast (demand, click rate, price, conversion, order value, positions; by channel, campaign and unit, as far as
/// today's numbers carry), and solves the hours that are left again. Every rule counts the whole day: what happened,
/// with the orders that are still to come for its clicks, and the plan of the rest. Bids move by at most `[replan]
/// max_change` from the plan in force; what is bought by the day (commissions, slots) keeps its bid.
///
/// The output is a whole plan folder, its past hours marked as over. The plan in force is never touched: when the
/// report is partial, late, of another day or contradicts the plan, nothing is written and the findings say what to
/// do (exit code 2). Rules that cannot be kept any more, and ROI rules that cost more than `[replan] dearest`, are given
/// up for the day and told (exit code 3): the plan keeps all others, and these end no worse than the plan of the morning
/// would leave them. So it is to be carried out too, and the next replan starts from it.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright replan shop/plan.toml --actuals today.csv --now 14\n  bidwright replan shop/plan.toml --actuals search.csv --actuals display.csv --now 20 --plan shop/runs/2026-12-12-14 --out shop/evening"
))]
pub(super) struct ReplanArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Report of the day so far, by the hour, as the history's files are: CSV or Parquet, a file, a glob or a
    /// folder; may be repeated
    #[arg(long, value_name = "FILE", required = true)]
    actuals: Vec<PathBuf>,
    /// The first hour that is not over: at 14, hours 0 to 13 are the past
    #[arg(long, value_name = "HOUR", value_parser = clap::value_parser!(u8).range(1..=23))]
    now: u8,
    /// Folder of the plan in force [default: the newest runs/DATE-HH of an earlier hour, else runs/DATE, beside the plan file]
    #[arg(id = "in_force", long = "plan", value_name = "DIR")]
    plan: Option<PathBuf>,
    /// The date of the day [default: the plan file's, else that of --plan]
    #[arg(long, value_name = "D")]
    date: Option<Date>,
    /// Output folder [default: runs/DATE-HH beside the plan file, HH being --now]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on where the report is doubtful: missing hours count as nothing
    #[arg(long)]
    anyway: bool,
    /// A model that `bidwright fit` saved; its history is not read then [default: fit anew]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The solver of the linear program [default: the fastest that proves its optimum]
    #[arg(long, value_name = "NAME")]
    solver: Option<String>,
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

impl ReplanArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let started = Timestamp::now();
        let mut request = self.file.load(log)?;
        let (in_force, lines) = self.in_force(&request)?;
        let date = self.date.or(request.file.plan.date).or(lines.first().map(|line| line.date));
        request.file.plan.date = date;
        let out = match (&self.out, date) {
            (Some(out), _) => out.clone(),
            (None, Some(date)) => sheets::of_hour(&request, date, self.now),
            (None, None) => in_force.clone(), // a plan without a line has no date, and is refused below
        };
        if date.is_some() {
            spare(&in_force, &out)?;
        }
        if self.out.is_some() {
            sheets::refuse(&out, &sheets::PLAN, self.force)?;
        }
        let options = Options {
            date: self.date,
            model: self.model.clone(),
            solver: self.solver.clone(),
            time_limit: self.time_limit,
            stop: stop::flag(),
            ..Options::default()
        };
        let morning = read::all(&sheets::morning(&in_force))?;
        let asked =
            Asked { reports: self.actuals.clone(), now: self.now, lines, morning, anyway: self.anyway };
        let Replanned { mut run, reports } = replan(&request, &options, &asked)?;
        run.audit.findings.extend(reports.findings.iter().cloned());
        run.audit.rejected.extend(reports.rejected.iter().cloned());
        log.findings(&run.audit.findings);
        let tested = sheets::last_backtest(&request)?;
        let package = Package {
            frontiers: &[],
            costs: &run.costs,
            tested: tested.as_ref(),
            request: &request,
            audit: &run.audit,
            plan: &run.plan,
            stages: &run.stages,
            mps: None,
            within: Some(Within::Day { in_force: &in_force, reports: &reports }),
            started,
            lang: self.lang.into(),
        };
        sheets::write(&package, &out, self.force)?;
        let seconds = run.stages.iter().map(|(_, seconds)| seconds).sum();
        screen::print(&summary::of(&run.plan, seconds, &out))?;
        Ok(match run.plan.status {
            Status::Optimal => exit::DONE,
            Status::Infeasible => exit::INFEASIBLE,
            Status::Feasible => exit::LIMIT,
        })
    }

    /// The plan in force, and its cells that run.
    fn in_force(&self, request: &Request) -> Result<(PathBuf, Vec<Line>)> {
        let folder = match (&self.plan, self.date.or(request.file.plan.date)) {
            (Some(folder), _) => folder.clone(),
            (None, Some(date)) => sheets::in_force(request, date, self.now),
            (None, None) => {
                let cause = "nothing says which day is to be planned again";
                let action = "name its date with --date, or the folder of its plan with --plan";
                return Err(Finding::error("A010", cause, action).into());
            }
        };
        if !folder.exists() {
            let cause = "there is no plan in force to start from";
            let action = "run `bidwright plan` for the day first, or name the folder of its plan with --plan";
            return Err(Finding::error("A010", cause, action).in_file(&folder).into());
        }
        let lines = read::all(&folder)?;
        Ok((folder, lines))
    }
}

/// The plan in force, a folder or the `plan.csv` in it, is never written over.
fn spare(in_force: &Path, out: &Path) -> Result<()> {
    let place = |path: &Path| path.canonicalize().ok();
    let in_force = match in_force.is_file() {
        true => in_force.canonicalize().ok().and_then(|file| file.parent().map(Path::to_path_buf)),
        false => place(in_force),
    };
    match in_force.is_some() && place(out) == in_force {
        true => {
            let cause = "the output folder is that of the plan in force, which must stay as it is";
            let action = "name another folder with --out";
            Err(Error::from(Finding::error("A013", cause, action).in_file(out)))
        }
        false => Ok(()),
    }
}
