//! Ladders and rules → program.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Model, RowKey, Side};
use super::rows::RuleRow;
use super::{MEASURES, Program, Row, Term, Weights};
use crate::config::{Objective, PlanFile};
use crate::keys::Cell;
use crate::ladder::Ladders;
use crate::metric::{Measure, Metric};

/// The metric that an objective maximises.
pub fn objective_metric(objective: Objective) -> Metric {
    match objective {
        Objective::Revenue => Metric::Revenue,
        Objective::Profit => Metric::Profit,
        Objective::Orders => Metric::Orders,
        Objective::Clicks => Metric::Clicks,
    }
}

/// A program row before it is in the program: what it weighs inside its reach, and in the cells that
/// it is a share of.
struct Form {
    key: RowKey,
    inside: Weights,
    of: Weights,
    row: Row,
}

/// Another bound for one row, in place of its rule's.
#[derive(Debug, Clone, Copy)]
pub struct Rebound {
    /// The row.
    pub key: RowKey,
    /// Its bound.
    pub bound: f64,
}

/// Builds the program of a day for `units` units, with one row's bound replaced if asked.
pub fn build(
    ladders: &Ladders,
    rule_rows: Vec<RuleRow>,
    file: &PlanFile,
    units: usize,
    rebound: Option<Rebound>,
) -> Model {
    let margin = file.plan.margin;
    let (objective, _) = objective_metric(file.plan.objective).weights(margin);
    let forms: Vec<Form> = rule_rows
        .iter()
        .enumerate()
        .flat_map(|(index, row)| forms(index, row, file, margin, rebound))
        .collect();
    let by_unit = forms_by_unit(&forms, &rule_rows, units);
    let terms = |cell: Cell| -> Vec<Term> {
        let mut terms = Vec::new();
        for at in &by_unit[cell.unit as usize] {
            let form = &forms[*at];
            let rule_row = &rule_rows[form.key.rule_row];
            let mut weights = [0.0; MEASURES];
            if rule_row.reach.holds(cell) {
                add(&mut weights, &form.inside);
            }
            if rule_row.of.as_ref().is_some_and(|of| of.holds(cell)) {
                add(&mut weights, &form.of);
            }
            if weights != [0.0; MEASURES] {
                terms.push(Term { row: *at, weights });
            }
        }
        terms
    };

    let weighed = |measure: &usize| {
        objective[*measure] != 0.0
            || forms.iter().any(|form| form.inside[*measure] != 0.0 || form.of[*measure] != 0.0)
    };
    let kept: Vec<usize> = (0..MEASURES).filter(weighed).collect();
    let mut hour_groups = Vec::with_capacity(ladders.ladders.len());
    let mut program = Program::of(objective, &kept);
    program.rows = forms.iter().map(|form| form.row).collect();
    let mut group_of: HashMap<Vec<(usize, [u64; MEASURES])>, usize> = HashMap::new();
    for ladder in &ladders.ladders {
        let rungs = ladder.bids.len();
        let mut groups = Vec::with_capacity(ladder.hours.len());
        let mut blocks: Vec<(usize, Vec<Weights>)> = Vec::new();
        for (index, hour) in ladder.hours.iter().enumerate() {
            let terms = terms(Cell { unit: ladder.unit, hour: *hour });
            let signature = terms.iter().map(|term| (term.row, term.weights.map(f64::to_bits))).collect();
            let group = *group_of.entry(signature).or_insert_with(|| program.add_group(terms));
            groups.push(group);
            // Hours that the same rows reach share a block.
            let at = blocks.iter().position(|(of, _)| *of == group).unwrap_or_else(|| {
                blocks.push((group, vec![[0.0; MEASURES]; rungs]));
                blocks.len() - 1
            });
            for (sums, outcome) in blocks[at].1.iter_mut().zip(ladder.at_hour(index)) {
                add(sums, &outcome.measures());
            }
        }
        hour_groups.push(groups);
        let blocks: Vec<(usize, &[Weights])> =
            blocks.iter().map(|(group, outcomes)| (*group, outcomes.as_slice())).collect();
        program.add_ladder(ladder.whole, &blocks);
    }

    // What is given uses up part of every bound.
    let mut given = vec![0.0; program.rows.len()];
    for cell in &ladders.given {
        let measures = cell.outcome.measures();
        program.constant += dot(&objective, &measures);
        for term in terms(cell.cell) {
            given[term.row] += dot(&term.weights, &measures);
        }
    }
    for (row, given) in program.rows.iter_mut().zip(&given) {
        row.lower -= given;
        row.upper -= given;
    }
    Model {
        program,
        keys: forms.iter().map(|form| form.key).collect(),
        rule_rows,
        given,
        hour_groups: Arc::new(hour_groups),
    }
}

fn add(to: &mut Weights, from: &Weights) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

fn dot(weights: &Weights, measures: &Weights) -> f64 {
    weights.iter().zip(measures).map(|(weight, measure)| weight * measure).sum()
}

/// For each unit, the forms whose reach or share base holds it.
fn forms_by_unit(forms: &[Form], rule_rows: &[RuleRow], units: usize) -> Vec<Vec<usize>> {
    let mut by_unit = vec![Vec::new(); units];
    for (at, form) in forms.iter().enumerate() {
        let row = &rule_rows[form.key.rule_row];
        for reach in [Some(&row.reach), row.of.as_ref()].into_iter().flatten() {
            for unit in &reach.units {
                let forms: &mut Vec<usize> = &mut by_unit[*unit as usize];
                if forms.last() != Some(&at) {
                    forms.push(at);
                }
            }
        }
    }
    by_unit
}

/// The program rows of a rule row. A ratio N ÷ D ≥ b is N − b·D ≥ 0; a share of M is m − s·M ≥ 0.
fn forms(
    rule_row: usize,
    row: &RuleRow,
    file: &PlanFile,
    margin: f64,
    rebound: Option<Rebound>,
) -> Vec<Form> {
    let rule = &file.rules[row.rule];
    let penalty = if rule.soft { rule.weight } else { None };
    let (numerator, denominator) = rule.metric.weights(margin);
    let none = [0.0; MEASURES];
    let bounded = |side: Side, inside: Weights, of: Weights, bound: f64| {
        let (lower, upper) = match side {
            Side::Min => (bound, f64::INFINITY),
            Side::Max => (f64::NEG_INFINITY, bound),
        };
        Form { key: RowKey { rule_row, side }, inside, of, row: Row { lower, upper, penalty } }
    };
    let mut forms = Vec::new();
    for (side, bound, share) in [(Side::Min, rule.min, rule.min_share), (Side::Max, rule.max, rule.max_share)]
    {
        let key = RowKey { rule_row, side };
        let rebound =
            |bound: f64| rebound.filter(|rebound| rebound.key == key).map_or(bound, |rebound| rebound.bound);
        let (bound, share) = (bound.map(rebound), share.map(rebound));
        if let Some(bound) = bound {
            forms.push(match denominator {
                None => bounded(side, numerator, none, bound),
                Some(denominator) => {
                    let mut inside = numerator;
                    add(&mut inside, &denominator.map(|weight| -bound * weight));
                    bounded(side, inside, none, 0.0)
                }
            });
        }
        if let Some(share) = share {
            forms.push(bounded(side, numerator, numerator.map(|weight| -share * weight), 0.0));
        }
    }
    forms
}

// The program's measures are the metric's.
const _: () = assert!(MEASURES == Measure::ALL.len());
