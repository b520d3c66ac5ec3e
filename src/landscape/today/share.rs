//! Sales that are still filling in: how much of a day's orders its own report shows.

use super::super::model::Volume;
use super::super::{Landscapes, stages};
use crate::calendar::date_of;
use crate::config::{PlanFile, Replan, Uplift};
use crate::history::History;

/// Share of the orders of today's clicks that today's report shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrived {
    /// At the end of the day.
    pub same_day: f64,
    /// Standard deviation of it, as a share of it.
    pub deviation: f64,
    /// Mean hours from a click to an order of the same day.
    pub order_hours: f64,
}

/// Orders that the history's last day must lead one to expect for its share to be learned.
const ENOUGH: f64 = 30.0;

impl Arrived {
    /// Everything at once.
    pub const ALL: Arrived = Arrived { same_day: 1.0, deviation: 0.0, order_hours: 0.0 };

    /// As the plan file says, in `[replan]` or by its maturation curve; else as the last day of the history shows, when
    /// that is the day before the planned one and its sales are said to be immature: its orders over those that its
    /// clicks were to bring in the end. Nothing where neither tells.
    pub fn learn(landscapes: &Landscapes, history: &History, file: &PlanFile, day: i32) -> Option<Arrived> {
        let Replan { same_day, order_hours, .. } = file.replan;
        // By the next morning is by the end of the day, but for the night.
        let said = same_day.or(file.history.maturation.first().copied());
        if let Some(same_day) = said {
            return Some(Arrived { same_day, deviation: 0.0, order_hours });
        }
        if file.history.maturity_days == 0 {
            return Some(Arrived { order_hours, ..Arrived::ALL });
        }
        let last = history.last_day().filter(|last| *last == day - 1)?;
        let plain = PlanFile { uplift: Uplift::default(), ..file.clone() };
        let forecast = landscapes.on(date_of(last), &plain);
        let (mut orders, mut expected, mut squares) = (0.0, 0.0, 0.0);
        for row in history.observations.iter().filter(|row| row.day == last && row.days == 1) {
            let (model, _) = landscapes.model(row.unit);
            if model.unit_of_volume == Volume::Orders {
                continue;
            }
            // Whole days have the CVR of a middling hour.
            let more = row.clicks * forecast.cvr(row.unit, row.hour.unwrap_or(12));
            let noise = stages(model)[super::super::spread::CVR].map_or(0.0, |cvr| cvr.scatter.common);
            orders += row.orders;
            expected += more;
            squares += more * noise;
        }
        (expected >= ENOUGH && orders > 0.0).then(|| Arrived {
            same_day: (orders / expected).clamp(0.05, 1.0),
            deviation: (1.0 / orders + squares / expected).sqrt(),
            order_hours,
        })
    }

    /// Share of the orders of an hour's clicks that a report shows at the beginning of a later hour.
    pub fn by(&self, hour: u8, now: u8) -> f64 {
        let age = f64::from(now) - f64::from(hour) - 0.5;
        let today = if self.order_hours > 0.0 { -(-age.max(0.0) / self.order_hours).exp_m1() } else { 1.0 };
        self.same_day * today
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_come_in_through_the_day_and_after_it() {
        let at_once = Arrived { same_day: 0.7, deviation: 0.0, order_hours: 0.0 };
        assert_eq!((at_once.by(13, 14), at_once.by(0, 14)), (0.7, 0.7));
        let slowly = Arrived { order_hours: 2.0, ..at_once };
        assert!(slowly.by(13, 14) < 0.2 && slowly.by(9, 14) > 0.6 && slowly.by(0, 24) < 0.7);
    }
}
