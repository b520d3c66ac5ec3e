//! `bidwright batch`.

use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use jiff::civil::Date;
use tracing::info_span;

use super::run::{DailyArgs, attend, print};
use super::table::table;
use super::{DayArgs, Log, PlanFileArgs, after_help, number, screen, stop};
use crate::daily::{self, Report};
use crate::error::{Error, Finding, Result, exit};
use crate::sheets::daily::Record;

/// The daily batch of many shops, one after the other
///
/// Runs each shop as `bidwright run` does, with its own lock, folder and last good plan. DIR holds a `plan.toml`; a
/// plan file itself may be named as well. A shop that fails does not stop the others. Prints one line of JSON per
/// shop on stdout as it ends, and a table of all of them at the end when stdout is a terminal.
///
/// The exit code is the worst of the shops': the lowest that is not 0, since 1 is a defect, 2 a shop without a new
/// plan, 3 one whose rules cannot be met, 4 one that was stopped and 5 one at which another run is at work. Ctrl-C
/// ends the shop at hand and starts no other.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright batch shops/*\n  bidwright batch tea/plan.toml knitwear --date 2026-12-12 > batch.jsonl"
))]
pub(super) struct BatchArgs {
    /// Folders with a plan.toml, or plan files
    #[arg(value_name = "DIR", required = true)]
    shops: Vec<PathBuf>,
    /// Another value for a key of every plan file; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Lay a `[scenario.NAME]` of every plan file over it, before --set
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// The date to plan [default: each plan file's, else the day after its history's last]
    #[arg(long, value_name = "D")]
    date: Option<Date>,
    /// The solver of the linear programs
    #[arg(long, value_name = "NAME")]
    solver: Option<String>,
    #[command(flatten)]
    daily: DailyArgs,
}

impl BatchArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let stop = stop::flag();
        let day = DayArgs { date: self.date, model: None, solver: self.solver.clone() };
        let (mut records, mut told) = (Vec::<Record>::new(), Ok(()));
        for (at, shop) in self.shops.iter().enumerate() {
            let plan = if shop.is_dir() { shop.join("plan.toml") } else { shop.clone() };
            let root = daily::folder(&plan);
            let file = PlanFileArgs { plan, set: self.set.clone(), scenario: self.scenario.clone() };
            let span = info_span!("shop", at = %format!("{}/{}", at + 1, self.shops.len()), plan = %file.plan.display());
            let report = span.in_scope(|| match refusal(shop, &file.plan, stop.load(Ordering::SeqCst)) {
                Some(error) => {
                    let report = daily::refused(&file.plan, &root, error);
                    report.error.iter().for_each(|error| log.error(error));
                    report
                }
                None => attend(&file, &root, &day, &self.daily, &stop, log),
            });
            // Nobody to tell of one shop is no reason not to run the others.
            told = told.and(print(&report));
            let Report { record, .. } = report;
            records.push(record);
        }
        if stdout().is_terminal() {
            told = told.and(screen::print(&format!("\n{}", overview(&records))));
        }
        told?;
        Ok(worst(records.iter().map(|record| record.exit_code)))
    }
}

/// Why a shop is not even begun.
fn refusal(shop: &Path, plan: &Path, stopped: bool) -> Option<Error> {
    if stopped {
        return Some(Error::Interrupted("the batch before this shop"));
    }
    (shop.is_dir() && !plan.exists()).then(|| {
        let action = "name a folder that holds one, or the plan file itself";
        Finding::error("D010", "the folder holds no plan.toml", action).in_file(shop).into()
    })
}

/// The worst of exit codes: the lowest that is not 0.
fn worst(codes: impl Iterator<Item = u8>) -> u8 {
    codes.filter(|code| *code != exit::DONE).min().unwrap_or(exit::DONE)
}

fn overview(records: &[Record]) -> String {
    let money = |value: Option<f64>| value.map_or(number::NONE.into(), number::money);
    let rows = records.iter().map(|record| {
        let seconds: f64 = record.finished.duration_since(record.started).as_secs_f64();
        let latest = record.latest.as_ref().map_or(number::NONE.into(), |last| last.date.to_string());
        vec![
            record.plan_file.display().to_string(),
            format!("{:?}", record.status).to_lowercase(),
            short(record.error.as_deref().unwrap_or_default()),
            record.date.map_or(number::NONE.into(), |date| date.to_string()),
            latest,
            money(record.figures.spend),
            money(record.figures.revenue),
            record.figures.roi.map_or(number::NONE.into(), |roi| number::grouped(roi, 2)),
            record.figures.gap.map_or(number::NONE.into(), |gap| format!("{:.2} %", 100.0 * gap)),
            number::grouped(seconds, 1),
            record.exit_code.to_string(),
        ]
    });
    let header =
        ["shop", "status", "error", "date", "last good", "spend", "revenue", "ROI", "gap", "seconds", "exit"];
    table(header, 5, rows)
}

/// The first words of a cause; all of it is in the line of JSON.
fn short(cause: &str) -> String {
    match cause.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &cause[..end]),
        None => cause.to_owned(),
    }
}

/// Characters of a cause in the table.
const MOST: usize = 40;

#[cfg(test)]
mod tests {
    use super::worst;

    #[test]
    fn the_worst_of_codes_is_the_lowest_that_is_not_zero() {
        assert_eq!(worst([0, 5, 3, 0].into_iter()), 3);
        assert_eq!(worst([0, 0].into_iter()), 0);
        assert_eq!(worst([4, 1, 2].into_iter()), 1);
    }
}
