//! The plan file of a simulated shop: targets in proportion to what the shop spends.

use std::fmt::Write;

use jiff::civil::Date;

use crate::calendar::{date_of, day_number};
use crate::config::Request;
use crate::error::{Error, Result};
use crate::history::History;
use crate::keys::Channel;
use crate::market::shop::Event;
use crate::market::{Shop, event_of};

/// Share of orders that must have arrived on a day whose sales are learned from.
const MATURE: f64 = 0.98;

/// A plan file, as text, for the day after a shop's history: spend at most 15 % above last week's, an ROI
/// of 2 in every channel, a cap on search and on display, a round in the evening. The shop's events
/// are listed, those that are alike under one name; where none of the past is like the day's, the uplift is what the event
/// makes of the day.
pub fn plan_text(shop: &Shop, history: &History) -> String {
    let last = shop.last_day();
    let date = date_of(last + 1);
    let week = |channel: Option<Channel>| -> f64 {
        let rows = history.observations.iter().filter(|row| row.day > last - 7);
        let rows = rows
            .filter(|row| channel.is_none_or(|channel| history.units[row.unit as usize].channel == channel));
        rows.map(|row| row.spend).sum::<f64>() / f64::from(shop.days.min(7))
    };
    let [demand, cvr, price] = event_of(shop, day_number(date));
    let (events, told) = events(shop, date);
    let uplift = match told {
        true => String::new(),
        false => format!("[uplift]\ndemand = {demand:?}\ncvr = {cvr:?}\nprice = {price:?}\n\n"),
    };
    let mut text = format!(
        "[history]\nfiles = [\"history.parquet\"]\nwindow_days = {}\nmaturity_days = {}\nlookback_days = {}\n\n\
         [plan]\ndate = {date}\nobjective = \"revenue\"\n\n\
         {events}{uplift}\
         [search]\nposition = [3, 5]\nbid = [0.05, 99.99]\n\n[display]\nbid = [1, 1000]\n\n\
         [affiliate]\nbid = [0.02, 0.45]\n",
        shop.delay.len(),
        maturity(&shop.delay),
        shop.days.max(56),
    );
    for slot in &shop.slots {
        let _ = write!(
            text,
            "\n[[group_buy.slot]]\nunit = {:?}\nfixed_fee = {:?}\nrate = {:?}\n",
            slot.unit, slot.fixed_fee, slot.rate
        );
    }
    // An event lifts what may be spent as it lifts what can be sold.
    let lift = demand * price;
    let mut rule = |name: &str, body: &str| {
        let _ = write!(text, "\n[[rule]]\nname = \"{name}\"\n{body}\n");
    };
    let most = |spend: f64| format!("metric = \"spend\"\nmax = {:?}", (spend * lift).round().max(1.0));
    rule("budget", &most(1.15 * week(None)));
    rule("roi", "metric = \"roi\"\nmin = 2.0\nper = [\"channel\"]");
    for channel in [Channel::Search, Channel::Display] {
        if history.units.iter().any(|unit| unit.channel == channel) {
            let name = channel.name();
            let cap = most(1.3 * week(Some(channel)));
            rule(&format!("{name} cap"), &format!("where = {{ channel = \"{name}\" }}\n{cap}"));
        }
    }
    rule(
        "evening round",
        "where = { channel = [\"search\", \"display\"], hour = [\"20-22\"] }\nmetric = \"spend\"\nmin_share = 0.1\n\
         of = { channel = [\"search\", \"display\"] }",
    );
    text.push_str("\n[market]\nshop = \"shop.toml\"\n");
    text
}

/// The shop's events as a plan file lists them, and whether the day is in one of which the history holds the like.
fn events(shop: &Shop, date: Date) -> (String, bool) {
    let mut text = String::new();
    let mut told = false;
    for (at, event) in shop.events.iter().enumerate() {
        let like = |other: &Event| Event { date: other.date, ..event.clone() } == *other;
        let name = shop.events.iter().position(like).unwrap_or(at);
        told |= name < at && event.date == date;
        let Event { date, days, before_days, .. } = event;
        let _ = write!(
            text,
            "[[event]]\nname = \"event {name}\"\ndate = {date}\ndays = {days}\nbefore_days = {before_days}\n\n"
        );
    }
    (text, told)
}

/// Days until a day's sales are nearly all in.
fn maturity(delay: &[f64]) -> usize {
    let total: f64 = delay.iter().sum();
    let mut arrived = 0.0;
    let day = delay.iter().position(|share| {
        arrived += share / total;
        arrived >= MATURE
    });
    day.unwrap_or(delay.len())
}

/// The same as a request, which stands in no file.
pub(super) fn request(shop: &Shop, history: &History) -> Result<Request> {
    let text = plan_text(shop, history);
    let file = toml::from_str(&text)
        .map_err(|error| Error::Internal(format!("the plan file of a simulated shop: {error}")))?;
    Ok(Request { path: "plan.toml".into(), file, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sales_are_mature_when_nearly_all_are_in() {
        assert_eq!(maturity(&[0.99, 0.01]), 0);
        assert_eq!(maturity(&[0.5, 0.3, 0.15, 0.03, 0.02]), 3);
    }
}
