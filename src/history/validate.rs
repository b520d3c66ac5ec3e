//! What can only be seen across rows: duplicates, and rows that cover the same hours.

use std::cmp::Reverse;

use rayon::slice::ParallelSliceMut;

use super::fault::Kind;
use super::observation::Observation;

/// An accepted row, and where it came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// The row.
    pub row: Observation,
    /// Index of its file.
    pub file: u32,
    /// Its line there.
    pub line: u32,
}

/// A row that another one makes unusable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clash {
    /// Index among the kept rows.
    pub at: usize,
    /// What is wrong.
    pub kind: Kind,
    /// Index of the row that it clashes with.
    pub with: usize,
}

/// Sorts by unit, day and hour, whole periods first, then in the order read.
pub(super) fn sort(kept: &mut [Kept]) {
    kept.par_sort_unstable_by_key(|kept| {
        let row = &kept.row;
        (row.unit, row.day, Reverse(row.days), row.hour, kept.file, kept.line)
    });
}

/// Finds the rows to give up, ascending. Of rows with one key the first read stays; of rows that
/// cover the same hours the finest stay.
pub(super) fn clashes(kept: &[Kept]) -> Vec<Clash> {
    let mut clashes = Vec::new();
    let mut first = 0;
    while first < kept.len() {
        let mut next = first + 1;
        while next < kept.len() && same_key(&kept[first].row, &kept[next].row) {
            let kind = if same_values(&kept[first].row, &kept[next].row) {
                Kind::Identical
            } else {
                Kind::Conflicting
            };
            clashes.push(Clash { at: next, kind, with: first });
            next += 1;
        }
        if let Some(finer) = kept.get(next).filter(|finer| covers(&kept[first].row, &finer.row)) {
            debug_assert!(finer.row.unit == kept[first].row.unit);
            clashes.push(Clash { at: first, kind: Kind::Overlap, with: next });
        }
        first = next;
    }
    clashes.sort_unstable_by_key(|clash| clash.at);
    clashes
}

fn same_key(a: &Observation, b: &Observation) -> bool {
    (a.unit, a.day, a.days, a.hour) == (b.unit, b.day, b.days, b.hour)
}

fn same_values(a: &Observation, b: &Observation) -> bool {
    let floats =
        |row: &Observation| [row.bid, row.position[0], row.position[1], row.quality].map(f32::to_bits);
    let sums = |row: &Observation| [row.impressions, row.clicks, row.spend, row.orders, row.revenue];
    floats(a) == floats(b) && sums(a) == sums(b)
}

/// Whether the whole-day row covers hours that the later row reports too.
fn covers(whole: &Observation, later: &Observation) -> bool {
    whole.hour.is_none()
        && whole.unit == later.unit
        && later.day < whole.day.saturating_add(i32::from(whole.days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(unit: u32, day: i32, days: u16, hour: Option<u8>, clicks: f64, line: u32) -> Kept {
        let nan = f32::NAN;
        let row = Observation {
            unit,
            day,
            days,
            hour,
            bid: nan,
            position: [nan; 2],
            quality: nan,
            impressions: 10.0,
            clicks,
            spend: 1.0,
            orders: 0.0,
            revenue: 0.0,
        };
        Kept { row, file: 0, line }
    }

    #[test]
    fn duplicates_and_overlaps_are_told_apart() {
        let mut rows = vec![
            kept(1, 5, 1, Some(3), 2.0, 4),
            kept(0, 5, 1, Some(3), 1.0, 1),
            kept(0, 5, 1, Some(3), 1.0, 2),
            kept(0, 5, 1, Some(3), 2.0, 3),
            kept(1, 5, 1, None, 9.0, 5),
            kept(2, 1, 7, None, 9.0, 6),
            kept(2, 7, 1, None, 9.0, 7),
            kept(3, 1, 7, None, 9.0, 8),
            kept(3, 8, 7, None, 9.0, 9),
        ];
        sort(&mut rows);
        let found: Vec<_> = clashes(&rows).iter().map(|clash| (rows[clash.at].line, clash.kind)).collect();
        assert_eq!(
            found,
            [(2, Kind::Identical), (3, Kind::Conflicting), (5, Kind::Overlap), (6, Kind::Overlap)]
        );
    }
}
