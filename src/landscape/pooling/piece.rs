//! Runs of rows while they are being fitted, side by side.

use std::ops::Range;

use rayon::prelude::*;

use super::apart::Apart;
use super::bin::{self, Bin};
use super::{Row, Rows};

/// Some units' rows while they are being fitted.
#[derive(Debug)]
pub(super) struct Piece {
    pub rows: Vec<Row>,
    /// Weights before rows of one cell were discounted.
    pub weights: Vec<f64>,
    /// What is expected of each row.
    pub mean: Vec<f64>,
    /// The feature taken apart.
    pub apart: Apart,
    /// Rows of one campaign, hour and day, and in which of them each row lies.
    pub bins: Vec<Bin>,
    pub bin_of: Vec<u32>,
    /// From the first unit to the last, and their campaigns.
    pub units: Range<usize>,
    pub campaigns: Range<usize>,
    /// Campaign of each of the units that has rows.
    pub campaign_of: Vec<(usize, usize)>,
}

/// All rows, ready to be fitted.
pub(super) fn cut(rows: Rows) -> Vec<Piece> {
    rows.0.into_par_iter().map(Piece::of).collect()
}

impl Piece {
    fn of(rows: Vec<Row>) -> Piece {
        let span = |of: fn(&Row) -> u32| {
            let levels = || rows.iter().map(|row| of(row) as usize);
            levels().min().unwrap_or(0)..levels().max().map_or(0, |last| last + 1)
        };
        let units = span(|row| row.unit);
        let (bins, bin_of) = bin::sort(&rows);
        Piece {
            weights: rows.iter().map(|row| row.weight).collect(),
            mean: vec![0.0; rows.len()],
            apart: Apart::of(&rows, units.clone(), &bin_of, bins.len()),
            campaigns: span(|row| row.campaign),
            campaign_of: rows
                .chunk_by(|one, other| one.unit == other.unit)
                .map(|rows| (rows[0].unit as usize, rows[0].campaign as usize))
                .collect(),
            units,
            bins,
            bin_of,
            rows,
        }
    }
}

/// Works on all pieces and adds up what they give, always in their order.
pub(super) fn sum<const N: usize>(
    pieces: &mut [Piece],
    of: impl Fn(&mut Piece) -> [f64; N] + Send + Sync,
) -> [f64; N] {
    let parts: Vec<[f64; N]> = pieces.par_iter_mut().map(of).collect();
    parts.into_iter().fold([0.0; N], |all, part| std::array::from_fn(|at| all[at] + part[at]))
}

/// Moves the means of rows, and adds up what is seen and expected of each bin.
pub(super) fn fill(pieces: &mut [Piece], moved: impl Fn(&Row) -> f64 + Sync) {
    pieces.par_iter_mut().for_each(|Piece { rows, mean, bins, bin_of, .. }| {
        bins.iter_mut().for_each(|bin| (bin.seen, bin.expected, bin.moved) = (0.0, 0.0, 1.0));
        for ((row, mean), bin) in rows.iter().zip(mean).zip(bin_of) {
            let bin = &mut bins[*bin as usize];
            *mean *= moved(row);
            bin.seen += row.weight * row.y;
            bin.expected += row.weight * *mean;
        }
    });
}

/// Moves the means of rows as their bins moved.
pub(super) fn settle(pieces: &mut [Piece]) {
    pieces.par_iter_mut().for_each(|Piece { mean, bins, bin_of, .. }| {
        mean.iter_mut().zip(bin_of).for_each(|(mean, bin)| *mean *= bins[*bin as usize].moved);
        bins.iter_mut().for_each(|bin| bin.moved = 1.0);
    });
}
