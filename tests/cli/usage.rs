//! Help, version, usage errors, and what the program says of itself.

use predicates::prelude::*;
use predicates::str::contains;

use crate::shop::Shop;

const COMMANDS: [&str; 11] = [
    "plan",
    "check",
    "fit",
    "sweep",
    "export",
    "simulate",
    "backtest",
    "judge",
    "schema",
    "completions",
    "man",
];

#[test]
fn help_and_version_go_to_stdout() {
    let shop = Shop::new();
    let help = shop.run(&["--help"]).ended(0);
    assert!(help.stderr.is_empty());
    for command in COMMANDS {
        assert!(help.stdout.contains(&format!("  {command} ")), "{command} is not in:\n{}", help.stdout);
        let help = shop.run(&[command, "--help"]).ended(0).stdout;
        assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{help}");
    }
    for code in ["0  done", "2  bad usage", "3  no plan", "4  stopped"] {
        assert!(help.stdout.contains(code), "{code} is not in:\n{}", help.stdout);
    }
    let version = format!("bidwright {}\n", env!("CARGO_PKG_VERSION"));
    shop.bidwright(&["--version"]).assert().success().stdout(version).stderr("");
}

#[test]
fn usage_errors_end_with_2_and_say_what_is_wrong() {
    let shop = Shop::new();
    for (words, says) in [
        (&["paln", "plan.toml"][..], "unrecognized subcommand 'paln'"),
        (&["plan"], "PLAN.toml"),
        (&["plan", "plan.toml", "--ouput", "x"], "unexpected argument '--ouput'"),
        (&["plan", "plan.toml", "--date", "12.12.2026"], "invalid value '12.12.2026' for '--date"),
        (&["plan", "plan.toml", "--time-limit", "0"], "a limit must be above 0"),
        (&["plan", "plan.toml", "--lang", "fr"], "possible values: en, zh"),
        (&["plan", "plan.toml", "--threads", "0"], "invalid value '0'"),
        (&["backtest", "plan.toml", "--days", "0"], "invalid value '0'"),
        (&["check", "plan.toml", "-q", "-v"], "cannot be used with"),
        (&["completions", "tcsh"], "invalid value 'tcsh'"),
    ] {
        shop.bidwright(words).assert().code(2).stdout("").stderr(contains(says));
        let json = shop.run(&[words, &["--log-format", "json"]].concat()).ended(2);
        let finding: serde_json::Value = serde_json::from_str(json.stderr.trim()).unwrap();
        assert_eq!(finding["code"], "U001");
        assert!(finding["cause"].as_str().unwrap().contains(says), "{finding}");
    }
    shop.bidwright(&[]).assert().code(2).stderr(contains("Usage: bidwright"));
    assert!(!shop.path("runs").exists());
}

#[test]
fn the_schema_names_every_table() {
    let shop = Shop::new();
    let schema: serde_json::Value = serde_json::from_str(&shop.run(&["schema"]).ended(0).stdout).unwrap();
    for table in [
        "history",
        "plan",
        "uplift",
        "platform",
        "search",
        "display",
        "affiliate",
        "group_buy",
        "override",
        "rule",
        "phase",
        "market",
    ] {
        assert!(schema["properties"][table].is_object(), "{table}");
    }
    assert_eq!(schema["additionalProperties"], false, "unknown tables are errors");
    assert_eq!(schema["required"], serde_json::json!(["history"]));
}

#[test]
fn shells_and_readers_are_served() {
    let shop = Shop::new();
    for (shell, says) in
        [("bash", "complete -F"), ("zsh", "#compdef bidwright"), ("fish", "complete -c bidwright")]
    {
        let script = contains(says).and(contains("simulate")).and(contains("time-limit"));
        shop.bidwright(&["completions", shell]).assert().success().stdout(script).stderr("");
    }
    shop.bidwright(&["man"]).assert().success().stdout(contains(".TH bidwright").and(contains("Exit codes")));
    shop.run(&["man", "--out", "man1"]).ended(0);
    for command in COMMANDS {
        let page = shop.text(&format!("man1/bidwright-{command}.1"));
        assert!(page.contains("bidwright"), "{page}");
    }
}
