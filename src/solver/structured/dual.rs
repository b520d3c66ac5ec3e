//! The smoothed dual, its gradient and its Hessian, in one pass over the columns.
//!
//! For prices λ every ladder by itself takes its best rung or none; the dual is
//!
//! ```text
//! D(λ) = Σ_k λ_k b_k + Σ_l max(0, max_j v_lj),      v_lj = Σ_m w_m,group(l) · value_mlj,
//! w_g  = objective − Σ_k λ_k · weights_kg            (per group, never per column)
//! ```
//!
//! Its maximum is replaced by `μ s_l log(1 + Σ_j exp(v_lj ÷ (μ s_l)))`, s_l being the ladder's scale, so
//! that D_μ is smooth and differs from D by at most μ Σ_l s_l log(1 + rungs). With p_j the softmax
//! weights and E the expected measures under them,
//!
//! ```text
//! ∂D_μ/∂λ_k  = b_k − Σ_g weights_kg · Σ_l E_l
//! ∂²D_μ/∂λ²  = Σ_g weights_g · (Σ_l (E[value valueᵀ] − E Eᵀ) ÷ (μ s_l)) · weights_gᵀ
//! ```
//!
//! so that a pass gathers, per group, one scalar, S first and S(S+1)/2 second moments of the S measures
//! that are kept: in 32 bits within a tile, in 64 across tiles. Runs of tiles are fixed by the program
//! alone: the sums do not depend on the number of threads.

use rayon::prelude::*;

use super::lanes::{Eight, Lane, dispatched};
use crate::program::columns::{Columns, LANES, LONGEST, Tile};
use crate::program::{MEASURES, Weights};

/// Second moments of all measures.
const PAIRS: usize = MEASURES * (MEASURES + 1) / 2;
/// Runs of tiles in a pass: as many tasks at most.
const RUNS: usize = 32;

/// What a pass gathers, by group: `[Σ smoothed maxima, Σ expected measures, Σ covariances ÷ (μ s)]`,
/// covariances as the upper triangle by rows.
pub struct Moments {
    /// Measures that are kept.
    pub slots: usize,
    /// `1 + slots + slots (slots + 1) ÷ 2` numbers a group.
    pub of: Vec<f64>,
}

impl Moments {
    /// Numbers of a group.
    pub const fn width(slots: usize) -> usize {
        1 + slots + slots * (slots + 1) / 2
    }
}

/// One pass at the given weights per group, which are those of the kept measures. Of every `stride`
/// tiles one stands for all.
pub fn pass(
    columns: &Columns,
    scales: &[Lane],
    weights: &[Weights],
    smoothing: f64,
    stride: usize,
) -> Moments {
    let slots = columns.kept.len();
    let of = match slots {
        1 => gather_all::<1>(columns, scales, weights, smoothing, stride),
        2 => gather_all::<2>(columns, scales, weights, smoothing, stride),
        3 => gather_all::<3>(columns, scales, weights, smoothing, stride),
        4 => gather_all::<4>(columns, scales, weights, smoothing, stride),
        5 => gather_all::<5>(columns, scales, weights, smoothing, stride),
        _ => vec![0.0; weights.len() * Moments::width(slots)],
    };
    Moments { slots, of }
}

fn gather_all<const S: usize>(
    columns: &Columns,
    scales: &[Lane],
    weights: &[Weights],
    smoothing: f64,
    stride: usize,
) -> Vec<f64> {
    let width = Moments::width(S);
    let numbers = weights.len() * width;
    let count = columns.tiles.len().div_ceil(stride);
    // Every run has sums of its own for all groups: few runs where there are many groups.
    let runs = (count / 64).min(count * LANES / weights.len().max(1)).clamp(1, RUNS);
    let length = count.div_ceil(runs).max(1);
    let mut parts: Vec<Vec<f64>> = (0..count.div_ceil(length))
        .into_par_iter()
        .map(|run| {
            let mut sums = vec![0.0; numbers];
            gather::<S>(
                columns,
                scales,
                weights,
                smoothing as f32,
                run * length..((run + 1) * length).min(count),
                stride,
                &mut sums,
            );
            sums
        })
        .collect();
    let mut total = parts.pop().unwrap_or_else(|| vec![0.0; numbers]);
    for part in &parts {
        total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    if stride > 1 {
        let factor = columns.tiles.len() as f64 / count as f64;
        total.iter_mut().for_each(|sum| *sum *= factor);
    }
    total
}

dispatched! {
    #[allow(clippy::too_many_arguments)]
    fn gather<const S: usize>(
        columns: &Columns, scales: &[Lane], weights: &[Weights], smoothing: f32,
        tiles: std::ops::Range<usize>, stride: usize, sums: &mut [f64],
    ) => gather_any
}

/// Which tile stands for the `at`-th `stride` tiles: any of them, because tiles come in the order in which
/// they were made, and what repeats in it must not fall in step with the sample.
#[inline(always)]
fn sampled(at: usize, stride: usize, tiles: usize) -> usize {
    let scattered = (at as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    (at * stride + scattered as usize % stride).min(tiles - 1)
}

#[inline(always)]
fn gather_any<E: Eight, const S: usize>(
    columns: &Columns,
    scales: &[Lane],
    weights: &[Weights],
    smoothing: f32,
    tiles: std::ops::Range<usize>,
    stride: usize,
    sums: &mut [f64],
) {
    let width = Moments::width(S);
    let mut odds = [E::all(0.0); LONGEST];
    for at in tiles {
        let at = sampled(at, stride, columns.tiles.len());
        let tile = &columns.tiles[at];
        let group = tile.group as usize;
        let weights: [f32; S] = std::array::from_fn(|slot| weights[group][slot] as f32);
        let sums = &mut sums[group * width..(group + 1) * width];
        gather_tile::<E, S>(columns, tile, &scales[at], &weights, smoothing, &mut odds, sums);
    }
}

#[inline(always)]
fn gather_tile<E: Eight, const S: usize>(
    columns: &Columns,
    tile: &Tile,
    scale: &Lane,
    weights: &[f32; S],
    smoothing: f32,
    odds: &mut [E; LONGEST],
    sums: &mut [f64],
) {
    let rungs = tile.rungs as usize;
    let (values, _) = columns.values[tile.values..tile.values + rungs * S * LANES].as_chunks::<LANES>();
    let odds = &mut odds[..rungs];
    let zero = E::all(0.0);
    let height = E::of(scale).times(E::all(smoothing));
    // Empty lanes have no scale.
    let inverse = height.where_positive(E::all(1.0).over(height));
    let weights: [E; S] = weights.map(|weight| E::all(weight).times(inverse));
    let mut highest = zero;
    for (odds, values) in odds.iter_mut().zip(values.chunks_exact(S)) {
        let mut worth = zero;
        for slot in 0..S {
            worth = weights[slot].fused(E::of(&values[slot]), worth);
        }
        highest = highest.max(worth);
        *odds = worth;
    }
    let mut total = zero.less(highest).exp();
    let mut mean = [zero; S];
    let mut square = [zero; PAIRS];
    for (worth, values) in odds.iter().zip(values.chunks_exact(S)) {
        let odds = worth.less(highest).exp();
        total = total.plus(odds);
        let mut pair = 0;
        for a in 0..S {
            let weighed = odds.times(E::of(&values[a]));
            mean[a] = mean[a].plus(weighed);
            for value in &values[a..S] {
                square[pair] = weighed.fused(E::of(value), square[pair]);
                pair += 1;
            }
        }
    }
    let share = height.where_positive(E::all(1.0).over(total));
    sums[0] += height.times(highest.plus(total.ln())).sum();
    let mean = mean.map(|mean| mean.times(share));
    let mut pair = 0;
    for a in 0..S {
        sums[1 + a] += mean[a].sum();
        for b in a..S {
            let covariance = square[pair].times(share).less(mean[a].times(mean[b]));
            sums[1 + S + pair] += covariance.times(inverse).sum();
            pair += 1;
        }
    }
}
