//! Events of the history, beside what a normal day would have brought.

use std::collections::BTreeMap;

use super::super::maturation::Maturation;
use super::super::spread::{CTR, CVR, PRICE, VALUE, VOLUME};
use super::super::today::{CHAIN, Happened, LEVELS, POSITION, compare, effects};
use super::super::{Forecast, Landscapes};
use super::likeness::{Measured, between, mean, pulled};
use super::{Level, Occasion};
use crate::calendar::{HOURS, date_of};
use crate::config::{Event, PlanFile, Uplift, event};
use crate::history::{History, Observation};
use crate::keys::{Cell, Channel};

/// What events of one name differ by, as a share, before two of them are seen; it is worth so many differences.
const UNLIKE: [f64; LEVELS] = level_by_level(0.15, 0.05, 0.05, 0.10, 0.05, 0.10);
const BELIEF: f64 = 2.0;
/// How far a channel's level lies from the shop's, or, of what channels do not share, from 1.
const APART: [f64; LEVELS] = level_by_level(0.15, 0.3, 0.3, 0.10, 0.10, 1.0);
/// Levels that all channels have in common: who comes and buys, not where ads stand and what they cost.
const SHARED: [usize; 3] = [VOLUME, CVR, VALUE];
/// The hour in which whole-day rows are taken to be.
const MIDDAY: u8 = 12;

const fn level_by_level(volume: f64, ctr: f64, price: f64, cvr: f64, value: f64, position: f64) -> [f64; LEVELS] {
    let mut levels = [0.0; LEVELS];
    levels[VOLUME] = volume;
    levels[CTR] = ctr;
    levels[PRICE] = price;
    levels[CVR] = cvr;
    levels[VALUE] = value;
    levels[POSITION] = position;
    levels
}

/// A cell of an event.
struct Was {
    happened: Happened,
    /// The hour since the beginning of the event's day.
    since: u8,
    /// Share of its sales that are in.
    settled: f64,
}

/// The rows of a history that are in no event.
pub(in super::super) fn normal(history: &History, events: &[Event]) -> History {
    let mut normal = history.clone();
    normal.observations.retain(|row| !in_event(row, events));
    normal
}

fn in_event(row: &Observation, events: &[Event]) -> bool {
    (row.day..=row.end()).any(|day| event::moment(events, day, row.hour.unwrap_or(MIDDAY)).is_some())
}

/// Learns what events brought from the rows of a history that are in one.
pub(in super::super) fn learn(landscapes: &Landscapes, history: &History, file: &PlanFile) -> Vec<Occasion> {
    let plain = PlanFile { uplift: Uplift::default(), ..file.clone() };
    let mut parts: BTreeMap<(&str, Option<u16>), BTreeMap<i32, Vec<Was>>> = BTreeMap::new();
    let curves = Channel::ALL.map(|channel| Maturation::of(&history.triangle, channel, &file.history));
    for row in history.observations.iter().filter(|row| row.days == 1) {
        let at = row.hour.unwrap_or(MIDDAY);
        let Some((event, moment)) = event::moment(&file.events, row.day, at) else { continue };
        let curve = &curves[landscapes.units[row.unit as usize].channel as usize];
        let settled = match curve.is_known() {
            true => curve.share(row.age),
            false => f64::from(u8::from(u32::from(row.age) >= file.history.maturity_days)),
        };
        let cells = parts.entry((&event.name, moment.day)).or_default().entry(row.day).or_default();
        let reference = landscapes.known[row.unit as usize].reference_bid.unwrap_or(0.0);
        let bid = if row.bid > 0.0 { f64::from(row.bid) } else { reference };
        let cell = Cell { unit: row.unit, hour: at };
        let was = Was {
            happened: Happened { cell, bid, outcome: row.outcome() },
            since: moment.hour,
            settled,
        };
        match row.hour {
            Some(_) => cells.push(was),
            None => cells.extend(by_hour(&landscapes.on(date_of(row.day), &plain), &was)),
        }
    }
    let learned = parts.into_iter().map(|((name, day), dates)| {
        let mut occasion = Occasion {
            name: name.to_owned(),
            day,
            days: dates.keys().copied().collect(),
            levels: landscapes.models.iter().map(|model| (model.channel, Default::default())).collect(),
        };
        for level in CHAIN {
            let sums = sums(landscapes, &plain, &occasion, &dates, level);
            for ((_, levels), learned) in occasion.levels.iter_mut().zip(levels(&sums, level)) {
                levels[level] = learned;
            }
        }
        occasion
    });
    learned.collect()
}

/// A whole day's cell, hour by hour as on a normal day.
fn by_hour(forecast: &Forecast<'_>, was: &Was) -> Vec<Was> {
    let Happened { cell, bid, outcome } = was.happened;
    let hours: Vec<_> = (0..HOURS as u8).map(|hour| forecast.expected(cell.unit, hour, bid)).collect();
    let day = hours.iter().copied().fold(crate::metric::Outcome::default(), |sum, hour| sum + hour);
    let part = |of: f64, hour: f64, day: f64| if day > 0.0 { of * hour / day } else { of / HOURS as f64 };
    let cells = hours.iter().enumerate().map(|(at, hour)| {
        let shown = part(outcome.impressions, hour.impressions, day.impressions);
        let outcome = crate::metric::Outcome {
            impressions: shown,
            clicks: part(outcome.clicks, hour.clicks, day.clicks),
            spend: part(outcome.spend, hour.spend, day.spend),
            orders: part(outcome.orders, hour.orders, day.orders),
            revenue: part(outcome.revenue, hour.revenue, day.revenue),
            position_sum: outcome.position().map_or(0.0, |position| position * shown),
            position_weight: if outcome.position_weight > 0.0 { shown } else { 0.0 },
        };
        let cell = Cell { hour: at as u8, ..cell };
        Was { happened: Happened { cell, bid, outcome }, since: at as u8, settled: was.settled }
    });
    cells.collect()
}

/// What was seen of a rate, what a normal day would have brought, and the variance of the one around the other.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    seen: f64,
    expected: f64,
    chance: f64,
}

impl Sum {
    /// Seen ÷ expected, with the variance of its error.
    fn measured(&self, more: f64) -> Measured {
        match self.expected > 0.0 {
            true => (self.seen / self.expected, self.chance / self.expected.powi(2) + more),
            false => (1.0, f64::INFINITY),
        }
    }
}

/// A channel's sums of one rate.
#[derive(Default)]
struct Sums {
    by_hour: [Sum; HOURS],
    by_date: Vec<Sum>,
    /// What a channel's day lies from its forecast, as a relative variance.
    common: f64,
}

fn sums(
    landscapes: &Landscapes,
    plain: &PlanFile,
    occasion: &Occasion,
    dates: &BTreeMap<i32, Vec<Was>>,
    level: usize,
) -> Vec<Sums> {
    let mut all: Vec<Sums> = landscapes.models.iter().map(|_| Sums::default()).collect();
    for (model, sums) in landscapes.models.iter().zip(&mut all) {
        sums.by_date = vec![Sum::default(); dates.len()];
        sums.common = effects(model, level).map_or(0.0, |effects| effects.scatter.common);
    }
    for (nth, (day, cells)) in dates.iter().enumerate() {
        let mut slots: Vec<u32> = cells.iter().map(|was| was.happened.cell.unit).collect();
        slots.retain(|unit| landscapes.units[*unit as usize].channel == Channel::GroupBuy);
        slots.sort_unstable();
        slots.dedup();
        let mut forecast = landscapes.on(date_of(*day), plain).beside(slots);
        for was in cells {
            forecast.occasion[usize::from(was.happened.cell.hour)] = Some((occasion, was.since));
        }
        let mut of_unit: BTreeMap<u32, f64> = BTreeMap::new();
        for was in cells {
            let sold = [CVR, VALUE].contains(&level);
            if sold && was.settled <= 0.0 {
                continue;
            }
            let Some(rate) = compare(&forecast, &was.happened, level, was.settled) else { continue };
            let at = landscapes.place[rate.unit as usize][0] as usize;
            let Some(effects) = effects(&landscapes.models[at], level) else { continue };
            let chance = effects.scatter.each * rate.expected + effects.scatter.hour * rate.expected.powi(2);
            let Sums { by_hour, by_date, .. } = &mut all[at];
            for sum in [&mut by_hour[usize::from(was.since)], &mut by_date[nth]] {
                sum.seen += rate.seen;
                sum.expected += rate.expected;
                sum.chance += chance;
            }
            *of_unit.entry(rate.unit).or_default() += rate.expected;
        }
        for (unit, expected) in of_unit {
            let [at, local] = landscapes.place[unit as usize].map(|at| at as usize);
            let scatter = effects(&landscapes.models[at], level).map(|effects| &effects.scatter);
            let own = scatter.map_or(0.0, |scatter| scatter.day + scatter.own.get(local).unwrap_or(&0.0));
            all[at].by_date[nth].chance += own * expected * expected;
        }
    }
    all
}

/// The channels' levels of one rate.
fn levels(sums: &[Sums], level: usize) -> Vec<Level> {
    let apart = APART[level].powi(2);
    let shared = SHARED.contains(&level);
    let days: Vec<(Measured, f64)> = sums
        .iter()
        .map(|sums| {
            let seen: Vec<Measured> = sums.by_date.iter().map(|sum| sum.measured(sums.common)).collect();
            let seen: Vec<Measured> = seen.into_iter().filter(|(_, error)| error.is_finite()).collect();
            let (middle, _) = mean(&seen, 0.0);
            let more = seen.len().saturating_sub(1) as f64;
            let found = between(&seen, |_| middle);
            let unlike = (BELIEF * UNLIKE[level].powi(2) + more * found) / (BELIEF + more);
            (mean(&seen, unlike), unlike)
        })
        .collect();
    let shop = match shared {
        true => mean(&days.iter().map(|(day, _)| *day).collect::<Vec<_>>(), apart).0,
        false => 1.0,
    };
    let factors: Vec<Measured> = days.iter().map(|(day, _)| pulled(*day, shop, apart)).collect();
    let hours: Vec<Vec<Measured>> = sums
        .iter()
        .zip(&factors)
        .map(|(sums, (factor, _))| {
            let of_hour = |sum: &Sum| {
                let (value, error) = sum.measured(0.0);
                (value / factor.max(1e-6), error / factor.max(1e-6).powi(2))
            };
            sums.by_hour.iter().map(of_hour).collect()
        })
        .collect();
    let of_shop: Vec<Measured> = (0..HOURS)
        .map(|hour| mean(&hours.iter().map(|hours| hours[hour]).collect::<Vec<_>>(), 0.0))
        .collect();
    let usual = if shared { shape(&of_shop, &[1.0; HOURS]) } else { vec![1.0; HOURS] };
    let learned = factors.iter().zip(&hours).zip(&days).map(|((factor, hours), (_, unlike))| Level {
        factor: factor.0,
        hours: shape(hours, &usual),
        variance: (factor.1 + unlike) / factor.0.max(0.1).powi(2),
    });
    learned.collect()
}

/// Hours around their usual shape, as far as they differ from it by more than chance.
fn shape(hours: &[Measured], usual: &[f64]) -> Vec<f64> {
    let variance = between(hours, |hour| usual[hour]);
    hours.iter().zip(usual).map(|(seen, usual)| pulled(*seen, *usual, variance).0).collect()
}
