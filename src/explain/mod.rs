//! Why a plan is as it is: what each rule and the position band cost, why a unit has its bid, why money
//! stays unspent, and which keywords cannot hold their position at the ROI that is asked for.
//!
//! Two kinds of prices are told apart. A *shadow price* is marginal: what a little more room in a rule
//! returns, from the program's dual. A *cost* is whole: the program is solved again without the rule, or on
//! ladders free of the band, from the present prices; the difference of the optima is what it costs. Net
//! values are gains less what is used of the rules at their shadow prices. (`models/formulation.md` §9)

mod band;
mod clash;
mod cost;
mod unit;
mod unspent;

use std::collections::HashSet;

use jiff::civil::Date;
use serde::Serialize;

use crate::config::{Objective, PlanFile};
use crate::error::Result;
use crate::keys::{Channel, Unit};
use crate::ladder::Ladders;
use crate::landscape::{Forecast, Landscapes};
use crate::plan::{Conflict, Plan, RuleValue, Status};
use crate::program::Model;
use crate::solver::{Limits, Solver, certify};
use band::Free;
pub use band::{BandCost, KeywordCost};
pub use clash::Clash;
pub use cost::RuleCost;
pub use unit::{Line, Needs, Rung, UnitWhy, Use};
pub use unspent::Unspent;

/// Everything that explaining looks at.
pub struct Scene<'a> {
    /// The plan file.
    pub file: &'a PlanFile,
    /// The planned date.
    pub date: Date,
    /// The landscapes.
    pub landscapes: &'a Landscapes,
    /// The landscapes on the day.
    pub forecast: &'a Forecast<'a>,
    /// The ladders.
    pub ladders: &'a Ladders,
    /// The program.
    pub model: &'a Model,
    /// Its optimum.
    pub x: &'a [f64],
    /// Prices of its rows there.
    pub prices: &'a [f64],
    /// The finished plan.
    pub plan: &'a Plan,
    /// The solver of what is solved again.
    pub solver: &'a dyn Solver,
    /// When to stop.
    pub limits: &'a Limits<'a>,
    /// What becomes of a program of other ladders, where rows leave room for the spread of outcomes.
    pub leaning: &'a dyn Fn(Model, &Ladders) -> Model,
}

/// Why a plan is as it is.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The planned date.
    pub date: Date,
    /// How the plan ended.
    pub status: Status,
    /// What is maximised.
    pub objective: Objective,
    /// Currency of all money.
    pub currency: String,
    /// Where the rules contradict each other: which, and the proof.
    pub conflict: Option<Conflict>,
    /// Rule rows with a shadow price, most at stake first.
    pub rules: Vec<RuleValue>,
    /// What whole rules cost, dearest first.
    pub costs: Vec<RuleCost>,
    /// What the position band costs; nothing without search.
    pub band: Option<BandCost>,
    /// Budgets that are not used up.
    pub unspent: Vec<Unspent>,
    /// Keywords that cannot hold their position at the ROI that is asked for.
    pub clashes: Vec<Clash>,
    /// Cells that do not run, by channel and reason, most first.
    pub idle: Vec<Idle>,
    /// The units that were asked for.
    pub units: Vec<UnitWhy>,
}

/// Cells of a channel that do not run for one reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Idle {
    /// The channel.
    pub channel: Channel,
    /// The kind of reason, as in the program's source: `does_not_pay`, `outside_band` …
    pub reason: &'static str,
    /// How many.
    pub cells: usize,
}

/// What whole rules and the position band cost.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Costs {
    /// Whole rules with a price, and their rows where few have one; dearest first.
    pub rules: Vec<RuleCost>,
    /// The band; nothing without search.
    pub band: Option<BandCost>,
}

/// What whole rules and the position band cost; nothing of a plan that breaks its rules, whose prices nobody knows.
///
/// # Errors
/// A numerical failure of the solver.
pub fn costs(scene: &Scene<'_>) -> Result<Costs> {
    costs_beside(scene, &Free::of(scene))
}

/// The same, beside the day with no band.
fn costs_beside(scene: &Scene<'_>, free: &Free) -> Result<Costs> {
    if scene.plan.status == Status::Infeasible {
        return Ok(Costs::default());
    }
    let now = certify(&scene.model.program, scene.x, scene.prices, &[]).objective;
    Ok(Costs { rules: cost::of_rules(scene, &priced(scene), now)?, band: band::cost(scene, free, now)? })
}

/// Explains a plan, and the units that a filter picks.
///
/// # Errors
/// A numerical failure of the solver.
pub fn explain(scene: &Scene<'_>, picks: impl Fn(&Unit) -> bool) -> Result<Explanation> {
    let plan = scene.plan;
    let priced = priced(scene);
    let free = Free::of(scene);
    let Costs { rules: costs, band } = costs_beside(scene, &free)?;
    let mut rules: Vec<RuleValue> =
        plan.rules.iter().filter(|rule| rule.shadow_price > 0.0).cloned().collect();
    let stake = |rule: &RuleValue| rule.shadow_price * rule.min.or(rule.max).unwrap_or(0.0).abs();
    rules.sort_by(|a, b| stake(b).total_cmp(&stake(a)));
    let units = (0u32..).zip(&plan.units).filter(|(_, unit)| picks(unit));
    Ok(Explanation {
        date: plan.date,
        status: plan.status,
        objective: plan.objective,
        currency: plan.currency.clone(),
        conflict: plan.conflict.clone(),
        rules,
        costs,
        band,
        unspent: unspent::of(scene),
        clashes: clash::of(scene, &free),
        idle: idle(plan, |_| true),
        units: units.map(|(at, _)| unit::why(scene, &free, &priced, at)).collect(),
    })
}

/// Why the units that a filter picks are as they are.
pub fn units(scene: &Scene<'_>, picks: impl Fn(u32) -> bool) -> Vec<UnitWhy> {
    let (priced, free) = (priced(scene), Free::of(scene));
    let all = 0u32..scene.plan.units.len() as u32;
    all.filter(|unit| picks(*unit)).map(|unit| unit::why(scene, &free, &priced, unit)).collect()
}

/// Of each program row, whether its rule row has a price that is more than the solver's rounding.
fn priced(scene: &Scene<'_>) -> Vec<bool> {
    let with_price: HashSet<(&str, &str)> = scene
        .plan
        .rules
        .iter()
        .filter(|value| value.shadow_price > 0.0)
        .map(|value| (value.rule.as_str(), value.scope.as_str()))
        .collect();
    let of = |rule_row: usize| {
        let row = &scene.model.rule_rows[rule_row];
        with_price.contains(&(scene.file.rules[row.rule].name.as_str(), row.scope.as_str()))
    };
    scene.model.keys.iter().zip(scene.prices).map(|(key, price)| *price != 0.0 && of(key.rule_row)).collect()
}

/// Counts the cells that do not run, of the units that a filter keeps.
fn idle(plan: &Plan, keep: impl Fn(u32) -> bool) -> Vec<Idle> {
    let mut counts: Vec<Idle> = Vec::new();
    for cell in plan.cells.iter().filter(|cell| !cell.run && keep(cell.cell.unit)) {
        let (channel, reason) = (plan.unit(cell).channel, cell.reason.kind());
        match counts.iter_mut().find(|idle| idle.channel == channel && idle.reason == reason) {
            Some(idle) => idle.cells += 1,
            None => counts.push(Idle { channel, reason, cells: 1 }),
        }
    }
    counts.sort_by_key(|idle| std::cmp::Reverse(idle.cells));
    counts
}
