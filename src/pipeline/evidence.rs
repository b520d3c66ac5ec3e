//! What proves a plan: its objective beside what no mix of rungs can exceed.

use super::day::{Day, Solved};
use crate::metric::Outcome;
use crate::plan::choose::Choice;
use crate::plan::{Evidence, PlanCell};
use crate::program::rows::{Reach, RuleRow};
use crate::program::{Side, Weights};
use crate::solver::certify;

impl Day<'_> {
    /// The evidence of cells: of those that were chosen, or of others, such as a person approved.
    pub(super) fn evidence(
        &self,
        solved: &Solved,
        choice: Option<&Choice>,
        cells: &[PlanCell],
        solver: &str,
    ) -> Evidence {
        let program = &self.model.program;
        let certificate = certify(program, &solved.x, &solved.prices, &solved.decided);
        let total: Outcome = cells.iter().filter(|cell| cell.run).map(|cell| cell.outcome).sum();
        // Under a confidence the program's rows leave room, soft ones too, and the bound counts what that costs.
        let penalty = match choice.filter(|_| self.slopes.is_some()) {
            Some(choice) => choice.penalty,
            None => self.penalty(cells),
        };
        let objective = dot(&program.objective, &total) - penalty;
        Evidence {
            solver: solver.to_string(),
            relaxed: solved.relaxed,
            bound: solved.bound,
            objective,
            penalty,
            // A bid between two rungs may earn a little more than their mix: that is no gap.
            gap: ((solved.bound - objective) / solved.bound.abs().max(1.0)).max(0.0),
            relaxed_gap: certificate.gap,
            violation: certificate.violation,
            rounding_cost: certificate.objective - objective,
            mended_cells: choice.map_or(0, |choice| choice.moved),
            by_hand: 0,
            by_hand_cost: 0.0,
            iterations: solved.iterations,
            columns: program.columns.count(),
            ladders: program.columns.ladders.len(),
            rows: program.rows.len(),
        }
    }

    /// Objective lost to broken soft rules: by how much each of their rows is broken, as the program has it, times its
    /// weight.
    fn penalty(&self, cells: &[PlanCell]) -> f64 {
        let rows = self.model.program.rows.iter().zip(&self.model.keys);
        let lost = rows.filter_map(|(row, key)| {
            let weight = row.penalty?;
            Some(weight * self.broken(&self.model.rule_rows[key.rule_row], key.side, cells))
        });
        lost.sum()
    }

    /// By how much cells break a rule row, as a sum: a ratio N ÷ D ≥ b by what N − b·D lacks.
    fn broken(&self, row: &RuleRow, side: Side, cells: &[PlanCell]) -> f64 {
        let file = &self.request.file;
        let rule = &file.rules[row.rule];
        let total = |reach: &Reach| -> Outcome {
            let inside = cells.iter().filter(|cell| cell.run && reach.holds(cell.cell));
            inside.map(|cell| cell.outcome).sum()
        };
        let (numerator, denominator) = rule.metric.weights(file.plan.margin);
        let sum = total(&row.reach);
        let (plain, share) = match side {
            Side::Min => (rule.min, rule.min_share),
            Side::Max => (rule.max, rule.max_share),
        };
        let bound = match (&row.of, denominator) {
            (Some(of), _) => share.unwrap_or(0.0) * dot(&numerator, &total(of)),
            (None, Some(denominator)) => plain.unwrap_or(0.0) * dot(&denominator, &sum),
            (None, None) => plain.unwrap_or(0.0),
        };
        let lacks =
            if side == Side::Min { bound - dot(&numerator, &sum) } else { dot(&numerator, &sum) - bound };
        lacks.max(0.0)
    }
}

fn dot(weights: &Weights, outcome: &Outcome) -> f64 {
    weights.iter().zip(outcome.measures()).map(|(weight, measure)| weight * measure).sum()
}
