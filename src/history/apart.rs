//! Rows that stand far apart from all others of their channel: mostly a date with a slip in it, which makes every other
//! row too old to be used and moves the day that is planned.

use std::collections::BTreeMap;

use super::ingest::Job;
use super::observation::STALE_DAYS;
use super::validate::Kept;
use crate::calendar::date_of;
use crate::error::Finding;
use crate::keys::{Channel, Unit};

/// So many days without a row are no pause of a channel.
const NO_PAUSE: i32 = 180;
/// After a pause, days have no fewer rows than this share of what they had before.
const THIN: f64 = 0.1;

/// Rows of a channel that end on one day.
#[derive(Default, Clone, Copy)]
struct Day {
    rows: usize,
    file: u32,
    line: u32,
}

/// Warns of channels whose newest rows stand apart from the others, with what the lookback makes of those (`H025`).
pub(super) fn apart(kept: &[Kept], units: &[Unit], lookback: u32, jobs: &[Job<'_>]) -> Vec<Finding> {
    let mut days: BTreeMap<(Channel, i32), Day> = BTreeMap::new();
    // Rows of a unit and day follow each other.
    for rows in kept.chunk_by(|a, b| (a.row.unit, a.row.end()) == (b.row.unit, b.row.end())) {
        let first = &rows[0];
        let day = days.entry((units[first.row.unit as usize].channel, first.row.end())).or_default();
        if day.rows == 0 {
            (day.file, day.line) = (first.file, first.line);
        }
        day.rows += rows.len();
    }
    let days: Vec<((Channel, i32), Day)> = days.into_iter().collect();
    let of_channel = days.chunk_by(|a, b| a.0.0 == b.0.0);
    of_channel.filter_map(|days| of(days, lookback, jobs)).collect()
}

fn of(days: &[((Channel, i32), Day)], lookback: u32, jobs: &[Job<'_>]) -> Option<Finding> {
    let gap = |at: usize| days[at].0.1 - days[at - 1].0.1;
    let from = (1..days.len()).rev().find(|at| gap(*at) > STALE_DAYS)?;
    let (before, after) = days.split_at(from);
    let rows = |days: &[(_, Day)]| days.iter().map(|(_, day)| day.rows).sum::<usize>();
    let usual = |days: &[(_, Day)]| rows(days) as f64 / days.len() as f64;
    if gap(from) <= NO_PAUSE && usual(after) >= THIN * usual(before) {
        return None;
    }
    let (((channel, day), first), ((_, last), _)) = (after[0], days[days.len() - 1]);
    let old: Vec<_> = before
        .iter()
        .copied()
        .filter(|((_, day), _)| i64::from(*day) <= i64::from(last) - i64::from(lookback))
        .collect();
    let mut cause = format!(
        "{} of {} rows of {channel} are of {} or later, {} days after all the others",
        rows(after),
        rows(days),
        date_of(day),
        gap(from)
    );
    if !old.is_empty() {
        cause +=
            &format!("; so {} rows are older than `[history] lookback_days` and are not used", rows(&old));
    }
    let action = "mend the date if it is a slip, or leave out those rows";
    let finding = Finding::warning("H025", cause, action);
    Some(finding.in_file(&jobs[first.file as usize].input.path).at_line(first.line as usize))
}
