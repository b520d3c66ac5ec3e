//! Several requests on one history: landscapes are fitted once for all that learn from the same.

use super::{Options, Ready, Stages, learn, on_day};
use crate::compare::Side;
use crate::config::Request;
use crate::error::Result;
use crate::landscape::Landscapes;

/// Plans every request and sets the plans side by side, under the names given.
///
/// # Errors
/// What stops [`super::plan`] in any of them. Rules that no plan meets are not an error: the side says so.
pub fn compare(requests: &[(String, Request)], options: &Options) -> Result<Vec<Side>> {
    let mut fitted: Option<(String, Landscapes)> = None;
    let mut sides = Vec::new();
    for (name, request) in requests {
        // What a fit depends on: the history's part of the file, and the day before which it ends.
        let from = format!("{:?} {:?}", request.file.history, request.file.plan.date);
        let landscapes = match fitted.take() {
            Some((of, landscapes)) if of == from => landscapes,
            _ => learn(request, options, &mut Stages::start())?.0,
        };
        let (run, ()) = on_day(request, options, &landscapes, Ready::default(), Stages::start(), |_| Ok(()))?;
        sides.push(Side::of(name, &run.plan, &request.file));
        fitted = Some((from, landscapes));
    }
    Ok(sides)
}
