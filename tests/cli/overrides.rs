//! Overrides: other limits for part of the shop, and what the plan makes of them.

use crate::bids::{Bids, Row};
use crate::shop::Shop;

const OVERRIDES: &str = r#"
[[override]]                      # paused by a pattern, in some hours
where = { unit = ["kw-000*"], hour = ["8-12"] }
run = false

[[override]]                      # one of them runs after all: later ones win
where = { unit = "kw-0003" }
run = true

[[override]]                      # fixed
where = { unit = "kw-0017" }
bid = 1.35

[[override]]                      # another band
where = { campaign = "长尾词" }
position = [4, 5]

[[override]]                      # bid by the platform itself
where = { channel = "display", unit = "粉丝*" }
managed = false

[[override]]                      # another range, and by steps of ten
where = { channel = "display", unit = "新客*" }
bid = [10, 20]
bid_step = 5

[[override]]
where = { campaign = "竞品词" }
max_change = 0.1
"#;

#[test]
fn overrides_are_obeyed() {
    let shop = Shop::new();
    shop.write("plan.toml", shop.text("plan.toml") + OVERRIDES);
    let ran = shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    assert!(ran.stdout.contains("every rule is met"), "{}", ran.stdout);
    let bids = shop.bids("out");
    #[track_caller]
    fn some<'b>(bids: &'b Bids, keep: &dyn Fn(&Row) -> bool) -> Vec<&'b Row> {
        let rows: Vec<&Row> = bids.0.iter().filter(|row| keep(row)).collect();
        assert!(!rows.is_empty());
        rows
    }

    let morning = |row: &Row| (8..12).contains(&row.hour);
    for row in some(&bids, &|row| row.unit.starts_with("kw-000") && row.unit != "kw-0003" && morning(row)) {
        assert!(!row.run && row.bid.is_none() && row.reason.contains("pause"), "{row:?}");
    }
    assert!(
        some(&bids, &|row| row.unit == "kw-0003" && morning(row)).iter().any(|row| row.run),
        "the later override wins"
    );
    assert!(some(&bids, &|row| row.unit.starts_with("kw-000") && !morning(row)).iter().any(|row| row.run));

    for row in some(&bids, &|row| row.unit == "kw-0017" && row.run) {
        assert_eq!(row.bid, Some(1.35), "{row:?}");
    }
    for row in some(&bids, &|row| row.campaign == "长尾词" && row.run) {
        assert!((4.0..=5.0).contains(&row.position.unwrap()), "{row:?}");
    }
    for row in some(&bids, &|row| row.unit.starts_with("新客") && row.run) {
        assert!([10.0, 15.0, 20.0].contains(&row.bid.unwrap()), "{row:?}");
    }
    for row in some(&bids, &|row| row.campaign == "竞品词" && row.run) {
        let change = row.bid.unwrap() / row.last_bid.unwrap() - 1.0;
        assert!(change.abs() <= 0.1 + 1e-9, "{row:?}");
    }

    // Not planned, but counted: its spend is in the rules.
    let unmanaged = some(&bids, &|row| row.channel == "display" && row.unit.starts_with("粉丝"));
    assert!(unmanaged.iter().all(|row| row.run && row.bid.is_none() && row.sums["spend"] > 0.0));
    let display = bids.sum("spend", |row| row.channel == "display");
    let summary = shop.summary("out");
    let rule =
        summary["rules"].as_array().unwrap().iter().find(|row| row["rule"] == "display budget").unwrap();
    assert!((rule["value"].as_f64().unwrap() - display).abs() < 0.1, "{rule} and {display}");
}

#[test]
fn bids_of_an_override_are_looked_at_once_its_units_are_known() {
    let shop = Shop::new();
    let plain = shop.text("plan.toml");
    shop.write("plan.toml", plain.clone() + "\n[[override]]\nwhere = { unit = \"kw-0017\" }\nbid = 1.357\n");
    let ran = shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    assert!(ran.stderr.contains("warning[C032]") && ran.stderr.contains("1.357"), "{}", ran.stderr);
    let fixed = shop.bids("out").0.into_iter().filter(|row| row.unit == "kw-0017" && row.run);
    let fixed: Vec<_> = fixed.map(|row| row.bid).collect();
    assert!(!fixed.is_empty() && fixed.iter().all(|bid| *bid == Some(1.36)), "{fixed:?}");

    let narrow = "\n[[override]]\nwhere = { unit = \"kw-0017\" }\nbid = [1.352, 1.358]\n";
    shop.write("plan.toml", plain + narrow);
    let ran = shop.plan_on_model("plan.toml", "narrow", &[]).ended(0);
    let says = "no multiple of the bid step 0.01 lies in 1.352 to 1.358";
    assert!(ran.stderr.contains("warning[C033]") && ran.stderr.contains(says), "{}", ran.stderr);
    assert!(shop.bids("narrow").0.iter().filter(|row| row.unit == "kw-0017").all(|row| !row.run));
}
