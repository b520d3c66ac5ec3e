//! What a rich market adds: kinds of shops, luck, halo, budgets, rivals, confounding, and the truth.

use super::*;

/// A quick shop of a kind.
fn of_kind(name: &str, days: u32) -> Shop {
    let mut shop = kinds::Kind::named(name).unwrap().shop(1).unwrap();
    shop.days = days;
    shop
}

#[test]
fn a_shop_of_any_kind_keeps_what_the_reader_promises() {
    for kind in kinds::ALL {
        let history = simulate(&of_kind(kind.name, 2));
        let total = total(&history, |_| true);
        assert!(total.spend > 500.0 && total.roi().unwrap() > 1.0, "{}: {total:?}", kind.name);
        for row in &history.observations {
            assert!(row.clicks <= row.impressions && row.orders <= row.clicks, "{}: {row:?}", kind.name);
            assert!(row.position[0].is_nan() || row.position[0] <= row.position[1], "{}: {row:?}", kind.name);
        }
    }
}

#[test]
fn the_truth_is_what_plays_are_around() {
    let shop = of_kind("small", 5);
    let day = shop.last_day() + 1;
    let bids: HashMap<(Unit, u8), f64> =
        truth_day(&shop, day).into_iter().map(|cell| ((cell.unit, cell.hour), cell.bid)).collect();
    let bid = |unit: &Unit, hour: u8| bids.get(&(unit.clone(), hour)).copied();
    const DAYS: u32 = 120;
    let played: Vec<Played> = (1..=DAYS).flat_map(|luck| play(&shop, day, luck, &bid)).collect();
    let truth = Truth::on(&shop, day, DAYS, &bid);
    for channel in [Channel::Search, Channel::Display, Channel::Affiliate] {
        let cells = played.iter().filter(|cell| cell.unit.channel == channel);
        let mean = cells.map(|cell| cell.outcome).sum::<Outcome>() * (1.0 / f64::from(DAYS));
        let mut known = Outcome::default();
        for (at, unit) in truth.units().enumerate().filter(|(_, unit)| unit.channel == channel) {
            for hour in 0..24 {
                known += bid(unit, hour).map_or(Outcome::default(), |bid| truth.curve(at, hour, &[bid])[0]);
            }
        }
        let (known, mean) = (known.measures(), mean.measures());
        // Impressions, clicks, spend, orders, revenue; the last two hang on few buyers.
        for ((known, mean), within) in known.iter().zip(mean).zip([0.02, 0.03, 0.03, 0.05, 0.06]) {
            assert!((known / mean - 1.0).abs() < within, "{channel}: {known} around {mean}");
        }
    }
}

#[test]
fn other_luck_is_another_day_in_the_same_shop() {
    let shop = small();
    let day = shop.last_day();
    let bid = |_: &Unit, _| Some(1.0);
    let (one, again, other) =
        (play(&shop, day, 1, &bid), play(&shop, day, 1, &bid), play(&shop, day, 2, &bid));
    assert_eq!(one, again);
    assert_ne!(one, other);
    let units = |played: &[Played]| played.iter().map(|cell| cell.unit.clone()).collect::<Vec<_>>();
    assert_eq!(units(&one), units(&other));
}

#[test]
fn a_slot_brings_people_to_the_whole_shop_while_it_is_open() {
    let mut shop = small();
    shop.slots[0].halo = 0.5;
    let day = shop.first_day();
    let impressions = |slot: bool, hours: [u8; 2]| -> f64 {
        let bid = |unit: &Unit, _| (unit.channel == Channel::Search || slot).then_some(2.0);
        let played = play(&shop, day, 1, &bid);
        let search = played.iter().filter(|cell| cell.unit.channel == Channel::Search);
        search
            .filter(|cell| (hours[0]..hours[1]).contains(&cell.hour))
            .map(|cell| cell.outcome.impressions)
            .sum()
    };
    let lifted = impressions(true, [10, 20]) / impressions(false, [10, 20]);
    assert!((lifted - 1.5).abs() < 0.1, "{lifted}");
    assert_eq!(impressions(true, [0, 10]), impressions(false, [0, 10]));
}

#[test]
fn a_budget_is_gone_within_the_hour_where_the_platform_stops_at_once() {
    let mut shop = small();
    shop.search.queries = 20_000.0;
    shop.search.daily_budget = 180.0;
    let day = shop.first_day();
    let spend = |shop: &Shop| -> f64 {
        let played = truth_day(shop, day);
        played.iter().filter(|cell| cell.unit.channel == Channel::Search).map(|cell| cell.outcome.spend).sum()
    };
    let late = spend(&shop);
    shop.stops_at_once = true;
    let at_once = spend(&shop);
    assert!(late > 195.0, "{late}: by the end of the hour much more is spent");
    assert!((165.0..195.0).contains(&at_once), "{at_once}");
}

#[test]
fn a_busy_days_rivals_run_out_in_the_evening() {
    let shop = of_kind("crowded", 7);
    let market = Market::open(&shop);
    let ends: Vec<f64> = (0..7)
        .flat_map(|day| market.today(shop.first_day() + day, 0).rivals_end)
        .filter(|end| end.is_finite())
        .collect();
    assert!(ends.len() >= 7, "{ends:?}");
    assert!(ends.iter().all(|end| (6.0..24.0).contains(end)), "{ends:?}");
}

#[test]
fn a_meddlers_bids_stand_high_when_traffic_does() {
    let correlation = |name: &str| {
        let history = simulate(&of_kind(name, 14));
        // By keyword at one hour: ln bid against ln impressions, around the keyword's means.
        let mut seen: HashMap<u32, Vec<[f64; 2]>> = HashMap::new();
        let rows = history.observations.iter().filter(|row| row.hour == Some(21) && row.impressions > 0.0);
        for row in rows.filter(|row| channel_of(&history, row) == Channel::Display) {
            seen.entry(row.unit)
                .or_default()
                .push([f64::from(row.bid).ln(), (row.orders + 0.5).ln() - (row.clicks + 10.0).ln()]);
        }
        let mut sums = [0.0; 3];
        for pairs in seen.values() {
            let mean = |at: usize| pairs.iter().map(|pair| pair[at]).sum::<f64>() / pairs.len() as f64;
            let (bid, buying) = (mean(0), mean(1));
            for pair in pairs {
                let (x, y) = (pair[0] - bid, pair[1] - buying);
                sums = [sums[0] + x * y, sums[1] + x * x, sums[2] + y * y];
            }
        }
        sums[0] / (sums[1] * sums[2]).sqrt()
    };
    let (plain, meddled) = (correlation("middling"), correlation("meddler"));
    assert!(meddled > 0.1 && meddled > plain + 0.05, "{meddled} against {plain}");
}

#[test]
fn shocks_change_what_they_say_from_their_hour_on() {
    let shop = super::small();
    let day = shop.last_day() + 1;
    let bids = |unit: &Unit, _: u8| Some(if unit.channel == Channel::Affiliate { 0.2 } else { 3.0 });
    let of = |shock: &str| {
        let shocks: Vec<Shock> = shock.parse().into_iter().collect();
        let lucks = (1..30).flat_map(|luck| {
            let circumstances = Circumstances { luck, shocks: &shocks, age: None };
            play_under(&shop, day, circumstances, &bids)
        });
        let mut halves = [Outcome::default(); 2];
        lucks.filter(|cell| cell.unit.channel == Channel::Search).for_each(|cell| {
            halves[usize::from(cell.hour >= 12)] += cell.outcome;
        });
        halves
    };
    let plain = of("none");
    let half = of("demand=0.5@12");
    assert_eq!(half[0], plain[0]);
    assert!((half[1].impressions / plain[1].impressions - 0.5).abs() < 0.05);
    let slack = of("cvr=0.5@12");
    assert_eq!((slack[0], slack[1].clicks), (plain[0], plain[1].clicks));
    assert!((slack[1].orders / plain[1].orders - 0.5).abs() < 0.15, "{slack:?} {plain:?}");
    for worse in ["rival=1.5@12", "price=1.5@12"] {
        let worse = of(worse);
        assert_eq!(worse[0], plain[0]);
        assert!(worse[1].position() > plain[1].position() && worse[1].cpc() > plain[1].cpc(), "{worse:?}");
    }
    // Today's report does not know tomorrow's orders, nor the hours to come.
    let shop = Shop { delay: vec![0.5, 0.5], ..shop };
    let seen = report(&shop, day, 20, Circumstances { age: Some(0), ..Circumstances::default() }, &bids);
    let all = play_under(&shop, day, Circumstances::default(), &bids);
    let all: Outcome = all.iter().filter(|cell| cell.hour < 20).map(|cell| cell.outcome).sum();
    let sum: Outcome = seen.observations.iter().map(Observation::outcome).sum();
    assert!(seen.observations.iter().all(|row| row.hour < Some(20)));
    assert_eq!(sum.clicks, all.clicks);
    assert!(
        sum.orders < 0.7 * all.orders && sum.orders > 0.3 * all.orders,
        "{} of {}",
        sum.orders,
        all.orders
    );
}
