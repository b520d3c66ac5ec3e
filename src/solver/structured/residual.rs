//! The residual program of the [polish](super::polish): the ladders that prices leave undecided, under
//! all rows, the rows' duals boxed.
//!
//! ```text
//! maximise  Σ gains x − Σ_sides high · over + Σ_sides low · under
//! sign · a·x − over + under = bound,   Σ_{j in ladder} x_j + idle = 1,   all ≥ 0
//! ```
//!
//! whose duals are the sides' variables, `low ≤ y ≤ high`: a side may be broken at the price `high`, and
//! leaving it slack is paid with `low`.

use super::super::Limits;
use super::exact::{NONE, Picks};
use super::interior;
use super::view::View;
use crate::program::columns::EMPTY;
use crate::program::{MEASURES, Weights};

/// A row that hardly anything uses is measured against this share of what it could be.
const LEAST: f64 = 1e-4;

/// A ladder of the residual program: those of its rungs that can be best inside the box.
pub struct Open {
    /// Its number in the program.
    pub ladder: usize,
    /// Which rungs its columns are.
    pub rungs: Vec<u8>,
    /// Its first column in the residual program.
    pub first: usize,
    /// What its columns bring, by row.
    pub entries: Entries,
}

/// What a ladder's columns use of the rows.
pub enum Entries {
    /// By kept measure, in one group.
    Group(usize, Vec<Weights>),
    /// By row.
    Rows(Vec<(usize, Vec<f64>)>),
}

/// Where an undecided ladder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seat {
    /// Lane of a tile.
    Tile(u32, u8),
    /// Index among the special ladders.
    Special(u32),
}

/// The residual program.
pub struct Residual {
    /// Ladders.
    pub open: Vec<Open>,
    /// What the fixed ladders gain.
    pub fixed: f64,
    /// Gains by column.
    pub gains: Vec<f64>,
    /// By side: its bound less what is fixed, times its sign.
    pub bounds: Vec<f64>,
    /// By side: the least of its variable.
    pub low: Vec<f64>,
    /// By side: the most of its variable.
    pub high: Vec<f64>,
    /// By side: what its activity is measured against.
    pub size: Vec<f64>,
    /// Sides of rows that no open ladder uses and of which what is fixed leaves exactly nothing, as of a
    /// return asked of a ladder that does not run: any price in the box is as good to this program.
    pub unused: Vec<usize>,
}

/// What its answer means for the whole.
pub struct Answer {
    /// Shares of all columns.
    pub x: Vec<f64>,
    /// The sides' variables.
    pub y: Vec<f64>,
    /// Gains, what breaking soft sides costs taken off.
    pub gains: f64,
    /// Largest violation of a hard side, relative to the row's activity.
    pub broken: f64,
    /// Sides held back by their box.
    pub boxed: Vec<usize>,
    /// Iterations.
    pub iterations: usize,
    /// Whether its method stalled.
    pub stalled: bool,
}

/// The open ladders' rungs, values and gains.
struct Rungs {
    ladder: usize,
    gains: Vec<f64>,
    worth: Vec<f64>,
    entries: Entries,
}

fn rungs(
    view: &View<'_>,
    seat: Seat,
    prices: &[f64],
    weights: &[Weights],
    objective: &Weights,
) -> Option<Rungs> {
    match seat {
        Seat::Special(at) => {
            let special = &view.special[at as usize];
            let (gains, worth) = (special.gains.clone(), special.worth(prices));
            Some(Rungs {
                ladder: special.ladder,
                gains,
                worth,
                entries: Entries::Rows(special.entries.clone()),
            })
        }
        Seat::Tile(tile, lane) => {
            let columns = &*view.program.columns;
            let ladder = columns.tiles[tile as usize].ladders[lane as usize];
            if ladder == EMPTY {
                return None;
            }
            let span = &columns.ladders[ladder as usize];
            let block = columns.blocks[span.blocks.start];
            let values: Vec<Weights> = (0..span.columns.len())
                .map(|rung| {
                    let mut values = [0.0; MEASURES];
                    values.iter_mut().zip(columns.at(block, rung)).for_each(|(to, value)| *to = value);
                    values
                })
                .collect();
            let group = block.group as usize;
            let weigh =
                |weights: &Weights| values.iter().map(|value| dot(weights, value)).collect::<Vec<_>>();
            let (gains, worth) = (weigh(objective), weigh(&weights[group]));
            Some(Rungs { ladder: ladder as usize, gains, worth, entries: Entries::Group(group, values) })
        }
    }
}

/// Σ a·b over the measures.
pub fn dot(a: &Weights, b: &Weights) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// States the residual program around the sides' variables `y`, with boxes of half width `half`, and
/// takes what the open ladders brought out of `picks`.
pub fn state(view: &View<'_>, picks: &Picks, seats: &[Seat], y: &[f64], half: &[f64]) -> Residual {
    let rows = view.program.rows.len();
    let prices = view.prices(y);
    let weights = view.weights(&prices);
    let objective = view.program.columns.compact(&view.program.objective);
    let mut spread = vec![0.0; rows];
    view.sides.iter().zip(half).for_each(|(side, half)| spread[side.row] += half);
    let mut fixed = picks.sums.clone();
    let mut fixed_special: Vec<bool> = vec![true; view.special.len()];
    let mut residual = Residual {
        open: Vec::with_capacity(seats.len()),
        fixed: 0.0,
        gains: Vec::new(),
        bounds: Vec::new(),
        low: Vec::new(),
        high: Vec::new(),
        size: Vec::new(),
        unused: Vec::new(),
    };
    let mut used = vec![false; rows];
    for seat in seats {
        let Some(mut rungs) = rungs(view, *seat, &prices, &weights, &objective) else { continue };
        match (*seat, &rungs.entries) {
            (Seat::Tile(tile, lane), Entries::Group(group, values)) => {
                let best = picks.best[tile as usize][lane as usize];
                if best != NONE {
                    let brought = values[best as usize];
                    fixed[*group].iter_mut().zip(brought).for_each(|(sum, value)| *sum -= value);
                }
            }
            (Seat::Special(at), _) => fixed_special[at as usize] = false,
            _ => {}
        }
        match &rungs.entries {
            Entries::Group(group, _) => {
                view.pattern.terms[*group].iter().for_each(|(row, _)| used[*row] = true)
            }
            Entries::Rows(rows) => rows.iter().for_each(|(row, _)| used[*row] = true),
        }
        let kept = contenders(view, &rungs, &spread);
        let keep = |of: &[f64]| kept.iter().map(|rung| of[*rung as usize]).collect::<Vec<_>>();
        rungs.entries = match rungs.entries {
            Entries::Group(group, values) => {
                Entries::Group(group, kept.iter().map(|rung| values[*rung as usize]).collect())
            }
            Entries::Rows(rows) => {
                Entries::Rows(rows.into_iter().map(|(row, of)| (row, keep(&of))).collect())
            }
        };
        let first = residual.gains.len();
        residual.gains.extend(keep(&rungs.gains));
        residual.open.push(Open { ladder: rungs.ladder, rungs: kept, first, entries: rungs.entries });
    }
    let mut activity = vec![0.0; rows];
    let mut absolute = vec![0.0; rows];
    for ((terms, sums), all) in view.pattern.terms.iter().zip(&fixed).zip(&picks.sums) {
        residual.fixed += dot(&objective, sums);
        for (row, weights) in terms {
            activity[*row] += dot(weights, sums);
            absolute[*row] += weights.iter().zip(all).map(|(weight, sum)| (weight * sum).abs()).sum::<f64>();
        }
    }
    for ((special, rung), fixed) in view.special.iter().zip(&picks.special).zip(&fixed_special) {
        if *fixed && *rung != NONE {
            residual.fixed += special.gains[*rung as usize];
            for (row, of) in &special.entries {
                activity[*row] += of[*rung as usize];
                absolute[*row] += of[*rung as usize].abs();
            }
        }
    }
    for (at, ((side, y), half)) in view.sides.iter().zip(y).zip(half).enumerate() {
        let left = side.sign * (side.bound - activity[side.row]);
        if left == 0.0 && !used[side.row] {
            residual.unused.push(at);
        }
        residual.bounds.push(left);
        residual.low.push((y - half).max(side.least));
        residual.high.push((y + half).min(side.cap));
        let size = (absolute[side.row] + side.bound.abs()).max(LEAST * view.reach[side.row]);
        residual.size.push(if size > 0.0 { size } else { 1.0 });
    }
    residual
}

/// The rungs that can be best somewhere in the box: moving every price by its half width changes what
/// separates a rung from the present best by `Σ spread · |difference of coefficients|` at most.
fn contenders(view: &View<'_>, rungs: &Rungs, spread: &[f64]) -> Vec<u8> {
    let worth = &rungs.worth;
    let best =
        (0..worth.len()).filter(|rung| worth[*rung] > 0.0).max_by(|a, b| worth[*a].total_cmp(&worth[*b]));
    let high = best.map_or(0.0, |best| worth[best]);
    let moved = |rung: usize| -> f64 {
        match &rungs.entries {
            Entries::Group(group, values) => {
                let mut away = values[rung];
                if let Some(best) = best {
                    away.iter_mut().zip(values[best]).for_each(|(away, of)| *away -= of);
                }
                let terms = &view.pattern.terms[*group];
                terms.iter().map(|(row, weights)| spread[*row] * dot(weights, &away).abs()).sum()
            }
            Entries::Rows(entries) => entries
                .iter()
                .map(|(row, of)| spread[*row] * (of[rung] - best.map_or(0.0, |best| of[best])).abs())
                .sum(),
        }
    };
    (0..worth.len())
        .filter(|rung| high - worth[*rung] <= moved(*rung) + 1e-12 * high.abs())
        .map(|rung| rung as u8)
        .collect()
}

impl Residual {
    /// Solves it. `tolerance` is what may be left of the gap, in the objective's unit.
    pub fn solve(&self, view: &View<'_>, y: &[f64], tolerance: f64, limits: &Limits<'_>) -> Option<Answer> {
        let mut point = interior::solve(view, self, y, tolerance, limits)?;
        // The middle of the box would have ladders that are fixed rather run.
        self.unused.iter().for_each(|side| point.y[*side] = y[*side]);
        let mut gains: f64 = self.gains.iter().zip(&point.x).map(|(gain, x)| gain * x).sum();
        let (mut broken, mut boxed) = (0.0f64, Vec::new());
        for (index, side) in view.sides.iter().enumerate() {
            let (over, under, size) = (point.over[index], point.under[index], self.size[index]);
            // A side whose price has reached its penalty may be broken at that; any other may not.
            let (above, below) = (self.high[index] >= side.cap, self.low[index] <= side.least);
            match above {
                true => gains -= side.cap * over,
                false => broken = broken.max(over / size),
            }
            match below {
                true => gains += side.least.min(0.0) * under,
                false if side.least < 0.0 => broken = broken.max(under / size),
                false => {}
            }
            if (!above && over > 1e-9 * size) || (!below && under > 1e-9 * size) {
                boxed.push(index);
            }
        }
        let (iterations, stalled) = (point.iterations, point.stalled);
        Some(Answer { x: point.x, y: point.y, gains, broken, boxed, iterations, stalled })
    }
}
