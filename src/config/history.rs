//! Where the history is and how far it can be trusted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;

/// `[history]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// Files, globs or folders, relative to the plan file.
    pub files: Vec<String>,
    /// Files that differ from each other or from our names.
    pub source: Vec<Source>,
    /// Attribution window of the sales columns, in days.
    pub window_days: u32,
    /// Newest days whose sales are still filling in; their sales are not judged by, nor learned from unless it is known
    /// how they fill in.
    pub maturity_days: u32,
    /// Share of a day's orders that are in the next morning, a day later, and so on; the last number holds from then on.
    /// By default it is learned from rows that were exported on several days (column `exported`), where there are any.
    pub maturation: Vec<f64>,
    /// Older rows are not used.
    pub lookback_days: u32,
    /// Share of rows that may be rejected before the run stops.
    pub max_rejected: f64,
    /// Relative volume of the hours 0 to 23, for a channel whose history holds no hours at all. The
    /// default is a normal Taobao day: trough at 4, peak at 21.
    pub hourly_shape: Vec<f64>,
}

/// A normal Taobao day, scaled to a mean of 1 over the hours.
const NORMAL_DAY: [f64; 24] = [
    0.85, 0.50, 0.29, 0.19, 0.15, 0.17, 0.31, 0.55, 0.84, 1.12, 1.27, 1.20, 1.18, 1.24, 1.27, 1.25, 1.21,
    1.11, 1.09, 1.27, 1.55, 1.73, 1.66, 1.28,
];

impl Default for History {
    fn default() -> Self {
        History {
            files: Vec::new(),
            source: Vec::new(),
            window_days: 15,
            maturity_days: 3,
            maturation: Vec::new(),
            lookback_days: 56,
            max_rejected: 0.01,
            hourly_shape: {
                let mean = NORMAL_DAY.iter().sum::<f64>() / NORMAL_DAY.len() as f64;
                NORMAL_DAY.iter().map(|share| share / mean).collect()
            },
        }
    }
}

/// `[[history.source]]`: files of one shape.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Files, globs or folders, relative to the plan file.
    pub files: Vec<String>,
    /// Our column = theirs; a list is joined with ` / `.
    #[serde(default)]
    pub columns: BTreeMap<String, OneOrMany<String>>,
    /// What the file lacks: our column = its value for every row.
    #[serde(default)]
    pub constants: BTreeMap<String, Constant>,
    /// A row covers so many days from its date.
    #[serde(default = "one")]
    pub period_days: u32,
}

/// A constant of a source: text, a number or a date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Constant {
    /// A date, `2007-07-01` without quotes.
    Date(#[schemars(with = "String", extend("format" = "date"))] toml::value::Datetime),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

fn one() -> u32 {
    1
}
