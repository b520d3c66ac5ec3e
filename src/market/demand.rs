//! Demand: how many people come, and how ready they are to buy, by day and hour.

use std::f64::consts::TAU;

use super::chance::{Chance, Purpose, key};
use super::event::{self, Effect};
use super::shop;
use crate::calendar::weekday;
use crate::keys::Channel;

/// The ebb and flow that all units share, each unit's own on top of it, and what events make of it.
#[derive(Debug, Clone)]
pub(super) struct Demand {
    chance: Chance,
    spec: shop::Demand,
    events: Vec<shop::Event>,
    first: i32,
}

/// Each of a list divided by their mean.
fn around_one(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| value / mean).collect()
}

/// An entry of such a list; 1 where a shop that was never checked has none.
fn at(around_one: &[f64], index: usize) -> f64 {
    around_one.get(index).copied().unwrap_or(1.0)
}

impl Demand {
    /// `first` is the day number of the shop's first day.
    pub fn new(chance: Chance, spec: &shop::Demand, events: &[shop::Event], first: i32) -> Self {
        let spec = shop::Demand {
            hour: around_one(&spec.hour),
            weekday: around_one(&spec.weekday),
            cvr_hour: around_one(&spec.cvr_hour),
            cvr_weekday: around_one(&spec.cvr_weekday),
            ..spec.clone()
        };
        let events =
            events.iter().map(|event| shop::Event { hour: around_one(&event.hour), ..event.clone() });
        Demand { chance, spec, events: events.collect(), first }
    }

    /// The same ebb and flow under other luck.
    pub fn with_luck(&self, luck: u32) -> Self {
        Demand { chance: self.chance.with_luck(luck), ..self.clone() }
    }

    /// What events do to a day.
    pub fn event(&self, day: i32) -> Effect<'_> {
        event::effect(&self.events, day)
    }

    /// Growth by which something has changed since the first day at a monthly rate.
    pub fn growth(&self, monthly: f64, day: i32) -> f64 {
        (f64::from(day - self.first) / 30.0 * monthly.ln_1p()).exp()
    }

    /// A slow swing of its own for everything with a name: around 1.
    pub fn swing(&self, name: u64, size: f64, days: f64, day: i32) -> f64 {
        let phase = self.chance.unit(Purpose::Demand, name).share();
        (size * (TAU * (f64::from(day - self.first) / days + phase)).sin()).exp()
    }

    /// Traffic of an hour of a day against the day's mean hour.
    pub fn hour_of(&self, day: i32, hour: u8) -> f64 {
        self.event(day).hour.map_or_else(|| self.hour(hour), |shape| at(shape, hour.into()))
    }

    /// Share of a normal day's traffic that falls into an hour, times 24.
    pub fn hour(&self, hour: u8) -> f64 {
        at(&self.spec.hour, hour.into())
    }

    /// Traffic of a day in a channel against its normal day: weekday, trend, drift and the day's noise.
    pub fn day(&self, channel: Channel, day: i32) -> f64 {
        let trend = self.growth(self.spec.monthly_trend, day);
        let noise = self.chance.day(Purpose::Demand, key(&[channel.name()]), day).factor(self.spec.day_noise);
        at(&self.spec.weekday, weekday(day)) * trend * noise * self.event(day).traffic
    }

    /// Traffic of one unit on a day against its normal day.
    pub fn unit_day(&self, channel: Channel, unit: u64, day: i32) -> f64 {
        let drift = self.swing(unit, self.spec.drift, self.spec.drift_days, day);
        let noise = self.chance.day(Purpose::Demand, unit, day).factor(self.spec.unit_noise);
        self.day(channel, day) * drift * noise
    }

    /// Orders per click in a cell against the unit's normal.
    pub fn buying(&self, channel: Channel, day: i32, hour: u8) -> f64 {
        at(&self.spec.cvr_hour, hour.into()) * self.buying_day(channel, day)
    }

    /// Orders per click on a day against a normal day.
    pub fn buying_day(&self, channel: Channel, day: i32) -> f64 {
        let noise = self.chance.day(Purpose::Buying, key(&[channel.name()]), day).factor(self.spec.cvr_noise);
        noise * at(&self.spec.cvr_weekday, weekday(day)) * self.event(day).cvr
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenings_and_weekends_are_busy_and_a_normal_day_is_one() {
        let demand = Demand::new(Chance::new(1), &shop::Demand::default(), &[], 20_000);
        let hours: Vec<f64> = (0..24).map(|hour| demand.hour(hour)).collect();
        assert!((hours.iter().sum::<f64>() - 24.0).abs() < 1e-9);
        assert!((0..24).all(|hour| hours[hour] >= hours[4]));
        assert!((0..24).all(|hour| hours[hour] <= hours[21].max(hours[22])));

        let mean = |days: [usize; 2]| {
            let of: Vec<f64> = (20_000..20_280)
                .filter(|day| (days[0]..=days[1]).contains(&weekday(*day)))
                .map(|day| demand.day(Channel::Search, day))
                .collect();
            of.iter().sum::<f64>() / of.len() as f64
        };
        assert!(mean([5, 6]) > 1.05 * mean([0, 4]));
    }
}
