//! Reading a shop's file: every finding at once.

use std::collections::HashSet;

use super::{Event, Shop, Slot};
use crate::calendar::{HOURS, day_number};
use crate::error::{Error, Finding, Result};

/// Most days that a shop may have: ten years.
const MOST_DAYS: u32 = 3660;

pub(super) fn parse(text: &str) -> Result<Shop> {
    let shop: Shop = toml::from_str(text).map_err(|error| not_a_shop(text, &error))?;
    let mut findings = Findings(Vec::new());
    dates(&shop, &mut findings);
    shapes(&shop, &mut findings);
    numbers(&shop, &mut findings);
    names(&shop, &mut findings);
    for slot in &shop.slots {
        group_buy(&shop, slot, &mut findings);
    }
    if findings.0.is_empty() { Ok(shop) } else { Err(Error::Input(findings.0)) }
}

/// The parser's own words, at their line.
fn not_a_shop(text: &str, error: &toml::de::Error) -> Finding {
    let action = "compare the file with the sample shop's; `bidwright schema` lists the keys";
    let finding = Finding::error("M001", format!("this is not a shop's file: {}", error.message()), action);
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => finding.at_line(before.matches('\n').count() + 1),
        None => finding,
    }
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, code: &'static str, cause: impl Into<String>, action: impl Into<String>) {
        self.0.push(Finding::error(code, cause, action));
    }

    /// `M005`: a number must lie in a range.
    fn within(&mut self, key: &str, value: f64, [low, high]: [f64; 2]) {
        if !(low..=high).contains(&value) {
            let finding = Finding::error(
                "M005",
                format!("`{key}` cannot be that"),
                format!("set it from {low} to {high}"),
            );
            self.0.push(finding.with_value(value.to_string()));
        }
    }

    /// `M004`: a list needs so many numbers above 0.
    fn list(&mut self, key: &str, list: &[f64], length: usize) {
        if list.len() != length || !list.iter().all(|value| (1e-6..1e6).contains(value)) {
            self.add("M004", format!("`{key}` needs {length} numbers above 0"), "list one for each");
        }
    }

    /// `M005`: a range of numbers must lie in a range, lowest first.
    fn range(&mut self, key: &str, [low, high]: [f64; 2], allowed: [f64; 2]) {
        self.within(key, low, allowed);
        self.within(key, high, allowed);
        if low > high {
            self.add("M005", format!("`{key}` begins above its end"), "write the lower number first");
        }
    }
}

fn dates(shop: &Shop, findings: &mut Findings) {
    if shop.days == 0 || shop.days > MOST_DAYS {
        findings.add("M002", format!("`days` is {}", shop.days), format!("set it from 1 to {MOST_DAYS}"));
    } else if !(0..=40_000).contains(&shop.first_day()) {
        findings.add("M002", format!("`first_date` is {}", shop.first_date), "set it from 1970 to 2079");
    } else if shop.as_of.is_some_and(|date| day_number(date) <= shop.first_day()) {
        findings.add("M003", "`as_of` is not after the first day", "export the report on a later morning");
    }
}

/// `M004`: lists that stand for the hours, the weekdays and the attribution window.
fn shapes(shop: &Shop, findings: &mut Findings) {
    let demand = &shop.demand;
    for (key, list, length) in [
        ("demand.hour", &demand.hour, HOURS),
        ("demand.weekday", &demand.weekday, 7),
        ("demand.cvr_hour", &demand.cvr_hour, HOURS),
        ("demand.cvr_weekday", &demand.cvr_weekday, 7),
    ] {
        findings.list(key, list, length);
    }
    let total: f64 = shop.delay.iter().sum();
    if !(1..=90).contains(&shop.delay.len())
        || shop.delay.iter().any(|share| !(0.0..=1.0).contains(share))
        || (total - 1.0).abs() > 0.01
    {
        findings.add(
            "M004",
            format!("`delay` must be shares of 1 to 90 days that sum to 1; they sum to {total}"),
            "list the share of orders that arrive on day 0, 1, 2 …",
        );
    }
}

/// `M005`: every number in its range.
fn numbers(shop: &Shop, findings: &mut Findings) {
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

/// `M006`, `M007`: names that must be there, and be different.
fn names(shop: &Shop, findings: &mut Findings) {
    if shop.products.is_empty() {
        findings.add("M006", "the shop sells nothing", "add a [[product]]");
    }
    let lists: [(&str, Vec<&str>); 7] = [
        ("[[product]]", shop.products.iter().map(|product| product.name.as_str()).collect()),
        ("[[group_buy]]", shop.slots.iter().map(|slot| slot.unit.as_str()).collect()),
        ("[[search.rival]]", shop.search.named.iter().map(|rival| rival.name.as_str()).collect()),
        ("search.campaigns", shop.search.campaigns.iter().map(String::as_str).collect()),
        ("display.campaigns", shop.display.campaigns.iter().map(String::as_str).collect()),
        ("display.audiences", shop.display.audiences.iter().map(String::as_str).collect()),
        ("display.placements", shop.display.placements.iter().map(String::as_str).collect()),
    ];
    for (key, list) in lists {
        let mut seen = HashSet::new();
        for name in list {
            if name.trim().is_empty() || !seen.insert(name) {
                findings.add(
                    "M007",
                    format!("{key}: the name `{name}` is empty or used twice"),
                    "give each its own name",
                );
            }
        }
    }
}

/// `M006` for an unknown product, `M005` for bad numbers of a slot.
fn group_buy(shop: &Shop, slot: &Slot, findings: &mut Findings) {
    if !shop.products.iter().any(|product| product.name == slot.product) {
        let cause = format!("slot {} shows the product `{}`, which is not there", slot.unit, slot.product);
        findings.add("M006", cause, "name one of the [[product]]s");
    }
    if slot.weekdays.iter().any(|weekday| !(1..=7).contains(weekday)) {
        findings.add(
            "M005",
            format!("slot {} has a weekday outside 1-7", slot.unit),
            "1 is Monday, 7 is Sunday",
        );
    }
    if slot.hour.as_slice().is_empty() {
        findings.add(
            "M005",
            format!("slot {} is never open", slot.unit),
            "give it hours, for example \"10-24\"",
        );
    }
    for (key, value, allowed) in [
        ("fixed_fee", slot.fixed_fee, [0.0, 1e9]),
        ("rate", slot.rate, [0.0, 1.0]),
        ("impressions", slot.impressions, [0.0, 1e9]),
        ("ctr", slot.ctr, [0.0, 1.0]),
        ("cvr", slot.cvr, [0.0, 1.0]),
        ("order_value", slot.order_value.unwrap_or(1.0), [0.01, 1e9]),
        ("halo", slot.halo, [0.0, 10.0]),
    ] {
        findings.within(&format!("{key} of slot {}", slot.unit), value, allowed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        match parse(text) {
            Ok(_) => Vec::new(),
            Err(error) => error.findings().iter().map(|finding| finding.code).collect(),
        }
    }

    #[test]
    fn an_empty_file_is_a_shop() {
        assert_eq!(codes(""), [""; 0]);
    }

    #[test]
    fn dates_are_toml_dates_or_text() {
        for text in ["first_date = 2026-02-03", "first_date = \"2026-02-03\""] {
            assert_eq!(parse(text).unwrap().first_date, jiff::civil::date(2026, 2, 3));
        }
        assert_eq!(codes("first_date = \"tomorrow\""), ["M001"]);
    }

    #[test]
    fn every_bad_value_is_found_at_once() {
        let text = "days = 0\ndelay = [0.5]\nproduct = []\n[search]\ncvr = 1.5\ncampaigns = [\"a\", \"a\"]\n[operator]\nstep = [0.3, 0.1]";
        assert_eq!(codes(text), ["M002", "M004", "M005", "M005", "M006", "M007"]);
        assert_eq!(codes("as_of = 2026-11-01"), ["M003"]);
        assert_eq!(codes("[demand]\nhour = [1, 2]"), ["M004"]);
        assert_eq!(codes("[search]\ncvr = nan"), ["M005"]);
        let slot = "[[group_buy]]\nunit = \"s\"\nproduct = \"none\"\nweekdays = [8]\nhour = [\"10-24\"]\nimpressions = 1\nctr = 0.1\ncvr = 0.1";
        assert_eq!(codes(slot), ["M006", "M005"]);
    }

    #[test]
    fn rivals_and_events_are_checked_too() {
        assert_eq!(codes("[[search.rival]]\nname = \"a\"\nstrength = 0.0"), ["M005"]);
        assert_eq!(codes("[[search.rival]]\n[[search.rival]]\nname = \"a\""), ["M007"]);
        assert_eq!(codes("[search]\nvisibility = [1.0, 1.5]"), ["M005"]);
        assert_eq!(codes("[[event]]\ndate = 2026-11-11\nhour = [1]\npresale = 2"), ["M005", "M004"]);
        assert_eq!(codes("[returns]\nshare = 0.1\ndays = [5, 2]"), ["M005"]);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = parse("days = 3\n[search]\ncampain = 1").unwrap_err();
        let finding = &error.findings()[0];
        assert_eq!(finding.code, "M001");
        assert_eq!(finding.place.as_ref().and_then(|place| place.line), Some(3));
        assert!(finding.cause.contains("campain"), "{}", finding.cause);
    }
}
