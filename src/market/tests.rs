//! The laws of the market as a whole, and the figures of the sample shop.

mod rich;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::*;
use crate::calendar::date_of;
use crate::keys::Channel;

/// The sample shop and its history.
static SAMPLE: LazyLock<(Shop, History)> = LazyLock::new(|| {
    let shop = Shop::parse(include_str!("../../data/double12/shop.toml")).unwrap();
    let history = simulate(&shop);
    (shop, history)
});

/// A shop that is quick to simulate, with one slot.
fn small() -> Shop {
    Shop::parse(
        "days = 6\n[search]\nkeywords_per_campaign = 2\n[affiliate]\nplans = 1\n[[group_buy]]\nunit = \"slot\"\n\
         product = \"item-1\"\nweekdays = [1, 2, 3, 4, 5, 6, 7]\nhour = \"10-20\"\nfixed_fee = 1000\n\
         impressions = 5000\nctr = 0.1\ncvr = 0.1",
    )
    .unwrap()
}

fn total(history: &History, keep: impl Fn(&Observation) -> bool) -> Outcome {
    history.observations.iter().filter(|row| keep(row)).map(Observation::outcome).sum()
}

fn channel_of(history: &History, row: &Observation) -> Channel {
    history.units[row.unit as usize].channel
}

#[test]
fn the_same_seed_is_the_same_shop_and_another_is_another() {
    let shop = small();
    let text = |history: &History| format!("{:?}{:?}", history.units, history.observations);
    let one = text(&simulate(&shop));
    assert!(one == text(&simulate(&shop)));
    assert!(one != text(&simulate(&Shop { seed: 99, ..shop })));
}

#[test]
fn a_history_keeps_what_the_reader_promises() {
    let history = simulate(&small());
    assert!(history.units.is_sorted());
    assert!(history.observations.is_sorted_by_key(|row| (row.unit, row.day, row.hour)));
    for row in &history.observations {
        assert!(row.clicks <= row.impressions && row.orders <= row.clicks, "{row:?}");
        assert!((row.spend * 100.0 - (row.spend * 100.0).round()).abs() < 1e-6, "{row:?}");
        let channel = channel_of(&history, row);
        assert_eq!(row.bid.is_nan(), channel == Channel::GroupBuy);
        assert_eq!(row.position[0].is_nan(), channel != Channel::Search || row.impressions == 0.0);
    }
}

#[test]
fn playing_the_operators_bids_again_brings_the_same() {
    let shop = small();
    let history = simulate(&shop);
    for day in [shop.first_day(), shop.last_day()] {
        let rows: HashMap<(Unit, u8), &Observation> = history
            .observations
            .iter()
            .filter(|row| row.day == day)
            .map(|row| ((history.units[row.unit as usize].clone(), row.hour.unwrap()), row))
            .collect();
        let played = play(&shop, day, 0, &|unit, hour| {
            rows.get(&(unit.clone(), hour)).map(|row| if row.bid.is_nan() { 0.0 } else { f64::from(row.bid) })
        });
        assert_eq!(played, truth_day(&shop, day));
        assert_eq!(played.len(), rows.len());
        for cell in played {
            let row = rows[&(cell.unit.clone(), cell.hour)];
            assert_eq!((cell.outcome.impressions, cell.outcome.clicks), (row.impressions, row.clicks));
            assert!(cell.outcome.orders >= row.orders && cell.outcome.revenue >= row.revenue);
            if cell.unit.channel != Channel::Affiliate {
                assert_eq!(cell.outcome.spend, row.spend, "{} at {}", cell.unit, cell.hour);
            }
        }
    }
}

#[test]
fn one_bid_changes_one_cell() {
    let shop = small();
    let day = shop.first_day() + 2;
    let before = truth_day(&shop, day);
    let chosen =
        before.iter().position(|cell| cell.unit.channel == Channel::Search && cell.hour == 21).unwrap();
    let bids: HashMap<(&Unit, u8), f64> =
        before.iter().map(|cell| ((&cell.unit, cell.hour), cell.bid)).collect();
    let after = play(&shop, day, 0, &|unit, hour| {
        let factor = if (unit, hour) == (&before[chosen].unit, 21) { 2.0 } else { 1.0 };
        bids.get(&(unit, hour)).map(|bid| bid * factor)
    });
    for (index, (one, other)) in before.iter().zip(&after).enumerate() {
        assert_eq!(one.outcome == other.outcome, index != chosen, "{} at {}", one.unit, one.hour);
    }
    assert!(after[chosen].outcome.position() < before[chosen].outcome.position());
}

#[test]
fn a_later_report_holds_more_orders_and_the_last_holds_all() {
    let mut shop = small();
    let mut before = Outcome::default();
    for days in [0, 2, 5, 30] {
        shop.as_of = Some(date_of(shop.last_day() + 1 + days));
        let now = total(&simulate(&shop), |_| true);
        assert!(now.orders > before.orders && now.revenue > before.revenue, "after {days} days");
        assert!(days == 0 || (now.impressions, now.clicks) == (before.impressions, before.clicks));
        before = now;
    }
    let truth: Outcome = (shop.first_day()..=shop.last_day())
        .flat_map(|day| truth_day(&shop, day))
        .map(|cell| cell.outcome)
        .sum();
    assert_eq!(truth.orders, before.orders);
    assert!((truth.spend - before.spend).abs() < 1e-6);
}

#[test]
fn a_report_of_yesterday_knows_nothing_of_today() {
    let mut shop = small();
    shop.as_of = Some(date_of(shop.first_day() + 2));
    assert_eq!(simulate(&shop).last_day(), Some(shop.first_day() + 1));
}

#[test]
fn a_run_costs_its_fee_however_few_hours_it_has() {
    let shop = small();
    let day = shop.first_day();
    for hours in [10..20, 12..13, 0..24] {
        let slot =
            |unit: &Unit, hour| (unit.channel == Channel::GroupBuy && hours.contains(&hour)).then_some(0.0);
        let spend: f64 = play(&shop, day, 0, &slot).iter().map(|cell| cell.outcome.spend).sum();
        assert!((spend - 1000.0).abs() < 1e-6, "{spend}");
    }
    assert_eq!(play(&shop, day, 0, &|_, _| None), []);
}

#[test]
fn a_budget_that_runs_out_ends_the_channels_day() {
    let mut shop = small();
    let day = shop.first_day();
    let last = |shop: &Shop| {
        let played = truth_day(shop, day);
        played.iter().filter(|cell| cell.unit.channel == Channel::Search).map(|cell| cell.hour).max()
    };
    assert_eq!(last(&shop), Some(23));
    shop.search.daily_budget = 20.0;
    assert!(last(&shop) < Some(20));
}

#[test]
fn the_sample_shop_is_of_the_size_it_should_be() {
    let (shop, history) = &*SAMPLE;
    assert_eq!(history.last_date(), Some(jiff::civil::date(2026, 12, 11)));
    let units = |channel| history.units.iter().filter(|unit| unit.channel == channel).count();
    assert_eq!(Channel::ALL.map(units), [80, 16, 6, 4]);
    assert!((60_000..75_000).contains(&history.observations.len()), "{} rows", history.observations.len());
    let days = f64::from(shop.days);
    for (channel, spend, roi, orders) in [
        (Channel::Search, 5_500.0..8_500.0, 2.2..3.0, 250.0..600.0),
        (Channel::Display, 7_500.0..11_500.0, 1.9..2.6, 230.0..600.0),
        (Channel::Affiliate, 1_300.0..2_700.0, 6.0..10.0, 100.0..400.0),
        (Channel::GroupBuy, 1_500.0..6_000.0, 2.0..5.0, 50.0..600.0),
    ] {
        let sum = total(history, |row| channel_of(history, row) == channel);
        assert!(spend.contains(&(sum.spend / days)), "{channel} spends {} a day", sum.spend / days);
        assert!(roi.contains(&sum.roi().unwrap()), "{channel} has ROI {:?}", sum.roi());
        assert!(orders.contains(&(sum.orders / days)), "{channel} has {} orders a day", sum.orders / days);
    }
}

#[test]
fn the_sample_shops_bids_were_wrong_but_various() {
    let (_, history) = &*SAMPLE;
    let search: Vec<&Observation> =
        history.observations.iter().filter(|row| !row.position[0].is_nan()).collect();
    let held = search.iter().filter(|row| (3.0..=5.0).contains(&row.position[0])).count();
    let share = held as f64 / search.len() as f64;
    assert!((0.20..0.38).contains(&share), "{share} of search hours at 3 to 5");

    let mut seen: HashMap<u32, [bool; 9]> = HashMap::new();
    for row in &search {
        seen.entry(row.unit).or_default()[(row.position[0].round() as usize).min(8)] = true;
    }
    let wide = seen.values().filter(|seen| seen[3..=7].iter().all(|seen| *seen)).count();
    assert!(wide >= 60, "{wide} of 80 keywords were seen at 3 to 7");

    let rois: Vec<f64> = (0..80).filter_map(|unit| total(history, |row| row.unit == unit).roi()).collect();
    let (low, high) =
        rois.iter().fold((f64::MAX, 0.0_f64), |(low, high), roi| (low.min(*roi), high.max(*roi)));
    assert!(low < 1.6 && high > 3.8, "ROI of keywords from {low} to {high}");
}
