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
fn the_nearest_plan_gives_up_no_more_than_it_must() {
    let shop = Shop::new();
    let set = ["--set", "rule.display budget.min=14000", "--set", "rule.roi.min=3.2"];
    shop.plan_on_model("plan.toml", "out", &set).ended(3);
    let summary = shop.summary("out");
    let rules = summary["rules"].as_array().unwrap();
    // A rule of several rows is named with its scope, `roi [channel=display]`.
    let names = |row: &serde_json::Value, relaxation: &serde_json::Value| {
        let (rule, scope) = (row["rule"].as_str().unwrap(), row["scope"].as_str().unwrap());
        relaxation["rule"] == rule || relaxation["rule"] == format!("{rule} [{scope}]")
    };
    let value = |relaxation: &serde_json::Value| {
        rules.iter().find(|row| names(row, relaxation)).unwrap()["value"].as_f64().unwrap()
    };
    // Each of the rules alone could be moved to what is reachable and all others kept. A plan that falls
    // short of both reachable values would be farther away than either of those.
    let relaxations = summary["conflict"]["relaxations"].as_array().unwrap();
    assert_eq!(relaxations.len(), 2, "{relaxations:?}");
    assert!(
        relaxations.iter().any(|one| value(one) > 0.985 * one["reachable"].as_f64().unwrap()),
        "{relaxations:?} {:?}",
        relaxations.iter().map(value).collect::<Vec<_>>()
    );
    for row in rules.iter().filter(|row| row["met"] == false) {
        assert!(relaxations.iter().any(|one| names(row, one)), "{row}");
    }
    // No prices are known here, so of nothing it is said that it uses more than it brings.
    assert!(shop.bids("out").0.iter().all(|row| !row.reason.starts_with("no bid earns its keep")));
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
