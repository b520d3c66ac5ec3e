//! The review (复盘): a plan against what happened, to the last digit.
//!
//! Both sides are paired cell by cell; what made the money of a cell differ is split into effects that add up
//! exactly, so every table of channels, hours, campaigns and units adds up, too. Beside them: where search stood,
//! where delivery ended early, what the forecast was worth, every rule on what happened, and the bids that were not
//! the plan's. Nothing here asks a landscape: what one says of a bid comes in as a number.

mod cells;
mod chain;
mod effect;
mod ends;
mod forecast;
mod group;
mod held;
mod late;
mod lesson;
mod moves;
mod rules;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

pub use cells::{Actual, Pair, Planned, Side, pair};
pub use chain::{Cause, Pay, Terms};
pub use effect::{Difference, Effect, Effects};
pub use ends::End;
pub use forecast::{Forecast, GATES};
pub use group::{Group, Key};
pub use held::Held;
pub use late::{Arrived, In};
pub use lesson::{Lesson, Money, Rate, What};
pub use moves::{Move, differs};
pub use rules::{Due, Judged, Verdict};

use crate::config::PlanFile;
use crate::keys::{Cell, Channel, Unit};
use crate::landscape::maturation::Maturations;
use crate::landscape::spread::{Spread, Unsure};
use crate::metric::Outcome;
use crate::plan::{Outlook, Reason, RuleValue, outlook};

/// What is reviewed.
pub struct Scene<'a> {
    /// The configuration that the plan answers.
    pub file: &'a PlanFile,
    /// The planned date.
    pub date: Date,
    /// All units of either side; cells are indices into them.
    pub units: &'a [Unit],
    /// The plan's cells that run.
    pub planned: &'a [Planned],
    /// The rows of what happened.
    pub actual: &'a [Actual],
    /// The rules as the plan has them.
    pub rules: &'a [RuleValue],
    /// How far the day was said to lie from the plan.
    pub outlook: &'a Outlook,
    /// Days after the day on which the actuals were exported; nothing where nobody knows.
    pub age: Option<i32>,
    /// How the channels' sales fill in, as far as that is known.
    pub maturations: &'a Maturations,
    /// What the landscapes expect of a cell at the bid that was set, anchored on the plan where that runs it.
    pub expected: &'a dyn Fn(Cell, &Pair) -> Option<Outcome>,
    /// A cell's bid before the plan.
    pub old: &'a dyn Fn(Cell) -> Option<f64>,
}

/// Both sides of a cell, and what made them differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReviewCell {
    /// Unit and hour.
    pub cell: Cell,
    /// What was planned; nothing where the plan has it off.
    pub planned: Option<Side>,
    /// What happened, as it is reported so far; nothing where nobody ran it.
    pub actual: Option<Side>,
    /// What is still to come of it.
    pub late: Outcome,
    /// What the landscapes expect of the bid that was set, where it is not the plan's.
    pub expected: Option<Outcome>,
    /// The hours of the actuals are spread.
    pub imputed: bool,
    /// What made the difference.
    pub effects: Effects,
}

impl ReviewCell {
    /// The plan's bid and the one that was set, where they differ.
    pub fn moved(&self) -> Option<(f64, f64)> {
        let bids = (self.planned?.bid?, self.actual?.bid?);
        differs(bids.0, bids.1).then_some(bids)
    }
}

/// Whether the sales of the day are all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sales {
    /// All orders that count are in.
    Final,
    /// Exported so many days after the day: orders still come in.
    Filling {
        /// Days after the day.
        age: i32,
    },
    /// Nobody said when the actuals were exported: orders may still come in.
    Unknown,
}

/// A plan against what happened.
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    /// The day.
    pub date: Date,
    /// Currency of its money.
    pub currency: String,
    /// Gross profit as a share of revenue.
    pub margin: f64,
    /// Whether its sales are all there.
    pub sales: Sales,
    /// How much of each channel's orders is in, where not all is, or nobody knows.
    pub arrived: Vec<In>,
    /// Whether every total and channel passed the gate: spend within 10 %, revenue within 15 %; nothing while the orders
    /// that are still to come decide.
    pub trusted: Option<bool>,
    /// Findings, most money first.
    pub lessons: Vec<Lesson>,
    /// Everything together.
    pub total: Group,
    /// By channel.
    pub channels: Vec<Group>,
    /// By hour.
    pub hours: Vec<Group>,
    /// By part of the day.
    pub phases: Vec<Group>,
    /// By channel and hour.
    pub channel_hours: Vec<Group>,
    /// By campaign.
    pub campaigns: Vec<Group>,
    /// By unit, the largest difference first.
    #[serde(rename = "units")]
    pub units_summed: Vec<Group>,
    /// Totals against the plan's bands.
    pub forecasts: Vec<Forecast>,
    /// Every rule.
    pub rules: Vec<Judged>,
    /// Where search stood: in all, and by campaign.
    pub held: Vec<Held>,
    /// The share of search unit-hours in their band that the plan promised.
    pub promised: Option<f64>,
    /// Where delivery ended early.
    pub ends: Vec<End>,
    /// Bids that were not the plan's.
    pub moves: Vec<Move>,
    /// The units that cells are of.
    #[serde(skip)]
    pub units: Vec<Unit>,
    /// Every cell, sorted by unit and hour.
    #[serde(skip)]
    pub cells: Vec<ReviewCell>,
}

impl Review {
    /// Whether orders are still to come.
    pub fn filling(&self) -> bool {
        self.total.late.revenue >= HALF_A_FEN
    }

    /// The effects that there are in any channel.
    pub fn met(&self) -> Vec<Effect> {
        let any = |effect: &Effect| {
            self.channels.iter().any(|group| group.effects.of(*effect).size() >= HALF_A_FEN)
        };
        Effect::ALL.into_iter().filter(any).collect()
    }
}

/// Less money is none.
pub const HALF_A_FEN: f64 = 0.005;

/// Sets a plan against what happened.
pub fn review(scene: &Scene<'_>) -> Review {
    let (file, units) = (scene.file, scene.units);
    let date = scene.date.to_string();
    let pairs = pair(units, scene.planned, scene.actual, &file.history.hourly_shape);
    let ends = ends::find(&pairs, units);
    let expected: Vec<Option<Outcome>> =
        pairs.iter().map(|(cell, pair)| (scene.expected)(*cell, pair)).collect();
    let age = scene.age.map(|age| u16::try_from(age - 1).unwrap_or(0));
    let arrived = Channel::ALL
        .map(|channel| Arrived::of(age, scene.maturations.get(&channel), file.history.maturity_days));
    let bands = &scene.outlook.bands;
    let late =
        late::late(&pairs, &expected, units, |unit| pay(scene, unit), &arrived, (bands, file.replan.jumps));
    let terms: Vec<Terms> = terms(scene, &late.cells, &pairs);
    let cells: Vec<ReviewCell> = pairs
        .iter()
        .zip(expected.into_iter().zip(late.cells))
        .map(|((cell, pair), (expected, late))| {
            let unit = &units[cell.unit as usize];
            let cause = Cause {
                planned: pair.planned.map(|side| side.outcome),
                actual: pair.actual.map(|side| side.outcome),
                late,
                expected,
                ended: ends::after(&ends, unit, cell.hour),
            };
            let effects = cause.effects(&terms[cell.unit as usize]);
            let Pair { planned, actual, imputed } = *pair;
            ReviewCell { cell: *cell, planned, actual, late, expected, imputed, effects }
        })
        .collect();
    let unit = |cell: &ReviewCell| &units[cell.cell.unit as usize];
    let hour = |cell: &ReviewCell| Key { hour: Some(cell.cell.hour), ..Key::default() };
    let total = group::total(&cells);
    let channels = group::by(&cells, |cell| vec![Key::channel(unit(cell))]);
    let mut unsure = [Unsure::default(); Channel::ALL.len()];
    late.channels.iter().for_each(|of| unsure[of.channel as usize] = of.unsure);
    let spread = Spread::late(units, unsure);
    let happened = rules::happened(&cells);
    let ran = happened.iter().filter(|cell| cell.run);
    let ran = ran.map(|cell| (cell.cell.unit, &cell.outcome, cell.reason == Reason::Over));
    let due = outlook::bands(ran, |unit| units[unit as usize].channel, &spread);
    let forecasts = forecast::forecasts(bands, &due, &total, &channels);
    let mut units_summed = group::by(&cells, |cell| vec![Key::unit(unit(cell))]);
    units_summed.sort_by(|a, b| b.effects.settled().size().total_cmp(&a.effects.settled().size()));
    let mut review = Review {
        date: scene.date,
        currency: file.plan.currency.clone(),
        margin: file.plan.margin,
        sales: match scene.age {
            _ if late.channels.is_empty() => Sales::Final,
            None => Sales::Unknown,
            Some(age) => Sales::Filling { age },
        },
        arrived: late.channels,
        trusted: match forecasts.iter().any(|row| row.passed == Some(false)) {
            true => Some(false),
            false => (!forecasts.iter().any(|row| row.open)).then_some(true),
        },
        lessons: Vec::new(),
        hours: group::by(&cells, |cell| vec![hour(cell)]),
        phases: group::by(&cells, |cell| group::phases(&file.phases, cell.cell.hour)),
        channel_hours: group::by(&cells, |cell| {
            vec![Key { channel: Some(unit(cell).channel), ..hour(cell) }]
        }),
        campaigns: group::by(&cells, |cell| vec![Key::campaign(unit(cell))]),
        units_summed,
        forecasts,
        rules: rules::judge(&cells, units, file, &date, scene.rules, &spread),
        held: held::held(&cells, units, file, &date),
        promised: scene.outlook.held.map(|held| held.share),
        ends,
        moves: moves::moves(&cells, units, |cell| (scene.old)(cell.cell)),
        total,
        channels,
        units: units.to_vec(),
        cells,
    };
    review.lessons = lesson::lessons(&review);
    review
}

/// What a unit's money is paid for.
fn pay(scene: &Scene<'_>, unit: u32) -> Pay {
    let unit = &scene.units[unit as usize];
    let slot = scene.file.group_buy.slot.iter().find(|slot| slot.is(unit));
    // A slot that the plan file does not offer says nothing of its price: taken as a fee.
    let fixed = slot.is_none_or(|slot| slot.rate == 0.0);
    Pay::of(unit.channel, fixed)
}

/// What each unit's money answers to.
fn terms(scene: &Scene<'_>, late: &[Outcome], pairs: &BTreeMap<Cell, Pair>) -> Vec<Terms> {
    let channel = |unit: u32| scene.units[unit as usize].channel;
    let sum = |of: Channel| {
        let planned = scene.planned.iter().filter(|it| channel(it.cell.unit) == of).map(|it| it.outcome);
        let actual = scene.actual.iter().filter(|it| channel(it.unit) == of).map(|it| it.outcome);
        let late = pairs.keys().zip(late).filter(|(cell, _)| channel(cell.unit) == of).map(|(_, late)| *late);
        (planned.sum::<Outcome>(), actual.chain(late).sum::<Outcome>())
    };
    let sums = Channel::ALL.map(sum);
    let of = |unit: u32| {
        let (planned, actual) = &sums[channel(unit) as usize];
        Terms::new(pay(scene, unit), planned, actual)
    };
    (0..scene.units.len() as u32).map(of).collect()
}
