//! `bidwright backtest`.

use super::table::table;
use super::{Log, PlanFileArgs, after_help, number, screen};
use crate::backtest;
use crate::error::{Result, exit};

/// Compare predictions of past days with what happened
///
/// Fits on the history without its newest days, predicts these days from the bids that were really set,
/// and compares. The error is predicted ÷ actual − 1.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!("  bidwright backtest shop/plan.toml\n  bidwright backtest shop/plan.toml --days 14"))]
pub(super) struct BacktestArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Newest days that are held out and predicted
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    days: u32,
}

impl BacktestArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let request = self.file.load(log)?;
        let backtest = backtest::run(&request, self.days)?;
        let rows = backtest.rows.iter().map(|row| {
            [
                row.channel.clone(),
                row.metric.to_owned(),
                number::significant(row.predicted),
                number::significant(row.actual),
                number::percent(row.error),
            ]
        });
        let rows = table(["channel", "metric", "predicted", "actual", "error"], 2, rows);
        screen::print(&format!("{rows}\n\n{}", backtest.verdict))?;
        Ok(exit::DONE)
    }
}
