//! Commissions are noticed late, promoters going by what a plan has paid for some time, and they are paid on what is
//! kept.

use std::collections::BTreeMap;

use super::pooling::{Effects, Explained};
use super::saturation::Tried;
use super::seen::Seen;

/// Share of what was felt yesterday that is in what is felt today. (A plan holds its commission for long: what is felt
/// is then what is paid.)
const MEMORY: Tried = Tried { values: &[0.0, 0.5, 0.75, 0.88], prior: [0.5, 0.5] };

/// Bids against the usual ones as promoters feel them, their memory being what `fit` finds most likely.
pub(super) fn noticed(
    seen: &[Seen<'_>],
    ratios: &[f64],
    fit: impl Fn(&[f64]) -> (Effects, Explained),
) -> Vec<f64> {
    let with = |memory: f64| -> Vec<f64> {
        let rows = felt(seen, memory).into_iter().zip(seen).zip(ratios);
        rows.map(|((felt, seen), ratio)| ratio * felt / seen.bid).collect()
    };
    with(MEMORY.fitted(|memory| fit(&with(memory))))
}

/// What is felt of the bid of each row: a mean over the days, which fades. Rows are sorted by unit and day; the
/// first bid of a unit is taken to have held before.
fn felt(seen: &[Seen<'_>], memory: f64) -> Vec<f64> {
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

/// Share of the commissions on all sales that is paid. Sales come back for days, so the share falls with the age of
/// a row: the oldest rows tell it, pooled with those before them as long as they say no more (Ayer et al. 1955).
pub(super) fn paid(seen: &[Seen<'_>], newest: i32) -> f64 {
    let mut ages: BTreeMap<i32, [f64; 2]> = BTreeMap::new();
    for seen in seen.iter().filter(|seen| seen.row.revenue > 0.0 && seen.bid.is_finite()) {
        let [spend, due] = ages.entry(newest - seen.row.day).or_default();
        (*spend, *due) = (*spend + seen.row.spend, *due + seen.row.revenue * seen.bid);
    }
    let mut falling: Vec<[f64; 2]> = Vec::new();
    for [mut spend, mut due] in ages.into_values() {
        while let Some([before, of]) = falling.pop() {
            if before * due > spend * of {
                falling.push([before, of]);
                break;
            }
            (spend, due) = (spend + before, due + of);
        }
        falling.push([spend, due]);
    }
    falling.last().map_or(1.0, |[spend, due]| (spend / due).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Observation;

    fn row(day: i32, revenue: f64, spend: f64) -> Observation {
        Observation {
            unit: 0,
            day,
            days: 1,
            hour: None,
            age: 0,
            bid: 0.0,
            position: [f32::NAN; 2],
            quality: f32::NAN,
            impressions: 1.0,
            clicks: 0.0,
            spend,
            orders: 0.0,
            revenue,
        }
    }

    fn seen(row: &Observation, bid: f64) -> Seen<'_> {
        Seen { bid, ..Seen::of(row, 0, 0) }
    }

    #[test]
    fn what_comes_back_pays_no_commission_and_the_oldest_days_tell() {
        // A tenth comes back in the end; on the newest days it has not yet. Days differ by luck.
        let paid_on = |day: i32| if day < 15 { 0.9 + 0.01 * f64::from(day % 3 - 1) } else { 0.99 };
        let rows: Vec<Observation> = (0..20).map(|day| row(day, 100.0, 20.0 * paid_on(day))).collect();
        let all: Vec<Seen<'_>> = rows.iter().map(|row| seen(row, 0.2)).collect();
        assert!((paid(&all, 19) - 0.9).abs() < 0.012, "{}", paid(&all, 19));
        assert_eq!(paid(&[], 19), 1.0);
    }

    #[test]
    fn a_new_commission_is_felt_little_by_little() {
        let rows: Vec<Observation> = (0..40).map(|day| row(day, 0.0, 0.0)).collect();
        let bid = |row: &Observation| if row.day < 10 { 0.1 } else { 0.2 };
        let seen: Vec<Seen<'_>> = rows.iter().map(|row| seen(row, bid(row))).collect();
        let felt = felt(&seen, 0.75);
        assert_eq!(felt[9], 0.1);
        assert!((felt[10] - 0.125).abs() < 1e-12 && (felt[39] - 0.2).abs() < 1e-4, "{felt:?}");
        assert_eq!(super::felt(&seen, 0.0)[10], 0.2);
    }
}
