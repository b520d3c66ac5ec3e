//! Slots that lift the rest of the shop: which of them run is decided, and proven, with what they make of it.

use std::collections::BTreeSet;
use std::time::Duration;

use bidwright::config::{self, Request};
use bidwright::frontier::Asked;
use bidwright::judge::plan_text;
use bidwright::keys::Channel;
use bidwright::landscape::Landscapes;
use bidwright::market::{kinds::Kind, simulate};
use bidwright::pipeline::desk::{Desk, Tried};
use bidwright::pipeline::{self, Options};
use bidwright::plan::{Plan, Status};
use bidwright::program::Side;

/// A shop whose slots lift its other traffic; a channel may lose money.
fn shop() -> (Request, Landscapes) {
    let shop = Kind::named("promoted").unwrap().shop(1).unwrap();
    let history = simulate(&shop);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.toml");
    std::fs::write(&file, plan_text(&shop, &history)).unwrap();
    let request = config::load(&file, &["rule.roi.min=1".to_string()]).unwrap();
    let (landscapes, _) = Landscapes::fit(&history, &request).unwrap();
    let halos: Vec<f64> = (0..landscapes.units.len() as u32).map(|unit| landscapes.halo(unit)).collect();
    let lifting = halos.iter().filter(|halo| **halo > 0.02).count();
    assert!(lifting > 1, "{:?}", halos.iter().filter(|halo| **halo != 0.0).collect::<Vec<_>>());
    (request, landscapes)
}

fn with_fee(request: &Request, fee: f64, confidence: f64) -> Request {
    let mut request = request.clone();
    request.file.group_buy.slot[0].fixed_fee = fee;
    request.file.plan.confidence = confidence;
    request
}

fn slots(plan: &Plan) -> Vec<u32> {
    let slot = plan.cells.iter().filter(|cell| cell.run && plan.unit(cell).channel == Channel::GroupBuy);
    let mut slots: Vec<u32> = slot.map(|cell| cell.cell.unit).collect();
    slots.dedup();
    slots
}

/// What is written of every cell is what its bid brings beside the slots that run.
fn is_counted_beside_its_own_slots(plan: &Plan, request: &Request, landscapes: &Landscapes) {
    let forecast = landscapes.on(plan.date, &request.file).beside(slots(plan));
    for cell in plan.cells.iter().filter(|cell| cell.run && plan.unit(cell).channel != Channel::GroupBuy) {
        let outcome = forecast.outcome(cell.cell.unit, cell.cell.hour, cell.bid.unwrap());
        assert!((outcome.revenue - cell.outcome.revenue).abs() < 1e-6 * (1.0 + outcome.revenue), "{cell:?}");
    }
    assert!(plan.rules.iter().all(|rule| rule.met));
}

#[test]
fn no_set_of_slots_is_better_than_the_plans() {
    let (request, landscapes) = shop();
    let mut taken = Vec::new();
    for fee in [3000.0, 10_000.0, 11_000.0, 14_000.0] {
        let request = with_fee(&request, fee, 0.5);
        let plan = pipeline::plan_with(&request, &Options::default(), &landscapes).unwrap().plan;
        assert_eq!(plan.status, Status::Optimal);
        assert!(plan.evidence.gap < 1e-3, "{}", plan.evidence.gap);
        is_counted_beside_its_own_slots(&plan, &request, &landscapes);
        let mut most = f64::NEG_INFINITY;
        for set in 0..1 << request.file.group_buy.slot.len() {
            let mut fewer = request.clone();
            let mut at = 0..;
            fewer.file.group_buy.slot.retain(|_| at.next().is_some_and(|at| set >> at & 1 == 1));
            let plan = pipeline::plan_with(&fewer, &Options::default(), &landscapes).unwrap().plan;
            most = most.max(plan.evidence.objective);
        }
        let evidence = &plan.evidence;
        // Bids between two rungs bring a little more than the program's.
        assert!(evidence.bound >= most * (1.0 - 1e-5), "{} is no bound: {most}", evidence.bound);
        assert!(evidence.objective >= most * (1.0 - 1e-4), "{} instead of {most}", evidence.objective);
        taken.push(slots(&plan).len());
    }
    assert!(
        taken.iter().any(|slots| *slots < 3) && taken.contains(&3),
        "every fee had the same answer: {taken:?}"
    );
}

#[test]
fn a_plan_that_was_stopped_or_is_sure_counts_its_own_slots_too() {
    let (request, landscapes) = shop();
    for (confidence, limit) in [(0.5, Some(Duration::ZERO)), (0.9, None)] {
        let request = with_fee(&request, 11_000.0, confidence);
        let options = Options { time_limit: limit, ..Options::default() };
        let plan = pipeline::plan_with(&request, &options, &landscapes).unwrap().plan;
        assert_eq!(plan.status, if limit.is_some() { Status::Feasible } else { Status::Optimal });
        is_counted_beside_its_own_slots(&plan, &request, &landscapes);
    }
}

/// Slots are decided at every step, and on a page that moves bounds, as the plan of that step decides them.
#[test]
fn every_step_of_a_frontier_is_the_optimum_of_its_own_plan() {
    let (request, landscapes) = shop();
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    std::fs::write(&model, landscapes.to_text().unwrap()).unwrap();
    let options = Options { model: Some(model), ..Options::default() };
    let desk = Desk::open(&request, &options).unwrap();
    let budget = request.file.rules.iter().position(|rule| rule.name == "budget").unwrap();
    let today = request.file.rules[budget].max.unwrap();
    let mut sets = BTreeSet::new();
    for confidence in [0.5, 0.9] {
        let request = with_fee(&request, 11_000.0, confidence);
        let range = format!("{}:{}:{}", 0.8 * today, 1.2 * today, 0.2 * today);
        let asked = [Asked { rule: "budget".into(), side: Side::Max, range }];
        let swept = pipeline::sweep(&request, &options, &asked).unwrap().frontier;
        assert_eq!(swept.steps.len(), 3);
        for step in &swept.steps {
            let mut request = request.clone();
            request.file.rules[budget].max = Some(step.bounds[0]);
            let plan = pipeline::plan_with(&request, &Options::default(), &landscapes).unwrap().plan;
            let optimum = plan.evidence.objective + plan.evidence.rounding_cost;
            // Rules with a confidence are solved until weights change little.
            let near = if confidence > 0.5 { 1e-4 * optimum } else { 0.01 };
            let point = step.point().unwrap();
            assert!((point.objective - optimum).abs() < near, "{} and {optimum}", point.objective);
            let Tried::Best(outlook, begun) = desk.outlook(&request, &options, &mut |_| {}).unwrap() else {
                panic!("no optimum")
            };
            assert!((outlook.objective - optimum).abs() < near, "{} and {optimum}", outlook.objective);
            // A plan that goes on from there is the plan, whatever was looked at before.
            let gone_on = desk.plan(&request, &options, begun).unwrap().plan;
            assert_eq!((gone_on.cells, gone_on.rules), (plan.cells.clone(), plan.rules.clone()));
            let names: Vec<&str> =
                slots(&plan).iter().map(|slot| plan.units[*slot as usize].unit.as_str()).collect();
            assert_eq!(point.slots, names);
            sets.insert(names.len());
        }
    }
    assert!(sets.len() > 1, "every step took the same slots: {sets:?}");
}
