//! The sample's plan at a confidence of 0.9: what it leaves room for, what that costs, and what is written.

use bidwright::judge::yardstick::measure;
use bidwright::market::kinds::Kind;
use serde_json::Value;

use crate::shop::Shop;

fn spend(summary: &Value) -> f64 {
    summary["totals"]["spend"].as_f64().unwrap()
}

#[test]
fn nine_days_in_ten_cost_some_revenue() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "half", &[]).ended(0);
    let ran = shop.plan_on_model("plan.toml", "sure", &["--set", "plan.confidence=0.9"]).ended(0);
    assert!(ran.stdout.contains("4 days in 5") && ran.stdout.contains("90.00 % each"), "{}", ran.stdout);
    let (half, sure) = (shop.summary("half"), shop.summary("sure"));
    assert_eq!(sure["status"], "optimal");
    for rule in sure["rules"].as_array().unwrap().iter().filter(|rule| !rule["chance"].is_null()) {
        assert!(rule["chance"].as_f64().unwrap() > 0.8999, "{rule}");
    }
    // The budget binds: what is spent leaves room for the day's own ups and downs, of a few percent.
    let room = 1.0 - spend(&sure) / spend(&half);
    assert!((0.01..0.08).contains(&room), "{room}");
    let price = &sure["outlook"]["price"];
    let share = price["given_up"].as_f64().unwrap() / price["at_half"].as_f64().unwrap();
    assert!((0.002..0.05).contains(&share), "{share}");
    assert_eq!(half["outlook"]["price"], Value::Null);

    let bands = sure["outlook"]["bands"].as_array().unwrap();
    assert_eq!(bands.len(), 25, "five metrics of four channels and of all");
    let of = |channel: &str, metric: &str| {
        let band = bands.iter().find(|band| band["metric"] == metric && band["channel"] == channel);
        band.map(|band| band["deviation"].as_f64().unwrap()).unwrap_or(f64::NAN)
    };
    // Sales scatter more than clicks, and ROI less than the sales that a commission is paid on.
    assert!(
        of("search", "orders") > of("search", "clicks")
            && of("affiliate", "roi") < of("affiliate", "revenue")
    );
    let held = half["outlook"]["held"]["share"].as_f64().unwrap();
    assert!((0.6..1.0).contains(&held), "{held} of search hours in the band");
    let page = std::fs::read_to_string(shop.path("sure/report.html")).unwrap();
    assert!(page.contains("four days in five") && page.contains("at least 90 %"));
}

/// Here two channels' ROI rows, the budget and caps of single keywords bind together.
#[test]
fn tight_rules_hold_with_their_chance_too() {
    let shop = Shop::new();
    let asked = ["--set", "plan.confidence=0.9", "--set", "rule.roi.min=3.9"];
    shop.plan_on_model("plan.toml", "tight", &asked).ended(0);
    let tight = shop.summary("tight");
    for rule in tight["rules"].as_array().unwrap() {
        assert_eq!(rule["met"], true, "{rule}");
        assert!(rule["chance"].as_f64().is_none_or(|chance| chance > 0.8999), "{rule}");
    }
    assert!(tight["outlook"]["price"]["given_up"].as_f64().unwrap() > 0.0);
}

/// Twenty days of luck on one small shop: the ROI rules hold as often as they should, the budget more often than
/// at 0.5, and days lie in their bands.
#[test]
fn a_confident_plan_keeps_its_rules_in_play() {
    let kind = Kind::named("small").unwrap();
    let [half, sure] = [0.5, 0.9].map(|confidence| measure(kind, 1, 20, confidence, false).unwrap().0);
    println!(
        "ROI met {:.2} and {:.2}, budget {:.2} and {:.2}, in 80 % bands {:?}, given up {:?}",
        half.roi_met, sure.roi_met, half.budget_met, sure.budget_met, sure.p80, sure.given_up
    );
    assert!(sure.roi_met >= 0.88, "{}", sure.roi_met);
    assert!(sure.budget_met > half.budget_met, "{} after {}", sure.budget_met, half.budget_met);
    assert!(sure.p80.unwrap() > 0.5 && sure.p80.unwrap() > sure.p50.unwrap());
    // Scatter alone, whatever the forecast is off by: as wide as the days are, or a little wider.
    let widths: Vec<f64> = sure.bands.iter().map(|band| band.played / band.deviation).collect();
    let mean = widths.iter().sum::<f64>() / widths.len() as f64;
    assert!((0.4..1.3).contains(&mean), "days scatter {mean} times as far as the bands say");
}
