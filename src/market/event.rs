//! What an event, or its nearness, does to a day.

use super::shop::Event;
use crate::calendar::{HOURS, day_number};

/// A day against a normal day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Effect<'a> {
    pub traffic: f64,
    /// Orders per click.
    pub cvr: f64,
    /// Rivals' bids.
    pub rivals: f64,
    /// Share of orders that no report shows.
    pub presale: f64,
    /// Traffic by hour, when it is not as always; the scale does not matter.
    pub hour: Option<&'a [f64]>,
}

impl Effect<'_> {
    const NONE: Effect<'static> = Effect { traffic: 1.0, cvr: 1.0, rivals: 1.0, presale: 0.0, hour: None };
}

/// What all events together do to a day.
pub(super) fn effect(events: &[Event], day: i32) -> Effect<'_> {
    let mut all = Effect::NONE;
    for event in events {
        let one = of(event, day);
        all = Effect {
            traffic: all.traffic * one.traffic,
            cvr: all.cvr * one.cvr,
            rivals: all.rivals * one.rivals,
            presale: 1.0 - (1.0 - all.presale) * (1.0 - one.presale),
            hour: one.hour.or(all.hour),
        };
    }
    all
}

fn of(event: &Event, day: i32) -> Effect<'_> {
    let until = day_number(event.date) - day;
    let before = event.before_days as i32;
    if (1..=before).contains(&until) {
        // People wait the more, the nearer it is.
        let nearness = 1.0 - f64::from(until - 1) / f64::from(before);
        return Effect {
            traffic: event.before_traffic.powf(nearness),
            cvr: event.before_cvr.powf(nearness),
            presale: event.presale,
            ..Effect::NONE
        };
    }
    if until > 0 || -until >= event.days as i32 {
        return Effect::NONE;
    }
    let hour = (event.hour.len() == HOURS).then_some(event.hour.as_slice());
    Effect { traffic: event.traffic, cvr: event.cvr, rivals: event.rivals, presale: 0.0, hour }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_wait_before_the_day_and_buy_on_it() {
        let event = Event {
            date: jiff::civil::date(2026, 11, 11),
            traffic: 3.0,
            cvr: 2.0,
            before_days: 4,
            before_cvr: 0.5,
            presale: 0.3,
            ..Event::default()
        };
        let day = day_number(event.date);
        let cvr: Vec<f64> = (-6..=1).map(|since| of(&event, day + since).cvr).collect();
        assert_eq!((cvr[0], cvr[1], cvr[6], cvr[7]), (1.0, 1.0, 2.0, 1.0));
        assert!(cvr[2..=5].windows(2).all(|pair| pair[1] < pair[0]) && cvr[5] == 0.5, "{cvr:?}");
        assert_eq!((of(&event, day - 1).presale, of(&event, day).presale), (0.3, 0.0));
        let twice = [event.clone(), event];
        assert_eq!(effect(&twice, day).traffic, 9.0);
    }
}
