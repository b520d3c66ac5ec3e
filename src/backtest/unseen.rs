//! Cross-validation over units: what landscapes say of units they have never seen.
//!
//! Units are dealt into folds by a hash of their names. Each fold is predicted by landscapes that were learned
//! from the other folds alone, from what is known of a unit before it runs: campaign, product, bid and
//! expected impressions. Every unit counts once, however large it is.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::Request;
use crate::error::Result;
use crate::history::{self, History};
use crate::keys::{Channel, Unit};
use crate::landscape::{Landscapes, kin::Newcomer};

/// How far predictions of one quantity are from what happened, in the mean over units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unseen {
    /// The channel.
    pub channel: Channel,
    /// `cpc`, `cpm` or `position`.
    pub metric: &'static str,
    /// Units that were predicted.
    pub units: usize,
    /// Mean absolute error from campaign, product, bid and expected impressions.
    pub error: f64,
    /// The same, expected impressions not known.
    pub without_size: f64,
    /// Mean absolute error of the median of the unit's campaign.
    pub campaign_median: f64,
    /// Mean absolute error of the channel's median.
    pub channel_median: f64,
}

/// Runs the cross-validation.
///
/// # Errors
/// Findings in the history.
pub fn run(request: &Request, folds: u32) -> Result<Vec<Unseen>> {
    cross(&history::read(request)?, request, folds)
}

/// Cross-validates on a history.
///
/// # Errors
/// When a fold leaves nothing to learn from.
pub fn cross(history: &History, request: &Request, folds: u32) -> Result<Vec<Unseen>> {
    let (whole, _) = Landscapes::fit(history, request)?;
    let mut sums: BTreeMap<(Channel, &'static str), (usize, [f64; 4])> = BTreeMap::new();
    for fold in 0..folds {
        let mut rest = history.clone();
        rest.observations.retain(|row| fold_of(&history.units[row.unit as usize], folds) != fold);
        let (learned, _) = Landscapes::fit(&rest, request)?;
        for (unit, truth) in whole.units.iter().zip(&whole.known) {
            if fold_of(unit, folds) != fold {
                continue;
            }
            let bid = truth.reference_bid.filter(|_| !truth.implied);
            let sized = learned.likely(Newcomer { unit, bid, size: Some(truth.size) });
            let plain = learned.likely(Newcomer { unit, bid, size: None });
            let price = if unit.channel == Channel::Search { "cpc" } else { "cpm" };
            for (metric, happened, predicted, plain, of) in [
                (price, truth.price, sized.price, plain.price, Landscapes::price as Of),
                ("position", truth.position, sized.position, plain.position, Landscapes::position),
            ] {
                let (Some(happened), Some(predicted), Some(plain)) = (happened, predicted, plain) else {
                    continue;
                };
                let channel = median(&learned, of, |other| other.channel == unit.channel);
                let campaign = median(&learned, of, |other| {
                    (other.channel, &other.campaign) == (unit.channel, &unit.campaign)
                })
                .or(channel);
                let (units, errors) = sums.entry((unit.channel, metric)).or_default();
                *units += 1;
                let guesses = [predicted, plain, campaign.unwrap_or(0.0), channel.unwrap_or(0.0)];
                for (error, guess) in errors.iter_mut().zip(guesses) {
                    *error += (guess - happened).abs();
                }
            }
        }
    }
    let rows = sums.into_iter().map(|((channel, metric), (units, errors))| {
        let [error, without_size, campaign_median, channel_median] = errors.map(|sum| sum / units as f64);
        Unseen { channel, metric, units, error, without_size, campaign_median, channel_median }
    });
    Ok(rows.collect())
}

type Of = fn(&Landscapes, usize) -> Option<f64>;

fn median(learned: &Landscapes, of: Of, keep: impl Fn(&Unit) -> bool) -> Option<f64> {
    let mut values: Vec<f64> = (0..learned.units.len())
        .filter(|at| keep(&learned.units[*at]))
        .filter_map(|at| of(learned, at))
        .collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The fold of a unit, by a hash of its names (FNV-1a): the same in every run and for every order of rows.
fn fold_of(unit: &Unit, folds: u32) -> u32 {
    let product = unit.product.as_deref().unwrap_or("");
    let hash = [&unit.campaign, "\0", &unit.unit, "\0", product]
        .iter()
        .flat_map(|text| text.bytes())
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    ((hash >> 32) % u64::from(folds)) as u32
}
