//! A plan that ran through a platform.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{HEAD, json, number, report, review};
use crate::shop::Shop;

#[test]
fn an_export_is_reviewed_by_the_bids_that_the_platform_ran() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let exported = shop.run(&["export", "out", "--platform", "zhitongche", "-q"]);
    assert!([0, 3].contains(&exported.code), "{}", exported.stderr);
    // Display, commissions and slots as they were planned, search as the platform executed it.
    report(&shop, "out", "others.csv", |row| row.channel != "search");
    let mut search = HEAD.to_owned();
    let effective = shop.text("out-zhitongche/effective.csv");
    let mut rows = csv::Reader::from_reader(effective.as_bytes());
    let mut ran = 0;
    for row in rows.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        if row["bid"].is_empty() {
            continue;
        }
        let cells: Vec<&str> = HEAD.split(',').map(|column| row[column].as_str()).collect();
        write!(search, "\n{}", cells.join(",")).unwrap();
        ran += 1;
    }
    shop.write("day.csv", search + "\n");
    let more = ["--actuals", "others.csv"];

    let ran_as_planned = review(&shop, "out", &more).ended(0);
    assert!(ran_as_planned.stderr.contains("warning[A024]"), "{}", ran_as_planned.stderr);
    assert!(ran_as_planned.stderr.contains("--export out-zhitongche"), "{}", ran_as_planned.stderr);
    assert!(!json(&shop)["moves"].as_array().unwrap().is_empty());

    let reviewed = review(&shop, "out", &[&more[..], &["--export", "out-zhitongche"]].concat()).ended(0);
    assert!(!reviewed.stderr.contains("A024"), "{}", reviewed.stderr);
    let found = json(&shop);
    assert!(found["moves"].as_array().unwrap().is_empty(), "{}", found["moves"]);
    let channels = found["channels"].as_array().unwrap();
    let of_search = channels.iter().find(|group| group["channel"] == "search").unwrap();
    for measure in ["spend", "revenue"] {
        let [planned, actual] = ["planned", "actual"].map(|side| number(&of_search[side][measure]));
        assert!(actual > 0.0 && (planned / actual - 1.0).abs() < 1e-6, "{measure}: {planned}, {actual}");
    }
    assert!(ran > 100, "{ran} cells ran");

    let refused = review(&shop, "out", &["--export", "out"]).ended(2);
    assert!(refused.stderr.contains("effective.csv"), "{}", refused.stderr);
    shop.write("other/effective.csv", effective.replace("2026-12-12,", "2026-12-11,"));
    let refused = review(&shop, "out", &["--export", "other"]).ended(2);
    assert!(refused.stderr.contains("error[O012]"), "{}", refused.stderr);
}
