//! Turns and swaps on a small simulated shop, against looking at everything.

use std::sync::atomic::AtomicBool;

use super::priced::{Outside, Priced};
use super::*;
use crate::config::{Platform, Request};
use crate::ladder;
use crate::landscape::Landscapes;
use crate::market;
use crate::program::{self, rows};
use crate::solver::{certify, structured::Structured};

/// Two campaigns of five keywords, a budget and an ROI, and something that a platform takes.
fn with_problem(terms: &Terms, look: impl FnOnce(&Problem<'_>, Vec<Grid>, &[f64])) {
    let shop = market::Shop::parse(
        r#"
        days = 14
        [search]
        campaigns = ["winter", "brand"]
        keywords_per_campaign = 5
        [display]
        campaigns = []
        [affiliate]
        plans = 0
        "#,
    )
    .unwrap();
    let history = market::simulate(&shop);
    let file = "history = {}\n[[rule]]\nname = \"budget\"\nmetric = \"spend\"\nmax = 300\n\
                [[rule]]\nname = \"roi\"\nmetric = \"roi\"\nmin = 2.0\n\
                [[rule]]\nname = \"evening\"\nmetric = \"spend\"\nwhere = { hour = [\"20-22\"] }\nmin_share = 0.1";
    let request =
        Request { path: "plan.toml".into(), file: toml::from_str(file).unwrap(), text: String::new() };
    let (landscapes, _) = Landscapes::fit(&history, &request).unwrap();
    let date = crate::calendar::date_of(landscapes.days[1] + 1);
    let forecast = landscapes.on(date, &request.file);
    let build = ladder::Build { rungs: ladder::RUNGS, hold: terms.hold };
    let ladders = ladder::build_held(&landscapes, &forecast, &request.file, date, build);
    let rule_rows = rows::resolve(&request.file, &landscapes.units, &date.to_string()).unwrap();
    let model = program::build(&ladders, rule_rows, &request.file, landscapes.units.len(), None);
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    let solved = Structured.solve(&model.program, &[], None, &limits).unwrap();
    let prices = certify::lawful(&model.program, &solved.prices);
    let grids = Grid::all(&ladders, &landscapes.units);
    look(
        &Problem { ladders: &ladders, model: &model, forecast: &forecast, terms, wishes: &Wishes::default() },
        grids,
        &prices,
    );
}

fn terms() -> Terms {
    Terms { percent: [60, 150], ..Platform::Zhitongche.terms().unwrap() }
}

#[test]
fn the_best_base_bid_is_the_best_of_all() {
    let terms = terms();
    with_problem(&terms, |problem, grids, prices| {
        let weights = problem.model.program.priced(prices);
        let mut found = 0;
        for grid in &grids {
            let priced = Priced::new(problem, grid, &weights);
            let (setting, _) = priced.best();
            for unit in 0..grid.units.len() {
                let worth = |steps: i64| -> f64 {
                    let on = (0..HOURS).filter_map(|hour| Some((hour, setting.percent[hour]?)));
                    on.map(|(hour, percent)| {
                        priced.worth(unit, hour, effective(steps, percent, &terms), Outside::Forbidden)
                    })
                    .sum()
                };
                let most = (5..=3000).map(worth).fold(f64::NEG_INFINITY, f64::max);
                match setting.base[unit] {
                    // Wide ranges are looked at in strides: nearly the best is enough there.
                    Some(steps) => {
                        assert!(worth(steps) >= most - 1e-3 * most.abs(), "{} of {most}", worth(steps))
                    }
                    None => assert!(most <= 1e-9, "a unit that is worth {most} is paused"),
                }
                found += usize::from(setting.base[unit].is_some());
            }
        }
        assert!(found >= 5, "{found} units run");
    });
}

#[test]
fn no_single_change_of_a_percent_is_better() {
    let terms = terms();
    with_problem(&terms, |problem, grids, prices| {
        let weights = problem.model.program.priced(prices);
        for grid in &grids {
            let priced = Priced::new(problem, grid, &weights);
            let (setting, value) = priced.best();
            assert!((priced.value(&setting) - value).abs() < 1e-9 * (1.0 + value));
            for hour in 0..HOURS {
                for percent in (60..=150).map(Some).chain([None]) {
                    let mut other = setting.clone();
                    other.percent[hour] = percent;
                    assert!(
                        priced.value(&other) <= value + 1e-6 * (1.0 + value),
                        "hour {hour} at {percent:?}"
                    );
                }
            }
        }
    });
}

#[test]
fn schedules_keep_rules_ranges_and_windows() {
    for windows in [1, 3, 24] {
        let terms = Terms { windows, ..terms() };
        with_problem(&terms, |problem, grids, prices| {
            let stop = AtomicBool::new(false);
            let limits = Limits { deadline: None, stop: &stop };
            let scheduled = schedule(problem, grids, prices, &[], &Structured, &limits).unwrap();
            assert!(scheduled.met);
            let mut spend = 0.0;
            let mut revenue = 0.0;
            for (grid, setting) in scheduled.grids.iter().zip(&scheduled.settings) {
                assert!(setting.windows().len() <= windows);
                for unit in 0..grid.units.len() {
                    for hour in 0..HOURS {
                        let Some(bid) = setting.effective(unit, hour, &terms) else { continue };
                        let place = grid.at(unit, hour).expect("what cannot run does not");
                        let bids = &problem.ladders.ladders[place.ladder].bids;
                        assert!(bids[0] - 1e-9 <= bid && bid <= bids[bids.len() - 1] + 1e-9);
                        let outcome = problem.forecast.outcome(grid.units[unit], hour as u8, bid);
                        spend += outcome.spend;
                        revenue += outcome.revenue;
                    }
                }
            }
            assert!(
                spend > 0.0 && spend <= 300.0 + 1e-6 && revenue >= 2.0 * spend - 1e-6,
                "{spend} {revenue}"
            );
        });
    }
}
