//! The plan in force, and the market to rehearse on.

use super::*;

#[test]
fn the_last_good_plan_of_the_day_is_in_force_and_its_bids_can_be_exported() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 0.8, 1.0));
    replan(&shop, &["--lang", "zh"]).ended(0);
    assert!(shop.text(&format!("{AGAIN}/report.html")).contains("14:00 重新计划"));
    // The bids of the plan at 14:00, as they were up to 18:00.
    let rows = report(&shop, NOW, 0.8, 1.0);
    let later: String = {
        let again = shop.bids(AGAIN);
        let runs = again.0.iter().filter(|row| row.run && (NOW..18).contains(&row.hour));
        let line = |row: &Row| {
            let bid =
                row.bid.filter(|_| row.channel != "group_buy").map_or(String::new(), |bid| bid.to_string());
            let sums = ["impressions", "clicks", "spend", "orders", "revenue"]
                .map(|name| row.sums[name].to_string());
            let position = row.position.map_or(String::new(), |position| position.to_string());
            format!(
                "2026-12-12,{},{},{},{},{},{bid},{},{position}\n",
                row.hour,
                row.channel,
                row.campaign,
                row.unit,
                row.product,
                sums.join(",")
            )
        };
        runs.map(line).collect()
    };
    shop.write("today.csv", rows + &later);
    let words =
        ["replan", "plan.toml", "--model", "model.json", "--actuals", "today.csv", "--now", "18", "-q"];
    let ran = shop.run(&[&words[..], &["--set", "replan.same_day=1.0"]].concat()).ended(0);
    assert!(!ran.stderr.contains("A007"), "the bids are those of 14:00: {}", ran.stderr);
    let manifest = shop.text("runs/2026-12-12-18/manifest.json");
    assert!(manifest.contains("2026-12-12-14\""), "{manifest}");
    keeps_rules(&shop, &shop.bids("runs/2026-12-12-18"));

    let ran = shop.run(&["export", "runs/2026-12-12-18", "--platform", "zuanzhan", "--out", "sheets", "-q"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let refused = shop.run(&["explain", "runs/2026-12-12-18"]).ended(2);
    assert!(refused.stderr.contains("error[O010]"), "{}", refused.stderr);
}

#[test]
fn a_day_is_rehearsed_on_the_market() {
    let shop = planned();
    shop.run(&[
        "simulate",
        "plan.toml",
        "--plan",
        IN_FORCE,
        "--report",
        "today.parquet",
        "--until",
        "14",
        "--shock",
        "demand=0.5@8",
    ])
    .ended(0);
    let words =
        ["replan", "plan.toml", "--actuals", "today.parquet", "--now", "14", "-q", "--model", "model.json"];
    let ran = shop.run(&[&words[..], &["--set", "replan.same_day=0.75"]].concat()).ended(0);
    assert!(ran.stdout.contains("Search: Impressions -"), "{}", ran.stdout);
    let ran = shop
        .run(&[
            "simulate",
            "plan.toml",
            "--plan",
            IN_FORCE,
            "--days",
            "1",
            "--shock",
            "demand=0.5@8",
            "--replan",
            "12",
            "-q",
        ])
        .ended(0);
    assert!(
        ran.stdout.contains("planned again every 12 hours") && ran.stdout.contains("1 plans made again"),
        "{}",
        ran.stdout
    );
}
