//! Playing: what a day's bids bring.

use super::ad::{self, Ad, Moment, Terms};
use super::chance::{Chance, Purpose, fen};
use super::crowd::Crowd;
use super::day::Today;
use super::demand::Demand;
use super::operator::{Habit, Operator};
use super::sales::{Delay, Desk, Mood};
use super::shock::{self, Shock};
use super::shop::Shop;
use super::{Circumstances, Played};
use crate::calendar::HOURS;
use crate::keys::Channel;
use crate::metric::Outcome;

/// Days of which promoters remember the commission.
const MEMORY: i32 = 60;

/// A shop with everything drawn that lasts: units, rivals, promoters, habits.
pub(super) struct Market<'a> {
    pub shop: &'a Shop,
    chance: Chance,
    demand: Demand,
    pub desk: Desk,
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

/// Bids of an ad by hour.
pub(super) type Quotes = [Option<f64>; HOURS];

/// What the bids of a day are played under.
struct Terrain {
    /// What search and display may spend.
    purse: [(Channel, f64); 2],
    /// Days before this one on which its commissions were known.
    announced: u32,
    /// The age of the report; nothing = in the end.
    age: Option<i32>,
}

impl<'a> Market<'a> {
    pub fn open(shop: &'a Shop) -> Self {
        let chance = Chance::new(shop.seed);
        let demand = Demand::new(chance, &shop.demand, &shop.events, shop.first_day());
        let ads = ad::draw(shop, chance, &demand);
        let operator = Operator::new(chance, &shop.operator, shop.first_day());
        let desk = Desk { delay: Delay::new(&shop.delay), returns: shop.returns.clone() };
        Market { shop, chance, desk, operator, ads, demand }
    }

    /// A day under some luck.
    pub fn today(&self, day: i32, luck: u32) -> Today {
        self.shocked(day, luck, &[])
    }

    /// The same with shocks.
    fn shocked(&self, day: i32, luck: u32, shocks: &[Shock]) -> Today {
        Today::new(&self.demand, self.chance, day, (luck, shocks), &self.ads, &self.shop.search.named)
    }

    /// What the operator bids for an ad in a cell.
    fn operator_bids(&self, ad: &Ad, day: i32, hour: u8) -> Option<f64> {
        self.operator.bid(&ad.habit, &self.demand, ad.unit.channel, ad.key, day, hour)
    }

    /// A day under the operator's bids, as a report shows it `age` days later (nothing = in the end).
    pub fn operators_day(&self, day: i32, age: Option<i32>) -> Vec<Ran> {
        let purse = [
            (Channel::Search, self.shop.search.daily_budget),
            (Channel::Display, self.shop.display.daily_budget),
        ];
        let quotes = self.quotes(|ad, hour| self.operator_bids(ad, day, hour));
        self.run(self.today(day, 0), &quotes, Terrain { purse, announced: 0, age })
    }

    /// A day under any bids and some luck; a cell without a bid does not run, and no budget stops one
    /// that has. Sorted by ad and hour.
    pub fn day(
        &self,
        day: i32,
        circumstances: Circumstances<'_>,
        bid: impl Fn(&Ad, u8) -> Option<f64>,
    ) -> Vec<Ran> {
        let Circumstances { luck, shocks, age } = circumstances;
        let purse = [(Channel::Search, f64::INFINITY), (Channel::Display, f64::INFINITY)];
        let announced = self.shop.affiliate.lead_days;
        self.run(self.shocked(day, luck, shocks), &self.quotes(bid), Terrain { purse, announced, age })
    }

    /// The bids of all ads, where they can run.
    pub fn quotes(&self, bid: impl Fn(&Ad, u8) -> Option<f64>) -> Vec<Quotes> {
        let quote = |ad: &Ad, hour: u8| {
            let quoted = bid(ad, hour).filter(|bid| bid.is_finite() && *bid >= 0.0 && ad.media.is_open(hour));
            // A bid that went through single precision is still the decimal it was.
            quoted.map(|bid| (bid * 1e4).round() / 1e4)
        };
        self.ads.iter().map(|ad| std::array::from_fn(|hour| quote(ad, hour as u8))).collect()
    }

    /// What slots that run make of the traffic of everything else, by hour.
    pub fn halo(&self, quotes: &[Quotes]) -> [f64; HOURS] {
        let mut halo = [1.0; HOURS];
        for (ad, quotes) in self.ads.iter().zip(quotes) {
            if let Terms::Slot { halo: more, .. } = ad.terms {
                for (halo, _) in halo.iter_mut().zip(quotes).filter(|(_, quote)| quote.is_some()) {
                    *halo *= 1.0 + more;
                }
            }
        }
        halo
    }

    /// The operator's commissions on the days before, yesterday's first; nothing for what nobody remembers.
    pub fn past(&self, ad: &Ad, day: i32) -> Vec<f64> {
        if !matches!(ad.habit, Habit::Daily { .. }) || self.shop.affiliate.delay_days == 0.0 {
            return Vec::new();
        }
        let first = self.shop.first_day();
        let days = (day - MEMORY..day).rev().map(|day| day.max(first));
        days.filter_map(|day| self.operator_bids(ad, day, 0)).collect()
    }

    fn run(&self, mut today: Today, quotes: &[Quotes], terrain: Terrain) -> Vec<Ran> {
        let Terrain { mut purse, announced, age } = terrain;
        today.halo = self.halo(quotes);
        let pasts: Vec<Vec<f64>> = self.ads.iter().map(|ad| self.past(ad, today.day)).collect();
        let mut crowd = Crowd::new(&self.shop.display);
        let mut all: Vec<Ran> = Vec::new();
        for hour in 0..HOURS as u8 {
            let from = all.len();
            let moment = |index: usize, open: f64| {
                let ad = &self.ads[index];
                let frequency = ad.media.audience().map_or(0.0, |audience| crowd.frequency(audience));
                let bare = Moment::new(&today, ad.unit.channel, ad.key, hour);
                Moment { frequency, open, past: &pasts[index], announced, ..bare }
            };
            for (index, ad) in self.ads.iter().enumerate() {
                let Some(bid) = quotes[index][usize::from(hour)] else { continue };
                if purse.iter().any(|(channel, left)| *channel == ad.unit.channel && *left <= 0.0) {
                    continue;
                }
                let outcome = self.cell(ad, &moment(index, 1.0), bid, age);
                all.push(Ran { ad: index, hour, bid, outcome });
            }
            for (channel, left) in &mut purse {
                let mut now: Vec<&mut Ran> = all[from..]
                    .iter_mut()
                    .filter(|cell| self.ads[cell.ad].unit.channel == *channel)
                    .collect();
                let spent: f64 = now.iter().map(|cell| cell.outcome.spend).sum();
                if spent > *left && self.shop.stops_at_once {
                    for cell in &mut now {
                        let moment = moment(cell.ad, *left / spent);
                        cell.outcome = self.cell(&self.ads[cell.ad], &moment, cell.bid, age);
                    }
                }
                *left -= spent;
            }
            for cell in &all[from..] {
                if let Some(audience) = self.ads[cell.ad].media.audience() {
                    crowd.sees(audience, cell.outcome.impressions);
                }
            }
        }
        all.sort_by_key(|cell| (cell.ad, cell.hour));
        for run in all.chunk_by_mut(|one, other| one.ad == other.ad) {
            if let Terms::Slot { fixed_fee, .. } = self.ads[run[0].ad].terms {
                spread(fixed_fee, run);
            }
        }
        all
    }

    /// One cell; a slot's fixed fee is not in it.
    fn cell(&self, ad: &Ad, moment: &Moment, bid: f64, age: Option<i32>) -> Outcome {
        let traffic = ad.media.visit(moment, bid);
        let mut sales = moment.stream(Purpose::Sales);
        let sold = self.desk.sell(&mut sales, &ad.buyers, traffic.clicks, mood(moment), age);
        let impressions = traffic.impressions as f64;
        Outcome {
            impressions,
            clicks: traffic.clicks as f64,
            spend: fen(ad.terms.spend(bid, traffic.charged, sold.kept)),
            orders: sold.orders,
            revenue: sold.revenue,
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

/// How the people of a cell buy.
pub(super) fn mood(moment: &Moment) -> Mood {
    let Today { demand, day, .. } = moment.today;
    let readiness = demand.buying(moment.channel, *day, moment.hour) * moment.shock(shock::Kind::Cvr);
    Mood { readiness, presale: demand.event(*day).presale }
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
