//! `bidwright completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, after_help, screen};
use crate::error::{Result, exit};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright completions bash > ~/.local/share/bash-completion/completions/bidwright\n  bidwright completions fish > ~/.config/fish/completions/bidwright.fish"
))]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsArgs {
    pub fn run(&self) -> Result<u8> {
        // Into memory first: the generator panics where a pipe is closed.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "bidwright", &mut script);
        screen::print(&String::from_utf8_lossy(&script))?;
        Ok(exit::DONE)
    }
}
