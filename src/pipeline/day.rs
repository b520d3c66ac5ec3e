//! The planned day: from its program to a plan that is executable, checked and priced.

use rayon::prelude::*;
use tracing::info;

use crate::config::Request;
use crate::error::{Error, Result};
use crate::keys::{Cell, Channel};
use crate::ladder::Ladders;
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::metric::Outcome;
use crate::plan::confidence::{Room, Slopes, Split};
use crate::plan::{Conflict, Outlook, PlanCell, Price, RuleValue, Status, check, conflict};
use crate::program::{Model, Side, mps, rows};
use crate::reason::Reason;
use crate::solver::{self, Solver, certify, integer};

/// Everything about the planned day that the later stages look at.
#[derive(Clone, Copy)]
pub(super) struct Day<'a> {
    pub(super) landscapes: &'a Landscapes,
    pub(super) forecast: &'a Forecast<'a>,
    pub(super) ladders: &'a Ladders,
    pub(super) model: &'a Model,
    pub(super) request: &'a Request,
    pub(super) day: &'a str,
    /// How far outcomes may lie from what is expected.
    pub(super) spread: &'a Spread,
    /// By what the program's rows leave room for it; nothing where they leave none.
    pub(super) slopes: Option<&'a Slopes>,
    /// What is decided of slots, by ladder, because the forecast counts on it; or nothing at all.
    pub(super) decided: &'a [Option<bool>],
    /// Of a day under way, what its plan in force would still bring in cells to plan, by cell.
    pub(super) kept: &'a [(Cell, Outcome)],
}

/// A rule with a price binds when the written plan is no further from its bound than this share of it: bids
/// on their steps seldom meet a bound exactly.
const AT_BOUND: f64 = 0.01;

/// What the solver stage hands on.
#[derive(Clone)]
pub(super) struct Solved {
    pub(super) x: Vec<f64>,
    pub(super) prices: Vec<f64>,
    pub(super) decided: Vec<Option<bool>>,
    pub(super) relaxed: f64,
    /// Objective of the point.
    pub(super) objective: f64,
    pub(super) bound: f64,
    pub(super) status: solver::Status,
    pub(super) iterations: u64,
}

impl<'a> Day<'a> {
    /// The best point; where there is none, one that proves nothing.
    pub(super) fn best(&self, solver: &dyn Solver, limits: &solver::Limits<'_>) -> Result<Solved> {
        let program = &self.model.program;
        let best = integer::solve_within(program, self.decided, solver, limits).map_err(Error::Internal)?;
        if let Some(solution) = best.solution {
            return Ok(Solved {
                x: solution.x,
                prices: certify::lawful(program, &solution.prices),
                decided: best.decided,
                relaxed: best.relaxed,
                objective: best.objective,
                bound: best.bound,
                status: best.status,
                iterations: best.iterations,
            });
        }
        if let Some(relaxation) = best.fallback {
            info!("stopped before a plan with whole slots was found; the relaxation is rounded");
            return Ok(Solved {
                x: relaxation.x,
                prices: certify::lawful(program, &relaxation.prices),
                decided: vec![None; program.columns.ladders.len()],
                relaxed: best.relaxed,
                objective: best.relaxed,
                bound: best.bound,
                status: best.status,
                iterations: best.iterations,
            });
        }
        // No solution to start from: bids are chosen from nothing, and only the weakest bound is proven.
        let bound = certify::dual_bound(program, &vec![0.0; program.rows.len()], integer::FREE);
        Ok(self.unsolved(vec![0.0; program.columns.count()], bound, best.status, best.iterations))
    }

    /// The best point with the undecided slots in parts; nothing where that is no optimum.
    pub(super) fn in_parts(
        &self,
        solver: &dyn Solver,
        limits: &solver::Limits<'_>,
    ) -> Result<Option<Solved>> {
        let program = &self.model.program;
        let solution = solver.solve(program, self.decided, None, limits).map_err(Error::Internal)?;
        if solution.status != solver::Status::Optimal {
            return Ok(None);
        }
        let certificate = certify(program, &solution.x, &solution.prices, self.decided);
        Ok(Some(Solved {
            prices: certify::lawful(program, &solution.prices),
            x: solution.x,
            decided: self.decided.to_vec(),
            relaxed: certificate.objective,
            objective: certificate.objective,
            bound: certificate.bound,
            status: solution.status,
            iterations: solution.iterations,
        }))
    }

    /// The best point, or the nearest when there is none.
    pub(super) fn solve(&self, solver: &dyn Solver, limits: &solver::Limits<'_>) -> Result<Solved> {
        let best = self.best(solver, limits)?;
        if best.status != solver::Status::Infeasible {
            return self.within_reason(best, None, solver, limits);
        }
        let program = &self.model.program;
        let nearest = solver::conflict::nearest(program, solver, limits).map_err(Error::Internal)?;
        let Some((solution, violation)) = nearest else {
            return Err(Error::Stopped(
                "no plan meets the rules, and the limit came before the nearest one was found".into(),
            ));
        };
        info!(violation, "no plan meets the rules; the nearest one is written");
        let (relaxed, iterations) = (program.value(&solution.x), best.iterations + solution.iterations);
        let nearest = solution.x.clone();
        self.within_reason(
            Solved { relaxed, objective: relaxed, x: solution.x, iterations, ..best },
            Some(&nearest),
            solver,
            limits,
        )
    }

    /// Why no plan meets the rules, as they stand under the nearest one; nothing where one could, and a day under way
    /// gives up rules that are too dear.
    pub(super) fn conflict(
        &self,
        rules: &[RuleValue],
        solver: &dyn Solver,
        limits: &solver::Limits<'_>,
    ) -> Result<Option<Conflict>> {
        let scene = conflict::Scene {
            ladders: self.ladders,
            file: &self.request.file,
            units: self.landscapes.units.len(),
            leaning: &|trial| self.leaning(trial, self.ladders),
        };
        let mut found = conflict::explain(&scene, self.model, solver, limits).map_err(Error::Internal)?;
        if found.rules.is_empty() {
            let broken = rules.iter().filter(|rule| !rule.met && !rule.soft);
            found.broken = broken.map(ToString::to_string).collect();
        }
        Ok(Some(found).filter(|found| self.kept.is_empty() || !found.rules.is_empty()))
    }

    /// A point that proves nothing.
    fn unsolved(&self, x: Vec<f64>, bound: f64, status: solver::Status, iterations: u64) -> Solved {
        let program = &self.model.program;
        Solved {
            x,
            prices: vec![0.0; program.rows.len()],
            decided: vec![None; program.columns.ladders.len()],
            relaxed: bound,
            objective: program.constant,
            bound,
            status,
            iterations,
        }
    }

    /// What the program's rows leave room for, if anything.
    pub(super) fn room(&self) -> Option<(Room<'_>, &Slopes)> {
        Some((Room::asked(self.spread, &self.request.file)?, self.slopes?))
    }

    /// A program on expected values, with the room that this day's program leaves.
    pub(super) fn leaning(&self, model: Model, ladders: &Ladders) -> Model {
        match self.room() {
            Some((room, slopes)) => Split::of(model, ladders, &room).leaning(slopes, &room),
            None => model,
        }
    }

    /// How far the finished plan's day may lie from what is expected of it.
    pub(super) fn outlook(&self, cells: &[PlanCell], price: Option<Price>) -> Outlook {
        let Day { request, landscapes, forecast, spread, day, .. } = self;
        super::outlook::outlook(&request.file, landscapes, forecast, (spread, day), cells, price)
    }

    /// What the rules make of cells.
    pub(super) fn rules(&self, cells: &[PlanCell]) -> Vec<RuleValue> {
        check::rules(cells, &self.landscapes.units, &self.request.file, self.day, Some(self.spread))
    }

    /// Counts cells again where other slots run than the forecast counts on; gives the forecast beside those that do.
    pub(super) fn recount(&self, cells: &mut [PlanCell]) -> Option<Forecast<'a>> {
        let units = &self.landscapes.units;
        let running = cells.iter().filter(|cell| cell.run).map(|cell| cell.cell.unit);
        let mut slots: Vec<u32> =
            running.filter(|unit| units[*unit as usize].channel == Channel::GroupBuy).collect();
        slots.dedup();
        if !self.forecast.minds(&slots) {
            return None;
        }
        let beside = self.forecast.clone().beside(slots);
        for cell in cells.iter_mut().filter(|cell| cell.run && cell.reason != Reason::Over) {
            let outcome = check::outcome(cell, self.landscapes, &beside, &self.request.file);
            cell.outcome = outcome.unwrap_or(cell.outcome);
        }
        Some(beside)
    }

    /// The plan that is written is the plan that is checked.
    pub(super) fn verify(&self, cells: &[PlanCell]) -> Result<()> {
        let findings =
            check::cells(cells, self.landscapes, self.forecast, &self.request.file, self.day, None);
        match findings.first() {
            None => Ok(()),
            Some(first) => Err(Error::Internal(format!(
                "{} cells of the finished plan are wrong; the first: {first}",
                findings.len()
            ))),
        }
    }

    /// Puts the program's prices, turned into the rules' own units, beside the rules' values.
    pub(super) fn price(&self, rules: &mut [RuleValue], solved: &Solved) {
        let file = &self.request.file;
        let objective = self.model.program.value(&solved.x);
        let reach = solver::conflict::reach(&self.model.program);
        let priced: Vec<usize> = (0..solved.prices.len()).filter(|row| solved.prices[*row] != 0.0).collect();
        let running = self.ladders.running(&solved.x);
        let shadow = |at: &usize| {
            let row = &self.model.rule_rows[self.model.keys[*at].rule_row];
            let rule = &file.rules[row.rule];
            let total = |reach: &rows::Reach| running.under(|cell| reach.holds(cell));
            // d objective ÷ d bound: the row's price times what the bound multiplies in it.
            let per_bound = match (rule.metric.weights(file.plan.margin).1, &row.of) {
                (Some(denominator), _) => denominator
                    .iter()
                    .zip(total(&row.reach).measures())
                    .map(|(weight, measure)| weight * measure)
                    .sum(),
                (None, Some(of)) => rule.metric.of(&total(of), file.plan.margin).unwrap_or(0.0),
                (None, None) => 1.0,
            };
            solved.prices[*at].abs() * f64::abs(per_bound)
        };
        let shadows: Vec<f64> = priced.par_iter().map(shadow).collect();
        for (at, shadow) in priced.into_iter().zip(shadows) {
            let (key, price) = (&self.model.keys[at], solved.prices[at]);
            let row = &self.model.rule_rows[key.rule_row];
            let name = &file.rules[row.rule].name;
            let Some(value) = rules.iter_mut().find(|value| value.rule == *name && value.scope == row.scope)
            else {
                continue;
            };
            let bound = if key.side == Side::Min { value.min } else { value.max }.unwrap_or(0.0).abs();
            // What is at stake: the bound itself, or, where it is 0, all that the row could be.
            let stake = if bound > 0.0 { shadow * bound } else { price.abs() * reach[at] };
            if stake > 1e-6 * objective.abs().max(1.0) {
                value.shadow_price = shadow;
                // The price is the program's; whether the written plan stands at the bound is the plan's.
                value.binding = value.closeness() <= AT_BOUND;
            }
        }
    }

    pub(super) fn status(&self, solved: &Solved, rules: &[RuleValue]) -> Result<Status> {
        let met = rules.iter().all(|rule| rule.met || rule.soft);
        match solved.status {
            solver::Status::Stopped if !met => {
                Err(Error::Stopped("the limit came before bids were found that meet every rule".into()))
            }
            _ if !met => Ok(Status::Infeasible),
            solver::Status::Optimal => Ok(Status::Optimal),
            // Cut short, or met by bids between the rungs where the rungs themselves could not.
            _ => Ok(Status::Feasible),
        }
    }

    pub(super) fn mps(&self) -> String {
        let units = &self.landscapes.units;
        let ladders = &self.ladders.ladders;
        mps::text(
            &self.model.program,
            |row| {
                let key = self.model.keys[row];
                let side = if key.side == Side::Min { "min" } else { "max" };
                let row = &self.model.rule_rows[key.rule_row];
                format!("{}|{}|{side}", self.request.file.rules[row.rule].name, row.scope)
            },
            |ladder, rung| {
                let ladder = &ladders[ladder];
                format!("{}|{}|{}", units[ladder.unit as usize].unit, ladder.hours[0], ladder.bids[rung])
            },
        )
    }
}
