//! The cells of a finished plan, read back and evaluated again.

use crate::error::{Error, Finding, Result};
use crate::keys::{Cell, Channel};
use crate::ladder::Ladders;
use crate::landscape::Forecast;
use crate::pipeline::reopen::Reopened;
use crate::plan::{PlanCell, Reason};

/// The plan's cells with what its bids bring, asked of the landscapes again.
pub(super) fn cells(reopened: &Reopened, forecast: &Forecast<'_>, built: &Ladders) -> Result<Vec<PlanCell>> {
    let (landscapes, file) = (&reopened.landscapes, &reopened.request.file);
    let mut cells: Vec<PlanCell> = Vec::new();
    let blank = |cell: Cell, reason: Reason| {
        let known = &landscapes.known[cell.unit as usize];
        PlanCell {
            cell,
            run: false,
            bid: None,
            last_bid: known.last_bid[usize::from(cell.hour)].filter(|_| !known.implied),
            outcome: Default::default(),
            reason,
            extrapolated: false,
            imputed: !known.hourly,
        }
    };
    for ladder in &built.ladders {
        cells.extend(
            ladder
                .hours
                .iter()
                .map(|hour| blank(Cell { unit: ladder.unit, hour: *hour }, Reason::NotOffered)),
        );
    }
    cells.extend(built.idle.iter().map(|(cell, reason)| blank(*cell, reason.clone())));
    cells.extend(built.given.iter().map(|given| PlanCell {
        run: true,
        bid: given.bid,
        outcome: given.outcome,
        ..blank(given.cell, given.reason.clone())
    }));
    cells.sort_by_key(|cell| cell.cell);
    for line in &reopened.lines {
        let stranger = || {
            let cause = format!("the plan bids for `{}`, which its history does not hold", line.unit);
            Error::from(Finding::error("O009", cause, "plan again"))
        };
        let unit = landscapes.units.iter().position(|unit| *unit == line.unit).ok_or_else(stranger)? as u32;
        let place = Cell { unit, hour: line.hour };
        let at = cells.binary_search_by_key(&place, |cell| cell.cell).map_err(|_| stranger())?;
        let cell = &mut cells[at];
        if cell.run && !line.by_hand {
            continue; // given: by the platform, or fixed
        }
        let slot = file.group_buy.slot.iter().find(|slot| slot.is(&line.unit));
        (cell.outcome, cell.reason) = match (line.unit.channel, slot, line.bid) {
            (Channel::GroupBuy, Some(slot), _) => {
                (forecast.slot(unit, slot)[usize::from(line.hour)], Reason::SlotTaken)
            }
            (_, _, Some(bid)) => {
                let reason = if line.by_hand { Reason::ByHand } else { Reason::Chosen };
                (forecast.outcome(unit, line.hour, bid), reason)
            }
            _ => return Err(stranger()),
        };
        (cell.run, cell.bid) = (true, line.bid);
    }
    for (unit, hour) in &reopened.off {
        let Some(unit) = landscapes.units.iter().position(|other| other == unit) else { continue };
        let place = Cell { unit: unit as u32, hour: *hour };
        if let Ok(at) = cells.binary_search_by_key(&place, |cell| cell.cell) {
            let cell = &mut cells[at];
            (cell.run, cell.bid, cell.outcome) = (false, None, Default::default());
            cell.reason = Reason::OffByHand;
        }
    }
    Ok(cells)
}
