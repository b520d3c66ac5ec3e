//! Settings tried: what comes first, what comes last, and what is overtaken.

use serde_json::{Value, json};

use super::pressed;
use super::server::{Server, kinds, line};
use crate::shop::Shop;

#[test]
fn a_change_is_the_plan_of_the_same_set() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    for (at, set) in [
        &[][..],
        &["rule.roi.min=5"],
        &["rule.budget.max=25000", "rule.\"evening round\".min_share=0.3"],
        &["search.position=[2.5, 4]", "plan.objective=\"profit\""],
        &["uplift.demand=0.8", "search.bid=[0.05, 2.5]", "rule.budget.max=30000"],
        &["rule.roi.min=5"],
    ]
    .into_iter()
    .enumerate()
    {
        let lines = server.tried("a", set, json!({}));
        let (outlook, plan) = (line(&lines, "outlook"), line(&lines, "plan"));
        let out = format!("out-{at}");
        let words: Vec<&str> = set.iter().flat_map(|one| ["--set", *one]).collect();
        shop.plan_on_model("plan.toml", &out, &words).ended(0);
        let summary = shop.summary(&out);
        for sum in ["spend", "revenue", "orders", "clicks", "impressions", "profit", "roi", "position"] {
            assert_eq!(plan["total"][sum], summary["totals"][sum], "{sum} with {set:?}");
        }
        assert_eq!(plan["status"], summary["status"]);
        assert_eq!(plan["objective"], summary["objective"]);
        let sheet = server.post("/api/file", &json!({ "tab": "a", "set": set, "file": "plan.csv" }));
        assert_eq!(sheet.text(), shop.text(&format!("{out}/plan.csv")), "every bid with {set:?}");
        for row in plan["rules"].as_array().unwrap() {
            let same = summary["rules"].as_array().unwrap().iter().any(|rule| {
                rule["rule"] == row["rule"]
                    && rule["value"] == row["value"]
                    && rule["shadow_price"] == row["price"]
            });
            assert!(same, "{row}");
        }
        // What is shown first is the optimum, which the plan comes near.
        let [first, then] = [outlook, plan].map(|one| one["objective"].as_f64().unwrap());
        assert!((then / first - 1.0).abs() < 0.01, "{first} and {then} with {set:?}");
        assert_eq!(
            outlook["rules"].as_array().unwrap().iter().filter(|rule| rule["binding"] == true).count(),
            plan["rules"].as_array().unwrap().iter().filter(|rule| rule["binding"] == true).count(),
        );
    }
}

#[test]
fn the_best_with_the_last_slots_is_shown_before_others_are_ruled_out() {
    let shop = Shop::new();
    shop.patch("plan.toml", "fixed_fee = 5000", "fixed_fee = 20000");
    let server = Server::start(&shop, &[]);
    server.plan(&[]);
    let mut shown = 0;
    for bound in [39_000, 38_500, 30_000, 24_000, 39_000] {
        let set = format!("rule.budget.max={bound}");
        let lines = server.tried("a", &[&set], json!({}));
        let objective = |kind: &str| line(&lines, kind)["objective"].as_f64().unwrap();
        match kinds(&lines)[..] {
            ["so_far", "outlook", "plan"] => {
                shown += 1;
                assert!(objective("so_far") <= objective("outlook") * (1.0 + 1e-6), "{bound}");
            }
            ["outlook", "plan"] => {}
            _ => panic!("{:?}", kinds(&lines)),
        }
        let out = format!("out-{bound}");
        shop.plan_on_model("plan.toml", &out, &["--set", &set, "--force"]).ended(0);
        let sheet = server.post("/api/file", &json!({ "tab": "a", "set": [set], "file": "plan.csv" }));
        assert_eq!(sheet.text(), shop.text(&format!("{out}/plan.csv")), "every bid with {bound}");
    }
    assert!(shown > 1, "no slot is declined, or it is not known that it was");
}

#[test]
fn infeasible_and_back() {
    let shop = pressed();
    let server = Server::start(&shop, &[]);
    let before = server.plan(&[]);
    let lines = server.tried("a", &["rule.roi.min=3.2"], json!({}));
    assert_eq!(kinds(&lines), ["infeasible", "plan"]);
    let plan = line(&lines, "plan");
    assert_eq!(plan["status"], "infeasible");
    let conflict = &plan["conflict"];
    assert_eq!(conflict["rules"], json!(["roi [channel=display]", "display budget"]));
    let reachable = conflict["relaxations"][0]["reachable"].as_f64().unwrap();
    assert!(reachable > 2.5 && reachable < 3.2, "{conflict}");
    // The bound that it offers can be met, to three digits.
    let nearly = format!("rule.roi.min={}", (reachable * 100.0).floor() / 100.0);
    assert_eq!(server.plan(&[nearly.as_str()])["status"], "optimal");
    assert_eq!(server.plan(&[]), before, "the server keeps no settings");
}

#[test]
fn the_latest_try_of_a_page_wins() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let bound = |at: usize| format!("rule.budget.max={}", 20_000 + 500 * at);
    let answers: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..24)
            .map(|at| {
                let server = &server;
                let frontier = json!({ "frontier": [0, "max"] });
                scope.spawn(move || server.tried("one page", &[bound(at).as_str()], frontier))
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let whole =
        answers.iter().filter(|lines| kinds(lines).ends_with(&["outlook", "plan", "frontier"])).count();
    let overtaken = answers.iter().filter(|lines| kinds(lines).last() == Some(&"superseded")).count();
    assert_eq!(
        whole + overtaken,
        answers.len(),
        "{:?}",
        answers.iter().map(|lines| kinds(lines)).collect::<Vec<_>>()
    );
    assert!(whole >= 1 && overtaken >= 1, "{whole} whole, {overtaken} overtaken");
    // Another page is not in the way.
    let both: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let tries = ["one", "other"].map(|tab| {
            let server = &server;
            scope.spawn(move || server.tried(tab, &[], json!({})))
        });
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for lines in both {
        // What is so far the best is told or not, as the search for slots begins.
        assert!(kinds(&lines).ends_with(&["outlook", "plan"]), "{:?}", kinds(&lines));
    }
}
