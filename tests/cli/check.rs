//! `check`: the account of the history, the same from either export.

use crate::shop::Shop;

/// The numbers in the account's line of a file: rows, accepted, rejected, too old, imputed.
fn account(stdout: &str, file: &str) -> Vec<usize> {
    let line = stdout.lines().find(|line| line.trim_start().starts_with(file)).unwrap();
    line.split_whitespace().skip(2).map(|number| number.parse().unwrap()).collect()
}

#[test]
fn the_sample_is_sound() {
    let shop = Shop::new();
    let before = shop.files();
    let ran = shop.run(&["check", "plan.toml", "-q"]).ended(0);
    assert_eq!(account(&ran.stdout, "history/history.parquet"), [68_880, 68_880, 0, 0, 0]);
    assert!(ran.stdout.contains("columns unused: none"), "{}", ran.stdout);
    assert!(ran.stdout.contains("plan.toml: 0 errors, 0 warnings"), "{}", ran.stdout);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    assert_eq!(shop.files(), before, "a check writes nothing");
}

#[test]
fn the_platforms_export_holds_the_last_week_of_the_history() {
    let shop = Shop::new();
    let text = shop.run(&["check", "plan-gbk.toml", "-q"]).ended(0).stdout;
    let [rows, accepted, rejected, too_old, imputed] = account(&text, "export/last-week.csv")[..] else {
        panic!("{text}")
    };
    assert!(text.contains("gb18030") && text.contains("spend ← 花费"), "{text}");
    assert_eq!((accepted, rejected, too_old, imputed), (rows, 0, 0, 0));
    let set = ["--set", "history.lookback_days=7", "--set", "history.maturity_days=2"];
    let text = shop.run(&[&["check", "plan.toml", "-q"][..], &set].concat()).ended(0).stdout;
    let parquet = account(&text, "history/history.parquet");
    assert_eq!(parquet[1] - parquet[3], rows, "rows that are not too old");

    // What is read is the same, so what is planned is the same.
    shop.run(&["plan", "plan-gbk.toml", "-q", "--out", "csv"]).ended(0);
    shop.run(&[&["plan", "plan.toml", "-q", "--out", "parquet"][..], &set].concat()).ended(0);
    assert!(shop.text("csv/plan.csv") == shop.text("parquet/plan.csv"), "the plans differ");
}

#[test]
fn both_plan_files_ask_for_the_same() {
    let shop = Shop::new();
    let asked = |name: &str| {
        let mut file: toml::Table = shop.text(name).parse().unwrap();
        file.remove("history");
        file
    };
    assert_eq!(asked("plan.toml"), asked("plan-gbk.toml"));
}

#[test]
fn every_finding_is_listed_and_json_lines_parse() {
    let shop = Shop::new();
    shop.patch("plan.toml", "margin = 0.35", "margin = 35");
    shop.patch("plan.toml", "bid_step = 0.1\n", "bid_step = 0.0\n");
    shop.patch("plan.toml", "min_share = 0.2", "min_share = 20");
    let ran = shop.run(&["check", "plan.toml"]).ended(2);
    assert_eq!(ran.stderr.matches("error[C012] plan.toml:").count(), 3, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("\n  fix: ").count(), 3);
    assert!(ran.stdout.is_empty());
    let ran = shop.run(&["check", "plan.toml", "--log-format", "json"]).ended(2);
    let lines: Vec<serde_json::Value> =
        ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let findings: Vec<_> = lines.iter().filter(|line| line["code"] == "C012").collect();
    assert_eq!(findings.len(), 3);
    for finding in findings {
        assert_eq!(finding["severity"], "error");
        assert_eq!(finding["place"]["file"], "plan.toml");
        assert!(finding["place"]["line"].as_u64().unwrap() > 1 && finding["action"].is_string(), "{finding}");
    }
}
