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
//! so that a pass gathers, per group, one scalar, M first and M(M+1)/2 second moments, in 32 bits within
//! a run of tiles and in 64 bits across them. Runs are fixed by the program alone: the sums do not depend
//! on the number of threads.

use rayon::prelude::*;

use super::storage::{LANES, Storage, Tile};
use crate::program::{MEASURES, Weights};

/// Second moments of M measures.
pub const PAIRS: usize = MEASURES * (MEASURES + 1) / 2;

/// What a pass gathers of one group.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    /// Σ smoothed maxima.
    pub value: f64,
    /// Σ expected measures.
    pub first: [f64; MEASURES],
    /// Σ covariances ÷ (μ s), upper triangle by rows.
    pub second: [f64; PAIRS],
}

impl Moments {
    const ZERO: Moments = Moments { value: 0.0, first: [0.0; MEASURES], second: [0.0; PAIRS] };

    fn add(&mut self, other: &Moments, factor: f64) {
        self.value += factor * other.value;
        for (to, from) in self.first.iter_mut().zip(other.first) {
            *to += factor * from;
        }
        for (to, from) in self.second.iter_mut().zip(other.second) {
            *to += factor * from;
        }
    }
}

/// Tiles that one task reads.
const RUN: usize = 512;
/// Tiles whose sums stay in 32 bits.
const FLUSH: usize = 16;

/// One pass at the given weights per group. Every `stride`-th run of tiles stands for all.
pub fn pass(storage: &Storage<'_>, weights: &[Weights], smoothing: f64, stride: usize) -> Vec<Moments> {
    let scaled: Vec<[f32; MEASURES]> = weights
        .iter()
        .map(|weights| std::array::from_fn(|measure| (weights[measure] * storage.unit[measure]) as f32))
        .collect();
    let wide = wide();
    let runs: Vec<&[Tile]> =
        storage.tiles.chunks(if stride > 1 { FLUSH } else { RUN }).step_by(stride).collect();
    let parts: Vec<Vec<(u32, Moments)>> = runs
        .into_par_iter()
        .map(|tiles| {
            let mut parts = Vec::new();
            for same in tiles.chunk_by(|a, b| a.group == b.group) {
                let mut moments = Moments::ZERO;
                let weights = &scaled[same[0].group as usize];
                for few in same.chunks(FLUSH) {
                    gather(storage, few, weights, smoothing as f32, &mut moments, wide);
                }
                parts.push((same[0].group, moments));
            }
            parts
        })
        .collect();
    let mut groups = vec![Moments::ZERO; weights.len()];
    for (group, moments) in parts.iter().flatten() {
        groups[*group as usize].add(moments, stride as f64);
    }
    // From the tiles' units to the measures' own.
    for moments in &mut groups {
        let mut pair = 0;
        for a in 0..MEASURES {
            moments.first[a] *= storage.unit[a];
            for b in a..MEASURES {
                moments.second[pair] *= storage.unit[a] * storage.unit[b];
                pair += 1;
            }
        }
    }
    groups
}

/// Whether the processor has the wide instructions that [`gather_wide`] is compiled for.
fn wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

fn gather(
    storage: &Storage<'_>,
    tiles: &[Tile],
    weights: &[f32; MEASURES],
    smoothing: f32,
    into: &mut Moments,
    wide: bool,
) {
    #[cfg(target_arch = "x86_64")]
    if wide {
        // Safety: `wide` says that the processor has these instructions.
        unsafe { gather_wide(storage, tiles, weights, smoothing, into) };
        return;
    }
    let _ = wide;
    gather_any::<false>(storage, tiles, weights, smoothing, into);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn gather_wide(
    storage: &Storage<'_>,
    tiles: &[Tile],
    weights: &[f32; MEASURES],
    smoothing: f32,
    into: &mut Moments,
) {
    gather_any::<true>(storage, tiles, weights, smoothing, into);
}

type Lane = [f32; LANES];

#[inline(always)]
fn fused<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// exp(x) for −40 ≤ x ≤ 0, to 5e-7 · (1 + |x|) relative: 2^n · 2^f with a polynomial in f, n put into the exponent's bits.
#[inline(always)]
fn exp<const FMA: bool>(x: f32) -> f32 {
    // Far below anything that counts, and far above the slow denormal numbers.
    let x = (x * std::f32::consts::LOG2_E).max(-60.0);
    let shifted = x + 12_582_912.0;
    let fraction = x - (shifted - 12_582_912.0);
    let mut power = 1.535_336_2e-4;
    for coefficient in [1.339_887_4e-3, 9.618_437e-3, 5.550_332_5e-2, 2.402_264_8e-1, 6.931_472e-1, 1.0] {
        power = fused::<FMA>(power, fraction, coefficient);
    }
    f32::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// The most rungs that the scratch of a tile holds; longer ladders are special.
pub const LONGEST: usize = 64;

// Every inner loop runs over the lanes of several arrays at once: indices are what keeps it one vector loop.
#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn gather_any<const FMA: bool>(
    storage: &Storage<'_>,
    tiles: &[Tile],
    weights: &[f32; MEASURES],
    smoothing: f32,
    into: &mut Moments,
) {
    let mut value = [0.0f32; LANES];
    let mut first = [[0.0f32; LANES]; MEASURES];
    let mut second = [[0.0f32; LANES]; PAIRS];
    for tile in tiles {
        let rungs = tile.rungs as usize;
        let values = &storage.values[tile.values..tile.values + MEASURES * rungs * LANES];
        let (values, _) = values.as_chunks::<LANES>();
        let mut inverse = [0.0f32; LANES];
        for lane in 0..LANES {
            let scale = smoothing * tile.scale[lane];
            inverse[lane] = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        }
        let mut odds = [[0.0f32; LANES]; LONGEST];
        let mut highest = [0.0f32; LANES];
        for rung in 0..rungs {
            let mut worth: Lane = [0.0; LANES];
            for measure in 0..MEASURES {
                let column = &values[measure * rungs + rung];
                for lane in 0..LANES {
                    worth[lane] = fused::<FMA>(weights[measure], column[lane], worth[lane]);
                }
            }
            for lane in 0..LANES {
                worth[lane] *= inverse[lane];
                highest[lane] = highest[lane].max(worth[lane]);
            }
            odds[rung] = worth;
        }
        let mut total = [0.0f32; LANES];
        for lane in 0..LANES {
            total[lane] = exp::<FMA>(-highest[lane]);
        }
        for odds in &mut odds[..rungs] {
            for lane in 0..LANES {
                odds[lane] = exp::<FMA>(odds[lane] - highest[lane]);
                total[lane] += odds[lane];
            }
        }
        let mut share = [0.0f32; LANES];
        for lane in 0..LANES {
            share[lane] = 1.0 / total[lane];
            value[lane] += smoothing * tile.scale[lane] * (highest[lane] + total[lane].ln());
        }
        let mut mean = [[0.0f32; LANES]; MEASURES];
        let mut square = [[0.0f32; LANES]; PAIRS];
        for (rung, odds) in odds[..rungs].iter().enumerate() {
            let mut weighed = [[0.0f32; LANES]; MEASURES];
            for measure in 0..MEASURES {
                let column = &values[measure * rungs + rung];
                for lane in 0..LANES {
                    weighed[measure][lane] = odds[lane] * column[lane];
                    mean[measure][lane] += weighed[measure][lane];
                }
            }
            let mut pair = 0;
            for a in 0..MEASURES {
                for b in a..MEASURES {
                    let column = &values[b * rungs + rung];
                    for lane in 0..LANES {
                        square[pair][lane] = fused::<FMA>(weighed[a][lane], column[lane], square[pair][lane]);
                    }
                    pair += 1;
                }
            }
        }
        for mean in &mut mean {
            for lane in 0..LANES {
                mean[lane] *= share[lane];
            }
        }
        let mut pair = 0;
        for a in 0..MEASURES {
            for lane in 0..LANES {
                first[a][lane] += mean[a][lane];
            }
            for b in a..MEASURES {
                for lane in 0..LANES {
                    let covariance = square[pair][lane] * share[lane] - mean[a][lane] * mean[b][lane];
                    second[pair][lane] = fused::<FMA>(covariance, inverse[lane], second[pair][lane]);
                }
                pair += 1;
            }
        }
    }
    let sum = |lanes: &Lane| lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
    into.value += sum(&value);
    for (to, from) in into.first.iter_mut().zip(&first) {
        *to += sum(from);
    }
    for (to, from) in into.second.iter_mut().zip(&second) {
        *to += sum(from);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_exponential_is_good_to_single_precision() {
        for step in 0..1000 {
            let x = -(step as f32) * 0.04;
            let (ours, exact) = (super::exp::<false>(x), f64::from(x).exp());
            assert!(
                (f64::from(ours) - exact).abs() <= 5e-7 * exact * (1.0 - f64::from(x)),
                "exp({x}) = {ours}, not {exact}"
            );
        }
    }
}
