//! A campaign, or a part of one, as its schedule sees it: units × hours.

use std::collections::BTreeMap;

use crate::calendar::HOURS;
use crate::keys::{Channel, Unit};
use crate::ladder::Ladders;

/// Which part of a campaign a grid is.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Some of its units, in a campaign of their own; numbered from 1.
    Units(usize),
    /// All its units in some hours, from and to, in a campaign of their own.
    Hours(usize, usize),
}

/// Where a cell's admissible bids are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The ladder.
    pub ladder: usize,
    /// The cell's hour among the ladder's.
    pub at: usize,
}

/// Units that share a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The channel.
    pub channel: Channel,
    /// The campaign.
    pub campaign: String,
    /// Which part of it.
    pub part: Part,
    /// The units.
    pub units: Vec<u32>,
    /// The cells that may run, unit-major.
    pub cells: Vec<Option<Place>>,
}

/// The cells of a campaign's units.
type Days = BTreeMap<u32, [Option<Place>; HOURS]>;

impl Grid {
    /// The campaigns of all ladders.
    pub fn all(ladders: &Ladders, units: &[Unit]) -> Vec<Grid> {
        let mut by_campaign: BTreeMap<(Channel, &str), Days> = BTreeMap::new();
        for (index, ladder) in ladders.ladders.iter().enumerate() {
            let unit = &units[ladder.unit as usize];
            let cells = by_campaign.entry((unit.channel, &unit.campaign)).or_default();
            let row = cells.entry(ladder.unit).or_insert([None; HOURS]);
            for (at, hour) in ladder.hours.iter().enumerate() {
                row[usize::from(*hour)] = Some(Place { ladder: index, at });
            }
        }
        let grid = |((channel, campaign), cells): ((Channel, &str), Days)| Grid {
            channel,
            campaign: campaign.to_owned(),
            part: Part::Whole,
            units: cells.keys().copied().collect(),
            cells: cells.into_values().flatten().collect(),
        };
        by_campaign.into_iter().map(grid).collect()
    }

    /// The cell of a unit in an hour.
    pub fn at(&self, unit: usize, hour: usize) -> Option<Place> {
        self.cells[unit * HOURS + hour]
    }

    /// The same campaign with some of its units.
    pub fn of_units(&self, number: usize, keep: impl Fn(usize) -> bool) -> Grid {
        let kept: Vec<usize> = (0..self.units.len()).filter(|unit| keep(*unit)).collect();
        Grid {
            part: Part::Units(number),
            units: kept.iter().map(|unit| self.units[*unit]).collect(),
            cells: kept.iter().flat_map(|unit| self.cells[unit * HOURS..][..HOURS].to_vec()).collect(),
            ..self.clone()
        }
    }

    /// The same campaign in some hours.
    pub fn of_hours(&self, from: usize, to: usize) -> Grid {
        let cells = self.cells.iter().enumerate();
        let kept = cells.map(|(at, cell)| cell.filter(|_| (from..to).contains(&(at % HOURS))));
        Grid { part: Part::Hours(from, to), cells: kept.collect(), ..self.clone() }
    }

    /// The name of the campaign that holds it: that of the campaign, numbered where it is split.
    pub fn name(&self) -> String {
        match self.part {
            Part::Whole | Part::Units(1) => self.campaign.clone(),
            Part::Units(number) => format!("{} #{number}", self.campaign),
            Part::Hours(0, _) => self.campaign.clone(),
            Part::Hours(from, _) => format!("{} #{from}", self.campaign),
        }
    }
}
