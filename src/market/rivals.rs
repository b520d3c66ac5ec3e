//! Rivals with a name: one budget over many keywords, gone for the day once it is spent.
//!
//! When each of them runs out is found before we bid, from the auctions as they go without us: hour by
//! hour, every keyword's rivals stand in the order of their scores and pay each other's prices. What
//! our own bids take from them or cost them is left out, so one keyword's bid never changes another.

use super::ad::Ad;
use super::day::{Moment, Today};
use super::shop;
use crate::calendar::HOURS;

/// The hour, with its fraction, at which each named rival has spent its budget; infinite for never.
pub(super) fn ends(today: &Today, ads: &[Ad], named: &[shop::Rival]) -> Vec<f64> {
    let mut ends = vec![f64::INFINITY; named.len()];
    if named.is_empty() {
        return ends;
    }
    let mut spent = vec![0.0; named.len()];
    for hour in 0..HOURS as u8 {
        let mut bills = vec![0.0; named.len()];
        for (ad, keyword) in ads.iter().filter_map(|ad| Some((ad, ad.media.keyword()?))) {
            keyword.bill(&Moment::new(today, ad.unit.channel, ad.key, hour), &ends, &mut bills);
        }
        for (at, rival) in named.iter().enumerate().filter(|(at, _)| bills[*at] > 0.0) {
            if spent[at] + bills[at] >= rival.daily_budget {
                ends[at] = f64::from(hour) + (rival.daily_budget - spent[at]) / bills[at];
            }
            spent[at] += bills[at];
        }
    }
    ends
}
