//! A program as the structured solver looks at it: what is the same at all prices.

use rayon::prelude::*;

use super::super::Decided;
use super::lanes::Lane;
use super::special::{self, Special};
use super::system::Pattern;
use crate::program::columns::{Columns, EMPTY, LANES};
use crate::program::{MEASURES, Program, Row, Term, Weights};

/// A dual variable: one bound of one row, or both where they are the same.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// Its row.
    pub row: usize,
    /// +1 for an upper bound, −1 for a lower one.
    pub sign: f64,
    /// The bound.
    pub bound: f64,
    /// The least that the variable may be: 0, or as far below as it may be above where the row must be
    /// met exactly.
    pub least: f64,
    /// The most that the variable may be: the row's penalty.
    pub cap: f64,
}

/// The program, and what is known of it beforehand.
pub struct View<'a> {
    /// The program.
    pub program: &'a Program,
    /// Scale of each tile's ladders: the most that a rung moves at the prices of [`View::measure`], 0 on
    /// empty lanes.
    pub scales: Vec<Lane>,
    /// Ladders outside the tiles.
    pub special: Vec<Special>,
    /// How rows meet.
    pub pattern: Pattern,
    /// Dual variables.
    pub sides: Vec<Side>,
    /// Per row, the price at which it would eat up all gains: the unit of its prices.
    pub natural: Vec<f64>,
    /// Per row, the most that its activity could be, either way.
    pub reach: Vec<f64>,
    /// Which rows' prices count in the scales: those of soft rows, which end at their penalties. A hard row
    /// that nothing but idling meets has no largest price; scales that followed it would run away with it.
    weighed: Vec<bool>,
    /// Sum of the ladders' scales when rows have no prices.
    gains: f64,
    /// What gains and rows came to at the prices of the scales.
    load: f64,
    /// No point has less, where no row is soft.
    pub floor: f64,
}

/// Scales are at least this share of their mean, so that no ladder is a step function.
const LEAST: f64 = 1e-3;
/// How many times more or less ladders may move than their scales say before these are taken anew.
const FAR: f64 = 10.0;

impl<'a> View<'a> {
    /// Looks at a program, as it is when no row has a price.
    pub fn new(program: &'a Program, decided: &Decided) -> Self {
        let special = special::all(program, decided);
        let pattern = Pattern::new(program, special.iter().map(|special| special.entries.as_slice()));
        let mut view = View {
            program,
            scales: Vec::new(),
            special,
            pattern,
            sides: sides(program),
            natural: Vec::new(),
            reach: Vec::new(),
            weighed: program.rows.iter().map(|row| row.penalty.is_some()).collect(),
            gains: 0.0,
            load: 0.0,
            floor: f64::NEG_INFINITY,
        };
        let none = vec![0.0; program.rows.len()];
        view.gains = view.measure(&none);
        if program.objective == [0.0; MEASURES] {
            // Nothing gains: what breaking rows costs stands in for gains.
            if !program.rows.iter().any(|row| row.penalty.is_some()) {
                view.weighed = vec![true; program.rows.len()];
            }
            let price = |(row, reach): (&Row, &f64)| match *reach > 0.0 {
                true => row.penalty.unwrap_or(f64::INFINITY).min(1.0 / reach),
                false => 0.0,
            };
            let prices: Vec<f64> = program.rows.iter().zip(&view.reach).map(price).collect();
            view.measure(&prices);
        }
        if program.rows.iter().all(|row| row.penalty.is_none()) {
            view.floor = program.constant - 1.001 * view.gains;
        }
        view
    }

    /// Whether the scales are far from what ladders move at these prices: penalties may be far dearer than
    /// gains are worth, and ladders that were smooth beside their gains are steps beside such prices.
    pub fn outgrown(&self, prices: &[f64]) -> bool {
        let load = self.load(prices);
        load > FAR * self.load || (load > 0.0 && load < self.load / FAR)
    }

    /// What all gains and the weighed rows at these prices could come to.
    fn load(&self, prices: &[f64]) -> f64 {
        let rows = prices.iter().zip(&self.reach).zip(&self.weighed).filter(|(_, weighed)| **weighed);
        self.gains + rows.map(|((price, reach), _)| price.abs() * reach).sum::<f64>()
    }

    /// Takes the ladders' scales, and with them the units of prices, at these prices; gives their sum.
    pub fn measure(&mut self, prices: &[f64]) -> f64 {
        let columns = &*self.program.columns;
        let objective = columns.compact(&self.program.objective);
        let of = |terms: &Vec<Term>| {
            let mut sum = objective.map(f64::abs);
            for term in terms.iter().filter(|term| self.weighed[term.row] && prices[term.row] != 0.0) {
                let weights = columns.compact(&term.weights);
                let price = prices[term.row].abs();
                sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += price * weight.abs());
            }
            sum
        };
        let weights: Vec<Weights> = self.program.groups.iter().map(of).collect();
        let (mut scales, sizes) = sizes(columns, &weights);
        let mut reach = vec![0.0; self.program.rows.len()];
        for (terms, sizes) in self.program.groups.iter().zip(&sizes) {
            for term in terms {
                let weights = columns.compact(&term.weights);
                reach[term.row] +=
                    weights.iter().zip(sizes).map(|(weight, size)| weight.abs() * size).sum::<f64>();
            }
        }
        let most = |of: &[f64]| of.iter().fold(0.0f64, |most, value| most.max(value.abs()));
        for special in &mut self.special {
            special.scale = most(&special.gains);
            for (row, of) in &special.entries {
                reach[*row] += most(of);
                special.scale += if self.weighed[*row] { prices[*row].abs() * most(of) } else { 0.0 };
            }
        }
        let worth: f64 = scales
            .par_iter()
            .map(|lanes| lanes.iter().map(|scale| f64::from(*scale)).sum::<f64>())
            .collect::<Vec<_>>()
            .iter()
            .sum::<f64>()
            + self.special.iter().map(|special| special.scale).sum::<f64>();
        let mean = worth / columns.ladders.len().max(1) as f64;
        let least = (LEAST * mean).max(f64::from(f32::MIN_POSITIVE) * 1e6);
        scales.par_iter_mut().zip(&columns.tiles).for_each(|(scales, tile)| {
            for (scale, ladder) in scales.iter_mut().zip(tile.ladders) {
                *scale = if ladder == EMPTY { 0.0 } else { scale.max(least as f32) };
            }
        });
        self.special.iter_mut().for_each(|special| special.scale = special.scale.max(least));
        let unit = worth.max(least);
        self.natural = reach.iter().map(|reach| if *reach > 0.0 { unit / reach } else { 1.0 }).collect();
        (self.scales, self.reach) = (scales, reach);
        self.load = self.load(prices);
        worth
    }

    /// Prices of the rows from their sides' variables.
    pub fn prices(&self, y: &[f64]) -> Vec<f64> {
        let mut prices = vec![0.0; self.program.rows.len()];
        for (side, y) in self.sides.iter().zip(y) {
            prices[side.row] += side.sign * y;
        }
        prices
    }

    /// The sides' variables of prices.
    pub fn variables(&self, prices: &[f64]) -> Vec<f64> {
        self.sides.iter().map(|side| (side.sign * prices[side.row]).clamp(side.least, side.cap)).collect()
    }

    /// Per group, the weights of the kept measures that are left of the objective at the rows' prices.
    pub fn weights(&self, prices: &[f64]) -> Vec<Weights> {
        let objective = self.program.columns.compact(&self.program.objective);
        let left = |terms: &Vec<(usize, Weights)>| {
            let mut left = objective;
            for (row, weights) in terms {
                left.iter_mut().zip(weights).for_each(|(left, weight)| *left -= prices[*row] * weight);
            }
            left
        };
        self.pattern.terms.iter().map(left).collect()
    }

    /// Σ over the sides of variable × bound, and the constant: what the dual has beside the ladders.
    pub fn offset(&self, y: &[f64]) -> f64 {
        let bounds: f64 = self.sides.iter().zip(y).map(|(side, y)| side.sign * y * side.bound).sum();
        self.program.constant + bounds
    }
}

/// The dual variables of a program.
fn sides(program: &Program) -> Vec<Side> {
    let mut sides = Vec::new();
    for (row, bounds) in program.rows.iter().enumerate() {
        let cap = bounds.penalty.unwrap_or(f64::INFINITY);
        if bounds.lower == bounds.upper && bounds.lower.is_finite() {
            sides.push(Side { row, sign: 1.0, bound: bounds.upper, least: -cap, cap });
            continue;
        }
        for (bound, sign) in [(bounds.upper, 1.0), (bounds.lower, -1.0)] {
            if bound.is_finite() {
                sides.push(Side { row, sign, bound, least: 0.0, cap });
            }
        }
    }
    sides
}

/// For each lane of each tile `max_j weights · |value_j|`, and per group the sum over ladders of each kept
/// measure's largest absolute value.
fn sizes(columns: &Columns, weights: &[Weights]) -> (Vec<Lane>, Vec<Weights>) {
    const RUN: usize = 4096;
    let slots = columns.kept.len();
    let mut scales = vec![[0.0f32; LANES]; columns.tiles.len()];
    let runs: Vec<Vec<(u32, Weights)>> = scales
        .par_chunks_mut(RUN)
        .zip(columns.tiles.par_chunks(RUN))
        .map(|(scales, tiles)| {
            let mut sums: Vec<(u32, Weights)> = Vec::new();
            for (scale, tile) in scales.iter_mut().zip(tiles) {
                let length = tile.rungs as usize * slots * LANES;
                let (values, _) = columns.values[tile.values..tile.values + length].as_chunks::<LANES>();
                let weights = weights[tile.group as usize].map(|weight| weight as f32);
                let mut largest = [[0.0f32; LANES]; MEASURES];
                for values in values.chunks_exact(slots.max(1)) {
                    let mut worth = [0.0f32; LANES];
                    for (slot, values) in values.iter().enumerate() {
                        for lane in 0..LANES {
                            let size = values[lane].abs();
                            worth[lane] += weights[slot] * size;
                            largest[slot][lane] = largest[slot][lane].max(size);
                        }
                    }
                    for lane in 0..LANES {
                        scale[lane] = scale[lane].max(worth[lane]);
                    }
                }
                let sizes = largest.map(|lanes| lanes.iter().map(|size| f64::from(*size)).sum::<f64>());
                match sums.last_mut() {
                    Some((group, sum)) if *group == tile.group => {
                        sum.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
                    }
                    _ => sums.push((tile.group, sizes)),
                }
            }
            sums
        })
        .collect();
    let mut sums = vec![[0.0; MEASURES]; weights.len()];
    for (group, sizes) in runs.iter().flatten() {
        sums[*group as usize].iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size);
    }
    (scales, sums)
}
