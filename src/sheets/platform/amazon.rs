//! Amazon Ads' bulk sheet: a bid per keyword, all day. Placement percentages are left as they are.
//!
//! A row without an operation is ignored, so every row of ours says `Update`. IDs are text. A unit whose name is a
//! number is a keyword ID; any other is a keyword's text, whose ID the operator adds.

use rust_xlsxwriter::{Format as Style, Workbook, XlsxError};

use super::{Format, Sheet};
use crate::error::{Error, Result};
use crate::schedule::executable::Executable;

pub(super) const FILE: &str = "amazon-bulk.xlsx";

/// The tab that Amazon reads.
const TAB: &str = "Sponsored Products Campaigns";

const HEADER: [(&str, f64); 12] = [
    ("Product", 20.0),
    ("Entity", 12.0),
    ("Operation", 12.0),
    ("Campaign ID", 20.0),
    ("Ad Group ID", 20.0),
    ("Keyword ID", 20.0),
    ("Campaign Name", 24.0),
    ("Ad Group Name", 24.0),
    ("State", 10.0),
    ("Bid", 10.0),
    ("Keyword Text", 28.0),
    ("Match Type", 12.0),
];

/// Amazon Ads.
pub struct Amazon;

impl Format for Amazon {
    fn sheets(&self, plan: &Executable) -> Result<Vec<Sheet>> {
        let bytes = workbook(plan).map_err(|error| Error::Internal(format!("{FILE}: {error}")))?;
        Ok(vec![Sheet { name: FILE, bytes }])
    }
}

fn workbook(plan: &Executable) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(TAB)?;
    let bold = Style::new().set_bold();
    for (column, (name, width)) in (0u16..).zip(HEADER) {
        sheet.write_with_format(0, column, name, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let is_id = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let mut line = 0;
    for campaign in &plan.campaigns {
        for (unit, base) in &campaign.base {
            line += 1;
            let key = &plan.units[*unit as usize];
            let base = base.filter(|_| campaign.runs());
            let mut text = |column: &str, value: &str| -> std::result::Result<(), XlsxError> {
                let at = HEADER.iter().position(|(name, _)| *name == column).unwrap_or(0);
                sheet.write(line, at as u16, value).map(|_| ())
            };
            text("Product", "Sponsored Products")?;
            text("Entity", "Keyword")?;
            text("Operation", "Update")?;
            text(if is_id(&campaign.of) { "Campaign ID" } else { "Campaign Name" }, &campaign.of)?;
            let group = plan.ad_group(key);
            text(if is_id(group) { "Ad Group ID" } else { "Ad Group Name" }, group)?;
            text(if is_id(&key.unit) { "Keyword ID" } else { "Keyword Text" }, &key.unit)?;
            text("State", if base.is_some() { "enabled" } else { "paused" })?;
            text("Match Type", &plan.account.match_type.as_deref().unwrap_or_default().to_lowercase())?;
            if let Some(base) = base {
                let at = HEADER.iter().position(|(name, _)| *name == "Bid").unwrap_or(0);
                sheet.write(line, at as u16, base)?;
            }
        }
    }
    book.save_to_buffer()
}
