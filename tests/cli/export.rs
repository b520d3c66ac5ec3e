//! Plans exported to platforms: the files say the effective bids, the effective bids keep the rules.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};

use crate::bids::Bids;
use crate::platforms::{self, Effective};
use crate::shop::Shop;

/// A row of `effective.csv`.
#[derive(serde::Deserialize)]
struct Row {
    hour: usize,
    channel: String,
    campaign: String,
    unit: String,
    product: String,
    platform_campaign: String,
    base: Option<f64>,
    percent: Option<u32>,
    bid: Option<f64>,
    plan_bid: Option<f64>,
    position: Option<f64>,
    impressions: f64,
    clicks: f64,
    spend: f64,
    orders: f64,
    revenue: f64,
}

fn planned() -> Shop {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    shop
}

fn effective(shop: &Shop, out: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(shop.path(out).join("effective.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// The plan with a channel's rows as a platform executes them.
fn executed(shop: &Shop, rows: &[Row]) -> Bids {
    let mut bids = shop.bids("out");
    let key = |campaign: &str, unit: &str, product: &str, hour: usize| {
        (campaign.to_owned(), unit.to_owned(), product.to_owned(), hour)
    };
    let of: BTreeMap<_, &Row> =
        rows.iter().map(|row| (key(&row.campaign, &row.unit, &row.product, row.hour), row)).collect();
    let mut replaced = 0;
    for bid in bids.0.iter_mut().filter(|bid| bid.channel == rows[0].channel) {
        let row = of[&key(&bid.campaign, &bid.unit, &bid.product, usize::from(bid.hour))];
        bid.run = row.bid.is_some();
        bid.bid = row.bid;
        bid.position = row.position;
        let sums = [row.impressions, row.clicks, row.spend, row.orders, row.revenue];
        for (name, sum) in ["impressions", "clicks", "spend", "orders", "revenue"].into_iter().zip(sums) {
            bid.sums.insert(name, sum);
        }
        replaced += 1;
    }
    assert_eq!(replaced, rows.len());
    bids
}

/// Every rule of the sample, worked out again; bounds to a share that rounding of the table can move.
fn keeps_the_rules(bids: &Bids) {
    let file: toml::Table =
        std::fs::read_to_string(Path::new(crate::shop::SAMPLE).join("plan.toml")).unwrap().parse().unwrap();
    for rule in file["rule"].as_array().unwrap() {
        let values = bids.values(rule);
        let bound = |name: &str| {
            rule.get(name).map(|bound| bound.as_float().unwrap_or_else(|| bound.as_integer().unwrap() as f64))
        };
        for value in values {
            let (low, high) = (bound("min").or(bound("min_share")), bound("max").or(bound("max_share")));
            assert!(low.is_none_or(|low| value >= low * (1.0 - 1e-5)), "{value} in {rule}");
            assert!(high.is_none_or(|high| value <= high * (1.0 + 1e-5)), "{value} in {rule}");
        }
    }
}

/// Exports, reads the platform's files back and compares them with `effective.csv`.
fn exports(shop: &Shop, name: &str, read: fn(&Path) -> Effective, product: fn(&Row) -> &str) -> Vec<Row> {
    let ran = shop.run(&["export", "out", "--platform", name, "-q"]).ended(0);
    assert!(ran.stdout.contains("every rule is met"), "{}", ran.stdout);
    let out = format!("out-{name}");
    let rows = effective(shop, &out);
    let told = read(&shop.path(&out));
    let run = rows.iter().filter(|row| row.bid.is_some());
    let wanted: Effective = run
        .map(|row| {
            (
                (row.platform_campaign.clone(), row.unit.clone(), product(row).to_owned(), row.hour),
                row.bid.unwrap(),
            )
        })
        .collect();
    assert!(wanted.len() > 100, "{name}: {} cells run", wanted.len());
    assert!(told.keys().eq(wanted.keys()), "{name}: {} cells told, {} wanted", told.len(), wanted.len());
    for (cell, bid) in &told {
        assert!((bid - wanted[cell]).abs() < 1e-9, "{name} {cell:?}: {bid} told, {} wanted", wanted[cell]);
    }
    rows
}

fn steps(value: f64, step: f64) -> f64 {
    (value / step - (value / step).round()).abs()
}

#[test]
fn taobao_search_is_told_the_effective_bids_and_they_keep_every_rule() {
    let shop = planned();
    let rows = exports(&shop, "zhitongche", platforms::zhitongche, |row| &row.product);
    for row in rows.iter().filter(|row| row.bid.is_some()) {
        let (base, percent) = (row.base.unwrap(), row.percent.unwrap());
        assert!((0.05..=99.99).contains(&base) && steps(base, 0.01) < 1e-6, "base {base}");
        assert!((30..=250).contains(&percent), "percent {percent}");
        assert!((row.bid.unwrap() - base * f64::from(percent) / 100.0).abs() < 1e-9);
        let position = row.position.unwrap();
        assert!((3.0..=5.0).contains(&position), "{} at {}: position {position}", row.unit, row.hour);
    }
    keeps_the_rules(&executed(&shop, &rows));
    let summary = shop.summary("out-zhitongche");
    assert_eq!(summary["evaluated_on"], "effective bids");
    let kept = summary["kept"]["platform"].as_f64().unwrap();
    assert!(kept > 0.97, "{kept} of search is kept");
    the_workbook_tells_what_is_set(&shop, "out-zhitongche", &rows);
    let sum = |of: fn(&Row) -> f64| rows.iter().map(of).sum::<f64>();
    let near = |a: f64, b: &serde_json::Value| (a - b.as_f64().unwrap()).abs() < 1e-5 * a.abs() + 0.1;
    assert!(near(sum(|row| row.revenue), &summary["here"]["revenue"]));
    assert!(near(sum(|row| row.spend), &summary["here"]["spend"]));
    // What is lost is named cell by cell.
    let lost = rows.iter().filter(|row| row.plan_bid.is_some() && row.bid.is_none()).count();
    assert_eq!(summary["unreached"]["cells"], lost);
    let listed = shop.text("out-zhitongche/unreached.csv").lines().count() - 1;
    assert_eq!(listed, lost);
}

/// The daily sheet of an export: base bid × percent is the effective bid, cell by cell; and the sheet of schedules.
fn the_workbook_tells_what_is_set(shop: &Shop, out: &str, rows: &[Row]) {
    let mut book: Xlsx<_> = open_workbook(shop.path(out).join("bids.xlsx")).unwrap();
    let number = |cell: &Data| match cell {
        Data::Float(number) => Some(*number),
        _ => None,
    };
    let bids = book.worksheet_range("Search bids").unwrap();
    let mut told = 0;
    for cells in bids.rows().skip(3) {
        let hour = number(&cells[2]).unwrap() as usize;
        let (unit, product) = (cells[4].to_string(), cells[5].to_string());
        let row =
            rows.iter().find(|row| (&row.unit, &row.product, row.hour) == (&unit, &product, hour)).unwrap();
        let percent = number(&cells[1]).map(|share| (share * 100.0).round() as u32);
        assert_eq!(percent, row.percent.filter(|_| row.bid.is_some()), "{unit} at {hour}");
        assert_eq!(number(&cells[7]), row.bid, "{unit} at {hour}");
        assert_eq!(number(&cells[27]), row.plan_bid, "{unit} at {hour}");
        if let (Some(base), Some(percent), Some(bid)) = (number(&cells[0]), percent, row.bid) {
            assert!((base * f64::from(percent) / 100.0 - bid).abs() < 1e-9);
            told += 1;
        }
    }
    assert_eq!(told, rows.iter().filter(|row| row.bid.is_some()).count());
    let schedules = book.worksheet_range("Schedules").unwrap();
    let campaigns: Vec<&[Data]> = schedules.rows().skip(7).collect();
    for row in rows.iter().filter(|row| row.bid.is_some()) {
        let campaign = campaigns.iter().find(|cells| cells[0].to_string() == row.platform_campaign).unwrap();
        let percent = number(&campaign[3 + row.hour]).map(|share| (share * 100.0).round() as u32);
        assert_eq!(percent, row.percent);
        assert!(
            number(&campaign[30]).unwrap() >= number(&campaign[27]).unwrap(),
            "a limit above what is expected"
        );
    }
}

#[test]
fn taobao_display_has_one_bid_a_unit_and_hours_on_or_off() {
    let shop = planned();
    let rows = exports(&shop, "zuanzhan", platforms::zuanzhan, |_| "");
    let mut bids: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.bid.is_some()) {
        let bid = row.bid.unwrap();
        assert!(*bids.entry((&row.campaign, &row.unit)).or_insert(bid) == bid, "{} has two bids", row.unit);
        assert!(steps(bid, 0.1) < 1e-6);
    }
    keeps_the_rules(&executed(&shop, &rows));
}

#[test]
fn google_and_microsoft_are_told_in_few_windows() {
    let shop = planned();
    for (name, read) in
        [("google-ads", platforms::google_ads as fn(&Path) -> Effective), ("microsoft", platforms::microsoft)]
    {
        let rows = exports(&shop, name, read, |row| &row.product);
        keeps_the_rules(&executed(&shop, &rows));
    }
}

#[test]
fn amazon_and_programs_are_told_too() {
    let shop = planned();
    let rows = exports(&shop, "json", platforms::json, |row| &row.product);
    assert!(rows.iter().all(|row| row.bid == row.plan_bid), "every bid of every hour is the plan's");
    // One bid for all 24 hours in a narrow band: hardly a keyword of the sample has one.
    // And a bid that is the same all day cannot push rounds.
    shop.patch("plan.toml", "position = [3, 5]", "position = [2, 9]");
    shop.patch("plan.toml", "min_share = 0.2\n", "min_share = 0.1\n");
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let rows = exports(&shop, "amazon", platforms::amazon, |row| &row.product);
    let running: Vec<&Row> = rows.iter().filter(|row| row.bid.is_some()).collect();
    assert_eq!(running.len() % 24, 0, "who runs, runs all day");
}

#[test]
fn an_account_has_limits_of_its_own() {
    let shop = planned();
    let text = shop.text("plan.toml");
    shop.write(
        "plan.toml",
        text + "\n[platform.zhitongche]\npercent = [80, 120]\nwindows = 3\nbid_step = 0.05\n",
    );
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let rows = exports(&shop, "zhitongche", platforms::zhitongche, |row| &row.product);
    for row in rows.iter().filter(|row| row.bid.is_some()) {
        assert!((80..=120).contains(&row.percent.unwrap()) && steps(row.base.unwrap(), 0.05) < 1e-6);
    }
    for campaign in shop.summary("out-zhitongche")["campaigns"].as_array().unwrap() {
        assert!(campaign["windows"].as_array().unwrap().len() <= 3);
    }
}

#[test]
fn a_day_that_may_be_split_is_where_that_pays() {
    let shop = planned();
    shop.run(&["export", "out", "--platform", "zuanzhan", "-q"]).ended(0);
    let whole = shop.summary("out-zuanzhan");
    let better = &whole["better"][0];
    assert!(
        better["gain"].as_f64().unwrap() > 0.0 && better["parts"].as_array().unwrap().len() == 2,
        "{better}"
    );
    shop.write("plan.toml", shop.text("plan.toml") + "\n[platform.zuanzhan]\nsplit = 3\n");
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let rows = exports(&shop, "zuanzhan", platforms::zuanzhan, |_| "");
    let kept = |summary: &serde_json::Value| summary["kept"]["platform"].as_f64().unwrap();
    let split = shop.summary("out-zuanzhan");
    assert!(kept(&split) > kept(&whole) + 0.01, "{} split, {} whole", kept(&split), kept(&whole));
    assert!(rows.iter().any(|row| row.platform_campaign.contains(" #")));
    keeps_the_rules(&executed(&shop, &rows));
}

#[test]
fn bids_from_other_data_are_refused() {
    let shop = planned();
    // The fitted landscapes stand in the place of the history here.
    let model = shop.text("model.json");
    shop.write("model.json", model.replacen(':', ": ", 1));
    let ran = shop.run(&["export", "out", "--platform", "zhitongche"]).ended(2);
    assert!(ran.stderr.contains("error[O006]") && ran.stderr.contains("model.json"), "{}", ran.stderr);
    assert!(!shop.path("out-zhitongche").exists());
}

#[test]
fn a_history_that_has_grown_is_refused_and_a_changed_plan_file_told() {
    let shop = Shop::new();
    shop.run(&["plan", "plan.toml", "--out", "out", "-q"]).ended(0);
    shop.write("plan.toml", shop.text("plan.toml") + "\n# a note\n");
    let ran = shop.run(&["export", "out", "--platform", "json"]).ended(0);
    assert!(ran.stderr.contains("warning[O007]"), "{}", ran.stderr);
    let copy = std::fs::read(shop.path("history/history.parquet")).unwrap();
    shop.write("history/more.parquet", copy);
    let ran = shop.run(&["export", "out", "--platform", "json", "--out", "again"]).ended(2);
    assert!(ran.stderr.contains("error["), "{}", ran.stderr);
    assert!(!shop.path("again").exists());
}

#[test]
fn what_cannot_be_exported_is_said() {
    let shop = planned();
    let ran = shop.run(&["export", "out", "--platform", "zhitonche"]).ended(2);
    assert!(
        ran.stderr.contains("U020") && ran.stderr.contains("did you mean `zhitongche`?"),
        "{}",
        ran.stderr
    );
    let ran = shop.run(&["export", "history", "--platform", "json"]).ended(2);
    assert!(ran.stderr.contains("O005"), "{}", ran.stderr);
    shop.write("mine/note.txt", "keep me");
    let ran = shop.run(&["export", "out", "--platform", "json", "--out", "mine"]).ended(2);
    assert!(ran.stderr.contains("O001"), "{}", ran.stderr);
    let ran = shop.run(&["export", "out", "--platform", "json", "--out", "out"]).ended(2);
    assert!(ran.stderr.contains("O001"), "an export does not replace a plan: {}", ran.stderr);
    let bad = "\n[platform.google-ads]\npercent = [900, 10]\nmatch_type = \"exakt\"\n";
    shop.write("plan.toml", shop.text("plan.toml") + bad);
    let ran = shop.run(&["check", "plan.toml"]).ended(2);
    assert!(ran.stderr.contains("C013") && ran.stderr.contains("C050"), "{}", ran.stderr);
}

/// Amazon has one bid for all hours; where that breaks the position band in each, every unit is paused.
#[test]
fn an_export_that_pauses_everything_is_no_good_one() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let ran = shop.run(&["export", "out", "--platform", "amazon", "-q"]).ended(0);
    let running = effective(&shop, "out-amazon").iter().any(|row| row.bid.is_some());
    assert!(!running, "the sample is such a shop");
    assert!(
        ran.stderr.contains("warning[P021]") && ran.stderr.contains("NOTHING RUNS on amazon"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("NOTHING RUNS there: 0 of the "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("every rule is met"), "{}", ran.stdout);
}
