//! `bidwright compare` and scenarios: what is set side by side is what the plans hold.

use serde_json::Value;

use crate::shop::{Ran, Shop};

const SCENARIOS: &str = r#"
[scenario.thrifty]
rule.budget.max = 25000
plan.objective = "profit"

[scenario.bold]
"rule.roi.min" = 1.5
"rule.search budget.max" = 12000
search.position = [2, 6]
"#;

fn with_scenarios() -> Shop {
    let shop = Shop::new();
    shop.write("plan.toml", shop.text("plan.toml") + SCENARIOS);
    shop.with_model();
    shop
}

fn json(ran: Ran) -> Value {
    serde_json::from_str(&ran.ended(0).stdout).unwrap()
}

fn spend(side: &Value) -> f64 {
    side["total"]["spend"].as_f64().unwrap()
}

/// Whoever looks at two plans asks first what was set differently.
#[test]
fn what_is_set_differently_comes_first() {
    let shop = with_scenarios();
    let ran = shop.run(&["compare", "plan.toml", "--model", "model.json", "--out", "side", "-q"]).ended(0);
    let (first, _) = ran.stdout.split_once("\n total").expect("a table of totals");
    for key in
        ["plan.objective", "rule.budget.max", "rule.roi.min", "rule.search budget.max", "search.position"]
    {
        assert!(first.contains(key), "{key} in\n{first}");
    }
    assert!(!first.contains("rule.display budget.max") && !first.contains("scenario."), "{first}");
    assert!(ran.stdout.contains("revenue, 4 days in 5"), "{}", ran.stdout);
    let told: Value = serde_json::from_str(&shop.text("side/compare.json")).unwrap();
    let budget =
        told["settings"].as_array().unwrap().iter().find(|row| row["key"] == "rule.budget.max").unwrap();
    assert_eq!(budget["sides"], serde_json::json!(["40000.0", "40000.0", "25000.0"]), "{budget}");
    assert!(shop.text("side/compare.html").contains("rule.budget.max"));
}

#[test]
fn folders_and_scenarios_are_the_same_plans() {
    let shop = with_scenarios();
    let plan = |out: &str, more: &[&str]| shop.plan_on_model("plan.toml", out, more).ended(0);
    plan("a", &[]);
    plan("b", &["--scenario", "thrifty"]);
    plan("c", &["--set", "rule.budget.max=25000", "--set", "plan.objective=profit"]);
    assert_eq!(shop.text("b/plan.csv"), shop.text("c/plan.csv"), "a scenario is a set of --set");

    let folders = json(shop.run(&["compare", "a", "b", "--json", "-q"]));
    let solved = json(shop.run(&[
        "compare",
        "plan.toml",
        "--model",
        "model.json",
        "--scenario",
        "thrifty",
        "--json",
        "-q",
    ]));
    for (at, folder) in ["a", "b"].iter().enumerate() {
        let summary = shop.summary(folder);
        for sides in [&folders, &solved] {
            let side = &sides["sides"][at];
            assert!((spend(side) - summary["totals"]["spend"].as_f64().unwrap()).abs() < 0.5, "{side}");
            assert_eq!(side["status"], summary["status"]);
            assert_eq!(side["rules"].as_array().unwrap().len(), summary["rules"].as_array().unwrap().len());
            let hours: f64 =
                side["hours"].as_array().unwrap().iter().map(|hour| hour["spend"].as_f64().unwrap()).sum();
            assert!((hours - spend(side)).abs() < 1e-6);
        }
    }
    assert_eq!(solved["sides"][0]["name"], "as it is");
    assert_eq!(solved["sides"][1]["name"], "thrifty");
    // The unit that changes most is the one whose rows differ most.
    let units = folders["units"].as_array().unwrap();
    let changes: Vec<f64> = units.iter().map(|unit| unit["spend_change"].as_f64().unwrap().abs()).collect();
    assert!(!changes.is_empty() && changes.is_sorted_by(|a, b| a >= b));
    let name = units[0]["unit"]["unit"].as_str().unwrap();
    let of = |folder: &str| shop.bids(folder).sum("spend", |row| row.unit == name);
    assert!((of("b") - of("a") - units[0]["spend_change"].as_f64().unwrap()).abs() < 0.01);
}

#[test]
fn a_comparison_is_a_table_a_sheet_and_a_page() {
    let shop = with_scenarios();
    let ran = shop
        .run(&["compare", "plan.toml", "--model", "model.json", "--out", "cmp", "--lang", "zh", "-q"])
        .ended(0);
    for says in ["as it is", "thrifty", "bold", "total", "spend by hour", "budget", "written to cmp"] {
        assert!(ran.stdout.contains(says), "{says} in\n{}", ran.stdout);
    }
    let mut reader = csv::Reader::from_path(shop.path("cmp/compare.csv")).unwrap();
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>(),
        ["part", "name", "metric", "as it is", "bold", "thrifty"]
    );
    let rows: Vec<Vec<String>> = reader.deserialize().map(Result::unwrap).collect();
    let figure = |part: &str, name: &str, metric: &str, side: usize| -> f64 {
        let row = rows.iter().find(|row| row[..3] == [part, name, metric]).unwrap();
        row[3 + side].parse().unwrap()
    };
    for side in 0..3 {
        let hours: f64 = (0..24).map(|hour| figure("hour", &hour.to_string(), "spend", side)).sum();
        let channels: f64 = ["search", "display", "affiliate", "group_buy"]
            .iter()
            .map(|channel| figure("channel", channel, "spend", side))
            .sum();
        let total = figure("total", "", "spend", side);
        assert!((hours - total).abs() < 1e-3 && (channels - total).abs() < 1e-3);
    }
    assert!(figure("total", "", "spend", 2) < 25_000.01);
    assert_eq!(figure("rule", "search budget [channel=search]", "max", 1), 12_000.0);
    let page = shop.text("cmp/compare.html");
    assert!(page.len() < 1_500_000 && page.contains("方案对比") && page.contains("thrifty"));
    assert!(!page.contains("<script src") && !page.contains("<link"));
    // Its folder is known as its own, and others' are refused.
    shop.run(&["compare", "plan.toml", "--model", "model.json", "--out", "cmp", "-q"]).ended(0);
    shop.plan_on_model("plan.toml", "a", &[]).ended(0);
    let ran = shop.run(&["compare", "plan.toml", "--model", "model.json", "--out", "a", "-q"]).ended(2);
    assert!(ran.stderr.contains("error[O001]"), "{}", ran.stderr);
}

#[test]
fn what_is_wrong_in_a_scenario_is_found_at_once() {
    let shop = with_scenarios();
    shop.patch("plan.toml", "rule.budget.max = 25000", "rule.bugdet.max = 25000");
    let ran = shop.run(&["check", "plan.toml", "-q"]).ended(2);
    assert!(
        ran.stderr.contains("[scenario.thrifty]") && ran.stderr.contains("did you mean `budget`?"),
        "{}",
        ran.stderr
    );

    let shop = with_scenarios();
    let ran = shop.run(&["plan", "plan.toml", "--scenario", "thifty", "-q"]).ended(2);
    assert!(ran.stderr.contains("error[C042]") && ran.stderr.contains("`thrifty`"), "{}", ran.stderr);
    let ran = shop.run(&["compare", "history", "-q"]).ended(2);
    assert!(ran.stderr.contains("error[U015]"), "{}", ran.stderr);
    let plain = Shop::new();
    let ran = plain.run(&["compare", "plan.toml", "-q"]).ended(2);
    assert!(ran.stderr.contains("error[U015]"), "{}", ran.stderr);
}
