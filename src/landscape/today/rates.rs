//! The rates of a cell that is over, each beside what was to be expected given the one before it.

use super::super::model::{ChannelModel, RevenueBy, Volume};
use super::super::position::odds;
use super::super::spread::{CTR, CVR, PRICE, VALUE, VOLUME};
use super::super::{Effects, Forecast, Landscapes, stages};
use super::{Arrived, Late, POSITION};
use crate::keys::{Cell, Channel};
use crate::metric::Outcome;

/// What a cell brought.
#[derive(Debug, Clone, Copy)]
pub struct Happened {
    /// Unit and hour.
    pub cell: Cell,
    /// Its bid; of a slot its commission, 0 where the fee is all it costs.
    pub bid: f64,
    /// As the report has it.
    pub outcome: Outcome,
}

/// One rate of a cell: what was seen, and what was to be expected of it.
pub(in super::super) struct Seen {
    pub unit: u32,
    pub seen: f64,
    pub expected: f64,
}

/// One rate of a cell beside what was to be expected; nothing where it was not seen.
pub(in super::super) fn compare(
    forecast: &Forecast<'_>,
    cell: &Happened,
    level: usize,
    share: f64,
) -> Option<Seen> {
    let Cell { unit, hour } = cell.cell;
    let (model, _) = forecast.landscapes.model(unit);
    let (was, is) = (forecast.expected(unit, hour, cell.bid), &cell.outcome);
    let per = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
    let slot = model.channel == Channel::GroupBuy;
    let (seen, expected) = match level {
        POSITION => {
            model.position.as_ref()?;
            let beyond = is.position()? - 1.0;
            let expected = odds(forecast.position(unit, hour, cell.bid)? - 1.0, model.crowding);
            // The amounts by which positions are fitted: Σ (n − c·y) · odds = Σ y.
            let left = (1.0 - model.crowding * beyond).max(0.02);
            (beyond * is.position_weight, expected * left * is.position_weight)
        }
        VOLUME => match model.unit_of_volume {
            Volume::Impressions => (is.impressions, was.impressions),
            Volume::Clicks => (is.clicks, was.clicks),
            Volume::Orders => (is.orders, was.orders * share),
        },
        CTR if model.unit_of_volume == Volume::Impressions => {
            (is.clicks, is.impressions * per(was.clicks, was.impressions))
        }
        PRICE if !slot => match model.channel {
            Channel::Search => (is.spend, is.clicks * per(was.spend, was.clicks)),
            Channel::Display => (is.spend, is.impressions * per(was.spend, was.impressions)),
            // A commission is agreed on.
            Channel::Affiliate | Channel::GroupBuy => return None,
        },
        CVR if model.unit_of_volume != Volume::Orders => {
            (is.orders, is.clicks * forecast.cvr(unit, hour) * share)
        }
        VALUE => match model.revenue_by {
            RevenueBy::Orders => (is.revenue, is.orders * forecast.value(unit, hour)),
            RevenueBy::Clicks => {
                (is.revenue, is.clicks * forecast.value(unit, hour) * forecast.uplift.cvr * share)
            }
        },
        _ => return None,
    };
    (expected > 0.0).then_some(Seen { unit, seen, expected })
}

/// The effects of a level.
pub(in super::super) fn effects(model: &ChannelModel, level: usize) -> Option<&Effects> {
    if level == POSITION { model.position.as_ref() } else { stages(model)[level] }
}

impl Landscapes {
    /// The orders of a cell that are still to come, and what follows from them. The commission of a slot is not
    /// bounded by what its whole fee may be: that is the day's, not the cell's.
    pub fn late(&self, forecast: &Forecast<'_>, happened: &Happened, now: u8, arrived: Arrived) -> Late {
        let Cell { unit, hour } = happened.cell;
        let (model, _) = self.model(unit);
        let level = |level: usize| self.today.as_ref().map_or(1.0, |today| today.now(unit, level));
        let missing = 1.0 - arrived.by(model.channel, hour, now);
        let value = forecast.value(unit, hour) * level(VALUE);
        let clicks = happened.outcome.clicks * missing;
        let (orders, revenue) = match (model.unit_of_volume, model.revenue_by) {
            // Nothing is known of who clicked: as many more as have come.
            (Volume::Orders, _) => {
                let more = missing / (1.0 - missing).max(0.05);
                (happened.outcome.orders * more, happened.outcome.revenue * more)
            }
            (_, RevenueBy::Orders) => {
                let orders = clicks * forecast.cvr(unit, hour) * level(CVR);
                (orders, orders * value)
            }
            (_, RevenueBy::Clicks) => {
                (clicks * forecast.cvr(unit, hour) * level(CVR), clicks * value * forecast.uplift.cvr)
            }
        };
        let rate = match model.channel {
            Channel::Affiliate => happened.bid * model.paid + forecast.service_fee,
            Channel::GroupBuy => happened.bid,
            Channel::Search | Channel::Display => 0.0,
        };
        Late { orders, revenue, spend: revenue * rate, ..Outcome::default() }
    }
}
