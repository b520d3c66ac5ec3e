//! The desk: a shop that was fitted once and stays in memory, on which settings are tried.
//!
//! What a change of settings costs depends on what it touches; everything that it leaves alone is kept:
//!
//! | change | what is new |
//! | --- | --- |
//! | a rule's bound, confidence | rows of the same program (columns shared) |
//! | objective, margin, soft weights | a [`board`](super::board): columns and rows from the same ladders |
//! | position band, bid limits, overrides, uplift, slots, date, a rule more or less | ladders, and a board on them |
//! | the history | another desk |
//!
//! [`Desk::outlook`] is the program's optimum and comes first; [`Desk::plan`] is the executable plan, the very
//! one that [`super::plan`] makes of the same settings: it goes on from the optimum, which is solved as there.

mod drill;
mod outlook;
mod silent;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;

use super::board::{Asked, Board, Last};
use super::layout::{KEPT, Layout, keep, kept};
use super::{Options, Ready, Run, Stages, explain, learn, on_day, pick_solver, planned_date};
use crate::config::{Objective, PlanFile, Request};
use crate::error::Result;
use crate::explain::UnitWhy;
use crate::frontier::{self, Ended, Frontier, Move, Optimum, Range, Scene};
use crate::history::{Audit, Observation};
use crate::keys::Unit;
use crate::landscape::Landscapes;
use crate::program::{Side, rows};
use crate::solver::Limits;
pub use drill::{Drill, Point, Seen};
use outlook::Speak;
pub use outlook::{Begun, Outlook, Tried};
pub use silent::Silent;

/// Steps of a frontier around a bound.
const STEPS: usize = 17;
/// How far a frontier reaches below and above the bound, as shares of it.
const AROUND: [f64; 2] = [0.5, 1.5];

/// A shop on which settings are tried, by many at once.
pub struct Desk {
    landscapes: Landscapes,
    audit: Audit,
    observations: Vec<Observation>,
    layouts: Mutex<Vec<Arc<Layout>>>,
    tables: Mutex<Vec<Arc<Table>>>,
}

/// A board with all bounds of a plan file on it.
struct Table {
    /// Everything but the bounds.
    key: String,
    board: Board,
    speak: Speak,
    last: Mutex<Last>,
}

impl Table {
    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Reads and fits.
    ///
    /// # Errors
    /// As [`super::plan`], as far as it goes.
    pub fn open(request: &Request, options: &Options) -> Result<Desk> {
        pick_solver(options)?;
        let (landscapes, history) = learn(request, options, &mut Stages::start())?;
        Ok(Desk {
            landscapes,
            audit: history.audit,
            observations: history.observations,
            layouts: Mutex::default(),
            tables: Mutex::default(),
        })
    }

    /// The account of the history.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// The units; `cell.unit` of a plan is an index into them.
    pub fn units(&self) -> &[Unit] {
        &self.landscapes.units
    }

    /// The planned date of a request.
    pub fn date(&self, request: &Request, options: &Options) -> Date {
        planned_date(request, options, &self.landscapes)
    }

    /// Whether every rule of a request speaks of something in the shop.
    ///
    /// # Errors
    /// A scope that matches nothing.
    pub fn fits(&self, request: &Request, options: &Options) -> Result<()> {
        let day = self.date(request, options).to_string();
        rows::resolve(&request.file, self.units(), &day).map(|_| ()).map_err(|found| request.refuse(found))
    }

    /// The program's optimum, and what its executable plan goes on from. `so_far` is told at once of the best plan with the
    /// slots of the last optimum, where others are still to be ruled out.
    ///
    /// # Errors
    /// A scope that matches nothing, or a numerical failure. No plan is an answer, not an error.
    pub fn outlook<'d>(
        &'d self,
        request: &'d Request,
        options: &Options,
        so_far: &mut dyn FnMut(&Outlook),
    ) -> Result<Tried<'d>> {
        let solver = pick_solver(options)?;
        let limits = Limits { deadline: None, stop: &options.stop };
        let table = self.table(request, options)?;
        let asked = Asked { landscapes: &self.landscapes, request, solver: solver.as_ref(), limits: &limits };
        let stand = stand(request);
        let mut last = table.last().clone();
        let outlook = |optimum: &Optimum| table.speak.outlook(optimum, &request.file, self.units());
        let mut so_far = |optimum: &Optimum| so_far(&outlook(optimum));
        let (ended, found) = table.board.afresh(&asked, &stand, &mut last, &mut so_far)?;
        Ok(match ended {
            Ended::Best(optimum) => {
                *table.last() = last;
                Tried::Best(Box::new(outlook(&optimum)), Begun(found.map(Box::new)))
            }
            Ended::Infeasible => Tried::Infeasible,
            Ended::Stopped => Tried::Stopped,
        })
    }

    /// The executable plan: the one that [`super::plan`] makes of the same request. It goes on from where the optimum of
    /// the same request ended, if that is known.
    ///
    /// # Errors
    /// As [`super::plan`].
    pub fn plan(&self, request: &Request, options: &Options, begun: Begun<'_>) -> Result<Run> {
        let layout = self.layout(request, options);
        let ready = Ready { layout: Some(&layout), found: begun.0.map(|found| *found) };
        Ok(on_day(request, options, &self.landscapes, ready, Stages::start(), |_| Ok(()))?.0)
    }

    /// Why a unit is as it is in the executable plan; nothing where there is no such unit.
    ///
    /// # Errors
    /// As [`super::plan`].
    pub fn why(&self, request: &Request, options: &Options, unit: u32) -> Result<Option<UnitWhy>> {
        let layout = self.layout(request, options);
        let look = |finished: &super::Finished<'_>| explain::unit(finished, unit);
        let ready = Ready { layout: Some(&layout), found: None };
        Ok(on_day(request, options, &self.landscapes, ready, Stages::start(), look)?.1)
    }

    /// The frontier of one rule around its bound, all others as they are; nothing where the rule has no such
    /// bound, or 0, of which there is no share.
    ///
    /// # Errors
    /// As [`frontier::walk`].
    pub fn frontier(
        &self,
        request: &Request,
        options: &Options,
        rule: usize,
        side: Side,
    ) -> Result<Option<Frontier>> {
        let stand: Vec<_> = bounds(&request.file).collect();
        let of_side = |(of, its, ..): &(usize, Side, bool, f64)| *of == rule && *its == side;
        let Some(at) = stand.iter().position(of_side) else { return Ok(None) };
        let (_, _, share, bound) = stand[at];
        if bound == 0.0 {
            return Ok(None);
        }
        let solver = pick_solver(options)?;
        let limits = Limits { deadline: None, stop: &options.stop };
        let table = self.table(request, options)?;
        let asked = Asked { landscapes: &self.landscapes, request, solver: solver.as_ref(), limits: &limits };
        let scene = Scene {
            file: &request.file,
            date: table.board.layout.date,
            units: self.units(),
            columns: table.board.columns(&asked),
            solver: solver.name(),
        };
        let mut stand: Vec<Option<f64>> = stand.iter().map(|(.., bound)| Some(*bound)).collect();
        let mut last = table.last().clone();
        let mut step = |moved: &[Option<f64>]| {
            stand[at] = moved[0];
            table.board.at(&asked, &stand, &mut last, &mut |_| {})
        };
        let moves = [Move { rule, side, share, range: around(bound, share) }];
        frontier::walk(&scene, &moves, &mut step).map(Some)
    }

    /// The board of a request's settings, its bounds aside.
    fn table(&self, request: &Request, options: &Options) -> Result<Arc<Table>> {
        let file = &request.file;
        let layout = self.layout(request, options);
        let key = shape_of(file, |bound| bound.map(|_| 0.0)) + &layout.key;
        if let Some(table) = kept(&self.tables, |table| table.key == key) {
            return Ok(table);
        }
        let rule_rows = rows::resolve(file, self.units(), &layout.date.to_string())
            .map_err(|found| request.refuse(found))?;
        let moves = bounds(file).map(|(rule, side, share, bound)| Move {
            rule,
            side,
            share,
            range: Range { values: vec![bound] },
        });
        let speak = Speak::of(&rule_rows, self.units().len());
        let board = Board::new(layout, rule_rows, moves.collect());
        Ok(keep(&self.tables, Arc::new(Table { key, board, speak, last: Mutex::default() }), KEPT))
    }

    fn layout(&self, request: &Request, options: &Options) -> Arc<Layout> {
        let date = self.date(request, options);
        let file = &request.file;
        let plain = crate::config::Plan { objective: Objective::default(), margin: 0.0, ..file.plan.clone() };
        let mut of_limits = PlanFile { plan: plain, ..file.clone() };
        for rule in &mut of_limits.rules {
            (rule.soft, rule.weight) = (false, None);
        }
        let key = shape_of(&of_limits, |_| None) + &date.to_string();
        kept(&self.layouts, |layout| layout.key == key)
            .unwrap_or_else(|| keep(&self.layouts, Arc::new(Layout::new(date, options).named(key)), KEPT))
    }
}

/// The plan file as a key: its rules' bounds as `seen`, any confidence, all else as it is.
fn shape_of(file: &PlanFile, seen: impl Fn(Option<f64>) -> Option<f64>) -> String {
    let mut file = file.clone();
    file.plan.confidence = crate::config::Plan::default().confidence;
    for rule in &mut file.rules {
        for bound in [&mut rule.min, &mut rule.max, &mut rule.min_share, &mut rule.max_share] {
            *bound = seen(*bound);
        }
    }
    serde_json::to_string(&file).unwrap_or_default()
}

/// Evenly spaced bounds around one, the bound among them.
fn around(bound: f64, share: bool) -> Range {
    let [from, to] = AROUND.map(|share| share * bound);
    let (from, to) = (from.min(to), from.max(to));
    let value = |at: usize| from + (to - from) * at as f64 / (STEPS - 1) as f64;
    let mut values: Vec<f64> = (0..STEPS).map(value).collect();
    values.retain(|value| !share || *value <= 1.0);
    Range { values }
}

/// Where every bound of a request stands.
fn stand(request: &Request) -> Vec<Option<f64>> {
    bounds(&request.file).map(|(.., bound)| Some(bound)).collect()
}

/// Every bound of a plan file: rule, side, whether it is a share, and where it stands.
fn bounds(file: &PlanFile) -> impl Iterator<Item = (usize, Side, bool, f64)> {
    file.rules.iter().enumerate().flat_map(|(rule, asked)| {
        [
            (Side::Min, false, asked.min),
            (Side::Min, true, asked.min_share),
            (Side::Max, false, asked.max),
            (Side::Max, true, asked.max_share),
        ]
        .into_iter()
        .filter_map(move |(side, share, bound)| Some((rule, side, share, bound?)))
    })
}
