//! Landscapes: what a bid would bring in each hour, learned from the history.
//!
//! ```text
//! search    position − 1 = o ÷ (1 + c·o)   o = A · bid^−k   c = 1 ÷ rivals
//!           impressions = V · exp(ψ · x)   ctr = C · exp(η · x)   x = (1 − (position ÷ 4)^θ) ÷ θ
//!           cpc = bid · min(1, R · bid^−s)     orders = clicks · cvr              revenue = orders · aov
//! display   impressions = V · exp(e · x)   x = (1 − (bid ÷ usual)^−θ) ÷ θ   cpm = bid · min(1, R · bid^−s)
//! affiliate impressions = V · exp(e · x)   spend = revenue · (commission + service fee)
//! group-buy mean of the slot's past runs, hour by hour; the fee comes from the plan file
//! ```
//!
//! All of k, ψ, η, e ≥ 0 and 0 ≤ s < 1, so every response is monotone in the bid and bounded, and a
//! click never costs more than its bid. A, V, C, R, cvr and aov are products of pooled effects of
//! campaign, unit, hour, campaign × hour and weekday, see [`pooling`]. `models/formulation.md` §1 and §2
//! state it in full.

mod belief;
pub mod chance;
mod channel;
mod commission;
mod exhausted;
mod file;
mod forecast;
mod halo;
pub mod kin;
pub mod maturation;
mod model;
pub mod occasion;
mod parts;
pub mod pooling;
mod position;
mod price;
mod runs;
mod saturation;
mod seen;
pub mod spread;
pub mod today;
mod totals;
mod untold;

use serde::{Deserialize, Serialize};

use crate::config::Request;
use crate::error::{Error, Finding, Result};
use crate::history::History;
use crate::keys::{Channel, Unit};
use channel::Ground;
pub use forecast::Forecast;
use halo::Halo;
use maturation::Maturations;
use model::ChannelModel;
use occasion::Occasion;
pub use parts::Parts;
use pooling::Effects;
use spread::stages;
use today::Today;

/// What the history holds of one unit's bids.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Known {
    /// Lowest and highest bid seen; nothing where no bid is known.
    pub bids: Option<[f64; 2]>,
    /// Bid around which the responses are learned: the geometric mean, or the price that was paid
    /// where no bid is known.
    pub reference_bid: Option<f64>,
    /// Whether the reference bid is a price that was paid, in place of a bid that is not in the history.
    pub implied: bool,
    /// Last bid in each hour.
    pub last_bid: Vec<Option<f64>>,
    /// Whether the history holds hours of this unit.
    pub hourly: bool,
    /// Rows of the history.
    pub rows: usize,
    /// Impressions a day.
    pub size: f64,
    /// Price that was paid: CPC in search, CPM in display.
    pub price: Option<f64>,
    /// Mean position.
    pub position: Option<f64>,
}

/// Fitted landscapes of a shop.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Landscapes {
    /// The units, in the order of the history.
    pub units: Vec<Unit>,
    /// What is known of each unit's bids.
    pub known: Vec<Known>,
    /// First and last day of the history, as day numbers.
    pub days: [i32; 2],
    /// The channels' models.
    models: Vec<ChannelModel>,
    /// For each unit, its model and its index there.
    place: Vec<[u32; 2]>,
    /// What the planned day itself has shown, when it is under way; part of no file.
    #[serde(skip)]
    pub today: Option<Today>,
    /// How sales fill in, as far as the history told.
    #[serde(default)]
    maturation: Maturations,
    /// What past events brought.
    #[serde(default)]
    occasions: Vec<Occasion>,
    /// Units of which nothing but events is known, ascending.
    #[serde(default)]
    event_units: Vec<u32>,
    /// How far likeness tells the price and the position of units without history, by channel.
    trust: [[f64; 2]; Channel::ALL.len()],
}

impl Landscapes {
    /// Learns the landscapes. Warnings say what the history could not teach.
    ///
    /// # Errors
    /// `L001` when the history is empty.
    pub fn fit(history: &History, request: &Request) -> Result<(Landscapes, Vec<Finding>)> {
        Landscapes::fit_with(history, request, Parts::ALL)
    }

    /// Learns the landscapes without some part.
    ///
    /// # Errors
    /// As [`Landscapes::fit`].
    pub fn fit_with(
        history: &History,
        request: &Request,
        parts: Parts,
    ) -> Result<(Landscapes, Vec<Finding>)> {
        let (Some(first), Some(last)) =
            (history.observations.iter().map(|row| row.day).min(), history.last_day())
        else {
            return Err(Error::from(Finding::error(
                "L001",
                "the history holds no row that can be used",
                "check `files`, `lookback_days` and the rows in the account of `bidwright check`",
            )));
        };
        let mut models = Vec::new();
        let mut place = vec![[0, 0]; history.units.len()];
        let mut findings = Vec::new();
        let known: Vec<Known> = known(history);
        let events = &request.file.events;
        let (whole, event_units) = (history, occasion::only_in_events(history, events));
        let normal = (!events.is_empty()).then(|| occasion::normal(history, events, &event_units));
        let history = normal.as_ref().unwrap_or(history);
        let mut halo = if parts.halo { Halo::of(history) } else { Halo::default() };
        let ground = Ground { history, known: &known, config: &request.file.history, parts };
        for channel in Channel::ALL {
            let members: Vec<u32> = (0..history.units.len() as u32)
                .filter(|unit| history.units[*unit as usize].channel == channel)
                .collect();
            if members.is_empty() {
                continue;
            }
            for (local, unit) in members.iter().enumerate() {
                place[*unit as usize] = [models.len() as u32, local as u32];
            }
            let weekdays = weekdays(&models).filter(|_| parts.weekdays);
            let shop = channel::Shop { weekdays: weekdays.as_ref(), halo: &mut halo };
            models.push(channel::fit(channel, &members, ground, shop, &mut findings));
        }
        let mut landscapes = Landscapes {
            units: history.units.clone(),
            known,
            days: [first, last],
            models,
            place,
            today: None,
            maturation: Maturations::new(),
            occasions: Vec::new(),
            event_units: Vec::new(),
            trust: [[1.0; 2]; Channel::ALL.len()],
        };
        landscapes.learn_trust();
        if parts.kin {
            landscapes.adopt();
        }
        if normal.is_some() {
            landscapes.event_units = event_units;
            landscapes.occasions = occasion::learn(&landscapes, whole, &request.file);
        }
        if parts.maturation {
            landscapes.maturation = maturation::learn(&landscapes, whole, request);
        }
        Ok((landscapes, findings))
    }

    /// The price that a unit paid: CPC in search, CPM in display.
    pub fn price(&self, unit: usize) -> Option<f64> {
        self.known[unit].price
    }

    /// The mean position that a unit had.
    pub fn position(&self, unit: usize) -> Option<f64> {
        self.known[unit].position
    }

    fn model(&self, unit: u32) -> (&ChannelModel, usize) {
        let [model, local] = self.place[unit as usize];
        (&self.models[model as usize], local as usize)
    }

    /// Whether the history tells this unit's hours apart (its own rows or its channel's do).
    pub fn tells_hours_apart(&self, unit: u32) -> bool {
        self.model(unit).0.hourly
    }

    /// Whether positions are known in this unit's channel.
    pub fn has_position(&self, unit: u32) -> bool {
        self.model(unit).0.position.is_some()
    }

    /// What was learned, line by line, for people.
    pub fn lines(&self) -> Vec<(String, String)> {
        self.models.iter().flat_map(ChannelModel::lines).collect()
    }
}

/// What a weekday does to traffic and to CVR in the mean of some channels, by how many units each has.
fn weekdays(models: &[ChannelModel]) -> Option<channel::Weekdays> {
    let units: f64 = models.iter().map(|model| model.campaign.len() as f64).sum();
    let mean = |of: fn(&ChannelModel) -> &Effects| {
        std::array::from_fn(|at| {
            let logs =
                models.iter().map(|model| model.campaign.len() as f64 * of(model).weekday[at].max(1e-9).ln());
            (logs.sum::<f64>() / units).exp()
        })
    };
    (units > 0.0).then(|| [mean(|model| &model.volume), mean(|model| &model.cvr)])
}

/// Gathers bids per unit. Observations are sorted by unit, day and hour.
fn known(history: &History) -> Vec<Known> {
    let mut all: Vec<Known> = history
        .units
        .iter()
        .map(|_| Known {
            bids: None,
            reference_bid: None,
            implied: false,
            last_bid: vec![None; crate::calendar::HOURS],
            hourly: false,
            rows: 0,
            size: 0.0,
            price: None,
            position: None,
        })
        .collect();
    let mut logs = vec![(0.0, 0.0); all.len()];
    let mut paid = vec![(0.0, 0.0, 0.0); all.len()];
    let mut stood = vec![(0.0, 0.0); all.len()];
    let mut days = vec![0.0; all.len()];
    for row in &history.observations {
        let unit = row.unit as usize;
        let known = &mut all[unit];
        known.rows += 1;
        known.hourly |= row.hour.is_some();
        paid[unit].0 += row.spend;
        paid[unit].1 += row.clicks;
        paid[unit].2 += row.impressions;
        let outcome = row.outcome();
        stood[unit].0 += outcome.position_sum;
        stood[unit].1 += outcome.position_weight;
        days[unit] +=
            if row.hour.is_some() { 1.0 / crate::calendar::HOURS as f64 } else { f64::from(row.days) };
        let bid = f64::from(row.bid);
        // A bid is a decimal number that was stored as f32: back to its decimal form.
        let bid = (bid * 1e4).round() / 1e4;
        if !(bid.is_finite() && bid > 0.0) {
            continue;
        }
        let weight = row.impressions + 1.0;
        logs[unit].0 += weight * bid.ln();
        logs[unit].1 += weight;
        known.bids = Some(known.bids.map_or([bid, bid], |[low, high]| [low.min(bid), high.max(bid)]));
        match row.hour {
            Some(hour) => known.last_bid[usize::from(hour)] = Some(bid),
            None => known.last_bid.fill(Some(bid)),
        }
    }
    for (unit, known) in all.iter_mut().enumerate() {
        let (sum, weight) = logs[unit];
        let (spend, clicks, impressions) = paid[unit];
        let positive = |value: f64| (value.is_finite() && value > 0.0).then_some(value);
        known.size = if days[unit] > 0.0 { impressions / days[unit] } else { 0.0 };
        known.position = positive(stood[unit].0 / stood[unit].1);
        known.price = match history.units[unit].channel {
            Channel::Search => positive(spend / clicks),
            Channel::Display => positive(1000.0 * spend / impressions),
            Channel::Affiliate | Channel::GroupBuy => None,
        };
        known.reference_bid = if weight > 0.0 {
            Some((sum / weight).exp())
        } else {
            known.implied = true;
            known.price
        };
        let latest = known.last_bid.iter().flatten().last().copied();
        for last in &mut known.last_bid {
            *last = last.or(latest);
        }
        if known.implied {
            known.bids = known.reference_bid.map(|bid| [bid, bid]);
        }
    }
    all
}
