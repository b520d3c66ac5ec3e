//! Bids that a person set: which of them one base bid a unit and one percent an hour can reach together.
//!
//! In logarithms an effective bid is a sum, x_u + y_h, so ranges of cells are difference constraints, and whether they
//! can be met together is whether no cycle of them is negative (Bellman 1958, Ford 1956).

use std::collections::BTreeSet;

use super::grid::Place;
use super::penalty::worth;
use super::{Grid, Problem, Setting, effective};
use crate::calendar::HOURS;
use crate::config::Terms;
use crate::keys::Cell;
use crate::program::Program;

/// A bid that a person set for a cell of a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pin {
    /// Index of the unit in the grid.
    pub unit: usize,
    /// The hour.
    pub hour: usize,
    /// The bid.
    pub bid: f64,
}

/// Cells that are to run whatever they are worth, because a person said so.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    cells: BTreeSet<(u32, u8)>,
    each: f64,
}

/// A wish, in the mean worth of a ladder at its best: more than a unit's whole day.
const WISH: f64 = 50.0;

impl Wishes {
    /// Wishes for cells of a program.
    pub fn new(cells: impl IntoIterator<Item = Cell>, program: &Program) -> Wishes {
        let mean = worth(program) / program.columns.ladders.len().max(1) as f64;
        Wishes { cells: cells.into_iter().map(|cell| (cell.unit, cell.hour)).collect(), each: WISH * mean }
    }

    pub(super) fn of(&self, unit: u32, hour: usize) -> f64 {
        if self.cells.contains(&(unit, hour as u8)) { self.each } else { 0.0 }
    }
}

/// How far an effective bid may be from what was asked and still count as it: half a step, and half a point of the
/// percent where it can be chosen.
pub fn rounding(bid: f64, terms: &Terms) -> f64 {
    let point = if terms.percent[0] < terms.percent[1] { bid * 0.005 } else { 0.0 };
    terms.bid_step / 2.0 + point
}

/// Which of a grid's pins can be reached together with everything that runs: taken one by one in their order, each
/// is kept if base bids and percents exist at which those before it, it, and every cell of the schedule are in their
/// ranges. `setting` is a schedule that was found without them. The second value is one at which those that are kept
/// are reached, but for rounding.
pub fn together(problem: &Problem<'_>, grid: &Grid, setting: &Setting, pins: &[Pin]) -> (Vec<bool>, Setting) {
    let terms = problem.terms;
    let range = |place: &Option<Place>| {
        let bids = &problem.ladders.ladders[place.as_ref()?.ladder].bids;
        Some([bids.first()?.ln() - EDGE, bids.last()?.ln() + EDGE])
    };
    let share = |percent: u32| (f64::from(percent) / 100.0).ln();
    let mut field = Field {
        ranges: grid.cells.iter().map(range).collect(),
        units: setting.base.iter().map(|base| base.map(|steps| effective(steps, 100, terms).ln())).collect(),
        hours: setting.percent.map(|percent| percent.map(|percent| -share(percent))),
        reference: 0.0,
        base: terms.bid.map(f64::ln),
        percent: terms.percent.map(share),
    };
    let kept = pins.iter().map(|pin| field.keep(pin, rounding(pin.bid, terms))).collect();
    (kept, field.setting(terms))
}

/// Below any step.
const EDGE: f64 = 1e-9;

/// Ranges of all cells, and levels of the units and hours that run, which meet them. All are logarithms, and hours'
/// levels are those of what a percent takes off, so that levels differ by the effective bid.
#[derive(Clone)]
struct Field {
    ranges: Vec<Option<[f64; 2]>>,
    units: Vec<Option<f64>>,
    hours: [Option<f64>; HOURS],
    /// The level of a base bid of 1 and of 100 percent.
    reference: f64,
    base: [f64; 2],
    percent: [f64; 2],
}

impl Field {
    /// Narrows the range of a pinned cell, and lets its unit and its hour run, if all can still be met.
    fn keep(&mut self, pin: &Pin, rounding: f64) -> bool {
        let mut other = self.clone();
        let lowest = (pin.bid - rounding).max(pin.bid / 2.0);
        other.ranges[pin.unit * HOURS + pin.hour] = Some([lowest.ln(), (pin.bid + rounding).ln()]);
        other.units[pin.unit].get_or_insert(pin.bid.ln() + self.reference);
        other.hours[pin.hour].get_or_insert(self.reference);
        let met = other.settle();
        if met {
            *self = other;
        }
        met
    }

    /// Lowers levels until every cell that runs is in its range. Whether that is possible: after as many turns as there
    /// are levels, what still falls falls for ever.
    fn settle(&mut self) -> bool {
        let levels = self.units.iter().chain(&self.hours).flatten().count();
        for _ in 0..levels + 2 {
            let mut moved = false;
            let mut fall = |level: &mut f64, most: f64| {
                if *level > most + EDGE * 1e-3 {
                    (*level, moved) = (most, true);
                }
            };
            for unit in self.units.iter_mut().flatten() {
                fall(unit, self.reference + self.base[1]);
                fall(&mut self.reference, *unit - self.base[0]);
            }
            for hour in self.hours.iter_mut().flatten() {
                fall(hour, self.reference - self.percent[0]);
                fall(&mut self.reference, *hour + self.percent[1]);
            }
            for (at, range) in self.ranges.iter().enumerate() {
                let (Some(unit), Some(hour)) = (&mut self.units[at / HOURS], &mut self.hours[at % HOURS])
                else {
                    continue;
                };
                let Some([low, high]) = *range else { return false };
                fall(unit, *hour + high);
                fall(hour, *unit - low);
            }
            if !moved {
                return true;
            }
        }
        false
    }

    fn setting(&self, terms: &Terms) -> Setting {
        let base = |level: &f64| ((level - self.reference).exp() / terms.bid_step).round().max(1.0) as i64;
        let percent = |level: f64| ((self.reference - level).exp() * 100.0).round() as u32;
        Setting {
            base: self.units.iter().map(|level| level.as_ref().map(base)).collect(),
            percent: self.hours.map(|level| level.map(percent)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two units, all of whose cells may bid 0.8 to 1.25, both at 1 and 100 %.
    fn field() -> Field {
        Field {
            ranges: vec![Some([0.8f64.ln(), 1.25f64.ln()]); 2 * HOURS],
            units: vec![Some(0.0); 2],
            hours: [Some(0.0); HOURS],
            reference: 0.0,
            base: [0.05f64.ln(), 99.0f64.ln()],
            percent: [0.3f64.ln(), 2.5f64.ln()],
        }
    }

    fn keep(field: &mut Field, unit: usize, hour: usize, bid: f64) -> bool {
        field.keep(&Pin { unit, hour, bid }, 0.001)
    }

    #[test]
    fn pins_that_differ_alike_are_kept_and_those_that_contradict_are_not() {
        let mut field = field();
        assert!(keep(&mut field, 0, 3, 0.9) && keep(&mut field, 1, 3, 1.0) && keep(&mut field, 0, 20, 1.08));
        // Unit 1 is then a ninth above unit 0 in every hour: 1.2 at 20.
        let mut other = field.clone();
        assert!(keep(&mut other, 1, 20, 1.2));
        assert!(!keep(&mut field, 1, 20, 1.1));
        // And what was kept before stays so.
        let setting = field.setting(&crate::config::Platform::Zhitongche.terms().unwrap());
        let bid = |unit: usize, hour: usize| {
            setting.base[unit].unwrap() as f64 / 100.0 * f64::from(setting.percent[hour].unwrap()) / 100.0
        };
        assert!((bid(0, 3) - 0.9).abs() < 0.02 && (bid(1, 3) - 1.0).abs() < 0.02, "{setting:?}");
    }

    #[test]
    fn a_pin_that_pushes_others_out_of_their_ranges_is_not_kept() {
        let mut field = field();
        assert!(
            !keep(&mut field, 0, 3, 0.07),
            "the hour's other unit, and the unit's other hours, are in its way"
        );
        // Where nothing else runs beside it, it is.
        field.units[1] = None;
        (0..HOURS).filter(|hour| *hour != 3).for_each(|hour| field.hours[hour] = None);
        assert!(keep(&mut field, 0, 3, 0.07));
        assert!(!keep(&mut field, 0, 3, 250.0), "beyond the largest base bid at the highest percent");
    }

    #[test]
    fn a_unit_that_was_paused_runs_where_all_its_cells_can() {
        let mut field = field();
        field.units[1] = None;
        assert!(keep(&mut field, 1, 5, 1.1));
        field.units[1] = None;
        field.ranges[HOURS + 7] = None;
        assert!(!keep(&mut field, 1, 5, 1.1), "it has no admissible bid at 7:00, when its campaign is on");
    }
}
