//! How far rows are used while bids are chosen, and what that costs where it is outside their bounds.

use super::table::Table;
use crate::program::{Program, Row};
use crate::solver::conflict;

/// Rows are kept this far inside their bounds, relative to their activity, so that adding up in another
/// order cannot break them.
const INSIDE: f64 = 1e-9;

/// The rows under the chosen bids.
pub struct Levels {
    rows: Vec<Level>,
    /// How many changes there were.
    changes: u32,
}

/// A row.
struct Level {
    bounds: Row,
    /// What a violation is measured against.
    scale: f64,
    /// What a unit of violation costs.
    penalty: f64,
    used: Used,
    /// The last change of its use or its penalty.
    changed: u32,
}

/// What the ladders that run use of a row.
#[derive(Clone, Copy, Default)]
pub struct Used {
    activity: f64,
    /// How many of them use any of it.
    by: u32,
}

impl Used {
    fn with(mut self, more: f64) -> Used {
        self.activity += more;
        self.by += u32::from(more != 0.0);
        self
    }

    fn without(mut self, less: f64) -> Used {
        self.activity -= less;
        self.by -= u32::from(less != 0.0);
        self
    }
}

impl Levels {
    /// Nothing is used yet. Hard rows cost what their prices say, and at least a share of what all is `worth`.
    pub fn new(program: &Program, prices: &[f64], worth: f64) -> Levels {
        let scales = conflict::scales(program);
        let level = |((bounds, price), scale): ((&Row, &f64), f64)| Level {
            bounds: *bounds,
            scale,
            penalty: bounds.penalty.unwrap_or_else(|| (2.0 * price.abs()).max(0.01 * worth / scale)),
            used: Used::default(),
            changed: 0,
        };
        Levels { rows: program.rows.iter().zip(prices).zip(scales).map(level).collect(), changes: 0 }
    }

    /// Adds what a ladder uses at its present bid.
    pub fn add(&mut self, table: &Table) {
        for (row, part) in table.rows.iter().zip(table.present().1) {
            let level = &mut self.rows[*row];
            level.used = level.used.with(*part);
            level.changed = self.changes;
        }
    }

    /// Takes off what a ladder uses at its present bid, to add it at another.
    pub fn take_off(&mut self, table: &Table) {
        self.changes += 1;
        for (row, part) in table.rows.iter().zip(table.present().1) {
            let level = &mut self.rows[*row];
            level.used = level.used.without(*part);
        }
    }

    /// How many changes there were.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Whether rows are as they were after so many changes.
    pub fn as_after(&self, changes: u32, rows: &[usize]) -> bool {
        rows.iter().all(|row| self.rows[*row].changed <= changes)
    }

    /// What is used of a ladder's rows without it.
    pub fn without(&self, table: &Table, left: &mut Vec<Used>) {
        left.clear();
        let parts = table.rows.iter().zip(table.present().1);
        left.extend(parts.map(|(row, part)| self.rows[*row].used.without(*part)));
    }

    /// Adds to `lost` what a row costs with each of some options beside what is `left` of it.
    pub fn charge(&self, row: usize, left: Used, parts: &[f64], lost: &mut [f64]) {
        let level = &self.rows[row];
        let idle = level.broken(Used::default());
        for (lost, part) in lost.iter_mut().zip(parts) {
            let broken = level.beyond(left.activity + part);
            let runs = left.by > 0 || *part != 0.0;
            *lost += level.penalty * if runs { broken } else { idle };
        }
    }

    /// Makes broken hard rows dearer; whether there were none.
    pub fn raise(&mut self) -> bool {
        self.changes += 1;
        let mut met = true;
        for level in &mut self.rows {
            if level.bounds.penalty.is_none() && level.broken(level.used) > 0.0 {
                level.penalty *= 4.0;
                level.changed = self.changes;
                met = false;
            }
        }
        met
    }

    /// What broken soft rows cost.
    pub fn penalty(&self) -> f64 {
        let penalty = |Level { bounds, used, .. }: &Level| {
            let broken = (bounds.lower - used.activity).max(used.activity - bounds.upper).max(0.0);
            bounds.penalty.map_or(0.0, |penalty| penalty * broken)
        };
        self.rows.iter().map(penalty).sum()
    }
}

impl Level {
    fn broken(&self, used: Used) -> f64 {
        match used.by {
            // Where nothing runs, a sum is 0 and not nearly so.
            0 => self.bounds.lower.max(-self.bounds.upper).max(0.0),
            _ => self.beyond(used.activity),
        }
    }

    /// By how much an activity is beyond the bounds of a row in which something runs.
    fn beyond(&self, activity: f64) -> f64 {
        let Row { lower, upper, .. } = self.bounds;
        let inside = INSIDE * larger(self.scale, activity.abs());
        larger(larger(lower + inside - activity, activity - (upper - inside)), 0.0)
    }
}

/// The larger of two numbers that are numbers: one instruction on several at once.
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
