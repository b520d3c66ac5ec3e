//! Reports of whole days.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{SUMS, adds_up, json, number, report, review};
use crate::shop::Shop;

/// Writes a report of the planned day by whole days: what the plan expects, times a factor.
fn report_of_whole_days(shop: &Shop, factor: f64) {
    let rows = report(shop, "out", "hours.csv", |_| true);
    let mut days: BTreeMap<[String; 4], BTreeMap<&str, f64>> = BTreeMap::new();
    for row in rows {
        let key = [row.channel, row.campaign, row.unit, row.product];
        let day = days.entry(key).or_default();
        row.sums.iter().for_each(|(name, value)| *day.entry(name).or_default() += factor * value);
    }
    let mut text = "date,channel,campaign,unit,product,impressions,clicks,spend,orders,revenue".to_owned();
    for ([channel, campaign, unit, product], sums) in &days {
        write!(text, "\n2026-12-12,{channel},{campaign},{unit},{product}").unwrap();
        SUMS.iter().for_each(|measure| write!(text, ",{}", sums[measure]).unwrap());
    }
    shop.write("day.csv", text + "\n");
}

#[test]
fn whole_days_are_spread_and_still_add_up() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    report_of_whole_days(&shop, 2.0);
    review(&shop, "out", &[]).ended(0);
    let doubled = json(&shop);
    doubled["units"].as_array().unwrap().iter().for_each(adds_up);
    let total = &doubled["total"];
    assert!((number(&total["actual"]["revenue"]) / number(&total["planned"]["revenue"]) - 2.0).abs() < 1e-5);
    // Twice of everything is volume; what a fixed fee costs twice is price.
    let (volume, revenue) =
        (number(&total["effects"]["volume"]["revenue"]), number(&total["planned"]["revenue"]));
    assert!((volume / revenue - 1.0).abs() < 1e-5, "{volume} of {revenue}");
    assert!(number(&total["effects"]["price"]["spend"]) > 1000.0, "{}", total["effects"]);

    // A day as planned differs in no hour, whatever sum is looked at, and keeps the rules of hours as planned.
    report_of_whole_days(&shop, 1.0);
    let ran = review(&shop, "out", &[]).ended(0);
    let as_planned = json(&shop);
    let parts = ["hours", "units", "channel_hours"];
    for group in parts.iter().flat_map(|part| as_planned[part].as_array().unwrap()) {
        for (name, effect) in group["effects"].as_object().unwrap() {
            for measure in ["spend", "revenue"] {
                assert!(number(&effect[measure]).abs() < 0.01, "{name} by {measure} in {group}");
            }
        }
    }
    for row in as_planned["rules"].as_array().unwrap() {
        let [planned, actual] = ["planned", "actual"].map(|side| number(&row[side]["value"]));
        assert!((planned - actual).abs() <= 1e-3 * planned.abs(), "{row}"); // plan.csv is rounded
    }
    assert_eq!(as_planned["lessons"].as_array().unwrap().len(), 0, "{}", ran.stdout);
}
