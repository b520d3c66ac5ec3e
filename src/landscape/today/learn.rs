//! Levels learned from the hours that are over.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::model::ChannelModel;
use super::super::spread::{CTR, CVR, PRICE, RATES, VALUE, VOLUME};
use super::super::{Effects, Forecast, Landscapes};
use super::jumps::{JUMP, Jumps};
use super::rates::{Happened, Seen, compare, effects};
use super::tier::Tier;
use super::{Arrived, ChannelLevels, LEVELS, Level, POSITION, Today};
use crate::config::{PlanFile, Replan};

/// What the shape of a channel's hours is off by, whatever the day, as a relative variance.
const SHAPE: f64 = 0.02 * 0.02;
/// The least that a channel's day is taken to lie from its forecast, as a relative variance.
const LEAST: f64 = 0.02 * 0.02;
/// Campaigns and units are this much as restless as their channel.
const CALMER: f64 = 0.5;
/// The order in which rates follow from one another.
pub(in super::super) const CHAIN: [usize; LEVELS] = [POSITION, VOLUME, CTR, PRICE, CVR, VALUE];

/// The levels on the way.
struct State<'a> {
    landscapes: &'a Landscapes,
    channel: Vec<[Jumps; LEVELS]>,
    campaign: Vec<Vec<[Tier; LEVELS]>>,
    unit: Vec<[Tier; LEVELS]>,
    /// Which of a channel's levels were seen at all.
    seen: Vec<[bool; LEVELS]>,
    /// The volume that was to be expected of each unit so far: how much it counts in its channel.
    weight: Vec<f64>,
    today: Today,
}

impl Landscapes {
    /// Learns the levels of a day from its hours before `now`; `happened` may hold later ones, which are not looked
    /// at. Cells in which nothing came of a bid belong in it. `slots` are those that run on the day.
    pub fn today(
        &self,
        date: Date,
        file: &PlanFile,
        slots: Vec<u32>,
        happened: &[Happened],
        now: u8,
        arrived: Arrived,
    ) -> Today {
        let mut by_hour: BTreeMap<u8, Vec<&Happened>> = BTreeMap::new();
        for cell in happened.iter().filter(|cell| cell.cell.hour < now) {
            by_hour.entry(cell.cell.hour).or_default().push(cell);
        }
        let before = self.on(date, file).beside(slots.clone());
        let mut state = State::new(&before);
        state.today.slots = slots;
        for hour in 0..now {
            state.pass(file);
            for level in CHAIN {
                state.today.from = hour;
                let forecast = Forecast { today: Some(&state.today), ..before.clone() };
                let cells = by_hour.get(&hour).map_or(&[][..], Vec::as_slice);
                let share = |cell: &Happened| {
                    let (model, _) = self.model(cell.cell.unit);
                    arrived.by(model.channel, hour, now)
                };
                let rates: Vec<Seen> =
                    cells.iter().filter_map(|cell| compare(&forecast, cell, level, share(cell))).collect();
                state.learn(level, &rates);
            }
        }
        state.close(file, now, arrived)
    }
}

impl<'a> State<'a> {
    fn new(forecast: &Forecast<'a>) -> State<'a> {
        let landscapes = forecast.landscapes;
        let variances = |model: &ChannelModel, variance: &dyn Fn(&Effects) -> f64| -> [f64; LEVELS] {
            std::array::from_fn(|level| effects(model, level).map_or(0.0, variance))
        };
        let tiers = |model: &ChannelModel, variance: &dyn Fn(&Effects) -> f64| {
            variances(model, variance).map(Tier::new)
        };
        let common = |effects: &Effects| effects.scatter.common.max(LEAST);
        let models = &landscapes.models;
        let unit = (0..landscapes.units.len() as u32).map(|unit| {
            let (model, at) = landscapes.model(unit);
            tiers(model, &|effects| effects.scatter.day + effects.scatter.own.get(at).copied().unwrap_or(0.0))
        });
        State {
            landscapes,
            channel: models
                .iter()
                .map(|model| {
                    // Of an event less is known before it begins.
                    let mut variances = variances(model, &common);
                    let more = forecast.unsure(model.channel);
                    variances.iter_mut().zip(more).for_each(|(variance, more)| *variance += more);
                    variances.map(Jumps::new)
                })
                .collect(),
            campaign: models
                .iter()
                .map(|model| vec![tiers(model, &common); model.volume.campaign.len()])
                .collect(),
            unit: unit.collect(),
            seen: vec![[false; LEVELS]; models.len()],
            weight: vec![0.0; landscapes.units.len()],
            today: Today {
                persistence: 1.0,
                levels: vec![[1.0; LEVELS]; landscapes.units.len()],
                ..Today::default()
            },
        }
    }

    /// An hour goes by.
    fn pass(&mut self, file: &PlanFile) {
        let Replan { persistence, restless, jumps, .. } = file.replan;
        self.channel.iter_mut().flatten().for_each(|level| level.pass(persistence, restless, jumps));
        let narrower = self.campaign.iter_mut().flatten().chain(&mut self.unit).flatten();
        narrower.for_each(|tier| tier.pass(persistence, CALMER * restless));
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
            if level == VOLUME {
                self.weight[*unit as usize] += sum.expected;
            }
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
        let Replan { restless, jumps, persistence, .. } = file.replan;
        let moved_since = f64::from(now) * (restless * restless + jumps * JUMP * JUMP);
        for (at, model) in self.landscapes.models.iter().enumerate() {
            // What is not known of the share of orders that have come in is not taken for the day's CVR.
            let tier = &mut self.channel[at][CVR];
            let unknown = arrived.deviation[model.channel as usize].powi(2);
            let moved = effects(model, CVR).map_or(0.0, |cvr| cvr.scatter.common.max(LEAST)) + moved_since;
            tier.factor = 1.0 + (tier.factor - 1.0) * moved / (moved + unknown);
            tier.variance += unknown * moved / (moved + unknown);
            // The rest of the day is known no worse than the whole day was before it began.
            let common: [f64; RATES] = std::array::from_fn(|level| {
                let before = effects(model, level).map_or(0.0, |effects| effects.scatter.common);
                self.channel[at][level].variance.min(before)
            });
            self.today.variance.push((model.channel, common));
        }
        (0..LEVELS).for_each(|level| self.tell(level));
        let channels = self.channels();
        Today { from: now, channels, persistence, ..self.today }
    }
}

impl State<'_> {
    /// The channels' levels as people see them: the mean of their units'.
    fn channels(&self) -> Vec<ChannelLevels> {
        let of_model = |at: usize| {
            let units = self.landscapes.place.iter().zip(&self.weight).zip(&self.today.levels);
            let units = units.filter(move |((place, _), _)| place[0] as usize == at);
            std::array::from_fn(|level| {
                let (sum, weight) = units.clone().fold((0.0, 0.0), |(sum, all), ((_, weight), levels)| {
                    (sum + weight * f64::from(levels[level]), all + weight)
                });
                let Jumps { factor, variance, .. } = self.channel[at][level];
                let factor = if weight > 0.0 { sum / weight } else { factor };
                self.seen[at][level].then_some(Level { factor, deviation: variance.sqrt() })
            })
        };
        let models = self.landscapes.models.iter().enumerate();
        models.map(|(at, model)| ChannelLevels { channel: model.channel, levels: of_model(at) }).collect()
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
