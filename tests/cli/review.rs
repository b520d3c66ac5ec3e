//! `bidwright review`: a plan against what happened.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use crate::bids::Row;
use crate::shop::{Ran, Shop};

const HEAD: &str =
    "date,hour,channel,campaign,unit,product,bid,position,impressions,clicks,spend,orders,revenue";
const SUMS: [&str; 5] = ["impressions", "clicks", "spend", "orders", "revenue"];

/// Writes a report of the planned day: every cell of the plan that runs, as `change` leaves it. Returns it.
fn report(shop: &Shop, out: &str, name: &str, change: impl Fn(&mut Row) -> bool) -> Vec<Row> {
    let mut rows: Vec<Row> = shop.bids(out).0.into_iter().filter(|row| row.run).collect();
    rows.retain_mut(change);
    let mut text = HEAD.to_owned();
    for row in &rows {
        let shown = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let bid = row.bid.filter(|_| row.channel != "group_buy");
        let Row { hour, channel, campaign, unit, product, .. } = row;
        write!(
            text,
            "\n2026-12-12,{hour},{channel},{campaign},{unit},{product},{},{}",
            shown(bid),
            shown(row.position)
        )
        .unwrap();
        SUMS.iter().for_each(|measure| write!(text, ",{}", row.sums[measure]).unwrap());
    }
    shop.write(name, text + "\n");
    rows
}

fn review(shop: &Shop, out: &str, more: &[&str]) -> Ran {
    shop.run(&[&["review", out, "--actuals", "day.csv", "--out", "review", "-q"], more].concat())
}

fn json(shop: &Shop) -> Value {
    serde_json::from_str(&shop.text("review/review.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Both differences of a group are the sums of its effects.
#[track_caller]
fn adds_up(group: &Value) {
    for measure in ["spend", "revenue"] {
        let difference = number(&group["actual"][measure]) - number(&group["planned"][measure]);
        let effects = group["effects"].as_object().unwrap().values();
        let sum: f64 = effects.map(|effect| number(&effect[measure])).sum();
        assert!((sum - difference).abs() < 1e-6, "{measure}: {sum} is not {difference} in {group}");
    }
}

fn sum(rows: &[Row], measure: &str, channel: &str) -> f64 {
    rows.iter().filter(|row| row.channel == channel).map(|row| row.sums[measure]).sum()
}

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

#[test]
fn the_next_fit_learns_from_the_day_once() {
    let shop = Shop::new();
    shop.run(&["plan", "plan.toml", "--out", "out", "--no-frontier", "-q"]).ended(0);
    let rows = report(&shop, "out", "day.csv", |row| {
        row.bid = row.bid.map(|bid| bid * 1.1);
        true
    });
    let fed = review(&shop, "out", &["--feed", "history", "--lang", "zh"]).ended(0);
    assert!(fed.stdout.contains("下一次学习会用到 history/actuals-2026-12-12.parquet"), "{}", fed.stdout);
    std::fs::remove_dir_all(shop.path("review")).unwrap();
    let fed = review(&shop, "out", &["--feed", "history"]).ended(2);
    assert!(fed.stderr.contains("A022") && !shop.path("review").exists(), "{}", fed.stderr);
    let aside = review(&shop, "out", &["--feed", "elsewhere"]).ended(0);
    assert!(aside.stderr.contains("A023") && !aside.stdout.contains("next fit"), "{}", aside.stdout);
    assert!(shop.path("elsewhere/actuals-2026-12-12.parquet").exists());

    // The history has grown since the plan: bids by hand are explained all the same, and the day is not learned from.
    review(&shop, "out", &["--feed", "history", "--force"]).ended(0);
    let explained = json(&shop);
    let moves = explained["moves"].as_array().unwrap();
    assert!(!moves.is_empty() && moves.iter().all(|it| it["explained"].is_object()), "{moves:?}");
    let set = explained["units"].as_array().unwrap().iter().map(|it| number(&it["effects"]["bids"]["spend"]));
    assert!(set.sum::<f64>() > 0.0, "a tenth more for everything should have cost more");

    shop.patch("plan.toml", "date = 2026-12-12", "date = 2026-12-13");
    let checked = shop.run(&["check", "plan.toml"]).ended(0);
    assert!(checked.stdout.contains("actuals-2026-12-12.parquet"), "{}", checked.stdout);
    assert!(rows.len() > 1000);
}

#[test]
fn a_review_says_what_it_cannot_do() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    report(&shop, "out", "day.csv", |_| true);
    for (more, code) in [(&["--as-of", "2026-12-11"][..], "A020"), (&["--out", "out"], "O001")] {
        let ran = shop.run(&[&["review", "out", "--actuals", "day.csv", "-q"], more].concat()).ended(2);
        assert!(ran.stderr.contains(code), "{code}: {}", ran.stderr);
    }
    let ran = shop.run(&["review", "out", "--actuals", "gone.csv", "-q"]).ended(2);
    assert!(ran.stderr.contains("H002") && ran.stderr.contains("working directory"), "{}", ran.stderr);
    let other = shop.text("day.csv").replace("2026-12-12", "2026-12-11");
    shop.write("day.csv", other);
    let ran = review(&shop, "out", &[]).ended(2);
    assert!(ran.stderr.contains("A001") && !shop.path("review").exists(), "{}", ran.stderr);

    // Landscapes that are gone: bids by hand are told, what they bring is not.
    report(&shop, "out", "day.csv", |row| {
        row.bid = row.bid.map(|bid| bid * 1.1);
        true
    });
    std::fs::remove_file(shop.path("model.json")).unwrap();
    let ran = review(&shop, "out", &["--lang", "zh"]).ended(0);
    assert!(ran.stderr.contains("A021") && ran.stdout.contains("复盘"), "{}{}", ran.stdout, ran.stderr);
    let review = json(&shop);
    assert!(review["moves"].as_array().unwrap().iter().all(|it| it["explained"].is_null()));
    assert!(shop.text("review/review.html").contains("与计划不同的出价"));
}

#[test]
fn units_that_the_plan_does_not_know_count_and_stay_text() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let rows = report(&shop, "out", "day.csv", |_| true);
    let stranger = "2026-12-12,9,search,new,</script><b>bold,,1.5,4,1000,50,60,5,90000";
    shop.write("day.csv", shop.text("day.csv") + stranger + "\n");
    let ran = review(&shop, "out", &[]).ended(0);
    let review = json(&shop);
    let own: f64 = rows.iter().map(|row| row.sums["revenue"]).sum();
    assert!((number(&review["total"]["actual"]["revenue"]) - own - 90_000.0).abs() < 0.01);
    assert!((number(&review["total"]["effects"]["unplanned"]["revenue"]) - 90_000.0).abs() < 0.01);
    adds_up(&review["total"]);
    assert!(ran.stdout.contains("Ran unplanned"), "{}", ran.stdout);
    let page = shop.text("review/review.html");
    assert!(!page.contains("<b>bold") && page.contains("&lt;b&gt;bold"), "names stay text");
    assert_eq!(page.matches("</script>").count(), 3, "data, library and charts");
    let own = page.replace(bidwright::report::ECHARTS, "");
    assert!(!own.contains("src=") && !own.contains("url(") && page.len() < 1_500_000, "opens offline");
}

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
