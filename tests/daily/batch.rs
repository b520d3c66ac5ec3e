//! Many shops in one call.

use std::fs;

use serde_json::Value;

use super::configure;
use crate::shop::Shop;

/// A folder of shops beside each other, each with the sample's files.
fn shops(names: &[&str]) -> Shop {
    let shop = Shop::new();
    for name in names {
        shop.write(&format!("{name}/plan.toml"), shop.text("plan.toml"));
        shop.write(
            &format!("{name}/history/history.parquet"),
            fs::read(shop.path("history/history.parquet")).unwrap(),
        );
    }
    shop
}

fn lines(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn one_shops_failure_never_stops_the_others() {
    let shop = shops(&["broken", "empty", "good", "strict"]);
    shop.write("broken/history/history.parquet", "no parquet");
    fs::remove_file(shop.path("empty/plan.toml")).unwrap();
    shop.patch("strict/plan.toml", "metric = \"roi\"\nmin = 2.0", "metric = \"roi\"\nmin = 90");
    shop.patch(
        "strict/plan.toml",
        "metric = \"spend\"\nmax = 10000",
        "metric = \"spend\"\nmin = 9000\nmax = 10000",
    );
    let words = ["batch", "broken", "empty", "strict", "nowhere", "good", "plan.toml", "--no-frontier", "-q"];
    let ran = shop.run(&words).ended(2);
    let told = lines(&ran.stdout);
    let of = |key: &str| -> Vec<Value> { told.iter().map(|line| line[key].clone()).collect() };
    let status: Vec<Value> = of("status");
    assert_eq!(status, ["failed", "failed", "infeasible", "failed", "planned", "planned"], "{}", ran.stderr);
    assert_eq!(of("exit_code"), [2, 2, 3, 2, 0, 0]);
    assert_eq!(told[1]["findings"]["D010"], 1);
    assert_eq!(told[4]["plan_file"], "good/plan.toml");
    assert!(shop.path("good/daily/plan/latest").exists() && shop.path("daily/plan/latest").exists());
    let again = shop.run(&["batch", "good", "plan.toml", "--no-frontier", "-q"]).ended(0);
    assert!(lines(&again.stdout).iter().all(|line| line["status"] == "unchanged"), "{}", again.stdout);
}

#[cfg(unix)]
#[test]
fn shops_are_run_even_if_nobody_can_be_told() {
    let shop = shops(&["a", "b"]);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(crate::shop::PROGRAM)
        .current_dir(shop.folder())
        .args(["batch", "a", "b", "--no-frontier", "-q"])
        .stdout(full)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("F001") && stderr.contains("stdout"), "{stderr}");
    assert!(stderr.contains("make room"), "{stderr}");
    assert!(shop.path("a/daily/plan/latest").exists() && shop.path("b/daily/plan/latest").exists());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_shop_at_hand_and_starts_no_other() {
    let shop = shops(&["a", "b", "c"]);
    configure(&shop, "keep = 3");
    let mut command = std::process::Command::new(crate::shop::PROGRAM);
    command.current_dir(shop.folder()).args(["batch", "a", "b", "c", "--log-format", "json"]);
    // At work: at the history of the first shop.
    let output = super::signal_at_work(&mut command, "-INT");
    assert_eq!(output.status.code(), Some(4));
    let told = lines(std::str::from_utf8(&output.stdout).unwrap());
    let status: Vec<&str> = told.iter().map(|line| line["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["stopped", "stopped", "stopped"]);
    assert!(!shop.path("a/daily/plan/latest").exists() && !shop.path("b/daily").exists());
    let left: Vec<_> =
        fs::read_dir(shop.path("a/daily/plan")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"], "it ended cleanly");
    assert_eq!(shop.text("a/daily/plan/.lock"), "");
}
