//! How far a slot's run lies from the mean of its past runs.

use std::collections::BTreeMap;

use super::pooling::Scatter;
use super::seen::Seen;
use crate::history::Observation;

/// The standard deviation between runs that is believed before any are seen, and the runs that it is worth.
const USUAL: f64 = 0.15;
const BELIEF: f64 = 3.0;

/// By moments over the runs of all slots: how a rate of whole runs scatters beyond its pieces. A slot is known
/// as well as the mean of so many runs.
pub(super) fn scatter(
    seen: &[&Seen<'_>],
    units: usize,
    each: f64,
    y: impl Fn(&Observation) -> f64,
    exposure: impl Fn(&Observation) -> f64,
) -> Scatter {
    let mut runs: BTreeMap<(u32, i32), [f64; 2]> = BTreeMap::new();
    for seen in seen {
        let [sum, size] = runs.entry((seen.unit, seen.row.day)).or_default();
        *sum += y(seen.row);
        *size += exposure(seen.row);
    }
    let mut totals = vec![[0.0; 3]; units];
    for ((unit, _), [sum, size]) in &runs {
        let [all, sizes, count] = &mut totals[*unit as usize];
        (*all, *sizes, *count) = (*all + sum, *sizes + size, *count + 1.0);
    }
    let (mut square, mut weight) = (BELIEF * USUAL * USUAL, BELIEF);
    for ((unit, _), [sum, size]) in &runs {
        let [all, sizes, count] = totals[*unit as usize];
        let expected = if sizes > 0.0 { all / sizes * size } else { 0.0 };
        if expected > 0.0 && count > 1.0 {
            let free = (count - 1.0) / count;
            square += (sum / expected - 1.0).powi(2) - free * each / expected;
            weight += free;
        }
    }
    let day = (square / weight).clamp(1e-4, 1.0);
    let own = totals.iter().map(|[all, _, count]| match *count > 0.0 {
        true => day / count + each / all.max(each),
        false => 1.0,
    });
    Scatter { each, hour: 0.0, day, common: 0.0, own: own.collect() }
}
