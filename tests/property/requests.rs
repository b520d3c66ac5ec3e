//! Random plan requests on a small shop: whatever is asked, the plan is what it says it is.

use std::sync::atomic::{AtomicUsize, Ordering};

use bidwright::calendar::HOURS;
use bidwright::config::{PlanFile, Rule, Scope};
use bidwright::keys::{Channel, Unit};
use bidwright::landscape::Forecast;
use bidwright::metric::{Metric, Outcome};
use bidwright::plan::{Plan, Status};
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::programs::random;
use super::shop;
use super::wishes::draw;

/// The cells of one value of `per`, by name.
fn part(rule: &Rule, file: &PlanFile, unit: &Unit, hour: u8, date: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    for key in rule.keys() {
        let values = match format!("{key:?}").as_str() {
            "Channel" => vec![unit.channel.name().to_string()],
            "Campaign" => vec![format!("{}-{}", unit.channel, unit.campaign)],
            "Unit" => vec![unit.to_string()],
            "Hour" => vec![hour.to_string()],
            "Date" => vec![date.to_string()],
            "Phase" => {
                let phases = file.phases.iter().filter(|phase| phase.has(hour));
                phases.map(|phase| phase.name.clone()).collect()
            }
            other => panic!("no rule here is per {other}"),
        };
        names =
            names.iter().flat_map(|name| values.iter().map(move |value| format!("{name}/{value}"))).collect();
    }
    names
}

fn metric(metric: Metric, of: &Outcome, margin: f64) -> [f64; 2] {
    match metric {
        Metric::Impressions => [of.impressions, 1.0],
        Metric::Clicks => [of.clicks, 1.0],
        Metric::Spend => [of.spend, 1.0],
        Metric::Orders => [of.orders, 1.0],
        Metric::Revenue => [of.revenue, 1.0],
        Metric::Profit => [margin * of.revenue - of.spend, 1.0],
        Metric::Roi => [of.revenue, of.spend],
        Metric::Cpc => [of.spend, of.clicks],
        Metric::Cpm => [1000.0 * of.spend, of.impressions],
        Metric::Ctr => [of.clicks, of.impressions],
        Metric::Cvr => [of.orders, of.clicks],
        Metric::CostPerOrder => [of.spend, of.orders],
    }
}

/// Every violation of a rule, hard ones first, as (soft, what it costs or how far it goes, words).
/// Written from the contract: it shares no code with the program, nor with the plan's own check.
fn violations(
    file: &PlanFile,
    units: &[Unit],
    cells: &[(u32, u8, Outcome)],
    date: &str,
) -> Vec<(bool, f64, String)> {
    let all = Scope::default();
    let mut found = Vec::new();
    for rule in &file.rules {
        let holds = |scope: &Option<Scope>, unit: u32, hour: u8| {
            let scope = scope.as_ref().unwrap_or(&all);
            scope.has_unit(&units[unit as usize]) && scope.has_hour(hour, date, &file.phases)
        };
        let mut parts: std::collections::BTreeMap<String, Outcome> = Default::default();
        let mut base = Outcome::default();
        for (unit, hour, outcome) in cells {
            if holds(&rule.of, *unit, *hour) {
                base += *outcome;
            }
            if holds(&rule.scope, *unit, *hour) {
                for name in part(rule, file, &units[*unit as usize], *hour, date) {
                    *parts.entry(name).or_default() += *outcome;
                }
            }
        }
        for (name, sum) in parts {
            let [numerator, denominator] = metric(rule.metric, &sum, file.plan.margin);
            let base = metric(rule.metric, &base, file.plan.margin)[0];
            for (bound, sign, against) in [
                (rule.min, 1.0, denominator),
                (rule.max, -1.0, denominator),
                (rule.min_share, 1.0, base),
                (rule.max_share, -1.0, base),
            ] {
                let Some(bound) = bound else { continue };
                let short = sign * (bound * against - numerator);
                if short > 1e-8 * (bound * against).abs() {
                    let cost = short * rule.weight.unwrap_or(1.0);
                    found.push((rule.soft, cost, format!("{}{name}: {numerator} over {against}", rule.name)));
                }
            }
        }
    }
    found
}

fn objective(plan: &Plan, cells: &[(u32, u8, Outcome)]) -> f64 {
    let total: Outcome = cells.iter().map(|(_, _, outcome)| *outcome).sum();
    match format!("{:?}", plan.objective).as_str() {
        "Revenue" => total.revenue,
        "Profit" => plan.margin * total.revenue - total.spend,
        "Orders" => total.orders,
        _ => total.clicks,
    }
}

/// What earns this much: the objective less the price of broken soft rules.
fn worth(plan: &Plan, cells: &[(u32, u8, Outcome)], found: &[(bool, f64, String)]) -> f64 {
    objective(plan, cells) - found.iter().filter(|(soft, ..)| *soft).map(|(_, cost, _)| cost).sum::<f64>()
}

/// The same plan with some bids moved to other admissible ones (or paused), as cells.
fn perturbed(
    plan: &Plan,
    file: &PlanFile,
    forecast: &Forecast<'_>,
    random: &mut ChaCha8Rng,
) -> Vec<(u32, u8, Outcome)> {
    let date = plan.date.to_string();
    let chance = [0.02, 0.1, 0.5][random.random_range(0..3)];
    let mut cells = Vec::new();
    let mut by_the_day: std::collections::BTreeMap<u32, Option<f64>> = Default::default();
    for cell in &plan.cells {
        let unit = plan.unit(cell);
        let outcome = if cell.run { cell.outcome } else { Outcome::default() };
        let planned = matches!(format!("{:?}", cell.reason).as_str(), "Chosen")
            || ["DoesNotPay", "GivesWay"].iter().any(|off| format!("{:?}", cell.reason).starts_with(off));
        if !planned || unit.channel == Channel::GroupBuy {
            cells.push((cell.cell.unit, cell.cell.hour, outcome));
            continue;
        }
        let limits = &file.limits(unit, &date)[usize::from(cell.cell.hour)];
        let known = shop::landscapes().known[cell.cell.unit as usize].bids.expect("bids");
        let mut low = limits.bid[0].max(known[0] / (1.0 + limits.extrapolate));
        let mut high = limits.bid[1].min(known[1] * (1.0 + limits.extrapolate));
        let last = shop::landscapes().known[cell.cell.unit as usize].last_bid[usize::from(cell.cell.hour)];
        if let (Some(change), Some(last)) = (limits.max_change, last) {
            (low, high) = (low.max(last * (1.0 - change)), high.min(last * (1.0 + change)));
        }
        let mut draw = || {
            if !random.random_bool(chance) {
                return cell.bid.filter(|_| cell.run);
            }
            if random.random_bool(0.2) || low > high {
                return None;
            }
            let bid = limits.snap(random.random_range(low..=high));
            let inside = limits.position.is_none_or(|[best, worst]| {
                forecast
                    .position(cell.cell.unit, cell.cell.hour, bid)
                    .is_none_or(|position| (best..=worst).contains(&position))
            });
            (inside && bid >= low && bid <= high).then_some(bid)
        };
        let bid = if unit.channel.by_the_day() {
            // One commission for the day; its narrowest hours decide what it may be.
            let hours = file.limits(unit, &date);
            let fits = |bid: f64| hours.iter().all(|limits| bid >= limits.bid[0] && bid <= limits.bid[1]);
            *by_the_day.entry(cell.cell.unit).or_insert_with(|| draw().filter(|bid| fits(*bid)))
        } else {
            draw()
        };
        let outcome =
            bid.map_or_else(Outcome::default, |bid| forecast.outcome(cell.cell.unit, cell.cell.hour, bid));
        cells.push((cell.cell.unit, cell.cell.hour, outcome));
    }
    cells
}

/// Requests whose rules do not contradict each other, and for which no bids on their steps are found: the plan says so.
/// One of the 80 asks for a share of spend in hours that may bring few orders.
static STUCK: AtomicUsize = AtomicUsize::new(0);
const MOST_STUCK: usize = 1;

proptest! {
    #![proptest_config(super::cases(80))]

    #[test]
    fn plans_are_what_they_say(seed in any::<u64>()) {
        let text = draw(seed);
        let run = shop::plan(&text);
        let (plan, file) = (&run.plan, shop::request(&text).file);
        let date = plan.date.to_string();
        // Beside the slots that it takes: beside others, other traffic is another.
        let mut slots: Vec<u32> =
            plan.cells.iter().filter(|cell| cell.run && plan.unit(cell).channel == Channel::GroupBuy)
                .map(|cell| cell.cell.unit).collect();
        slots.dedup();
        let forecast = shop::landscapes().on(plan.date, &file).beside(slots);
        let cells: Vec<(u32, u8, Outcome)> = plan.cells.iter()
            .map(|cell| {
                let outcome = if cell.run { cell.outcome } else { Outcome::default() };
                (cell.cell.unit, cell.cell.hour, outcome)
            })
            .collect();
        let found = violations(&file, &plan.units, &cells, &date);
        let broken: Vec<&String> =
            found.iter().filter(|(soft, ..)| !soft).map(|(_, _, words)| words).collect();
        if std::env::var_os("BIDWRIGHT_SHOW").is_some() {
            eprintln!("{:?} gap {:e} mended {} {:?}", plan.status, plan.evidence.gap, plan.evidence.mended_cells,
                plan.conflict.as_ref().map(|conflict| &conflict.rules));
        }
        match plan.status {
            Status::Optimal | Status::Feasible => prop_assert!(broken.is_empty(), "{broken:?}\n{text}"),
            Status::Infeasible => {
                prop_assert!(!broken.is_empty(), "a plan that meets every rule is not infeasible\n{text}");
                let conflict = plan.conflict.as_ref().expect("why");
                if conflict.rules.is_empty() {
                    let stuck = STUCK.fetch_add(1, Ordering::Relaxed) + 1;
                    prop_assert!(stuck <= MOST_STUCK, "no bids on their steps: {broken:?} {:?}\n{text}", plan.evidence);
                }
                for relaxation in &conflict.relaxations {
                    let reachable = relaxation.reachable;
                    prop_assert!(reachable.is_none_or(|reachable| reachable != relaxation.bound), "{relaxation:?}");
                }
                return Ok(());
            }
        }
        for value in &plan.rules {
            prop_assert!(value.met || value.soft, "{value}");
        }
        for cell in plan.cells.iter().filter(|cell| cell.run) {
            let unit = plan.unit(cell);
            let limits = &file.limits(unit, &date)[usize::from(cell.cell.hour)];
            prop_assert!(limits.run);
            let Some(bid) = cell.bid.filter(|_| limits.managed && unit.channel != Channel::GroupBuy) else {
                continue;
            };
            prop_assert!((bid / limits.step - (bid / limits.step).round()).abs() < 1e-6, "{bid} is off its step");
            if limits.fixed.is_none() {
                prop_assert!(bid >= limits.bid[0] - 1e-9 && bid <= limits.bid[1] + 1e-9, "{bid}\n{text}");
                if let (Some(change), Some(last)) = (limits.max_change, cell.last_bid) {
                    prop_assert!((bid / last - 1.0).abs() <= change + 1e-6 * limits.step / last);
                }
            }
            if let (Some([best, worst]), Some(position)) = (limits.position, cell.outcome.position()) {
                prop_assert!(position >= best - 1e-9 && position <= worst + 1e-9, "position {position}");
            }
        }
        for unit in 0..plan.units.len() as u32 {
            if plan.units[unit as usize].channel == Channel::Affiliate {
                let mut bids: Vec<f64> = plan.cells.iter()
                    .filter(|cell| cell.cell.unit == unit && cell.run).filter_map(|cell| cell.bid).collect();
                bids.dedup();
                prop_assert!(bids.len() <= 1, "{bids:?} on one day");
            }
        }
        prop_assert_eq!(plan.cells.iter().filter(|cell| plan.unit(cell).channel == Channel::Search).count(), 6 * HOURS);
        let earned = worth(plan, &cells, &found);
        // Bids between rungs may do a little better than the line between them.
        let allowed = 3e-3 * plan.evidence.bound.abs().max(1.0);
        prop_assert!(earned <= plan.evidence.bound + allowed, "{earned} above {}", plan.evidence.bound);
        let mut random = random(seed ^ 0xabc);
        for _ in 0..60 {
            let other = perturbed(plan, &file, &forecast, &mut random);
            let found = violations(&file, &plan.units, &other, &date);
            if found.iter().all(|(soft, ..)| *soft) {
                let value = worth(plan, &other, &found);
                prop_assert!(value <= plan.evidence.bound + allowed, "{value} above {}", plan.evidence.bound);
            }
        }
    }
}
