//! The board: a day whose bounds may stand anywhere, planned as [`super::plan`] would with its bounds there.
//!
//! Slots are searched as for a plan, and rules hold with the confidence that is asked for; what does not follow from
//! where bounds stand is kept, for every set of slots that the search comes by, and each solve starts from the last
//! one's prices.

use std::sync::{Arc, Mutex, OnceLock};

use super::confident;
use super::day::Solved;
use super::ground::{self, Ground};
use super::layout::{Layout, keep, kept};
use super::slots;
use crate::config::Request;
use crate::error::Result;
use crate::frontier::{Ended, Movable, Move, Optimum, Warm, moved_to};
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::plan::confidence::{Room, Split};
use crate::program::Model;
use crate::program::rows::RuleRow;
use crate::solver::{Limits, Solver, Status};

/// A program whose bounds move, on the ladders beside each set of slots.
pub(super) struct Board {
    pub(super) layout: Arc<Layout>,
    pub(super) rule_rows: Vec<RuleRow>,
    pub(super) moves: Vec<Move>,
    laid: Mutex<Vec<Arc<Laid>>>,
}

/// What is there beside a set of slots, wherever bounds stand.
struct Laid {
    slots: Vec<u32>,
    movable: Arc<Movable>,
    spread: Arc<Spread>,
    /// The program told apart, for rules that hold with a confidence.
    split: OnceLock<Split>,
}

/// Prices of the last optimum, from which the next solve starts.
#[derive(Debug, Clone, Default)]
pub(super) struct Last {
    plain: Option<Vec<f64>>,
    /// With room for the spread of outcomes.
    roomy: Option<Vec<f64>>,
}

/// Whose day it is, and who solves it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) landscapes: &'a Landscapes,
    /// The request, its bounds anywhere.
    pub(super) request: &'a Request,
    pub(super) solver: &'a dyn Solver,
    pub(super) limits: &'a Limits<'a>,
}

impl Board {
    pub(super) fn new(layout: Arc<Layout>, rule_rows: Vec<RuleRow>, moves: Vec<Move>) -> Board {
        Board { layout, rule_rows, moves, laid: Mutex::default() }
    }

    /// Columns of its program beside all slots that lift.
    pub(super) fn columns(&self, asked: &Asked<'_>) -> usize {
        let forecast = asked.landscapes.on(self.layout.date, &asked.request.file);
        self.laid(asked, &forecast).movable.model().program.columns.count()
    }

    /// The best plan with the moved bounds where they are said to be.
    ///
    /// # Errors
    /// A numerical failure of the solver.
    pub(super) fn at(&self, asked: &Asked<'_>, bounds: &[Option<f64>], last: &mut Last) -> Result<Ended> {
        let Asked { landscapes, request, solver, limits } = *asked;
        if limits.reached() {
            return Ok(Ended::Stopped);
        }
        let (date, file) = (self.layout.date, &request.file);
        let (day, forecast) = (date.to_string(), landscapes.on(date, file));
        let warm = Warm { solver, prices: last.plain.as_deref() };
        let visit = |decisions: &[slots::Decision]| {
            let forecast = ground::beside(&forecast, decisions);
            let laid = self.laid(asked, &forecast);
            let model = Model { program: laid.movable.at(bounds), ..laid.movable.model().clone() };
            let (ladders, spread) = (Arc::clone(laid.movable.ladders()), Arc::clone(&laid.spread));
            let ground = Ground::new(request, forecast, ladders, model, spread, decisions);
            let solved = ground.day(&day).best(&warm, limits)?;
            Ok((ground, solved))
        };
        let (ground, plain) = slots::best(visit, limits)?;
        let here = ground.day(&day);
        let laid = self.laid(asked, here.forecast);
        let whole = match plain.status {
            Status::Infeasible => return Ok(Ended::Infeasible),
            Status::Optimal => true,
            // Too many sets of slots to try them all: the best of those tried, and its bound.
            Status::Stopped => ground.other(&plain).is_none(),
        };
        if limits.reached() || !whole {
            return Ok(Ended::Stopped);
        }
        last.plain = Some(plain.prices.clone());
        if file.plan.confidence <= 0.5 {
            return Ok(Ended::Best(Box::new(laid.optimum(plain, bounds, false))));
        }
        let file = moved_to(file, &self.moves, bounds);
        let Some(room) = Room::asked(&laid.spread, &file) else { return Ok(Ended::Stopped) };
        let split = laid.split.get_or_init(|| Split::of(here.model.clone(), here.ladders, &room));
        let split = split.again(here.model, here.ladders, &room);
        let warm = Warm { solver, prices: last.roomy.as_deref().or(last.plain.as_deref()) };
        let found = confident::find(&here, &split, &room, &plain, &warm, limits)?;
        Ok(match found.solved.status {
            Status::Infeasible => Ended::Infeasible,
            Status::Stopped => Ended::Stopped,
            Status::Optimal => {
                last.roomy = Some(found.solved.prices.clone());
                Ended::Best(Box::new(laid.optimum(found.solved, bounds, true)))
            }
        })
    }

    fn laid(&self, asked: &Asked<'_>, forecast: &Forecast<'_>) -> Arc<Laid> {
        let file = &asked.request.file;
        kept(&self.laid, |laid| laid.slots == forecast.slots()).unwrap_or_else(|| {
            let (rows, units) = (self.rule_rows.clone(), asked.landscapes.units.len());
            let ladders = self.layout.ladders(forecast, file);
            let movable = Arc::new(Movable::new(ladders, rows, file, units, self.moves.clone()));
            let (slots, spread) = (forecast.slots().to_vec(), Arc::new(forecast.spread(file)));
            keep(&self.laid, Arc::new(Laid { slots, movable, spread, split: OnceLock::new() }))
        })
    }
}

impl Laid {
    fn optimum(&self, solved: Solved, bounds: &[Option<f64>], roomy: bool) -> Optimum {
        let Solved { objective, x, prices, bound, .. } = solved;
        Optimum { objective, bound, x, prices, on: Arc::clone(&self.movable), bounds: bounds.to_vec(), roomy }
    }
}
