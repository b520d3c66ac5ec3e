//! A plan under the bids that a person approved: they are fixed, and everything is counted again on them.

use std::collections::{HashMap, HashSet};

use super::day::Day;
use crate::error::{Finding, Result};
use crate::keys::{Channel, Unit};
use crate::metric::Outcome;
use crate::plan::{PlanCell, Reason, RuleValue, check};
use crate::sheets::{Approved, Decided};

/// Lays the approved bids over the cells and says how many it changed, and what is doubtful. Cells that the
/// workbook does not list stay as the plan has them, which is told of those that run.
///
/// # Errors
/// `A032` for a workbook of another day.
pub(super) fn lay(
    day: &Day<'_>,
    cells: &mut [PlanCell],
    approved: &Approved,
) -> Result<(usize, Vec<Finding>)> {
    if approved.date.to_string() != day.day {
        let cause = format!("the workbook is of {}, the plan of {}", approved.date, day.day);
        return Err(
            Finding::error("A032", cause, "name the workbook of the plan, or its day with --date").into()
        );
    }
    let (units, known) = (&day.landscapes.units, &day.landscapes.known);
    let mut decided: HashMap<(&Unit, u8), Option<f64>> = HashMap::new();
    for Decided { unit, hours, bid } in &approved.rows {
        decided.extend(hours.iter().map(|hour| ((unit, *hour), *bid)));
    }
    let (mut changed, mut unlisted, mut unlisted_spend) = (0, 0, 0.0);
    let ours =
        |cell: &&mut PlanCell| !matches!(cell.reason, Reason::Unmanaged | Reason::Over | Reason::UnderWay);
    for cell in cells.iter_mut().filter(ours) {
        let unit = &units[cell.cell.unit as usize];
        let Some(bid) = decided.get(&(unit, cell.cell.hour)) else {
            unlisted += usize::from(cell.run);
            unlisted_spend += if cell.run { cell.outcome.spend } else { 0.0 };
            continue;
        };
        // A slot costs what the plan file says, whatever it cost before.
        let slot = day.request.file.group_buy.slot.iter().find(|slot| slot.is(unit));
        let bid = bid.map(|bid| slot.map_or(bid, |slot| slot.rate));
        let same = match (cell.bid.filter(|_| cell.run), bid) {
            (Some(planned), Some(bid)) => (planned - bid).abs() < 1e-6,
            (planned, bid) => planned.is_none() && bid.is_none(),
        };
        if same {
            continue;
        }
        changed += 1;
        let outcome = bid.and_then(|bid| outcome(day, cell, unit, bid));
        let bid = bid.filter(|_| outcome.is_some());
        (cell.run, cell.bid) = (bid.is_some(), bid);
        cell.outcome = outcome.unwrap_or_default();
        cell.reason = if cell.run { Reason::ByHand } else { Reason::OffByHand };
        let seen = known[cell.cell.unit as usize].bids;
        cell.extrapolated =
            bid.zip(seen).is_some_and(|(bid, [low, high])| bid < low - 1e-9 || bid > high + 1e-9);
    }
    let mut findings = Vec::new();
    let names: HashSet<&Unit> = units.iter().collect();
    let unknown = approved.rows.iter().filter(|row| !names.contains(&row.unit)).count();
    if unknown > 0 {
        let cause = format!("{unknown} rows of the workbook are of units that the plan does not know");
        let action = "they are left out; was a name changed in the workbook?";
        findings.push(Finding::warning("A033", cause, action));
    }
    if approved.open > 0 {
        let cause = format!("{} bids of the workbook were still open, so they fall back", approved.open);
        let action = "decide on them (yes, no, off, or a bid of your own) and approve again";
        findings.push(Finding::warning("A034", cause, action));
    }
    if unlisted > 0 {
        let cause = format!(
            "{unlisted} unit-hours run that the workbook does not list; {unlisted_spend:.2} of spend is planned on them"
        );
        let action = "they go live as the plan has them: approve a workbook of this plan, or switch them off with an [[override]]";
        findings.push(Finding::warning("A037", cause, action));
    }
    let wrong = check::cells(cells, day.landscapes, day.forecast, &day.request.file, day.day, None);
    if let Some(first) = wrong.first() {
        let cause = format!(
            "{} approved bids are not what the plan file allows: {}",
            wrong.len(),
            first.cause.trim_start_matches("the check of the finished plan failed: ")
        );
        let action =
            "they are kept as approved; the platform may refuse them, and positions may leave their band";
        findings.push(
            Finding::warning("A035", cause, action).with_value(first.value.clone().unwrap_or_default()),
        );
    }
    Ok((changed, findings))
}

/// What a cell brings at a bid; nothing where it cannot run.
fn outcome(day: &Day<'_>, cell: &PlanCell, unit: &Unit, bid: f64) -> Option<Outcome> {
    if unit.channel != Channel::GroupBuy {
        return Some(day.forecast.outcome(cell.cell.unit, cell.cell.hour, bid));
    }
    let slot = day.request.file.group_buy.slot.iter().find(|slot| slot.is(unit))?;
    day.forecast.slot(cell.cell.unit, slot).get(usize::from(cell.cell.hour)).copied()
}

/// The hard rules that the plan met and the approved bids do not.
pub(super) fn failing(before: &[RuleValue], after: &[RuleValue]) -> Option<Finding> {
    let met = |rule: &&RuleValue| {
        before.iter().any(|other| other.rule == rule.rule && other.scope == rule.scope && other.said_met())
    };
    let fails: Vec<String> =
        after.iter().filter(|rule| !rule.said_met()).filter(met).map(ToString::to_string).collect();
    (!fails.is_empty()).then(|| {
        let cause = format!("rules that the plan met fail with the approved bids: {}", fails.join(", "));
        Finding::warning(
            "A036",
            cause,
            "take back some of the bids, or move the bounds; the approved plan is written all the same",
        )
    })
}
