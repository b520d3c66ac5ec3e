//! Finding what is to be told of a day.

use super::{Lesson, Money, Rate, TOLD, What};
use crate::metric::{Metric, Outcome};
use crate::review::{Difference, Effect, Group, Review, Verdict};

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
    // The ends and the bids have lessons of their own; what is not in yet is nobody's fault.
    let told = Effect::ALL
        .into_iter()
        .filter(|effect| !matches!(effect, Effect::Ended | Effect::Bids | Effect::NotInYet));
    told.map(|effect| {
        let difference = group.effects.of(effect);
        let (money, of) = larger(difference);
        let rate = Rate::behind(effect, channel, &group.ran[0]);
        let [planned, due, so_far] =
            group.ran.each_ref().map(|outcome| rate.and_then(|rate| rate.of(outcome)));
        let (values, so_far) = ([planned, due], so_far.filter(|so_far| Some(*so_far) != due));
        let what = What::Effect { channel, effect, difference, rate, values, so_far };
        Lesson { money, of, usual: false, what }
    })
    .collect()
}

fn of_group(group: &Group) -> Lesson {
    let difference = group.effects.settled();
    let (money, of) = larger(difference);
    // The effect that moved the same money most in the same direction.
    let same = |effect: &Effect| {
        let one = group.effects.of(*effect);
        let one = if of == Money::Revenue { one.revenue } else { one.spend };
        one * money.signum()
    };
    let told = Effect::ALL.into_iter().filter(|effect| *effect != Effect::NotInYet);
    let main = told.max_by(|a, b| same(a).total_cmp(&same(b))).unwrap_or(Effect::Volume);
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
    let missed = review.rules.iter().filter(|row| row.verdict == Verdict::Broken);
    missed
        .filter_map(|row| {
            let rule = &row.actual;
            let (value, short) = (row.value()?, row.short?);
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
                so_far: row.due.as_ref().and(rule.value),
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
                values: [row.expected, row.due],
                so_far: Some(row.actual).filter(|so_far| *so_far != row.due),
                p80: row.p80,
            };
            Some(Lesson { money: row.due - row.expected, of, usual: false, what })
        })
        .collect()
}
