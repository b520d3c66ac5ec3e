//! Where searches stand: what a bid's position is, learned from positions seen.
//!
//! `p − 1 = o ÷ (1 + c·o)` with odds `o = A · bid^−k`. A mean position is one more than the number of rivals that
//! rank higher; each of them does with a chance that is logistic in ln bid, so k bends where most of them do.
//! `c = 1 ÷ M` for a page of M rivals; c = 0 is a plain power of the bid.

use rayon::prelude::*;

use super::chance;
use super::pooling::{self, Effects, Explained, Extent, Rows, SlopePrior};
use super::saturation::Tried;
use super::seen::Seen;
use crate::calendar::HOURS;

/// Monotone and bounded: a higher bid never means a worse position.
pub(super) const POSITION: SlopePrior =
    SlopePrior { mean: -1.2, sd: 0.6, unit_sd: 0.3, bounds: [-6.0, -0.05], ..SlopePrior::NONE };

/// c as a share of the largest that the positions seen allow.
const CROWDING: Tried = Tried { values: &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], prior: [0.5, 0.5] };

/// Share of impressions that stand no deeper than where a page is taken to end.
const DEEPEST: f64 = 0.995;

/// Rounds in which positions are placed within their intervals.
const INSIDE: usize = 2;

/// Rows from which the crowding is learned.
const ENOUGH: usize = 200_000;

/// (p − 1) of odds.
pub(super) fn beyond(odds: f64, crowding: f64) -> f64 {
    odds / (1.0 + crowding * odds)
}

/// Odds of (p − 1).
pub(super) fn odds(beyond: f64, crowding: f64) -> f64 {
    beyond / (1.0 - crowding * beyond).max(0.02)
}

/// Learns positions from rows of a search channel; nothing where no position is known.
pub(super) fn fit(seen: &[Seen<'_>], first: i32, extent: Extent) -> Option<(Effects, f64)> {
    let told = |seen: &&Seen<'_>| seen.row.position[0].is_finite() && seen.row.impressions > 0.0;
    let seen: Vec<&Seen<'_>> = seen.par_iter().filter(told).collect();
    if seen.is_empty() {
        return None;
    }
    let mut stood: Vec<f64> = seen
        .par_iter()
        .map(|seen| (f64::from(seen.row.position[0] + seen.row.position[1]) / 2.0 - 1.0).max(0.0))
        .collect();
    let extent = Extent { unit_hours: true, ..extent };
    if extent.parts.intervals && seen.iter().any(|seen| seen.row.position[0] < seen.row.position[1]) {
        // An interval says where a position may be; where in it, the other rows say.
        for _ in 0..INSIDE {
            let rows = rows(&seen, &stood, first, 1, 0.0);
            let effects = pooling::fit(rows, extent, POSITION, 1.0);
            stood.par_iter_mut().zip(&seen).for_each(|(stood, seen)| {
                let [best, worst] = seen.row.position.map(f64::from);
                if best < worst {
                    let likely = expected(&effects, 0.0, seen) - 1.0;
                    *stood = chance::mean_within([best, worst], likely, seen.row.impressions, effects.noise);
                }
            });
        }
    }
    let rows = |every: u32, crowding: f64| rows(&seen, &stood, first, every, crowding);
    let shown = seen.par_iter().zip(&stood).map(|(seen, stood)| (*stood, seen.row.impressions));
    let most = 1.0 / deepest(shown.collect());
    let every = seen.len().div_ceil(ENOUGH).max(1) as u32;
    let mut first = None;
    let share = CROWDING.learn(|share| {
        let crowding = share * most;
        let (effects, explained) = pooling::fit_scored(rows(every, crowding), extent, POSITION, 1.0);
        let (noise, alike) = *first.get_or_insert((effects.noise, explained.alike));
        missing(&explained, crowding, noise) / alike
    });
    let crowding = if extent.parts.saturation { share * most } else { 0.0 };
    let (mut effects, explained) = pooling::fit_scored(rows(1, crowding), extent, POSITION, 1.0);
    // y − o·(n − c·y) scatters by 1 + c·o more than y itself.
    let [sum, weight] = explained.sum(|cell| {
        let odds = cell.mean / cell.row.exposure;
        [cell.weight * (1.0 + crowding * odds).powi(2), cell.weight]
    });
    if weight > 0.0 {
        effects.noise.each *= weight / sum;
        effects.noise.common *= weight / sum;
    }
    // Rivals come and go: what counts is where a unit stands by now.
    effects.unit.iter_mut().zip(explained.walked(extent.units)).for_each(|(unit, walked)| *unit *= walked);
    Some((effects, crowding))
}

/// Rows of odds: (position − 1) over the rivals that are left behind.
fn rows(seen: &[&Seen<'_>], stood: &[f64], first: i32, every: u32, crowding: f64) -> Rows {
    let row = |at: usize, seen: &&Seen<'_>| {
        let shown = seen.row.impressions;
        // A page ends: what stands deeper by chance stands at its end.
        let beyond = stood[at].min(0.98 / crowding.max(1e-9));
        let row = || seen.row(first, shown * beyond, shown * (1.0 - crowding * beyond), seen.bid.ln());
        seen.unit.is_multiple_of(every).then(row)
    };
    Rows::of(seen, |seen| seen.unit, row)
}

/// How deep the page goes: (position − 1) that few impressions exceed.
fn deepest(mut stood: Vec<(f64, f64)>) -> f64 {
    stood.par_sort_by(|a, b| a.0.total_cmp(&b.0));
    quantile(&stood, DEEPEST).map_or(1.0, |beyond| beyond.max(1.0))
}

/// The value up to which a share of the weight lies, of values that rise and their weights.
pub(super) fn quantile(values: &[(f64, f64)], share: f64) -> Option<f64> {
    let mut left = share * values.iter().map(|(_, weight)| weight).sum::<f64>();
    let deepest = values.iter().find(|(_, weight)| {
        left -= weight;
        left <= 0.0
    });
    deepest.map(|(value, _)| *value)
}

/// Deviance of positions, rows being of odds.
fn missing(explained: &Explained, crowding: f64, noise: pooling::Noise) -> f64 {
    let [missing] = explained.sum(|cell| {
        let (y, odds) = (cell.row.y, cell.mean / cell.row.exposure);
        let shown = cell.row.exposure + crowding * y;
        let mean = (shown * beyond(odds, crowding)).max(1e-12);
        let logs = if y > 0.0 { y * (y / mean).ln() } else { 0.0 };
        [2.0 * cell.weight * (logs - y + mean) / (noise.each + noise.common * mean)]
    });
    missing
}

/// The position that was to be expected of a row's bid, days aside.
pub(super) fn expected(effects: &Effects, crowding: f64, seen: &Seen<'_>) -> f64 {
    1.0 + beyond(odds_of(effects, seen), crowding)
}

/// The odds of standing behind a rival that were to be expected of a row's bid, days aside.
pub(super) fn odds_of(effects: &Effects, seen: &Seen<'_>) -> f64 {
    let unit = seen.unit as usize;
    let hour = match seen.row.hour {
        Some(hour) => {
            effects.hour[usize::from(hour)]
                * effects.campaign_hour[seen.campaign as usize * HOURS + usize::from(hour)]
                * effects.unit_hour.get(unit * HOURS + usize::from(hour)).copied().unwrap_or(1.0)
        }
        None => 1.0,
    };
    let rate = effects.base * effects.campaign[seen.campaign as usize] * effects.unit[unit] * hour;
    rate * effects.response(unit, seen.bid.ln())
}
