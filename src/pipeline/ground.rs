//! What a day is planned on: forecast, ladders, program.
//!
//! What a slot brings to the rest of the shop follows from whether it runs, which the program decides. So a day is
//! planned beside a set of slots, and the plan counts only where it takes just these: see [`slots`](super::slots).

use std::sync::Arc;

use tracing::info;

use super::Stages;
use super::day::{Day, Solved};
use super::layout::Layout;
use super::slots::Decision;
use crate::config::Request;
use crate::ladder::Ladders;
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::program::rows::RuleRow;
use crate::program::{self, Model};
use crate::solver::certify;

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

/// Lays the ground with some slots decided; `forecast` is the date's.
pub(super) fn lay<'a>(
    request: &'a Request,
    layout: &Layout,
    rule_rows: Vec<RuleRow>,
    forecast: &Forecast<'a>,
    decisions: &[Decision],
    stages: &mut Stages,
) -> Ground<'a> {
    let file = &request.file;
    let forecast = beside(forecast, decisions);
    let ladders = stages.run("ladders", || layout.ladders(&forecast, file));
    let units = forecast.landscapes().units.len();
    let model = stages.run("program", || program::build(&ladders, rule_rows, file, units, None));
    info!(
        ladders = ladders.ladders.len(),
        columns = model.program.columns.count(),
        rows = model.program.rows.len(),
        "program"
    );
    let spread = Arc::new(forecast.spread(file));
    Ground::new(request, forecast, ladders, model, spread, decisions)
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

    /// Those that a solution takes though the forecast does not count on them, or the other way round.
    pub(super) fn differ(&self, solved: &Solved) -> Vec<u32> {
        let other = |(slot, taken): &Decision| self.forecast.slots().contains(slot) != *taken;
        self.taken(solved).into_iter().filter(other).map(|(slot, _)| slot).collect()
    }

    /// The first of them.
    pub(super) fn other(&self, solved: &Solved) -> Option<u32> {
        self.differ(solved).first().copied()
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

    /// What no plan on this ground with these decisions can exceed, by the prices of a solution.
    pub(super) fn bound(&self, solved: &Solved, decisions: &[Decision]) -> f64 {
        certify::dual_bound(&self.model.program, &solved.prices, &self.with(decisions))
    }

    /// Of the slots that are not decided, what no plan can exceed in which they are not as a solution has them: the
    /// bound with as much less as their ladders then add.
    pub(super) fn otherwise(&self, solved: &Solved, decided: &[Decision]) -> Vec<(Decision, f64)> {
        let bound = self.bound(solved, decided);
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
