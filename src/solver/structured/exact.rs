//! What every ladder does at given prices, in 64 bits: its best rung, by how much it is the best, and what
//! all ladders bring together at their best.

use std::ops::Range;

use rayon::prelude::*;

use super::lanes::{Eight, Lane, dispatched};
use super::view::View;
use crate::program::columns::{Columns, EMPTY, LANES, Tile};
use crate::program::{MEASURES, Weights};

/// Not running is best.
pub const NONE: u8 = u8::MAX;

/// Every ladder's best at some prices.
pub struct Picks {
    /// Best rung of each ladder of each tile; [`NONE`] where none pays.
    pub best: Vec<[u8; LANES]>,
    /// Best value less second best, relative to the ladder's scale; infinite on empty lanes.
    pub margin: Vec<Lane>,
    /// Best rung of each special ladder.
    pub special: Vec<u8>,
    /// Σ of the best values.
    pub total: f64,
    /// Per group, what the tiled ladders bring at their best, by kept measure.
    pub sums: Vec<Weights>,
}

/// Tiles of a run.
const RUN: usize = 2048;

struct Part {
    total: f64,
    sums: Vec<(u32, Weights)>,
}

/// Every ladder's best at the rows' prices.
pub fn price(view: &View<'_>, prices: &[f64]) -> Picks {
    let columns = &*view.program.columns;
    let weights = view.weights(prices);
    let (scales, weights) = (&view.scales, weights.as_slice());
    let tiles = columns.tiles.len();
    let mut best = vec![[NONE; LANES]; tiles];
    let mut margin = vec![[f32::INFINITY; LANES]; tiles];
    type Run = fn(&Columns, &[Lane], &[Weights], Range<usize>, &mut [[u8; LANES]], &mut [Lane]) -> Part;
    let run: Run = match columns.kept.len() {
        1 => run::<1>,
        2 => run::<2>,
        3 => run::<3>,
        4 => run::<4>,
        _ => run::<5>,
    };
    let parts: Vec<Part> = match columns.kept.len() {
        0 => Vec::new(),
        _ => best
            .par_chunks_mut(RUN)
            .zip(margin.par_chunks_mut(RUN))
            .enumerate()
            .map(|(at, (best, margin))| {
                let tiles = at * RUN..at * RUN + best.len();
                run(columns, &scales[tiles.clone()], weights, tiles, best, margin)
            })
            .collect(),
    };
    let mut sums = vec![[0.0; MEASURES]; weights.len()];
    let mut total = 0.0;
    for part in &parts {
        total += part.total;
        for (group, part) in &part.sums {
            sums[*group as usize].iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
    }
    let mut picks = Vec::with_capacity(view.special.len());
    for special in &view.special {
        let (rung, worth) = special.best(prices);
        picks.push(rung);
        total += worth;
    }
    Picks { best, margin, special: picks, total, sums }
}

fn run<const S: usize>(
    columns: &Columns,
    scales: &[Lane],
    weights: &[Weights],
    tiles: Range<usize>,
    best: &mut [[u8; LANES]],
    margin: &mut [Lane],
) -> Part {
    let mut part = Part { total: 0.0, sums: Vec::new() };
    price_tiles::<S>(columns, scales, weights, tiles, best, margin, &mut part);
    part
}

dispatched! {
    fn price_tiles<const S: usize>(
        columns: &Columns, scales: &[Lane], weights: &[Weights], tiles: Range<usize>,
        best: &mut [[u8; LANES]], margin: &mut [Lane], part: &mut Part,
    ) => price_any
}

#[inline(always)]
fn price_any<E: Eight, const S: usize>(
    columns: &Columns,
    scales: &[Lane],
    weights: &[Weights],
    tiles: Range<usize>,
    best: &mut [[u8; LANES]],
    margin: &mut [Lane],
    part: &mut Part,
) {
    for (at, tile) in columns.tiles[tiles].iter().enumerate() {
        let weights: [f64; S] = std::array::from_fn(|slot| weights[tile.group as usize][slot]);
        let (total, sums) =
            price_tile::<E, S>(columns, tile, &weights, &scales[at], &mut best[at], &mut margin[at]);
        part.total += total;
        match part.sums.last_mut() {
            Some((group, of)) if *group == tile.group => {
                of.iter_mut().zip(sums).for_each(|(of, sum)| *of += sum)
            }
            _ => part.sums.push((tile.group, sums)),
        }
    }
}

#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn price_tile<E: Eight, const S: usize>(
    columns: &Columns,
    tile: &Tile,
    weights: &[f64; S],
    scale: &Lane,
    best: &mut [u8; LANES],
    margin: &mut Lane,
) -> (f64, Weights) {
    let rungs = tile.rungs as usize;
    let (values, _) = columns.values[tile.values..tile.values + rungs * S * LANES].as_chunks::<LANES>();
    let (mut first, mut second) = ([0.0f64; LANES], [f64::NEG_INFINITY; LANES]);
    let mut pick = [-1.0f64; LANES];
    let mut brings = [[0.0f64; LANES]; S];
    let lengths = tile.lengths.map(f64::from);
    for (rung, values) in values.chunks_exact(S).enumerate() {
        let mut worth = [0.0f64; LANES];
        let rung = rung as f64;
        let mut wide = [[0.0f64; LANES]; S];
        for slot in 0..S {
            for lane in 0..LANES {
                wide[slot][lane] = f64::from(values[slot][lane]);
                worth[lane] += weights[slot] * wide[slot][lane];
            }
        }
        for lane in 0..LANES {
            // Beyond a ladder's last rung zeros would tie with not running.
            worth[lane] = if rung < lengths[lane] { worth[lane] } else { f64::NEG_INFINITY };
            let better = worth[lane] > first[lane];
            second[lane] = if better { first[lane] } else { second[lane].max(worth[lane]) };
            pick[lane] = if better { rung } else { pick[lane] };
            for slot in 0..S {
                brings[slot][lane] = if better { wide[slot][lane] } else { brings[slot][lane] };
            }
            first[lane] = if better { worth[lane] } else { first[lane] };
        }
    }
    let mut sums = [0.0; MEASURES];
    let mut total = 0.0;
    for lane in 0..LANES {
        best[lane] = if pick[lane] < 0.0 { NONE } else { pick[lane] as u8 };
        margin[lane] = match tile.ladders[lane] {
            EMPTY => f32::INFINITY,
            _ => ((first[lane] - second[lane]) / f64::from(scale[lane])) as f32,
        };
        total += first[lane];
    }
    for slot in 0..S {
        sums[slot] = brings[slot].iter().sum();
    }
    (total, sums)
}
