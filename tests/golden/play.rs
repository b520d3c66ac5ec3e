//! The sample's plan, played: what it brings against what it forecast.
//!
//! The market that plays it knows nothing of landscapes. Plans are chosen because they look good, so their
//! forecasts are harder to keep than those of bids that were set anyway.

use std::collections::HashMap;
use std::path::Path;

use bidwright::calendar::date_of;
use bidwright::config::{self, Uplift};
use bidwright::keys::{Channel, Unit};
use bidwright::landscape::Landscapes;
use bidwright::market::{self, Shop};
use bidwright::metric::Outcome;
use bidwright::pipeline::{self, Options};

use crate::shop::SAMPLE;

/// How far five days of one shop may be off, luck included: the published gate of a leading commercial tool.
const SPEND: f64 = 0.10;
const REVENUE: f64 = 0.15;

/// Days that are played, after the event that the shop has on the day after its history.
const DAYS: i32 = 5;

#[test]
fn a_chosen_plan_keeps_what_it_forecast() {
    let mut request = config::load(&Path::new(SAMPLE).join("plan.toml"), &[]).unwrap();
    (request.file.uplift, request.file.plan.date) = (Uplift::default(), None);
    let shop = Shop::parse(&std::fs::read_to_string(Path::new(SAMPLE).join("shop.toml")).unwrap()).unwrap();
    let (landscapes, findings) = Landscapes::fit(&market::simulate(&shop), &request).unwrap();
    assert!(findings.is_empty(), "bids vary in this shop, and its sales are old enough: {findings:?}");
    let plan = pipeline::plan_with(&request, &Options::default(), &landscapes).unwrap().plan;
    let bids: HashMap<(&Unit, u8), (u32, f64)> = plan
        .cells
        .iter()
        .filter(|cell| cell.run)
        .map(|cell| {
            let unit = &plan.units[cell.cell.unit as usize];
            ((unit, cell.cell.hour), (cell.cell.unit, cell.bid.unwrap()))
        })
        .filter(|((unit, _), _)| unit.channel != Channel::GroupBuy)
        .collect();
    let (mut forecast, mut real) = (Outcome::default(), Outcome::default());
    let (mut shown, mut held) = (0.0, 0.0);
    for day in shop.last_day() + 2..shop.last_day() + 2 + DAYS {
        let today = landscapes.on(date_of(day), &request.file);
        forecast += bids.iter().map(|((_, hour), (unit, bid))| today.outcome(*unit, *hour, *bid)).sum();
        for cell in market::play(&shop, day, 0, &|unit, hour| Some(bids.get(&(unit, hour))?.1)) {
            real += cell.outcome;
            if let Some(position) = cell.outcome.position() {
                shown += 1.0;
                held += f64::from(u8::from((3.0..=5.0).contains(&position)));
            }
        }
    }
    let off = |of: fn(&Outcome) -> f64| of(&forecast) / of(&real) - 1.0;
    let (spend, revenue) = (off(|outcome| outcome.spend), off(|outcome| outcome.revenue));
    println!("spend {spend:+.3}, revenue {revenue:+.3}, held {:.3}", held / shown);
    assert!(spend.abs() < SPEND && revenue.abs() < REVENUE, "spend {spend:+.3}, revenue {revenue:+.3}");
    assert!(held / shown > 0.75, "{:.3} of search hours in the band", held / shown);
}
