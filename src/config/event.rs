//! Days that are not like others.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::toml_date;
use crate::calendar::{HOURS, day_number};

/// `[[event]]`: days on which everybody buys, and the days before them on which they wait. What past ones brought is
/// expected of the next of the same name; normal days are learned without them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its name: events of one name are like each other.
    pub name: String,
    /// Its first day.
    #[serde(deserialize_with = "date")]
    #[schemars(with = "String", extend("format" = "date"))]
    pub date: Date,
    /// The hour of that day at which it opens.
    #[serde(default)]
    pub opens: u8,
    /// Days that it lasts, of 24 hours from its opening.
    #[serde(default = "one")]
    pub days: u16,
    /// Days before its opening that are not like others either.
    #[serde(default)]
    pub before_days: u16,
}

/// `[uplift]`: factors against the history's normal day, where no past event tells them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Uplift {
    /// On impressions on offer.
    pub demand: f64,
    /// On orders per click.
    pub cvr: f64,
    /// On what rivals bid, and so on the bid needed for the same position and price.
    pub price: f64,
}

impl Default for Uplift {
    fn default() -> Self {
        Uplift { demand: 1.0, cvr: 1.0, price: 1.0 }
    }
}

/// A time in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Days since the opening; nothing before it.
    pub day: Option<u16>,
    /// Hours since the beginning of that day of the event, 0 to 23.
    pub hour: u8,
}

impl Event {
    /// When in the event an hour of a day (a day number) is; nothing where it is not in it.
    pub fn moment(&self, day: i32, hour: u8) -> Option<Moment> {
        let span = HOURS as i32;
        let since = (day - day_number(self.date)) * span + i32::from(hour) - i32::from(self.opens);
        let at = since.div_euclid(span);
        let hour = since.rem_euclid(span) as u8;
        match u16::try_from(at) {
            Ok(at) => (at < self.days).then_some(Moment { day: Some(at), hour }),
            Err(_) => (-at <= i32::from(self.before_days)).then_some(Moment { day: None, hour }),
        }
    }
}

/// The event that an hour of a day (a day number) is in, and when in it: one that is open before one that is to come.
pub fn moment(events: &[Event], day: i32, hour: u8) -> Option<(&Event, Moment)> {
    let within = events.iter().filter_map(|event| Some((event, event.moment(day, hour)?)));
    within.min_by_key(|(_, moment)| moment.day.is_none())
}

fn one() -> u16 {
    1
}

fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    use serde::de::Error;
    toml_date(deserializer)?.ok_or_else(|| D::Error::custom("a date like 2026-11-11 is needed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_opens_in_the_evening_has_days_of_its_own() {
        let event = Event {
            name: "double".into(),
            date: jiff::civil::date(2026, 11, 10),
            opens: 20,
            days: 2,
            before_days: 3,
        };
        let first = day_number(event.date);
        let at = |day: i32, hour: u8| event.moment(first + day, hour).map(|moment| (moment.day, moment.hour));
        assert_eq!(at(0, 20), Some((Some(0), 0)));
        assert_eq!(at(1, 19), Some((Some(0), 23)));
        assert_eq!(at(1, 20), Some((Some(1), 0)));
        assert_eq!(at(2, 20), None);
        assert_eq!(at(0, 19), Some((None, 23)));
        assert_eq!((at(-3, 20), at(-3, 19)), (Some((None, 0)), None));
        let later = Event { date: jiff::civil::date(2026, 11, 12), opens: 0, ..event.clone() };
        let events = [later, event];
        let (of, when) = moment(&events, first + 1, 21).unwrap();
        assert_eq!((of.opens, when.day), (20, Some(1)), "what is open counts before what is to come");
    }
}
