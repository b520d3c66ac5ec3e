//! Runs for a date that was planned before: what is the same, and what is not.

use std::fs;

use serde_json::Value;

use super::{latest, line, names, run, shop};

/// A limit that is over before the first stage is.
const CUT: [&str; 2] = ["--time-limit", "0.001"];

#[test]
fn a_plan_that_a_limit_cut_off_does_not_stand_in_for_the_proven_one() {
    let shop = shop();
    let cut = line(&run(&shop, &CUT).ended(4));
    assert_eq!(cut["status"], "unproven");
    let still = line(&run(&shop, &CUT).ended(4));
    assert_eq!((&still["status"], &still["folder"]), (&"unproven".into(), &cut["folder"]));
    let ran = shop.run(&["run", "plan.toml", "--model", "model.json", "--no-frontier"]).ended(0);
    assert!(ran.stderr.contains("time limit"), "the log says what has changed: {}", ran.stderr);
    let proven = line(&ran);
    assert_eq!((&proven["status"], &proven["latest"]["folder"]), (&"planned".into(), &proven["folder"]));
    assert!(proven["objective"].as_f64().unwrap() > cut["objective"].as_f64().unwrap());
    // The other way round there is nothing to be gained.
    assert_eq!(line(&run(&shop, &CUT).ended(0))["status"], "unchanged");
    assert_eq!(names(&shop), [".lock", "2026-12-12-1", "2026-12-12-2", "latest"]);
}

#[test]
fn a_date_is_the_same_whoever_chose_it() {
    let shop = shop();
    shop.patch("plan.toml", "date = 2026-12-12\n", "");
    assert_eq!(line(&run(&shop, &["--date", "2026-12-12"]).ended(0))["status"], "planned");
    for chosen in [&[][..], &["--set", "plan.date=2026-12-12"]] {
        let told = line(&run(&shop, chosen).ended(0));
        assert_eq!((&told["date"], &told["status"]), (&"2026-12-12".into(), &"unchanged".into()));
    }
}

#[test]
fn a_folder_belongs_to_one_plan_file() {
    let shop = shop();
    let run_of = |plan: &str, more: &[&str]| {
        shop.run(
            &[&["run", plan, "--model", "model.json", "--no-frontier", "--out", "ours", "-q"], more].concat(),
        )
    };
    run_of("plan.toml", &[]).ended(0);
    shop.write("other.toml", shop.text("plan.toml"));
    let ran = run_of("other.toml", &[]).ended(2);
    assert!(ran.stderr.contains("D012") && ran.stderr.contains("plan.toml"), "{}", ran.stderr);
    let told = line(&ran);
    assert_eq!((&told["findings"]["D012"], &told["latest"]), (&1.into(), &Value::Null), "it is not its plan");
    // A plan file that was renamed takes its folder with it.
    fs::rename(shop.path("plan.toml"), shop.path("tea.toml")).unwrap();
    assert_eq!(line(&run_of("tea.toml", &[]).ended(0))["status"], "unchanged");
    // Whoever knows better says so.
    shop.write("plan.toml", shop.text("tea.toml"));
    run_of("other.toml", &[]).ended(2);
    run_of("other.toml", &["--force"]).ended(0);
    run_of("plan.toml", &[]).ended(2);
    assert_eq!(latest(&shop), None, "the default folder has no part in it");
}
