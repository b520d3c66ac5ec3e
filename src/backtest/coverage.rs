//! Whether the bands hold: on how many days what happened lay within them, and how far a day was off beside
//! forecasts that anyone could make.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::keys::Channel;
use crate::metric::{Metric, Outcome};
use crate::plan::Band;
use crate::plan::outlook::METRICS;

/// One metric of a channel, or of all, over the days held out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// The channel, or `total`.
    pub channel: String,
    /// The metric.
    pub metric: &'static str,
    /// Days compared.
    pub days: usize,
    /// Share of the days within the band that should hold half of them.
    pub p50: f64,
    /// Share of the days within the band that should hold four in five.
    pub p80: f64,
    /// Mean distance of a day from its forecast, as a share of the mean day.
    pub error: f64,
    /// The same of the forecast "as on this day last week"; nothing where last week is unknown.
    pub last_week: Option<f64>,
    /// The same of the forecast "as on the mean of all days before".
    pub mean_day: Option<f64>,
}

/// What is gathered of one metric.
#[derive(Debug, Clone, Default)]
struct Days {
    inside: [usize; 2],
    count: usize,
    actual: f64,
    off: f64,
    last_week: Option<f64>,
    mean_day: Option<f64>,
}

/// Gathers day by day.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverages(BTreeMap<(Option<Channel>, usize), Days>);

/// What happened on a day beside forecasts that need no model.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Naive {
    pub actual: Outcome,
    pub last_week: Outcome,
    pub mean_day: Outcome,
}

impl Coverages {
    /// Adds a day: its bands, and what happened by channel. Bands without width foretell what was agreed.
    pub fn add(&mut self, bands: &[Band], days: &BTreeMap<Channel, Naive>) {
        for band in bands.iter().filter(|band| band.deviation > 0.0) {
            let at = METRICS.iter().position(|metric| *metric == band.metric).unwrap_or(0);
            let sum = |of: fn(&Naive) -> Outcome| -> Option<f64> {
                let kept = days.iter().filter(|(channel, _)| band.channel.is_none_or(|own| own == **channel));
                let total: Outcome = kept.map(|(_, day)| of(day)).sum();
                band.metric.of(&total, 0.0)
            };
            let Some(actual) = sum(|day| day.actual) else { continue };
            let days = self.0.entry((band.channel, at)).or_default();
            days.count += 1;
            days.actual += actual;
            days.off += (band.expected - actual).abs();
            for (inside, [low, high]) in days.inside.iter_mut().zip([band.p50, band.p80]) {
                *inside += usize::from((low..=high).contains(&actual));
            }
            let naive = [
                (&mut days.last_week, sum(|day| day.last_week)),
                (&mut days.mean_day, sum(|day| day.mean_day)),
            ];
            for (off, forecast) in naive {
                if let Some(forecast) = forecast.filter(|forecast| *forecast > 0.0) {
                    *off.get_or_insert(0.0) += (forecast - actual).abs();
                }
            }
        }
    }

    /// One row a channel and metric, the total last.
    pub fn rows(self) -> Vec<Coverage> {
        let row = |((channel, at), days): ((Option<Channel>, usize), Days)| {
            let share = |of: f64| if days.actual > 0.0 { of / days.actual } else { 0.0 };
            Coverage {
                channel: channel.map_or("total", Channel::name).into(),
                metric: METRICS.get(at).copied().unwrap_or(Metric::Spend).name(),
                days: days.count,
                p50: days.inside[0] as f64 / days.count.max(1) as f64,
                p80: days.inside[1] as f64 / days.count.max(1) as f64,
                error: share(days.off),
                last_week: days.last_week.map(share),
                mean_day: days.mean_day.map(share),
            }
        };
        let (total, channels): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|((channel, _), _)| channel.is_none());
        channels.into_iter().chain(total).map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_inside_their_bands_are_counted() {
        let mut coverages = Coverages::default();
        let money = |spend| Outcome { spend, ..Outcome::default() };
        for actual in [100.0, 104.0, 90.0, 140.0] {
            let day = Naive { actual: money(actual), last_week: money(100.0), mean_day: money(0.0) };
            let bands = [Band::new(None, Metric::Spend, 100.0, 0.1)];
            coverages.add(&bands, &BTreeMap::from([(Channel::Search, day)]));
        }
        let row = &coverages.rows()[0];
        assert_eq!((row.days, row.p50, row.p80), (4, 0.5, 0.75));
        assert!((row.error - 54.0 / 434.0).abs() < 1e-12 && row.last_week == Some(row.error));
        assert_eq!(row.mean_day, None);
    }
}
