//! What changes against the last bids, and in which order people should look at it.

use std::collections::BTreeMap;

use super::lang::{self, Lang, Word};
use crate::calendar::{HOURS, HourSpan};
use crate::keys::Unit;
use crate::metric::Outcome;
use crate::plan::{Plan, PlanCell, Reason};

/// What is done to a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The bid goes up.
    Raise,
    /// The bid goes down.
    Lower,
    /// Runs without a last bid to compare with.
    Start,
    /// Had a bid, and does not run.
    Stop,
}

impl Act {
    /// The act in a word.
    pub fn word(self) -> Word {
        match self {
            Act::Raise => lang::RAISE,
            Act::Lower => lang::LOWER,
            Act::Start => lang::START,
            Act::Stop => lang::STOP,
        }
    }
}

/// A change of one cell, or of a whole day where the unit is bought by the day.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// What is bid for.
    pub unit: &'a Unit,
    /// Its first or only cell: the bids, the reason and the flags.
    pub cell: &'a PlanCell,
    /// Hours it holds for, ascending.
    pub hours: Vec<u8>,
    /// What is done.
    pub act: Act,
    /// What is expected of those hours.
    pub outcome: Outcome,
}

impl Change<'_> {
    /// Money at stake: expected spend × size of the change; a start counts whole.
    pub fn stake(&self) -> f64 {
        self.outcome.spend * self.cell.change().map_or(1.0, f64::abs)
    }
}

/// What is done to a cell's bid, if anything.
pub fn act(cell: &PlanCell) -> Option<Act> {
    if matches!(cell.reason, Reason::Unmanaged | Reason::Over | Reason::UnderWay) {
        return None;
    }
    match (cell.run, cell.last_bid, cell.change()) {
        (true, None, _) => Some(Act::Start),
        (true, _, Some(change)) if change > 1e-9 => Some(Act::Raise),
        (true, _, Some(change)) if change < -1e-9 => Some(Act::Lower),
        (false, Some(_), _) => Some(Act::Stop),
        _ => None,
    }
}

/// Every change: raised and lowered bids by size first, then what starts by its spend, then what stops.
pub fn changes(plan: &Plan) -> Vec<Change<'_>> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    for cell in &plan.cells {
        let unit = plan.unit(cell);
        let outcome = if cell.run { cell.outcome } else { Outcome::default() };
        let Some(act) = act(cell) else { continue };
        match changes.last_mut() {
            Some(last)
                if unit.channel.by_the_day() && last.cell.cell.unit == cell.cell.unit && last.act == act =>
            {
                last.hours.push(cell.cell.hour);
                last.outcome += outcome;
            }
            _ => changes.push(Change { unit, cell, hours: vec![cell.cell.hour], act, outcome }),
        }
    }
    let kind = |change: &Change<'_>| match change.act {
        Act::Raise | Act::Lower => 0,
        Act::Start => 1,
        Act::Stop => 2,
    };
    let size = |change: &Change<'_>| change.cell.change().map_or(0.0, f64::abs);
    changes.sort_by(|a, b| {
        kind(a)
            .cmp(&kind(b))
            .then(size(b).total_cmp(&size(a)))
            .then(b.outcome.spend.total_cmp(&a.outcome.spend))
            .then(a.cell.cell.cmp(&b.cell.cell))
    });
    changes
}

/// The same act on one unit in all its hours: one thing to do.
#[derive(Debug, Clone)]
pub struct Task<'a> {
    /// What is bid for.
    pub unit: &'a Unit,
    /// What is done.
    pub act: Act,
    /// In which hours, ascending.
    pub hours: Vec<u8>,
    /// Mean of the last bids.
    pub from: Option<f64>,
    /// Mean of the new bids.
    pub to: Option<f64>,
    /// What is expected of those hours.
    pub outcome: Outcome,
    /// Money at stake.
    pub stake: f64,
}

impl Task<'_> {
    /// Change of the mean bid, as a share.
    pub fn change(&self) -> Option<f64> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > 0.0 => Some(to / from - 1.0),
            _ => None,
        }
    }
}

/// Things to do, most money at stake first; what stops is not among them, for nothing is spent on it.
pub fn tasks<'a>(changes: &[Change<'a>]) -> Vec<Task<'a>> {
    let mut groups: BTreeMap<(u32, Act), Vec<&Change<'a>>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.act != Act::Stop) {
        groups.entry((change.cell.cell.unit, change.act)).or_default().push(change);
    }
    let mut tasks: Vec<Task<'a>> = groups
        .into_iter()
        .map(|((_, act), group)| {
            let mut hours: Vec<u8> = group.iter().flat_map(|change| change.hours.iter().copied()).collect();
            hours.sort_unstable();
            Task {
                unit: group[0].unit,
                act,
                hours,
                from: mean(group.iter().filter_map(|change| change.cell.last_bid)),
                to: mean(group.iter().filter_map(|change| change.cell.bid)),
                outcome: group.iter().map(|change| change.outcome).sum(),
                stake: group.iter().map(|change| change.stake()).sum(),
            }
        })
        .collect();
    tasks.sort_by(|a, b| b.stake.total_cmp(&a.stake).then(a.unit.cmp(b.unit)).then(a.act.cmp(&b.act)));
    tasks
}

/// The mean of numbers; nothing where there are none.
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Ascending hours as spans of the clock, `8-12, 20`: from 8:00 to 12:00, and from 20:00 to 21:00.
pub fn spans(hours: &[u8], lang: Lang) -> String {
    if hours.len() == HOURS {
        return lang::ALL_DAY.in_(lang).to_string();
    }
    let mut spans: Vec<HourSpan> = Vec::new();
    for &hour in hours {
        match spans.last_mut() {
            Some(span) if span.to == hour => span.to = hour + 1,
            _ => spans.push(HourSpan { from: hour, to: hour + 1 }),
        }
    }
    spans.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    #[test]
    fn hours_are_spans_of_the_clock() {
        assert_eq!(spans(&[8, 9, 10, 11, 20], Lang::En), "8-12, 20");
        assert_eq!(spans(&(0..24).collect::<Vec<u8>>(), Lang::Zh), "全天");
        assert_eq!(spans(&[], Lang::En), "");
    }

    #[test]
    fn largest_changes_come_first_and_days_are_one_change() {
        let plan = specimen::plan();
        let changes = changes(&plan);
        let sizes: Vec<f64> = changes
            .iter()
            .filter(|change| matches!(change.act, Act::Raise | Act::Lower))
            .map(|change| change.cell.change().unwrap().abs())
            .collect();
        assert!(sizes.len() > 100 && sizes.is_sorted_by(|a, b| a >= b));
        let taken =
            changes.iter().filter(|change| change.cell.reason == Reason::SlotTaken).collect::<Vec<_>>();
        assert!(
            taken.iter().all(|change| change.hours.len() == HOURS),
            "a slot is one change of a whole day"
        );
        assert!(!taken.is_empty());
        assert_eq!(changes.iter().map(|change| change.hours.len()).sum::<usize>(), {
            plan.cells.iter().filter(|cell| act(cell).is_some()).count()
        });
    }

    #[test]
    fn tasks_keep_every_hour_and_are_sorted_by_stake() {
        let plan = specimen::plan();
        let changes = changes(&plan);
        let tasks = tasks(&changes);
        assert!(tasks.is_sorted_by(|a, b| a.stake >= b.stake));
        let going = changes
            .iter()
            .filter(|change| change.act != Act::Stop)
            .map(|change| change.hours.len())
            .sum::<usize>();
        assert_eq!(tasks.iter().map(|task| task.hours.len()).sum::<usize>(), going);
    }
}
