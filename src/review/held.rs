//! Positions held: where search stood against its band, and against what the plan promised.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Key, ReviewCell};
use crate::calendar::HOURS;
use crate::config::PlanFile;
use crate::keys::{Channel, Unit};

/// Where the search cells of a group stood that were shown and whose position is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Held {
    /// Which cells.
    #[serde(flatten)]
    pub key: Key,
    /// How many, in unit-hours.
    pub cells: usize,
    /// Of these, how many stood in their band.
    pub cells_inside: usize,
    /// Impressions.
    pub impressions: f64,
    /// Of these, shown in the band.
    pub inside: f64,
    /// Shown above it, nearer to the top.
    pub above: f64,
    /// Shown below it.
    pub below: f64,
    /// Money spent outside it.
    pub spend_outside: f64,
}

impl Held {
    /// The share of the unit-hours that stood in the band; nothing where there are none.
    pub fn share(&self) -> Option<f64> {
        (self.cells > 0).then(|| self.cells_inside as f64 / self.cells as f64)
    }

    /// The share of the impressions shown in the band.
    pub fn share_of_impressions(&self) -> Option<f64> {
        (self.impressions > 0.0).then(|| self.inside / self.impressions)
    }
}

/// Where search stood, in all (first) and by campaign. Only cells that the plan runs are looked at; an interval of
/// positions counts with its middle. Nothing where no position is known.
pub fn held(cells: &[ReviewCell], units: &[Unit], file: &PlanFile, date: &str) -> Vec<Held> {
    let mut groups: BTreeMap<Key, Held> = BTreeMap::new();
    let mut bands: Option<(u32, [Option<[f64; 2]>; HOURS])> = None;
    for cell in cells {
        let unit = &units[cell.cell.unit as usize];
        let (Channel::Search, Some(_), Some(actual)) = (unit.channel, cell.planned, cell.actual) else {
            continue;
        };
        let Some(position) = actual.outcome.position() else { continue };
        if bands.as_ref().is_none_or(|(of, _)| *of != cell.cell.unit) {
            let limits = file.limits(unit, date);
            bands = Some((cell.cell.unit, std::array::from_fn(|hour| limits[hour].position)));
        }
        let Some([best, worst]) = bands.and_then(|(_, hours)| hours[usize::from(cell.cell.hour)]) else {
            continue;
        };
        for key in [Key::default(), Key::campaign(unit)] {
            let held = groups.entry(key.clone()).or_insert_with(|| Held { key, ..Held::default() });
            held.cells += 1;
            held.impressions += actual.outcome.impressions;
            let (place, inside) = match position {
                _ if position < best - NEAR => (&mut held.above, false),
                _ if position > worst + NEAR => (&mut held.below, false),
                _ => (&mut held.inside, true),
            };
            *place += actual.outcome.impressions;
            held.cells_inside += usize::from(inside);
            held.spend_outside += if inside { 0.0 } else { actual.outcome.spend };
        }
    }
    groups.into_values().collect()
}

/// Positions are reported to two decimals at most.
const NEAR: f64 = 0.005;
