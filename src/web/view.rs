//! Plans as the page reads them: numbers as they are, names and reasons in one language.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::calendar::HOURS;
use crate::config::{PlanFile, Request};
use crate::frontier::{Found, Frontier};
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::pipeline::desk::{Drill, Outlook};
use crate::plan::{Conflict, Plan, PlanCell, RuleValue, Status, telling};
use crate::report::{Lang, lang, reason, verdict};

/// Units in the table of bids.
const MOST_UNITS: usize = 100;
/// Keywords in the heatmap.
const MOST_KEYWORDS: usize = 25;
/// Rows of the history around a curve.
const MOST_SEEN: usize = 400;

fn sums(outcome: &Outcome, margin: f64) -> Value {
    json!({
        "impressions": outcome.impressions, "clicks": outcome.clicks, "spend": outcome.spend,
        "orders": outcome.orders, "revenue": outcome.revenue,
        "profit": margin * outcome.revenue - outcome.spend,
        "roi": outcome.roi(), "cpc": outcome.cpc(), "cpm": outcome.cpm(), "ctr": outcome.ctr(),
        "cvr": outcome.cvr(), "position": outcome.position(),
    })
}

fn channels(of: &[Outcome; Channel::ALL.len()], margin: f64) -> Value {
    let any = |(_, outcome): &(Channel, &Outcome)| **outcome != Outcome::default();
    let one = |(channel, outcome): (Channel, &Outcome)| json!({ "channel": channel.name(), "sums": sums(outcome, margin) });
    Channel::ALL.into_iter().zip(of).filter(any).map(one).collect()
}

fn rules(rules: &[RuleValue], file: &PlanFile, lang: Lang) -> Value {
    let one = |(rule, stands_for): (&RuleValue, usize)| {
        json!({
            "rule": rule.rule,
            "at": file.rules.iter().position(|other| other.name == rule.rule),
            "scope": reason::scope(&rule.scope, lang),
            "metric": rule.metric,
            "share": rule.share,
            "value": rule.value,
            "min": rule.min,
            "max": rule.max,
            "slack": rule.slack,
            "binding": rule.binding,
            "price": rule.shadow_price,
            "met": rule.said_met(),
            "soft": rule.soft,
            "rows": stands_for,
        })
    };
    telling(rules).into_iter().map(one).collect()
}

/// The program's optimum.
pub fn outlook(outlook: &Outlook, file: &PlanFile, lang: Lang) -> Value {
    let margin = file.plan.margin;
    json!({
        "total": sums(&outlook.channels.iter().copied().sum(), margin),
        "channels": channels(&outlook.channels, margin),
        "rules": rules(&outlook.rules, file, lang),
        "objective": outlook.objective,
    })
}

/// The executable plan, beside the plan of the plan file as it stands.
pub fn plan(request: &Request, plan: &Plan, saved: &Plan, find: &str, lang: Lang) -> Value {
    let of = Channel::ALL.map(|channel| plan.channel(channel));
    let (units, found) = units(plan, saved, find, lang);
    json!({
        "status": plan.status,
        "verdict": verdict(plan, lang),
        "gap": plan.evidence.gap,
        "columns": plan.evidence.columns,
        "objective": plan.evidence.objective,
        "total": sums(&plan.total(|_, _| true), plan.margin),
        "saved": (saved.status != Status::Infeasible).then(|| sums(&saved.total(|_, _| true), saved.margin)),
        "channels": channels(&of, plan.margin),
        "rules": rules(&plan.rules, &request.file, lang),
        "hours": hours(plan),
        "conflict": plan.conflict.as_ref().map(conflict),
        "band": request.file.search.position,
        "heat": heat(plan),
        "units": units,
        "found": found,
    })
}

fn conflict(conflict: &Conflict) -> Value {
    let one = |relaxation: &crate::plan::Relaxation| {
        json!({
            "rule": relaxation.rule, "metric": relaxation.metric, "bound": relaxation.bound,
            "reachable": relaxation.reachable, "sentence": relaxation.sentence,
        })
    };
    json!({
        "rules": conflict.rules,
        "relaxations": conflict.relaxations.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Spend and revenue by channel and hour.
fn hours(plan: &Plan) -> Value {
    let mut by_hour = [[Outcome::default(); HOURS]; Channel::ALL.len()];
    for cell in plan.cells.iter().filter(|cell| cell.run) {
        by_hour[plan.unit(cell).channel as usize][usize::from(cell.cell.hour)] += cell.outcome;
    }
    let of = |hours: &[Outcome; HOURS], measure: fn(&Outcome) -> f64| {
        hours.iter().map(|sum| (measure(sum) * 100.0).round() / 100.0).collect::<Vec<_>>()
    };
    Channel::ALL
        .into_iter()
        .zip(&by_hour)
        .filter(|(_, hours)| hours.iter().any(|sum| *sum != Outcome::default()))
        .map(|(channel, hours)| {
            json!({
                "channel": channel.name(),
                "spend": of(hours, |sum| sum.spend),
                "revenue": of(hours, |sum| sum.revenue),
            })
        })
        .collect()
}

/// The cells of each unit, in the plan's order.
fn by_unit(plan: &Plan) -> impl Iterator<Item = &[PlanCell]> {
    plan.cells.chunk_by(|a, b| a.cell.unit == b.cell.unit)
}

fn sum(cells: &[PlanCell]) -> Outcome {
    cells.iter().filter(|cell| cell.run).map(|cell| cell.outcome).sum()
}

/// Position and bid of the keywords with most spend, hour by hour.
fn heat(plan: &Plan) -> Value {
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

/// The units with most spend that have a text in their names, and how many there are in all.
fn units(plan: &Plan, saved: &Plan, find: &str, lang: Lang) -> (Value, usize) {
    let find = find.to_lowercase();
    let wanted = |cells: &&[PlanCell]| {
        let unit = plan.unit(&cells[0]);
        find.is_empty()
            || [&unit.unit, &unit.campaign].into_iter().any(|name| name.to_lowercase().contains(&find))
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
    (units.iter().take(MOST_UNITS).map(row).collect(), units.len())
}

/// A unit in an hour close up, and what the plan does with it in every hour.
pub fn unit(plan: &Plan, unit: u32, hour: u8, drill: &Drill, lang: Lang) -> Value {
    let cells = plan.cells.iter().filter(|cell| cell.cell.unit == unit);
    let cell = |cell: &PlanCell| {
        let channel = plan.unit(cell).channel;
        json!({
            "hour": cell.cell.hour, "run": cell.run, "bid": cell.bid, "last": cell.last_bid,
            "sums": sums(&cell.outcome, plan.margin), "why": reason::of(cell, channel, lang),
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

/// The frontier of one bound.
pub fn frontier(frontier: &Frontier) -> Value {
    let moved = frontier.moved.first();
    let step = |step: &crate::frontier::Step| {
        let bound = step.bounds.first();
        match &step.found {
            Found::Best(point) => json!({
                "bound": bound, "spend": point.total.spend, "revenue": point.total.revenue,
                "profit": point.profit, "orders": point.total.orders, "clicks": point.total.clicks,
                "roi": point.total.roi(), "objective": point.objective, "price": point.prices.first(),
                "marginal": point.marginal_roi,
            }),
            Found::Infeasible { edge } => json!({ "bound": bound, "edge": edge }),
            Found::Stopped => json!({ "bound": bound }),
        }
    };
    json!({
        "rule": moved.map(|moved| moved.rule.clone()),
        "label": moved.map(crate::frontier::Moved::label),
        "metric": moved.map(|moved| moved.metric),
        "share": moved.is_some_and(|moved| moved.share),
        "today": moved.and_then(|moved| moved.today),
        "steps": frontier.steps.iter().map(step).collect::<Vec<_>>(),
    })
}
