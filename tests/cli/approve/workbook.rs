//! What a workbook lists, and what it does not.

use super::*;

#[test]
fn nothing_waits_in_an_approved_plan() {
    let shop = Shop::new();
    let asked = ["--set", "approval.change=0.05"];
    shop.plan_on_model("plan.toml", "out", &asked).ended(0);
    // Keywords that have never run in an hour are switched off there: nothing would list them but that somebody did so.
    let new: Vec<Row> =
        shop.bids("out").0.into_iter().filter(|row| row.run && row.last_bid.is_none()).collect();
    let off = |cells: &[Data]| {
        let hour = |row: &Row| cells[HOUR] == Data::Float(f64::from(row.hour));
        new.iter().any(|row| cells[UNIT] == Data::String(row.unit.clone()) && hour(row))
    };
    edit(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |_, cells| {
        [text(if off(cells) { "off" } else { "yes" }), None]
    });
    let approve = |workbook: &str, out: &str| {
        let words = [&["--approve", workbook][..], &asked].concat();
        let ran = shop.plan_on_model("plan.toml", out, &words);
        assert!(!ran.stderr.contains("A034") && !ran.stderr.contains("A037"), "{}", ran.stderr);
    };
    approve("edited.xlsx", "approved");
    for sheet in ["Search bids", "Display bids", "Affiliate bids"] {
        let waits = |folder: &str| {
            let rows = rows_of(&shop.path(&format!("{folder}/bids.xlsx")), sheet);
            rows.iter().filter(|row| row[APPROVE] == Data::String("?".into())).count()
        };
        assert_eq!(waits("approved"), 0, "{sheet}");
        assert!(sheet != "Search bids" || waits("out") > 0, "something waited before");
    }
    // So it may be approved once more, and stays as it is.
    approve("approved/bids.xlsx", "again");
    same_bids(&shop.bids("approved").0, &shop.bids("again").0);
}

#[test]
fn what_the_workbook_does_not_list_is_told() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let before = shop.bids("out").0;
    let gone: Vec<&Row> = before.iter().filter(|row| row.unit == "kw-0001" && row.run).collect();
    assert!(!gone.is_empty());
    copy(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |_, row, cells| {
        if row > HEAD && cells[UNIT] == Data::String("kw-0001".into()) {
            cells.fill(Data::Empty);
        } else if row > HEAD {
            cells[APPROVE] = Data::String("yes".into());
        }
    });
    let ran = shop.plan_on_model("plan.toml", "approved", &["--approve", "edited.xlsx"]).ended(0);
    let spend: f64 = gone.iter().map(|row| row.sums["spend"]).sum();
    let told = format!("{} unit-hours run that the workbook does not list; {spend:.2} of spend", gone.len());
    assert!(ran.stderr.contains("A037") && ran.stderr.contains(&told), "{told}: {}", ran.stderr);
    same_bids(&before, &shop.bids("approved").0);
}

#[test]
fn a_slot_that_was_off_stays_off() {
    let shop = Shop::new();
    shop.patch("plan.toml", "fixed_fee = 9000", "fixed_fee = 900000");
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let slots = rows_of(&shop.path("out/bids.xlsx"), "Group buy bids");
    let listed = slots.iter().filter(|row| row[UNIT] == Data::String("slot-0".into())).collect::<Vec<_>>();
    assert_eq!(listed.len(), 1, "a slot on offer is listed, taken or not: {slots:?}");
    assert_eq!(listed[0][NEW], Data::String("off".into()));
    assert_eq!(slots.len(), 4, "a row each, of the hours in which it is on offer");
    edit(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |_, _| [text("yes"), None]);
    // By now it would pay.
    shop.patch("plan.toml", "fixed_fee = 900000", "fixed_fee = 9000");
    shop.plan_on_model("plan.toml", "approved", &["--approve", "edited.xlsx"]);
    assert!(shop.bids("approved").0.iter().all(|row| row.unit != "slot-0" || !row.run));
}

#[test]
fn the_workbook_that_somebody_wrote_into_stays() {
    let shop = Shop::new();
    shop.with_model();
    let plan = ["plan", "plan.toml", "--model", "model.json", "--no-frontier", "-q"];
    shop.run(&plan).ended(0);
    let edited = shop.path("runs/2026-12-12/bids.xlsx");
    edit(&edited.clone(), &edited, |_, _| [text("yes"), None]);
    let (before, bids) = (fs::read(&edited).unwrap(), shop.bids("runs/2026-12-12"));
    let ran = shop.run(&[&plan[..], &["--approve", "runs/2026-12-12/bids.xlsx"]].concat()).ended(0);
    assert!(ran.stdout.contains("runs/2026-12-12-approved"), "{}", ran.stdout);
    assert_eq!(fs::read(&edited).unwrap(), before);
    same_bids(&bids.0, &shop.bids("runs/2026-12-12-approved").0);
}

#[test]
fn what_is_no_workbook_of_bids_is_refused() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let refused = |file: &str, more: &[&str], code: &str| {
        let ran =
            shop.plan_on_model("plan.toml", "approved", &[&["--approve", file], more].concat()).ended(2);
        assert!(ran.stderr.contains(code) && !shop.path("approved").exists(), "{code}: {}", ran.stderr);
    };
    refused("plan.toml", &[], "A030");
    refused("nowhere.xlsx", &[], "F001");
    shop.run(&["export", "out", "--platform", "zhitongche", "--lang", "zh", "-q"]).ended(0);
    refused("out-zhitongche/bids.xlsx", &[], "A030");
    refused("out/bids.xlsx", &[], "A038");
    edit(&shop.path("out/bids.xlsx"), &shop.path("decided.xlsx"), |_, _| [text("yes"), None]);
    refused("decided.xlsx", &["--date", "2026-12-13"], "A032");
    copy(&shop.path("out/bids.xlsx"), &shop.path("dateless.xlsx"), |name, row, cells| {
        if row == 0 && name == "Search bids" {
            cells[0] = Data::String("Search".into());
        }
    });
    refused("dateless.xlsx", &[], "A032");
    edit(&shop.path("out/bids.xlsx"), &shop.path("odd.xlsx"), |_, _| [text("perhaps"), None]);
    refused("odd.xlsx", &[], "A031");
    edit(&shop.path("out/bids.xlsx"), &shop.path("both.xlsx"), |_, _| [text("no"), Some(Data::Float(1.0))]);
    refused("both.xlsx", &[], "A031");
    // A slot has no bid: its fee and its commission are the plan file's.
    edit(&shop.path("out/bids.xlsx"), &shop.path("slot.xlsx"), |name, _| match name {
        "Group buy bids" => [text("yes"), Some(Data::Float(5.0))],
        _ => [text("yes"), None],
    });
    refused("slot.xlsx", &[], "A031");
    // The second row says that it is the first one, and says something else of it.
    let first = rows_of(&shop.path("out/bids.xlsx"), "Search bids").swap_remove(0);
    copy(&shop.path("out/bids.xlsx"), &shop.path("twice.xlsx"), |name, row, cells| {
        if name == "Search bids" && row == HEAD + 2 {
            cells.clone_from_slice(&first);
            (cells[APPROVE], cells[YOURS]) = (Data::String("off".into()), Data::Empty);
        }
    });
    refused("twice.xlsx", &[], "A031");
}

#[test]
fn a_decision_may_be_written_as_people_write_it() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let words = ["Yes", " YES ", "Y", "是", "TRUE", "yes"];
    let next = std::cell::Cell::new(0);
    edit(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |_, _| {
        next.set(next.get() + 1);
        [text(words[next.get() % words.len()]), None]
    });
    shop.plan_on_model("plan.toml", "approved", &["--approve", "edited.xlsx"]).ended(0);
    same_bids(&shop.bids("out").0, &shop.bids("approved").0);
}

/// A formula that no spreadsheet program has counted has no value, so nobody knows what bid was meant.
#[test]
fn a_formula_without_a_value_is_refused() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    copy(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |name, row, cells| {
        if row > HEAD {
            cells[APPROVE] = Data::String("yes".into());
        }
        if name == "Search bids" && row == HEAD + 1 {
            cells[YOURS] = Data::String("=1+1".into());
        }
    });
    let ran = shop.plan_on_model("plan.toml", "approved", &["--approve", "edited.xlsx"]).ended(2);
    assert!(ran.stderr.contains("error[A031]") && ran.stderr.contains("has no value yet"), "{}", ran.stderr);
}
