//! Rules that cannot be kept or say nothing.

use super::Findings;
use crate::config::{PlanFile, Rule};
use crate::metric::Metric;

pub(super) fn check(file: &PlanFile, found: &mut Findings) {
    found.unique("rule", "C020", file.rules.iter().map(|rule| rule.name.as_str()));
    for (at, rule) in file.rules.iter().enumerate() {
        let key = format!("rule.{at}");
        if rule.name.trim().is_empty() {
            found.error(
                format!("{key}.name"),
                "C020",
                "the rule's name is empty",
                "give it a name for the reports",
            );
        }
        if let Some(scope) = &rule.scope {
            found.scope(&format!("{key}.where"), scope, file);
        }
        if let Some(scope) = &rule.of {
            found.scope(&format!("{key}.of"), scope, file);
        }
        found.filled(&format!("{key}.per"), rule.per.as_ref().is_some_and(|per| per.as_slice().is_empty()));
        bounds(rule, &key, found);
        shares(rule, &key, found);
        softness(rule, &key, found);
    }
}

fn bounds(rule: &Rule, key: &str, found: &mut Findings) {
    let name = &rule.name;
    if [rule.min, rule.max, rule.min_share, rule.max_share].iter().all(Option::is_none) {
        found.error(
            key,
            "C021",
            format!("rule `{name}` bounds nothing"),
            "give it `min`, `max`, `min_share` or `max_share`, or remove it",
        );
    }
    for (end, bound) in [("min", rule.min), ("max", rule.max)] {
        let Some(bound) = bound else { continue };
        if bound < 0.0 && rule.metric != Metric::Profit {
            found.error(
                format!("{key}.{end}"),
                "C023",
                format!(
                    "rule `{name}`: {} is never below 0, so a bound of {bound} is a slip",
                    rule.metric.name()
                ),
                "write a bound of 0 or more",
            );
        }
    }
    for (low, high, least, most) in
        [("min", "max", rule.min, rule.max), ("min_share", "max_share", rule.min_share, rule.max_share)]
    {
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            found.error(
                format!("{key}.{low}"),
                "C022",
                format!("rule `{name}`: `{low}` {least} is above `{high}` {most}; nothing can be both"),
                format!("lower `{low}` or raise `{high}`"),
            );
        }
    }
}

fn shares(rule: &Rule, key: &str, found: &mut Findings) {
    let name = &rule.name;
    if rule.min.or(rule.max).is_some() && rule.min_share.or(rule.max_share).is_some() {
        found.error(
            key,
            "C027",
            format!("rule `{name}` bounds both a value and a share"),
            "make two rules of it, each with its name",
        );
    }
    for (end, share) in [("min_share", rule.min_share), ("max_share", rule.max_share)] {
        let Some(share) = share else { continue };
        let key = format!("{key}.{end}");
        if rule.metric.is_ratio() {
            found.error(
                key,
                "C024",
                format!("rule `{name}`: {} is a ratio, and a ratio has no shares", rule.metric.name()),
                "bound it with `min` or `max`, or take the share of a sum such as spend",
            );
        } else {
            found.range(&key, share, (0.0..=1.0).contains(&share), "a share from 0 to 1");
        }
    }
    if rule.of.is_some() && rule.min_share.is_none() && rule.max_share.is_none() {
        found.error(
            format!("{key}.of"),
            "C026",
            format!("rule `{name}` says `of` but bounds no share"),
            "give it `min_share` or `max_share`, or remove `of`",
        );
    }
}

fn softness(rule: &Rule, key: &str, found: &mut Findings) {
    let name = &rule.name;
    match (rule.soft, rule.weight) {
        (true, None) => found.error(
            format!("{key}.soft"),
            "C025",
            format!("rule `{name}` is soft but has no price"),
            "give it `weight`: the objective lost per unit of violation",
        ),
        (false, Some(_)) => found.error(
            format!("{key}.weight"),
            "C025",
            format!("rule `{name}` has a weight but is not soft"),
            "add `soft = true`, or remove `weight`",
        ),
        (_, Some(weight)) => found.range(&format!("{key}.weight"), weight, weight > 0.0, "above 0"),
        (false, None) => {}
    }
}
