//! Commissions that are noticed late: promoters go by what a plan has paid for some time.

use super::saturation::Tried;
use super::seen::Seen;

/// Share of what was felt yesterday that is in what is felt today. (A plan holds its commission for long: what is felt
/// is then what is paid.)
pub(super) const MEMORY: Tried = Tried { values: &[0.0, 0.5, 0.75, 0.88], prior: [0.5, 0.5] };

/// What is felt of the bid of each row: a mean over the days, which fades. Rows are sorted by unit and day; the
/// first bid of a unit is taken to have held before.
pub(super) fn felt(seen: &[Seen<'_>], memory: f64) -> Vec<f64> {
    let mut felt = Vec::with_capacity(seen.len());
    let (mut now, mut day, mut unit) = (f64::NAN, i32::MIN, u32::MAX);
    for seen in seen {
        if seen.unit != unit {
            now = seen.bid;
        } else if seen.row.day > day {
            let kept = memory.powi(seen.row.day - day);
            now = kept * now + (1.0 - kept) * seen.bid;
        }
        (unit, day) = (seen.unit, seen.row.day);
        felt.push(now);
    }
    felt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Observation;

    #[test]
    fn a_new_commission_is_felt_little_by_little() {
        let row = |day| Observation {
            unit: 0,
            day,
            days: 1,
            hour: None,
            bid: 0.0,
            position: [f32::NAN; 2],
            quality: f32::NAN,
            impressions: 1.0,
            clicks: 0.0,
            spend: 0.0,
            orders: 0.0,
            revenue: 0.0,
        };
        let rows: Vec<Observation> = (0..40).map(row).collect();
        let seen: Vec<Seen<'_>> = rows
            .iter()
            .map(|row| {
                let bid = if row.day < 10 { 0.1 } else { 0.2 };
                Seen { row, unit: 0, campaign: 0, weight: 1.0, mature: true, bid, cut: false, lift: 1.0 }
            })
            .collect();
        let felt = felt(&seen, 0.75);
        assert_eq!(felt[9], 0.1);
        assert!((felt[10] - 0.125).abs() < 1e-12 && (felt[39] - 0.2).abs() < 1e-4, "{felt:?}");
        assert_eq!(super::felt(&seen, 0.0)[10], 0.2);
    }
}
