//! Landscapes on a given day: what a bid is expected to bring in one cell.

use jiff::civil::Date;

use super::channel::MIDDLE;
use super::model::{ChannelModel, RevenueBy, Volume};
use super::occasion::{Hours, NORMAL};
use super::position::beyond;
use super::spread::{CTR, CVR, PRICE, VALUE, VOLUME};
use super::today::{POSITION, Today};
use super::{Landscapes, chance};
use crate::calendar::{HOURS, day_number, weekday};
use crate::config::{PlanFile, Slot, Uplift};
use crate::keys::Channel;
use crate::metric::Outcome;

/// Less than this, as ln, is nothing to speak of in what a slot makes of other traffic.
const TELLING: f64 = 1e-4;

/// The landscapes, looked at on one date.
#[derive(Clone)]
pub struct Forecast<'a> {
    pub(super) landscapes: &'a Landscapes,
    pub(super) weekday: usize,
    pub(super) uplift: &'a Uplift,
    /// What past events tell of each hour.
    pub(super) occasion: Hours<'a>,
    pub(super) service_fee: f64,
    /// What the day itself has shown, when it is under way.
    pub(super) today: Option<&'a Today>,
    /// Slots that are taken to run.
    pub(super) slots: Vec<u32>,
    /// What they make of other traffic, by channel and hour.
    pub(super) lift: [[f64; HOURS]; Channel::ALL.len()],
}

impl Landscapes {
    /// The landscapes on a date, under the plan file's fees and what past events of its kind tell, else its uplift. Slots on offer that lift other traffic are
    /// taken to run (see [`Forecast::beside`]); on a day under way, those that do.
    pub fn on<'a>(&'a self, date: Date, file: &'a PlanFile) -> Forecast<'a> {
        let day = date.to_string();
        let on_offer = |unit: &u32| {
            let key = &self.units[*unit as usize];
            file.group_buy.slot.iter().any(|slot| slot.is(key))
                && file.limits(key, &day).iter().all(|limits| limits.run)
        };
        let slots = match &self.today {
            Some(today) => today.slots.clone(),
            None => self.slots().filter(on_offer).filter(|slot| self.halo(*slot) >= 0.0).collect(),
        };
        let occasion = self.occasions_on(date, &file.events);
        let known = occasion.iter().any(Option::is_some);
        let forecast = Forecast {
            landscapes: self,
            weekday: weekday(day_number(date)),
            uplift: if known { &NORMAL } else { &file.uplift },
            occasion,
            service_fee: file.affiliate.service_fee,
            today: self.today.as_ref(),
            slots: Vec::new(),
            lift: [[1.0; HOURS]; Channel::ALL.len()],
        };
        forecast.beside(slots)
    }

    /// What an hour of a slot's run brings over its mean open hour; 0 where it is closed.
    fn presence(&self, unit: u32, hour: u8) -> f64 {
        let (model, at) = self.model(unit);
        model.presence.get(at * HOURS + usize::from(hour)).copied().unwrap_or(0.0)
    }

    /// What a slot makes of the shop's other traffic while it is open, as ln: the most of the channels, either way; 0
    /// where that is nothing to speak of.
    pub fn halo(&self, slot: u32) -> f64 {
        if self.units[slot as usize].channel != Channel::GroupBuy {
            return 0.0;
        }
        let at = self.place[slot as usize][1] as usize;
        let more = self.models.iter().filter_map(|model| model.halo.get(at).copied());
        let most = more.fold(0.0, |most: f64, more| if more.abs() > most.abs() { more } else { most });
        if most.abs() > TELLING { most } else { 0.0 }
    }

    /// The units that are slots.
    fn slots(&self) -> impl Iterator<Item = u32> {
        let all = 0..self.units.len() as u32;
        all.filter(|unit| self.units[*unit as usize].channel == Channel::GroupBuy)
    }
}

impl<'a> Forecast<'a> {
    /// What it is a forecast of.
    pub fn landscapes(&self) -> &'a Landscapes {
        self.landscapes
    }

    /// The same beside other slots: while one runs, the shop's other traffic rises.
    pub fn beside(mut self, slots: Vec<u32>) -> Self {
        let landscapes = self.landscapes;
        for model in &landscapes.models {
            let more = |slot: &u32| model.halo.get(landscapes.place[*slot as usize][1] as usize).copied();
            for (hour, lift) in self.lift[model.channel as usize].iter_mut().enumerate() {
                let open = slots.iter().filter(|slot| landscapes.presence(**slot, hour as u8) > 0.0);
                *lift = open.filter_map(more).sum::<f64>().exp();
            }
        }
        self.slots = slots;
        self
    }

    /// Whether other slots than those that are taken to run would make anything else of the shop's traffic.
    pub fn minds(&self, slots: &[u32]) -> bool {
        let changed = |slot: &u32| slots.contains(slot) != self.slots.contains(slot);
        self.landscapes.slots().filter(changed).any(|slot| self.landscapes.halo(slot) != 0.0)
    }

    /// The slots that are taken to run, by unit.
    pub fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// Expected outcome of a unit in an hour at a bid (CPC, CPM or commission fraction).
    /// Group-buy slots have no bid: see [`Forecast::slot`].
    pub fn outcome(&self, unit: u32, hour: u8, bid: f64) -> Outcome {
        let (model, at) = self.landscapes.model(unit);
        let odds = self.odds(unit, hour, bid);
        let position = odds.map(|odds| 1.0 + beyond(odds, model.crowding));
        // What volume and CTR answer to.
        let better = match position {
            Some(position) => MIDDLE / position,
            None => model.ratio(at, hour, bid / self.uplift.price),
        };
        let mut outcome = self.sales(unit, hour, better);
        let ratio = self.rate(&model.price, model, at, hour)
            * self.level(unit, PRICE, hour)
            * respond(&model.price, at, (bid / self.uplift.price).ln())
            * odds.map_or(1.0, |odds| model.gaps.share(odds));
        outcome.spend = match model.channel {
            Channel::Search => outcome.clicks * bid * ratio.min(1.0),
            Channel::Display => outcome.impressions * bid / 1000.0 * ratio.min(1.0),
            Channel::Affiliate => outcome.revenue * (bid * model.paid + self.service_fee),
            Channel::GroupBuy => 0.0,
        };
        if let Some(position) = position {
            outcome.position_sum = position * outcome.impressions;
            outcome.position_weight = outcome.impressions;
        }
        outcome
    }

    /// Predicted mean position at a bid; nothing where the history holds no positions.
    pub fn position(&self, unit: u32, hour: u8, bid: f64) -> Option<f64> {
        let (model, _) = self.landscapes.model(unit);
        self.odds(unit, hour, bid).map(|odds| 1.0 + beyond(odds, model.crowding))
    }

    /// Odds of standing behind a rival at a bid; nothing where the history holds no positions.
    fn odds(&self, unit: u32, hour: u8, bid: f64) -> Option<f64> {
        let (model, at) = self.landscapes.model(unit);
        let effects = model.position.as_ref()?;
        let answer = respond(effects, at, (bid / self.uplift.price).ln());
        Some(self.rate(effects, model, at, hour) * self.level(unit, POSITION, hour) * answer)
    }

    /// Chance that the mean position of the cell's day lies in a band; nothing where the history holds no
    /// positions.
    pub fn held(&self, unit: u32, hour: u8, bid: f64, band: [f64; 2]) -> Option<f64> {
        let (model, _) = self.landscapes.model(unit);
        let noise = model.position.as_ref()?.noise;
        let position = self.position(unit, hour, bid)?;
        let impressions = match model.unit_of_volume {
            Volume::Impressions => self.volume(unit, hour, MIDDLE / position),
            Volume::Clicks | Volume::Orders => 1.0,
        };
        Some(chance::within(band, position - 1.0, impressions, noise))
    }

    /// Expected outcome of a group-buy slot by hour: the mean of its past runs, and the fee of the plan
    /// file spread over the hours by revenue.
    pub fn slot(&self, unit: u32, slot: &Slot) -> Vec<Outcome> {
        let mut hours: Vec<Outcome> = (0..HOURS as u8).map(|hour| self.slot_hour(unit, hour)).collect();
        let revenue: f64 = hours.iter().map(|outcome| outcome.revenue).sum();
        let fee = slot.fee(revenue);
        for outcome in &mut hours {
            outcome.spend = if revenue > 0.0 { fee * outcome.revenue / revenue } else { fee / HOURS as f64 };
        }
        hours
    }

    /// What a group-buy slot sells in an hour in which it runs, its fee aside.
    pub fn slot_hour(&self, unit: u32, hour: u8) -> Outcome {
        self.sales(unit, hour, f64::NAN) * self.landscapes.presence(unit, hour)
    }

    /// What is expected of a cell at a bid, slots included; a slot's fee is not in it.
    pub(super) fn expected(&self, unit: u32, hour: u8, bid: f64) -> Outcome {
        match self.landscapes.model(unit).0.channel {
            Channel::GroupBuy => self.slot_hour(unit, hour),
            _ => self.outcome(unit, hour, bid),
        }
    }

    /// Volume and everything that follows from it, without spend.
    fn sales(&self, unit: u32, hour: u8, better: f64) -> Outcome {
        let (model, at) = self.landscapes.model(unit);
        let volume = self.volume(unit, hour, better);
        let (cvr, value) = (self.cvr(unit, hour), self.value(unit, hour));
        let (impressions, clicks, orders) = match model.unit_of_volume {
            Volume::Impressions => {
                let ctr = self.rate(&model.ctr, model, at, hour)
                    * self.level(unit, CTR, hour)
                    * match model.channel {
                        Channel::Display => fresh(model, at, model.saturation.appeal(better)),
                        _ => respond(&model.ctr, at, model.ctr_saturation.appeal(better)),
                    };
                let clicks = volume * ctr.min(1.0);
                (volume, clicks, clicks * cvr)
            }
            Volume::Clicks => (0.0, volume, volume * cvr),
            Volume::Orders => (0.0, 0.0, volume * self.uplift.cvr),
        };
        let revenue = match model.revenue_by {
            RevenueBy::Orders => orders * value,
            RevenueBy::Clicks => clicks * value * self.uplift.cvr,
        };
        Outcome { impressions, clicks, orders, revenue, ..Outcome::default() }
    }

    fn volume(&self, unit: u32, hour: u8, better: f64) -> f64 {
        let (model, at) = self.landscapes.model(unit);
        let feature = model.saturation.appeal(better);
        self.rate(&model.volume, model, at, hour)
            * self.level(unit, VOLUME, hour)
            * respond(&model.volume, at, feature)
            * self.uplift.demand
            * self.lift[model.channel as usize][usize::from(hour)]
    }

    /// Orders per click in a cell.
    pub(super) fn cvr(&self, unit: u32, hour: u8) -> f64 {
        let (model, at) = self.landscapes.model(unit);
        let rate = self.rate(&model.cvr, model, at, hour) * self.level(unit, CVR, hour);
        (rate * self.uplift.cvr).max(0.0)
    }

    /// Revenue per order, or per click where orders are not told.
    pub(super) fn value(&self, unit: u32, hour: u8) -> f64 {
        let (model, at) = self.landscapes.model(unit);
        self.rate(&model.value, model, at, hour) * self.level(unit, VALUE, hour)
    }

    /// What the day's event makes of a rate, and what the day has shown of it; 1 before a normal day begins.
    fn level(&self, unit: u32, level: usize, hour: u8) -> f64 {
        let today = self.today.map_or(1.0, |today| today.level(unit, level, hour));
        self.of_occasion(unit, level, hour) * today
    }

    fn rate(&self, effects: &super::pooling::Effects, model: &ChannelModel, at: usize, hour: u8) -> f64 {
        effects.rate(at, model.campaign[at] as usize, usize::from(hour), self.weekday)
    }
}

/// How much more often those click who are shown a display advertisement less often than usual, or less where more
/// often: `1 ÷ (1 + F)`, F being how often they are shown it, in a unit that the slope of CTR tells.
fn fresh(model: &ChannelModel, unit: usize, x: f64) -> f64 {
    let shown = model.volume.response(unit, x) / model.ctr.reference[unit].exp();
    // F ÷ (1 + F) at what is usual.
    let weary = (-model.ctr.slope[unit]).clamp(0.0, 1.0);
    let more = 1.0 / (1.0 - weary + weary * shown);
    if more.is_finite() { more } else { 1.0 }
}

/// The response to a feature; 1 where either the feature or its reference is unknown.
fn respond(effects: &super::pooling::Effects, unit: usize, x: f64) -> f64 {
    let response = effects.response(unit, x);
    if response.is_finite() { response } else { 1.0 }
}
