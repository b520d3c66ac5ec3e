//! Who gives way: a unit at another base bid with the hours that it cannot reach off, or an hour at another percent
//! with the units that it cannot reach paused, where that is worth more than things are.

use super::priced::{Outside, Priced};
use super::{Setting, clock, effective};
use crate::calendar::HOURS;

/// Base bids that are looked at.
const CANDIDATES: i64 = 64;

impl Priced<'_> {
    /// Takes every swap that is worth something, unit by unit, then hour by hour. Whether any was.
    pub(super) fn swap(&self, setting: &mut Setting) -> bool {
        if !self.terms.pauses {
            return false;
        }
        let mut swapped = false;
        for unit in 0..self.units {
            swapped |= self.swap_hours(setting, unit);
        }
        for hour in 0..HOURS {
            swapped |= self.swap_units(setting, hour);
        }
        swapped
    }

    /// The worth of a unit in an hour under a setting.
    fn present(&self, setting: &Setting, unit: usize, hour: usize) -> f64 {
        let bid = setting.effective(unit, hour, self.terms);
        bid.map_or(0.0, |bid| self.worth(unit, hour, bid, Outside::Forbidden))
    }

    /// A unit at another base bid; hours in which it then must not run, or that are worth nothing, are off.
    fn swap_hours(&self, setting: &mut Setting, unit: usize) -> bool {
        let on: Vec<(usize, u32)> =
            (0..HOURS).filter_map(|hour| Some((hour, setting.percent[hour]?))).collect();
        let steps = |bid: f64, percent: u32| bid * 100.0 / f64::from(percent) / self.terms.bid_step;
        let reach = on.iter().filter_map(|(hour, percent)| {
            let curve = self.curves[unit * HOURS + hour].as_ref()?;
            Some((steps(curve.low, *percent), steps(curve.high, *percent)))
        });
        let [low, high] =
            reach.fold([f64::INFINITY, 0.0], |[low, high], (from, to)| [low.min(from), high.max(to)]);
        let limits = self.terms.bid.map(|bid| bid / self.terms.bid_step);
        let (low, high) = (low.max(limits[0]).ceil() as i64, high.min(limits[1]).floor() as i64);
        if low > high {
            return false;
        }
        let others: Vec<f64> = on
            .iter()
            .map(|(hour, _)| {
                (0..self.units)
                    .filter(|other| *other != unit)
                    .map(|other| self.present(setting, other, *hour))
                    .sum()
            })
            .collect();
        let now: f64 = on
            .iter()
            .zip(&others)
            .map(|((hour, _), others)| others + self.present(setting, unit, *hour))
            .sum();
        let kept = |steps: i64| {
            on.iter().zip(&others).map(move |((hour, percent), others)| {
                let worth =
                    self.worth(unit, *hour, effective(steps, *percent, self.terms), Outside::Forbidden);
                (*hour, Some(others + worth).filter(|sum| *sum > 0.0))
            })
        };
        let stride = ((high - low) / CANDIDATES).max(1);
        let candidates = (0..).map(|at| low + at * stride).take_while(|steps| *steps <= high);
        let worth = candidates.map(|steps| (steps, kept(steps).filter_map(|(_, sum)| sum).sum::<f64>()));
        let Some((best, value)) = worth.max_by(|a, b| a.1.total_cmp(&b.1)) else { return false };
        if value <= now + 1e-9 * (1.0 + now.abs()) {
            return false;
        }
        let mut percent = setting.percent;
        for (hour, sum) in kept(best) {
            if sum.is_none() {
                percent[hour] = None;
            }
        }
        if clock::windows(&percent).len() > self.terms.windows {
            return false;
        }
        setting.base[unit] = Some(best);
        setting.percent = percent;
        true
    }

    /// An hour, or the window that begins with it, at another percent; units that then must not run, or that are
    /// worth nothing, are paused.
    fn swap_units(&self, setting: &mut Setting, hour: usize) -> bool {
        let windows = clock::windows(&setting.percent);
        let window = windows.iter().find(|(from, to, _)| (*from..*to).contains(&hour));
        let hours = match window {
            Some((from, to, _)) if self.terms.windows < HOURS => *from..*to,
            _ => hour..hour + 1,
        };
        if hours.start != hour {
            return false;
        }
        let running: Vec<(usize, i64)> =
            setting.base.iter().enumerate().filter_map(|(unit, base)| Some((unit, (*base)?))).collect();
        let rest: Vec<f64> = running
            .iter()
            .map(|(unit, _)| {
                let away = (0..HOURS).filter(|hour| !hours.contains(hour));
                away.map(|hour| self.present(setting, *unit, hour)).sum()
            })
            .collect();
        let now: f64 = running
            .iter()
            .zip(&rest)
            .map(|((unit, _), rest)| {
                rest + hours.clone().map(|hour| self.present(setting, *unit, hour)).sum::<f64>()
            })
            .sum();
        let kept = |percent: u32| {
            let hours = hours.clone();
            running.iter().zip(&rest).map(move |((unit, steps), rest)| {
                let worth = hours.clone().map(|hour| {
                    self.worth(*unit, hour, effective(*steps, percent, self.terms), Outside::Forbidden)
                });
                (*unit, Some(rest + worth.sum::<f64>()).filter(|sum| *sum > 0.0))
            })
        };
        let percents = self.terms.percent[0]..=self.terms.percent[1];
        let worth = percents.map(|percent| (percent, kept(percent).filter_map(|(_, sum)| sum).sum::<f64>()));
        let Some((best, value)) = worth.max_by(|a, b| a.1.total_cmp(&b.1)) else { return false };
        if value <= now + 1e-9 * (1.0 + now.abs()) {
            return false;
        }
        let mut percent = setting.percent;
        percent[hours.clone()].fill(Some(best));
        if clock::windows(&percent).len() > self.terms.windows {
            return false;
        }
        let paused: Vec<usize> = kept(best).filter(|(_, sum)| sum.is_none()).map(|(unit, _)| unit).collect();
        for unit in paused {
            setting.base[unit] = None;
        }
        setting.percent = percent;
        true
    }
}
