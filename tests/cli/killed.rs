//! A run that is killed leaves the last good output as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::shop::{PROGRAM, Shop};

/// Names and bytes of a folder's files.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// The hidden folder that a run fills before it takes the place of `out`.
fn hidden(shop: &Shop) -> Option<PathBuf> {
    let entries = fs::read_dir(shop.folder()).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(".out."))
}

/// Waits, busily, until the run has come so far or has ended.
fn wait_for(child: &mut Child, so_far: impl Fn() -> bool) {
    while !so_far() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn the_last_good_output_survives() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let good = content(&shop.path("out"));
    // The plan that the killed runs are after is another one.
    shop.plan_on_model("plan.toml", "other", &["--set", "plan.objective=orders"]).ended(0);
    let other = content(&shop.path("other"));
    assert!(good["plan.csv"] != other["plan.csv"]);

    let mut unfinished = 0;
    // Nothing yet; the hidden folder; one of its files after the other.
    for moment in ["", ".", "plan.csv", "bids.xlsx", "report.html", "manifest.json"] {
        let mut child = Command::new(PROGRAM)
            .current_dir(shop.folder())
            .args([
                "plan",
                "plan.toml",
                "--model",
                "model.json",
                "--out",
                "out",
                "--set",
                "plan.objective=orders",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(&mut child, || {
            moment.is_empty() || hidden(&shop).is_some_and(|folder| folder.join(moment).exists())
        });
        child.kill().unwrap();
        child.wait().unwrap();
        let left = content(&shop.path("out"));
        if left == good {
            unfinished += 1;
            continue;
        }
        // It was faster: then all of the new output is there.
        assert!(left.keys().eq(other.keys()), "{moment}: {:?}", left.keys());
        assert!(left["plan.csv"] == other["plan.csv"] && left["bids.xlsx"] == other["bids.xlsx"], "{moment}");
        serde_json::from_slice::<serde_json::Value>(&left["manifest.json"]).unwrap();
        fs::remove_dir_all(shop.path("out")).unwrap();
        shop.plan_on_model("plan.toml", "out", &[]).ended(0);
        let again = content(&shop.path("out"));
        for (name, bytes) in &again {
            fs::write(shop.path("out").join(name), &good[name]).unwrap();
            assert!(!bytes.is_empty());
        }
    }
    assert!(unfinished > 1, "no run was killed before it had finished");

    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    assert_eq!(hidden(&shop), None, "the next run sweeps up");
    assert!(content(&shop.path("out"))["plan.csv"] == good["plan.csv"]);
}
