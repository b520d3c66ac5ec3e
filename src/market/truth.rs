//! The truth: what any bid brings in a cell, on average over the luck of a day.

use rayon::prelude::*;

use super::ad::{Expected, Moment};
use super::crowd::Crowd;
use super::day::Today;
use super::operator::Habit;
use super::play::{Market, Quotes, mood};
use super::shop::Shop;
use crate::calendar::HOURS;
use crate::keys::{Channel, Unit};
use crate::metric::Outcome;

/// The true curves of a day. A cell's curve takes the other cells as they are bid: slots that run bring
/// others more traffic, and people who have seen our displays click less.
pub struct Truth<'a> {
    market: Market<'a>,
    days: Vec<Today>,
    /// How often a person of each audience has seen us, by hour.
    frequency: Vec<[f64; HOURS]>,
    /// Commissions of the days before, by ad.
    pasts: Vec<Vec<f64>>,
}

impl<'a> Truth<'a> {
    /// The curves of a day (a day number), averaged over `draws` days of other luck, where everything else
    /// is bid as `bids` says.
    pub fn on(
        shop: &'a Shop,
        day: i32,
        draws: u32,
        bids: &(dyn Fn(&Unit, u8) -> Option<f64> + Sync),
    ) -> Self {
        let market = Market::open(shop);
        let quotes = market.quotes(|ad, hour| bids(&ad.unit, hour));
        let halo = market.halo(&quotes);
        // Far from the luck of the days that are played.
        let lucks = (0..draws).into_par_iter().map(|draw| 1_000_000 + draw);
        let days: Vec<Today> = lucks.map(|luck| Today { halo, ..market.today(day, luck) }).collect();
        let pasts = market.ads.iter().map(|ad| market.past(ad, day)).collect();
        let mut truth = Truth { market, days, frequency: Vec::new(), pasts };
        truth.frequency = truth.frequencies(&quotes);
        truth
    }

    /// The shop's units, sorted.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.market.ads.iter().map(|ad| &ad.unit)
    }

    /// What a unit (an index into [`Truth::units`]) brings in an hour at each of some bids; for a slot,
    /// whose fixed fee is not in it, whatever they are. Nothing where the unit cannot run.
    pub fn curve(&self, unit: usize, hour: u8, bids: &[f64]) -> Vec<Outcome> {
        let ad = &self.market.ads[unit];
        let mut sums = vec![Outcome::default(); bids.len()];
        if !ad.media.is_open(hour) {
            return sums;
        }
        for today in &self.days {
            let moment = self.moment(today, unit, hour);
            let mood = mood(&moment);
            for ((expected, bid), sum) in ad.media.on_average(&moment, bids).iter().zip(bids).zip(&mut sums) {
                let sold = self.market.desk.on_average(&ad.buyers, expected.clicks, mood);
                *sum += Outcome {
                    impressions: expected.impressions,
                    clicks: expected.clicks,
                    spend: ad.terms.spend(*bid, expected.charged, sold.kept),
                    orders: sold.orders,
                    revenue: sold.revenue,
                    position_sum: expected.position_sum,
                    position_weight: if ad.media.has_positions() { expected.impressions } else { 0.0 },
                };
            }
        }
        let share = 1.0 / self.days.len().max(1) as f64;
        sums.into_iter().map(|sum| sum * share).collect()
    }

    /// Whether open slots bring as much traffic here as under other bids.
    pub fn has_traffic_of(&self, other: &Truth<'_>) -> bool {
        self.days.first().map(|day| day.halo) == other.days.first().map(|day| day.halo)
    }

    /// Moves how often people see displays halfway towards what it is under other bids.
    pub fn frequency_between(&mut self, other: &Truth<'_>) {
        for (hours, others) in self.frequency.iter_mut().flatten().zip(other.frequency.iter().flatten()) {
            *hours = (*hours + others) / 2.0;
        }
    }

    /// A bid of the size that people bid for a unit; 0 for a slot.
    pub fn usual_bid(&self, unit: usize) -> f64 {
        match self.market.ads[unit].habit {
            Habit::Hourly { guess, .. } | Habit::Daily { guess, .. } => guess,
            Habit::Weekly { .. } => 0.0,
        }
    }

    fn moment<'m>(&'m self, today: &'m Today, unit: usize, hour: u8) -> Moment<'m> {
        let ad = &self.market.ads[unit];
        let frequency = ad.media.audience().and_then(|audience| self.frequency.get(audience));
        Moment {
            frequency: frequency.map_or(0.0, |hours| hours[usize::from(hour) % HOURS]),
            past: &self.pasts[unit],
            announced: self.market.shop.affiliate.lead_days,
            ..Moment::new(today, ad.unit.channel, ad.key, hour)
        }
    }

    /// How often people see the displays that are bid for.
    fn frequencies(&self, quotes: &[Quotes]) -> Vec<[f64; HOURS]> {
        let mut crowd = Crowd::new(&self.market.shop.display);
        let audiences = self.market.shop.display.audiences.len();
        let mut frequency = vec![[0.0; HOURS]; audiences];
        let display: Vec<(usize, usize)> = (0..self.market.ads.len())
            .filter(|at| self.market.ads[*at].unit.channel == Channel::Display)
            .filter_map(|at| Some((at, self.market.ads[at].media.audience()?)))
            .collect();
        for hour in 0..HOURS {
            for (audience, hours) in frequency.iter_mut().enumerate() {
                hours[hour] = crowd.frequency(audience);
            }
            for (at, audience) in &display {
                let Some(bid) = quotes[*at][hour] else { continue };
                let shown = |today: &Today| -> f64 {
                    let moment = self.moment(today, *at, hour as u8);
                    let expected = self.market.ads[*at].media.on_average(&moment, &[bid]);
                    expected.iter().map(|Expected { impressions, .. }| impressions).sum()
                };
                let total: f64 = self.days.iter().map(shown).sum();
                crowd.sees(*audience, total / self.days.len().max(1) as f64);
            }
        }
        frequency
    }
}
