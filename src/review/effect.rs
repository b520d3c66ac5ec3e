//! What made the day differ from the plan, told by causes: effects that add up to the difference.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use serde::Serialize;

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
    /// Orders that are still to come: what the report lacks of what the day will have brought.
    NotInYet,
}

impl Effect {
    /// How many there are.
    pub const COUNT: usize = 10;

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
        Effect::NotInYet,
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
            Effect::NotInYet => "not_in_yet",
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

    /// What the day will differ by from the plan when all orders are in: all effects but those that are not in yet.
    pub fn settled(&self) -> Difference {
        self.total() - self.of(Effect::NotInYet)
    }

    /// Adds to one of them.
    pub fn add(&mut self, effect: Effect, difference: Difference) {
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
