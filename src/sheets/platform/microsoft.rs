//! Microsoft Advertising's bulk file: day and time criteria per campaign, a bid per keyword.
//!
//! `Bid Adjustment` is the percentage above or below the bid: −20 bids 80 % of it, 0 the bid itself. Hours that no
//! criterion of a campaign names are not delivered. A blank cell changes nothing. UTF-8 needs a byte order mark.

use super::{DAYS, Format, Sheet, csv, plain};
use crate::error::Result;
use crate::schedule::executable::Executable;

pub(super) const FILE: &str = "microsoft-bulk.csv";

const HEADER: [&str; 16] = [
    "Type",
    "Status",
    "Id",
    "Parent Id",
    "Campaign",
    "Ad Group",
    "Keyword",
    "Match Type",
    "Bid",
    "Target",
    "From Hour",
    "From Minute",
    "To Hour",
    "To Minute",
    "Bid Adjustment",
    "Name",
];

/// Version of the bulk file's format.
const VERSION: &str = "6.0";

/// Microsoft Advertising.
pub struct Microsoft;

impl Format for Microsoft {
    fn sheets(&self, plan: &Executable) -> Result<Vec<Sheet>> {
        let mut rows = vec![row([("Type", "Format Version".into()), ("Name", VERSION.into())])];
        for campaign in &plan.campaigns {
            let named = ("Campaign", campaign.name.clone());
            if !campaign.runs() {
                rows.push(row([("Type", "Campaign".into()), ("Status", "Paused".into()), named]));
                continue;
            }
            for day in DAYS {
                for (from, to, percent) in campaign.windows() {
                    rows.push(row([
                        ("Type", "Campaign DayTime Criterion".into()),
                        ("Status", "Active".into()),
                        named.clone(),
                        ("Target", day.into()),
                        ("From Hour", from.to_string()),
                        ("From Minute", "0".into()),
                        ("To Hour", to.to_string()),
                        ("To Minute", "0".into()),
                        ("Bid Adjustment", (i64::from(percent) - 100).to_string()),
                    ]));
                }
            }
            for (unit, base) in &campaign.base {
                let key = &plan.units[*unit as usize];
                rows.push(row([
                    ("Type", "Keyword".into()),
                    ("Status", if base.is_some() { "Active" } else { "Paused" }.into()),
                    named.clone(),
                    ("Ad Group", plan.ad_group(key).to_owned()),
                    ("Keyword", key.unit.clone()),
                    ("Match Type", plan.account.match_type.clone().unwrap_or_default()),
                    ("Bid", base.map_or_else(String::new, |base| plain(base, 4))),
                ]));
            }
        }
        Ok(vec![csv(FILE, &HEADER, rows)?])
    }
}

/// A record from the columns that it fills.
fn row<const N: usize>(filled: [(&str, String); N]) -> [String; HEADER.len()] {
    HEADER.map(|name| {
        let cell = filled.iter().find(|(column, _)| *column == name);
        cell.map_or_else(String::new, |(_, text)| text.clone())
    })
}
