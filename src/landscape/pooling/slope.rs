//! How a rate answers to its feature, learned from changes within units.

use super::noise::Noise;
use super::{Extent, Row};

/// What is believed of the slope before the data speaks.
#[derive(Debug, Clone, Copy)]
pub struct SlopePrior {
    /// Mean over units.
    pub mean: f64,
    /// Standard deviation of that mean.
    pub sd: f64,
    /// Standard deviation of units around the mean.
    pub unit_sd: f64,
    /// Bounds that keep the response monotone.
    pub bounds: [f64; 2],
}

impl SlopePrior {
    /// No feature at all.
    pub const NONE: SlopePrior = SlopePrior { mean: 0.0, sd: 0.0, unit_sd: 0.0, bounds: [0.0, 0.0] };
}

/// Makes the feature relative to its unit's weighted mean; returns each unit's mean, the reference.
pub(super) fn centre(rows: &mut [Row], extent: Extent) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); extent.units];
    for row in rows.iter().filter(|row| row.x.is_finite()) {
        let (sum, weight) = &mut sums[row.unit as usize];
        *sum += row.weight * row.exposure * row.x;
        *weight += row.weight * row.exposure;
    }
    let reference: Vec<f64> =
        sums.into_iter().map(|(sum, weight)| if weight > 0.0 { sum / weight } else { f64::NAN }).collect();
    for row in rows.iter_mut() {
        let centred = row.x - reference[row.unit as usize];
        row.x = if centred.is_finite() { centred } else { 0.0 };
    }
    reference
}

/// One Newton step for the mean slope and each unit's deviation from it; returns the information.
pub(super) fn step(
    rows: &[Row],
    mean: &[f64],
    noise: Noise,
    prior: SlopePrior,
    slope: &mut f64,
    own: &mut [f64],
) -> f64 {
    let mut score = vec![0.0; own.len()];
    let mut information = vec![0.0; own.len()];
    for (row, mu) in rows.iter().zip(mean) {
        let at = row.unit as usize;
        score[at] += row.weight * (row.y - mu) * row.x / noise.each;
        information[at] += row.weight * mu * row.x * row.x / noise.each;
    }
    let effect = design_effect(rows, mean, noise, information.iter().sum());
    score.iter_mut().chain(&mut information).for_each(|term| *term /= effect);
    let (all, precision) = (information.iter().sum::<f64>(), prior.sd.powi(-2));
    let step = (score.iter().sum::<f64>() + (prior.mean - *slope) * precision) / (all + precision);
    *slope = (*slope + step.clamp(-0.5, 0.5)).clamp(prior.bounds[0], prior.bounds[1]);
    let precision = prior.unit_sd.powi(-2);
    for ((own, score), information) in own.iter_mut().zip(&score).zip(&information) {
        // The mean's own step has been taken already: its share of the score is gone.
        let left = score - step.clamp(-0.5, 0.5) * information;
        *own += ((left - *own * precision) / (information + precision)).clamp(-0.5, 0.5);
        *own = own.clamp(prior.bounds[0] - *slope, prior.bounds[1] - *slope);
    }
    all
}

/// How many times less the rows say of the slope than so many independent rows would (Kish 1965): a unit's
/// demand and its rivals drift over days, and bids hold for days, so the rows of a unit's week speak with one
/// voice. By the scatter of their scores (Liang & Zeger 1986).
fn design_effect(rows: &[Row], mean: &[f64], noise: Noise, information: f64) -> f64 {
    let week = |row: &Row| (row.unit, row.day.map(|(day, _)| day / 7));
    let (mut squares, mut score, mut last) = (0.0, 0.0, None);
    for (row, mu) in rows.iter().zip(mean) {
        let now = Some(week(row));
        if now != last {
            squares += f64::powi(score, 2);
            (score, last) = (0.0, now);
        }
        score += row.weight * (row.y - mu) * row.x / noise.each;
    }
    squares += score * score;
    if information > 0.0 { (squares / information).max(1.0) } else { 1.0 }
}
