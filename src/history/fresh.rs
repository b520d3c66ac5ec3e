//! Whether the history that a day is planned from is there yet, and whole: for each channel its newest day, the
//! hours of that day, and its rows beside what is usual on that weekday.
//!
//! What is usual is read off the channel's other days, so nothing has to be told: a shop that never advertises at
//! four in the morning lacks no hour, and slots that run now and then are not expected every day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::{Audit, History};
use crate::calendar::{HOURS, date_of, day_number, weekday};
use crate::config::{Daily, OnStale};
use crate::error::Finding;
use crate::keys::Channel;

/// Share of the days from its first to its last on which a channel has rows if it has them every day.
const EVERY_DAY: f64 = 0.75;
/// Share of all other days that must have an hour for it to be missed.
const USUAL: f64 = 0.95;
/// Days of the same weekday that are enough to compare with; with fewer, all days are compared with.
const SAME_WEEKDAY: usize = 2;

/// Rows of one channel on one day.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    rows: usize,
    /// A bit for every hour that has rows.
    hours: u32,
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
/// `D005` rows of it; errors, or warnings where the plan file says so. `D006` notes what could not be compared.
pub fn fresh(history: &History, daily: &Daily, date: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    for channel in Channel::ALL {
        let days = Days::of(history, channel);
        let Some([first, last]) = days.span else { continue };
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
        let needed = day_number(date) - daily.max_age_days as i32 - (days.longest - 1);
        let place = |finding: Finding, day: i32| match file_of(&history.audit, day) {
            Some(file) => finding.in_file(&file),
            None => finding,
        };
        if last < needed {
            let cause = format!(
                "the history of {channel} ends on {}; a plan for {date} needs {} (`[run] max_age_days` = {})",
                date_of(last),
                date_of(needed),
                daily.max_age_days
            );
            let action =
                "export the missing days and run again; `[run] on_stale = \"warn\"` plans without them";
            findings.push(place(judged(daily, "D003", cause, action), last + 1));
            continue;
        }
        findings.extend(days.holes(channel, last, daily).into_iter().map(|finding| place(finding, last)));
    }
    findings
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
                day.hours |= row.hour.map_or(ALL_HOURS, |hour| 1 << hour);
            }
        }
        found
    }

    /// Whether the channel has rows day by day, or of periods that follow each other.
    fn is_every_day(&self, first: i32, last: i32) -> bool {
        self.longest > 1 || self.days.len() as f64 >= EVERY_DAY * f64::from(last - first + 1)
    }

    /// What the newest day lacks beside days like it.
    fn holes(&self, channel: Channel, newest: i32, daily: &Daily) -> Vec<Finding> {
        let Some(day) = self.days.get(&newest) else { return Vec::new() }; // a longer period
        let others = || self.days.iter().filter(|(other, _)| **other != newest);
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
            (0..HOURS).filter(|hour| !has(day, *hour)).filter(|hour| usual(hour)).collect();
        if !missing.is_empty() {
            let cause = format!("{channel} has no rows on {date} at {} o'clock", spans(&missing));
            let action = "wait until the day is whole or export it again; `[run] on_stale = \"warn\"` plans with what is there";
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

const ALL_HOURS: u32 = (1 << HOURS) - 1;
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

/// The file that holds a day or should hold it, where files are named after days: the one that names it, or what
/// the newest such file would be called.
fn file_of(audit: &Audit, day: i32) -> Option<PathBuf> {
    if let [only] = audit.files.as_slice() {
        return Some(only.file.clone());
    }
    for write in [iso as fn(i32) -> String, plain] {
        let wanted = write(day);
        let named = |path: &&Path, text: &str| path.to_str().is_some_and(|path| path.contains(text));
        let paths = || audit.files.iter().map(|file| file.file.as_path());
        if let Some(file) = paths().find(|path| named(path, &wanted)) {
            return Some(file.to_path_buf());
        }
        let before = write(day - 1);
        if let Some(file) = paths().find(|path| named(path, &before)) {
            return file.to_str().map(|text| text.replace(&before, &wanted).into());
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
mod tests {
    use super::*;
    use crate::history::{FileAudit, Observation};
    use crate::keys::Unit;

    const LAST: i32 = 20_000;

    fn history(channels: &[Channel], rows: impl Fn(Channel, i32, u8) -> usize, files: &[&str]) -> History {
        let units = channels.iter().map(|channel| Unit {
            channel: *channel,
            campaign: "c".into(),
            unit: "u".into(),
            product: None,
        });
        let mut history = History { units: units.collect(), ..History::default() };
        for (unit, channel) in channels.iter().enumerate() {
            for day in LAST - 27..=LAST {
                for hour in 0..24 {
                    let row = Observation {
                        unit: unit as u32,
                        day,
                        days: 1,
                        hour: Some(hour),
                        bid: 1.0,
                        position: [f32::NAN; 2],
                        quality: f32::NAN,
                        impressions: 1.0,
                        clicks: 1.0,
                        spend: 1.0,
                        orders: 0.0,
                        revenue: 0.0,
                    };
                    history.observations.extend(vec![row; rows(*channel, day, hour)]);
                }
            }
        }
        let file = |name: &&str| FileAudit { file: name.into(), ..FileAudit::default() };
        history.audit.files = files.iter().map(file).collect();
        history
    }

    fn said(history: &History, daily: &Daily) -> Vec<(&'static str, String)> {
        let findings = fresh(history, daily, date_of(LAST + 1));
        findings.into_iter().map(|finding| (finding.code, finding.to_string())).collect()
    }

    #[test]
    fn a_whole_history_has_no_findings() {
        let whole = history(&[Channel::Search], |_, _, hour| usize::from(hour != 4), &["a.csv"]);
        assert_eq!(said(&whole, &Daily::default()), []);
    }

    #[test]
    fn a_day_that_is_missing_is_named_with_its_file() {
        let channels = [Channel::Search, Channel::Display];
        let late = |channel, day, _| usize::from(channel == Channel::Search || day < LAST - 1);
        let before = format!("h/date={}/display.csv", iso(LAST - 2));
        let found = said(&history(&channels, late, &[&before, "h/date=x/search.csv"]), &Daily::default());
        assert_eq!(found.len(), 1, "{found:?}");
        let (code, text) = &found[0];
        assert_eq!(*code, "D003");
        for part in ["error", "display", &iso(LAST - 2), &format!("h/date={}/display.csv", iso(LAST - 1))] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let patient = Daily { max_age_days: 3, ..Daily::default() };
        assert_eq!(said(&history(&channels, late, &[]), &patient), []);
    }

    #[test]
    fn hours_and_rows_are_compared_with_days_like_it() {
        let cut = |_, day, hour| usize::from(day != LAST || hour < 18 && hour != 3);
        let found = said(&history(&[Channel::Search], cut, &["a.csv"]), &Daily::default());
        assert!(found.len() == 1 && found[0].0 == "D004" && found[0].1.contains("at 3, 18-23"), "{found:?}");
        let thin = |_, day, _| if day == LAST { 2 } else { 5 };
        let thin = history(&[Channel::Search], thin, &["a.csv"]);
        let found = said(&thin, &Daily::default());
        assert!(found.len() == 1 && found[0].0 == "D005", "{found:?}");
        let day = WEEKDAYS[weekday(LAST)];
        assert!(found[0].1.contains(&format!("48 rows on {}, 40 % of the 120 usual on a {day}", iso(LAST))));
        assert_eq!(said(&thin, &Daily { least_rows: 0.4, ..Daily::default() }), []);
        let warned = said(&thin, &Daily { on_stale: OnStale::Warn, ..Daily::default() });
        assert!(warned[0].1.starts_with("warning[D005]"), "{warned:?}");
    }

    #[test]
    fn weekdays_are_compared_with_their_own() {
        let quiet = |_, day: i32, _| if weekday(day) == weekday(LAST) { 1 } else { 10 };
        assert_eq!(said(&history(&[Channel::Search], quiet, &["a.csv"]), &Daily::default()), []);
    }

    #[test]
    fn what_runs_now_and_then_is_noted() {
        let rare = |channel, day: i32, _| usize::from(channel == Channel::GroupBuy || day % 3 == 0);
        let both = history(&[Channel::Affiliate, Channel::GroupBuy], rare, &["a.csv"]);
        let found = said(&both, &Daily::default());
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["D006", "D006"]);
        assert!(found[0].1.starts_with("note") && found[0].1.contains("affiliate has rows on 9 of 25 days"));
    }

    #[test]
    fn hours_that_some_days_lack_are_not_missed() {
        let late = |_, day: i32, hour| usize::from(hour < 20 || day % 5 != LAST % 5);
        assert_eq!(said(&history(&[Channel::Search], late, &["a.csv"]), &Daily::default()), []);
    }
}
