//! What the report adds to the plan: the frontier around today's rules, the last backtest's verdict, remarks.

use bidwright::report::number;
use serde_json::Value;

use crate::shop::Shop;

/// The numbers behind the report's charts.
fn data(page: &str) -> Value {
    let from = "<script type=\"application/json\" id=\"data\">";
    let text = page.split_once(from).unwrap().1.split_once("</script>").unwrap().0;
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_frontier_passes_through_todays_plan_and_the_last_backtest_speaks() {
    let shop = Shop::new();
    shop.with_model();
    let plan = |out: &str, more: &[&str]| {
        shop.run(&[&["plan", "plan.toml", "--model", "model.json", "--out", out, "-q"], more].concat())
            .ended(0)
    };
    plan("before", &["--no-frontier"]);
    let page = shop.text("before/report.html");
    assert!(page.contains("Nobody knows yet") && data(&page)["frontiers"].as_array().unwrap().is_empty());

    shop.run(&["backtest", "plan.toml", "--days", "2", "-q"]).ended(0);
    plan("after", &["--lang", "zh"]);
    let page = shop.text("after/report.html");
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    assert!(page.contains("可信") && !page.contains("尚未回测"));
    // What explain says that rules and the band cost.
    let explained = shop.run(&["explain", "after", "--json"]).ended(0).stdout;
    let explained: serde_json::Value = serde_json::from_str(&explained).unwrap();
    let told = |value: &serde_json::Value| number::sum(value.as_f64().unwrap());
    assert!(page.contains(&format!("排名 3–5 每天的代价：{}", told(&explained["band"]["cost"]))));
    let costs = explained["costs"].as_array().unwrap();
    assert!(!costs.is_empty() && costs.iter().all(|cost| page.contains(&told(&cost["cost"]))), "{costs:?}");
    assert!(!shop.text("before/report.html").contains("Costs a day"));
    let data = data(&page);
    let frontiers = data["frontiers"].as_array().unwrap();
    let axes: Vec<&str> = frontiers.iter().map(|one| one["axis"].as_str().unwrap()).collect();
    assert_eq!(axes, ["roi ≥", "budget ≤"]);
    let bound = shop.summary("after")["bound"].as_f64().unwrap();
    for frontier in frontiers {
        let points = frontier["lines"][0]["points"].as_array().unwrap();
        let point = |at: usize| (points[at][0].as_f64().unwrap(), points[at][1].as_f64().unwrap());
        let today = (0..points.len()).find(|at| points[*at][0] == frontier["today"]).unwrap();
        assert!((point(today).1 - bound).abs() < 1e-5 * bound, "{frontier}");
        assert!(points.len() > 3, "{frontier}");
        let rising = frontier["axis"] == "budget ≤";
        for at in 1..points.len() {
            let (before, after) = (point(at - 1), point(at));
            assert!(after.0 > before.0);
            // Room only helps, and a harder ROI only hurts.
            assert!(if rising { after.1 >= before.1 - 0.5 } else { after.1 <= before.1 + 0.5 }, "{frontier}");
        }
    }
}

#[test]
fn large_changes_are_remarked_and_nothing_else_is() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let bids = shop.bids("out");
    let mut large = 0;
    for row in bids.0.iter().filter(|row| row.run) {
        let change =
            row.bid.zip(row.last_bid).filter(|(_, last)| *last > 0.0).map(|(bid, last)| bid / last - 1.0);
        let is_large = change.is_some_and(|change| change.abs() > 0.5);
        assert_eq!(row.reason.contains("large change against the last bid"), is_large, "{row:?}");
        large += usize::from(is_large);
    }
    assert!(large > 0, "kw-0046 alone changes by more");
}
