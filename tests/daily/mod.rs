//! The daily batch as its operator meets it: what stands in its folder after runs that succeed, fail, wait or die.

mod again;
mod batch;
mod fails;
mod fresh;
mod killed;
mod limit;
mod schedulers;
#[cfg(unix)]
mod signals;

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::shop::{Ran, Shop};

/// The folder of the sample's batch.
const ROOT: &str = "daily/plan";

/// A shop whose runs take the fitted landscapes, which saves the fit.
fn shop() -> Shop {
    let shop = Shop::new();
    shop.with_model();
    shop
}

/// The words of a run on them.
fn words<'w>(more: &[&'w str]) -> Vec<&'w str> {
    [&["run", "plan.toml", "--model", "model.json", "--no-frontier"], more].concat()
}

fn run(shop: &Shop, more: &[&str]) -> Ran {
    shop.run(&[&words(more)[..], &["-q"]].concat())
}

/// Sends a signal to a command that logs as JSON, once it is at work, and waits for its end.
#[cfg(unix)]
fn signal_at_work(command: &mut Command, signal: &str) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    log.find(|line| line.as_ref().unwrap().contains("reading the history")).unwrap().unwrap();
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    log.for_each(drop);
    child.wait_with_output().unwrap()
}

/// The one line on stdout.
#[track_caller]
fn line(ran: &Ran) -> Value {
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Name of the last good plan's folder.
fn latest(shop: &Shop) -> Option<String> {
    fs::read_to_string(shop.path(ROOT).join("latest")).ok().map(|text| text.trim().to_owned())
}

/// Names of the batch's folder.
fn names(shop: &Shop) -> Vec<String> {
    let entries = fs::read_dir(shop.path(ROOT)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// All files below a folder with their bytes.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_path_buf();
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
    }
    found
}

/// Writes the plan file anew with a `[run]` table of these lines.
fn configure(shop: &Shop, run: &str) {
    shop.patch("plan.toml", "\n[market]\n", &format!("\n[run]\n{run}\n\n[market]\n"));
}

#[test]
fn a_run_leaves_plan_exports_and_a_line_and_does_nothing_twice() {
    let shop = shop();
    configure(&shop, r#"export = ["zuanzhan", "json"]"#);
    let ran = run(&shop, &[]).ended(0);
    let first = line(&ran);
    assert_eq!((&first["status"], &first["date"]), (&"planned".into(), &"2026-12-12".into()));
    assert!(first["spend"].as_f64().unwrap() > 0.0 && first["roi"].as_f64().unwrap() >= 2.0);
    assert!(first["gap"].as_f64().unwrap() < 0.05 && first["seconds"]["solve"].is_number());
    assert_eq!(first["findings"]["D009"], 1, "a model stands for the history");
    assert_eq!(names(&shop), [".lock", "2026-12-12-1", "latest"]);
    assert_eq!(latest(&shop).as_deref(), Some("2026-12-12-1"));
    assert_eq!(first["latest"]["folder"], "daily/plan/2026-12-12-1");
    // It is the plan of `plan`, and its exports are those of `export`.
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let folder = format!("{ROOT}/2026-12-12-1");
    assert_eq!(shop.text(&format!("{folder}/plan.csv")), shop.text("out/plan.csv"));
    shop.run(&["export", "out", "--platform", "zuanzhan", "-q"]).ended(0);
    let exported = |of: &str| shop.text(&format!("{of}/effective.csv"));
    assert_eq!(exported(&format!("{folder}/zuanzhan")), exported("out-zuanzhan"));
    assert_eq!(first["exports"]["zuanzhan"]["rules_met"], true);
    assert!(shop.path(&format!("{folder}/json/manifest.json")).exists());
    let kept: Value = serde_json::from_str(&shop.text(&format!("{folder}/run.json"))).unwrap();
    for (key, value) in first.as_object().unwrap() {
        // What is known only once it is written.
        if !["latest", "finished", "seconds"].contains(&key.as_str()) {
            assert_eq!(kept[key], *value, "{key}");
        }
    }

    let before = content(&shop.path(ROOT));
    let again = line(&run(&shop, &[]).ended(0));
    assert_eq!(again["status"], "unchanged");
    assert_eq!((&again["folder"], &again["latest"]), (&first["folder"], &first["latest"]));
    assert!(content(&shop.path(ROOT)) == before);
    // From another folder it is the same shop.
    let plan = shop.path("plan.toml");
    let elsewhere = ["run", plan.to_str().unwrap(), "--model", shop.path("model.json").to_str().unwrap()]
        .map(str::to_owned);
    let output = assert_cmd::Command::new(crate::shop::PROGRAM)
        .args(elsewhere)
        .args(["--no-frontier", "-q"])
        .output()
        .unwrap();
    let elsewhere: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(elsewhere["status"], "unchanged");
    assert_eq!(line(&run(&shop, &["--force"]).ended(0))["status"], "planned");
    assert_eq!(latest(&shop).as_deref(), Some("2026-12-12-2"));
}

#[test]
fn what_has_changed_is_planned_again_and_old_runs_go() {
    let shop = shop();
    configure(&shop, "keep = 2");
    run(&shop, &[]).ended(0);
    let ran = shop.run(&[
        "run",
        "plan.toml",
        "--model",
        "model.json",
        "--no-frontier",
        "--set",
        "rule.budget.max=30000",
    ]);
    assert!(ran.stderr.contains("configuration"), "the log says what has changed: {}", ran.stderr);
    assert_eq!(line(&ran.ended(0))["status"], "planned");
    let model = shop.text("model.json");
    shop.write("model.json", model.replacen(':', ": ", 1));
    run(&shop, &[]).ended(0);
    assert_eq!(names(&shop), [".lock", "2026-12-12-2", "2026-12-12-3", "latest"]);
    // A date before the latest does not become the latest, and does not drive it out.
    let past = line(&run(&shop, &["--date", "2026-12-11"]).ended(0));
    assert_eq!((&past["status"], &past["latest"]["date"]), (&"planned".into(), &"2026-12-12".into()));
    assert_eq!(latest(&shop).as_deref(), Some("2026-12-12-3"));
    assert!(names(&shop).contains(&"2026-12-11-1".to_owned()), "it is not removed at once");
    run(&shop, &["--date", "2026-12-13"]).ended(0);
    assert_eq!(names(&shop), [".lock", "2026-12-12-3", "2026-12-13-1", "latest"]);
    assert_eq!(latest(&shop).as_deref(), Some("2026-12-13-1"));
}
