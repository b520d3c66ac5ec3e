//! The desk: a shop that was fitted once and stays in memory, on which settings are tried.
//!
//! What a change of settings costs depends on what it touches; everything that it leaves alone is kept:
//!
//! | change | what is new |
//! | --- | --- |
//! | a rule's bound | row bounds of the same program (columns shared), solved from the last prices |
//! | objective, margin, soft weights | a [`board`]: columns and rows from the same ladders |
//! | position band, bid limits, overrides, uplift, slots, date, confidence | ladders, and a board on them |
//! | the history | another desk |
//!
//! [`Desk::outlook`] is the program's optimum and comes first; [`Desk::plan`] is the executable plan, the very
//! one that [`super::plan`] makes of the same settings: it goes the same way, on ladders that are kept.

mod board;
mod drill;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use super::sweep::expected_values;
use super::{Options, Run, Stages, learn, on_day, pick_solver, planned_date};
use crate::config::{Objective, PlanFile, Request};
use crate::error::{Error, Result};
use crate::frontier::{self, Frontier, Move, Range, Scene};
use crate::history::{Audit, Observation};
use crate::keys::Unit;
use crate::ladder::{self, Ladders};
use crate::landscape::Landscapes;
use crate::program::{Side, rows};
use crate::solver::Limits;
use board::Board;
pub use board::{Outlook, Tried};
pub use drill::{Drill, Point, Seen};

/// Layouts and boards that are kept, the latest ones.
const KEPT: usize = 4;
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
    boards: Mutex<Vec<Arc<Board>>>,
}

/// The ladders of a day under one set of limits.
struct Layout {
    /// Everything that shapes them.
    key: String,
    date: Date,
    ladders: Arc<Ladders>,
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
            boards: Mutex::default(),
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

    /// The program's optimum, at once.
    ///
    /// # Errors
    /// A scope that matches nothing, or a numerical failure. No plan is an answer, not an error.
    pub fn outlook(&self, request: &Request, options: &Options) -> Result<Tried> {
        expected_values(request)?;
        let solver = pick_solver(options)?;
        let limits = Limits { deadline: None, stop: &options.stop };
        let layout = self.layout(request, options);
        let key = shape_of(&request.file, |bound| bound.map(|_| 0.0)) + &layout.key;
        let board = kept(&self.boards, |board| board.key == key);
        let board = match board {
            Some(board) => board,
            None => {
                let day = layout.date.to_string();
                let rule_rows = rows::resolve(&request.file, self.units(), &day).map_err(Error::Input)?;
                let ladders = Arc::clone(&layout.ladders);
                keep(&self.boards, Board::new(key, ladders, rule_rows, &request.file, self.units()))
            }
        };
        board.solve(&request.file, self.units(), solver.as_ref(), &limits)
    }

    /// The executable plan: the one that [`super::plan`] makes of the same request.
    ///
    /// # Errors
    /// As [`super::plan`].
    pub fn plan(&self, request: &Request, options: &Options) -> Result<Run> {
        let layout = self.layout(request, options);
        let ready = Some(&*layout.ladders);
        Ok(on_day(request, options, &self.landscapes, ready, Stages::start(), |_| Ok(()))?.0)
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
        expected_values(request)?;
        let Some(asked) = request.file.rules.get(rule) else { return Ok(None) };
        let (bound, share) = match side {
            Side::Min => (asked.min.or(asked.min_share), asked.min.is_none()),
            Side::Max => (asked.max.or(asked.max_share), asked.max.is_none()),
        };
        let Some(bound) = bound.filter(|bound| *bound != 0.0) else { return Ok(None) };
        let solver = pick_solver(options)?;
        let layout = self.layout(request, options);
        let day = layout.date.to_string();
        let rule_rows = rows::resolve(&request.file, self.units(), &day).map_err(Error::Input)?;
        let scene = Scene {
            file: &request.file,
            date: layout.date,
            units: self.units(),
            ladders: &layout.ladders,
            rule_rows,
        };
        let moves = [Move { rule, side, share, range: around(bound, share) }];
        let limits = Limits { deadline: None, stop: &options.stop };
        frontier::walk(&scene, &moves, solver.as_ref(), &limits).map(Some)
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
        kept(&self.layouts, |layout| layout.key == key).unwrap_or_else(|| {
            let forecast = self.landscapes.on(date, file);
            let rungs = options.rungs.unwrap_or(ladder::RUNGS);
            let ladders = Arc::new(ladder::build(&self.landscapes, &forecast, file, date, rungs));
            keep(&self.layouts, Layout { key, date, ladders })
        })
    }
}

/// The plan file as a key: its rules' bounds as `seen`, all else as it is.
fn shape_of(file: &PlanFile, seen: impl Fn(Option<f64>) -> Option<f64>) -> String {
    let mut file = file.clone();
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

fn kept<T>(all: &Mutex<Vec<Arc<T>>>, is: impl Fn(&T) -> bool) -> Option<Arc<T>> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    let at = all.iter().position(|one| is(one))?;
    let found = all.remove(at);
    all.push(Arc::clone(&found));
    Some(found)
}

fn keep<T>(all: &Mutex<Vec<Arc<T>>>, one: T) -> Arc<T> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= KEPT {
        all.remove(0);
    }
    let one = Arc::new(one);
    all.push(Arc::clone(&one));
    one
}
