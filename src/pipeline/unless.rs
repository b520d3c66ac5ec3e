//! The main job with a look at the history before the work begins: whether it is there yet, and whether there is
//! anything to do.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use tracing::Span;

use super::{Options, Ready, Run, Stages, fitted, on_day, pick_solver, planned_date, read};
use crate::calendar::date_of;
use crate::config::Request;
use crate::error::{Error, Result};
use crate::history::History;
use crate::landscape::Landscapes;

/// How often the flag is looked at while the history is read and fitted.
const LOOK: Duration = Duration::from_millis(50);

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
    attempt(request, options, None, look)
}

/// The same for who wants no poor plan at all when the flag is raised: reading and fitting are left where they are.
///
/// # Errors
/// As [`plan_unless`].
pub fn plan_unless_stopped<T>(
    request: &Request,
    options: &Options,
    look: impl FnOnce(&History, Date) -> Result<ControlFlow<T>>,
) -> Result<ControlFlow<T, Planned>> {
    attempt(request, options, Some(&options.stop), look)
}

fn attempt<T>(
    request: &Request,
    options: &Options,
    stop: Option<&AtomicBool>,
    look: impl FnOnce(&History, Date) -> Result<ControlFlow<T>>,
) -> Result<ControlFlow<T, Planned>> {
    pick_solver(options)?;
    let (mut stages, ours) = (Stages::start(), (request.clone(), options.clone()));
    let (history, known, stages) = left_alone(stop, move || {
        let (history, known) = read(&ours.0, &ours.1, &mut stages)?;
        Ok((history, known, stages))
    })?;
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
    let (mut stages, ours) = (stages, request.clone());
    let (landscapes, mut audit, stages) = left_alone(stop, move || {
        let (landscapes, History { audit, .. }) = fitted(&ours, history, known, &mut stages)?;
        Ok((landscapes, audit, stages))
    })?;
    let (run, ()) = on_day(request, options, &landscapes, Ready::default(), stages, |_| Ok(()))?;
    audit.findings.extend(run.audit.findings);
    Ok(ControlFlow::Continue(Planned { run: Run { audit, ..run }, landscapes }))
}

/// Does work that looks at no flag and changes nothing outside. Once `stop` is raised nobody waits for it any more: it
/// ends by itself, or with the process.
fn left_alone<T: Send + 'static>(
    stop: Option<&AtomicBool>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let Some(stop) = stop else { return work() };
    let (told, heard) = mpsc::channel();
    let here = Span::current();
    let worker = thread::spawn(move || {
        // Where nobody waits any more there is nobody to tell.
        let _ = here.in_scope(|| told.send(work()));
    });
    loop {
        match heard.recv_timeout(LOOK) {
            Ok(done) => return done,
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => {
                return Err(Error::Stopped("the history was still being read or fitted".into()));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let ended = worker.join().map(|()| Error::Internal("work ended without a word".into()));
                return Err(ended.unwrap_or_else(|panic| resume_unwind(panic)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_left_alone_once_the_flag_is_raised() {
        let stop = AtomicBool::new(false);
        assert_eq!(left_alone(Some(&stop), || Ok(1)).unwrap(), 1);
        stop.store(true, Ordering::Relaxed);
        let (go, wait) = mpsc::channel::<()>();
        // Work that nothing but this test can end.
        let left = left_alone(Some(&stop), move || Ok(wait.recv().is_err()));
        assert!(matches!(left, Err(Error::Stopped(_))), "{left:?}");
        drop(go);
        assert!(left_alone(None, || Ok(true)).unwrap());
    }

    #[test]
    fn a_defect_in_it_is_ours() {
        let stop = AtomicBool::new(false);
        let caught =
            std::panic::catch_unwind(|| left_alone::<()>(Some(&stop), || std::panic::panic_any("broken")));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"broken"));
    }
}
