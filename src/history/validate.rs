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
    /// The day on which it was exported, where its report says.
    pub exported: Option<i32>,
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

/// Sorts by unit, day and hour, whole periods first, then the last export first, then in the order read.
pub(super) fn sort(kept: &mut [Kept]) {
    kept.par_sort_unstable_by_key(|kept| {
        let row = &kept.row;
        (row.unit, row.day, Reverse(row.days), row.hour, Reverse(kept.exported), kept.file, kept.line)
    });
}

/// Keeps the last export of each row, and hands on all that there were of it, the first export first. A row whose
/// report does not say when it was exported stands for itself.
pub(super) fn supersede(kept: &mut Vec<Kept>, mut looks: impl FnMut(&[Kept])) {
    let again = |a: &Kept, b: &Kept| {
        same_key(&a.row, &b.row) && a.exported.is_some() && b.exported.is_some() && a.exported != b.exported
    };
    let mut of_row: Vec<Kept> = Vec::new();
    let mut next = 0;
    while next < kept.len() {
        let first = next;
        next += 1;
        while next < kept.len() && again(&kept[next - 1], &kept[next]) {
            next += 1;
        }
        if next - first > 1 {
            of_row.clear();
            of_row.extend(kept[first..next].iter().rev());
            looks(&of_row);
        }
    }
    kept.dedup_by(|earlier, last| again(last, earlier));
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
            age: 0,
            bid: nan,
            position: [nan; 2],
            quality: nan,
            impressions: 10.0,
            clicks,
            spend: 1.0,
            orders: 0.0,
            revenue: 0.0,
        };
        Kept { row, exported: None, file: 0, line }
    }

    #[test]
    fn of_exports_on_several_days_the_last_one_stands() {
        let look =
            |hour, exported, clicks, line| Kept { exported, ..kept(0, 5, 1, Some(hour), clicks, line) };
        let mut rows = vec![
            look(3, Some(7), 2.0, 1),
            look(3, Some(9), 4.0, 2),
            look(3, Some(8), 3.0, 3),
            look(4, Some(8), 1.0, 4),
            look(5, Some(8), 1.0, 5),
            look(5, Some(8), 1.0, 6),
            look(6, None, 1.0, 7),
            look(6, Some(8), 2.0, 8),
        ];
        sort(&mut rows);
        let mut seen = Vec::new();
        supersede(&mut rows, |looks| {
            seen.push(looks.iter().map(|look| look.row.clicks).collect::<Vec<_>>());
        });
        assert_eq!(seen, [[2.0, 3.0, 4.0]]);
        let left: Vec<u32> = rows.iter().map(|kept| kept.line).collect();
        assert_eq!(left, [2, 4, 5, 6, 8, 7]);
        let found: Vec<_> = clashes(&rows).iter().map(|clash| (rows[clash.at].line, clash.kind)).collect();
        assert_eq!(found, [(6, Kind::Identical), (7, Kind::Conflicting)]);
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
