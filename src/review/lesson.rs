//! What to take away from the day: findings with the money behind each; what is beyond chance first, then by money.

use serde::Serialize;

use super::{Difference, Effect, End, Group, Key, Review};
use crate::keys::Channel;
use crate::metric::{Metric, Outcome};

/// Findings that are told.
pub const TOLD: usize = 10;

/// What is told, and the money behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lesson {
    /// The money behind it, signed: more (+) or less (−) than planned.
    pub money: f64,
    /// What the money is.
    pub of: Money,
    /// The channel's total lay within the band in which four days in five lie: chance alone may do as much.
    pub usual: bool,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What a lesson's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// Money charged to the shop.
    Spend,
    /// Money taken.
    Revenue,
}

/// A rate or a count that an effect is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// Impressions.
    Impressions,
    /// Clicks.
    Clicks,
    /// Orders.
    Orders,
    /// Clicks ÷ impressions.
    Ctr,
    /// Spend ÷ clicks.
    Cpc,
    /// 1000 × spend ÷ impressions.
    Cpm,
    /// Spend ÷ revenue.
    Commission,
    /// Spend itself: a fee.
    Fee,
    /// Orders ÷ clicks.
    Cvr,
    /// Revenue ÷ orders.
    OrderValue,
}

impl Rate {
    /// Its value for an outcome; nothing over zero.
    pub fn of(self, outcome: &Outcome) -> Option<f64> {
        let ratio = |up: f64, down: f64| (down > 0.0).then(|| up / down);
        match self {
            Rate::Impressions => Some(outcome.impressions),
            Rate::Clicks => Some(outcome.clicks),
            Rate::Orders => Some(outcome.orders),
            Rate::Fee => Some(outcome.spend),
            Rate::Ctr => outcome.ctr(),
            Rate::Cpc => outcome.cpc(),
            Rate::Cpm => outcome.cpm(),
            Rate::Cvr => outcome.cvr(),
            Rate::Commission => ratio(outcome.spend, outcome.revenue),
            Rate::OrderValue => ratio(outcome.revenue, outcome.orders),
        }
    }

    /// What an effect of a channel is told by; nothing where the effect is no rate.
    pub fn behind(effect: Effect, channel: Channel, planned: &Outcome) -> Option<Rate> {
        Some(match effect {
            Effect::Volume if planned.impressions > 0.0 => Rate::Impressions,
            Effect::Volume if planned.clicks > 0.0 => Rate::Clicks,
            Effect::Volume => Rate::Orders,
            Effect::Ctr => Rate::Ctr,
            Effect::Price => match channel {
                Channel::Search => Rate::Cpc,
                Channel::Display => Rate::Cpm,
                Channel::Affiliate => Rate::Commission,
                Channel::GroupBuy => Rate::Fee,
            },
            Effect::Conversion => Rate::Cvr,
            Effect::Value => Rate::OrderValue,
            Effect::Bids | Effect::Unplanned | Effect::NotRun | Effect::Ended => return None,
        })
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum What {
    /// An effect in a channel.
    Effect {
        /// The channel.
        channel: Channel,
        /// The effect.
        effect: Effect,
        /// What it did.
        difference: Difference,
        /// What it is told by.
        rate: Option<Rate>,
        /// The rate as planned and as it was.
        values: [Option<f64>; 2],
    },
    /// A campaign, a unit or a part of the day that differs most.
    Group {
        /// Which.
        #[serde(flatten)]
        key: Key,
        /// The effect behind most of it.
        main: Effect,
        /// What that one did.
        by_main: Difference,
        /// What all did.
        difference: Difference,
    },
    /// Delivery ended before the day.
    Ended(End),
    /// Bids were not the plan's.
    Moves {
        /// Units.
        units: usize,
        /// Unit-hours.
        cells: usize,
        /// Units that kept the bids of before the plan.
        kept_old: usize,
        /// What the other bids explain; nothing where the landscapes say nothing of some.
        explained: Option<Difference>,
        /// What these unit-hours differ by from the plan.
        difference: Difference,
    },
    /// A rule was missed.
    Rule {
        /// Its name with its scope.
        row: String,
        /// What is bounded.
        metric: Metric,
        /// Whether its bounds are shares.
        share: bool,
        /// Its value on the day, and in the plan.
        values: [Option<f64>; 2],
        /// The bound that was missed.
        bound: f64,
    },
    /// Search stood outside its band.
    Positions {
        /// Share of the unit-hours inside.
        share: f64,
        /// Share that the plan promised.
        promised: Option<f64>,
        /// Shares of the impressions above the band, and below it.
        outside: [f64; 2],
    },
    /// A total lay outside the band in which four days in five lie.
    Surprise {
        /// The channel; nothing for the whole plan.
        channel: Option<Channel>,
        /// The metric.
        metric: Metric,
        /// What was expected, and what happened.
        values: [f64; 2],
        /// The band.
        p80: [f64; 2],
    },
}

impl What {
    /// Lessons of one sort are told at most so often; the sort and the number.
    fn most(&self) -> (usize, usize) {
        match self {
            What::Effect { .. } => (0, 5),
            What::Group { key, .. } if key.unit.is_some() => (1, 3),
            What::Group { key, .. } if key.campaign.is_some() => (2, 2),
            What::Group { .. } => (3, 1),
            What::Ended(_) => (4, 3),
            What::Moves { .. } => (5, 1),
            What::Rule { .. } => (6, 3),
            What::Positions { .. } => (7, 1),
            What::Surprise { .. } => (8, 2),
        }
    }
}

/// Less money than this share of the day's larger side is not told.
const TRIFLE: f64 = 1e-3;

/// The findings of a day: those beyond chance first, then by money.
pub fn lessons(review: &Review) -> Vec<Lesson> {
    let mut all = Vec::new();
    for group in &review.channels {
        all.extend(effects(group));
    }
    // The only campaign of a channel is the channel.
    let several =
        |of: &&Group| review.campaigns.iter().filter(|it| it.key.channel == of.key.channel).count() > 1;
    let campaigns = review.campaigns.iter().filter(several);
    all.extend(campaigns.chain(&review.units_summed).chain(&review.phases).map(of_group));
    for lesson in &mut all {
        lesson.usual = usual(review, lesson);
    }
    all.extend(review.ends.iter().map(|end| {
        let what = What::Ended(end.clone());
        Lesson { money: -end.lost.revenue, of: Money::Revenue, usual: false, what }
    }));
    all.extend(moves(review));
    all.extend(rules(review));
    all.extend(positions(review));
    all.extend(surprises(review));
    let size = |outcome: &Outcome| outcome.spend.max(outcome.revenue);
    let trifle = TRIFLE * size(&review.total.planned).max(size(&review.total.actual));
    all.retain(|lesson| lesson.money.abs() > trifle);
    all.sort_by(|a, b| a.usual.cmp(&b.usual).then(b.money.abs().total_cmp(&a.money.abs())));
    let mut told = [0; 9];
    all.retain(|lesson| {
        let (sort, most) = lesson.what.most();
        told[sort] += 1;
        told[sort] <= most
    });
    all.truncate(TOLD);
    all
}

/// Whether the total that a finding is a part of lay where chance puts four days in five.
fn usual(review: &Review, lesson: &Lesson) -> bool {
    let channel = match &lesson.what {
        What::Effect { channel, .. } => Some(*channel),
        What::Group { key, .. } => key.channel,
        _ => return false,
    };
    let metric = match lesson.of {
        Money::Spend => Metric::Spend,
        Money::Revenue => Metric::Revenue,
    };
    let total = review.forecasts.iter().find(|row| row.channel == channel && row.metric == metric);
    total.is_some_and(|row| row.inside[1])
}

/// The larger side of a difference.
fn larger(difference: Difference) -> (f64, Money) {
    match difference.revenue.abs() >= difference.spend.abs() {
        true => (difference.revenue, Money::Revenue),
        false => (difference.spend, Money::Spend),
    }
}

fn effects(group: &Group) -> Vec<Lesson> {
    let Some(channel) = group.key.channel else { return Vec::new() };
    // The ends and the bids have lessons of their own.
    let told = Effect::ALL.into_iter().filter(|effect| !matches!(effect, Effect::Ended | Effect::Bids));
    told.map(|effect| {
        let difference = group.effects.of(effect);
        let (money, of) = larger(difference);
        let rate = Rate::behind(effect, channel, &group.planned);
        let values = [&group.planned, &group.actual].map(|outcome| rate.and_then(|rate| rate.of(outcome)));
        Lesson { money, of, usual: false, what: What::Effect { channel, effect, difference, rate, values } }
    })
    .collect()
}

fn of_group(group: &Group) -> Lesson {
    let difference = group.effects.total();
    let (money, of) = larger(difference);
    // The effect that moved the same money most in the same direction.
    let same = |effect: &Effect| {
        let one = group.effects.of(*effect);
        let one = if of == Money::Revenue { one.revenue } else { one.spend };
        one * money.signum()
    };
    let main = Effect::ALL.into_iter().max_by(|a, b| same(a).total_cmp(&same(b))).unwrap_or(Effect::Volume);
    let what = What::Group { key: group.key.clone(), main, by_main: group.effects.of(main), difference };
    Lesson { money, of, usual: false, what }
}

fn moves(review: &Review) -> Option<Lesson> {
    if review.moves.is_empty() {
        return None;
    }
    let explained = review.moves.iter().map(|it| it.explained).sum::<Option<Difference>>();
    let difference = review.moves.iter().map(|it| it.difference).sum();
    let (money, of) = larger(explained.unwrap_or(difference));
    let what = What::Moves {
        units: review.moves.len(),
        cells: review.moves.iter().map(|it| it.hours.len()).sum(),
        kept_old: review.moves.iter().filter(|it| it.kept_old).count(),
        explained,
        difference,
    };
    Some(Lesson { money, of, usual: false, what })
}

fn rules(review: &Review) -> Vec<Lesson> {
    let missed = review.rules.iter().filter(|row| !row.actual.said_met());
    missed
        .filter_map(|row| {
            let rule = &row.actual;
            let (value, short) = (rule.value?, row.short?);
            let low = rule.min.filter(|min| value < *min);
            // Below a least: money that is missing. Above a most: money that is too much.
            let (bound, money) = (low.or(rule.max)?, if low.is_some() { -short } else { short });
            let of = match rule.metric {
                Metric::Revenue | Metric::Roi | Metric::Profit => Money::Revenue,
                _ => Money::Spend,
            };
            let planned = row.planned.as_ref().and_then(|planned| planned.value);
            let what = What::Rule {
                row: rule.to_string(),
                metric: rule.metric,
                share: rule.share,
                values: [Some(value), planned],
                bound,
            };
            Some(Lesson { money, of, usual: false, what })
        })
        .collect()
}

fn positions(review: &Review) -> Option<Lesson> {
    let held = review.held.first().filter(|held| held.spend_outside > 0.0)?;
    let share = held.share()?;
    let outside = [held.above, held.below].map(|part| part / held.impressions.max(f64::MIN_POSITIVE));
    let what = What::Positions { share, promised: review.promised, outside };
    Some(Lesson { money: held.spend_outside, of: Money::Spend, usual: false, what })
}

fn surprises(review: &Review) -> Vec<Lesson> {
    let outside = review.forecasts.iter().filter(|row| !row.inside[1]);
    outside
        .filter_map(|row| {
            let of = match row.metric {
                Metric::Spend => Money::Spend,
                Metric::Revenue => Money::Revenue,
                _ => return None,
            };
            let what = What::Surprise {
                channel: row.channel,
                metric: row.metric,
                values: [row.expected, row.actual],
                p80: row.p80,
            };
            Some(Lesson { money: row.actual - row.expected, of, usual: false, what })
        })
        .collect()
}
