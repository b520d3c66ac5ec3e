//! Every rule of the plan, judged on what happened.

use serde::Serialize;

use super::ReviewCell;
use crate::config::PlanFile;
use crate::keys::Unit;
use crate::landscape::chance::deviate;
use crate::landscape::spread::Spread;
use crate::metric::Metric;
use crate::plan::{PlanCell, Reason, RuleValue, check};

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was kept, or will be when all orders are in: with a chance of 90 % or more.
    Kept,
    /// The orders that are still to come decide.
    Open,
    /// It was missed, or will be: the chance to keep it is 10 % or less.
    Broken,
}

/// The chance from which on a rule counts as kept; as broken from its complement down.
const SURE: f64 = 0.9;

/// What a rule row comes to when all orders are in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Due {
    /// The expected value; nothing for a ratio over zero.
    pub value: Option<f64>,
    /// Four times in five it comes to lie between these.
    pub p80: Option<[f64; 2]>,
    /// Chance that the row is kept.
    pub chance: Option<f64>,
}

/// A rule row: what the plan made of it, and what the day did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// On the plan's expected values; nothing for a row that only the day has.
    pub planned: Option<RuleValue>,
    /// On what happened, as it is reported so far.
    pub actual: RuleValue,
    /// On what the day will have brought; nothing where all of this row is in.
    pub due: Option<Due>,
    /// What became of it.
    pub verdict: Verdict,
    /// Money by which it was missed, or is expected to be: what the money in it was too much or too little; nothing
    /// where it is met, or where no money is bounded.
    pub short: Option<f64>,
}

impl Judged {
    /// The value when all orders are in.
    pub fn value(&self) -> Option<f64> {
        self.due.as_ref().map_or(self.actual.value, |due| due.value)
    }
}

/// A cell as rules are judged on it.
fn ran(cell: &ReviewCell) -> PlanCell {
    PlanCell {
        cell: cell.cell,
        run: cell.actual.is_some(),
        bid: cell.actual.and_then(|side| side.bid),
        last_bid: None,
        outcome: cell.actual.unwrap_or_default().outcome,
        reason: Reason::Over,
        extrapolated: false,
        imputed: cell.imputed,
    }
}

/// What ran, and beside it what is still to come of it: that alone scatters.
pub fn happened(cells: &[ReviewCell]) -> Vec<PlanCell> {
    let to_come = cells.iter().filter(|cell| cell.late.orders + cell.late.revenue > 0.0);
    let to_come = to_come.map(|cell| PlanCell { outcome: cell.late, reason: Reason::Chosen, ..ran(cell) });
    // Cells of a unit stand together, by which their spread is added up.
    let mut all: Vec<PlanCell> = cells.iter().map(ran).chain(to_come).collect();
    all.sort_by_key(|cell| cell.cell.unit);
    all
}

/// Judges the rules on the cells that ran, in the order of the plan file; `spread` is that of what is still to come.
pub fn judge(
    cells: &[ReviewCell],
    units: &[Unit],
    file: &PlanFile,
    date: &str,
    planned: &[RuleValue],
    spread: &Spread,
) -> Vec<Judged> {
    let so_far: Vec<PlanCell> = cells.iter().map(ran).collect();
    let all = happened(cells);
    let rows = check::rules(&so_far, units, file, date, None);
    // A rule is judged by what it says, whatever chance it was planned with.
    let mut plainly = file.clone();
    plainly.plan.confidence = 0.5;
    let due = check::rules(&all, units, &plainly, date, Some(spread));
    // What a unit of the row's value is worth: the sum that the bound is multiplied with.
    let mut per_bound = file.clone();
    for rule in &mut per_bound.rules {
        rule.metric = denominator(rule.metric).unwrap_or(rule.metric);
        (rule.min_share, rule.max_share) = (None, None);
    }
    let sums = check::rules(&all, units, &per_bound, date, None);
    let judged = |((actual, due), sum): ((RuleValue, RuleValue), RuleValue)| {
        let planned =
            planned.iter().find(|row| row.rule == actual.rule && row.scope == actual.scope).cloned();
        let sum = sum.value.unwrap_or(0.0);
        let verdict = verdict(&actual, &due);
        let short = short(&due, sum);
        let due = (due.value != actual.value).then(|| Due {
            p80: spread_of(&due, sum),
            value: due.value,
            chance: due.chance,
        });
        Judged { planned, actual, due, verdict, short }
    };
    rows.into_iter().zip(due).zip(sums).map(judged).collect()
}

/// What becomes of a row, by its value so far and by the one that is expected.
fn verdict(actual: &RuleValue, due: &RuleValue) -> Verdict {
    let sure = |met: bool| if met { Verdict::Kept } else { Verdict::Broken };
    let (Some(before), Some(after), Some(chance)) = (actual.slack, due.slack, due.chance) else {
        return sure(due.said_met());
    };
    match actual.said_met() {
        _ if before == after => sure(actual.said_met()),
        // Orders only come: what they help is not lost by them, and the other way round.
        true if after >= before => Verdict::Kept,
        false if after <= before => Verdict::Broken,
        _ if chance >= SURE => Verdict::Kept,
        _ if chance <= 1.0 - SURE => Verdict::Broken,
        _ => Verdict::Open,
    }
}

/// Where a row's value may come to lie: `sum` is what a unit of it is worth.
fn spread_of(due: &RuleValue, sum: f64) -> Option<[f64; 2]> {
    let (value, deviation) = (due.value?, due.deviation?);
    let thousand = if due.metric == Metric::Cpm { 1000.0 } else { 1.0 };
    let unit = match due.share {
        true => sum / value,
        false => denominator(due.metric).map_or(1.0, |_| sum / thousand),
    };
    let far = deviate(0.9) * deviation / unit;
    (unit > 0.0 && far.is_finite()).then_some([value - far, value + far])
}

/// The denominator of a ratio whose numerator is money.
fn denominator(metric: Metric) -> Option<Metric> {
    match metric {
        Metric::Roi => Some(Metric::Spend),
        Metric::Cpc => Some(Metric::Clicks),
        Metric::Cpm => Some(Metric::Impressions),
        Metric::CostPerOrder => Some(Metric::Orders),
        _ => None,
    }
}

fn short(rule: &RuleValue, sum: f64) -> Option<f64> {
    let missing = -rule.slack.filter(|_| !rule.met)?;
    let plain = matches!(rule.metric, Metric::Spend | Metric::Revenue | Metric::Profit);
    match (rule.metric, rule.share) {
        // The share's own sum is `sum`: what it is a share of is sum ÷ share.
        (_, true) if plain => rule.value.filter(|share| *share > 0.0).map(|share| missing * sum / share),
        (_, true) => None,
        (Metric::Cpm, _) => Some(missing * sum / 1000.0),
        (metric, _) if denominator(metric).is_some() => Some(missing * sum),
        _ if plain => Some(missing),
        _ => None,
    }
}
