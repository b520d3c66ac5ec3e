//! The judge: what a plan is worth when it is played.
//!
//! ```text
//! bids ─► market ─► N days ─► every rule's value on each of them, what was earned, where we stood
//! ```
//!
//! The planned day is played N times, each time with other luck: other people, other rivals' whims, other
//! sales. The same days are played under last week's bids and under the bids of a planner who knew the
//! true curves ([`known`]), so that all three meet the same luck. [`yardstick`] does this for shops of all
//! kinds.

mod bids;
mod known;
mod request;
mod series;
mod under_way;
pub mod yardstick;

use jiff::civil::Date;

pub use bids::{Bids, Forecast};
pub use known::best;
pub use request::plan_text;
pub use series::{RuleDays, Series, Spread};
pub use under_way::{Replay, UnderWay, under_way};

use crate::calendar::day_number;
use crate::config::Request;
use crate::error::{Finding, Result};
use crate::market::{self, Shop};
use crate::metric::{Metric, Outcome};

/// A plan played beside its rivals.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The day.
    pub date: Date,
    /// What the plan expected.
    pub forecast: Forecast,
    /// What its bids brought.
    pub plan: Series,
    /// What the operator's bids of the week before bring.
    pub last_week: Series,
    /// What the bids of a planner who knew the true curves bring; nothing when it was not asked for. He may
    /// spend what the plan spent, even where that was more than the rules allow.
    pub optimum: Option<Series>,
    /// Every rule under the plan's bids.
    pub rules: Vec<RuleDays>,
}

impl Judgement {
    /// Revenue of the plan ÷ revenue of the known-curve optimum.
    pub fn share_of_optimum(&self) -> Option<f64> {
        let optimum = self.optimum.as_ref()?.revenue().mean;
        (optimum > 0.0).then(|| self.plan.revenue().mean / optimum)
    }

    /// The same over search and display alone, which are bid for by the hour.
    pub fn share_of_auctions(&self) -> Option<f64> {
        let revenue = |series: &Series| {
            series.spread_of(|unit| !unit.channel.by_the_day(), |outcome| outcome.revenue).mean
        };
        let optimum = revenue(self.optimum.as_ref()?);
        (optimum > 0.0).then(|| revenue(&self.plan) / optimum)
    }

    /// Forecast ÷ mean of what happened − 1.
    pub fn error(&self, of: fn(&Outcome) -> f64) -> Option<f64> {
        let actual = self.plan.spread(of).mean;
        (actual > 0.0).then(|| of(&self.forecast.total()) / actual - 1.0)
    }
}

/// The same targets, limits of spend raised to what was spent: an overspent budget buys revenue, which
/// must not pass for skill.
fn as_generous(request: &Request, rules: &[RuleDays]) -> Request {
    let mut request = request.clone();
    for rule in &mut request.file.rules {
        let is_spend = rule.metric == Metric::Spend && rule.keys().is_empty();
        let played = rules.iter().find(|days| days.forecast.rule == rule.name);
        if let (true, Some(max), Some(played)) = (is_spend, rule.max, played) {
            rule.max = Some(max.max(played.played.mean));
        }
    }
    request
}

/// Plays a plan for `days` days.
///
/// # Errors
/// `M009` for a plan whose units the shop does not have; what the program of the optimum says.
pub fn judge(
    shop: &Shop,
    request: &Request,
    date: Date,
    forecast: Forecast,
    days: u32,
    optimum: bool,
) -> Result<Judgement> {
    let day = day_number(date);
    let units = market::units(shop);
    if let Some(stranger) = forecast.bids().units().find(|unit| !units.contains(unit)) {
        let cause = format!("the plan bids for `{stranger}`, which the simulated shop does not have");
        let action = "play a plan that was made from the history of this very shop";
        return Err(Finding::error("M009", cause, action).into());
    }
    let plan = Series::play(shop, day, forecast.bids(), days);
    let rules = plan.rules(&units, &request.file, date, &forecast);
    let last_week = Bids::of_operator(shop, day - 7);
    let optimum = match optimum {
        true => Some(best(shop, &as_generous(request, &rules), date, &last_week)?),
        false => None,
    };
    Ok(Judgement {
        date,
        rules,
        plan,
        last_week: Series::play(shop, day, &last_week, days),
        optimum: optimum.map(|bids| Series::play(shop, day, &bids, days)),
        forecast,
    })
}
