//! All factors of the model, fitted one after the other.
//!
//! A factor's step needs the sums of its levels only. Units are summed row by row; all that hours and days do is the
//! same for the rows of a [`Bin`], of which there are far fewer.

use super::bin::Bin;
use super::factor::{Factor, Sum, by_level, of_bins, scale};
use super::piece::{self, Piece};
use super::{Extent, Noise, Row, WEEKEND};
use crate::calendar::HOURS;

/// The factors, and the rate that they are factors of.
pub(super) struct Factors {
    /// Rate of the whole channel.
    pub base: f64,
    pub campaign: Factor,
    pub unit: Factor,
    pub hour: Factor,
    pub campaign_hour: Factor,
    /// Of no level where units' hours are not asked for.
    pub unit_hour: Factor,
    pub weekday: Factor,
    pub weekend_hour: Factor,
    pub day: Factor,
    /// Campaign of each unit.
    campaign_of: Vec<usize>,
    /// Weekday of each day.
    weekday_of: Vec<usize>,
    /// Whether rows tell of hours, and weekends have hours of their own.
    hourly: bool,
    weekends: bool,
}

impl Factors {
    /// Factors of 1 around the rate of the channel.
    pub fn new(base: f64, extent: Extent, pieces: &[Piece]) -> Factors {
        let factor = |levels, variance| Factor::new(levels, variance, extent.parts.pooling);
        let mut campaign_of = vec![0; extent.units];
        let hourly = pieces.iter().flat_map(|piece| &piece.bins).any(|bin| bin.hour().is_some());
        for (unit, campaign) in pieces.iter().flat_map(|piece| &piece.campaign_of) {
            campaign_of[*unit] = *campaign;
        }
        let mut weekday_of = vec![0; extent.days];
        for bin in pieces.iter().flat_map(|piece| &piece.bins) {
            if let (Some(day), Some(weekday)) = (bin.day(), bin.weekday()) {
                weekday_of[day] = weekday;
            }
        }
        Factors {
            base,
            campaign: factor(extent.campaigns, 0.3),
            unit: factor(extent.units, 0.5),
            hour: factor(HOURS, 0.2),
            campaign_hour: factor(extent.campaigns * HOURS, 0.02),
            unit_hour: factor(if extent.unit_hours { extent.units * HOURS } else { 0 }, 0.02),
            weekday: factor(7, 0.01),
            weekend_hour: factor(2 * HOURS, 0.02),
            day: factor(extent.days, 0.005),
            campaign_of,
            weekday_of,
            hourly,
            weekends: hourly && extent.parts.weekend_hours,
        }
    }

    /// The rate of each unit, its hours and days aside.
    pub fn of_units(&self) -> Vec<f64> {
        let units = self.campaign_of.iter().zip(&self.unit.value);
        units.map(|(campaign, unit)| self.base * self.campaign.value[*campaign] * unit).collect()
    }

    /// What the hours and days of a bin make of it.
    pub fn of_bin(&self, bin: &Bin) -> f64 {
        let at = |level: Option<usize>, factor: &Factor| level.map_or(1.0, |at| factor.value[at]);
        at(bin.hour(), &self.hour)
            * at(bin.campaign_hour(), &self.campaign_hour)
            * at(bin.weekday(), &self.weekday)
            * at(bin.weekend_hour(), &self.weekend_hour)
            * at(bin.day(), &self.day)
    }

    /// What a row's hour is for its unit alone.
    pub fn of_unit_hour(&self, row: &Row) -> f64 {
        unit_hour(row).and_then(|at| self.unit_hour.value.get(at)).copied().unwrap_or(1.0)
    }

    /// Gives each factor one step; means move with them.
    pub fn step(&mut self, pieces: &mut [Piece], noise: Noise) {
        let each = noise.each;
        self.step_units(pieces, noise);
        if self.hourly {
            self.hour.step(pieces, each, |_| 0..HOURS, Bin::hour);
            let hours = |piece: &Piece| piece.campaigns.start * HOURS..piece.campaigns.end * HOURS;
            self.campaign_hour.step(pieces, each, hours, Bin::campaign_hour);
            normalise_hours(&self.hour.value, &mut self.campaign_hour.value, &mut self.campaign.value);
            self.step_unit_hours(pieces, each);
        }
        self.step_weekdays(pieces, each);
        if self.weekends {
            self.weekend_hour.step(pieces, each, |_| 0..2 * HOURS, Bin::weekend_hour);
            normalise_weekends(&self.hour.value, &mut self.weekend_hour.value, &mut self.weekday.value);
        }
        let days = self.day.value.len();
        self.day.step(pieces, each, |_| 0..days, Bin::day);
        piece::settle(pieces);
    }

    /// The base, campaigns and units.
    fn step_units(&mut self, pieces: &mut [Piece], noise: Noise) {
        let levels = self.unit.value.len();
        let mut of_units = by_level(
            pieces,
            levels,
            |piece| piece.units.clone(),
            |piece, first, sums| {
                let rows = piece.rows.iter_mut().zip(&piece.weights).zip(&piece.mean);
                for ((row, weight), mean) in rows {
                    row.weight = weight * noise.discount(*mean);
                    add(&mut sums[row.unit as usize - first], row, *mean);
                }
            },
        );
        let [seen, expected] = of_units.iter().fold([0.0; 2], |[a, b], [seen, mean]| [a + seen, b + mean]);
        let scale = if expected > 0.0 { seen / expected } else { 1.0 };
        self.base *= scale;
        let mut of_campaigns = vec![[0.0; 2]; self.campaign.value.len()];
        for ([seen, expected], of) in of_units.iter_mut().zip(&self.campaign_of) {
            *expected *= scale;
            of_campaigns[*of][0] += *seen;
            of_campaigns[*of][1] += *expected;
        }
        let by_campaign = self.campaign.update(&of_campaigns, noise.each);
        for ([_, expected], of) in of_units.iter_mut().zip(&self.campaign_of) {
            *expected *= by_campaign[*of];
        }
        let mut moved = self.unit.update(&of_units, noise.each);
        moved.iter_mut().zip(&self.campaign_of).for_each(|(moved, of)| *moved *= scale * by_campaign[*of]);
        piece::fill(pieces, |row| moved[row.unit as usize]);
    }

    /// Weekdays. A day has luck of its own (τ² of days), so a weekday that was seen four times still has half of it:
    /// days are summed without their factors, and what they scatter counts against the weekday.
    fn step_weekdays(&mut self, pieces: &mut [Piece], each: f64) {
        let days = self.day.value.len();
        let of_days = of_bins(pieces, days, |_| 0..days, Bin::day);
        let mut sums = vec![[0.0; 2]; self.weekday.value.len()];
        let mut squares = vec![0.0; sums.len()];
        for (([seen, expected], day), weekday) in of_days.iter().zip(&self.day.value).zip(&self.weekday_of) {
            let expected = expected / day.max(1e-12);
            sums[*weekday][0] += seen;
            sums[*weekday][1] += expected;
            squares[*weekday] += (expected / self.weekday.value[*weekday].max(1e-12)).powi(2);
        }
        // Weekdays have taken some of the scatter of the days they were learned from.
        let made_up = days as f64 / (days as f64 - self.weekday.absorbed).max(0.5 * days as f64);
        let luck = self.day.variance * made_up;
        let dispersion = |((sum, squares), value): ((&Sum, &f64), &f64)| {
            let expected = sum[1] / value.max(1e-12);
            each + if expected > 0.0 { luck * squares / expected } else { 0.0 }
        };
        let dispersion: Vec<f64> =
            sums.iter().zip(&squares).zip(&self.weekday.value).map(dispersion).collect();
        let ratio = self.weekday.update_by(&sums, &dispersion);
        scale(pieces, &ratio, Bin::weekday);
    }

    fn step_unit_hours(&mut self, pieces: &mut [Piece], dispersion: f64) {
        let levels = self.unit_hour.value.len();
        if levels == 0 {
            return;
        }
        piece::settle(pieces);
        let hours = |piece: &Piece| piece.units.start * HOURS..piece.units.end * HOURS;
        let sums = by_level(pieces, levels, hours, |piece, first, sums| {
            for (row, mean) in piece.rows.iter().zip(&piece.mean) {
                if let Some(at) = unit_hour(row) {
                    add(&mut sums[at - first], row, *mean);
                }
            }
        });
        let moved = self.unit_hour.update(&sums, dispersion);
        piece::fill(pieces, |row| unit_hour(row).map_or(1.0, |at| moved[at]));
    }
}

/// The level of a row among its unit's hours.
fn unit_hour(row: &Row) -> Option<usize> {
    row.hour.map(|hour| row.unit as usize * HOURS + usize::from(hour))
}

/// Adds what is seen and what is expected of a row.
fn add([seen, expected]: &mut Sum, row: &Row, mean: f64) {
    *seen += row.weight * row.y;
    *expected += row.weight * mean;
}

/// Makes the mean of hour × campaign×hour over the day 1 in every campaign, so that a whole-day row
/// is 24 hours of the campaign's rate.
fn normalise_hours(hour: &[f64], campaign_hour: &mut [f64], campaign: &mut [f64]) {
    for (hours, campaign) in campaign_hour.chunks_mut(HOURS).zip(campaign) {
        let mean = hours.iter().zip(hour).map(|(own, all)| own * all).sum::<f64>() / HOURS as f64;
        if mean > 0.0 {
            hours.iter_mut().for_each(|own| *own /= mean);
            *campaign *= mean;
        }
    }
}

/// Makes the mean of the hours of workdays, and of those of weekends, 1, by what the hours bring.
fn normalise_weekends(hour: &[f64], weekend_hour: &mut [f64], weekday: &mut [f64]) {
    let (workdays, weekends) = weekday.split_at_mut(WEEKEND);
    let whole: f64 = hour.iter().sum();
    for (hours, days) in weekend_hour.chunks_mut(HOURS).zip([workdays, weekends]) {
        let mean = hours.iter().zip(hour).map(|(own, all)| own * all).sum::<f64>() / whole;
        if mean > 0.0 {
            hours.iter_mut().for_each(|own| *own /= mean);
            days.iter_mut().for_each(|day| *day *= mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::super::{Extent, Row, SlopePrior, fit};
    use crate::landscape::Parts;

    /// How far weekdays lie from their mean, in the mean square.
    fn swing(weekdays: &[f64]) -> f64 {
        let mean = weekdays.iter().sum::<f64>() / 7.0;
        (weekdays.iter().map(|day| (day / mean - 1.0).powi(2)).sum::<f64>() / 7.0).sqrt()
    }

    /// Weekdays as learned from four weeks whose days swing by up to so much, Saturdays and Sundays being `weekend`; and
    /// the means of their days.
    fn weekdays(swing: f64, weekend: f64) -> [Vec<f64>; 2] {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let luck: Vec<f64> = (0..28).map(|_| swing * (2.0 * random.random::<f64>() - 1.0)).collect();
        let mut rows = Vec::new();
        for unit in 0..10 {
            for day in 0..28u16 {
                for hour in 0..24u8 {
                    let busy = if day % 7 >= 5 { weekend } else { 1.0 } * luck[usize::from(day)].exp();
                    rows.push(Row {
                        unit,
                        campaign: 0,
                        hour: Some(hour),
                        day: Some((day, (day % 7) as u8)),
                        y: 100.0 * busy,
                        exposure: 100.0,
                        x: f64::NAN,
                        weight: 1.0,
                    });
                }
            }
        }
        let extent = Extent { units: 10, campaigns: 1, days: 28, unit_hours: false, parts: Parts::ALL };
        let seen = (0..7).map(|at| luck.iter().skip(at).step_by(7).map(|luck| luck.exp()).sum::<f64>());
        [fit(rows, extent, SlopePrior::NONE, 1.0).weekday, seen.collect()]
    }

    #[test]
    fn four_lucky_days_are_no_weekday() {
        let [learned, seen] = weekdays(0.5, 1.0).map(|weekdays| swing(&weekdays));
        assert!(learned < 0.75 * seen, "{learned} of {seen}");
        // What is more than luck stays.
        let [weekend, _] = weekdays(0.05, 0.7);
        for day in &weekend[5..] {
            assert!((day / weekend[1] - 0.7).abs() < 0.04, "{weekend:?}");
        }
    }
}
