//! Whole runs on the sample against figures kept beside this file.
//!
//! `double12.json` holds what the sample's plan came to. When a change moves it on purpose, write it
//! anew with `BIDWRIGHT_GOLDEN=write cargo test --release golden` and look at the difference before
//! committing it.

mod backtest;
mod confident;
mod event;
mod play;
mod rungs;
mod slots;
mod unseen;
mod weary;

use std::fs;

use serde_json::{Map, Value, json};

use crate::shop::Shop;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/double12.json");

/// Relative tolerance: other processors round otherwise, and a rounding may tip a bid by a step.
const TOLERANCE: f64 = 1e-3;

const MEASURES: [&str; 5] = ["impressions", "clicks", "spend", "orders", "revenue"];

/// The figures of a summary that are kept.
fn kept(summary: &Value) -> Value {
    let totals = |of: &Value| {
        MEASURES.iter().map(|name| ((*name).to_owned(), of[name].clone())).collect::<Map<_, _>>()
    };
    let channels = summary["channels"].as_object().unwrap();
    let rules = summary["rules"].as_array().unwrap().iter().filter(|rule| rule["rule"] != "search cpc");
    json!({
        "status": summary["status"],
        "objective": summary["objective"],
        "bound": summary["bound"],
        "totals": totals(&summary["totals"]),
        "channels": channels.iter().map(|(name, of)| (name.clone(), totals(of).into())).collect::<Map<_, _>>(),
        "rules": rules
            .map(|rule| (format!("{} [{}]", rule["rule"].as_str().unwrap(), rule["scope"].as_str().unwrap()), json!({ "value": rule["value"], "binding": rule["binding"] })))
            .collect::<Map<_, _>>(),
        "history": summary["history"],
        "ladders": summary["evidence"]["ladders"],
    })
}

/// Where two values differ by more than the tolerance.
fn differences(path: &str, golden: &Value, now: &Value, found: &mut Vec<String>) {
    match (golden, now) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                differences(&format!("{path}/{key}"), &golden[key], &now[key], found);
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > TOLERANCE * a.abs().max(1e-9) {
                found.push(format!("{path}: {a} was, {b} is"));
            }
        }
        _ if golden == now => {}
        _ => found.push(format!("{path}: {golden} was, {now} is")),
    }
}

#[test]
fn the_sample_comes_out_as_it_did() {
    let shop = Shop::new();
    shop.run(&["plan", "plan.toml", "--out", "out", "-q"]).ended(0);
    let now = kept(&shop.summary("out"));
    if std::env::var_os("BIDWRIGHT_GOLDEN").is_some_and(|asked| asked == "write") {
        fs::write(GOLDEN, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let golden: Value = serde_json::from_str(&fs::read_to_string(GOLDEN).unwrap()).unwrap();
    let mut found = Vec::new();
    differences("", &golden, &now, &mut found);
    assert!(found.is_empty(), "if this is meant, see the head of tests/golden/mod.rs\n{}", found.join("\n"));
}

#[test]
fn differences_are_noticed() {
    let golden = json!({ "a": 100.0, "b": { "c": "optimal" }, "d": 1 });
    let found = |now: Value| {
        let mut found = Vec::new();
        differences("", &golden, &now, &mut found);
        found
    };
    assert!(found(json!({ "a": 100.05, "b": { "c": "optimal" }, "d": 1 })).is_empty());
    assert_eq!(found(json!({ "a": 100.2, "b": { "c": "infeasible" }, "e": 2 })).len(), 4);
}
