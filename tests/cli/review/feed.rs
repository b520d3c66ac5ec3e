//! The day as the next fit learns from it.

use bidwright::{config, history};

use super::{json, number, report, review};
use crate::shop::Shop;

#[test]
fn the_next_fit_learns_from_the_day_once() {
    let shop = Shop::new();
    shop.run(&["plan", "plan.toml", "--out", "out", "--no-frontier", "-q"]).ended(0);
    let rows = report(&shop, "out", "day.csv", |row| {
        row.bid = row.bid.map(|bid| bid * 1.1);
        true
    });
    let unknown = review(&shop, "out", &["--feed", "history"]).ended(2);
    assert!(unknown.stderr.contains("A025") && !shop.path("review").exists(), "{}", unknown.stderr);
    let feed = ["--as-of", "2026-12-13", "--feed", "history"];
    let fed = review(&shop, "out", &[&feed[..], &["--lang", "zh"]].concat()).ended(0);
    let first = "history/actuals-2026-12-12-exported-2026-12-13.parquet";
    assert!(fed.stdout.contains(&format!("下一次学习会用到 {first}")), "{}", fed.stdout);
    std::fs::remove_dir_all(shop.path("review")).unwrap();
    let fed = review(&shop, "out", &feed).ended(2);
    assert!(fed.stderr.contains("A022") && !shop.path("review").exists(), "{}", fed.stderr);
    let aside = review(&shop, "out", &["--as-of", "2026-12-13", "--feed", "elsewhere"]).ended(0);
    assert!(aside.stderr.contains("A023") && !aside.stdout.contains("next fit"), "{}", aside.stdout);
    assert!(shop.path(&first.replace("history", "elsewhere")).exists());

    // The history has grown since the plan: bids by hand are explained all the same, and the day is not learned from.
    review(&shop, "out", &[&feed[..], &["--force"]].concat()).ended(0);
    let explained = json(&shop);
    let moves = explained["moves"].as_array().unwrap();
    assert!(!moves.is_empty() && moves.iter().all(|it| it["explained"].is_object()), "{moves:?}");
    let set = explained["units"].as_array().unwrap().iter().map(|it| number(&it["effects"]["bids"]["spend"]));
    assert!(set.sum::<f64>() > 0.0, "a tenth more for everything should have cost more");

    shop.patch("plan.toml", "date = 2026-12-12", "date = 2026-12-13");
    let checked = shop.run(&["check", "plan.toml"]).ended(0);
    assert!(checked.stdout.contains("actuals-2026-12-12-exported-2026-12-13.parquet"), "{}", checked.stdout);
    assert!(rows.len() > 1000);
}

#[test]
fn a_later_export_of_the_day_replaces_and_doubles_nothing() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let orders = |share: f64| {
        let rows = report(&shop, "out", "day.csv", |row| {
            ["orders", "revenue"].iter().for_each(|sum| *row.sums.get_mut(*sum).unwrap() *= share);
            true
        });
        rows.len()
    };
    for (share, as_of) in [(0.6, "2026-12-13"), (0.9, "2026-12-15"), (1.0, "2027-01-05")] {
        orders(share);
        review(&shop, "out", &["--as-of", as_of, "--feed", "fed"]).ended(0);
    }
    let rows = orders(1.0);
    let text = shop.text("plan.toml").replace("date = 2026-12-12", "date = 2027-01-06");
    shop.write("next.toml", text.replace("history/*.parquet", "fed/*.parquet"));
    // The last of three looks is the day; the two before it tell how orders come in.
    let checked = shop.run(&["check", "next.toml"]);
    let told = format!("{}{}", checked.stdout, checked.stderr);
    assert_eq!(told.matches(&format!("{rows} rows were exported again later")).count(), 2, "{told}");
    assert!(!told.contains("H045") && !told.contains("H046"), "{told}");
    assert!(told.contains("search: by the exports of several days, 60, "), "{told}");
}

#[test]
fn a_day_that_was_fed_young_stays_young_as_the_history_grows() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    report(&shop, "out", "day.csv", |_| true);
    review(&shop, "out", &["--as-of", "2026-12-14", "--feed", "fed"]).ended(0);
    // A week later there are newer rows, of which nobody says when they were exported.
    shop.write("fed/later.csv", shop.text("day.csv").replace("2026-12-12,", "2026-12-19,"));
    let text = shop.text("plan.toml").replace("date = 2026-12-12", "date = 2026-12-20");
    shop.write("next.toml", text.replace("history/*.parquet", "fed/*"));
    let request = config::load(&shop.path("next.toml"), &[]).unwrap();
    let read = history::read(&request).unwrap();
    let mut ages: Vec<(i32, u16)> = read.observations.iter().map(|row| (row.day, row.age)).collect();
    ages.sort_unstable();
    ages.dedup();
    let [(fed, of_fed), (later, of_later)] = ages[..] else { panic!("{ages:?}") };
    assert_eq!(
        (later - fed, of_fed, of_later),
        (7, 1, 0),
        "exported on the second morning, and on the first"
    );
}

/// Mean CVR of search as a fit tells it, in percent.
fn cvr(shop: &Shop, plan_file: &str) -> f64 {
    let fitted = shop.run(&["fit", plan_file, "--out", "fitted.json", "-q"]).ended(0).stdout;
    let line = fitted.lines().find(|line| line.contains("search cvr")).unwrap();
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}

#[test]
fn sales_of_a_day_that_was_exported_young_are_not_learned_as_final() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    // Nothing of the day had been sold when it was exported, and rows a fortnight younger are there by now.
    report(&shop, "out", "day.csv", |_| true);
    shop.write("history/later.csv", shop.text("day.csv").replace("2026-12-12,", "2026-12-26,"));
    report(&shop, "out", "day.csv", |row| {
        ["orders", "revenue"].iter().for_each(|sum| *row.sums.get_mut(*sum).unwrap() = 0.0);
        true
    });
    let text = shop.text("plan.toml").replace("date = 2026-12-12", "date = 2026-12-27");
    shop.write("next.toml", text.replace("history/*.parquet", "history/*"));
    let without = cvr(&shop, "next.toml");
    let fed = |as_of: &str| {
        review(&shop, "out", &["--as-of", as_of, "--feed", "history"]).ended(0);
        let found = cvr(&shop, "next.toml");
        std::fs::remove_file(shop.path(&format!("history/actuals-2026-12-12-exported-{as_of}.parquet")))
            .unwrap();
        found
    };
    let (young, settled) = (fed("2026-12-13"), fed("2026-12-26"));
    assert!((young / without - 1.0).abs() < 0.005, "{young} in place of {without}");
    assert!(settled < 0.97 * without, "a day without sales that is final tells: {settled}, {without}");
}
