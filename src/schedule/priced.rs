//! The best schedule of one campaign at given prices, by turns: each unit's best base bid given the schedule, the
//! best schedule given the base bids. Both turns are exact.
//!
//! A cell's worth is what it brings less what it uses of the rules, at their prices, linear between the rungs of
//! its ladder. Outside its admissible bids it must not run. Turns alone would be caught where they begin, so at
//! first a bid outside costs in proportion to its distance, and the cost rises until it is out of the question:
//! who cannot be reached gives way, the unit or the hour, whichever is worth less.

use super::clock::{self, Table};
use super::{Clock, Grid, Problem, Setting, effective};
use crate::calendar::HOURS;
use crate::config::Terms;
use crate::program::Weights;

/// What a cell is worth at its admissible bids.
#[derive(Clone)]
pub(super) struct Curve<'a> {
    bids: &'a [f64],
    worth: Vec<f64>,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A campaign at given prices.
pub struct Priced<'a> {
    pub(super) terms: &'a Terms,
    pub(super) units: usize,
    pub(super) curves: Vec<Option<Curve<'a>>>,
    /// Mean of what its cells are worth at their best, in which distances are paid.
    pub(super) scale: f64,
}

/// What a bid costs that is outside by one in its logarithm, in the mean worth of a cell; then it is forbidden.
pub(super) const RISING: [f64; 5] = [1.0, 4.0, 16.0, 64.0, 256.0];
/// Turns at one cost.
const TURNS: usize = 4;
/// Turns at the end.
const LAST_TURNS: usize = 24;
/// Percents that are looked at before the end, and base bids at a time.
const COARSE: usize = 48;

/// How a bid outside its cell's range counts.
#[derive(Clone, Copy)]
pub(super) enum Outside {
    Costs(f64),
    Forbidden,
}

impl<'a> Priced<'a> {
    /// A campaign at prices: `weights` are what is left of the objective per group of cells.
    pub fn new(problem: &Problem<'a>, grid: &Grid, weights: &[Weights]) -> Priced<'a> {
        let curve = |place: super::grid::Place| {
            let ladder = &problem.ladders.ladders[place.ladder];
            let group = problem.model.hour_groups[place.ladder][place.at];
            let outcomes = ladder.at_hour(place.at).iter();
            let worth = outcomes.map(|outcome| problem.worth(weights, group, &outcome.measures())).collect();
            let [low, high] = reach(&ladder.bids, problem.terms);
            Curve { bids: &ladder.bids, worth, low, high }
        };
        let mut curves: Vec<Option<Curve>> = grid.cells.iter().map(|place| place.map(curve)).collect();
        let best = curves.iter().flatten().map(|curve| curve.worth.iter().copied().fold(0.0, f64::max));
        let (sum, count) = best.fold((0.0, 0.0), |(sum, count), best| (sum + best, count + 1.0));
        for (at, curve) in curves.iter_mut().enumerate().filter_map(|(at, curve)| Some((at, curve.as_mut()?)))
        {
            let wish = problem.wish(grid.units[at / HOURS], at % HOURS);
            curve.worth.iter_mut().for_each(|worth| *worth += wish);
        }
        Priced {
            terms: problem.terms,
            units: grid.units.len(),
            curves,
            scale: f64::max(sum / f64::max(count, 1.0), 1e-9),
        }
    }

    /// The same campaign in which only some units may run.
    pub(super) fn only(&self, keep: impl Fn(usize) -> bool) -> Priced<'a> {
        let curves = self.curves.iter().enumerate();
        let kept = curves.map(|(at, curve)| curve.clone().filter(|_| keep(at / HOURS)));
        Priced { curves: kept.collect(), terms: self.terms, units: self.units, scale: self.scale }
    }

    /// The worth of a cell at a bid.
    pub(super) fn worth(&self, unit: usize, hour: usize, bid: f64, outside: Outside) -> f64 {
        let Some(curve) = &self.curves[unit * HOURS + hour] else {
            return match outside {
                Outside::Costs(cost) => -cost * self.scale,
                Outside::Forbidden => f64::NEG_INFINITY,
            };
        };
        let inside = bid.clamp(curve.low, curve.high);
        let away = if bid < curve.low - EDGE {
            (curve.low / bid).ln()
        } else if bid > curve.high + EDGE {
            (bid / curve.high).ln()
        } else {
            0.0
        };
        match outside {
            Outside::Forbidden if away > 0.0 => f64::NEG_INFINITY,
            Outside::Costs(cost) if away > 0.0 => curve.at(inside) - cost * self.scale * away,
            _ => curve.at(inside),
        }
    }

    /// Turns at rising costs, then until nothing changes any more.
    pub fn settle(&self, mut setting: Setting) -> (Setting, f64) {
        for cost in RISING {
            for _ in 0..TURNS {
                let before = setting.clone();
                self.turn_percents(&mut setting, Outside::Costs(cost));
                self.turn_bases(&mut setting, Outside::Costs(cost));
                if setting == before {
                    break;
                }
            }
        }
        self.polish(setting)
    }

    /// Turns within what is allowed, until nothing changes any more; with what the schedule is worth.
    pub fn polish(&self, mut setting: Setting) -> (Setting, f64) {
        match self.terms.pauses {
            true => self.turn_percents(&mut setting, Outside::Forbidden),
            // Hours cannot give way here, so units do.
            false => self.turn_bases(&mut setting, Outside::Forbidden),
        }
        for _ in 0..LAST_TURNS {
            let before = setting.clone();
            self.turn_bases(&mut setting, Outside::Forbidden);
            self.turn_percents(&mut setting, Outside::Forbidden);
            if setting == before && !self.swap(&mut setting) {
                break;
            }
        }
        // A unit that is never on, and an hour in which nothing runs, are off.
        self.turn_bases(&mut setting, Outside::Forbidden);
        if setting.base.iter().all(Option::is_none) && self.terms.pauses {
            setting.percent = [None; HOURS];
        }
        let value = self.value(&setting);
        (setting, value)
    }

    /// What a schedule is worth.
    pub fn value(&self, setting: &Setting) -> f64 {
        let cells = (0..self.units).flat_map(|unit| (0..HOURS).map(move |hour| (unit, hour)));
        cells
            .filter_map(|(unit, hour)| {
                let bid = setting.effective(unit, hour, self.terms)?;
                Some(self.worth(unit, hour, bid, Outside::Forbidden))
            })
            .sum()
    }

    /// Each unit's best base bid under the schedule, or its pause.
    pub(super) fn turn_bases(&self, setting: &mut Setting, outside: Outside) {
        let percent = setting.percent;
        for (unit, base) in setting.base.iter_mut().enumerate() {
            *base = self.best_base(unit, &percent, outside).map(|(steps, _)| steps);
        }
    }

    /// The best base bid of a unit under a schedule, and its worth, if it is worth anything.
    pub(super) fn of_unit(&self, unit: usize, percent: &Clock) -> Option<(i64, f64)> {
        self.best_base(unit, percent, Outside::Forbidden)
    }

    fn best_base(&self, unit: usize, percent: &Clock, outside: Outside) -> Option<(i64, f64)> {
        let on = || (0..HOURS).filter_map(|hour| Some((hour, percent[hour]?)));
        let steps = |bid: f64, percent: u32| bid * 100.0 / f64::from(percent) / self.terms.bid_step;
        let forbidden = matches!(outside, Outside::Forbidden);
        let (mut low, mut high) = if forbidden { (0.0, f64::INFINITY) } else { (f64::INFINITY, 0.0) };
        for (hour, percent) in on() {
            let Some(curve) = &self.curves[unit * HOURS + hour] else {
                if forbidden {
                    return None;
                }
                continue;
            };
            let (least, most) = (steps(curve.low, percent), steps(curve.high, percent));
            (low, high) = if forbidden {
                (f64::max(low, least), f64::min(high, most))
            } else {
                (f64::min(low, least), f64::max(high, most))
            };
        }
        let limit = self.terms.bid.map(|bid| bid / self.terms.bid_step);
        let low = (f64::max(low, limit[0]) - 1e-6).ceil() as i64;
        let high = (f64::min(high, limit[1]) + 1e-6).floor() as i64;
        if low > high || on().next().is_none() {
            return None;
        }
        let worth = |steps: i64| -> f64 {
            on().map(|(hour, percent)| self.worth(unit, hour, effective(steps, percent, self.terms), outside))
                .sum()
        };
        // Wide ranges are looked at in strides, then closely around the best.
        let (mut low, mut high) = (low, high);
        loop {
            let stride = ((high - low) / COARSE as i64).max(1);
            let candidates = (0..).map(|at| low + at * stride).take_while(|steps| *steps <= high);
            let best = candidates.map(|steps| (steps, worth(steps))).max_by(|a, b| a.1.total_cmp(&b.1))?;
            if stride == 1 {
                return Some(best).filter(|(_, value)| *value > 0.0);
            }
            (low, high) = ((best.0 - stride).max(low), (best.0 + stride).min(high));
        }
    }

    /// The best schedule under the base bids.
    fn turn_percents(&self, setting: &mut Setting, outside: Outside) {
        let [first, last] = self.terms.percent;
        let percents: Vec<u32> = match outside {
            Outside::Forbidden => (first..=last).collect(),
            Outside::Costs(_) => {
                let ratio = f64::from(last) / f64::from(first);
                let spread = (0..COARSE).map(|at| {
                    let share = at as f64 / (COARSE - 1) as f64;
                    (f64::from(first) * ratio.powf(share)).round() as u32
                });
                let present = setting.percent.iter().flatten().copied();
                let mut percents: Vec<u32> = spread.chain(present).collect();
                percents.sort_unstable();
                percents.dedup();
                percents
            }
        };
        let running: Vec<(usize, i64)> =
            setting.base.iter().enumerate().filter_map(|(unit, base)| Some((unit, (*base)?))).collect();
        let mut values = vec![0.0; HOURS * percents.len()];
        for (hour, row) in values.chunks_mut(percents.len()).enumerate() {
            let range = match outside {
                Outside::Forbidden => self.allowed(hour, &running),
                Outside::Costs(_) => [0.0, f64::INFINITY],
            };
            for (percent, value) in percents.iter().zip(row) {
                if f64::from(*percent) < range[0] - 1e-6 || f64::from(*percent) > range[1] + 1e-6 {
                    *value = f64::NEG_INFINITY;
                    continue;
                }
                let worth = |(unit, steps): &(usize, i64)| {
                    self.worth(*unit, hour, effective(*steps, *percent, self.terms), outside)
                };
                *value = running.iter().map(worth).sum();
            }
        }
        setting.percent = clock::best(&Table { percents, values }, self.terms);
    }

    /// Percents at which all running units are within their ranges.
    fn allowed(&self, hour: usize, running: &[(usize, i64)]) -> [f64; 2] {
        running.iter().fold([0.0, f64::INFINITY], |[low, high], (unit, steps)| {
            match &self.curves[unit * HOURS + hour] {
                Some(curve) => {
                    let base = *steps as f64 * self.terms.bid_step / 100.0;
                    [f64::max(low, curve.low / base), f64::min(high, curve.high / base)]
                }
                None => [f64::INFINITY, 0.0],
            }
        })
    }
}

/// How far a bid may be outside and still count as inside: less than any step.
const EDGE: f64 = 1e-9;

/// Lowest and highest bid of a cell. A fixed bid is reached when it is the nearest on its step.
pub(super) fn reach(bids: &[f64], _terms: &Terms) -> [f64; 2] {
    match (bids.first(), bids.last()) {
        (Some(low), Some(high)) => [*low, *high],
        _ => [f64::INFINITY, 0.0],
    }
}

impl Curve<'_> {
    /// The rung that is worth the most, and its worth.
    pub(super) fn best(&self) -> (f64, f64) {
        let rungs = self.bids.iter().copied().zip(self.worth.iter().copied());
        rungs.fold((f64::NAN, f64::NEG_INFINITY), |best, rung| if rung.1 >= best.1 { rung } else { best })
    }

    /// Worth at a bid within the range.
    fn at(&self, bid: f64) -> f64 {
        let above = self.bids.partition_point(|rung| *rung < bid);
        match above {
            0 => self.worth[0],
            _ if above == self.bids.len() => self.worth[above - 1],
            _ => {
                let (low, high) = (self.bids[above - 1], self.bids[above]);
                let share = (bid - low) / (high - low);
                self.worth[above - 1] * (1.0 - share) + self.worth[above] * share
            }
        }
    }
}
