//! `bidwright explain`: its prices and costs, held against plans that are solved again.

use serde_json::Value;

use crate::shop::{Ran, Shop};

fn explain(shop: &Shop, more: &[&str]) -> Ran {
    shop.run(&[&["explain", "out", "-q"], more].concat())
}

fn json(shop: &Shop, more: &[&str]) -> Value {
    serde_json::from_str(&explain(shop, &[&["--json"], more].concat()).ended(0).stdout).unwrap()
}

fn bound(shop: &Shop, out: &str) -> f64 {
    shop.summary(out)["bound"].as_f64().unwrap()
}

fn named<'v>(list: &'v Value, rule: &str) -> &'v Value {
    let mut rows = list.as_array().unwrap().iter();
    rows.find(|row| row["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {list}"))
}

#[track_caller]
fn near(a: f64, b: f64, share: f64) {
    assert!((a - b).abs() <= share * a.abs().max(b.abs()), "{a} and {b}");
}

#[test]
fn a_price_is_what_one_more_yuan_returns_and_a_cost_what_the_rule_takes() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let told = json(&shop, &[]);
    let now = bound(&shop, "out");

    let price = named(&told["rules"], "budget")["shadow_price"].as_f64().unwrap();
    shop.plan_on_model("plan.toml", "more", &["--set", "rule.budget.max=40050"]).ended(0);
    near((bound(&shop, "more") - now) / 50.0, price, 0.02);

    // A bound that never binds is no rule.
    let cost = named(&told["costs"], "budget")["cost"].as_f64().unwrap();
    shop.plan_on_model("plan.toml", "rich", &["--set", "rule.budget.max=1e9"]).ended(0);
    near(bound(&shop, "rich") - now, cost, 1e-3);
    let share = named(&told["costs"], "evening round")["cost"].as_f64().unwrap();
    shop.plan_on_model("plan.toml", "any time", &["--set", "rule.evening round.min_share=0"]).ended(0);
    near(bound(&shop, "any time") - now, share, 0.05);

    let band = &told["band"];
    assert_eq!(band["band"], serde_json::json!([3.0, 5.0]));
    shop.plan_on_model("plan.toml", "anywhere", &["--set", "search.position=[1, 1000]"]).ended(0);
    let gained = bound(&shop, "anywhere") - now;
    assert!(gained > 0.0);
    near(gained, band["cost"].as_f64().unwrap(), 0.05);
    let keywords = band["keywords"].as_array().unwrap();
    assert!(
        (1..=12).contains(&keywords.len()) && keywords.iter().all(|one| one["worth"].as_f64() > Some(0.0))
    );

    let chinese = explain(&shop, &["--lang", "zh"]).ended(0).stdout;
    for says in ["最优计划", "花费每增加 1 可带来", "排名 3 至 5 每天的代价为", "`search budget"]
    {
        assert!(chinese.contains(says), "{says}: {chinese}");
    }
    assert!(!chinese.contains("costs") && !chinese.contains("returns"), "{chinese}");
    let unit = explain(&shop, &["--lang", "zh", "--unit", "kw-0001"]).ended(0).stdout;
    assert!(unit.contains("投放") && unit.contains("净值") && !unit.contains("would"), "{unit}");

    let text = explain(&shop, &[]).ended(0).stdout;
    for says in ["one more of spend returns", "position 3 to 5 costs", "`search budget", "evening round"] {
        assert!(text.contains(says), "{says} in\n{text}");
    }
}

/// With a confidence, rows leave room that moves with what runs: what a keyword's band costs is what planning without it
/// finds, not what prices promise.
#[test]
fn with_a_confidence_keywords_cost_what_planning_without_their_band_finds() {
    let shop = Shop::new();
    let confident = ["--set", "plan.confidence=0.9"];
    shop.plan_on_model("plan.toml", "out", &confident).ended(0);
    let (told, now) = (json(&shop, &[]), bound(&shop, "out"));
    let band = &told["band"];
    let keywords = band["keywords"].as_array().unwrap();
    let worths: Vec<f64> = keywords.iter().map(|keyword| keyword["worth"].as_f64().unwrap()).collect();
    assert!(worths.is_sorted_by(|a, b| a >= b) && worths[0] <= band["cost"].as_f64().unwrap(), "{worths:?}");
    for (keyword, worth) in keywords.iter().zip(&worths).take(3) {
        let unit = keyword["unit"]["unit"].as_str().unwrap();
        let free = format!("\n[[override]]\nwhere = {{ unit = \"{unit}\" }}\nposition = [1, 1000]\n");
        shop.write("free.toml", shop.text("plan.toml") + &free);
        shop.plan_on_model("free.toml", "free", &confident).ended(0);
        let gained = bound(&shop, "free") - now;
        // The room of rows settles to 1e-4 of the optimum.
        let off = (gained - worth).abs();
        assert!(off <= 0.02 * worth + 1e-4 * now, "{unit}: {worth} told, {gained} gained of {now}");
    }
    let budget = told["unspent"].as_array().unwrap().iter().find(|one| one["rule"] == "budget").unwrap();
    assert_eq!(budget["kept_for"], 0.9, "{budget}");
    assert!(explain(&shop, &[]).ended(0).stdout.contains("with a chance of 0.9"));
}

#[test]
fn a_unit_is_told_hour_by_hour_with_the_next_bids() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let told = json(&shop, &["--unit", "kw-0046"]);
    let unit = &told["units"][0];
    let bids = shop.bids("out");
    let own = |row: &crate::bids::Row| row.unit == "kw-0046";
    near(unit["total"]["spend"].as_f64().unwrap(), bids.sum("spend", own), 1e-3);
    let lines = unit["lines"].as_array().unwrap();
    let hours: usize = lines.iter().map(|line| line["hours"].as_array().unwrap().len()).sum();
    assert_eq!(hours, 24);
    for line in lines {
        let uses = |of: &Value| -> f64 {
            of["uses"].as_array().unwrap().iter().map(|one| one["worth"].as_f64().unwrap()).sum()
        };
        // Net value is revenue, the objective, and what the rules' uses are worth.
        if let Some(net) = line["net"].as_f64() {
            near(net + 1.0, line["total"]["revenue"].as_f64().unwrap() + uses(line) + 1.0, 1e-3);
        }
        for rung in ["down", "up"].map(|way| &line[way]).into_iter().filter(|rung| rung.is_object()) {
            let revenue = rung["revenue"].as_f64().unwrap();
            near(rung["net"].as_f64().unwrap() + 1.0, revenue + uses(rung) + 1.0, 1e-3);
        }
    }
    let text = explain(&shop, &["--unit", "kw-0046"]).ended(0).stdout;
    assert!(text.contains("/kw-0046") && text.contains("higher bid") && text.contains("budget"), "{text}");
    let refused = explain(&shop, &["--unit", "kw-none"]).ended(2);
    assert!(refused.stderr.contains("error[U014]"), "{}", refused.stderr);
}

/// What would have to be true is what makes gains and uses meet.
#[test]
fn what_it_needs_to_run_is_where_gains_meet_uses() {
    let shop = Shop::new();
    // Little money, so that much does not pay.
    shop.plan_on_model("plan.toml", "out", &["--set", "rule.budget.max=15000"]).ended(0);
    let told = json(&shop, &["--unit", "kw-00*"]);
    let mut seen = 0;
    for unit in told["units"].as_array().unwrap() {
        for line in unit["lines"].as_array().unwrap().iter().filter(|line| line["needs"].is_object()) {
            let Some(sales) = line["needs"]["sales"].as_f64() else { continue };
            assert!(sales > 1.0, "{line}");
            let rung = &line["up"];
            assert_eq!(rung["bid"], line["needs"]["bid"]);
            // Rules on spend bind here, and others at prices too small to be told; none of them on revenue. It
            // pays when what it sells is worth what it uses of all.
            let [revenue, net] = ["revenue", "net"].map(|of| rung[of].as_f64().unwrap());
            near(sales * revenue, revenue - net, 0.05);
            // Cheaper clicks alone would do too, or not at all.
            assert!(
                line["needs"]["price"].as_f64().is_none_or(|price| (0.0..1.0).contains(&price)),
                "{line}"
            );
            seen += 1;
        }
    }
    assert!(seen > 0, "some hours do not pay");
}

#[test]
fn keywords_that_contradict_their_position_and_roi_are_named() {
    let shop = Shop::new();
    let set = ["--set", "rule.roi.min=3.5", "--set", "search.position=[1, 2]"];
    shop.plan_on_model("plan.toml", "out", &set);
    let told = json(&shop, &[]);
    let clashes = told["clashes"].as_array().unwrap();
    assert!(!clashes.is_empty(), "{told}");
    for clash in clashes {
        assert!(clash["inside"].as_f64() < Some(3.5), "{clash}");
        assert!(clash["outside"].as_f64().is_none_or(|position| position > 2.0), "{clash}");
    }
    let text = explain(&shop, &[]).ended(0).stdout;
    assert!(text.contains("ROI is met at position"), "{text}");
}

#[test]
fn changed_inputs_are_refused_and_a_changed_plan_file_is_told() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    explain(&shop, &[]).ended(0);
    shop.patch("plan.toml", "max = 40000", "max = 30000");
    let ran = explain(&shop, &[]).ended(0);
    assert!(ran.stderr.contains("warning[O007] plan.toml"), "{}", ran.stderr);
    assert!(ran.stdout.contains("40,000.00"), "the folder's own configuration counts\n{}", ran.stdout);

    shop.write("model.json", shop.text("model.json") + "\n");
    let ran = explain(&shop, &[]).ended(2);
    assert!(
        ran.stderr.contains("error[O006] model.json") && ran.stderr.contains("has changed"),
        "{}",
        ran.stderr
    );
    explain(&shop, &["--anyway"]).ended(0);
}

#[test]
fn bids_that_were_edited_are_noticed_and_other_folders_refused() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let sheet = shop.text("out/plan.csv");
    let line = sheet.lines().find(|line| line.contains(",true,")).unwrap().to_owned();
    let mut cells: Vec<&str> = line.split(',').collect();
    let place = cells.iter().position(|cell| *cell == "true").unwrap() + 1;
    cells[place] = "1.23";
    shop.write("out/plan.csv", sheet.replace(&line, &cells.join(",")));
    let ran = explain(&shop, &[]).ended(0);
    assert!(ran.stderr.contains("warning[O008]") && ran.stderr.contains("1 bids"), "{}", ran.stderr);

    let ran = shop.run(&["explain", "history", "-q"]).ended(2);
    assert!(ran.stderr.contains("error[O005]"), "{}", ran.stderr);
}

#[test]
fn a_contradiction_is_explained_by_its_proof() {
    let shop = Shop::new();
    let set = ["--set", "rule.display budget.min=14000", "--set", "rule.roi.min=3.2"];
    shop.plan_on_model("plan.toml", "out", &set).ended(3);
    let text = explain(&shop, &[]).ended(0).stdout;
    assert!(text.contains("these rules contradict each other") && text.contains("the proof"), "{text}");
    assert!(!text.contains("What the rules are worth"), "{text}");
}
