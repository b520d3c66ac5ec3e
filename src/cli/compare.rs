//! `bidwright compare`.

use std::path::{Path, PathBuf};

use super::number::{self, NONE};
use super::plan::Language;
use super::table::table;
use super::{Log, after_help, screen, stop, summary};
use crate::compare::{METRICS, Side, rules, settings, units};
use crate::config::{self, Request};
use crate::error::{Error, Finding, Result, exit};
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::pipeline::{self, Options};
use crate::plan::{RuleValue, Status, keeps, row_name};
use crate::sheets::{self, Comparison};

/// Set plans side by side: what they set differently, totals, channels, hours, rules, and the units that change most
///
/// Of finished plans: name their folders. Or name one plan file and scenarios of it: then the file as it is and
/// each scenario are planned on the spot, on landscapes that are fitted once, and nothing else is written.
/// Differences are against the first.
///
/// --out writes compare.csv (one line a figure, one column a plan), compare.json and compare.html.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright compare shop/runs/2026-12-11 shop/runs/2026-12-12\n  bidwright compare shop/plan.toml --scenario careful --scenario bold --out shop/runs/compare\n  bidwright compare shop/plan.toml --scenario careful --set rule.budget.max=30000"
))]
pub(super) struct CompareArgs {
    /// Folders of finished plans, or one plan file
    #[arg(value_name = "DIR|PLAN.toml", required = true)]
    plans: Vec<PathBuf>,
    /// A `[scenario.NAME]` of the plan file; may be repeated [default: all of them]
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Another value for a key of the plan file, in every plan; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Fitted landscapes (`bidwright fit`) in place of a fit
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Everything as one JSON object on stdout
    #[arg(long)]
    json: bool,
    /// Write compare.csv, compare.json and compare.html into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write into --out even if that folder is not a comparison's
    #[arg(long)]
    force: bool,
    /// Language of the page
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANG")]
    lang: Language,
}

impl CompareArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        if let Some(out) = &self.out {
            sheets::refuse(out, &sheets::COMPARISON, self.force)?;
        }
        let sides = match self.plans.as_slice() {
            [plan] if !plan.is_dir() => self.solve(plan, log)?,
            _ if !self.scenario.is_empty() || !self.set.is_empty() || self.model.is_some() => {
                let cause = "--scenario, --set and --model belong to one plan file, not to finished plans";
                return Err(Finding::error("U015", cause, "name the plan file, or leave them away").into());
            }
            [_] => {
                let cause = "one plan has nothing to be compared with";
                return Err(Finding::error("U015", cause, "name another plan's folder").into());
            }
            folders => folders.iter().map(|folder| sheets::side(folder)).collect::<Result<_>>()?,
        };
        let sides = apart(sides, &self.plans);
        if let Some(out) = &self.out {
            sheets::write_comparison(&sides, out, self.force, self.lang.into())?;
        }
        screen::print(&match self.json {
            true => serde_json::to_string_pretty(&Comparison::of(&sides))
                .map_err(|error| Error::Internal(format!("the comparison: {error}")))?,
            false => words(&sides, self.out.as_deref()),
        })?;
        Ok(exit::DONE)
    }

    /// The plan file as it is, and each scenario.
    fn solve(&self, plan: &Path, log: &Log) -> Result<Vec<Side>> {
        let (as_it_is, doubts) = config::examine(plan, &self.set)?;
        log.findings(&doubts);
        let names: Vec<String> = match self.scenario.is_empty() {
            true => as_it_is.file.scenarios.keys().cloned().collect(),
            false => self.scenario.clone(),
        };
        if names.is_empty() {
            let action = "add a `[scenario.NAME]` to it, or name the folders of finished plans";
            return Err(Finding::error("U015", "the plan file has no scenario to compare with", action)
                .in_file(plan)
                .into());
        }
        let mut requests: Vec<(String, Request)> = vec![("as it is".into(), as_it_is)];
        for name in names {
            let (request, _) = config::examine_scenario(plan, Some(&name), &self.set)?;
            requests.push((name, request));
        }
        let options = Options { model: self.model.clone(), stop: stop::flag(), ..Options::default() };
        pipeline::compare(&requests, &options)
    }
}

/// Sides whose folders have the same name get their whole paths for names.
fn apart(mut sides: Vec<Side>, plans: &[PathBuf]) -> Vec<Side> {
    let names: Vec<String> = sides.iter().map(|side| side.name.clone()).collect();
    for (at, side) in sides.iter_mut().enumerate() {
        let twice = names.iter().filter(|name| **name == side.name).count() > 1;
        if let Some(path) = plans.get(at).filter(|_| twice) {
            side.name = path.display().to_string();
        }
    }
    sides
}

fn words(sides: &[Side], out: Option<&Path>) -> String {
    let mut text = String::new();
    for side in sides {
        let status = match side.status {
            Status::Infeasible => "no plan can meet the rules; the nearest one",
            _ if !keeps(&side.rules) => "not every rule is met",
            Status::Optimal => "the best plan",
            Status::Feasible => "not proven best",
        };
        let date = side.date.to_string();
        let name = if side.name == date { date } else { format!("{} ({date})", side.name) };
        text += &format!("{name}: {status}\n");
    }
    let head =
        |first: &'static str| std::iter::once(first).chain(sides.iter().map(|side| side.name.as_str()));
    let mut part = |title: &'static str, rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            text += &format!("\n{}\n", table(head(title), 1, rows));
        }
    };
    let rows = settings(sides).into_iter().map(|setting| {
        std::iter::once(setting.key)
            .chain(setting.sides.into_iter().map(|side| side.unwrap_or(NONE.into())))
            .collect()
    });
    part("set differently", rows.collect());
    let mut totals = sums(sides, &[], |side| side.total);
    if sides.iter().any(|side| side.revenue_band.is_some()) {
        let band = |side: &Side| {
            side.revenue_band.map_or(NONE.into(), |[low, high]| {
                format!("{} to {}", number::grouped(low, 0), number::grouped(high, 0))
            })
        };
        totals.push(std::iter::once("revenue, 4 days in 5".into()).chain(sides.iter().map(band)).collect());
    }
    part("total", totals);
    for channel in Channel::ALL {
        let of = |side: &Side| side.channels[channel as usize];
        if sides.iter().any(|side| of(side) != Outcome::default()) {
            part(channel.name(), sums(sides, &[0, 1, 2], of));
        }
    }
    part("spend by hour", hours(sides));
    let rows = rules(sides);
    let cell = |value: &Option<&RuleValue>| value.map_or(NONE.into(), rule);
    let line = |row: &crate::compare::RuleRow<'_>| {
        std::iter::once(row_name(row.rule, row.scope)).chain(row.sides.iter().map(cell)).collect()
    };
    part("rule", rows.iter().map(line).collect());
    let of_unit = |share: &Option<crate::compare::Share>| {
        share.map_or("off".into(), |share| {
            let bid = share.bid.map_or(NONE.into(), |bid| number::grouped(bid, 3));
            format!("{} at {bid} in {} h", number::money(share.total.spend), share.hours)
        })
    };
    let line = |row: &crate::compare::UnitRow| {
        std::iter::once(row.unit.to_string()).chain(row.sides.iter().map(of_unit)).collect()
    };
    part("spend of units that change most", units(sides).iter().map(line).collect());
    if let Some(out) = out {
        text += &format!("\nwritten to {}\n", out.display());
    }
    text
}

/// A line for each metric: the values, and the change against the first plan.
fn sums(sides: &[Side], only: &[usize], of: impl Fn(&Side) -> Outcome) -> Vec<Vec<String>> {
    let chosen = METRICS.iter().enumerate().filter(|(at, _)| only.is_empty() || only.contains(at));
    chosen
        .map(|(_, metric)| {
            let values: Vec<Option<f64>> =
                sides.iter().map(|side| metric.of(&of(side), side.margin)).collect();
            let first = values.first().copied().flatten();
            let shown = |value: &Option<f64>| {
                let Some(value) = value else { return NONE.into() };
                let change = first
                    .filter(|first| (value - first).abs() >= 0.0005 * first.abs() && *first != 0.0)
                    .map(|first| {
                        let share = 100.0 * (value - first) / first.abs();
                        format!(" ({share:+.1} %)")
                    });
                number::metric(*metric, *value) + &change.unwrap_or_default()
            };
            std::iter::once(metric.name().to_owned()).chain(values.iter().map(shown)).collect()
        })
        .collect()
}

fn hours(sides: &[Side]) -> Vec<Vec<String>> {
    let line = |hour: usize| {
        let spends = sides.iter().map(|side| number::money(side.hours[hour].spend));
        std::iter::once(format!("{hour}:00")).chain(spends).collect()
    };
    (0..crate::calendar::HOURS).map(line).collect()
}

/// A rule in one plan: its value, its bound, how it stands.
fn rule(rule: &RuleValue) -> String {
    let value = rule.value.map_or(NONE.into(), |value| summary::in_unit(rule, value));
    let state = match (rule.said_met(), rule.binding) {
        (false, _) => " BROKEN".to_owned(),
        (true, true) => format!(" binds, price {}", number::significant(rule.told_price())),
        (true, false) => String::new(),
    };
    format!("{value} ({}){state}", summary::bound(rule))
}
