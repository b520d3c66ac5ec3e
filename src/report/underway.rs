//! Where a day under way stands, in a few sentences.

use super::lang::{self, Lang, Word};
use super::{number, reason};
use crate::landscape::today::{ChannelLevels, LEVELS};
use crate::metric::Outcome;
use crate::plan::{Lost, Plan, Why};

/// What the levels of [`crate::landscape::today::NAMES`] are called.
const NAMES: [Word; LEVELS] =
    [lang::IMPRESSIONS, lang::CTR, lang::LEVEL_PRICE, lang::CVR, lang::LEVEL_VALUE, lang::LEVEL_POSITION];

/// A level is told when it lies so far from the forecast, and so many of its standard deviations.
const TOLD: f64 = 0.03;
const SURE: f64 = 1.0;

/// The sentences; none of a day that is planned before it begins.
pub fn lines(plan: &Plan, lang: Lang) -> Vec<String> {
    let Some(day) = &plan.underway else { return Vec::new() };
    let roi = |outcome: &Outcome| number::or_nothing(outcome.roi(), |roi| number::fixed(roi, 2));
    let three = |outcome: &Outcome| [number::sum(outcome.spend), number::sum(outcome.revenue), roi(outcome)];
    let mut lines = Vec::new();
    let [spend, revenue, ratio] = three(&day.reported);
    lines.push(lang::UNDERWAY_PAST.with(lang, &[&day.now.to_string(), &spend, &revenue, &ratio]));
    if day.late.revenue > 0.005 {
        let share = number::percent(day.same_day, 0);
        lines.push(lang::UNDERWAY_LATE.with(lang, &[&number::sum(day.late.revenue), &share]));
    }
    let levels: Vec<String> = day.levels.iter().filter_map(|levels| told(levels, lang)).collect();
    lines.push(match levels.is_empty() {
        true => lang::UNDERWAY_AS_FORECAST.in_(lang).to_owned(),
        false => lang::UNDERWAY_LEVELS.with(lang, &[&levels.join(lang::AND_NEXT.in_(lang))]),
    });
    let [spend, revenue, ratio] = three(&plan.total(|_, _| true));
    let [kept_spend, kept_revenue, kept_ratio] = three(&day.unchanged);
    let changed = day.changed.to_string();
    lines.push(
        lang::UNDERWAY_REST
            .with(lang, &[&changed, &spend, &revenue, &ratio, &kept_spend, &kept_revenue, &kept_ratio]),
    );
    lines.extend(day.lost.iter().map(|row| lost(row, lang) + lang::FULL_STOP.in_(lang)));
    lines
}

/// A rule that is lost for the day, without a full stop.
pub fn lost(row: &Lost, lang: Lang) -> String {
    let figure = |value: f64| number::metric(row.metric, row.share, value);
    let (bound, value) = (figure(row.bound), figure(row.value));
    match (row.why, row.reachable) {
        (Why::Spent, _) => lang::LOST_SPENT.with(lang, &[&row.rule, &bound, &value]),
        (Why::OutOfReach, Some(reachable)) => {
            lang::LOST_REACHABLE.with(lang, &[&row.rule, &bound, &figure(reachable), &value])
        }
        (Why::OutOfReach, None) => lang::LOST_OUT_OF_REACH.with(lang, &[&row.rule, &bound, &value]),
        (Why::TooDear, _) => lang::LOST_TOO_DEAR.with(lang, &[&row.rule, &bound, &value]),
    }
}

/// What is remarkable about a channel.
fn told(channel: &ChannelLevels, lang: Lang) -> Option<String> {
    let levels = channel.levels.iter().zip(NAMES).filter_map(|(level, name)| {
        let level = (*level)?;
        let off = (level.factor - 1.0).abs();
        let told = off >= TOLD && off >= SURE * level.deviation * level.factor;
        told.then(|| format!("{} {}", name.in_(lang), number::change(level.factor - 1.0)))
    });
    let levels: Vec<String> = levels.collect();
    (!levels.is_empty())
        .then(|| format!("{}: {}", reason::channel(channel.channel).in_(lang), levels.join(", ")))
}
