//! Reading an export back: the bids that a platform puts in the place of a plan's.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use super::export::EFFECTIVE;
use super::read::outcome;
use crate::calendar::HOURS;
use crate::error::{Error, Finding, Result};
use crate::keys::{Channel, Unit};
use crate::metric::Outcome;

/// A cell as a platform executes it; nothing where it does not run.
pub type Effective = (Unit, u8, Option<(f64, Outcome)>);

/// A row as it stands in the file.
#[derive(Deserialize)]
struct Row {
    date: Date,
    hour: u8,
    channel: Channel,
    campaign: String,
    unit: String,
    product: Option<String>,
    bid: Option<f64>,
    position: Option<f64>,
    impressions: f64,
    clicks: f64,
    spend: f64,
    orders: f64,
    revenue: f64,
}

/// The cells of the channel that an export's folder is for, and the date; nothing where it has no cell.
///
/// # Errors
/// `F001` for a folder without `effective.csv`, `O012` where that is not one.
pub fn effective(export: &Path) -> Result<(Option<Date>, Vec<Effective>)> {
    let path = export.join(EFFECTIVE);
    let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    cells(&text, &path)
}

fn cells(text: &str, path: &Path) -> Result<(Option<Date>, Vec<Effective>)> {
    // A byte order mark is no part of the first column's name.
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let (mut date, mut cells) = (None, Vec::new());
    for (at, row) in reader.deserialize::<Row>().enumerate() {
        let row = row.map_err(|error| not_an_export(path, at + 2, &error.to_string()))?;
        if usize::from(row.hour) >= HOURS {
            return Err(not_an_export(path, at + 2, &format!("hour {} is not of the clock", row.hour)));
        }
        let outcome =
            outcome(row.position, [row.impressions, row.clicks, row.spend, row.orders, row.revenue]);
        let Row { channel, campaign, unit, product, .. } = row;
        date = Some(row.date);
        cells.push((Unit { channel, campaign, unit, product }, row.hour, row.bid.map(|bid| (bid, outcome))));
    }
    Ok((date, cells))
}

fn not_an_export(path: &Path, line: usize, cause: &str) -> Error {
    let action = "name the folder that `bidwright export` wrote for the plan";
    Finding::error("O012", format!("this is not an export's: {cause}"), action)
        .in_file(path)
        .at_line(line)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "date,hour,channel,campaign,unit,product,platform_campaign,base,percent,bid,plan_bid,position,impressions,clicks,spend,orders,revenue";

    fn read(rows: &str) -> Result<(Option<Date>, Vec<Effective>)> {
        cells(&format!("\u{feff}{HEAD}\n{rows}\n"), Path::new("effective.csv"))
    }

    #[test]
    fn what_the_platform_runs_is_read_and_what_it_does_not_is_told() {
        let (date, cells) = read(
            "2026-12-12,0,search,brand,kw,scarf,brand,1.06,92,0.98,1.01,4.5,50,2,1.5,0.1,8\n\
             2026-12-12,1,search,brand,kw,scarf,brand,,,,0.9,,0,0,0,0,0",
        )
        .unwrap();
        assert_eq!(date, Some(jiff::civil::date(2026, 12, 12)));
        let (bid, outcome) = cells[0].2.unwrap();
        assert_eq!((bid, outcome.spend, outcome.position()), (0.98, 1.5, Some(4.5)));
        assert_eq!((cells[1].1, cells[1].2), (1, None));
    }

    #[test]
    fn a_row_of_no_hour_is_refused_with_its_line() {
        for row in ["2026-12-12,99,search,brand,kw,scarf,brand,1,92,1,1,4.5,50,2,1.5,0.1,8", "yesterday,0"] {
            let said = read(row).unwrap_err().to_string();
            assert!(said.contains("O012") && said.contains("effective.csv:2"), "{said}");
        }
    }
}
