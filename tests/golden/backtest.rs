//! The forecast against the market's own truth: days held out, predicted at the bids really set.
//!
//! Sales of the sample's newest days are still filling in, so what a held-out day comes to is asked of
//! the market that wrote the history, not of the history.

use std::path::Path;

use bidwright::backtest::{Backtest, compare};
use bidwright::calendar::date_of;
use bidwright::config::{self, Request};
use bidwright::history::{self, History, Observation};
use bidwright::keys::Unit;
use bidwright::market::{self, Shop};

use crate::shop::SAMPLE;

/// How far the total may be off: the published gate of a leading commercial tool is on seven days.
const SPEND: f64 = 0.10;
const REVENUE: f64 = 0.15;

/// What a day comes to in the end, as rows of a history with its units.
fn truth(shop: &Shop, known: &History, day: i32) -> Vec<Observation> {
    let unit = |unit: &Unit| known.units.binary_search(unit).unwrap() as u32;
    market::truth_day(shop, day)
        .into_iter()
        .map(|cell| Observation {
            age: 0,
            unit: unit(&cell.unit),
            day,
            days: 1,
            hour: Some(cell.hour),
            bid: cell.bid as f32,
            position: [cell.outcome.position().map_or(f32::NAN, |position| position as f32); 2],
            quality: f32::NAN,
            impressions: cell.outcome.impressions,
            clicks: cell.outcome.clicks,
            spend: cell.outcome.spend,
            orders: cell.outcome.orders,
            revenue: cell.outcome.revenue,
        })
        .collect()
}

fn error(backtest: &Backtest, channel: &str, metric: &str) -> f64 {
    backtest.rows.iter().find(|row| row.channel == channel && row.metric == metric).unwrap().error
}

fn print(title: &str, backtest: &Backtest) {
    let rows =
        backtest.rows.iter().filter(|row| ["spend", "revenue", "position_error"].contains(&row.metric));
    let shown = rows.map(|row| match row.metric {
        "position_error" => format!("{} position off by {:.2}", row.channel, row.error),
        metric => format!("{} {metric} {:+.1} %", row.channel, 100.0 * row.error),
    });
    println!("{title}: {}", shown.collect::<Vec<_>>().join(", "));
}

fn sample() -> (Request, History, Shop) {
    let request = config::load(&Path::new(SAMPLE).join("plan.toml"), &[]).unwrap();
    let known = history::read(&request).unwrap();
    let shop = Shop::parse(&std::fs::read_to_string(Path::new(SAMPLE).join("shop.toml")).unwrap()).unwrap();
    (request, known, shop)
}

#[test]
fn days_held_out_are_predicted() {
    let (request, known, shop) = sample();
    let last = known.last_day().unwrap();
    let days = last - 6..=last;
    let observations = days.clone().flat_map(|day| truth(&shop, &known, day)).collect();
    let truth = History { units: known.units.clone(), observations, ..History::default() };
    for day in days.clone() {
        let one = compare(&known, &truth, &request, day, day).unwrap();
        print(&date_of(day).to_string(), &one);
        if day == last {
            assert!(error(&one, "total", "spend").abs() < SPEND, "spend of the last day");
            assert!(error(&one, "total", "revenue").abs() < REVENUE, "revenue of the last day");
        }
    }
    let week = compare(&known, &truth, &request, *days.start(), last).unwrap();
    print("all seven days", &week);
    assert!(error(&week, "total", "spend").abs() < SPEND, "spend of the week");
    assert!(error(&week, "total", "revenue").abs() < REVENUE, "revenue of the week");
}

#[test]
fn the_truth_is_the_history_but_for_late_sales() {
    let (_, known, shop) = sample();
    let day = known.last_day().unwrap() - 1;
    let truth = truth(&shop, &known, day);
    let reported: Vec<&Observation> = known.observations.iter().filter(|row| row.day == day).collect();
    assert_eq!(truth.len(), reported.len());
    let clicks = |rows: &mut dyn Iterator<Item = f64>| rows.sum::<f64>();
    assert_eq!(
        clicks(&mut truth.iter().map(|row| row.clicks)),
        clicks(&mut reported.iter().map(|row| row.clicks))
    );
    let revenue = |rows: &mut dyn Iterator<Item = f64>| rows.sum::<f64>();
    assert!(
        revenue(&mut truth.iter().map(|row| row.revenue))
            > revenue(&mut reported.iter().map(|row| row.revenue))
    );
}
