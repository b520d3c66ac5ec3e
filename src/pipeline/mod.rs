//! The whole story: history → landscapes → ladders → program → solver → plan, checked.

pub mod actuals;
mod approve;
mod around;
mod bids;
mod board;
mod compare;
mod confident;
mod day;
pub mod desk;
mod evidence;
mod executable;
mod explain;
pub mod export;
mod ground;
pub mod known;
mod layout;
mod lost;
mod outlook;
pub mod reopen;
pub mod replan;
mod review;
mod silent;
mod slots;
mod stages;
mod sweep;
mod unless;

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use tracing::info;

use crate::calendar::date_of;
use crate::config::Request;
use crate::error::{Finding, Result};
use crate::explain::Costs;
use crate::frontier::Frontier;
use crate::history::{self, Audit, History};
use crate::keys::Unit;
use crate::ladder::beside_what_sells;
use crate::landscape::Landscapes;
use crate::plan::{Evidence, Plan, Status};
use crate::program::rows;
use crate::sheets::Approved;
use crate::solver::{self, Solver};
pub use compare::compare;
use day::{Day, Solved};
pub use explain::{Explained, explain};
use layout::Layout;
pub use review::{Reviewed, review};
pub(crate) use stages::Stages;
pub use sweep::{Swept, sweep};
pub use unless::{Planned, plan_unless, plan_unless_stopped};

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
    /// Whether what the report alone tells is wanted: frontiers around today's rules, what rules cost.
    pub told: bool,
    /// How long the run may take.
    pub time_limit: Option<Duration>,
    /// Set by a signal.
    pub stop: Arc<AtomicBool>,
    /// Bids that a person approved, over the plan's.
    pub approved: Option<Arc<Approved>>,
    /// Rungs on a ladder, [`crate::ladder::RUNGS`] by default.
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
    /// The frontiers around today's rules, when asked for.
    pub frontiers: Vec<Frontier>,
    /// What whole rules and the position band cost, when asked for.
    pub costs: Costs,
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

/// The main job.
///
/// # Errors
/// Findings in the configuration or the history, a file that cannot be read, a numerical failure.
/// Rules that no plan meets are not an error: the plan says so.
pub fn plan(request: &Request, options: &Options) -> Result<Run> {
    let ControlFlow::Continue(Planned { run, .. }) =
        plan_unless::<Infallible>(request, options, |_, _| Ok(ControlFlow::Continue(())))?;
    Ok(run)
}

/// The main job on landscapes that are already there.
///
/// # Errors
/// As [`plan`].
pub fn plan_with(request: &Request, options: &Options, landscapes: &Landscapes) -> Result<Run> {
    Ok(on_day(request, options, landscapes, Ready::default(), Stages::start(), |_| Ok(()))?.0)
}

/// A finished day with all that led to it.
struct Finished<'a> {
    day: &'a Day<'a>,
    solved: &'a Solved,
    plan: &'a Plan,
    solver: &'a dyn Solver,
    limits: &'a solver::Limits<'a>,
    layout: &'a Arc<Layout>,
}

/// What somebody knows of a day before it is planned.
#[derive(Default)]
struct Ready<'r> {
    /// Ladders that are built already.
    layout: Option<&'r Arc<Layout>>,
    /// The best set of slots, and the optimum with it.
    found: Option<slots::Found<'r>>,
}

/// Plans the day, and lets `look` look at what led to the plan while it is there. The account of the history is the
/// caller's to add.
fn on_day<T>(
    request: &Request,
    options: &Options,
    landscapes: &Landscapes,
    ready: Ready<'_>,
    mut stages: Stages,
    look: impl FnOnce(&Finished<'_>) -> Result<T>,
) -> Result<(Run, T)> {
    let deadline = options.time_limit.map(|limit| stages.started + limit);
    let limits = solver::Limits { deadline, stop: &options.stop };
    let solver = pick_solver(options)?;
    let file = &request.file;
    let date = planned_date(request, options, landscapes);
    let day = date.to_string();
    let rule_rows = rows::resolve(file, &landscapes.units, &day).map_err(|found| request.refuse(found))?;
    let layout = ready.layout.map_or_else(|| Arc::new(Layout::new(date, options)), Arc::clone);
    let forecast = beside_what_sells(landscapes.on(date, file), file);
    let (found, bidden) = {
        let mut site = ground::Site {
            request,
            layout: &layout,
            rule_rows: &rule_rows,
            forecast: &forecast,
            day: &day,
            solver: solver.as_ref(),
            limits: &limits,
            stages: &mut stages,
            margin: Vec::new(),
        };
        let found = match ready.found {
            Some(found) => found,
            None => slots::best(&mut site, None, &mut |_, _| {}, &limits)?,
        };
        executable::find(&mut site, found)?
    };
    let mut planned = bidden.on(Day { kept: &layout.kept, ..found.ground.day(&day) });
    let solved = bidden.solved(&found.solved).clone();
    let price = bidden.confident.as_ref().and_then(|confident| confident.price);
    let (choice, mut cells, mut rules) = bidden.chosen.clone();
    let (beside, approved_beside);
    beside = planned.recount(&mut cells);
    if let Some(beside) = &beside {
        planned.forecast = beside;
        rules = planned.rules(&cells);
    }
    stages.run("check", || planned.verify(&cells))?;
    planned.price(&mut rules, &solved);
    let mut evidence = planned.evidence(&solved, Some(&choice), &cells, solver.name());
    let mut status = planned.status(&solved, &rules)?;
    let mut audit = Audit::default();
    audit.findings.extend(landscapes.of_event(date, file));
    audit.findings.extend(rows::doubts(file, &landscapes.units));
    audit.findings.extend(bidden.doubt.clone());
    if let Some(approved) = &options.approved {
        let (changed, doubts) = approve::lay(&planned, &mut cells, approved)?;
        audit.findings.extend(doubts);
        approved_beside = planned.recount(&mut cells);
        planned.forecast = approved_beside.as_ref().unwrap_or(planned.forecast);
        let before = std::mem::replace(&mut rules, planned.rules(&cells));
        planned.price(&mut rules, &solved);
        audit.findings.extend(approve::failing(&before, &rules));
        let own = planned.evidence(&solved, None, &cells, solver.name());
        let by_hand_cost = evidence.earned() - own.earned();
        let Evidence { rounding_cost, mended_cells, .. } = evidence;
        evidence = Evidence { by_hand: changed, by_hand_cost, rounding_cost, mended_cells, ..own };
        // Bids that somebody wants are no proof that there are none that keep the rules.
        if status != Status::Infeasible && rules.iter().any(|rule| !rule.met && !rule.soft) {
            status = Status::Feasible;
        }
    }
    let conflict = match status {
        Status::Infeasible => {
            stages.run("conflict", || planned.conflict(&rules, solver.as_ref(), &limits))?
        }
        _ => None,
    };
    let mps = options.mps.then(|| stages.run("mps", || planned.mps()));
    let outlook = stages.run("outlook", || planned.outlook(&cells, price));
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
        outlook,
        underway: None,
    };
    audit.findings.extend(silent::silent(&plan));
    let finished = Finished {
        day: &planned,
        solved: &solved,
        plan: &plan,
        solver: solver.as_ref(),
        limits: &limits,
        layout: &layout,
    };
    let seen = look(&finished)?;
    let (frontiers, costs) = match options.told {
        true => (
            stages.run("frontier", || around::around(&finished))?,
            stages.run("costs", || explain::costs(&finished))?,
        ),
        false => Default::default(),
    };
    Ok((Run { audit, plan, mps, frontiers, costs, stages: stages.seconds }, seen))
}

/// The date asked for, else the plan file's, else the day after the history's last.
fn planned_date(request: &Request, options: &Options, landscapes: &Landscapes) -> Date {
    options.date.or(request.file.plan.date).unwrap_or_else(|| date_of(landscapes.days[1] + 1))
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
    rows::resolve(&request.file, &landscapes.units, &date.to_string())
        .map_err(|found| request.refuse(found))?;
    findings.extend(slots_without_history(request, &landscapes.units));
    findings.extend(landscapes.of_event(date, &request.file));
    findings.extend(rows::doubts(&request.file, &landscapes.units));
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

/// Landscapes from the history, or from a model file, which then stands in its place: all that is left of
/// the history is the file's account.
fn learn(request: &Request, options: &Options, stages: &mut Stages) -> Result<(Landscapes, History)> {
    let (history, known) = read(request, options, stages)?;
    fitted(request, history, known, stages)
}

/// The history; or the landscapes of a model file, and nothing of a history but the file's account.
fn read(request: &Request, options: &Options, stages: &mut Stages) -> Result<(History, Option<Landscapes>)> {
    if let Some(path) = &options.model {
        let (landscapes, audit) = stages.run("model", || history::read_model(path, Landscapes::from_text))?;
        return Ok((History { audit, ..History::default() }, Some(landscapes)));
    }
    let history = stages.run("history", || history::read(request))?;
    info!(
        rows = history.audit.rows(),
        units = history.units.len(),
        rejected = history.audit.rejected.len(),
        "history"
    );
    Ok((history, None))
}

/// Landscapes of the history that was read, unless they are known.
fn fitted(
    request: &Request,
    mut history: History,
    known: Option<Landscapes>,
    stages: &mut Stages,
) -> Result<(Landscapes, History)> {
    let landscapes = match known {
        Some(landscapes) => landscapes,
        None => {
            let (landscapes, findings) = stages.run("landscapes", || Landscapes::fit(&history, request))?;
            history.audit.findings.extend(findings);
            landscapes
        }
    };
    history.audit.findings.extend(slots_without_history(request, &landscapes.units));
    Ok((landscapes, history))
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
