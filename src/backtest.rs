//! Stands in until the backtest is merged; only the names are meant.

use crate::config::Request;
use crate::error::{Error, Result};

pub struct BacktestRow {
    pub channel: String,
    pub metric: &'static str,
    pub predicted: f64,
    pub actual: f64,
    pub error: f64,
}

pub struct Backtest {
    pub rows: Vec<BacktestRow>,
    pub verdict: String,
}

pub fn run(_: &Request, _days: u32) -> Result<Backtest> {
    Err(Error::Internal("the backtest is not merged yet".into()))
}
