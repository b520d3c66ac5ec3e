//! Bad plan files: one good example, patched in one place each.

mod cases;

use std::path::Path;

use super::load;
use crate::config::{BidOverride, Constant, Objective, Request};
use crate::error::{Error, Finding};
use cases::{CASES, Case};

const GOOD: &str = include_str!("good.toml");

fn load_text(text: &str, set: &[&str]) -> Result<Request, Vec<Finding>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.toml");
    std::fs::write(&path, text).unwrap();
    let set: Vec<String> = set.iter().map(|argument| (*argument).to_owned()).collect();
    load(&path, &set).map_err(|error| match error {
        Error::Input(findings) => findings,
        other => panic!("not a finding: {other}"),
    })
}

/// Code, line and text of each finding.
fn outline(findings: &[Finding]) -> Vec<(&'static str, Option<usize>, String)> {
    let place = |finding: &Finding| finding.place.as_ref().unwrap().line;
    findings.iter().map(|finding| (finding.code, place(finding), finding.to_string())).collect()
}

/// The line of the first place where the patch differs from the good example.
fn line_of(text: &str, part: &str) -> usize {
    text[..text.find(part).unwrap()].matches('\n').count() + 1
}

#[test]
fn each_slip_is_found_at_its_line() {
    assert!(CASES.len() >= 40);
    let wrong: Vec<String> = CASES.iter().filter_map(|case| judge(case).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is wrong with the findings of a case.
fn judge((from, to, code, at, words): &Case) -> Result<(), String> {
    let wrong = |how: String| Err(format!("`{to}` for `{from}`: {how}"));
    if GOOD.matches(from).count() != 1 {
        return wrong("it must stand once in the good example".into());
    }
    let text = GOOD.replacen(from, to, 1);
    let Err(found) = load_text(&text, &[]) else { return wrong("it was accepted".into()) };
    let found = outline(&found);
    match &found[..] {
        [(found_code, line, shown)] => {
            let expected = (*code, Some(line_of(&text, at)));
            if (*found_code, *line) != expected {
                return wrong(format!("expected {expected:?}: {shown}"));
            }
            match words.iter().find(|word| !shown.contains(**word)) {
                Some(word) => wrong(format!("`{word}` is not in: {shown}")),
                None => Ok(()),
            }
        }
        _ => wrong(format!("it is one slip: {found:#?}")),
    }
}

#[test]
fn the_good_example_is_read() {
    let file = load_text(GOOD, &[]).unwrap().file;
    assert_eq!(file.plan.date, Some(jiff::civil::date(2026, 12, 12)));
    assert_eq!(file.plan.objective, Objective::Profit);
    assert_eq!(file.rules.len(), 4);
    assert_eq!(file.group_buy.slot.len(), 2);
    assert_eq!(file.overrides[0].bid, Some(BidOverride::Fixed(1.25)));
    assert!(matches!(file.history.source[0].constants["date"], Constant::Date(_)));
}

#[test]
fn a_plan_file_without_history_is_refused() {
    for (text, code) in [("", "C004"), ("[history]\n", "C010")] {
        let found = load_text(text, &[]).unwrap_err();
        assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [code], "{found:?}");
    }
}

#[test]
fn all_slips_are_found_at_once_and_in_order() {
    let text = GOOD
        .replace("margin = 0.4", "margn = \"x\"")
        .replace("per = [\"channel\"]", "per = 3")
        .replace("9000", "\"9000\"");
    let codes: Vec<_> = outline(&load_text(&text, &[]).unwrap_err())
        .into_iter()
        .map(|(code, line, _)| (code, line))
        .collect();
    let line = |part| Some(line_of(&text, part));
    assert_eq!(codes, [("C002", line("margn")), ("C003", line("\"9000\"")), ("C003", line("per = 3"))]);

    let text = GOOD
        .replace("margin = 0.4", "margin = 4")
        .replace("fixed_fee = 9000", "fixed_fee = -1")
        .replace("max = 30000", "max = -1");
    let codes: Vec<_> = load_text(&text, &[]).unwrap_err().iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["C012", "C012", "C023"]);
}

#[test]
fn columns_are_counted_in_characters() {
    let text = GOOD.replace("constants = { channel", "constants = { \"渠道\" = [], channel");
    let found = load_text(&text, &[]).unwrap_err();
    let place = found[0].place.as_ref().unwrap();
    let line = text.lines().nth(place.line.unwrap() - 1).unwrap();
    let column = line.chars().position(|c| c == '[').unwrap() + 1;
    assert_eq!(place.column, Some(column.to_string()));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_harmless() {
    let text = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    assert!(load_text(&text, &[]).is_ok());
    let text = text.replace("margin = 0.4", "margn = 0.4");
    let found = load_text(&text, &[]).unwrap_err();
    assert_eq!(found[0].place.as_ref().unwrap().line, Some(line_of(&text, "margn")));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.toml");
    std::fs::write(&path, b"[plan]\ncurrency = \"\xb8\xdf\"\n").unwrap();
    let found = load(&path, &[]).unwrap_err().findings();
    assert_eq!((found[0].code, found[0].place.as_ref().unwrap().line), ("C001", Some(2)));
}

#[test]
fn set_adds_rules_takes_them_away_and_switches_them_off() {
    let set = [
        "rule.+={ name = \"night\", metric = \"spend\", where = { hour = [\"0-6\"] }, max = 500 }",
        "rule.night.max=450",
        "rule.-=\"search cap\"",
        "rule.roi.off=true",
    ];
    let file = load_text(GOOD, &set).unwrap().file;
    let names: Vec<&str> = file.rules.iter().map(|rule| rule.name.as_str()).collect();
    let before = load_text(GOOD, &[]).unwrap().file;
    let mut expected: Vec<&str> = before.rules.iter().map(|rule| rule.name.as_str()).collect();
    expected.retain(|name| !["roi", "search cap"].contains(name));
    expected.push("night");
    assert_eq!(names, expected);
    assert_eq!(file.rules.last().unwrap().max, Some(450.0));
    assert_eq!((file.off.len(), file.off[0].name.as_str()), (1, "roi"));
    // A list that the file has not begins with it; what is wrong in it is said of it.
    let first = load_text("[history]\nfiles = [\"a.csv\"]\n", &set[..1]).unwrap().file;
    assert_eq!(first.rules.len(), 1);
    let wrong = load_text(GOOD, &["rule.+={ name = \"night\", metric = \"spent\", max = 1 }"]).unwrap_err();
    assert_eq!(wrong[0].code, "C005");
    let unknown = load_text(GOOD, &["rule.-=\"serach cap\""]).unwrap_err();
    assert!(unknown[0].code == "C007" && unknown[0].action.contains("`search cap`"), "{unknown:?}");
    // A rule that is off is a rule all the same.
    let twice =
        load_text(GOOD, &["rule.+={ name = \"roi\", metric = \"roi\", min = 1, off = true }"]).unwrap_err();
    assert_eq!(twice[0].code, "C020");
}

#[test]
fn set_lays_values_over_the_file() {
    let set = [
        "plan.objective=orders",
        "plan.date=2026-12-13",
        "rule.roi.min=2.5",
        "rule.0.max=20000",
        "rule.search cap.max = 9000",
        "rule.'evening round'.where.hour=[21, \"22-24\"]",
        "group_buy.slot.slot-1.rate=0.1",
        "search.bid=[0.1, 5]",
        "uplift.price=1.5",
        "plan.timezone=Asia/Tokyo",
    ];
    let file = load_text(GOOD, &set).unwrap().file;
    assert_eq!(file.plan.objective, Objective::Orders);
    assert_eq!(file.plan.date, Some(jiff::civil::date(2026, 12, 13)));
    assert_eq!(file.rules[1].min, Some(2.5));
    assert_eq!(file.rules[0].max, Some(20000.0));
    assert_eq!(file.rules[2].max, Some(9000.0));
    assert!(file.rules[3].scope.as_ref().unwrap().has_hour(23, "", &file.phases));
    assert_eq!(file.group_buy.slot[1].rate, 0.1);
    assert_eq!(file.search.bid, [0.1, 5.0]);
    assert_eq!(file.uplift.price, 1.5);
    assert_eq!(file.plan.timezone, "Asia/Tokyo");
}

#[test]
fn a_bad_argument_is_named() {
    for (argument, code, words) in [
        ("plan.objectiv=profit", "C002", "did you mean `objective`?"),
        ("pln.objective=profit", "C002", "did you mean `plan`?"),
        ("plan.objective", "C007", "KEY=VALUE"),
        ("=1", "C007", "KEY=VALUE"),
        ("rule.rio.min=2", "C007", "did you mean `roi`?"),
        ("rule.9.min=2", "C007", "budget, roi"),
        ("plan.margin.x=2", "C007", "not a table"),
        ("plan.margin=much", "C003", "must be a number, not text"),
        ("plan.margin=7", "C012", "at most 1"),
        ("rule.roi.min=", "C003", "must be a number"),
        ("rule.roi={min = -1, name = \"roi\", metric = \"roi\"}", "C023", "never below 0"),
    ] {
        let found = load_text(GOOD, &[argument]).err().unwrap_or_else(|| panic!("{argument} was accepted"));
        assert_eq!(found.len(), 1, "{argument}: {found:?}");
        assert_eq!(found[0].code, code, "{}", found[0]);
        assert_eq!(found[0].place.as_ref().unwrap().file, Path::new("--set"), "{}", found[0]);
        assert_eq!(found[0].value.as_deref(), Some(argument));
        assert!(found[0].to_string().contains(words), "{}", found[0]);
    }
}

#[test]
fn the_schema_describes_every_key() {
    let schema = crate::config::schema();
    assert!(schema["$schema"].as_str().unwrap().starts_with("https://json-schema.org/"));
    assert_eq!(schema["title"], "Plan file of bidwright");
    let tables = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    let mut keys = 0;
    for table in tables {
        for (key, property) in table["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{key} has no description");
            keys += 1;
        }
    }
    assert!(keys > 50, "{keys} keys");
}

#[test]
fn a_fixed_bid_off_its_step_is_doubtful_but_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.toml");
    let doubts = |text: &str| {
        std::fs::write(&path, text).unwrap();
        super::examine(&path, &[]).unwrap().1
    };
    let text = GOOD.replace("bid = 1.25", "bid = 1.255");
    let found = outline(&doubts(&text));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1), ("C032", Some(line_of(&text, "bid = 1.255"))));
    assert!(doubts(GOOD).is_empty());
}
