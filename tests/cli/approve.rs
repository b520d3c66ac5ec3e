//! `bidwright plan --approve`: the workbook with a person's decisions, taken back.

use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;

use crate::bids::Row;
use crate::shop::Shop;

/// Row of the heads of a sheet of bids, and the columns that tests look at.
const HEAD: usize = 2;
const APPROVE: usize = 0;
const YOURS: usize = 1;
const HOUR: usize = 2;
const UNIT: usize = 4;
const NEW: usize = 7;

/// Copies the values of a workbook, each row of bids as `change` leaves it; the title is a row, too.
fn copy(from: &Path, to: &Path, change: impl Fn(&str, usize, &mut [Data])) {
    let mut book: Xlsx<_> = open_workbook(from).unwrap();
    let mut copy = Workbook::new();
    for name in book.sheet_names() {
        let sheet = copy.add_worksheet().set_name(&name).unwrap();
        let range = book.worksheet_range(&name).unwrap();
        for (row, cells) in range.rows().enumerate() {
            let mut cells = cells.to_vec();
            if name.ends_with(" bids") || name.ends_with("出价") {
                change(&name, row, &mut cells);
            }
            for (col, cell) in cells.into_iter().enumerate() {
                let (row, col) = (row as u32, col as u16);
                match cell {
                    Data::Float(number) => sheet.write_number(row, col, number).map(|_| ()),
                    Data::Int(number) => sheet.write_number(row, col, number as f64).map(|_| ()),
                    Data::String(text) => sheet.write_string(row, col, text).map(|_| ()),
                    _ => Ok(()),
                }
                .unwrap();
            }
        }
    }
    copy.save(to).unwrap();
}

/// Copies a workbook, each row of bids as `decide` leaves its approval and own bid.
fn edit(from: &Path, to: &Path, decide: impl Fn(&str, &[Data]) -> [Option<Data>; 2]) {
    copy(from, to, |name, row, cells| {
        let decided = if row > HEAD { decide(name, cells) } else { [None, None] };
        for (cell, decided) in cells.iter_mut().zip(decided) {
            *cell = decided.unwrap_or_else(|| cell.clone());
        }
    });
}

/// The rows of bids of a sheet.
fn rows_of(book: &Path, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(book).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().skip(HEAD + 1).map(<[Data]>::to_vec).collect()
}

/// All bids of two plans are the same.
#[track_caller]
fn same_bids(one: &[Row], other: &[Row]) {
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        assert_eq!((one.run, one.bid), (other.run, other.bid), "{} {} {}", one.channel, one.unit, one.hour);
    }
}

fn text(word: &str) -> Option<Data> {
    Some(Data::String(word.into()))
}

fn of<'r>(rows: &'r [Row], channel: &str, unit: &str, hour: u8) -> &'r Row {
    rows.iter().find(|row| row.channel == channel && row.unit == unit && row.hour == hour).unwrap()
}

#[test]
fn decisions_are_carried_out_and_counted_again() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    let before = shop.bids("out").0;
    // Three hours of three keywords that run and have run: one is refused, one switched off, one set by hand.
    let mut running = before.iter().filter(|row| {
        let changes = row.last_bid.zip(row.bid).is_some_and(|(last, bid)| (last - bid).abs() > 0.011);
        row.channel == "search" && row.run && changes
    });
    let [refused, off, own] = std::array::from_fn(|_| running.next().unwrap());
    let is = |cells: &[Data], row: &Row| {
        cells[UNIT] == Data::String(row.unit.clone()) && cells[HOUR] == Data::Float(f64::from(row.hour))
    };
    edit(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |_, cells| match cells {
        cells if is(cells, refused) => [text("no"), None],
        cells if is(cells, off) => [text("off"), None],
        cells if is(cells, own) => [text("yes"), Some(Data::Float(0.07))],
        _ => [text("yes"), None],
    });
    let ran = shop.plan_on_model("plan.toml", "approved", &["--approve", "edited.xlsx"]);
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    let after = shop.bids("approved").0;
    let found = |row: &Row| of(&after, "search", &row.unit, row.hour);
    assert_eq!((found(refused).run, found(refused).bid), (true, refused.last_bid));
    assert!(!found(off).run && found(off).reason.contains("approved workbook"));
    assert_eq!(found(own).bid, Some(0.07));
    assert!(found(own).sums["spend"] < own.sums["spend"], "a bid of 0.07 buys less");
    let touched =
        |row: &Row| [refused, off, own].iter().any(|one| one.unit == row.unit && one.hour == row.hour);
    for (one, other) in before.iter().zip(&after).filter(|(row, _)| row.channel != "search" || !touched(row))
    {
        assert_eq!(
            (one.run, one.bid, &one.sums),
            (other.run, other.bid, &other.sums),
            "{} {}",
            one.unit,
            one.hour
        );
    }
    let evidence = &shop.summary("approved")["evidence"];
    assert_eq!(evidence["by_hand"], 3);
    let revenue =
        |rows: &[Row]| rows.iter().filter(|row| row.run).map(|row| row.sums["revenue"]).sum::<f64>();
    let cost = evidence["by_hand_cost"].as_f64().unwrap();
    assert!((cost - (revenue(&before) - revenue(&after))).abs() < 0.01, "{cost}");
    assert!(ran.stdout.contains("3 bids are not the plan's"), "{}", ran.stdout);
    assert_eq!(ran.code == 0, ran.stdout.contains("short of the best plan"), "{}", ran.stdout);

    // The folder says whose bids it has, so nobody explains bids that no rule gave.
    let manifest: serde_json::Value = serde_json::from_str(&shop.text("approved/manifest.json")).unwrap();
    assert!(manifest["approved"]["path"].as_str().unwrap().ends_with("edited.xlsx"));
    assert_eq!(manifest["approved"]["bytes"], fs::metadata(shop.path("edited.xlsx")).unwrap().len());
    let refused = shop.run(&["explain", "approved"]).ended(2);
    assert!(refused.stderr.contains("O010") && refused.stderr.contains("edited.xlsx"), "{}", refused.stderr);
    // 0.07 is far behind the band: a person may want that, and the other channel's sheets are made all the same.
    let ran = shop.run(&["export", "approved", "--platform", "zuanzhan", "--out", "sheets", "-q"]);
    assert!([0, 3].contains(&ran.code) && !ran.stderr.contains("O011"), "{ran:?}");
}

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

#[test]
fn what_breaks_a_rule_is_said() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &["--lang", "zh"]).ended(0);
    // Commissions of 45 % for everybody: more than the budget.
    edit(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |name, _| match name {
        "淘宝客出价" => [text("同意"), Some(Data::Float(0.45))],
        _ => [text("同意"), None],
    });
    let ran = shop.plan_on_model("plan.toml", "approved", &["--approve", "edited.xlsx"]).ended(3);
    assert!(ran.stderr.contains("A036") && ran.stderr.contains("budget"), "{}", ran.stderr);
    let summary = shop.summary("approved");
    let rule =
        |name: &str| summary["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == name).unwrap();
    assert!(rule("budget")["value"].as_f64().unwrap() > 40_000.0 && rule("budget")["met"] == false);
    assert_eq!(summary["status"], "feasible");

    // Nothing is said of how good a plan is that keeps no rule.
    assert!(ran.stdout.contains("FAIL"), "{}", ran.stdout);
    for praise in ["short of the best plan", "no mix of the bids", "possible: gap"] {
        assert!(!ran.stdout.contains(praise), "{}", ran.stdout);
    }
    let beside = shop.run(&["compare", "out", "approved", "--out", "beside"]).ended(0);
    assert!(beside.stdout.contains("approved (2026-12-12): not every rule is met"), "{}", beside.stdout);
    assert!(beside.stdout.contains("out (2026-12-12): the best plan"), "{}", beside.stdout);
    assert!(shop.text("beside/compare.html").contains("not every rule is met"));
}

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
fn large_changes_and_thin_units_wait_and_fall_back() {
    let shop = Shop::new();
    let asked = ["--set", "approval.change=0.05", "--set", "approval.min_rows=1"];
    shop.plan_on_model("plan.toml", "out", &asked).ended(0);
    let bids = shop.bids("out").0;
    let large = |row: &Row| {
        let (last, bid) = (row.last_bid.unwrap_or(0.0), row.bid.unwrap_or(0.0));
        row.run && last > 0.0 && (bid / last - 1.0).abs() > 0.05 + 1e-9
    };
    let sheet = rows_of(&shop.path("out/bids.xlsx"), "Search bids");
    let open = sheet.iter().filter(|row| row[APPROVE] == Data::String("?".into())).count();
    let expected = bids.iter().filter(|row| row.channel == "search" && large(row)).count();
    assert!(expected > 100 && open == expected, "{open} wait, {expected} change by more than 5 %");
    assert!(sheet.iter().all(|row| row[YOURS] == Data::Empty));

    // A workbook that nobody wrote into decides nothing.
    let approve = |file: &str| {
        shop.plan_on_model("plan.toml", "approved", &[&["--approve", file][..], &asked].concat())
    };
    let ran = approve("out/bids.xlsx").ended(2);
    let told = ran.stderr.contains("A038") && ran.stderr.contains("bids are still open");
    assert!(told && !shop.path("approved").exists(), "{}", ran.stderr);

    // With one bid decided, the others fall back.
    let waits = |cells: &[Data]| cells[APPROVE] == Data::String("?".into());
    let first = sheet.iter().find(|row| waits(row)).unwrap();
    let decided = |cells: &[Data]| cells[UNIT] == first[UNIT] && cells[HOUR] == first[HOUR];
    edit(&shop.path("out/bids.xlsx"), &shop.path("edited.xlsx"), |name, cells| {
        [text("yes").filter(|_| name == "Search bids" && decided(cells)), None]
    });
    let ran = approve("edited.xlsx");
    assert!(ran.stderr.contains("A034"), "{}", ran.stderr);
    let after = shop.bids("approved").0;
    let one = |row: &Row| {
        first[UNIT] == Data::String(row.unit.clone()) && first[HOUR] == Data::Float(f64::from(row.hour))
    };
    let taken = bids.iter().find(|row| row.channel == "search" && one(row)).unwrap();
    assert_eq!(of(&after, "search", &taken.unit, taken.hour).bid, taken.bid);
    for row in bids.iter().filter(|row| row.channel == "search" && large(row) && !one(row)) {
        let found = of(&after, "search", &row.unit, row.hour);
        assert!((found.bid.unwrap() - row.last_bid.unwrap()).abs() < 1e-6, "{} {}", row.unit, row.hour);
    }
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
