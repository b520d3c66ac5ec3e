//! The plan file: what the user asks for.
//!
//! The types here are the file's own shape; `bidwright schema` is generated from them. Reading,
//! with every finding at its line, is in [`mod@load`]; scopes and rules are in [`scope`] and [`rule`].

mod approval;
pub mod check;
mod daily;
#[cfg(test)]
mod documented;
pub mod event;
mod history;
pub mod limits;
pub mod load;
pub(crate) mod names;
mod phase;
pub mod platform;
mod replan;
pub mod rule;
pub mod scope;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::keys::{Channel, Unit};
pub use approval::Approval;
pub use daily::{Daily, OnStale};
pub use event::{Event, Uplift};
pub use history::{Constant, History, Source};
pub use load::{examine, examine_scenario, examine_text, load, scenario, text};
pub use phase::Phase;
pub use platform::{Accounts, Platform, Terms};
pub use replan::Replan;
pub use rule::Rule;
pub use scope::Scope;
pub use write::{replace, rewrite};

/// The JSON Schema of the plan file, by which its shape is checked and editors complete it.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(PlanFile);
    schema.insert("title".into(), "Plan file of bidwright".into());
    schema.into()
}

/// A plan file as it was read, and where it stands.
#[derive(Debug, Clone)]
pub struct Request {
    /// The plan file.
    pub path: PathBuf,
    /// What it says, `--set` applied.
    pub file: PlanFile,
    /// The text, for the manifest's hash and for pointing at lines.
    pub text: String,
}

impl Request {
    /// A path of the plan file, which is relative to the plan file's own folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}

/// The whole plan file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// Where the history is and how far it can be trusted.
    pub history: History,
    /// What is planned.
    #[serde(default)]
    pub plan: Plan,
    /// What the day itself changes against a normal day of the history.
    #[serde(default)]
    pub uplift: Uplift,
    /// Days that are not like others, past ones and the next.
    #[serde(default, rename = "event", skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Limits of search bids.
    #[serde(default)]
    pub search: SearchLimits,
    /// Limits of display bids.
    #[serde(default)]
    pub display: DisplayLimits,
    /// Limits of commissions.
    #[serde(default)]
    pub affiliate: AffiliateLimits,
    /// Slots on offer.
    #[serde(default)]
    pub group_buy: GroupBuy,
    /// Other limits for part of the shop; later ones win.
    #[serde(default, rename = "override")]
    pub overrides: Vec<Override>,
    /// What the plan must keep.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// Rules that are switched off.
    #[serde(skip)]
    pub off: Vec<Rule>,
    /// Named parts of the day, for `where` and `per`; by default rush 0-2, sober 2-20, last-chance 20-24.
    #[serde(default = "phase::usual", rename = "phase")]
    pub phases: Vec<Phase>,
    /// How a day is planned again while it is under way, for `bidwright replan`.
    #[serde(default, skip_serializing_if = "Replan::is_default")]
    pub replan: Replan,
    /// Which changes a person approves before they go live.
    #[serde(default)]
    pub approval: Approval,
    /// What the shop's accounts at the platforms may set, for `bidwright export`.
    #[serde(default, skip_serializing_if = "Accounts::is_default")]
    pub platform: Accounts,
    /// The daily batch, `bidwright run`.
    #[serde(default, rename = "run", skip_serializing_if = "Daily::is_default")]
    pub daily: Daily,
    /// Named sets of other values for keys of this file, for `--scenario` and `bidwright compare`.
    #[serde(default, rename = "scenario", skip_serializing_if = "BTreeMap::is_empty")]
    pub scenarios: BTreeMap<String, Scenario>,
    /// The simulated shop behind this plan file, for `bidwright simulate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<Market>,
}

/// `[scenario.NAME]`: other values, by the keys of `--set` (`rule.roi.min = 2.5`).
pub type Scenario = BTreeMap<String, serde_json::Value>;

/// One value or a list of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// One value.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// The values as a slice.
    pub fn as_slice(&self) -> &[T] {
        match self {
            OneOrMany::One(value) => std::slice::from_ref(value),
            OneOrMany::Many(values) => values,
        }
    }
}

/// What is maximised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Money taken.
    #[default]
    Revenue,
    /// margin × revenue − spend.
    Profit,
    /// Orders.
    Orders,
    /// Clicks.
    Clicks,
}

/// `[plan]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// The date to plan; the day after the history's last by default.
    #[serde(deserialize_with = "toml_date", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub date: Option<Date>,
    /// What is maximised.
    pub objective: Objective,
    /// Gross profit as a share of revenue, used by `profit`.
    pub margin: f64,
    /// 0.5 = expected values; 0.9 = the rules hold with 90 % probability.
    pub confidence: f64,
    /// Currency of all money.
    pub currency: String,
    /// Time zone of dates and hours.
    pub timezone: String,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            date: None,
            objective: Objective::Revenue,
            margin: 0.35,
            confidence: 0.5,
            currency: "CNY".into(),
            timezone: "Asia/Shanghai".into(),
        }
    }
}

/// `[search]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SearchLimits {
    /// Predicted mean position of every cell that runs, best and worst.
    pub position: [f64; 2],
    /// Least chance of a bid to be held in that band on the day, as a share of the best that its cell can have. Less
    /// earns more and stands outside more often; at 0 the predicted position alone counts.
    pub hold: f64,
    /// CPC bid, lowest and highest.
    pub bid: [f64; 2],
    /// Bids are multiples of this.
    pub bid_step: f64,
    /// Largest change against the unit's last bid in that hour, as a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_change: Option<f64>,
    /// How far a bid may leave the range of bids that the history holds, as a share of it.
    pub extrapolate: f64,
}

impl Default for SearchLimits {
    fn default() -> Self {
        SearchLimits {
            position: [3.0, 5.0],
            hold: 0.9,
            bid: [0.05, 99.99],
            bid_step: 0.01,
            max_change: None,
            extrapolate: EXTRAPOLATE,
        }
    }
}

/// Twice the highest bid of the history, half of the lowest. Where operators stood far from what pays, half as much more
/// costs a tenth of the revenue; forecasts are hardly worse out there (benches/RESULTS.md).
const EXTRAPOLATE: f64 = 1.0;

/// `[display]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DisplayLimits {
    /// CPM bid, lowest and highest.
    pub bid: [f64; 2],
    /// Bids are multiples of this.
    pub bid_step: f64,
    /// Largest change against the unit's last bid in that hour, as a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_change: Option<f64>,
    /// How far a bid may leave the range of bids that the history holds, as a share of it.
    pub extrapolate: f64,
}

impl Default for DisplayLimits {
    fn default() -> Self {
        DisplayLimits { bid: [1.0, 300.0], bid_step: 0.1, max_change: None, extrapolate: EXTRAPOLATE }
    }
}

/// `[affiliate]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AffiliateLimits {
    /// Commission as a fraction of sales, lowest and highest.
    pub bid: [f64; 2],
    /// Commissions are multiples of this.
    pub bid_step: f64,
    /// Largest change against the plan's last commission, as a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_change: Option<f64>,
    /// How far a commission may leave the range that the history holds, as a share of it.
    pub extrapolate: f64,
    /// Merchant-side service fee as a fraction of sales, paid on top of the commission.
    pub service_fee: f64,
}

impl Default for AffiliateLimits {
    fn default() -> Self {
        AffiliateLimits {
            bid: [0.02, 0.45],
            bid_step: 0.005,
            max_change: None,
            extrapolate: EXTRAPOLATE,
            service_fee: 0.0,
        }
    }
}

/// `[group_buy]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupBuy {
    /// Slots on offer that day; each is taken or not.
    pub slot: Vec<Slot>,
}

/// `[[group_buy.slot]]`: fee = clamp(fixed_fee + rate × sales, fee_min, fee_max).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The slot's name in the history.
    pub unit: String,
    /// Its campaign, where the name alone is not unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Money for the slot, whatever it sells.
    #[serde(default)]
    pub fixed_fee: f64,
    /// Commission on its sales, a fraction.
    #[serde(default)]
    pub rate: f64,
    /// Lowest fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_min: Option<f64>,
    /// Highest fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_max: Option<f64>,
}

impl Slot {
    /// What the slot costs when it sells `revenue`.
    pub fn fee(&self, revenue: f64) -> f64 {
        (self.fixed_fee + self.rate * revenue)
            .max(self.fee_min.unwrap_or(0.0))
            .min(self.fee_max.unwrap_or(f64::INFINITY))
    }

    /// Whether a unit of the history is this slot.
    pub fn is(&self, unit: &Unit) -> bool {
        unit.channel == Channel::GroupBuy
            && unit.unit == self.unit
            && self.campaign.as_ref().is_none_or(|campaign| *campaign == unit.campaign)
    }
}

/// `[[override]]`: other limits for part of the shop.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Which cells.
    #[serde(rename = "where")]
    pub scope: Scope,
    /// `false` pauses the cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<bool>,
    /// `false`: bid by the platform itself; forecast and counted, but not planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
    /// One bid that is fixed, or another range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid: Option<BidOverride>,
    /// Another position band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<[f64; 2]>,
    /// Another bid step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bid_step: Option<f64>,
    /// Another largest change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_change: Option<f64>,
    /// Another margin outside the history's bids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extrapolate: Option<f64>,
}

/// A bid of an override.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BidOverride {
    /// This bid and no other.
    Fixed(f64),
    /// Lowest and highest.
    Range([f64; 2]),
}

/// A date of a plan file: TOML's own date, or the same as text.
pub(crate) fn toml_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Date(toml::value::Datetime),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Date(date) => date.to_string(),
        Written::Text(text) => text,
    };
    text.parse()
        .map(Some)
        .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a date like 2026-12-12")))
}

/// `[market]`: the simulated shop behind this plan file, for `bidwright simulate`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// The shop's file, relative to the plan file.
    pub shop: PathBuf,
}
