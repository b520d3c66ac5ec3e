//! `bidwright review`: a plan against what happened.

mod days;
mod effects;
mod export;
mod feed;
mod late;
mod refused;

use std::fmt::Write;

use serde_json::Value;

use crate::bids::Row;
use crate::shop::{Ran, Shop};

const HEAD: &str =
    "date,hour,channel,campaign,unit,product,bid,position,impressions,clicks,spend,orders,revenue";
const SUMS: [&str; 5] = ["impressions", "clicks", "spend", "orders", "revenue"];

/// Writes a report of the planned day: every cell of the plan that runs, as `change` leaves it. Returns it.
fn report(shop: &Shop, out: &str, name: &str, change: impl Fn(&mut Row) -> bool) -> Vec<Row> {
    let mut rows: Vec<Row> = shop.bids(out).0.into_iter().filter(|row| row.run).collect();
    rows.retain_mut(change);
    let mut text = HEAD.to_owned();
    for row in &rows {
        let shown = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let bid = row.bid.filter(|_| row.channel != "group_buy");
        let Row { hour, channel, campaign, unit, product, .. } = row;
        write!(
            text,
            "\n2026-12-12,{hour},{channel},{campaign},{unit},{product},{},{}",
            shown(bid),
            shown(row.position)
        )
        .unwrap();
        SUMS.iter().for_each(|measure| write!(text, ",{}", row.sums[measure]).unwrap());
    }
    shop.write(name, text + "\n");
    rows
}

fn review(shop: &Shop, out: &str, more: &[&str]) -> Ran {
    shop.run(&[&["review", out, "--actuals", "day.csv", "--out", "review", "-q"], more].concat())
}

fn json(shop: &Shop) -> Value {
    serde_json::from_str(&shop.text("review/review.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Both differences of a group are the sums of its effects.
#[track_caller]
fn adds_up(group: &Value) {
    for measure in ["spend", "revenue"] {
        let difference = number(&group["actual"][measure]) - number(&group["planned"][measure]);
        let effects = group["effects"].as_object().unwrap().values();
        let sum: f64 = effects.map(|effect| number(&effect[measure])).sum();
        assert!((sum - difference).abs() < 1e-6, "{measure}: {sum} is not {difference} in {group}");
    }
}

fn sum(rows: &[Row], measure: &str, channel: &str) -> f64 {
    rows.iter().filter(|row| row.channel == channel).map(|row| row.sums[measure]).sum()
}
