//! `bidwright schema`.

use super::{after_help, screen};
use crate::config;
use crate::error::{Error, Result, exit};

/// Print the JSON Schema of the plan file
///
/// Every key of the plan file with its type, its default and what it means, for editors that complete
/// TOML and for programs that write plan files.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!("  bidwright schema > plan.schema.json\n  bidwright schema | jq '.properties | keys'"))]
pub(super) struct SchemaArgs {}

impl SchemaArgs {
    pub fn run(&self) -> Result<u8> {
        let text = serde_json::to_string_pretty(&config::schema())
            .map_err(|error| Error::Internal(error.to_string()))?;
        screen::print(&text)?;
        Ok(exit::DONE)
    }
}
