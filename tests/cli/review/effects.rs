//! What made the day differ, adding up exactly.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{SUMS, adds_up, json, number, report, review, sum};
use crate::bids::Row;
use crate::shop::Shop;

#[test]
fn what_was_done_to_the_day_is_what_is_found() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let planned: Vec<Row> = shop.bids("out").0.into_iter().filter(|row| row.run).collect();
    let by_hand = planned.iter().find(|row| row.channel == "search").unwrap().unit.clone();
    let at_hand = |row: &Row| row.channel == "search" && row.unit == by_hand;
    // Search: a fifth fewer orders, clicks a tenth dearer, nothing after 21:59, one keyword at half its bid.
    let actual = report(&shop, "out", "day.csv", |row| {
        if row.channel == "search" {
            for (measure, factor) in [("spend", 1.1), ("orders", 0.8), ("revenue", 0.8)] {
                *row.sums.get_mut(measure).unwrap() *= factor;
            }
        }
        if at_hand(row) {
            row.bid = row.bid.map(|bid| bid / 2.0);
        }
        row.channel != "search" || row.hour < 22
    });
    let ran = review(&shop, "out", &["--as-of", "2026-12-25"]).ended(0);
    let review = json(&shop);

    let parts = ["channels", "hours", "phases", "channel_hours", "campaigns", "units"];
    parts.iter().flat_map(|part| review[part].as_array().unwrap()).for_each(adds_up);
    adds_up(&review["total"]);
    for channel in ["search", "display", "affiliate", "group_buy"] {
        let group =
            review["channels"].as_array().unwrap().iter().find(|it| it["channel"] == channel).unwrap();
        for measure in SUMS {
            for (side, rows) in [("planned", &planned), ("actual", &actual)] {
                let own = sum(rows, measure, channel);
                assert!(
                    (number(&group[side][measure]) - own).abs() < 1e-6 * own.max(1.0),
                    "{channel} {side} {measure}"
                );
            }
        }
        if channel != "search" {
            let effects = group["effects"].as_object().unwrap().values();
            assert!(
                effects.map(|it| number(&it["revenue"]).abs()).sum::<f64>() < 1e-6,
                "{channel} is as planned"
            );
        }
    }

    let search = &review["channels"].as_array().unwrap().iter().find(|it| it["channel"] == "search").unwrap()
        ["effects"];
    let (late, early): (Vec<&Row>, Vec<&Row>) =
        planned.iter().filter(|row| row.channel == "search").partition(|row| row.hour >= 22);
    let of = |rows: &[&Row], measure: &str| rows.iter().map(|row| row.sums[measure]).sum::<f64>();
    let near = |found: &Value, own: f64| {
        assert!((number(found) - own).abs() < 1e-6 * own.abs(), "{found} is not {own}")
    };
    near(&search["ended"]["revenue"], -of(&late, "revenue"));
    near(&search["ended"]["spend"], -of(&late, "spend"));
    // But for the keyword that was changed by hand, whose other bid explains a part.
    let others: Vec<&Row> = early.iter().copied().filter(|row| !at_hand(row)).collect();
    let kept = review["units"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["channel"] == "search" && it["unit"] != by_hand.as_str());
    let kept: Vec<&Value> = kept.collect();
    let effect =
        |name: &str, measure: &str| kept.iter().map(|it| number(&it["effects"][name][measure])).sum::<f64>();
    assert!((effect("conversion", "revenue") + 0.2 * of(&others, "revenue")).abs() < 1e-6);
    assert!((effect("price", "spend") - 0.1 * of(&others, "spend")).abs() < 1e-6);

    let ends = review["ends"].as_array().unwrap();
    assert_eq!(
        (ends.len(), &ends[0]["channel"], &ends[0]["hour"]),
        (1, &Value::from("search"), &Value::from(21))
    );
    let moves = review["moves"].as_array().unwrap();
    assert_eq!(moves.len(), 1);
    assert_eq!(moves[0]["unit"]["unit"], by_hand.as_str());
    assert!((number(&moves[0]["actual"]) / number(&moves[0]["planned"]) - 0.5).abs() < 1e-6);
    assert!(number(&moves[0]["explained"]["revenue"]) < 0.0, "half the bid brings less: {}", moves[0]);

    // Rules on what happened, by arithmetic of our own.
    let total: f64 = actual.iter().map(|row| row.sums["spend"]).sum();
    let rules = review["rules"].as_array().unwrap();
    let budget = rules.iter().find(|rule| rule["actual"]["rule"] == "budget").unwrap();
    near(&budget["actual"]["value"], total);
    assert_eq!(budget["actual"]["met"], total <= 40_000.0);
    let roi = rules.iter().find(|rule| rule["actual"]["scope"] == "channel=search").unwrap();
    near(&roi["actual"]["value"], sum(&actual, "revenue", "search") / sum(&actual, "spend", "search"));

    let lessons = review["lessons"].as_array().unwrap();
    let kinds: Vec<&str> = lessons.iter().map(|lesson| lesson["kind"].as_str().unwrap()).collect();
    assert!(lessons.len() <= 10 && kinds.contains(&"ended") && kinds.contains(&"effect"), "{kinds:?}");
    assert_eq!(review["sales"], "final");
    assert!(ran.stdout.contains("Search showed nothing after 21:59"), "{}", ran.stdout);
    assert!(ran.stderr.contains("A004"), "{}", ran.stderr);

    // The sheet of cells tells the same.
    let mut table = csv::Reader::from_path(shop.path("review/cells.csv")).unwrap();
    let head = table.headers().unwrap().clone();
    let mut columns: BTreeMap<String, f64> = BTreeMap::new();
    for record in table.records() {
        for (name, text) in head.iter().zip(&record.unwrap()) {
            if let Ok(value) = text.parse::<f64>() {
                *columns.entry(name.to_owned()).or_default() += value;
            }
        }
    }
    let effects: f64 =
        columns.iter().filter(|(name, _)| name.starts_with("revenue_by_")).map(|(_, sum)| sum).sum();
    assert!(
        (effects - (columns["actual_revenue"] - columns["planned_revenue"])).abs() < 0.5,
        "to four decimals a cell"
    );
}

#[test]
fn a_day_that_went_as_planned_has_nothing_to_tell() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    report(&shop, "out", "day.csv", |_| true);
    let ran = review(&shop, "out", &[]).ended(0);
    let review = json(&shop);
    assert!(review["trusted"].as_bool().unwrap() && review["sales"] == "unknown");
    for part in ["moves", "ends"] {
        assert_eq!(review[part].as_array().unwrap().len(), 0, "{part}");
    }
    for row in review["forecasts"].as_array().unwrap() {
        assert!(number(&row["error"]).abs() < 1e-5, "{row}");
        assert_eq!(row["inside"], serde_json::json!([true, true]), "{row}");
    }
    // Predicted positions all lie in the band.
    let held = &review["held"][0];
    assert_eq!(held["cells"], held["cells_inside"]);
    assert!(ran.stdout.contains("The forecast held"), "{}", ran.stdout);
    let lessons = review["lessons"].as_array().unwrap();
    assert!(lessons.is_empty(), "{lessons:?}");
}

#[test]
fn a_finding_tells_its_money_and_its_rate_of_the_same_cells() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let planned: Vec<Row> = shop.bids("out").0.into_iter().filter(|row| row.run).collect();
    // Nobody came in the hours before noon, though ads were on, and a fifth more came after it.
    let actual = report(&shop, "out", "day.csv", |row| {
        if row.channel == "search" {
            let factor = if row.hour < 12 { 0.0 } else { 1.2 };
            row.sums.values_mut().for_each(|sum| *sum *= factor);
            row.position = row.position.filter(|_| factor > 0.0);
        }
        true
    });
    let ran = review(&shop, "out", &[]).ended(0);
    let review = json(&shop);
    let is_volume = |lesson: &&Value| lesson["effect"] == "volume" && lesson["channel"] == "search";
    let lesson = review["lessons"].as_array().unwrap().iter().find(is_volume).unwrap();
    let impressions = |rows: &[Row]| sum(rows, "impressions", "search");
    for (at, rows) in [&planned, &actual].into_iter().enumerate() {
        let told = number(&lesson["values"][at]);
        assert!((told / impressions(rows) - 1.0).abs() < 1e-6, "{told} of {}", impressions(rows));
    }
    let fewer = impressions(&actual) < impressions(&planned);
    assert_eq!(fewer, number(&lesson["money"]) < 0.0, "{lesson}");
    assert!(ran.stdout.contains(" expected. "), "{}", ran.stdout);
}
