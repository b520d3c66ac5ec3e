//! Plans side by side: what their plan files say differently, totals, channels, hours, rules, and the units that change
//! most.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::calendar::HOURS;
use crate::config::PlanFile;
use crate::keys::{Channel, Unit};
use crate::metric::{Metric, Outcome};
use crate::plan::{Plan, RuleValue, Status};

/// Units that are named.
pub const MOST_UNITS: usize = 20;

/// What every table of plans shows of an outcome.
pub const METRICS: [Metric; 8] = [
    Metric::Spend,
    Metric::Revenue,
    Metric::Roi,
    Metric::Profit,
    Metric::Orders,
    Metric::Clicks,
    Metric::Impressions,
    Metric::Cpc,
];

/// One of the plans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Its name: a scenario's, or a folder's.
    pub name: String,
    /// The planned date.
    pub date: Date,
    /// How it ended.
    pub status: Status,
    /// Gross profit as a share of revenue.
    pub margin: f64,
    /// Currency of its money.
    pub currency: String,
    /// Sums over the plan.
    pub total: Outcome,
    /// What the revenue is between on four days in five; nothing where that is not known.
    pub revenue_band: Option<[f64; 2]>,
    /// Sums of each channel, in the order of [`Channel::ALL`].
    pub channels: [Outcome; Channel::ALL.len()],
    /// Sums of each hour.
    pub hours: Vec<Outcome>,
    /// Every rule row.
    pub rules: Vec<RuleValue>,
    /// What its plan file says, by key as in `--set`.
    #[serde(skip)]
    pub settings: BTreeMap<String, String>,
    /// What its units do; those that do not run are not among them.
    #[serde(skip)]
    pub units: BTreeMap<Unit, Share>,
}

/// What one unit does in a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    /// Sums over its hours.
    pub total: Outcome,
    /// Hours in which it runs.
    pub hours: usize,
    /// Mean bid of the hours that have one.
    pub bid: Option<f64>,
}

/// A unit in every plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitRow {
    /// The unit.
    pub unit: Unit,
    /// What it does in each plan; nothing where it does not run.
    pub sides: Vec<Option<Share>>,
    /// The largest difference of its spend from the first plan's.
    pub spend_change: f64,
}

/// A key of the plan file that the plans set differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// The key, as in `--set`.
    pub key: String,
    /// What each plan sets; nothing where it has no such rule or entry.
    pub sides: Vec<Option<String>>,
}

/// A rule row in every plan that has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleRow<'a> {
    /// The rule.
    pub rule: &'a str,
    /// Its scope in words.
    pub scope: &'a str,
    /// What each plan makes of it.
    pub sides: Vec<Option<&'a RuleValue>>,
}

/// A cell that runs, as a side is made of it.
pub struct Running<'a> {
    /// The unit.
    pub unit: &'a Unit,
    /// The hour.
    pub hour: u8,
    /// Its bid.
    pub bid: Option<f64>,
    /// What is expected of it.
    pub outcome: Outcome,
}

impl Side {
    /// A side without cells.
    pub fn empty(name: &str, date: Date, status: Status, currency: &str, file: &PlanFile) -> Side {
        Side {
            name: name.to_owned(),
            date,
            status,
            margin: file.plan.margin,
            currency: currency.to_owned(),
            settings: settings_of(file),
            total: Outcome::default(),
            revenue_band: None,
            channels: Default::default(),
            hours: vec![Outcome::default(); HOURS],
            rules: Vec::new(),
            units: BTreeMap::new(),
        }
    }

    /// A finished plan as a side.
    pub fn of(name: &str, plan: &Plan, file: &PlanFile) -> Side {
        let mut side = Side::empty(name, plan.date, plan.status, &plan.currency, file);
        side.rules = plan.rules.clone();
        side.revenue_band = plan.outlook.revenue();
        let running = plan.cells.iter().filter(|cell| cell.run).map(|cell| Running {
            unit: plan.unit(cell),
            hour: cell.cell.hour,
            bid: cell.bid,
            outcome: cell.outcome,
        });
        side.add(running);
        side
    }

    /// Adds cells that run.
    pub fn add<'c>(&mut self, cells: impl Iterator<Item = Running<'c>>) {
        let mut bids: BTreeMap<&Unit, (f64, usize)> = BTreeMap::new();
        for cell in cells {
            self.total += cell.outcome;
            self.channels[cell.unit.channel as usize] += cell.outcome;
            self.hours[usize::from(cell.hour)] += cell.outcome;
            let share = self.units.entry(cell.unit.clone()).or_default();
            share.total += cell.outcome;
            share.hours += 1;
            if let Some(bid) = cell.bid {
                let (sum, count) = bids.entry(cell.unit).or_default();
                (*sum, *count) = (*sum + bid, *count + 1);
            }
        }
        for (unit, (sum, count)) in bids {
            if let Some(share) = self.units.get_mut(unit) {
                share.bid = Some(sum / count as f64);
            }
        }
    }
}

/// A plan file by keys, lists of rules and others by the names in them. Scenarios and the history are no settings of a
/// plan.
fn settings_of(file: &PlanFile) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let mut add = |key: String, value: &Value| match value {
        Value::Null => {}
        Value::String(text) => drop(settings.insert(key, text.clone())),
        other => drop(settings.insert(key, other.to_string())),
    };
    let file = serde_json::to_value(file).unwrap_or_default();
    for (part, value) in file.as_object().into_iter().flatten() {
        if !matches!(part.as_str(), "history" | "scenario") {
            flatten(part.clone(), value, &mut add);
        }
    }
    settings
}

fn flatten(key: String, value: &Value, add: &mut impl FnMut(String, &Value)) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| flatten(format!("{key}.{name}"), value, add))
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (at, entry) in list.iter().enumerate() {
                let name = ["name", "unit"].iter().find_map(|name| entry[name].as_str());
                let name = name.map_or_else(|| at.to_string(), str::to_owned);
                flatten(format!("{key}.{name}"), entry, add);
            }
        }
        value => add(key, value),
    }
}

/// What the plan files set differently.
pub fn settings(sides: &[Side]) -> Vec<Setting> {
    let keys: std::collections::BTreeSet<&String> =
        sides.iter().flat_map(|side| side.settings.keys()).collect();
    keys.into_iter()
        .map(|key| Setting {
            key: key.clone(),
            sides: sides.iter().map(|side| side.settings.get(key).cloned()).collect(),
        })
        .filter(|setting| setting.sides.iter().any(|side| *side != setting.sides[0]))
        .collect()
}

/// The units whose spend differs most from the first plan's, at most [`MOST_UNITS`].
pub fn units(sides: &[Side]) -> Vec<UnitRow> {
    let names: std::collections::BTreeSet<&Unit> = sides.iter().flat_map(|side| side.units.keys()).collect();
    let mut rows: Vec<UnitRow> = names
        .into_iter()
        .map(|unit| {
            let of: Vec<Option<Share>> = sides.iter().map(|side| side.units.get(unit).copied()).collect();
            let spend = |share: &Option<Share>| share.map_or(0.0, |share| share.total.spend);
            let first = of.first().map_or(0.0, spend);
            let largest = of
                .iter()
                .map(|share| spend(share) - first)
                .max_by(|a, b| a.abs().total_cmp(&b.abs()))
                .unwrap_or(0.0);
            UnitRow { unit: unit.clone(), sides: of, spend_change: largest }
        })
        .filter(|row| row.spend_change.abs() >= 0.005)
        .collect();
    rows.sort_by(|a, b| b.spend_change.abs().total_cmp(&a.spend_change.abs()).then(a.unit.cmp(&b.unit)));
    rows.truncate(MOST_UNITS);
    rows
}

/// Every rule row that any of the plans has, in the order of the first that has it; of rules with more than
/// six rows only those that bind or are broken somewhere.
pub fn rules(sides: &[Side]) -> Vec<RuleRow<'_>> {
    const MANY: usize = 6;
    let mut rows: Vec<RuleRow<'_>> = Vec::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (at, side) in sides.iter().enumerate() {
        for value in &side.rules {
            let place = *places.entry((&value.rule, &value.scope)).or_insert_with(|| {
                rows.push(RuleRow { rule: &value.rule, scope: &value.scope, sides: vec![None; sides.len()] });
                rows.len() - 1
            });
            rows[place].sides[at] = Some(value);
        }
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.rule.to_owned()).or_default() += 1);
    rows.retain(|row| {
        let tells = |value: &&RuleValue| value.binding || !value.met;
        counts[row.rule] <= MANY || row.sides.iter().flatten().any(tells)
    });
    rows
}
