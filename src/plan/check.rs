//! The independent check: what the bids bring, asked of the landscapes again, against every rule as it
//! stands in the plan file. It reads no program and shares no arithmetic with one.

mod odds;
mod rows;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{PlanCell, RuleValue};
use crate::config::{PlanFile, Rule};
use crate::error::Finding;
use crate::keys::{Cell, Channel, Unit};
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::metric::Outcome;
use crate::reason::Reason;
use rows::Rows;

/// Relative tolerance of a bound, for sums added up in another order.
const TOLERANCE: f64 = 1e-9;

/// The value of every rule row under these cells, and with a spread the chance that it holds. Without one,
/// rows are met by their values alone.
pub fn rules(
    cells: &[PlanCell],
    units: &[Unit],
    file: &PlanFile,
    date: &str,
    spread: Option<&Spread>,
) -> Vec<RuleValue> {
    let of_rule = |rule| {
        let mut members = Rows::new(rule, units, file, date);
        let mut rows = values(rule, &mut members, cells, file.plan.margin);
        if let Some(spread) = spread {
            odds::set(rule, &mut rows, &mut members, cells, file, spread);
        }
        rows
    };
    file.rules.par_iter().flat_map_iter(of_rule).collect()
}

/// The rows of a rule, in the order in which cells come by.
fn values(rule: &Rule, members: &mut Rows<'_>, cells: &[PlanCell], margin: f64) -> Vec<RuleValue> {
    let mut sums: Vec<Outcome> = Vec::new();
    let mut base = Outcome::default();
    for cell in cells {
        let outcome = if cell.run { cell.outcome } else { Outcome::default() };
        let (rows, is_base) = members.of(cell.cell);
        if is_base {
            base += outcome;
        }
        for row in rows {
            if *row >= sums.len() {
                sums.resize(row + 1, Outcome::default());
            }
            sums[*row] += outcome;
        }
    }
    members
        .scopes()
        .into_iter()
        .zip(&sums)
        .map(|(scope, sum)| value(rule, scope, sum, &base, margin))
        .collect()
}

/// What a rule makes of the sum in its scope; `base` is what a share is a share of.
pub fn value(rule: &Rule, scope: String, sum: &Outcome, base: &Outcome, margin: f64) -> RuleValue {
    let share = rule.min_share.is_some() || rule.max_share.is_some();
    let plain = rule.metric.of(sum, margin);
    let value = if share {
        let base = rule.metric.of(base, margin).unwrap_or(0.0);
        plain.filter(|_| base != 0.0).map(|plain| plain / base)
    } else {
        plain
    };
    let (min, max) = if share { (rule.min_share, rule.max_share) } else { (rule.min, rule.max) };
    let slack = value.map(|value| {
        let below = min.map_or(f64::INFINITY, |min| value - min);
        let above = max.map_or(f64::INFINITY, |max| max - value);
        below.min(above)
    });
    // A ratio or a share of nothing bounds nothing: 0 ≥ bound × 0 holds.
    let scale = min.into_iter().chain(max).fold(0.0f64, |most, bound| most.max(bound.abs()));
    let met = slack.is_none_or(|slack| slack >= -TOLERANCE * scale.max(f64::MIN_POSITIVE));
    RuleValue {
        rule: rule.name.clone(),
        scope,
        metric: rule.metric,
        value,
        min,
        max,
        share,
        slack: slack.filter(|slack| slack.is_finite()),
        binding: false,
        shadow_price: 0.0,
        met,
        soft: rule.soft,
        chance: None,
        deviation: None,
    }
}

/// What a cell that runs brings by the landscapes; nothing where they cannot tell.
pub fn outcome(
    cell: &PlanCell,
    landscapes: &Landscapes,
    forecast: &Forecast<'_>,
    file: &PlanFile,
) -> Option<Outcome> {
    let Cell { unit, hour } = cell.cell;
    let key = &landscapes.units[unit as usize];
    match (key.channel, &cell.reason, cell.bid) {
        // Of the fee, that part is left which was not charged before.
        (Channel::GroupBuy, Reason::UnderWay, _) => {
            Some(Outcome { spend: cell.outcome.spend, ..forecast.slot_hour(unit, hour) })
        }
        (Channel::GroupBuy, _, _) => {
            let slot = file.group_buy.slot.iter().find(|slot| slot.is(key))?;
            forecast.slot(unit, slot).get(usize::from(hour)).copied()
        }
        (_, Reason::Unmanaged, _) => {
            let known = &landscapes.known[unit as usize];
            let bid = known.last_bid[usize::from(hour)].or(known.reference_bid)?;
            Some(forecast.outcome(unit, hour, bid))
        }
        (_, _, bid) => Some(forecast.outcome(unit, hour, bid?)),
    }
}

/// What is wrong with the cells themselves: outcomes that the landscapes do not give, bids off their
/// step or range, positions outside the band, days with two commissions. Nothing, in a sound plan. Bids of the
/// channel `product` are products of a base bid and a percentage and lie on no step.
pub fn cells(
    cells: &[PlanCell],
    landscapes: &Landscapes,
    forecast: &Forecast<'_>,
    file: &PlanFile,
    date: &str,
    product: Option<Channel>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |cell: &PlanCell, what: String| {
        findings.push(
            Finding::error(
                "P090",
                format!("the check of the finished plan failed: {what}"),
                "this is a defect of bidwright: please report it",
            )
            .with_value(format!("{} at {}:00", landscapes.units[cell.cell.unit as usize], cell.cell.hour)),
        );
    };
    let mut by_day: BTreeMap<u32, f64> = BTreeMap::new();
    let mut limits_of: Option<(u32, Vec<crate::config::limits::Limits>)> = None;
    // What has happened is no forecast, and nobody's bid to set.
    for cell in cells.iter().filter(|cell| cell.run && cell.reason != Reason::Over) {
        let unit = cell.cell.unit;
        let key = &landscapes.units[unit as usize];
        if limits_of.as_ref().is_none_or(|(of, _)| *of != unit) {
            limits_of = Some((unit, file.limits(key, date)));
        }
        let Some(limits) = limits_of.as_ref().map(|(_, limits)| &limits[usize::from(cell.cell.hour)]) else {
            continue;
        };
        match outcome(cell, landscapes, forecast, file) {
            Some(outcome) if close(&outcome, &cell.outcome) => {}
            _ => wrong(cell, "its outcome is not what the landscapes give for its bid".into()),
        }
        let (Some(bid), true) = (cell.bid, limits.managed && key.channel != Channel::GroupBuy) else {
            continue;
        };
        if product != Some(key.channel) && (limits.snap(bid) - bid).abs() > 1e-9 {
            wrong(cell, format!("bid {bid} is not a multiple of {}", limits.step));
        }
        if limits.fixed.is_none() && (bid < limits.bid[0] - 1e-9 || bid > limits.bid[1] + 1e-9) {
            wrong(cell, format!("bid {bid} is outside {:?}", limits.bid));
        }
        if let (None, Some(change), Some(last), false) = (
            limits.fixed,
            limits.max_change,
            landscapes.known[unit as usize].last_bid[usize::from(cell.cell.hour)],
            key.channel.by_the_day(),
        ) && (bid - last).abs() > change * last + 1e-6 * limits.step
        {
            wrong(cell, format!("bid {bid} is further than {change} of it from {last}"));
        }
        if let (Some([best, worst]), Some(position)) =
            (limits.position, forecast.position(unit, cell.cell.hour, bid))
            && !(best..=worst).contains(&position)
        {
            wrong(cell, format!("position {position:.3} is outside {best}-{worst}"));
        }
        if key.channel.by_the_day() && *by_day.entry(unit).or_insert(bid) != bid {
            wrong(cell, "it is bought by the day and has two bids".into());
        }
    }
    findings
}

fn close(a: &Outcome, b: &Outcome) -> bool {
    a.measures().into_iter().zip(b.measures()).all(|(a, b)| (a - b).abs() <= 1e-9 * (1.0 + a.abs()))
}
