//! Rules of a day under way that can be kept no more, or only at a price that nobody would pay: they are given up for
//! the day, and end no worse than the plan of the morning would leave them. (`models/formulation.md` §12)

use tracing::info;

use super::day::{Day, Solved};
use crate::error::Result;
use crate::keys::Cell;
use crate::metric::Metric;
use crate::program::{Model, Program, Side};
use crate::solver::{self, Solver, Status, conflict};

/// Share of a lost row's activity by which the best point may be further.
const ROOM: f64 = 1e-5;
/// Rounds of giving up; each gives up one row at least.
const ROUNDS: usize = 8;

impl Day<'_> {
    /// A day under way without the rows that are lost, those that the `nearest` point to `found` breaks, and without ROI
    /// rows that are too dear; `found` as it is where there are none.
    ///
    /// The nearest point gives up whatever a lost row asks for: hours of sales for an ROI that ends below its bound all
    /// the same. A cap on a sum is another matter: what is over it grows with all that is bought, so nothing more is.
    ///
    /// # Errors
    /// A numerical failure of the solver.
    pub(super) fn within_reason(
        &self,
        found: Solved,
        nearest: Option<&[f64]>,
        solver: &dyn Solver,
        limits: &solver::Limits<'_>,
    ) -> Result<Solved> {
        if self.kept.is_empty() {
            return Ok(found);
        }
        let asked = &self.model.program;
        let kept = self.in_force();
        let mut program = asked.clone();
        if let Some(x) = nearest {
            conflict::give_way(&mut program, x, ROOM);
        }
        let lost = |program: &Program, row: usize| program.rows[row] != asked.rows[row];
        for (row, kept) in kept.iter().enumerate() {
            if lost(&program, row) {
                self.loosen(&mut program, row, *kept);
            }
        }
        let mut given_up = program != *asked;
        let mut last = found;
        for _ in 0..ROUNDS {
            if given_up {
                let model = Model { program: program.clone(), ..self.model.clone() };
                let solved = Day { model: &model, ..*self }.best(solver, limits)?;
                if solved.status != Status::Optimal {
                    break;
                }
                last = solved;
            }
            let dear: Vec<usize> = (0..kept.len()).filter(|row| self.dear(*row, &last)).collect();
            let before = program.clone();
            for row in dear.into_iter().filter(|row| !lost(&before, *row)) {
                self.loosen(&mut program, row, kept[row]);
            }
            if program == before {
                break;
            }
            info!("an ROI rule costs more than it is worth today; it is given up");
            given_up = true;
        }
        Ok(last)
    }

    /// Moves a row's bound outwards to an activity, where it is further out.
    fn loosen(&self, program: &mut Program, at: usize, activity: f64) {
        let key = self.model.keys[at];
        let row = &self.model.rule_rows[key.rule_row];
        let sum = !self.request.file.rules[row.rule].metric.is_ratio() && row.of.is_none();
        let bounds = &mut program.rows[at];
        match key.side {
            Side::Min => bounds.lower = bounds.lower.min(activity),
            Side::Max if !sum => bounds.upper = bounds.upper.max(activity),
            Side::Max => {}
        }
    }

    /// Whether more of the objective is given up for an ROI row than `[replan] dearest` allows: revenue for each unit of
    /// money by which revenue − bound · spend grows.
    fn dear(&self, at: usize, solved: &Solved) -> bool {
        let key = self.model.keys[at];
        let file = &self.request.file;
        let rule = &file.rules[self.model.rule_rows[key.rule_row].rule];
        if rule.metric != Metric::Roi || key.side != Side::Min || rule.soft {
            return false;
        }
        // Other objectives by what a unit of revenue is worth in them.
        let program = &self.model.program;
        let [.., of_revenue] = program.objective;
        let revenue = || self.ladders.under(&solved.x, |_| true).revenue;
        let worth = if of_revenue > 0.0 { of_revenue } else { program.value(&solved.x) / revenue() };
        let dearest = file.replan.dearest;
        solved.prices[at].abs() > dearest * worth
    }

    /// Activity of the program's rows under the plan of the morning, in the cells to plan.
    fn in_force(&self) -> Vec<f64> {
        let program = &self.model.program;
        let mut activity = vec![0.0; program.rows.len()];
        for (ladder, groups) in self.ladders.ladders.iter().zip(self.model.hour_groups.iter()) {
            for (hour, group) in ladder.hours.iter().zip(groups) {
                let cell = Cell { unit: ladder.unit, hour: *hour };
                let Ok(at) = self.kept.binary_search_by_key(&cell, |(cell, _)| *cell) else { continue };
                let measures = self.kept[at].1.measures();
                for term in &program.groups[*group] {
                    let sum: f64 = term.weights.iter().zip(measures).map(|(weight, sum)| weight * sum).sum();
                    activity[term.row] += sum;
                }
            }
        }
        activity
    }
}
