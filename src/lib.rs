//! bidwright
pub mod backtest;
pub mod calendar;
pub mod cli;
pub mod config;
pub mod error;
pub mod history;
pub mod keys;
pub mod ladder;
pub mod landscape;
pub mod market;
pub mod metric;
pub mod pipeline;
pub mod plan;
pub mod program;
pub mod reason;
pub mod sheets;
pub mod solver;
