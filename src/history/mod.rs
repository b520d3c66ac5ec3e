//! The history: what was bid, and what it brought.
//!
//! Rows as they stand in files are private to the reader; only [`History`] leaves this module.
//!
//! [`read`] tells the story: patterns → `files` → a `table` per file (`csv`, `parquet`) → its
//! headers bound to our columns (`binding`, `schema`) → each `row` read, checked and completed →
//! rows compared with each other (`validate`). What cannot be used is booked in an `account`.

// A finding is large, but it ends a file and never rides through an inner loop.
#![allow(clippy::result_large_err)]

mod account;
mod actuals;
mod apart;
mod binding;
mod csv;
mod date;
mod encoding;
mod fault;
mod files;
mod fresh;
mod ingest;
mod model;
mod name;
mod number;
pub mod observation;
mod parquet;
mod piece;
mod position;
mod read;
mod relation;
mod row;
mod scale;
mod schema;
mod source;
mod sums;
mod table;
#[cfg(test)]
mod tests;
pub mod triangle;
mod validate;
pub mod write;

pub use actuals::{read_actuals, reads};
pub use fresh::fresh;
pub use model::read_model;
pub use observation::{Audit, FileAudit, History, Observation, Rejected, STALE_DAYS};
pub use read::read;
pub use triangle::Triangle;
pub use write::{write_dated_parquet, write_parquet, write_zhitongche_csv};
