//! Scopes: which cells a rule or an override speaks of.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{OneOrMany, Phase};
use crate::calendar::HourSpan;
use crate::keys::{Channel, Unit};

/// A scope: each key narrows it; a list is "any of"; text may hold `*` for anything. Empty = all cells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<OneOrMany<Channel>>,
    /// Campaign names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<OneOrMany<String>>,
    /// Unit names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<OneOrMany<String>>,
    /// Product names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<OneOrMany<String>>,
    /// Dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<OneOrMany<String>>,
    /// Hours: numbers, or spans of the clock such as `"20-21"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<OneOrMany<HourSpan>>,
    /// Names of `[[phase]]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<OneOrMany<String>>,
}

/// Matches a text against a pattern in which `*` stands for any run of characters.
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(earlier) = last.replace(part) {
            let earlier: &str = earlier;
            match rest.find(earlier) {
                Some(at) => rest = &rest[at + earlier.len()..],
                None => return false,
            }
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => rest.is_empty(),
    }
}

fn any<T>(allowed: &Option<OneOrMany<T>>, is: impl Fn(&T) -> bool) -> bool {
    allowed.as_ref().is_none_or(|allowed| allowed.as_slice().iter().any(is))
}

impl Scope {
    /// Whether the scope holds this unit, in some hour.
    pub fn has_unit(&self, unit: &Unit) -> bool {
        any(&self.channel, |channel| *channel == unit.channel)
            && any(&self.campaign, |pattern| matches_pattern(pattern, &unit.campaign))
            && any(&self.unit, |pattern| matches_pattern(pattern, &unit.unit))
            && any(&self.product, |pattern| matches_pattern(pattern, unit.product.as_deref().unwrap_or("")))
    }

    /// Whether the scope holds this hour of the planned date (`date` as `2026-12-12`).
    pub fn has_hour(&self, hour: u8, date: &str, phases: &[Phase]) -> bool {
        any(&self.hour, |span| span.contains(hour))
            && any(&self.date, |pattern| matches_pattern(pattern, date))
            && any(&self.phase, |name| phases.iter().any(|phase| phase.name == *name && phase.has(hour)))
    }

    /// Whether the scope tells hours of one day apart.
    pub fn by_hour(&self) -> bool {
        self.hour.is_some() || self.phase.is_some()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn part<T>(
            name: &str,
            allowed: &Option<OneOrMany<T>>,
            text: impl Fn(&T) -> String,
        ) -> Option<String> {
            allowed.as_ref().map(|allowed| {
                format!("{name}={}", allowed.as_slice().iter().map(text).collect::<Vec<_>>().join("|"))
            })
        }
        let parts = [
            part("channel", &self.channel, ToString::to_string),
            part("campaign", &self.campaign, ToString::to_string),
            part("unit", &self.unit, ToString::to_string),
            part("product", &self.product, ToString::to_string),
            part("date", &self.date, ToString::to_string),
            part("hour", &self.hour, ToString::to_string),
            part("phase", &self.phase, ToString::to_string),
        ];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        f.write_str(if text.is_empty() { "plan" } else { &text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("kw-0001", "kw-0001", true),
            ("kw-0001", "kw-00012", false),
            ("kw-*", "kw-0001", true),
            ("*dress*", "red dress xl", true),
            ("*a*a", "a", false),
            ("*", "", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXcYb", false),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
