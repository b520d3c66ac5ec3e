//! Every form of a rule, in plans whose values are worked out again from `plan.csv`.
//!
//! Each bound is set from what the sample's own plan does, so that it always bites: `max` below the
//! largest value that the plan has, `min` above its smallest.

use std::sync::OnceLock;

use toml::Value;

use crate::bids::Bids;
use crate::shop::Shop;

/// A rule without its bound, the bound's kind, and the bound as a share of the plan's present extreme.
type Case = (&'static str, &'static str, f64);

/// The sample's own plan.
fn present() -> &'static Bids {
    static PRESENT: OnceLock<Bids> = OnceLock::new();
    PRESENT.get_or_init(|| {
        let shop = Shop::new();
        shop.plan_on_model("plan.toml", "out", &[]).ended(0);
        shop.bids("out")
    })
}

fn parse(rule: &str) -> Value {
    rule.parse::<toml::Table>().unwrap().into()
}

/// The rule's text with its bound.
fn bounded((rule, kind, share): &Case) -> String {
    let probe = parse(&format!("{rule}\n{kind} = 0.5"));
    let values = present().values(&probe);
    let extreme =
        values.into_iter().reduce(if kind.starts_with("max") { f64::max } else { f64::min }).unwrap();
    format!("{rule}\n{kind} = {}", extreme * share)
}

/// Plans under the rules of some cases, and checks status, values and bounds of each.
fn hold(cases: &[Case]) {
    let shop = Shop::new();
    let rules: Vec<String> = cases.iter().map(bounded).collect();
    let tables =
        rules.iter().enumerate().map(|(at, rule)| format!("\n[[rule]]\nname = \"case {at}\"\n{rule}\n"));
    shop.write("plan.toml", shop.text("plan.toml") + &tables.collect::<String>());
    let ran = shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    assert!(ran.stdout.contains("every rule is met"), "{}", ran.stdout);
    let (bids, summary) = (shop.bids("out"), shop.summary("out"));
    for (at, rule) in rules.iter().enumerate() {
        let rule = parse(rule);
        assert!(broken(&rule, &present().values(&rule)), "it asks for nothing new: {rule}");
        let values = bids.values(&rule);
        assert!(!broken(&rule, &values), "{rule}\nhas {values:?}");
        let rows =
            summary["rules"].as_array().unwrap().iter().filter(|row| row["rule"] == format!("case {at}"));
        let mut told: Vec<f64> = rows.filter_map(|row| row["value"].as_f64()).collect();
        let mut values = values;
        values.sort_by(f64::total_cmp);
        told.sort_by(f64::total_cmp);
        assert_eq!(told.len(), values.len(), "{rule}");
        for (told, value) in told.iter().zip(&values) {
            assert!(
                (told - value).abs() <= 1e-3 * value.abs() + 0.01,
                "{rule}\n{told} in the summary, {value} in plan.csv"
            );
        }
    }
}

/// Whether values break the rule's bounds by more than the rounding of `plan.csv` explains.
fn broken(rule: &Value, values: &[f64]) -> bool {
    let bound = |kinds: [&str; 2]| kinds.into_iter().find_map(|kind| rule.get(kind)?.as_float());
    let (low, high) = (bound(["min", "min_share"]), bound(["max", "max_share"]));
    values.iter().any(|value| {
        let room = 1e-3 * value.abs();
        low.is_some_and(|low| *value < low - room) || high.is_some_and(|high| *value > high + room)
    })
}

#[test]
fn sums_are_bounded() {
    hold(&[
        ("metric = \"spend\"\nwhere = { channel = \"search\" }", "max", 0.95),
        ("metric = \"clicks\"\nwhere = { channel = \"display\" }", "min", 1.1),
        ("metric = \"orders\"\nwhere = { channel = \"affiliate\" }", "min", 1.05),
        ("metric = \"impressions\"\nwhere = { channel = \"search\", hour = [20, \"21-23\"] }", "max", 0.9),
        ("metric = \"profit\"\nwhere = { channel = \"search\" }", "min", 1.005),
        ("metric = \"revenue\"\nwhere = { unit = \"slot-*\", channel = \"group_buy\" }", "max", 0.9),
    ]);
}

#[test]
fn ratios_are_bounded() {
    hold(&[
        ("metric = \"roi\"\nwhere = { channel = \"search\" }", "min", 1.1),
        ("metric = \"cpc\"\nwhere = { channel = \"display\" }", "max", 0.9),
        ("metric = \"cpm\"\nwhere = { channel = \"search\" }", "max", 0.9),
        ("metric = \"ctr\"\nwhere = { channel = \"search\" }", "min", 1.02),
        ("metric = \"cvr\"\nwhere = { channel = [\"search\", \"display\"] }", "min", 1.02),
        ("metric = \"cost_per_order\"\nwhere = { channel = \"affiliate\" }", "max", 0.9),
    ]);
}

#[test]
fn rules_are_split_by_keys_of_the_shop() {
    hold(&[
        (
            "metric = \"spend\"\nwhere = { channel = [\"search\", \"display\", \"affiliate\"] }\nper = [\"channel\"]",
            "max",
            0.9,
        ),
        ("metric = \"spend\"\nwhere = { channel = \"search\" }\nper = [\"campaign\"]", "max", 0.9),
        ("metric = \"clicks\"\nwhere = { unit = \"kw-*\" }\nper = [\"unit\"]", "max", 0.8),
        ("metric = \"cpc\"\nwhere = { channel = \"display\" }\nper = \"product\"", "max", 0.95),
    ]);
}

#[test]
fn rules_are_split_by_keys_of_the_clock() {
    hold(&[
        ("metric = \"spend\"\nwhere = { channel = [\"search\", \"display\"] }\nper = [\"hour\"]", "max", 0.9),
        ("metric = \"clicks\"\nwhere = { channel = \"display\" }\nper = [\"phase\"]", "min", 1.05),
        ("metric = \"roi\"\nwhere = { channel = \"display\" }\nper = [\"date\"]", "min", 1.02),
        ("metric = \"cpc\"\nwhere = { channel = \"search\" }\nper = [\"campaign\", \"phase\"]", "max", 0.95),
    ]);
}

#[test]
fn shares_are_bounded() {
    hold(&[
        ("metric = \"spend\"\nwhere = { channel = \"group_buy\" }", "max_share", 0.9),
        ("metric = \"revenue\"\nwhere = { channel = \"search\" }", "min_share", 1.1),
        (
            "metric = \"clicks\"\nwhere = { phase = \"last-chance\", channel = \"display\" }\nof = { channel = \"display\" }",
            "min_share",
            1.1,
        ),
        (
            "metric = \"spend\"\nwhere = { channel = \"search\", campaign = [\"品牌词\", \"长*\"] }\nof = { channel = \"search\" }",
            "max_share",
            0.9,
        ),
        (
            "metric = \"spend\"\nwhere = { channel = \"search\" }\nof = { channel = \"search\" }\nper = [\"campaign\"]",
            "max_share",
            0.95,
        ),
    ]);
}

#[test]
fn a_soft_rule_is_kept_as_far_as_its_price_goes() {
    let clicks = present().sum("clicks", |row| row.channel == "display");
    let rule = |weight: f64| {
        format!(
            "\n[[rule]]\nname = \"soft\"\nwhere = {{ channel = \"display\" }}\nmetric = \"clicks\"\nmin = {}\nsoft = true\nweight = {weight}\n",
            1.2 * clicks
        )
    };
    let shop = Shop::new();
    let plan = shop.text("plan.toml");
    // Cheap to break: the plan hardly moves. Dear: it is kept.
    shop.write("plan.toml", plan.clone() + &rule(0.001));
    let ran = shop.plan_on_model("plan.toml", "cheap", &[]).ended(0);
    assert!(ran.stdout.contains("broken (soft)"), "{}", ran.stdout);
    let row = |out: &str| {
        shop.summary(out)["rules"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["rule"] == "soft")
            .unwrap()
            .clone()
    };
    assert_eq!((&row("cheap")["met"], &row("cheap")["soft"]), (&false.into(), &true.into()));
    let cheap = shop.bids("cheap").sum("clicks", |row| row.channel == "display");
    assert!((cheap - row("cheap")["value"].as_f64().unwrap()).abs() < 0.1 && cheap < 1.1 * clicks, "{cheap}");
    shop.write("plan.toml", plan + &rule(1000.0));
    shop.plan_on_model("plan.toml", "dear", &[]).ended(0);
    let dear = shop.bids("dear").sum("clicks", |row| row.channel == "display");
    assert!(dear >= 1.199 * clicks, "{dear} of {}", 1.2 * clicks);
    assert!(shop.bids("dear").sum("revenue", |_| true) < shop.bids("cheap").sum("revenue", |_| true));
}

/// What broken soft rules cost is in the objective, as it is in the bound.
#[test]
fn objective_bound_and_gap_fit_together() {
    let shop = Shop::new();
    let soft = "rule.+={name=\"wish\",metric=\"clicks\",min=60000,soft=true,weight=0.5}";
    let ran = shop.plan_on_model("plan.toml", "out", &["--set", soft]).ended(0);
    assert!(ran.stdout.contains("every hard rule is met, one soft rule row is not"), "{}", ran.stdout);
    assert!(ran.stdout.contains("for broken soft rules"), "{}", ran.stdout);
    let (summary, bids) = (shop.summary("out"), shop.bids("out"));
    let [objective, bound, gap] = ["objective", "bound", "gap"].map(|key| summary[key].as_f64().unwrap());
    assert!((gap - (bound - objective) / bound).abs() < 1e-9, "{objective} of {bound}: {gap}");
    let lost = 0.5 * (60_000.0 - bids.sum("clicks", |_| true));
    assert!((objective - (bids.sum("revenue", |_| true) - lost)).abs() < 1e-4 * bound, "{objective}");
    assert!((summary["evidence"]["penalty"].as_f64().unwrap() - lost).abs() < 1e-3 * lost);

    // A bid between two rungs may bring a little more than their mix: then no mix brings more, and there is no gap.
    let ran = shop.plan_on_model("plan.toml", "profit", &["--set", "plan.objective=profit"]).ended(0);
    let summary = shop.summary("profit");
    let [objective, bound, gap] = ["objective", "bound", "gap"].map(|key| summary[key].as_f64().unwrap());
    assert!((gap - ((bound - objective) / bound).max(0.0)).abs() < 1e-9 && objective < 1.001 * bound);
    if objective >= bound {
        assert!(
            ran.stdout.contains("no mix of the bids on its ladders brings more; every rule"),
            "{}",
            ran.stdout
        );
    }
}
