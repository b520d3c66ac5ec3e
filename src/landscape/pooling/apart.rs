//! The feature of each row taken apart, by what may be a habit of the operator's.
//!
//! Operators bid more on days that are busy anyway, and in hours of a day, for reasons that no report tells. They do it
//! for a campaign rather than for a keyword: what a unit's bid does beyond its campaign's is the cleanest news of what
//! bids bring (Mundlak 1978).

use std::ops::Range;

use super::Row;
use crate::calendar::HOURS;

/// Parts of the feature: what an hour has of it beyond its day, beyond the same hour of other days and beyond the rest
/// of its campaign in that hour; what the campaign has of it in that hour; what the day has of it.
pub(super) const PARTS: usize = 3;
/// The last of them.
pub(super) const DAYS: usize = 2;

/// The feature taken apart.
#[derive(Debug)]
pub(super) struct Apart {
    /// [own, the campaign's hour, the day] of each row.
    pub x: Vec<[f64; PARTS]>,
    /// Rows of each unit's day.
    pub days: Vec<Range<usize>>,
}

/// Sweeps of taking out days and hours in turn.
const SWEEPS: usize = 4;

impl Apart {
    /// Takes the feature of some units' rows apart. Rows are sorted by unit and day; a row that covers several days is
    /// one day. `bin_of` says which rows are of one campaign, hour and day.
    pub fn of(rows: &[Row], units: Range<usize>, bin_of: &[u32], bins: usize) -> Apart {
        let mut days: Vec<Range<usize>> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let same = |before: &Row| before.unit == row.unit && row.day.is_some() && before.day == row.day;
            match days.last_mut() {
                Some(last) if same(&rows[last.start]) => last.end = at + 1,
                _ => days.push(at..at + 1),
            }
        }
        let weight = |row: &Row| row.weight * row.exposure;
        let mut x: Vec<[f64; PARTS]> = rows.iter().map(|row| [row.x, 0.0, 0.0]).collect();
        for sweep in 0..SWEEPS {
            for day in &days {
                let (sum, all) = day.clone().fold((0.0, 1e-300), |(sum, all), at| {
                    (sum + weight(&rows[at]) * x[at][0], all + weight(&rows[at]))
                });
                for x in &mut x[day.clone()] {
                    x[0] -= sum / all;
                    x[2] += if sweep == 0 { sum / all } else { 0.0 };
                }
            }
            let mut hours = vec![[0.0, 1e-300]; units.len() * HOURS];
            let place = |row: &Row| {
                row.hour.map(|hour| (row.unit as usize - units.start) * HOURS + usize::from(hour))
            };
            for (row, x) in rows.iter().zip(&x) {
                if let Some([sum, all]) = place(row).map(|at| &mut hours[at]) {
                    (*sum, *all) = (*sum + weight(row) * x[0], *all + weight(row));
                }
            }
            for (row, x) in rows.iter().zip(&mut x) {
                x[0] -= place(row).map_or(0.0, |at| hours[at][0] / hours[at][1]);
            }
        }
        let mut apart = Apart { x, days };
        apart.share(rows, units, bin_of, bins);
        apart
    }

    /// Takes out what the units of a campaign have in common in an hour of a day, each by its size. One that is alone
    /// has nothing in common.
    fn share(&mut self, rows: &[Row], units: Range<usize>, bin_of: &[u32], bins: usize) {
        let mut sizes = vec![[0.0, 1e-300]; units.len()];
        for row in rows {
            let [sum, all] = &mut sizes[row.unit as usize - units.start];
            (*sum, *all) = (*sum + row.weight * row.y, *all + row.weight);
        }
        let size = |row: &Row| {
            let [sum, all] = sizes[row.unit as usize - units.start];
            row.weight * sum / all
        };
        // Σ weight · x, Σ weight, Σ weight².
        let mut common = vec![[0.0; 3]; bins];
        for ((row, x), bin) in rows.iter().zip(&self.x).zip(bin_of) {
            let (sums, size) = (&mut common[*bin as usize], size(row));
            *sums = [sums[0] + size * x[0], sums[1] + size, sums[2] + size * size];
        }
        for (x, bin) in self.x.iter_mut().zip(bin_of) {
            let [sum, all, squares] = common[*bin as usize];
            // The mean of n units moves by 1 ÷ n with each of them: that much is no common move. Units of which nothing was
            // seen have no size.
            let others = if all > 0.0 { 1.0 - squares / (all * all) } else { 0.0 };
            let mean = if others > 1e-9 { sum / all * others } else { 0.0 };
            (x[0], x[1]) = (x[0] - mean, mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::super::{Extent, Row, SlopePrior, fit};
    use crate::landscape::Parts;

    #[test]
    fn a_campaign_that_bids_by_the_hours_demand_is_seen_through() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let mut luck = |most: f64| most * (2.0 * random.random::<f64>() - 1.0);
        let mut demand = vec![0.0; 2 * 28 * 24];
        demand.iter_mut().for_each(|hour| *hour = luck(0.5));
        let mut rows = Vec::new();
        for unit in 0..20u32 {
            for day in 0..28u16 {
                for hour in 0..24u8 {
                    let busy = demand[(unit as usize / 10 * 28 + usize::from(day)) * 24 + usize::from(hour)];
                    // Bids follow what the hour will be, and move a little by themselves.
                    let x = 0.8 * busy + luck(0.2);
                    rows.push(Row {
                        unit,
                        campaign: unit / 10,
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
        let extent = Extent { units: 20, campaigns: 2, days: 28, unit_hours: false, parts: Parts::ALL };
        let prior = SlopePrior { mean: 0.5, sd: 0.4, unit_sd: 0.2, bounds: [0.0, 3.0], ..SlopePrior::NONE };
        let slopes = fit(rows, extent, prior, 1.0).slope;
        let mean = slopes.iter().sum::<f64>() / slopes.len() as f64;
        // All that goes with bids would be 1.6.
        assert!((mean - 0.5).abs() < 0.15, "{mean}");
    }

    #[test]
    fn a_campaign_of_which_nothing_was_seen_says_nothing() {
        let row = |unit: u32, day: u16, hour: u8| {
            let x = f64::from((u32::from(day) * 7 + u32::from(hour) * 3 + unit) % 5) * 0.1;
            Row {
                unit,
                campaign: unit / 2,
                hour: Some(hour),
                day: Some((day, (day % 7) as u8)),
                // The second campaign was never shown, clicked or charged.
                y: if unit < 2 { 50.0 * (0.5 * x).exp() } else { 0.0 },
                exposure: 50.0,
                x,
                weight: 1.0,
            }
        };
        let days = |unit| (0..28u16).flat_map(move |day| (0..24u8).map(move |hour| row(unit, day, hour)));
        let rows: Vec<Row> = (0..4).flat_map(days).collect();
        let extent = Extent { units: 4, campaigns: 2, days: 28, unit_hours: false, parts: Parts::ALL };
        let prior = SlopePrior { mean: 0.5, sd: 0.4, unit_sd: 0.2, bounds: [0.0, 3.0], ..SlopePrior::NONE };
        let slopes = fit(rows, extent, prior, 1.0).slope;
        assert!(slopes.iter().all(|slope| (slope - 0.5).abs() < 0.2), "{slopes:?}");
    }
}
