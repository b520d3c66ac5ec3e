//! What days were like, where operators' bids followed them.
//!
//! An operator who bids more on busy days makes bids of whole days go with more than they bring: that is habit, and no
//! forecast follows it to another bid. But busy the days were. What habit stands for in a day belongs to its weekday,
//! and to the level of the days that are like it.

use rayon::prelude::*;

use super::piece::Piece;

/// Moves what habit, so much for each unit of the feature, stands for into weekdays (Monday first) and days.
pub(super) fn settle(pieces: &[Piece], habit: f64, weekday: &mut [f64], day: &mut [f64]) {
    if habit == 0.0 {
        return;
    }
    let stood_for = of_days(pieces, habit, day.len());
    let mut of_week = [(0.0, 0.0); 7];
    for (more, at) in stood_for.iter().flatten() {
        of_week[*at].0 += more;
        of_week[*at].1 += 1.0;
    }
    let of_week = of_week.map(|(sum, days): (f64, f64)| if days > 0.0 { sum / days } else { 0.0 });
    weekday.iter_mut().zip(of_week).for_each(|(weekday, more)| *weekday *= more.exp());
    for (day, stood_for) in day.iter_mut().zip(stood_for) {
        *day *= stood_for.map_or(1.0, |(more, at)| (more - of_week[at]).exp());
    }
}

/// What habit made of each day, as ln, and its weekday; nothing where the day has no rows.
fn of_days(pieces: &[Piece], habit: f64, days: usize) -> Vec<Option<(f64, usize)>> {
    // [Σ μ, Σ μ without habit, weekday] by day.
    let sums: Vec<Vec<[f64; 3]>> = pieces
        .par_iter()
        .map(|piece| {
            let mut sums = vec![[0.0; 3]; days];
            for ((row, mean), [.., of_day]) in piece.rows.iter().zip(&piece.mean).zip(&piece.apart.x) {
                let Some((at, of_week)) = row.day else { continue };
                let sum = &mut sums[usize::from(at)];
                sum[0] += mean;
                sum[1] += mean * (-habit * of_day).exp();
                sum[2] = f64::from(of_week);
            }
            sums
        })
        .collect();
    let of_day = |day: usize| {
        let add = |all: [f64; 3], sums: &Vec<[f64; 3]>| {
            let [with, without, of_week] = sums[day];
            [all[0] + with, all[1] + without, if with > 0.0 { of_week } else { all[2] }]
        };
        let [with, without, of_week] = sums.iter().fold([0.0; 3], add);
        (with > 0.0 && without > 0.0).then(|| ((with / without).ln(), of_week as usize))
    };
    (0..days).map(of_day).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Extent, Row, SlopePrior, fit};
    use crate::landscape::Parts;

    /// Volume that answers to the bid by 0.5 within a day. Days are busier by `shared`, and each unit's days by something
    /// of its own; bids follow by half of it, so that habit is plain to see.
    fn rows(shared: impl Fn(u16) -> f64) -> Vec<Row> {
        let mut rows = Vec::new();
        for unit in 0..20u32 {
            for day in 0..28u16 {
                let luck = f64::from((unit * 13 + u32::from(day) * 7 + unit * unit) % 11) * 0.06 - 0.3;
                let busy = shared(day) + luck;
                for hour in 0..24u8 {
                    let own = f64::from((u32::from(day) * 7 + u32::from(hour) * 3 + unit) % 5) * 0.1 - 0.2;
                    let x = own + 0.5 * busy;
                    rows.push(Row {
                        unit,
                        campaign: unit / 5,
                        hour: Some(hour),
                        day: Some((day, (day % 7) as u8)),
                        y: 50.0 * (0.5 * x + busy).exp(),
                        exposure: 50.0,
                        x,
                        weight: 1.0,
                    });
                }
            }
        }
        rows
    }

    #[test]
    fn busy_days_stay_busy_where_bids_followed_them() {
        let extent = Extent { units: 20, campaigns: 4, days: 28, unit_hours: false, parts: Parts::ALL };
        let prior = SlopePrior { mean: 0.5, sd: 0.4, unit_sd: 0.2, bounds: [0.0, 3.0], ..SlopePrior::NONE };
        let weekend = |day: u16| if day % 7 >= 5 { 0.4 } else { 0.0 };
        let growth = |day: u16| f64::from(day) * 0.02;
        for (busy, on) in [(&weekend as &dyn Fn(u16) -> f64, [26, 23]), (&growth, [27, 27])] {
            let effects = fit(rows(busy), extent, prior, 1.0);
            for day in on {
                let weekday = usize::from(day % 7);
                let expected: f64 = (0..20).map(|_| (0.5 * 0.1 + busy(day)).exp()).sum();
                let told =
                    |unit: usize| effects.rate(unit, unit / 5, 12, weekday) * effects.response(unit, 0.1);
                let error = (0..20).map(told).sum::<f64>() / expected - 1.0;
                assert!(error.abs() < 0.1, "day {day}: {error:+.3}");
            }
        }
    }
}
