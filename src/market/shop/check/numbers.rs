//! Every number of a shop's file in its range.

use super::super::{Event, Shop};
use super::Findings;
use crate::calendar::HOURS;

/// `M005`: every number in its range.
pub(super) fn check(shop: &Shop, findings: &mut Findings) {
    const SPREAD: [f64; 2] = [0.0, 3.0];
    const SHARE: [f64; 2] = [0.0, 1.0];
    const ELASTICITY: [f64; 2] = [-5.0, 5.0];
    const MONEY: [f64; 2] = [0.01, 1e9];
    const COUNT: [f64; 2] = [0.0, 1e7];
    let (demand, operator, search) = (&shop.demand, &shop.operator, &shop.search);
    let (display, affiliate) = (&shop.display, &shop.affiliate);
    for (key, value, allowed) in [
        ("demand.monthly_trend", demand.monthly_trend, [-0.9, 10.0]),
        ("demand.drift", demand.drift, SPREAD),
        ("demand.drift_days", demand.drift_days, [1.0, 1e4]),
        ("demand.day_noise", demand.day_noise, SPREAD),
        ("demand.unit_noise", demand.unit_noise, SPREAD),
        ("demand.cvr_noise", demand.cvr_noise, SPREAD),
        ("operator.error", operator.error, SPREAD),
        ("operator.follow_demand", operator.follow_demand, ELASTICITY),
        ("operator.follow_day", operator.follow_day, ELASTICITY),
        ("operator.follow_cvr", operator.follow_cvr, ELASTICITY),
        ("operator.pause", operator.pause, SHARE),
        ("operator.discount_spread", operator.discount_spread, SPREAD),
        ("operator.discount_days", f64::from(operator.discount_days), [1.0, 1e4]),
        ("search.keywords_per_campaign", f64::from(search.keywords_per_campaign), [0.0, 1e5]),
        ("search.queries", search.queries, COUNT),
        ("search.queries_spread", search.queries_spread, SPREAD),
        ("search.slots", f64::from(search.slots), [1.0, 100.0]),
        ("search.top_ctr", search.top_ctr, SHARE),
        ("search.ctr_spread", search.ctr_spread, SPREAD),
        ("search.attention_decay", search.attention_decay, SHARE),
        ("search.cvr", search.cvr, SHARE),
        ("search.cvr_spread", search.cvr_spread, SPREAD),
        ("search.value_spread", search.value_spread, SPREAD),
        ("search.quality_spread", search.quality_spread, SPREAD),
        ("search.rivals", search.rivals, [0.0, 1000.0]),
        ("search.rival_score", search.rival_score, MONEY),
        ("search.rival_insight", search.rival_insight, ELASTICITY),
        ("search.keyword_spread", search.keyword_spread, SPREAD),
        ("search.rival_spread", search.rival_spread, SPREAD),
        ("search.rival_dayparting", search.rival_dayparting, ELASTICITY),
        ("search.rival_runs_out", search.rival_runs_out, SHARE),
        ("search.rival_presence", search.rival_presence, SHARE),
        ("search.jitter", search.jitter, SPREAD),
        ("search.rival_nerves", search.rival_nerves, SPREAD),
        ("search.rival_drift", search.rival_drift, SPREAD),
        ("search.rival_drift_days", search.rival_drift_days, [1.0, 1e4]),
        ("search.monthly_inflation", search.monthly_inflation, [-0.9, 10.0]),
        ("search.reserve", search.reserve, MONEY),
        ("search.operator_aim", search.operator_aim, [0.01, 100.0]),
        ("search.daily_budget", search.daily_budget, MONEY),
        ("display.opportunities", display.opportunities, COUNT),
        ("display.opportunities_spread", display.opportunities_spread, SPREAD),
        ("display.rival_cpm", display.rival_cpm, MONEY),
        ("display.unit_spread", display.unit_spread, SPREAD),
        ("display.rival_spread", display.rival_spread, SPREAD),
        ("display.rival_dayparting", display.rival_dayparting, ELASTICITY),
        ("display.ctr", display.ctr, SHARE),
        ("display.ctr_spread", display.ctr_spread, SPREAD),
        ("display.fatigue", display.fatigue, SHARE),
        ("display.people", display.people, [0.0, 1e9]),
        ("display.overlap", display.overlap, SHARE),
        ("display.wear", display.wear, [0.0, 10.0]),
        ("display.rival_nerves", display.rival_nerves, SPREAD),
        ("display.monthly_inflation", display.monthly_inflation, [-0.9, 10.0]),
        ("display.cvr", display.cvr, SHARE),
        ("display.cvr_spread", display.cvr_spread, SPREAD),
        ("display.value_spread", display.value_spread, SPREAD),
        ("display.operator_aim", display.operator_aim, [0.01, 100.0]),
        ("display.daily_budget", display.daily_budget, MONEY),
        ("affiliate.plans", f64::from(affiliate.plans), [0.0, 1e4]),
        ("affiliate.promoters", f64::from(affiliate.promoters), [0.0, 1e4]),
        ("affiliate.reach", affiliate.reach, COUNT),
        ("affiliate.reach_spread", affiliate.reach_spread, SPREAD),
        ("affiliate.reach_tail", affiliate.reach_tail, [0.0, 100.0]),
        ("affiliate.burst", affiliate.burst, SHARE),
        ("affiliate.burst_tail", affiliate.burst_tail, [0.1, 100.0]),
        ("affiliate.delay_days", affiliate.delay_days, [0.0, 365.0]),
        ("affiliate.lead_days", f64::from(affiliate.lead_days), [0.0, 365.0]),
        ("affiliate.asked", affiliate.asked, [0.001, 1.0]),
        ("affiliate.asked_spread", affiliate.asked_spread, SPREAD),
        ("affiliate.ctr", affiliate.ctr, SHARE),
        ("affiliate.cvr", affiliate.cvr, SHARE),
        ("affiliate.cvr_spread", affiliate.cvr_spread, SPREAD),
        ("affiliate.value_spread", affiliate.value_spread, SPREAD),
        ("affiliate.commission", affiliate.commission, [0.005, 0.9]),
        ("returns.share", shop.returns.share, SHARE),
    ] {
        findings.within(key, value, allowed);
    }
    findings.range("operator.change_days", operator.change_days, [1.0, 1e4]);
    findings.range("operator.commission_days", operator.commission_days, [1.0, 1e4]);
    findings.range("operator.step", operator.step, [0.0, 0.9]);
    findings.range("returns.days", shop.returns.days.map(f64::from), [0.0, 365.0]);
    for (at, share) in search.visibility.iter().enumerate() {
        findings.within(&format!("search.visibility of slot {}", at + 1), *share, SHARE);
    }
    for rival in &search.named {
        for (key, value, allowed) in [
            ("strength", rival.strength, [0.01, 100.0]),
            ("spread", rival.spread, SPREAD),
            ("quality", rival.quality, [0.01, 100.0]),
            ("coverage", rival.coverage, SHARE),
            ("presence", rival.presence, SHARE),
            ("dayparting", rival.dayparting, ELASTICITY),
            ("drift", rival.drift, SPREAD),
            ("drift_days", rival.drift_days, [1.0, 1e4]),
            ("daily_budget", rival.daily_budget, MONEY),
        ] {
            findings.within(&format!("{key} of rival {}", rival.name), value, allowed);
        }
    }
    for event in &shop.events {
        event_numbers(event, findings);
    }
    for product in &shop.products {
        findings.within(&format!("order_value of product {}", product.name), product.order_value, MONEY);
    }
    for output in &shop.outputs {
        if output.last_days == Some(0) || output.file.as_os_str().is_empty() {
            findings.add(
                "M005",
                "an output without a name or without days",
                "name its `file`; leave `last_days` out for all",
            );
        }
    }
}

/// `M004`, `M005`: an event's shape and numbers.
fn event_numbers(event: &Event, findings: &mut Findings) {
    for (key, value, allowed) in [
        ("days", f64::from(event.days), [1.0, 365.0]),
        ("traffic", event.traffic, [0.01, 100.0]),
        ("cvr", event.cvr, [0.01, 100.0]),
        ("rivals", event.rivals, [0.01, 100.0]),
        ("before_days", f64::from(event.before_days), [0.0, 365.0]),
        ("before_traffic", event.before_traffic, [0.01, 100.0]),
        ("before_cvr", event.before_cvr, [0.01, 100.0]),
        ("presale", event.presale, [0.0, 1.0]),
    ] {
        findings.within(&format!("{key} of the event of {}", event.date), value, allowed);
    }
    if !event.hour.is_empty() {
        findings.list(&format!("hour of the event of {}", event.date), &event.hour, HOURS);
    }
}
