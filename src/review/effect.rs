//! What made the day differ from the plan: effects that add up to the difference, to the last digit.
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
//! The formulas are in `models/formulation.md`, "Plan against actual".

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::Serialize;

use crate::keys::Channel;
use crate::metric::Outcome;

/// Why spend or revenue differ from the plan, in the order of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(usize)]
pub enum Effect {
    /// Bids other than the plan's, as far as the landscapes tell what they would bring.
    Bids,
    /// Cells that ran though the plan had them off.
    Unplanned,
    /// Cells that the plan ran and nobody did.
    NotRun,
    /// Hours after the delivery of a channel or campaign had ended.
    Ended,
    /// Impressions (clicks or orders, where impressions are not counted).
    Volume,
    /// Clicks per impression.
    Ctr,
    /// Money per click (search), per impression (display), per revenue (affiliate); fees.
    Price,
    /// Orders per click.
    Conversion,
    /// Revenue per order.
    Value,
}

impl Effect {
    /// How many there are.
    pub const COUNT: usize = 9;

    /// All effects, in the order of the chain.
    pub const ALL: [Effect; Effect::COUNT] = [
        Effect::Bids,
        Effect::Unplanned,
        Effect::NotRun,
        Effect::Ended,
        Effect::Volume,
        Effect::Ctr,
        Effect::Price,
        Effect::Conversion,
        Effect::Value,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Bids => "bids",
            Effect::Unplanned => "unplanned",
            Effect::NotRun => "not_run",
            Effect::Ended => "ended",
            Effect::Volume => "volume",
            Effect::Ctr => "ctr",
            Effect::Price => "price",
            Effect::Conversion => "conversion",
            Effect::Value => "value",
        }
    }
}

/// A difference, actual − planned, in the plan's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Difference {
    /// Of spend.
    pub spend: f64,
    /// Of revenue.
    pub revenue: f64,
}

impl Difference {
    /// What it is to the profit at a margin.
    pub fn profit(&self, margin: f64) -> f64 {
        margin * self.revenue - self.spend
    }

    /// The larger of the two, whatever its sign.
    pub fn size(&self) -> f64 {
        self.spend.abs().max(self.revenue.abs())
    }
}

impl From<Outcome> for Difference {
    fn from(outcome: Outcome) -> Self {
        Difference { spend: outcome.spend, revenue: outcome.revenue }
    }
}

impl AddAssign for Difference {
    fn add_assign(&mut self, other: Difference) {
        self.spend += other.spend;
        self.revenue += other.revenue;
    }
}

impl Add for Difference {
    type Output = Difference;

    fn add(mut self, other: Difference) -> Difference {
        self += other;
        self
    }
}

impl Sub for Difference {
    type Output = Difference;

    fn sub(self, other: Difference) -> Difference {
        Difference { spend: self.spend - other.spend, revenue: self.revenue - other.revenue }
    }
}

impl Sum for Difference {
    fn sum<I: Iterator<Item = Difference>>(differences: I) -> Difference {
        differences.fold(Difference::default(), Add::add)
    }
}

/// The effects of a cell or of many, in the order of [`Effect::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Effects(pub [Difference; Effect::COUNT]);

impl Effects {
    /// One of them.
    pub fn of(&self, effect: Effect) -> Difference {
        self.0[effect as usize]
    }

    /// All of them together: actual − planned.
    pub fn total(&self) -> Difference {
        self.0.iter().copied().sum()
    }

    fn add(&mut self, effect: Effect, difference: Difference) {
        self.0[effect as usize] += difference;
    }
}

impl AddAssign for Effects {
    fn add_assign(&mut self, other: Effects) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }
}

impl Sum for Effects {
    fn sum<I: Iterator<Item = Effects>>(effects: I) -> Effects {
        effects.fold(Effects::default(), |mut sum, more| {
            sum += more;
            sum
        })
    }
}

impl Serialize for Effects {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Effect::ALL.iter().map(|effect| (effect.name(), self.of(*effect))))
    }
}

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
        // Where nothing is counted but the money itself, the money is the volume.
        let last = if first { Effect::Volume } else { Effect::Value };
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
    /// What it brought; nothing where nobody ran it.
    pub actual: Option<Outcome>,
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
