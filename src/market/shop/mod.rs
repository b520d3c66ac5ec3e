//! The shop's file: everything that the market must know to invent a shop.

mod channels;
mod check;
mod defaults;
mod event;
mod report;

use std::path::PathBuf;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::{HourSpan, date_of, day_number};
use crate::config::{OneOrMany, toml_date};
use crate::error::Result;
pub use channels::{Affiliate, Display, Rival, Search, Slot};
pub use event::Event;
pub use report::{Positions, Report};

/// A simulated shop: its products, its rivals, and how its past operator bid.
///
/// Money is in the shop's currency; shares and rates are fractions; "spread" is the sigma of a
/// lognormal distribution, 0.3 meaning roughly ± 30 %.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Shop {
    /// Everything random follows from this number and the names of the units.
    pub seed: u64,
    /// First day of the history.
    #[serde(deserialize_with = "date")]
    #[schemars(with = "String")]
    pub first_date: Date,
    /// Days of the history.
    pub days: u32,
    /// The morning on which the report was exported: orders that arrive on this date or later are not
    /// in it. By default the day after the last.
    #[serde(deserialize_with = "toml_date", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Date>,
    /// Share of orders that arrive 0, 1, 2 … days after the click, up to the attribution window.
    pub delay: Vec<f64>,
    /// Whether the platform stops a channel the moment its budget is spent. If not, it does so at the end
    /// of the hour.
    pub stops_at_once: bool,
    /// Orders that come back.
    pub returns: Returns,
    /// How the platform reports.
    pub report: Report,
    /// Days that are not like others.
    #[serde(rename = "event")]
    pub events: Vec<Event>,
    /// When people come and buy.
    pub demand: Demand,
    /// How the past operator bid.
    pub operator: Operator,
    /// What is sold.
    #[serde(rename = "product")]
    pub products: Vec<Product>,
    /// Keyword auctions.
    pub search: Search,
    /// Audience × placement auctions.
    pub display: Display,
    /// Plans for promoters.
    pub affiliate: Affiliate,
    /// Group-buy slots.
    #[serde(rename = "group_buy")]
    pub slots: Vec<Slot>,
    /// Files to write, relative to this file.
    #[serde(rename = "output")]
    pub outputs: Vec<Output>,
}

impl Shop {
    /// Reads a shop's file.
    ///
    /// # Errors
    /// All findings at once: `M001` for text that is not a shop's file, `M002` … for bad values.
    pub fn parse(text: &str) -> Result<Shop> {
        check::parse(text)
    }

    /// Day number of the first day.
    pub fn first_day(&self) -> i32 {
        day_number(self.first_date)
    }

    /// Day number of the last day.
    pub fn last_day(&self) -> i32 {
        self.first_day() + self.days as i32 - 1
    }

    /// The morning on which the report was exported.
    pub fn exported(&self) -> Date {
        self.as_of.unwrap_or_else(|| date_of(self.last_day() + 1))
    }
}

/// `[demand]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Demand {
    /// Traffic by hour, 24 numbers whose scale does not matter.
    pub hour: Vec<f64>,
    /// Traffic by weekday from Monday, 7 numbers whose scale does not matter.
    pub weekday: Vec<f64>,
    /// Orders per click by hour, 24 numbers whose scale does not matter.
    pub cvr_hour: Vec<f64>,
    /// Growth of all traffic in 30 days.
    pub monthly_trend: f64,
    /// How far a unit's own traffic swings slowly up and down.
    pub drift: f64,
    /// Days of one such swing.
    pub drift_days: f64,
    /// Spread of a channel's traffic from day to day.
    pub day_noise: f64,
    /// Spread of a unit's own traffic from day to day.
    pub unit_noise: f64,
    /// Spread of a channel's orders per click from day to day.
    pub cvr_noise: f64,
    /// Orders per click by weekday from Monday, 7 numbers whose scale does not matter.
    pub cvr_weekday: Vec<f64>,
}

/// `[returns]`: orders that come back. Commissions are paid for those that do not.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Returns {
    /// Share of orders that come back.
    pub share: f64,
    /// Days between an order and its return, least and most.
    pub days: [u32; 2],
    /// Whether reports take a returned order out again.
    pub reported: bool,
}

/// `[operator]`: the person who bid in the past, partly by the demand he saw, partly by a wrong guess.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// Days between two changes of a unit's bid, least and most.
    pub change_days: [f64; 2],
    /// Days between two changes of a plan's commission, least and most.
    pub commission_days: [f64; 2],
    /// Size of a change, smallest and largest.
    pub step: [f64; 2],
    /// How wrong the first guess of a unit's bid is: a spread.
    pub error: f64,
    /// How much bids follow the day's and the hour's demand: elasticity, 0 = not at all.
    pub follow_demand: f64,
    /// How much bids follow what a unit's traffic is on that very day: elasticity. The operator knows of
    /// promotions and of the weather; the history does not.
    pub follow_day: f64,
    /// How much bids follow how ready people are to buy on that very day: elasticity.
    pub follow_cvr: f64,
    /// Hours in which nothing was bid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rests: Option<OneOrMany<HourSpan>>,
    /// Chance that a unit was not bid for on a day.
    pub pause: f64,
    /// Spread of a campaign's hour discounts around that.
    pub discount_spread: f64,
    /// Days for which a campaign keeps its hour discounts.
    pub discount_days: u32,
}

/// `[[product]]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// Mean value of an order.
    pub order_value: f64,
}

/// `[[output]]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The file, relative to the shop's file.
    pub file: PathBuf,
    /// How it is written.
    pub format: Format,
    /// Only so many of the last days; all days by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_days: Option<u32>,
}

/// How a history is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Parquet with the canonical columns.
    Parquet,
    /// A GBK text file with the Chinese headers of a 直通车 report.
    ZhitongcheCsv,
}

pub(super) fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Date, D::Error> {
    use serde::de::Error;
    toml_date(deserializer)?.ok_or_else(|| D::Error::custom("a date like 2026-12-12 is needed"))
}
