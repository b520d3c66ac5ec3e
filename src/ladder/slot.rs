//! Ladders of group-buy slots: one rung, taken or not.

use super::{Ladder, Ladders};
use crate::calendar::HOURS;
use crate::config::PlanFile;
use crate::config::limits::Limits;
use crate::keys::{Cell, Channel};
use crate::landscape::{Forecast, Landscapes};
use crate::metric::Outcome;
use crate::reason::Reason;

/// The hours in which a slot sells, beside what each hour of its run brings under the offer; nothing where it is not
/// on offer.
fn selling(forecast: &Forecast<'_>, file: &PlanFile, unit: u32) -> Option<(Vec<u8>, Vec<Outcome>, f64)> {
    let key = &forecast.landscapes().units[unit as usize];
    let offer = file.group_buy.slot.iter().find(|slot| slot.is(key))?;
    let all = forecast.slot(unit, offer);
    let hours = (0..HOURS as u8).filter(|hour| all[usize::from(*hour)].revenue > 0.0).collect();
    Some((hours, all, offer.rate))
}

/// The forecast beside those of its slots that have a ladder. A slot whose runs never sold anything has none, so nothing
/// may count on what it would make of other traffic; those of a day under way run already.
pub fn beside_what_sells<'a>(forecast: Forecast<'a>, file: &PlanFile) -> Forecast<'a> {
    if forecast.landscapes().today.is_some() {
        return forecast;
    }
    let sells = |slot: &u32| selling(&forecast, file, *slot).is_some_and(|(hours, ..)| !hours.is_empty());
    let slots: Vec<u32> = forecast.slots().iter().copied().filter(sells).collect();
    if slots.len() == forecast.slots().len() { forecast } else { forecast.beside(slots) }
}

/// The ladder of a slot.
pub(super) fn slot(
    ladders: &mut Ladders,
    forecast: &Forecast<'_>,
    file: &PlanFile,
    unit: u32,
    landscapes: &Landscapes,
    limits: &[Limits],
) {
    debug_assert!(landscapes.units[unit as usize].channel == Channel::GroupBuy);
    let hours: Vec<u8> = (0..HOURS as u8).collect();
    let idle = |ladders: &mut Ladders, reason: Reason| {
        ladders.idle.extend(hours.iter().map(|hour| (Cell { unit, hour: *hour }, reason.clone())));
    };
    // A slot that is not on offer is no part of the plan.
    let Some((runs, all, rate)) = selling(forecast, file, unit) else { return };
    if limits.iter().any(|limits| !limits.run) {
        return idle(ladders, Reason::Paused);
    }
    if runs.is_empty() {
        return idle(ladders, Reason::NoHistory);
    }
    let off = hours.iter().filter(|hour| !runs.contains(hour));
    ladders.idle.extend(off.map(|hour| (Cell { unit, hour: *hour }, Reason::NotOffered)));
    let outcomes = runs.iter().map(|hour| all[usize::from(*hour)]).collect();
    ladders.ladders.push(Ladder { unit, hours: runs, bids: vec![rate], outcomes, whole: true });
}
