//! The certificate: what an answer is worth, from the program and the answer alone.
//!
//! For any prices λ of the right signs, weak duality bounds every feasible point:
//!
//! ```text
//! objective(x) ≤ constant + Σ_k (λ_k⁺ · upper_k − λ_k⁻ · lower_k) + Σ_ladders max(0, max_j (c_j − Σ_k λ_k a_kj))
//! ```
//!
//! so prices need not be exact to prove something: bad prices only give a weak bound. Sums are
//! compensated (Neumaier), because a gap of 1e-9 lies below the rounding of long plain sums.
//! (`models/formulation.md` §5)

use rayon::prelude::*;

use super::Decided;
use super::structured::lanes::{Eight, Lane, dispatched};
use crate::program::columns::{EMPTY, LANES, Span, Tile};
use crate::program::{MEASURES, Program, Weights};

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    /// Objective of the point, penalties of soft rows taken off.
    pub objective: f64,
    /// No point can have more.
    pub bound: f64,
    /// (bound − objective) ÷ max(1, |bound|).
    pub gap: f64,
    /// Largest violation of a hard row, relative to Σ|a·x| + |bound of the row|, and at least to a millionth
    /// of its largest coefficient.
    pub violation: f64,
}

/// A compensated sum.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let total = self.total + term;
        self.lost += if self.total.abs() >= term.abs() {
            (self.total - total) + term
        } else {
            (term - total) + self.total
        };
        self.total = total;
    }

    /// The sum.
    pub fn get(self) -> f64 {
        self.total + self.lost
    }
}

/// Prices of the right signs: none on a bound that does not exist, none above a soft row's penalty.
pub fn lawful(program: &Program, prices: &[f64]) -> Vec<f64> {
    program
        .rows
        .iter()
        .zip(prices)
        .map(|(row, price)| {
            let most = row.penalty.unwrap_or(f64::INFINITY);
            let high = if row.upper.is_finite() { most } else { 0.0 };
            let low = if row.lower.is_finite() { -most } else { 0.0 };
            price.clamp(low, high)
        })
        .collect()
}

/// What a part of the ladders adds up to.
struct Tally {
    gains: Sum,
    best: Sum,
    /// Activity of every row, and Σ|a·x|.
    rows: Vec<(Sum, f64)>,
    /// By how much a ladder is used more than once, or less than not at all.
    misused: f64,
}

/// Parts into which the ladders are cut: as many whatever the machine, so that sums do not depend on it.
const PARTS: usize = 64;

/// The program with the weights of the kept measures alone, and prices taken off.
struct Reader<'a> {
    program: &'a Program,
    objective: Weights,
    priced: Vec<Weights>,
    terms: Vec<Vec<(usize, Weights)>>,
    x: Option<&'a [f64]>,
}

impl Tally {
    fn new(rows: usize) -> Self {
        let rows = vec![(Sum::default(), 0.0); rows];
        Tally { gains: Sum::default(), best: Sum::default(), rows, misused: 0.0 }
    }

    fn join(&mut self, part: &Tally) {
        self.gains.add(part.gains.get());
        self.best.add(part.best.get());
        self.misused = self.misused.max(part.misused);
        for ((activity, absolute), (more, size)) in self.rows.iter_mut().zip(&part.rows) {
            activity.add(more.get());
            *absolute += size;
        }
    }

    /// Adds what a share of a rung brings in a group.
    fn bring(&mut self, reader: &Reader<'_>, group: usize, share: f64, values: &[f64]) {
        self.gains.add(share * dot(&reader.objective, values));
        for (row, weights) in &reader.terms[group] {
            let used = share * dot(weights, values);
            self.rows[*row].0.add(used);
            self.rows[*row].1 += used.abs();
        }
    }

    /// Checks how much of a ladder is used.
    fn check(&mut self, shares: &[f64]) {
        let least = shares.iter().copied().fold(0.0, f64::min);
        self.misused = self.misused.max(shares.iter().sum::<f64>() - 1.0).max(-least);
    }

    /// Adds the ladders of a tile.
    fn tile(&mut self, reader: &Reader<'_>, tile: &Tile) {
        let columns = &*reader.program.columns;
        let (group, slots) = (tile.group as usize, columns.kept.len());
        let length = tile.rungs as usize * slots * LANES;
        let (values, _) = columns.values[tile.values..tile.values + length].as_chunks::<LANES>();
        let weights = &reader.priced[group][..slots];
        self.best.add(best(values, weights).iter().sum());
        let Some(x) = reader.x else { return };
        for (lane, ladder) in tile.ladders.iter().enumerate().filter(|(_, ladder)| **ladder != EMPTY) {
            let shares = &x[columns.ladders[*ladder as usize].columns.clone()];
            self.check(shares);
            for (rung, share) in shares.iter().enumerate().filter(|(_, share)| **share != 0.0) {
                let mut brought = [0.0; MEASURES];
                let of = &values[rung * slots..(rung + 1) * slots];
                brought.iter_mut().zip(of).for_each(|(to, value)| *to = f64::from(value[lane]));
                self.bring(reader, group, *share, &brought[..slots]);
            }
        }
    }

    /// Adds a ladder outside the tiles.
    fn special(&mut self, reader: &Reader<'_>, span: &Span, decided: Option<bool>) {
        let columns = &*reader.program.columns;
        let mut worth = vec![0.0; span.columns.len()];
        for block in &columns.blocks[span.blocks.clone()] {
            let group = block.group as usize;
            for (rung, worth) in worth.iter_mut().enumerate() {
                let values: Vec<f64> = columns.at(*block, rung).collect();
                *worth += dot(&reader.priced[group], &values);
                let share = reader.x.map_or(0.0, |x| x[span.columns.start + rung]);
                if share != 0.0 {
                    self.bring(reader, group, share, &values);
                }
            }
        }
        if let Some(x) = reader.x {
            self.check(&x[span.columns.clone()]);
        }
        let best = worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.best.add(match decided {
            Some(true) => best,
            Some(false) => 0.0,
            None => best.max(0.0),
        });
    }
}

dispatched! {
    /// What the best rung of each ladder of a tile is worth at some weights.
    fn best(values: &[Lane], weights: &[f64]) -> [f64; LANES] => best_any
}

#[inline(always)]
fn best_any<E: Eight>(values: &[Lane], weights: &[f64]) -> [f64; LANES] {
    // Rungs beyond a ladder's last hold zeros, which is what not running is worth.
    let mut best = [0.0f64; LANES];
    for values in values.chunks_exact(weights.len().max(1)) {
        let mut worth = [0.0; LANES];
        for (values, weight) in values.iter().zip(weights) {
            for (worth, value) in worth.iter_mut().zip(values) {
                *worth += weight * f64::from(*value);
            }
        }
        for (best, worth) in best.iter_mut().zip(worth) {
            *best = best.max(worth);
        }
    }
    best
}

/// Adds up all ladders: their gains and activities under `x`, if there is one, and their best at prices.
fn tally(program: &Program, x: Option<&[f64]>, prices: &[f64], decided: &Decided) -> Tally {
    let columns = &*program.columns;
    let compact = |weights: &Weights| columns.compact(weights);
    let reader = Reader {
        program,
        objective: compact(&program.objective),
        priced: program.priced(prices).iter().map(compact).collect(),
        terms: program
            .groups
            .iter()
            .map(|terms| terms.iter().map(|term| (term.row, compact(&term.weights))).collect())
            .collect(),
        x,
    };
    let parts: Vec<Tally> = columns
        .tiles
        .par_chunks(columns.tiles.len().div_ceil(PARTS).max(1))
        .map(|tiles| {
            let mut part = Tally::new(program.rows.len());
            tiles.iter().for_each(|tile| part.tile(&reader, tile));
            part
        })
        .collect();
    let mut total = Tally::new(program.rows.len());
    for ladder in &columns.special {
        let ladder = *ladder as usize;
        total.special(&reader, &columns.ladders[ladder], decided.get(ladder).copied().flatten());
    }
    parts.iter().for_each(|part| total.join(part));
    total
}

/// Σ a·b over the kept measures.
fn dot(weights: &Weights, values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}

/// What the rows' bounds cost at lawful prices, and the best of all ladders.
fn bound(program: &Program, prices: &[f64], best: f64) -> f64 {
    let mut bound = Sum::default();
    bound.add(program.constant);
    bound.add(best);
    for (row, price) in program.rows.iter().zip(prices) {
        if *price > 0.0 {
            bound.add(price * row.upper);
        } else if *price < 0.0 {
            bound.add(price * row.lower);
        }
    }
    bound.get()
}

/// The bound that prices prove, some whole ladders decided.
pub fn dual_bound(program: &Program, prices: &[f64], decided: &Decided) -> f64 {
    let prices = lawful(program, prices);
    bound(program, &prices, tally(program, None, &prices, decided).best.get())
}

/// Certifies a point and prices.
pub fn certify(program: &Program, x: &[f64], prices: &[f64], decided: &Decided) -> Certificate {
    let prices = lawful(program, prices);
    let tally = tally(program, Some(x), &prices, decided);
    let bound = bound(program, &prices, tally.best.get());
    let mut objective = tally.gains;
    objective.add(program.constant);
    let mut violation = tally.misused.max(0.0);
    for (index, (row, (activity, absolute))) in program.rows.iter().zip(&tally.rows).enumerate() {
        let activity = activity.get();
        let broken = (row.lower - activity).max(activity - row.upper).max(0.0);
        match row.penalty {
            Some(penalty) => objective.add(-penalty * broken),
            None if broken > 0.0 => {
                let bound = if row.lower.is_finite() { row.lower } else { row.upper };
                // A row that hardly anything uses is measured against a millionth of one whole rung.
                let mut scale = (absolute + bound.abs()).max(f64::MIN_POSITIVE);
                if broken > violation * scale && scale < 1e-6 * possible_coefficient(program, index) {
                    scale = scale.max(1e-6 * largest_coefficient(program, index));
                }
                if broken > violation * scale {
                    violation = broken / scale;
                }
            }
            None => {}
        }
    }
    let objective = objective.get();
    Certificate { objective, bound, gap: (bound - objective) / bound.abs().max(1.0), violation }
}

/// No coefficient of a row is larger: of each of its groups, as if all of its largest values came together.
fn possible_coefficient(program: &Program, row: usize) -> f64 {
    let columns = &*program.columns;
    let of = |weights: &Weights| -> f64 {
        let weights = columns.compact(weights);
        weights.iter().zip(&columns.largest).map(|(weight, most)| weight.abs() * f64::from(*most)).sum()
    };
    let terms = program.groups.iter().flatten().filter(|term| term.row == row);
    terms.map(|term| of(&term.weights)).fold(0.0, f64::max)
}

/// Largest coefficient of a row, by the largest of each measure in each of its groups.
fn largest_coefficient(program: &Program, row: usize) -> f64 {
    let columns = &*program.columns;
    let mut largest = 0.0f64;
    for block in columns.ladders.iter().flat_map(|ladder| {
        columns.blocks[ladder.blocks.clone()].iter().map(|block| (*block, ladder.columns.len()))
    }) {
        let (block, rungs) = block;
        for term in program.groups[block.group as usize].iter().filter(|term| term.row == row) {
            let weights = columns.compact(&term.weights);
            for rung in 0..rungs {
                let used: f64 =
                    columns.at(block, rung).zip(weights).map(|(value, weight)| value * weight).sum();
                largest = largest.max(used.abs());
            }
        }
    }
    largest
}
