//! Chosen bids → the cells of the plan, each with its reason.

use rayon::prelude::*;

use super::PlanCell;
use crate::keys::Cell;
use crate::ladder::{Ladder, Ladders};
use crate::landscape::Landscapes;
use crate::metric::Outcome;
use crate::plan::choose::{Choice, Chooser};
use crate::program::Model;
use crate::reason::Reason;

/// What a bid may have left of what it brings, as a share, when prices leave it undecided.
const TIE: f64 = 1e-3;

/// All cells of the plan, sorted by unit and hour.
pub fn cells(
    landscapes: &Landscapes,
    chooser: &Chooser<'_>,
    choice: &Choice,
    prices: &[f64],
) -> Vec<PlanCell> {
    let (ladders, model): (&Ladders, &Model) = (chooser.ladders(), chooser.model());
    let priced = model.program.priced(prices);
    let of_ladder = |(index, (ladder, bid)): (usize, (&Ladder, &Option<f64>))| {
        let outcomes = bid.map(|bid| chooser.outcomes(index, bid));
        let reason = match bid {
            Some(_) if ladder.whole => Reason::SlotTaken,
            Some(_) => Reason::Chosen,
            None => {
                let gains = model.program.gains(index);
                let left = model.program.reduced(index, &priced);
                let best = (0..left.len()).max_by(|a, b| left[*a].total_cmp(&left[*b])).unwrap_or(0);
                let (best_bid, gain) = (ladder.bids[best], gains[best]);
                match left[best] > TIE * gain {
                    true => Reason::GivesWay { best_bid, gain },
                    false => Reason::DoesNotPay { best_bid, gain, price: gain - left[best] },
                }
            }
        };
        let of_hour = move |(at, hour): (usize, &u8)| {
            let outcome = outcomes.as_ref().map_or_else(Outcome::default, |outcomes| outcomes[at]);
            cell(landscapes, Cell { unit: ladder.unit, hour: *hour }, *bid, outcome, reason.clone())
        };
        ladder.hours.iter().enumerate().map(of_hour).collect::<Vec<_>>()
    };
    let bids = ladders.ladders.par_iter().zip(&choice.bids).enumerate();
    let mut cells: Vec<PlanCell> = bids.flat_map_iter(of_ladder).collect();
    for given in &ladders.given {
        let mut cell = cell(landscapes, given.cell, given.bid, given.outcome, given.reason.clone());
        cell.run = true;
        cells.push(cell);
    }
    for (idle, reason) in &ladders.idle {
        cells.push(cell(landscapes, *idle, None, Outcome::default(), reason.clone()));
    }
    cells.sort_by_key(|cell| cell.cell);
    cells
}

fn cell(landscapes: &Landscapes, cell: Cell, bid: Option<f64>, outcome: Outcome, reason: Reason) -> PlanCell {
    let known = &landscapes.known[cell.unit as usize];
    let extrapolated = match (bid, known.bids, &reason) {
        (_, _, Reason::SlotTaken | Reason::Over | Reason::UnderWay) => false,
        (Some(bid), Some([low, high]), _) => bid < low - 1e-9 || bid > high + 1e-9,
        _ => false,
    };
    PlanCell {
        cell,
        run: bid.is_some(),
        bid,
        last_bid: known.last_bid[usize::from(cell.hour)].filter(|_| !known.implied),
        outcome,
        reason,
        extrapolated,
        imputed: !known.hourly,
    }
}
