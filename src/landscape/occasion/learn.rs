//! Events of the history, beside what a normal day would have brought.

use std::collections::{BTreeMap, HashSet};

use super::super::exhausted;
use super::super::maturation::Maturation;
use super::super::seen::Seen;
use super::super::spread::{CVR, VALUE, VOLUME};
use super::super::today::{CHAIN, Happened, POSITION, compare, effects};
use super::super::{Forecast, Landscapes};
use super::Occasion;
use super::levels::{Belief, Sums, levels};
use crate::calendar::{HOURS, date_of};
use crate::config::{Event, PlanFile, Uplift, event};
use crate::history::{History, Observation};
use crate::keys::{Cell, Channel};

/// What is believed of each rate. Channels share who comes and buys, not where ads stand and what they cost.
const fn belief(level: usize) -> Belief {
    let (unlike, apart, shared) = match level {
        VOLUME => (0.15, 0.15, true),
        CVR => (0.1, 0.1, true),
        VALUE => (0.05, 0.1, true),
        POSITION => (0.1, 1.0, false),
        _ => (0.05, 0.3, false),
    };
    Belief { unlike, apart, shared }
}

/// The hour in which whole-day rows are taken to be.
const MIDDAY: u8 = 12;

/// A cell of an event.
struct Was {
    happened: Happened,
    /// The hour since the beginning of the event's day.
    since: u8,
    /// Share of its sales that are in.
    settled: f64,
    /// The money ran out in this hour or before it.
    cut: bool,
}

/// The cells of each date, by day number.
type Dates = BTreeMap<i32, Vec<Was>>;

/// The units of which a history holds events alone, ascending.
pub(in super::super) fn only_in_events(history: &History, events: &[Event]) -> Vec<u32> {
    if events.is_empty() {
        return Vec::new();
    }
    let mut only = vec![true; history.units.len()];
    history.observations.iter().for_each(|row| only[row.unit as usize] &= in_event(row, events));
    (0..).zip(only).filter_map(|(unit, only)| only.then_some(unit)).collect()
}

/// The rows of a history that are in no event, and those of units of which there is nothing else.
pub(in super::super) fn normal(history: &History, events: &[Event], only: &[u32]) -> History {
    let is_kept = |row: &&Observation| !in_event(row, events) || only.binary_search(&row.unit).is_ok();
    History {
        units: history.units.clone(),
        observations: history.observations.iter().filter(is_kept).copied().collect(),
        triangle: history.triangle.clone(),
        ..History::default()
    }
}

fn in_event(row: &Observation, events: &[Event]) -> bool {
    (row.day..=row.end()).any(|day| event::moment(events, day, row.hour.unwrap_or(MIDDAY)).is_some())
}

/// Learns what events brought from the rows of a history that are in one.
pub(in super::super) fn learn(landscapes: &Landscapes, history: &History, file: &PlanFile) -> Vec<Occasion> {
    let plain = PlanFile { uplift: Uplift::default(), ..file.clone() };
    let cut = cut_short(landscapes, history);
    let usual = usual_hours(landscapes);
    let mut parts: BTreeMap<(&str, Option<u16>), Dates> = BTreeMap::new();
    let curves = Channel::ALL.map(|channel| Maturation::of(&history.triangle, channel, &file.history));
    let is_told = |row: &&Observation| row.days == 1 && !landscapes.is_event_unit(row.unit);
    for row in history.observations.iter().filter(is_told) {
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
            cut: cut.contains(&(row.unit, row.day, at)),
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
            let learned = levels(&sums, belief(level), &usual);
            for ((_, levels), learned) in occasion.levels.iter_mut().zip(learned) {
                levels[level] = learned;
            }
        }
        occasion
    });
    learned.collect()
}

/// The cells of a history's search and display in which the money had run out.
fn cut_short(landscapes: &Landscapes, history: &History) -> HashSet<(u32, i32, u8)> {
    let mut cut = HashSet::new();
    for (at, model) in landscapes.models.iter().enumerate() {
        if !matches!(model.channel, Channel::Search | Channel::Display) {
            continue;
        }
        let of_model = history.observations.iter().filter_map(|row| {
            let [of, unit] = landscapes.place[row.unit as usize];
            let campaign = model.campaign.get(unit as usize).copied()?;
            (of as usize == at).then(|| Seen::of(row, unit, campaign))
        });
        let seen: Vec<Seen<'_>> = of_model.collect();
        let ended = exhausted::cut_short(&seen);
        let cells = seen.iter().zip(ended).filter(|(_, ended)| *ended);
        cut.extend(cells.filter_map(|(seen, _)| Some((seen.row.unit, seen.row.day, seen.row.hour?))));
    }
    cut
}

/// The volume of a normal day by hour, over the channels that follow the clock.
fn usual_hours(landscapes: &Landscapes) -> [f64; HOURS] {
    let mut usual = [1e-6; HOURS];
    for model in landscapes.models.iter().filter(|model| model.channel != Channel::GroupBuy) {
        usual.iter_mut().zip(&model.volume.hour).for_each(|(usual, hour)| *usual += hour);
    }
    usual
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
        Was { happened: Happened { cell, bid, outcome }, since: at as u8, ..*was }
    });
    cells.collect()
}

fn sums(
    landscapes: &Landscapes,
    plain: &PlanFile,
    occasion: &Occasion,
    dates: &Dates,
    level: usize,
) -> Vec<Sums> {
    let mut all: Vec<Sums> = landscapes.models.iter().map(|_| Sums::default()).collect();
    for (model, sums) in landscapes.models.iter().zip(&mut all) {
        sums.by_date = vec![Default::default(); dates.len()];
        sums.of_units = vec![0.0; dates.len()];
        sums.has_shops_hours = model.channel != Channel::GroupBuy;
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
            let told = match level {
                VOLUME => !was.cut,
                CVR | VALUE => was.settled > 0.0,
                _ => true,
            };
            if !told {
                continue;
            }
            let Some(rate) = compare(&forecast, &was.happened, level, was.settled) else { continue };
            let at = landscapes.place[rate.unit as usize][0] as usize;
            let Some(effects) = effects(&landscapes.models[at], level) else { continue };
            let chance = effects.scatter.each * rate.expected + effects.scatter.hour * rate.expected.powi(2);
            let sum = &mut all[at].by_date[nth][usize::from(was.since)];
            sum.seen += rate.seen;
            sum.expected += rate.expected;
            sum.chance += chance;
            *of_unit.entry(rate.unit).or_default() += rate.expected;
        }
        for (unit, expected) in of_unit {
            let [at, local] = landscapes.place[unit as usize].map(|at| at as usize);
            let scatter = effects(&landscapes.models[at], level).map(|effects| &effects.scatter);
            let own = scatter.map_or(0.0, |scatter| scatter.day + scatter.own.get(local).unwrap_or(&0.0));
            all[at].of_units[nth] += own * expected * expected;
        }
    }
    all
}
