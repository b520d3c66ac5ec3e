//! Files as platforms take them: one file of ours a platform, all behind one trait.
//!
//! What blank, zero and absent mean is each platform's own affair, and `docs/platforms.md` says it for each. A plan
//! is for one date; schedules are written for all seven days alike, so that an upload that is missed leaves
//! yesterday's schedule and not a campaign that nobody sees.

mod amazon;
mod google_ads;
mod json;
mod microsoft;
mod zhitongche;
mod zuanzhan;

use crate::config::Platform;
use crate::error::{Error, Result};
use crate::schedule::executable::Executable;

/// A file for a platform.
pub struct Sheet {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// How a platform wants to be told.
pub trait Format {
    /// The files to upload, or to copy from.
    ///
    /// # Errors
    /// Internal, when a file cannot be put together.
    fn sheets(&self, plan: &Executable) -> Result<Vec<Sheet>>;
}

/// The format of a platform.
pub fn of(platform: Platform) -> &'static dyn Format {
    match platform {
        Platform::Zhitongche => &zhitongche::Zhitongche,
        Platform::Zuanzhan => &zuanzhan::Zuanzhan,
        Platform::GoogleAds => &google_ads::GoogleAds,
        Platform::Microsoft => &microsoft::Microsoft,
        Platform::Amazon => &amazon::Amazon,
        Platform::Json => &json::Json,
    }
}

/// Names of all files that any platform may have.
pub const FILES: [&str; 8] = [
    zhitongche::SCHEDULES,
    zhitongche::KEYWORDS,
    zuanzhan::HOURS_FILE,
    zuanzhan::BIDS,
    google_ads::FILE,
    microsoft::FILE,
    amazon::FILE,
    json::FILE,
];

/// Days of a week, as platforms of English write them.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What spreadsheets know UTF-8 by.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A CSV file from its header and rows, with a byte order mark.
fn csv<R: IntoIterator<Item = String>>(
    name: &'static str,
    header: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<Sheet> {
    let failed = |error: csv::Error| Error::Internal(format!("{name}: {error}"));
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::Internal(format!("{name}: {error}")))?;
    Ok(Sheet { name, bytes })
}

/// A bid or a sum as it is read by people and machines alike: no more decimals than it has, at most so many.
fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests;
