//! Reading a finished plan back: the cells of `plan.csv` that run, and the units of all.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use crate::error::{Error, Finding, Result};
use crate::keys::{Channel, Unit};
use crate::metric::Outcome;
use crate::report::lang;
use crate::report::reason::says;

/// A cell of a plan that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The planned date.
    pub date: Date,
    /// What is bid for.
    pub unit: Unit,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The bid; nothing where the platform bids.
    pub bid: Option<f64>,
    /// The unit's last bid in that hour, before the plan.
    pub last_bid: Option<f64>,
    /// What is expected of it.
    pub outcome: Outcome,
    /// Whether a person set the bid in an approved workbook.
    pub by_hand: bool,
}

/// A whole `plan.csv`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Whole {
    /// Every unit, whether it runs or not, in the order of the file.
    pub units: Vec<Unit>,
    /// The planned date; nothing where the file has no row.
    pub date: Option<Date>,
    /// The cells that run.
    pub lines: Vec<Line>,
    /// The cells that a person switched off.
    pub off: Vec<(Unit, u8)>,
}

/// A row as it stands in the file.
#[derive(Deserialize)]
struct Row {
    date: Date,
    hour: u8,
    channel: Channel,
    campaign: String,
    unit: String,
    product: Option<String>,
    run: bool,
    bid: Option<f64>,
    last_bid: Option<f64>,
    position: Option<f64>,
    impressions: f64,
    clicks: f64,
    spend: f64,
    orders: f64,
    revenue: f64,
    #[serde(default)]
    reason: String,
}

/// Reads the cells that run from an output folder or a `plan.csv`.
///
/// # Errors
/// `F001` for a file that cannot be read, `O004` for one that is not a plan.
pub fn read(plan: &Path) -> Result<Vec<Line>> {
    Ok(running(plan)?.lines)
}

/// A plan in which something runs.
///
/// # Errors
/// As [`read`].
pub fn running(plan: &Path) -> Result<Whole> {
    let (whole, path) = from(plan)?;
    match whole.lines.is_empty() {
        true => Err(not_a_plan(&path, 1, "no cell of it runs")),
        false => Ok(whole),
    }
}

/// The cells that run, and the units of all cells, of a plan in which nothing may run.
///
/// # Errors
/// As [`read`].
pub fn whole(plan: &Path) -> Result<Whole> {
    Ok(from(plan)?.0)
}

/// The same of a plan in which nothing may run.
///
/// # Errors
/// As [`read`].
pub fn all(plan: &Path) -> Result<Vec<Line>> {
    Ok(whole(plan)?.lines)
}

fn from(plan: &Path) -> Result<(Whole, PathBuf)> {
    let path = if plan.is_dir() { plan.join("plan.csv") } else { plan.to_path_buf() };
    let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    Ok((lines(&text, &path)?, path))
}

fn lines(text: &str, path: &Path) -> Result<Whole> {
    let mut whole = Whole::default();
    // A byte order mark is no part of the first column's name.
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    for (at, row) in reader.deserialize::<Row>().enumerate() {
        let row = row.map_err(|error| not_a_plan(path, at + 2, &error.to_string()))?;
        if row.hour > 23 {
            return Err(not_a_plan(path, at + 2, &format!("hour {} is not of the clock", row.hour)));
        }
        let (run, off) = (row.run, says(&row.reason, lang::OFF_BY_HAND));
        let line = line(row);
        whole.date = Some(line.date);
        if whole.units.last() != Some(&line.unit) {
            whole.units.push(line.unit.clone());
        }
        if run {
            whole.lines.push(line);
        } else if off {
            whole.off.push((line.unit, line.hour));
        }
    }
    Ok(whole)
}

fn line(row: Row) -> Line {
    let unit = Unit { channel: row.channel, campaign: row.campaign, unit: row.unit, product: row.product };
    let outcome = outcome(row.position, [row.impressions, row.clicks, row.spend, row.orders, row.revenue]);
    Line {
        date: row.date,
        unit,
        hour: row.hour,
        bid: row.bid,
        last_bid: row.last_bid,
        outcome,
        by_hand: says(&row.reason, lang::BY_HAND),
    }
}

/// What is expected of a row, its sums in the order of the columns.
pub(super) fn outcome(
    position: Option<f64>,
    [impressions, clicks, spend, orders, revenue]: [f64; 5],
) -> Outcome {
    let position_sum = position.map_or(0.0, |position| position * impressions);
    let position_weight = position.map_or(0.0, |_| impressions);
    Outcome { impressions, clicks, spend, orders, revenue, position_sum, position_weight }
}

fn not_a_plan(path: &Path, line: usize, cause: &str) -> Error {
    let action = "name the output folder of `bidwright plan`, or its plan.csv";
    Finding::error("O004", format!("this is not a plan: {cause}"), action)
        .in_file(&PathBuf::from(path))
        .at_line(line)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "date,hour,channel,campaign,unit,product,run,bid,last_bid,change,position,impressions,clicks,spend,orders,revenue";

    fn read(rows: &str) -> Result<Whole> {
        lines(&format!("{HEAD}\n{rows}\n"), Path::new("plan.csv"))
    }

    #[test]
    fn what_runs_is_read_and_what_does_not_is_not() {
        let found = read(
            "2026-12-12,20,search,brand,kw,scarf,true,1.25,1,0.25,3.5,100,5,6,0.5,40\n\
             2026-12-12,21,search,brand,kw,,false,,1,,,0,0,0,0,0\n\
             2026-12-12,10,group_buy,group-buy,slot,,true,0,,,,50,4,900,1,80",
        )
        .unwrap();
        assert_eq!((found.units.len(), found.date), (3, Some(jiff::civil::date(2026, 12, 12))));
        let found = found.lines;
        assert_eq!((found.len(), found[0].last_bid), (2, Some(1.0)));
        assert_eq!((found[0].bid, found[0].outcome.position()), (Some(1.25), Some(3.5)));
        assert_eq!(found[0].unit.product.as_deref(), Some("scarf"));
        assert_eq!((found[1].unit.product.as_deref(), found[1].bid), (None, Some(0.0)));
        assert_eq!(found[1].outcome.position(), None);
    }

    #[test]
    fn what_a_person_set_is_known_in_both_languages() {
        let row = |hour: u8, run: &str, reason: &str| {
            format!("2026-12-12,{hour},search,brand,kw,,{run},,,,,0,0,0,0,0,{reason}")
        };
        let rows = [
            row(1, "true", "set in the approved workbook"),
            row(2, "true", "批准表中设定；出价超出历史范围"),
            row(3, "true", "runs at the bid that pays best"),
            row(4, "false", "off by the approved workbook"),
            row(5, "false", "paused by the plan file"),
            row(6, "true", "set in the approved workbook; bid outside the history's range"),
        ];
        let text = format!("{HEAD},reason\n{}\n", rows.join("\n"));
        let found = lines(&text, Path::new("plan.csv")).unwrap();
        let by_hand: Vec<u8> = found.lines.iter().filter(|line| line.by_hand).map(|line| line.hour).collect();
        let off: Vec<u8> = found.off.iter().map(|(_, hour)| *hour).collect();
        assert_eq!((by_hand, off), (vec![1, 2, 6], vec![4]));
    }

    #[test]
    fn what_is_no_plan_is_said_with_its_line() {
        for rows in
            ["2026-12-12,20,radio,a,b,,true,1,,,,1,1,1,1,1", "2026-12-12,24,search,a,b,,true,1,,,,1,1,1,1,1"]
        {
            let findings = read(rows).unwrap_err().findings();
            assert_eq!((findings[0].code, findings[0].severity), ("O004", crate::error::Severity::Error));
        }
    }
}
