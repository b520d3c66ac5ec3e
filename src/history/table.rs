//! A table that is read a batch of rows at a time, whatever file it stands in.

use super::fault::Fault;
use crate::error::Finding;

/// A cell as it stands in a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// No value was stored.
    Missing,
    /// Text, trimmed.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// Any number.
    Number(f64),
    /// A day number.
    Day(i32),
    /// A moment that is not midnight, in seconds since 1970.
    Instant(i64),
}

impl Cell<'_> {
    /// The text that people would see.
    pub fn to_text(self) -> String {
        match self {
            Cell::Missing => String::new(),
            Cell::Text(text) => text.to_string(),
            Cell::Integer(number) => number.to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::Day(day) => crate::calendar::date_of(day).to_string(),
            Cell::Instant(second) => jiff::Timestamp::from_second(second)
                .map_or_else(|_| second.to_string(), |moment| moment.to_string()),
        }
    }
}

/// A table. Columns are numbered as in [`Table::headers`]; rows within the batch last read.
pub(super) trait Table: Send + Sync {
    /// The headers, as they stand in the file.
    fn headers(&self) -> &[String];

    /// Says which columns will be asked for; the others may be skipped.
    fn narrow(&mut self, columns: &[usize]) -> Result<(), Finding>;

    /// Reads the next batch; `false` at the end.
    fn advance(&mut self) -> Result<bool, Finding>;

    /// Rows of the batch.
    fn rows(&self) -> usize;

    /// Line in a text file, row in a Parquet file, both from 1.
    fn line(&self, row: usize) -> usize;

    /// One cell.
    fn cell(&self, row: usize, column: usize) -> Cell<'_>;

    /// Why the row cannot be a row of data, whatever its columns mean.
    fn misfit(&self, row: usize) -> Option<Fault>;

    /// The row as it stands in the file.
    fn text(&self, row: usize) -> String;
}
