//! What was planned and what happened, cell by cell.

use std::collections::BTreeMap;

use crate::keys::{Cell, Unit};
use crate::metric::Outcome;

/// A cell of the plan that runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planned {
    /// Unit and hour.
    pub cell: Cell,
    /// The bid; nothing where the platform bids.
    pub bid: Option<f64>,
    /// What the plan expects.
    pub outcome: Outcome,
}

/// A row of the actuals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Actual {
    /// The unit.
    pub unit: u32,
    /// The hour; nothing = the whole day.
    pub hour: Option<u8>,
    /// The bid, where the row has one.
    pub bid: Option<f64>,
    /// What it brought.
    pub outcome: Outcome,
}

/// A cell of one side: its bid and its sums.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Side {
    /// The bid.
    pub bid: Option<f64>,
    /// Expected or real sums.
    pub outcome: Outcome,
}

/// Both sides of a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pair {
    /// What was planned; nothing where the plan has it off.
    pub planned: Option<Side>,
    /// What happened; nothing where nobody ran it.
    pub actual: Option<Side>,
    /// The hours of its unit are spread over the day as the plan has them: the actuals have whole days.
    pub imputed: bool,
}

/// Pairs both sides, sorted by unit and hour. Rows of whole days are spread over the hours as the plan has them, each
/// sum by its own, or by `shape` where the plan has the unit off. A unit that is bought by the day ran in all hours
/// that are planned, if it ran at all.
pub fn pair(units: &[Unit], planned: &[Planned], actual: &[Actual], shape: &[f64]) -> BTreeMap<Cell, Pair> {
    let mut pairs: BTreeMap<Cell, Pair> = BTreeMap::new();
    let mut hours: BTreeMap<u32, Vec<(u8, Outcome)>> = BTreeMap::new();
    for Planned { cell, bid, outcome } in planned {
        pairs.entry(*cell).or_default().planned = Some(Side { bid: *bid, outcome: *outcome });
        hours.entry(cell.unit).or_default().push((cell.hour, *outcome));
    }
    for row in actual {
        let by_the_day = units[row.unit as usize].channel.by_the_day();
        // A bid of a whole day says nothing of its hours, but where bids are of whole days.
        let bid = row.bid.filter(|_| row.hour.is_some() || by_the_day);
        let planned_hours = hours.get(&row.unit).map_or(&[][..], Vec::as_slice);
        if by_the_day {
            for (hour, _) in planned_hours {
                let pair = pairs.entry(Cell { unit: row.unit, hour: *hour }).or_default();
                pair.actual.get_or_insert(Side { bid, ..Side::default() });
            }
        }
        let spread: Vec<(u8, Outcome)> = match (row.hour, planned_hours.is_empty()) {
            (Some(hour), _) => vec![(hour, row.outcome)],
            (None, false) => as_planned(&row.outcome, planned_hours),
            (None, true) => {
                let whole: f64 = shape.iter().sum();
                (0..).zip(shape).map(|(hour, share)| (hour, row.outcome * (share / whole))).collect()
            }
        };
        for (hour, outcome) in spread {
            let pair = pairs.entry(Cell { unit: row.unit, hour }).or_default();
            let side = pair.actual.get_or_insert_default();
            side.bid = bid.or(side.bid);
            side.outcome += outcome;
            pair.imputed |= row.hour.is_none();
        }
    }
    pairs
}

/// A whole day over the hours of its unit: each sum as the plan has that sum, so that a day as planned differs in no
/// hour. A sum that the plan has none of goes with the first that it has. Positions go with impressions.
fn as_planned(day: &Outcome, hours: &[(u8, Outcome)]) -> Vec<(u8, Outcome)> {
    let whole: Outcome = hours.iter().map(|(_, planned)| *planned).sum();
    let sums = [0, 1, 3, 2, 4].into_iter(); // impressions, clicks, orders; then money
    let volume = sums.clone().find(|sum| whole.measures()[*sum] > 0.0);
    let share = |planned: &Outcome, sum: usize| {
        let by = if whole.measures()[sum] > 0.0 { Some(sum) } else { volume };
        by.map_or(1.0 / hours.len() as f64, |by| planned.measures()[by] / whole.measures()[by])
    };
    let of_hour = |(hour, planned): &(u8, Outcome)| {
        let part = |sum: usize| day.measures()[sum] * share(planned, sum);
        let shown = share(planned, 0);
        let outcome = Outcome {
            impressions: part(0),
            clicks: part(1),
            spend: part(2),
            orders: part(3),
            revenue: part(4),
            position_sum: day.position_sum * shown,
            position_weight: day.position_weight * shown,
        };
        (*hour, outcome)
    };
    hours.iter().map(of_hour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::HOURS;
    use crate::keys::Channel;

    fn unit(channel: Channel) -> Unit {
        Unit { channel, campaign: "c".into(), unit: "u".into(), product: None }
    }

    fn clicks(clicks: f64) -> Outcome {
        Outcome { clicks, ..Outcome::default() }
    }

    #[test]
    fn whole_days_are_spread_as_planned() {
        let planned = [(9, 1.0), (20, 3.0)].map(|(hour, volume)| Planned {
            cell: Cell { unit: 0, hour },
            bid: Some(1.0),
            outcome: clicks(volume),
        });
        let day = Actual { unit: 0, hour: None, bid: None, outcome: clicks(8.0) };
        let shape = [1.0; HOURS];
        let pairs = pair(&[unit(Channel::Search)], &planned, &[day], &shape);
        let found: Vec<(u8, f64, bool)> = pairs
            .iter()
            .map(|(cell, pair)| (cell.hour, pair.actual.unwrap().outcome.clicks, pair.imputed))
            .collect();
        assert_eq!(found, [(9, 2.0, true), (20, 6.0, true)]);
        let unplanned = pair(&[unit(Channel::Search)], &[], &[day], &shape);
        assert_eq!(unplanned.len(), HOURS);
        assert!(
            (unplanned.values().map(|pair| pair.actual.unwrap().outcome.clicks).sum::<f64>() - 8.0).abs()
                < 1e-12
        );
    }

    #[test]
    fn what_is_bought_by_the_day_runs_all_day() {
        for (channel, ran) in [(Channel::Affiliate, true), (Channel::Search, false)] {
            let planned = [9, 20].map(|hour| Planned {
                cell: Cell { unit: 0, hour },
                bid: Some(0.1),
                outcome: clicks(1.0),
            });
            let row = Actual { unit: 0, hour: Some(9), bid: Some(0.1), outcome: clicks(4.0) };
            let pairs = pair(&[unit(channel)], &planned, &[row], &[1.0; HOURS]);
            assert_eq!(pairs[&Cell { unit: 0, hour: 20 }].actual.is_some(), ran, "{channel}");
            assert_eq!(pairs[&Cell { unit: 0, hour: 9 }].actual.unwrap().outcome.clicks, 4.0);
        }
    }
}
