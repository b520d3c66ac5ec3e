//! What a fit leaves behind: the factors of one rate, and how far single cells scatter around it.

use serde::{Deserialize, Serialize};

use super::{Link, Noise, Scatter, weekend_hour_at};
use crate::calendar::HOURS;

/// Estimated effects. `base · campaign · unit · hour · campaign×hour · weekday · weekend×hour · level` is the rate at
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
    /// Factor per unit and hour, unit-major; empty where none was asked for.
    pub unit_hour: Vec<f64>,
    /// Factor per weekday, Monday first.
    pub weekday: Vec<f64>,
    /// Factor per hour of a workday, then of a day of the weekend; the mean of either, by `hour`, is 1.
    #[serde(default = "alike")]
    pub weekend_hour: Vec<f64>,
    /// Level of the latest days against the whole history.
    pub level: f64,
    /// Slope per unit.
    pub slope: Vec<f64>,
    /// What a slope makes of the feature.
    #[serde(default)]
    pub link: Link,
    /// Feature at which the unit's rate holds; NaN (null in a file) where the unit has none.
    #[serde(with = "nullable")]
    pub reference: Vec<f64>,
    /// How single observations scatter around their rate.
    pub noise: Noise,
    /// How far another day lies from its forecast.
    pub scatter: Scatter,
    /// Pseudo-counts that pull a unit towards its campaign (K), in the unit of y.
    pub unit_strength: f64,
    /// How much the data says of the slope: Σ μ (x − ref)² ÷ φ.
    pub slope_information: f64,
}

/// Files of before weekends had hours of their own.
fn alike() -> Vec<f64> {
    vec![1.0; 2 * HOURS]
}

impl Effects {
    /// The rate of a unit in an hour of a weekday, at the unit's reference feature.
    pub fn rate(&self, unit: usize, campaign: usize, hour: usize, weekday: usize) -> f64 {
        self.base
            * self.campaign[campaign]
            * self.unit[unit]
            * self.hour[hour]
            * self.campaign_hour[campaign * HOURS + hour]
            * self.unit_hour.get(unit * HOURS + hour).copied().unwrap_or(1.0)
            * self.weekday[weekday]
            * self.weekend_hour[weekend_hour_at(weekday as u8, hour as u8)]
            * self.level
    }

    /// Whether the tables are long enough for this unit and so many campaigns.
    pub fn has(&self, unit: usize, campaigns: usize) -> bool {
        [&self.unit, &self.slope, &self.reference].iter().all(|table| unit < table.len())
            && self.campaign.len() == campaigns
            && self.hour.len() == HOURS
            && self.campaign_hour.len() == campaigns * HOURS
            && (self.unit_hour.is_empty() || self.unit_hour.len() == self.unit.len() * HOURS)
            && self.weekday.len() == 7
            && self.weekend_hour.len() == 2 * HOURS
    }

    /// Gives a unit that says nothing of itself the rate of others at a feature.
    pub fn adopt(&mut self, unit: usize, campaign: usize, rate: f64, reference: f64) {
        let campaign = self.base * self.campaign[campaign];
        if campaign > 0.0 {
            self.unit[unit] = rate / campaign;
            self.reference[unit] = reference;
        }
    }

    /// What the feature changes.
    pub fn response(&self, unit: usize, x: f64) -> f64 {
        self.link.response(self.slope[unit] * (x - self.reference[unit]))
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
