//! Plain JSON for programs that set every bid of every hour by themselves: exactly the plan's bids.
//!
//! `bids` has 24 entries, hour by hour: a number is the bid to set, `null` means that the unit must not run in that
//! hour. Units that the platform bids for by itself are not in it.

use serde::Serialize;

use super::{Format, Sheet};
use crate::calendar::HOURS;
use crate::error::{Error, Result};
use crate::keys::Channel;
use crate::plan::Reason;
use crate::schedule::executable::Executable;

pub(super) const FILE: &str = "bids.json";

/// Programs.
pub struct Json;

#[derive(Serialize)]
struct File<'a> {
    date: jiff::civil::Date,
    currency: &'a str,
    units: Vec<UnitBids<'a>>,
}

#[derive(Serialize)]
struct UnitBids<'a> {
    channel: Channel,
    campaign: &'a str,
    unit: &'a str,
    product: Option<&'a str>,
    /// What the numbers are.
    bid_is: &'static str,
    bids: [Option<f64>; HOURS],
}

impl Format for Json {
    fn sheets(&self, plan: &Executable) -> Result<Vec<Sheet>> {
        let mut units = Vec::new();
        for cells in plan.cells.chunk_by(|a, b| a.cell.unit == b.cell.unit) {
            let Some(first) = cells.first() else { continue };
            if cells.iter().all(|cell| cell.reason == Reason::Unmanaged) {
                continue;
            }
            let unit = &plan.units[first.cell.unit as usize];
            let mut bids = [None; HOURS];
            for cell in cells.iter().filter(|cell| cell.run) {
                bids[usize::from(cell.cell.hour)] = cell.bid;
            }
            units.push(UnitBids {
                channel: unit.channel,
                campaign: &unit.campaign,
                unit: &unit.unit,
                product: unit.product.as_deref(),
                bid_is: match unit.channel {
                    Channel::Search => "money per click",
                    Channel::Display => "money per 1000 impressions",
                    Channel::Affiliate | Channel::GroupBuy => "share of sales",
                },
                bids,
            });
        }
        let file = File { date: plan.date, currency: &plan.currency, units };
        let mut bytes =
            serde_json::to_vec_pretty(&file).map_err(|error| Error::Internal(error.to_string()))?;
        bytes.push(b'\n');
        Ok(vec![Sheet { name: FILE, bytes }])
    }
}
