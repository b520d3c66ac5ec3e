//! Google Ads Editor's CSV: an ad schedule per campaign, a maximum CPC per keyword.
//!
//! In the schedule `(Friday@80%[08:00-17:30])` bids 80 % of the maximum CPC; without `@` it is 100 %. Hours that no
//! window names are not delivered. `[]` clears the schedule, which is the whole week at 100 %. A blank cell changes
//! nothing.

use super::{DAYS, Format, Sheet, csv, plain};
use crate::calendar::HOURS;
use crate::error::Result;
use crate::schedule::executable::{Campaign, Executable};

pub(super) const FILE: &str = "google-ads-editor.csv";

/// Google Ads.
pub struct GoogleAds;

impl Format for GoogleAds {
    fn sheets(&self, plan: &Executable) -> Result<Vec<Sheet>> {
        let header = [
            "Campaign",
            "Campaign Status",
            "Ad Schedule",
            "Ad Group",
            "Keyword",
            "Criterion Type",
            "Status",
            "Max CPC",
        ];
        let mut rows = Vec::new();
        for campaign in &plan.campaigns {
            let runs = campaign.runs();
            let state = if runs { "Enabled" } else { "Paused" };
            let blank = String::new;
            rows.push([
                campaign.name.clone(),
                state.into(),
                schedule(campaign),
                blank(),
                blank(),
                blank(),
                blank(),
                blank(),
            ]);
            for (unit, base) in campaign.base.iter().filter(|_| runs) {
                let key = &plan.units[*unit as usize];
                rows.push([
                    campaign.name.clone(),
                    blank(),
                    blank(),
                    plan.ad_group(key).to_owned(),
                    key.unit.clone(),
                    plan.account.match_type.clone().unwrap_or_default(),
                    if base.is_some() { "Enabled" } else { "Paused" }.into(),
                    base.map_or_else(blank, |base| plain(base, 4)),
                ]);
            }
        }
        Ok(vec![csv(FILE, &header, rows)?])
    }
}

/// The schedule of a week; blank, which leaves it as it is, for a campaign that is paused.
fn schedule(campaign: &Campaign) -> String {
    let windows = campaign.windows();
    if windows == [(0, HOURS, 100)] {
        return "[]".into();
    }
    let of_day = |day: &'static str| {
        windows.iter().map(move |(from, to, percent)| {
            let bid = if *percent == 100 { String::new() } else { format!("@{percent}%") };
            format!("({day}{bid}[{from:02}:00-{to:02}:00])")
        })
    };
    DAYS.into_iter().flat_map(of_day).collect::<Vec<_>>().join(";")
}
