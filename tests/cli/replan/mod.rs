//! `replan`: what is over is counted as it happened, the rest keeps the rules with it, and the plan in force is
//! never touched.

mod doubtful;
mod in_force;
mod late;
mod lost;

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
