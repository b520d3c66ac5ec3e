//! One unit in one hour, close up: what each bid would bring, and what the history holds of it.

use super::Desk;
use crate::calendar::{HOURS, date_of};
use crate::config::Request;
use crate::keys::Channel;
use crate::ladder::beside_what_sells;
use crate::metric::Outcome;
use crate::pipeline::Options;

use jiff::civil::Date;

/// Bids of a curve.
const BIDS: usize = 48;

/// A unit in an hour.
pub struct Drill {
    /// What bids would bring, bids rising; empty for a slot, which has no bid.
    pub curve: Vec<Point>,
    /// The admissible bids of the ladder, rising; empty where the cell cannot run.
    pub rungs: Vec<f64>,
    /// The last bid.
    pub last: Option<f64>,
    /// Best and worst position that its limits allow.
    pub band: Option<[f64; 2]>,
    /// The rows of the history; empty where the desk was opened on a model file.
    pub seen: Vec<Seen>,
}

/// A bid and what it is expected to bring.
pub struct Point {
    /// The bid.
    pub bid: f64,
    /// The outcome of the hour.
    pub outcome: Outcome,
}

/// A row of the history.
pub struct Seen {
    /// Its day.
    pub date: Date,
    /// Its bid, where one is known.
    pub bid: Option<f64>,
    /// What an hour of it brought.
    pub outcome: Outcome,
}

impl Desk {
    /// A unit in an hour under a request's settings; nothing where there is no such unit.
    pub fn drill(&self, request: &Request, options: &Options, unit: u32, hour: u8) -> Option<Drill> {
        let key = self.landscapes.units.get(unit as usize)?;
        let known = self.landscapes.known.get(unit as usize)?;
        let layout = self.layout(request, options);
        let forecast = self.landscapes.on(layout.date, &request.file);
        let forecast = beside_what_sells(forecast, &request.file);
        let laid = layout.ladders(&forecast, &request.file);
        let ladders = &laid.ladders;
        let limits = request.file.limits(key, &layout.date.to_string()).into_iter().nth(usize::from(hour))?;
        let first = ladders.partition_point(|ladder| ladder.unit < unit);
        let own = ladders[first..].iter().take_while(|ladder| ladder.unit == unit);
        let rungs = own.filter(|ladder| ladder.hours.contains(&hour)).map(|ladder| ladder.bids.clone());
        let curve = match known.bids.filter(|_| key.channel != Channel::GroupBuy) {
            Some([low, high]) => {
                let (low, high) = (low / (1.0 + limits.extrapolate), high * (1.0 + limits.extrapolate));
                let bid = |at: usize| low * (high / low).powf(at as f64 / (BIDS - 1) as f64);
                let point = |bid: f64| Point { bid, outcome: forecast.outcome(unit, hour, bid) };
                (0..BIDS).map(bid).map(point).collect()
            }
            None => Vec::new(),
        };
        Some(Drill {
            curve,
            rungs: rungs.last().unwrap_or_default(),
            last: known.last_bid[usize::from(hour)],
            band: limits.position,
            seen: self.seen(unit, hour),
        })
    }

    fn seen(&self, unit: u32, hour: u8) -> Vec<Seen> {
        let first = self.observations.partition_point(|row| row.unit < unit);
        let own = self.observations[first..].iter().take_while(|row| row.unit == unit);
        own.filter(|row| row.hour.is_none_or(|of| of == hour))
            .map(|row| {
                let hours = if row.hour.is_some() { 1.0 } else { HOURS as f64 * f64::from(row.days) };
                let bid = (f64::from(row.bid) * 1e4).round() / 1e4;
                Seen {
                    date: date_of(row.day),
                    bid: (bid.is_finite() && bid > 0.0).then_some(bid),
                    outcome: row.outcome() * (1.0 / hours),
                }
            })
            .collect()
    }
}
