//! Why no plan meets the rules, in the rules' own units. (`models/formulation.md` §8)

use super::relax::Relaxer;
use super::{Conflict, Proof, Relaxation, RowPrice};
use crate::config::PlanFile;
use crate::ladder::Ladders;
use crate::metric::Measure;
use crate::program::rows::RuleRow;
use crate::program::{Model, Row, RowKey, Side, Weights};
use crate::solver::integer::FREE;
use crate::solver::{Limits, Solver, Status, certify, conflict};

/// Where the rules stand.
pub struct Scene<'a> {
    /// The ladders.
    pub ladders: &'a Ladders,
    /// The plan file.
    pub file: &'a PlanFile,
    /// How many units there are.
    pub units: usize,
    /// What becomes of a program on expected values, where its rows leave room for their spread.
    pub leaning: &'a dyn Fn(Model) -> Model,
}

/// Names the smallest set of contradicting rules and, for each, the bound that could be met.
///
/// # Errors
/// A numerical failure of the solver.
pub fn explain(
    scene: &Scene<'_>,
    model: &Model,
    solver: &dyn Solver,
    limits: &Limits<'_>,
) -> Result<Conflict, String> {
    let rule_of = |row: usize| model.rule_rows[model.keys[row].rule_row].rule;
    let rows = conflict::smallest_set(&model.program, rule_of, solver, limits)?;
    let relaxer = Relaxer { scene, model, solver, limits };
    let (mut relaxations, mut names): (Vec<Relaxation>, Vec<String>) = Default::default();
    let mut left = rows.clone();
    while let Some(first) = left.first() {
        let rule = rule_of(*first);
        let together: Vec<RowKey> =
            left.extract_if(.., |row| rule_of(*row) == rule).map(|row| model.keys[row]).collect();
        for side in [Side::Min, Side::Max] {
            let keys: Vec<RowKey> = together.iter().copied().filter(|key| key.side == side).collect();
            let (name, relaxation) = match keys.as_slice() {
                [] => continue,
                [key] => relaxer.row(*key)?,
                keys => relaxer.rule(keys)?,
            };
            if !names.contains(&name) {
                names.push(name);
            }
            relaxations.push(relaxation);
        }
    }
    let proof = prove(&rows, model, scene.file, solver, limits)?;
    Ok(Conflict { rules: names, relaxations, proof, broken: Vec::new() })
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
