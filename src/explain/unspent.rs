//! Budgets that are not used up, and what stands before them.

use serde::Serialize;

use super::{Idle, Scene, idle};
use crate::metric::Metric;
use crate::program::rows::RuleRow;

/// A budget with less left of it than this share counts as used up.
const LEFT: f64 = 0.005;

/// Money that stays unspent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unspent {
    /// The rule.
    pub rule: String,
    /// Its scope in words.
    pub scope: String,
    /// The budget.
    pub max: f64,
    /// What the plan spends of it.
    pub spent: f64,
    /// What its units would spend at their highest admissible bids, rules aside.
    pub could: f64,
    /// The chance with which the budget is to hold, where the money stays for that alone: it is spent as far as the
    /// spread of outcomes allows.
    pub kept_for: Option<f64>,
    /// Other rule rows with a price that reach some of its units, and so come first.
    pub held_by: Vec<String>,
    /// Its cells that do not run.
    pub idle: Vec<Idle>,
}

/// All of them, most money first.
pub(super) fn of(scene: &Scene<'_>) -> Vec<Unspent> {
    let (file, rows) = (scene.file, &scene.model.rule_rows);
    let mut found: Vec<Unspent> = Vec::new();
    for value in scene.plan.rules.iter().filter(|value| value.metric == Metric::Spend && !value.share) {
        let (Some(max), Some(spent)) = (value.max, value.value) else { continue };
        let is_row = |row: &&RuleRow| file.rules[row.rule].name == value.rule && row.scope == value.scope;
        let Some(row) = rows.iter().find(is_row).filter(|_| max - spent > LEFT * max) else { continue };
        let meets = |other: &RuleRow| {
            other.reach.hours & row.reach.hours != 0
                && other.reach.units.iter().any(|unit| row.reach.units.binary_search(unit).is_ok())
        };
        let held_by = scene
            .plan
            .rules
            .iter()
            .filter(|rule| {
                rule.shadow_price > 0.0 && (&rule.rule, &rule.scope) != (&value.rule, &value.scope)
            })
            .filter(|rule| {
                rows.iter()
                    .filter(|row| file.rules[row.rule].name == rule.rule && row.scope == rule.scope)
                    .any(meets)
            })
            .map(ToString::to_string)
            .collect();
        found.push(Unspent {
            rule: value.rule.clone(),
            scope: value.scope.clone(),
            max,
            spent,
            could: could(scene, row),
            kept_for: (value.shadow_price > 0.0).then_some(file.plan.confidence),
            held_by,
            idle: idle(scene.plan, |unit| row.reach.units.binary_search(&unit).is_ok()),
        });
    }
    found.sort_by(|a, b| (b.max - b.spent).total_cmp(&(a.max - a.spent)));
    found
}

/// What the highest admissible bids would spend in the row's cells.
fn could(scene: &Scene<'_>, row: &RuleRow) -> f64 {
    let holds = |unit, hour| row.reach.holds(crate::keys::Cell { unit, hour });
    let given = scene.ladders.given.iter().filter(|given| row.reach.holds(given.cell));
    let most = scene.ladders.ladders.iter().map(|ladder| {
        let spend = |rung: usize| -> f64 {
            let hours = ladder.hours.iter().enumerate().filter(|(_, hour)| holds(ladder.unit, **hour));
            hours.map(|(at, _)| ladder.at_hour(at)[rung].spend).sum()
        };
        (0..ladder.bids.len()).map(spend).fold(0.0, f64::max)
    });
    given.map(|given| given.outcome.spend).sum::<f64>() + most.sum::<f64>()
}
