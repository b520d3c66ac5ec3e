//! Orders that are not in yet on the morning after.

use serde_json::Value;

use super::{adds_up, number};
use crate::shop::Shop;

/// A shop of the market whose people think it over: half of the orders come after the day, up to a fortnight later. Its
/// reports were exported every morning; its plan stands in `out`.
fn patient() -> Shop {
    let shop = Shop::new();
    shop.run(&["judge", "--kind", "patient", "--write", "shops", "-q"]).ended(0);
    for file in ["plan.toml", "shop.toml", "history.parquet"] {
        shop.write(file, std::fs::read(shop.path("shops/patient-1").join(file)).unwrap());
    }
    shop.run(&["plan", "plan.toml", "--out", "out", "--no-frontier", "-q"]).ended(0);
    shop
}

/// Days after the planned one, as a date.
fn after(shop: &Shop, days: i32) -> String {
    let date: jiff::civil::Date = shop.summary("out")["date"].as_str().unwrap().parse().unwrap();
    (date + jiff::Span::new().days(days)).to_string()
}

/// Plays the plan's day, and writes its report as it stands so many days later.
fn play(shop: &Shop, luck: u32, days: i32, more: &[&str]) {
    let (luck, as_of) = (luck.to_string(), after(shop, days));
    let words = ["simulate", "plan.toml", "--plan", "out", "--report", "day.parquet", "--force", "-q"];
    let luck = ["--luck", &luck, "--as-of", &as_of];
    shop.run(&[&words[..], &luck, more].concat()).ended(0);
}

/// Reviews the report; nobody says when it was exported but the report itself.
fn review(shop: &Shop, more: &[&str]) -> Value {
    let words = ["review", "out", "--actuals", "day.parquet", "--out", "review", "--json", "-q"];
    let ran = shop.run(&[&words[..], more].concat()).ended(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The whole plan's or a channel's row of a forecast.
fn forecast<'r>(review: &'r Value, channel: Option<&str>, metric: &str) -> &'r Value {
    let rows = review["forecasts"].as_array().unwrap();
    rows.iter().find(|row| row["channel"].as_str() == channel && row["metric"] == metric).unwrap()
}

/// Findings beyond chance that less came, or will come, than planned.
fn accusing(review: &Value) -> Vec<&Value> {
    let lessons = review["lessons"].as_array().unwrap().iter();
    let accuse = |lesson: &&Value| {
        let sold = lesson["of"] == "revenue" && number(&lesson["money"]) < 0.0;
        sold && !lesson["usual"].as_bool().unwrap()
    };
    lessons.filter(accuse).collect()
}

#[test]
fn the_morning_after_foretells_what_the_day_will_have_brought() {
    let shop = patient();
    let mut inside = 0;
    for luck in 1..=6 {
        play(&shop, luck, 1, &[]);
        let morning = review(&shop, &[]);
        let page = shop.text("review/review.html");
        assert!(page.contains("Exported the morning after") && page.contains("Not in yet"));
        play(&shop, luck, 40, &[]);
        let end = review(&shop, &[]);
        assert_eq!((&morning["sales"]["filling"]["age"], &end["sales"]), (&Value::from(1), &"final".into()));
        assert!(end["arrived"].as_array().unwrap().is_empty() && end["total"]["late"]["revenue"] == 0.0);
        for arrived in morning["arrived"].as_array().unwrap() {
            assert!((number(&arrived["share"]) - 0.5).abs() < 0.03, "{arrived}");
        }
        // What is not in yet is an effect like others, and all of them add up.
        for part in ["channels", "hours", "campaigns", "units"] {
            morning[part].as_array().unwrap().iter().for_each(adds_up);
        }
        let total = &morning["total"];
        let late = number(&total["late"]["revenue"]);
        assert!((number(&total["effects"]["not_in_yet"]["revenue"]) + late).abs() < 1e-6);

        let foretold = forecast(&morning, None, "revenue");
        let came = number(&forecast(&end, None, "revenue")["actual"]);
        assert!(number(&foretold["actual"]) < 0.6 * came, "half of it is in");
        assert!((number(&foretold["due"]) / came - 1.0).abs() < 0.08, "{foretold} became {came}");
        let [low, high] = [0, 1].map(|end| number(&foretold["due_p80"][end]));
        assert!(high - low < 0.2 * came, "a band says something: {foretold}");
        inside += usize::from((low..=high).contains(&came));

        // The day went to plan: nothing is blamed, and what is not in yet is told as such.
        assert!(accusing(&morning).is_empty(), "luck {luck}: {:?}", accusing(&morning));
    }
    assert!(inside >= 4, "four in five: {inside} of 6");
}

#[test]
fn conversion_that_is_truly_bad_is_found_on_the_morning_after() {
    let shop = patient();
    for luck in 1..=3 {
        let bad = ["--shock", "cvr=0.6@0"];
        play(&shop, luck, 1, &bad);
        let morning = review(&shop, &[]);
        play(&shop, luck, 40, &bad);
        let end = review(&shop, &[]);
        let found = |review: &Value| {
            let lessons = accusing(review).into_iter().filter(|it| it["effect"] == "conversion");
            lessons.map(|it| (it["channel"].clone(), it.clone())).collect::<Vec<_>>()
        };
        let (early, late) = (found(&morning), found(&end));
        assert!(!early.is_empty(), "luck {luck}: {:?}", morning["lessons"]);
        for (channel, lesson) in &early {
            let [planned, due] = [0, 1].map(|at| number(&lesson["values"][at]));
            assert!((0.4..0.8).contains(&(due / planned)), "{lesson}");
            // Half of it is in: by what came alone it would be a third.
            assert!(number(&lesson["so_far"]) < 0.4 * planned, "{lesson}");
            // The money is that of the day when all is in.
            if let Some((_, settled)) = late.iter().find(|(of, _)| of == channel) {
                let [early, settled] = [lesson, settled].map(|it| number(&it["money"]));
                assert!((0.7..1.4).contains(&(early / settled)), "{channel}: {early}, in the end {settled}");
            }
        }
        assert_eq!(morning["trusted"], false, "luck {luck}");
    }
}

/// The sample's plan under `set`, and a report as planned with a share of its orders.
fn partly(set: &[&str], share: f64) -> Shop {
    let shop = Shop::new();
    let ran = shop.plan_on_model("plan.toml", "out", set);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    super::report(&shop, "out", "day.csv", |row| {
        for sum in ["orders", "revenue"] {
            *row.sums.get_mut(sum).unwrap() *= share;
        }
        true
    });
    shop
}

fn reviewed(shop: &Shop, more: &[&str]) -> Value {
    super::review(shop, "out", more).ended(0);
    super::json(shop)
}

fn of_search<'r>(review: &'r Value, part: &str) -> &'r Value {
    review[part].as_array().unwrap().iter().find(|it| it["channel"] == "search").unwrap()
}

#[test]
fn what_nobody_knows_accuses_nobody_as_far_as_it_may_be_missing() {
    // The sample's newest days say that about three quarters are in on the first morning.
    let shop = partly(&[], 0.8);
    let unknown = reviewed(&shop, &[]);
    assert_eq!((&unknown["sales"], &unknown["trusted"]), (&"unknown".into(), &Value::Null));
    assert!(accusing(&unknown).is_empty(), "{:?}", unknown["lessons"]);
    let search = of_search(&unknown, "channels");
    adds_up(search);
    let missing = number(&search["planned"]["revenue"]) - number(&search["actual"]["revenue"]);
    let late = number(&search["late"]["revenue"]);
    assert!((late / missing - 1.0).abs() < 1e-6, "{late} of {missing}");
    assert!(number(&search["effects"]["conversion"]["revenue"]).abs() < 1e-6 * missing);
    assert!((number(&search["effects"]["not_in_yet"]["revenue"]) + missing).abs() < 1e-6 * missing);
    let said = super::review(&shop, "out", &["--lang", "zh"]).ended(0).stdout;
    assert!(said.contains("无法得知") && said.contains("尚未回流"), "{said}");

    // Weeks later nothing is missing any more, and the same report accuses.
    let known = reviewed(&shop, &["--as-of", "2027-01-20"]);
    assert_eq!((&known["sales"], &known["trusted"]), (&"final".into(), &Value::Bool(false)));
    assert!(accusing(&known).iter().any(|lesson| lesson["effect"] == "conversion"), "{:?}", known["lessons"]);

    // More is missing than can be on any morning.
    let beyond = reviewed(&partly(&[], 0.3), &[]);
    assert!(!accusing(&beyond).is_empty(), "{:?}", beyond["lessons"]);
    assert!(number(&of_search(&beyond, "arrived")["level"]) < 0.6, "{}", beyond["arrived"]);
}

#[test]
fn rules_that_missing_orders_decide_are_open() {
    // At 4.2 the ROI of search binds, and three quarters of the orders are in as they should be.
    let shop = partly(&["--set", "rule.roi.min=4.2"], 0.74);
    let roi = |review: &Value| -> Value {
        let rows = review["rules"].as_array().unwrap().iter();
        let row = |row: &&Value| {
            let actual = &row["actual"];
            actual["rule"] == "roi" && actual["scope"] == "channel=search"
        };
        rows.clone().find(row).unwrap().clone()
    };
    let morning = reviewed(&shop, &["--as-of", "2026-12-13"]);
    let row = roi(&morning);
    assert_eq!((&row["verdict"], &row["actual"]["met"]), (&"open".into(), &Value::Bool(false)), "{row}");
    let [so_far, due] = [&row["actual"]["value"], &row["due"]["value"]].map(number);
    assert!(so_far < 3.5 && (due / 4.2 - 1.0).abs() < 0.1, "{row}");
    let [low, high] = [0, 1].map(|end| number(&row["due"]["p80"][end]));
    assert!(low < due && due < high && high - low < 1.5, "{row}");
    let told = super::review(&shop, "out", &["--as-of", "2026-12-13"]).ended(0).stdout;
    assert!(told.contains("so far and comes to") && told.contains("bound ≥ 4.2"), "{told}");
    let is_missed = |lesson: &&Value| lesson["kind"] == "rule" && lesson["metric"] == "roi";
    assert!(!morning["lessons"].as_array().unwrap().iter().any(|lesson| is_missed(&lesson)));

    let end = reviewed(&shop, &["--as-of", "2027-01-20"]);
    let row = roi(&end);
    assert_eq!((&row["verdict"], &row["due"]), (&"broken".into(), &Value::Null), "{row}");
    assert!(end["lessons"].as_array().unwrap().iter().any(|lesson| is_missed(&lesson)));
}

#[test]
fn without_a_curve_no_share_is_too_small() {
    let shop = Shop::new();
    // The history does not end on the eve, so nobody knows when it was exported.
    shop.patch("plan.toml", "date = 2026-12-12", "date = 2026-12-13");
    shop.run(&["plan", "plan.toml", "--out", "out", "--no-frontier", "-q"]).ended(0);
    super::report(&shop, "out", "day.csv", |row| {
        for sum in ["orders", "revenue"] {
            *row.sums.get_mut(sum).unwrap() *= 0.3;
        }
        true
    });
    shop.write("day.csv", shop.text("day.csv").replace("2026-12-12,", "2026-12-13,"));
    assert_eq!(shop.summary("out")["outlook"]["maturation"], serde_json::json!({}));
    let review = reviewed(&shop, &["--as-of", "2026-12-14"]);
    assert!(accusing(&review).is_empty(), "{:?}", review["lessons"]);
    let search = of_search(&review, "arrived");
    assert_eq!((&search["known"], &search["least"]), (&Value::Bool(false), &Value::from(0.0)));
    assert!((number(&search["share"]) - 0.3).abs() < 1e-6, "{search}");
    // From `maturity_days` on all counts as in.
    let settled = reviewed(&shop, &["--as-of", "2026-12-21"]);
    assert!(settled["sales"] == "final" && !accusing(&settled).is_empty(), "{:?}", settled["lessons"]);
}
