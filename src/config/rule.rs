//! Rules: metric × scope × bound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{OneOrMany, Phase, Scope};
use crate::keys::Unit;
use crate::metric::Metric;

/// A key by which `per` splits a rule into one row per value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Channel.
    Channel,
    /// Campaign (within its channel).
    Campaign,
    /// Unit.
    Unit,
    /// Product.
    Product,
    /// Date.
    Date,
    /// Hour.
    Hour,
    /// Phase of the day.
    Phase,
}

/// `[[rule]]`. Every rule is linear in the plan: a ratio rule is Σ numerator − bound × Σ denominator.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name in every report.
    pub name: String,
    /// What is bounded.
    pub metric: Metric,
    /// Which cells; all by default.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// One row per value of these keys; one row for the whole scope by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<OneOrMany<Key>>,
    /// The least it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The most it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The least share of the same metric over `of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_share: Option<f64>,
    /// The largest share of the same metric over `of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_share: Option<f64>,
    /// What a share is a share of; the whole plan by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Scope>,
    /// May be broken at a price.
    #[serde(default)]
    pub soft: bool,
    /// Objective lost per unit of violation of a soft rule, in the rule's own unit (for a ratio rule,
    /// of Σ numerator − bound × Σ denominator).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Switched off: it stays in the file and counts for nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

impl Key {
    /// The value of a key that belongs to units, as a label; nothing for keys of the clock.
    pub fn of_unit(self, unit: &Unit) -> Option<String> {
        match self {
            Key::Channel => Some(format!("channel={}", unit.channel)),
            Key::Campaign => Some(format!("campaign={}/{}", unit.channel, unit.campaign)),
            Key::Unit => Some(format!("unit={unit}")),
            Key::Product => Some(format!("product={}", unit.product.as_deref().unwrap_or("none"))),
            Key::Date | Key::Hour | Key::Phase => None,
        }
    }

    /// The values of a key of the clock in an hour, as labels; an hour may lie in several phases.
    pub fn of_hour(self, hour: u8, date: &str, phases: &[Phase]) -> Vec<String> {
        match self {
            Key::Date => vec![format!("date={date}")],
            Key::Hour => vec![format!("hour={hour}")],
            Key::Phase => phases
                .iter()
                .filter(|phase| phase.has(hour))
                .map(|phase| format!("phase={}", phase.name))
                .collect(),
            Key::Channel | Key::Campaign | Key::Unit | Key::Product => Vec::new(),
        }
    }

    /// Whether the key belongs to the clock.
    pub fn is_clock(self) -> bool {
        matches!(self, Key::Date | Key::Hour | Key::Phase)
    }
}

impl Rule {
    /// The keys of `per`.
    pub fn keys(&self) -> &[Key] {
        self.per.as_ref().map_or(&[], OneOrMany::as_slice)
    }
}
