//! `bidwright judge`.

use std::path::{Path, PathBuf};

use super::number::{self, NONE};
use super::table::table;
use super::{after_help, screen};
use crate::error::{Error, Finding, Result, exit};
use crate::history;
use crate::judge::plan_text;
use crate::judge::yardstick::{self, Row};
use crate::market::kinds::{self, Kind};
use crate::market::{Shop, exports, simulate};

/// Play plans on simulated shops of all kinds
///
/// For a shop of each kind: simulates its history, plans the day after it, plays the plan so many times, and
/// compares what it earned with last week's bids and with the bids of a planner who knew the true curves.
/// Money is a day's mean. `% of best` is the plan's revenue over that of the planner who knew, who may spend
/// what the plan spent; `auctions` is the same over search and display alone. Errors are forecast ÷ played
/// − 1. `% in 3-5` is the share of search hours at positions 3 to 5: last week's, the plan's, the best's.
/// `% met` is the share of days on which the rules held, `% ROI met` that of the ROI rules, `% budget met` that
/// of the budget. `in 80 %` is the share of totals, by channel, metric and day, in the band that should hold four
/// in five. `given up` is what the confidence costs by the plan's own reckoning, in percent of the objective.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright judge\n  bidwright judge --kind middling --kind sparse --seed 7 --days 40\n  bidwright judge --kind event --write shops"
))]
pub(super) struct JudgeArgs {
    /// A kind of shop, may be repeated [default: all]
    #[arg(long, value_name = "NAME")]
    kind: Vec<String>,
    /// Seed of the shops; may be repeated
    #[arg(long, value_name = "N", default_value = "1")]
    seed: Vec<u64>,
    /// How often each planned day is played
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    days: u32,
    /// The chance with which plans are to meet their rules, `plan.confidence`
    #[arg(long, value_name = "C", default_value_t = 0.5, value_parser = confidence)]
    confidence: f64,
    /// Leave out the planner who knew the true curves, which takes longest; `best` is then 0
    #[arg(long)]
    no_best: bool,
    /// One JSON object a shop in place of the table
    #[arg(long)]
    json: bool,
    /// List the kinds and stop
    #[arg(long)]
    list: bool,
    /// Write each shop into a folder of its own below this one (shop.toml, plan.toml, history.parquet) and
    /// stop
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long, requires = "write")]
    force: bool,
}

/// A confidence as plan files take it.
fn confidence(text: &str) -> std::result::Result<f64, String> {
    let value: Option<f64> = text.parse().ok().filter(|value| (0.5..1.0).contains(value));
    value.ok_or_else(|| "at least 0.5 and below 1".into())
}

impl JudgeArgs {
    pub fn run(&self) -> Result<u8> {
        let kinds: Vec<Kind> = match self.kind.is_empty() {
            true => kinds::ALL.to_vec(),
            false => self.kind.iter().map(|name| Kind::named(name)).collect::<Result<_>>()?,
        };
        if self.list {
            let rows = kinds.iter().map(|kind| [kind.name.to_owned(), kind.about().to_owned()]);
            screen::print(&table(["kind", "what it is"], 2, rows))?;
            return Ok(exit::DONE);
        }
        let shops = || kinds.iter().flat_map(|kind| self.seed.iter().map(|seed| (*kind, *seed)));
        if let Some(folder) = &self.write {
            for (kind, seed) in shops() {
                let folder = folder.join(format!("{}-{seed}", kind.name));
                write(&kind.shop(seed)?, &folder, self.force)?;
                screen::print(&folder.display().to_string())?;
            }
            return Ok(exit::DONE);
        }
        let mut rows = Vec::new();
        for (kind, seed) in shops() {
            let (row, _) = yardstick::measure(kind, seed, self.days, self.confidence, !self.no_best)?;
            tracing::info!(kind = row.kind, seed, of_best = row.share_of_optimum, "played");
            if self.json {
                let line = serde_json::to_string(&row).map_err(|error| Error::Internal(error.to_string()))?;
                screen::print(&line)?;
            }
            rows.push(row);
        }
        if !self.json {
            screen::print(&yard(&rows))?;
        }
        Ok(exit::DONE)
    }
}

/// Writes a shop so that `bidwright plan` and `bidwright simulate` find everything.
fn write(shop: &Shop, folder: &Path, force: bool) -> Result<()> {
    let files = ["shop.toml", "plan.toml", "history.parquet"].map(|name| folder.join(name));
    if let Some(file) = files.iter().find(|file| file.exists() && !force) {
        return Err(Finding::error("U002", "the file exists", "choose another --write, or say --force")
            .in_file(file)
            .into());
    }
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let [shop_file, plan_file, history_file] = &files;
    let history = simulate(shop);
    let shop_text = toml::to_string(shop).map_err(|error| Error::Internal(error.to_string()))?;
    std::fs::write(shop_file, shop_text).map_err(Error::io("write", shop_file))?;
    std::fs::write(plan_file, plan_text(shop, &history)).map_err(Error::io("write", plan_file))?;
    history::write_parquet(history_file, &exports(shop))
}

/// All shops in a table, and the middle of each column.
fn yard(rows: &[Row]) -> String {
    let money = |value: f64| number::grouped(value, 0);
    let share = |value: f64| number::grouped(100.0 * value, 1);
    let held = |value: Option<f64>| value.map_or(NONE.into(), |value| number::grouped(100.0 * value, 0));
    let cells = |row: &Row| {
        [
            format!("{} {}", row.kind, row.seed),
            money(row.last_week_revenue),
            money(row.revenue),
            money(row.optimum_revenue),
            share(row.share_of_optimum),
            row.share_of_auctions.map_or(NONE.into(), share),
            money(row.last_week_spend),
            money(row.spend),
            money(row.optimum_spend),
            share(row.spend_error),
            share(row.revenue_error),
            format!("{} {} {}", held(row.last_week_in_band), held(row.in_band), held(row.optimum_in_band)),
            share(row.met),
            share(row.roi_met),
            share(row.budget_met),
            held(row.p80),
            row.given_up.map_or(NONE.into(), share),
            number::grouped(row.plan_seconds, 2),
        ]
    };
    let header = [
        "shop",
        "revenue: last week",
        "plan",
        "best",
        "% of best",
        "auctions",
        "spend: last week",
        "plan",
        "best",
        "spend error %",
        "revenue error %",
        "% in 3-5",
        "% met",
        "% ROI met",
        "% budget met",
        "in 80 %",
        "given up",
        "plan s",
    ];
    let mut text = table(header, 1, rows.iter().map(cells));
    let middle = |of: &dyn Fn(&Row) -> f64| {
        let mut values: Vec<f64> = rows.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    text += &format!(
        "\n\nmedian shop: {} % of best, spend off by {} %, revenue off by {} %, rules met on {} % of days",
        share(middle(&|row| row.share_of_optimum)),
        share(middle(&|row| row.spend_error.abs())),
        share(middle(&|row| row.revenue_error.abs())),
        share(middle(&|row| row.met)),
    );
    text
}
