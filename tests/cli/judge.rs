//! `simulate --plan` and `judge`: plans that are played.

use serde_json::Value;

use crate::shop::Shop;

#[test]
fn a_plan_is_played_on_the_shop_behind_it() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let words = ["simulate", "plan.toml", "--plan", "out", "--days", "3", "-q"];
    let ran = shop.run(&words).ended(0);
    for text in [
        "2026-12-12, played 3 times",
        "last week's bids",
        "true curves known",
        "evening round",
        "what a planner who knew the true curves would",
    ] {
        assert!(ran.stdout.contains(text), "no `{text}` in:\n{}", ran.stdout);
    }
    // All units hold the rule every day, so the one that pays most a click stands for them.
    let row = ran.stdout.lines().find(|line| line.contains(" search cpc ")).unwrap();
    let units = shop.bids("out").0.iter().filter(|row| row.channel == "search" && row.run).fold(
        std::collections::BTreeMap::<String, [f64; 2]>::new(),
        |mut units, row| {
            let sums = units.entry(row.unit.clone()).or_default();
            (sums[0], sums[1]) = (sums[0] + row.sums["spend"], sums[1] + row.sums["clicks"]);
            units
        },
    );
    let cpc = |unit: &String| units[unit][0] / units[unit][1];
    let dearest = units.keys().max_by(|one, other| cpc(one).total_cmp(&cpc(other))).unwrap();
    assert!(row.contains(dearest.as_str()) && row.contains("(worst of"), "{dearest}: {row}");
    assert_eq!(ran.stdout, shop.run(&[&words[..3], &["out/plan.csv"], &words[4..]].concat()).stdout);
}

#[test]
fn what_cannot_be_played_is_said() {
    let shop = Shop::new();
    shop.write("no-plan.csv", "date,hour\n2026-12-12,1\n");
    let ran = shop.run(&["simulate", "plan.toml", "--plan", "no-plan.csv"]).ended(2);
    assert!(ran.stderr.contains("error[O004]") && ran.stderr.contains("no-plan.csv:2"), "{}", ran.stderr);
    shop.write(
        "strange.csv",
        "date,hour,channel,campaign,unit,product,run,bid,position,impressions,clicks,spend,orders,revenue\n\
         2026-12-12,1,search,nowhere,kw,,true,1,3,1,1,1,1,1\n",
    );
    let ran = shop.run(&["simulate", "plan.toml", "--plan", "strange.csv"]).ended(2);
    assert!(ran.stderr.contains("error[M009]"), "{}", ran.stderr);
    shop.run(&["simulate", "plan.toml", "--plan", "out", "--force"]).ended(2);
    let ran = shop.run(&["judge", "--kind", "none"]).ended(2);
    assert!(ran.stderr.contains("error[M008]") && ran.stderr.contains("middling"), "{}", ran.stderr);
}

#[test]
fn a_small_shop_is_judged_from_history_to_optimum() {
    let shop = Shop::new();
    let ran = shop.run(&["judge", "--kind", "small", "--days", "8", "--json", "-q"]).ended(0);
    let row: Value = serde_json::from_str(ran.stdout.trim()).unwrap();
    let number = |key: &str| row[key].as_f64().unwrap();
    assert!((0.8..1.1).contains(&number("share_of_optimum")), "{row}");
    assert!(number("optimum_revenue") > number("last_week_revenue"), "{row}");
    assert!(number("optimum_in_band") > number("last_week_in_band"), "{row}");
    assert!(number("revenue_error").abs() < 0.3 && number("spend_error").abs() < 0.2, "{row}");
    let table = shop.run(&["judge", "--kind", "small", "--days", "2", "-q"]).ended(0).stdout;
    assert!(table.contains("median shop:") && table.contains("small 1"), "{table}");
}

#[test]
fn a_shop_of_a_kind_is_written_whole() {
    let shop = Shop::new();
    let ran = shop.run(&["judge", "--kind", "small", "--seed", "4", "--write", "kinds", "-q"]).ended(0);
    assert!(ran.stdout.contains("small-4"), "{}", ran.stdout);
    shop.run(&["judge", "--kind", "small", "--seed", "4", "--write", "kinds"]).ended(2);
    shop.run(&["check", "kinds/small-4/plan.toml"]).ended(0);
    let history = std::fs::read(shop.path("kinds/small-4/history.parquet")).unwrap();
    shop.run(&["judge", "--kind", "small", "--seed", "4", "--write", "kinds", "--force"]).ended(0);
    assert_eq!(history, std::fs::read(shop.path("kinds/small-4/history.parquet")).unwrap());
    let kinds = shop.run(&["judge", "--list"]).ended(0).stdout;
    assert!(kinds.lines().count() >= 12, "{kinds}");
}
