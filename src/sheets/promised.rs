//! What a finished plan promised, read back from its `summary.json`.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use crate::error::{Error, Finding, Result};
use crate::plan::{Outlook, RuleValue, Status};

/// What a finished plan promised.
#[derive(Debug, Deserialize)]
pub struct Promised {
    /// How it ended.
    pub status: Status,
    /// Currency of its money.
    pub currency: String,
    /// The planned date.
    pub date: Date,
    /// Every rule row.
    pub rules: Vec<RuleValue>,
    /// How far the day was said to lie from what was expected.
    pub outlook: Outlook,
}

impl Promised {
    /// Reads it from the output folder of `plan`.
    ///
    /// # Errors
    /// `O005` for a folder that holds no plan of this version.
    pub fn of(folder: &Path) -> Result<Promised> {
        let path = folder.join("summary.json");
        let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        serde_json::from_str(&text).map_err(|error| {
            let action = "name the output folder of a `bidwright plan` of this version";
            Finding::error("O005", format!("its summary cannot be read: {error}"), action)
                .in_file(&path)
                .into()
        })
    }
}
