//! What a page asks.

use axum::body::Bytes;
use serde::Deserialize;

use super::App;
use super::base::{Base, Settings};
use crate::error::{Finding, Result};
use crate::report::Lang;

/// Settings of a page, and what it wants with them.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The page's own name.
    #[serde(default)]
    pub tab: String,
    /// The plan file as the page read it; as it is now, by default.
    #[serde(default)]
    pub base: Option<Base>,
    /// `KEY=VALUE`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Language of words in the answer: `zh`, or English.
    #[serde(default)]
    pub lang: String,
    /// Which units are shown.
    #[serde(default)]
    pub shown: Shown,
    /// The bound whose frontier is wanted: index of its rule, and `min` or `max`.
    #[serde(default)]
    pub frontier: Option<(usize, String)>,
    /// A unit's index and an hour.
    #[serde(default)]
    pub unit: Option<(u32, u8)>,
    /// Name of a file.
    #[serde(default)]
    pub file: String,
    /// Whether a folder that is not ours may be written into.
    #[serde(default)]
    pub force: bool,
    /// The text of the plan file that saved settings may replace; the base's, by default.
    #[serde(default)]
    pub replaced: Option<String>,
}

/// Which units a page shows.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shown {
    /// Those with this in their names.
    pub find: String,
    /// Those that run (`on`), that do not (`off`), or all.
    pub state: String,
    /// All of them, not only those with most spend.
    pub all: bool,
}

impl Asked {
    /// Reads a request.
    ///
    /// # Errors
    /// `W002` when it is none.
    pub fn read(body: &Bytes) -> Result<Asked> {
        serde_json::from_slice(body).map_err(|error| {
            let cause = format!("the request cannot be read: {error}");
            Finding::error("W002", cause, "send the JSON that docs/explore.md describes").into()
        })
    }

    /// Its language.
    pub fn lang(&self) -> Lang {
        if self.lang.starts_with("zh") { Lang::Zh } else { Lang::En }
    }

    /// Its settings, on its base.
    pub fn settings(&self, app: &App) -> Settings {
        let base = self.base.clone().unwrap_or_else(|| app.latest().0);
        Settings { base, set: self.set.clone() }
    }
}
