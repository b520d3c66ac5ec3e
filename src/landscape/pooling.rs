//! One statistical tool for every rate and volume: a multiplicative model with partial pooling.
//!
//! An observation i has a count or an amount yᵢ ≥ 0 and an exposure eᵢ ≥ 0 (hours on offer,
//! impressions, clicks, …), and
//!
//! ```text
//! E[yᵢ] = eᵢ · base · campaign · unit · hour · campaign×hour · weekday · day · exp(slopeᵤ · (xᵢ − refᵤ))
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

mod factor;

use serde::{Deserialize, Serialize};

use crate::calendar::HOURS;
use factor::Factor;

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

/// The size of what is fitted.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Units of the channel.
    pub units: usize,
    /// Campaigns of the channel.
    pub campaigns: usize,
    /// Days of the history.
    pub days: usize,
}

/// Estimated effects. `base · campaign · unit · hour · campaign×hour · weekday · level` is the rate at
/// the unit's reference feature.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Effects {
    /// Rate of the whole channel.
    pub base: f64,
    /// Factor per campaign.
    pub campaign: Vec<f64>,
    /// Factor per unit.
    pub unit: Vec<f64>,
    /// Factor per hour.
    pub hour: Vec<f64>,
    /// Factor per campaign and hour, campaign-major; its mean over the hours, times `hour`, is 1.
    pub campaign_hour: Vec<f64>,
    /// Factor per weekday, Monday first.
    pub weekday: Vec<f64>,
    /// Level of the latest days against the whole history.
    pub level: f64,
    /// Slope per unit.
    pub slope: Vec<f64>,
    /// Feature at which the unit's rate holds; NaN (null in a file) where the unit has none.
    #[serde(with = "nullable")]
    pub reference: Vec<f64>,
    /// Variance ÷ mean of an observation (φ).
    pub dispersion: f64,
    /// Pseudo-counts that pull a unit towards its campaign (K), in the unit of y.
    pub unit_strength: f64,
    /// How much the data says of the slope: Σ μ (x − ref)² ÷ φ.
    pub slope_information: f64,
}

impl Effects {
    /// The rate of a unit in an hour of a weekday, at the unit's reference feature.
    pub fn rate(&self, unit: usize, campaign: usize, hour: usize, weekday: usize) -> f64 {
        self.base
            * self.campaign[campaign]
            * self.unit[unit]
            * self.hour[hour]
            * self.campaign_hour[campaign * HOURS + hour]
            * self.weekday[weekday]
            * self.level
    }

    /// Whether the tables are long enough for this unit and so many campaigns.
    pub fn has(&self, unit: usize, campaigns: usize) -> bool {
        [&self.unit, &self.slope, &self.reference].iter().all(|table| unit < table.len())
            && self.campaign.len() == campaigns
            && self.hour.len() == HOURS
            && self.campaign_hour.len() == campaigns * HOURS
            && self.weekday.len() == 7
    }

    /// What the feature changes: exp(slope · (x − reference)).
    pub fn response(&self, unit: usize, x: f64) -> f64 {
        (self.slope[unit] * (x - self.reference[unit])).exp()
    }
}

/// JSON has no NaN: null stands for it.
mod nullable {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        let values: Vec<Option<f64>> =
            values.iter().map(|value| value.is_finite().then_some(*value)).collect();
        values.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        let values: Vec<Option<f64>> = Deserialize::deserialize(deserializer)?;
        Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }
}

/// Rounds of back-fitting; effects change by less than 1e-3 after eight on every shop tried.
const ROUNDS: usize = 12;
/// Rounds in which φ stays at its floor.
const OPENING: usize = 3;
/// Half-life, in days, of the evidence for today's level.
const LEVEL_HALF_LIFE: f64 = 5.0;

/// Fits the model. Rows without exposure say nothing. φ is at least `floor`: a count scatters at least
/// like a Poisson count (1), an amount at least like its largest single pieces.
pub fn fit(rows: &[Row], extent: Extent, prior: SlopePrior, floor: f64) -> Effects {
    let mut rows: Vec<Row> = rows
        .iter()
        .copied()
        .filter(|row| row.exposure > 0.0 && row.y.is_finite() && row.weight > 0.0)
        .collect();
    let reference = centre(&mut rows, extent);
    let total = |of: fn(&Row) -> f64| rows.iter().map(|row| row.weight * of(row)).sum::<f64>();
    let exposure = total(|row| row.exposure);
    let mut base = if exposure > 0.0 { total(|row| row.y) / exposure } else { 0.0 };

    let mut campaign = Factor::new(extent.campaigns, 0.3);
    let mut unit = Factor::new(extent.units, 0.5);
    let mut hour = Factor::new(HOURS, 0.2);
    let mut campaign_hour = Factor::new(extent.campaigns * HOURS, 0.02);
    let mut weekday = Factor::new(7, 0.01);
    let mut day = Factor::new(extent.days, 0.005);
    let mut slope = prior.mean;
    let mut own_slope = vec![0.0; extent.units];
    let mut dispersion = floor;
    let mut information = 0.0;

    if base > 0.0 {
        let hourly = rows.iter().any(|row| row.hour.is_some());
        let at_hour = |row: &Row| row.hour.map(usize::from);
        for round in 0..ROUNDS {
            let mut mean: Vec<f64> = rows
                .iter()
                .map(|row| {
                    let mut mu = row.exposure
                        * base
                        * campaign.value[row.campaign as usize]
                        * unit.value[row.unit as usize];
                    if let Some(at) = row.hour {
                        let at = usize::from(at);
                        mu *= hour.value[at] * campaign_hour.value[row.campaign as usize * HOURS + at];
                    }
                    if let Some((at, of_week)) = row.day {
                        mu *= day.value[usize::from(at)] * weekday.value[usize::from(of_week)];
                    }
                    mu * ((slope + own_slope[row.unit as usize]) * row.x).exp()
                })
                .collect();
            // Units first: scatter between them is not noise, and where each has one row nothing else
            // could tell the two apart.
            if round >= OPENING {
                dispersion = pearson(&rows, &mean, unit.absorbed, floor);
            }
            let (seen, expected) = rows.iter().zip(&mean).fold((0.0, 0.0), |(seen, expected), (row, mu)| {
                (seen + row.weight * row.y, expected + row.weight * mu)
            });
            let scale = if expected > 0.0 { seen / expected } else { 1.0 };
            base *= scale;
            mean.iter_mut().for_each(|mu| *mu *= scale);
            campaign.update(&rows, &mut mean, dispersion, |row| Some(row.campaign as usize));
            unit.update(&rows, &mut mean, dispersion, |row| Some(row.unit as usize));
            if hourly {
                hour.update(&rows, &mut mean, dispersion, at_hour);
                campaign_hour.update(&rows, &mut mean, dispersion, |row| {
                    at_hour(row).map(|at| row.campaign as usize * HOURS + at)
                });
                normalise_hours(&hour.value, &mut campaign_hour.value, &mut campaign.value);
            }
            weekday
                .update(&rows, &mut mean, dispersion, |row| row.day.map(|(_, of_week)| usize::from(of_week)));
            day.update(&rows, &mut mean, dispersion, |row| row.day.map(|(at, _)| usize::from(at)));
            if prior.sd > 0.0 {
                information = step_slope(&rows, &mean, dispersion, prior, &mut slope, &mut own_slope);
            }
        }
    }
    let bound = |value: f64| value.clamp(prior.bounds[0], prior.bounds[1]);
    Effects {
        base,
        level: latest_level(&day.value),
        unit_strength: dispersion / unit.variance,
        campaign: campaign.value,
        unit: unit.value,
        hour: hour.value,
        campaign_hour: campaign_hour.value,
        weekday: weekday.value,
        slope: own_slope.iter().map(|own| bound(slope + own)).collect(),
        reference,
        dispersion,
        slope_information: information,
    }
}

/// Makes the feature relative to its unit's weighted mean; returns each unit's mean, the reference.
fn centre(rows: &mut [Row], extent: Extent) -> Vec<f64> {
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

/// φ by Pearson's statistic over the degrees of freedom that unit effects leave, never below the floor.
fn pearson(rows: &[Row], mean: &[f64], absorbed: f64, floor: f64) -> f64 {
    let (mut statistic, mut weight) = (0.0, 0.0);
    for (row, mu) in rows.iter().zip(mean) {
        if *mu > 0.0 {
            statistic += row.weight * (row.y - mu).powi(2) / mu;
            weight += row.weight;
        }
    }
    let free = (weight - absorbed).max(0.1 * weight);
    if free > 0.0 { (statistic / free).max(floor) } else { floor }
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

/// One Newton step for the mean slope and each unit's deviation from it; returns the information.
fn step_slope(
    rows: &[Row],
    mean: &[f64],
    dispersion: f64,
    prior: SlopePrior,
    slope: &mut f64,
    own: &mut [f64],
) -> f64 {
    let mut score = vec![0.0; own.len()];
    let mut information = vec![0.0; own.len()];
    for (row, mu) in rows.iter().zip(mean) {
        let at = row.unit as usize;
        score[at] += row.weight * (row.y - mu) * row.x / dispersion;
        information[at] += row.weight * mu * row.x * row.x / dispersion;
    }
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

    const EXTENT: Extent = Extent { units: 3, campaigns: 1, days: 14 };

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
        let prior = SlopePrior { mean: 0.0, sd: 1.0, unit_sd: 0.3, bounds: [-2.0, 0.0] };
        let effects = fit(&rows(truth), EXTENT, prior, 1.0);
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
        let effects = fit(&seen, EXTENT, SlopePrior::NONE, 1.0);
        assert!((effects.rate(1, 0, 5, 0) / 2.0 - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_slope_against_the_law_is_bounded_away() {
        let prior = SlopePrior { mean: -0.5, sd: 1.0, unit_sd: 0.3, bounds: [-2.0, 0.0] };
        let effects = fit(&rows(|_, _, x| (0.7 * x).exp()), EXTENT, prior, 1.0);
        assert!(effects.slope.iter().all(|slope| *slope <= 0.0));
    }
}
