//! How a cell's difference is split into effects that add up to it, to the last digit.
//!
//! The method is the chain of substitutions (连环替代法), which management accounting calls the analysis of
//! variances: the volume at the planned rates, then each rate at the volume that really came (Horngren, Datar &
//! Rajan, *Cost Accounting*, flexible budgets and variances). Written in sums it divides by nothing but what was
//! planned, which is above zero wherever a cell runs. So an hour without a click or an order needs no rule of its own.
//!
//! The logarithmic mean Divisia index (Ang 2005, *Energy Policy* 33, 867–871) adds up exactly too and needs no
//! order of the factors, but it takes logarithms of what happened. Here most cells have no order at all. With the
//! zeros replaced as Ang & Liu (2007, *Energy Policy* 35, 238–246) say, such a cell lays all it lacks on the
//! conversion and nothing on its volume, so its luck would move money between the causes. The chain is linear in what
//! happened: its effects, summed over cells, are right on average however thin the cells are.
//! What is still to come is part of what happened: the chain goes to what the day will have brought, and one more effect
//! goes back from there to the report. The formulas are in `models/formulation.md`, "Plan against actual".

use super::{Difference, Effect, Effects};
use crate::keys::Channel;
use crate::metric::Outcome;

/// What money answers to in a channel, and which of its sums can be counted in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Whether impressions, clicks and orders are counted on both sides.
    counted: [bool; 3],
    /// What is paid for.
    pay: Pay,
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pay {
    /// Impressions.
    Impressions,
    /// Clicks.
    Clicks,
    /// Revenue.
    Revenue,
    /// The slot as such.
    Fee,
}

impl Pay {
    /// What a channel's money is paid for; a slot with a commission pays for revenue.
    pub fn of(channel: Channel, fixed_fee: bool) -> Pay {
        match channel {
            Channel::Search => Pay::Clicks,
            Channel::Display => Pay::Impressions,
            Channel::Affiliate => Pay::Revenue,
            Channel::GroupBuy if fixed_fee => Pay::Fee,
            Channel::GroupBuy => Pay::Revenue,
        }
    }
}

impl Terms {
    /// Of a channel that planned and brought these sums: a sum that one side does not hold at all is not counted in.
    pub fn new(pay: Pay, planned: &Outcome, actual: &Outcome) -> Terms {
        let held = |of: fn(&Outcome) -> f64| of(planned) > 0.0 && of(actual) > 0.0;
        Terms { counted: [held(|it| it.impressions), held(|it| it.clicks), held(|it| it.orders)], pay }
    }

    /// The first sum that is counted: what volume is counted in.
    fn volume(&self, outcome: &Outcome) -> Option<f64> {
        let sums = [outcome.impressions, outcome.clicks, outcome.orders];
        sums.into_iter().zip(self.counted).find(|(_, counted)| *counted).map(|(sum, _)| sum)
    }

    /// What made a cell's money go from `from` to `to`; all of it is in volume, CTR, price, conversion and value.
    pub fn chain(&self, from: &Outcome, to: &Outcome, effects: &mut Effects) {
        let links = [(from.impressions, to.impressions), (from.clicks, to.clicks), (from.orders, to.orders)];
        // The money if all rates after the link stayed as they were.
        let mut at = Difference::from(*from);
        let mut first = true;
        for (link, (before, after)) in links.into_iter().enumerate() {
            if !self.counted[link] || before <= 0.0 {
                continue;
            }
            let ratio = after / before;
            let paid = match self.pay {
                Pay::Impressions => link == 0 || first,
                Pay::Clicks => link <= 1 || first,
                Pay::Revenue => true,
                Pay::Fee => false,
            };
            let next = Difference {
                spend: if paid { from.spend * ratio } else { at.spend },
                revenue: from.revenue * ratio,
            };
            let effect = match link {
                _ if first => Effect::Volume,
                1 => Effect::Ctr,
                _ => Effect::Conversion,
            };
            effects.add(effect, next - at);
            (at, first) = (next, false);
        }
        // Where nothing is counted but the money itself, the money is the volume; where orders are not counted, what
        // a click brings is its conversion.
        let last = match self.counted[2] {
            _ if first => Effect::Volume,
            true => Effect::Value,
            false => Effect::Conversion,
        };
        let due = match self.pay == Pay::Revenue && from.revenue > 0.0 {
            true => from.spend * to.revenue / from.revenue,
            false => at.spend,
        };
        effects.add(last, Difference { spend: due, revenue: to.revenue } - at);
        effects.add(Effect::Price, Difference { spend: to.spend - due, revenue: 0.0 });
    }
}

/// What a cell was to be and what it was.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cause {
    /// What the plan expects; nothing where it has the cell off.
    pub planned: Option<Outcome>,
    /// What it brought so far; nothing where nobody ran it.
    pub actual: Option<Outcome>,
    /// What is still to come of it.
    pub late: Outcome,
    /// What the landscapes expect of the bid that was really set, where that is not the plan's.
    pub expected: Option<Outcome>,
    /// Delivery had ended before.
    pub ended: bool,
}

/// Impressions of which hardly an hour sees none by chance: e⁻³ is 5 %.
const SEEN: f64 = 3.0;

impl Cause {
    /// The effects of the cell. They add up to actual − planned.
    pub fn effects(&self, terms: &Terms) -> Effects {
        let mut effects = Effects::default();
        // Some reports list hours in which nothing happened.
        let actual = self.actual.filter(|actual| !self.ended || *actual != Outcome::default());
        let actual = actual.map(|actual| actual + self.late);
        if actual.is_some() {
            effects.add(Effect::NotInYet, Difference::default() - self.late.into());
        }
        match (self.planned, actual) {
            (Some(planned), None) => {
                let effect = match self.ended {
                    true => Effect::Ended,
                    // Others leave out hours in which nobody was looking.
                    false if terms.volume(&planned).is_some_and(|volume| volume < SEEN) => Effect::Volume,
                    false => Effect::NotRun,
                };
                effects.add(effect, Difference::default() - planned.into());
            }
            (Some(planned), Some(actual)) => {
                let from = self.expected.unwrap_or(planned);
                effects.add(Effect::Bids, Difference::from(from) - planned.into());
                terms.chain(&from, &actual, &mut effects);
            }
            (None, Some(actual)) => {
                let from = self.expected.unwrap_or(actual);
                effects.add(Effect::Unplanned, from.into());
                terms.chain(&from, &actual, &mut effects);
            }
            (None, None) => {}
        }
        effects
    }
}

#[cfg(test)]
mod tests;
