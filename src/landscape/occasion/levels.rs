//! The levels of one rate: of each channel's day, and of its hours.
//!
//! `seen = expected · day · hour` with hours whose mean, by the volume of a normal day, is 1; so a day of which only
//! some hours were seen, because the money ran out in the others, is not taken for what those hours were. Days and hours
//! are found in turn.

use super::Level;
use super::likeness::{Measured, between, mean, pulled};
use crate::calendar::HOURS;

/// Turns in which days and hours are found from each other.
const TURNS: usize = 8;

/// What was seen of a rate, what a normal day would have brought, and the variance of the one around the other.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub seen: f64,
    pub expected: f64,
    pub chance: f64,
}

impl Sum {
    fn add(&mut self, other: Sum, share: f64) {
        self.seen += other.seen;
        self.expected += share * other.expected;
        self.chance += other.chance;
    }

    /// Seen ÷ expected, with the variance of its error.
    fn measured(&self) -> Measured {
        match self.expected > 0.0 {
            true => (self.seen / self.expected, self.chance / self.expected.powi(2)),
            false => (1.0, f64::INFINITY),
        }
    }
}

/// A channel's sums of one rate.
#[derive(Default)]
pub(super) struct Sums {
    /// By date and hour since the beginning of the event's day.
    pub by_date: Vec<[Sum; HOURS]>,
    /// By date, the variance that a unit's hours share.
    pub of_units: Vec<f64>,
    /// What a channel's day lies from its forecast, as a relative variance.
    pub common: f64,
    /// Whether its hours are the shop's: a slot has its own.
    pub has_shops_hours: bool,
}

impl Sums {
    fn dates(&self, hours: &[f64]) -> Vec<Measured> {
        let date = |(of_hours, of_units): (&[Sum; HOURS], &f64)| {
            let mut sum = Sum::default();
            of_hours.iter().zip(hours).for_each(|(of_hour, share)| sum.add(*of_hour, *share));
            sum.chance += of_units;
            let (value, error) = sum.measured();
            (value, error + self.common)
        };
        let dates = self.by_date.iter().zip(&self.of_units).map(date);
        dates.filter(|(_, error)| error.is_finite()).collect()
    }

    fn hours(&self, factor: f64) -> Vec<Measured> {
        let hour = |hour: usize| {
            let mut sum = Sum::default();
            self.by_date.iter().for_each(|hours| sum.add(hours[hour], factor));
            sum.measured()
        };
        (0..HOURS).map(hour).collect()
    }
}

/// What is believed of a rate before any event is seen, as shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Belief {
    /// What events of one name differ by; it is worth [`WORTH`] differences.
    pub unlike: f64,
    /// How far a channel lies from the shop, or, of what channels do not share, from 1.
    pub apart: f64,
    /// Whether all channels have it in common.
    pub shared: bool,
}

/// Differences between events that the belief in [`Belief::unlike`] is worth.
const WORTH: f64 = 2.0;

/// The channels' levels of one rate. `usual` is the volume of a normal day by hour.
pub(super) fn levels(sums: &[Sums], belief: Belief, usual: &[f64; HOURS]) -> Vec<Level> {
    let mut levels = vec![Level::default(); sums.len()];
    for _ in 0..TURNS {
        let days: Vec<(Measured, f64)> =
            sums.iter().zip(&levels).map(|(sums, level)| day(&sums.dates(&level.hours), belief)).collect();
        let apart = belief.apart * belief.apart;
        let shop = match belief.shared {
            true => mean(&days.iter().map(|(day, _)| *day).collect::<Vec<_>>(), apart).0,
            false => 1.0,
        };
        for ((day, unlike), level) in days.iter().zip(&mut levels) {
            let (factor, error) = pulled(*day, shop, apart);
            level.factor = factor.max(1e-3);
            level.variance = (error + unlike) / level.factor.powi(2);
        }
        let hours: Vec<Vec<Measured>> =
            sums.iter().zip(&levels).map(|(sums, level)| sums.hours(level.factor)).collect();
        let with: Vec<&Vec<Measured>> =
            hours.iter().zip(sums).filter(|(_, sums)| sums.has_shops_hours).map(|(hours, _)| hours).collect();
        let of_shop: Vec<Measured> = (0..HOURS)
            .map(|hour| mean(&with.iter().map(|hours| hours[hour]).collect::<Vec<_>>(), 0.0))
            .collect();
        let always = [1.0; HOURS];
        let shape_of_shop = if belief.shared { shape(&of_shop, &always, usual) } else { always.to_vec() };
        for ((level, hours), sums) in levels.iter_mut().zip(&hours).zip(sums) {
            level.hours = match sums.has_shops_hours {
                true => shape(hours, &shape_of_shop, usual),
                false => always.to_vec(),
            };
        }
    }
    levels
}

/// A channel's day from its dates, and what the next one differs by, as a variance.
fn day(dates: &[Measured], belief: Belief) -> (Measured, f64) {
    let (middle, _) = mean(dates, 0.0);
    let more = dates.len().saturating_sub(1) as f64;
    let found = between(dates, |_| middle);
    let unlike = (WORTH * belief.unlike.powi(2) + more * found) / (WORTH + more);
    (mean(dates, unlike), unlike)
}

/// Hours around others, as far as they differ from them by more than chance; their mean is 1.
fn shape(hours: &[Measured], around: &[f64], usual: &[f64; HOURS]) -> Vec<f64> {
    let variance = between(hours, |hour| around[hour]);
    let shape: Vec<f64> =
        hours.iter().zip(around).map(|(seen, around)| pulled(*seen, *around, variance).0.max(1e-3)).collect();
    let all: f64 = usual.iter().sum();
    let mean = shape.iter().zip(usual).map(|(hour, volume)| hour * volume).sum::<f64>() / all;
    shape.into_iter().map(|hour| hour / mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BELIEF: Belief = Belief { unlike: 0.1, apart: 0.15, shared: true };

    /// A channel that was there in some hours of a day of level 2 whose first hours are the busiest.
    fn channel(hours: std::ops::Range<usize>) -> Sums {
        let surge = |hour: usize| if hour < 6 { 2.5 } else { 0.5 };
        let sum = |hour: usize| match hours.contains(&hour) {
            true => Sum { seen: 2.0 * surge(hour) * 1000.0, expected: 1000.0, chance: 1000.0 },
            false => Sum::default(),
        };
        let by_date = vec![std::array::from_fn(sum)];
        Sums { by_date, of_units: vec![0.0], common: 1e-4, has_shops_hours: true }
    }

    #[test]
    fn a_channel_whose_money_ran_out_is_known_by_the_others_hours() {
        let found = levels(&[channel(0..8), channel(0..24)], BELIEF, &[1.0; HOURS]);
        for level in &found {
            assert!((level.factor - 2.0).abs() < 0.1, "{level:?}");
            assert!((level.hours[0] - 2.5).abs() < 0.1 && (level.hours[20] - 0.5).abs() < 0.05, "{level:?}");
        }
    }

    #[test]
    fn a_channel_without_rows_is_the_shops_and_a_slot_keeps_its_hours() {
        let none = Sums { by_date: vec![Default::default()], of_units: vec![0.0], ..Sums::default() };
        let found = levels(&[channel(0..24), none], BELIEF, &[1.0; HOURS]);
        assert!(
            (found[1].factor - found[0].factor).abs() < 0.1 && found[1].hours == [1.0; HOURS],
            "{found:?}"
        );
        assert!(found[1].variance > found[0].variance);
    }
}
