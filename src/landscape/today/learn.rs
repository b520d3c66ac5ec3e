//! Levels learned from the hours that are over.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::model::{ChannelModel, RevenueBy, Volume};
use super::super::position::odds;
use super::super::spread::{CTR, CVR, PRICE, RATES, VALUE, VOLUME};
use super::super::{Effects, Forecast, Landscapes, stages};
use super::tier::Tier;
use super::{Arrived, ChannelLevels, LEVELS, Late, Level, POSITION, Today};
use crate::config::PlanFile;
use crate::keys::{Cell, Channel};
use crate::metric::Outcome;

/// What a cell brought.
#[derive(Debug, Clone, Copy)]
pub struct Happened {
    /// Unit and hour.
    pub cell: Cell,
    /// Its bid (0 for a slot).
    pub bid: f64,
    /// As the report has it.
    pub outcome: Outcome,
}

/// What the shape of a channel's hours is off by, whatever the day, as a relative variance.
const SHAPE: f64 = 0.02 * 0.02;
/// The least that a channel's day is taken to lie from its forecast, as a relative variance.
const LEAST: f64 = 0.02 * 0.02;
/// Campaigns and units are this much as restless as their channel.
const CALMER: f64 = 0.5;
/// The order in which rates follow from one another.
const CHAIN: [usize; LEVELS] = [POSITION, VOLUME, CTR, PRICE, CVR, VALUE];

/// The levels on the way.
struct State<'a> {
    landscapes: &'a Landscapes,
    channel: Vec<[Tier; LEVELS]>,
    campaign: Vec<Vec<[Tier; LEVELS]>>,
    unit: Vec<[Tier; LEVELS]>,
    /// Which of a channel's levels were seen at all.
    seen: Vec<[bool; LEVELS]>,
    today: Today,
}

/// One rate of a cell: what was seen, and what was to be expected of it.
struct Seen {
    unit: u32,
    seen: f64,
    expected: f64,
}

impl Landscapes {
    /// Learns the levels of a day from its hours before `now`; `happened` may hold later ones, which are not looked
    /// at. Cells in which nothing came of a bid belong in it.
    pub fn today(
        &self,
        date: Date,
        file: &PlanFile,
        happened: &[Happened],
        now: u8,
        arrived: Arrived,
    ) -> Today {
        let mut by_hour: BTreeMap<u8, Vec<&Happened>> = BTreeMap::new();
        for cell in happened.iter().filter(|cell| cell.cell.hour < now) {
            by_hour.entry(cell.cell.hour).or_default().push(cell);
        }
        let mut state = State::new(self);
        for hour in 0..now {
            state.pass(file);
            for level in CHAIN {
                state.today.from = hour;
                let forecast = Forecast { today: Some(&state.today), ..self.on(date, file) };
                let cells = by_hour.get(&hour).map_or(&[][..], Vec::as_slice);
                let share = arrived.by(hour, now);
                let rates: Vec<Seen> =
                    cells.iter().filter_map(|cell| compare(&forecast, cell, level, share)).collect();
                state.learn(level, &rates);
            }
        }
        state.close(file, now, arrived)
    }

    /// The orders of a cell that are still to come, and what follows from them.
    pub fn late(&self, forecast: &Forecast<'_>, happened: &Happened, now: u8, arrived: Arrived) -> Late {
        let Cell { unit, hour } = happened.cell;
        let (model, _) = self.model(unit);
        let level = |level: usize| self.today.as_ref().map_or(1.0, |today| today.now(unit, level));
        let missing = 1.0 - arrived.by(hour, now);
        let value = forecast.value(unit, hour) * level(VALUE);
        let clicks = happened.outcome.clicks * missing;
        let (orders, revenue) = match (model.unit_of_volume, model.revenue_by) {
            // Nothing is known of who clicked: as many more as have come.
            (Volume::Orders, _) => {
                let more = missing / (1.0 - missing).max(0.05);
                (happened.outcome.orders * more, happened.outcome.revenue * more)
            }
            (_, RevenueBy::Orders) => {
                let orders = clicks * forecast.cvr(unit, hour) * level(CVR);
                (orders, orders * value)
            }
            (_, RevenueBy::Clicks) => {
                (clicks * forecast.cvr(unit, hour) * level(CVR), clicks * value * forecast.uplift.cvr)
            }
        };
        let rate =
            if model.channel == Channel::Affiliate { happened.bid + forecast.service_fee } else { 0.0 };
        Late { orders, revenue, spend: revenue * rate, ..Outcome::default() }
    }
}

/// One rate of a cell beside what was to be expected; nothing where it was not seen.
fn compare(forecast: &Forecast<'_>, cell: &Happened, level: usize, share: f64) -> Option<Seen> {
    let Cell { unit, hour } = cell.cell;
    let (model, _) = forecast.landscapes.model(unit);
    let (was, is) = (forecast.expected(unit, hour, cell.bid), &cell.outcome);
    let per = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
    let slot = model.channel == Channel::GroupBuy;
    let (seen, expected) = match level {
        POSITION => {
            model.position.as_ref()?;
            let beyond = is.position()? - 1.0;
            let expected = odds(forecast.position(unit, hour, cell.bid)? - 1.0, model.crowding);
            // The amounts by which positions are fitted: Σ (n − c·y) · odds = Σ y.
            let left = (1.0 - model.crowding * beyond).max(0.02);
            (beyond * is.position_weight, expected * left * is.position_weight)
        }
        VOLUME => match model.unit_of_volume {
            Volume::Impressions => (is.impressions, was.impressions),
            Volume::Clicks => (is.clicks, was.clicks),
            Volume::Orders => (is.orders, was.orders * share),
        },
        CTR if model.unit_of_volume == Volume::Impressions => {
            (is.clicks, is.impressions * per(was.clicks, was.impressions))
        }
        PRICE if !slot => match model.channel {
            Channel::Search => (is.spend, is.clicks * per(was.spend, was.clicks)),
            Channel::Display => (is.spend, is.impressions * per(was.spend, was.impressions)),
            // A commission is agreed on.
            Channel::Affiliate | Channel::GroupBuy => return None,
        },
        CVR if model.unit_of_volume != Volume::Orders => {
            (is.orders, is.clicks * forecast.cvr(unit, hour) * share)
        }
        VALUE => match model.revenue_by {
            RevenueBy::Orders => (is.revenue, is.orders * forecast.value(unit, hour)),
            RevenueBy::Clicks => {
                (is.revenue, is.clicks * forecast.value(unit, hour) * forecast.uplift.cvr * share)
            }
        },
        _ => return None,
    };
    (expected > 0.0).then_some(Seen { unit, seen, expected })
}

/// The effects of a level.
fn effects(model: &ChannelModel, level: usize) -> Option<&Effects> {
    if level == POSITION { model.position.as_ref() } else { stages(model)[level] }
}

impl<'a> State<'a> {
    fn new(landscapes: &'a Landscapes) -> State<'a> {
        let tiers = |model: &ChannelModel, variance: &dyn Fn(&Effects) -> f64| -> [Tier; LEVELS] {
            std::array::from_fn(|level| Tier::new(effects(model, level).map_or(0.0, variance)))
        };
        let common = |effects: &Effects| effects.scatter.common.max(LEAST);
        let models = &landscapes.models;
        let unit = (0..landscapes.units.len() as u32).map(|unit| {
            let (model, at) = landscapes.model(unit);
            tiers(model, &|effects| effects.scatter.day + effects.scatter.own.get(at).copied().unwrap_or(0.0))
        });
        State {
            landscapes,
            channel: models.iter().map(|model| tiers(model, &common)).collect(),
            campaign: models
                .iter()
                .map(|model| vec![tiers(model, &common); model.volume.campaign.len()])
                .collect(),
            unit: unit.collect(),
            seen: vec![[false; LEVELS]; models.len()],
            today: Today {
                persistence: 1.0,
                levels: vec![[1.0; LEVELS]; landscapes.units.len()],
                ..Today::default()
            },
        }
    }

    /// An hour goes by.
    fn pass(&mut self, file: &PlanFile) {
        let (persistence, restless) = (file.replan.persistence, file.replan.restless);
        let pass = |tiers: &mut [Tier; LEVELS], restless: f64| {
            tiers.iter_mut().for_each(|tier| tier.pass(persistence, restless));
        };
        self.channel.iter_mut().for_each(|tiers| pass(tiers, restless));
        self.campaign.iter_mut().flatten().for_each(|tiers| pass(tiers, CALMER * restless));
        self.unit.iter_mut().for_each(|tiers| pass(tiers, CALMER * restless));
        (0..LEVELS).for_each(|level| self.tell(level));
    }

    /// Writes a level's product of tiers into the units' levels.
    fn tell(&mut self, level: usize) {
        for (unit, levels) in self.today.levels.iter_mut().enumerate() {
            let [model, at] = self.landscapes.place[unit].map(|at| at as usize);
            let campaign = self.landscapes.models[model].campaign[at] as usize;
            let factor = self.channel[model][level].factor
                * self.campaign[model][campaign][level].factor
                * self.unit[unit][level].factor;
            levels[level] = factor as f32;
        }
    }

    /// One hour's word on one level: the channel's first, then each campaign's on what is left, then each unit's.
    fn learn(&mut self, level: usize, rates: &[Seen]) {
        if rates.is_empty() {
            return;
        }
        let place = |unit: u32| {
            let [model, at] = self.landscapes.place[unit as usize].map(|at| at as usize);
            (model, self.landscapes.models[model].campaign[at] as usize)
        };
        // By channel, campaign and unit: seen, expected, and the variance of what was seen around it.
        let mut channels: BTreeMap<usize, Sum> = BTreeMap::new();
        let mut campaigns: BTreeMap<(usize, usize), Sum> = BTreeMap::new();
        let mut units: BTreeMap<u32, Sum> = BTreeMap::new();
        for rate in rates {
            let (model, _) = place(rate.unit);
            let Some(effects) = effects(&self.landscapes.models[model], level) else { continue };
            let chance =
                effects.scatter.each * rate.expected + effects.scatter.hour * rate.expected * rate.expected;
            units.entry(rate.unit).or_default().add(rate.seen, rate.expected, chance);
        }
        for (unit, sum) in &units {
            let own = self.unit[*unit as usize][level].variance;
            let sum = Sum { chance: sum.chance + own * sum.expected * sum.expected, ..*sum };
            campaigns.entry(place(*unit)).or_default().add(sum.seen, sum.expected, sum.chance);
        }
        for ((model, campaign), sum) in &campaigns {
            let own = self.campaign[*model][*campaign][level].variance;
            let chance = sum.chance + own * sum.expected * sum.expected;
            channels.entry(*model).or_default().add(sum.seen, sum.expected, chance);
        }
        for (model, sum) in &channels {
            let tier = &mut self.channel[*model][level];
            let before = tier.factor;
            tier.see(sum.seen, sum.expected, sum.noise() + SHAPE);
            self.seen[*model][level] = true;
            let more = tier.factor / before;
            for (_, sum) in campaigns.range_mut((*model, 0)..=(*model, usize::MAX)) {
                sum.expected *= more;
            }
        }
        for ((model, campaign), sum) in &campaigns {
            self.campaign[*model][*campaign][level].see(sum.seen, sum.expected, sum.noise());
        }
        for (unit, sum) in &units {
            let (model, campaign) = place(*unit);
            let level_now = self.channel[model][level].factor * self.campaign[model][campaign][level].factor;
            let tier = &mut self.unit[*unit as usize][level];
            let before = f64::from(self.today.levels[*unit as usize][level]);
            let expected = sum.expected * level_now * tier.factor / before;
            let noise = sum.chance / (sum.expected * sum.expected);
            tier.see(sum.seen, expected, noise);
        }
        self.tell(level);
    }

    fn close(mut self, file: &PlanFile, now: u8, arrived: Arrived) -> Today {
        let restless = file.replan.restless;
        let left = f64::from(24 - now.min(24));
        let mut channels = Vec::new();
        for (at, model) in self.landscapes.models.iter().enumerate() {
            // What is not known of the share of orders that have come in is not taken for the day's CVR.
            let tier = &mut self.channel[at][CVR];
            let unknown = arrived.deviation * arrived.deviation;
            let moved = effects(model, CVR).map_or(0.0, |cvr| cvr.scatter.common.max(LEAST))
                + f64::from(now) * restless * restless;
            tier.factor = 1.0 + (tier.factor - 1.0) * moved / (moved + unknown);
            tier.variance += unknown * moved / (moved + unknown);
            let levels = std::array::from_fn(|level| {
                let Tier { factor, variance } = self.channel[at][level];
                self.seen[at][level].then_some(Level { factor, deviation: variance.sqrt() })
            });
            channels.push(ChannelLevels { channel: model.channel, levels });
            // On average over the hours that are left, a level has moved for half of them.
            let common: [f64; RATES] = std::array::from_fn(|level| {
                self.channel[at][level].variance + 0.5 * left * restless * restless
            });
            self.today.variance.push((model.channel, common));
        }
        (0..LEVELS).for_each(|level| self.tell(level));
        Today { from: now, channels, persistence: file.replan.persistence, ..self.today }
    }
}

/// A sum over cells.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    seen: f64,
    expected: f64,
    /// Variance of what is seen around what is expected.
    chance: f64,
}

impl Sum {
    fn add(&mut self, seen: f64, expected: f64, chance: f64) {
        self.seen += seen;
        self.expected += expected;
        self.chance += chance;
    }

    /// As a relative variance.
    fn noise(&self) -> f64 {
        self.chance / (self.expected * self.expected)
    }
}
