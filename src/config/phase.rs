//! Named parts of the day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;
use crate::calendar::HourSpan;

/// `[[phase]]`: a named part of the day.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Its hours.
    pub hour: OneOrMany<HourSpan>,
}

impl Phase {
    /// Whether an hour lies in the phase.
    pub fn has(&self, hour: u8) -> bool {
        self.hour.as_slice().iter().any(|span| span.contains(hour))
    }
}

/// The parts of a day in a plan file that names none.
pub(super) fn usual() -> Vec<Phase> {
    let phase =
        |name: &str, from, to| Phase { name: name.into(), hour: OneOrMany::One(HourSpan { from, to }) };
    vec![phase("rush", 0, 2), phase("sober", 2, 20), phase("last-chance", 20, 24)]
}
