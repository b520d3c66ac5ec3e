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

/// What a row of a proof lacks under sums of a plan: `clicks ≥ 5000`, `revenue - 2 × spend ≥ 0`.
fn lack(row: &str, of: impl Fn(&str) -> f64) -> f64 {
    let (sum, sign, bound) = ["≥", "≤"]
        .iter()
        .find_map(|sign| row.split_once(sign).map(|(sum, bound)| (sum, *sign, bound.trim())))
        .unwrap();
    let mut value = 0.0;
    for (at, term) in sum.split(" - ").enumerate() {
        let (factor, name) = term.split_once(" × ").unwrap_or(("1", term));
        let term = factor.trim().parse::<f64>().unwrap() * of(name.trim());
        value += if at == 0 { term } else { -term };
    }
    let over = value - bound.parse::<f64>().unwrap();
    if sign == "≥" { -over } else { over }
}

#[test]
fn the_prices_of_a_contradiction_prove_it() {
    let shop = Shop::new();
    let set = ["--set", "rule.search budget.max=9000", "--set", "rule.roi.min=3.2"];
    let more = [&set[..], &["--set", "rule.display budget.min=14000"]].concat();
    let ran = shop.plan_on_model("plan.toml", "out", &more).ended(3);
    assert!(ran.stdout.contains("the proof, a price for each row:"), "{}", ran.stdout);
    let proof = &shop.summary("out")["conflict"]["proof"];
    let prices = proof["prices"].as_array().unwrap();
    assert_eq!(prices[0]["price"], 1.0, "in the unit of the first row");
    assert!(prices.iter().all(|row| row["price"].as_f64().unwrap() > 0.0), "{proof}");
    let shortfall = proof["shortfall"].as_f64().unwrap();
    assert!(shortfall > 0.0);

    // Plans of very different wishes, the nearest one among them, all lack what the prices say.
    let lenient = ["--set", "rule.roi.min=0.5", "--set", "rule.display budget.min=14000"];
    shop.plan_on_model("plan.toml", "lenient", &lenient).ended(0);
    shop.plan_on_model("plan.toml", "strict", &["--set", "rule.roi.min=6"]).ended(0);
    let mut least = f64::INFINITY;
    for plan in ["out", "lenient", "strict"] {
        let bids = shop.bids(plan);
        let lacks: f64 = prices
            .iter()
            .map(|row| {
                let scope = row["scope"].as_str().unwrap().strip_prefix("channel=").unwrap();
                let of = |name: &str| bids.sum(name, |row| row.channel == scope);
                row["price"].as_f64().unwrap() * lack(row["row"].as_str().unwrap(), of)
            })
            .sum();
        assert!(lacks > 0.99 * shortfall, "{plan}: {lacks} of {proof}");
        least = least.min(lacks);
    }
    assert!(least < 1.1 * shortfall, "the nearest plan comes near to it: {least} of {proof}");
}

#[test]
fn the_nearest_plan_gives_up_no_more_than_it_must() {
    let shop = Shop::new();
    let set = ["--set", "rule.display budget.min=14000", "--set", "rule.roi.min=3.2"];
    shop.plan_on_model("plan.toml", "out", &set).ended(3);
    let summary = shop.summary("out");
    let rules = summary["rules"].as_array().unwrap();
    let names = |row: &serde_json::Value, relaxation: &serde_json::Value| {
        (&row["rule"], &row["scope"]) == (&relaxation["rule"], &relaxation["scope"])
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

/// Eighty caps, one a keyword, against a least spend: told as one rule with one bound that would do, and a
/// plan with that bound is found.
#[test]
fn many_rows_of_a_rule_give_way_together() {
    let shop = Shop::new();
    shop.with_model();
    let plan = |out: &str, cap: &str| {
        let cap = format!("rule.search cpc.max={cap}");
        let least = "rule.search budget.min=9000";
        shop.run(&[
            "plan",
            "plan.toml",
            "--model",
            "model.json",
            "--out",
            out,
            "-q",
            "--set",
            &cap,
            "--set",
            least,
        ])
    };
    plan("none", "0.5").ended(3);
    let summary = shop.summary("none");
    let relaxations = summary["conflict"]["relaxations"].as_array().unwrap();
    assert_eq!(relaxations.len(), 2, "{relaxations:#?}");
    let cap = relaxations.iter().find(|one| one["rule"] == "search cpc").unwrap();
    assert!(cap["scope"].as_str().unwrap().ends_with("of 80 rows"), "{cap}");
    let reachable = cap["reachable"].as_f64().unwrap();
    plan("some", &format!("{}", 1.01 * reachable)).ended(0);
    plan("less", &format!("{}", 0.98 * reachable)).ended(3);
}

/// A fifth of the budget for slots whose fees are a fifth of it: the program meets both rules to the last digit, bids on
/// their steps never do. Other slots have room.
#[test]
fn slots_on_a_knifes_edge_give_way_to_others() {
    let shop = Shop::new();
    for share in [0.2, 0.3, 0.35] {
        let rule = format!(
            "rule.+={{name=\"slots\",metric=\"spend\",max_share={share},where={{channel=\"group_buy\"}}}}"
        );
        let ran = shop.plan_on_model("plan.toml", "out", &["--force", "--set", &rule]).ended(0);
        assert!(ran.stderr.contains("warning[P031]"), "{}", ran.stderr);
        let (summary, bids) = (shop.summary("out"), shop.bids("out"));
        assert!(summary["rules"].as_array().unwrap().iter().all(|row| row["met"] == true), "{share}");
        let (slots, all) = (bids.sum("spend", |row| row.channel == "group_buy"), bids.sum("spend", |_| true));
        assert!(all <= 40_000.01 && slots <= (share + 1e-6) * all && slots > 0.0, "{slots} of {all}");
        let [objective, bound, gap] = ["objective", "bound", "gap"].map(|key| summary[key].as_f64().unwrap());
        assert!((gap - (bound - objective) / bound).abs() < 1e-9 && gap < 0.1, "{objective} of {bound}");
    }
}

/// Four channels with a quarter each at most: all must spend the same to the last digit, which no bids on their steps
/// do. The shop is not turned off for that; the rows that are missed are named.
#[test]
fn what_no_bids_on_their_steps_keep_is_named() {
    let shop = Shop::new();
    let rule = "rule.+={name=\"quarters\",metric=\"spend\",max_share=0.25,per=[\"channel\"]}";
    shop.plan_on_model("plan.toml", "out", &["--set", rule]).ended(3);
    let summary = shop.summary("out");
    let broken = summary["conflict"]["broken"].as_array().unwrap();
    assert!(broken.iter().any(|row| row.to_string().contains("quarters")), "{broken:?}");
    assert!(shop.bids("out").0.iter().any(|row| row.run));
}

/// Slots that have never sold anything are not taken, and the plan does not count on what they would lift.
#[test]
fn slots_without_sales_lift_nothing() {
    let shop = Shop::new();
    shop.with_model();
    let mut model: serde_json::Value = serde_json::from_str(&shop.text("model.json")).unwrap();
    let channels = model["landscapes"]["models"].as_array_mut().unwrap();
    let slots = channels.iter_mut().find(|of| of["channel"] == "group_buy").unwrap();
    slots["value"]["base"] = 0.0.into();
    shop.write("model.json", model.to_string());
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let bids = shop.bids("out");
    assert!(bids.0.iter().filter(|row| row.channel == "group_buy").all(|row| !row.run));
    assert!(shop.summary("out")["gap"].as_f64().unwrap() < 0.002);
}
