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
    if !extent.parts.within {
        let (sum, weight) = sums.iter().fold((0.0, 0.0), |all, unit| (all.0 + unit.0, all.1 + unit.1));
        sums.fill((sum, weight));
    }
    let reference: Vec<f64> =
        sums.into_iter().map(|(sum, weight)| if weight > 0.0 { sum / weight } else { f64::NAN }).collect();
    for row in rows.iter_mut() {
        let centred = row.x - reference[row.unit as usize];
        row.x = if centred.is_finite() { centred } else { 0.0 };
    }
    reference
}

/// Slopes while they are being fitted.
pub(super) struct Slopes {
    /// The mean over units.
    pub mean: f64,
    /// Each unit's deviation from it.
    pub own: Vec<f64>,
    /// How far units lie apart: their variance, as far as the data tells it.
    variance: f64,
    /// How much the data says of the mean.
    pub information: f64,
}

impl Slopes {
    pub fn new(prior: SlopePrior, units: usize) -> Self {
        Slopes { mean: prior.mean, own: vec![0.0; units], variance: prior.unit_sd.powi(2), information: 0.0 }
    }
}

/// The variance between units is what is believed of it at first, and counts like so many units that are known
/// exactly.
const BELIEF: f64 = 10.0;

/// One Newton step for the mean slope and each unit's deviation from it.
pub(super) fn step(rows: &[Row], mean: &[f64], noise: Noise, prior: SlopePrior, slopes: &mut Slopes) {
    let Slopes { mean: slope, own, variance, information: all } = slopes;
    let mut score = vec![0.0; own.len()];
    let mut information = vec![0.0; own.len()];
    for (row, mu) in rows.iter().zip(mean) {
        let at = row.unit as usize;
        score[at] += row.weight * (row.y - mu) * row.x / noise.each;
        information[at] += row.weight * mu * row.x * row.x / noise.each;
    }
    let effect = design_effect(rows, mean, noise, information.iter().sum());
    score.iter_mut().chain(&mut information).for_each(|term| *term /= effect);
    *all = information.iter().sum();
    let precision = prior.sd.powi(-2);
    let step = (score.iter().sum::<f64>() + (prior.mean - *slope) * precision) / (*all + precision);
    let step = step.clamp(-0.5, 0.5);
    *slope = (*slope + step).clamp(prior.bounds[0], prior.bounds[1]);
    // The mean's own step has been taken already: its share of the score is gone.
    score.iter_mut().zip(&information).for_each(|(score, information)| *score -= step * information);
    let believed = prior.unit_sd.powi(2);
    *variance = between(&score, &information, own, *variance, believed);
    for ((own, score), information) in own.iter_mut().zip(&score).zip(&information) {
        *own += ((score - *own / *variance) / (information + 1.0 / *variance)).clamp(-0.5, 0.5);
        *own = own.clamp(prior.bounds[0] - *slope, prior.bounds[1] - *slope);
    }
}

/// The variance of units around the mean slope, by moments weighted by their inverse variance: what a unit's
/// own rows say is off by 1 ÷ information in the mean square.
fn between(score: &[f64], information: &[f64], own: &[f64], variance: f64, believed: f64) -> f64 {
    let (mut numerator, mut denominator) = (BELIEF * believed / variance.powi(2), BELIEF / variance.powi(2));
    for ((score, information), own) in score.iter().zip(information).zip(own) {
        if *information > 0.0 {
            let alone = (own + score / information).clamp(-3.0, 3.0);
            let weight = (variance + 1.0 / information).powi(-2);
            numerator += weight * (alone * alone - 1.0 / information);
            denominator += weight;
        }
    }
    (numerator / denominator).clamp(0.1 * believed, 9.0 * believed)
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
