//! The page of a review: a plan against what happened.

mod filling;
mod lesson;
mod tables;

use minijinja::value::Value;
use minijinja::{Environment, context};
use serde_json::json;

use super::lang::{self, Lang, review as words};
use super::page::CHARTS;
use super::{number, reason};
use crate::error::{Error, Finding, Result};
use crate::history::Audit;
use crate::metric::Metric;
use crate::review::{Effect, Forecast, Group, Review, Verdict};
pub use filling::{rule, sales};
pub use lesson::{channel, effect, name, of, sentence, signed};
pub use tables::verdict as verdict_name;

const TEMPLATE: &str = include_str!("../review.html");

/// What a page of a review shows beside it.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// The account of the reports.
    pub audit: &'a Audit,
    /// What is doubtful about them.
    pub doubts: &'a [Finding],
}

/// The whole page as HTML.
pub fn review(review: &Review, about: &About<'_>, lang: Lang) -> Result<String> {
    let broken = |error: minijinja::Error| Error::Internal(format!("the review's template: {error:#}"));
    let mut page = Environment::new();
    page.add_template("review.html", TEMPLATE).map_err(broken)?;
    let all = lang::ALL.iter().chain(words::ALL);
    let few = review.lessons.len() < 10;
    let met = review.met();
    let context = context! {
        w => Value::from_pairs(all.map(|(name, word)| (*name, word.in_(lang)))),
        title => words::REVIEW_OF.with(lang, &[&review.date.to_string()]),
        written_by => lang::WRITTEN_BY.with(lang, &[env!("CARGO_PKG_VERSION")]),
        money_in => lang::MONEY_IN.with(lang, &[&review.currency]),
        trusted => review.trusted == Some(true),
        filling => review.filling(),
        verdict => verdict(review, lang),
        money => money(review, lang),
        rules_held => rules_held(review, lang),
        sales => sales(review, lang),
        tiles => tables::tiles(review, lang),
        lessons_title => if few { words::LESSONS_FEW } else { words::LESSONS }.in_(lang),
        lessons => tables::lessons(review, lang),
        effects => met.iter().map(|it| effect(*it).in_(lang)).collect::<Value>(),
        channels => tables::groups(review.channels.iter().chain([&review.total]), &met, lang),
        phases => tables::groups(&review.phases, &met, lang),
        campaigns => tables::groups(tables::largest(&review.campaigns), &met, lang),
        units => tables::groups(tables::largest(&review.units_summed), &met, lang),
        heat => tables::heat(review, lang),
        forecasts => tables::forecasts(review, lang),
        rules => tables::rules(review, lang),
        held => tables::held(review, lang),
        promised => number::or_nothing(review.promised, |share| number::percent(share, 0)),
        ends => tables::ends(review, lang),
        moves => tables::moves(review, lang),
        files => super::tables::files(about.audit),
        doubts => about.doubts.iter().map(|doubt| context! {
            code => doubt.code, cause => doubt.cause.as_str(), action => doubt.action.as_str(),
        }).collect::<Value>(),
        data => Value::from_safe_string(data(review, lang)),
        echarts => Value::from_safe_string(CHARTS.to_string()),
    };
    page.get_template("review.html").and_then(|template| template.render(context)).map_err(broken)
}

/// Whether the forecast held, in a sentence.
pub fn verdict(review: &Review, lang: Lang) -> String {
    let told = |which: fn(&&Forecast) -> bool| {
        let rows = review.forecasts.iter().filter(which).map(|row| {
            let error = number::or_nothing(row.error, change);
            format!("{} {} {error}", channel(row.channel, lang), reason::metric(row.metric).in_(lang))
        });
        rows.collect::<Vec<_>>().join(", ")
    };
    match review.trusted {
        Some(true) => words::REVIEW_TRUSTED.in_(lang).to_owned(),
        Some(false) => words::REVIEW_NOT_TRUSTED.with(lang, &[&told(|row| row.passed == Some(false))]),
        None => words::REVIEW_OPEN.with(lang, &[&told(|row| row.open)]),
    }
}

/// A relative difference with its sign, to one decimal.
fn change(share: f64) -> String {
    format!("{}{}", if share > 0.0 { "+" } else { "" }, number::percent(share, 1))
}

/// What was planned and what it became, in a sentence.
pub fn money(review: &Review, lang: Lang) -> String {
    let Group { planned, actual, .. } = &review.total;
    let of = |outcome: &crate::metric::Outcome| {
        let roi = number::or_nothing(outcome.roi(), |roi| number::fixed(roi, 2));
        [number::sum(outcome.spend), number::sum(outcome.revenue), roi]
    };
    let values = [of(planned), of(actual)].concat();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    match filling::due(review, lang) {
        Some(due) => words::REVIEW_MONEY_SO_FAR.with(lang, &values) + lang.space() + &due,
        None => words::REVIEW_MONEY.with(lang, &values),
    }
}

/// How many rules held, in a sentence.
pub fn rules_held(review: &Review, lang: Lang) -> String {
    let of = |verdict: Verdict| review.rules.iter().filter(|row| row.verdict == verdict).count();
    let planned = review.rules.iter().filter(|row| row.planned.as_ref().is_some_and(|row| row.said_met()));
    let counts =
        [of(Verdict::Kept), review.rules.len(), of(Verdict::Broken), of(Verdict::Open), planned.count()];
    let [held, all, broken, open, planned] = &counts.map(|count| count.to_string());
    match of(Verdict::Open) {
        0 => words::REVIEW_RULES.with(lang, &[held, all, planned]),
        _ => words::REVIEW_RULES_OPEN.with(lang, &[held, all, broken, open, planned]),
    }
}

/// The charts' numbers. `<` is written as an escape, so no name can end the script element.
fn data(review: &Review, lang: Lang) -> String {
    let cents = |value: f64| (value * 100.0).round() / 100.0;
    let Group { planned, actual, effects, .. } = &review.total;
    let fall = |metric: Metric| {
        let of = |outcome| metric.of(outcome, review.margin).unwrap_or(0.0);
        let steps = Effect::ALL.iter().map(|it| {
            let difference = effects.of(*it);
            let money = if metric == Metric::Spend { difference.spend } else { difference.revenue };
            (effect(*it).in_(lang), cents(money), *it == Effect::NotInYet)
        });
        json!({
            "planned": cents(of(planned)),
            "actual": cents(of(actual)),
            "steps": steps.filter(|(_, money, _)| *money != 0.0).collect::<Vec<_>>(),
        })
    };
    let hours = |of: fn(&Group) -> f64| {
        let at = |hour: u8| review.hours.iter().find(|group| group.key.hour == Some(hour)).map_or(0.0, of);
        (0..crate::calendar::HOURS as u8).map(|hour| cents(at(hour))).collect::<Vec<_>>()
    };
    json!({
        "planned": words::PLANNED.in_(lang),
        "actual": words::HAPPENED.in_(lang),
        "late": words::EFFECT_NOT_IN_YET.in_(lang),
        "filling": review.filling(),
        "falls": [fall(Metric::Spend), fall(Metric::Revenue)],
        "hours": [
            [hours(|of| of.planned.spend), hours(|of| of.actual.spend), hours(|of| of.late.spend)],
            [hours(|of| of.planned.revenue), hours(|of| of.actual.revenue), hours(|of| of.late.revenue)],
        ],
    })
    .to_string()
    .replace('<', "\\u003c")
}
