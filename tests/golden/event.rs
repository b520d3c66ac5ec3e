//! Days that are not like others, and sales that are still coming in: what the history tells of them.

use bidwright::calendar::{date_of, day_number};
use bidwright::config::{PlanFile, Request};
use bidwright::history::{History, Observation};
use bidwright::judge::{Forecast, judge, plan_text};
use bidwright::keys::Channel;
use bidwright::landscape::Landscapes;
use bidwright::market::{Shop, kinds::Kind, simulate};
use bidwright::pipeline::{self, Options};

/// The shop's own plan file.
fn request(shop: &Shop, change: impl Fn(&mut PlanFile)) -> Request {
    let text = plan_text(shop, &simulate(shop));
    let mut file: PlanFile = toml::from_str(&text).unwrap();
    change(&mut file);
    Request { path: "plan.toml".into(), file, text }
}

/// Forecast over realised spend and revenue of the plan, less 1.
fn played(shop: &Shop, request: &Request) -> [f64; 2] {
    let (landscapes, _) = Landscapes::fit(&simulate(shop), request).unwrap();
    let plan = pipeline::plan_with(request, &Options::default(), &landscapes).unwrap().plan;
    let date = date_of(shop.last_day() + 1);
    let judged = judge(shop, request, date, Forecast::from(&plan), 6, false).unwrap();
    [judged.error(|outcome| outcome.spend).unwrap(), judged.error(|outcome| outcome.revenue).unwrap()]
}

#[test]
fn an_event_is_planned_by_what_the_last_one_brought() {
    let shop = Kind::named("again").unwrap().shop(2).unwrap();
    let told = request(&shop, |_| ());
    let [spend, revenue] = played(&shop, &told);
    assert!(spend.abs() < 0.10 && revenue.abs() < 0.15, "spend {spend:+.3}, revenue {revenue:+.3}");
    let (landscapes, _) = Landscapes::fit(&simulate(&shop), &told).unwrap();
    let day = date_of(shop.last_day() + 1);
    let note = landscapes.of_event(day, &told.file).unwrap();
    assert_eq!(note.code, "L007", "{note:?}");
    let again = Landscapes::from_text(&landscapes.to_text().unwrap()).unwrap();
    assert_eq!(again.of_event(day, &told.file).unwrap().cause, note.cause, "a model file holds it too");

    let untold = request(&shop, |file| file.events.clear());
    let [spend, revenue] = played(&shop, &untold);
    assert!(spend < -0.2 && revenue < -0.4, "an event is no normal day: {spend:+.3}, {revenue:+.3}");
    let other = request(&shop, |file| file.events.last_mut().unwrap().name = "another".into());
    let (landscapes, _) = Landscapes::fit(&simulate(&shop), &other).unwrap();
    assert_eq!(landscapes.of_event(day, &other.file).unwrap().code, "L008");
}

#[test]
fn a_unit_that_ran_in_events_alone_is_expected_as_it_ran_there() {
    let shop = Kind::named("again").unwrap().shop(2).unwrap();
    let told = request(&shop, |_| ());
    let mut history = simulate(&shop);
    let event = day_number(told.file.events[0].date);
    let seen = |unit: u32, history: &History| {
        let rows = history.observations.iter().filter(move |row| row.unit == unit && row.day == event);
        rows.copied().collect::<Vec<_>>()
    };
    let impressions = |rows: &[Observation]| rows.iter().map(|row| row.impressions).sum::<f64>();
    let searched = (0..history.units.len() as u32)
        .filter(|unit| history.units[*unit as usize].channel == Channel::Search)
        .max_by(|a, b| impressions(&seen(*a, &history)).total_cmp(&impressions(&seen(*b, &history))))
        .unwrap();
    history.observations.retain(|row| row.unit != searched || row.day == event);
    let (landscapes, _) = Landscapes::fit(&history, &told).unwrap();
    let forecast = landscapes.on(date_of(shop.last_day() + 1), &told.file);
    let ran = seen(searched, &history);
    let expected: f64 = ran
        .iter()
        .map(|row| forecast.outcome(searched, row.hour.unwrap(), f64::from(row.bid)).impressions)
        .sum();
    let ratio = expected / impressions(&ran);
    assert!((0.6..1.6).contains(&ratio), "neither nothing nor the event twice: {ratio}");
}

#[test]
fn young_sales_count_by_the_share_that_is_in() {
    let shop = Kind::named("patient").unwrap().shop(2).unwrap();
    let [_, told] = played(&shop, &request(&shop, |file| file.history.maturity_days = 0));
    let mut blind = shop.clone();
    blind.report.earlier_exports = 0;
    let [_, untold] = played(&blind, &request(&blind, |file| file.history.maturity_days = 0));
    assert!(told.abs() < 0.08, "revenue {told:+.3}");
    assert!(untold < -0.15, "half of the orders come later than the day: {untold:+.3}");
    let said = request(&blind, |file| {
        let arrived = shop.delay.iter().scan(0.0, |sum, share| {
            *sum += share;
            Some(f64::min(*sum, 1.0))
        });
        file.history.maturation = arrived.collect();
    });
    let [_, said] = played(&blind, &said);
    assert!((said - told).abs() < 0.03, "said {said:+.3}, read off the exports {told:+.3}");
}
