//! `bidwright sweep`: what the frontier says, held against differences of itself and against `plan`.

use std::collections::HashMap;
use std::fs::File;

use polars::prelude::{ParquetReader, SerReader};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::shop::{Ran, Shop};

type Row = HashMap<String, String>;

/// A sweep on the sample's fitted landscapes.
fn sweep(shop: &Shop, out: &str, more: &[&str]) -> Ran {
    shop.with_model();
    shop.run(&[&["sweep", "plan.toml", "--model", "model.json", "--out", out, "-q"], more].concat())
}

fn rows(shop: &Shop, out: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(shop.path(out).join("frontier.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[track_caller]
fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is `{}`", row[column]))
}

#[track_caller]
fn near(a: f64, b: f64, share: f64) {
    assert!((a - b).abs() <= share * a.abs().max(b.abs()), "{a} and {b}");
}

#[test]
fn more_budget_earns_more_and_each_yuan_less() {
    let shop = Shop::new();
    let range = "30000:45000:2500";
    let shown = sweep(&shop, "out", &["--rule", "budget", "--max", range]).ended(0).stdout;
    assert!(shown.contains("budget ≤") && shown.contains("7 of 7 steps have a plan"), "{shown}");
    let rows = rows(&shop, "out");
    assert_eq!(rows.len(), 7);
    for (row, bound) in rows.iter().zip((0..).map(|step| 30_000.0 + 2_500.0 * f64::from(step))) {
        assert_eq!(
            (row["rule"].as_str(), row["side"].as_str(), number(row, "bound")),
            ("budget", "max", bound)
        );
        assert_eq!((row["status"].as_str(), row["edge"].as_str()), ("optimal", ""));
        near(number(row, "spend"), bound, 1e-6);
        near(number(row, "roi"), number(row, "revenue") / number(row, "spend"), 1e-4);
        near(number(row, "profit"), 0.35 * number(row, "revenue") - number(row, "spend"), 1e-6);
        let channels = ["search", "display", "affiliate", "group_buy"];
        let spend: f64 = channels.iter().map(|channel| number(row, &format!("spend_{channel}"))).sum();
        near(spend, bound, 1e-6);
        assert!(row["binding"].split("; ").any(|name| name == "budget"), "{}", row["binding"]);
        assert_eq!(row["slots"], rows[0]["slots"], "with the same slots the frontier is concave");
    }
    for pair in rows.windows(2) {
        // A concave frontier lies below its tangents: the prices at both ends enclose the difference.
        let gain = number(&pair[1], "objective") - number(&pair[0], "objective");
        let (first, last) = (2_500.0 * number(&pair[0], "price"), 2_500.0 * number(&pair[1], "price"));
        assert!(gain > 0.0 && gain <= first * 1.001 && gain >= last * 0.999, "{first} ≥ {gain} ≥ {last}");
        let marginal = number(&pair[1], "marginal_roi");
        near(marginal, gain / 2_500.0, 1e-4);
        let changed =
            ["started", "stopped", "raised", "lowered"].map(|of| number(&pair[1], &format!("cells_{of}")));
        assert!(changed.iter().sum::<f64>() > 0.0 && pair[1]["changes_most"].contains(" +"), "{pair:?}");
    }

    // The same table as Parquet, and a page that needs nothing from elsewhere.
    let frame = ParquetReader::new(File::open(shop.path("out/frontier.parquet")).unwrap()).finish().unwrap();
    let objective = frame.column("objective").unwrap().f64().unwrap();
    let in_csv: Vec<f64> = rows.iter().map(|row| number(row, "objective")).collect();
    assert!(objective.into_no_null_iter().eq(in_csv));
    assert_eq!(frame.width(), rows[0].len());
    let page = shop.text("out/frontier.html");
    assert!(page.len() < 1_500_000 && page.contains("budget ≤") && page.contains("[30000.0,"));
    assert!(!page.contains("<script src") && !page.contains("<link") && page.trim_end().ends_with("</html>"));

    // The plan file with that bound has the same optimum.
    shop.plan_on_model("plan.toml", "plan", &["--set", "rule.budget.max=32500"]).ended(0);
    near(shop.summary("plan")["bound"].as_f64().unwrap(), number(&rows[1], "objective_bound"), 1e-6);
}

#[test]
fn the_price_of_a_ratio_is_the_slope_of_its_frontier() {
    let shop = Shop::new();
    sweep(&shop, "out", &["--rule", "roi", "--min", "4.5:4.502:0.001"]).ended(0);
    for pair in rows(&shop, "out").windows(2) {
        let lost = number(&pair[0], "objective") - number(&pair[1], "objective");
        near(lost / 0.001, number(&pair[0], "price"), 0.02);
    }
}

/// The three digits that a bound of at least so much can have.
fn floor(bound: f64) -> f64 {
    let unit = 10f64.powf(bound.log10().floor() - 2.0);
    (bound / unit).floor() * unit
}

#[test]
fn the_edge_is_where_the_conflict_analysis_finds_it() {
    let shop = Shop::new();
    let wishes = ["--set", "rule.roi.min=3.2"];
    let asks = ["--set", "rule.display budget.min=14900"];
    shop.plan_on_model("plan.toml", "plan", &[wishes, asks].concat()).ended(3);
    let summary = shop.summary("plan");
    let relaxations = summary["conflict"]["relaxations"].as_array().unwrap();
    let display = relaxations.iter().find(|one| one["rule"] == "display budget").unwrap();
    let reachable = display["reachable"].as_f64().unwrap();

    let moves = |range| [wishes, ["--rule", "display budget"], ["--min", range]].concat();
    let shown = sweep(&shop, "some", &moves("5000:15000:2500")).ended(0).stdout;
    assert!(shown.contains("no plan: it can go to"), "{shown}");
    let some = rows(&shop, "some");
    for row in &some {
        let has_plan = number(row, "bound") < reachable;
        assert_eq!(row["status"], if has_plan { "optimal" } else { "infeasible" }, "{row:?}");
        if !has_plan {
            near(number(row, "edge"), floor(reachable), 1e-9);
            assert_eq!((row["objective"].as_str(), row["binding"].as_str()), ("", ""));
        }
    }
    assert!(some.iter().any(|row| row["edge"].is_empty()) && some.iter().any(|row| !row["edge"].is_empty()));

    // No step has a plan: the same edge, found from below the range.
    sweep(&shop, "none", &moves("14800:15000:100")).ended(3);
    near(number(&rows(&shop, "none")[2], "edge"), floor(reachable), 1e-9);

    // From above: what display must spend, the budget must allow.
    let display = ["--set", "rule.display budget.min=9000"];
    sweep(&shop, "max", &[&display[..], &["--rule", "budget", "--max", "4000:12000:2000"]].concat()).ended(0);
    let max = rows(&shop, "max");
    let statuses: Vec<&str> = max.iter().map(|row| row["status"].as_str()).collect();
    assert_eq!(statuses, ["infeasible", "infeasible", "infeasible", "optimal", "optimal"]);
    near(number(&max[0], "edge"), 9_000.0, 0.012);

    // No bound of this rule would do.
    let clash = ["--set", "rule.display budget.min=9000", "--set", "rule.budget.max=5000"];
    let ran = sweep(&shop, "clash", &[&clash[..], &["--rule", "roi", "--min", "1:2:1"]].concat()).ended(3);
    assert!(ran.stdout.contains("the other rules contradict each other"), "{}", ran.stdout);
    assert!(rows(&shop, "clash").iter().all(|row| row["edge"].is_empty()));
}

#[test]
fn two_rules_make_a_grid() {
    let shop = Shop::new();
    let budget = ["--rule", "budget", "--max", "25000:35000:10000"];
    let roi = ["--rule", "roi", "--min", "4:5:1"];
    sweep(&shop, "grid", &[budget, roi].concat()).ended(0);
    let grid = rows(&shop, "grid");
    let bounds: Vec<[f64; 2]> =
        grid.iter().map(|row| ["bound", "bound_2"].map(|at| number(row, at))).collect();
    assert_eq!(bounds, [[25_000.0, 4.0], [25_000.0, 5.0], [35_000.0, 4.0], [35_000.0, 5.0]]);
    assert!(grid.iter().all(|row| row["rule_2"] == "roi" && row["side_2"] == "min"));
    sweep(&shop, "line", &[&budget[..], &["--set", "rule.roi.min=5"]].concat()).ended(0);
    for (alone, both) in rows(&shop, "line").iter().zip([&grid[1], &grid[3]]) {
        near(number(alone, "objective"), number(both, "objective"), 1e-6);
        near(number(alone, "price"), number(both, "price"), 1e-2);
    }
}

#[test]
fn what_cannot_be_swept_is_refused() {
    let shop = Shop::new();
    for (words, code, cause, action) in [
        (&["--rule", "roi"][..], "U010", "a rule has no range", "--min or --max"),
        (&["--min", "1:2:1", "--rule", "roi", "--max", "1:2:1"], "U010", "a range has no rule", "--rule"),
        (&["--rule", "roi", "--min", "1:2:1", "--min", "1:3:1"], "U010", "the same bound", "another rule"),
        (&["--rule", "roi", "--min", "1:2"], "U011", "not three numbers", "FROM:TO:STEP"),
        (&["--rule", "roi", "--min", "4:1:0.5"], "U011", "ends before it begins", "1:4:0.5"),
        (&["--rule", "roi", "--min", "1:4:0"], "U011", "not above 0", "FROM:TO:STEP"),
        (&["--rule", "roi", "--min", "1:4:0.00001"], "U011", "more than 10000 steps", "larger steps"),
        (&["--rule", "rio", "--min", "1:4:1"], "U012", "no rule of this name", "did you mean `roi`?"),
        (&["--rule", "profit", "--min", "1:4:1"], "U012", "no rule of this name", "evening round"),
        (&["--rule", "budget", "--max", "-5:5:1"], "U013", "never below 0", "begin the range at 0"),
        (&["--rule", "evening round", "--min", "10:20:5"], "U013", "a share of spend", "within 0 and 1"),
    ] {
        let ran = shop.run(&[&["sweep", "plan.toml", "--log-format", "json"], words].concat()).ended(2);
        let finding: serde_json::Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
        assert_eq!(finding["code"], code, "{words:?}: {finding}");
        assert!(finding["cause"].as_str().unwrap().contains(cause), "{finding}");
        assert!(finding["action"].as_str().unwrap().contains(action), "{finding}");
        assert!(ran.stdout.is_empty());
    }
    let three = ["roi", "budget", "search ctr"].map(|rule| ["--rule", rule, "--min", "1:2:1"]).concat();
    let words = [&["sweep", "plan.toml"], &three[..]].concat();
    shop.bidwright(&words).assert().code(2).stderr(contains("U010").and(contains("more than two")));
    assert!(!shop.path("runs").exists());
}

#[test]
fn folders_and_limits_are_kept() {
    let shop = Shop::new();
    let one = ["--rule", "budget", "--max", "40000:40000:1"];
    shop.plan_on_model("plan.toml", "plan", &[]).ended(0);
    assert!(sweep(&shop, "plan", &one).ended(2).stderr.contains("O001"));
    sweep(&shop, "out", &one).ended(0);
    shop.write("out/notes.txt", "mine");
    // A limit that comes at once: every step says that it was not solved.
    sweep(&shop, "out", &[&one[..], &["--time-limit", "0.000001"]].concat()).ended(4);
    assert_eq!(rows(&shop, "out")[0]["status"], "stopped");
    assert_eq!(shop.text("out/notes.txt"), "mine");
}

#[test]
fn steps_hold_with_the_confidence_that_a_plan_does() {
    let shop = Shop::new();
    let sure = ["--set", "plan.confidence=0.9"];
    sweep(&shop, "out", &[&["--rule", "budget", "--max", "30000:40000:5000"], &sure[..]].concat()).ended(0);
    let rows = rows(&shop, "out");
    for row in &rows {
        let bound = format!("rule.budget.max={}", number(row, "bound"));
        shop.plan_on_model("plan.toml", "plan", &[&["--set", &bound], &sure[..]].concat()).ended(0);
        near(shop.summary("plan")["bound"].as_f64().unwrap(), number(row, "objective_bound"), 1e-4);
        // What is left of the budget is the room for its spread.
        assert!(number(row, "spend") < 0.99 * number(row, "bound"), "{row:?}");
        assert!(row["binding"].split("; ").any(|name| name == "budget"), "{}", row["binding"]);
    }
    // Where no step has a plan, the edge is found all the same, and a plan at it holds.
    let harder =
        [&["--rule", "display budget", "--min", "14800:14900:100", "--set", "rule.roi.min=3"], &sure[..]];
    sweep(&shop, "none", &harder.concat()).ended(3);
    let edge = number(&self::rows(&shop, "none")[0], "edge");
    assert!(edge > 0.0 && edge < 14_800.0, "{edge}");
    let at = format!("rule.display budget.min={edge}");
    shop.plan_on_model(
        "plan.toml",
        "edge",
        &[&["--set", &at, "--set", "rule.roi.min=3"], &sure[..]].concat(),
    )
    .ended(0);
}

/// From bounds that every channel meets to bounds that hardly a keyword does.
#[test]
fn prices_alone_prove_every_step_up_to_the_edge() {
    let shop = Shop::new();
    shop.with_model();
    let words = ["sweep", "plan.toml", "--model", "model.json", "--out", "edge", "-vv"];
    let ran = shop.run(&[&words[..], &["--rule", "roi", "--min", "2:8:1"]].concat()).ended(0);
    assert!(ran.stderr.contains("attempt") && !ran.stderr.contains("the general solver takes over"));
    assert_eq!(rows(&shop, "edge").len(), 7);
}
