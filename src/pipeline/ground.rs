//! What a day is planned on: forecast, ladders, program.
//!
//! What a slot brings to the rest of the shop follows from whether it runs, which the program decides. So the day
//! is planned beside the slots on offer, and where the plan declines some, again beside those that it takes.

use std::borrow::Cow;

use jiff::civil::Date;
use tracing::info;

use super::Stages;
use super::day::{Day, Solved};
use crate::config::Request;
use crate::ladder::{self, Ladders};
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::program::rows::RuleRow;
use crate::program::{self, Model};

/// Times that a day is planned again, at most; slots that turn one another away would do so for ever.
pub(super) const AGAIN: usize = 2;

/// Everything before the first solve.
pub(super) struct Ground<'a> {
    landscapes: &'a Landscapes,
    request: &'a Request,
    forecast: Forecast<'a>,
    pub(super) ladders: Cow<'a, Ladders>,
    model: Model,
    pub(super) spread: Spread,
}

/// Lays the ground; `ready` are its ladders, where somebody has built them already.
pub(super) fn lay<'a>(
    landscapes: &'a Landscapes,
    request: &'a Request,
    (date, rungs): (Date, usize),
    rule_rows: Vec<RuleRow>,
    forecast: Forecast<'a>,
    ready: Option<&'a Ladders>,
    stages: &mut Stages,
) -> Ground<'a> {
    let file = &request.file;
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
    Ground { landscapes, request, forecast, ladders, model, spread }
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
        }
    }

    /// The slots that a solution takes, where they are others than the forecast was made beside and that matters.
    pub(super) fn other_slots(&self, solved: &Solved) -> Option<Vec<u32>> {
        let columns = &self.model.program.columns;
        let slots = self.ladders.ladders.iter().zip(&columns.ladders).filter(|(ladder, _)| ladder.whole);
        let slots = slots.map(|(ladder, columns)| {
            let share: f64 = solved.x[columns.columns.clone()].iter().sum();
            (ladder.unit, share >= 0.5)
        });
        let slots: Vec<(u32, bool)> = slots.collect();
        let other = slots.iter().any(|(slot, taken)| *taken != self.forecast.slots().contains(slot));
        let taken: Vec<u32> = slots.into_iter().filter_map(|(slot, taken)| taken.then_some(slot)).collect();
        (other && self.forecast.minds(&taken)).then_some(taken)
    }
}
