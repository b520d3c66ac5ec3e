//! Observations as the fit of a channel sees them.

use super::pooling::{Row, Rows};
use crate::calendar::{HOURS, weekday};
use crate::history::{History, Observation};

/// An observation with its place in the channel.
pub(super) struct Seen<'a> {
    pub row: &'a Observation,
    pub unit: u32,
    pub campaign: u32,
    pub weight: f64,
    /// Share of its sales that are in; 0 where that is not known, and too little.
    pub settled: f64,
    /// The bid, or the price that stands for it.
    pub bid: f64,
    /// The money ran out in this hour or before it.
    pub cut: bool,
    /// What the slots that were open made of the row's traffic.
    pub lift: f64,
}

impl<'a> Seen<'a> {
    /// A row that counts in full.
    pub fn of(row: &'a Observation, unit: u32, campaign: u32) -> Seen<'a> {
        let bid = f64::from(row.bid);
        Seen { row, unit, campaign, weight: 1.0, settled: 1.0, bid, cut: false, lift: 1.0 }
    }

    pub fn row(&self, first: i32, y: f64, exposure: f64, x: f64) -> Row {
        let day = (self.row.days == 1).then(|| {
            ((self.row.day - first).clamp(0, i32::from(u16::MAX)) as u16, weekday(self.row.day) as u8)
        });
        Row {
            unit: self.unit,
            campaign: self.campaign,
            hour: self.row.hour,
            day,
            y,
            exposure,
            x,
            weight: self.weight,
        }
    }

    pub fn hours(&self) -> f64 {
        if self.row.hour.is_some() { 1.0 } else { HOURS as f64 * f64::from(self.row.days) }
    }
}

/// Rows of every so many units.
pub(super) fn some(
    seen: &[Seen<'_>],
    every: u32,
    row: impl Fn(usize, &Seen<'_>) -> Option<Row> + Sync,
) -> Rows {
    let row = |at, seen: &Seen<'_>| seen.unit.is_multiple_of(every).then(|| row(at, seen)).flatten();
    Rows::of(seen, |seen| seen.unit, row)
}

/// Rows that pull an hour's usual bid towards the unit's.
const USUAL: f64 = 2.0;

/// The usual bid of each unit in each hour: rivals have their hours too, so what a bid wins is a matter of what
/// is usual in its hour.
pub(super) fn usual_bids(seen: &[Seen<'_>], reference: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, USUAL); reference.len() * HOURS];
    for seen in seen {
        if let (Some(hour), Some(reference), true) =
            (seen.row.hour, reference[seen.unit as usize], seen.bid.is_finite())
        {
            let (sum, weight) = &mut sums[seen.unit as usize * HOURS + usize::from(hour)];
            *sum += seen.weight * (seen.bid / reference).ln();
            *weight += seen.weight;
        }
    }
    let usual = |(at, (sum, weight)): (usize, &(f64, f64))| {
        reference[at / HOURS].map(|reference| reference * (sum / weight).exp())
    };
    sums.iter().enumerate().map(usual).collect()
}

/// By slot and hour: what the hour of a run brings, over the slot's mean hour. A slot's volume is learned
/// per open hour; its hours follow the volumes seen in them.
pub(super) fn presence(seen: &[Seen<'_>], units: usize, shape: &[f64]) -> Vec<f64> {
    let mut runs = vec![std::collections::BTreeSet::new(); units];
    let mut hours = vec![0.0; units];
    let mut volume = vec![0.0; units * HOURS];
    for seen in seen {
        let unit = seen.unit as usize;
        runs[unit].insert(seen.row.day);
        hours[unit] += seen.hours();
        let size = seen.row.impressions + seen.row.clicks + seen.row.orders;
        match seen.row.hour {
            Some(hour) => volume[unit * HOURS + usize::from(hour)] += size,
            None => volume[unit * HOURS..]
                .iter_mut()
                .zip(shape)
                .for_each(|(volume, share)| *volume += size * share),
        }
    }
    for (unit, volume) in volume.chunks_mut(HOURS).enumerate() {
        let total: f64 = volume.iter().sum();
        let open = hours[unit] / runs[unit].len().max(1) as f64;
        volume.iter_mut().for_each(|volume| *volume *= if total > 0.0 { open / total } else { 0.0 });
    }
    volume
}

/// Campaign index of each member, and how many campaigns there are. Units are sorted by campaign.
pub(super) fn campaigns(members: &[u32], history: &History) -> (Vec<u32>, usize) {
    let mut index = Vec::with_capacity(members.len());
    let mut count = 0u32;
    for (at, unit) in members.iter().enumerate() {
        let campaign = &history.units[*unit as usize].campaign;
        if at > 0 && *campaign != history.units[members[at - 1] as usize].campaign {
            count += 1;
        }
        index.push(count);
    }
    (index, count as usize + 1)
}
