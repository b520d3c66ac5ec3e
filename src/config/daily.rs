//! `[run]`: the daily batch, `bidwright run` and `bidwright batch`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::platform::Platform;
use crate::error::Result;

/// What becomes of a history that is not there yet, or not whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnStale {
    /// The run stops, and the last good plan stays.
    #[default]
    Stop,
    /// The run says so and goes on.
    Warn,
}

/// `[run]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Daily {
    /// Platforms to export the plan to, as `bidwright export --platform` names them.
    pub export: Vec<String>,
    /// Runs that are kept, the newest first; the last good one always is.
    pub keep: usize,
    /// What becomes of a history that is not there yet, or not whole.
    pub on_stale: OnStale,
    /// Days before the planned date of which each channel's newest rows may be; 1 = the day before.
    pub max_age_days: u32,
    /// Share of the rows usual on that weekday that the newest day of a channel must have; 0 = any.
    pub least_rows: f64,
}

impl Default for Daily {
    fn default() -> Self {
        Daily { export: Vec::new(), keep: 30, on_stale: OnStale::Stop, max_age_days: 1, least_rows: 0.5 }
    }
}

impl Daily {
    /// Whether the plan file says nothing of it.
    pub fn is_default(&self) -> bool {
        *self == Daily::default()
    }

    /// The platforms of [`export`](Self::export).
    ///
    /// # Errors
    /// `U020` for a name that is none.
    pub fn platforms(&self) -> Result<Vec<Platform>> {
        self.export.iter().map(|name| Platform::named(name)).collect()
    }
}
