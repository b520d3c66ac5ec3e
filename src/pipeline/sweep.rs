//! What if a bound stood elsewhere: history → landscapes → ladders, once; then the frontier.

use super::{Options, Stages, ground, learn, pick_solver, planned_date, slots};
use crate::config::Request;
use crate::error::{Error, Finding, Result};
use crate::frontier::{self, Asked, Frontier, Scene};
use crate::history::{Audit, History};
use crate::ladder;
use crate::program::rows;
use crate::solver::Limits;

/// A finished sweep.
#[derive(Debug)]
pub struct Swept {
    /// The account of the history.
    pub audit: Audit,
    /// What every step brings.
    pub frontier: Frontier,
    /// Seconds of each stage, in order.
    pub stages: Vec<(&'static str, f64)>,
}

/// Whether a request plans expected values, as everything does that moves bounds and looks again.
///
/// # Errors
/// `C014` for a `confidence` above 0.5.
pub(super) fn expected_values(request: &Request) -> Result<()> {
    let confidence = request.file.plan.confidence;
    if confidence <= 0.5 {
        return Ok(());
    }
    Err(Finding::error(
        "C014",
        format!("`plan.confidence` is {confidence}, but bounds are moved on expected values here"),
        "look with `plan.confidence=0.5`, then plan the bound that you choose with your confidence",
    )
    .into())
}

/// Moves one bound or two and solves every step.
///
/// # Errors
/// Ranges and rules that cannot be swept, and whatever stops [`super::plan`]. Steps that no plan meets are
/// not an error: the frontier says so.
pub fn sweep(request: &Request, options: &Options, asked: &[Asked]) -> Result<Swept> {
    let mut stages = Stages::start();
    expected_values(request)?;
    let solver = pick_solver(options)?;
    let moves = frontier::moves(&request.file, asked)?;
    let deadline = options.time_limit.map(|limit| stages.started + limit);
    let (landscapes, History { audit, .. }) = learn(request, options, &mut stages)?;
    let file = &request.file;
    let date = planned_date(request, options, &landscapes);
    let rule_rows = rows::resolve(file, &landscapes.units, &date.to_string()).map_err(Error::Input)?;
    let limits = Limits { deadline, stop: &options.stop };
    let rungs = options.rungs.unwrap_or(ladder::RUNGS);
    let (forecast, day) = (landscapes.on(date, file), date.to_string());
    // Beside the slots that the plan as it stands takes, so that the two agree.
    let visit = |decisions: &[slots::Decision]| {
        let rows = rule_rows.clone();
        let ground = ground::lay(request, (date, rungs), rows, &forecast, decisions, None, &mut stages);
        let solved = stages.run("today's rules", || ground.day(&day).solve(solver.as_ref(), &limits))?;
        Ok((ground, solved))
    };
    let (ground, _) = slots::best(visit, &limits)?;
    let ladders = &*ground.ladders;
    let scene = Scene { file, date, units: &landscapes.units, ladders, rule_rows };
    let frontier = stages.run("steps", || frontier::walk(&scene, &moves, solver.as_ref(), &limits))?;
    Ok(Swept { audit, frontier, stages: stages.seconds })
}
