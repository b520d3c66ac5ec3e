//! Plans as the page reads them: numbers as they are, names and reasons in one language.

use serde_json::{Value, json};

use super::App;
use super::asked::Asked;
use super::base::Settings;
use super::units;
use crate::calendar::HOURS;
use crate::config::PlanFile;
use crate::error::Result;
use crate::frontier::{Found, Frontier};
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::pipeline::desk::{Outlook, Silent};
use crate::plan::{Conflict, Plan, RuleValue, Status, telling};
use crate::report::{self, Lang, reason, verdict};

/// A slack below this share of its bound is not worth a word.
const LITTLE: f64 = 1e-3;

/// Sums and their ratios.
pub fn sums(outcome: &Outcome, margin: f64) -> Value {
    json!({
        "impressions": outcome.impressions, "clicks": outcome.clicks, "spend": outcome.spend,
        "orders": outcome.orders, "revenue": outcome.revenue,
        "profit": margin * outcome.revenue - outcome.spend,
        "roi": outcome.roi(), "cpc": outcome.cpc(), "cpm": outcome.cpm(), "ctr": outcome.ctr(),
        "cvr": outcome.cvr(), "position": outcome.position(),
    })
}

fn channels(of: &[Outcome; Channel::ALL.len()], margin: f64) -> Value {
    let any = |(_, outcome): &(Channel, &Outcome)| **outcome != Outcome::default();
    let one = |(channel, outcome): (Channel, &Outcome)| json!({ "channel": channel.name(), "sums": sums(outcome, margin) });
    Channel::ALL.into_iter().zip(of).filter(any).map(one).collect()
}

fn rules(rules: &[RuleValue], file: &PlanFile, lang: Lang) -> Value {
    let confident = file.plan.confidence > 0.5;
    let one = |(rule, stands_for): (&RuleValue, usize)| {
        let bound = rule.min.into_iter().chain(rule.max).fold(0.0, |most: f64, bound| most.max(bound.abs()));
        let left = rule.slack.is_some_and(|slack| slack > LITTLE * bound);
        json!({
            "rule": rule.rule,
            "at": file.rules.iter().position(|other| other.name == rule.rule),
            "scope": reason::scope(&rule.scope, lang),
            "metric": rule.metric,
            "share": rule.share,
            "value": rule.value,
            "min": rule.min,
            "max": rule.max,
            "slack": rule.slack,
            "binding": rule.binding,
            "price": rule.shadow_price,
            "met": rule.said_met(),
            "chance": rule.chance,
            // Room that a rule leaves so that it holds on most days.
            "kept_for": (confident && rule.shadow_price > 0.0 && left).then_some(file.plan.confidence),
            "soft": rule.soft,
            "rows": stands_for,
        })
    };
    telling(rules).into_iter().map(one).collect()
}

/// The program's optimum.
pub fn outlook(outlook: &Outlook, file: &PlanFile, lang: Lang) -> Value {
    let margin = file.plan.margin;
    json!({
        "total": sums(&outlook.channels.iter().copied().sum(), margin),
        "channels": channels(&outlook.channels, margin),
        "rules": rules(&outlook.rules, file, lang),
        "objective": outlook.objective,
    })
}

/// The executable plan, beside the plan of its base.
///
/// # Errors
/// What stops the plan of the base.
pub fn plan(app: &App, asked: &Asked, settings: &Settings, plan: &Plan) -> Result<Value> {
    let (request, saved, lang) = (app.request(settings)?, app.saved(&settings.base)?, asked.lang());
    let saved = &saved.plan;
    let of = Channel::ALL.map(|channel| plan.channel(channel));
    let (units, found) = units::table(plan, saved, &asked.shown, lang);
    let silent = app.desk.silent(&request, &app.options, plan);
    Ok(json!({
        "status": plan.status,
        "near": plan.is_near(),
        "verdict": verdict(plan, lang),
        "silent": silent.iter().map(|one| words(one, lang)).collect::<Vec<_>>(),
        "price": report::confidence_price(plan, lang),
        "gap": plan.evidence.gap,
        "columns": plan.evidence.columns,
        "objective": plan.evidence.objective,
        "total": sums(&plan.total(|_, _| true), plan.margin),
        "saved": (saved.status != Status::Infeasible).then(|| sums(&saved.total(|_, _| true), saved.margin)),
        "channels": channels(&of, plan.margin),
        "rules": rules(&plan.rules, &request.file, lang),
        "hours": hours(plan),
        "conflict": plan.conflict.as_ref().map(|of| conflict(of, &plan.rules, lang)),
        "band": request.file.search.position,
        "heat": units::heat(plan),
        "units": units,
        "found": found,
    }))
}

/// Why a channel does not run at all.
fn words(silent: &Silent, lang: Lang) -> String {
    report::silent(silent.channel, &silent.value, silent.best, lang)
}

fn conflict(conflict: &Conflict, rules: &[RuleValue], lang: Lang) -> Value {
    let one = |relaxation: &crate::plan::Relaxation| {
        json!({
            "rule": relaxation.rule, "metric": relaxation.metric, "bound": relaxation.bound,
            "reachable": relaxation.reachable, "sentence": report::relaxation(relaxation, rules, lang),
        })
    };
    json!({
        "cause": report::contradiction(conflict, lang),
        "rules": conflict.rules,
        "relaxations": conflict.relaxations.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Spend and revenue by channel and hour.
fn hours(plan: &Plan) -> Value {
    let mut by_hour = [[Outcome::default(); HOURS]; Channel::ALL.len()];
    for cell in plan.cells.iter().filter(|cell| cell.run) {
        by_hour[plan.unit(cell).channel as usize][usize::from(cell.cell.hour)] += cell.outcome;
    }
    let of = |hours: &[Outcome; HOURS], measure: fn(&Outcome) -> f64| {
        hours.iter().map(|sum| (measure(sum) * 100.0).round() / 100.0).collect::<Vec<_>>()
    };
    Channel::ALL
        .into_iter()
        .zip(&by_hour)
        .filter(|(_, hours)| hours.iter().any(|sum| *sum != Outcome::default()))
        .map(|(channel, hours)| {
            json!({
                "channel": channel.name(),
                "spend": of(hours, |sum| sum.spend),
                "revenue": of(hours, |sum| sum.revenue),
            })
        })
        .collect()
}

/// The frontier of one bound.
pub fn frontier(frontier: &Frontier) -> Value {
    let moved = frontier.moved.first();
    let step = |step: &crate::frontier::Step| {
        let bound = step.bounds.first();
        match &step.found {
            Found::Best(point) => json!({
                "bound": bound, "spend": point.total.spend, "revenue": point.total.revenue,
                "profit": point.profit, "orders": point.total.orders, "clicks": point.total.clicks,
                "roi": point.total.roi(), "objective": point.objective, "price": point.prices.first(),
                "marginal": point.marginal_roi,
            }),
            Found::Infeasible { edge } => json!({ "bound": bound, "edge": edge }),
            Found::Stopped => json!({ "bound": bound }),
        }
    };
    json!({
        "rule": moved.map(|moved| moved.rule.clone()),
        "label": moved.map(crate::frontier::Moved::label),
        "metric": moved.map(|moved| moved.metric),
        "share": moved.is_some_and(|moved| moved.share),
        "today": moved.and_then(|moved| moved.today),
        "steps": frontier.steps.iter().map(step).collect::<Vec<_>>(),
    })
}
