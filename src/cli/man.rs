//! `bidwright man`.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_mangen::Man;

use super::{Cli, after_help, screen};
use crate::error::{Error, Result, exit};

/// Print the manual page, or write one page per command
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!("  bidwright man | man -l -\n  bidwright man --out ~/.local/share/man/man1"))]
pub(super) struct ManArgs {
    /// Folder for one page per command [default: one page to stdout]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl ManArgs {
    pub fn run(&self) -> Result<u8> {
        let Some(folder) = &self.out else {
            let mut page = Vec::new();
            Man::new(Cli::command()).render(&mut page).map_err(|error| Error::Internal(error.to_string()))?;
            screen::print(&String::from_utf8_lossy(&page))?;
            return Ok(exit::DONE);
        };
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(Error::io("write pages to", folder))?;
        screen::print(&format!("manual pages are in {}", folder.display()))?;
        Ok(exit::DONE)
    }
}
