//! Rows in runs that are worked on side by side.
//!
//! No unit lies in two runs, and where one ends depends on the rows alone: the same history gives the same sums on
//! any number of cores.

use std::ops::Range;

use rayon::prelude::*;

use super::Row;

/// Rows of a run, at least, but for the last one: as many as stay near a core while it works on them.
const RUN: usize = 1 << 14;

/// Rows that say something, sorted by unit and day, in runs of whole units.
pub struct Rows(pub(super) Vec<Vec<Row>>);

impl Rows {
    /// What `row` makes of each item and its place. Items are sorted by unit and day.
    pub fn of<T: Sync>(
        items: &[T],
        unit: impl Fn(&T) -> u32,
        row: impl Fn(usize, &T) -> Option<Row> + Sync,
    ) -> Rows {
        let rows = |range: Range<usize>| -> Vec<Row> {
            range.filter_map(|at| row(at, &items[at])).filter(says_something).collect()
        };
        let runs: Vec<Vec<Row>> = ranges(items, unit).into_par_iter().map(rows).collect();
        // Of some items no row is made: runs are filled up again.
        let mut full: Vec<Vec<Row>> = Vec::with_capacity(runs.len());
        for run in runs {
            match full.last_mut().filter(|last| last.len() < RUN) {
                Some(last) => last.extend(run),
                None => full.push(run),
            }
        }
        Rows(full)
    }

    /// A sum over all rows, always in their order.
    pub(super) fn sum(&self, of: impl Fn(&Row) -> f64 + Sync) -> f64 {
        let parts: Vec<f64> = self.0.par_iter().map(|run| run.iter().map(&of).sum()).collect();
        parts.into_iter().sum()
    }
}

impl From<Vec<Row>> for Rows {
    fn from(rows: Vec<Row>) -> Rows {
        Rows::of(&rows, |row| row.unit, |_, row| Some(*row))
    }
}

fn says_something(row: &Row) -> bool {
    row.exposure > 0.0 && row.y.is_finite() && row.weight > 0.0
}

/// Cuts items where units end.
fn ranges<T>(items: &[T], unit: impl Fn(&T) -> u32) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < items.len() {
        let full = items.len().min(start + RUN);
        let last = unit(&items[full - 1]);
        let end = full + items[full..].iter().take_while(|item| unit(item) == last).count();
        ranges.push(start..end);
        start = end;
    }
    ranges
}
