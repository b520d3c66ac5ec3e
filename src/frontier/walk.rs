//! The walk along the steps, each from the prices of the one before it.

use std::sync::Arc;

use jiff::civil::Date;

use super::moved::{Movable, today};
use super::picture::Picture;
use super::{Found, Frontier, Move, Moved, Point, Step};
use crate::config::PlanFile;
use crate::error::{Error, Result};
use crate::keys::Unit;
use crate::program::{Program, Side};
use crate::solver::{Decided, Limits, Solution, Solver};

/// Halvings that an edge is worth; each gives a third of a digit.
const HALVINGS: usize = 40;

/// Shares by which a bound steps back from a value that rows with room cannot be bounded at.
const BACK: [f64; 5] = [0.05, 0.1, 0.2, 0.4, 0.8];

/// What a sweep walks on.
pub struct Scene<'a> {
    /// The plan file.
    pub file: &'a PlanFile,
    /// The planned date.
    pub date: Date,
    /// Units.
    pub units: &'a [Unit],
    /// Columns of the program.
    pub columns: usize,
    /// Name of the solver.
    pub solver: &'static str,
}

/// A solver whose first solve begins at given prices too.
pub struct Warm<'a> {
    /// The solver.
    pub solver: &'a dyn Solver,
    /// Where it begins when nothing else is said.
    pub prices: Option<&'a [f64]>,
}

impl Solver for Warm<'_> {
    fn name(&self) -> &'static str {
        self.solver.name()
    }

    fn solve(
        &self,
        program: &Program,
        decided: &Decided,
        start: Option<&[f64]>,
        limits: &Limits<'_>,
    ) -> std::result::Result<Solution, String> {
        self.solver.solve(program, decided, start.or(self.prices), limits)
    }
}

/// The best plan with the moved bounds where they were said to be.
pub struct Optimum {
    /// Objective, what broken soft rules cost taken off.
    pub objective: f64,
    /// No plan on these ladders can have more.
    pub bound: f64,
    /// Share of each column.
    pub x: Vec<f64>,
    /// Price of each row.
    pub prices: Vec<f64>,
    /// What it is an optimum of: ladders follow from the slots that run.
    pub on: Arc<Movable>,
    /// Where all bounds stand that move there.
    pub bounds: Vec<Option<f64>>,
    /// Whether its rows leave room for the spread of outcomes.
    pub roomy: bool,
}

/// How the search for it ended.
pub enum Ended {
    /// With it.
    Best(Box<Optimum>),
    /// No plan meets the rules.
    Infeasible,
    /// A limit or a signal came first.
    Stopped,
}

/// The best plan with the moved bounds somewhere, without one where none is said.
pub type At<'a> = &'a mut (dyn FnMut(&[Option<f64>]) -> Result<Ended> + Send);

struct Walk<'a> {
    scene: &'a Scene<'a>,
    moves: &'a [Move],
    at: At<'a>,
    solves: usize,
}

/// Solves every step.
///
/// # Errors
/// Those of `at`.
pub fn walk(scene: &Scene<'_>, moves: &[Move], at: At<'_>) -> Result<Frontier> {
    let Scene { file, date, units, columns, solver } = *scene;
    let mut walk = Walk { scene, moves, at, solves: 0 };
    let mut steps = Vec::new();
    let (outer, inner) = match moves {
        [outer, inner] => (outer.range.values.iter().map(|bound| vec![*bound]).collect(), inner),
        [only] => (vec![Vec::new()], only),
        _ => return Err(Error::Internal("a sweep moves one bound or two".into())),
    };
    for fixed in outer {
        walk.line(&fixed, inner, &mut steps)?;
    }
    let named = |moved: &Move| {
        let rule = &file.rules[moved.rule];
        Moved {
            rule: rule.name.clone(),
            metric: rule.metric,
            side: moved.side,
            share: moved.share,
            today: today(rule, moved.side, moved.share),
        }
    };
    Ok(Frontier {
        date,
        objective: file.plan.objective,
        currency: file.plan.currency.clone(),
        moved: moves.iter().map(named).collect(),
        steps,
        units: units.to_vec(),
        columns,
        solves: walk.solves,
        solver,
    })
}

impl Walk<'_> {
    /// All steps of the last move, the other one fixed. Harder bounds only take plans away, so the steps
    /// beyond the first that has none are not solved.
    fn line(&mut self, fixed: &[f64], inner: &Move, steps: &mut Vec<Step>) -> Result<()> {
        let values = &inner.range.values;
        let mut ended: Vec<Option<Ended>> = (0..values.len()).map(|_| None).collect();
        // The steps that have a plan lie side by side: from the first on for a `min`, up to the last for a `max`.
        let mut plans = 0..values.len();
        if inner.side == Side::Max {
            // Half of what is left is ruled out at a time.
            let (mut low, mut high) = (0, values.len());
            while low < high {
                // The tightest first: mostly it has a plan, and then all have one.
                let at = if low == 0 && high == values.len() { 0 } else { (low + high) / 2 };
                match self.at(fixed, values[at])? {
                    Ended::Infeasible => low = at + 1,
                    found => {
                        high = at;
                        ended[at] = Some(found);
                    }
                }
            }
            plans.start = low;
        }
        let mut found: Vec<Option<Found>> = Vec::with_capacity(values.len());
        // What a step brings is looked at while the next one is solved.
        let mut pictures = Pictures { scene: self.scene, moves: self.moves, before: None };
        let mut waiting: Option<Box<Optimum>> = None;
        for (at, value) in values.iter().enumerate() {
            let solve = || match ended[at].take() {
                _ if !plans.contains(&at) => Ok(None),
                Some(end) => Ok(Some(end)),
                None => self.at(fixed, *value).map(Some),
            };
            let last = waiting.take();
            let (end, point) = rayon::join(solve, || last.map(|optimum| pictures.point(&optimum)));
            if let (Some(point), Some(last)) = (point, found.last_mut()) {
                *last = Some(Found::Best(Box::new(point)));
            }
            found.push(match end? {
                None => None,
                Some(Ended::Best(optimum)) => {
                    waiting = Some(optimum);
                    None
                }
                Some(Ended::Infeasible) => {
                    plans.end = at;
                    None
                }
                Some(Ended::Stopped) => Some(Found::Stopped),
            });
        }
        if let (Some(optimum), Some(last)) = (waiting, found.last_mut()) {
            *last = Some(Found::Best(Box::new(pictures.point(&optimum))));
        }
        let edge = match found.iter().any(Option::is_none) {
            true => self.edge(fixed, inner, plans.clone())?,
            false => None,
        };
        steps.extend(values.iter().zip(found).map(|(value, found)| Step {
            bounds: fixed.iter().copied().chain([*value]).collect(),
            found: found.unwrap_or(Found::Infeasible { edge }),
        }));
        Ok(())
    }

    fn at(&mut self, fixed: &[f64], bound: impl Into<Option<f64>>) -> Result<Ended> {
        self.solves += 1;
        let bounds: Vec<Option<f64>> = fixed.iter().copied().map(Some).chain([bound.into()]).collect();
        (self.at)(&bounds)
    }

    /// A bound of the last move that can be met, from what its rule reaches without one.
    fn reached(&mut self, fixed: &[f64], side: Side) -> Result<Option<f64>> {
        let Ended::Best(free) = self.at(fixed, None)? else { return Ok(None) };
        let place = self.moves.last().and_then(|moved| free.on.place(moved));
        let Some(value) = place.and_then(|at| free.on.met(at, &free.x)) else { return Ok(None) };
        if !free.roomy {
            return Ok(Some(value));
        }
        // Rows that leave room cannot be met at the value itself.
        for share in BACK {
            let bound =
                if side == Side::Min { value - share * value.abs() } else { value + share * value.abs() };
            if let Ended::Best(_) = self.at(fixed, bound)? {
                return Ok(Some(bound));
            }
        }
        Ok(None)
    }

    /// How far the bound may go, to three digits: halved between a bound that can be met and one that
    /// cannot, until both have the same first three digits on the side that can.
    fn edge(&mut self, fixed: &[f64], inner: &Move, plans: std::ops::Range<usize>) -> Result<Option<f64>> {
        let values = &inner.range.values;
        let (met, unmet) = match inner.side {
            Side::Min => (plans.end.checked_sub(1), plans.end),
            Side::Max => (Some(plans.start), plans.start.saturating_sub(1)),
        };
        let met = met.and_then(|at| values.get(at)).copied();
        let Some(mut beyond) = values.get(unmet).copied() else { return Ok(None) };
        let mut within = match met {
            Some(met) => met,
            None => match self.reached(fixed, inner.side)? {
                Some(value) => value,
                None => return Ok(None),
            },
        };
        for _ in 0..HALVINGS {
            let rough = three_digits(within, inner.side) != three_digits(beyond, inner.side);
            if !rough || (beyond - within).abs() <= 1e-6 * beyond.abs() {
                break;
            }
            let middle = 0.5 * (within + beyond);
            match self.at(fixed, middle)? {
                Ended::Best(_) => within = middle,
                Ended::Infeasible => beyond = middle,
                Ended::Stopped => return Ok(None),
            }
        }
        Ok(Some(three_digits(within, inner.side)))
    }
}

/// What the steps of a line bring, one after the other.
struct Pictures<'a> {
    scene: &'a Scene<'a>,
    moves: &'a [Move],
    before: Option<(Picture, Point)>,
}

impl Pictures<'_> {
    fn point(&mut self, optimum: &Optimum) -> Point {
        let Scene { units, file, .. } = self.scene;
        let before = self.before.take();
        let Optimum { objective, bound, ref x, ref on, ref bounds, roomy, .. } = *optimum;
        let picture = Picture::of(on.ladders(), units, x);
        let total = picture.total();
        let (prices, binding) = on.prices(bounds, &optimum.prices, x, objective, roomy);
        let of_move = |moved: &Move| on.place(moved).map_or(0.0, |at| prices[at]);
        let prices = self.moves.iter().map(of_move).collect();
        let marginal_roi = before.as_ref().and_then(|(_, before)| {
            let spend = total.spend - before.total.spend;
            let moves = spend.abs() > 1e-6 * total.spend.abs().max(1.0);
            moves.then(|| (total.revenue - before.total.revenue) / spend)
        });
        let point = Point {
            objective,
            bound,
            profit: file.plan.margin * total.revenue - total.spend,
            total,
            channels: picture.channels,
            prices,
            binding,
            slots: picture.slots.iter().map(|unit| units[*unit as usize].unit.clone()).collect(),
            marginal_roi,
            change: before.map(|(before, _)| picture.since(&before)),
        };
        self.before = Some((picture, point.clone()));
        point
    }
}

/// A bound with three digits that is no harder to meet: down for a `min`, up for a `max`.
fn three_digits(bound: f64, side: Side) -> f64 {
    if bound == 0.0 {
        return 0.0;
    }
    let digits = 2 - bound.abs().log10().floor() as i32;
    let scale = 10f64.powi(digits.abs());
    let scaled = if digits >= 0 { bound * scale } else { bound / scale };
    // A bound that has three digits already is not moved by the rounding of its own product.
    let near = scaled.round();
    let whole = match side {
        _ if (scaled - near).abs() < 1e-9 * scaled.abs() => near,
        Side::Min => scaled.floor(),
        Side::Max => scaled.ceil(),
    };
    if digits >= 0 { whole / scale } else { whole * scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_stay_on_the_side_that_can_be_met() {
        for (bound, side, expected) in [
            (3.0999, Side::Min, 3.09),
            (3.0901, Side::Max, 3.10),
            (3.1, Side::Min, 3.1),
            (12_631.0, Side::Min, 12_600.0),
            (12_631.0, Side::Max, 12_700.0),
            (0.02468, Side::Min, 0.0246),
            (-45.67, Side::Min, -45.7),
            (0.0, Side::Max, 0.0),
        ] {
            assert!((three_digits(bound, side) - expected).abs() <= 1e-12 * expected.abs(), "{bound}");
        }
    }
}
