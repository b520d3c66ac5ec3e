//! `bidwright backtest`.

use super::table::table;
use super::{Log, PlanFileArgs, after_help, number, screen};
use crate::backtest::unseen::{self, Unseen};
use crate::backtest::{self, BacktestRow};
use crate::error::{Result, exit};
use crate::sheets;

/// Compare predictions of past days with what happened
///
/// Predicts each of the newest days whose sales are final from the days before it, at the bids that were
/// really set, and compares. The error is predicted ÷ actual − 1; of a position it is the difference, and `position_error`
/// is its mean distance per cell, weighted by impressions.
///
/// The verdict is left in runs/backtest.json beside the plan file, and the report of later plans shows it.
///
/// With `--by unit` the units are dealt into folds instead, and the CPC (CPM) and the mean position of each fold
/// are predicted from the others, as for new units: from campaign, product, bid and expected impressions. The
/// error is the mean absolute one over units.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!("  bidwright backtest shop/plan.toml\n  bidwright backtest shop/plan.toml --days 14\n  bidwright backtest shop/plan.toml --by unit --folds 5"))]
pub(super) struct BacktestArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// Newest days that are held out and predicted
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    days: u32,
    /// What is held out: the newest days, or a share of the units
    #[arg(long, value_enum, default_value_t = By::Day)]
    by: By,
    /// Shares into which the units are dealt, with --by unit
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..))]
    folds: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    /// Newest days
    Day,
    /// Units, in folds
    Unit,
}

impl BacktestArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let request = self.file.load(log)?;
        if self.by == By::Unit {
            return unseen(&unseen::run(&request, self.folds)?);
        }
        let backtest = backtest::run(&request, self.days)?;
        if let Err(error) = sheets::write_backtest(&request, &backtest) {
            // The verdict is on the screen all the same.
            tracing::warn!("the verdict is not left for later reports: {error}");
        }
        let rows = backtest.rows.iter().map(cells);
        let rows = table(["channel", "metric", "predicted", "actual", "error"], 2, rows);
        screen::print(&format!("{rows}\n\n{}", backtest.verdict))?;
        Ok(exit::DONE)
    }
}

fn unseen(rows: &[Unseen]) -> Result<u8> {
    let fixed = |value: f64| number::grouped(value, 3);
    let rows = rows.iter().map(|row| {
        [
            row.channel.name().to_owned(),
            row.metric.to_owned(),
            row.units.to_string(),
            fixed(row.error),
            fixed(row.without_size),
            fixed(row.campaign_median),
            fixed(row.channel_median),
        ]
    });
    let head =
        ["channel", "metric", "units", "error", "without impressions", "campaign median", "channel median"];
    screen::print(&table(head, 2, rows))?;
    Ok(exit::DONE)
}

/// A row of the table. Sums are compared in percent; positions in positions, of which
/// `position_error` is the mean distance.
fn cells(row: &BacktestRow) -> [String; 5] {
    let number = number::significant;
    let (actual, error) = match row.metric {
        "position" => (number(row.actual), number(row.error)),
        "position_error" => (number::NONE.into(), number::NONE.into()),
        _ => (number(row.actual), number::percent(row.error)),
    };
    [row.channel.clone(), row.metric.to_owned(), number(row.predicted), actual, error]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_no_percentages() {
        let row = |metric, predicted, actual, error| {
            cells(&BacktestRow { channel: "search".into(), metric, predicted, actual, error }).join(" ")
        };
        assert_eq!(row("spend", 110.0, 100.0, 0.1), "search spend 110.0 100.0 10.00 %");
        assert_eq!(row("position", 4.2, 4.1, 0.1), "search position 4.200 4.100 0.1000");
        assert_eq!(row("position_error", 0.4, 0.0, 0.4), "search position_error 0.4000 – –");
    }
}
