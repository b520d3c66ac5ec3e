//! What a day is planned on: forecast, ladders, program.
//!
//! What a slot brings to the rest of the shop follows from whether it runs, which the program decides. So a day is
//! planned beside a set of slots, and the plan counts only where it takes just these: see [`slots`](super::slots).

use std::borrow::Cow;

use jiff::civil::Date;
use tracing::info;

use super::Stages;
use super::day::{Day, Solved};
use super::slots::Decision;
use crate::config::Request;
use crate::ladder::{self, Ladders};
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
    pub(super) ladders: Cow<'a, Ladders>,
    model: Model,
    pub(super) spread: Spread,
    /// What is decided of slots, by ladder; or nothing at all.
    decided: Vec<Option<bool>>,
}

/// Lays the ground with some slots decided; `forecast` is the date's, `ready` its ladders, where somebody has built
/// them already.
pub(super) fn lay<'a>(
    request: &'a Request,
    (date, rungs): (Date, usize),
    rule_rows: Vec<RuleRow>,
    forecast: &Forecast<'a>,
    decisions: &[Decision],
    ready: Option<&'a Ladders>,
    stages: &mut Stages,
) -> Ground<'a> {
    let file = &request.file;
    let landscapes = forecast.landscapes();
    let mut slots = forecast.slots().to_vec();
    slots.retain(|slot| !decisions.contains(&(*slot, false)));
    slots.extend(
        decisions.iter().filter(|(slot, run)| *run && !forecast.slots().contains(slot)).map(|(slot, _)| slot),
    );
    let forecast = forecast.clone().beside(slots);
    let ladders = match ready {
        Some(ladders) => Cow::Borrowed(ladders),
        None => Cow::Owned(stages.run("ladders", || ladder::build(landscapes, &forecast, file, date, rungs))),
    };
    let units = landscapes.units.len();
    let model = stages.run("program", || program::build(&ladders, rule_rows, file, units, None));
    info!(
        ladders = ladders.ladders.len(),
        columns = model.program.columns.count(),
        rows = model.program.rows.len(),
        "program"
    );
    let spread = forecast.spread(file);
    let mut ground = Ground { landscapes, request, forecast, ladders, model, spread, decided: Vec::new() };
    ground.decide(decisions);
    ground
}

impl Ground<'_> {
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

    /// The first of them that a solution takes though the forecast does not count on it, or the other way round.
    pub(super) fn other(&self, solved: &Solved) -> Option<u32> {
        let other = |(slot, taken): &Decision| self.forecast.slots().contains(slot) != *taken;
        self.taken(solved).into_iter().find(other).map(|(slot, _)| slot)
    }

    /// Decides slots.
    pub(super) fn decide(&mut self, decisions: &[Decision]) {
        self.decided = self.with(decisions);
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

    /// The objective of a solution.
    pub(super) fn worth(&self, solved: &Solved) -> f64 {
        certify(&self.model.program, &solved.x, &solved.prices, &solved.decided).objective
    }
}
