//! People who are shown a display advertisement all day click on it less often: learned from days, and forecast.

use std::path::Path;

use bidwright::config;
use bidwright::history::{History, Observation};
use bidwright::keys::{Channel, Unit};
use bidwright::landscape::Landscapes;

use crate::shop::SAMPLE;

const USUAL: f64 = 30.0;
/// How often the usual bid shows it to each of its people, and the power of the bid by which it does.
const OFTEN: f64 = 0.6;
const POWER: f64 = 0.8;

/// Clicks per impression where it is shown so many times as often as at the usual bid.
fn ctr(shown: f64) -> f64 {
    0.04 / (1.0 + OFTEN * shown)
}

/// Bids that change from day to day, and hardly within one.
fn history() -> History {
    let unit = |at: u32| Unit {
        channel: Channel::Display,
        campaign: "all".into(),
        unit: format!("audience-{at}"),
        product: None,
    };
    let mut rows = Vec::new();
    for (unit, day, hour) in (0..8u32)
        .flat_map(|unit| (0..28i32).flat_map(move |day| (0..24u8).map(move |hour| (unit, day, hour))))
    {
        let step = (day * 5 + unit as i32 * 3) % 7;
        let ratio = 0.82 * 1.07f64.powi(step);
        let shown = ratio.powf(POWER);
        let (impressions, bid) = (200.0 * shown, USUAL * ratio * (1.0 + 0.01 * f64::from(hour % 3)));
        let clicks = impressions * ctr(shown);
        rows.push(Observation {
            unit,
            day: 20_400 + day,
            days: 1,
            hour: Some(hour),
            age: (28 - day) as u16,
            bid: bid as f32,
            position: [f32::NAN; 2],
            quality: f32::NAN,
            impressions,
            clicks,
            spend: 0.7 * impressions * bid / 1000.0,
            orders: 0.05 * clicks,
            revenue: 4.0 * clicks,
        });
    }
    History { units: (0..8).map(unit).collect(), observations: rows, ..History::default() }
}

#[test]
fn who_is_shown_less_clicks_more_often() {
    let request = config::load(&Path::new(SAMPLE).join("plan.toml"), &[]).unwrap();
    let (landscapes, _) = Landscapes::fit(&history(), &request).unwrap();
    let forecast = landscapes.on(bidwright::calendar::date_of(landscapes.days[1] + 1), &request.file);
    let usual = forecast.outcome(3, 12, USUAL);
    for ratio in [0.5, 0.7, 1.0, 1.4, 1.8] {
        let outcome = forecast.outcome(3, 12, ratio * USUAL);
        let expected = ctr(outcome.impressions / usual.impressions);
        let error = outcome.ctr().unwrap() / expected - 1.0;
        assert!(error.abs() < 0.05, "at {ratio} of the usual bid: {error:+.3}");
    }
    // Nobody is shown anything so seldom that he would click more often than who sees it for the first time.
    let seldom = forecast.outcome(3, 12, 0.1 * USUAL);
    assert!(seldom.ctr().unwrap() < 1.05 * ctr(0.0));
}
