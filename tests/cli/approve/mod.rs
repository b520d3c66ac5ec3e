//! `bidwright plan --approve`: the workbook with a person's decisions, taken back.

mod schedule;
mod workbook;

use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::{Formula, Workbook};

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
                    Data::String(text) if text.starts_with('=') => {
                        let uncounted = Formula::new(text).set_result(" ");
                        sheet.write_formula(row, col, uncounted).map(|_| ())
                    }
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
