//! The best bids where what each of them brings is known, not forecast: the same program on ladders from
//! elsewhere.

use jiff::civil::Date;

use super::{Options, pick_solver};
use crate::config::Request;
use crate::error::{Error, Result};
use crate::keys::Unit;
use crate::ladder::Ladders;
use crate::program::{self, rows};
use crate::solver::{Limits, conflict, integer};

/// The bid of each ladder, nothing where it does not run: the rung that has most of it at the program's
/// optimum. The few ladders that the optimum splits are not split here, so rules hold but for a trifle.
/// Where no bids meet the rules, those that come nearest.
///
/// # Errors
/// A rule whose scope matches nothing; a numerical failure; a limit that came first.
pub fn best_bids(
    request: &Request,
    options: &Options,
    units: &[Unit],
    ladders: &Ladders,
    date: Date,
) -> Result<Vec<Option<f64>>> {
    let file = &request.file;
    let rule_rows = rows::resolve(file, units, &date.to_string()).map_err(|found| request.refuse(found))?;
    let model = program::build(ladders, rule_rows, file, units.len(), None);
    let solver = pick_solver(options)?;
    let limits = Limits { deadline: None, stop: &options.stop };
    let best = integer::solve(&model.program, solver.as_ref(), &limits).map_err(Error::Internal)?;
    let solution = match best.solution.or(best.fallback) {
        Some(solution) => solution,
        None => {
            let nearest =
                conflict::nearest(&model.program, solver.as_ref(), &limits).map_err(Error::Internal)?;
            let stopped = || Error::Stopped("the limit came before the best bids were found".into());
            nearest.ok_or_else(stopped)?.0
        }
    };
    let mut shares = solution.x.as_slice();
    let bids = ladders.ladders.iter().map(|ladder| {
        let (mine, rest) = shares.split_at(ladder.bids.len());
        shares = rest;
        let idle = 1.0 - mine.iter().sum::<f64>();
        let most = (0..mine.len()).max_by(|a, b| mine[*a].total_cmp(&mine[*b]))?;
        (mine[most] > idle).then(|| ladder.bids[most])
    });
    Ok(bids.collect())
}
