//! What happened on a planned day: reports of it, read as the history is and laid beside the plan's units.
//!
//! `replan` takes the hours that are over from here, `review` the whole day. Nothing is dropped silently: rows
//! of other dates, units that the plan does not know and hours without a row are findings.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use jiff::civil::Date;

use crate::calendar::{HOURS, date_of, day_number};
use crate::config::Request;
use crate::error::{Finding, Result};
use crate::history::{self, Audit, History, Observation};
use crate::keys::{Channel, Unit};
use crate::metric::Outcome;

/// What happened on one date.
#[derive(Debug, Clone)]
pub struct Actuals {
    /// The date.
    pub date: Date,
    /// Rows of units that the plan knows, sorted by unit and hour, at most one a cell; `unit` is an index into
    /// the units that were asked about. `hour` is nothing where a report has whole days only.
    pub observations: Vec<Observation>,
    /// Rows of units that it does not know.
    pub strangers: Vec<(Unit, Observation)>,
    /// The account of the reports. Its findings hold everything that is doubtful about them.
    pub audit: Audit,
}

/// Impressions (clicks, or orders, where those are not counted) that a plan must have expected of a channel's
/// hour for its silence to be told.
const EXPECTED: f64 = 10.0;

/// Names in a finding; the others are counted.
const NAMED: usize = 5;

impl Actuals {
    /// Reads the reports of a date. `request` maps their columns as it maps the history's; `units` are the
    /// plan's. A report without products is matched by channel, campaign and unit where that is one unit.
    ///
    /// # Errors
    /// As [`history::read_actuals`]; `A001` where no row is of the date.
    pub fn read(request: &Request, reports: &[PathBuf], date: Date, units: &[Unit]) -> Result<Actuals> {
        Actuals::of(history::read_actuals(request, reports, date)?, date, units)
    }

    /// Reports that are there already.
    ///
    /// # Errors
    /// `A001` where no row is of the date.
    pub fn of(read: History, date: Date, units: &[Unit]) -> Result<Actuals> {
        let (day, mut others) = (day_number(date), BTreeMap::<i32, usize>::new());
        let known = Known::of(units);
        let of_unit: Vec<Option<u32>> = read.units.iter().map(|unit| known.find(unit)).collect();
        let mut actuals =
            Actuals { date, observations: Vec::new(), strangers: Vec::new(), audit: read.audit };
        for row in read.observations {
            match of_unit[row.unit as usize] {
                _ if row.day != day => *others.entry(row.day).or_default() += 1,
                Some(unit) => actuals.observations.push(Observation { unit, ..row }),
                None => actuals.strangers.push((read.units[row.unit as usize].clone(), row)),
            }
        }
        if actuals.observations.is_empty() && actuals.strangers.is_empty() {
            let cause = format!("no row of the reports is of {date}: {}", dates(&others));
            let action = "export the planned day, or name the plan of the day that was exported";
            return Err(Finding::error("A001", cause, action).into());
        }
        actuals.observations.sort_by_key(|row| (row.unit, row.hour));
        actuals.merge();
        let findings = &mut actuals.audit.findings;
        if !others.is_empty() {
            let cause = format!("rows of other dates are left out: {}", dates(&others));
            let action = "nothing to do if the report covers more days than the plan's";
            findings.push(Finding::warning("A002", cause, action));
        }
        let stranger = stranger(&actuals.strangers);
        actuals.audit.findings.extend(stranger);
        Ok(actuals)
    }

    /// Days after the day on which the reports were exported, the fewest of all rows; nothing where no report says: one that
    /// holds the day and none after it may have been exported at any time.
    pub fn age(&self) -> Option<i32> {
        let rows = || self.observations.iter().chain(self.strangers.iter().map(|(_, row)| row));
        let said = self.audit.files.iter().all(|file| file.dated);
        let fewest = rows().map(|row| row.exported() - row.day).min()?;
        (said || fewest > 1).then_some(fewest)
    }

    /// Somebody says how many days after the day the reports were exported.
    pub fn exported(&mut self, days: i32) {
        let age = u16::try_from(days - 1).unwrap_or(0);
        let strangers = self.strangers.iter_mut().map(|(_, row)| row);
        self.observations.iter_mut().chain(strangers).for_each(|row| row.age = age);
    }

    /// What a cell brought; nothing where the reports hold no row of it.
    pub fn cell(&self, unit: u32, hour: u8) -> Option<&Observation> {
        let key = (unit, Some(hour));
        let at = self.observations.binary_search_by_key(&key, |row| (row.unit, row.hour)).ok()?;
        self.observations.get(at)
    }

    /// The sum over the rows, whole days included, that a filter keeps. Strangers are not in it.
    pub fn total(&self, keep: impl Fn(&Observation) -> bool) -> Outcome {
        self.observations.iter().filter(|row| keep(row)).map(Observation::outcome).sum()
    }

    /// What units that the plan does not know brought.
    pub fn strange(&self) -> Outcome {
        self.strangers.iter().map(|(_, row)| row.outcome()).sum()
    }

    /// A warning (`A004`) for each channel that has no row in hours in which the plan expected some; `planned`
    /// are the cells that run with what was expected of them. Hours from `until` on are not looked at, nor
    /// channels that are reported by the day.
    pub fn unreported(
        &self,
        units: &[Unit],
        planned: impl Iterator<Item = (u32, u8, Outcome)>,
        until: u8,
    ) -> Vec<Finding> {
        let channel = |unit: u32| units[unit as usize].channel;
        let mut expected: BTreeMap<Channel, [Outcome; HOURS]> = BTreeMap::new();
        for (unit, hour, outcome) in planned.filter(|(_, hour, _)| *hour < until) {
            expected.entry(channel(unit)).or_default()[usize::from(hour) % HOURS] += outcome;
        }
        let mut told: BTreeMap<Channel, [bool; HOURS]> = BTreeMap::new();
        for row in &self.observations {
            let told = told.entry(channel(row.unit)).or_default();
            match row.hour {
                Some(hour) => told[usize::from(hour) % HOURS] = true,
                None => *told = [true; HOURS],
            }
        }
        let silent = |(channel, hours): (Channel, [Outcome; HOURS])| {
            let day: Outcome = hours.iter().copied().sum();
            // Of impressions, clicks and orders the first that the channel counts.
            let measure = [0, 1, 3].into_iter().find(|measure| day.measures()[*measure] > 0.0)?;
            let told = told.get(&channel).copied().unwrap_or_default();
            let silent: Vec<String> = (0..HOURS)
                .filter(|hour| hours[*hour].measures()[measure] >= EXPECTED && !told[*hour])
                .map(|hour| hour.to_string())
                .collect();
            (!silent.is_empty()).then(|| {
                let cause = format!(
                    "the reports hold no row of {channel} in hours {}, in which the plan runs",
                    silent.join(", ")
                );
                Finding::warning(
                    "A004",
                    cause,
                    "export the day again when these hours are in the platform's report, or name the missing report with one more --actuals",
                )
            })
        };
        expected.into_iter().filter_map(silent).collect()
    }

    /// Two rows of one cell, where products that the plan does not tell apart are reported apart, become one.
    fn merge(&mut self) {
        let mut merged: Vec<Observation> = Vec::with_capacity(self.observations.len());
        for row in self.observations.drain(..) {
            match merged.last_mut().filter(|last| (last.unit, last.hour) == (row.unit, row.hour)) {
                Some(last) => *last = both(last, &row),
                None => merged.push(row),
            }
        }
        self.observations = merged;
    }
}

/// Two rows of one cell as one.
fn both(a: &Observation, b: &Observation) -> Observation {
    let shown = a.impressions + b.impressions;
    let position = std::array::from_fn(|end| match (a.position[end].is_nan(), b.position[end].is_nan()) {
        (false, false) if shown > 0.0 => {
            let sum = f64::from(a.position[end]) * a.impressions + f64::from(b.position[end]) * b.impressions;
            (sum / shown) as f32
        }
        (true, _) => b.position[end],
        _ => a.position[end],
    });
    Observation {
        bid: if a.bid.is_nan() { b.bid } else { a.bid },
        position,
        impressions: shown,
        clicks: a.clicks + b.clicks,
        spend: a.spend + b.spend,
        orders: a.orders + b.orders,
        revenue: a.revenue + b.revenue,
        ..*a
    }
}

/// The plan's units by name.
struct Known<'a> {
    units: &'a [Unit],
    exact: HashMap<&'a Unit, u32>,
    /// By everything but the product; nothing where that is more than one unit.
    bare: HashMap<Bare<'a>, Option<u32>>,
}

/// A unit without its product.
type Bare<'a> = (Channel, &'a str, &'a str);

fn bare(unit: &Unit) -> Bare<'_> {
    (unit.channel, &unit.campaign, &unit.unit)
}

impl<'a> Known<'a> {
    fn of(units: &'a [Unit]) -> Known<'a> {
        let mut known = Known { units, exact: HashMap::new(), bare: HashMap::new() };
        for (unit, at) in units.iter().zip(0..) {
            known.exact.insert(unit, at);
            known.bare.entry(bare(unit)).and_modify(|only| *only = None).or_insert(Some(at));
        }
        known
    }

    /// The unit of this name; where only one of the two names a product, the only one of the same name.
    fn find(&self, unit: &Unit) -> Option<u32> {
        let bare = || self.bare.get(&bare(unit)).copied().flatten();
        let one_product = |at: &u32| unit.product.is_none() || self.units[*at as usize].product.is_none();
        self.exact.get(unit).copied().or_else(|| bare().filter(one_product))
    }
}

/// Dates with their rows, for people.
fn dates(rows: &BTreeMap<i32, usize>) -> String {
    let all: Vec<String> =
        rows.iter().take(NAMED).map(|(day, rows)| format!("{} ({rows} rows)", date_of(*day))).collect();
    let more = rows.len().saturating_sub(NAMED);
    match (all.is_empty(), more) {
        (true, _) => "there is no other date either".into(),
        (false, 0) => all.join(", "),
        (false, more) => format!("{} and {more} more dates", all.join(", ")),
    }
}

/// Tells of units that the plan does not know.
fn stranger(rows: &[(Unit, Observation)]) -> Option<Finding> {
    let mut units: Vec<&Unit> = rows.iter().map(|(unit, _)| unit).collect();
    units.sort_unstable();
    units.dedup();
    let first = units.first()?;
    let sum: Outcome = rows.iter().map(|(_, row)| row.outcome()).sum();
    let cause = format!(
        "{} units are in the reports and not in the plan; they spent {:.2} and sold for {:.2}",
        units.len(),
        sum.spend,
        sum.revenue
    );
    let action = "they are left out: compare their names with the plan's, or plan again from a history that holds them";
    Some(Finding::warning("A003", cause, action).with_value(first.to_string()))
}

#[cfg(test)]
mod tests;
