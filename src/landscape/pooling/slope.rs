//! How a rate answers to its feature, learned from changes within units.

use rayon::prelude::*;

use super::apart::{DAYS, PARTS};
use super::drift::{self, Drift};
use super::link::Link;
use super::noise::Noise;
use super::piece::Piece;
use super::{Extent, Row, Rows};

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
    /// What it means that bids of a campaign's hours go with another response than bids of its single units do.
    pub hours: Hours,
    /// What becomes of what days tell beyond the slope.
    pub days: Days,
    /// What a slope makes of a feature.
    pub link: Link,
}

/// What it means that bids of a whole campaign in an hour go with another response than those of one of its units do.
/// No forecast follows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hours {
    /// The operator's habit: demand of an hour can be seen coming.
    Habit,
    /// An answer like any other.
    Answer,
}

/// Half of all operators' habits of the hour, as a slope, are believed to be less than this.
const HABIT_OF_HOURS: f64 = 0.07;

impl Hours {
    /// How firmly a habit is believed to be none, as 1 ÷ variance: most operators have none, and those who do may have
    /// any (a Cauchy belief, by the weights of its normal mixture; Lange et al. 1989).
    fn precision(self, habit: f64) -> f64 {
        match self {
            Hours::Habit => 2.0 / (HABIT_OF_HOURS.powi(2) + habit * habit),
            Hours::Answer => 1e6,
        }
    }
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
    /// No feature at all; whoever has one may have habits.
    pub const NONE: SlopePrior = SlopePrior {
        mean: 0.0,
        sd: 0.0,
        unit_sd: 0.0,
        bounds: [0.0, 0.0],
        hours: Hours::Habit,
        days: Days::Habit,
        link: Link::Exponential,
    };

    /// Of what is a share that is won, logistic in the ln of the feature's ratio with this steepness.
    pub fn of_share(self, steepness: f64) -> SlopePrior {
        let [least, most] = self.bounds;
        let link = Link::Share { most: 1.0 / steepness };
        SlopePrior { bounds: [least, most.min(steepness)], link, ..self }
    }
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

/// Slopes while they are being fitted.
pub(super) struct Slopes {
    /// The mean over units.
    pub mean: f64,
    /// Each unit's deviation from it.
    pub own: Vec<f64>,
    /// What the campaign's hours and the days tell beyond it, the same for all units.
    habit: [f64; 2],
    /// How far units lie apart: their variance, as far as the data tells it.
    variance: f64,
    /// How much the data says of the mean.
    pub information: f64,
    /// How many rows say together what one would say alone.
    pub alike: f64,
    /// How units' days wander.
    drift: Drift,
    link: Link,
}

impl Slopes {
    pub fn new(prior: SlopePrior, units: usize) -> Self {
        let (own, variance) = (vec![0.0; units], prior.unit_sd.powi(2));
        let (mean, drift) = (prior.mean, Drift::default());
        Slopes { mean, own, habit: [0.0; 2], variance, information: 0.0, alike: 1.0, drift, link: prior.link }
    }

    /// The response of a unit to its feature, which is so taken apart.
    pub fn response(&self, unit: usize, x: f64, [_, of_hour, of_day]: [f64; PARTS]) -> f64 {
        let answer = (self.mean + self.own[unit]) * x + self.habit[0] * of_hour + self.habit[1] * of_day;
        self.link.response(answer)
    }

    /// What a slope's change by a little moves the response by, as ln and in that little times the feature.
    fn moves(&self, row: &Row, apart: [f64; PARTS]) -> f64 {
        match self.link {
            Link::Exponential => 1.0,
            Link::Share { .. } => self.response(row.unit as usize, row.x, apart),
        }
    }

    /// What days tell beyond the slope that no forecast follows.
    pub fn habit_left(&self, prior: SlopePrior) -> f64 {
        self.habit[1] - prior.days.forecast(self.habit[1])
    }

    /// The slope of each unit that a forecast follows, its feature being told against a reference.
    pub fn forecast(&self, prior: SlopePrior, reference: &[f64]) -> Vec<f64> {
        let mean = self.mean + prior.days.forecast(self.habit[1]);
        let of_unit = |(own, reference): (&f64, &f64)| {
            let most = prior.bounds[1].min(self.link.steepest(*reference));
            (mean + own).clamp(prior.bounds[0], most)
        };
        self.own.iter().zip(reference).map(of_unit).collect()
    }
}

/// The variance between units is what is believed of it at first, and counts like so many units that are known
/// exactly.
const BELIEF: f64 = 10.0;

/// One Newton step for the mean slope, what hours and days tell beyond it, and each unit's deviation.
pub(super) fn step(pieces: &[Piece], noise: Noise, prior: SlopePrior, slopes: &mut Slopes) {
    let (Told { score: scores, information: told }, so_alike) = told(pieces, noise, slopes);
    let Slopes { mean: slope, own, habit, variance, information: all, alike, .. } = slopes;
    *alike = so_alike;
    let total = |of: &[[f64; PARTS]], part: usize| of.iter().map(|of| of[part]).sum::<f64>();
    // What hours and days tell of the slope counts as far as it can be trusted.
    let beliefs = [prior.hours.precision(habit[0]), prior.days.deviation().powi(-2)];
    let trust = [1, 2].map(|part| (total(&scores, part), total(&told, part), beliefs[part - 1]));
    let mut score = total(&scores, 0);
    *all = total(&told, 0);
    for ((of, information, believed), habit) in trust.into_iter().zip(*habit) {
        let share = believed / (information + believed);
        score += share * (of + information * habit);
        *all += share * information;
    }
    let precision = prior.sd.powi(-2);
    let step = (score + (prior.mean - *slope) * precision) / (*all + precision);
    let step = step.clamp(-0.5, 0.5);
    *slope = (*slope + step).clamp(prior.bounds[0], prior.bounds[1]);
    let mut steps = [step; PARTS];
    for (part, ((of, information, believed), habit)) in trust.into_iter().zip(habit).enumerate() {
        let more = (of - believed * *habit - information * step) / (information + believed);
        let more = more.clamp(-0.5, 0.5);
        *habit += more;
        steps[part + 1] += more;
    }
    let information: Vec<f64> = told.iter().map(|told| told.iter().sum()).collect();
    // The mean's own steps have been taken already: their share of the score is gone.
    let left = |(score, told): (&[f64; PARTS], &[f64; PARTS])| -> f64 {
        (0..PARTS).map(|part| score[part] - steps[part] * told[part]).sum()
    };
    let score: Vec<f64> = scores.iter().zip(&told).map(left).collect();
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

/// What rows say of each unit's slope, by part of the feature.
struct Told {
    score: Vec<[f64; PARTS]>,
    information: Vec<[f64; PARTS]>,
}

/// Scores and information, each divided by how many times less its rows say than so many independent rows would (Kish
/// 1965). Of hours, by the scatter of the scores of units' weeks (Liang & Zeger 1986): within a day, the day's own level is
/// taken out. Of days, unit by unit as its days wander: bids hold for days or weeks, and demand and rivals drift
/// meanwhile. Beside them, how many rows say together what one would say alone.
fn told(pieces: &[Piece], noise: Noise, slopes: &mut Slopes) -> (Told, f64) {
    let units = slopes.own.len();
    let parts: Vec<(Told, [f64; PARTS])> =
        pieces.par_iter().map(|piece| told_by(piece, noise, slopes)).collect();
    let mut all = Told { score: vec![[0.0; PARTS]; units], information: vec![[0.0; PARTS]; units] };
    let mut squares = [0.0; PARTS];
    for (piece, (told, more)) in pieces.iter().zip(parts) {
        for (at, unit) in piece.units.clone().enumerate() {
            for part in 0..PARTS {
                all.score[unit][part] += told.score[at][part];
                all.information[unit][part] += told.information[at][part];
            }
        }
        squares = std::array::from_fn(|part| squares[part] + more[part]);
    }
    let told = |all: &Told, part: usize| all.information.iter().map(|of| of[part]).sum::<f64>();
    let whole: f64 = (0..PARTS).map(|part| told(&all, part)).sum();
    for part in 0..DAYS {
        let told = told(&all, part);
        let effect = if told > 0.0 { (squares[part] / told).max(1.0) } else { 1.0 };
        all.score.iter_mut().chain(&mut all.information).for_each(|of| of[part] /= effect);
    }
    let days: Vec<_> = pieces.par_iter().map(|piece| drift::days_of(piece, noise)).collect();
    slopes.drift = slopes.drift.learn(&days);
    for (unit, days) in days.iter().flatten() {
        let effect = slopes.drift.effect(days);
        (all.score[*unit][DAYS], all.information[*unit][DAYS]) =
            (all.score[*unit][DAYS] / effect, all.information[*unit][DAYS] / effect);
    }
    let left: f64 = (0..PARTS).map(|part| told(&all, part)).sum();
    (all, (whole + 1e-12) / (left + 1e-12))
}

/// What the rows of a piece say of its units, and the squares of the scores of its units' weeks.
fn told_by(piece: &Piece, noise: Noise, slopes: &Slopes) -> (Told, [f64; PARTS]) {
    let units = piece.units.len();
    let (mut score, mut information) = (vec![[0.0; PARTS]; units], vec![[0.0; PARTS]; units]);
    let (mut squares, mut cluster, mut last) = ([0.0; PARTS], [0.0; PARTS], None);
    let Piece { rows, mean, apart, .. } = piece;
    let add = |squares: &mut [f64; PARTS], cluster: [f64; PARTS]| {
        squares.iter_mut().zip(cluster).for_each(|(all, score)| *all += score * score);
    };
    for day in &apart.days {
        let first = &rows[day.start];
        let now = Some((first.unit, first.day.map(|(day, _)| day / 7)));
        if now != last {
            add(&mut squares, cluster);
            (cluster, last) = ([0.0; PARTS], now);
        }
        let sums = day.clone().fold([0.0; 2], |[seen, expected], at| {
            [seen + rows[at].weight * rows[at].y, expected + rows[at].weight * mean[at]]
        });
        let level = if sums[1] > 0.0 { sums[0] / sums[1] } else { 0.0 };
        let unit = first.unit as usize - piece.units.start;
        for at in day.clone() {
            let (row, mu) = (&rows[at], mean[at]);
            let more = slopes.moves(row, apart.x[at]);
            for (part, level) in [level, level, 1.0].into_iter().enumerate() {
                let x = apart.x[at][part] * more;
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
