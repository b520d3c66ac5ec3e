//! bidwright
pub mod calendar;
pub mod config;
pub mod error;
pub mod history;
pub mod keys;
pub mod metric;
pub mod plan;
pub mod report;
pub mod sheets;
pub mod market;
pub mod cli;
