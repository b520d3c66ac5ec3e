//! The bound that could be met: how far a rule would have to give way, all others kept.
//! (`models/formulation.md` §8)

use super::Relaxation;
use crate::config::{PlanFile, Rule};
use crate::ladder::Ladders;
use crate::metric::Metric;
use crate::program::rows::{Reach, RuleRow};
use crate::program::{MEASURES, Model, Rebound, RowKey, Side, build};
use crate::solver::{Limits, Solver, conflict, integer};

/// Solves of Newton's iteration for a ratio; it converges in four or five.
const STEPS: usize = 12;
/// A bound of many rows is doubled or halved so often before nothing is held to help, ...
const DOUBLED: usize = 20;
/// ... and then halved between what can be met and what cannot to this share of itself.
const EXACT: f64 = 1e-3;

/// Finds the bounds that contradicting rules could meet.
pub(super) struct Relaxer<'a> {
    pub(super) ladders: &'a Ladders,
    pub(super) model: &'a Model,
    pub(super) file: &'a PlanFile,
    pub(super) units: usize,
    pub(super) solver: &'a dyn Solver,
    pub(super) limits: &'a Limits<'a>,
}

impl Relaxer<'_> {
    /// The bound nearest to a row's own that can be met with every other hard row kept, beside the row's
    /// name: the most that this row's sum can be (for a `max`, the least). A ratio row's sum N − b·D depends
    /// on its bound b, so the same is done again at the ratio that was reached (Dinkelbach's iteration): the
    /// first step leads to a ratio that can be met, every further one to a better one, until none is.
    pub(super) fn row(&self, key: RowKey) -> Result<(String, Relaxation), String> {
        let rule_row = &self.model.rule_rows[key.rule_row];
        let rule = &self.file.rules[rule_row.rule];
        let mut bound = asked(rule, key.side);
        let mut reachable = None;
        for _ in 0..STEPS {
            if self.limits.reached() {
                break;
            }
            let rebound = Some(Rebound { key, bound });
            let mut trial = build(self.ladders, self.model.rule_rows.clone(), self.file, self.units, rebound);
            let Some(row) = trial.keys.iter().position(|other| *other == key) else { break };
            let reach = conflict::reach(&trial.program)[row].max(f64::MIN_POSITIVE);
            trial.program.objective = [0.0; MEASURES];
            trial.program.constant = 0.0;
            for (index, other) in trial.program.rows.iter_mut().enumerate() {
                if index == row {
                    // A bound beyond everything: its violation is then the distance to it.
                    match key.side {
                        Side::Min => other.lower = 2.0 * reach,
                        Side::Max => other.upper = -2.0 * reach,
                    }
                    other.penalty = Some(1.0 / reach);
                } else if other.penalty.is_some() {
                    (other.lower, other.upper) = (f64::NEG_INFINITY, f64::INFINITY);
                }
            }
            let Some(solution) = integer::solve(&trial.program, self.solver, self.limits)?.solution else {
                break;
            };
            let next = value(rule_row, rule.metric, self.ladders, &solution.x, self.file.plan.margin);
            let Some(next) = next else { break };
            let settled = (next - bound).abs() <= 1e-7 * bound.abs();
            (bound, reachable) = (next, Some(next));
            if settled || (!rule.metric.is_ratio() && rule_row.of.is_none()) {
                break;
            }
        }
        let name = rule_row.name(self.file);
        let relaxation = told(&name, rule, key.side, &rule_row.scope, reachable);
        Ok((name, relaxation))
    }

    /// The bound that a rule of many rows could have for all of them, beside the rule's name with the number
    /// of rows that contradict the others.
    pub(super) fn rule(&self, keys: &[RowKey]) -> Result<(String, Relaxation), String> {
        let at = self.model.rule_rows[keys[0].rule_row].rule;
        let (rule, side) = (&self.file.rules[at], keys[0].side);
        let all = self
            .model
            .keys
            .iter()
            .filter(|key| key.side == side && self.model.rule_rows[key.rule_row].rule == at);
        let scope = format!("{} of {} rows", keys.len(), all.count());
        let name = format!("{} [{scope}]", rule.name);
        let asked = asked(rule, side);
        let meets = |bound: f64| -> Result<bool, String> {
            let mut file = self.file.clone();
            let rule = &mut file.rules[at];
            let bounds = match side {
                Side::Min => [&mut rule.min, &mut rule.min_share],
                Side::Max => [&mut rule.max, &mut rule.max_share],
            };
            bounds.into_iter().flatten().for_each(|of| *of = bound);
            let trial = build(self.ladders, self.model.rule_rows.clone(), &file, self.units, None);
            Ok(!conflict::contradicts(&trial.program, self.solver, self.limits)?)
        };
        let away = if (side == Side::Max) == (asked > 0.0) { 2.0 } else { 0.5 };
        let (mut refused, mut met) = (asked, None);
        for _ in 0..DOUBLED {
            let next = refused * away;
            if self.limits.reached() || next == refused {
                break;
            }
            if meets(next)? {
                met = Some(next);
                break;
            }
            refused = next;
        }
        while let Some(bound) = met.filter(|bound| (bound - refused).abs() > EXACT * bound.abs()) {
            if self.limits.reached() {
                break;
            }
            let middle = 0.5 * (bound + refused);
            if meets(middle)? { met = Some(middle) } else { refused = middle }
        }
        let relaxation = told(&name, rule, side, &scope, met);
        Ok((name, relaxation))
    }
}

/// The bound as the plan file has it.
fn asked(rule: &Rule, side: Side) -> f64 {
    match side {
        Side::Min => rule.min.or(rule.min_share),
        Side::Max => rule.max.or(rule.max_share),
    }
    .unwrap_or(0.0)
}

fn told(name: &str, rule: &Rule, side: Side, scope: &str, reachable: Option<f64>) -> Relaxation {
    let bound = asked(rule, side);
    let metric = rule.metric.name();
    let (asks, best) = match side {
        Side::Min => ("at least", "most"),
        Side::Max => ("at most", "least"),
    };
    let sentence = match reachable {
        Some(reachable) => format!(
            "`{name}` asks for {metric} of {asks} {}; with every other rule kept, {} is the {best} that can be reached",
            figure(bound),
            figure(reachable)
        ),
        None => format!(
            "`{name}` asks for {metric} of {asks} {}; no other value of it alone would do: the other rules contradict each other too",
            figure(bound)
        ),
    };
    let (metric, rule, scope) = (rule.metric, rule.name.clone(), scope.to_owned());
    Relaxation { rule, scope, metric, bound, reachable, sentence }
}

/// The metric of a rule row under a solution, shares included.
fn value(row: &RuleRow, metric: Metric, ladders: &Ladders, x: &[f64], margin: f64) -> Option<f64> {
    let of = |reach: &Reach| metric.of(&ladders.under(x, |cell| reach.holds(cell)), margin);
    let inside = of(&row.reach)?;
    match &row.of {
        Some(base) => of(base).filter(|base| *base != 0.0).map(|base| inside / base),
        None => Some(inside),
    }
}

/// A number as a person would write it: four significant digits.
fn figure(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{value:.digits$}")
}
