//! How sales fill in, as exports on different days show it: a run-off triangle.

use std::collections::BTreeMap;

use super::observation::{History, Observation};
use super::validate::{Kept, sort, supersede};
use crate::keys::{Channel, Unit};

/// Orders by the time at which they came in, of rows that were exported more than once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Triangle {
    cells: BTreeMap<(Channel, Arrived), f64>,
}

impl History {
    /// A history from rows as they were exported on several days: the last export of each row, and how its sales grew.
    pub fn of_exports(units: Vec<Unit>, looks: Vec<Observation>) -> History {
        let dated =
            looks.into_iter().map(|row| Kept { row, exported: Some(row.exported()), file: 0, line: 0 });
        let mut kept: Vec<Kept> = dated.collect();
        sort(&mut kept);
        let mut triangle = Triangle::default();
        supersede(&mut kept, |looks| {
            let looks: Vec<Observation> = looks.iter().map(|look| look.row).collect();
            triangle.add(units[looks[0].unit as usize].channel, &looks);
        });
        let observations = kept.into_iter().map(|kept| kept.row).collect();
        History { units, observations, triangle, ..History::default() }
    }
}

/// When orders came in, in whole days after the day of their click (0 = by the next morning).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrived {
    /// First age at which they may have come.
    pub from: u16,
    /// Last such age.
    pub to: u16,
    /// Age of the row at its last export; of what came later nothing is known.
    pub until: u16,
}

impl Triangle {
    /// Adds what the exports of one row held of its orders, the youngest first. Where a later one holds fewer, because
    /// orders came back, the sums over many rows still tell the growth.
    pub fn add(&mut self, channel: Channel, looks: &[Observation]) {
        let Some(until) = looks.last().map(|last| last.age).filter(|_| looks.len() > 1) else { return };
        let (mut from, mut before) = (0, 0.0);
        for look in looks {
            let cell = (channel, Arrived { from, to: look.age, until });
            *self.cells.entry(cell).or_default() += look.orders - before;
            (from, before) = (look.age + 1, look.orders);
        }
    }

    /// The orders of a channel, by when they came in; never fewer than none.
    pub fn of(&self, channel: Channel) -> impl Iterator<Item = (Arrived, f64)> + '_ {
        let cells = self.cells.iter().filter(move |((of, _), _)| *of == channel);
        cells.map(|((_, arrived), orders)| (*arrived, orders.max(0.0)))
    }
}
