//! The output folder: nobody else's is touched, and a run that fails leaves nothing.

use std::fs;

use crate::shop::Shop;

#[test]
fn a_folder_of_somebody_else_is_refused_unless_forced() {
    let shop = Shop::new();
    shop.write("mine/notes.txt", "mine");
    shop.write("mine/plan.csv", "mine too");
    let before = shop.files();
    let ran = shop.plan_on_model("plan.toml", "mine", &[]).ended(2);
    assert!(
        ran.stderr.contains("error[O001] mine: ") && ran.stderr.contains("add --force"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.is_empty());
    fs::remove_file(shop.path("model.json")).unwrap();
    assert_eq!(shop.files(), before);
    assert_eq!(shop.text("mine/plan.csv"), "mine too");

    shop.plan_on_model("plan.toml", "mine", &["--force"]).ended(0);
    assert_eq!(shop.text("mine/notes.txt"), "mine", "what is not ours is kept");
    assert!(shop.text("mine/plan.csv").starts_with("date,hour,"));
    // Now it is ours.
    shop.plan_on_model("plan.toml", "mine", &["--mps"]).ended(0);
    assert!(shop.path("mine/program.mps").exists() && shop.path("mine/notes.txt").exists());
    shop.plan_on_model("plan.toml", "mine", &[]).ended(0);
    assert!(
        !shop.path("mine/program.mps").exists(),
        "a file of the last run is not left beside the new plan"
    );
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let shop = Shop::new();
    shop.write("file", "x");
    let ran = shop.plan_on_model("plan.toml", "file/out", &[]).ended(2);
    assert!(
        ran.stderr.contains("cannot create") && ran.stderr.contains("file") && ran.stderr.contains("fix: "),
        "{}",
        ran.stderr
    );
    let ran = shop.plan_on_model("plan.toml", "file", &[]).ended(2);
    assert!(ran.stderr.contains("error[O002] file: the output folder is a file"), "{}", ran.stderr);
    assert_eq!(shop.text("file"), "x");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    shop.write("locked/.keep", "");
    let mode = |mode| fs::set_permissions(shop.path("locked"), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    // Root may write anywhere: then a folder of the kernel, which takes no folders, stands for it.
    let enforced = fs::write(shop.path("locked/probe"), "").is_err();
    let out = if enforced { "locked/out" } else { "/proc/self/fdinfo/out" };
    let ran = shop.plan_on_model("plan.toml", out, &[]);
    mode(0o755);
    let ran = ran.ended(2);
    assert!(
        ran.stderr.contains("cannot create a folder in") && ran.stderr.contains("fix: "),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.is_empty());
}

#[test]
fn a_channel_of_which_nothing_runs_is_told() {
    let shop = Shop::new();
    let ran = shop.plan_on_model("plan.toml", "out", &["--set", "search.position=[3,3]"]).ended(0);
    let says =
        "nothing of search runs: 0 of 1920 cells; for 1920 of them no allowed bid reaches the position band";
    assert!(ran.stderr.contains("warning[P030]") && ran.stderr.contains(says), "{}", ran.stderr);
    let findings = &shop.summary("out")["findings"];
    let told = findings.as_array().unwrap().iter().find(|finding| finding["code"] == "P030").unwrap();
    assert_eq!((told["severity"].as_str(), told["cause"].as_str()), (Some("warning"), Some(says)));
    // Whoever pauses it knows.
    let pause = "override.+={where={channel=\"search\"},run=false}";
    let ran = shop.plan_on_model("plan.toml", "paused", &["--set", pause]).ended(0);
    assert!(!ran.stderr.contains("P030"), "{}", ran.stderr);
}

#[test]
fn hours_in_which_a_slot_is_closed_say_so() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let bids = shop.bids("out");
    let slots: Vec<_> = bids.0.iter().filter(|row| row.channel == "group_buy").collect();
    let taken = |unit: &str| slots.iter().any(|row| row.unit == unit && row.run);
    let closed: Vec<_> = slots.iter().filter(|row| taken(&row.unit) && !row.run).collect();
    assert!(!closed.is_empty() && closed.iter().all(|row| row.reason == "not open in this hour"));
}
