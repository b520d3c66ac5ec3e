//! Histories that are not there yet, or not whole.

use std::fs;

use super::line;
use crate::shop::Shop;

/// The sample as a file a day, as a scheduler finds it.
fn shop() -> Shop {
    let shop = Shop::new();
    let bytes = fs::read(shop.path("export/last-week.csv")).unwrap();
    let (text, _, damaged) = encoding_rs::GBK.decode(&bytes);
    assert!(!damaged);
    fs::remove_file(shop.path("export/last-week.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    for day in 5..=11 {
        let date = format!("2026-12-{day:02}");
        let of_day: Vec<&str> = rows.lines().filter(|row| row.starts_with(&date)).collect();
        assert!(of_day.len() > 100);
        shop.write(&file(&date), format!("{header}\n{}\n", of_day.join("\n")));
    }
    shop
}

fn file(date: &str) -> String {
    format!("export/{date}.csv")
}

const WORDS: [&str; 4] = ["run", "plan-gbk.toml", "--no-frontier", "-q"];

/// Keeps the header and some rows of the newest day.
fn cut(shop: &Shop, keep: impl Fn(usize, &str) -> bool) {
    let name = file("2026-12-11");
    let text = shop.text(&name);
    let lines = text.lines().enumerate().filter(|(at, line)| *at == 0 || keep(*at, line));
    let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
    shop.write(&name, lines.join("\n") + "\n");
}

fn hour(line: &str) -> u32 {
    line.split(',').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_whole_history_is_planned() {
    let shop = shop();
    let told = line(&shop.run(&WORDS).ended(0));
    let fresh: Vec<_> =
        told["findings"].as_object().unwrap().keys().filter(|code| code.starts_with('D')).collect();
    assert!(fresh.iter().all(|code| *code == "D006"), "{fresh:?}");
}

#[test]
fn a_day_that_is_missing_stops_the_run() {
    let shop = shop();
    fs::remove_file(shop.path(&file("2026-12-11"))).unwrap();
    let ran = shop.run(&WORDS).ended(2);
    for part in ["D003", "search ends on 2026-12-10", "display", "export/2026-12-11.csv"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert_eq!(line(&ran)["status"], "failed");
    // The plan file may be content with less.
    shop.run(&[&WORDS[..], &["--set", "run.max_age_days=2"]].concat()).ended(0);
    let ran = shop.run(&[&WORDS[..], &["--set", "run.on_stale=warn"]].concat()).ended(0);
    assert!(ran.stderr.contains("warning[D003]"), "{}", ran.stderr);
}

#[test]
fn one_channel_that_is_missing_is_named() {
    let shop = shop();
    cut(&shop, |_, line| !line.contains("钻展"));
    let ran = shop.run(&WORDS).ended(2);
    assert!(ran.stderr.contains("the history of display ends on 2026-12-10"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("history of search"), "{}", ran.stderr);
    assert_eq!(line(&ran)["findings"]["D003"], 1);
}

#[test]
fn a_channel_that_was_given_up_stops_nothing() {
    let shop = shop();
    cut(&shop, |_, line| !line.contains("钻展"));
    shop.patch(
        "plan-gbk.toml",
        "\n[market]\n",
        "\n[[override]]\nwhere = { channel = \"display\" }\nrun = false\n\n[market]\n",
    );
    let ran = shop.run(&["run", "plan-gbk.toml", "--no-frontier", "-v"]).ended(0);
    assert!(ran.stderr.contains("lets nothing of display run"), "{}", ran.stderr);
    assert_eq!(line(&ran)["findings"].get("D003"), None);
}

#[test]
fn a_day_lost_before_the_newest_one_is_told() {
    let shop = shop();
    fs::remove_file(shop.path(&file("2026-12-09"))).unwrap();
    let ran = shop.run(&WORDS).ended(0);
    for part in
        ["warning[D011]", "search has rows up to 2026-12-11, but none on 2026-12-09", "export/2026-12-09.csv"]
    {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}

#[test]
fn hours_and_rows_that_are_missing_are_named() {
    let evening = shop();
    cut(&evening, |_, line| hour(line) < 18);
    let ran = evening.run(&WORDS).ended(2);
    assert!(ran.stderr.contains("search has no rows on 2026-12-11 at 18-23 o'clock"), "{}", ran.stderr);
    assert!(ran.stderr.contains("export/2026-12-11.csv"), "{}", ran.stderr);
    let thin = shop();
    // A third of the rows, of all hours.
    cut(&thin, |at, _| ((at - 1) / 24 + (at - 1) % 24) % 3 == 0);
    let ran = thin.run(&WORDS).ended(2);
    assert!(ran.stderr.contains("D005") && ran.stderr.contains("33 % of the"), "{}", ran.stderr);
    thin.run(&[&WORDS[..], &["--set", "run.least_rows=0.3"]].concat()).ended(0);
}

#[test]
fn a_date_that_is_past_is_told() {
    let shop = shop();
    for day in 5..=11 {
        let (from, to) = (format!("2026-12-{day:02}"), format!("2019-12-{day:02}"));
        shop.write(&file(&to), shop.text(&file(&from)).replace(&from, &to));
        fs::remove_file(shop.path(&file(&from))).unwrap();
    }
    shop.patch("plan-gbk.toml", "date = 2026-12-12\n", "");
    let ran = shop.run(&WORDS).ended(2);
    assert!(ran.stderr.contains("D007") && ran.stderr.contains("2019-12-12"), "{}", ran.stderr);
    shop.run(&[&WORDS[..], &["--date", "2019-12-12"]].concat()).ended(0);
    let fixed = shop.run(&[&WORDS[..], &["--set", "plan.date=2019-12-12"]].concat()).ended(0);
    assert!(fixed.stderr.contains("warning[D008]"), "{}", fixed.stderr);
    assert_eq!(line(&fixed)["status"], "unchanged");
}

/// One row whose year is mistyped makes all others too old, and moves the day that is planned.
#[test]
fn a_slip_in_a_date_does_not_move_the_planned_day() {
    let shop = shop();
    shop.patch("plan-gbk.toml", "date = 2026-12-12\n", "");
    let name = file("2026-12-11");
    let text = shop.text(&name);
    let slip = text.lines().nth(1).unwrap().replace("2026-12-11", "2062-12-11");
    shop.write(&name, text + &slip + "\n");
    let ran = shop.run(&WORDS).ended(2);
    for part in ["error[D013]", "2062-12-12", "1 of", "days after all the others", "mend the date", &name] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert_eq!(line(&ran)["latest"], serde_json::Value::Null);
    // A plan is made, and says so.
    let ran = shop.run(&["check", "plan-gbk.toml"]);
    assert!(ran.stdout.contains("H025") || ran.stderr.contains("H025"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_latest_plan_of_a_later_day_is_told() {
    let shop = shop();
    shop.run(&WORDS).ended(0);
    let ran = shop.run(&[&WORDS[..], &["--date", "2026-12-11"]].concat()).ended(0);
    let says = "`latest` names the plan for 2026-12-12, which is later than 2026-12-11";
    assert!(ran.stderr.contains("warning[D014]") && ran.stderr.contains(says), "{}", ran.stderr);
}
