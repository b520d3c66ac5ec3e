//! Why no plan meets the rules, in the rules' own units. (`models/formulation.md` §8)

use super::{Conflict, Proof, Relaxation, RowPrice};
use crate::config::PlanFile;
use crate::ladder::Ladders;
use crate::metric::{Measure, Metric};
use crate::program::rows::{Reach, RuleRow};
use crate::program::{Model, Rebound, Row, RowKey, Side, Weights, build};
use crate::solver::integer::FREE;
use crate::solver::{Limits, Solver, Status, certify, conflict, integer};

/// Solves of Newton's iteration for a ratio; it converges in four or five.
const STEPS: usize = 12;

/// Names the smallest set of contradicting rules and, for each, the bound that could be met.
///
/// # Errors
/// A numerical failure of the solver.
pub fn explain(
    ladders: &Ladders,
    model: &Model,
    file: &PlanFile,
    units: usize,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Conflict, String> {
    let rows = conflict::smallest_set(&model.program, solver, limits)?;
    let mut relaxations = Vec::new();
    for row in &rows {
        relaxations.push(relax(model.keys[*row], ladders, model, file, units, solver, limits)?);
    }
    let mut names: Vec<String> = Vec::new();
    for row in &rows {
        let name = model.rule_rows[model.keys[*row].rule_row].name(file);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let proof = prove(&rows, model, file, solver, limits)?;
    Ok(Conflict { rules: names, relaxations, proof })
}

/// The prices by which these rows alone contradict each other: those of the program that breaks them least,
/// divided by the first one. Its bound is below zero whatever the solver, or nothing is claimed.
fn prove(
    rows: &[usize],
    model: &Model,
    file: &PlanFile,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Option<Proof>, String> {
    let mut alone = model.program.clone();
    for (index, row) in alone.rows.iter_mut().enumerate() {
        if !rows.contains(&index) {
            // A soft row takes no part in a contradiction.
            *row = Row { penalty: Some(1.0), ..Row::FREE };
        }
    }
    let least = conflict::least(&alone);
    let solution = solver.solve(&least, FREE, None, limits)?;
    if solution.status != Status::Optimal {
        return Ok(None);
    }
    let prices = certify::lawful(&least, &solution.prices);
    let bound = certify::dual_bound(&least, &prices, FREE);
    let unit = rows.iter().map(|row| prices[*row].abs()).find(|price| *price > 0.0);
    let Some(unit) = unit.filter(|_| bound < 0.0) else { return Ok(None) };
    let price = |row: &usize| {
        let key = model.keys[*row];
        let rule_row = &model.rule_rows[key.rule_row];
        RowPrice {
            rule: file.rules[rule_row.rule].name.clone(),
            scope: rule_row.scope.clone(),
            row: in_words(rule_row, key.side, file),
            price: prices[*row].abs() / unit,
        }
    };
    Ok(Some(Proof { shortfall: -bound / unit, prices: rows.iter().map(price).collect() }))
}

/// A program row as a sum: `clicks ≥ 5000`, `revenue - 2 × spend ≥ 0`. (`models/formulation.md` §4)
fn in_words(row: &RuleRow, side: Side, file: &PlanFile) -> String {
    let rule = &file.rules[row.rule];
    let (sign, plain, share) = match side {
        Side::Min => ('≥', rule.min, rule.min_share),
        Side::Max => ('≤', rule.max, rule.max_share),
    };
    let (numerator, denominator) = rule.metric.weights(file.plan.margin);
    match (share, denominator) {
        (Some(share), _) => {
            let of = rule.of.as_ref().map_or_else(|| "plan".into(), ToString::to_string);
            format!("{} - {share} × ({} of {of}) {sign} 0", sum(&numerator), sum(&numerator))
        }
        (None, None) => format!("{} {sign} {}", sum(&numerator), plain.unwrap_or(0.0)),
        (None, Some(denominator)) => {
            let bound = plain.unwrap_or(0.0);
            format!("{} - {bound} × {} {sign} 0", sum(&numerator), sum(&denominator))
        }
    }
}

/// A weighted sum of measures in words.
fn sum(weights: &Weights) -> String {
    let terms = Measure::ALL.iter().zip(weights).filter(|(_, weight)| **weight != 0.0);
    let mut text = String::new();
    for (measure, weight) in terms {
        let (sign, first) = (if *weight < 0.0 { "- " } else { "+ " }, text.is_empty());
        let sign = if first { sign.trim_end().trim_start_matches('+') } else { sign };
        let factor = if weight.abs() == 1.0 { String::new() } else { format!("{} × ", weight.abs()) };
        text += &format!("{}{sign}{factor}{}", if first { "" } else { " " }, measure.name());
    }
    text
}

/// The bound nearest to a row's own that can be met with every other hard row kept: the most that this
/// row's sum can be (for a `max`, the least). A ratio row's sum N − b·D depends on its bound b, so the
/// same is done again at the ratio that was reached (Dinkelbach's iteration): the first step leads to a
/// ratio that can be met, every further one to a better one, until none is.
fn relax(
    key: RowKey,
    ladders: &Ladders,
    model: &Model,
    file: &PlanFile,
    units: usize,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Relaxation, String> {
    let rule_row = &model.rule_rows[key.rule_row];
    let rule = &file.rules[rule_row.rule];
    let asked = match key.side {
        Side::Min => rule.min.or(rule.min_share),
        Side::Max => rule.max.or(rule.max_share),
    }
    .unwrap_or(0.0);
    let mut bound = asked;
    let mut reachable = None;
    for _ in 0..STEPS {
        if limits.reached() {
            break;
        }
        let rebound = Some(Rebound { key, bound });
        let mut trial = build(ladders, model.rule_rows.clone(), file, units, rebound);
        let Some(row) = trial.keys.iter().position(|other| *other == key) else { break };
        let reach = conflict::reach(&trial.program)[row].max(f64::MIN_POSITIVE);
        trial.program.objective = [0.0; crate::program::MEASURES];
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
        let Some(solution) = integer::solve(&trial.program, solver, limits)?.solution else { break };
        let Some(next) = value(rule_row, rule.metric, ladders, &solution.x, file.plan.margin) else {
            break;
        };
        let settled = (next - bound).abs() <= 1e-7 * bound.abs();
        (bound, reachable) = (next, Some(next));
        if settled || (!rule.metric.is_ratio() && rule_row.of.is_none()) {
            break;
        }
    }
    let name = rule_row.name(file);
    let metric = rule.metric.name();
    let (asks, best) = match key.side {
        Side::Min => ("at least", "most"),
        Side::Max => ("at most", "least"),
    };
    let kept = "with every other rule kept";
    let sentence = match reachable {
        Some(reachable) => format!(
            "`{name}` asks for {metric} of {asks} {}; {kept}, {} is the {best} that can be reached",
            figure(asked),
            figure(reachable)
        ),
        None => format!(
            "`{name}` asks for {metric} of {asks} {}; no other value of it alone would do: the other rules contradict each other too",
            figure(asked)
        ),
    };
    Ok(Relaxation {
        rule: rule.name.clone(),
        scope: rule_row.scope.clone(),
        metric: rule.metric,
        bound: asked,
        reachable,
        sentence,
    })
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
