//! `bidwright simulate`.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::table::table;
use super::{Log, PlanFileArgs, after_help, played, replayed, screen};
use crate::calendar::day_number;
use crate::config::Request;
use crate::error::{Error, Finding, Result, exit};
use crate::history::{self, History};
use crate::judge::Bids;
use crate::market::shop::{Format, Output};
use crate::market::{self, Circumstances, Shock, Shop};
use crate::sheets;

/// Write the history of a simulated shop, or play a plan on it
///
/// Runs the auction market of the shop file that `[market] shop` of the plan file names, and writes the
/// history that an operator would have exported, as the shop file's `[[output]]` say. The same shop file
/// gives the same history every time.
///
/// With --plan, plays the bids of a finished plan instead, and writes nothing but --report: its day is played
/// so many times, each time with other luck, beside last week's bids and beside the bids of a planner who knew
/// the true curves. Shows what was earned, how it spread, how far the forecast was off, and on how many days
/// each rule was met. Cells that the platform bids for are left out. With --shock the day does what nobody could
/// foretell, and with --replan the plan is made again while it is under way.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright simulate shop/plan.toml --out fresh --force\n  bidwright simulate shop/plan.toml --plan shop/runs/2026-12-12 --days 20\n  bidwright simulate shop/plan.toml --plan shop/runs/2026-12-12 --shock demand=0.6@12 --replan 3\n  bidwright simulate shop/plan.toml --plan shop/runs/2026-12-12 --report today.parquet --until 14\n  bidwright simulate shop/plan.toml --plan shop/runs/2026-12-12 --report day.parquet --as-of 2026-12-13"
))]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Folder of the outputs [default: the shop file's]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files that exist, that of --report too
    #[arg(long)]
    force: bool,
    /// Play this plan: an output folder of `bidwright plan`, or its plan.csv
    #[arg(id = "played", long = "plan", value_name = "DIR", conflicts_with = "out")]
    played: Option<PathBuf>,
    /// How often the planned day is played
    #[arg(long, value_name = "N", default_value_t = 20, requires = "played", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    days: u32,
    /// What nobody could foretell, from an hour to the end of the day: demand=0.6@12 (people who come), cvr=0.7@12
    /// (orders per click), price=1.2@12 (rivals' bids), rival=1@12 (one rival more in every search auction, times
    /// as strong as the middling one); may be repeated
    #[arg(long = "shock", value_name = "KIND=FACTOR@HOUR", requires = "played")]
    shocks: Vec<Shock>,
    /// Play the plan twice: kept, and planned again every so many hours from the day's own report, as
    /// `bidwright replan --anyway` does
    #[arg(long, value_name = "HOURS", requires = "played", conflicts_with = "report", value_parser = clap::value_parser!(u8).range(1..=23))]
    replan: Option<u8>,
    /// Write the planned day's report as it looks at --until, under the plan's bids and with the sales that had come
    /// in by then, into a Parquet file: something to rehearse `bidwright replan` and `bidwright review` with
    #[arg(long, value_name = "FILE", requires = "played", value_parser = parquet)]
    report: Option<PathBuf>,
    /// The first hour that is not over in the report of --report; 24 = the whole day
    #[arg(long, value_name = "HOUR", default_value_t = 24, requires = "report", value_parser = clap::value_parser!(u8).range(1..=24))]
    until: u8,
    /// The day on which --report was exported, a later one than the planned day: it holds the sales that had come in by that
    /// morning, and says so in a column `exported`; without it, those of the day itself
    #[arg(long, value_name = "D", requires = "report", conflicts_with = "until")]
    as_of: Option<Date>,
    /// The luck of the day of --report; 0 = the history's own
    #[arg(long, value_name = "N", default_value_t = 1, requires = "report")]
    luck: u32,
}

impl SimulateArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let request = self.file.load(log)?;
        let shop_file = shop_file(&request)?;
        let text = std::fs::read_to_string(&shop_file).map_err(Error::io("read", &shop_file))?;
        let shop = Shop::parse(&text).map_err(|error| in_file(error, &shop_file))?;
        if let Some(plan) = &self.played {
            return match (&self.report, self.replan) {
                (Some(file), _) => self.report(&shop, plan, file),
                (None, None) if self.shocks.is_empty() => played::run(&shop, &request, plan, self.days),
                (None, every) => replayed::run(&shop, &request, plan, &self.shocks, every, self.days),
            };
        }
        let folder = self.out.as_deref().or(shop_file.parent()).unwrap_or(Path::new(""));
        let files: Vec<(PathBuf, &Output)> =
            shop.outputs.iter().map(|output| (folder.join(&output.file), output)).collect();
        if !self.force {
            refuse_existing(files.iter().map(|(file, _)| file.as_path()), "--out")?;
        }
        let history = market::exports(&shop);
        let mut rows = Vec::new();
        for (file, output) in files {
            let written = write(&file, output, &history)?;
            rows.push([file.display().to_string(), written.to_string()]);
        }
        screen::print(&table(["written", "rows"], 1, rows))?;
        Ok(exit::DONE)
    }

    /// The report of the planned day.
    fn report(&self, shop: &Shop, plan: &Path, file: &Path) -> Result<u8> {
        if !self.force {
            refuse_existing([file].into_iter(), "--report")?;
        }
        let lines = sheets::read::read(plan)?;
        let mut bids = Bids::default();
        for line in &lines {
            if let Some(bid) = line.bid {
                bids.set(&line.unit, line.hour, bid);
            }
        }
        let day = day_number(lines[0].date);
        let age = self.as_of.map(|as_of| day_number(as_of) - day - 1);
        if age.is_some_and(|age| age < 0) {
            let cause = format!("a report of {} is not exported before the next morning", lines[0].date);
            return Err(Finding::error("A020", cause, "name a later day with --as-of").into());
        }
        let circumstances = Circumstances { luck: self.luck, shocks: &self.shocks, age: age.or(Some(0)) };
        let report = market::report(shop, day, self.until, circumstances, &|unit, hour| bids.of(unit, hour));
        match age {
            Some(_) => history::write_dated_parquet(file, &report)?,
            None => history::write_parquet(file, &report)?,
        }
        let rows = [[file.display().to_string(), report.observations.len().to_string()]];
        screen::print(&table(["written", "rows"], 1, rows))?;
        Ok(exit::DONE)
    }
}

/// The name of a file that will be Parquet, whatever it is called.
fn parquet(word: &str) -> std::result::Result<PathBuf, &'static str> {
    let file = PathBuf::from(word);
    match file.extension().is_some_and(|of| of == "parquet") {
        true => Ok(file),
        false => Err("the report is a Parquet file: give it a name that ends in .parquet"),
    }
}

fn shop_file(request: &Request) -> Result<PathBuf> {
    let market = request.file.market.as_ref().ok_or_else(|| {
        Finding::error(
            "U003",
            "the plan file has no simulated shop",
            "add `[market]` with `shop = \"shop.toml\"`",
        )
        .in_file(&request.path)
    })?;
    Ok(request.resolve(&market.shop))
}

/// The findings of a shop file, which does not know its own name.
fn in_file(error: Error, file: &Path) -> Error {
    match error {
        Error::Input(findings) => {
            Error::Input(findings.into_iter().map(|finding| finding.in_file(file)).collect())
        }
        other => other,
    }
}

/// Refuses to replace files; `option` is the one that names others.
fn refuse_existing<'f>(files: impl Iterator<Item = &'f Path>, option: &str) -> Result<()> {
    let existing = files.filter(|file| file.exists());
    let found: Vec<Finding> = existing
        .map(|file| {
            let action = format!("choose another {option}, or say --force");
            Finding::error("U002", "the file exists", action).in_file(file)
        })
        .collect();
    if found.is_empty() { Ok(()) } else { Err(Error::Input(found)) }
}

/// Writes the days of one output, all of them without `last_days`, and says how many rows they have.
fn write(file: &Path, output: &Output, history: &History) -> Result<usize> {
    let last = history.last_day().unwrap_or(0);
    let from = output.last_days.map_or(i32::MIN, |days| last + 1 - i32::try_from(days).unwrap_or(i32::MAX));
    let mut part = history.clone();
    part.observations.retain(|row| row.day >= from);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    match output.format {
        Format::Parquet => history::write_parquet(file, &part)?,
        Format::ZhitongcheCsv => history::write_zhitongche_csv(file, &part, from)?,
    }
    Ok(part.observations.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("history.parquet");
        let absent = folder.path().join("new.parquet");
        std::fs::write(&there, "x").unwrap();
        assert!(refuse_existing([absent.as_path()].into_iter(), "--out").is_ok());
        let refused =
            refuse_existing([there.as_path(), absent.as_path()].into_iter(), "--out").unwrap_err().findings();
        assert_eq!(refused.len(), 1);
        assert_eq!((refused[0].code, &refused[0].place.as_ref().unwrap().file), ("U002", &there));
    }
}
