//! Taobao search (直通车): a time-discount string per campaign, a base bid per keyword.
//!
//! The string is that of the platform's interface: seven days from Monday, apart by `;`, the windows of a day apart
//! by `,`, each `from-to:percent`. An hour that no window names is not delivered, which is neither 0 % nor 100 %.

use super::{Format, Sheet, csv, plain};
use crate::calendar::HOURS;
use crate::error::Result;
use crate::metric::Outcome;
use crate::schedule::executable::{Campaign, Executable};

pub(super) const SCHEDULES: &str = "zhitongche-schedules.csv";
pub(super) const KEYWORDS: &str = "zhitongche-keywords.csv";

/// Taobao search.
pub struct Zhitongche;

impl Format for Zhitongche {
    fn sheets(&self, plan: &Executable) -> Result<Vec<Sheet>> {
        Ok(vec![schedules(plan)?, keywords(plan)?])
    }
}

fn schedules(plan: &Executable) -> Result<Sheet> {
    let hours: Vec<String> = (0..HOURS).map(|hour| format!("{hour:02}:00")).collect();
    let header: Vec<&str> =
        ["计划名称", "状态", "分时折扣"].into_iter().chain(hours.iter().map(String::as_str)).collect();
    let rows = plan.campaigns.iter().map(|campaign| {
        let runs = campaign.runs();
        let hours = campaign.percent.iter().map(move |percent| match percent {
            Some(percent) if runs => percent.to_string(),
            _ => String::new(),
        });
        let state = if runs { "推广" } else { "暂停" };
        [campaign.name.clone(), state.to_owned(), string(campaign)].into_iter().chain(hours)
    });
    csv(SCHEDULES, &header, rows)
}

/// The time discounts of a week; nothing for a campaign that is paused.
fn string(campaign: &Campaign) -> String {
    let windows = campaign.windows();
    let day: Vec<String> =
        windows.iter().map(|(from, to, percent)| format!("{from:02}:00-{to:02}:00:{percent}")).collect();
    if day.is_empty() { String::new() } else { vec![day.join(","); super::DAYS.len()].join(";") }
}

fn keywords(plan: &Executable) -> Result<Sheet> {
    let header = [
        "计划名称",
        "宝贝名称",
        "关键词",
        "状态",
        "出价",
        "原出价",
        "变化",
        "实际出价最低",
        "实际出价最高",
        "预计平均排名",
        "预计点击量",
        "预计花费",
        "预计成交金额",
        "预计投入产出比",
    ];
    let mut rows = Vec::new();
    for campaign in &plan.campaigns {
        for (unit, base) in &campaign.base {
            let key = &plan.units[*unit as usize];
            let base = base.filter(|_| campaign.runs());
            let hours = campaign.hours();
            let cells = || {
                plan.cells
                    .iter()
                    .filter(|cell| cell.cell.unit == *unit && cell.run && hours[usize::from(cell.cell.hour)])
            };
            let bids = || cells().filter_map(|cell| cell.bid);
            let outcome: Outcome = cells().map(|cell| cell.outcome).sum();
            let last = plan.last_bid(*unit);
            let change = base.zip(last).map(|(base, last)| format!("{:+.0}%", 100.0 * (base / last - 1.0)));
            let number = |value: Option<f64>, decimals| {
                value.filter(|_| base.is_some()).map_or_else(String::new, |value| plain(value, decimals))
            };
            rows.push([
                campaign.name.clone(),
                key.product.clone().unwrap_or_default(),
                key.unit.clone(),
                if base.is_some() { "推广" } else { "暂停" }.to_owned(),
                number(base, 4),
                last.map_or_else(String::new, |last| plain(last, 2)),
                change.unwrap_or_default(),
                number(bids().reduce(f64::min), 4),
                number(bids().reduce(f64::max), 4),
                number(outcome.position(), 2),
                number(Some(outcome.clicks), 1),
                number(Some(outcome.spend), 2),
                number(Some(outcome.revenue), 2),
                number(outcome.roi(), 2),
            ]);
        }
    }
    csv(KEYWORDS, &header, rows)
}
