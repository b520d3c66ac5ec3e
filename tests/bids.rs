//! A finished plan as `plan.csv` has it, and arithmetic on it that shares nothing with the program's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::Value;

/// A row of `plan.csv`.
#[derive(Debug, Clone)]
pub struct Row {
    pub hour: u8,
    pub channel: String,
    pub campaign: String,
    pub unit: String,
    pub product: String,
    pub run: bool,
    pub bid: Option<f64>,
    pub last_bid: Option<f64>,
    pub position: Option<f64>,
    pub sums: BTreeMap<&'static str, f64>,
    pub reason: String,
}

/// All rows of `plan.csv`.
#[derive(Debug)]
pub struct Bids(pub Vec<Row>);

const SUMS: [&str; 5] = ["impressions", "clicks", "spend", "orders", "revenue"];

/// The sample's `margin`.
const MARGIN: f64 = 0.35;

/// The parts of the day of a plan file that names none: the contract's three regimes.
const PHASES: [(&str, std::ops::Range<u8>); 3] = [("rush", 0..2), ("sober", 2..20), ("last-chance", 20..24)];

impl Bids {
    pub fn read(path: &Path) -> Bids {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let header = reader.headers().unwrap().clone();
        let rows = reader.records().map(|record| {
            let record = record.unwrap();
            let text = |name: &str| record[header.iter().position(|other| other == name).unwrap()].to_owned();
            let number = |name: &str| {
                Some(text(name)).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap())
            };
            Row {
                hour: text("hour").parse().unwrap(),
                channel: text("channel"),
                campaign: text("campaign"),
                unit: text("unit"),
                product: text("product"),
                run: text("run").parse().unwrap(),
                bid: number("bid"),
                last_bid: number("last_bid"),
                position: number("position"),
                sums: SUMS.into_iter().map(|name| (name, number(name).unwrap())).collect(),
                reason: text("reason"),
            }
        });
        Bids(rows.collect())
    }

    pub fn sum(&self, measure: &str, keep: impl Fn(&Row) -> bool) -> f64 {
        self.0.iter().filter(|row| row.run && keep(row)).map(|row| row.sums[measure]).sum()
    }

    /// The value of a metric over some rows; nothing for a ratio over zero.
    pub fn metric(&self, metric: &str, keep: impl Fn(&Row) -> bool) -> Option<f64> {
        let sum = |measure: &str| self.sum(measure, &keep);
        let ratio = |numerator: f64, denominator: f64| (denominator > 0.0).then(|| numerator / denominator);
        match metric {
            "profit" => Some(MARGIN * sum("revenue") - sum("spend")),
            "roi" => ratio(sum("revenue"), sum("spend")),
            "cpc" => ratio(sum("spend"), sum("clicks")),
            "cpm" => ratio(1000.0 * sum("spend"), sum("impressions")),
            "ctr" => ratio(sum("clicks"), sum("impressions")),
            "cvr" => ratio(sum("orders"), sum("clicks")),
            "cost_per_order" => ratio(sum("spend"), sum("orders")),
            sum_of => Some(sum(sum_of)),
        }
    }

    /// The values of a `[[rule]]`, one for each value of its `per`.
    pub fn values(&self, rule: &Value) -> Vec<f64> {
        let metric = rule["metric"].as_str().unwrap();
        let everything = Value::Table(toml::Table::new());
        let scope = rule.get("where").unwrap_or(&everything);
        let keys = list(rule.get("per").unwrap_or(&Value::Array(Vec::new())));
        let labels = |row: &Row| labels(row, &keys);
        let all: BTreeSet<String> = self.0.iter().filter(|row| holds(scope, row)).flat_map(labels).collect();
        let share = rule.get("min_share").or(rule.get("max_share")).is_some();
        let of = rule.get("of").unwrap_or(&everything);
        let whole = if share { self.metric(metric, |row| holds(of, row)).unwrap() } else { 1.0 };
        let value =
            |label: &String| self.metric(metric, |row| holds(scope, row) && labels(row).contains(label));
        all.iter().filter_map(value).map(|value| value / whole).collect()
    }
}

fn list(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_array().map_or_else(|| vec![text(value)], |values| values.iter().map(text).collect())
}

/// The labels of a row under the keys of `per`.
fn labels(row: &Row, keys: &[String]) -> Vec<String> {
    let values = |key: &str| match key {
        "channel" => row.channel.clone(),
        "campaign" => format!("{} {}", row.channel, row.campaign),
        "unit" => format!("{} {} {} {}", row.channel, row.campaign, row.unit, row.product),
        "product" => row.product.clone(),
        "date" => "the day".into(),
        "hour" => row.hour.to_string(),
        "phase" => PHASES.iter().find(|(_, hours)| hours.contains(&row.hour)).unwrap().0.into(),
        other => panic!("no key {other}"),
    };
    vec![keys.iter().map(|key| values(key)).collect::<Vec<_>>().join(" | ")]
}

/// Whether a `where` holds a row.
fn holds(scope: &Value, row: &Row) -> bool {
    scope.as_table().unwrap().iter().all(|(key, wanted)| {
        list(wanted).iter().any(|wanted| match key.as_str() {
            "channel" => *wanted == row.channel,
            "campaign" => like(wanted, &row.campaign),
            "unit" => like(wanted, &row.unit),
            "product" => like(wanted, &row.product),
            "date" => wanted == "2026-12-12",
            "hour" => hours(wanted).contains(&row.hour),
            "phase" => PHASES.iter().any(|(name, hours)| name == wanted && hours.contains(&row.hour)),
            other => panic!("no key {other}"),
        })
    })
}

/// `*` at an end of a pattern stands for anything.
fn like(pattern: &str, text: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        _ => pattern == text,
    }
}

fn hours(text: &str) -> std::ops::Range<u8> {
    let (from, to) = text.split_once('-').map_or((text, None), |(from, to)| (from, Some(to)));
    let from: u8 = from.parse().unwrap();
    from..to.map_or(from + 1, |to| to.parse().unwrap())
}

#[test]
fn rules_are_recomputed_from_rows() {
    let row = |channel: &str, unit: &str, hour: u8, run: bool| Row {
        hour,
        channel: channel.into(),
        campaign: "c".into(),
        unit: unit.into(),
        product: String::new(),
        run,
        bid: Some(1.0),
        last_bid: None,
        position: None,
        sums: SUMS.into_iter().zip([1000.0, 50.0, 10.0, 2.0, 30.0]).collect(),
        reason: String::new(),
    };
    let bids = Bids(vec![
        row("search", "kw-1", 1, true),
        row("search", "kw-2", 20, true),
        row("display", "d", 20, true),
        row("display", "d", 21, false),
    ]);
    let values = |rule: &str| bids.values(&rule.parse::<toml::Table>().unwrap().into());
    assert_eq!(values("metric = \"spend\"\nmax = 1"), [30.0]);
    assert_eq!(
        values("metric = \"roi\"\nwhere = { unit = \"kw-*\" }\nper = [\"unit\"]\nmin = 1"),
        [3.0, 3.0]
    );
    assert_eq!(values("metric = \"spend\"\nwhere = { hour = [\"20-22\"] }\nmin_share = 0.1"), [2.0 / 3.0]);
    assert_eq!(
        values(
            "metric = \"clicks\"\nwhere = { phase = \"rush\" }\nof = { channel = \"search\" }\nmin_share = 0.1"
        ),
        [0.5]
    );
    assert_eq!(
        values("metric = \"profit\"\nwhere = { channel = \"display\" }\nper = \"phase\"\nmin = 0"),
        [0.5]
    );
}
