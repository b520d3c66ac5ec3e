//! The yardstick: the whole way from history to played plan, over shops of all kinds.

use std::time::Instant;

use serde::Serialize;

use super::{Forecast, Judgement, judge, request::request};
use crate::calendar::date_of;
use crate::error::Result;
use crate::keys::{Channel, Unit};
use crate::landscape::Landscapes;
use crate::market::{kinds::Kind, simulate};
use crate::metric::{Metric, Outcome};
use crate::pipeline::{self, Options};
use crate::plan::{Band, Status};

/// The band of positions that shops of all kinds hold.
const BAND: [f64; 2] = [3.0, 5.0];

/// What became of one shop. Money is a day's mean.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The kind.
    pub kind: String,
    /// The seed.
    pub seed: u64,
    /// Rows of the history.
    pub rows: usize,
    /// Units of the shop.
    pub units: usize,
    /// Whether the plan meets every rule by its own forecast.
    pub feasible: bool,
    /// Revenue under the bids of the week before.
    pub last_week_revenue: f64,
    /// Spend under the bids of the week before.
    pub last_week_spend: f64,
    /// Revenue of the plan.
    pub revenue: f64,
    /// Spend of the plan.
    pub spend: f64,
    /// Revenue of the known-curve optimum.
    pub optimum_revenue: f64,
    /// Spend of the known-curve optimum.
    pub optimum_spend: f64,
    /// Revenue of the plan ÷ revenue of the optimum.
    pub share_of_optimum: f64,
    /// The same over search and display alone.
    pub share_of_auctions: Option<f64>,
    /// Forecast spend ÷ spend − 1.
    pub spend_error: f64,
    /// Forecast revenue ÷ revenue − 1.
    pub revenue_error: f64,
    /// Share of search hours at position 3 to 5, last week's bids.
    pub last_week_in_band: Option<f64>,
    /// The same of the plan.
    pub in_band: Option<f64>,
    /// The same of the optimum.
    pub optimum_in_band: Option<f64>,
    /// Share of days on which a hard rule was met, over all rule rows.
    pub met: f64,
    /// The same over ROI rules alone.
    pub roi_met: f64,
    /// The same of the budget alone.
    pub budget_met: f64,
    /// The chance with which the plan was to meet its rules.
    pub confidence: f64,
    /// Share of the objective that this confidence gave up, by the plan's own reckoning.
    pub given_up: Option<f64>,
    /// Share of totals (by channel, metric and day) in their bands of 50 %.
    pub p50: Option<f64>,
    /// The same for 80 %.
    pub p80: Option<f64>,
    /// Every total beside what was played.
    pub bands: Vec<PlayedBand>,
    /// Seconds of simulating the history.
    pub simulate_seconds: f64,
    /// Seconds of fitting and planning.
    pub plan_seconds: f64,
    /// Seconds of finding the optimum and playing all three.
    pub judge_seconds: f64,
}

/// A total that the plan expected, and what was played.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PlayedBand {
    /// The channel; nothing for the whole plan.
    pub channel: Option<Channel>,
    /// The metric.
    pub metric: Metric,
    /// What was expected.
    pub expected: f64,
    /// Mean of the days played.
    pub mean: f64,
    /// Standard deviation that was expected, as a share.
    pub deviation: f64,
    /// That of the days played, as a share of their mean.
    pub played: f64,
    /// Share of the days in the band of 50 %.
    pub p50: f64,
    /// Share of the days in the band of 80 %.
    pub p80: f64,
}

/// Simulates a shop, plans the day after its history with a confidence, and plays the plan for so many days.
/// Without the optimum, which takes longest, what is measured against it is 0 or nothing.
///
/// # Errors
/// What the plan says.
pub fn measure(kind: Kind, seed: u64, days: u32, confidence: f64, optimum: bool) -> Result<(Row, Judgement)> {
    let shop = kind.shop(seed)?;
    let started = Instant::now();
    let history = simulate(&shop);
    let simulate_seconds = started.elapsed().as_secs_f64();
    let mut request = request(&shop, &history)?;
    request.file.plan.confidence = confidence;

    let started = Instant::now();
    let (landscapes, _) = Landscapes::fit(&history, &request)?;
    let plan = pipeline::plan_with(&request, &Options::default(), &landscapes)?.plan;
    let plan_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let date = date_of(shop.last_day() + 1);
    let judged = judge(&shop, &request, date, Forecast::from(&plan), days, optimum)?;
    let judge_seconds = started.elapsed().as_secs_f64();

    let met = |keep: &dyn Fn(&super::RuleDays) -> bool| {
        let hard = judged.rules.iter().filter(|rule| !rule.forecast.soft && keep(rule));
        let met: Vec<f64> = hard.map(|rule| rule.met).collect();
        met.iter().sum::<f64>() / met.len().max(1) as f64
    };
    let bands = &plan.outlook.bands;
    let coverage = judged.plan.coverage(bands);
    let played = |band: &Band| {
        let value = |outcome: &Outcome| band.metric.of(outcome, 0.0).unwrap_or(0.0);
        let keep = |unit: &Unit| band.channel.is_none_or(|channel| channel == unit.channel);
        let spread = judged.plan.spread_of(keep, value);
        let [p50, p80] = judged.plan.coverage(&[*band])?;
        let Band { channel, metric, expected, deviation, .. } = *band;
        let (mean, played) = (spread.mean, spread.deviation / spread.mean.abs().max(1e-12));
        Some(PlayedBand { channel, metric, expected, mean, deviation, played, p50, p80 })
    };
    let spend = |series: &super::Series| series.spread(|outcome| outcome.spend).mean;
    let optimum = judged.optimum.as_ref();
    let row = Row {
        kind: kind.name.to_owned(),
        seed,
        rows: history.observations.len(),
        units: history.units.len(),
        feasible: plan.status != Status::Infeasible,
        last_week_revenue: judged.last_week.revenue().mean,
        last_week_spend: spend(&judged.last_week),
        revenue: judged.plan.revenue().mean,
        spend: spend(&judged.plan),
        optimum_revenue: optimum.map_or(0.0, |optimum| optimum.revenue().mean),
        optimum_spend: optimum.map_or(0.0, spend),
        share_of_optimum: judged.share_of_optimum().unwrap_or(0.0),
        share_of_auctions: judged.share_of_auctions(),
        spend_error: judged.error(|outcome| outcome.spend).unwrap_or(0.0),
        revenue_error: judged.error(|outcome| outcome.revenue).unwrap_or(0.0),
        last_week_in_band: judged.last_week.share_in_band(BAND),
        in_band: judged.plan.share_in_band(BAND),
        optimum_in_band: optimum.and_then(|optimum| optimum.share_in_band(BAND)),
        met: met(&|_| true),
        roi_met: met(&|rule| rule.forecast.metric == Metric::Roi),
        budget_met: met(&|rule| rule.forecast.rule == "budget"),
        confidence,
        given_up: plan.outlook.price.map(|price| price.given_up / price.at_half.abs().max(1.0)),
        p50: coverage.map(|[half, _]| half),
        p80: coverage.map(|[_, most]| most),
        bands: bands.iter().filter_map(played).collect(),
        simulate_seconds,
        plan_seconds,
        judge_seconds,
    };
    Ok((row, judged))
}
