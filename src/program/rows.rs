//! Rules resolved: which cells each row of each rule speaks of.

use std::collections::{BTreeSet, HashMap};

use crate::calendar::HOURS;
use crate::config::names::nearest;
use crate::config::rule::Key;
use crate::config::{PlanFile, Rule, Scope};
use crate::error::{Finding, Severity};
use crate::keys::{Cell, Channel, Unit};

/// Units and hours that a scope holds: every scope is a set of units times a set of hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Units, rising.
    pub units: Vec<u32>,
    /// Bit h is hour h.
    pub hours: u32,
}

impl Reach {
    /// Whether it holds a cell.
    pub fn holds(&self, cell: Cell) -> bool {
        self.hours >> cell.hour & 1 == 1 && self.units.binary_search(&cell.unit).is_ok()
    }
}

/// One row of a rule: the whole rule, or one value of its `per`.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// Index of the rule in the plan file.
    pub rule: usize,
    /// The scope in words; `plan` for everything.
    pub scope: String,
    /// Cells of the row.
    pub reach: Reach,
    /// Cells that a share is a share of.
    pub of: Option<Reach>,
}

impl RuleRow {
    /// Name of the row: the rule's, and its scope where `per` makes several.
    pub fn name(&self, file: &PlanFile) -> String {
        let rule = &file.rules[self.rule];
        if rule.keys().is_empty() { rule.name.clone() } else { format!("{} [{}]", rule.name, self.scope) }
    }
}

/// Resolves all rules. Slots that are not on offer are no part of the plan.
///
/// # Errors
/// `P001` for every rule, share or override whose scope matches nothing, and `C031` for a fixed bid of an override that
/// one of its units may not have; each with its key in the plan file (`rule.NAME`, `override.0`).
pub fn resolve(file: &PlanFile, units: &[Unit], date: &str) -> Result<Vec<RuleRow>, Vec<(String, Finding)>> {
    let offered: Vec<bool> = units
        .iter()
        .map(|unit| unit.channel != Channel::GroupBuy || file.group_buy.slot.iter().any(|slot| slot.is(unit)))
        .collect();
    let everything = Scope::default();
    let reach = |scope: &Scope| Reach {
        units: (0..units.len() as u32)
            .filter(|unit| offered[*unit as usize] && scope.has_unit(&units[*unit as usize]))
            .collect(),
        hours: (0..HOURS as u8)
            .filter(|hour| scope.has_hour(*hour, date, &file.phases))
            .fold(0, |mask, hour| mask | 1 << hour),
    };
    let mut findings = Vec::new();
    let mut matches = |key: &str, what: String, scope: &Scope, reach: &Reach| {
        if reach.units.is_empty() || reach.hours == 0 {
            let action = match meant(scope, units) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "compare the names with the units in `bidwright check`; `*` stands for anything, dates and hours must lie on the planned day".into(),
            };
            let finding = Finding::error("P001", format!("{what}: its scope matches nothing"), action);
            findings.push((key.to_owned(), finding.with_value(scope.to_string())));
        }
    };
    let mut rows = Vec::new();
    for (index, rule) in file.rules.iter().enumerate() {
        let scope = rule.scope.as_ref().unwrap_or(&everything);
        let whole = reach(scope);
        let key = format!("rule.{}", rule.name);
        matches(&key, format!("rule `{}`", rule.name), scope, &whole);
        let of = (rule.min_share.is_some() || rule.max_share.is_some()).then(|| {
            let scope = rule.of.as_ref().unwrap_or(&everything);
            let of = reach(scope);
            matches(&key, format!("`of` of rule `{}`", rule.name), scope, &of);
            of
        });
        for (label, reach) in split(rule, &whole, file, units, date) {
            let scope = if label.is_empty() { scope.to_string() } else { label };
            rows.push(RuleRow { rule: index, scope, reach, of: of.clone() });
        }
    }
    for (index, change) in file.overrides.iter().enumerate() {
        let whole = reach(&change.scope);
        matches(&format!("override.{index}"), format!("override {}", index + 1), &change.scope, &whole);
    }
    let bids = bid_findings(file, units).filter(|(_, finding)| finding.severity == Severity::Error);
    findings.extend(bids.map(|(index, finding)| (format!("override.{index}"), finding)));
    if findings.is_empty() { Ok(rows) } else { Err(findings) }
}

/// What is doubtful in the bids of overrides, now that their units are known.
pub fn doubts(file: &PlanFile, units: &[Unit]) -> Vec<Finding> {
    let doubts = bid_findings(file, units).filter(|(_, finding)| finding.severity != Severity::Error);
    doubts.map(|(_, finding)| finding).collect()
}

/// What is wrong with the bids of overrides: which limits they meet is not known before their units are.
fn bid_findings(file: &PlanFile, units: &[Unit]) -> impl Iterator<Item = (usize, Finding)> {
    file.overrides.iter().enumerate().filter(|(_, change)| change.bid.is_some()).flat_map(
        |(index, change)| {
            let reached = units.iter().filter(|unit| change.scope.has_unit(unit)).map(|unit| unit.channel);
            let channels: BTreeSet<Channel> = reached.collect();
            let found = channels.into_iter().flat_map(|channel| file.bid_findings(change, channel));
            found.map(move |mut finding| {
                finding.cause = format!("override {}: {}", index + 1, finding.cause);
                (index, finding)
            })
        },
    )
}

/// One of a unit's names.
type NameOf = fn(&Unit) -> &str;

/// The name that one of a scope's names was meant to be, where no unit has that.
fn meant<'u>(scope: &Scope, units: &'u [Unit]) -> Option<&'u str> {
    let names: [(_, NameOf); 3] = [
        (&scope.campaign, |unit| &unit.campaign),
        (&scope.unit, |unit| &unit.unit),
        (&scope.product, |unit| unit.product.as_deref().unwrap_or("")),
    ];
    names.into_iter().find_map(|(asked, of)| {
        let asked = asked.as_ref()?.as_slice().iter().filter(|name| !name.contains('*'));
        let unknown = |name: &&String| units.iter().all(|unit| of(unit) != name.as_str());
        let mut unknown = asked.filter(unknown);
        unknown.find_map(|name| nearest(name, units.iter().map(of)))
    })
}

/// Splits a reach by the keys of `per`; labels such as `channel=search hour=20`.
fn split(rule: &Rule, whole: &Reach, file: &PlanFile, units: &[Unit], date: &str) -> Vec<(String, Reach)> {
    let mut parts = vec![(Vec::<String>::new(), whole.clone())];
    for key in rule.keys() {
        parts = parts
            .into_iter()
            .flat_map(|(label, reach)| by_key(*key, &label, &reach, file, units, date))
            .collect();
    }
    parts.into_iter().map(|(label, reach)| (label.join(" "), reach)).collect()
}

fn by_key(
    key: Key,
    label: &[String],
    reach: &Reach,
    file: &PlanFile,
    units: &[Unit],
    date: &str,
) -> Vec<(Vec<String>, Reach)> {
    let labelled = |text: String| label.iter().cloned().chain([text]).collect::<Vec<_>>();
    if key.is_clock() {
        let mut masks: Vec<(String, u32)> = Vec::new();
        for hour in (0..HOURS as u8).filter(|hour| reach.hours >> hour & 1 == 1) {
            for name in key.of_hour(hour, date, &file.phases) {
                match masks.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, mask)) => *mask |= 1 << hour,
                    None => masks.push((name, 1 << hour)),
                }
            }
        }
        return masks
            .into_iter()
            .map(|(name, hours)| (labelled(name), Reach { units: reach.units.clone(), hours }))
            .collect();
    }
    // Units are sorted by channel and campaign, and so are the rows.
    let mut sets: Vec<(String, Vec<u32>)> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for unit in &reach.units {
        let Some(name) = key.of_unit(&units[*unit as usize]) else { continue };
        let at = *index.entry(name.clone()).or_insert_with(|| {
            sets.push((name, Vec::new()));
            sets.len() - 1
        });
        sets[at].1.push(*unit);
    }
    sets.into_iter().map(|(name, units)| (labelled(name), Reach { units, hours: reach.hours })).collect()
}
