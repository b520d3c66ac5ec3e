//! The main job with a look at the history before the work begins: whether it is there yet, and whether there is
//! anything to do.

use std::ops::ControlFlow;

use jiff::civil::Date;

use super::{Options, Run, Stages, fitted, on_day, pick_solver, planned_date, read};
use crate::calendar::date_of;
use crate::config::Request;
use crate::error::Result;
use crate::history::History;
use crate::landscape::Landscapes;

/// A run, and the landscapes that it was made on, for who goes on from there.
pub struct Planned {
    /// The run.
    pub run: Run,
    /// The landscapes.
    pub landscapes: Landscapes,
}

/// Plans as [`super::plan`], unless `look` breaks it off at the history and the date to plan. Of a history that a
/// model file stands for, there is only the file's account.
///
/// # Errors
/// What `look` refuses, and whatever stops [`super::plan`].
pub fn plan_unless<T>(
    request: &Request,
    options: &Options,
    look: impl FnOnce(&History, Date) -> Result<ControlFlow<T>>,
) -> Result<ControlFlow<T, Planned>> {
    let mut stages = Stages::start();
    pick_solver(options)?;
    let (history, known) = read(request, options, &mut stages)?;
    let date = match &known {
        Some(landscapes) => planned_date(request, options, landscapes),
        None => {
            let next = date_of(history.last_day().unwrap_or(0) + 1);
            options.date.or(request.file.plan.date).unwrap_or(next)
        }
    };
    if let ControlFlow::Break(found) = look(&history, date)? {
        return Ok(ControlFlow::Break(found));
    }
    let (landscapes, History { mut audit, .. }) = fitted(request, history, known, &mut stages)?;
    let (run, ()) = on_day(request, options, &landscapes, None, stages, |_| Ok(()))?;
    audit.findings.extend(run.audit.findings);
    Ok(ControlFlow::Continue(Planned { run: Run { audit, ..run }, landscapes }))
}
