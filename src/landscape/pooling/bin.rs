//! Rows of one campaign, hour and day, added up: what all factors but those of single units look at.

use super::{Row, weekend_hour_at};
use crate::calendar::HOURS;

/// Rows that every factor but their unit's moves alike.
#[derive(Debug)]
pub(super) struct Bin {
    campaign: u32,
    /// None for rows that cover whole days.
    hour: Option<u8>,
    /// Days since the first, and weekday; none for rows that cover several days.
    day: Option<(u16, u8)>,
    /// Product of the factors of hours and days.
    pub rate: f64,
    /// Σ weight · y.
    pub seen: f64,
    /// Σ weight · μ.
    pub expected: f64,
    /// What the means of its rows are still to be multiplied by.
    pub moved: f64,
}

/// No bin yet.
const NONE: u32 = u32::MAX;

/// Puts rows, sorted by campaign, into bins; also says in which of them each row lies.
pub(super) fn sort(rows: &[Row]) -> (Vec<Bin>, Vec<u32>) {
    let place = |row: &Row| {
        let day = row.day.map_or(0, |(day, _)| usize::from(day) + 1);
        day * (HOURS + 1) + row.hour.map_or(HOURS, usize::from)
    };
    let mut known = vec![NONE; rows.iter().map(place).max().map_or(0, |last| last + 1)];
    let mut bins: Vec<Bin> = Vec::new();
    let bin_of = rows.iter().map(|row| {
        let Row { campaign, hour, day, .. } = *row;
        if bins.last().is_none_or(|last| last.campaign != campaign) {
            known.fill(NONE);
        }
        let bin = &mut known[place(row)];
        if *bin == NONE {
            *bin = bins.len() as u32;
            bins.push(Bin { campaign, hour, day, rate: 1.0, seen: 0.0, expected: 0.0, moved: 1.0 });
        }
        *bin
    });
    let bin_of = bin_of.collect();
    (bins, bin_of)
}

/// Levels of the factors, where a bin has any.
impl Bin {
    pub fn hour(&self) -> Option<usize> {
        self.hour.map(usize::from)
    }

    pub fn campaign_hour(&self) -> Option<usize> {
        self.hour().map(|hour| self.campaign as usize * HOURS + hour)
    }

    pub fn weekday(&self) -> Option<usize> {
        self.day.map(|(_, of_week)| usize::from(of_week))
    }

    pub fn weekend_hour(&self) -> Option<usize> {
        self.hour.zip(self.day).map(|(hour, (_, of_week))| weekend_hour_at(of_week, hour))
    }

    pub fn day(&self) -> Option<usize> {
        self.day.map(|(day, _)| usize::from(day))
    }
}
