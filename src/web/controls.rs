//! What can be moved on the page: the keys of the plan file with their present values.

use serde_json::{Value, json};

use crate::config::{PlanFile, Rule};
use crate::report::{lang, reason};

/// The controls in groups, in the order of the page.
pub fn of(file: &PlanFile) -> Value {
    let (plan, uplift) = (&file.plan, &file.uplift);
    let mut limits = vec![
        pair("search.position", "band", file.search.position, 0.1),
        pair("search.bid", "search_bid", file.search.bid, file.search.bid_step),
        pair("display.bid", "display_bid", file.display.bid, file.display.bid_step),
        pair("affiliate.bid", "affiliate_bid", file.affiliate.bid, file.affiliate.bid_step),
    ];
    for (key, name, value) in [
        ("search.max_change", "search_change", file.search.max_change),
        ("display.max_change", "display_change", file.display.max_change),
    ] {
        limits.extend(value.map(|value| number(key, name, value, [0.0, 1.0], 0.05)));
    }
    json!([
        {
            "name": "goal",
            "controls": [
                {
                    "key": "plan.objective", "name": "objective", "kind": "choice",
                    "value": plan.objective, "choices": ["revenue", "profit", "orders", "clicks"],
                },
                number("plan.margin", "margin", plan.margin, [0.0, 1.0], 0.01),
                number("plan.confidence", "confidence", plan.confidence, [0.5, 0.99], 0.01),
            ],
        },
        { "name": "rules", "controls": file.rules.iter().enumerate().flat_map(|(at, rule)| bounds(at, rule, file)).collect::<Vec<_>>() },
        { "name": "limits", "controls": limits },
        {
            "name": "day",
            "controls": [
                number("uplift.demand", "demand", uplift.demand, [0.0, 3.0], 0.05),
                number("uplift.cvr", "cvr", uplift.cvr, [0.0, 3.0], 0.05),
                number("uplift.price", "price", uplift.price, [0.2, 3.0], 0.05),
            ],
        },
    ])
}

fn number(key: &str, name: &str, value: f64, range: [f64; 2], step: f64) -> Value {
    json!({ "key": key, "name": name, "kind": "number", "value": value, "range": range, "step": step })
}

fn pair(key: &str, name: &str, value: [f64; 2], step: f64) -> Value {
    json!({ "key": key, "name": name, "kind": "pair", "value": value, "step": step })
}

/// A control for each bound of a rule.
fn bounds(at: usize, rule: &Rule, file: &PlanFile) -> Vec<Value> {
    let alone = file.rules.iter().filter(|other| other.name == rule.name).count() == 1;
    let quote = if rule.name.contains('"') { '\'' } else { '"' };
    let step = match alone && !rule.name.contains(quote) {
        true => format!("{quote}{}{quote}", rule.name),
        false => at.to_string(),
    };
    [
        ("min", "min", rule.min),
        ("max", "max", rule.max),
        ("min", "min_share", rule.min_share),
        ("max", "max_share", rule.max_share),
    ]
    .into_iter()
    .filter_map(|(side, key, bound)| {
        let share = key.ends_with("share");
        let scope = rule.scope.as_ref().map(ToString::to_string).unwrap_or_default();
        Some(json!({
            "key": format!("rule.{step}.{key}"),
            "kind": "number",
            "rule": at,
            "label": rule.name,
            "side": side,
            "share": share,
            "metric": rule.metric,
            "scope": scope,
            "per": rule.keys(),
            "soft": rule.soft,
            "value": bound?,
        }))
    })
    .collect()
}

/// The report's words by name, English and Chinese: one word for one thing, wherever it is read.
pub fn words() -> Value {
    let both = |word: lang::Word| json!([word.en, word.zh]);
    let mut words: serde_json::Map<String, Value> =
        lang::ALL.iter().map(|(name, word)| ((*name).to_owned(), both(*word))).collect();
    let metrics = [
        "impressions",
        "clicks",
        "spend",
        "orders",
        "revenue",
        "profit",
        "roi",
        "cpc",
        "cpm",
        "ctr",
        "cvr",
        "cost_per_order",
    ];
    for name in metrics {
        if let Ok(metric) = serde_json::from_value(json!(name)) {
            words.insert(format!("metric.{name}"), both(reason::metric(metric)));
        }
    }
    for channel in crate::keys::Channel::ALL {
        words.insert(format!("channel.{}", channel.name()), both(reason::channel(channel)));
    }
    Value::Object(words)
}
