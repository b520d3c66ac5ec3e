//! The frontier around today's rules, for the report: the ROI and the budget that hold most back.

use std::sync::Arc;

use super::Finished;
use super::board::{Asked, Board, Last};
use crate::config::PlanFile;
use crate::error::Result;
use crate::frontier::{self, Frontier, Move, Range, Scene};
use crate::metric::Metric;
use crate::plan::{Plan, RuleValue, Status};
use crate::program::Side;

/// Steps of a frontier, about.
const STEPS: f64 = 7.0;
/// How far it reaches to either side of today's bound, as a share of it.
const REACH: f64 = 0.3;
/// Columns beyond which there is none: a step that the structured solver cannot prove goes to the general one.
const MOST_COLUMNS: usize = 50_000;

/// One frontier for the ROI rule and one for the budget, where there are such rules. Steps are all within what
/// a plan can meet, so none of them has to look for the edge.
pub(super) fn around(finished: &Finished<'_>) -> Result<Vec<Frontier>> {
    let Finished { day, plan, solver, limits, layout, .. } = *finished;
    let file = &day.request.file;
    let columns = day.model.program.columns.count();
    if plan.status != Status::Optimal || columns > MOST_COLUMNS {
        return Ok(Vec::new());
    }
    let asked = Asked { landscapes: day.landscapes, request: day.request, solver, limits };
    let rules = [(Metric::Roi, Side::Min), (Metric::Spend, Side::Max)];
    let mut frontiers = Vec::new();
    for (metric, side) in rules {
        let Some(moved) = moved(file, plan, metric, side) else { continue };
        let scene = Scene { file, date: plan.date, units: &plan.units, columns, solver: solver.name() };
        let moves = vec![moved];
        let board = Board::new(Arc::clone(layout), day.model.rule_rows.clone(), moves.clone());
        let mut last = Last::default();
        let mut step = |bounds: &[Option<f64>]| board.at(&asked, bounds, &mut last, &mut |_| {});
        let frontier = frontier::walk(&scene, &moves, &mut step)?;
        if !frontier.stopped() {
            frontiers.push(frontier);
        }
    }
    Ok(frontiers)
}

/// The rule of a kind with most at stake, and the bounds to try.
fn moved(file: &PlanFile, plan: &Plan, metric: Metric, side: Side) -> Option<Move> {
    let bound = |rule: &RuleValue| if side == Side::Min { rule.min } else { rule.max };
    let rows = plan.rules.iter().filter(|rule| rule.metric == metric && !rule.share && !rule.soft);
    let stake = |rule: &RuleValue| rule.shadow_price * bound(rule).unwrap_or(0.0);
    // The first of those with the same stake: a later one must have more.
    let (row, today) = rows
        .filter_map(|row| Some((row, bound(row).filter(|bound| *bound > 0.0)?)))
        .reduce(|best, row| if stake(row.0) > stake(best.0) { row } else { best })?;
    let rule = file.rules.iter().position(|rule| rule.name == row.rule)?;
    // What today's plan has can be met; beyond it only where nothing asks for a minimum.
    let values = plan.rules.iter().filter(|other| other.rule == row.rule).filter_map(|other| other.value);
    let (low, high) = match side {
        Side::Min => {
            let most = values.fold(f64::INFINITY, f64::min);
            let beyond = if has_floor(file, plan) { most } else { (1.0 + REACH) * most.max(today) };
            // Looser than a bound that costs nothing is nothing new.
            let least = if row.shadow_price > 0.0 { (1.0 - REACH) * today } else { today };
            (least, beyond.min(10.0 * today))
        }
        Side::Max => {
            let least = if has_floor(file, plan) { today } else { (1.0 - REACH) * today };
            (least, if row.shadow_price > 0.0 { (1.0 + REACH) * today } else { today })
        }
    };
    let range = even(low, high, today);
    (range.values.len() > 2).then_some(Move { rule, side, share: false, range })
}

/// Whether anything must run: then a tighter bound may have no plan.
fn has_floor(file: &PlanFile, plan: &Plan) -> bool {
    let sum = |rule: &crate::config::Rule| !rule.metric.is_ratio() && rule.min.is_some() && !rule.soft;
    let given = |reason: &crate::reason::Reason| matches!(reason.kind(), "fixed_bid" | "unmanaged");
    file.rules.iter().any(sum) || plan.cells.iter().any(|cell| given(&cell.reason))
}

/// Round numbers from one end to the other, and today's bound among them.
fn even(low: f64, high: f64, today: f64) -> Range {
    let rough = (high - low) / STEPS;
    if rough.is_nan() || rough <= 0.0 {
        return Range { values: Vec::new() };
    }
    let size = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|one| one * size)
        .find(|step| *step >= rough * (1.0 - 1e-9))
        .unwrap_or(rough);
    let digits = (-step.log10().floor()).max(0.0) as usize;
    let round = |at: i64| format!("{:.digits$}", at as f64 * step).parse().unwrap_or(at as f64 * step);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let mut values: Vec<f64> = (first..=last).map(round).chain([today]).collect();
    values.sort_by(f64::total_cmp);
    values.dedup_by(|a, b| (*a - *b).abs() < 1e-9 * b.abs());
    Range { values }
}

#[cfg(test)]
mod tests {
    use super::even;

    #[test]
    fn steps_are_round_and_hold_todays_bound() {
        assert_eq!(
            even(28_000.0, 52_000.0, 40_000.0).values,
            [30_000.0, 35_000.0, 40_000.0, 45_000.0, 50_000.0]
        );
        assert_eq!(even(1.4, 2.6, 2.0).values, [1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6]);
        let odd = even(0.7, 1.3, 0.93).values;
        assert!(odd.contains(&0.93) && odd.is_sorted());
        assert!(even(2.0, 2.0, 2.0).values.is_empty());
    }
}
