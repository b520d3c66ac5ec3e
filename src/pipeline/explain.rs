//! Why a plan is as it is: the plan made again from what it was made of, and looked into.

use super::{Finished, Options, Ready, Stages, learn, on_day, pick_solver};
use crate::config::Request;
use crate::error::Result;
use crate::explain::{self, Costs, Explanation, Scene, UnitWhy};
use crate::history::Audit;
use crate::keys::Unit;
use crate::plan::Plan;

/// A plan that was made again, and why it is as it is.
#[derive(Debug)]
pub struct Explained {
    /// The plan.
    pub plan: Plan,
    /// Why.
    pub explanation: Explanation,
}

/// Explains the plan of a request, and the units that a filter picks. `same` looks at the account of the
/// history before anything is computed, and may refuse.
///
/// # Errors
/// What `same` refuses, and whatever stops [`super::plan`].
pub fn explain(
    request: &Request,
    options: &Options,
    same: impl FnOnce(&Audit) -> Result<()>,
    picks: impl Fn(&Unit) -> bool,
) -> Result<Explained> {
    let mut stages = Stages::start();
    pick_solver(options)?;
    let (landscapes, history) = learn(request, options, &mut stages)?;
    same(&history.audit)?;
    let look = |finished: &Finished<'_>| scene(finished, |scene| explain::explain(scene, picks));
    let (run, explanation) = on_day(request, options, &landscapes, Ready::default(), stages, look)?;
    Ok(Explained { plan: run.plan, explanation })
}

/// What whole rules and the position band cost a finished day.
pub(super) fn costs(finished: &Finished<'_>) -> Result<Costs> {
    scene(finished, explain::costs)
}

/// Why a unit of a finished day is as it is; nothing where there is no such unit.
pub(super) fn unit(finished: &Finished<'_>, unit: u32) -> Result<Option<UnitWhy>> {
    scene(finished, |scene| Ok(explain::units(scene, |other| other == unit).pop()))
}

/// Shows a finished day as what explaining looks at.
fn scene<T>(finished: &Finished<'_>, look: impl FnOnce(&Scene<'_>) -> Result<T>) -> Result<T> {
    let Finished { day, solved, plan, solver, limits, .. } = *finished;
    look(&Scene {
        file: &day.request.file,
        date: plan.date,
        landscapes: day.landscapes,
        forecast: day.forecast,
        ladders: day.ladders,
        model: day.model,
        x: &solved.x,
        prices: &solved.prices,
        plan,
        solver,
        limits,
        leaning: &|model, ladders| day.leaning(model, ladders),
    })
}
