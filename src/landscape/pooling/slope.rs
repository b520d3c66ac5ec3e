//! How a rate answers to its feature, learned from changes within units.

use std::ops::Range;

use rayon::prelude::*;

use super::noise::Noise;
use super::piece::Piece;
use super::{Extent, Row, Rows};
use crate::calendar::HOURS;

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
    /// What becomes of what days tell beyond the slope.
    pub days: Days,
}

/// What it means that bids of whole days go with another response than bids of single hours do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Days {
    /// The operator's habit: no forecast follows it.
    Habit,
    /// Habit where they go with more; where they go with less, people tire of what they see all day.
    Tire,
    /// An answer like any other.
    Answer,
}

impl Days {
    /// How far what days tell may lie from the slope. Operators bid more on days that are busy anyway, for reasons
    /// that no report tells (Mundlak 1978). Within a day, against the same hours of other days, they seldom do.
    fn deviation(self) -> f64 {
        match self {
            Days::Habit => 0.3,
            Days::Tire => 1.0,
            Days::Answer => 1e-3,
        }
    }

    /// The part that a forecast follows.
    fn forecast(self, habit: f64) -> f64 {
        match self {
            Days::Habit | Days::Answer => 0.0,
            Days::Tire => habit.min(0.0),
        }
    }
}

impl SlopePrior {
    /// No feature at all.
    pub const NONE: SlopePrior =
        SlopePrior { mean: 0.0, sd: 0.0, unit_sd: 0.0, bounds: [0.0, 0.0], days: Days::Habit };
}

/// Makes the feature relative to its unit's weighted mean; returns each unit's mean, the reference.
pub(super) fn centre(rows: &mut Rows, extent: Extent) -> Vec<f64> {
    let of_unit = |rows: &[Row]| {
        let known = rows.iter().filter(|row| row.x.is_finite());
        known.fold((0.0, 0.0), |(sum, all), row| {
            let weight = row.weight * row.exposure;
            (sum + weight * row.x, all + weight)
        })
    };
    let of_run = |run: &Vec<Row>| -> Vec<(usize, (f64, f64))> {
        let units = run.chunk_by(|one, other| one.unit == other.unit);
        units.map(|rows| (rows[0].unit as usize, of_unit(rows))).collect()
    };
    let runs: Vec<_> = rows.0.par_iter().map(of_run).collect();
    let mut sums = vec![(0.0, 0.0); extent.units];
    runs.into_iter().flatten().for_each(|(unit, of_unit)| sums[unit] = of_unit);
    if !extent.parts.within {
        let (sum, weight) = sums.iter().fold((0.0, 0.0), |all, unit| (all.0 + unit.0, all.1 + unit.1));
        sums.fill((sum, weight));
    }
    let reference: Vec<f64> =
        sums.into_iter().map(|(sum, weight)| if weight > 0.0 { sum / weight } else { f64::NAN }).collect();
    rows.0.par_iter_mut().flat_map_iter(|run| run).for_each(|row| {
        let centred = row.x - reference[row.unit as usize];
        row.x = if centred.is_finite() { centred } else { 0.0 };
    });
    reference
}

/// The feature taken apart: what a day as a whole has of it, and what an hour has beyond its day and beyond the same
/// hour of other days.
#[derive(Debug)]
pub(super) struct Apart {
    /// [within the day, between days] of each row.
    pub x: Vec<[f64; 2]>,
    /// Rows of each unit's day.
    days: Vec<Range<usize>>,
}

/// Sweeps of taking out days and hours in turn.
const SWEEPS: usize = 4;

impl Apart {
    /// Takes the feature of some units' rows apart. Rows are sorted by unit and day; a row that covers several days is
    /// one day.
    pub fn of(rows: &[Row], units: Range<usize>) -> Apart {
        let mut days: Vec<Range<usize>> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let same = |before: &Row| before.unit == row.unit && row.day.is_some() && before.day == row.day;
            match days.last_mut() {
                Some(last) if same(&rows[last.start]) => last.end = at + 1,
                _ => days.push(at..at + 1),
            }
        }
        let weight = |row: &Row| row.weight * row.exposure;
        let mut x: Vec<[f64; 2]> = rows.iter().map(|row| [row.x, 0.0]).collect();
        for sweep in 0..SWEEPS {
            for day in &days {
                let (sum, all) = day.clone().fold((0.0, 1e-300), |(sum, all), at| {
                    (sum + weight(&rows[at]) * x[at][0], all + weight(&rows[at]))
                });
                for x in &mut x[day.clone()] {
                    x[0] -= sum / all;
                    x[1] += if sweep == 0 { sum / all } else { 0.0 };
                }
            }
            let mut hours = vec![[0.0, 1e-300]; units.len() * HOURS];
            let place = |row: &Row| {
                row.hour.map(|hour| (row.unit as usize - units.start) * HOURS + usize::from(hour))
            };
            for (row, x) in rows.iter().zip(&x) {
                if let Some([sum, all]) = place(row).map(|at| &mut hours[at]) {
                    (*sum, *all) = (*sum + weight(row) * x[0], *all + weight(row));
                }
            }
            for (row, x) in rows.iter().zip(&mut x) {
                x[0] -= place(row).map_or(0.0, |at| hours[at][0] / hours[at][1]);
            }
        }
        Apart { x, days }
    }
}

/// Slopes while they are being fitted.
pub(super) struct Slopes {
    /// The mean over units.
    pub mean: f64,
    /// Each unit's deviation from it.
    pub own: Vec<f64>,
    /// What days tell beyond it, the same for all units.
    habit: f64,
    /// How far units lie apart: their variance, as far as the data tells it.
    variance: f64,
    /// How much the data says of the mean.
    pub information: f64,
}

impl Slopes {
    pub fn new(prior: SlopePrior, units: usize) -> Self {
        let (own, variance) = (vec![0.0; units], prior.unit_sd.powi(2));
        Slopes { mean: prior.mean, own, habit: 0.0, variance, information: 0.0 }
    }

    /// The response of a unit to its feature, of which `of_day` is that of the whole day.
    pub fn response(&self, unit: usize, x: f64, of_day: f64) -> f64 {
        ((self.mean + self.own[unit]) * x + self.habit * of_day).exp()
    }

    /// What days tell beyond the slope that no forecast follows.
    pub fn habit_left(&self, prior: SlopePrior) -> f64 {
        self.habit - prior.days.forecast(self.habit)
    }

    /// The slope of each unit that a forecast follows.
    pub fn forecast(&self, prior: SlopePrior) -> Vec<f64> {
        let mean = self.mean + prior.days.forecast(self.habit);
        self.own.iter().map(|own| (mean + own).clamp(prior.bounds[0], prior.bounds[1])).collect()
    }
}

/// The variance between units is what is believed of it at first, and counts like so many units that are known
/// exactly.
const BELIEF: f64 = 10.0;

/// One Newton step for the mean slope, what days tell beyond it, and each unit's deviation.
pub(super) fn step(pieces: &[Piece], noise: Noise, prior: SlopePrior, slopes: &mut Slopes) {
    let Slopes { mean: slope, own, habit, variance, information: all } = slopes;
    let Told { score: scores, information: told } = told(pieces, noise, own.len());
    let total = |of: &[[f64; 2]], part: usize| of.iter().map(|of| of[part]).sum::<f64>();
    let between = total(&told, 1);
    let (precision, of_habit) = (prior.sd.powi(-2), prior.days.deviation().powi(-2));
    // What days tell counts as far as it can be trusted.
    *all = total(&told, 0) + between * of_habit / (between + of_habit);
    // Both at once: [slope, habit] by their information and scores.
    let [a, b, c] = [total(&told, 0) + between + precision, between, between + of_habit];
    let of_days = total(&scores, 1);
    let score =
        [total(&scores, 0) + of_days + (prior.mean - *slope) * precision, of_days - *habit * of_habit];
    let determinant = a * c - b * b;
    let step = ((c * score[0] - b * score[1]) / determinant).clamp(-0.5, 0.5);
    let more = ((a * score[1] - b * score[0]) / determinant).clamp(-0.5, 0.5);
    *slope = (*slope + step).clamp(prior.bounds[0], prior.bounds[1]);
    *habit += more;
    let information: Vec<f64> = told.iter().map(|told| told[0] + told[1]).collect();
    // The mean's own steps have been taken already: their share of the score is gone.
    let score: Vec<f64> = scores
        .iter()
        .zip(&told)
        .map(|(score, told)| score[0] - step * told[0] + score[1] - (step + more) * told[1])
        .collect();
    let believed = prior.unit_sd.powi(2);
    *variance = self::between(&score, &information, own, *variance, believed);
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

/// What rows say of each unit's slope, [within days, between days].
struct Told {
    score: Vec<[f64; 2]>,
    information: Vec<[f64; 2]>,
}

/// Scores and information, each part divided by how many times less its rows say than so many independent rows would
/// (Kish 1965): a unit's demand and its rivals drift over days, and bids hold for days, so the rows of a unit's week
/// speak with one voice. By the scatter of their scores (Liang & Zeger 1986). Within a day, the day's own level is
/// taken out.
fn told(pieces: &[Piece], noise: Noise, units: usize) -> Told {
    let parts: Vec<(Told, [f64; 2])> = pieces.par_iter().map(|piece| told_by(piece, noise)).collect();
    let mut all = Told { score: vec![[0.0; 2]; units], information: vec![[0.0; 2]; units] };
    let mut squares = [0.0; 2];
    for (piece, (told, more)) in pieces.iter().zip(parts) {
        for (at, unit) in piece.units.clone().enumerate() {
            for part in 0..2 {
                all.score[unit][part] += told.score[at][part];
                all.information[unit][part] += told.information[at][part];
            }
        }
        squares = std::array::from_fn(|part| squares[part] + more[part]);
    }
    for part in 0..2 {
        let told: f64 = all.information.iter().map(|of| of[part]).sum();
        let effect = if told > 0.0 { (squares[part] / told).max(1.0) } else { 1.0 };
        all.score.iter_mut().chain(&mut all.information).for_each(|of| of[part] /= effect);
    }
    all
}

/// What the rows of a piece say of its units, and the squares of the scores of its units' weeks.
fn told_by(piece: &Piece, noise: Noise) -> (Told, [f64; 2]) {
    let units = piece.units.len();
    let (mut score, mut information) = (vec![[0.0; 2]; units], vec![[0.0; 2]; units]);
    let (mut squares, mut cluster, mut last) = ([0.0; 2], [0.0; 2], None);
    let Piece { rows, mean, apart, .. } = piece;
    let add = |squares: &mut [f64; 2], cluster: [f64; 2]| {
        squares.iter_mut().zip(cluster).for_each(|(all, score)| *all += score * score);
    };
    for day in &apart.days {
        let first = &rows[day.start];
        let now = Some((first.unit, first.day.map(|(day, _)| day / 7)));
        if now != last {
            add(&mut squares, cluster);
            (cluster, last) = ([0.0; 2], now);
        }
        let sums = day.clone().fold([0.0; 2], |[seen, expected], at| {
            [seen + rows[at].weight * rows[at].y, expected + rows[at].weight * mean[at]]
        });
        let level = if sums[1] > 0.0 { sums[0] / sums[1] } else { 0.0 };
        let unit = first.unit as usize - piece.units.start;
        for at in day.clone() {
            let (row, mu) = (&rows[at], mean[at]);
            for (part, level) in [level, 1.0].into_iter().enumerate() {
                let x = apart.x[at][part];
                let term = row.weight * (row.y - level * mu) * x / noise.each;
                score[unit][part] += term;
                cluster[part] += term;
                information[unit][part] += row.weight * level * mu * x * x / noise.each;
            }
        }
    }
    add(&mut squares, cluster);
    (Told { score, information }, squares)
}
