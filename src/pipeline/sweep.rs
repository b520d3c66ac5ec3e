//! What if a bound stood elsewhere: history → landscapes → ladders, once; then the frontier.

use std::sync::Arc;

use super::board::{Asked, Board, Last};
use super::layout::Layout;
use super::{Options, Stages, learn, pick_solver, planned_date};
use crate::config::Request;
use crate::error::Result;
use crate::frontier::{self, Frontier, Scene};
use crate::history::{Audit, History};
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

/// Moves one bound or two and solves every step.
///
/// # Errors
/// Ranges and rules that cannot be swept, and whatever stops [`super::plan`]. Steps that no plan meets are
/// not an error: the frontier says so.
pub fn sweep(request: &Request, options: &Options, asked: &[frontier::Asked]) -> Result<Swept> {
    let mut stages = Stages::start();
    let solver = pick_solver(options)?;
    let moves = frontier::moves(&request.file, asked)?;
    let deadline = options.time_limit.map(|limit| stages.started + limit);
    let (landscapes, History { audit, .. }) = learn(request, options, &mut stages)?;
    let file = &request.file;
    let date = planned_date(request, options, &landscapes);
    let rule_rows =
        rows::resolve(file, &landscapes.units, &date.to_string()).map_err(|found| request.refuse(found))?;
    let limits = Limits { deadline, stop: &options.stop };
    let layout = Arc::new(Layout::new(date, options));
    let board = Board::new(layout, rule_rows, moves.clone());
    let asked = Asked { landscapes: &landscapes, request, solver: solver.as_ref(), limits: &limits };
    let units = &landscapes.units;
    let columns = stages.run("program", || board.columns(&asked));
    let scene = Scene { file, date, units, columns, solver: solver.name() };
    let mut last = Last::default();
    let mut step = |bounds: &[Option<f64>]| board.at(&asked, bounds, &mut last, &mut |_| {});
    let frontier = stages.run("steps", || frontier::walk(&scene, &moves, &mut step))?;
    Ok(Swept { audit, frontier, stages: stages.seconds })
}
