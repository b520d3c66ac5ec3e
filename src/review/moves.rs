//! Bids that are not the plan's: changed by hand, or never uploaded.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Difference, Effect, ReviewCell};
use crate::keys::Unit;

/// A unit whose bids differ from the plan's in some hours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    /// The unit.
    pub unit: Unit,
    /// The hours, ascending.
    pub hours: Vec<u8>,
    /// Mean of the plan's bids in them.
    pub planned: f64,
    /// Mean of the bids that were set.
    pub actual: f64,
    /// Whether they are the bids of before the plan: it was not uploaded there.
    pub kept_old: bool,
    /// What the landscapes say that the other bids brought; nothing where they say nothing.
    pub explained: Option<Difference>,
    /// What the hours differ by from the plan in all, when all orders are in.
    pub difference: Difference,
}

/// Bids are the same up to single precision, in which histories keep them.
pub fn differs(planned: f64, actual: f64) -> bool {
    (planned - actual).abs() > 1e-6_f64.max(1e-5 * planned.abs())
}

/// The units with other bids than the plan's, most money first. `old` is a cell's bid before the plan.
pub fn moves(cells: &[ReviewCell], units: &[Unit], old: impl Fn(&ReviewCell) -> Option<f64>) -> Vec<Move> {
    let mut of_unit: BTreeMap<u32, Vec<&ReviewCell>> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.moved().is_some()) {
        of_unit.entry(cell.cell.unit).or_default().push(cell);
    }
    let of = |(unit, cells): (u32, Vec<&ReviewCell>)| {
        let bids: Vec<(f64, f64)> = cells.iter().filter_map(|cell| cell.moved()).collect();
        let mean = |bid: fn(&(f64, f64)) -> f64| bids.iter().map(bid).sum::<f64>() / bids.len() as f64;
        let explained = cells.iter().all(|cell| cell.expected.is_some());
        let kept = |cell: &&ReviewCell| {
            let now = cell.moved().map(|(_, actual)| actual);
            old(cell).zip(now).is_some_and(|(old, now)| !differs(old, now))
        };
        Move {
            unit: units[unit as usize].clone(),
            hours: cells.iter().map(|cell| cell.cell.hour).collect(),
            planned: mean(|bids| bids.0),
            actual: mean(|bids| bids.1),
            kept_old: cells.iter().all(kept),
            explained: explained.then(|| cells.iter().map(|cell| cell.effects.of(Effect::Bids)).sum()),
            difference: cells.iter().map(|cell| cell.effects.settled()).sum(),
        }
    };
    let mut moves: Vec<Move> = of_unit.into_iter().map(of).collect();
    let size = |it: &Move| it.explained.unwrap_or(it.difference).size();
    moves.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.unit.cmp(&b.unit)));
    moves
}
