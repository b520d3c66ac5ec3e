//! The past operator: where a unit's bid began, how it moved, and by the hour of the day.
//!
//! Bids are not drawn at random: they follow demand in part, as people do, so that a history shows
//! high bids where traffic and sales were high anyway.

use super::chance::{Chance, Purpose};
use super::demand::Demand;
use super::shop;
use crate::calendar::weekday;
use crate::keys::Channel;

/// How the operator bid for one unit.
#[derive(Debug, Clone)]
pub(super) enum Habit {
    /// A base bid that moves in steps, times the campaign's hour discounts.
    Hourly { guess: f64, campaign: u64, tick: f64 },
    /// A commission that moves in steps and holds all day.
    Daily { guess: f64, tick: f64 },
    /// A slot, taken on some weekdays (Monday = 0) for what it costs.
    Weekly { weekdays: Vec<usize>, rate: f64 },
}

/// Hours for which a campaign has one discount.
const DAYPART: u8 = 3;

/// The operator.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    chance: Chance,
    spec: shop::Operator,
    first: i32,
}

impl Operator {
    /// `first` is the day number of the shop's first day.
    pub fn new(chance: Chance, spec: &shop::Operator, first: i32) -> Self {
        Operator { chance, spec: spec.clone(), first }
    }

    /// The bid of a unit in a cell; nothing where the operator did not run it.
    pub fn bid(
        &self,
        habit: &Habit,
        demand: &Demand,
        channel: Channel,
        unit: u64,
        day: i32,
        hour: u8,
    ) -> Option<f64> {
        let quoted = |bid: f64, tick: f64| Some(((bid / tick).round() * tick).max(tick));
        match habit {
            Habit::Hourly { .. } if self.rests(unit, day, hour) => None,
            Habit::Hourly { guess, campaign, tick } => {
                let level = self.level(self.spec.change_days, demand, channel, unit, day);
                let foresight = self.foresight(demand, channel, unit, day);
                quoted(guess * level * foresight * self.discount(demand, *campaign, day, hour), *tick)
            }
            Habit::Daily { guess, tick } => {
                quoted(guess * self.level(self.spec.commission_days, demand, channel, unit, day), *tick)
            }
            Habit::Weekly { weekdays, rate } => weekdays.contains(&weekday(day)).then_some(*rate),
        }
    }

    /// A unit's bid against the first guess of a faultless operator. It moves every few days, up
    /// rather than down where it has fallen low or the day is busy.
    fn level(&self, change_days: [f64; 2], demand: &Demand, channel: Channel, unit: u64, day: i32) -> f64 {
        let mut stream = self.chance.unit(Purpose::Habit, unit);
        let mut level = self.spec.error * stream.normal();
        let mut change = f64::from(self.first) + stream.between([0.0, change_days[1]]);
        while change <= f64::from(day) {
            let busy = demand.unit_day(channel, unit, change as i32).ln();
            let up = stream.happens((0.5 - 1.2 * level + 2.0 * busy).clamp(0.1, 0.9));
            let step = stream.between(self.spec.step).ln_1p();
            level += if up { step } else { -step };
            change += stream.between(change_days).max(1.0);
        }
        level.exp()
    }

    /// Whether nothing was bid for a unit in a cell.
    fn rests(&self, unit: u64, day: i32, hour: u8) -> bool {
        let spans = self.spec.rests.as_ref().map_or(&[][..], |spans| spans.as_slice());
        spans.iter().any(|span| span.contains(hour))
            || self.chance.day(Purpose::Rest, unit, day).happens(self.spec.pause)
    }

    /// How the operator bids for what he knows of the day and no report tells.
    fn foresight(&self, demand: &Demand, channel: Channel, unit: u64, day: i32) -> f64 {
        let (traffic, buying) = (self.spec.follow_day, self.spec.follow_cvr);
        if (traffic, buying) == (0.0, 0.0) {
            return 1.0;
        }
        demand.unit_day(channel, unit, day).powf(traffic) * demand.buying_day(channel, day).powf(buying)
    }

    /// A campaign's time discount (分时折扣) in whole percent, as a factor.
    fn discount(&self, demand: &Demand, campaign: u64, day: i32, hour: u8) -> f64 {
        let epoch = (day - self.first).div_euclid(self.spec.discount_days.max(1) as i32);
        let whim = self
            .chance
            .cell(Purpose::Schedule, campaign, epoch, hour / DAYPART)
            .factor(self.spec.discount_spread);
        (demand.hour(hour).powf(self.spec.follow_demand) * whim * 100.0).round() / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bids_move_every_few_days_and_follow_the_evening() {
        let chance = Chance::new(5);
        let demand = Demand::new(chance, &shop::Demand::default(), &[], 20_000);
        let operator = Operator::new(chance, &shop::Operator::default(), 20_000);
        let habit = Habit::Hourly { guess: 2.0, campaign: 1, tick: 0.01 };
        let mut changes = 0;
        let (mut night, mut evening) = (0.0, 0.0);
        for unit in 0..50 {
            let bid = |day, hour| operator.bid(&habit, &demand, Channel::Search, unit, day, hour).unwrap();
            let at_noon: Vec<f64> = (20_000..20_014).map(|day| bid(day, 12)).collect();
            changes += at_noon.windows(2).filter(|pair| pair[0] != pair[1]).count();
            night += bid(20_003, 4);
            evening += bid(20_003, 21);
        }
        // Every 2 to 6 days: 13 chances to change, of which about a quarter are taken.
        assert!((100..300).contains(&changes), "{changes} changes");
        assert!(evening > 1.2 * night, "{evening} against {night}");
    }

    #[test]
    fn an_operator_who_foresees_the_day_bids_with_it() {
        let chance = Chance::new(5);
        let demand = Demand::new(chance, &shop::Demand::default(), &[], 20_000);
        let bid = |follow_day, pause, day| {
            let spec = shop::Operator { follow_day, pause, step: [0.0, 0.0], ..Default::default() };
            let habit = Habit::Hourly { guess: 200.0, campaign: 1, tick: 0.01 };
            Operator::new(chance, &spec, 20_000).bid(&habit, &demand, Channel::Search, 3, day, 12)
        };
        for day in 20_000..20_007 {
            let (blind, knowing) = (bid(0.0, 0.0, day).unwrap(), bid(0.5, 0.0, day).unwrap());
            let demand = demand.unit_day(Channel::Search, 3, day);
            assert!((knowing / blind / demand.sqrt() - 1.0).abs() < 1e-3, "{knowing} {blind} {demand}");
        }
        let paused = (20_000..20_200).filter(|day| bid(0.0, 0.25, *day).is_none()).count();
        assert!((30..70).contains(&paused), "{paused} of 200 days");
    }

    #[test]
    fn a_slot_runs_on_its_weekdays() {
        let chance = Chance::new(5);
        let demand = Demand::new(chance, &shop::Demand::default(), &[], 20_000);
        let operator = Operator::new(chance, &shop::Operator::default(), 20_000);
        let habit = Habit::Weekly { weekdays: vec![5], rate: 0.0 };
        let taken = |day| operator.bid(&habit, &demand, Channel::GroupBuy, 1, day, 10);
        let days: Vec<i32> = (20_000..20_007).filter(|day| taken(*day).is_some()).collect();
        assert_eq!(days.iter().map(|day| weekday(*day)).collect::<Vec<_>>(), [5]);
        assert_eq!(taken(days[0]), Some(0.0));
    }
}
