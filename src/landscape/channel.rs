//! Learning the model of one channel from its history.

use rayon::prelude::*;
use tracing::debug;

use super::belief::{CTR_BY_POSITION, PROMOTION, VISIBILITY, WEARINESS, WIN_RATE};
use super::commission;
use super::exhausted::cut_short;
use super::halo::Halo;
use super::maturation::{Maturation, NEARLY_ALL};
use super::model::{ChannelModel, RevenueBy, Volume};
use super::pooling::{self, Extent, Row, SlopePrior};
use super::position;
use super::price;
use super::runs;
use super::saturation::{BY_BID, BY_COMMISSION, BY_POSITION, Saturation, Tried};
use super::seen::{Seen, campaigns, presence, some, usual_bids};
use super::totals::{Totals, mean};
use super::untold;
use super::{Known, Parts};
use crate::calendar::{HOURS, weekday};
use crate::config;
use crate::error::Finding;
use crate::history::{History, Observation, STALE_DAYS};
use crate::keys::Channel;

/// Half-life, in days, of what a row says of its unit.
const HALF_LIFE: f64 = 28.0;

/// The position at which elasticities are stated.
pub(super) const MIDDLE: f64 = 4.0;

/// Rows from which a channel's saturation is learned.
const ENOUGH: usize = 200_000;

/// Squared coefficient of variation of single orders: the least scatter that an amount can have.
const SPREAD_OF_ORDERS: f64 = 0.25;

/// With more than this share of its revenue in rows without orders, a channel tells no orders.
const ORPHAN: f64 = 0.02;

/// Factors of volume and of CVR by weekday, Monday first.
pub(super) type Weekdays = [[f64; 7]; 2];

/// What every channel is learned from.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub history: &'a History,
    pub known: &'a [Known],
    pub config: &'a config::History,
    pub parts: Parts,
}

/// What the channels of a shop tell each other.
pub(super) struct Shop<'a> {
    /// Weekdays of the shop's other channels, for slots.
    pub weekdays: Option<&'a Weekdays>,
    /// What slots make of other traffic, as the channels before tell it.
    pub halo: &'a mut Halo,
}

/// Fits one channel. `members` are its units. Ages count from the newest day of all, or from the channel's own
/// last day where its history is stale.
pub fn fit(
    channel: Channel,
    members: &[u32],
    Ground { history, known, config, parts }: Ground<'_>,
    Shop { weekdays, halo }: Shop<'_>,
    findings: &mut Vec<Finding>,
) -> ChannelModel {
    let mut local = vec![u32::MAX; history.units.len()];
    for (at, unit) in members.iter().enumerate() {
        local[*unit as usize] = at as u32;
    }
    let rows: Vec<&Observation> =
        history.observations.par_iter().filter(|row| local[row.unit as usize] != u32::MAX).collect();
    let total = Totals::of(&rows);
    let own = rows.iter().map(|row| row.end()).max().unwrap_or(0);
    // A slot that ran last Tuesday is as old as that; an account exported last year is a day old.
    let newest = history.last_day().filter(|newest| newest - own <= STALE_DAYS).unwrap_or(own);
    let days = [rows.iter().map(|row| row.day).min().unwrap_or(0), newest];
    let (campaign, campaigns) = campaigns(members, history);
    let reference_bid: Vec<Option<f64>> =
        members.iter().map(|unit| known[*unit as usize].reference_bid).collect();
    let extent = Extent {
        units: members.len(),
        campaigns,
        days: (days[1] - days[0] + 1).max(1) as usize,
        unit_hours: false,
        parts,
    };
    let maturation = match parts.maturation {
        true => Maturation::of(&history.triangle, channel, config),
        false => Maturation::default(),
    };
    findings.extend(maturation.told(channel, config));
    let last_mature = days[1] - config.maturity_days as i32;
    let settled = |row: &Observation| match maturation.is_known() {
        true => maturation.share(row.age),
        // A row of an old day may have been exported when it was young.
        false => {
            let old = row.end() <= last_mature && u32::from(row.age) >= config.maturity_days;
            f64::from(u8::from(old))
        }
    };
    let mut seen: Vec<Seen<'_>> = rows
        .par_iter()
        .map(|row| {
            let unit = local[row.unit as usize];
            let bid = f64::from(row.bid);
            let bid = if bid.is_finite() && bid > 0.0 {
                bid
            } else {
                reference_bid[unit as usize].unwrap_or(f64::NAN)
            };
            let weight = 0.5f64.powf(f64::from(days[1] - row.end()) / HALF_LIFE);
            Seen {
                row,
                unit,
                campaign: campaign[unit as usize],
                weight,
                settled: settled(row),
                bid,
                cut: false,
                lift: 1.0,
            }
        })
        .collect();
    if parts.exhausted && matches!(channel, Channel::Search | Channel::Display) {
        let cut = cut_short(&seen);
        seen.iter_mut().zip(cut).for_each(|(seen, cut)| seen.cut = cut);
    }
    let hourly = seen.iter().any(|seen| seen.row.hour.is_some());
    let unit_of_volume = if total.impressions > 0.0 {
        Volume::Impressions
    } else if total.clicks > 0.0 {
        Volume::Clicks
    } else {
        Volume::Orders
    };

    // Position, and the feature that follows from it: of the *expected* position, because a position that
    // was measured on a handful of impressions is mostly noise.
    let (position, crowding) = match channel {
        Channel::Search => position::fit(&seen, days[0], extent).unzip(),
        _ => (None, None),
    };
    let crowding = crowding.unwrap_or(0.0);
    if channel == Channel::Search && position.is_none() {
        findings.push(untold::positions());
    }
    let usual_bid = match (channel, &position) {
        (Channel::GroupBuy, _) | (_, Some(_)) => Vec::new(),
        _ => usual_bids(&seen, &reference_bid),
    };
    // What volume and CTR answer to: how much better a position is than the middle one, or how much higher a
    // bid than the usual one.
    let mut ratios: Vec<f64> = seen
        .par_iter()
        .map(|seen| {
            let unit = seen.unit as usize;
            let usual = match (&position, seen.row.hour) {
                (Some(position), _) => return MIDDLE / position::expected(position, crowding, seen),
                (None, Some(hour)) => usual_bid.get(unit * HOURS + usize::from(hour)).copied().flatten(),
                (None, None) => reference_bid[unit],
            };
            seen.bid / usual.filter(|_| channel != Channel::GroupBuy).unwrap_or(f64::NAN)
        })
        .collect();
    let sells = |seen: &&Seen<'_>| seen.row.clicks + seen.row.orders > 0.0;
    if seen.iter().any(|seen| sells(&seen)) && !seen.iter().filter(sells).any(|seen| seen.settled > 0.0) {
        seen.iter_mut().for_each(|seen| seen.settled = 1.0);
        findings.push(Finding::warning(
            "L002",
            format!(
                "{channel}: no day of the history is older than maturity_days = {}, so sales that are still filling in are learned from",
                config.maturity_days
            ),
            "give a longer history, or lower `history.maturity_days` if its sales are final",
        ));
    }

    let volume_prior = match channel {
        Channel::Search => VISIBILITY,
        Channel::Display => WIN_RATE,
        Channel::Affiliate => PROMOTION,
        Channel::GroupBuy => SlopePrior::NONE,
    };
    // Where volume answers to bids as such, it is a share that is won.
    let by_bid = parts.saturation && position.is_none();
    let answering = |prior: SlopePrior, saturation: Saturation| match by_bid && prior.sd > 0.0 {
        true => prior.of_share(saturation.0),
        false => prior,
    };
    // A slot runs a handful of times, on its own weekdays and hours: its mean run is all there is, but for
    // the weekday, of which the other channels know.
    let run = |row: Row, of: usize| match (channel, row.day, weekdays) {
        (Channel::GroupBuy, Some((_, at)), Some(weekdays)) => {
            let exposure = row.exposure * weekdays[of][usize::from(at)];
            Row { hour: None, day: None, exposure, ..row }
        }
        (Channel::GroupBuy, ..) => Row { hour: None, day: None, ..row },
        _ => row,
    };
    // Hours of which little is seen are what they are on a normal day.
    let shape = config.hourly_shape.iter().sum::<f64>() / HOURS as f64;
    let shape: Vec<f64> = config.hourly_shape.iter().map(|share| (share / shape).max(1e-6)).collect();
    let shaped = channel != Channel::GroupBuy && seen.iter().all(|seen| seen.row.hour.is_some());
    let volume_row = |seen: &Seen<'_>, x: f64| {
        let y = match unit_of_volume {
            Volume::Impressions => seen.row.impressions,
            Volume::Clicks => seen.row.clicks,
            Volume::Orders => seen.row.orders,
        };
        let hours = match seen.row.hour.filter(|_| shaped) {
            Some(hour) => shape[usize::from(hour)],
            None => seen.hours(),
        };
        let in_time = if unit_of_volume == Volume::Orders { seen.settled } else { 1.0 };
        let row = run(seen.row(days[0], y, hours * seen.lift * in_time, x), 0);
        (!seen.cut && in_time > 0.0).then_some(row)
    };
    let ctr_row = |seen: &Seen<'_>, x: f64| Some(seen.row(days[0], seen.row.clicks, seen.row.impressions, x));
    // Numbers of the channel: part of the units tell them well enough.
    let every = seen.len().div_ceil(ENOUGH).max(1) as u32;
    let tried = |seen: &[Seen<'_>], ratios: &[f64]| {
        let usual = Saturation(if position.is_some() { BY_POSITION.prior[0] } else { BY_BID.prior[0] });
        let row = |at, seen: &Seen<'_>| volume_row(seen, usual.appeal(ratios[at]));
        pooling::fit_scored(some(seen, every, row), extent, answering(volume_prior, usual), 1.0)
    };
    if channel == Channel::Affiliate && parts.delay {
        ratios = commission::noticed(&seen, &ratios, |ratios| tried(&seen, ratios));
    }
    if channel != Channel::GroupBuy && halo.any() {
        halo.learn(&tried(&seen, &ratios).1, days[0]);
        seen.par_iter_mut().for_each(|seen| seen.lift = halo.lift(seen.row, &shape));
    }
    let learn = |tried: &Tried, prior: SlopePrior, row: &(dyn Fn(&Seen<'_>, f64) -> Option<Row> + Sync)| {
        Saturation(tried.fitted(|theta| {
            let usual = Saturation(theta);
            let rows = some(&seen, every, |at, seen| row(seen, usual.appeal(ratios[at])));
            pooling::fit_scored(rows, extent, answering(prior, usual), 1.0)
        }))
    };
    let [saturation, ctr_saturation] = match (channel, &position) {
        (Channel::GroupBuy, _) => [Saturation::default(); 2],
        _ if !parts.saturation => [Saturation::default(); 2],
        (_, Some(_)) => {
            [learn(&BY_POSITION, volume_prior, &volume_row), learn(&BY_POSITION, CTR_BY_POSITION, &ctr_row)]
        }
        (Channel::Affiliate, None) => [learn(&BY_COMMISSION, volume_prior, &volume_row); 2],
        (_, None) => [learn(&BY_BID, volume_prior, &volume_row); 2],
    };
    let fit = |prior: SlopePrior,
               floor: f64,
               falls: Saturation,
               each: &(dyn Fn(&Seen<'_>, f64) -> Option<Row> + Sync)| {
        pooling::fit(some(&seen, 1, |at, seen| each(seen, falls.appeal(ratios[at]))), extent, prior, floor)
    };
    let mut volume = fit(answering(volume_prior, saturation), 1.0, saturation, &volume_row);
    if shaped || !hourly {
        volume.hour.iter_mut().zip(&shape).for_each(|(hour, share)| *hour *= share);
    }
    let ctr_prior = match channel {
        Channel::Search => CTR_BY_POSITION,
        Channel::Display => WEARINESS,
        _ => SlopePrior::NONE,
    };
    let answers = match &position {
        Some(position) => (position, position::POSITION, "positions"),
        None => (&volume, volume_prior, "impressions"),
    };
    findings.extend(untold::answers(channel, answers));
    let mut ctr = match channel {
        // People tire of what they are shown.
        Channel::Display => {
            let shown = |at: usize, seen: &Seen<'_>| {
                volume.response(seen.unit as usize, saturation.appeal(ratios[at])).ln()
            };
            pooling::fit(some(&seen, 1, |at, seen| ctr_row(seen, shown(at, seen))), extent, ctr_prior, 1.0)
        }
        _ => fit(ctr_prior, 1.0, ctr_saturation, &ctr_row),
    };
    let page = position.as_ref();
    let (price, gaps) = price::fit(channel, &seen, page, &total, days[0], extent);

    let mut cvr = fit(SlopePrior::NONE, 1.0, Saturation::default(), &|seen, _| {
        let row = seen.row(days[0], seen.row.orders, seen.row.clicks * seen.settled, f64::NAN);
        (seen.settled > 0.0).then(|| run(row, 1))
    });
    if let (Channel::GroupBuy, Some([traffic, buying])) = (channel, weekdays) {
        (volume.weekday, cvr.weekday) = (traffic.to_vec(), buying.to_vec());
    }
    let (revenue_by, order) = if total.clicks > 0.0 && total.orphan > ORPHAN * total.revenue {
        // Most clicks bring nothing and a few bring an order: the pieces are orders, not clicks.
        (RevenueBy::Clicks, mean(total.revenue, total.paying))
    } else {
        (RevenueBy::Orders, mean(total.revenue, total.orders))
    };
    let value = fit(SlopePrior::NONE, SPREAD_OF_ORDERS * order, Saturation::default(), &|seen, _| {
        let exposure = match revenue_by {
            RevenueBy::Clicks => seen.row.clicks * seen.settled,
            RevenueBy::Orders => seen.row.orders,
        };
        let mut row = seen.row(days[0], seen.row.revenue, exposure, f64::NAN);
        if revenue_by == RevenueBy::Orders {
            // What an order is worth depends on the product, hardly on the hour.
            (row.hour, row.day) = (None, None);
        }
        (seen.settled > 0.0).then_some(row)
    });
    debug!(%channel, units = members.len(), campaigns, rows = seen.len(), ?unit_of_volume, ?revenue_by, "fitted");
    let mut value = value;
    if channel == Channel::GroupBuy {
        // Hours of a run are no news of their own: runs are.
        let settled: Vec<&Seen<'_>> = seen.iter().filter(|seen| seen.settled >= NEARLY_ALL).collect();
        let every: Vec<&Seen<'_>> = seen.iter().collect();
        let count = |row: &Observation| match unit_of_volume {
            Volume::Impressions => row.impressions,
            Volume::Clicks => row.clicks,
            Volume::Orders => row.orders,
        };
        let sold = |row: &Observation| if revenue_by == RevenueBy::Clicks { row.clicks } else { row.orders };
        let spread = |seen: &[&Seen<'_>],
                      each: f64,
                      y: &dyn Fn(&Observation) -> f64,
                      of: &dyn Fn(&Observation) -> f64| {
            runs::scatter(seen, members.len(), each, y, of)
        };
        let offered = |row: &Observation| {
            let hours = if row.hour.is_some() { 1.0 } else { HOURS as f64 };
            hours * weekdays.map_or(1.0, |weekdays| weekdays[0][weekday(row.day)])
        };
        volume.scatter = spread(&every, 1.0, &count, &offered);
        ctr.scatter = spread(&every, 1.0, &|row| row.clicks, &|row| row.impressions);
        let clicked =
            |row: &Observation| row.clicks * weekdays.map_or(1.0, |weekdays| weekdays[1][weekday(row.day)]);
        cvr.scatter = spread(&settled, 1.0, &|row| row.orders, &clicked);
        value.scatter = spread(&settled, SPREAD_OF_ORDERS * order, &|row| row.revenue, &sold);
    }
    let presence = if channel == Channel::GroupBuy {
        presence(&seen, members.len(), &config.hourly_shape)
    } else {
        Vec::new()
    };
    ChannelModel {
        channel,
        campaign,
        hourly,
        unit_of_volume,
        revenue_by,
        position,
        volume,
        ctr,
        price,
        cvr,
        value,
        usual_bid,
        crowding,
        gaps,
        saturation,
        ctr_saturation,
        presence,
        paid: if channel == Channel::Affiliate { commission::paid(&seen, days[1]) } else { 1.0 },
        halo: if channel == Channel::GroupBuy { Vec::new() } else { halo.more.clone() },
    }
}
