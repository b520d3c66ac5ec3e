//! Sales that are still filling in: how much of a day's orders its own report shows.

use super::super::Landscapes;
use crate::config::PlanFile;
use crate::keys::Channel;

/// Share of the orders of today's clicks that today's report shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrived {
    /// At the end of the day, by channel.
    pub same_day: [f64; Channel::ALL.len()],
    /// Standard deviation of it, as a share of it.
    pub deviation: [f64; Channel::ALL.len()],
    /// Mean hours from a click to an order of the same day.
    pub order_hours: f64,
}

impl Arrived {
    /// Everything at once.
    pub const ALL: Arrived = Arrived { same_day: [1.0; 4], deviation: [0.0; 4], order_hours: 0.0 };

    /// As the plan file says (`[replan] same_day`, `[history] maturation`), else as the history told; nothing where
    /// neither tells and sales are said to be immature.
    pub fn learn(landscapes: &Landscapes, file: &PlanFile) -> Option<Arrived> {
        let curves = landscapes.maturations(file);
        let order_hours = file.replan.order_hours;
        if curves.is_empty() {
            return (file.history.maturity_days == 0).then_some(Arrived { order_hours, ..Arrived::ALL });
        }
        // By the next morning is by the end of the day, but for the night.
        let of = |channel: Channel| curves.get(&channel);
        Some(Arrived {
            same_day: Channel::ALL.map(|channel| of(channel).map_or(1.0, |curve| curve.share(0))),
            deviation: Channel::ALL.map(|channel| of(channel).map_or(0.0, |curve| curve.deviation(0))),
            order_hours,
        })
    }

    /// Share of the orders of an hour's clicks that a report shows at the beginning of a later hour.
    pub fn by(&self, channel: Channel, hour: u8, now: u8) -> f64 {
        let age = f64::from(now) - f64::from(hour) - 0.5;
        let today = if self.order_hours > 0.0 { -(-age.max(0.0) / self.order_hours).exp_m1() } else { 1.0 };
        self.same_day[channel as usize] * today
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_come_in_through_the_day_and_after_it() {
        let at_once = Arrived { same_day: [0.7; 4], ..Arrived::ALL };
        let search = |arrived: Arrived, hour, now| arrived.by(Channel::Search, hour, now);
        assert_eq!((search(at_once, 13, 14), search(at_once, 0, 14)), (0.7, 0.7));
        let slowly = Arrived { order_hours: 2.0, ..at_once };
        assert!(search(slowly, 13, 14) < 0.2 && search(slowly, 9, 14) > 0.6 && search(slowly, 0, 24) < 0.7);
    }
}
