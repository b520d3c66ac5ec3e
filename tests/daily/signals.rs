//! Signals: what asks a run to end, and what does not.

use std::process::Command;

use serde_json::Value;

use super::{ROOT, shop, signal_at_work};
use crate::shop::{PROGRAM, Shop};

/// Starts a run, sends it a signal once it is at work, and returns how it ended and what it printed.
fn signalled(shop: &Shop, before: &str, signal: &str) -> (Option<i32>, String) {
    let script = format!("{before} exec {PROGRAM} run plan.toml --no-frontier --log-format json");
    let mut command = Command::new("sh");
    command.current_dir(shop.folder()).args(["-c", &script]);
    let output = signal_at_work(&mut command, signal);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_run_that_is_asked_to_end_says_that_a_signal_did_it() {
    for signal in ["-TERM", "-INT"] {
        let shop = shop();
        let (code, stdout) = signalled(&shop, "", signal);
        let told: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((code, &told["status"]), (Some(4), &"stopped".into()), "{signal}");
        assert_eq!((&told["findings"]["S002"], &told["findings"]["S001"]), (&1.into(), &Value::Null));
        assert!(told["error"].as_str().unwrap().contains("a signal stopped the run"), "{told}");
        assert_eq!((&told["folder"], &told["spend"]), (&Value::Null, &Value::Null));
        assert_eq!(shop.text(&format!("{ROOT}/.lock")), "", "it ended cleanly");
    }
}

#[test]
fn a_hang_up_that_is_ignored_stays_ignored() {
    let shop = shop();
    // As `nohup` does.
    let (code, stdout) = signalled(&shop, "trap '' HUP;", "-HUP");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &told["status"]), (Some(0), &"planned".into()));
    // Nobody said so here: the system ends the run, and nothing is left but what the next one sweeps up.
    let shop = self::shop();
    assert_eq!(signalled(&shop, "", "-HUP"), (None, String::new()));
    assert!(!shop.path(ROOT).join("latest").exists());
}
