//! The ladders of a day under one set of limits, beside every set of slots that they were asked for beside.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use super::Options;
use crate::config::PlanFile;
use crate::keys::Cell;
use crate::ladder::{self, Ladders};
use crate::landscape::Forecast;
use crate::metric::Outcome;

/// What is kept of a kind, the latest ones.
pub(super) const KEPT: usize = 4;
/// Sets of slots whose ladders are kept: a search among sets comes back to few of them, and moved bounds to a few more. As
/// many as hold so many columns, within these.
const COLUMNS: usize = 1_000_000;
const SETS: [usize; 2] = [KEPT, 8];

/// How many sets of slots are kept, of so many columns each.
pub(super) fn sets(columns: usize) -> usize {
    (COLUMNS / columns.max(1)).clamp(SETS[0], SETS[1])
}

/// Ladders by the slots that they count on.
pub(super) struct Layout {
    /// Everything else that shapes them, for who keeps several.
    pub(super) key: String,
    pub(super) date: Date,
    rungs: usize,
    /// What the plan in force would still bring in cells to plan, by cell; nothing before the day begins.
    pub(super) kept: Vec<(Cell, Outcome)>,
    beside: Mutex<Vec<(Vec<u32>, Arc<Ladders>)>>,
}

impl Layout {
    /// Nothing yet.
    pub(super) fn new(date: Date, options: &Options) -> Layout {
        let rungs = options.rungs.unwrap_or(ladder::RUNGS);
        Layout { key: String::new(), date, rungs, kept: Vec::new(), beside: Mutex::default() }
    }

    /// With a key.
    pub(super) fn named(self, key: String) -> Layout {
        Layout { key, ..self }
    }

    /// With a plan in force.
    pub(super) fn keeping(self, kept: Vec<(Cell, Outcome)>) -> Layout {
        Layout { kept, ..self }
    }

    /// With the ladders that somebody has built beside a forecast's slots.
    pub(super) fn with(self, forecast: &Forecast<'_>, ladders: Arc<Ladders>) -> Layout {
        keep(&self.beside, (forecast.slots().to_vec(), ladders), KEPT);
        self
    }

    /// The ladders beside a forecast's slots.
    pub(super) fn ladders(&self, forecast: &Forecast<'_>, file: &PlanFile) -> Arc<Ladders> {
        let kept = kept(&self.beside, |(slots, _)| slots == forecast.slots());
        let (_, ladders) = kept.unwrap_or_else(|| {
            let built = ladder::build(forecast.landscapes(), forecast, file, self.date, self.rungs);
            let columns = built.ladders.iter().map(|ladder| ladder.bids.len()).sum();
            keep(&self.beside, (forecast.slots().to_vec(), Arc::new(built)), sets(columns))
        });
        ladders
    }
}

/// One of the latest that are kept, if it is there.
pub(super) fn kept<T: Clone>(all: &Mutex<Vec<T>>, is: impl Fn(&T) -> bool) -> Option<T> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    let at = all.iter().position(is)?;
    let found = all.remove(at);
    all.push(found.clone());
    Some(found)
}

/// Keeps one more, `most` at most, and forgets the one that was not asked for longest.
pub(super) fn keep<T: Clone>(all: &Mutex<Vec<T>>, one: T, most: usize) -> T {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= most {
        all.remove(0);
    }
    all.push(one.clone());
    one
}
