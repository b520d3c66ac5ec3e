//! What a review cannot do, and what it was not told of.

use super::{adds_up, json, number, report, review};
use crate::shop::Shop;

#[test]
fn a_review_says_what_it_cannot_do() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    report(&shop, "out", "day.csv", |_| true);
    for (more, code) in [(&["--as-of", "2026-12-11"][..], "A020"), (&["--out", "out"], "O001")] {
        let ran = shop.run(&[&["review", "out", "--actuals", "day.csv", "-q"], more].concat()).ended(2);
        assert!(ran.stderr.contains(code), "{code}: {}", ran.stderr);
    }
    // Rows that say when they were exported know better than somebody who says it was earlier.
    let dated = shop.text("day.csv");
    let (head, rows) = dated.split_once('\n').unwrap();
    let rows: String = rows.lines().map(|row| format!("{row},2026-12-20\n")).collect();
    shop.write("dated.csv", format!("{head},exported\n{rows}"));
    let words = ["review", "out", "--actuals", "dated.csv", "--as-of", "2026-12-14", "-q"];
    let ran = shop.run(&words).ended(2);
    assert!(
        ran.stderr.contains("A020") && ran.stderr.contains("2026-12-20, later than 2026-12-14"),
        "{}",
        ran.stderr
    );

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
