//! Rules that hold with a chance: the spread added up here again, from the plan's cells and rules alone.

use bidwright::config::PlanFile;
use bidwright::landscape::chance::deviate;
use bidwright::landscape::spread::{RATES, Spread};
use bidwright::metric::Metric;
use bidwright::plan::{Plan, Status};
use proptest::prelude::*;

use super::shop;

/// Requests whose rows bind: a budget, ROI by channel, a share, a cap on CPC by unit.
fn text(confidence: f64, budget: f64, roi: f64, share: f64, fixed: bool) -> String {
    let head = shop::PLAN.replace("margin = 0.4", &format!("margin = 0.4\nconfidence = {confidence:?}"));
    let fixed =
        if fixed { "[[override]]\nwhere = { unit = [\"kw-0002\", \"*old*\"] }\nbid = 2.0\n" } else { "" };
    format!(
        "{head}\n{fixed}\n\
         [[rule]]\nname = \"budget\"\nmetric = \"spend\"\nmax = {budget:?}\n\n\
         [[rule]]\nname = \"roi\"\nmetric = \"roi\"\nmin = {roi:?}\nper = [\"channel\"]\n\n\
         [[rule]]\nname = \"evening\"\nmetric = \"spend\"\nwhere = {{ hour = [\"18-24\"] }}\nmin_share = {share:?}\n\n\
         [[rule]]\nname = \"cpc\"\nmetric = \"cpc\"\nmax = 6.0\nwhere = {{ channel = \"search\" }}\nper = [\"unit\"]\n"
    )
}

/// Variance of Σ weights · measures over the cells for which there are weights.
fn variance(plan: &Plan, spread: &Spread, weights: impl Fn(usize) -> Option<[f64; 5]>) -> f64 {
    let mut common = std::collections::BTreeMap::<_, [f64; RATES]>::new();
    let mut units = std::collections::BTreeMap::<u32, [f64; RATES]>::new();
    let mut sum = 0.0;
    for (at, cell) in plan.cells.iter().enumerate().filter(|(_, cell)| cell.run) {
        let Some(weights) = weights(at) else { continue };
        let (unit, measures) = (cell.cell.unit, cell.outcome.measures());
        let kin = &spread.kins()[spread.kin(unit)];
        for rate in 0..RATES {
            let alone = kin.weighed(rate, &weights);
            let moved: f64 = (0..5).map(|measure| alone[measure] * measures[measure]).sum();
            common.entry(kin.channel).or_default()[rate] += moved;
            units.entry(unit).or_default()[rate] += moved;
            sum += moved * moved * kin.cell(&measures)[rate];
        }
    }
    for (unit, moved) in units {
        sum += (0..RATES).map(|rate| spread.unit(unit)[rate] * moved[rate].powi(2)).sum::<f64>();
    }
    for (channel, moved) in common {
        let kin = spread.kins().iter().find(|kin| kin.channel == channel).expect("a kin");
        sum += (0..RATES).map(|rate| kin.common[rate] * moved[rate].powi(2)).sum::<f64>();
    }
    sum
}

/// Each rule row's room in standard deviations.
fn rooms(plan: &Plan, file: &PlanFile, spread: &Spread) -> Vec<(String, f64)> {
    let spend = Metric::Spend.weights(0.0).0;
    let revenue = Metric::Revenue.weights(0.0).0;
    let clicks = Metric::Clicks.weights(0.0).0;
    let rule = |name: &str| file.rules.iter().find(|rule| rule.name == name).expect("a rule");
    let less = |a: [f64; 5], share: f64, b: [f64; 5]| std::array::from_fn(|at| a[at] - share * b[at]);
    let mut rooms = Vec::new();
    let mut room = |name: String, sign: f64, bound: f64, weights: &dyn Fn(usize) -> Option<[f64; 5]>| {
        let value: f64 = (0..plan.cells.len())
            .filter(|at| plan.cells[*at].run)
            .filter_map(|at| Some((weights(at)?, plan.cells[at].outcome.measures())))
            .map(|(weights, measures)| (0..5).map(|at| weights[at] * measures[at]).sum::<f64>())
            .sum();
        let deviation = variance(plan, spread, weights).sqrt();
        // A bid far below all rivals wins next to nothing: 1e-50 of spend has no room to leave.
        if deviation > 1e-9 {
            rooms.push((name, sign * (value - bound) / deviation));
        }
    };
    room("budget".into(), -1.0, rule("budget").max.unwrap(), &|_| Some(spend));
    let roi = less(revenue, rule("roi").min.unwrap(), spend);
    for channel in bidwright::keys::Channel::ALL {
        room(format!("roi {channel}"), 1.0, 0.0, &|at| {
            (plan.unit(&plan.cells[at]).channel == channel).then_some(roi)
        });
    }
    let share = rule("evening").min_share.unwrap();
    room("evening".into(), 1.0, 0.0, &|at| {
        let inside = f64::from(u8::from(plan.cells[at].cell.hour >= 18));
        Some(spend.map(|weight| weight * (inside - share)))
    });
    let cpc = less(spend, rule("cpc").max.unwrap(), clicks);
    for unit in 0..plan.units.len() as u32 {
        if plan.units[unit as usize].channel == bidwright::keys::Channel::Search {
            room(format!("cpc {unit}"), -1.0, 0.0, &|at| (plan.cells[at].cell.unit == unit).then_some(cpc));
        }
    }
    rooms
}

proptest! {
    #![proptest_config(super::cases(24))]

    #[test]
    fn rules_hold_with_their_chance(
        confidence in 0.55..0.97f64, budget in 400.0..4000.0f64, roi in 1.2..3.5f64, share in 0.1..0.4f64, fixed in any::<bool>(),
    ) {
        let words = text(confidence, budget, roi, share, fixed);
        let request = shop::request(&words);
        let plan = shop::plan(&words).plan;
        let spread = shop::landscapes().on(plan.date, &request.file).spread(&request.file);
        let asked = deviate(confidence);
        let rooms = rooms(&plan, &request.file, &spread);
        if plan.status == Status::Optimal {
            for (name, room) in &rooms {
                prop_assert!(*room >= asked - 1e-4, "{name} has room for {room} deviations of {asked}\n{words}");
            }
            prop_assert!(plan.evidence.relaxed_gap.abs() < 1e-5 && plan.evidence.violation < 1e-5);
        } else if plan.status == Status::Infeasible {
            prop_assert!(rooms.iter().any(|(_, room)| *room < asked), "nothing is broken: {:?}\n{words}", plan.rules.iter().filter(|rule| !rule.met).map(|rule| format!("{rule} {:?}", rule.chance)).collect::<Vec<_>>());
        }
        for rule in plan.rules.iter().filter(|rule| rule.met && rule.chance.is_some()) {
            prop_assert!(rule.chance.unwrap() >= confidence - 1e-5, "{rule}: {:?}", rule.chance);
        }
        for band in &plan.outlook.bands {
            prop_assert!(band.p80[0] <= band.p50[0] && band.p50[0] <= band.p50[1] && band.p50[1] <= band.p80[1]);
        }
        if let Some(price) = plan.outlook.price {
            prop_assert!(price.given_up >= -1e-4 * price.at_half, "room for chance earned something: {price:?}");
        }
    }
}

#[test]
fn at_a_half_the_plan_is_the_one_of_expected_values() {
    let words = text(0.5, 1500.0, 2.0, 0.3, true);
    let (asked, plain) = (shop::plan(&words).plan, shop::plan(&words.replace("confidence = 0.5", "")).plan);
    assert_eq!(asked.cells, plain.cells);
    assert_eq!((asked.rules, asked.evidence), (plain.rules, plain.evidence));
    assert_eq!(asked.outlook.price, None);
}

#[test]
fn more_confidence_earns_less_and_leaves_more_room() {
    let steps = [0.5, 0.7, 0.9, 0.965, 0.97]
        .map(|confidence| shop::plan(&text(confidence, 1500.0, 2.0, 0.3, false)).plan);
    for pair in steps.windows(2) {
        assert!(pair[1].evidence.relaxed < pair[0].evidence.relaxed, "confidence is free");
        let spend = |plan: &Plan| plan.total(|_, _| true).spend;
        assert!(spend(&pair[1]) < spend(&pair[0]));
        let chance = |plan: &Plan| plan.rules[0].chance.unwrap();
        assert!(chance(&pair[1]) > chance(&pair[0]));
    }
}
