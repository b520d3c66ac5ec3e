//! `by-hand.csv`: what became of the bids that a person set.

use std::path::Path;

use crate::error::{Error, Result};
use crate::report::lang::{Word, platform};
use crate::schedule::executable::{Executable, Unkept};

/// The file's name.
pub const FILE: &str = "by-hand.csv";

/// Writes the file; none where no person set a bid of this platform.
pub fn write(plan: &Executable, path: &Path) -> Result<()> {
    if plan.by_hand.is_empty() {
        return Ok(());
    }
    let failed = Error::csv(path);
    let mut writer = csv::Writer::from_path(path).map_err(failed)?;
    writer
        .write_record(["hour", "channel", "campaign", "unit", "product", "asked", "bid", "spend", "kept"])
        .map_err(failed)?;
    // Nothing = does not run, as in effective.csv.
    let bid = |bid: Option<f64>| bid.map_or_else(String::new, |bid| bid.to_string());
    for by_hand in &plan.by_hand {
        let unit = &plan.units[by_hand.unit as usize];
        let row = [
            by_hand.hour.to_string(),
            unit.channel.to_string(),
            unit.campaign.clone(),
            unit.unit.clone(),
            unit.product.clone().unwrap_or_default(),
            bid(by_hand.asked),
            bid(by_hand.effective),
            crate::sheets::table::rounded(by_hand.outcome.spend, 4).to_string(),
            words(by_hand.why).en.to_owned(),
        ];
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(Error::io("write", path))
}

/// Whether a bid was kept, and why not.
pub fn words(why: Option<Unkept>) -> Word {
    match why {
        None => platform::KEPT_WITHIN,
        Some(Unkept::OneCellOff) => platform::NOT_ONE_CELL,
        Some(Unkept::Together) => platform::NOT_TOGETHER,
        Some(Unkept::UnitPaused) => platform::NOT_PAUSED,
        Some(Unkept::HourOff) => platform::NOT_OFF,
    }
}
