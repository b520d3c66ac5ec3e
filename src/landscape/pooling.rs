//! One statistical tool for every rate and volume: a multiplicative model with partial pooling.
//!
//! An observation i has a count or an amount yᵢ ≥ 0 and an exposure eᵢ ≥ 0 (hours on offer,
//! impressions, clicks, …), and
//!
//! ```text
//! E[yᵢ] = eᵢ · base · campaign · unit · hour · campaign×hour · weekday · weekend×hour · day
//!            · exp(slopeᵤ · (xᵢ − refᵤ) + habits · [x that the campaign's hour has in common, x of the unit's day])
//! Var[yᵢ] = φ · E[yᵢ]                                         (quasi-Poisson)
//! ```
//!
//! For a share that is won, `1 ÷ (1 − ·)` stands in the place of `exp(·)` ([`Link`]).
//!
//! Every effect is a factor with a gamma prior of mean 1 and variance τ², so its estimate given the
//! others is `(Σ y + K) ÷ (Σ μ + K)` with `K = φ ÷ τ²`: the average of what was seen, pulled towards
//! "no effect" by K pseudo-counts. φ and τ² are learned from the data by moments, so sparse units
//! lean on their campaign and campaigns on the channel exactly as far as units and campaigns are
//! alike: partial pooling, no cut-off. (Bühlmann–Straub credibility; Gelman & Hill 2007, ch. 12.)
//!
//! The slope is learned from changes *within* a unit, hours, weekdays and days accounted for, because
//! units that bid more differ in much else (a contested word costs more *and* shows lower). Where
//! nothing varies within units the prior stands. Bounds on the slope make every response monotone.
//!
//! Stated in full in `models/formulation.md` §2.

mod apart;
mod bin;
mod drift;
mod effects;
mod factor;
mod factors;
mod habit;
mod link;
mod noise;
mod piece;
mod rows;
mod scatter;
mod slope;

use super::Parts;
use crate::calendar::HOURS;
use drift::Drift;
pub use effects::Effects;
use factors::Factors;
pub use link::Link;
pub use noise::Noise;
use piece::Piece;
use rayon::prelude::*;
pub use rows::Rows;
pub use scatter::Scatter;
use slope::Slopes;
pub use slope::{Days, Hours, SlopePrior};

/// One observation. Indices of unit and campaign count within the channel.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Unit.
    pub unit: u32,
    /// Campaign of the unit.
    pub campaign: u32,
    /// Hour; none for a row that covers whole days.
    pub hour: Option<u8>,
    /// Days since the first, and weekday; none for a row that covers several days.
    pub day: Option<(u16, u8)>,
    /// What was counted.
    pub y: f64,
    /// What it is counted against.
    pub exposure: f64,
    /// The feature, for example ln bid; NaN where unknown (the row then says nothing of the slope).
    pub x: f64,
    /// Weight; recent rows weigh more.
    pub weight: f64,
}

/// The size of what is fitted.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Units of the channel.
    pub units: usize,
    /// Campaigns of the channel.
    pub campaigns: usize,
    /// Days of the history.
    pub days: usize,
    /// Whether each unit's hours are learned beyond its campaign's.
    pub unit_hours: bool,
    /// What takes part.
    pub parts: Parts,
}

/// The first day of the weekend, Monday being 0.
const WEEKEND: usize = 5;

/// Where the hour of a workday, or of a day of the weekend, stands among their 48.
pub fn weekend_hour_at(weekday: u8, hour: u8) -> usize {
    usize::from(usize::from(weekday) >= WEEKEND) * HOURS + usize::from(hour)
}

/// Rounds of back-fitting; effects change by less than 1e-3 after eight on every shop tried.
const ROUNDS: usize = 12;
/// Rounds in which φ stays at its floor.
const OPENING: usize = 3;
/// Half-life, in days, of the evidence for today's level.
const LEVEL_HALF_LIFE: f64 = 5.0;

/// Fits the model. φ is at least `floor`: a count scatters at least like a Poisson count (1), an amount at least like
/// its largest single pieces.
pub fn fit(rows: impl Into<Rows>, extent: Extent, prior: SlopePrior, floor: f64) -> Effects {
    fit_scored(rows, extent, prior, floor).0
}

/// As [`fit`], with the observations and what the model makes of them.
pub fn fit_scored(
    rows: impl Into<Rows>,
    extent: Extent,
    prior: SlopePrior,
    floor: f64,
) -> (Effects, Explained) {
    let mut rows = rows.into();
    let reference = slope::centre(&mut rows, extent);
    let exposure = rows.sum(|row| row.weight * row.exposure);
    let base = if exposure > 0.0 { rows.sum(|row| row.weight * row.y) / exposure } else { 0.0 };
    let mut pieces = piece::cut(rows);

    let mut factors = Factors::new(base, extent, &pieces);
    let prior = match extent.parts.habit {
        true => prior,
        false => SlopePrior { hours: Hours::Answer, days: Days::Answer, ..prior },
    };
    let mut slopes = Slopes::new(prior, extent.units);
    let mut noise = Noise { each: floor, common: 0.0 };

    let rounds = if base > 0.0 { ROUNDS } else { 0 };
    for round in 0..rounds {
        let of_units = factors.of_units();
        let moments = piece::sum(&mut pieces, |piece| {
            piece.bins.iter_mut().for_each(|bin| bin.rate = factors.of_bin(bin));
            let Piece { rows, mean, apart, bins, bin_of, .. } = piece;
            for (((row, mean), apart), bin) in rows.iter().zip(mean).zip(&apart.x).zip(bin_of) {
                let unit = row.unit as usize;
                *mean = row.exposure * of_units[unit] * bins[*bin as usize].rate * factors.of_unit_hour(row);
                if prior.sd > 0.0 {
                    *mean *= slopes.response(unit, row.x, *apart);
                }
            }
            noise.moments(piece)
        });
        // Units first: scatter between them is not noise, and where each has one row nothing else
        // could tell the two apart.
        if round >= OPENING {
            noise = Noise::learn(moments, factors.unit.absorbed, floor);
        }
        factors.step(&mut pieces, noise);
        if prior.sd > 0.0 {
            slope::step(&pieces, noise, prior, &mut slopes);
        }
    }
    let Factors {
        base,
        campaign,
        unit,
        hour,
        campaign_hour,
        unit_hour,
        mut weekday,
        weekend_hour,
        mut day,
        ..
    } = factors;
    habit::settle(&pieces, slopes.habit_left(prior), &mut weekday.value, &mut day.value);
    let scatter = Scatter::learn(&scatter::Fitted {
        pieces: &pieces,
        noise,
        day: &day.value,
        units: extent.units,
        unit_variance: unit.variance,
        absorbed: [unit.absorbed, weekday.absorbed],
    });
    let effects = Effects {
        base,
        level: latest_level(&day.value),
        unit_strength: noise.each / unit.variance,
        campaign: campaign.value,
        unit: unit.value,
        hour: hour.value,
        campaign_hour: campaign_hour.value,
        unit_hour: unit_hour.value,
        weekday: weekday.value,
        weekend_hour: weekend_hour.value,
        slope: slopes.forecast(prior, &reference),
        link: prior.link,
        reference,
        noise,
        scatter,
        slope_information: slopes.information,
    };
    (effects, Explained { pieces, noise, alike: slopes.alike })
}

/// Observations beside what the model makes of them.
#[derive(Debug)]
pub struct Explained {
    pieces: Vec<Piece>,
    /// How the observations scatter around it.
    pub noise: Noise,
    /// How many observations say together what one would say alone.
    pub alike: f64,
}

/// An observation, its weight before rows of one cell were discounted, and what the model makes of it.
#[derive(Debug, Clone, Copy)]
pub struct ExplainedCell<'a> {
    /// The observation.
    pub row: &'a Row,
    /// Its weight.
    pub weight: f64,
    /// Its expected amount.
    pub mean: f64,
}

impl Explained {
    /// Observation by observation.
    pub fn cells(&self) -> impl Iterator<Item = ExplainedCell<'_>> {
        self.pieces.iter().flat_map(cells)
    }

    /// Where the walk of its days has brought each of so many units by its last day, as a factor.
    pub fn walked(&self, units: usize) -> Vec<f64> {
        let days: Vec<_> = self.pieces.par_iter().map(|piece| drift::days_of(piece, self.noise)).collect();
        let drift = (0..ROUNDS / 3).fold(Drift::default(), |drift, _| drift.learn(&days));
        let mut walked = vec![1.0; units];
        days.iter().flatten().for_each(|(unit, days)| walked[*unit] = drift.level(days));
        walked
    }

    /// Sums over the observations, always in their order.
    pub fn sum<const N: usize>(&self, of: impl Fn(ExplainedCell<'_>) -> [f64; N] + Sync) -> [f64; N] {
        let add = |all: [f64; N], more: [f64; N]| std::array::from_fn(|at| all[at] + more[at]);
        let parts: Vec<[f64; N]> =
            self.pieces.par_iter().map(|piece| cells(piece).map(&of).fold([0.0; N], add)).collect();
        parts.into_iter().fold([0.0; N], add)
    }

    /// Twice the quasi-log-likelihood that is missing to a model that knew every row's mean.
    pub fn deviance(&self, noise: Noise) -> f64 {
        let [missing] = self.sum(|ExplainedCell { row, weight, mean }| {
            let logs = if row.y > 0.0 { row.y * (row.y / mean.max(1e-12)).ln() } else { 0.0 };
            [2.0 * weight * (logs - row.y + mean) / (noise.each + noise.common * mean)]
        });
        missing
    }
}

fn cells(piece: &Piece) -> impl Iterator<Item = ExplainedCell<'_>> {
    let rows = piece.rows.iter().zip(&piece.weights).zip(&piece.mean);
    rows.map(|((row, weight), mean)| ExplainedCell { row, weight: *weight, mean: *mean })
}

/// Level of the latest days: a weighted geometric mean of the day factors, recent days first. (Growth that is seen in
/// it carries on too seldom to pay: followed, it made no forecast of ours better.)
fn latest_level(day: &[f64]) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (age, value) in day.iter().rev().enumerate() {
        let share = 0.5f64.powf(age as f64 / LEVEL_HALF_LIFE);
        sum += share * value.max(1e-9).ln();
        weight += share;
    }
    if weight > 0.0 { (sum / weight).exp() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { units: 3, campaigns: 1, days: 14, unit_hours: true, parts: Parts::ALL };

    fn rows(rate: impl Fn(u32, u8, f64) -> f64) -> Vec<Row> {
        let mut rows = Vec::new();
        for unit in 0..3u32 {
            for day in 0..14u16 {
                for hour in 0..24u8 {
                    let x = ((day * 7 + u16::from(hour) * 3 + unit as u16) % 5) as f64 * 0.2;
                    rows.push(Row {
                        unit,
                        campaign: 0,
                        hour: Some(hour),
                        day: Some((day, (day % 7) as u8)),
                        y: 100.0 * rate(unit, hour, x),
                        exposure: 100.0,
                        x,
                        weight: 1.0,
                    });
                }
            }
        }
        rows
    }

    #[test]
    fn recovers_a_response_it_can_represent() {
        let truth = |unit: u32, hour: u8, x: f64| {
            (1.0 + unit as f64) * (1.0 + f64::from(hour) / 24.0) * (-0.8 * x).exp()
        };
        let prior = SlopePrior { mean: 0.0, sd: 1.0, unit_sd: 0.3, bounds: [-2.0, 0.0], ..SlopePrior::NONE };
        let effects = fit(rows(truth), EXTENT, prior, 1.0);
        for (unit, hour, x) in [(0, 3, 0.2), (1, 20, 0.6), (2, 12, 0.0)] {
            let fitted = effects.rate(unit, 0, hour, 2) * effects.response(unit, x);
            let expected = truth(unit as u32, hour as u8, x);
            assert!((fitted / expected - 1.0).abs() < 0.03, "unit {unit}: {fitted} against {expected}");
        }
    }

    #[test]
    fn a_unit_never_seen_gets_its_campaigns_rate() {
        let mut seen = rows(|_, _, _| 2.0);
        seen.retain(|row| row.unit != 1);
        let effects = fit(seen, EXTENT, SlopePrior::NONE, 1.0);
        assert!((effects.rate(1, 0, 5, 0) / 2.0 - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_drift_of_demand_is_not_taken_for_an_answer_to_the_bid() {
        // Each unit's bid rose once, for the second week; demand happened to double for one and halve for another.
        let mut drifted = rows(|_, _, _| 1.0);
        drifted.retain(|row| row.unit < 2);
        for row in &mut drifted {
            let (later, up) = (row.day.is_some_and(|(day, _)| day >= 7), row.unit == 0);
            row.x = if later { 0.3 } else { 0.0 };
            row.y *= if !later {
                1.0
            } else if up {
                2.0
            } else {
                0.5
            };
        }
        let prior = SlopePrior { mean: 0.5, sd: 0.4, unit_sd: 0.2, bounds: [0.0, 3.0], ..SlopePrior::NONE };
        let effects = fit(drifted, EXTENT, prior, 1.0);
        for slope in &effects.slope[..2] {
            assert!((slope - 0.5).abs() < 0.25, "{:?}", effects.slope);
        }
    }

    #[test]
    fn a_slope_against_the_law_is_bounded_away() {
        let prior = SlopePrior { mean: -0.5, sd: 1.0, unit_sd: 0.3, bounds: [-2.0, 0.0], ..SlopePrior::NONE };
        let effects = fit(rows(|_, _, x| (0.7 * x).exp()), EXTENT, prior, 1.0);
        assert!(effects.slope.iter().all(|slope| *slope <= 0.0));
    }
}
