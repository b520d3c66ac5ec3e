//! What is said of orders that are still to come.

use crate::metric::Metric;
use crate::report::lang::{Lang, review as words};
use crate::report::{number, reason};
use crate::review::{In, Judged, Review, Sales};

/// How much of the orders is in, and how sure that is, in a sentence.
pub fn sales(review: &Review, lang: Lang) -> String {
    let when = match review.sales {
        Sales::Final => return words::SALES_FINAL.in_(lang).to_owned(),
        Sales::Unknown => words::NO_DATE.in_(lang).to_owned(),
        Sales::Filling { age: 1 } => words::EXPORTED_MORNING.in_(lang).to_owned(),
        Sales::Filling { age } => words::EXPORTED_AFTER.with(lang, &[&age.to_string()]),
    };
    let total = &review.total;
    let (so_far, late) = (number::sum(total.actual.revenue), number::sum(total.late.revenue));
    if review.arrived.iter().all(|of| of.known) {
        let of = |of: &In| arrived(of, lang);
        let shares: Vec<String> = review.arrived.iter().map(of).collect();
        return words::SALES_ARRIVED.with(lang, &[&when, &shares.join(", "), &so_far, &late]);
    }
    let least = review.arrived.iter().filter(|of| !of.known).map(|of| of.least).fold(1.0, f64::min);
    let least = match least > 0.0 {
        true => words::AT_LEAST.with(lang, &[&number::percent(least, 0)]),
        false => String::new(),
    };
    let share = number::percent(total.late.revenue / total.due().revenue.max(f64::MIN_POSITIVE), 0);
    let said = match review.filling() {
        true => words::SALES_UNTOLD.with(lang, &[&when, &least, &late, &share]),
        false => words::SALES_UNTOLD_ALL.with(lang, &[&when, &least]),
    };
    match review.sales {
        Sales::Unknown => said + lang.space() + words::SAY_WHEN.in_(lang),
        _ => said,
    }
}

/// A channel's share.
fn arrived(of: &In, lang: Lang) -> String {
    let (channel, share) = (reason::channel(of.channel).in_(lang), number::percent(of.share, 0));
    match of.deviation.map(|deviation| number::percent(deviation * of.share, 0)) {
        Some(points) if of.deviation > Some(0.0) => {
            words::GIVE_OR_TAKE.with(lang, &[channel, &share, &points])
        }
        _ => format!("{channel} {share}"),
    }
}

/// What a rule is so far and what it comes to, in a sentence; nothing where all of it is in.
pub fn rule(row: &Judged, lang: Lang) -> Option<String> {
    let (due, rule) = (row.due.as_ref()?, &row.actual);
    let shown = |value: f64| number::metric(rule.metric, rule.share, value);
    let [so_far, comes_to] = [rule.value, due.value].map(|value| number::or_nothing(value, shown));
    let between = due.p80.map(|band| {
        let [low, high] = band.map(shown);
        words::BETWEEN.with(lang, &[&low, &high])
    });
    let least = rule.min.map(|min| format!("≥ {}", shown(min)));
    let most = rule.max.map(|max| format!("≤ {}", shown(max)));
    let bound: Vec<String> = least.into_iter().chain(most).collect();
    let values = [
        &rule.to_string(),
        &reason::bounded(rule.metric, rule.share, lang),
        &so_far,
        &comes_to,
        &between.unwrap_or_default(),
        &bound.join(", "),
        super::verdict_name(row.verdict).in_(lang),
    ];
    Some(words::RULE_DUE.with(lang, &values))
}

/// What the day will have brought, in a sentence; nothing where all is in.
pub(super) fn due(review: &Review, lang: Lang) -> Option<String> {
    let whole = |row: &&crate::review::Forecast| row.channel.is_none() && row.metric == Metric::Revenue;
    let row = review.forecasts.iter().find(whole).filter(|_| review.filling())?;
    let roi = number::or_nothing(review.total.due().roi(), |roi| number::fixed(roi, 2));
    let [due, low, high] = [row.due, row.due_p80[0], row.due_p80[1]].map(number::sum);
    Some(words::REVIEW_DUE.with(lang, &[&due, &low, &high, &roi]))
}
