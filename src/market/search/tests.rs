use super::*;
use crate::keys::Channel;
use crate::market::chance::Chance;
use crate::market::day::Today;

fn keyword(spec: &shop::Search, key: u64, level: f64) -> Keyword {
    Keyword::draw(&mut Chance::new(11).unit(Purpose::Traits, key), spec, level)
}

fn total(spec: &shop::Search, bid: f64, of: impl Fn(&Keyword, &Moment, f64) -> Expected) -> Expected {
    let today = Today::normal(11);
    let mut total = Expected::default();
    for key in 0..20 {
        let keyword = keyword(spec, key, 1.2);
        for hour in 0..24 {
            let sum = of(&keyword, &Moment::new(&today, Channel::Search, key, hour), bid);
            total.impressions += sum.impressions;
            total.clicks += sum.clicks;
            total.charged += sum.charged;
            total.position_sum += sum.position_sum;
        }
    }
    total
}

fn visited(keyword: &Keyword, moment: &Moment, bid: f64) -> Expected {
    let traffic = keyword.visit(moment, bid);
    assert!(traffic.charged <= bid * traffic.clicks as f64 + 1e-9, "a click above the bid of {bid}");
    assert!(traffic.clicks <= traffic.impressions);
    Expected {
        impressions: traffic.impressions as f64,
        clicks: traffic.clicks as f64,
        charged: traffic.charged,
        position_sum: traffic.position_sum,
    }
}

#[test]
fn a_higher_bid_stands_higher_is_seen_more_and_pays_more() {
    let bids = [0.01, 0.8, 1.2, 1.8, 2.7, 4.0, 8.0];
    let spec = shop::Search::default();
    let totals: Vec<Expected> = bids.iter().map(|bid| total(&spec, *bid, visited)).collect();
    assert_eq!(totals[0].impressions, 0.0, "a bid below the reserve is not shown");
    for pair in totals[1..].windows(2) {
        let position = |traffic: &Expected| traffic.position_sum / traffic.impressions;
        assert!(pair[1].impressions >= pair[0].impressions);
        assert!(position(&pair[1]) < position(&pair[0]));
        assert!(pair[1].charged / pair[1].clicks > pair[0].charged / pair[0].clicks);
    }
    let dearest = &totals[6];
    assert!(dearest.charged / dearest.clicks < 0.8 * 8.0, "the second price is not the bid");
}

#[test]
fn the_mean_is_what_the_draws_are_around() {
    let spec = shop::Search { visibility: vec![1.0, 0.9, 0.8, 0.5, 0.3], ..Default::default() };
    for bid in [1.2, 2.5] {
        let drawn = total(&spec, bid, visited);
        let mean = total(&spec, bid, |keyword, moment, bid| keyword.on_average(moment, &[bid])[0]);
        for (drawn, mean, within) in [
            (drawn.impressions, mean.impressions, 0.03),
            (drawn.clicks, mean.clicks, 0.06),
            (drawn.charged, mean.charged, 0.08),
            (drawn.position_sum / drawn.impressions, mean.position_sum / mean.impressions, 0.03),
        ] {
            assert!((drawn / mean - 1.0).abs() < within, "{drawn} around {mean}, bid {bid}");
        }
    }
}

#[test]
fn a_lone_advertiser_pays_the_reserve() {
    let spec = shop::Search { rivals: 0.0, jitter: 0.0, quality_spread: 0.0, ..Default::default() };
    let today = Today::normal(11);
    let traffic = keyword(&spec, 1, 1.0).visit(&Moment::new(&today, Channel::Search, 1, 21), 3.0);
    assert!(traffic.clicks > 0);
    assert!((traffic.charged / traffic.clicks as f64 - (spec.reserve + 0.01)).abs() < 1e-9);
    assert_eq!(traffic.position_sum, traffic.impressions as f64);
}

#[test]
fn a_slot_that_few_see_has_fewer_impressions_and_the_same_clicks_per_impression() {
    let all = shop::Search { rivals: 0.0, ..Default::default() };
    let half = shop::Search { visibility: vec![0.5], ..all.clone() };
    let (all, half) = (total(&all, 2.0, visited), total(&half, 2.0, visited));
    assert!((half.impressions / all.impressions - 0.5).abs() < 0.02);
    assert!((half.clicks / half.impressions / (all.clicks / all.impressions) - 1.0).abs() < 0.1);
}

#[test]
fn part_of_an_hour_brings_part_of_it() {
    let today = Today::normal(11);
    let keyword = keyword(&shop::Search { queries: 40_000.0, ..Default::default() }, 1, 1.0);
    let whole = Moment::new(&today, Channel::Search, 1, 21);
    let visit = |open| keyword.visit(&Moment { open, ..whole }, 3.0).impressions as f64;
    assert_eq!(visit(0.0), 0.0);
    assert!((visit(0.5) / visit(1.0) - 0.5).abs() < 0.1);
}

#[test]
fn a_rival_with_a_name_makes_clicks_dear_until_its_budget_is_gone() {
    let rival = shop::Rival {
        name: "big".into(),
        strength: 3.0,
        coverage: 1.0,
        presence: 1.0,
        drift: 0.0,
        ..Default::default()
    };
    let with = shop::Search { rivals: 2.0, named: vec![rival], ..Default::default() };
    let keyword = keyword(&with, 1, 1.0);
    let mut today = Today::normal(11);
    let mut position = |ends: f64| {
        today.rivals_end = vec![ends];
        let expected = keyword.on_average(&Moment::new(&today, Channel::Search, 1, 12), &[2.0])[0];
        expected.position_sum / expected.impressions
    };
    let (there, half, gone) = (position(f64::INFINITY), position(12.5), position(12.0));
    assert!((there - gone - 1.0).abs() < 0.05, "{there} and {gone}");
    assert!((half - (there + gone) / 2.0).abs() < 0.1, "{half} between {there} and {gone}");
    let mut bills = [0.0];
    today.rivals_end = vec![f64::INFINITY];
    keyword.bill(&Moment::new(&today, Channel::Search, 1, 12), &today.rivals_end, &mut bills);
    assert!(bills[0] > 0.0);
}
