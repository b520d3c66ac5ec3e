//! The page of a comparison: plans side by side.

use minijinja::value::Value;
use minijinja::{Environment, context};
use serde_json::json;

use super::lang::{self, Lang};
use super::number::{self, NOTHING};
use super::page::CHARTS;
use super::reason;
use crate::compare::{METRICS, Share, Side, rules, settings, units};
use crate::error::{Error, Result};
use crate::keys::Channel;
use crate::metric::{Metric, Outcome};
use crate::plan::RuleValue;

/// A difference from the first plan is told from this share on: less is 0.0 %.
const TOLD: f64 = 0.0005;
const TEMPLATE: &str = include_str!("compare.html");

/// The whole page as HTML.
pub fn comparison(sides: &[Side], lang: Lang) -> Result<String> {
    let broken = |error: minijinja::Error| Error::Internal(format!("the comparison's template: {error:#}"));
    let mut page = Environment::new();
    page.add_template("compare.html", TEMPLATE).map_err(broken)?;
    let first = sides.first();
    let context = context! {
        w => Value::from_pairs(lang::ALL.iter().map(|(name, word)| (*name, word.in_(lang)))),
        money_in => lang::MONEY_IN.with(lang, &[first.map_or("", |side| side.currency.as_str())]),
        written_by => lang::WRITTEN_BY.with(lang, &[env!("CARGO_PKG_VERSION")]),
        sides => sides.iter().map(|side| context! {
            name => side.name.as_str(),
            date => side.date.to_string(),
            status => reason::ended(side.status, &side.rules).in_(lang),
        }).collect::<Value>(),
        settings => settings(sides).iter().map(|row| context! {
            key => row.key.as_str(),
            sides => row.sides.iter().map(|side| side.as_deref().unwrap_or(NOTHING)).collect::<Value>(),
        }).collect::<Value>(),
        totals => sums(sides, lang, |side| side.total),
        bands => sides.iter().any(|side| side.revenue_band.is_some()).then(|| sides.iter().map(band).collect::<Value>()),
        channels => Channel::ALL
            .into_iter()
            .filter(|channel| sides.iter().any(|side| side.channels[*channel as usize] != Outcome::default()))
            .map(|channel| context! {
                name => reason::channel(channel).in_(lang),
                rows => sums(sides, lang, |side| side.channels[channel as usize]),
            })
            .collect::<Value>(),
        rules => rule_rows(sides, lang),
        units => units(sides).iter().map(|row| context! {
            unit => row.unit.unit.as_str(),
            campaign => row.unit.campaign.as_str(),
            channel => reason::channel(row.unit.channel).in_(lang),
            sides => row.sides.iter().map(|share| shown(row.unit.channel, share, lang)).collect::<Value>(),
        }).collect::<Value>(),
        data => Value::from_safe_string(data(sides)),
        echarts => Value::from_safe_string(CHARTS.to_string()),
    };
    page.get_template("compare.html").and_then(|template| template.render(context)).map_err(broken)
}

/// A line for each metric: the value in each plan, and its difference from the first.
fn sums(sides: &[Side], lang: Lang, of: impl Fn(&Side) -> Outcome) -> Value {
    let row = |metric: Metric| {
        let values: Vec<Option<f64>> = sides.iter().map(|side| metric.of(&of(side), side.margin)).collect();
        let first = values.first().copied().flatten();
        let cell = |value: &Option<f64>| {
            let change = value
                .zip(first)
                .filter(|(value, first)| *first != 0.0 && (value - first).abs() >= TOLD * first.abs());
            context! {
                value => number::or_nothing(*value, |value| number::metric(metric, false, value)),
                change => change.map(|(value, first)| signed((value - first) / first.abs())),
            }
        };
        context! { name => reason::metric(metric).in_(lang), cells => values.iter().map(cell).collect::<Value>() }
    };
    METRICS.into_iter().map(row).collect()
}

/// What the revenue is between on four days in five.
fn band(side: &Side) -> String {
    let shown = |value| number::metric(Metric::Revenue, false, value);
    side.revenue_band.map_or(NOTHING.into(), |[low, high]| format!("{} – {}", shown(low), shown(high)))
}

fn signed(share: f64) -> String {
    format!("{}{}", if share > 0.0 { "+" } else { "" }, number::percent(share, 1))
}

fn rule_rows(sides: &[Side], lang: Lang) -> Value {
    let cell = |value: &Option<&RuleValue>| match value {
        None => context! { value => NOTHING },
        Some(rule) => {
            let shown = |value| number::metric(rule.metric, rule.share, value);
            let bounds = [("≥", rule.min), ("≤", rule.max)];
            let bounds = bounds
                .iter()
                .filter_map(|(sign, bound)| bound.map(|bound| format!("{sign} {}", shown(bound))));
            context! {
                value => number::or_nothing(rule.value, shown),
                bound => bounds.collect::<Vec<_>>().join(", "),
                state => if !rule.said_met() { "broken" } else if rule.binding { "binding" } else { "free" },
                price => (rule.shadow_price > 0.0).then(|| number::price(rule.told_price())),
            }
        }
    };
    let row = |row: &crate::compare::RuleRow<'_>| {
        context! {
            rule => row.rule,
            scope => reason::scope(row.scope, lang),
            cells => row.sides.iter().map(cell).collect::<Value>(),
        }
    };
    rules(sides).iter().map(row).collect()
}

fn shown(channel: Channel, share: &Option<Share>, lang: Lang) -> Value {
    match share {
        None => context! { spend => lang::NOT_RUNNING.in_(lang) },
        Some(share) => context! {
            spend => number::sum(share.total.spend),
            revenue => number::sum(share.total.revenue),
            bid => match share.bid {
                Some(0.0) if channel == Channel::GroupBuy => lang::FIXED_FEE.in_(lang).to_string(),
                bid => number::or_nothing(bid, |bid| number::bid(channel, bid)),
            },
            hours => share.hours,
        },
    }
}

/// The charts' numbers. `<` is written as an escape, so no name can end the script element.
fn data(sides: &[Side]) -> String {
    let cents = |value: f64| (value * 100.0).round() / 100.0;
    let series: Vec<_> = sides
        .iter()
        .map(|side| {
            json!({
                "name": side.name,
                "spend": side.hours.iter().map(|hour| cents(hour.spend)).collect::<Vec<_>>(),
                "revenue": side.hours.iter().map(|hour| cents(hour.revenue)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "series": series }).to_string().replace('<', "\\u003c")
}
