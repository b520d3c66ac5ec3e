//! A finished plan against what happened: the plan opened, the reports read, and the landscapes asked what the bids
//! that were really set should have brought.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use tracing::info;

use super::actuals::Actuals;
use crate::calendar::{HOURS, date_of, day_number};
use crate::config::{Platform, Request};
use crate::error::{Finding, Result};
use crate::history::{self, Audit, History, Observation};
use crate::keys::{Cell, Channel, Unit};
use crate::landscape::Landscapes;
use crate::metric::Outcome;
use crate::review::{self, Actual, Pair, Planned, Review, ReviewCell, Scene};
use crate::sheets::{self, Made, Promised, read};

/// A reviewed plan.
#[derive(Debug)]
pub struct Reviewed {
    /// The request that the plan answers.
    pub request: Request,
    /// The review.
    pub review: Review,
    /// What happened, as a history of that day that the next fit can learn from.
    pub happened: History,
    /// The day on which it was exported, where that is known: the rows say so, and the fit knows how old they are.
    pub exported: Option<Date>,
    /// What is doubtful.
    pub doubts: Vec<Finding>,
}

impl Reviewed {
    /// The account of the reports.
    pub fn audit(&self) -> &Audit {
        &self.happened.audit
    }
}

/// Reviews the output folder of `plan` by reports of its day, exported on the date `as_of`; without one, on the day that the
/// reports tell, if they do. What ran
/// through a platform is the plan as its folder of `exports` has it: its effective bids and what they were to bring.
///
/// # Errors
/// `O005` for a folder that holds no plan; what reading the reports refuses; `A020` for reports that are older than
/// the day.
pub fn review(
    plan: &Path,
    exports: &[PathBuf],
    reports: &[PathBuf],
    as_of: Option<Date>,
) -> Result<Reviewed> {
    let (made, changed) = Made::of(plan)?;
    let promised = Promised::of(plan)?;
    let whole = read::whole(plan)?;
    let date = promised.date;
    let said = as_of.map(|as_of| day_number(as_of) - day_number(date));
    if said.is_some_and(|age| age < 0) {
        let cause = format!("reports of {date} cannot have been exported before it");
        return Err(Finding::error("A020", cause, "name the day of the export with --as-of").into());
    }
    let mut actuals = Actuals::read(&made.request, reports, date, &whole.units)?;
    // What rows say of themselves is no matter of opinion.
    let dated = actuals.age().filter(|_| actuals.audit.files.iter().all(|file| file.dated));
    if let (Some(said), Some(age)) = (said, dated.filter(|age| said.is_some_and(|said| said < *age))) {
        let [said, told] = [said, age].map(|age| date_of(day_number(date) + age));
        let cause = format!("the reports say that they were exported on {told}, later than {said}");
        let action = "leave --as-of away, or name the day of the export with it";
        return Err(Finding::error("A020", cause, action).into());
    }
    let age = said.or_else(|| actuals.age());
    if let Some(age) = said {
        actuals.exported(age);
    }
    let mut doubts: Vec<Finding> = changed.into_iter().collect();
    doubts.extend(actuals.audit.findings.iter().filter(|finding| finding.code != "A003").cloned());
    let index: HashMap<&Unit, u32> = whole.units.iter().zip(0..).collect();
    let cell = |line: &read::Line| Cell { unit: index[&line.unit], hour: line.hour };
    let mut planned: Vec<Planned> = whole
        .lines
        .iter()
        .map(|line| Planned { cell: cell(line), bid: line.bid, outcome: line.outcome })
        .collect();
    for export in exports {
        as_executed(&mut planned, export, date, &index)?;
    }
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
        maturations: &promised.outlook.maturation,
        expected: &expected,
        old: &|cell| old.get(&cell).copied(),
    });
    doubts.extend(exports.is_empty().then(|| exported(plan, &review)).flatten());
    if let Some(Err(error)) = learned.get() {
        let cause =
            format!("what the bids that are not the plan's should have brought is not known: {error}");
        let action = "bring the plan's history back to where the plan file names it; the rest of the review does not need it";
        doubts.push(Finding::warning("A021", cause, action));
    }
    info!(cells = review.cells.len(), moved = review.moves.len(), "reviewed");
    let exported = age.map(|age| date_of(day_number(date) + age));
    Ok(Reviewed { request: made.request, review, happened, exported, doubts })
}

/// Puts a platform's effective bids in the place of the plan's, in the cells that it executes.
fn as_executed(
    planned: &mut Vec<Planned>,
    export: &Path,
    date: Date,
    index: &HashMap<&Unit, u32>,
) -> Result<()> {
    let (of, cells) = sheets::effective(export)?;
    if of.is_some_and(|of| of != date) || cells.iter().any(|(unit, ..)| !index.contains_key(unit)) {
        let cause = format!("this is an export of another plan than that of {date}");
        let action = "name a folder that `bidwright export` made from the plan that is reviewed";
        return Err(Finding::error("O012", cause, action).in_file(export).into());
    }
    let mut executed: HashMap<Cell, Option<(f64, Outcome)>> = HashMap::new();
    for (unit, hour, run) in cells {
        executed.insert(Cell { unit: index[&unit], hour }, run);
    }
    planned.retain(|planned| !executed.contains_key(&planned.cell));
    planned.extend(executed.into_iter().filter_map(|(cell, run)| {
        let (bid, outcome) = run?;
        Some(Planned { cell, bid: Some(bid), outcome })
    }));
    planned.sort_by_key(|planned| planned.cell);
    Ok(())
}

/// Share of the reported cells with another bid than the plan's above which the plan was not carried out as it is.
const MOST: f64 = 0.5;

/// Says so where the bids are mostly not the plan's, and the plan was exported: a platform has its own.
fn exported(plan: &Path, review: &Review) -> Option<Finding> {
    let both = |cell: &&ReviewCell| {
        let sides = (cell.planned.and_then(|side| side.bid), cell.actual.and_then(|side| side.bid));
        sides.0.is_some() && sides.1.is_some()
    };
    let bids = review.cells.iter().filter(both).count();
    let moved = review.cells.iter().filter(|cell| cell.moved().is_some()).count();
    let name = plan.file_name()?.to_str()?;
    let folders = Platform::ALL.map(|platform| plan.with_file_name(format!("{name}-{}", platform.name())));
    let there = folders.into_iter().find(|folder| folder.join("effective.csv").exists())?;
    (moved as f64 > MOST * bids as f64).then(|| {
        let cause = format!("{moved} of {bids} cells had another bid than the plan's, which was exported");
        let action = format!("if what ran is the export, say `--export {}`", there.display());
        Finding::warning("A024", cause, action)
    })
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
