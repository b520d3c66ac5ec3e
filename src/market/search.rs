//! Search: keyword auctions with positions and generalised second prices.
//!
//! In every query each advertiser has a rank score, bid × quality × a jitter of that query
//! (personalisation). Slots go by score; a click costs what was needed to keep the slot: the next
//! score ÷ our own quality + 0.01, never more than our bid.

use super::ad::{Media, Moment, Traffic};
use super::chance::{Purpose, Stream, fen};
use super::shop;

/// Auctions that are held for a cell at most; each stands for its share of the queries.
const AUCTIONS: u64 = 40;

/// Spread of a rival's bid from day to day.
const RIVAL_DAY_NOISE: f64 = 0.08;

/// Hours in which rivals' budgets run out, when they do.
const RUNS_OUT: [f64; 2] = [18.0, 24.0];

/// A keyword and its rivals.
#[derive(Debug, Clone)]
pub(super) struct Keyword {
    /// Queries on a normal day.
    queries: f64,
    /// Our quality factor; rivals' is part of their score.
    quality: f64,
    /// Clicks per impression in the top slot.
    top_ctr: f64,
    rivals: Vec<Rival>,
    rules: Rules,
}

/// Another advertiser on the keyword.
#[derive(Debug, Clone, Copy)]
struct Rival {
    /// Rank score in a normal hour.
    score: f64,
    /// Elasticity of the score to the hour's demand.
    dayparting: f64,
}

/// What all auctions have in common.
#[derive(Debug, Clone, Copy)]
struct Rules {
    slots: u32,
    attention_decay: f64,
    runs_out: f64,
    presence: f64,
    jitter: f64,
    reserve: f64,
}

impl Keyword {
    /// Draws a keyword. `level` is its
    /// rivals' middling score.
    pub fn draw(stream: &mut Stream, spec: &shop::Search, level: f64) -> Self {
        let queries = spec.queries * stream.factor(spec.queries_spread);
        let quality = stream.factor(spec.quality_spread);
        let top_ctr = spec.top_ctr * stream.factor(spec.ctr_spread);
        let rivals = (0..stream.poisson(spec.rivals)).map(|_| Rival {
            score: level * stream.factor(spec.rival_spread),
            dayparting: spec.rival_dayparting * (1.0 + 0.5 * stream.normal()),
        });
        let rivals = rivals.collect();
        let rules = Rules {
            slots: spec.slots,
            attention_decay: spec.attention_decay,
            runs_out: spec.rival_runs_out,
            presence: spec.rival_presence,
            jitter: spec.jitter,
            reserve: spec.reserve,
        };
        Keyword { queries, quality, top_ctr, rivals, rules }
    }

    /// The scores of the rivals who still have a budget in this hour.
    fn field(&self, moment: &Moment) -> Vec<f64> {
        let mut day = moment.day_stream(Purpose::Rivals);
        let hour = moment.demand.hour(moment.hour);
        let mut field = Vec::with_capacity(self.rivals.len());
        for rival in &self.rivals {
            let score = rival.score * day.factor(RIVAL_DAY_NOISE) * hour.powf(rival.dayparting);
            let ends = if day.happens(self.rules.runs_out) { day.between(RUNS_OUT) } else { f64::INFINITY };
            if f64::from(moment.hour) < ends {
                field.push(score);
            }
        }
        field
    }

    /// Clicks per impression in a slot, the top one being 1.
    fn ctr(&self, position: u32) -> f64 {
        self.top_ctr * (1.0 - self.rules.attention_decay).powi(position as i32 - 1)
    }

    /// Our place in one auction and what a click costs there. The stream moves on by the same
    /// number of draws whatever the bid, so that two bids meet the same auctions.
    fn auction(&self, stream: &mut Stream, field: &[f64], bid: f64) -> Option<(u32, f64)> {
        let ours = self.quality * stream.factor(self.rules.jitter);
        let score = bid * ours;
        let (mut above, mut next) = (0, self.rules.reserve);
        for rival in field {
            let rival = rival * stream.factor(self.rules.jitter);
            if !stream.happens(self.rules.presence) {
                continue;
            }
            if rival > score {
                above += 1;
            } else if rival > next {
                next = rival;
            }
        }
        let shown = score >= self.rules.reserve && above < self.rules.slots;
        shown.then(|| (above + 1, fen(next / ours + 0.01).min(bid)))
    }
}

impl Media for Keyword {
    fn visit(&self, moment: &Moment, bid: f64) -> Traffic {
        let mut auctions = moment.stream(Purpose::Auction);
        let mut clicks = moment.stream(Purpose::Clicks);
        let queries = auctions.poisson(self.queries / 24.0 * moment.traffic());
        let held = queries.min(AUCTIONS);
        let field = self.field(moment);
        let mut traffic = Traffic::default();
        for number in 0..held {
            let Some((position, price)) = self.auction(&mut auctions, &field, bid) else { continue };
            let shown = queries / held + u64::from(number < queries % held);
            let clicked = clicks.binomial(shown, self.ctr(position));
            traffic.impressions += shown;
            traffic.clicks += clicked;
            traffic.charged += price * clicked as f64;
            traffic.position_sum += f64::from(position) * shown as f64;
        }
        traffic
    }

    fn quality(&self) -> Option<f64> {
        Some((7.0 * self.quality).round().clamp(1.0, 10.0))
    }

    fn has_positions(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Channel;
    use crate::market::chance::Chance;
    use crate::market::demand::Demand;

    fn total(bid: f64) -> Traffic {
        let chance = Chance::new(11);
        let demand = Demand::new(chance, &shop::Demand::default(), 20_000);
        let mut total = Traffic::default();
        for key in 0..20 {
            let keyword =
                Keyword::draw(&mut chance.unit(Purpose::Traits, key), &shop::Search::default(), 1.2);
            for hour in 0..24 {
                let moment =
                    Moment { chance, demand: &demand, channel: Channel::Search, key, day: 20_003, hour };
                let traffic = keyword.visit(&moment, bid);
                assert!(
                    traffic.charged <= bid * traffic.clicks as f64 + 1e-9,
                    "a click above the bid of {bid}"
                );
                assert!(traffic.clicks <= traffic.impressions);
                total.impressions += traffic.impressions;
                total.clicks += traffic.clicks;
                total.charged += traffic.charged;
                total.position_sum += traffic.position_sum;
            }
        }
        total
    }

    #[test]
    fn a_higher_bid_stands_higher_is_seen_more_and_pays_more() {
        let bids = [0.01, 0.8, 1.2, 1.8, 2.7, 4.0, 8.0];
        let totals: Vec<Traffic> = bids.iter().map(|bid| total(*bid)).collect();
        assert_eq!(totals[0].impressions, 0, "a bid below the reserve is not shown");
        for pair in totals[1..].windows(2) {
            let position = |traffic: &Traffic| traffic.position_sum / traffic.impressions as f64;
            assert!(pair[1].impressions >= pair[0].impressions);
            assert!(position(&pair[1]) < position(&pair[0]));
            assert!(pair[1].charged / pair[1].clicks as f64 > pair[0].charged / pair[0].clicks as f64);
        }
        let dearest = &totals[6];
        assert!(dearest.charged / (dearest.clicks as f64) < 0.8 * 8.0, "the second price is not the bid");
    }

    #[test]
    fn a_lone_advertiser_pays_the_reserve() {
        let chance = Chance::new(11);
        let demand = Demand::new(chance, &shop::Demand::default(), 20_000);
        let spec = shop::Search { rivals: 0.0, jitter: 0.0, quality_spread: 0.0, ..Default::default() };
        let keyword = Keyword::draw(&mut chance.unit(Purpose::Traits, 1), &spec, 1.0);
        let moment =
            Moment { chance, demand: &demand, channel: Channel::Search, key: 1, day: 20_003, hour: 21 };
        let traffic = keyword.visit(&moment, 3.0);
        assert!(traffic.clicks > 0);
        assert!((traffic.charged / traffic.clicks as f64 - (spec.reserve + 0.01)).abs() < 1e-9);
        assert_eq!(traffic.position_sum, traffic.impressions as f64);
    }
}
