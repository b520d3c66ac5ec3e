//! Which bids a person approves before they go live, and why.

use super::change;
use super::lang::{self, Word};
use crate::config::{Approval, limits::Limits};
use crate::plan::PlanCell;

/// Why a cell's bid needs a person, if it does. `rows` is how much of the history its unit has.
pub fn needed(cell: &PlanCell, limits: &Limits, rows: usize, asked: &Approval) -> Option<Word> {
    change::act(cell)?;
    let most = limits.max_change.map_or(asked.change, |most| most.min(asked.change));
    match cell.change() {
        Some(change) if change.abs() > most + 1e-9 => Some(lang::APPROVE_CHANGE),
        _ if rows < asked.min_rows => Some(lang::APPROVE_THIN),
        _ => None,
    }
}
