//! Bad plan files: one good example, patched in one place each.

use std::path::Path;

use super::load;
use crate::config::{BidOverride, Constant, Objective, Request};
use crate::error::{Error, Finding};

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

/// What replaces what, the code expected, the text at whose line it is expected, and words of the finding.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    // Syntax.
    ("margin = 0.4", "margin = ", "C001", "margin = ", &[]),
    ("[uplift]", "[uplift", "C001", "[uplift", &[]),
    ("margin = 0.4", "margin = 0.4\nmargin = 0.5", "C001", "margin = 0.5", &["duplicate key"]),
    // Unknown keys.
    ("[uplift]", "[upllift]", "C002", "[upllift]", &["unknown key `upllift`", "did you mean `uplift`?"]),
    ("margin = 0.4", "margn = 0.4", "C002", "margn", &["did you mean `margin`?"]),
    ("max = 30000", "maxx = 30000", "C002", "maxx", &["did you mean `max`?"]),
    ("channel = \"search\" }", "chanel = \"search\" }", "C002", "chanel", &["did you mean `channel`?"]),
    ("demand = 1.2", "weather = 1.2", "C002", "weather", &["known keys here: `cvr`, `demand`, `price`"]),
    ("demand = 1.2", "margin = 1.2", "C002", "margin = 1.2", &["`margin` belongs in the table `plan`"]),
    ("max = 10000", "hour = 20", "C002", "hour = 20", &["`hour` belongs inside `of` or `where`"]),
    ("fixed_fee = 9000", "fixedfee = 9000", "C002", "fixedfee", &["did you mean `fixed_fee`?"]),
    // Types.
    (
        "margin = 0.4",
        "margin = \"0.4\"",
        "C003",
        "margin = \"",
        &["must be a number, not text", "remove the quotes: `margin = 0.4`"],
    ),
    ("margin = 0.4", "margin = true", "C003", "margin = true", &["must be a number, not true or false"]),
    ("maturity_days = 3", "maturity_days = 2.5", "C003", "2.5", &["must be a whole number"]),
    (
        "files = [\"h/*.csv\"]",
        "files = \"h/*.csv\"",
        "C003",
        "files = \"h",
        &["must be a list, not text", "files = [\"h/*.csv\"]"],
    ),
    ("position = [3, 5]", "position = 4", "C003", "position = 4", &["a list of 2 numbers"]),
    ("position = [3, 5]", "position = [3]", "C003", "position = [3]", &["must hold 2 values, not 1"]),
    ("position = [3, 5]", "position = [3, \"5\"]", "C003", "position = [3", &["must be a number"]),
    (
        "[[override]]",
        "[override]",
        "C003",
        "[override]",
        &["a list of tables, not a table", "`[[override]]`"],
    ),
    ("name = \"budget\"", "name = 7", "C003", "name = 7", &["must be text in quotes, not a number"]),
    // Missing keys.
    ("metric = \"roi\"\n", "", "C004", "[[rule]]\nname = \"roi\"", &["`rule` lacks `metric`"]),
    ("name = \"roi\"\n", "", "C004", "[[rule]]\nmetric = \"roi\"", &["lacks `name`"]),
    ("unit = \"slot-0\"\n", "", "C004", "[[group_buy.slot]]", &["lacks `unit`"]),
    // Names.
    ("objective = \"profit\"", "objective = \"profits\"", "C005", "profits", &["did you mean `profit`?"]),
    ("metric = \"roi\"", "metric = \"rio\"", "C005", "\"rio\"", &["did you mean `roi`?"]),
    ("metric = \"roi\"", "metric = \"sales\"", "C005", "sales", &["use one of `impressions`"]),
    ("channel = \"search\" }", "channel = \"serch\" }", "C005", "serch", &["did you mean `search`?"]),
    ("per = [\"channel\"]", "per = [\"chanel\"]", "C005", "chanel", &["did you mean `channel`?"]),
    // Values that cannot be read.
    ("date = 2026-12-12", "date = \"12.12.2026\"", "C006", "12.12.2026", &["it is not a date"]),
    ("hour = [\"20-21\"]", "hour = [\"22-2\"]", "C006", "22-2", &["first before last"]),
    ("hour = [\"20-21\"]", "hour = [24]", "C006", "[24]", &["from 0 to 23"]),
    ("max = 30000", "max = inf", "C006", "max = inf", &["not finite"]),
    ("lookback_days = 56", "lookback_days = -1", "C006", "-1", &["out of range"]),
    // The history.
    ("files = [\"h/*.csv\"]", "files = []", "C011", "files = []", &["empty list"]),
    ("period_days = 7", "period_days = 0", "C012", "period_days = 0", &["1 or more"]),
    ("max_rejected = 0.02", "max_rejected = 1.5", "C012", "max_rejected = 1.5", &["a share from 0 to 1"]),
    ("lookback_days = 56", "lookback_days = 0", "C012", "lookback_days = 0", &["1 or more"]),
    ("maturity_days = 3", "maturity_days = 56", "C015", "maturity_days = 56", &["nothing is left"]),
    // The plan.
    ("margin = 0.4", "margin = 40", "C012", "margin = 40", &["at most 1"]),
    ("margin = 0.4", "margin = 0.0", "C012", "margin = 0.0", &["above 0"]),
    ("confidence = 0.5", "confidence = 0.4", "C012", "confidence = 0.4", &["at least 0.5"]),
    (
        "confidence = 0.5",
        "confidence = 0.9",
        "C014",
        "confidence = 0.9",
        &["expected values only", "`confidence = 0.5`"],
    ),
    ("Asia/Shanghai", "Asia/Shangai", "C016", "Asia/Shangai", &["did you mean `Asia/Shanghai`?"]),
    ("currency = \"CNY\"", "currency = \" \"", "C017", "currency", &["empty"]),
    ("demand = 1.2", "demand = 0", "C012", "demand = 0", &["a factor above 0"]),
    // Limits.
    ("position = [3, 5]", "position = [5, 3]", "C013", "position = [5", &["`position = [3, 5]`"]),
    ("position = [3, 5]", "position = [0.5, 3]", "C012", "position = [0.5", &["1 or more"]),
    ("bid = [1, 300]", "bid = [300, 1]", "C013", "bid = [300", &["lower end first"]),
    ("bid = [1, 300]", "bid = [0, 300]", "C012", "bid = [0,", &["above 0"]),
    ("bid = [0.02, 0.45]", "bid = [0.02, 45]", "C012", "bid = [0.02, 45]", &["at most 1"]),
    ("bid_step = 0.01", "bid_step = 0", "C012", "bid_step = 0", &["above 0"]),
    ("max_change = 0.5", "max_change = -0.5", "C012", "max_change = -0.5", &["above 0"]),
    ("extrapolate = 0.5", "extrapolate = -1", "C012", "extrapolate = -1", &["0 or more"]),
    // Slots.
    ("unit = \"slot-1\"", "unit = \"slot-0\"", "C040", "unit = \"slot-0\"\nrate", &["on offer twice"]),
    ("fixed_fee = 9000", "fixed_fee = -9000", "C012", "fixed_fee", &["0 or more"]),
    ("rate = 0.05", "rate = 5", "C012", "rate = 5", &["a share of sales"]),
    ("fee_max = 500", "fee_max = 50", "C041", "fee_min", &["above `fee_max` 50"]),
    // Phases and scopes.
    (
        "name = \"day\"",
        "name = \"night\"",
        "C019",
        "name = \"night\"\nhour = [\"20-24\"]",
        &["already the name"],
    ),
    ("phase = \"night\"", "phase = \"nigt\"", "C018", "nigt", &["did you mean `night`?"]),
    ("unit = [\"kw-0001\"]", "unit = []", "C011", "unit = []", &["empty list"]),
    ("per = [\"channel\"]", "per = []", "C011", "per = []", &["empty list"]),
    // Overrides.
    ("bid = 1.25", "", "C030", "[[override]]", &["changes nothing"]),
    ("bid = 1.25", "bid = 0.01", "C031", "bid = 0.01", &["outside `[search] bid`"]),
    ("bid = 1.25", "bid = [2, 1]", "C013", "bid = [2, 1]", &["lower end first"]),
    // Rules.
    (
        "name = \"roi\"",
        "name = \"budget\"",
        "C020",
        "name = \"budget\"\nmetric = \"roi\"",
        &["already the name"],
    ),
    ("max = 30000\n", "", "C021", "[[rule]]\nname = \"budget\"", &["bounds nothing"]),
    ("max = 30000", "max = 30000\nmin = 40000", "C022", "min = 40000", &["nothing can be both"]),
    ("max = 30000", "max = -1", "C023", "max = -1", &["never below 0"]),
    ("min_share = 0.15", "min_share = 15", "C012", "min_share = 15", &["a share from 0 to 1"]),
    ("metric = \"spend\" # round", "metric = \"cpc\"", "C024", "min_share", &["a ratio has no shares"]),
    ("weight = 2.0", "", "C025", "soft = true", &["soft but has no price"]),
    ("soft = true", "", "C025", "weight = 2.0", &["not soft"]),
    ("weight = 2.0", "weight = 0", "C012", "weight = 0", &["above 0"]),
    ("max = 10000", "max = 10000\nof = { channel = \"search\" }", "C026", "of = {", &["bounds no share"]),
];

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
