//! The tables of a review's page.

use minijinja::context;
use minijinja::value::Value;

use super::lesson::{channel, name, of, sentence, signed};
use crate::calendar::HOURS;
use crate::keys::Channel;
use crate::metric::{Metric, Outcome};
use crate::report::lang::{Lang, Word, review as words};
use crate::report::{change as spans, number, reason};
use crate::review::{Effect, Group, HALF_A_FEN, Review, Verdict};

/// Rows of a table of campaigns or units.
const MOST: usize = 20;

/// The groups with the largest difference.
pub fn largest(groups: &[Group]) -> Vec<&Group> {
    let mut largest: Vec<&Group> = groups.iter().collect();
    largest.sort_by(|a, b| b.effects.settled().size().total_cmp(&a.effects.settled().size()));
    largest.truncate(MOST);
    largest
}

pub fn tiles(review: &Review, lang: Lang) -> Value {
    let metrics =
        [Metric::Spend, Metric::Revenue, Metric::Roi, Metric::Profit, Metric::Orders, Metric::Clicks];
    let tile = |metric: Metric| {
        let Group { planned, actual, .. } = &review.total;
        let values = [planned, &review.total.due(), actual].map(|it| metric.of(it, review.margin));
        let [planned, due, actual] =
            values.map(|value| number::or_nothing(value, |value| number::metric(metric, false, value)));
        let change = match values {
            [Some(planned), Some(due), _] if planned != 0.0 => {
                number::change((due - planned) / planned.abs())
            }
            _ => number::NOTHING.into(),
        };
        let so_far = (values[1] != values[2]).then_some(actual);
        context! { name => reason::metric(metric).in_(lang), planned, due, so_far, change }
    };
    metrics.into_iter().map(tile).collect()
}

pub fn lessons(review: &Review, lang: Lang) -> Value {
    let row = |lesson: &crate::review::Lesson| {
        let crate::review::Lesson { money, of: kind, .. } = lesson;
        context! {
            sentence => sentence(lesson, lang),
            money => signed(*money),
            of => of(*kind).in_(lang),
            less => *money < 0.0,
        }
    };
    review.lessons.iter().map(row).collect()
}

/// A line a group: both sides, and effects on revenue with those on spend below.
pub fn groups<'g>(groups: impl IntoIterator<Item = &'g Group>, effects: &[Effect], lang: Lang) -> Value {
    let row = |group: &Group| {
        let roi = |outcome: &Outcome| number::or_nothing(outcome.roi(), |roi| number::fixed(roi, 2));
        let effects = effects.iter().map(|effect| {
            let it = group.effects.of(*effect);
            let shown = |money: f64| if money.abs() < HALF_A_FEN { String::new() } else { signed(money) };
            // What is not in yet is no loss.
            let less = it.revenue < 0.0 && *effect != Effect::NotInYet;
            context! { revenue => shown(it.revenue), spend => shown(it.spend), less }
        });
        let difference = group.effects.total();
        context! {
            name => name(&group.key, lang),
            spend => [number::sum(group.planned.spend), number::sum(group.actual.spend)],
            revenue => [number::sum(group.planned.revenue), number::sum(group.actual.revenue)],
            roi => [roi(&group.planned), roi(&group.actual)],
            due => [number::sum(group.due().revenue), roi(&group.due())],
            difference => [signed(difference.revenue), signed(difference.spend)],
            effects => effects.collect::<Value>(),
        }
    };
    groups.into_iter().map(row).collect()
}

/// Revenue when all orders are in against the plan, by channel and hour; the stronger the colour, the more money.
pub fn heat(review: &Review, lang: Lang) -> Value {
    let most =
        review.channel_hours.iter().map(|group| group.effects.settled().revenue.abs()).fold(0.0, f64::max);
    let row = |of: Channel| {
        let cells = (0..HOURS as u8).map(|hour| {
            let group = review
                .channel_hours
                .iter()
                .find(|group| group.key.channel == Some(of) && group.key.hour == Some(hour));
            let Some(group) = group else { return context! { class => "off", text => "" } };
            let money = group.effects.settled().revenue;
            let strength = (4.0 * money.abs() / most.max(f64::MIN_POSITIVE)).ceil().clamp(0.0, 4.0);
            let side = if money < 0.0 { "less" } else { "more" };
            let title = format!(
                "{} {hour}:00: {} {}, {} {}",
                reason::channel(of).in_(lang),
                words::PLANNED.in_(lang),
                number::sum(group.planned.revenue),
                if review.filling() { words::DUE } else { words::HAPPENED }.in_(lang),
                number::sum(group.due().revenue)
            );
            context! { class => format!("{side}{strength}"), text => short(money), title }
        });
        context! { name => reason::channel(of).in_(lang), cells => cells.collect::<Value>() }
    };
    let held = |of: &Channel| review.channels.iter().any(|group| group.key.channel == Some(*of));
    Channel::ALL.into_iter().filter(held).map(row).collect()
}

/// Money in few letters.
fn short(money: f64) -> String {
    match money.abs() {
        size if size < 0.5 => "0".into(),
        size if size < 1000.0 => number::fixed(money, 0),
        _ => number::fixed(money / 1000.0, 1) + "k",
    }
}

pub fn forecasts(review: &Review, lang: Lang) -> Value {
    let row = |row: &crate::review::Forecast| {
        let shown = |value: f64| number::metric(row.metric, false, value);
        let band = |[low, high]: [f64; 2]| format!("{} – {}", shown(low), shown(high));
        context! {
            channel => channel(row.channel, lang),
            metric => reason::metric(row.metric).in_(lang),
            expected => shown(row.expected),
            actual => shown(row.actual),
            due => shown(row.due),
            due_p80 => (row.due_p80[0] < row.due_p80[1]).then(|| band(row.due_p80)),
            open => row.open,
            error => number::or_nothing(row.error, super::change),
            p50 => band(row.p50),
            p80 => band(row.p80),
            inside => row.inside,
            passed => row.passed,
        }
    };
    review.forecasts.iter().map(row).collect()
}

pub fn rules(review: &Review, lang: Lang) -> Value {
    let of_rule = |row: &&crate::review::Judged| {
        let rule = &row.actual;
        let shown = |value: f64| number::metric(rule.metric, rule.share, value);
        let optional = |value: Option<f64>| number::or_nothing(value, shown);
        let planned = row.planned.as_ref();
        context! {
            rule => rule.rule.as_str(),
            scope => reason::scope(&rule.scope, lang),
            metric => reason::bounded(rule.metric, rule.share, lang),
            min => optional(rule.min),
            max => optional(rule.max),
            planned => optional(planned.and_then(|planned| planned.value)),
            chance => number::or_nothing(planned.and_then(|planned| planned.chance), |it| number::percent(it, 0)),
            actual => optional(rule.value),
            due => row.due.as_ref().map(|due| optional(due.value)),
            p80 => row.due.as_ref().and_then(|due| due.p80).map(|[low, high]| {
                format!("{} – {}", shown(low), shown(high))
            }),
            verdict => verdict(row.verdict).in_(lang),
            class => match row.verdict {
                Verdict::Kept => "good",
                Verdict::Open => "warn",
                Verdict::Broken => "bad",
            },
            short => number::or_nothing(row.short.filter(|_| row.verdict != Verdict::Kept), number::sum),
        }
    };
    // Missed ones first, then those that bound; of rules with many rows only what was missed.
    let mut rows: Vec<&crate::review::Judged> = review.rules.iter().collect();
    let many = |name: &str| review.rules.iter().filter(|row| row.actual.rule == name).count() > MANY;
    let kept = |row: &&crate::review::Judged| row.verdict == Verdict::Kept;
    rows.retain(|row| !kept(row) || !many(&row.actual.rule));
    rows.sort_by_key(|row| match row.verdict {
        Verdict::Broken => 0,
        Verdict::Open => 1,
        Verdict::Kept => 2,
    });
    rows.iter().take(MOST_RULES).map(of_rule).collect()
}

/// A verdict's name.
pub fn verdict(verdict: Verdict) -> Word {
    match verdict {
        Verdict::Kept => words::KEPT,
        Verdict::Open => words::OPEN,
        Verdict::Broken => words::BROKEN,
    }
}

/// Rows of a rule from which only those that are not kept are shown.
const MANY: usize = 6;
const MOST_RULES: usize = 60;

pub fn held(review: &Review, lang: Lang) -> Value {
    let row = |held: &crate::review::Held| {
        let share = |part: f64| number::percent(part / held.impressions.max(f64::MIN_POSITIVE), 0);
        let optional = |share: Option<f64>| number::or_nothing(share, |share| number::percent(share, 0));
        context! {
            name => name(&held.key, lang),
            cells => held.cells,
            hours => optional(held.share()),
            impressions => optional(held.share_of_impressions()),
            above => share(held.above),
            below => share(held.below),
            spend => number::sum(held.spend_outside),
        }
    };
    review.held.iter().map(row).collect()
}

pub fn ends(review: &Review, lang: Lang) -> Value {
    let row = |end: &crate::review::End| {
        context! {
            name => name(&end.key, lang),
            hour => format!("{}:00–{}:59", end.hour, end.hour),
            spent => number::sum(end.spent),
            spend => number::sum(end.lost.spend),
            revenue => number::sum(end.lost.revenue),
        }
    };
    review.ends.iter().map(row).collect()
}

pub fn moves(review: &Review, lang: Lang) -> Value {
    let row = |it: &crate::review::Move| {
        let bid = |bid: f64| number::bid(it.unit.channel, bid);
        let explained = it.explained;
        context! {
            channel => reason::channel(it.unit.channel).in_(lang),
            campaign => it.unit.campaign.as_str(),
            unit => it.unit.unit.as_str(),
            hours => spans::spans(&it.hours, lang),
            planned => bid(it.planned),
            actual => bid(it.actual),
            change => number::change(it.actual / it.planned - 1.0),
            kept => it.kept_old,
            explained => [
                number::or_nothing(explained.map(|it| it.spend), signed),
                number::or_nothing(explained.map(|it| it.revenue), signed),
            ],
            difference => [signed(it.difference.spend), signed(it.difference.revenue)],
        }
    };
    review.moves.iter().take(MOST).map(row).collect()
}
