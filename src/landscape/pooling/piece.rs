//! Rows in pieces that are worked on side by side.
//!
//! No unit lies in two pieces, and where one ends depends on the rows alone: the same history gives the same sums on
//! any number of cores.

use std::ops::Range;

use rayon::prelude::*;

use super::Row;
use super::slope::Apart;

/// Rows of a piece, at least, but for the last one: as many as stay near a core while it works on them.
const ROWS: usize = 1 << 14;

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
    /// From the first unit to the last, and their campaigns.
    pub units: Range<usize>,
    pub campaigns: Range<usize>,
}

/// Cuts rows, sorted by unit and day, into pieces.
pub(super) fn cut(rows: &[Row]) -> Vec<Piece> {
    let mut starts = vec![0];
    while let Some(full) = starts.last().map(|start| start + ROWS).filter(|full| *full < rows.len()) {
        let unit = rows[full - 1].unit;
        let same = rows[full..].iter().take_while(|row| row.unit == unit).count();
        starts.push(full + same);
    }
    let ends = starts.iter().skip(1).copied().chain([rows.len()]);
    let ranges: Vec<Range<usize>> = starts.iter().zip(ends).map(|(start, end)| *start..end).collect();
    ranges.into_par_iter().map(|range| Piece::of(&rows[range])).collect()
}

impl Piece {
    fn of(rows: &[Row]) -> Piece {
        let span = |of: fn(&Row) -> u32| {
            let levels = || rows.iter().map(|row| of(row) as usize);
            levels().min().unwrap_or(0)..levels().max().map_or(0, |last| last + 1)
        };
        let units = span(|row| row.unit);
        Piece {
            weights: rows.iter().map(|row| row.weight).collect(),
            mean: vec![0.0; rows.len()],
            apart: Apart::of(rows, units.clone()),
            campaigns: span(|row| row.campaign),
            units,
            rows: rows.to_vec(),
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
