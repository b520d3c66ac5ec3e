//! `frontier.csv` and `frontier.parquet`: one row per step of a sweep, the same in both.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use polars::prelude::{Column, DataFrame, ParquetWriter, PolarsError};

use super::table::rounded;
use crate::error::{Error, Result};
use crate::frontier::{Change, Found, Frontier, Moved, Point, Step};
use crate::keys::Channel;
use crate::program::Side;

/// The values of a column, one a step.
enum Values {
    Text(Vec<Option<String>>),
    Number(Vec<Option<f64>>),
    Count(Vec<Option<u32>>),
}

/// The table: columns with their names.
pub struct Table(Vec<(String, Values)>);

impl Table {
    /// The table of a sweep.
    pub fn of(frontier: &Frontier) -> Table {
        let steps = &frontier.steps;
        let text = |of: &dyn Fn(&Step) -> Option<String>| Values::Text(steps.iter().map(of).collect());
        let number = |decimals: i32, of: &dyn Fn(&Step) -> Option<f64>| {
            let value = |step| of(step).filter(|value: &f64| value.is_finite());
            Values::Number(
                steps.iter().map(|step| value(step).map(|value| rounded(value, decimals))).collect(),
            )
        };
        let count = |of: fn(&Change) -> usize| {
            let value = |step: &Step| step.point()?.change.as_ref().map(|change| of(change) as u32);
            Values::Count(steps.iter().map(value).collect())
        };
        let of_point = |decimals: i32, of: fn(&Point) -> Option<f64>| {
            number(decimals, &|step| step.point().and_then(of))
        };
        let mut columns: Vec<(String, Values)> = Vec::new();
        let mut add = |name: &str, values: Values| columns.push((name.to_owned(), values));
        for (at, suffix) in ["", "_2"].iter().enumerate() {
            let moved = frontier.moved.get(at);
            add(&format!("rule{suffix}"), text(&|_| moved.map(|moved| moved.rule.clone())));
            add(&format!("side{suffix}"), text(&|_| moved.map(side)));
            add(&format!("bound{suffix}"), number(9, &|step| step.bounds.get(at).copied()));
        }
        add("status", text(&|step| Some(status(step).to_owned())));
        add("edge", number(9, &edge));
        add("objective", of_point(4, |point| Some(point.objective)));
        add("objective_bound", of_point(4, |point| Some(point.bound)));
        add("spend", of_point(4, |point| Some(point.total.spend)));
        add("revenue", of_point(4, |point| Some(point.total.revenue)));
        add("profit", of_point(4, |point| Some(point.profit)));
        add("orders", of_point(4, |point| Some(point.total.orders)));
        add("clicks", of_point(4, |point| Some(point.total.clicks)));
        add("impressions", of_point(4, |point| Some(point.total.impressions)));
        add("roi", of_point(4, |point| point.total.roi()));
        add("marginal_roi", of_point(4, |point| point.marginal_roi));
        add("price", of_point(6, |point| point.prices.first().copied()));
        add("price_2", of_point(6, |point| point.prices.get(1).copied()));
        for channel in Channel::ALL {
            let of = |step: &Step| step.point().map(|point| point.channels[channel as usize]);
            add(&format!("spend_{channel}"), number(4, &|step| of(step).map(|sums| sums.spend)));
            add(&format!("revenue_{channel}"), number(4, &|step| of(step).map(|sums| sums.revenue)));
        }
        add("cells_started", count(|change| change.started));
        add("cells_stopped", count(|change| change.stopped));
        add("cells_raised", count(|change| change.raised));
        add("cells_lowered", count(|change| change.lowered));
        let names = |point: &Point| point.binding.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        add("binding", text(&|step| step.point().map(|point| names(point).join("; "))));
        add("slots", text(&|step| step.point().map(|point| point.slots.join("; "))));
        let one = |(unit, spend): &(u32, f64)| format!("{} {spend:+.2}", frontier.units[*unit as usize]);
        let most = |change: &Change| change.most.iter().map(one).collect::<Vec<_>>().join("; ");
        add("changes_most", text(&|step| step.point()?.change.as_ref().map(most)));
        Table(columns)
    }

    /// Writes it as CSV.
    pub fn write_csv(&self, path: &Path) -> Result<()> {
        let failed = Error::csv(path);
        let mut writer = csv::Writer::from_path(path).map_err(failed)?;
        writer.write_record(self.0.iter().map(|(name, _)| name)).map_err(failed)?;
        let rows = self.0.first().map_or(0, |(_, values)| values.len());
        for row in 0..rows {
            writer.write_record(self.0.iter().map(|(_, values)| values.shown(row))).map_err(failed)?;
        }
        writer.flush().map_err(Error::io("write", path))
    }

    /// Writes it as Parquet with typed columns.
    pub fn write_parquet(self, path: &Path) -> Result<()> {
        let failed = |error: PolarsError| match error {
            PolarsError::IO { error, .. } => {
                Error::io("write", path)(std::io::Error::new(error.kind(), error.to_string()))
            }
            other => Error::Internal(format!("{}: {other}", path.display())),
        };
        let rows = self.0.first().map_or(0, |(_, values)| values.len());
        let columns = self.0.into_iter().map(|(name, values)| match values {
            Values::Text(values) => Column::new(name.into(), values),
            Values::Number(values) => Column::new(name.into(), values),
            Values::Count(values) => Column::new(name.into(), values),
        });
        let mut frame = DataFrame::new(rows, columns.collect()).map_err(failed)?;
        let file = File::create(path).map_err(Error::io("create", path))?;
        ParquetWriter::new(BufWriter::new(file)).finish(&mut frame).map_err(failed)?;
        Ok(())
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Text(values) => values.len(),
            Values::Number(values) => values.len(),
            Values::Count(values) => values.len(),
        }
    }

    fn shown(&self, row: usize) -> String {
        match self {
            Values::Text(values) => values[row].clone(),
            Values::Number(values) => values[row].map(|value| value.to_string()),
            Values::Count(values) => values[row].map(|value| value.to_string()),
        }
        .unwrap_or_default()
    }
}

/// What became of a step, in one word.
fn status(step: &Step) -> &'static str {
    match step.found {
        Found::Best(_) => "optimal",
        Found::Infeasible { .. } => "infeasible",
        Found::Stopped => "stopped",
    }
}

fn edge(step: &Step) -> Option<f64> {
    match step.found {
        Found::Infeasible { edge } => edge,
        _ => None,
    }
}

/// The key of the plan file that moves.
fn side(moved: &Moved) -> String {
    let side = if moved.side == Side::Min { "min" } else { "max" };
    format!("{side}{}", if moved.share { "_share" } else { "" })
}
