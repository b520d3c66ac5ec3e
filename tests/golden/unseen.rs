//! Units that were never seen, predicted from units like them.

use std::path::Path;

use bidwright::backtest::unseen;
use bidwright::config;
use bidwright::history::{self, History};
use bidwright::keys::Unit;
use bidwright::landscape::Landscapes;
use bidwright::landscape::kin::Newcomer;

use crate::shop::SAMPLE;

fn sample() -> (config::Request, History) {
    let request = config::load(&Path::new(SAMPLE).join("plan.toml"), &[]).unwrap();
    let history = history::read(&request).unwrap();
    (request, history)
}

#[test]
fn bids_tell_more_of_new_units_than_the_median_does() {
    let (request, history) = sample();
    let rows = unseen::cross(&history, &request, 5).unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.channel.name(), row.metric, row.units)).collect();
    assert_eq!(found, [("search", "cpc", 80), ("search", "position", 80), ("display", "cpm", 16)]);
    println!("{rows:#?}");
    let cpc = &rows[0];
    assert!(cpc.error < 0.8 * cpc.channel_median && cpc.without_size < 0.8 * cpc.channel_median, "{cpc:?}");
}

#[test]
fn a_keyword_never_shown_stands_where_its_like_do() {
    let (request, mut history) = sample();
    let at = history.units.iter().position(|unit: &Unit| unit.channel.name() == "search").unwrap();
    for row in history.observations.iter_mut().filter(|row| row.unit as usize == at) {
        (row.impressions, row.clicks, row.spend, row.orders, row.revenue) = (0.0, 0.0, 0.0, 0.0, 0.0);
        row.position = [f32::NAN; 2];
    }
    let (landscapes, _) = Landscapes::fit(&history, &request).unwrap();
    let bid = landscapes.known[at].reference_bid.unwrap();
    let newcomer = Newcomer { unit: &landscapes.units[at], bid: Some(bid), size: None };
    let likely = landscapes.likely(newcomer).position.unwrap();
    let date = bidwright::calendar::date_of(landscapes.days[1] + 1);
    let forecast = landscapes.on(date, &request.file);
    // `likely` weighs hours by impressions, so it need not be their plain mean.
    let hours: Vec<f64> = (0..24).map(|hour| forecast.position(at as u32, hour, bid).unwrap()).collect();
    let mean = hours.iter().sum::<f64>() / 24.0;
    assert!((mean / likely - 1.0).abs() < 0.25, "{mean} against {likely}");
    let cheap = forecast.position(at as u32, 12, bid / 1.5).unwrap();
    assert!(cheap > 1.2 * hours[12], "a lower bid stands lower: {cheap} against {}", hours[12]);
}
