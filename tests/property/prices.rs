//! Shadow prices against what happens when a bound is moved: the price lies between what a step to one
//! side and a step to the other side change, for sums, ratios and shares.

use bidwright::plan::Status;

use super::shop::{self, PLAN};

/// Rules that surround the one whose bound moves.
const AROUND: &str = r#"
[[rule]]
name = "purse"
metric = "spend"
max = 2600
"#;

/// The optimum and the price of the rule `moved`, its bound in place of `BOUND`.
fn solve(rule: &str, bound: f64) -> (f64, f64) {
    let rule = rule.replace("BOUND", &bound.to_string());
    // At this margin search earns back hardly more than it spends.
    let plan = PLAN.replace("margin = 0.4", "margin = 0.2");
    let run = shop::plan(&format!("{plan}{AROUND}\n[[rule]]\nname = \"moved\"\n{rule}"));
    assert_eq!(run.plan.status, Status::Optimal, "{rule}");
    let moved = run.plan.rules.iter().find(|value| value.rule == "moved").expect("the rule");
    (run.plan.evidence.bound, moved.shadow_price)
}

/// A rule and a bound at which it binds. `loosens` is the sign of a bound's change that helps.
fn check(rule: &str, bound: f64, loosens: f64) {
    let step = 1e-3 * bound;
    let (middle, price) = solve(rule, bound);
    assert!(price > 0.0, "{rule} should bind at {bound}");
    let gained = (solve(rule, bound + loosens * step).0 - middle) / step;
    let lost = (middle - solve(rule, bound - loosens * step).0) / step;
    eprintln!("{bound}: price {price:.6}, gained {gained:.6}, lost {lost:.6}");
    // The price is taken at the plan's own denominators, after rounding.
    let (low, high) = (gained.min(lost), gained.max(lost));
    assert!(price >= 0.98 * low && price <= 1.02 * high, "{rule}: {price} is not within {low}..{high}");
}

#[test]
fn sums() {
    check("metric = \"spend\"\nwhere = { channel = \"search\" }\nmax = BOUND", 300.0, 1.0);
    check("metric = \"orders\"\nwhere = { channel = \"display\" }\nmin = BOUND", 15.0, -1.0);
}

#[test]
fn a_sum_bounded_by_zero() {
    let rule = "metric = \"profit\"\nwhere = { channel = \"search\" }\nmin = BOUND";
    let (_, price) = solve(rule, 0.0);
    // Slots are whole: the optimum is concave only while the same ones run, so the step is small.
    let gained = (solve(rule, -0.25).0 - solve(rule, 0.0).0) / 0.25;
    let lost = (solve(rule, 0.0).0 - solve(rule, 0.25).0) / 0.25;
    eprintln!("0: price {price:.6}, gained {gained:.6}, lost {lost:.6}");
    assert_eq!(price > 1e-6, lost > 1e-6, "price {price}, gained {gained}, lost {lost}");
    assert!(price >= 0.98 * gained && price <= 1.02 * lost + 1e-9);
}

#[test]
fn ratios() {
    check("metric = \"roi\"\nwhere = { channel = \"search\" }\nmin = BOUND", 6.0, -1.0);
    check("metric = \"cpc\"\nwhere = { channel = \"search\" }\nmax = BOUND", 0.9, 1.0);
}

#[test]
fn shares() {
    check("metric = \"spend\"\nwhere = { hour = [\"20-22\"] }\nmin_share = BOUND", 0.3, -1.0);
    check(
        "metric = \"spend\"\nwhere = { channel = \"affiliate\" }\nof = { channel = [\"affiliate\", \"search\"] }\nmax_share = BOUND",
        0.3,
        1.0,
    );
}
