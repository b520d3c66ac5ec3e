//! The history: what was bid, and what it brought.
//!
//! Rows as they stand in files are private to the reader; only [`History`] leaves this module.
//!
//! [`read`] tells the story: patterns → [`files`] → a [`table`] per file ([`csv`], [`parquet`]) → its
//! headers bound to our columns ([`binding`], [`schema`]) → each [`row`] read, checked and completed →
//! rows compared with each other ([`validate`]). What cannot be used is booked in an [`account`].

mod account;
mod binding;
mod csv;
mod date;
mod encoding;
mod fault;
mod files;
mod ingest;
mod number;
pub mod observation;
mod parquet;
mod position;
mod read;
mod row;
mod scale;
mod schema;
mod table;
#[cfg(test)]
mod tests;
mod validate;
mod write;

pub use observation::{Audit, FileAudit, History, Observation, Rejected};
pub use read::read;
pub use write::{write_parquet, write_zhitongche_csv};
