//! Reading a shop's file: every finding at once.

mod numbers;

use std::collections::HashSet;

use super::{Shop, Slot};
use crate::calendar::{HOURS, day_number};
use crate::error::{Error, Finding, Result};

/// Most days that a shop may have: ten years.
const MOST_DAYS: u32 = 3660;

pub(super) fn parse(text: &str) -> Result<Shop> {
    let shop: Shop = toml::from_str(text).map_err(|error| not_a_shop(text, &error))?;
    let mut findings = Findings(Vec::new());
    dates(&shop, &mut findings);
    shapes(&shop, &mut findings);
    numbers::check(&shop, &mut findings);
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
