//! Signals: what asks a run to end, and what does not.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{ROOT, shop};
use crate::shop::{PROGRAM, Shop};

/// Starts a run, sends it a signal once it is at work, and returns how it ended and what it printed.
fn signalled(shop: &Shop, before: &str, signal: &str) -> (Option<i32>, String) {
    let script = format!("{before} exec {PROGRAM} run plan.toml --no-frontier --log-format json");
    let mut child: Child = Command::new("sh")
        .current_dir(shop.folder())
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    log.find(|line| line.as_ref().unwrap().contains("reading the history")).unwrap().unwrap();
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    log.for_each(drop);
    let output = child.wait_with_output().unwrap();
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
