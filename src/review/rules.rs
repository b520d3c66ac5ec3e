//! Every rule of the plan, judged on what happened.

use serde::Serialize;

use super::ReviewCell;
use crate::config::PlanFile;
use crate::keys::Unit;
use crate::metric::Metric;
use crate::plan::{PlanCell, Reason, RuleValue, check};

/// A rule row: what the plan made of it, and what the day did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// On the plan's expected values; nothing for a row that only the day has.
    pub planned: Option<RuleValue>,
    /// On what happened.
    pub actual: RuleValue,
    /// Money by which it was missed: what the money in it was too much or too little; nothing where it was met, or
    /// where no money is bounded.
    pub short: Option<f64>,
}

/// Judges the rules on the cells that ran, in the order of the plan file.
pub fn judge(
    cells: &[ReviewCell],
    units: &[Unit],
    file: &PlanFile,
    date: &str,
    planned: &[RuleValue],
) -> Vec<Judged> {
    let happened: Vec<PlanCell> = cells
        .iter()
        .map(|cell| PlanCell {
            cell: cell.cell,
            run: cell.actual.is_some(),
            bid: cell.actual.and_then(|side| side.bid),
            last_bid: None,
            outcome: cell.actual.unwrap_or_default().outcome,
            reason: Reason::Chosen,
            extrapolated: false,
            imputed: cell.imputed,
        })
        .collect();
    let rows = check::rules(&happened, units, file, date, None);
    // What a unit of the row's value is worth: the sum that the bound is multiplied with.
    let mut per_bound = file.clone();
    for rule in &mut per_bound.rules {
        rule.metric = denominator(rule.metric).unwrap_or(rule.metric);
        (rule.min_share, rule.max_share) = (None, None);
    }
    let sums = check::rules(&happened, units, &per_bound, date, None);
    let judged = |(actual, sum): (RuleValue, RuleValue)| {
        let planned =
            planned.iter().find(|row| row.rule == actual.rule && row.scope == actual.scope).cloned();
        let short = short(&actual, sum.value.unwrap_or(0.0));
        Judged { planned, actual, short }
    };
    rows.into_iter().zip(sums).map(judged).collect()
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
