//! Which plan of a day is in force: the morning's, or the last that was made while the day was under way.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use super::PLAN;
use super::folder::is_ours;
use crate::config::Request;
use crate::plan::Status;

/// What of `summary.json` says whether a plan may be in force.
#[derive(Deserialize)]
struct Ended {
    status: Status,
}

/// The folder of a day's plan: `runs/DATE` beside the plan file.
fn of_day(request: &Request, date: Date) -> PathBuf {
    request.resolve(&Path::new("runs").join(date.to_string()))
}

/// The folder of a plan that was made again at an hour of its day: `runs/DATE-HH`.
pub fn of_hour(request: &Request, date: Date, hour: u8) -> PathBuf {
    request.resolve(&Path::new("runs").join(format!("{date}-{hour:02}")))
}

/// The folder of the plan in force at an hour: of those made again at earlier hours the last that meets its rules,
/// else the morning's. Whether there is one is for the reader to find.
pub fn in_force(request: &Request, date: Date, now: u8) -> PathBuf {
    let again = (0..now).rev().map(|hour| of_hour(request, date, hour));
    again
        .into_iter()
        .find(|folder| is_ours(folder, &PLAN) && keeps_rules(folder))
        .unwrap_or(of_day(request, date))
}

fn keeps_rules(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("summary.json")).unwrap_or_default();
    serde_json::from_str::<Ended>(&text).is_ok_and(|ended| ended.status != Status::Infeasible)
}
