//! A comparison on disk: `compare.csv`, `compare.json`, `compare.html`; and a finished plan's folder as one
//! side of it.

use std::path::Path;

use serde::Serialize;

use super::folder::{self, Kind};
use super::{Made, Promised, json, read, text};
use crate::compare::{METRICS, RuleRow, Running, Setting, Side, UnitRow, rules, settings, units};
use crate::error::{Error, Result};
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::plan::{RuleValue, row_name};
use crate::report::{self, Lang};

/// What [`write_comparison`] leaves.
pub const COMPARISON: Kind =
    Kind { mark: "compare", files: &["compare.csv", "compare.json", "compare.html", "manifest.json"] };

/// Everything about a comparison, for programs.
#[derive(Serialize)]
pub struct Comparison<'a> {
    /// The plans.
    pub sides: &'a [Side],
    /// What their plan files set differently.
    pub settings: Vec<Setting>,
    /// Their rules.
    pub rules: Vec<RuleRow<'a>>,
    /// The units whose spend changes most.
    pub units: Vec<UnitRow>,
}

impl<'a> Comparison<'a> {
    /// Of these plans.
    pub fn of(sides: &'a [Side]) -> Self {
        Comparison { sides, settings: settings(sides), rules: rules(sides), units: units(sides) }
    }
}

/// A finished plan's folder as a side, under the folder's name.
///
/// # Errors
/// `O005` for a folder that holds no plan of this version.
pub fn side(dir: &Path) -> Result<Side> {
    let (made, _) = Made::of(dir)?;
    let summary = Promised::of(dir)?;
    let name = dir.file_name().map_or_else(|| dir.display().to_string(), |name| name.display().to_string());
    let Promised { status, currency, date, rules, outlook, .. } = summary;
    let mut side = Side::empty(&name, date, status, &currency, &made.request.file);
    (side.rules, side.revenue_band) = (rules, outlook.revenue());
    let lines = read::all(dir)?;
    side.add(lines.iter().map(|line| Running {
        unit: &line.unit,
        hour: line.hour,
        bid: line.bid,
        outcome: line.outcome,
    }));
    Ok(side)
}

/// Writes a comparison into `out`, in one step as [`super::write`].
pub fn write_comparison(sides: &[Side], out: &Path, force: bool, lang: Lang) -> Result<()> {
    folder::replace(out, &COMPARISON, force, |folder| {
        text(&folder.join("compare.csv"), &csv_text(sides)?)?;
        json(&folder.join("compare.json"), &Comparison::of(sides))?;
        text(&folder.join("compare.html"), &report::comparison(sides, lang)?)?;
        json(&folder.join("manifest.json"), &Mark::new())
    })?;
    tracing::info!(out = %out.display(), "written");
    Ok(())
}

/// By which the folder is known as ours.
#[derive(Serialize)]
struct Mark {
    bidwright: &'static str,
    version: &'static str,
}

impl Mark {
    fn new() -> Mark {
        Mark { bidwright: COMPARISON.mark, version: env!("CARGO_PKG_VERSION") }
    }
}

/// One line a figure: part of the plan, its name, the metric, then a column for each plan.
fn csv_text(sides: &[Side]) -> Result<String> {
    let broken = |error: csv::Error| Error::Internal(format!("compare.csv: {error}"));
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = ["part", "name", "metric"].into_iter().chain(sides.iter().map(|side| side.name.as_str()));
    table.write_record(head).map_err(broken)?;
    let mut line = |part: &str, name: &str, metric: &str, values: Vec<Option<f64>>| {
        let shown = |value: &Option<f64>| {
            value.map_or_else(String::new, |value| format!("{}", (value * 1e6).round() / 1e6))
        };
        let words = [part, name, metric].map(str::to_owned).into_iter();
        table.write_record(words.chain(values.iter().map(shown))).map_err(broken)
    };
    let mut sums = |part: &str, name: &str, of: &dyn Fn(&Side) -> Outcome| -> Result<()> {
        for metric in METRICS {
            let values = sides.iter().map(|side| metric.of(&of(side), side.margin)).collect();
            line(part, name, metric.name(), values)?;
        }
        Ok(())
    };
    sums("total", "", &|side| side.total)?;
    for channel in Channel::ALL {
        if sides.iter().any(|side| side.channels[channel as usize] != Outcome::default()) {
            sums("channel", channel.name(), &|side| side.channels[channel as usize])?;
        }
    }
    for hour in 0..crate::calendar::HOURS {
        sums("hour", &hour.to_string(), &|side| side.hours[hour])?;
    }
    for row in rules(sides) {
        let name = row_name(row.rule, row.scope);
        let mut of = |metric: &str, value: &dyn Fn(&RuleValue) -> Option<f64>| {
            line("rule", &name, metric, row.sides.iter().map(|side| side.and_then(value)).collect())
        };
        of("value", &|rule| rule.value)?;
        of("min", &|rule| rule.min)?;
        of("max", &|rule| rule.max)?;
        of("slack", &|rule| rule.slack)?;
        of("shadow_price", &|rule| Some(rule.shadow_price))?;
    }
    for row in units(sides) {
        let name = row.unit.to_string();
        let mut of = |metric: &str, value: &dyn Fn(&crate::compare::Share) -> Option<f64>| {
            line("unit", &name, metric, row.sides.iter().map(|side| side.as_ref().and_then(value)).collect())
        };
        of("spend", &|share| Some(share.total.spend))?;
        of("revenue", &|share| Some(share.total.revenue))?;
        of("hours", &|share| Some(share.hours as f64))?;
        of("bid", &|share| share.bid)?;
    }
    let bytes = table.into_inner().map_err(|error| Error::Internal(format!("compare.csv: {error}")))?;
    String::from_utf8(bytes).map_err(|error| Error::Internal(format!("compare.csv: {error}")))
}
