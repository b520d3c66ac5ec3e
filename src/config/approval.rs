//! Which changes a person approves before they go live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[approval]`: changes of bids that the workbook asks a person to approve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    /// A change against the last bid by more than this share; the channel's `max_change` where that is less.
    pub change: f64,
    /// Any change of a unit of which the history has fewer rows.
    pub min_rows: usize,
}

impl Default for Approval {
    fn default() -> Self {
        Approval { change: 0.5, min_rows: 48 }
    }
}
