//! What a day is planned on: forecast, ladders, program.
//!
//! What a slot brings to the rest of the shop follows from whether it runs, which the program decides. So a day is
//! planned beside a set of slots, and the plan counts only where it takes just these: see [`slots`](super::slots).

use std::sync::Arc;

use tracing::info;

use super::Stages;
use super::day::{Day, Solved};
use super::layout::Layout;
use super::slots::{Decision, Visit};
use crate::config::Request;
use crate::error::Result;
use crate::ladder::Ladders;
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::program::rows::RuleRow;
use crate::program::{self, Model};
use crate::solver::{Limits, Solver, certify};

/// A share that is no further from none or all counts as whole.
const WHOLE: f64 = 1e-6;

/// Everything before the first solve.
pub(super) struct Ground<'a> {
    landscapes: &'a Landscapes,
    request: &'a Request,
    forecast: Forecast<'a>,
    pub(super) ladders: Arc<Ladders>,
    model: Model,
    pub(super) spread: Arc<Spread>,
    /// What is decided of slots, by ladder; or nothing at all.
    decided: Vec<Option<bool>>,
}

/// A date's forecast beside the slots that some decisions leave: those that run, and those that lift and are open.
pub(super) fn beside<'a>(forecast: &Forecast<'a>, decisions: &[Decision]) -> Forecast<'a> {
    let mut slots = forecast.slots().to_vec();
    slots.retain(|slot| !decisions.contains(&(*slot, false)));
    slots.extend(
        decisions.iter().filter(|(slot, run)| *run && !forecast.slots().contains(slot)).map(|(slot, _)| slot),
    );
    forecast.clone().beside(slots)
}

/// Where the grounds of a plan are laid, and solved on.
pub(super) struct Site<'a, 's> {
    pub(super) request: &'a Request,
    pub(super) layout: &'s Layout,
    pub(super) rule_rows: &'s [RuleRow],
    /// The date's.
    pub(super) forecast: &'s Forecast<'a>,
    pub(super) day: &'s str,
    pub(super) solver: &'s dyn Solver,
    pub(super) limits: &'s Limits<'s>,
    pub(super) stages: &'s mut Stages,
    /// How far inside its bounds each row is asked to stay; nothing for the rules as they are.
    pub(super) margin: Vec<f64>,
}

impl<'a> Visit<'a> for Site<'a, '_> {
    fn lay(&mut self, decisions: &[Decision]) -> Ground<'a> {
        let Site { request, layout, rule_rows, stages, .. } = self;
        let file = &request.file;
        let forecast = beside(self.forecast, decisions);
        let ladders = stages.run("ladders", || layout.ladders(&forecast, file));
        let units = forecast.landscapes().units.len();
        let mut model =
            stages.run("program", || program::build(&ladders, rule_rows.to_vec(), file, units, None));
        model.program.tighten(&self.margin);
        info!(
            ladders = ladders.ladders.len(),
            columns = model.program.columns.count(),
            rows = model.program.rows.len(),
            "program"
        );
        let spread = Arc::new(forecast.spread(file));
        Ground::new(request, forecast, ladders, model, spread, decisions)
    }

    fn solve(&mut self, decisions: &[Decision]) -> Result<(Ground<'a>, Solved)> {
        let ground = self.lay(decisions);
        let Site { layout, day, solver, limits, stages, .. } = self;
        let planned = Day { kept: &layout.kept, ..ground.day(day) };
        let solved = stages.run("solve", || {
            // What a day under way gives up is known of whole plans only.
            if ground.open()
                && layout.kept.is_empty()
                && let Some(solved) = planned.in_parts(*solver, limits)?
            {
                return Ok(solved);
            }
            planned.solve(*solver, limits)
        })?;
        Ok((ground, solved))
    }
}

impl<'a> Ground<'a> {
    /// The ground of these parts, with some slots decided.
    pub(super) fn new(
        request: &'a Request,
        forecast: Forecast<'a>,
        ladders: Arc<Ladders>,
        model: Model,
        spread: Arc<Spread>,
        decisions: &[Decision],
    ) -> Ground<'a> {
        let landscapes = forecast.landscapes();
        let mut ground =
            Ground { landscapes, request, forecast, ladders, model, spread, decided: Vec::new() };
        ground.decided = ground.with(decisions);
        ground
    }

    /// The day on this ground.
    pub(super) fn day<'d>(&'d self, day: &'d str) -> Day<'d> {
        Day {
            landscapes: self.landscapes,
            forecast: &self.forecast,
            ladders: &self.ladders,
            model: &self.model,
            request: self.request,
            day,
            spread: &self.spread,
            slopes: None,
            decided: &self.decided,
            kept: &[],
        }
    }

    /// Slots to decide that make something of other traffic, each with its ladder.
    fn telling(&self) -> impl Iterator<Item = (u32, usize)> {
        let ladders = self.ladders.ladders.iter().enumerate();
        let slots = ladders.filter(|(_, ladder)| ladder.whole).map(|(at, ladder)| (ladder.unit, at));
        slots.filter(|(slot, _)| self.landscapes.halo(*slot) != 0.0)
    }

    /// What a solution makes of them.
    pub(super) fn taken(&self, solved: &Solved) -> Vec<Decision> {
        let spans = &self.model.program.columns.ladders;
        let share = |ladder: usize| solved.x[spans[ladder].columns.clone()].iter().sum::<f64>();
        self.telling().map(|(slot, ladder)| (slot, share(ladder) >= 0.5)).collect()
    }

    /// The same as the forecast counts on them.
    pub(super) fn counted(&self) -> Vec<Decision> {
        self.telling().map(|(slot, _)| (slot, self.forecast.slots().contains(&slot))).collect()
    }

    /// Whether any of them is undecided.
    pub(super) fn open(&self) -> bool {
        self.telling().any(|(_, ladder)| self.decided[ladder].is_none())
    }

    /// Whether a solution takes just the slots that the forecast counts on, and takes what is whole as a whole.
    pub(super) fn stands(&self, solved: &Solved) -> bool {
        let spans = &self.model.program.columns.ladders;
        let parted = spans.iter().filter(|span| span.whole).any(|span| {
            let share: f64 = solved.x[span.columns.clone()].iter().sum();
            share.min(1.0 - share) > WHOLE
        });
        !parted && self.taken(solved) == self.counted()
    }

    /// The undecided slot to decide next, and whether a solution speaks for it: one that it has otherwise than the
    /// forecast, or in parts.
    pub(super) fn next(&self, solved: &Solved, decided: &[Decision]) -> Option<(u32, bool)> {
        let spans = &self.model.program.columns.ladders;
        let open = |(slot, _): &(u32, usize)| decided.iter().all(|(other, _)| other != slot);
        let weigh = |(slot, ladder): (u32, usize)| {
            let share: f64 = solved.x[spans[ladder].columns.clone()].iter().sum();
            let differs = self.forecast.slots().contains(&slot) != (share >= 0.5);
            let part = share.min(1.0 - share);
            (slot, if differs { 1.0 + part } else { part })
        };
        // Of equals the first.
        let most = |best: (u32, f64), next: (u32, f64)| if next.1 > best.1 { next } else { best };
        self.telling().filter(open).map(weigh).reduce(most).map(|(slot, weight)| (slot, weight > WHOLE))
    }

    /// A share of what each row adds up to at a point.
    pub(super) fn margin(&self, x: &[f64], share: f64) -> Vec<f64> {
        self.model.program.margin(x, share)
    }

    /// Gives the rows back the margin that they were asked to keep.
    pub(super) fn relieve(&mut self, margin: &[f64]) {
        let back: Vec<f64> = margin.iter().map(|margin| -margin).collect();
        self.model.program.tighten(&back);
    }

    /// Decides all slots as the forecast counts on them.
    pub(super) fn settle(&mut self) {
        self.decided = self.ladders.settled(&self.forecast);
    }

    /// Decisions by ladder.
    fn with(&self, decisions: &[Decision]) -> Vec<Option<bool>> {
        let mut decided = vec![None; self.ladders.ladders.len()];
        for (slot, ladder) in self.telling() {
            decided[ladder] = decisions.iter().find(|(of, _)| *of == slot).map(|(_, run)| *run);
        }
        decided
    }

    /// What no plan on this ground with these decisions can exceed, by some prices.
    pub(super) fn bound(&self, prices: &[f64], decisions: &[Decision]) -> f64 {
        certify::dual_bound(&self.model.program, prices, &self.with(decisions))
    }

    /// Of the slots that are not decided, what no plan can exceed in which they are not as a solution has them: the
    /// bound with as much less as their ladders then add.
    pub(super) fn otherwise(&self, solved: &Solved, decided: &[Decision]) -> Vec<(Decision, f64)> {
        let bound = self.bound(&solved.prices, decided);
        let priced = self.model.program.priced(&solved.prices);
        let open = |(slot, _): &(u32, usize)| decided.iter().all(|(other, _)| other != slot);
        let taken = self.taken(solved);
        let slots = self.telling().zip(taken).filter(|(slot, _)| open(slot));
        slots
            .map(|((_, ladder), one)| {
                let left =
                    self.model.program.reduced(ladder, &priced).into_iter().fold(f64::NEG_INFINITY, f64::max);
                let other = if one.1 { 0.0 } else { left };
                (one, bound - left.max(0.0) + other)
            })
            .collect()
    }
}
