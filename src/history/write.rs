//! Histories written as files: our own Parquet, and the platform's classic CSV.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use encoding_rs::{GB18030, GBK};
use polars::prelude::{Column as Series, DataFrame, DataType, ParquetWriter, PlSmallStr};

use super::observation::{History, Observation};
use super::schema::Column;
use crate::calendar::date_of;
use crate::error::{Error, Result};
use crate::keys::Unit;

/// Writes a history with the canonical columns. Of a row that covers several days only the first is
/// written: such a file needs `period_days` in its source.
pub fn write_parquet(path: &Path, history: &History) -> Result<()> {
    // Where all was exported on one morning the newest day tells it.
    write(path, history, on_several_days(&history.observations))
}

/// The same, and every row says when it was exported: beside newer rows their newest day would not tell it.
pub fn write_dated_parquet(path: &Path, history: &History) -> Result<()> {
    write(path, history, true)
}

fn write(path: &Path, history: &History, dated: bool) -> Result<()> {
    let mut frame = frame(history, dated).map_err(|error| internal(path, &error))?;
    let file = File::create(path).map_err(Error::io("create", path))?;
    ParquetWriter::new(BufWriter::new(file)).finish(&mut frame).map_err(|error| internal(path, &error))?;
    Ok(())
}

fn internal(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("cannot write {}: {error}", path.display()))
}

fn frame(history: &History, dated: bool) -> polars::prelude::PolarsResult<DataFrame> {
    let rows = &history.observations;
    let name = |column: Column| PlSmallStr::from_static(column.name());
    let unit = |row: &Observation| &history.units[row.unit as usize];
    let text = |column: Column, of: &dyn Fn(&Unit) -> Option<String>| {
        Series::new(name(column), rows.iter().map(|row| of(unit(row))).collect::<Vec<_>>())
    };
    let number = |column: Column, of: fn(&Observation) -> f64| {
        let some = |row: &Observation| Some(of(row)).filter(|value| value.is_finite());
        Series::new(name(column), rows.iter().map(some).collect::<Vec<_>>())
    };
    let days = Series::new(name(Column::Date), rows.iter().map(|row| row.day).collect::<Vec<_>>());
    let intervals = rows.iter().any(|row| row.position[0] < row.position[1]);
    let position = if intervals {
        Series::new(name(Column::Position), rows.iter().map(position).collect::<Vec<_>>())
    } else {
        number(Column::Position, |row| shortest(row.position[0]))
    };
    let exported = match dated {
        false => None,
        true => {
            let days: Vec<i32> = rows.iter().map(Observation::exported).collect();
            Some(Series::new(name(Column::Exported), days).cast(&DataType::Date)?)
        }
    };
    let mut columns = vec![
        days.cast(&DataType::Date)?,
        Series::new(name(Column::Hour), rows.iter().map(|row| row.hour.map(i32::from)).collect::<Vec<_>>()),
        text(Column::Channel, &|unit| Some(unit.channel.name().to_string())),
        text(Column::Campaign, &|unit| Some(unit.campaign.clone())),
        text(Column::Unit, &|unit| Some(unit.unit.clone())),
        text(Column::Product, &|unit| unit.product.clone()),
        number(Column::Bid, |row| shortest(row.bid)),
        number(Column::Impressions, |row| row.impressions),
        number(Column::Clicks, |row| row.clicks),
        number(Column::Spend, |row| row.spend),
        number(Column::Orders, |row| row.orders),
        number(Column::Revenue, |row| row.revenue),
        position,
        number(Column::Quality, |row| shortest(row.quality)),
    ];
    columns.extend(exported);
    DataFrame::new_infer_height(columns)
}

/// Whether rows were exported on different days.
fn on_several_days(rows: &[Observation]) -> bool {
    rows.windows(2).any(|pair| pair[0].exported() != pair[1].exported())
}

/// The double that prints like the single: 0.85, not 0.8500000238418579.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}

/// A position as a cell: nothing, a mean, or an interval.
fn position(row: &Observation) -> Option<String> {
    let [best, worst] = row.position;
    match best.is_finite() {
        false => None,
        true if best == worst => Some(best.to_string()),
        true => Some(format!("{best}-{worst}")),
    }
}

/// The columns of the platform's hourly report, in its order.
const REPORT: [Column; 19] = [
    Column::Date,
    Column::Hour,
    Column::Channel,
    Column::Campaign,
    Column::Unit,
    Column::Product,
    Column::Bid,
    Column::Impressions,
    Column::Clicks,
    Column::Spend,
    Column::Ctr,
    Column::Cpc,
    Column::Cpm,
    Column::Orders,
    Column::Revenue,
    Column::Cvr,
    Column::Roi,
    Column::Position,
    Column::Quality,
];

/// Writes the rows from a day on (a day number) as the platform's report: GBK, Chinese headers,
/// money to the fen, ratios rounded as the platform rounds them, `-` for what is missing.
pub fn write_zhitongche_csv(path: &Path, history: &History, from_day: i32) -> Result<()> {
    let file = File::create(path).map_err(Error::io("create", path))?;
    let mut out = BufWriter::new(file);
    let failed = Error::csv(path);
    let mut line = ::csv::Writer::from_writer(Vec::new());
    let report = match on_several_days(&history.observations) {
        true => [&REPORT[..], &[Column::Exported]].concat(),
        false => REPORT.to_vec(),
    };
    line.write_record(report.iter().map(|column| column.chinese())).map_err(failed)?;
    for row in history.observations.iter().filter(|row| row.day >= from_day) {
        let unit = &history.units[row.unit as usize];
        line.write_record(report.iter().map(|column| cell(*column, row, unit))).map_err(failed)?;
        if line.get_ref().len() > 1 << 16 {
            line = flush(line, &mut out, path)?;
        }
    }
    flush(line, &mut out, path)?;
    out.flush().map_err(Error::io("write", path))
}

type Lines = ::csv::Writer<Vec<u8>>;

fn flush(lines: Lines, out: &mut impl Write, path: &Path) -> Result<Lines> {
    let bytes = lines.into_inner().map_err(|error| internal(path, &error))?;
    let text = String::from_utf8_lossy(&bytes);
    // GBK lacks the rarer characters; GB18030 is GBK with four-byte codes for them.
    let (gbk, _, lossy) = GBK.encode(&text);
    let encoded = if lossy { GB18030.encode(&text).0 } else { gbk };
    out.write_all(&encoded).map_err(Error::io("write", path))?;
    Ok(::csv::Writer::from_writer(Vec::new()))
}

fn cell(column: Column, row: &Observation, unit: &Unit) -> String {
    const MISSING: &str = "-";
    let fixed = |value: f64, decimals: usize| {
        if value.is_finite() { format!("{value:.decimals$}") } else { MISSING.to_string() }
    };
    let percent =
        |ratio: f64| if ratio.is_finite() { format!("{:.2}%", 100.0 * ratio) } else { MISSING.to_string() };
    match column {
        Column::Date => date_of(row.day).to_string(),
        Column::Hour => row.hour.map_or_else(|| MISSING.to_string(), |hour| hour.to_string()),
        Column::Channel => unit.channel.chinese().to_string(),
        Column::Campaign => unit.campaign.clone(),
        Column::Unit => unit.unit.clone(),
        Column::Product => unit.product.clone().unwrap_or_else(|| MISSING.to_string()),
        Column::Bid => fixed(shortest(row.bid), if unit.channel.by_the_day() { 4 } else { 2 }),
        Column::Impressions => row.impressions.to_string(),
        Column::Clicks => row.clicks.to_string(),
        Column::Spend => fixed(row.spend, 2),
        Column::Orders => row.orders.to_string(),
        Column::Revenue => fixed(row.revenue, 2),
        Column::Ctr => percent(row.clicks / row.impressions),
        Column::Cvr => percent(row.orders / row.clicks),
        Column::Cpc => fixed(row.spend / row.clicks, 2),
        Column::Cpm => fixed(1000.0 * row.spend / row.impressions, 2),
        Column::Roi => fixed(row.revenue / row.spend, 2),
        Column::Position => position(row).unwrap_or_else(|| MISSING.to_string()),
        Column::Quality => fixed(shortest(row.quality), 0),
        Column::Window => MISSING.to_string(),
        Column::Exported => date_of(row.exported()).to_string(),
    }
}
