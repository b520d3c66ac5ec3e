//! A finished plan in a screenful.

use std::fmt::Write;
use std::path::Path;

use super::number::{self, NONE};
use super::outlook;
use super::table::table;
use crate::config::Objective;
use crate::keys::Channel;
use crate::metric::{Metric, Outcome};
use crate::plan::{Conflict, Plan, Proof, RuleValue, Status, row_name};
use crate::report::{self, Lang};

/// Most rule rows that are shown.
const MOST_RULES: usize = 30;

/// The plan in words and tables, and where it was written.
pub(super) fn of(plan: &Plan, seconds: f64, out: &Path) -> String {
    let mut text = verdict(plan);
    if let Some(conflict) = &plan.conflict {
        text += &contradiction(conflict);
    }
    for line in report::underway(plan, Lang::En) {
        let _ = writeln!(text, "{line}");
    }
    let _ = write!(text, "\n{}\n\n", channels(plan)); // writing into text cannot fail
    text += &outlook::of(&plan.outlook);
    if !plan.rules.is_empty() {
        text += &rules(plan);
    }
    let _ = write!(text, "{}\nwritten to {}\n", proof(plan, seconds), out.display());
    text
}

fn verdict(plan: &Plan) -> String {
    let Plan { date, status, evidence, .. } = plan;
    if evidence.by_hand > 0 {
        return approved(plan);
    }
    match status {
        Status::Optimal if !plan.cells.iter().any(|cell| cell.run) => {
            format!(
                "{date}: NOTHING RUNS: no bid that is allowed pays under the rules; see the reasons in plan.csv\n"
            )
        }
        Status::Optimal if !plan.is_near() => {
            let reached = number::percent(1.0 - evidence.gap);
            format!(
                "{date}: {}, but the plan reaches only {reached} of the most that could be possible: it is not proven to be a good one\n",
                kept(plan)
            )
        }
        // Bids between rungs may bring a trifle more than every mix of rungs, which is what is bounded.
        Status::Optimal if evidence.objective >= evidence.bound => {
            format!("{date}: the best plan, no mix of the bids on its ladders brings more; {}\n", kept(plan))
        }
        Status::Optimal => {
            let gap = number::percent(evidence.gap);
            format!("{date}: the best plan, proven to within {gap}; {}\n", kept(plan))
        }
        Status::Feasible => {
            let gap = number::percent(evidence.gap);
            format!(
                "{date}: stopped by a limit; {}, and the plan is at most {gap} short of the best\n",
                kept(plan)
            )
        }
        Status::Infeasible if plan.underway.is_some() => format!(
            "{date}: not every rule can be kept today; those that are lost end no worse than the plan of the morning would leave them\n"
        ),
        Status::Infeasible => format!("{date}: no plan can meet the rules; this is the nearest one\n"),
    }
}

/// That the rules are met; soft ones may be broken.
fn kept(plan: &Plan) -> String {
    match plan.rules.iter().filter(|rule| rule.soft && !rule.said_met()).count() {
        0 => "every rule is met".into(),
        1 => "every hard rule is met, one soft rule row is not".into(),
        broken => format!("every hard rule is met, {broken} soft rule rows are not"),
    }
}

/// A plan whose bids a person has changed.
fn approved(plan: &Plan) -> String {
    let Plan { date, evidence, objective, .. } = plan;
    let broken = plan.rules.iter().filter(|rule| !rule.said_met() && !rule.soft).count();
    let rules = match broken {
        0 => kept(plan),
        1 => "one rule row FAILS".to_owned(),
        broken => format!("{broken} rule rows FAIL"),
    };
    // Where the bids break a rule they may well bring more, and the best plan that keeps it is no measure.
    let (costs, more) = if evidence.by_hand_cost < 0.0 { ("brings", " more") } else { ("costs", "") };
    let short = plan.bound().map(|(_, gap)| format!(" ({} short of the best plan)", number::percent(gap)));
    format!(
        "{date}: the approved plan: {} bids are not the plan's, which {costs} {}{more} of {}{}; {rules}\n",
        evidence.by_hand,
        number::money(evidence.by_hand_cost.abs()),
        crate::program::objective_metric(*objective).name(),
        short.unwrap_or_default(),
    )
}

pub(super) fn contradiction(conflict: &Conflict) -> String {
    let mut text = conflict.cause() + "\n";
    for relaxation in &conflict.relaxations {
        let _ = writeln!(text, "  {}", relaxation.sentence);
    }
    conflict.proof.iter().for_each(|proof| text += &proven(proof));
    text
}

/// The prices of a contradiction, and what they say.
fn proven(proof: &Proof) -> String {
    let mut text = String::from("the proof, a price for each row:\n");
    for row in &proof.prices {
        let name = row_name(&row.rule, &row.scope);
        let _ = writeln!(text, "  {:>10}  {name}: {}", number::significant(row.price), row.row);
    }
    let _ = writeln!(
        text,
        "  whatever is bid, what the rows lack, each times its price, adds up to {} or more: so one of them always lacks something",
        number::significant(proof.shortfall)
    );
    text
}

fn channels(plan: &Plan) -> String {
    let row = |name: &str, outcome: Outcome, running: usize, cells: usize| {
        let or_none = |value: Option<f64>, shown: fn(f64) -> String| value.map_or(NONE.into(), shown);
        [
            name.to_owned(),
            number::money(outcome.spend),
            number::count(outcome.clicks),
            or_none(outcome.cpc(), number::money),
            number::count(outcome.orders),
            number::money(outcome.revenue),
            or_none(outcome.roi(), |roi| number::grouped(roi, 2)),
            or_none(outcome.position(), |position| number::grouped(position, 1)),
            format!("{running} of {cells}"),
        ]
    };
    let cells = |keep: &dyn Fn(Channel) -> bool| {
        let of_channel = || plan.cells.iter().filter(|cell| keep(plan.unit(cell).channel));
        (of_channel().filter(|cell| cell.run).count(), of_channel().count())
    };
    let mut rows: Vec<_> = Channel::ALL
        .into_iter()
        .map(|channel| (channel, cells(&|other| other == channel)))
        .filter(|(_, (_, all))| *all > 0)
        .map(|(channel, (running, all))| row(channel.name(), plan.channel(channel), running, all))
        .collect();
    let (running, all) = cells(&|_| true);
    rows.push(row("all", plan.total(|_, _| true), running, all));
    table(
        ["channel", "spend", "clicks", "CPC", "orders", "revenue", "ROI", "position", "cells running"],
        1,
        rows,
    )
}

fn rules(plan: &Plan) -> String {
    let shown = plan.telling_rules();
    let more = shown.len().saturating_sub(MOST_RULES);
    let rows = shown.iter().take(MOST_RULES).map(|(rule, stands_for)| {
        let value = |value: Option<f64>| value.map_or(NONE.into(), |value| in_unit(rule, value));
        [
            rule.rule.clone(),
            match stands_for {
                1 => rule.scope.clone(),
                many => format!("{} (closest of {many})", rule.scope),
            },
            if rule.share { format!("share of {}", rule.metric.name()) } else { rule.metric.name().into() },
            if !rule.said_met() && rule.soft {
                "broken (soft)".into()
            } else if !rule.said_met() {
                "BROKEN".into()
            } else if rule.binding {
                "binding".into()
            } else {
                "met".into()
            },
            value(rule.value),
            bound(rule),
            rule.slack.map_or(NONE.into(), |slack| told_slack(rule, slack)),
            rule.chance.map_or(NONE.into(), |chance| number::grouped(100.0 * chance, 0) + " %"),
            if rule.shadow_price == 0.0 { NONE.into() } else { number::significant(rule.told_price()) },
        ]
    });
    let mut text = table(
        ["rule", "scope", "metric", "status", "value", "bound", "slack", "chance", "shadow price"],
        4,
        rows,
    );
    text.push('\n');
    if more > 0 {
        let _ = writeln!(text, "… and {more} more; all of them are in summary.json");
    }
    text.push('\n');
    text
}

/// A slack in the rule's unit; a trifle that breaks the rule is shown as one, not as nothing.
fn told_slack(rule: &RuleValue, slack: f64) -> String {
    let text = in_unit(rule, slack);
    let nothing = !text.contains(|letter: char| matches!(letter, '1'..='9'));
    match (rule.said_met() || !nothing, text.ends_with('%')) {
        (true, _) => text,
        (false, true) => format!("{} %", number::significant(100.0 * slack)),
        (false, false) => number::significant(slack),
    }
}

pub(super) fn bound(rule: &RuleValue) -> String {
    let shown = |value| in_unit(rule, value);
    match (rule.min, rule.max) {
        (Some(min), Some(max)) => format!("{} to {}", shown(min), shown(max)),
        (Some(min), None) => format!("≥ {}", shown(min)),
        (None, Some(max)) => format!("≤ {}", shown(max)),
        (None, None) => NONE.into(),
    }
}

pub(super) fn in_unit(rule: &RuleValue, value: f64) -> String {
    if rule.share { number::percent(value) } else { number::metric(rule.metric, value) }
}

fn proof(plan: &Plan, seconds: f64) -> String {
    let evidence = &plan.evidence;
    let (name, metric) = match plan.objective {
        Objective::Revenue => ("revenue", Metric::Revenue),
        Objective::Profit => ("profit", Metric::Profit),
        Objective::Orders => ("orders", Metric::Orders),
        Objective::Clicks => ("clicks", Metric::Clicks),
    };
    let shown = |value| number::metric(metric, value);
    let best = match plan.bound() {
        None => String::new(),
        Some((bound, _)) if bound <= evidence.objective => {
            ", and no mix of the bids on its ladders brings more".into()
        }
        Some((bound, gap)) => format!(", at most {} possible: gap {}", shown(bound), number::percent(gap)),
    };
    let lost = match evidence.penalty > 0.0 {
        true => format!(" less {} for broken soft rules", shown(evidence.penalty)),
        false => String::new(),
    };
    format!(
        "{name} {}{lost}{best}; {} columns and {} rows by {} in {} s",
        shown(evidence.earned()),
        evidence.columns,
        evidence.rows,
        evidence.solver,
        number::grouped(seconds, 1),
    )
}

#[cfg(test)]
mod tests;
