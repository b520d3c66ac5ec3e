//! Rules that cannot be kept any more.

use super::*;

#[test]
fn rules_that_the_past_has_broken_are_named_and_all_others_kept() {
    let shop = planned();
    let before = content(&shop, IN_FORCE);
    shop.write("today.csv", report(&shop, NOW, 1.0, 1.0));
    let spent = shop.bids(IN_FORCE).sum("spend", |row| row.channel == "search" && row.hour < NOW);
    let cap = format!("rule.search budget.max={:.0}", 0.9 * spent);
    let ran = replan(&shop, &["--set", &cap]).ended(3);
    assert!(
        ran.stderr.contains("warning[A012]") && ran.stderr.contains("are over have more"),
        "{}",
        ran.stderr
    );
    let day = shop.summary(AGAIN);
    let lost = &day["underway"]["lost"].as_array().unwrap()[0];
    assert_eq!((&day["status"], &lost["why"]), (&"infeasible".into(), &"spent".into()));
    assert!((lost["value"].as_f64().unwrap() - spent).abs() < 0.01, "nothing more is spent: {lost}");
    assert_eq!(content(&shop, IN_FORCE), before);
    // It is the plan in force from then on.
    shop.write("today.csv", report(&shop, 15, 1.0, 1.0));
    let words =
        ["replan", "plan.toml", "--model", "model.json", "--actuals", "today.csv", "--now", "15", "-q"];
    shop.run(&[&words[..], &["--set", "replan.same_day=1.0"]].concat()).ended(0);
    let manifest = shop.text("runs/2026-12-12-15/manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let in_force = manifest["replan"]["in_force"].as_str().unwrap();
    assert!(in_force.ends_with(AGAIN), "{in_force}");
    assert_eq!(manifest["replan"]["now"], 15);
}

#[test]
fn a_rule_that_is_out_of_reach_costs_no_more_sales() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 1.0, 1.0));
    let ran = replan(&shop, &["--set", "rule.+={ name = 'whole', metric = 'roi', min = 9.0 }"]).ended(3);
    assert!(ran.stderr.contains("`whole` asks for 9.00, which cannot be reached"), "{}", ran.stderr);
    let day = shop.summary(AGAIN);
    assert_eq!(day["underway"]["lost"][0]["why"], "out_of_reach");
    let [now, kept] = [&day["totals"], &day["underway"]["unchanged"]]
        .map(|sums| ["revenue", "spend"].map(|name| sums[name].as_f64().unwrap()));
    assert!(now[0] > 0.999 * kept[0], "{now:?} for {kept:?}");
    assert!(now[0] / now[1] > 0.998 * kept[0] / kept[1], "{now:?} for {kept:?}");
    keeps_rules(&shop, &shop.bids(AGAIN));
}

#[test]
fn a_rule_is_kept_at_the_price_that_was_said() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 1.0, 1.0));
    let roi = shop.summary(IN_FORCE)["totals"]["roi"].as_f64().unwrap();
    let rule = format!("rule.+={{ name = 'whole', metric = 'roi', min = {} }}", 1.01 * roi);
    let insist = ["--set", rule.as_str(), "--set", "replan.dearest=1e9"];
    replan(&shop, &insist).ended(0);
    let at_any_price = shop.summary(AGAIN)["totals"]["revenue"].as_f64().unwrap();
    let ran = replan(&shop, &["--set", rule.as_str(), "--set", "replan.dearest=0.01"]).ended(3);
    assert!(ran.stderr.contains("replan.dearest=1e9"), "{}", ran.stderr);
    let day = shop.summary(AGAIN);
    assert_eq!(day["underway"]["lost"][0]["why"], "too_dear");
    assert!(day["totals"]["revenue"].as_f64().unwrap() > at_any_price);
}
