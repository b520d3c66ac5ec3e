//! Where the search for a campaign's best schedule begins.

use super::priced::{Outside, Priced, RISING};
use super::{Clock, Setting};
use crate::calendar::HOURS;
use crate::config::Terms;

/// Windows of the beginning that is smooth.
const FEW: usize = 4;
/// Turns of levelling units and hours.
const LEVELLING: usize = 8;

impl Priced<'_> {
    /// A schedule to begin with: each hour's percent is how its cells' best bids stand to those of the day.
    pub fn start(&self) -> Setting {
        let best = |unit: usize, hour: usize| {
            let curve = self.curves[unit * HOURS + hour].as_ref()?;
            let (bid, worth) = curve.best();
            (worth > 0.0).then(|| (bid.ln(), worth))
        };
        let mean = |cells: &mut dyn Iterator<Item = (f64, f64)>| {
            let (sum, weight) =
                cells.fold((0.0, 0.0), |(sum, all), (log, weight)| (sum + log * weight, all + weight));
            (weight > 0.0).then(|| sum / weight)
        };
        let of_unit: Vec<Option<f64>> =
            (0..self.units).map(|unit| mean(&mut (0..HOURS).filter_map(|hour| best(unit, hour)))).collect();
        let percent = std::array::from_fn(|hour| {
            let cells = (0..self.units).filter_map(|unit| {
                let (log, weight) = best(unit, hour)?;
                Some((log - of_unit[unit]?, weight))
            });
            let shift = mean(&mut { cells })?;
            let [low, high] = self.terms.percent;
            Some(((100.0 * shift.exp()).round() as u32).clamp(low, high))
        });
        let percent = if self.terms.pauses {
            percent
        } else {
            [Some(100.clamp(self.terms.percent[0], self.terms.percent[1])); HOURS]
        };
        let mut setting = Setting { base: vec![None; self.units], percent };
        self.turn_bases(&mut setting, Outside::Costs(RISING[0]));
        setting
    }

    /// The best schedule that is found from some beginnings: the middle of all ranges, the cells' own best bids, in
    /// many windows and in few, and one percent all day.
    pub fn best(&self) -> (Setting, f64) {
        let few = Terms { windows: self.terms.windows.min(FEW), ..self.terms.clone() };
        let smooth =
            Priced { terms: &few, units: self.units, curves: self.curves.clone(), scale: self.scale };
        let shaped = self.start();
        let flat = Setting { percent: self.flat(), ..shaped.clone() };
        let begun = [
            self.settle(self.middle()),
            self.settle(shaped.clone()),
            self.settle(flat),
            self.polish(smooth.settle(shaped).0),
        ];
        self.most(begun)
    }

    fn flat(&self) -> Clock {
        [Some(100.clamp(self.terms.percent[0], self.terms.percent[1])); HOURS]
    }

    /// The best schedule that is found from one that is known, and from beginnings of these prices.
    pub fn further(&self, known: Setting) -> (Setting, f64) {
        self.most([self.settle(self.middle()), self.settle(self.start()), self.polish(known)])
    }

    fn most(&self, found: impl IntoIterator<Item = (Setting, f64)>) -> (Setting, f64) {
        let idle = (Setting::idle(self.units), 0.0);
        found.into_iter().fold(idle, |best, other| if other.1 > best.1 { other } else { best })
    }

    /// A schedule in the middle of all ranges: base bids and percents whose products lie nearest, in ratio, to the
    /// middles of what the cells admit. Where ranges are wide against what tells the units' days apart it reaches
    /// every cell, so turns begin with all of them.
    fn middle(&self) -> Setting {
        let middle = |unit: usize, hour: usize| {
            let curve = self.curves[unit * HOURS + hour].as_ref()?;
            Some((curve.low.ln() + curve.high.ln()) / 2.0)
        };
        let mean = |logs: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = logs.fold((0.0, 0.0), |(sum, count), log| (sum + log, count + 1.0));
            if count > 0.0 { sum / count } else { 0.0 }
        };
        let (mut units, mut hours) = (vec![0.0; self.units], [0.0; HOURS]);
        for _ in 0..LEVELLING {
            for (unit, level) in units.iter_mut().enumerate() {
                *level = mean(&mut (0..HOURS).filter_map(|hour| Some(middle(unit, hour)? - hours[hour])));
            }
            for (hour, level) in hours.iter_mut().enumerate() {
                *level =
                    mean(&mut (0..self.units).filter_map(|unit| Some(middle(unit, hour)? - units[unit])));
            }
        }
        let percent = hours.map(|level| {
            let percent = (100.0 * level.exp()).round() as u32;
            Some(percent.clamp(self.terms.percent[0], self.terms.percent[1]))
        });
        let limits = self.terms.bid.map(|bid| (bid / self.terms.bid_step).round() as i64);
        let base = |level: &f64| {
            let steps = (level.exp() / self.terms.bid_step).round() as i64;
            Some(steps.clamp(limits[0].max(1), limits[1].max(1)))
        };
        Setting { base: units.iter().map(base).collect(), percent }
    }
}
