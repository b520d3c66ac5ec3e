//! The board: a day whose bounds may stand anywhere, planned as [`super::plan`] would with its bounds there.
//!
//! Slots are searched as for a plan, and rules hold with the confidence that is asked for; what does not follow from
//! where bounds stand is kept, for every set of slots that the search comes by, and each step's solve starts from the last
//! one's prices. Where an executable plan is to follow, solves start from nothing as those of a plan do.

use std::sync::{Arc, Mutex, OnceLock};

use super::confident;
use super::day::{Day, Solved};
use super::ground::{self, Ground};
use super::layout::{Layout, keep, kept, sets};
use super::slots::{self, Decision, Found, Proof, Visit};
use crate::config::Request;
use crate::error::Result;
use crate::frontier::{Ended, Movable, Move, Optimum, Warm, moved_to};
use crate::ladder::beside_what_sells;
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::plan::confidence::{Room, Split};
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

/// What the last optimum leaves for the next one: prices from which solves start, and why its slots are the best.
#[derive(Debug, Clone, Default)]
pub(super) struct Last {
    plain: Option<Vec<f64>>,
    /// Beside all slots that lift.
    root: Option<Vec<f64>>,
    /// With room for the spread of outcomes.
    roomy: Option<Vec<f64>>,
    proof: Option<Proof>,
}

/// Lays grounds on a board whose bounds stand somewhere.
struct Laying<'a, 'b> {
    board: &'b Board,
    asked: &'b Asked<'a, 'b>,
    bounds: &'b [Option<f64>],
    /// The date's.
    forecast: &'b Forecast<'a>,
    day: &'b str,
    /// Prices of the root and of other nodes, from which the next solves start if they are warm.
    prices: [Option<Vec<f64>>; 2],
    warm: bool,
}

impl<'a> Visit<'a> for Laying<'a, '_> {
    fn lay(&mut self, decisions: &[Decision]) -> Ground<'a> {
        let forecast = ground::beside(self.forecast, decisions);
        let laid = self.board.laid(self.asked, &forecast);
        let model = laid.movable.at(self.bounds);
        let (ladders, spread) = (Arc::clone(laid.movable.ladders()), Arc::clone(&laid.spread));
        Ground::new(self.asked.request, forecast, ladders, model, spread, decisions)
    }

    fn solve(&mut self, decisions: &[Decision]) -> Result<(Ground<'a>, Solved)> {
        let ground = self.lay(decisions);
        let [root, other] = &mut self.prices;
        let own = if decisions.is_empty() { root } else { other };
        let prices = own.as_deref().filter(|_| self.warm);
        let warm = Warm { solver: self.asked.solver, prices };
        let (planned, limits) = (ground.day(self.day), self.asked.limits);
        let in_parts = if ground.open() { planned.in_parts(&warm, limits)? } else { None };
        let solved = in_parts.map_or_else(|| planned.best(&warm, limits), Ok)?;
        if solved.status == Status::Optimal {
            *own = Some(solved.prices.clone());
        }
        Ok((ground, solved))
    }
}

/// Whose day it is, and who solves it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a, 's> {
    pub(super) landscapes: &'a Landscapes,
    /// The request, its bounds anywhere.
    pub(super) request: &'a Request,
    pub(super) solver: &'s dyn Solver,
    pub(super) limits: &'s Limits<'s>,
}

impl Board {
    pub(super) fn new(layout: Arc<Layout>, rule_rows: Vec<RuleRow>, moves: Vec<Move>) -> Board {
        Board { layout, rule_rows, moves, laid: Mutex::default() }
    }

    /// Columns of its program beside all slots that lift.
    pub(super) fn columns(&self, asked: &Asked<'_, '_>) -> usize {
        let file = &asked.request.file;
        let forecast = beside_what_sells(asked.landscapes.on(self.layout.date, file), file);
        self.laid(asked, &forecast).movable.model().program.columns.count()
    }

    /// The best plan with the moved bounds where they are said to be. `shown` is shown the best with the slots of the
    /// last one, before it is known whether other slots are better.
    ///
    /// # Errors
    /// A numerical failure of the solver.
    pub(super) fn at(
        &self,
        asked: &Asked<'_, '_>,
        bounds: &[Option<f64>],
        last: &mut Last,
        shown: &mut dyn FnMut(&Optimum),
    ) -> Result<Ended> {
        Ok(self.find(asked, bounds, last, shown, true)?.0)
    }

    /// The same, with every solve from nothing, so that the executable plan can go on from where it ends: to the last
    /// digit that is where a plan of these bounds ends that knows of no others. Nothing where it is not.
    ///
    /// # Errors
    /// As [`Board::at`].
    pub(super) fn afresh<'a>(
        &self,
        asked: &Asked<'a, '_>,
        bounds: &[Option<f64>],
        last: &mut Last,
        shown: &mut dyn FnMut(&Optimum),
    ) -> Result<(Ended, Option<Found<'a>>)> {
        self.find(asked, bounds, last, shown, false)
    }

    fn find<'a>(
        &self,
        asked: &Asked<'a, '_>,
        bounds: &[Option<f64>],
        last: &mut Last,
        shown: &mut dyn FnMut(&Optimum),
        warm: bool,
    ) -> Result<(Ended, Option<Found<'a>>)> {
        let Asked { landscapes, request, limits, .. } = *asked;
        if limits.reached() {
            return Ok((Ended::Stopped, None));
        }
        let (date, file) = (self.layout.date, &request.file);
        let (day, forecast) = (date.to_string(), beside_what_sells(landscapes.on(date, file), file));
        let prices = [last.root.clone().or_else(|| last.plain.clone()), last.plain.clone()];
        let mut laying = Laying { board: self, asked, bounds, forecast: &forecast, day: &day, prices, warm };
        let plainly = file.plan.confidence <= 0.5;
        let mut so_far = |ground: &Ground<'_>, solved: &Solved| {
            if plainly {
                let laid = self.laid(asked, ground.day(&day).forecast);
                shown(&laid.optimum(solved.clone(), bounds, false));
            }
        };
        let Found { ground, solved: plain, proof } =
            slots::best(&mut laying, last.proof.as_ref(), &mut so_far, limits)?;
        let [root, _] = laying.prices;
        let here = ground.day(&day);
        let laid = self.laid(asked, here.forecast);
        let whole = match plain.status {
            Status::Infeasible => return Ok((Ended::Infeasible, None)),
            Status::Optimal => true,
            // Too many sets of slots to try them all: the best of those tried, and its bound.
            Status::Stopped => ground.stands(&plain),
        };
        if limits.reached() || !whole {
            return Ok((Ended::Stopped, None));
        }
        *last = Last {
            plain: Some(plain.prices.clone()),
            root,
            proof: Some(proof.clone()),
            roomy: last.roomy.take(),
        };
        let built = !warm && plain.status == Status::Optimal && laid.movable.is_built(bounds);
        let kept = built.then(|| plain.clone());
        let ended = if plainly {
            Ended::Best(Box::new(laid.optimum(plain, bounds, false)))
        } else {
            self.confidently(asked, (&laid, &here), bounds, &plain, last)?
        };
        let found = kept.map(|solved| Found { ground, solved, proof });
        Ok((ended, found))
    }

    /// The best plan whose rules hold with the confidence that is asked for, from the one in which they hold plainly.
    fn confidently(
        &self,
        asked: &Asked<'_, '_>,
        (laid, here): (&Laid, &Day<'_>),
        bounds: &[Option<f64>],
        plain: &Solved,
        last: &mut Last,
    ) -> Result<Ended> {
        let Asked { request: Request { file, .. }, solver, limits, .. } = *asked;
        let file = moved_to(file, &self.moves, bounds);
        let Some(room) = Room::asked(&laid.spread, &file) else { return Ok(Ended::Stopped) };
        let split = laid.split.get_or_init(|| Split::of(here.model.clone(), here.ladders, &room));
        let split = split.again(here.model, here.ladders, &room);
        let warm = Warm { solver, prices: last.roomy.as_deref().or(last.plain.as_deref()) };
        let found = confident::find(here, &split, &room, plain, &warm, limits)?;
        Ok(match found.solved.status {
            Status::Infeasible => Ended::Infeasible,
            Status::Stopped => Ended::Stopped,
            Status::Optimal => {
                last.roomy = Some(found.solved.prices.clone());
                Ended::Best(Box::new(laid.optimum(found.solved, bounds, true)))
            }
        })
    }

    fn laid(&self, asked: &Asked<'_, '_>, forecast: &Forecast<'_>) -> Arc<Laid> {
        let file = &asked.request.file;
        kept(&self.laid, |laid| laid.slots == forecast.slots()).unwrap_or_else(|| {
            let (rows, units) = (self.rule_rows.clone(), asked.landscapes.units.len());
            let ladders = self.layout.ladders(forecast, file);
            let movable = Arc::new(Movable::new(ladders, rows, file, units, self.moves.clone()));
            let (slots, spread) = (forecast.slots().to_vec(), Arc::new(forecast.spread(file)));
            let most = sets(movable.model().program.columns.count());
            keep(&self.laid, Arc::new(Laid { slots, movable, spread, split: OnceLock::new() }), most)
        })
    }
}

impl Laid {
    fn optimum(&self, solved: Solved, bounds: &[Option<f64>], roomy: bool) -> Optimum {
        let Solved { objective, x, prices, bound, .. } = solved;
        Optimum { objective, bound, x, prices, on: Arc::clone(&self.movable), bounds: bounds.to_vec(), roomy }
    }
}
