//! Where delivery ended before the day did: a budget that ran out, or somebody who switched it off.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Difference, Key, Pair};
use crate::calendar::HOURS;
use crate::keys::{Cell, Channel, Unit};
use crate::metric::Outcome;

/// Impressions (or clicks) that must have been planned after the end for silence to be no chance: e⁻³⁰.
const SURE: f64 = 30.0;

/// A channel or a campaign whose delivery ended before the day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct End {
    /// The channel, and the campaign where the channel went on.
    #[serde(flatten)]
    pub key: Key,
    /// The last hour in which anything was shown, in or after which delivery ended.
    pub hour: u8,
    /// What was shown of the plan in that hour, as a share: below 1 the hour was cut, too.
    pub share: Option<f64>,
    /// What was spent until then.
    pub spent: f64,
    /// What the plan expected of the hours after it.
    pub lost: Difference,
}

/// Sums of each hour: planned, actual.
type Hours = [(Outcome, Outcome); HOURS];

/// The ends of search and display, channels first; a campaign that ends with its channel is not told again. Nothing
/// where every channel that the plan runs late ends in the same hour and there are several: then the report does.
pub fn find(pairs: &BTreeMap<Cell, Pair>, units: &[Unit]) -> Vec<End> {
    let channels = hours(pairs, units, Key::channel);
    let campaigns = hours(pairs, units, Key::campaign);
    let mut ends: Vec<End> = channels.iter().filter_map(|(key, hours)| end(key, hours)).collect();
    let late =
        channels.values().filter(|hours| volume(hours.iter().skip(HOURS - 3).map(|hour| hour.0)) > 0.0);
    let late = late.count();
    if late > 1 && ends.len() == late && ends.iter().all(|end| end.hour == ends[0].hour) {
        return Vec::new();
    }
    for (key, hours) in &campaigns {
        let more = end(key, hours).filter(|end| {
            !ends
                .iter()
                .any(|of| of.key.campaign.is_none() && of.key.channel == key.channel && of.hour == end.hour)
        });
        ends.extend(more);
    }
    ends
}

/// Whether a cell comes after the end of its channel or campaign.
pub fn after(ends: &[End], unit: &Unit, hour: u8) -> bool {
    ends.iter().any(|end| {
        hour > end.hour
            && end.key.channel == Some(unit.channel)
            && end.key.campaign.as_ref().is_none_or(|campaign| *campaign == unit.campaign)
    })
}

fn hours(pairs: &BTreeMap<Cell, Pair>, units: &[Unit], key: fn(&Unit) -> Key) -> BTreeMap<Key, Hours> {
    let mut sums: BTreeMap<Key, Hours> = BTreeMap::new();
    let auctions = [Channel::Search, Channel::Display];
    for (cell, pair) in pairs {
        let unit = &units[cell.unit as usize];
        if !auctions.contains(&unit.channel) || pair.imputed {
            continue; // whole days tell no hour
        }
        let hour = &mut sums.entry(key(unit)).or_default()[usize::from(cell.hour)];
        hour.0 += pair.planned.unwrap_or_default().outcome;
        hour.1 += pair.actual.unwrap_or_default().outcome;
    }
    sums
}

/// Impressions, or clicks where those are not counted.
fn volume(outcomes: impl Iterator<Item = Outcome>) -> f64 {
    let sum: Outcome = outcomes.sum();
    if sum.impressions > 0.0 { sum.impressions } else { sum.clicks }
}

fn end(key: &Key, hours: &Hours) -> Option<End> {
    let shown = |(_, actual): &(Outcome, Outcome)| volume([*actual].into_iter()) > 0.0;
    let hour = hours.iter().rposition(shown)?;
    let after = &hours[hour + 1..];
    let lost: Outcome = after.iter().map(|(planned, _)| *planned).sum();
    let (planned, actual) = hours[hour];
    let in_hour = volume([planned].into_iter());
    (volume([lost].into_iter()) >= SURE).then(|| End {
        key: key.clone(),
        hour: hour as u8,
        share: (in_hour > 0.0).then(|| volume([actual].into_iter()) / in_hour),
        spent: hours.iter().map(|(_, actual)| actual.spend).sum(),
        lost: lost.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::*;

    fn unit(channel: Channel, campaign: &str) -> Unit {
        Unit { channel, campaign: campaign.into(), unit: "u".into(), product: None }
    }

    /// Units of which each runs until its hour, and is planned all day.
    fn day(units: &[(Unit, u8)]) -> (Vec<Unit>, BTreeMap<Cell, Pair>) {
        let mut pairs = BTreeMap::new();
        for (at, (_, until)) in units.iter().enumerate() {
            for hour in 0..HOURS as u8 {
                let outcome = Outcome {
                    impressions: 50.0,
                    clicks: 1.0,
                    spend: 2.0,
                    revenue: 5.0,
                    ..Outcome::default()
                };
                let side = Side { bid: None, outcome };
                let pair =
                    Pair { planned: Some(side), actual: (hour < *until).then_some(side), imputed: false };
                pairs.insert(Cell { unit: at as u32, hour }, pair);
            }
        }
        (units.iter().map(|(unit, _)| unit.clone()).collect(), pairs)
    }

    #[test]
    fn the_end_of_a_channel_stands_for_its_campaigns() {
        let (units, pairs) = day(&[
            (unit(Channel::Search, "a"), 21),
            (unit(Channel::Search, "b"), 21),
            (unit(Channel::Display, "c"), 24),
            (unit(Channel::Display, "d"), 22),
        ]);
        let ends = find(&pairs, &units);
        let found: Vec<(Option<&str>, u8, f64)> =
            ends.iter().map(|end| (end.key.campaign.as_deref(), end.hour, end.lost.revenue)).collect();
        assert_eq!(found, [(None, 20, 30.0), (Some("d"), 21, 10.0)]);
        assert!(after(&ends, &units[1], 21) && !after(&ends, &units[1], 20) && !after(&ends, &units[2], 23));
    }

    #[test]
    fn a_report_that_ends_early_is_no_budget() {
        let (units, pairs) = day(&[(unit(Channel::Search, "a"), 15), (unit(Channel::Display, "c"), 15)]);
        assert!(find(&pairs, &units).is_empty());
    }
}
