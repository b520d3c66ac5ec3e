//! Which plan of a day is in force: the morning's, or the last that was made while the day was under way.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use super::PLAN;
use super::folder::is_ours;
use crate::calendar::HOURS;
use crate::config::Request;

/// The folder of a day's plan: `runs/DATE` beside the plan file.
fn of_day(request: &Request, date: Date) -> PathBuf {
    request.resolve(&Path::new("runs").join(date.to_string()))
}

/// The plan that a day began with: a plan that was made again names the one that was in force before it. Where a
/// folder on the way has gone, the earliest that is there.
pub fn morning(in_force: &Path) -> PathBuf {
    let mut folder = in_force.to_path_buf();
    // A day has so many hours.
    for _ in 0..HOURS {
        let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap_or_default();
        let Ok(Again { replan: Some(again) }) = serde_json::from_str(&text) else { break };
        if !again.in_force.exists() {
            break;
        }
        folder = again.in_force;
    }
    folder
}

/// What of `manifest.json` says which plan was in force before.
#[derive(Deserialize)]
struct Again {
    replan: Option<Before>,
}

#[derive(Deserialize)]
struct Before {
    in_force: PathBuf,
}

/// The folder of a plan that was made again at an hour of its day: `runs/DATE-HH`.
pub fn of_hour(request: &Request, date: Date, hour: u8) -> PathBuf {
    request.resolve(&Path::new("runs").join(format!("{date}-{hour:02}")))
}

/// The folder of the plan in force at an hour: of those made again at earlier hours the last, else the morning's. Whether
/// there is one is for the reader to find.
pub fn in_force(request: &Request, date: Date, now: u8) -> PathBuf {
    let mut again = (0..now).rev().map(|hour| of_hour(request, date, hour));
    again.find(|folder| is_ours(folder, &PLAN)).unwrap_or(of_day(request, date))
}
