//! `bidwright explain`.

use std::path::PathBuf;

use super::number::{self, NONE};
use super::plan::Language;
use super::table::table;
use super::{Log, after_help, screen, stop, summary, why};
use crate::config::scope::matches_pattern;
use crate::error::{Finding, Result, exit};
use crate::explain::{Explanation, RuleCost, Unspent};
use crate::pipeline::{self, Explained, Options};
use crate::plan::{RuleValue, Status};
use crate::report::lang::{self, Lang, explain as told};
use crate::report::reason;
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
    /// Language of the words
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANG")]
    lang: Language,
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
            false => words(&explanation, self.lang.into()),
        })?;
        Ok(exit::DONE)
    }
}

/// The explanation for people. With units asked for, they are all that is told.
fn words(of: &Explanation, lang: Lang) -> String {
    if !of.units.is_empty() {
        return of.units.iter().map(|unit| why::unit(unit, of, lang)).collect::<Vec<_>>().join("\n");
    }
    let ended = match of.status {
        Status::Optimal => told::ENDED_OPTIMAL,
        Status::Feasible => told::ENDED_FEASIBLE,
        Status::Infeasible => told::ENDED_INFEASIBLE,
    };
    let mut text = format!("{}: {}\n", of.date, ended.in_(lang));
    if let Some(conflict) = &of.conflict {
        text += &summary::contradiction(conflict);
    }
    let unspent = of.unspent.iter().map(|one| unspent(one, of, lang)).collect();
    for (title, lines) in [
        (told::RULES_WORTH, rules(of, lang)),
        (told::BAND_COSTS, band(of, lang)),
        (told::MONEY_LEFT, unspent),
        (told::CANNOT_HOLD, clashes(of, lang)),
    ] {
        text += &section(title.in_(lang), lines);
    }
    format!("{text}\n{}\n", told::MORE_TO_ASK.in_(lang))
}

/// What is maximised, in a sentence.
pub(super) fn objective(of: &Explanation, lang: Lang) -> String {
    reason::objective(of.objective).in_(lang).to_lowercase()
}

fn section(title: &str, lines: Vec<String>) -> String {
    match lines.is_empty() {
        true => String::new(),
        false => format!("\n{title}\n{}", lines.iter().map(|line| format!("  {line}\n")).collect::<String>()),
    }
}

fn rules(of: &Explanation, lang: Lang) -> Vec<String> {
    let name = objective(of, lang);
    let mut lines: Vec<String> = of.rules.iter().map(|rule| priced(rule, of, &name, lang)).collect();
    if lines.is_empty() && of.status != Status::Infeasible {
        lines.push(told::NOTHING_HOLDS.with(lang, &[&name]));
    }
    let whole = of.costs.iter().filter(|cost| of.rules.iter().all(|rule| rule.to_string() != cost.name()));
    lines.extend(whole.map(|cost| told::ALL_ROWS.with(lang, &[&cost.rule, &costs(cost, &name, lang)])));
    lines
}

/// One rule row: what more room returns, and what the whole row costs.
fn priced(rule: &RuleValue, of: &Explanation, name: &str, lang: Lang) -> String {
    let price = rule.told_price();
    let margin = if rule.share {
        told::LOOSER_POINT.with(lang, &[&number::significant(price), name])
    } else if rule.metric.is_ratio() {
        told::LOOSER_TENTH.with(lang, &[&number::significant(0.1 * price), name])
    } else {
        let more = rule.max.is_some() && rule.min.is_none();
        let metric = reason::metric(rule.metric).in_(lang).to_lowercase();
        let sentence = if more { told::ONE_MORE } else { told::ONE_LESS };
        sentence.with(lang, &[&metric, &number::significant(price), name])
    };
    let bound = summary::bound(rule);
    let cost = of.costs.iter().find(|cost| cost.name() == rule.to_string());
    let and = lang::AND.in_(lang);
    let cost = cost.map_or_else(String::new, |cost| format!("{and}{}", costs(cost, name, lang)));
    format!("`{rule}` {bound}: {margin}{cost}")
}

fn costs(cost: &RuleCost, name: &str, lang: Lang) -> String {
    let change = |value: f64| format!("{}{}", if value > 0.0 { "+" } else { "" }, number::grouped(value, 0));
    let cost_of = number::grouped(cost.cost, 0);
    told::WHOLE_COSTS.with(lang, &[&cost_of, name, &change(cost.spend), &change(cost.revenue)])
}

fn band(of: &Explanation, lang: Lang) -> Vec<String> {
    let Some(band) = &of.band else { return Vec::new() };
    let [best, worst] = band.band.map(|end| end.to_string());
    let cost = number::grouped(band.cost, 0);
    let mut lines = vec![told::BAND_COSTS_DAY.with(lang, &[&best, &worst, &cost, &objective(of, lang)])];
    if !band.keywords.is_empty() {
        let share = number::percent(band.share);
        lines.push(told::BAND_MOST.with(lang, &[&share, &band.keywords.len().to_string()]));
        lines.extend(band.keywords.iter().map(|keyword| {
            let position = keyword.position.map_or(NONE.into(), |position| number::grouped(position, 1));
            let worth = number::grouped(keyword.worth, 2);
            format!("  {}", told::AT_POSITION.with(lang, &[&keyword.unit.to_string(), &worth, &position]))
        }));
    }
    lines
}

fn unspent(one: &Unspent, of: &Explanation, lang: Lang) -> String {
    let label = crate::plan::row_name(&one.rule, &one.scope);
    let why = if let Some(confidence) = one.kept_for {
        told::KEPT_FOR.with(lang, &[&confidence.to_string()])
    } else if one.could < 1.005 * one.max {
        let idle: Vec<String> = one
            .idle
            .iter()
            .take(3)
            .map(|idle| format!("{} {}", idle.cells, why::kind(idle.reason).in_(lang)))
            .collect();
        let off = told::OFF_CELLS.with(lang, &[&idle.join(", ")]);
        let idle = if idle.is_empty() { String::new() } else { off };
        told::COULD_SPEND.with(lang, &[&number::money(one.could), &idle])
    } else if one.held_by.is_empty() {
        told::NO_FURTHER.with(lang, &[&objective(of, lang)])
    } else {
        told::COME_FIRST.with(lang, &[&one.held_by.join(", ")])
    };
    let (left, max) = (number::money(one.max - one.spent), number::money(one.max));
    told::LEFT_OF.with(lang, &[&label, &left, &max, &why])
}

/// Keywords that are listed.
const MOST_CLASHES: usize = 20;

fn clashes(of: &Explanation, lang: Lang) -> Vec<String> {
    let helped: Vec<_> = of.clashes.iter().filter_map(|clash| Some((clash, clash.outside?))).collect();
    let mut lines = Vec::new();
    if !helped.is_empty() {
        let rows = helped.iter().take(MOST_CLASHES).map(|(clash, position)| {
            let [best, worst] = clash.band.map(|end| end.to_string());
            [
                clash.unit.to_string(),
                told::FROM_TO.with(lang, &[&best, &worst]),
                format!("≥ {}", clash.roi),
                clash.hours.len().to_string(),
                number::grouped(clash.inside, 2),
                number::grouped(*position, 1),
            ]
        });
        let head =
            [told::KEYWORD, told::BAND, told::ROI_ASKED, told::HOURS_MANY, told::BEST_INSIDE, told::MET_AT];
        let head = head.map(|word| word.in_(lang));
        lines.extend(table(head, 1, rows).lines().map(str::to_owned));
    }
    if helped.len() > MOST_CLASHES {
        lines.push(told::AND_MORE.with(lang, &[&(helped.len() - MOST_CLASHES).to_string()]));
    }
    let nowhere = of.clashes.len() - helped.len();
    if nowhere > 0 {
        lines.push(told::NOWHERE.with(lang, &[&nowhere.to_string()]));
    }
    lines
}
