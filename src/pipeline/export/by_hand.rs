//! Bids that a person set in the approved workbook: the schedule is found around them.
//!
//! A platform takes no bid for one unit in one hour, so not all of them can be kept. A unit that was switched off all
//! day is paused, and an hour in which all of a campaign was switched off is off. A bid is kept, within rounding, where
//! base bids and percents exist that reach it beside everything else that runs; those with the most money behind them
//! are tried first. Bids that the person took as the plan proposes them are proposals still.

use std::collections::BTreeSet;

use super::Turned;
use crate::calendar::HOURS;
use crate::config::Terms;
use crate::error::Result;
use crate::keys::{Cell, Channel};
use crate::ladder::Ladders;
use crate::pipeline::Options;
use crate::plan::{PlanCell, Reason};
use crate::schedule::executable::{ByHand, Unkept};
use crate::schedule::pins::{self, Pin};
use crate::schedule::{Problem, Scheduled, Setting, Wishes};

impl Turned<'_> {
    /// The schedule around the bids that a person set, and the ladders that it is on.
    pub(super) fn around_hands(
        &self,
        mut ladders: Ladders,
        channel: Channel,
        terms: &Terms,
        options: &Options,
    ) -> Result<(Ladders, Scheduled)> {
        let asked = self.asked(channel);
        self.switch_off(&mut ladders, &asked);
        let bids: Vec<&PlanCell> = asked.into_iter().filter(|cell| cell.run).collect();
        // Where a cell has no admissible bid of its own, the person's is the only one.
        let alone: Vec<_> = bids.iter().filter(|cell| !ladders.has(cell.cell)).collect();
        ladders.ladders.extend(alone.into_iter().filter_map(|cell| self.pinned(cell, terms)));
        let free = self.schedule(&ladders, terms, (&[], &[]), options)?;
        if bids.is_empty() {
            return Ok((ladders, free));
        }
        let model = self.model(&ladders)?;
        let (forecast, wishes) = (self.forecast, &Wishes::default());
        let problem = Problem { ladders: &ladders, model: &model, forecast, terms, wishes };
        let mut kept: Vec<&PlanCell> = Vec::new();
        let mut known: Vec<Setting> = Vec::new();
        for (grid, setting) in free.grids.iter().zip(&free.settings) {
            let pin = |cell: &&PlanCell| {
                let unit = grid.units.iter().position(|unit| *unit == cell.cell.unit)?;
                let hour = usize::from(cell.cell.hour);
                grid.at(unit, hour).and(cell.bid).map(|bid| Pin { unit, hour, bid })
            };
            let here: Vec<(&PlanCell, Pin)> =
                bids.iter().filter_map(|cell| Some((*cell, pin(cell)?))).collect();
            let pins: Vec<Pin> = here.iter().map(|(_, pin)| *pin).collect();
            let (reached, near) = pins::together(&problem, grid, setting, &pins);
            kept.extend(here.iter().zip(reached).filter(|(_, kept)| *kept).map(|((cell, _), _)| *cell));
            known.push(near);
        }
        for cell in &kept {
            ladders.remove(cell.cell);
            ladders.ladders.extend(self.pinned(cell, terms));
        }
        let wanted: Vec<Cell> = kept.iter().map(|cell| cell.cell).collect();
        let scheduled = self.schedule(&ladders, terms, (&wanted, &known), options)?;
        Ok((ladders, scheduled))
    }

    /// What a person set or switched off of a channel, those with the most money behind them first.
    fn asked(&self, channel: Channel) -> Vec<&PlanCell> {
        let units = &self.reopened.landscapes.units;
        let of = |unit: u32| units[unit as usize].channel == channel;
        let by_hand = |cell: &&PlanCell| matches!(cell.reason, Reason::ByHand | Reason::OffByHand);
        let mut asked: Vec<&PlanCell> =
            self.free.iter().filter(by_hand).filter(|cell| of(cell.cell.unit)).collect();
        asked.sort_by(|a, b| b.outcome.spend.total_cmp(&a.outcome.spend).then(a.cell.cmp(&b.cell)));
        asked
    }

    fn pinned(&self, cell: &PlanCell, terms: &Terms) -> Option<crate::ladder::Ladder> {
        let bid = cell.bid?;
        Some(self.around(cell.cell, bid, pins::rounding(bid, terms), false))
    }

    /// Takes out the units of which nothing runs, and the hours in which nothing of a campaign does, where a person
    /// switched them off: what the plan itself leaves off there is off as well.
    fn switch_off(&self, ladders: &mut Ladders, asked: &[&PlanCell]) {
        let units = &self.reopened.landscapes.units;
        let hour_of = |cell: Cell| {
            let unit = &units[cell.unit as usize];
            (unit.channel, unit.campaign.as_str(), cell.hour)
        };
        let off = || asked.iter().filter(|cell| !cell.run).map(|cell| cell.cell);
        let mut of_unit: BTreeSet<u32> = off().map(|cell| cell.unit).collect();
        let mut of_hour: BTreeSet<(Channel, &str, u8)> = off().map(hour_of).collect();
        for cell in self.free.iter().filter(|cell| cell.run).map(|cell| cell.cell) {
            of_unit.remove(&cell.unit);
            of_hour.remove(&hour_of(cell));
        }
        let all: Vec<Cell> = ladders.cells().collect();
        for cell in all {
            if of_unit.contains(&cell.unit) || of_hour.contains(&hour_of(cell)) {
                ladders.remove(cell);
            }
        }
    }

    /// What became of the bids that a person set; marks the cells whose bid is theirs.
    pub(super) fn by_hand(
        &self,
        cells: &mut [PlanCell],
        scheduled: &Scheduled,
        terms: &Terms,
        channel: Channel,
    ) -> Vec<ByHand> {
        let units = &self.reopened.landscapes.units;
        let asked = self.asked(channel);
        let mut runs: BTreeSet<u32> = BTreeSet::new();
        let mut on: BTreeSet<(&str, usize)> = BTreeSet::new();
        for (grid, setting) in scheduled.grids.iter().zip(&scheduled.settings) {
            let bases = grid.units.iter().zip(&setting.base);
            runs.extend(bases.filter(|(_, base)| base.is_some()).map(|(unit, _)| *unit));
            let hours = (0..HOURS).filter(|hour| setting.percent[*hour].is_some());
            on.extend(hours.map(|hour| (grid.campaign.as_str(), hour)));
        }
        let result = |asked: &PlanCell| {
            let at = cells.binary_search_by_key(&asked.cell, |cell| cell.cell).ok()?;
            let cell = &mut cells[at];
            let (unit, hour) = (asked.cell.unit, asked.cell.hour);
            let wanted = asked.bid.filter(|_| asked.run);
            let effective = cell.bid.filter(|_| cell.run);
            let why = match (wanted, effective) {
                (None, None) => None,
                (None, Some(_)) => Some(Unkept::OneCellOff),
                (Some(bid), Some(now)) if (now - bid).abs() <= pins::rounding(bid, terms) + 1e-9 => None,
                (Some(_), Some(_)) => Some(Unkept::Together),
                (Some(_), None) if !runs.contains(&unit) => Some(Unkept::UnitPaused),
                (Some(_), None)
                    if !on.contains(&(units[unit as usize].campaign.as_str(), usize::from(hour))) =>
                {
                    Some(Unkept::HourOff)
                }
                (Some(_), None) => Some(Unkept::Together),
            };
            if why.is_none() {
                cell.reason = asked.reason.clone();
            }
            Some(ByHand { unit, hour, asked: wanted, effective, outcome: cell.outcome, why })
        };
        asked.into_iter().filter_map(result).collect()
    }
}
