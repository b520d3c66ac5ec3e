//! From near-optimal prices to an exact optimum: fix the clear winners, solve the rest.
//!
//! At prices λ nearly every ladder has a clear best rung. Those are fixed there. The few with the smallest
//! margin between their best and their second best form a [residual program](super::residual) under all
//! rows, whose bounds are less what is fixed. Its duals are boxed in `λ ± β`, or thousands of fixed ladders
//! would want to move. Its own duals are the next λ. All ladders are priced with them in 64 bits: the dual
//! value is an upper bound, the fixed and residual parts together are a point. When the two agree and no
//! bound is broken, both are proven; otherwise the ladders that would rather move join the residual, boxes
//! that bind are widened, and it is solved again.

use rayon::prelude::*;

use super::super::Limits;
use super::exact::{NONE, Picks, price};
use super::residual::{Answer, Residual, Seat, state};
use super::view::View;
use crate::program::columns::{EMPTY, LANES};

/// Relative gap at which a point counts as optimal.
const GAP: f64 = 1e-9;
/// Violation, relative to a row's activity, at which a row counts as met.
const BROKEN: f64 = 1e-9;
/// Rounds at most.
const ROUNDS: usize = 8;
/// Open ladders at most, in units of those that are open at first.
const MOST: usize = 8;
/// What breaking a row costs where no ladder was ever fixed, in units of what the row is worth.
const DEAR: f64 = 300.0;
/// Shares below this are what rounding leaves.
const DUST: f64 = 1e-10;

/// An exact point and its prices.
pub struct Polished {
    /// Share of each column.
    pub x: Vec<f64>,
    /// Price of each row.
    pub prices: Vec<f64>,
    /// Passes over all columns.
    pub passes: usize,
}

/// How polishing ended.
pub enum Ending {
    /// At a point, optimal or nearly so.
    Point(Polished),
    /// At prices whose bound is below what any point could have.
    Contradiction(Vec<f64>),
    /// Nowhere.
    Lost,
}

/// Polishes the sides' variables `y`, which are good to `smoothing`.
pub fn polish(view: &View<'_>, y: &mut [f64], smoothing: f64, limits: &Limits<'_>) -> Ending {
    let most = MOST * (4 * view.program.rows.len() + 300);
    let ladders = view.program.columns.ladders.len();
    let mut size = 4 * view.program.rows.len() + 300;
    let mut kept: Vec<Seat> = Vec::new();
    // Prices are as good as their smoothing: so wide is the box.
    let mut widen = vec![50.0 * smoothing; view.sides.len()];
    let mut picks = price(view, &view.prices(y));
    if view.offset(y) + picks.total < view.floor {
        // The dual dives below anything that a point could have: there is none.
        return Ending::Contradiction(view.prices(y));
    }
    for round in 1.. {
        if size * 3 / 2 >= ladders {
            size = ladders;
        }
        let mut seats = undecided(&picks, size);
        let whole = seats.len() + view.special.len() >= ladders;
        if whole && round == 1 {
            // Nothing is fixed that could rush in: only breaking a row has to be dear.
            widen.iter_mut().for_each(|widen| *widen = widen.max(DEAR));
        }
        seats.append(&mut kept);
        // Ladders that weigh much by themselves cannot be judged by their margin.
        let special = (0..view.special.len()).filter(|at| view.special[*at].taken.is_none());
        seats.extend(special.map(|at| Seat::Special(at as u32)));
        seats.sort_unstable();
        seats.dedup();
        if seats.len() > most && !whole {
            // Prices this far off are for those who find prices.
            return Ending::Lost;
        }
        let half: Vec<f64> = view
            .sides
            .iter()
            .zip(y.iter())
            .zip(&widen)
            .map(|((side, y), widen)| widen * (y.abs() + 0.1 * view.natural[side.row]))
            .collect();
        let residual = state(view, &picks, &seats, y, &half);
        let about = (view.offset(y) + picks.total).abs().max(1.0);
        let Some(answer) = residual.solve(view, y, 0.01 * GAP * about, limits) else { return Ending::Lost };
        y.copy_from_slice(&answer.y);
        let after = price(view, &view.prices(y));
        let bound = view.offset(y) + after.total;
        let value = view.program.constant + residual.fixed + answer.gains;
        let gap = (bound - value) / bound.abs().max(1.0);
        tracing::debug!(
            round,
            open = residual.open.len(),
            columns = residual.gains.len(),
            iterations = answer.iterations,
            gap,
            broken = answer.broken,
            boxed = answer.boxed.len(),
            "polish"
        );
        if bound < view.floor {
            return Ending::Contradiction(view.prices(y));
        }
        let proven = answer.broken <= BROKEN && gap.abs() <= GAP;
        if proven || (whole && answer.boxed.is_empty()) || round == ROUNDS || limits.reached() {
            let x = point(view, &picks, &residual, &answer);
            return Ending::Point(Polished { x, prices: view.prices(y), passes: 1 + round });
        }
        if whole && answer.stalled && round > 1 {
            // Nothing is left to open: other prices may lead elsewhere, these do not.
            return Ending::Lost;
        }
        // What runs in part stays open, and what was fixed and would now rather be elsewhere joins.
        let mut columns =
            residual.open.iter().map(|open| &answer.x[open.first..open.first + open.rungs.len()]);
        kept = seats
            .into_iter()
            .filter(|_| columns.next().is_some_and(|x| x.iter().any(|x| *x > 1e-7 && *x < 1.0 - 1e-7)))
            .collect();
        let movers = (0..picks.best.len()).filter(|tile| picks.best[*tile] != after.best[*tile]);
        let lanes = movers.flat_map(|tile| (0..LANES).map(move |lane| (tile, lane)));
        let moved = lanes.filter(|(tile, lane)| picks.best[*tile][*lane] != after.best[*tile][*lane]);
        kept.extend(moved.map(|(tile, lane)| Seat::Tile(tile as u32, lane as u8)).take(8 * size));
        for side in answer.boxed {
            widen[side] *= if whole { 100.0 } else { 10.0 };
        }
        size = (size * 3 / 2).min(ladders);
        picks = after;
    }
    Ending::Lost
}

/// About `size` ladders with the smallest margins: a histogram over the leading bits of the margins, which
/// for numbers ≥ 0 rise with them, says where to cut.
fn undecided(picks: &Picks, size: usize) -> Vec<Seat> {
    const BINS: usize = 1 << 15;
    const RUN: usize = 1 << 14;
    let bin = |margin: f32| (margin.max(0.0).to_bits() >> 16) as usize;
    let counts: Vec<Vec<u32>> = picks
        .margin
        .par_chunks(picks.margin.len().div_ceil(8).max(RUN))
        .map(|margins| {
            let mut counts = vec![0u32; BINS];
            margins
                .iter()
                .flatten()
                .filter(|margin| margin.is_finite())
                .for_each(|margin| counts[bin(*margin)] += 1);
            counts
        })
        .collect();
    let (mut cut, mut below) = (0, 0);
    while cut < BINS && below < size {
        below += counts.iter().map(|counts| counts[cut] as usize).sum::<usize>();
        cut += 1;
    }
    let runs: Vec<Vec<(f32, Seat)>> = picks
        .margin
        .par_chunks(RUN)
        .enumerate()
        .map(|(run, margins)| {
            let mut found = Vec::new();
            for (at, margins) in margins.iter().enumerate() {
                for (lane, margin) in margins.iter().enumerate() {
                    if margin.is_finite() && bin(*margin) < cut {
                        found.push((*margin, Seat::Tile((run * RUN + at) as u32, lane as u8)));
                    }
                }
            }
            found
        })
        .collect();
    let mut found = runs.concat();
    if size < found.len() {
        found.select_nth_unstable_by(size, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.truncate(size);
    }
    found.into_iter().map(|(_, seat)| seat).collect()
}

/// Shares of all columns: fixed ladders at their best, open ones as the residual program has them.
fn point(view: &View<'_>, picks: &Picks, residual: &Residual, answer: &Answer) -> Vec<f64> {
    let columns = &*view.program.columns;
    let mut best = vec![NONE; columns.ladders.len()];
    for (tile, picks) in columns.tiles.iter().zip(&picks.best) {
        for (ladder, pick) in tile.ladders.iter().zip(picks).filter(|(ladder, _)| **ladder != EMPTY) {
            best[*ladder as usize] = *pick;
        }
    }
    for (special, pick) in view.special.iter().zip(&picks.special) {
        best[special.ladder] = *pick;
    }
    let mut x = vec![0.0; columns.count()];
    fill(&columns.ladders, &best, &mut x);
    for open in &residual.open {
        let span = columns.ladders[open.ladder].columns.clone();
        x[span.clone()].fill(0.0);
        for (at, rung) in open.rungs.iter().enumerate() {
            let share = answer.x[open.first + at].min(1.0);
            x[span.start + *rung as usize] = if share < DUST { 0.0 } else { share };
        }
    }
    x
}

/// Sets the picked columns to one, in halves that threads share.
fn fill(ladders: &[crate::program::Span], best: &[u8], x: &mut [f64]) {
    const FEW: usize = 1 << 15;
    let Some(first) = ladders.first().map(|ladder| ladder.columns.start) else { return };
    if ladders.len() > FEW {
        let middle = ladders.len() / 2;
        let (low, high) = x.split_at_mut(ladders[middle].columns.start - first);
        rayon::join(
            || fill(&ladders[..middle], &best[..middle], low),
            || fill(&ladders[middle..], &best[middle..], high),
        );
        return;
    }
    for (ladder, pick) in ladders.iter().zip(best).filter(|(_, pick)| **pick != NONE) {
        x[ladder.columns.start - first + *pick as usize] = 1.0;
    }
}
