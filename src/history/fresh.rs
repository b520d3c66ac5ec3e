//! Whether the history that a day is planned from is there yet, and whole: for each channel its newest day, the
//! hours of that day, and its rows beside what is usual on that weekday.
//!
//! What is usual is read off the channel's other days, so nothing has to be told: a shop that never advertises at
//! four in the morning or on Sundays lacks nothing then, and slots that run now and then are not expected every day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::{Audit, History};
use crate::calendar::{HOURS, date_of, day_number, weekday};
use crate::config::{Daily, OnStale, PlanFile};
use crate::error::Finding;
use crate::keys::Channel;

/// Share of the days from its first to its last on which a channel has rows if it has them every day.
const EVERY_DAY: f64 = 0.75;
/// Share of all other days that must have an hour for it to be missed.
const USUAL: f64 = 0.95;
/// Days before the newest one within which a day without rows is a warning: the last bids and the weekdays lean on them.
const RECENT: i32 = 7;
/// Days without rows that are named one by one.
const NAMED: usize = 5;
/// Days of the same weekday that are enough to compare with; with fewer, all days are compared with.
const SAME_WEEKDAY: usize = 2;

/// Rows of one channel on one day.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    rows: usize,
    /// A bit for every hour that has rows of its own.
    hours: u32,
    /// Whether there are rows of the whole day.
    whole: bool,
}

/// The days of one channel.
#[derive(Debug, Default)]
struct Days {
    /// Those with rows of a day or an hour.
    days: BTreeMap<i32, Day>,
    /// First and last day that any row covers.
    span: Option<[i32; 2]>,
    /// Days that its longest row covers.
    longest: i32,
}

/// What is missing or thin in the history of a plan for `date`: `D003` a channel's newest day, `D004` hours of it,
/// `D005` rows of it; errors, or warnings where the plan file says so. `D006` notes what could not be compared, or
/// need not be; `D011` names days without rows before the newest one.
pub fn fresh(history: &History, file: &PlanFile, date: Date) -> Vec<Finding> {
    let daily = &file.daily;
    let mut findings = Vec::new();
    for channel in Channel::ALL {
        let days = Days::of(history, channel);
        let Some([first, last]) = days.span else { continue };
        if !runs(history, channel, file, date) {
            let cause =
                format!("the plan file lets nothing of {channel} run on {date}: its history is not checked");
            findings.push(Finding::note("D006", cause, "nothing to do where it was given up"));
            continue;
        }
        // Slots run as they are booked.
        if channel == Channel::GroupBuy || !days.is_every_day(first, last) {
            let cause = format!(
                "{channel} has rows on {} of {} days: it is not expected every day, so its newest is not checked",
                days.days.len(),
                last - first + 1
            );
            findings.push(Finding::note("D006", cause, "nothing to do where it runs now and then"));
            continue;
        }
        let mut needed = day_number(date) - daily.max_age_days as i32 - (days.longest - 1);
        while needed > last && !days.is_usual(needed) {
            needed -= 1;
        }
        let place = |finding: Finding, day: i32| match file_of(&history.audit, channel, day) {
            Some(file) => finding.in_file(&file),
            None => finding,
        };
        findings.extend(days.gaps(channel, [first, last]).map(|(finding, day)| place(finding, day)));
        if last < needed {
            let cause = format!(
                "the history of {channel} ends on {}; a plan for {date} needs {} (`[run] max_age_days` = {})",
                date_of(last),
                date_of(needed),
                daily.max_age_days
            );
            let action = format!(
                "export the missing days and run again; `[run] on_stale = \"warn\"` plans without them; \
                 where {channel} was given up, an `[[override]]` with `run = false` says so"
            );
            findings.push(place(judged(daily, "D003", cause, &action), last + 1));
            continue;
        }
        findings.extend(days.holes(channel, last, daily).into_iter().map(|finding| place(finding, last)));
    }
    findings
}

/// Whether any unit of a channel may run on a date.
fn runs(history: &History, channel: Channel, file: &PlanFile, date: Date) -> bool {
    let date = date.to_string();
    let mut units = history.units.iter().filter(|unit| unit.channel == channel);
    units.any(|unit| file.limits(unit, &date).iter().any(|limits| limits.run))
}

fn judged(daily: &Daily, code: &'static str, cause: String, action: &str) -> Finding {
    match daily.on_stale {
        OnStale::Stop => Finding::error(code, cause, action),
        OnStale::Warn => Finding::warning(code, cause, action),
    }
}

impl Days {
    fn of(history: &History, channel: Channel) -> Days {
        let mut found = Days { longest: 1, ..Days::default() };
        let here = |unit: u32| history.units[unit as usize].channel == channel;
        for row in history.observations.iter().filter(|row| here(row.unit)) {
            let last = row.day + i32::from(row.days) - 1;
            let span = found.span.get_or_insert([row.day, last]);
            *span = [span[0].min(row.day), span[1].max(last)];
            found.longest = found.longest.max(i32::from(row.days));
            if row.days == 1 {
                let day = found.days.entry(row.day).or_default();
                day.rows += 1;
                match row.hour {
                    Some(hour) => day.hours |= 1 << hour,
                    None => day.whole = true,
                }
            }
        }
        found
    }

    /// Whether the channel has rows day by day, or of periods that follow each other.
    fn is_every_day(&self, first: i32, last: i32) -> bool {
        self.longest > 1 || self.days.len() as f64 >= EVERY_DAY * f64::from(last - first + 1)
    }

    /// Whether the channel mostly has rows on the weekday of a day.
    fn is_usual(&self, day: i32) -> bool {
        let Some([first, last]) = self.span.filter(|_| self.longest == 1) else { return true };
        let like = || (first..=last).filter(|other| weekday(*other) == weekday(day));
        let having = like().filter(|other| self.days.contains_key(other)).count();
        like().count() < SAME_WEEKDAY || 2 * having >= like().count()
    }

    /// The days without rows before the newest one, and the first that is worth a look.
    fn gaps(&self, channel: Channel, [first, newest]: [i32; 2]) -> Option<(Finding, i32)> {
        if self.longest > 1 {
            return None; // days are not told apart
        }
        let lost = |day: &i32| !self.days.contains_key(day) && self.is_usual(*day);
        let missing: Vec<i32> = (first..newest).filter(lost).collect();
        // The newest first: they matter most.
        let dates: Vec<String> =
            missing.iter().rev().take(NAMED).map(|day| date_of(*day).to_string()).collect();
        let last = *missing.last()?;
        let more = match missing.len() - dates.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let cause =
            format!("{channel} has rows up to {}, but none on {}{more}", date_of(newest), dates.join(", "));
        let action = "export these days again; nothing to do where nothing ran on them";
        let finding = match last >= newest - RECENT {
            true => Finding::warning("D011", cause, action),
            false => Finding::note("D011", cause, action),
        };
        Some((finding, last))
    }

    /// What the newest day lacks beside days like it.
    fn holes(&self, channel: Channel, newest: i32, daily: &Daily) -> Vec<Finding> {
        let Some(day) = self.days.get(&newest) else { return Vec::new() }; // a longer period
        // A day of rows that cover all of it has fewer of them than one of hourly rows.
        let others = || self.days.iter().filter(|(at, other)| **at != newest && other.whole == day.whole);
        let mut like: Vec<&Day> =
            others().filter(|(other, _)| weekday(**other) == weekday(newest)).map(|(_, day)| day).collect();
        let name = if like.len() >= SAME_WEEKDAY { WEEKDAYS[weekday(newest)] } else { "day" };
        if like.len() < SAME_WEEKDAY {
            like = others().map(|(_, day)| day).collect();
        }
        let date = date_of(newest);
        if like.len() < SAME_WEEKDAY {
            let cause =
                format!("{channel} has too few days before {date} to tell whether all of that day is there");
            return vec![Finding::note("D006", cause, "nothing to do: it is checked once there are more")];
        }
        let mut findings = Vec::new();
        let has = |day: &Day, hour: usize| day.hours & (1 << hour) != 0;
        let usual = |hour: &usize| {
            let having = others().filter(|(_, day)| has(day, *hour)).count();
            having as f64 >= USUAL * others().count() as f64
        };
        let missing: Vec<usize> =
            (0..HOURS).filter(|hour| !day.whole && !has(day, *hour)).filter(|hour| usual(hour)).collect();
        if !missing.is_empty() {
            let cause = format!("{channel} has no rows on {date} at {} o'clock", spans(&missing));
            let action = "wait until the day is whole or export it again; `[run] on_stale = \"warn\"` plans with what is there; \
                          where the day still goes on, `--date` plans it from the days before";
            findings.push(judged(daily, "D004", cause, action));
        }
        let mut rows: Vec<usize> = like.iter().map(|day| day.rows).collect();
        rows.sort_unstable();
        let median = rows[rows.len() / 2];
        if (day.rows as f64) < daily.least_rows * median as f64 {
            let cause = format!(
                "{channel} has {} rows on {date}, {:.0} % of the {median} usual on a {name}; `[run] least_rows` asks for {:.0} %",
                day.rows,
                100.0 * day.rows as f64 / median as f64,
                100.0 * daily.least_rows
            );
            let action =
                "export the day again; lower `least_rows` if so few rows are right, after a cut of units";
            findings.push(judged(daily, "D005", cause, action));
        }
        findings
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// `3, 18-23`.
fn spans(hours: &[usize]) -> String {
    let runs = hours.chunk_by(|a, b| a + 1 == *b);
    let text = runs.map(|run| match run {
        [only] => only.to_string(),
        run => format!("{}-{}", run[0], run[run.len() - 1]),
    });
    text.collect::<Vec<_>>().join(", ")
}

/// The file that holds a channel's day or should hold it, where files are named after days: the one that names it, or
/// what the newest such file would be called.
fn file_of(audit: &Audit, channel: Channel, day: i32) -> Option<PathBuf> {
    let files: Vec<&Path> = audit
        .files
        .iter()
        .filter(|file| file.channels.contains(&channel))
        .map(|file| file.file.as_path())
        .collect();
    if let [only] = files.as_slice() {
        return Some(only.to_path_buf());
    }
    for write in [iso as fn(i32) -> String, plain] {
        let naming =
            |day: &str| files.iter().filter_map(|path| path.to_str()).find(|path| path.contains(day));
        let (wanted, before) = (write(day), write(day - 1));
        let named = naming(&wanted).map(str::to_owned);
        if let Some(file) = named.or_else(|| Some(naming(&before)?.replace(&before, &wanted))) {
            return Some(file.into());
        }
    }
    None
}

fn iso(day: i32) -> String {
    date_of(day).to_string()
}

fn plain(day: i32) -> String {
    iso(day).replace('-', "")
}

#[cfg(test)]
mod tests;
