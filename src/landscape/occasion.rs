//! What an event brings: the level of every rate against a normal day, learned from the events of its name.
//!
//! ```text
//! rate in the event = rate of a normal day · level of the channel · level of the hour since the opening
//! ```
//!
//! The rates follow the chain of a landscape (where ads stand, how many see them, click, at what price, buy, for how
//! much), each compared with what was to be expected *given* the one before it, as on a day under way (`today`): so
//! rivals who bid more show in positions and prices, and only what is left of the volume is demand.
//! (`models/formulation.md` §2.3)

mod learn;
mod levels;
mod likeness;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::spread::RATES;
use super::today::{LEVELS, NAMES};
use super::{Forecast, Landscapes};
use crate::calendar::{HOURS, date_of, day_number};
use crate::config::{Event, PlanFile, Uplift, event};
use crate::error::Finding;
use crate::keys::Channel;

pub(super) use learn::{learn, normal, only_in_events};

/// A normal day.
pub(super) static NORMAL: Uplift = Uplift { demand: 1.0, cvr: 1.0, price: 1.0 };

/// What is known of one day of the events of a name, or of the days before them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Occasion {
    /// The events' name.
    pub name: String,
    /// Days since the opening; nothing = the days before it.
    pub day: Option<u16>,
    /// The days learned from, as day numbers.
    pub days: Vec<i32>,
    levels: Vec<(Channel, [Level; LEVELS])>,
}

/// A rate's level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Level {
    /// Of the whole day.
    factor: f64,
    /// Of each hour since the opening, on top of it.
    hours: Vec<f64>,
    /// Relative variance of the factor on the next such day.
    variance: f64,
}

impl Default for Level {
    fn default() -> Self {
        Level { factor: 1.0, hours: vec![1.0; HOURS], variance: 0.0 }
    }
}

/// The occasions that the hours of a day are in, each with the hour since its beginning.
pub(super) type Hours<'a> = [Option<(&'a Occasion, u8)>; HOURS];

impl Occasion {
    fn level(&self, channel: Channel, level: usize) -> Option<&Level> {
        self.levels.iter().find(|(of, _)| *of == channel).map(|(_, levels)| &levels[level])
    }

    fn factor(&self, channel: Channel, level: usize, hour: u8) -> f64 {
        self.level(channel, level).map_or(1.0, |level| level.factor * level.hours[usize::from(hour)])
    }

    /// Whether every level has all its hours.
    pub(super) fn is_whole(&self) -> bool {
        self.levels.iter().flat_map(|(_, levels)| levels).all(|level| level.hours.len() == HOURS)
    }

    /// The occasion in words: what it was learned from, and what it brings.
    pub fn told(&self) -> String {
        let dates: Vec<String> = self.days.iter().map(|day| date_of(*day).to_string()).collect();
        let when = match self.day {
            None => "the days before it".to_owned(),
            Some(0) => "its first day".to_owned(),
            Some(day) => format!("its day {}", day + 1),
        };
        let channels = self.levels.iter().map(|(channel, levels)| {
            let moved = levels.iter().zip(NAMES).filter(|(level, _)| (level.factor - 1.0).abs() >= 0.02);
            let moved: Vec<String> =
                moved.map(|(level, name)| format!("{name} ×{:.2}", level.factor)).collect();
            format!("{channel} {}", if moved.is_empty() { "as always".to_owned() } else { moved.join(", ") })
        });
        let channels: Vec<String> = channels.collect();
        format!("`{}`, {when}, as on {}: {}", self.name, dates.join(", "), channels.join("; "))
    }
}

impl Landscapes {
    /// The occasions that the hours of a day are in, as far as past events tell.
    pub(super) fn occasions_on(&self, date: Date, events: &[Event]) -> Hours<'_> {
        std::array::from_fn(|hour| {
            let (event, moment) = event::moment(events, day_number(date), hour as u8)?;
            let known = self.occasions.iter();
            let known = known.filter(|known| known.name == event.name && known.day == moment.day);
            known.map(|known| (known, moment.hour)).next()
        })
    }

    /// Whether nothing but events is known of a unit, so that its rates are an event's already.
    pub(super) fn is_event_unit(&self, unit: u32) -> bool {
        self.event_units.binary_search(&unit).is_ok()
    }

    /// What a plan of a day in an event is told.
    pub fn of_event(&self, date: Date, file: &PlanFile) -> Option<Finding> {
        let events = &file.events;
        let (of, _) = (0..HOURS as u8).find_map(|hour| event::moment(events, day_number(date), hour))?;
        let known = self.occasions(date, events);
        if !known.is_empty() {
            let told: Vec<String> = known.iter().map(|known| known.told()).collect();
            let unused = if file.uplift == NORMAL { "" } else { "; `[uplift]` is not used" };
            let cause = format!("{date} is in {}{unused}", told.join("; it is in "));
            let action =
                "compare it with what you expect of the day; give the event another name to use `[uplift]`";
            return Some(Finding::note("L007", cause, action));
        }
        (file.uplift == NORMAL).then(|| {
            let cause = format!(
                "{date} is in `{}`, and the history holds no event of that name that is like it: it is planned as a normal day",
                of.name
            );
            let action = "set `[uplift]`, or look further back (`history.lookback_days`) and list the past event with its date";
            Finding::warning("L008", cause, action)
        })
    }

    /// What is known of the event that a day is in, one for each of its parts.
    fn occasions(&self, date: Date, events: &[Event]) -> Vec<&Occasion> {
        let mut all: Vec<&Occasion> =
            self.occasions_on(date, events).into_iter().flatten().map(|(known, _)| known).collect();
        all.dedup_by(|a, b| std::ptr::eq(*a, *b));
        all
    }
}

impl Forecast<'_> {
    /// What the day's event makes of a unit's rate.
    pub(super) fn of_occasion(&self, unit: u32, level: usize, hour: u8) -> f64 {
        let landscapes = self.landscapes;
        match self.occasion[usize::from(hour)] {
            Some((known, at)) if !landscapes.is_event_unit(unit) => {
                known.factor(landscapes.units[unit as usize].channel, level, at)
            }
            _ => 1.0,
        }
    }

    /// Relative variance that the day's event adds to what a channel's rates share: the most of its parts.
    pub(super) fn unsure(&self, channel: Channel) -> [f64; LEVELS] {
        let parts = || self.occasion.iter().flatten();
        std::array::from_fn(|level| {
            let variance = parts().filter_map(|(known, _)| Some(known.level(channel, level)?.variance));
            variance.fold(0.0, f64::max)
        })
    }

    /// The same for the rates that outcomes scatter by.
    pub(super) fn unsure_rates(&self, channel: Channel) -> [f64; RATES] {
        let levels = self.unsure(channel);
        std::array::from_fn(|rate| levels[rate])
    }
}
