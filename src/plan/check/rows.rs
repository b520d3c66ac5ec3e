//! The rows of a rule: to which of them a cell belongs, and whether it is of what they are a share of.

use std::collections::BTreeMap;

use crate::calendar::HOURS;
use crate::config::rule::Key;
use crate::config::{PlanFile, Rule, Scope};
use crate::keys::{Cell, Unit};

/// The rows of one rule, known by the cells that were asked for. What follows from the unit alone is asked once for
/// cells of a unit that come one after the other.
pub(super) struct Rows<'a> {
    rule: &'a Rule,
    units: &'a [Unit],
    file: &'a PlanFile,
    date: &'a str,
    own: Hours,
    /// What a share is a share of.
    base: Option<Hours>,
    labels: Vec<String>,
    at: BTreeMap<String, usize>,
    unit: Option<u32>,
    /// Rows of the last unit by hour, or in the first place where all hours have the same.
    of_unit: [Option<Vec<usize>>; HOURS],
}

/// A scope: its hours, and whether it holds the last unit.
struct Hours {
    scope: Scope,
    hours: [bool; HOURS],
    unit: bool,
}

impl Hours {
    fn of(scope: Option<&Scope>, date: &str, file: &PlanFile) -> Hours {
        let scope = scope.cloned().unwrap_or_default();
        let hours = std::array::from_fn(|hour| scope.has_hour(hour as u8, date, &file.phases));
        Hours { scope, hours, unit: false }
    }

    fn holds(&self, hour: u8) -> bool {
        self.unit && self.hours[usize::from(hour)]
    }
}

impl<'a> Rows<'a> {
    pub(super) fn new(rule: &'a Rule, units: &'a [Unit], file: &'a PlanFile, date: &'a str) -> Rows<'a> {
        let share = rule.min_share.is_some() || rule.max_share.is_some();
        Rows {
            rule,
            units,
            file,
            date,
            own: Hours::of(rule.scope.as_ref(), date, file),
            base: share.then(|| Hours::of(rule.of.as_ref(), date, file)),
            labels: Vec::new(),
            at: BTreeMap::new(),
            unit: None,
            of_unit: std::array::from_fn(|_| None),
        }
    }

    /// The scope of each row in words, in the order in which cells came by.
    pub(super) fn scopes(&self) -> Vec<String> {
        let whole = |label: &String| label.is_empty().then(|| self.own.scope.to_string());
        self.labels.iter().map(|label| whole(label).unwrap_or_else(|| label.clone())).collect()
    }

    /// The rows that a cell belongs to, and whether it is of what they are a share of.
    pub(super) fn of(&mut self, cell: Cell) -> (&[usize], bool) {
        if self.unit != Some(cell.unit) {
            self.unit = Some(cell.unit);
            let unit = &self.units[cell.unit as usize];
            for scope in [Some(&mut self.own), self.base.as_mut()].into_iter().flatten() {
                scope.unit = scope.scope.has_unit(unit);
            }
            self.of_unit.iter_mut().for_each(|rows| *rows = None);
        }
        let base = self.base.as_ref().is_some_and(|base| base.holds(cell.hour));
        if !self.own.holds(cell.hour) {
            return (&[], base);
        }
        let clock = self.rule.keys().iter().any(|key| key.is_clock());
        let place = if clock { usize::from(cell.hour) } else { 0 };
        if self.of_unit[place].is_none() {
            self.of_unit[place] = Some(self.named(cell));
        }
        (self.of_unit[place].as_deref().unwrap_or_default(), base)
    }

    /// The rows of a cell by their labels; new ones come last.
    fn named(&mut self, cell: Cell) -> Vec<usize> {
        let all = labels(self.rule.keys(), &self.units[cell.unit as usize], cell.hour, self.date, self.file);
        let row = |label: String| {
            *self.at.entry(label).or_insert_with_key(|label| {
                self.labels.push(label.clone());
                self.labels.len() - 1
            })
        };
        all.into_iter().map(row).collect()
    }
}

/// The labels of a cell under `per`: one for each combination of its keys' values.
fn labels(keys: &[Key], unit: &Unit, hour: u8, date: &str, file: &PlanFile) -> Vec<String> {
    let mut labels = vec![String::new()];
    for key in keys {
        let values = match key.of_unit(unit) {
            Some(value) => vec![value],
            None => key.of_hour(hour, date, &file.phases),
        };
        labels = labels
            .iter()
            .flat_map(|label| {
                values.iter().map(
                    move |value| if label.is_empty() { value.clone() } else { format!("{label} {value}") },
                )
            })
            .collect();
    }
    labels
}
