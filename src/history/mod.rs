//! The history: what was bid, and what it brought.
//!
//! Rows as they stand in files are private to the reader; only [`History`] leaves this module.

pub mod observation;
mod read;
mod write;

pub use observation::{Audit, FileAudit, History, Observation, Rejected};
pub use read::read;
pub use write::{write_parquet, write_zhitongche_csv};
