//! What each platform would understand of the files it is given: readers that share nothing with the writers.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::Value;

/// Effective bids by campaign at the platform, unit, product where the file has it, and hour.
pub type Effective = BTreeMap<(String, String, String, usize), f64>;

/// Windows of a week by day: from, to, percent.
type Week = BTreeMap<String, Vec<(usize, usize, f64)>>;

/// Records of a CSV file by column. The byte order mark must be there.
fn records(path: &Path) -> Vec<BTreeMap<String, String>> {
    let bytes = std::fs::read(path).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|row| header.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect());
    rows.collect()
}

/// The hours and percents of a clock time such as `08:00-12:00`.
fn hours(span: &str) -> std::ops::Range<usize> {
    let hour = |text: &str| text.strip_suffix(":00").unwrap().parse::<usize>().unwrap();
    let (from, to) = span.split_once('-').unwrap();
    hour(from)..hour(to)
}

fn fill(
    effective: &mut Effective,
    (campaign, unit, product): (&str, &str, &str),
    base: f64,
    day: &BTreeMap<usize, f64>,
) {
    for (hour, percent) in day {
        let bid = base * percent / 100.0;
        let cell = (campaign.to_owned(), unit.to_owned(), product.to_owned(), *hour);
        assert_eq!(effective.insert(cell.clone(), bid), None, "{cell:?} is told twice");
    }
}

/// Percents of the hours, which every day of the week has alike.
fn every_day(days: Vec<BTreeMap<usize, f64>>) -> BTreeMap<usize, f64> {
    assert_eq!(days.len(), 7);
    assert!(days.iter().all(|day| *day == days[0]));
    days[0].clone()
}

pub fn zhitongche(out: &Path) -> Effective {
    let mut days = BTreeMap::new();
    for row in records(&out.join("zhitongche-schedules.csv")) {
        let text = &row["分时折扣"];
        assert_eq!(row["状态"] == "暂停", text.is_empty());
        let mut day = BTreeMap::new();
        if !text.is_empty() {
            let one = |day: &str| -> BTreeMap<usize, f64> {
                let windows = day.split(',').flat_map(|window| {
                    let (span, percent) = window.rsplit_once(':').unwrap();
                    let percent: u32 = percent.parse().unwrap();
                    hours(span).map(move |hour| (hour, f64::from(percent)))
                });
                windows.collect()
            };
            day = every_day(text.split(';').map(one).collect());
        }
        // The matrix beside the string says the same, blank where nothing is delivered.
        for hour in 0..24 {
            let cell = &row[&format!("{hour:02}:00")];
            assert_eq!(cell.parse::<f64>().ok(), day.get(&hour).copied(), "hour {hour}");
        }
        days.insert(row["计划名称"].clone(), day);
    }
    let mut effective = Effective::new();
    for row in records(&out.join("zhitongche-keywords.csv")) {
        assert_eq!(row["状态"] == "暂停", row["出价"].is_empty());
        if let Ok(base) = row["出价"].parse::<f64>() {
            let key = (row["计划名称"].as_str(), row["关键词"].as_str(), row["宝贝名称"].as_str());
            fill(&mut effective, key, base, &days[key.0]);
        }
    }
    effective
}

pub fn zuanzhan(out: &Path) -> Effective {
    let mut days = BTreeMap::new();
    for row in records(&out.join("zuanzhan-hours.csv")) {
        assert_eq!(row["工作日时段"], row["周末时段"]);
        let switches: Vec<&str> = row["工作日时段"].split(',').collect();
        assert_eq!(switches.len(), 24);
        let on = switches.iter().enumerate().filter(|(_, on)| **on == "1").map(|(hour, _)| (hour, 100.0));
        days.insert(row["计划名称"].clone(), on.collect());
    }
    let mut effective = Effective::new();
    for row in records(&out.join("zuanzhan-bids.csv")) {
        if let Ok(base) = row["千次展现出价"].parse::<f64>() {
            let key = (row["计划名称"].as_str(), row["人群与资源位"].as_str(), "");
            fill(&mut effective, key, base, &days[key.0]);
        }
    }
    effective
}

pub fn google_ads(out: &Path) -> Effective {
    let rows = records(&out.join("google-ads-editor.csv"));
    let mut days = BTreeMap::new();
    for row in rows.iter().filter(|row| row["Keyword"].is_empty()) {
        let text = row["Ad Schedule"].as_str();
        let mut week = Week::new();
        for window in text.split(';').filter(|window| !window.is_empty() && *window != "[]") {
            let inside = window.strip_prefix('(').unwrap().strip_suffix("])").unwrap();
            let (head, span) = inside.split_once('[').unwrap();
            let (day, percent) = head.split_once('@').unwrap_or((head, "100%"));
            let percent: u32 = percent.strip_suffix('%').unwrap().parse().unwrap();
            assert!((10..=1000).contains(&percent), "{window}");
            let span = hours(span);
            week.entry(day.to_owned()).or_default().push((span.start, span.end, f64::from(percent)));
        }
        assert!(week.values().all(|windows| windows.len() <= 6), "at most six windows a day: {text}");
        let day = match (text, row["Campaign Status"].as_str()) {
            ("[]", "Enabled") => (0..24).map(|hour| (hour, 100.0)).collect(),
            ("", "Paused") => BTreeMap::new(),
            (_, state) => {
                assert_eq!(state, "Enabled");
                let of = |windows: Vec<(usize, usize, f64)>| {
                    windows
                        .into_iter()
                        .flat_map(|(from, to, percent)| (from..to).map(move |hour| (hour, percent)))
                        .collect()
                };
                every_day(week.into_values().map(of).collect())
            }
        };
        days.insert(row["Campaign"].clone(), day);
    }
    let mut effective = Effective::new();
    for row in rows.iter().filter(|row| !row["Keyword"].is_empty()) {
        assert_eq!(row["Max CPC"].is_empty(), row["Status"] == "Paused", "blank changes nothing");
        if let Ok(base) = row["Max CPC"].parse::<f64>() {
            let key = (row["Campaign"].as_str(), row["Keyword"].as_str(), row["Ad Group"].as_str());
            fill(&mut effective, key, base, &days[key.0]);
        }
    }
    effective
}

pub fn microsoft(out: &Path) -> Effective {
    let rows = records(&out.join("microsoft-bulk.csv"));
    assert_eq!((rows[0]["Type"].as_str(), rows[0]["Name"].as_str()), ("Format Version", "6.0"));
    let mut weeks: BTreeMap<String, Week> = BTreeMap::new();
    for row in rows.iter().filter(|row| row["Type"] == "Campaign DayTime Criterion") {
        let number = |name: &str| row[name].parse::<i64>().unwrap();
        assert_eq!((number("From Minute"), number("To Minute")), (0, 0));
        let more = number("Bid Adjustment");
        assert!((-90..=900).contains(&more));
        let window = (number("From Hour") as usize, number("To Hour") as usize, (100 + more) as f64);
        weeks
            .entry(row["Campaign"].clone())
            .or_default()
            .entry(row["Target"].clone())
            .or_default()
            .push(window);
    }
    let mut days = BTreeMap::new();
    for (campaign, week) in weeks {
        assert!(week.values().map(Vec::len).sum::<usize>() <= 49);
        let of = |mut windows: Vec<(usize, usize, f64)>| {
            assert!(windows.len() <= 7);
            windows.sort_by_key(|window| window.0);
            assert!(windows.windows(2).all(|pair| pair[0].1 <= pair[1].0), "no overlap");
            windows
                .into_iter()
                .flat_map(|(from, to, percent)| (from..to).map(move |hour| (hour, percent)))
                .collect()
        };
        days.insert(campaign, every_day(week.into_values().map(of).collect()));
    }
    let mut effective = Effective::new();
    for row in rows.iter().filter(|row| row["Type"] == "Keyword") {
        if let Ok(base) = row["Bid"].parse::<f64>() {
            let key = (row["Campaign"].as_str(), row["Keyword"].as_str(), row["Ad Group"].as_str());
            fill(&mut effective, key, base, &days[key.0]);
        }
    }
    effective
}

pub fn amazon(out: &Path) -> Effective {
    let mut book: Xlsx<_> = open_workbook(out.join("amazon-bulk.xlsx")).unwrap();
    let range = book.worksheet_range("Sponsored Products Campaigns").unwrap();
    let header: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let day: BTreeMap<usize, f64> = (0..24).map(|hour| (hour, 100.0)).collect();
    let mut effective = Effective::new();
    for row in range.rows().skip(1) {
        let cell = |name: &str| &row[header.iter().position(|column| column == name).unwrap()];
        let named = |id: &str, name: &str| match cell(id) {
            Data::Empty => cell(name).to_string(),
            id => id.to_string(),
        };
        assert_eq!(cell("Operation").to_string(), "Update", "a row without an operation is ignored");
        if let Data::Float(base) = cell("Bid") {
            assert_eq!(cell("State").to_string(), "enabled");
            let (campaign, unit) =
                (named("Campaign ID", "Campaign Name"), named("Keyword ID", "Keyword Text"));
            fill(&mut effective, (&campaign, &unit, &named("Ad Group ID", "Ad Group Name")), *base, &day);
        }
    }
    effective
}

pub fn json(out: &Path) -> Effective {
    let value: Value = serde_json::from_slice(&std::fs::read(out.join("bids.json")).unwrap()).unwrap();
    let mut effective = Effective::new();
    for unit in value["units"].as_array().unwrap() {
        let text = |name: &str| unit[name].as_str().unwrap_or_default();
        for (hour, bid) in unit["bids"].as_array().unwrap().iter().enumerate() {
            if let Some(bid) = bid.as_f64() {
                let day = BTreeMap::from([(hour, 100.0)]);
                fill(&mut effective, (text("campaign"), text("unit"), text("product")), bid, &day);
            }
        }
    }
    effective
}
