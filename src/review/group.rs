//! Cells added up: by channel, hour, part of the day, campaign, unit.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Effect, Effects, ReviewCell};
use crate::config::Phase;
use crate::keys::{Channel, Unit};
use crate::metric::Outcome;

/// What a group of cells is told by; what it is not told by is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Key {
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<u8>,
    /// The part of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
}

impl Key {
    /// A channel.
    pub fn channel(unit: &Unit) -> Key {
        Key { channel: Some(unit.channel), ..Key::default() }
    }

    /// A campaign within its channel.
    pub fn campaign(unit: &Unit) -> Key {
        Key { campaign: Some(unit.campaign.clone()), ..Key::channel(unit) }
    }

    /// A unit.
    pub fn unit(unit: &Unit) -> Key {
        Key { unit: Some(unit.unit.clone()), product: unit.product.clone(), ..Key::campaign(unit) }
    }
}

/// Cells together: what was planned of them, what they brought, and what made the difference.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Group {
    /// Which cells.
    #[serde(flatten)]
    pub key: Key,
    /// What was planned.
    pub planned: Outcome,
    /// What happened, as it is reported so far.
    pub actual: Outcome,
    /// What is still to come of it.
    pub late: Outcome,
    /// What made the difference; its sum is actual − planned.
    pub effects: Effects,
    /// Of the planned cells whose difference is not that they did not run: what was expected at the bids that were
    /// set, what will have come when all orders are in, and what came so far. Rates of effects are told of these, so
    /// that they are of the cells whose money is told.
    #[serde(skip)]
    pub ran: [Outcome; 3],
}

impl Group {
    /// What the day will have brought when all orders are in.
    pub fn due(&self) -> Outcome {
        self.actual + self.late
    }

    /// Adds a cell.
    pub fn add(&mut self, cell: &ReviewCell) {
        self.planned += cell.planned.map_or(Outcome::default(), |side| side.outcome);
        self.actual += cell.actual.map_or(Outcome::default(), |side| side.outcome);
        self.late += cell.late;
        self.effects += cell.effects;
        let apart =
            [Effect::Ended, Effect::NotRun].iter().any(|effect| cell.effects.of(*effect).size() > 0.0);
        if let (Some(planned), false) = (cell.planned, apart) {
            self.ran[0] += cell.expected.unwrap_or(planned.outcome);
            let reported = cell.actual.map_or(Outcome::default(), |side| side.outcome);
            self.ran[1] += reported + cell.late;
            self.ran[2] += reported;
        }
    }
}

/// The cells by their keys, in the order of the keys.
pub fn by(cells: &[ReviewCell], keys: impl Fn(&ReviewCell) -> Vec<Key>) -> Vec<Group> {
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    for cell in cells {
        for key in keys(cell) {
            groups.entry(key.clone()).or_insert_with(|| Group { key, ..Group::default() }).add(cell);
        }
    }
    groups.into_values().collect()
}

/// All cells together.
pub fn total(cells: &[ReviewCell]) -> Group {
    let mut total = Group::default();
    cells.iter().for_each(|cell| total.add(cell));
    total
}

/// The parts of the day in which an hour lies.
pub fn phases(phases: &[Phase], hour: u8) -> Vec<Key> {
    let of_hour = phases.iter().filter(|phase| phase.has(hour));
    of_hour.map(|phase| Key { phase: Some(phase.name.clone()), ..Key::default() }).collect()
}
