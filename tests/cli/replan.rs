//! `replan`: what is over is counted as it happened, the rest keeps the rules with it, and the plan in force is
//! never touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use calamine::{Data, DataType, Reader, Xlsx, open_workbook};
use toml::Value;

use crate::bids::{Bids, Row};
use crate::shop::{Ran, Shop};

const NOW: u8 = 14;
const IN_FORCE: &str = "runs/2026-12-12";
const AGAIN: &str = "runs/2026-12-12-14";
const HEADER: &str =
    "date,hour,channel,campaign,unit,product,bid,impressions,clicks,spend,orders,revenue,position";

/// The sample shop with its plan in force.
fn planned() -> Shop {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", IN_FORCE, &[]).ended(0);
    shop
}

/// A report of the hours before `until` that says of every cell what the plan in force expected, by factors on
/// volume and on orders.
fn report(shop: &Shop, until: u8, volume: f64, orders: f64) -> String {
    let line = |row: &Row| {
        let slot = row.channel == "group_buy";
        let bid = row.bid.filter(|_| !slot).map_or(String::new(), |bid| bid.to_string());
        let position = row.position.map_or(String::new(), |position| position.to_string());
        let sum = |name: &str, factor: f64| row.sums[name] * factor;
        // A slot's fee is agreed on, a commission is paid on what is sold.
        let spend = match row.channel.as_str() {
            "group_buy" => 1.0,
            "affiliate" => volume * orders,
            _ => volume,
        };
        format!(
            "2026-12-12,{},{},{},{},{},{bid},{},{},{},{},{},{position}",
            row.hour,
            row.channel,
            row.campaign,
            row.unit,
            row.product,
            sum("impressions", volume),
            sum("clicks", volume),
            sum("spend", spend),
            sum("orders", volume * orders),
            sum("revenue", volume * orders)
        )
    };
    let bids = shop.bids(IN_FORCE);
    let rows = bids.0.iter().filter(|row| row.run && row.hour < until).map(line);
    [HEADER.to_owned()].into_iter().chain(rows).collect::<Vec<_>>().join("\n") + "\n"
}

/// Plans again at 14:00 on the sample's model, sales of the day being final.
fn replan(shop: &Shop, more: &[&str]) -> Ran {
    let words =
        ["replan", "plan.toml", "--model", "model.json", "--actuals", "today.csv", "--now", "14", "-q"];
    shop.run(&[&words[..], &["--set", "replan.same_day=1.0"], more].concat())
}

type Key = (String, String, String, String, u8);

fn key(row: &Row) -> Key {
    (row.channel.clone(), row.campaign.clone(), row.unit.clone(), row.product.clone(), row.hour)
}

fn by_key(bids: &Bids) -> BTreeMap<Key, &Row> {
    bids.0.iter().map(|row| (key(row), row)).collect()
}

/// What stands in a folder, byte by byte.
fn content(shop: &Shop, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(shop.path(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Every rule of the plan file holds on the rows of `plan.csv`, added up by other code.
#[track_caller]
fn keeps_rules(shop: &Shop, bids: &Bids) {
    let file: Value = toml::from_str(&shop.text("plan.toml")).unwrap();
    for rule in file["rule"].as_array().unwrap() {
        let number = |name: &str| {
            rule.get(name).and_then(|bound| bound.as_float().or(bound.as_integer().map(|whole| whole as f64)))
        };
        let [min, max] =
            [["min", "min_share"], ["max", "max_share"]].map(|names| names.into_iter().find_map(number));
        for value in bids.values(rule) {
            let near = 1e-4 * value.abs().max(1e-3);
            assert!(min.is_none_or(|min| value >= min - near), "{rule}: {value}");
            assert!(max.is_none_or(|max| value <= max + near), "{rule}: {value}");
        }
    }
}

#[test]
fn the_past_is_counted_and_the_rest_follows_today() {
    let shop = planned();
    let before = content(&shop, IN_FORCE);
    shop.write("today.csv", report(&shop, NOW, 0.6, 1.0));
    let ran = replan(&shop, &[]).ended(0);
    assert!(ran.stdout.contains("Planned again at 14:00"), "{}", ran.stdout);
    assert_eq!(content(&shop, IN_FORCE), before, "the plan in force stays as it is");

    let (plan, again) = (shop.bids(IN_FORCE), shop.bids(AGAIN));
    let (old, new) = (by_key(&plan), by_key(&again));
    assert_eq!(old.len(), new.len(), "all cells of the day, past ones too");
    keeps_rules(&shop, &again);
    for (key, row) in &new {
        let in_force = old[key];
        if row.hour < NOW {
            assert!(row.reason.contains("over"), "{row:?}");
            assert_eq!(row.run, in_force.run);
            let spend = if row.channel == "group_buy" { 1.0 } else { 0.6 };
            for (name, factor) in [("impressions", 0.6), ("clicks", 0.6), ("spend", spend), ("revenue", 0.6)]
            {
                let expected = factor * if in_force.run { in_force.sums[name] } else { 0.0 };
                assert!((row.sums[name] - expected).abs() < 2e-4, "{name} of {row:?}");
            }
            continue;
        }
        match row.channel.as_str() {
            "affiliate" | "group_buy" => {
                assert_eq!((row.run, row.bid), (in_force.run, in_force.bid), "{row:?}")
            }
            _ => {
                assert_eq!(row.last_bid, in_force.bid, "old is what is in force");
                if let (Some(bid), Some(last)) = (row.bid, in_force.bid) {
                    assert!((bid - last).abs() <= 0.3 * last + 1e-6, "{row:?} moves too far");
                }
            }
        }
    }
    // A slot's fee is what it was to be, past and rest together.
    let fee = |bids: &Bids| bids.sum("spend", |row| row.unit == "slot-0");
    assert!((fee(&plan) - fee(&again)).abs() < 0.01, "{} {}", fee(&plan), fee(&again));
    let day = shop.summary(AGAIN);
    let levels = day["underway"]["levels"].as_array().unwrap();
    for channel in ["search", "display"] {
        let of = levels.iter().find(|levels| levels["channel"] == channel).unwrap();
        let volume = of["levels"][0]["factor"].as_f64().unwrap();
        assert!((0.57..0.7).contains(&volume), "{channel} stands at {volume}");
        for at in [1, 3] {
            let rate = of["levels"][at]["factor"].as_f64().unwrap();
            assert!((rate - 1.0).abs() < 0.1, "{channel}: level {at} is {rate}");
        }
    }
    let revenue = |bids: &Bids| bids.sum("revenue", |row| row.hour >= NOW);
    assert!(revenue(&again) < 0.85 * revenue(&plan), "{} {}", revenue(&again), revenue(&plan));
    let kept = &day["underway"]["unchanged"];
    assert!(day["totals"]["revenue"].as_f64() > kept["revenue"].as_f64(), "money that was left is spent");
}

#[test]
fn a_day_as_planned_goes_on_as_planned() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 1.0, 1.0));
    replan(&shop, &[]).ended(0);
    let (plan, again) = (shop.bids(IN_FORCE), shop.bids(AGAIN));
    keeps_rules(&shop, &again);
    for name in ["spend", "clicks", "revenue"] {
        let (old, new) = (plan.sum(name, |_| true), again.sum(name, |_| true));
        assert!((new / old - 1.0).abs() < 0.005, "{name}: {old} becomes {new}");
    }
    let (old, new) = (by_key(&plan), by_key(&again));
    let rest = || old.iter().filter(|(_, row)| row.hour >= NOW && row.run);
    let moved = |key: &Key, row: &Row| {
        new[key].bid.zip(row.bid).is_none_or(|(new, old)| (new / old - 1.0).abs() > 0.1)
    };
    let spend = |keep: &dyn Fn(&Key, &Row) -> bool| -> f64 {
        rest().filter(|(key, row)| keep(key, row)).map(|(_, row)| row.sums["spend"]).sum()
    };
    let share = spend(&moved) / spend(&|_, _| true);
    assert!(share < 0.05, "{share} of the money that is left moves by more than a tenth");
}

#[test]
fn sales_that_are_still_to_come_are_counted() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 1.0, 0.7));
    replan(&shop, &["--set", "replan.same_day=0.7"]).ended(0);
    let (plan, again) = (shop.bids(IN_FORCE), shop.bids(AGAIN));
    let past = |bids: &Bids, name: &str| bids.sum(name, |row| row.hour < NOW);
    for name in ["orders", "revenue"] {
        let (old, new) = (past(&plan, name), past(&again, name));
        assert!((new / old - 1.0).abs() < 0.01, "{name}: {new} for {old}");
    }
    let day = shop.summary(AGAIN);
    let [reported, late] =
        ["reported", "late"].map(|part| day["underway"][part]["revenue"].as_f64().unwrap());
    assert!((late / reported - 0.3 / 0.7).abs() < 0.02, "{late} after {reported}");
}

#[test]
fn commissions_on_sales_that_are_still_to_come_are_counted() {
    let shop = Shop::new();
    // Of commissions on all sales, four fifths are paid in the end: the others are returned.
    shop.with_model();
    let mut model: serde_json::Value = serde_json::from_str(&shop.text("model.json")).unwrap();
    let models = model["landscapes"]["models"].as_array_mut().unwrap();
    models.iter_mut().find(|model| model["channel"] == "affiliate").unwrap()["paid"] = 0.8.into();
    shop.write("model.json", model.to_string());
    shop.plan_on_model("plan.toml", IN_FORCE, &[]).ended(0);
    // At 22:00 the hours of the slot that takes a commission are over, and seven tenths of the sales have come.
    let plan = shop.bids(IN_FORCE);
    assert_eq!(plan.sum("revenue", |row| row.unit == "slot-3" && row.hour >= 22), 0.0);
    let charged = |line: &str| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if cells[4] == "slot-3" {
            cells[9] = (0.7 * cells[9].parse::<f64>().unwrap()).to_string();
        }
        cells.join(",") + "\n"
    };
    shop.write("today.csv", report(&shop, 22, 1.0, 0.7).lines().map(charged).collect::<String>());
    let words =
        ["replan", "plan.toml", "--model", "model.json", "--actuals", "today.csv", "--now", "22", "-q"];
    let ran = shop.run(&[&words[..], &["--set", "replan.same_day=0.7"]].concat());
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    let again = shop.bids("runs/2026-12-12-22");
    for keep in [&|row: &Row| row.unit == "slot-3", &|row: &Row| row.channel == "affiliate"]
        as [&dyn Fn(&Row) -> bool; 2]
    {
        let spend = |bids: &Bids| bids.sum("spend", |row| row.hour < 22 && keep(row));
        let (old, new) = (spend(&plan), spend(&again));
        assert!(old > 100.0 && (new / old - 1.0).abs() < 0.01, "{new} for {old}");
    }
}

#[test]
fn a_workbook_of_a_day_under_way_is_not_approved() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 0.8, 1.0));
    replan(&shop, &[]).ended(0);
    let mut book: Xlsx<_> = open_workbook(shop.path(&format!("{AGAIN}/bids.xlsx"))).unwrap();
    let sheet = book.worksheet_range("Search bids").unwrap();
    assert_eq!(sheet.get((0, 0)), Some(&Data::String("Search · 2026-12-12 · from 14:00".into())));
    let asks = |cell: &Data| cell.to_string().contains("--approve") || *cell == Data::String("?".into());
    assert!(!sheet.rows().flatten().any(asks));
    assert!(sheet.rows().skip(3).all(|row| row[0] == Data::Empty && row[2].as_f64().unwrap() >= 14.0));
    let ran =
        shop.plan_on_model("plan.toml", "approved", &["--approve", &format!("{AGAIN}/bids.xlsx")]).ended(2);
    assert!(ran.stderr.contains("error[A032]") && ran.stderr.contains("under way"), "{}", ran.stderr);
}

#[test]
fn doubtful_reports_leave_everything_as_it_is() {
    let shop = planned();
    let before = content(&shop, IN_FORCE);
    let good = report(&shop, NOW, 1.0, 1.0);
    let rows = |keep: &dyn Fn(&str) -> bool| -> String {
        good.lines()
            .enumerate()
            .filter(|(at, line)| *at == 0 || keep(line))
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    };
    let bid_tripled = |line: &str| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if let Ok(bid) = cells[6].parse::<f64>() {
            cells[6] = (3.0 * bid).to_string();
        }
        cells.join(",") + "\n"
    };
    let thin_last_hour = |line: &str| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if cells[1] == "13" {
            for sum in &mut cells[7..12] {
                *sum = (0.1 * sum.parse::<f64>().unwrap()).to_string();
            }
        }
        cells.join(",") + "\n"
    };
    let cases: [(&str, String, &str); 7] = [
        ("of yesterday", good.replace("2026-12-12,", "2026-12-11,"), "A001"),
        ("stale", rows(&|line| !line.starts_with("2026-12-12,13,")), "A004"),
        ("without display", rows(&|line| !line.contains(",display,")), "A004"),
        (
            "without hours",
            rows(&|line| line.starts_with("2026-12-12,9,")).replace("2026-12-12,9,", "2026-12-12,,"),
            "A005",
        ),
        (
            "of other bids",
            good.lines()
                .take(1)
                .map(|line| format!("{line}\n"))
                .chain(good.lines().skip(1).map(bid_tripled))
                .collect(),
            "A007",
        ),
        (
            "before the hour is over",
            good.lines()
                .take(1)
                .map(|line| format!("{line}\n"))
                .chain(good.lines().skip(1).map(thin_last_hour))
                .collect(),
            "A008",
        ),
        ("of strangers", good.replace(",search,品牌词,", ",search,新计划,"), "A003"),
    ];
    for (name, text, code) in cases {
        assert_ne!(text, good, "{name}");
        shop.write("today.csv", text);
        let ran = replan(&shop, &[]).ended(2);
        assert!(
            ran.stderr.contains(&format!("error[{code}]")) && ran.stderr.contains("fix: "),
            "{name}:\n{}",
            ran.stderr
        );
        assert!(!shop.path(AGAIN).exists(), "{name} wrote a plan");
    }
    assert_eq!(content(&shop, IN_FORCE), before);
    // A doubt that the operator knows about can be overruled; a plan of another day, and the plan in force, cannot.
    shop.write("today.csv", rows(&|line| !line.starts_with("2026-12-12,13,")));
    let ran = replan(&shop, &["--anyway"]).ended(0);
    assert!(ran.stderr.contains("warning[A004]"), "{}", ran.stderr);
    shop.write("today.csv", good);
    let ran = replan(&shop, &["--date", "2026-12-11", "--plan", IN_FORCE]).ended(2);
    assert!(ran.stderr.contains("error[A010]"), "{}", ran.stderr);
    let file = format!("{IN_FORCE}/plan.csv");
    for more in [&[][..], &["--plan", IN_FORCE], &["--plan", file.as_str()]] {
        let ran = replan(&shop, &[&["--out", IN_FORCE], more].concat()).ended(2);
        assert!(ran.stderr.contains("error[A013]"), "{more:?}: {}", ran.stderr);
    }
    assert_eq!(content(&shop, IN_FORCE), before);
}

#[test]
fn rules_that_the_past_has_broken_are_named_and_all_others_kept() {
    let shop = planned();
    let before = content(&shop, IN_FORCE);
    shop.write("today.csv", report(&shop, NOW, 1.0, 1.0));
    let spent = shop.bids(IN_FORCE).sum("spend", |row| row.channel == "search" && row.hour < NOW);
    let cap = format!("rule.search budget.max={:.0}", 0.9 * spent);
    let ran = replan(&shop, &["--set", &cap]).ended(3);
    assert!(
        ran.stderr.contains("warning[A012]") && ran.stderr.contains("are over have more"),
        "{}",
        ran.stderr
    );
    let day = shop.summary(AGAIN);
    let lost = &day["underway"]["lost"].as_array().unwrap()[0];
    assert_eq!((&day["status"], &lost["why"]), (&"infeasible".into(), &"spent".into()));
    assert!((lost["value"].as_f64().unwrap() - spent).abs() < 0.01, "nothing more is spent: {lost}");
    assert_eq!(content(&shop, IN_FORCE), before);
    // It is the plan in force from then on.
    shop.write("today.csv", report(&shop, 15, 1.0, 1.0));
    let words =
        ["replan", "plan.toml", "--model", "model.json", "--actuals", "today.csv", "--now", "15", "-q"];
    shop.run(&[&words[..], &["--set", "replan.same_day=1.0"]].concat()).ended(0);
    let manifest = shop.text("runs/2026-12-12-15/manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let in_force = manifest["replan"]["in_force"].as_str().unwrap();
    assert!(in_force.ends_with(AGAIN), "{in_force}");
    assert_eq!(manifest["replan"]["now"], 15);
}

#[test]
fn a_rule_that_is_out_of_reach_costs_no_more_sales() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 1.0, 1.0));
    let ran = replan(&shop, &["--set", "rule.+={ name = 'whole', metric = 'roi', min = 9.0 }"]).ended(3);
    assert!(ran.stderr.contains("`whole` asks for 9.00, which cannot be reached"), "{}", ran.stderr);
    let day = shop.summary(AGAIN);
    assert_eq!(day["underway"]["lost"][0]["why"], "out_of_reach");
    let [now, kept] = [&day["totals"], &day["underway"]["unchanged"]]
        .map(|sums| ["revenue", "spend"].map(|name| sums[name].as_f64().unwrap()));
    assert!(now[0] > 0.999 * kept[0], "{now:?} for {kept:?}");
    assert!(now[0] / now[1] > 0.998 * kept[0] / kept[1], "{now:?} for {kept:?}");
    keeps_rules(&shop, &shop.bids(AGAIN));
}

#[test]
fn a_rule_is_kept_at_the_price_that_was_said() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 1.0, 1.0));
    let roi = shop.summary(IN_FORCE)["totals"]["roi"].as_f64().unwrap();
    let rule = format!("rule.+={{ name = 'whole', metric = 'roi', min = {} }}", 1.01 * roi);
    let insist = ["--set", rule.as_str(), "--set", "replan.dearest=1e9"];
    replan(&shop, &insist).ended(0);
    let at_any_price = shop.summary(AGAIN)["totals"]["revenue"].as_f64().unwrap();
    let ran = replan(&shop, &["--set", rule.as_str(), "--set", "replan.dearest=0.01"]).ended(3);
    assert!(ran.stderr.contains("replan.dearest=1e9"), "{}", ran.stderr);
    let day = shop.summary(AGAIN);
    assert_eq!(day["underway"]["lost"][0]["why"], "too_dear");
    assert!(day["totals"]["revenue"].as_f64().unwrap() > at_any_price);
}

#[test]
fn the_last_good_plan_of_the_day_is_in_force_and_its_bids_can_be_exported() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 0.8, 1.0));
    replan(&shop, &["--lang", "zh"]).ended(0);
    assert!(shop.text(&format!("{AGAIN}/report.html")).contains("14:00 重新计划"));
    // The bids of the plan at 14:00, as they were up to 18:00.
    let rows = report(&shop, NOW, 0.8, 1.0);
    let later: String = {
        let again = shop.bids(AGAIN);
        let runs = again.0.iter().filter(|row| row.run && (NOW..18).contains(&row.hour));
        let line = |row: &Row| {
            let bid =
                row.bid.filter(|_| row.channel != "group_buy").map_or(String::new(), |bid| bid.to_string());
            let sums = ["impressions", "clicks", "spend", "orders", "revenue"]
                .map(|name| row.sums[name].to_string());
            let position = row.position.map_or(String::new(), |position| position.to_string());
            format!(
                "2026-12-12,{},{},{},{},{},{bid},{},{position}\n",
                row.hour,
                row.channel,
                row.campaign,
                row.unit,
                row.product,
                sums.join(",")
            )
        };
        runs.map(line).collect()
    };
    shop.write("today.csv", rows + &later);
    let words =
        ["replan", "plan.toml", "--model", "model.json", "--actuals", "today.csv", "--now", "18", "-q"];
    let ran = shop.run(&[&words[..], &["--set", "replan.same_day=1.0"]].concat()).ended(0);
    assert!(!ran.stderr.contains("A007"), "the bids are those of 14:00: {}", ran.stderr);
    let manifest = shop.text("runs/2026-12-12-18/manifest.json");
    assert!(manifest.contains("2026-12-12-14\""), "{manifest}");
    keeps_rules(&shop, &shop.bids("runs/2026-12-12-18"));

    let ran = shop.run(&["export", "runs/2026-12-12-18", "--platform", "zuanzhan", "--out", "sheets", "-q"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let refused = shop.run(&["explain", "runs/2026-12-12-18"]).ended(2);
    assert!(refused.stderr.contains("error[O010]"), "{}", refused.stderr);
}

#[test]
fn a_day_is_rehearsed_on_the_market() {
    let shop = planned();
    shop.run(&[
        "simulate",
        "plan.toml",
        "--plan",
        IN_FORCE,
        "--report",
        "today.parquet",
        "--until",
        "14",
        "--shock",
        "demand=0.5@8",
    ])
    .ended(0);
    let words =
        ["replan", "plan.toml", "--actuals", "today.parquet", "--now", "14", "-q", "--model", "model.json"];
    let ran = shop.run(&[&words[..], &["--set", "replan.same_day=0.75"]].concat()).ended(0);
    assert!(ran.stdout.contains("Search: Impressions -"), "{}", ran.stdout);
    let ran = shop
        .run(&[
            "simulate",
            "plan.toml",
            "--plan",
            IN_FORCE,
            "--days",
            "1",
            "--shock",
            "demand=0.5@8",
            "--replan",
            "12",
            "-q",
        ])
        .ended(0);
    assert!(
        ran.stdout.contains("planned again every 12 hours") && ran.stdout.contains("1 plans made again"),
        "{}",
        ran.stdout
    );
}
