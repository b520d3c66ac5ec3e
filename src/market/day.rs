//! A day before anything is bid, and a unit's cell in it.

use super::ad::Ad;
use super::chance::{Chance, Purpose, Stream};
use super::demand::Demand;
use super::rivals;
use super::shock::{self, Shock};
use super::shop;
use crate::calendar::HOURS;
use crate::keys::Channel;

/// A day under some luck: who comes, and which rivals run out when.
#[derive(Debug, Clone)]
pub(super) struct Today {
    pub chance: Chance,
    pub demand: Demand,
    pub day: i32,
    /// The hour, with its fraction, at which each named rival has spent its budget.
    pub rivals_end: Vec<f64>,
    /// What open slots make of the traffic of everything else, by hour.
    pub halo: [f64; HOURS],
    /// What nobody could foretell.
    pub shocks: Vec<Shock>,
}

impl Today {
    /// A day under some luck.
    pub fn new(
        demand: &Demand,
        chance: Chance,
        day: i32,
        (luck, shocks): (u32, &[Shock]),
        ads: &[Ad],
        named: &[shop::Rival],
    ) -> Self {
        let mut today = Today {
            chance: chance.with_luck(luck),
            demand: demand.with_luck(luck),
            day,
            rivals_end: vec![f64::INFINITY; named.len()],
            halo: [1.0; HOURS],
            shocks: shocks.to_vec(),
        };
        today.rivals_end = rivals::ends(&today, ads, named);
        today
    }

    #[cfg(test)]
    pub fn normal(seed: u64) -> Self {
        Self::with_luck(seed, 0)
    }

    #[cfg(test)]
    pub fn with_luck(seed: u64, luck: u32) -> Self {
        let chance = Chance::new(seed);
        let demand = Demand::new(chance, &shop::Demand::default(), &[], 20_000);
        Today::new(&demand, chance, 20_003, (luck, &[]), &[], &[])
    }
}

/// A unit's cell as its medium sees it.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub today: &'a Today,
    pub channel: Channel,
    pub key: u64,
    pub hour: u8,
    /// Share of the hour, from its first minute, in which we are there.
    pub open: f64,
    /// How often a person of the unit's audience has seen us today.
    pub frequency: f64,
    /// Commissions of the days before, yesterday's first; empty where nobody remembers.
    pub past: &'a [f64],
    /// Days before this one on which the commission of today was known already.
    pub announced: u32,
}

impl<'a> Moment<'a> {
    /// A whole hour, without a past.
    pub fn new(today: &'a Today, channel: Channel, key: u64, hour: u8) -> Self {
        Moment { today, channel, key, hour, open: 1.0, frequency: 0.0, past: &[], announced: 0 }
    }

    /// The cell's stream.
    pub fn stream(&self, purpose: Purpose) -> Stream {
        self.today.chance.cell(purpose, self.key, self.today.day, self.hour)
    }

    /// The stream of the unit's day.
    pub fn day_stream(&self, purpose: Purpose) -> Stream {
        self.today.chance.day(purpose, self.key, self.today.day)
    }

    /// Traffic against the unit's normal mean hour.
    pub fn traffic(&self) -> f64 {
        let Today { demand, day, halo, .. } = self.today;
        let halo = if self.channel == Channel::GroupBuy { 1.0 } else { halo[usize::from(self.hour) % HOURS] };
        demand.unit_day(self.channel, self.key, *day)
            * demand.hour_of(*day, self.hour)
            * halo
            * self.shock(shock::Kind::Demand)
    }

    /// Rivals' bids against a normal hour: by the clock, by events, and by what all of them pay ever more.
    pub fn rivals(&self, dayparting: f64, monthly_inflation: f64) -> f64 {
        let Today { demand, day, .. } = self.today;
        demand.hour_of(*day, self.hour).powf(dayparting)
            * demand.event(*day).rivals
            * demand.growth(monthly_inflation, *day)
            * self.shock(shock::Kind::Price)
    }

    /// What shocks of one kind make of the cell.
    pub fn shock(&self, kind: shock::Kind) -> f64 {
        shock::factor(&self.today.shocks, kind, self.hour)
    }

    /// The strengths of rivals that have come of a sudden.
    pub fn intruders(&self) -> impl Iterator<Item = f64> + '_ {
        let here = |shock: &&Shock| shock.kind == shock::Kind::Rival && shock.from <= self.hour;
        self.today.shocks.iter().filter(here).map(|shock| shock.factor)
    }
}
