//! What a bid is set for: channels, units and cells.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to buy traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 直通车: a CPC bid per keyword in an auction with positions.
    Search,
    /// 钻展: a CPM bid per audience and placement.
    Display,
    /// 淘宝客: a commission on sales.
    Affiliate,
    /// 聚划算: slots for a fixed fee, a commission, or both.
    GroupBuy,
}

impl Channel {
    /// All channels, in the order in which every table shows them.
    pub const ALL: [Channel; 4] = [Channel::Search, Channel::Display, Channel::Affiliate, Channel::GroupBuy];

    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Search => "search",
            Channel::Display => "display",
            Channel::Affiliate => "affiliate",
            Channel::GroupBuy => "group_buy",
        }
    }

    /// The platform's name.
    pub fn chinese(self) -> &'static str {
        match self {
            Channel::Search => "直通车",
            Channel::Display => "钻展",
            Channel::Affiliate => "淘宝客",
            Channel::GroupBuy => "聚划算",
        }
    }

    /// The channel of a name in English or Chinese.
    pub fn parse(text: &str) -> Option<Channel> {
        Some(match text.trim().to_lowercase().as_str() {
            "search" | "直通车" | "关键词推广" | "搜索" | "搜索推广" => Channel::Search,
            "display" | "钻展" | "钻石展位" | "人群推广" | "展示" => Channel::Display,
            "affiliate" | "affiliates" | "淘宝客" | "淘客" => Channel::Affiliate,
            "group_buy" | "group-buy" | "groupbuy" | "聚划算" => Channel::GroupBuy,
            _ => return None,
        })
    }

    /// Whether a bid holds for the whole day (affiliate plans, group-buy slots).
    pub fn by_the_day(self) -> bool {
        matches!(self, Channel::Affiliate | Channel::GroupBuy)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a bid is set for: a keyword, an audience × placement, an affiliate plan, a group-buy slot.
/// The same word on several products is normal, so the product is part of the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// The channel it is bought in.
    pub channel: Channel,
    /// The campaign it belongs to.
    pub campaign: String,
    /// Its own name or ID, text.
    pub unit: String,
    /// The product it advertises, when the history names one.
    pub product: Option<String>,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.channel, self.campaign, self.unit)?;
        match &self.product {
            Some(product) => write!(f, "/{product}"),
            None => Ok(()),
        }
    }
}

/// A unit in one hour of the planned date. `unit` is an index into the units of the history,
/// the landscapes and the plan, which share their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// Index of the unit.
    pub unit: u32,
    /// Hour of the day, 0 to 23.
    pub hour: u8,
}
