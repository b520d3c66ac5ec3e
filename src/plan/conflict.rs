//! Why no plan meets the rules, in the rules' own units. (`models/formulation.md` §8)

use super::{Conflict, Relaxation};
use crate::config::PlanFile;
use crate::ladder::Ladders;
use crate::metric::{Metric, Outcome};
use crate::program::rows::RuleRow;
use crate::program::{Model, Rebound, RowKey, Side, build};
use crate::solver::{Limits, Solver, Status, certify, conflict, integer::FREE};

/// Solves of Newton's iteration for a ratio; it converges in four or five.
const STEPS: usize = 8;

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
    Ok(Conflict { rules: names, relaxations })
}

/// The bound nearest to a row's own that can be met with every other hard row kept: the least violation
/// of this row alone, and, since a ratio row's violation depends on its bound, the same again at the
/// ratio that was reached (Dinkelbach's iteration) until nothing is broken.
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
        let scale = conflict::scales(&trial.program)[row];
        trial.program.objective = [0.0; crate::program::MEASURES];
        trial.program.constant = 0.0;
        for (index, other) in trial.program.rows.iter_mut().enumerate() {
            if index == row {
                other.penalty = Some(1.0 / scale);
            } else if other.penalty.is_some() {
                (other.lower, other.upper) = (f64::NEG_INFINITY, f64::INFINITY);
            }
        }
        let solution = solver.solve(&trial.program, FREE, limits)?;
        if solution.status != Status::Optimal {
            break;
        }
        let violation = -certify(&trial.program, &solution.x, &solution.prices, FREE).objective;
        if violation <= 1e-7 {
            reachable = Some(bound);
            break;
        }
        let next = value(rule_row, rule.metric, ladders, &solution.x, &trial, file.plan.margin);
        match next {
            Some(next) if next.is_finite() && (next - bound).abs() > 1e-9 * bound.abs() => bound = next,
            Some(next) => {
                reachable = Some(next);
                break;
            }
            None => break,
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
    Ok(Relaxation { rule: name, metric: rule.metric, bound: asked, reachable, sentence })
}

/// The metric of a rule row under a solution, shares included.
fn value(
    row: &RuleRow,
    metric: Metric,
    ladders: &Ladders,
    x: &[f64],
    model: &Model,
    margin: f64,
) -> Option<f64> {
    let sum = |reach: &crate::program::rows::Reach| -> Outcome {
        let holds =
            |unit: u32, hour: u8| reach.hours >> hour & 1 == 1 && reach.units.binary_search(&unit).is_ok();
        let mut sum: Outcome = ladders
            .given
            .iter()
            .filter(|given| holds(given.cell.unit, given.cell.hour))
            .map(|given| given.outcome)
            .sum();
        for (index, ladder) in ladders.ladders.iter().enumerate() {
            let shares = &x[model.program.ladders[index].columns.clone()];
            for (at, hour) in ladder.hours.iter().enumerate().filter(|(_, hour)| holds(ladder.unit, **hour)) {
                let _ = hour;
                for (outcome, share) in ladder.at_hour(at).iter().zip(shares) {
                    sum += *outcome * *share;
                }
            }
        }
        sum
    };
    let inside = metric.of(&sum(&row.reach), margin)?;
    match &row.of {
        Some(of) => metric.of(&sum(of), margin).filter(|of| *of != 0.0).map(|of| inside / of),
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
