//! A run of rows of a batch, read on a core of its own.

use std::collections::HashMap;
use std::ops::Range;

use super::fault::Fault;
use super::ingest::age;
use super::row::Rows;
use super::table::Table;
use super::validate::Kept;
use crate::keys::Unit;

/// Rows of a piece: few enough that every core gets some of a batch, many enough that handing them out costs nothing.
const PIECE: usize = 1 << 13;

/// The rows of a piece, in the order of the file; units are numbered within the piece.
pub(super) struct Piece {
    /// Accepted rows.
    pub kept: Vec<Kept>,
    /// Their units, by key.
    pub units: Vec<(String, Unit)>,
    /// Rows that cannot be used.
    pub faulty: Vec<Faulty>,
    /// Accepted rows with more orders than clicks.
    pub late: usize,
}

/// A row that cannot be used.
pub(super) struct Faulty {
    /// What is wrong.
    pub fault: Fault,
    /// Where it stands.
    pub line: usize,
    /// As it stands there.
    pub text: String,
}

/// The runs of rows into which a batch is cut.
pub(super) fn cut(rows: usize) -> Vec<Range<usize>> {
    (0..rows).step_by(PIECE).map(|first| first..rows.min(first + PIECE)).collect()
}

impl Piece {
    /// Reads a run of rows of file number `file`.
    pub fn read(table: &dyn Table, mut rows: Rows<'_>, run: Range<usize>, file: u32) -> Piece {
        let mut piece = Piece { kept: Vec::with_capacity(run.len()), units: vec![], faulty: vec![], late: 0 };
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let (mut key, mut last) = (String::new(), 0);
        for at in run {
            let read = rows.read(table, at, &mut key);
            match read.and_then(|row| Ok((row, rows.exported(table, at)?))) {
                Ok((mut row, exported)) => {
                    // Neighbouring rows are mostly of one unit.
                    if piece.units.get(last).is_none_or(|(unit, _)| *unit != key) {
                        last = numbers.get(key.as_str()).map_or(piece.units.len(), |number| *number as usize);
                        if last == piece.units.len() {
                            numbers.insert(key.clone(), last as u32);
                            piece.units.push((key.clone(), rows.unit()));
                        }
                    }
                    row.unit = last as u32;
                    row.age = exported.map_or(0, |exported| age(&row, exported - 1));
                    piece.late += usize::from(row.orders > row.clicks);
                    let line = u32::try_from(table.line(at)).unwrap_or(u32::MAX);
                    piece.kept.push(Kept { row, exported, file, line });
                }
                Err(fault) => {
                    let faulty = Faulty { fault, line: table.line(at), text: table.text(at) };
                    piece.faulty.push(faulty);
                }
            }
        }
        piece
    }
}
