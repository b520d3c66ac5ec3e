//! `plan.csv` and `plan.parquet`: one row per cell of the plan, the same in both.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use jiff::civil::Date;
use polars::prelude::{Column, DataFrame, DataType, ParquetWriter, PolarsError};
use serde::{Serialize, Serializer};

use crate::calendar::day_number;
use crate::error::{Error, Result};
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::plan::Plan;
use crate::report::{Lang, reason};

/// A row of the table, its fields in the order of the columns. Sums and money have up to four
/// decimals, shares up to six; what is missing is missing, not zero.
#[derive(Debug, Clone, Serialize)]
pub struct Row<'a> {
    #[serde(serialize_with = "shown")]
    date: Date,
    hour: u8,
    #[serde(serialize_with = "shown")]
    channel: Channel,
    campaign: &'a str,
    unit: &'a str,
    product: Option<&'a str>,
    run: bool,
    bid: Option<f64>,
    last_bid: Option<f64>,
    change: Option<f64>,
    position: Option<f64>,
    impressions: f64,
    clicks: f64,
    spend: f64,
    orders: f64,
    revenue: f64,
    roi: Option<f64>,
    cpc: Option<f64>,
    cpm: Option<f64>,
    ctr: Option<f64>,
    cvr: Option<f64>,
    reason: String,
}

/// Names of the columns, a public promise.
const COLUMNS: [&str; 22] = [
    "date",
    "hour",
    "channel",
    "campaign",
    "unit",
    "product",
    "run",
    "bid",
    "last_bid",
    "change",
    "position",
    "impressions",
    "clicks",
    "spend",
    "orders",
    "revenue",
    "roi",
    "cpc",
    "cpm",
    "ctr",
    "cvr",
    "reason",
];

fn shown<T: std::fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Rounds to so many decimals; never minus zero.
pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale + 0.0
}

fn optional(value: Option<f64>, decimals: i32) -> Option<f64> {
    value.filter(|value| value.is_finite()).map(|value| rounded(value, decimals))
}

/// The rows of a plan, in its own order.
pub fn rows(plan: &Plan, lang: Lang) -> Vec<Row<'_>> {
    let row = |cell| {
        let unit = plan.unit(cell);
        let outcome = if cell.run { cell.outcome } else { Outcome::default() };
        Row {
            date: plan.date,
            hour: cell.cell.hour,
            channel: unit.channel,
            campaign: &unit.campaign,
            unit: &unit.unit,
            product: unit.product.as_deref(),
            run: cell.run,
            // A bid is a multiple of its step, which has far fewer decimals than six.
            bid: optional(cell.bid.filter(|_| cell.run), 6),
            last_bid: optional(cell.last_bid, 6),
            change: optional(cell.change(), 6),
            position: optional(outcome.position(), 4),
            impressions: rounded(outcome.impressions, 4),
            clicks: rounded(outcome.clicks, 4),
            spend: rounded(outcome.spend, 4),
            orders: rounded(outcome.orders, 4),
            revenue: rounded(outcome.revenue, 4),
            roi: optional(outcome.roi(), 4),
            cpc: optional(outcome.cpc(), 4),
            cpm: optional(outcome.cpm(), 4),
            ctr: optional(outcome.ctr(), 6),
            cvr: optional(outcome.cvr(), 6),
            reason: reason::of(cell, unit.channel, lang),
        }
    };
    plan.cells.iter().map(row).collect()
}

/// Writes the rows as CSV.
pub fn write_csv(rows: &[Row<'_>], path: &Path) -> Result<()> {
    let failed = Error::csv(path);
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_path(path).map_err(failed)?;
    writer.write_record(COLUMNS).map_err(failed)?;
    for row in rows {
        writer.serialize(row).map_err(failed)?;
    }
    writer.flush().map_err(Error::io("write", path))
}

/// Writes the rows as Parquet with typed columns.
pub fn write_parquet(date: Date, rows: Vec<Row<'_>>, path: &Path) -> Result<()> {
    let failed = |error: PolarsError| match error {
        PolarsError::IO { error, .. } => {
            Error::io("write", path)(std::io::Error::new(error.kind(), error.to_string()))
        }
        other => Error::Internal(format!("{}: {other}", path.display())),
    };
    let mut frame = frame(date, &rows).map_err(failed)?;
    let file = File::create(path).map_err(Error::io("create", path))?;
    ParquetWriter::new(BufWriter::new(file)).finish(&mut frame).map_err(failed)?;
    Ok(())
}

fn frame(date: Date, rows: &[Row<'_>]) -> std::result::Result<DataFrame, PolarsError> {
    type Of<T> = fn(&Row<'_>) -> T;
    let sum = |name: &str, of: Of<f64>| Column::new(name.into(), rows.iter().map(of).collect::<Vec<f64>>());
    let ratio =
        |name: &str, of: Of<Option<f64>>| Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>());
    fn text<'a, T: Into<Option<&'a str>>>(name: &str, values: impl Iterator<Item = T>) -> Column {
        Column::new(name.into(), values.map(Into::into).collect::<Vec<Option<&str>>>())
    }
    let columns = vec![
        Column::new("date".into(), vec![day_number(date); rows.len()]).cast(&DataType::Date)?,
        Column::new("hour".into(), rows.iter().map(|row| i32::from(row.hour)).collect::<Vec<_>>()),
        text("channel", rows.iter().map(|row| row.channel.name())),
        text("campaign", rows.iter().map(|row| row.campaign)),
        text("unit", rows.iter().map(|row| row.unit)),
        text("product", rows.iter().map(|row| row.product)),
        Column::new("run".into(), rows.iter().map(|row| row.run).collect::<Vec<_>>()),
        ratio("bid", |row| row.bid),
        ratio("last_bid", |row| row.last_bid),
        ratio("change", |row| row.change),
        ratio("position", |row| row.position),
        sum("impressions", |row| row.impressions),
        sum("clicks", |row| row.clicks),
        sum("spend", |row| row.spend),
        sum("orders", |row| row.orders),
        sum("revenue", |row| row.revenue),
        ratio("roi", |row| row.roi),
        ratio("cpc", |row| row.cpc),
        ratio("cpm", |row| row.cpm),
        ratio("ctr", |row| row.ctr),
        ratio("cvr", |row| row.cvr),
        text("reason", rows.iter().map(|row| row.reason.as_str())),
    ];
    debug_assert!(columns.iter().map(|column| column.name().as_str()).eq(COLUMNS));
    DataFrame::new(rows.len(), columns)
}
