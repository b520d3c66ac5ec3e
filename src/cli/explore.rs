//! `bidwright explore`.

use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use super::{DayArgs, Log, PlanFileArgs, after_help, screen, stop};
use crate::config;
use crate::error::{Error, Finding, Result, exit};
use crate::pipeline::desk::Desk;
use crate::sheets;
use crate::web::{Server, Shop};

/// Move the rules on a page and see the plan follow
///
/// Reads and fits once, then serves a page on 127.0.0.1 of this machine: sliders and number fields for every
/// rule, the position band, bids and the objective; totals, rules with their prices, frontier, positions and
/// bids follow. What the page shows is what `bidwright plan --set` makes of the same settings. The page writes
/// settings into the plan file (comments stay) and sheets into the output folder when told to.
///
/// Open the address that is printed: the token in it lets the page in, and nobody else. Ctrl-C ends it.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright explore shop/plan.toml\n  bidwright explore shop/plan.toml --port 8765 --token-file ~/.bidwright-token\n\nWith a fixed --port and a --token-file, open pages reconnect by themselves after a restart."
))]
pub(super) struct ExploreArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// The port [default: a free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Keep the token in this file, so that it outlives a restart; made when it does not exist
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Folder for sheets that the page writes [default: runs/DATE beside the plan file]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    day: DayArgs,
}

impl ExploreArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let mut request = self.file.load(log)?;
        if let Some(out) = &self.out {
            sheets::refuse(out, &sheets::PLAN, false)?;
        }
        let token = self.token_file.as_deref().map(token).transpose()?;
        let options = self.day.options(&mut request);
        let desk = Desk::open(&request, &options)?;
        log.findings(&desk.audit().findings);
        let mut set = match &self.file.scenario {
            Some(name) => config::scenario(&request, name)?,
            None => Vec::new(),
        };
        set.extend(self.file.set.iter().cloned());
        let shop = Shop { desk, request, set, options, out: self.out.clone() };
        let server = Server::bind(shop, self.port, token)?;
        let interrupted = on_interrupt()?;
        screen::print(&format!("Open {}\nCtrl-C ends it.", server.url()))?;
        server.run(interrupted)?;
        Ok(exit::DONE)
    }
}

/// Told at Ctrl-C, or SIGTERM.
fn on_interrupt() -> Result<oneshot::Receiver<()>> {
    let (told, heard) = oneshot::channel();
    let mut told = Some(told);
    let handler = stop::at_each(move || {
        if let Some(told) = told.take() {
            let _ = told.send(());
        }
    });
    handler.map_err(|error| Error::Internal(format!("Ctrl-C cannot be caught: {error}")))?;
    Ok(heard)
}

/// The least characters of a token that somebody wrote.
const SHORTEST: usize = 16;

/// The token of a file, which is made when it does not exist, for its owner alone.
fn token(path: &Path) -> Result<String> {
    if !path.exists() {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(Error::io("create", path))?;
        std::io::Write::write_all(&mut file, crate::web::token()?.as_bytes())
            .map_err(Error::io("write", path))?;
    }
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let token = text.trim();
    if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let finding = Finding::error(
            "W004",
            "the file holds no token",
            format!(
                "remove it, and a new one is made; or write at least {SHORTEST} letters and digits into it"
            ),
        );
        return Err(finding.in_file(path).into());
    }
    Ok(token.to_owned())
}
