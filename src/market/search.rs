//! Search: keyword auctions with positions and generalised second prices.
//!
//! In every query each advertiser has a rank score, bid × quality × a jitter of that query
//! (personalisation). Slots go by score; a click costs what was needed to keep the slot: the next
//! score ÷ our own quality + 0.01, never more than our bid.

use super::ad::{Expected, Media, Moment, Traffic};
use super::chance::{self, Purpose, Stream, fen};
use super::shop;
use crate::config::OneOrMany;

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
    /// Index among those with a name.
    named: Option<usize>,
}

/// A rival in one hour.
#[derive(Debug, Clone, Copy)]
struct Entrant {
    score: f64,
    presence: f64,
    /// Share of the hour after which its budget is gone.
    until: f64,
    named: Option<usize>,
}

/// What all auctions have in common.
#[derive(Debug, Clone)]
struct Rules {
    slots: u32,
    attention_decay: f64,
    visibility: Vec<f64>,
    runs_out: f64,
    presence: f64,
    jitter: f64,
    nerves: f64,
    drift: [f64; 2],
    inflation: f64,
    reserve: f64,
    named: Vec<shop::Rival>,
}

/// One auction before we bid.
struct Round {
    /// Our score per yuan of bid.
    ours: f64,
    /// The scores of those who take part, best first.
    scores: Vec<f64>,
}

impl Keyword {
    /// Draws a keyword. `level` is its rivals' middling score.
    pub fn draw(stream: &mut Stream, spec: &shop::Search, level: f64) -> Self {
        let queries = spec.queries * stream.factor(spec.queries_spread);
        let quality = stream.factor(spec.quality_spread);
        let top_ctr = spec.top_ctr * stream.factor(spec.ctr_spread);
        let rivals = (0..stream.poisson(spec.rivals)).map(|_| Rival {
            score: level * stream.factor(spec.rival_spread),
            dayparting: spec.rival_dayparting * (1.0 + 0.5 * stream.normal()),
            named: None,
        });
        let mut rivals: Vec<Rival> = rivals.collect();
        for (at, rival) in spec.named.iter().enumerate() {
            let score = level * rival.strength * stream.factor(rival.spread);
            if stream.happens(rival.coverage) {
                rivals.push(Rival { score, dayparting: rival.dayparting, named: Some(at) });
            }
        }
        let rules = Rules {
            slots: spec.slots,
            attention_decay: spec.attention_decay,
            visibility: spec.visibility.clone(),
            runs_out: spec.rival_runs_out,
            presence: spec.rival_presence,
            jitter: spec.jitter,
            nerves: spec.rival_nerves,
            drift: [spec.rival_drift, spec.rival_drift_days],
            inflation: spec.monthly_inflation,
            reserve: spec.reserve,
            named: spec.named.clone(),
        };
        Keyword { queries, quality, top_ctr, rivals, rules }
    }

    /// The rivals who still have a budget in this hour. `ends` says when those with a name run out.
    fn field(&self, moment: &Moment, ends: &[f64]) -> Vec<Entrant> {
        let Rules { runs_out, nerves, drift: [drift, drift_days], inflation, .. } = self.rules;
        let mut day = moment.day_stream(Purpose::Rivals);
        let mut hour = moment.stream(Purpose::Nerves);
        let demand = &moment.today.demand;
        let swing = demand.swing(moment.key ^ 1, drift, drift_days, moment.today.day);
        let now = f64::from(moment.hour);
        let mut field = Vec::with_capacity(self.rivals.len());
        for rival in &self.rivals {
            let nerves = if nerves > 0.0 { hour.factor(nerves) } else { 1.0 };
            let pressure = moment.rivals(rival.dayparting, inflation);
            let score = rival.score * day.factor(RIVAL_DAY_NOISE) * pressure * swing * nerves;
            let entrant = match rival.named.map(|at| (at, &self.rules.named[at])) {
                None => {
                    let ends = if day.happens(runs_out) { day.between(RUNS_OUT) } else { f64::INFINITY };
                    let until = if now < ends { 1.0 } else { 0.0 };
                    Entrant { score, presence: self.rules.presence, until, named: None }
                }
                Some((at, spec)) => {
                    let swing = demand.swing(
                        chance::key(&[&spec.name]),
                        spec.drift,
                        spec.drift_days,
                        moment.today.day,
                    );
                    let spans = spec.hour.as_ref().map(OneOrMany::as_slice);
                    let awake = spans.is_none_or(|spans| spans.iter().any(|span| span.contains(moment.hour)));
                    let until = if awake { ends[at] - now } else { 0.0 };
                    Entrant { score: score * swing, presence: spec.presence, until, named: Some(at) }
                }
            };
            if entrant.until > 0.0 {
                field.push(entrant);
            }
        }
        // Who comes of a sudden stands in the middle of those who were there.
        let mut scores: Vec<f64> = field.iter().map(|entrant| entrant.score).collect();
        scores.sort_by(f64::total_cmp);
        let middle = scores.get(scores.len() / 2).copied().unwrap_or(self.rules.reserve);
        let intruders = moment.intruders();
        field.extend(intruders.map(|strength| Entrant {
            score: strength * middle,
            presence: 1.0,
            until: 1.0,
            named: None,
        }));
        field
    }

    /// Adds what the hour costs the rivals with a name, were we not there, to their bills.
    pub fn bill(&self, moment: &Moment, ends: &[f64], bills: &mut [f64]) {
        let mut field = self.field(moment, ends);
        field.sort_by(|one, other| other.score.total_cmp(&one.score));
        let queries = self.queries / 24.0 * moment.traffic();
        let mut above = 0.0;
        for (at, entrant) in field.iter().enumerate() {
            let position = above as u32 + 1;
            if position > self.rules.slots {
                break;
            }
            above += entrant.presence;
            if let Some(named) = entrant.named {
                let next = field.get(at + 1).map_or(self.rules.reserve, |next| next.score);
                let price = next.max(self.rules.reserve) / self.rules.named[named].quality;
                let clicks = queries * entrant.presence * self.seen(position) * self.ctr(position);
                bills[named] += clicks * price;
            }
        }
    }

    /// Clicks per impression in a slot, the top one being 1.
    fn ctr(&self, position: u32) -> f64 {
        self.top_ctr * (1.0 - self.rules.attention_decay).powi(position as i32 - 1)
    }

    /// Share of people who see a slot.
    fn seen(&self, position: u32) -> f64 {
        let visibility = &self.rules.visibility;
        let last = visibility.last().copied().unwrap_or(1.0);
        visibility.get(position as usize - 1).copied().unwrap_or(last)
    }

    /// The rivals of one auction at a time within the hour (0 to 1). It does not know our bid, so two bids
    /// meet the same auctions.
    fn round(&self, stream: &mut Stream, field: &[Entrant], time: f64) -> Round {
        let ours = self.quality * stream.factor(self.rules.jitter);
        let mut scores = Vec::with_capacity(field.len());
        for rival in field {
            let score = rival.score * stream.factor(self.rules.jitter);
            if stream.happens(rival.presence) && time < rival.until {
                scores.push(score);
            }
        }
        scores.sort_unstable_by(|one, other| other.total_cmp(one));
        Round { ours, scores }
    }

    /// Our place in an auction and what a click costs there.
    fn place(&self, round: &Round, bid: f64) -> Option<(u32, f64)> {
        let score = bid * round.ours;
        let above = round.scores.partition_point(|rival| *rival > score);
        let next = round.scores.get(above).map_or(self.rules.reserve, |next| next.max(self.rules.reserve));
        let shown = score >= self.rules.reserve && above < self.rules.slots as usize;
        shown.then(|| (above as u32 + 1, fen(next / round.ours + 0.01).min(bid)))
    }
}

/// The middle of one of so many equal parts of an hour.
fn time(number: u64, held: u64) -> f64 {
    (number as f64 + 0.5) / held as f64
}

impl Media for Keyword {
    fn visit(&self, moment: &Moment, bid: f64) -> Traffic {
        let mut auctions = moment.stream(Purpose::Auction);
        let mut clicks = moment.stream(Purpose::Clicks);
        let mut eyes = moment.stream(Purpose::Seen);
        let queries = auctions.poisson(self.queries / 24.0 * moment.traffic());
        let held = queries.min(AUCTIONS);
        let field = self.field(moment, &moment.today.rivals_end);
        let mut traffic = Traffic::default();
        for number in 0..held {
            let time = time(number, held);
            let round = self.round(&mut auctions, &field, time);
            let Some((position, price)) = self.place(&round, bid).filter(|_| time < moment.open) else {
                continue;
            };
            let mut shown = queries / held + u64::from(number < queries % held);
            if !self.rules.visibility.is_empty() {
                shown = eyes.binomial(shown, self.seen(position));
            }
            let clicked = clicks.binomial(shown, self.ctr(position));
            traffic.impressions += shown;
            traffic.clicks += clicked;
            traffic.charged += price * clicked as f64;
            traffic.position_sum += f64::from(position) * shown as f64;
        }
        traffic
    }

    fn on_average(&self, moment: &Moment, bids: &[f64]) -> Vec<Expected> {
        let mut auctions = moment.stream(Purpose::Auction);
        let field = self.field(moment, &moment.today.rivals_end);
        let queries = self.queries / 24.0 * moment.traffic() / AUCTIONS as f64;
        let slots: Vec<[f64; 2]> =
            (1..=self.rules.slots).map(|slot| [queries * self.seen(slot), self.ctr(slot)]).collect();
        let mut expected = vec![Expected::default(); bids.len()];
        for number in 0..AUCTIONS {
            let round = self.round(&mut auctions, &field, time(number, AUCTIONS));
            for (bid, sum) in bids.iter().zip(&mut expected) {
                let Some((position, price)) = self.place(&round, *bid) else { continue };
                let [shown, ctr] = slots[position as usize - 1];
                sum.impressions += shown;
                sum.clicks += shown * ctr;
                sum.charged += shown * ctr * price;
                sum.position_sum += f64::from(position) * shown;
            }
        }
        expected
    }

    fn quality(&self) -> Option<f64> {
        Some((7.0 * self.quality).round().clamp(1.0, 10.0))
    }

    fn has_positions(&self) -> bool {
        true
    }

    fn keyword(&self) -> Option<&Keyword> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
