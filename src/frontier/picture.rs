//! A step's solution in sums, and what sets two of them apart.

use crate::calendar::HOURS;
use crate::keys::{Channel, Unit};
use crate::ladder::Ladders;
use crate::metric::Outcome;

use super::Change;

/// Units named in a change.
const MOST: usize = 3;

/// What a solution runs.
pub struct Picture {
    /// Of each unit and hour the bid that has most of it; not a number where not running has.
    bids: Vec<f64>,
    /// Spend of each unit.
    spend: Vec<f64>,
    /// Sums of each channel, what is given included.
    pub channels: [Outcome; Channel::ALL.len()],
    /// Whole ladders that are taken, by unit.
    pub slots: Vec<u32>,
}

impl Picture {
    /// One pass over the solution.
    pub fn of(ladders: &Ladders, units: &[Unit], x: &[f64]) -> Picture {
        let mut picture = Picture {
            bids: vec![f64::NAN; units.len() * HOURS],
            spend: vec![0.0; units.len()],
            channels: Default::default(),
            slots: Vec::new(),
        };
        for given in &ladders.given {
            let unit = given.cell.unit as usize;
            picture.channels[units[unit].channel as usize] += given.outcome;
            picture.spend[unit] += given.outcome.spend;
        }
        let mut shares = x;
        for ladder in &ladders.ladders {
            let (mine, rest) = shares.split_at(ladder.bids.len());
            shares = rest;
            let unit = ladder.unit as usize;
            let (mut most, mut used, mut rung) = (0.0, 0.0, None);
            for (at, share) in mine.iter().enumerate().filter(|(_, share)| **share > 0.0) {
                let outcome = ladder.total(at) * *share;
                picture.channels[units[unit].channel as usize] += outcome;
                picture.spend[unit] += outcome.spend;
                used += share;
                if *share > most {
                    (most, rung) = (*share, Some(at));
                }
            }
            let rung = rung.filter(|_| most > 1.0 - used);
            if ladder.whole && rung.is_some() {
                picture.slots.push(ladder.unit);
            }
            if let Some(rung) = rung {
                for hour in &ladder.hours {
                    picture.bids[unit * HOURS + usize::from(*hour)] = ladder.bids[rung];
                }
            }
        }
        picture
    }

    /// What is different from an earlier step.
    pub fn since(&self, before: &Picture) -> Change {
        let mut change = Change::default();
        for (now, then) in self.bids.iter().zip(&before.bids) {
            match (then.is_nan(), now.is_nan()) {
                (true, false) => change.started += 1,
                (false, true) => change.stopped += 1,
                _ if now > then => change.raised += 1,
                _ if now < then => change.lowered += 1,
                _ => {}
            }
        }
        let least = 1e-5 * self.total().spend.abs();
        let mut moved: Vec<(u32, f64)> = (0u32..)
            .zip(self.spend.iter().zip(&before.spend))
            .map(|(unit, (now, then))| (unit, now - then))
            .filter(|(_, difference)| difference.abs() > least)
            .collect();
        moved.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        moved.truncate(MOST);
        change.most = moved;
        change
    }

    /// Sums over the plan.
    pub fn total(&self) -> Outcome {
        self.channels.iter().copied().sum()
    }
}
