//! bidwright
pub mod backtest;
pub mod calendar;
pub mod cli;
pub mod config;
pub mod error;
pub mod history;
pub mod keys;
pub mod market;
pub mod metric;
pub mod pipeline;
pub mod plan;
pub mod sheets;
