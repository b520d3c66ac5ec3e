//! Bids set by hand, as far as a platform can keep them.

use super::*;

#[test]
fn a_platform_keeps_what_was_set_by_hand_as_far_as_it_can() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &["--lang", "zh"]).ended(0);
    shop.run(&["export", "out", "--platform", "zhitongche", "-q"]).ended(0);
    let effective = |folder: &str| -> Vec<Effective> {
        let text = shop.text(&format!("{folder}/effective.csv"));
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
    };
    // Of what runs there: one keyword off all day, one off in one hour, one at a bid of its own that is near, one at
    // 0.06 in one hour.
    let before = effective("out-zhitongche");
    let mut running: Vec<&Effective> =
        before.iter().filter(|row| row.hour == 12 && row.bid.is_some()).collect();
    running.sort_by(|a, b| (&a.campaign, &a.unit).cmp(&(&b.campaign, &b.unit)));
    let [off, once, near, far] = [0, 1, 2, 3].map(|at| running[at]);
    let own = (near.bid.unwrap() * 103.0).round() / 100.0;
    edit(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |name, cells| {
        let is = |row: &Effective, any: bool| {
            let unit = name == "直通车出价" && cells[UNIT] == Data::String(row.unit.clone());
            unit && (any || cells[HOUR] == Data::Float(f64::from(row.hour)))
        };
        match () {
            () if is(off, true) => [text("停投"), None],
            () if is(once, false) => [text("停投"), None],
            () if is(near, false) => [text("同意"), Some(Data::Float(own))],
            () if is(far, false) => [text("同意"), Some(Data::Float(0.06))],
            () => [text("同意"), None],
        }
    });
    let ran = shop.plan_on_model("plan.toml", "approved", &["--approve", "edited.xlsx", "--lang", "zh"]);
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    let ran = shop.run(&["export", "approved", "--platform", "zhitongche", "--out", "sheets", "-q"]).ended(0);
    let after = effective("sheets");
    let found = |row: &Effective| {
        after.iter().find(|other| other.unit == row.unit && other.hour == row.hour).unwrap()
    };
    assert!(after.iter().all(|row| row.unit != off.unit || row.bid.is_none()), "it is paused all day");
    let rounding = 0.005 + 0.005 * own;
    assert!((found(near).bid.unwrap() - own).abs() <= rounding + 1e-9, "{:?} for {own}", found(near).bid);
    // One keyword cannot be switched off in one hour, nor bid a twentieth there; it says so and goes on.
    let kept = shop.text("sheets/by-hand.csv");
    let said = |row: &Effective| {
        let told = kept.lines().find(|line| {
            line.starts_with(&format!("{},", row.hour)) && line.contains(&format!(",{},", row.unit))
        });
        told.unwrap_or_else(|| panic!("{} is not told: {kept}", row.unit)).to_owned()
    };
    assert!(said(near).contains("yes, within rounding") && said(off).contains("yes"), "{kept}");
    for row in [once, far] {
        let is_kept = found(row).bid.is_none_or(|bid| (bid - 0.06).abs() < 0.006);
        assert_eq!(said(row).contains("yes"), is_kept, "{}", said(row));
    }
    let lost = kept.lines().skip(1).filter(|line| line.contains("no: ")).count();
    assert_eq!(lost > 0, ran.stderr.contains("O011"), "{lost}: {}", ran.stderr);
    assert_eq!(shop.summary("sheets")["by_hand"]["kept"], kept.lines().count() - 1 - lost);
}

/// A row of `effective.csv`, as far as it is looked at.
#[derive(serde::Deserialize)]
struct Effective {
    hour: u8,
    campaign: String,
    unit: String,
    bid: Option<f64>,
}
