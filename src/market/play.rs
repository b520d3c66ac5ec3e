//! Playing: what a day's bids bring.

use super::Played;
use super::ad::{self, Ad, Moment, Terms};
use super::chance::{Chance, Purpose, fen};
use super::demand::Demand;
use super::operator::Operator;
use super::sales::{Delay, sell};
use super::shop::Shop;
use crate::calendar::HOURS;
use crate::keys::Channel;
use crate::metric::Outcome;

/// A shop with everything drawn that lasts: units, rivals, promoters, habits.
pub(super) struct Market<'a> {
    shop: &'a Shop,
    chance: Chance,
    demand: Demand,
    delay: Delay,
    operator: Operator,
    /// Sorted by unit.
    pub ads: Vec<Ad>,
}

/// One cell that ran.
pub(super) struct Ran {
    /// Index into [`Market::ads`].
    pub ad: usize,
    pub hour: u8,
    pub bid: f64,
    pub outcome: Outcome,
}

impl<'a> Market<'a> {
    pub fn open(shop: &'a Shop) -> Self {
        let chance = Chance::new(shop.seed);
        let demand = Demand::new(chance, &shop.demand, shop.first_day());
        let ads = ad::draw(shop, chance, &demand);
        let operator = Operator::new(chance, &shop.operator, shop.first_day());
        Market { shop, chance, delay: Delay::new(&shop.delay), operator, ads, demand }
    }

    /// A day under the operator's bids, as a report shows it `age` days later (nothing = in the end).
    pub fn operators_day(&self, day: i32, age: Option<i32>) -> Vec<Ran> {
        let bid =
            |ad: &Ad, hour| self.operator.bid(&ad.habit, &self.demand, ad.unit.channel, ad.key, day, hour);
        let mut ran = self.day(day, age, bid);
        for (channel, budget) in [
            (Channel::Search, self.shop.search.daily_budget),
            (Channel::Display, self.shop.display.daily_budget),
        ] {
            let end = self.runs_out(&ran, channel, budget);
            ran.retain(|cell| self.ads[cell.ad].unit.channel != channel || cell.hour < end);
        }
        ran
    }

    /// The hour from which on a channel has no budget: platforms stop within minutes, we at the
    /// end of the hour.
    fn runs_out(&self, ran: &[Ran], channel: Channel, budget: f64) -> u8 {
        let mut spend = 0.0;
        for hour in 0..HOURS as u8 {
            if spend >= budget {
                return hour;
            }
            let now =
                ran.iter().filter(|cell| cell.hour == hour && self.ads[cell.ad].unit.channel == channel);
            spend += now.map(|cell| cell.outcome.spend).sum::<f64>();
        }
        HOURS as u8
    }

    /// A day under any bids; a cell without a bid does not run. Sorted by ad and hour.
    pub fn day(&self, day: i32, age: Option<i32>, bid: impl Fn(&Ad, u8) -> Option<f64>) -> Vec<Ran> {
        let mut all = Vec::new();
        for (index, ad) in self.ads.iter().enumerate() {
            let from = all.len();
            for hour in (0..HOURS as u8).filter(|hour| ad.media.is_open(*hour)) {
                let quoted = bid(ad, hour).filter(|bid| bid.is_finite() && *bid >= 0.0);
                if let Some(bid) = quoted {
                    // A bid that went through single precision is still the decimal it was.
                    let bid = (bid * 1e4).round() / 1e4;
                    all.push(Ran { ad: index, hour, bid, outcome: self.cell(ad, day, hour, bid, age) });
                }
            }
            if let Terms::Slot { fixed_fee, .. } = ad.terms {
                spread(fixed_fee, &mut all[from..]);
            }
        }
        all
    }

    /// One cell; a slot's fixed fee is not in it.
    fn cell(&self, ad: &Ad, day: i32, hour: u8, bid: f64, age: Option<i32>) -> Outcome {
        let channel = ad.unit.channel;
        let moment = Moment { chance: self.chance, demand: &self.demand, channel, key: ad.key, day, hour };
        let traffic = ad.media.visit(&moment, bid);
        let readiness = self.demand.buying(channel, day, hour);
        let mut sales = moment.stream(Purpose::Sales);
        let (orders, revenue) = sell(&mut sales, &self.delay, &ad.buyers, traffic.clicks, readiness, age);
        let spend = match ad.terms {
            Terms::Auction => traffic.charged,
            Terms::Commission => bid * revenue,
            Terms::Slot { rate, .. } => rate * revenue,
        };
        let impressions = traffic.impressions as f64;
        Outcome {
            impressions,
            clicks: traffic.clicks as f64,
            spend: fen(spend),
            orders,
            revenue,
            position_sum: traffic.position_sum,
            position_weight: if ad.media.has_positions() { impressions } else { 0.0 },
        }
    }

    /// Cells with the names of their units.
    pub fn named(&self, ran: Vec<Ran>) -> Vec<Played> {
        let name = |cell: Ran| Played {
            unit: self.ads[cell.ad].unit.clone(),
            hour: cell.hour,
            bid: cell.bid,
            outcome: cell.outcome,
        };
        ran.into_iter().map(name).collect()
    }
}

/// Spreads a run's fee over its hours by clicks, which are final when sales are not; to the fen.
fn spread(fee: f64, run: &mut [Ran]) {
    let clicks: f64 = run.iter().map(|cell| cell.outcome.clicks).sum();
    let hours = run.len() as f64;
    let (mut so_far, mut charged) = (0.0, 0.0);
    for cell in run {
        so_far += if clicks > 0.0 { cell.outcome.clicks / clicks } else { 1.0 / hours };
        let due = fen(fee * so_far.min(1.0));
        cell.outcome.spend = fen(cell.outcome.spend + due - charged);
        charged = due;
    }
}
