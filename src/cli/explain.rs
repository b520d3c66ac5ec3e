//! `bidwright explain`.

use std::path::PathBuf;

use super::number::{self, NONE};
use super::table::table;
use super::{Log, after_help, screen, stop, summary, why};
use crate::config::scope::matches_pattern;
use crate::error::{Finding, Result, exit};
use crate::explain::{Explanation, RuleCost, Unspent};
use crate::pipeline::{self, Explained, Options};
use crate::plan::{RuleValue, Status};
use crate::program::objective_metric;
use crate::sheets::Made;

/// Say in words why a finished plan is as it is
///
/// Reads from the plan's folder what it was made from, makes it again in memory, and looks into it: which rules
/// hold it back, what a little more room in each returns (its shadow price), what each whole rule and the
/// position band cost (found by solving again without them), why budgets are not used up, and which keywords
/// cannot hold their position at the ROI that is asked for. With --unit also why each hour of a unit has its
/// bid, what the next bids up and down would change, and what would have to be true for it to run.
///
/// The history must be what it was: files that have changed are named, and nothing is explained unless
/// --anyway. A plan file that has changed since does not matter; the folder keeps the configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright explain shop/runs/2026-12-12\n  bidwright explain shop/runs/2026-12-12 --unit kw-0046\n  bidwright explain shop/runs/2026-12-12 --unit 'kw-00*' --json"
))]
pub(super) struct ExplainArgs {
    /// The folder of a finished plan
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A unit to look into; `*` stands for anything
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Everything as one JSON object
    #[arg(long)]
    json: bool,
    /// Explain even if inputs have changed: the plan that they give now
    #[arg(long)]
    anyway: bool,
}

impl ExplainArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let (made, changed) = Made::of(&self.folder)?;
        made.by_inputs_alone()?;
        let options = Options { model: made.model.clone(), stop: stop::flag(), ..Options::default() };
        let same = |audit: &_| if self.anyway { Ok(()) } else { made.same_inputs(audit) };
        let picks = |unit: &crate::keys::Unit| {
            self.unit.as_ref().is_some_and(|pattern| matches_pattern(pattern, &unit.unit))
        };
        let Explained { plan, explanation } = pipeline::explain(&made.request, &options, same, picks)?;
        log.findings(&changed.into_iter().chain(made.same_bids(&plan)?).collect::<Vec<_>>());
        if let (Some(name), true) = (&self.unit, explanation.units.is_empty()) {
            let cause = "the plan has no unit of this name";
            let action = "see plan.csv for its units; `*` stands for anything: --unit 'kw-00*'";
            return Err(Finding::error("U014", cause, action).with_value(name).into());
        }
        screen::print(&match self.json {
            true => serde_json::to_string_pretty(&explanation)
                .map_err(|error| crate::error::Error::Internal(format!("the explanation: {error}")))?,
            false => words(&explanation),
        })?;
        Ok(exit::DONE)
    }
}

/// The explanation for people. With units asked for, they are all that is told.
fn words(of: &Explanation) -> String {
    if !of.units.is_empty() {
        return of.units.iter().map(|unit| why::unit(unit, of)).collect::<Vec<_>>().join("\n");
    }
    let mut text = format!("{}: {}\n", of.date, ended(of));
    if let Some(conflict) = &of.conflict {
        text += &summary::contradiction(conflict);
    }
    text += &section("What the rules are worth", rules(of));
    text += &section("What the position band costs", band(of));
    text += &section("Why money stays unspent", of.unspent.iter().map(|one| unspent(one, of)).collect());
    text += &section("Keywords that cannot hold their position at the ROI asked for", clashes(of));
    text + "\nOne unit: --unit NAME. Everything, for programs: --json\n"
}

fn ended(of: &Explanation) -> &'static str {
    match of.status {
        Status::Optimal => "the best plan; every rule is met",
        Status::Feasible => "every rule is met; a limit came before the proof",
        Status::Infeasible => "no plan can meet the rules; no prices are known of the nearest one",
    }
}

fn section(title: &str, lines: Vec<String>) -> String {
    match lines.is_empty() {
        true => String::new(),
        false => format!("\n{title}\n{}", lines.iter().map(|line| format!("  {line}\n")).collect::<String>()),
    }
}

fn rules(of: &Explanation) -> Vec<String> {
    let name = objective_metric(of.objective).name();
    let mut lines: Vec<String> = of.rules.iter().map(|rule| priced(rule, of, name)).collect();
    if lines.is_empty() && of.status != Status::Infeasible {
        lines.push(format!("no rule holds the plan back: no bid that is allowed brings more {name}"));
    }
    let whole = of.costs.iter().filter(|cost| of.rules.iter().all(|rule| rule.to_string() != cost.name()));
    lines.extend(whole.map(|cost| format!("`{}`, all its rows together: {}", cost.rule, costs(cost, name))));
    lines
}

/// One rule row: what more room returns, and what the whole row costs.
fn priced(rule: &RuleValue, of: &Explanation, name: &str) -> String {
    let price = rule.shadow_price;
    let more = |returns: String| format!("{returns} of {name}");
    let margin = if rule.share {
        format!("one percentage point looser returns {}", more(number::significant(0.01 * price)))
    } else if rule.metric.is_ratio() {
        format!("loosened by 0.1 it returns about {}", more(number::significant(0.1 * price)))
    } else {
        let word = if rule.max.is_some() && rule.min.is_none() { "more" } else { "less asked" };
        format!("one {word} of {} returns {}", rule.metric.name(), more(number::significant(price)))
    };
    let bound = summary::bound(rule);
    let cost = of.costs.iter().find(|cost| cost.name() == rule.to_string());
    let cost = cost.map_or_else(String::new, |cost| format!("; {}", costs(cost, name)));
    format!("`{rule}` {bound}: {margin}{cost}")
}

fn costs(cost: &RuleCost, name: &str) -> String {
    let change = |value: f64| format!("{}{}", if value > 0.0 { "+" } else { "" }, number::grouped(value, 0));
    format!(
        "the whole rule costs {} of {name} a day (without it: spend {}, revenue {})",
        number::grouped(cost.cost, 0),
        change(cost.spend),
        change(cost.revenue)
    )
}

fn band(of: &Explanation) -> Vec<String> {
    let Some(band) = &of.band else { return Vec::new() };
    let name = objective_metric(of.objective).name();
    let [best, worst] = band.band;
    let mut lines = vec![format!(
        "position {best} to {worst} costs {} of {name} a day: the best plan with no band less the best with it",
        number::grouped(band.cost, 0)
    )];
    if !band.keywords.is_empty() {
        let share = number::percent(band.share);
        lines.push(format!(
            "{share} of what keywords would gain without it lies in these {} (net of the rules' prices):",
            band.keywords.len()
        ));
        lines.extend(band.keywords.iter().map(|keyword| {
            let position = keyword.position.map_or(NONE.into(), |position| number::grouped(position, 1));
            let worth = number::grouped(keyword.worth, 2);
            format!("  {}: {worth}, at position {position}", keyword.unit)
        }));
    }
    lines
}

fn unspent(one: &Unspent, of: &Explanation) -> String {
    let (left, name) = (one.max - one.spent, objective_metric(of.objective).name());
    let label = crate::plan::row_name(&one.rule, &one.scope);
    let why = if one.could < 1.005 * one.max {
        let idle: Vec<String> = one
            .idle
            .iter()
            .take(3)
            .map(|idle| format!("{} {}", idle.cells, why::kind(idle.reason)))
            .collect();
        let idle = if idle.is_empty() { String::new() } else { format!("; off: {}", idle.join(", ")) };
        format!("even at its highest admissible bids it would spend only {}{idle}", number::money(one.could))
    } else if one.held_by.is_empty() {
        format!("no further bid brings more {name}")
    } else {
        format!("{} come first: at their prices no further bid pays", one.held_by.join(", "))
    };
    format!("`{label}`: {} of {} stay: {why}", number::money(left), number::money(one.max))
}

/// Keywords that are listed.
const MOST_CLASHES: usize = 20;

fn clashes(of: &Explanation) -> Vec<String> {
    let helped: Vec<_> = of.clashes.iter().filter_map(|clash| Some((clash, clash.outside?))).collect();
    let mut lines = Vec::new();
    if !helped.is_empty() {
        let rows = helped.iter().take(MOST_CLASHES).map(|(clash, position)| {
            [
                clash.unit.to_string(),
                format!("{} to {}", clash.band[0], clash.band[1]),
                format!("≥ {}", clash.roi),
                clash.hours.len().to_string(),
                number::grouped(clash.inside, 2),
                number::grouped(*position, 1),
            ]
        });
        let head =
            ["keyword", "band", "ROI asked", "hours", "best ROI in the band", "ROI is met at position"];
        lines.extend(table(head, 1, rows).lines().map(str::to_owned));
    }
    if helped.len() > MOST_CLASHES {
        lines.push(format!("… and {} more", helped.len() - MOST_CLASHES));
    }
    let nowhere = of.clashes.len() - helped.len();
    if nowhere > 0 {
        lines.push(format!(
            "{nowhere} keywords return that ROI at no position; they are in --json, `outside` null"
        ));
    }
    lines
}
