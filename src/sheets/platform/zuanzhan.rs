//! Taobao display (钻展): hours on or off per campaign, one CPM bid per unit.
//!
//! Hours are 24 switches for workdays and 24 for weekends: 1 is on, 0 is off.

use super::{Format, Sheet, csv, plain};
use crate::error::Result;
use crate::schedule::executable::Executable;

pub(super) const HOURS_FILE: &str = "zuanzhan-hours.csv";
pub(super) const BIDS: &str = "zuanzhan-bids.csv";

/// Taobao display.
pub struct Zuanzhan;

impl Format for Zuanzhan {
    fn sheets(&self, plan: &Executable) -> Result<Vec<Sheet>> {
        let hours = plan.campaigns.iter().map(|campaign| {
            let switches: Vec<&str> = campaign.hours().iter().map(|on| if *on { "1" } else { "0" }).collect();
            let switches = switches.join(",");
            let state = if campaign.runs() { "推广" } else { "暂停" };
            [campaign.name.clone(), state.to_owned(), switches.clone(), switches]
        });
        let hours = csv(HOURS_FILE, &["计划名称", "状态", "工作日时段", "周末时段"], hours)?;
        let bids = plan.campaigns.iter().flat_map(|campaign| {
            campaign.base.iter().map(|(unit, base)| {
                let key = &plan.units[*unit as usize];
                let base = base.filter(|_| campaign.runs());
                [
                    campaign.name.clone(),
                    key.unit.clone(),
                    if base.is_some() { "推广" } else { "暂停" }.to_owned(),
                    base.map_or_else(String::new, |base| plain(base, 4)),
                    plan.last_bid(*unit).map_or_else(String::new, |last| plain(last, 2)),
                ]
            })
        });
        let header = ["计划名称", "人群与资源位", "状态", "千次展现出价", "原出价"];
        Ok(vec![hours, csv(BIDS, &header, bids)?])
    }
}
