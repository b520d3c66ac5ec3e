//! `bidwright sweep`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::moves::Moves;
use super::number::{self, NONE};
use super::plan::{Language, seconds};
use super::table::table;
use super::{DayArgs, Log, PlanFileArgs, after_help, screen, stop};
use crate::error::{Error, Finding, Result, exit};
use crate::frontier::{Found, Frontier, Moved, Point, Step};
use crate::pipeline::{self, Options, Swept};
use crate::sheets::{self, Sweep};

/// What if: move a rule's bound over a range and see what the best plan brings at each step
///
/// Fits once, builds the linear program once, and solves it for every bound from FROM to TO, each time from
/// the prices of the step before. Prints the frontier and writes it as frontier.csv, frontier.parquet and
/// frontier.html (charts). A second --rule with its own range makes a grid.
///
/// Of each step: spend, revenue, profit, ROI; `marginal ROI`, the revenue gained ÷ the spend gained since
/// the step before; `price`, the objective gained per unit by which the bound is relaxed (of a share per percentage
/// point, and in the files per 1; for a rule with `per`, when all its rows move together); the cells whose bid changed since the step before, the unit
/// whose spend changed most, and the rules that bind. Where no plan can meet the rules, the line says how
/// far the bound can go, to three digits.
///
/// A step is the program's optimum: slots are whole and are decided anew at every step, because what a slot
/// is worth depends on the bound; bids are not rounded to their steps. `bidwright plan --set
/// rule.NAME.min=BOUND` makes the executable plan of a step, which comes within its gap of it. With a confidence
/// above 0.5 the rules of every step hold with it.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright sweep shop/plan.toml --rule roi --min 1.5:4:0.1\n  bidwright sweep shop/plan.toml --rule budget --max 10000:60000:5000\n  bidwright sweep shop/plan.toml --rule budget --max 20000:60000:10000 --rule roi --min 2:4:0.5 --out grid\n\nAn infeasible step is an answer (exit code 0); 3 is for a sweep in which no step has a plan."
))]
pub(super) struct SweepArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    #[command(flatten)]
    moves: Moves,
    /// Output folder [default: runs/DATE-sweep-RULE beside the plan file, the rule being the one that moves]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    day: DayArgs,
    /// Write into --out even if that folder is not a sweep's
    #[arg(long)]
    force: bool,
    /// Language of the page
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANG")]
    lang: Language,
    /// Seconds after which the steps solved so far are written [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time_limit: Option<Duration>,
}

impl SweepArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let started = Timestamp::now();
        self.refuse_lonely()?;
        let mut request = self.file.load(log)?;
        let day = self.day.options(&mut request);
        let options = Options { time_limit: self.time_limit, stop: stop::flag(), ..day };
        if let Some(out) = &self.out {
            sheets::refuse(out, &sheets::SWEEP, self.force)?;
        }
        let Swept { audit, frontier, stages } = pipeline::sweep(&request, &options, &self.moves.asked)?;
        log.findings(&audit.findings);
        let default = || request.resolve(&Path::new("runs").join(self.folder(&frontier)));
        let out = self.out.clone().unwrap_or_else(default);
        let sweep =
            Sweep { request: &request, audit: &audit, frontier: &frontier, started, lang: self.lang.into() };
        sheets::write_sweep(&sweep, &out, self.force)?;
        let of_steps = stages.iter().filter(|(name, _)| *name == "steps").map(|(_, seconds)| seconds).sum();
        screen::print(&in_short(&frontier, of_steps, &out))?;
        Ok(match (frontier.stopped(), frontier.any()) {
            (true, _) => exit::LIMIT,
            (false, true) => exit::DONE,
            (false, false) => exit::INFEASIBLE,
        })
    }

    /// A name for the folder: sweeps of other rules do not replace each other.
    fn folder(&self, frontier: &Frontier) -> String {
        let word = |rule: &str| rule.replace(|letter: char| !letter.is_alphanumeric(), "-");
        let mut rules: Vec<String> = self.moves.asked.iter().map(|asked| word(&asked.rule)).collect();
        rules.dedup();
        format!("{}-sweep-{}", frontier.date, rules.join("-"))
    }

    /// Ranges without a rule, rules without a range.
    fn refuse_lonely(&self) -> Result<()> {
        let lonely = |word: &String| {
            let (cause, action) = match word.starts_with("--rule") {
                true => ("a rule has no range", "give --min or --max with FROM:TO:STEP after it"),
                false => ("a range has no rule", "name its rule before it with --rule"),
            };
            Finding::error("U010", cause, action).with_value(word)
        };
        let findings: Vec<Finding> = self.moves.alone.iter().map(lonely).collect();
        if findings.is_empty() { Ok(()) } else { Err(Error::Input(findings)) }
    }
}

/// The sweep in a table, and where it was written.
fn in_short(frontier: &Frontier, seconds: f64, out: &Path) -> String {
    let labels: Vec<String> = frontier.moved.iter().map(Moved::label).collect();
    let prices: Vec<String> = match labels.len() {
        1 => vec!["price".into()],
        _ => labels.iter().map(|label| format!("price of {label}")).collect(),
    };
    let fixed = ["spend", "revenue", "profit", "ROI", "marginal ROI"];
    let header = labels
        .iter()
        .map(String::as_str)
        .chain(fixed)
        .chain(prices.iter().map(String::as_str))
        .chain(["cells changed", "most", "binds, or why not"]);
    let rows = frontier.steps.iter().map(|step| row(frontier, step));
    let count = |keep: fn(&Step) -> bool| frontier.steps.iter().filter(|step| keep(step)).count();
    let plans = count(|step| step.point().is_some());
    let mut text = table(header, 0, rows);
    text += &format!(
        "\n\n{plans} of {} steps have a plan; {} columns, {} solves by {} in {} s\nwritten to {}\n",
        frontier.steps.len(),
        frontier.columns,
        frontier.solves,
        frontier.solver,
        number::grouped(seconds, 2),
        out.display()
    );
    text
}

fn row(frontier: &Frontier, step: &Step) -> Vec<String> {
    let bounds = step.bounds.iter().zip(&frontier.moved);
    let mut row: Vec<String> = bounds.map(|(bound, moved)| in_unit(moved, *bound)).collect();
    let why = match &step.found {
        Found::Best(point) => {
            row.extend(figures(frontier, point));
            return row;
        }
        Found::Infeasible { edge: Some(edge) } => {
            let edge = frontier.moved.last().map_or_else(String::new, |moved| in_unit(moved, *edge));
            format!("no plan: it can go to {edge}")
        }
        Found::Infeasible { edge: None } => "no plan: the other rules contradict each other".into(),
        Found::Stopped => "not solved: a limit came first".into(),
    };
    row.extend(std::iter::repeat_n(NONE.to_owned(), 7 + frontier.moved.len()));
    row.push(why);
    row
}

/// Rules named in a line.
const MOST_NAMES: usize = 3;

fn figures(frontier: &Frontier, point: &Point) -> Vec<String> {
    let ratio = |value: Option<f64>| value.map_or(NONE.into(), |value| number::grouped(value, 2));
    let mut figures = vec![
        number::money(point.total.spend),
        number::money(point.total.revenue),
        number::money(point.profit),
        ratio(point.total.roi()),
        ratio(point.marginal_roi),
    ];
    let prices = point.prices.iter().zip(&frontier.moved);
    figures.extend(prices.map(|(price, moved)| number::significant(moved.told_price(*price))));
    let change = point.change.as_ref();
    figures.push(change.map_or(NONE.into(), |change| change.cells().to_string()));
    let most = change.and_then(|change| change.most.first()).map(|(unit, spend)| {
        let sign = if *spend > 0.0 { "+" } else { "" };
        format!("{} {sign}{}", frontier.units[*unit as usize].unit, number::grouped(*spend, 0))
    });
    figures.push(most.unwrap_or_else(|| NONE.into()));
    let mut names: Vec<String> =
        point.binding.iter().take(MOST_NAMES).map(|(name, _)| name.clone()).collect();
    if point.binding.len() > MOST_NAMES {
        names.push(format!("and {} more", point.binding.len() - MOST_NAMES));
    }
    figures.push(if names.is_empty() { NONE.into() } else { names.join(", ") });
    figures
}

/// A bound as it is written, a share in percent.
fn in_unit(moved: &Moved, bound: f64) -> String {
    if moved.share { number::percent(bound) } else { plain(bound) }
}

/// A number with its thousands apart and no more decimals than it has.
fn plain(value: f64) -> String {
    let decimals = value.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    number::grouped(value, decimals)
}
