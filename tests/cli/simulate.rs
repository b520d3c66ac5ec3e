//! `simulate`: the sample's own files, to the byte.

use std::fs;
use std::path::Path;

use crate::shop::{SAMPLE, Shop};

const OUTPUTS: [&str; 2] = ["history/history.parquet", "export/last-week.csv"];

#[test]
fn the_sample_is_what_its_shop_file_says() {
    let shop = Shop::new();
    let ran = shop.run(&["simulate", "plan.toml", "--out", "fresh", "--threads", "1"]).ended(0);
    for file in OUTPUTS {
        let fresh = fs::read(shop.path("fresh").join(file)).unwrap();
        assert!(fresh == fs::read(Path::new(SAMPLE).join(file)).unwrap(), "{file} differs from the sample's");
        assert!(ran.stdout.contains(file), "{}", ran.stdout);
    }
}

#[test]
fn what_exists_is_replaced_only_by_force() {
    let shop = Shop::new();
    shop.write(OUTPUTS[0], "mine");
    let ran = shop.run(&["simulate", "plan.toml"]).ended(2);
    assert_eq!(ran.stderr.matches("error[U002]").count(), 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("choose another --out, or say --force"), "{}", ran.stderr);
    assert_eq!(shop.text(OUTPUTS[0]), "mine");
    shop.run(&["simulate", "plan.toml", "--force"]).ended(0);
    assert!(
        fs::read(shop.path(OUTPUTS[0])).unwrap() == fs::read(Path::new(SAMPLE).join(OUTPUTS[0])).unwrap()
    );
}

#[test]
fn a_report_is_replaced_only_by_force() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    shop.write("day.parquet", "mine");
    let words = ["simulate", "plan.toml", "--plan", "out", "--report", "day.parquet"];
    let ran = shop.run(&words).ended(2);
    assert!(ran.stderr.contains("error[U002]") && ran.stderr.contains("another --report"), "{}", ran.stderr);
    assert_eq!(shop.text("day.parquet"), "mine");
    shop.run(&[&words[..], &["--force"]].concat()).ended(0);
    assert!(fs::read(shop.path("day.parquet")).unwrap().starts_with(b"PAR1"));
}
