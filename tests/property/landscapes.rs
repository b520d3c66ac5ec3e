//! Landscapes: finite, bounded, monotone in the bid, the same after saving, and lifted as documented.

use bidwright::calendar::HOURS;
use bidwright::config::PlanFile;
use bidwright::keys::Channel;
use bidwright::landscape::Landscapes;
use bidwright::metric::Outcome;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::shop;

fn file(demand: f64, cvr: f64, price: f64) -> PlanFile {
    let uplift = format!("[uplift]\ndemand = {demand:?}\ncvr = {cvr:?}\nprice = {price:?}\n");
    shop::request(&format!("{}{uplift}", shop::PLAN)).file
}

fn day(offset: i64) -> Date {
    date(2026, 10, 22).saturating_add(jiff::Span::new().days(offset))
}

/// A unit that is bid for, and a bid within three times what its history holds.
fn bids() -> impl Strategy<Value = (u32, u8, f64, f64)> {
    let units: Vec<u32> = (0..shop::landscapes().units.len() as u32)
        .filter(|unit| shop::landscapes().units[*unit as usize].channel != Channel::GroupBuy)
        .collect();
    (proptest::sample::select(units), 0..HOURS as u8, 0.0..1.0f64, 0.0..1.0f64).prop_map(
        |(unit, hour, from, to)| {
            let [low, high] = shop::landscapes().known[unit as usize].bids.expect("bids in the history");
            let at = |share: f64| low / 3.0 * (9.0 * high / low).powf(share);
            (unit, hour, at(from.min(to)), at(from.max(to)))
        },
    )
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1e-6 + a.abs().max(b.abs()))
}

proptest! {
    #![proptest_config(super::cases(2000))]

    #[test]
    fn responses_are_lawful(
        (unit, hour, low, high) in bids(), offset in 0..7i64,
        demand in 0.2..3.0f64, cvr in 0.2..3.0f64, price in 0.5..2.0f64,
    ) {
        let (landscapes, file) = (shop::landscapes(), file(demand, cvr, price));
        let channel = landscapes.units[unit as usize].channel;
        let forecast = landscapes.on(day(offset), &file);
        let (at_low, at_high) = (forecast.outcome(unit, hour, low), forecast.outcome(unit, hour, high));
        let rises = |a: f64, b: f64| b >= a * (1.0 - 1e-12);
        for outcome in [&at_low, &at_high] {
            for value in outcome.measures().into_iter().chain([outcome.position_sum, outcome.position_weight]) {
                prop_assert!(value.is_finite() && value >= 0.0);
            }
            prop_assert!(outcome.clicks <= outcome.impressions * (1.0 + 1e-12));
            prop_assert!(outcome.position().is_none_or(|position| position >= 1.0 - 1e-12));
        }
        for (low, high) in at_low.measures().into_iter().zip(at_high.measures()) {
            prop_assert!(rises(low, high), "{low} falls to {high}");
        }
        if let (Some(low), Some(high)) = (at_low.position(), at_high.position()) {
            prop_assert!(high <= low * (1.0 + 1e-12), "position {low} rises to {high}");
        }
        let paid = |outcome: &Outcome| match channel {
            Channel::Search => outcome.cpc(),
            Channel::Display => outcome.cpm(),
            _ => (outcome.revenue > 0.0).then(|| outcome.spend / outcome.revenue),
        };
        if let (Some(paid_low), Some(paid_high)) = (paid(&at_low), paid(&at_high)) {
            prop_assert!(rises(paid_low, paid_high), "price {paid_low} falls to {paid_high}");
            prop_assert!(paid_low <= low * (1.0 + 1e-9) && paid_high <= high * (1.0 + 1e-9));
        }
        // Bounded: not more than a hundred times the busiest hour of the unit's own history.
        let rows = shop::history().observations.iter().filter(|row| row.unit == unit);
        let most = rows.map(|row| row.impressions).fold(1.0, f64::max);
        prop_assert!(at_high.impressions <= 100.0 * demand * most, "{}", at_high.impressions);
    }

    #[test]
    fn uplift_is_what_it_says(
        (unit, hour, bid, _) in bids(),
        demand in 0.2..3.0f64, cvr in 0.2..3.0f64, price in 0.5..2.0f64,
    ) {
        let landscapes = shop::landscapes();
        let (normal, lifted) = (file(1.0, 1.0, 1.0), file(demand, cvr, price));
        let plain = landscapes.on(day(0), &normal).outcome(unit, hour, bid);
        // Rivals bid `price` times as much: the same place costs that much more to bid for.
        let event = landscapes.on(day(0), &lifted).outcome(unit, hour, bid * price);
        prop_assert!(near(event.impressions, demand * plain.impressions));
        prop_assert!(near(event.clicks, demand * plain.clicks));
        prop_assert!(near(event.orders, demand * cvr * plain.orders));
        prop_assert!(near(event.revenue, demand * cvr * plain.revenue));
        prop_assert_eq!(event.position().is_some(), plain.position().is_some());
        if let (Some(event), Some(plain)) = (event.position(), plain.position()) {
            prop_assert!(near(event, plain));
        }
        match landscapes.units[unit as usize].channel {
            Channel::Affiliate => prop_assert!(near(event.spend, price * demand * cvr * plain.spend)),
            _ => prop_assert!(near(event.spend, price * demand * plain.spend)),
        }
    }
}

#[test]
fn saved_landscapes_are_the_same_to_the_last_bit() {
    let (fitted, file) = (shop::landscapes(), file(1.3, 1.1, 1.2));
    let text = fitted.to_text().expect("text");
    let loaded = Landscapes::from_text(&text).expect("a model file");
    assert_eq!(loaded.to_text().expect("text"), text);
    let (before, after) = (fitted.on(day(3), &file), loaded.on(day(3), &file));
    for unit in 0..fitted.units.len() as u32 {
        for hour in 0..HOURS as u8 {
            for bid in [0.05, 0.3, 1.7, 40.0] {
                assert_eq!(before.outcome(unit, hour, bid), after.outcome(unit, hour, bid));
            }
            assert_eq!(before.slot_hour(unit, hour), after.slot_hour(unit, hour));
        }
    }
}

#[test]
fn a_newer_model_file_is_refused() {
    let text = shop::landscapes().to_text().expect("text");
    let newer = text.replacen("\"bidwright_model\":", "\"bidwright_model\":99", 1);
    assert_ne!(newer, text);
    let error = Landscapes::from_text(&newer).expect_err("too new").to_string();
    assert!(error.contains("L011") && error.contains("format 99"), "{error}");
}

#[test]
fn slots_are_lifted_and_pay_their_fee() {
    let (landscapes, lifted) = (shop::landscapes(), file(2.0, 1.5, 1.4));
    let normal = file(1.0, 1.0, 1.0);
    for unit in 0..landscapes.units.len() as u32 {
        let Some(slot) = normal.group_buy.slot.iter().find(|slot| slot.is(&landscapes.units[unit as usize]))
        else {
            continue;
        };
        let plain: Outcome = landscapes.on(day(0), &normal).slot(unit, slot).into_iter().sum();
        let event: Outcome = landscapes.on(day(0), &lifted).slot(unit, slot).into_iter().sum();
        assert!(near(event.clicks, 2.0 * plain.clicks) && near(event.revenue, 3.0 * plain.revenue));
        for total in [plain, event] {
            assert!(near(total.spend, slot.fixed_fee + slot.rate * total.revenue));
        }
    }
}
