//! Units as JSON: the table of bids, the positions hour by hour, and one unit close up.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::asked::Shown;
use super::view::sums;
use crate::calendar::HOURS;
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::pipeline::desk::Drill;
use crate::plan::{Plan, PlanCell};
use crate::report::{Lang, lang, reason};

/// Units in the table of bids, unless all are asked for.
const MOST_UNITS: usize = 100;
/// Keywords in the heatmap.
const MOST_KEYWORDS: usize = 25;
/// Rows of the history around a curve.
const MOST_SEEN: usize = 400;

/// The cells of each unit, in the plan's order.
fn by_unit(plan: &Plan) -> impl Iterator<Item = &[PlanCell]> {
    plan.cells.chunk_by(|a, b| a.cell.unit == b.cell.unit)
}

fn sum(cells: &[PlanCell]) -> Outcome {
    cells.iter().filter(|cell| cell.run).map(|cell| cell.outcome).sum()
}

/// Position and bid of the keywords with most spend, hour by hour.
pub fn heat(plan: &Plan) -> Value {
    let search = by_unit(plan).filter(|cells| plan.unit(&cells[0]).channel == Channel::Search);
    let mut keywords: Vec<(f64, &[PlanCell])> = search.map(|cells| (sum(cells).spend, cells)).collect();
    keywords.sort_by(|a, b| b.0.total_cmp(&a.0));
    let row = |(spend, cells): &(f64, &[PlanCell])| {
        let mut hours = vec![Value::Null; HOURS];
        for cell in cells.iter().filter(|cell| cell.run) {
            hours[usize::from(cell.cell.hour)] = json!([cell.outcome.position(), cell.bid]);
        }
        json!({ "unit": cells[0].cell.unit, "name": plan.unit(&cells[0]).unit, "spend": spend, "hours": hours })
    };
    keywords.iter().take(MOST_KEYWORDS).map(row).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn bid(cells: &[PlanCell]) -> Option<f64> {
    mean(cells.iter().filter(|cell| cell.run).filter_map(|cell| cell.bid))
}

/// The units that are to be shown, those with most spend first, and how many there are of them.
pub fn table(plan: &Plan, saved: &Plan, shown: &Shown, lang: Lang) -> (Value, usize) {
    let find = shown.find.to_lowercase();
    let wanted = |cells: &&[PlanCell]| {
        let (unit, runs) = (plan.unit(&cells[0]), || cells.iter().any(|cell| cell.run));
        let in_state = match shown.state.as_str() {
            "on" => runs(),
            "off" => !runs(),
            _ => true,
        };
        in_state
            && (find.is_empty()
                || [&unit.unit, &unit.campaign].into_iter().any(|name| name.to_lowercase().contains(&find)))
    };
    let mut units: Vec<(Outcome, &[PlanCell])> =
        by_unit(plan).filter(wanted).map(|cells| (sum(cells), cells)).collect();
    units.sort_by(|a, b| b.0.spend.total_cmp(&a.0.spend));
    let before: BTreeMap<u32, &[PlanCell]> =
        by_unit(saved).map(|cells| (cells[0].cell.unit, cells)).collect();
    let row = |(total, cells): &(Outcome, &[PlanCell])| {
        let unit = plan.unit(&cells[0]);
        let then = before.get(&cells[0].cell.unit).copied().unwrap_or_default();
        let on = cells.iter().filter(|cell| cell.run).count();
        // What most of its cells have in common says why it does not run.
        let idle = cells.iter().find(|cell| !cell.run).filter(|_| on == 0);
        json!({
            "unit": cells[0].cell.unit,
            "name": unit.unit,
            "campaign": unit.campaign,
            "product": unit.product,
            "channel": unit.channel.name(),
            "on": on,
            "cells": cells.len(),
            "last": mean(cells.iter().filter_map(|cell| cell.last_bid)),
            "bid": bid(cells),
            "sums": sums(total, plan.margin),
            "why": idle.map(|cell| reason::kind(&cell.reason).in_(lang)),
            "saved": { "bid": bid(then), "spend": sum(then).spend, "revenue": sum(then).revenue },
        })
    };
    let most = if shown.all { usize::MAX } else { MOST_UNITS };
    (units.iter().take(most).map(row).collect(), units.len())
}

/// A unit in an hour close up, and what the plan does with it in every hour.
pub fn close_up(plan: &Plan, unit: u32, hour: u8, drill: &Drill, lang: Lang) -> Value {
    let cells = plan.cells.iter().filter(|cell| cell.cell.unit == unit);
    let cell = |cell: &PlanCell| {
        json!({
            "hour": cell.cell.hour, "run": cell.run, "bid": cell.bid, "last": cell.last_bid,
            "sums": sums(&cell.outcome, plan.margin), "why": reason::short(cell, lang),
        })
    };
    let skip = drill.seen.len().saturating_sub(MOST_SEEN);
    let seen = drill.seen.iter().skip(skip).map(|seen| {
        json!({ "date": seen.date.to_string(), "bid": seen.bid, "sums": sums(&seen.outcome, plan.margin) })
    });
    let key = plan.units.get(unit as usize);
    json!({
        "name": key.map(|key| key.unit.clone()),
        "campaign": key.map(|key| key.campaign.clone()),
        "channel": key.map(|key| key.channel.name()),
        "hour": hour,
        "cells": cells.map(cell).collect::<Vec<_>>(),
        "curve": drill.curve.iter().map(|point| json!({ "bid": point.bid, "sums": sums(&point.outcome, plan.margin) })).collect::<Vec<_>>(),
        "rungs": drill.rungs,
        "last": drill.last,
        "band": drill.band,
        "seen": seen.collect::<Vec<_>>(),
        "all_day": lang::ALL_DAY.in_(lang),
    })
}
