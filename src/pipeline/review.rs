//! A finished plan against what happened: the plan opened, the reports read, and the landscapes asked what the bids
//! that were really set should have brought.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use tracing::info;

use super::actuals::Actuals;
use crate::calendar::{HOURS, day_number};
use crate::config::Request;
use crate::error::{Finding, Result};
use crate::history::{self, Audit, History, Observation};
use crate::keys::{Cell, Channel, Unit};
use crate::landscape::Landscapes;
use crate::metric::Outcome;
use crate::review::{self, Actual, Pair, Planned, Review, Scene};
use crate::sheets::{Made, Promised, read};

/// A reviewed plan.
#[derive(Debug)]
pub struct Reviewed {
    /// The request that the plan answers.
    pub request: Request,
    /// The review.
    pub review: Review,
    /// What happened, as a history of that day that the next fit can learn from.
    pub happened: History,
    /// What is doubtful.
    pub doubts: Vec<Finding>,
}

impl Reviewed {
    /// The account of the reports.
    pub fn audit(&self) -> &Audit {
        &self.happened.audit
    }
}

/// Reviews the output folder of `plan` by reports of its day, exported on the date `as_of`, if that is known.
///
/// # Errors
/// `O005` for a folder that holds no plan; what reading the reports refuses; `A020` for reports that are older than
/// the day.
pub fn review(plan: &Path, reports: &[PathBuf], as_of: Option<Date>) -> Result<Reviewed> {
    let (made, changed) = Made::of(plan)?;
    let promised = Promised::of(plan)?;
    let whole = read::whole(plan)?;
    let date = promised.date;
    let age = as_of.map(|as_of| day_number(as_of) - day_number(date));
    if age.is_some_and(|age| age < 0) {
        let cause = format!("reports of {date} cannot have been exported before it");
        return Err(Finding::error("A020", cause, "name the day of the export with --as-of").into());
    }
    let actuals = Actuals::read(&made.request, reports, date, &whole.units)?;
    let mut doubts: Vec<Finding> = changed.into_iter().collect();
    doubts.extend(actuals.audit.findings.iter().filter(|finding| finding.code != "A003").cloned());
    let index: HashMap<&Unit, u32> = whole.units.iter().zip(0..).collect();
    let cell = |line: &read::Line| Cell { unit: index[&line.unit], hour: line.hour };
    let planned: Vec<Planned> = whole
        .lines
        .iter()
        .map(|line| Planned { cell: cell(line), bid: line.bid, outcome: line.outcome })
        .collect();
    let old: HashMap<Cell, f64> =
        whole.lines.iter().filter_map(|line| Some((cell(line), line.last_bid?))).collect();
    doubts.extend(actuals.unreported(
        &whole.units,
        planned.iter().map(|it| (it.cell.unit, it.cell.hour, it.outcome)),
        HOURS as u8,
    ));
    let happened = happened(actuals, &whole.units);
    let rows: Vec<Actual> = happened.observations.iter().map(row).collect();

    let mut slots: Vec<u32> = planned.iter().map(|it| it.cell.unit).collect();
    slots.retain(|unit| happened.units[*unit as usize].channel == Channel::GroupBuy);
    slots.dedup();
    // Learned where a bid is met that is not the plan's: most plans are carried out as they are.
    let learned: OnceCell<Result<(Landscapes, Vec<Option<u32>>)>> = OnceCell::new();
    let expected = |cell: Cell, pair: &Pair| -> Option<Outcome> {
        let set = pair.actual?.bid?;
        let plans = pair.planned.map(|side| (side.outcome, side.bid));
        let other = plans.is_none_or(|(_, bid)| bid.is_some_and(|bid| review::differs(bid, set)));
        if !other || happened.units[cell.unit as usize].channel == Channel::GroupBuy {
            return None;
        }
        let learned = learned.get_or_init(|| learn(&made, date, &happened.units));
        let (landscapes, of) = learned.as_ref().ok()?;
        let unit = of[cell.unit as usize]?;
        let slots = slots.iter().filter_map(|slot| of[*slot as usize]).collect();
        let forecast = landscapes.on(date, &made.request.file).beside(slots);
        let at = |bid: f64| forecast.outcome(unit, cell.hour, bid);
        Some(match plans {
            None => at(set),
            Some((planned, bid)) => anchored(planned, at(bid?), at(set)),
        })
    };
    let review = review::review(&Scene {
        file: &made.request.file,
        date,
        units: &happened.units,
        planned: &planned,
        actual: &rows,
        rules: &promised.rules,
        outlook: &promised.outlook,
        age,
        expected: &expected,
        old: &|cell| old.get(&cell).copied(),
    });
    if let Some(Err(error)) = learned.get() {
        let cause =
            format!("what the bids that are not the plan's should have brought is not known: {error}");
        let action = "bring the plan's history back to where the plan file names it; the rest of the review does not need it";
        doubts.push(Finding::warning("A021", cause, action));
    }
    info!(cells = review.cells.len(), moved = review.moves.len(), "reviewed");
    Ok(Reviewed { request: made.request, review, happened, doubts })
}

/// The rows of the day with their units, those that the plan does not know after the plan's.
fn happened(actuals: Actuals, units: &[Unit]) -> History {
    let Actuals { mut observations, strangers, audit, .. } = actuals;
    let mut more: Vec<Unit> = strangers.iter().map(|(unit, _)| unit.clone()).collect();
    more.sort_unstable();
    more.dedup();
    observations.extend(strangers.into_iter().map(|(unit, row)| {
        let at = more.partition_point(|other| *other < unit);
        Observation { unit: (units.len() + at) as u32, ..row }
    }));
    let units = units.iter().cloned().chain(more).collect();
    History { units, observations, audit, ..History::default() }
}

fn row(row: &Observation) -> Actual {
    // A bid went through single precision: it is still the decimal it was.
    let bid = (!row.bid.is_nan()).then(|| (f64::from(row.bid) * 1e6).round() / 1e6);
    Actual { unit: row.unit, hour: row.hour, bid, outcome: row.outcome() }
}

/// Landscapes as the plan could know them, of the history before its day, whatever has come in since; and the place
/// of each unit in them.
fn learn(made: &Made, date: Date, units: &[Unit]) -> Result<(Landscapes, Vec<Option<u32>>)> {
    let landscapes = match &made.model {
        Some(model) => history::read_model(model, Landscapes::from_text)?.0,
        None => {
            let mut all = made.request.clone();
            all.file.plan.date = None;
            let before = history::read(&all)?.until(day_number(date) - 1);
            Landscapes::fit(&before, &made.request)?.0
        }
    };
    let places: HashMap<&Unit, u32> = landscapes.units.iter().zip(0..).collect();
    let places = units.iter().map(|unit| places.get(unit).copied()).collect();
    Ok((landscapes, places))
}

/// What the plan expects of a cell, moved as the landscapes say from one bid to another. So a history that has
/// changed a little since the plan was made moves nothing by itself.
fn anchored(planned: Outcome, at_plan: Outcome, at_set: Outcome) -> Outcome {
    let moved = |planned: f64, from: f64, to: f64| if from > 0.0 { planned * to / from } else { planned };
    Outcome {
        impressions: moved(planned.impressions, at_plan.impressions, at_set.impressions),
        clicks: moved(planned.clicks, at_plan.clicks, at_set.clicks),
        spend: moved(planned.spend, at_plan.spend, at_set.spend),
        orders: moved(planned.orders, at_plan.orders, at_set.orders),
        revenue: moved(planned.revenue, at_plan.revenue, at_set.revenue),
        ..planned
    }
}
