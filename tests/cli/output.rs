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
