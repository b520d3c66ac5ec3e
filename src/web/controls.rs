//! What can be moved on the page: the keys of the plan file with their present values.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::config::{PlanFile, Rule};
use crate::keys::{Channel, Unit};
use crate::metric::Metric;
use crate::report::{Lang, lang, reason};

/// Names in a list to choose from, and units that are looked through for them.
const MOST_NAMES: usize = 300;
const MOST_UNITS: usize = 100_000;

/// What a value may be; the page says so in its own words, and `config` has the last one.
#[derive(Clone, Copy)]
enum Allowed {
    /// Above 0.
    Positive,
    /// From one number to another.
    Within(f64, f64),
    /// A number or more.
    From(f64),
    /// Anything.
    Any,
}

impl Allowed {
    fn json(self) -> Value {
        match self {
            Allowed::Positive => json!({ "above": 0 }),
            Allowed::Within(least, most) => json!({ "least": least, "most": most }),
            Allowed::From(least) => json!({ "least": least }),
            Allowed::Any => json!({}),
        }
    }
}

/// The controls in groups, in the order of the page.
pub fn of(file: &PlanFile, lang: Lang) -> Value {
    use Allowed::{From, Positive, Within};
    let (plan, uplift) = (&file.plan, &file.uplift);
    let pair = |key: &str, name: &str, value: [f64; 2], step: f64, allowed: Allowed, percent: bool| {
        let allowed = allowed.json();
        json!({ "key": key, "name": name, "kind": "pair", "value": value, "step": step, "allowed": allowed, "percent": percent })
    };
    let mut limits = vec![
        pair("search.position", "band", file.search.position, 0.1, From(1.0), false),
        pair("search.bid", "search_bid", file.search.bid, file.search.bid_step, Positive, false),
        pair("display.bid", "display_bid", file.display.bid, file.display.bid_step, Positive, false),
        pair(
            "affiliate.bid",
            "affiliate_bid",
            file.affiliate.bid,
            file.affiliate.bid_step,
            Within(0.0, 1.0),
            true,
        ),
    ];
    for (key, name, value) in [
        ("search.max_change", "search_change", file.search.max_change),
        ("display.max_change", "display_change", file.display.max_change),
    ] {
        limits.extend(value.map(|value| number(key, name, value, [0.0, 1.0], 0.05, Positive, true)));
    }
    json!([
        {
            "name": "goal",
            "controls": [
                {
                    "key": "plan.objective", "name": "objective", "kind": "choice",
                    "value": plan.objective, "choices": ["revenue", "profit", "orders", "clicks"],
                },
                number("plan.margin", "margin", plan.margin, [0.0, 1.0], 0.01, Within(0.0, 1.0), true),
                number("plan.confidence", "confidence", plan.confidence, [0.5, 0.99], 0.01, Within(0.5, 0.9999), true),
            ],
        },
        { "name": "rules", "controls": rules(file, lang) },
        { "name": "limits", "controls": limits },
        {
            "name": "day",
            "controls": [
                number("uplift.demand", "demand", uplift.demand, [0.0, 3.0], 0.05, Positive, true),
                number("uplift.cvr", "cvr", uplift.cvr, [0.0, 3.0], 0.05, Positive, true),
                number("uplift.price", "price", uplift.price, [0.2, 3.0], 0.05, Positive, true),
            ],
        },
    ])
}

fn number(
    key: &str,
    name: &str,
    value: f64,
    range: [f64; 2],
    step: f64,
    allowed: Allowed,
    percent: bool,
) -> Value {
    let allowed = allowed.json();
    json!({ "key": key, "name": name, "kind": "number", "value": value, "range": range, "step": step, "allowed": allowed, "percent": percent })
}

/// The controls of all rules, those that are switched off behind the others.
fn rules(file: &PlanFile, lang: Lang) -> Vec<Value> {
    let on = file.rules.iter().enumerate().flat_map(|(at, rule)| bounds(at, rule, lang));
    let off = file.off.iter().map(|rule| {
        json!({ "key": format!("{}.off", path(0, rule)), "kind": "off", "path": path(0, rule), "label": rule.name, "metric": rule.metric })
    });
    on.chain(off).collect()
}

/// A rule as `--set` names it.
fn path(at: usize, rule: &Rule) -> String {
    let quote = if rule.name.contains('"') { '\'' } else { '"' };
    match rule.name.contains(quote) {
        false => format!("rule.{quote}{}{quote}", rule.name),
        true => format!("rule.{at}"),
    }
}

/// What rules can be about, for who writes one: the channels, campaigns and products of a shop, so many as a list can
/// hold.
pub fn scopes(units: &[Unit]) -> Value {
    let all = |of: &dyn Fn(&Unit) -> Option<String>| -> BTreeSet<String> {
        units.iter().filter_map(of).take(MOST_UNITS).collect()
    };
    let some = |names: BTreeSet<String>| names.into_iter().take(MOST_NAMES).collect::<Vec<_>>();
    json!({
        "channel": Channel::ALL.map(Channel::name).into_iter().filter(|name| units.iter().any(|unit| unit.channel.name() == *name)).collect::<Vec<_>>(),
        "campaign": some(all(&|unit| Some(unit.campaign.clone()))),
        "product": some(all(&|unit| unit.product.clone())),
        "unit": some(all(&|unit| Some(unit.unit.clone()))),
    })
}

/// A control for each bound of a rule.
fn bounds(at: usize, rule: &Rule, lang: Lang) -> Vec<Value> {
    let path = path(at, rule);
    let mut first = true;
    [
        ("min", "min", rule.min),
        ("max", "max", rule.max),
        ("min", "min_share", rule.min_share),
        ("max", "max_share", rule.max_share),
    ]
    .into_iter()
    .filter_map(|(side, key, bound)| {
        let share = key.ends_with("share");
        let scope =
            rule.scope.as_ref().map(|scope| reason::scope(&scope.to_string(), lang)).unwrap_or_default();
        let bound = bound?;
        let allowed = match rule.metric {
            _ if share => Allowed::Within(0.0, 1.0),
            Metric::Profit => Allowed::Any,
            _ => Allowed::From(0.0),
        };
        Some(json!({
            "key": format!("{path}.{key}"),
            "kind": "number",
            "path": path,
            "first": std::mem::replace(&mut first, false),
            "rule": at,
            "label": rule.name,
            "side": side,
            "share": share,
            "metric": rule.metric,
            "scope": scope,
            "per": rule.keys(),
            "soft": rule.soft,
            "value": bound,
            "allowed": allowed.json(),
            "percent": share || matches!(rule.metric, Metric::Ctr | Metric::Cvr),
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
    for channel in Channel::ALL {
        words.insert(format!("channel.{}", channel.name()), both(reason::channel(channel)));
    }
    Value::Object(words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const PAGE: [&str; 15] = [
        include_str!("page/index.html"),
        include_str!("page/app.js"),
        include_str!("page/base.js"),
        include_str!("page/closeup.js"),
        include_str!("page/entry.js"),
        include_str!("page/file.js"),
        include_str!("page/leave.js"),
        include_str!("page/results.js"),
        include_str!("page/settings.js"),
        include_str!("page/answers.js"),
        include_str!("page/charts.js"),
        include_str!("page/controls.js"),
        include_str!("page/shape.js"),
        include_str!("page/talk.js"),
        include_str!("page/words.js"),
    ];

    /// The page's own words: name, English, Chinese.
    fn own() -> BTreeMap<&'static str, [&'static str; 2]> {
        let line = |line: &'static str| {
            let (name, rest) = line.strip_prefix("  ")?.split_once(": [\"")?;
            let (en, zh) = rest.strip_suffix("\"],")?.split_once("\", \"")?;
            Some((name, [en, zh]))
        };
        include_str!("page/words.js").lines().filter_map(line).collect()
    }

    #[test]
    fn the_page_says_the_same_in_both_languages() {
        let own = own();
        assert!(own.len() > 60, "{}", own.len());
        for (name, [en, zh]) in &own {
            let blanks = |text: &str| text.matches('{').count();
            assert!(!en.is_empty() && !zh.is_empty() && blanks(en) == blanks(zh), "{name}");
        }
    }

    #[test]
    fn every_word_of_the_page_is_known() {
        let (own, known) = (own(), words());
        for page in PAGE {
            for before in ["say(\"", "data-word=\""] {
                for (at, _) in page.match_indices(before) {
                    let name = page[at + before.len()..].split('"').next().unwrap();
                    assert!(own.contains_key(name) || known.get(name).is_some(), "{name}");
                }
            }
        }
    }

    #[test]
    fn rules_are_named_as_set_names_them() {
        let mut file = PlanFile::default();
        let rule = |name: &str| Rule {
            name: name.into(),
            metric: crate::metric::Metric::Roi,
            scope: None,
            per: None,
            min: Some(2.0),
            max: None,
            min_share: None,
            max_share: None,
            of: None,
            soft: false,
            weight: None,
            off: false,
        };
        file.rules = vec![rule("roi"), rule("a \"b\""), rule("a \"b'"), rule("c")];
        file.off = vec![rule("idle")];
        let keys: Vec<String> = (0..4)
            .map(|at| bounds(at, &file.rules[at], Lang::En)[0]["key"].as_str().unwrap().to_owned())
            .collect();
        let all = rules(&file, Lang::En);
        assert_eq!(
            (all.len(), all[4]["kind"].as_str(), all[4]["path"].as_str()),
            (5, Some("off"), Some("rule.\"idle\""))
        );
        assert_eq!(keys, ["rule.\"roi\".min", "rule.'a \"b\"'.min", "rule.2.min", "rule.\"c\".min"]);
    }
}
