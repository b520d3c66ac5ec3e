//! Runs that end without a good plan: the last one stays, and they say so.

use std::fs::{self, File};

use serde_json::Value;

use super::{ROOT, configure, content, latest, line, names, run, shop, words};
use crate::shop::Shop;

/// A shop with a good plan.
fn planned() -> Shop {
    let shop = shop();
    run(&shop, &[]).ended(0);
    shop
}

/// Asserts that a run left everything as it was and names the last good plan.
#[track_caller]
fn stays(shop: &Shop, before: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>) {
    assert!(content(&shop.path(ROOT)) == *before, "{:?}", names(shop));
    assert_eq!(latest(shop).as_deref(), Some("2026-12-12-1"));
}

#[test]
fn rules_that_no_plan_meets_do_not_replace_a_good_plan() {
    let shop = planned();
    let hard = ["--set", "rule.display budget.min=14000", "--set", "rule.roi.min=3.2"];
    let ran = run(&shop, &hard).ended(3);
    let told = line(&ran);
    assert_eq!((&told["status"], &told["gap"]), (&"infeasible".into(), &Value::Null));
    assert_eq!(told["latest"]["folder"], "daily/plan/2026-12-12-1");
    assert!(ran.stderr.contains("the last good plan stays"), "{}", ran.stderr);
    let culprits = told["error"].as_str().unwrap();
    assert!(culprits.starts_with("these rules contradict each other: "), "{culprits}");
    assert!(culprits.contains("roi") && culprits.contains("display budget"), "{culprits}");
    assert!(ran.stderr.contains(culprits) && ran.stderr.contains("`display budget`"), "{}", ran.stderr);
    assert!(shop.path("daily/plan/2026-12-12-2/report.html").exists(), "the nearest is there to look into");
    assert_eq!(latest(&shop).as_deref(), Some("2026-12-12-1"));
    // Nor is it tried again and again.
    let again = line(&run(&shop, &hard).ended(3));
    assert_eq!((&again["folder"], &again["error"]), (&"daily/plan/2026-12-12-2".into(), &told["error"]));
    assert_eq!(names(&shop).len(), 4);
}

#[test]
fn a_plan_that_a_platform_cannot_take_does_not_replace_a_good_plan() {
    let shop = planned();
    let before = content(&shop.path(ROOT));
    // Nothing of search runs, so there is nothing to tell its platform.
    configure(
        &shop,
        "export = [\"zhitongche\"]\n\n[[override]]\nwhere = { channel = \"search\" }\nrun = false",
    );
    let ran = run(&shop, &[]).ended(2);
    let told = line(&ran);
    assert_eq!(told["findings"]["P020"], 1);
    assert_eq!(
        (&told["folder"], &told["spend"]),
        (&Value::Null, &Value::Null),
        "figures are those of a folder"
    );
    stays(&shop, &before);
}

#[test]
fn the_second_of_two_says_who_holds_the_lock() {
    let shop = planned();
    let before = content(&shop.path(ROOT));
    let path = shop.path(ROOT).join(".lock");
    let lock = File::options().write(true).open(&path).unwrap();
    lock.lock().unwrap();
    fs::write(&path, r#"{"process":4711,"host":"there","since":"2026-12-12T02:30:00Z"}"#).unwrap();
    let ran = run(&shop, &["--force"]).ended(5);
    assert!(ran.stderr.contains("D001") && ran.stderr.contains("process 4711 on there"), "{}", ran.stderr);
    assert_eq!(line(&ran)["status"], "busy");
    // The lock of a process that is dead is no lock; what it leaves behind is its name.
    drop(lock);
    let ran = run(&shop, &[]).ended(0);
    let told = line(&ran);
    assert_eq!((&told["status"], &told["findings"]["D002"]), (&"unchanged".into(), &1.into()));
    stays(&shop, &before);
}

#[test]
fn what_cannot_be_read_leaves_the_last_good_plan() {
    let shop = planned();
    let before = content(&shop.path(ROOT));
    let plain = ["run", "plan.toml", "-q"];
    let whole = fs::read(shop.path("history/history.parquet")).unwrap();
    type Slip = fn(&Shop, &[u8]);
    let slips: [(&str, Slip); 4] = [
        ("H002", |shop, _| {
            fs::remove_file(shop.path("history/history.parquet")).unwrap();
            fs::create_dir(shop.path("history/history.parquet")).unwrap();
        }),
        ("H004", |shop, whole| {
            fs::remove_dir(shop.path("history/history.parquet")).unwrap();
            shop.write("history/history.parquet", &whole[..whole.len() / 2]);
        }),
        ("C001", |shop, whole| {
            shop.write("history/history.parquet", whole);
            shop.write("plan.toml", "[history");
        }),
        ("F001", |shop, _| {
            fs::remove_file(shop.path("plan.toml")).unwrap();
            fs::create_dir(shop.path("plan.toml")).unwrap();
        }),
    ];
    for (code, slip) in slips {
        slip(&shop, &whole);
        let ran = shop.run(&plain).ended(2);
        let told = line(&ran);
        assert!(told["findings"][code].as_u64() >= Some(1), "{code}: {told}");
        assert_eq!((&told["status"], &told["exit_code"]), (&"failed".into(), &2.into()));
        assert_eq!(told["latest"]["folder"], "daily/plan/2026-12-12-1", "{code}");
        assert!(ran.stderr.contains("the last good plan stays"), "{code}: {}", ran.stderr);
        stays(&shop, &before);
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_last_good_plan() {
    let shop = planned();
    let before = content(&shop.path(ROOT));
    let with_limit = |blocks: u32, trap: &str| {
        let program = crate::shop::PROGRAM;
        let script = format!("{trap} ulimit -f {blocks}; exec {program} \"$@\"");
        let words = [vec!["-c", &script, "bash"], words(&["--force"])].concat();
        let output =
            assert_cmd::Command::new("bash").current_dir(shop.folder()).args(words).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    // No file may be larger than so many KiB. First the write is refused, as on a full disk …
    for blocks in [0, 1, 8, 64] {
        let (code, stdout) = with_limit(blocks, "trap '' XFSZ;");
        assert_eq!(code, Some(2), "{blocks} blocks");
        let told: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((&told["findings"]["F001"], &told["status"]), (&1.into(), &"failed".into()));
        assert_eq!(told["latest"]["folder"], "daily/plan/2026-12-12-1");
        assert_eq!((&told["folder"], &told["revenue"]), (&Value::Null, &Value::Null));
        stays(&shop, &before);
    }
    // … then the signal of the system kills the run there.
    assert_eq!(with_limit(8, "").0, None);
    assert_eq!(line(&run(&shop, &[]).ended(0))["status"], "unchanged");
    stays(&shop, &before);
    // Nobody to tell is an error, but the plan is made.
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = std::process::Command::new(crate::shop::PROGRAM)
        .current_dir(shop.folder())
        .args(words(&["--force"]))
        .stdout(full)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!((status.code(), latest(&shop).as_deref()), (Some(2), Some("2026-12-12-2")));
}

#[test]
fn a_folder_of_others_is_refused() {
    let shop = shop();
    shop.write("mine/note.txt", "keep me");
    let ran = run(&shop, &["--out", "mine"]).ended(2);
    assert_eq!(line(&ran)["findings"]["O001"], 1);
    assert_eq!(fs::read_dir(shop.path("mine")).unwrap().count(), 1);
    run(&shop, &["--out", "mine", "--force"]).ended(0);
    assert_eq!(shop.text("mine/note.txt"), "keep me");
    run(&shop, &["--out", "mine"]).ended(0);
}

#[test]
fn an_age_beyond_all_calendars_is_refused() {
    let shop = shop();
    for age in ["0", "3000000000"] {
        let ran = run(&shop, &["--set", &format!("run.max_age_days={age}")]).ended(2);
        assert!(ran.stderr.contains("1 to 36500 days"), "{}", ran.stderr);
    }
    run(&shop, &["--set", "run.max_age_days=36500"]).ended(0);
}

#[test]
fn rules_that_no_schedule_of_a_platform_meets_are_named() {
    let shop = planned();
    // Much at four in the morning, dear, and much at nine in the evening, cheap: no base bid does both.
    configure(
        &shop,
        r#"export = ["zuanzhan"]

[[rule]]
name = "night"
where = { channel = "display", hour = [4] }
metric = "impressions"
min = 3200

[[rule]]
name = "late price"
where = { channel = "display", hour = [21] }
metric = "cpm"
max = 38

[[rule]]
name = "late"
where = { channel = "display", hour = [21] }
metric = "impressions"
min = 7500"#,
    );
    let ran = run(&shop, &[]).ended(3);
    let told = line(&ran);
    assert_eq!(
        (&told["status"], &told["exports"]["zuanzhan"]["rules_met"]),
        (&"infeasible".into(), &false.into())
    );
    let error = told["error"].as_str().unwrap();
    // Either the night gives way or the evening does.
    let gives_way = ["night [channel=display hour=4]", "[channel=display hour=21]"];
    assert!(error.contains("zuanzhan") && gives_way.iter().any(|rule| error.contains(rule)), "{error}");
    assert!(!error.contains("budget") && ran.stderr.contains(error), "{error}: {}", ran.stderr);
    assert_eq!(latest(&shop).as_deref(), Some("2026-12-12-1"));
}

#[test]
fn an_export_that_pauses_everything_is_in_the_line() {
    let shop = shop();
    configure(&shop, "export = [\"amazon\"]");
    let told = line(&run(&shop, &[]).ended(0));
    let amazon = &told["exports"]["amazon"];
    assert_eq!(amazon["units_running"], 0);
    assert!(amazon["units_planned"].as_u64().unwrap() > 50, "{amazon}");
    assert_eq!(told["findings"]["P021"], 1);
}
