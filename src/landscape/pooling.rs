//! One statistical tool for every rate and volume: a multiplicative model with partial pooling.
//!
//! An observation i has a count or an amount yᵢ ≥ 0 and an exposure eᵢ ≥ 0 (hours on offer,
//! impressions, clicks, …), and
//!
//! ```text
//! E[yᵢ] = eᵢ · base · campaign · unit · hour · campaign×hour · weekday · weekend×hour · day
//!            · exp(slopeᵤ · (xᵢ − refᵤ) + habit · mean of x over the unit's day)
//! Var[yᵢ] = φ · E[yᵢ]                                         (quasi-Poisson)
//! ```
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

mod effects;
mod factor;
mod noise;
mod piece;
mod scatter;
mod slope;

use super::Parts;
use crate::calendar::HOURS;
pub use effects::Effects;
use factor::{Factor, Family, Pending};
pub use noise::Noise;
use piece::Piece;
pub use scatter::Scatter;
use slope::Slopes;
pub use slope::{Days, SlopePrior};

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

/// Fits the model. Rows are sorted by unit and day; those without exposure say nothing. φ is at least `floor`: a count
/// scatters at least like a Poisson count (1), an amount at least like its largest single pieces.
pub fn fit(rows: Vec<Row>, extent: Extent, prior: SlopePrior, floor: f64) -> Effects {
    fit_scored(rows, extent, prior, floor).0
}

/// As [`fit`], with the observations and what the model makes of them.
pub fn fit_scored(mut rows: Vec<Row>, extent: Extent, prior: SlopePrior, floor: f64) -> (Effects, Explained) {
    rows.retain(|row| row.exposure > 0.0 && row.y.is_finite() && row.weight > 0.0);
    let reference = slope::centre(&mut rows, extent);
    let total = |of: fn(&Row) -> f64| rows.iter().map(|row| row.weight * of(row)).sum::<f64>();
    let exposure = total(|row| row.exposure);
    let pooled = extent.parts.pooling;
    let mut base = if exposure > 0.0 { total(|row| row.y) / exposure } else { 0.0 };
    let hourly = rows.iter().any(|row| row.hour.is_some());
    let mut pieces = piece::cut(&rows);
    drop(rows);

    let factor = |family, levels, variance| Factor::new(family, levels, variance, pooled);
    let mut campaign = factor(Family::Campaign, extent.campaigns, 0.3);
    let mut unit = factor(Family::Unit, extent.units, 0.5);
    let mut hour = factor(Family::Hour, HOURS, 0.2);
    let mut campaign_hour = factor(Family::CampaignHour, extent.campaigns * HOURS, 0.02);
    let unit_hours = if extent.unit_hours { extent.units * HOURS } else { 0 };
    let mut unit_hour = factor(Family::UnitHour, unit_hours, 0.02);
    let mut weekday = factor(Family::Weekday, 7, 0.01);
    let mut weekend_hour = factor(Family::WeekendHour, 2 * HOURS, 0.02);
    let mut day = factor(Family::Day, extent.days, 0.005);
    let mut slopes = Slopes::new(prior, extent.units);
    let mut noise = Noise { each: floor, common: 0.0 };

    let rounds = if base > 0.0 { ROUNDS } else { 0 };
    for round in 0..rounds {
        let expected = |row: &Row, of_day: f64| {
            let (of_campaign, of_unit) = (row.campaign as usize, row.unit as usize);
            let mut mu = row.exposure * base * campaign.value[of_campaign] * unit.value[of_unit];
            if let Some(at) = row.hour.map(usize::from) {
                mu *= hour.value[at] * campaign_hour.value[of_campaign * HOURS + at];
                if extent.unit_hours {
                    mu *= unit_hour.value[of_unit * HOURS + at];
                }
            }
            if let Some((at, of_week)) = row.day {
                mu *= day.value[usize::from(at)] * weekday.value[usize::from(of_week)];
                mu *= row.hour.map_or(1.0, |at| weekend_hour.value[weekend_hour_at(of_week, at)]);
            }
            mu * slopes.response(of_unit, row.x, of_day)
        };
        let moments = piece::sum(&mut pieces, |piece| {
            let rows = piece.rows.iter().zip(&piece.apart.x);
            rows.zip(&mut piece.mean).for_each(|((row, [_, of_day]), mean)| *mean = expected(row, *of_day));
            noise.moments(piece)
        });
        // Units first: scatter between them is not noise, and where each has one row nothing else
        // could tell the two apart.
        if round >= OPENING {
            noise = Noise::learn(moments, unit.absorbed, floor);
        }
        let [seen, expected] = piece::sum(&mut pieces, |piece| {
            let rows = piece.rows.iter_mut().zip(&piece.weights).zip(&piece.mean);
            rows.fold([0.0; 2], |[seen, expected], ((row, weight), mu)| {
                row.weight = weight * noise.discount(*mu);
                [seen + row.weight * row.y, expected + row.weight * mu]
            })
        });
        let scale = if expected > 0.0 { seen / expected } else { 1.0 };
        base *= scale;
        let mut pending = Pending::all(scale);
        let mut update = |factor: &mut Factor, pending| factor.update(&mut pieces, noise.each, pending);
        pending = update(&mut campaign, pending);
        pending = update(&mut unit, pending);
        if hourly {
            pending = update(&mut hour, pending);
            pending = update(&mut campaign_hour, pending);
            normalise_hours(&hour.value, &mut campaign_hour.value, &mut campaign.value);
            pending = update(&mut unit_hour, pending);
        }
        pending = update(&mut weekday, pending);
        if hourly {
            pending = update(&mut weekend_hour, pending);
            normalise_weekends(&hour.value, &mut weekend_hour.value, &mut weekday.value);
        }
        pending = update(&mut day, pending);
        pending.apply(&mut pieces);
        if prior.sd > 0.0 {
            slope::step(&pieces, noise, prior, &mut slopes);
        }
    }
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
        slope: slopes.forecast(prior),
        reference,
        noise,
        scatter,
        slope_information: slopes.information,
    };
    (effects, Explained { pieces, noise })
}

/// Observations beside what the model makes of them.
#[derive(Debug)]
pub struct Explained {
    pieces: Vec<Piece>,
    /// How the observations scatter around it.
    pub noise: Noise,
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
        self.pieces.iter().flat_map(|piece| {
            let rows = piece.rows.iter().zip(&piece.weights).zip(&piece.mean);
            rows.map(|((row, weight), mean)| ExplainedCell { row, weight: *weight, mean: *mean })
        })
    }

    /// Twice the quasi-log-likelihood that is missing to a model that knew every row's mean.
    pub fn deviance(&self, noise: Noise) -> f64 {
        let terms = self.cells().map(|ExplainedCell { row, weight, mean }| {
            let logs = if row.y > 0.0 { row.y * (row.y / mean.max(1e-12)).ln() } else { 0.0 };
            2.0 * weight * (logs - row.y + mean) / (noise.each + noise.common * mean)
        });
        terms.sum()
    }
}

/// Makes the mean of hour × campaign×hour over the day 1 in every campaign, so that a whole-day row
/// is 24 hours of the campaign's rate.
fn normalise_hours(hour: &[f64], campaign_hour: &mut [f64], campaign: &mut [f64]) {
    for (hours, campaign) in campaign_hour.chunks_mut(HOURS).zip(campaign) {
        let mean = hours.iter().zip(hour).map(|(own, all)| own * all).sum::<f64>() / HOURS as f64;
        if mean > 0.0 {
            hours.iter_mut().for_each(|own| *own /= mean);
            *campaign *= mean;
        }
    }
}

/// Makes the mean of the hours of workdays, and of those of weekends, 1, by what the hours bring.
fn normalise_weekends(hour: &[f64], weekend_hour: &mut [f64], weekday: &mut [f64]) {
    let (workdays, weekends) = weekday.split_at_mut(WEEKEND);
    let whole: f64 = hour.iter().sum();
    for (hours, days) in weekend_hour.chunks_mut(HOURS).zip([workdays, weekends]) {
        let mean = hours.iter().zip(hour).map(|(own, all)| own * all).sum::<f64>() / whole;
        if mean > 0.0 {
            hours.iter_mut().for_each(|own| *own /= mean);
            days.iter_mut().for_each(|day| *day *= mean);
        }
    }
}

/// Level of the latest days: a weighted geometric mean of the day factors, recent days first.
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
        let prior = SlopePrior { mean: 0.0, sd: 1.0, unit_sd: 0.3, bounds: [-2.0, 0.0], days: Days::Habit };
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
        let prior = SlopePrior { mean: 0.5, sd: 0.4, unit_sd: 0.2, bounds: [0.0, 3.0], days: Days::Habit };
        let effects = fit(drifted, EXTENT, prior, 1.0);
        for slope in &effects.slope[..2] {
            assert!((slope - 0.5).abs() < 0.25, "{:?}", effects.slope);
        }
    }

    #[test]
    fn a_slope_against_the_law_is_bounded_away() {
        let prior = SlopePrior { mean: -0.5, sd: 1.0, unit_sd: 0.3, bounds: [-2.0, 0.0], days: Days::Habit };
        let effects = fit(rows(|_, _, x| (0.7 * x).exp()), EXTENT, prior, 1.0);
        assert!(effects.slope.iter().all(|slope| *slope <= 0.0));
    }
}
