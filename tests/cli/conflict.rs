//! Rules that no plan can meet: the culprits, what would do, and the nearest plan.

use crate::shop::Shop;

/// More clicks than the search channel can bring.
const VOLUME: &str =
    "\n[[rule]]\nname = \"volume\"\nwhere = { channel = \"search\" }\nmetric = \"clicks\"\nmin = 50000\n";

#[test]
fn a_contradiction_is_named_with_what_would_do() {
    let shop = Shop::new();
    shop.write("plan.toml", shop.text("plan.toml") + VOLUME);
    let ran = shop.plan_on_model("plan.toml", "out", &[]).ended(3);
    assert!(ran.stdout.contains("no plan can meet the rules; this is the nearest one"), "{}", ran.stdout);
    assert!(ran.stdout.contains("these rules contradict each other: ") && ran.stdout.contains("BROKEN"));

    let summary = shop.summary("out");
    assert_eq!(summary["status"], "infeasible");
    let conflict = &summary["conflict"];
    assert!(conflict["rules"].as_array().unwrap().iter().any(|rule| rule == "volume"), "{conflict}");
    let relaxation = conflict["relaxations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|relaxation| relaxation["rule"] == "volume")
        .unwrap();
    assert_eq!((&relaxation["metric"], relaxation["bound"].as_f64()), (&"clicks".into(), Some(50_000.0)));
    let sentence = relaxation["sentence"].as_str().unwrap();
    assert!(ran.stdout.contains(sentence), "the same words on stdout:\n{}", ran.stdout);
    let reachable = relaxation["reachable"].as_f64().unwrap();
    assert!((1000.0..50_000.0).contains(&reachable), "{relaxation}");

    let bids = shop.bids("out");
    assert!(bids.sum("clicks", |row| row.channel == "search") > 0.0, "a nearest plan is a plan");
    let broken = summary["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "volume").unwrap();
    assert_eq!(broken["met"], false);
    assert!(broken["slack"].as_f64().unwrap() < 0.0);

    // The relaxation keeps its word: a little below what can be reached there is a plan, above none.
    let relaxed = |share: f64| format!("rule.volume.min={}", reachable * share);
    shop.plan_on_model("plan.toml", "below", &["--set", &relaxed(0.995)]).ended(0);
    let ran = shop.plan_on_model("plan.toml", "above", &["--set", &relaxed(1.005)]).ended(3);
    assert!(ran.stdout.contains("volume"));
}

#[test]
fn money_that_cannot_be_spent_is_a_conflict() {
    let shop = Shop::new();
    let set = ["--set", "rule.search budget.min=9500", "--set", "rule.search cpc.max=0.5"];
    let ran = shop.plan_on_model("plan.toml", "out", &set).ended(3);
    let rules = &shop.summary("out")["conflict"]["rules"];
    let named: Vec<&str> = rules.as_array().unwrap().iter().map(|rule| rule.as_str().unwrap()).collect();
    assert!(named.contains(&"search budget"), "{named:?}");
    assert!(ran.stdout.contains("`search budget` asks for spend of at least 9500"), "{}", ran.stdout);
    for file in ["plan.csv", "bids.xlsx", "report.html", "manifest.json"] {
        assert!(shop.path("out").join(file).exists(), "{file}");
    }
}

#[test]
fn nothing_meets_every_ratio() {
    let shop = Shop::new();
    // A plan without spend meets a ratio (0 ≥ 50 × 0), and its emptiness is told.
    let ran = shop.plan_on_model("plan.toml", "out", &["--set", "rule.roi.min=50"]).ended(0);
    assert!(shop.bids("out").0.iter().all(|row| !row.run));
    assert!(ran.stdout.contains("0 of 2544"), "{}", ran.stdout);
}
