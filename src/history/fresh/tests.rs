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
                    age: 0,
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
    let file = |name: &&str| {
        let named = |channel: &&Channel| channels.len() == 1 || name.contains(&channel.to_string());
        let channels = channels.iter().filter(named).copied().collect();
        FileAudit { file: name.into(), channels, ..FileAudit::default() }
    };
    history.audit.files = files.iter().map(file).collect();
    history
}

fn said(history: &History, daily: &Daily) -> Vec<(&'static str, String)> {
    let file = PlanFile { daily: daily.clone(), ..PlanFile::default() };
    let findings = fresh(history, &file, date_of(LAST + 1));
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
    let other = before.replace("display", "search");
    let newest = other.replace(&iso(LAST - 2), &iso(LAST - 1));
    let files = [newest.as_str(), &other, &before, "h/date=x/display.csv"];
    let found = said(&history(&channels, late, &files), &Daily::default());
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
fn a_weekday_off_is_not_missed() {
    let off = |_, day: i32, _| usize::from(weekday(day) != weekday(LAST));
    assert_eq!(said(&history(&[Channel::Search], off, &["a.csv"]), &Daily::default()), []);
    // A day before it is missed all the same, and so is one that is mostly there.
    let late = |_, day: i32, _| usize::from(weekday(day) != weekday(LAST) && day != LAST - 1);
    let found = said(&history(&[Channel::Search], late, &["a.csv"]), &Daily::default());
    assert!(found.len() == 1 && found[0].0 == "D003", "{found:?}");
    assert!(found[0].1.contains(&format!("needs {}", iso(LAST - 1))), "{found:?}");
    let once = |_, day: i32, _| usize::from(day != LAST && day != LAST - 7);
    let found = said(&history(&[Channel::Search], once, &["a.csv"]), &Daily::default());
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["D011", "D003"]);
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

/// The same day, hour by hour or as one row for all of it.
fn as_a_whole(mut history: History, whole: impl Fn(i32) -> bool) -> History {
    history.observations.retain(|row| !whole(row.day) || row.hour == Some(12));
    for row in history.observations.iter_mut().filter(|row| whole(row.day)) {
        row.hour = None;
    }
    history
}

#[test]
fn whole_days_and_hourly_ones_are_compared_with_their_own_kind() {
    let by_day = |_, _, hour| usize::from(hour < 20);
    let hourly = history(&[Channel::Search], by_day, &["a.csv"]);
    // Before the newest days came by the hour.
    let before = as_a_whole(hourly.clone(), |day| day < LAST - 6);
    assert_eq!(said(&before, &Daily::default()), []);
    let lately = as_a_whole(hourly.clone(), |day| day >= LAST - 6);
    assert_eq!(said(&lately, &Daily::default()), []);
    // The first of a new kind is compared with nothing.
    let first = said(&as_a_whole(hourly, |day| day == LAST), &Daily::default());
    assert!(first.len() == 1 && first[0].0 == "D006" && first[0].1.contains("too few days"), "{first:?}");
}

#[test]
fn days_that_were_lost_are_named_the_newest_first() {
    let lost = |days: &'static [i32]| move |_, day: i32, _| usize::from(!days.contains(&(LAST - day)));
    let files = [&format!("{}.csv", iso(LAST - 4))[..], "x.csv"];
    let found = said(&history(&[Channel::Search], lost(&[3, 20]), &files), &Daily::default());
    assert!(found.len() == 1 && found[0].0 == "D011", "{found:?}");
    let dates = format!("none on {}, {}\n", iso(LAST - 3), iso(LAST - 20));
    assert!(found[0].1.starts_with(&format!("warning[D011] {}.csv", iso(LAST - 3))), "{found:?}");
    assert!(found[0].1.contains(&dates), "{found:?}");
    let old = said(&history(&[Channel::Search], lost(&[9, 10, 11, 12, 13, 14]), &files), &Daily::default());
    assert!(old[0].1.starts_with("note[D011]") && old[0].1.contains("and 1 more"), "{old:?}");
}

#[test]
fn a_channel_of_which_nothing_may_run_is_not_expected() {
    let channels = [Channel::Search, Channel::Display];
    let late = |channel, day, _| usize::from(channel == Channel::Search || day < LAST - 1);
    let late = history(&channels, late, &[]);
    let given_up = |part: &str| {
        let toml =
            format!("[history]\n[[override]]\nwhere = {{ channel = \"display\"{part} }}\nrun = false\n");
        let file: PlanFile = toml::from_str(&toml).unwrap();
        let found = fresh(&late, &file, date_of(LAST + 1));
        found.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(given_up(""), ["D006"]);
    assert_eq!(given_up(", unit = \"other\""), ["D003"], "another unit may run");
    assert_eq!(given_up(", hour = \"0-23\""), ["D003"], "an hour is left");
}
