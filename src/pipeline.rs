//! The whole story: history → landscapes → ladders → program → solver → plan, checked.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use tracing::{info, info_span};

use crate::calendar::date_of;
use crate::config::Request;
use crate::config::limits::Limits as BidLimits;
use crate::error::{Error, Finding, Result};
use crate::history::{self, Audit, History};
use crate::keys::Unit;
use crate::ladder::{self, Ladders};
use crate::landscape::{Forecast, Landscapes};
use crate::plan::choose::{self, Choice, Chooser};
use crate::plan::{Evidence, Plan, PlanCell, RuleValue, Status, build, check, conflict};
use crate::program::{self, Model, Side, mps, rows};
use crate::solver::{self, Solver, certify, integer};

/// What may be asked of a run beyond its plan file.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The date to plan, over the plan file's.
    pub date: Option<Date>,
    /// Fitted landscapes to use in place of a fit.
    pub model: Option<PathBuf>,
    /// Name of the solver.
    pub solver: Option<String>,
    /// Whether the program is wanted as MPS text.
    pub mps: bool,
    /// How long the run may take.
    pub time_limit: Option<Duration>,
    /// Set by a signal.
    pub stop: Arc<AtomicBool>,
    /// Rungs on a ladder, [`ladder::RUNGS`] by default.
    pub rungs: Option<usize>,
}

/// A finished run.
#[derive(Debug)]
pub struct Run {
    /// The account of the history.
    pub audit: Audit,
    /// The plan.
    pub plan: Plan,
    /// The linear program, when asked for.
    pub mps: Option<String>,
    /// Seconds of each stage, in order.
    pub stages: Vec<(&'static str, f64)>,
}

/// What `check` found when nothing was an error.
pub struct Checked {
    /// The history.
    pub history: History,
    /// Warnings and notes.
    pub findings: Vec<Finding>,
}

/// What `fit` learned.
pub struct Fitted {
    /// The model file's text.
    pub text: String,
    /// Seconds of fitting.
    pub seconds: f64,
    /// What was learned, for people.
    pub lines: Vec<(String, String)>,
    /// The history.
    pub history: History,
}

/// Times the stages of a run.
struct Stages {
    started: Instant,
    seconds: Vec<(&'static str, f64)>,
}

impl Stages {
    fn start() -> Stages {
        Stages { started: Instant::now(), seconds: Vec::new() }
    }

    fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let span = info_span!("stage", name);
        let started = Instant::now();
        let result = span.in_scope(work);
        let seconds = started.elapsed().as_secs_f64();
        info!(seconds = (seconds * 1000.0).round() / 1000.0, "{name}");
        self.seconds.push((name, seconds));
        result
    }
}

/// The main job.
///
/// # Errors
/// Findings in the configuration or the history, a file that cannot be read, a numerical failure.
/// Rules that no plan meets are not an error: the plan says so.
pub fn plan(request: &Request, options: &Options) -> Result<Run> {
    let mut stages = Stages::start();
    pick_solver(options)?;
    let (landscapes, audit) = learn(request, options, &mut stages)?;
    plan_on(request, options, &landscapes, audit, stages)
}

/// The main job on landscapes that are already there.
///
/// # Errors
/// As [`plan`].
pub fn plan_with(request: &Request, options: &Options, landscapes: &Landscapes) -> Result<Run> {
    plan_on(request, options, landscapes, Audit::default(), Stages::start())
}

fn plan_on(
    request: &Request,
    options: &Options,
    landscapes: &Landscapes,
    audit: Audit,
    mut stages: Stages,
) -> Result<Run> {
    let deadline = options.time_limit.map(|limit| stages.started + limit);
    let limits = solver::Limits { deadline, stop: &options.stop };
    let solver = pick_solver(options)?;
    let file = &request.file;
    let date = options.date.or(file.plan.date).unwrap_or_else(|| date_of(landscapes.days[1] + 1));
    let day = date.to_string();
    let rule_rows = rows::resolve(file, &landscapes.units, &day).map_err(Error::Input)?;
    let forecast = landscapes.on(date, file);
    let ladders = stages.run("ladders", || {
        ladder::build(landscapes, &forecast, file, date, options.rungs.unwrap_or(ladder::RUNGS))
    });
    let model =
        stages.run("program", || program::build(&ladders, rule_rows, file, landscapes.units.len(), None));
    info!(
        ladders = ladders.ladders.len(),
        columns = model.program.columns(),
        rows = model.program.rows.len(),
        "program"
    );
    let shop = Shop { landscapes, forecast: &forecast, ladders: &ladders, model: &model, request, day: &day };
    let solved = stages.run("solve", || shop.solve(solver.as_ref(), &limits))?;
    let (choice, cells, mut rules) = stages.run("bids", || shop.bids(&solved));
    stages.run("check", || shop.verify(&cells))?;
    shop.price(&mut rules, &solved);
    let evidence = shop.evidence(&solved, &choice, &cells, solver.name());
    let status = shop.status(&solved, &rules)?;
    let conflict = match status {
        Status::Infeasible => Some(stages.run("conflict", || {
            conflict::explain(&ladders, &model, file, landscapes.units.len(), solver.as_ref(), &limits)
                .map_err(Error::Internal)
        })?),
        _ => None,
    };
    let mps = options.mps.then(|| stages.run("mps", || shop.mps()));
    let plan = Plan {
        date,
        objective: file.plan.objective,
        margin: file.plan.margin,
        currency: file.plan.currency.clone(),
        status,
        units: landscapes.units.clone(),
        cells,
        rules,
        evidence,
        conflict,
    };
    Ok(Run { audit, plan, mps, stages: stages.seconds })
}

/// Reads and fits, and says what would stop a plan.
///
/// # Errors
/// All findings that are errors.
pub fn check(request: &Request) -> Result<Checked> {
    let history = history::read(request)?;
    let mut findings = history.audit.findings.clone();
    let (landscapes, learned) = Landscapes::fit(&history, request)?;
    findings.extend(learned);
    let date = request.file.plan.date.unwrap_or_else(|| date_of(landscapes.days[1] + 1));
    rows::resolve(&request.file, &landscapes.units, &date.to_string()).map_err(Error::Input)?;
    findings.extend(slots_without_history(request, &landscapes.units));
    Ok(Checked { history, findings })
}

/// Fits the landscapes alone.
///
/// # Errors
/// Findings in the history.
pub fn fit(request: &Request, _options: &Options) -> Result<Fitted> {
    let mut stages = Stages::start();
    let mut history = stages.run("history", || history::read(request))?;
    let started = Instant::now();
    let (landscapes, findings) = stages.run("landscapes", || Landscapes::fit(&history, request))?;
    history.audit.findings.extend(findings);
    Ok(Fitted {
        text: landscapes.to_text()?,
        seconds: started.elapsed().as_secs_f64(),
        lines: landscapes.lines(),
        history,
    })
}

/// Landscapes from the history, or from a model file, which then stands in its place.
fn learn(request: &Request, options: &Options, stages: &mut Stages) -> Result<(Landscapes, Audit)> {
    if let Some(path) = &options.model {
        let (landscapes, mut audit) =
            stages.run("model", || history::read_model(path, Landscapes::from_text))?;
        audit.findings = slots_without_history(request, &landscapes.units);
        return Ok((landscapes, audit));
    }
    let mut history = stages.run("history", || history::read(request))?;
    info!(
        rows = history.audit.rows(),
        units = history.units.len(),
        rejected = history.audit.rejected.len(),
        "history"
    );
    let (landscapes, findings) = stages.run("landscapes", || Landscapes::fit(&history, request))?;
    history.audit.findings.extend(findings);
    history.audit.findings.extend(slots_without_history(request, &landscapes.units));
    Ok((landscapes, history.audit))
}

fn slots_without_history(request: &Request, units: &[Unit]) -> Vec<Finding> {
    let slots = request.file.group_buy.slot.iter();
    slots
        .filter(|slot| !units.iter().any(|unit| slot.is(unit)))
        .map(|slot| {
            Finding::warning(
                "L004",
                format!("group-buy slot `{}` never ran in the history, so nothing is known of what it sells: it is not taken", slot.unit),
                "check the slot's name against the history, or add its past runs",
            )
        })
        .collect()
}

fn pick_solver(options: &Options) -> Result<Box<dyn Solver>> {
    let name = options.solver.as_deref().unwrap_or(solver::NAMES[0]);
    solver::by_name(name).ok_or_else(|| {
        Finding::error(
            "P002",
            format!("there is no solver `{name}` in this build"),
            format!("use one of: {}", solver::NAMES.join(", ")),
        )
        .into()
    })
}

/// Everything about the planned day that the later stages look at.
struct Shop<'a> {
    landscapes: &'a Landscapes,
    forecast: &'a Forecast<'a>,
    ladders: &'a Ladders,
    model: &'a Model,
    request: &'a Request,
    day: &'a str,
}

/// What the solver stage hands on.
struct Solved {
    x: Vec<f64>,
    prices: Vec<f64>,
    decided: Vec<Option<bool>>,
    relaxed: f64,
    bound: f64,
    status: solver::Status,
    iterations: u64,
}

impl Shop<'_> {
    /// The best point, or the nearest when there is none.
    fn solve(&self, solver: &dyn Solver, limits: &solver::Limits<'_>) -> Result<Solved> {
        let program = &self.model.program;
        let best = integer::solve(program, solver, limits).map_err(Error::Internal)?;
        if let Some(solution) = best.solution {
            return Ok(Solved {
                x: solution.x,
                prices: certify::lawful(program, &solution.prices),
                decided: best.decided,
                relaxed: best.relaxed,
                bound: best.bound,
                status: best.status,
                iterations: best.iterations,
            });
        }
        if let Some(relaxation) = best.fallback {
            info!("stopped before a plan with whole slots was found; the relaxation is rounded");
            return Ok(Solved {
                x: relaxation.x,
                prices: certify::lawful(program, &relaxation.prices),
                decided: vec![None; program.ladders.len()],
                relaxed: best.relaxed,
                bound: best.bound,
                status: best.status,
                iterations: best.iterations,
            });
        }
        if best.status == solver::Status::Stopped {
            // No solution to start from: bids are chosen from nothing, and only the weakest bound is proven.
            let prices = vec![0.0; program.rows.len()];
            let bound = certify::dual_bound(program, &prices, integer::FREE);
            return Ok(self.unsolved(vec![0.0; program.columns()], bound, best.status, best.iterations));
        }
        let nearest = solver::conflict::nearest(program, solver, limits).map_err(Error::Internal)?;
        let Some((solution, violation)) = nearest else {
            return Err(Error::Stopped(
                "no plan meets the rules, and the limit came before the nearest one was found".into(),
            ));
        };
        info!(violation, "no plan meets the rules; the nearest one is written");
        let value = program.value(&solution.x);
        let iterations = best.iterations + solution.iterations;
        // Free prices prove a bound too, if a weak one.
        let bound = certify::dual_bound(program, &vec![0.0; program.rows.len()], integer::FREE);
        Ok(Solved {
            relaxed: value,
            ..self.unsolved(solution.x, bound, solver::Status::Infeasible, iterations)
        })
    }

    /// A point that proves nothing.
    fn unsolved(&self, x: Vec<f64>, bound: f64, status: solver::Status, iterations: u64) -> Solved {
        let program = &self.model.program;
        Solved {
            x,
            prices: vec![0.0; program.rows.len()],
            decided: vec![None; program.ladders.len()],
            relaxed: bound,
            bound,
            status,
            iterations,
        }
    }

    /// Executable bids, their cells, and what the rules make of them.
    fn bids(&self, solved: &Solved) -> (Choice, Vec<PlanCell>, Vec<RuleValue>) {
        let (file, units) = (&self.request.file, &self.landscapes.units);
        let (ladders, x, origin) =
            self.ladders.apart(&solved.x, |unit| units[unit as usize].channel.by_the_day());
        let model = program::build(&ladders, self.model.rule_rows.clone(), file, units.len(), None);
        let decided: Vec<Option<bool>> =
            origin.iter().map(|ladder| solved.decided.get(*ladder).copied().flatten()).collect();
        let limits: Vec<BidLimits> = ladders
            .ladders
            .iter()
            .map(|ladder| {
                let unit = &units[ladder.unit as usize];
                file.limits(unit, self.day).swap_remove(usize::from(ladder.hours[0]))
            })
            .collect();
        let chooser =
            Chooser { ladders: &ladders, model: &model, forecast: self.forecast, file, limits: &limits };
        let rounds = match solved.status {
            solver::Status::Infeasible => choose::NEAREST,
            _ => choose::ROUNDS,
        };
        let mut choice = chooser.choose(&x, &solved.prices, &decided, rounds);
        if !choice.met && decided.iter().any(Option::is_some) {
            // Other slots than the program's may leave room where bids on their steps have none.
            let freer = chooser.choose(&x, &solved.prices, &[], rounds);
            if freer.met {
                choice = freer;
            }
        }
        let cells = build::cells(self.landscapes, &chooser, &choice, &solved.prices);
        let rules = check::rules(&cells, units, file, self.day);
        (choice, cells, rules)
    }

    /// The plan that is written is the plan that is checked.
    fn verify(&self, cells: &[PlanCell]) -> Result<()> {
        let findings = check::cells(cells, self.landscapes, self.forecast, &self.request.file, self.day);
        match findings.first() {
            None => Ok(()),
            Some(first) => Err(Error::Internal(format!(
                "{} cells of the finished plan are wrong; the first: {first}",
                findings.len()
            ))),
        }
    }

    /// Puts the program's prices, turned into the rules' own units, beside the rules' values.
    fn price(&self, rules: &mut [RuleValue], solved: &Solved) {
        let file = &self.request.file;
        let objective = self.model.program.value(&solved.x);
        let reach = solver::conflict::reach(&self.model.program);
        for (at, (key, price)) in self.model.keys.iter().zip(&solved.prices).enumerate() {
            let row = &self.model.rule_rows[key.rule_row];
            let rule = &file.rules[row.rule];
            let Some(value) =
                rules.iter_mut().find(|value| value.rule == rule.name && value.scope == row.scope)
            else {
                continue;
            };
            let total = |reach: &rows::Reach| self.ladders.under(&solved.x, |cell| reach.holds(cell));
            // d objective ÷ d bound: the row's price times what the bound multiplies in it.
            let per_bound = match (rule.metric.weights(file.plan.margin).1, &row.of) {
                (Some(denominator), _) => denominator
                    .iter()
                    .zip(total(&row.reach).measures())
                    .map(|(weight, measure)| weight * measure)
                    .sum(),
                (None, Some(of)) => rule.metric.of(&total(of), file.plan.margin).unwrap_or(0.0),
                (None, None) => 1.0,
            };
            let shadow = price.abs() * f64::abs(per_bound);
            let bound = if key.side == Side::Min { value.min } else { value.max }.unwrap_or(0.0).abs();
            // What is at stake: the bound itself, or, where it is 0, all that the row could be.
            let stake = if bound > 0.0 { shadow * bound } else { price.abs() * reach[at] };
            if stake > 1e-6 * objective.abs().max(1.0) {
                value.shadow_price = shadow;
                value.binding = true;
            }
        }
    }

    fn evidence(&self, solved: &Solved, choice: &Choice, cells: &[PlanCell], solver: &str) -> Evidence {
        let program = &self.model.program;
        let certificate = certify(program, &solved.x, &solved.prices, &solved.decided);
        let objective: f64 = cells
            .iter()
            .filter(|cell| cell.run)
            .map(|cell| {
                program.objective.iter().zip(cell.outcome.measures()).map(|(w, m)| w * m).sum::<f64>()
            })
            .sum();
        // The bound counts what broken soft rules cost.
        let worth = objective - choice.penalty;
        Evidence {
            solver: solver.to_string(),
            relaxed: solved.relaxed,
            bound: solved.bound,
            objective,
            // A bid between two rungs may earn a little more than their mix: that is no gap.
            gap: ((solved.bound - worth) / solved.bound.abs().max(1.0)).max(0.0),
            relaxed_gap: certificate.gap,
            violation: certificate.violation,
            rounding_cost: certificate.objective - worth,
            mended_cells: choice.moved,
            iterations: solved.iterations,
            columns: program.columns(),
            ladders: program.ladders.len(),
            rows: program.rows.len(),
        }
    }

    fn status(&self, solved: &Solved, rules: &[RuleValue]) -> Result<Status> {
        let met = rules.iter().all(|rule| rule.met || rule.soft);
        match solved.status {
            solver::Status::Stopped if !met => {
                Err(Error::Stopped("the limit came before bids were found that meet every rule".into()))
            }
            _ if !met => Ok(Status::Infeasible),
            solver::Status::Optimal => Ok(Status::Optimal),
            // Cut short, or met by bids between the rungs where the rungs themselves could not.
            _ => Ok(Status::Feasible),
        }
    }

    fn mps(&self) -> String {
        let units = &self.landscapes.units;
        let ladders = &self.ladders.ladders;
        mps::text(
            &self.model.program,
            |row| {
                let key = self.model.keys[row];
                let side = if key.side == Side::Min { "min" } else { "max" };
                let row = &self.model.rule_rows[key.rule_row];
                format!("{}|{}|{side}", self.request.file.rules[row.rule].name, row.scope)
            },
            |ladder, rung| {
                let ladder = &ladders[ladder];
                format!("{}|{}|{}", units[ladder.unit as usize].unit, ladder.hours[0], ladder.bids[rung])
            },
        )
    }
}
