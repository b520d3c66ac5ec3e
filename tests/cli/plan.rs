//! `plan`: the same plan for the same inputs, whatever way they come in.

use serde_json::Value;

use crate::bids::Bids;
use crate::shop::Shop;

/// A summary without what is allowed to differ between runs.
fn timeless(mut summary: Value) -> Value {
    summary.as_object_mut().unwrap().remove("seconds").expect("seconds per stage");
    summary
}

#[test]
fn the_same_inputs_give_the_same_plan() {
    let shop = Shop::new();
    let ran = shop.run(&["plan", "plan.toml", "--threads", "1"]).ended(0);
    // Results are on stdout, logs on stderr.
    assert!(
        ran.stdout.contains("the best plan, proven") && ran.stdout.contains("written to runs/2026-12-12")
    );
    assert!(ran.stderr.contains("INFO") && !ran.stdout.contains("INFO"), "{}", ran.stderr);
    assert!(
        !ran.stderr.contains("the best plan")
            && !ran.stderr.contains('\u{1b}')
            && !ran.stdout.contains('\u{1b}')
    );

    let quiet = shop.run(&["plan", "plan.toml", "--threads", "2", "-q", "--out", "again"]).ended(0);
    assert!(quiet.stderr.is_empty(), "{}", quiet.stderr);
    assert!(shop.text("runs/2026-12-12/plan.csv") == shop.text("again/plan.csv"), "another plan");
    assert_eq!(timeless(shop.summary("runs/2026-12-12")), timeless(shop.summary("again")));
    assert_eq!(
        std::fs::read(shop.path("runs/2026-12-12/bids.xlsx")).unwrap(),
        std::fs::read(shop.path("again/bids.xlsx")).unwrap()
    );

    let fitted = shop.run(&["fit", "plan.toml", "-q"]).ended(0);
    let model = shop
        .files()
        .into_iter()
        .find(|path| path.parent().is_some_and(|folder| folder.ends_with("models")))
        .unwrap();
    assert!(fitted.stdout.contains(model.file_name().unwrap().to_str().unwrap()), "{}", fitted.stdout);
    shop.run(&["plan", "plan.toml", "-q", "--model", model.to_str().unwrap(), "--out", "modelled"]).ended(0);
    assert!(shop.text("again/plan.csv") == shop.text("modelled/plan.csv"), "another plan on the model");

    keeps_the_limits(&shop.bids("again"));
}

/// What the plan file of the sample says of single bids.
fn keeps_the_limits(bids: &Bids) {
    let running = |channel: &'static str| bids.0.iter().filter(move |row| row.run && row.channel == channel);
    let on_step = |bid: f64, step: f64| ((bid / step).round() * step - bid).abs() < 1e-9;
    assert!(running("search").count() > 1000);
    for row in running("search") {
        let (bid, position) = (row.bid.unwrap(), row.position.unwrap());
        assert!((3.0..=5.0).contains(&position), "{row:?}");
        assert!((0.05..=20.0).contains(&bid) && on_step(bid, 0.01), "{row:?}");
    }
    for row in running("display") {
        let bid = row.bid.unwrap();
        assert!((1.0..=300.0).contains(&bid) && on_step(bid, 0.1), "{row:?}");
    }
    for row in running("affiliate") {
        let bid = row.bid.unwrap();
        assert!((0.02..=0.45).contains(&bid) && on_step(bid, 0.005), "{row:?}");
    }
    for row in bids.0.iter().filter(|row| !row.run) {
        assert!(!row.reason.is_empty() && row.sums.values().all(|sum| *sum == 0.0), "{row:?}");
        if row.reason.starts_with("no bid earns its keep") {
            let (brings, uses) = brings_and_uses(&row.reason);
            assert!(brings <= 1.01 * uses + 0.01, "it would earn its keep: {row:?}");
        }
    }
    for channel in ["affiliate", "group_buy"] {
        for row in running(channel) {
            let first = running(channel).find(|other| other.unit == row.unit).unwrap();
            assert_eq!(row.bid, first.bid, "{} is bought by the day", row.unit);
        }
    }
    let slot = running("group_buy").find(|row| row.unit == "slot-0").unwrap();
    assert_eq!(slot.bid, Some(0.0), "a slot taken for its fixed fee runs with bid 0");
}

/// The two sums of `… it would bring 6.12 and use 6.44 of …`.
fn brings_and_uses(reason: &str) -> (f64, f64) {
    let number = |after: &str| {
        let rest = reason.split_once(after).unwrap().1;
        rest.split_once(' ').unwrap().0.replace(',', "").parse().unwrap()
    };
    (number("would bring "), number("and use "))
}

#[test]
fn another_date_and_other_values_are_planned() {
    let shop = Shop::new();
    let ran = shop
        .plan_on_model("plan.toml", "out", &["--date", "2026-12-13", "--set", "rule.budget.max=20000"])
        .ended(0);
    assert!(ran.stdout.starts_with("2026-12-13: "), "{}", ran.stdout);
    let summary = shop.summary("out");
    assert_eq!(summary["date"], "2026-12-13");
    let spend = shop.bids("out").sum("spend", |_| true);
    assert!((19_000.0..20_000.01).contains(&spend), "{spend}");
    let manifest: Value = serde_json::from_str(&shop.text("out/manifest.json")).unwrap();
    assert_eq!(manifest["configuration"]["plan"]["date"], "2026-12-13", "what was asked is on record");
    assert_eq!(manifest["configuration"]["rule"][0]["max"], 20_000.0);
}

#[test]
fn a_date_inside_the_history_may_not_learn_from_its_own_day() {
    let shop = Shop::new();
    let plan = |more: &[&str], out: &str| {
        shop.run(&[&["plan", "plan.toml", "-q", "--no-frontier", "--out", out], more].concat()).ended(0)
    };
    let asked = plan(&["--date", "2026-12-05"], "asked");
    let written = plan(&["--set", "plan.date=2026-12-05"], "written");
    assert_eq!(asked.stderr, written.stderr);
    assert!(
        asked.stderr.contains("H044") && asked.stderr.contains("more rows of the file"),
        "{}",
        asked.stderr
    );
    // Rows of the day and after it are none of its history, and no fault of it either.
    let history = &shop.summary("asked")["history"];
    assert_eq!(history["accepted"].as_u64().unwrap() + history["rejected"].as_u64().unwrap(), 68_880);
    let rejected = shop.text("asked/rejected.csv");
    assert!(rejected.lines().skip(1).all(|line| line.contains("H044")));
    assert_eq!(
        std::fs::read(shop.path("asked/plan.csv")).unwrap(),
        std::fs::read(shop.path("written/plan.csv")).unwrap()
    );
}

#[test]
fn logs_are_json_lines_when_asked_for() {
    let shop = Shop::new();
    let ran = shop
        .bidwright(&["plan", "plan.toml", "--log-format", "json", "-v", "--set", "plan.objective=clicks"])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0));
    let stderr = String::from_utf8(ran.stderr).unwrap();
    let lines: Vec<Value> = stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(lines.len() > 5);
    for line in &lines {
        assert!(line["level"].is_string() || line["code"].is_string(), "{line}");
    }
    assert!(!String::from_utf8(ran.stdout).unwrap().contains('\u{1b}'));
}

#[test]
fn a_limit_ends_with_a_whole_plan_or_with_none() {
    let shop = Shop::new();
    let before = shop.files();
    let ran = shop.run(&["plan", "plan.toml", "--time-limit", "0.01", "-q", "--out", "out"]).ended(4);
    if shop.path("out").exists() {
        assert!(ran.stdout.contains("stopped by a limit"), "{}", ran.stdout);
        let summary = shop.summary("out");
        assert_eq!(summary["status"], "feasible");
        assert!(summary["gap"].as_f64().unwrap() > 0.0);
        assert!(summary["rules"].as_array().unwrap().iter().all(|rule| rule["met"] == true));
        assert!(shop.bids("out").0.len() > 2000 && shop.path("out/manifest.json").exists());
    } else {
        assert!(ran.stdout.is_empty());
        assert!(ran.stderr.contains("fix: raise --time-limit"), "{}", ran.stderr);
        assert_eq!(shop.files(), before);
    }
}

#[test]
fn rows_that_were_not_used_are_on_record() {
    let shop = Shop::new();
    let text = std::fs::read(shop.path("export/last-week.csv")).unwrap();
    let at = text.windows(2).position(|pair| pair == b"\n2").unwrap();
    let end = at + 1 + text[at + 1..].iter().position(|byte| *byte == b'\n').unwrap();
    // The first row again, its numbers the same: a repetition.
    let doubled = [&text[..end], &text[at..end], &text[end..]].concat();
    shop.write("export/last-week.csv", doubled);
    let ran = shop.run(&["plan", "plan-gbk.toml", "--out", "out", "-q"]).ended(0);
    assert!(ran.stderr.contains("warning[H045] export/last-week.csv:3"), "{}", ran.stderr);
    let rejected = shop.text("out/rejected.csv");
    let rows: Vec<&str> = rejected.lines().collect();
    assert_eq!(rows.len(), 2, "{rejected}");
    assert!(
        rows[1].contains("last-week.csv") && rows[1].contains(",3,") && rows[1].contains("kw-0001"),
        "{rejected}"
    );
    assert_eq!(shop.summary("out")["history"]["rejected"], 1);
}

/// `search.hold` is what a better chance of the band costs.
#[test]
fn bids_that_need_not_hold_the_band_so_surely_earn_more() {
    let shop = Shop::new();
    let told = |hold: &str| {
        shop.plan_on_model("plan.toml", hold, &["--set", &format!("search.hold={hold}")]).ended(0);
        let summary = shop.summary(hold);
        [&summary["outlook"]["held"]["share"], &summary["totals"]["revenue"]]
            .map(|told| told.as_f64().unwrap())
    };
    let [sure, half, predicted] = ["0.95", "0.5", "0"].map(told);
    assert!(sure[0] > half[0] && half[0] >= predicted[0], "{sure:?} {half:?} {predicted:?}");
    assert!(sure[1] < half[1] && half[1] <= predicted[1] * 1.0001, "{sure:?} {half:?} {predicted:?}");
    let refused = shop.run(&["plan", "plan.toml", "--set", "search.hold=1.5", "-q"]).ended(2);
    assert!(refused.stderr.contains("a share from 0 to 1"), "{}", refused.stderr);
}
