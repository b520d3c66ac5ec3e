//! The review's findings in words.

use crate::keys::Channel;
use crate::metric::Metric;
use crate::report::lang::{self, Lang, Word, review as words};
use crate::report::{number, reason};
use crate::review::{Difference, Effect, Key, Lesson, Money, Rate, What};

/// An effect's name.
pub fn effect(effect: Effect) -> Word {
    match effect {
        Effect::Bids => words::EFFECT_BIDS,
        Effect::Unplanned => words::EFFECT_UNPLANNED,
        Effect::NotRun => words::EFFECT_NOT_RUN,
        Effect::Ended => words::EFFECT_ENDED,
        Effect::Volume => words::EFFECT_VOLUME,
        Effect::Ctr => words::EFFECT_CTR,
        Effect::Price => words::EFFECT_PRICE,
        Effect::Conversion => words::EFFECT_CONVERSION,
        Effect::Value => words::EFFECT_VALUE,
        Effect::NotInYet => words::EFFECT_NOT_IN_YET,
    }
}

/// What a lesson's money is.
pub fn of(money: Money) -> Word {
    match money {
        Money::Spend => words::OF_SPEND,
        Money::Revenue => words::OF_REVENUE,
    }
}

/// Money with its sign.
pub fn signed(money: f64) -> String {
    let text = number::sum(money);
    let zero = !text.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0');
    if money > 0.0 && !zero { format!("+{text}") } else { text }
}

/// A group's name: what it is told by, from the whole to the part.
pub fn name(key: &Key, lang: Lang) -> String {
    let hour = key.hour.map(|hour| format!("{hour}:00"));
    let parts = [
        key.channel.map(|channel| reason::channel(channel).in_(lang).to_owned()),
        key.campaign.clone(),
        key.unit.clone(),
        key.product.clone(),
        key.phase.clone(),
        hour,
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" / ");
    if text.is_empty() { lang::TOTAL.in_(lang).to_owned() } else { text }
}

/// A channel, or the whole plan.
pub fn channel(channel: Option<Channel>, lang: Lang) -> &'static str {
    channel.map_or(lang::TOTAL, reason::channel).in_(lang)
}

/// A finding in a sentence or two.
pub fn sentence(lesson: &Lesson, lang: Lang) -> String {
    let said = happened(lesson, lang);
    match (lesson.usual, lang) {
        (true, Lang::En) => format!("{said} {}", words::USUAL.in_(lang)),
        (true, Lang::Zh) => said + words::USUAL.in_(lang),
        (false, _) => said,
    }
}

fn happened(lesson: &Lesson, lang: Lang) -> String {
    let percent = |share: f64| number::percent(share, 0);
    match &lesson.what {
        What::Effect { channel, effect: of, difference, rate, values, so_far } => {
            let head = reason::channel(*channel).in_(lang);
            let advice = advice(*of, *difference).in_(lang);
            match rate {
                None => words::LESSON_EFFECT_BARE.with(lang, &[head, effect(*of).in_(lang), advice]),
                Some(rate) => {
                    let [planned, actual] = values.map(|value| self::rate(*rate, value));
                    let name = rate_name(*rate).in_(lang);
                    match so_far {
                        None => words::LESSON_EFFECT.with(lang, &[head, name, &actual, &planned, advice]),
                        Some(so_far) => {
                            let so_far = self::rate(*rate, Some(*so_far));
                            let all = [head, name, &so_far, &actual, &planned, advice];
                            words::LESSON_EFFECT_SO_FAR.with(lang, &all)
                        }
                    }
                }
            }
        }
        What::Group { key, main, by_main, difference } => {
            let main_money = if lesson.of == Money::Revenue { by_main.revenue } else { by_main.spend };
            words::LESSON_GROUP.with(
                lang,
                &[
                    &name(key, lang),
                    &signed(difference.spend),
                    &signed(difference.revenue),
                    effect(*main).in_(lang),
                    &signed(main_money),
                ],
            )
        }
        What::Ended(end) => words::LESSON_ENDED.with(
            lang,
            &[
                &name(&end.key, lang),
                &end.hour.to_string(),
                &number::sum(end.spent),
                &number::sum(end.lost.revenue),
                &number::sum(end.lost.spend),
            ],
        ),
        What::Moves { units, cells, kept_old, explained, difference } => {
            let (word, it) = match explained {
                Some(explained) => (words::LESSON_MOVES_EXPLAINED, explained),
                None => (words::LESSON_MOVES_UNKNOWN, difference),
            };
            let rest = word.with(lang, &[&signed(it.spend), &signed(it.revenue)]);
            let counts = [cells, units, kept_old].map(ToString::to_string);
            words::LESSON_MOVES.with(lang, &[&counts[0], &counts[1], &counts[2], &rest])
        }
        What::Rule { row, metric, share, values, so_far, bound } => {
            let shown = |value: f64| number::metric(*metric, *share, value);
            let [actual, planned] = values.map(|value| number::or_nothing(value, shown));
            let name = reason::bounded(*metric, *share, lang);
            let bound = shown(*bound);
            match so_far {
                None => words::LESSON_RULE.with(lang, &[row, &name, &actual, &bound, &planned]),
                Some(so_far) => words::LESSON_RULE_SO_FAR
                    .with(lang, &[row, &name, &shown(*so_far), &actual, &bound, &planned]),
            }
        }
        What::Positions { share, promised, outside } => words::LESSON_POSITIONS.with(
            lang,
            &[
                &percent(*share),
                &number::or_nothing(*promised, percent),
                &percent(outside[0]),
                &percent(outside[1]),
            ],
        ),
        What::Surprise { channel, metric, values, so_far, p80 } => {
            let name = reason::metric(*metric).in_(lang);
            let name = if lang == Lang::En { name.to_lowercase() } else { name.to_owned() };
            let head = self::channel(*channel, lang);
            let sums = [values[1], values[0], p80[0], p80[1]].map(number::sum);
            let [actual, expected, low, high] = &sums;
            match so_far.map(number::sum) {
                None => words::LESSON_SURPRISE.with(lang, &[head, &name, actual, expected, low, high]),
                Some(so_far) => words::LESSON_SURPRISE_SO_FAR
                    .with(lang, &[head, &name, &so_far, actual, expected, low, high]),
            }
        }
    }
}

fn rate_name(rate: Rate) -> Word {
    match rate {
        Rate::Impressions => lang::IMPRESSIONS,
        Rate::Clicks => lang::CLICKS,
        Rate::Orders => lang::ORDERS,
        Rate::Ctr => lang::CTR,
        Rate::Cpc => lang::CPC,
        Rate::Cpm => lang::CPM,
        Rate::Commission => words::COMMISSION,
        Rate::Fee => words::FEE,
        Rate::Cvr => lang::CVR,
        Rate::OrderValue => words::EFFECT_VALUE,
    }
}

fn rate(rate: Rate, value: Option<f64>) -> String {
    let shown = |value| match rate {
        Rate::Impressions => number::metric(Metric::Impressions, false, value),
        Rate::Clicks => number::metric(Metric::Clicks, false, value),
        Rate::Orders => number::metric(Metric::Orders, false, value),
        Rate::Ctr | Rate::Cvr => number::percent(value, 2),
        Rate::Commission => number::percent(value, 1),
        Rate::Cpc | Rate::Cpm => number::fixed(value, 2),
        Rate::Fee | Rate::OrderValue => number::sum(value),
    };
    number::or_nothing(value, shown)
}

/// What to make of an effect.
fn advice(effect: Effect, difference: Difference) -> Word {
    let more = difference.revenue + difference.spend > 0.0;
    match (effect, more) {
        (Effect::Volume, true) => words::MORE_VOLUME,
        (Effect::Volume, false) => words::LESS_VOLUME,
        (Effect::Ctr, true) => words::MORE_CTR,
        (Effect::Ctr, false) => words::LESS_CTR,
        (Effect::Price, true) => words::MORE_PRICE,
        (Effect::Price, false) => words::LESS_PRICE,
        (Effect::Conversion, true) => words::MORE_CONVERSION,
        (Effect::Conversion, false) => words::LESS_CONVERSION,
        (Effect::Value, true) => words::MORE_VALUE,
        (Effect::Value, false) => words::LESS_VALUE,
        (Effect::Unplanned | Effect::Bids, _) => words::RAN_UNPLANNED,
        (Effect::NotRun | Effect::Ended, _) => words::NOT_RUN,
        (Effect::NotInYet, _) => words::STILL_COMING,
    }
}
