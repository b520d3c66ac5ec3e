use super::*;
use crate::keys::{Cell, Unit};
use crate::plan::{Evidence, Outlook, PlanCell, Reason, Relaxation, RowPrice};

fn cell(unit: u32, hour: u8, run: bool) -> PlanCell {
    let outcome = Outcome {
        impressions: 1000.0,
        clicks: 50.0,
        spend: 100.0,
        orders: 2.5,
        revenue: 250.0,
        ..Outcome::default()
    };
    PlanCell {
        cell: Cell { unit, hour },
        run,
        bid: run.then_some(2.0),
        last_bid: None,
        outcome: if run { outcome } else { Outcome::default() },
        reason: Reason::Chosen,
        extrapolated: false,
        imputed: false,
    }
}

fn rule(name: &str, met: bool, binding: bool) -> RuleValue {
    RuleValue {
        rule: name.into(),
        scope: "plan".into(),
        metric: Metric::Roi,
        value: Some(2.5),
        min: Some(2.0),
        max: None,
        share: false,
        slack: Some(0.5),
        binding,
        shadow_price: if binding { 12.5 } else { 0.0 },
        met,
        soft: false,
        chance: None,
        deviation: None,
    }
}

fn plan(status: Status, rules: Vec<RuleValue>) -> Plan {
    let unit = |channel| Unit { channel, campaign: "c".into(), unit: "关键词".into(), product: None };
    Plan {
        date: jiff::civil::date(2026, 12, 12),
        objective: Objective::Revenue,
        margin: 0.35,
        currency: "CNY".into(),
        status,
        units: vec![unit(Channel::Search), unit(Channel::Display)],
        cells: vec![cell(0, 0, true), cell(0, 1, false), cell(1, 0, true)],
        rules,
        evidence: Evidence {
            solver: "clarabel".into(),
            relaxed: 505.0,
            bound: 505.0,
            objective: 500.0,
            penalty: 0.0,
            gap: 0.0099,
            relaxed_gap: 0.0,
            violation: 0.0,
            rounding_cost: 5.0,
            mended_cells: 0,
            by_hand: 0,
            by_hand_cost: 0.0,
            iterations: 10,
            columns: 30,
            ladders: 3,
            rows: 1,
        },
        conflict: None,
        outlook: Outlook::default(),
        underway: None,
    }
}

/// The words of the line that begins with `first`.
fn line<'t>(text: &'t str, first: &str) -> Vec<&'t str> {
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words
        .into_iter()
        .find(|words| words.first() == Some(&first))
        .unwrap_or_else(|| panic!("no line {first} in\n{text}"))
}

#[test]
fn channels_add_up() {
    let text = of(&plan(Status::Optimal, vec![]), 1.25, Path::new("runs/2026-12-12"));
    assert_eq!(
        line(&text, "search"),
        ["search", "100.00", "50.0", "2.00", "2.5", "250.00", "2.50", "–", "1", "of", "2"]
    );
    assert_eq!(
        line(&text, "all"),
        ["all", "200.00", "100", "2.00", "5.0", "500.00", "2.50", "–", "2", "of", "3"]
    );
    assert!(!text.contains("affiliate"), "a channel that the shop does not have is not shown:\n{text}");
    assert!(text.contains("revenue 500.00, at most 505.00 possible: gap 0.99 %"), "{text}");
    assert!(text.ends_with("written to runs/2026-12-12\n"), "{text}");
}

#[test]
fn rules_show_value_bound_and_price() {
    let text = of(&plan(Status::Optimal, vec![rule("roi", true, true)]), 1.0, Path::new("out"));
    assert_eq!(
        line(&text, "roi"),
        ["roi", "plan", "roi", "binding", "2.500", "≥", "2.000", "0.500", "–", "12.50"]
    );
}

#[test]
fn of_many_rules_the_broken_and_the_binding_come_first() {
    let mut rules: Vec<_> = (0..100).map(|at| rule(&format!("r{at}"), true, false)).collect();
    rules.push(rule("binding", true, true));
    rules.push(rule("broken", false, false));
    let text = of(&plan(Status::Infeasible, rules), 1.0, Path::new("out"));
    let at = |name: &str| text.find(&format!("\n {name} ")).unwrap_or_else(|| panic!("no {name} in\n{text}"));
    assert!(at("broken") < at("binding") && at("binding") < at("r0"));
    assert!(text.contains("… and 72 more"), "{text}");
}

#[test]
fn of_a_long_rule_the_closest_row_is_shown() {
    let mut rules: Vec<_> = (0..100).map(|_| rule("cpc", true, false)).collect();
    (rules[42].slack, rules[42].scope) = (Some(0.01), "unit=kw-42".into());
    let text = of(&plan(Status::Optimal, rules), 1.0, Path::new("out"));
    assert!(text.contains("unit=kw-42 (closest of 100)") && text.matches(" cpc ").count() == 1, "{text}");
}

#[test]
fn a_conflict_is_told_in_words() {
    let mut plan = plan(Status::Infeasible, vec![]);
    let sentence = "roi can be met with min = 1.8";
    plan.conflict = Some(Conflict {
        rules: vec!["roi".into(), "volume".into()],
        broken: Vec::new(),
        proof: Some(Proof {
            shortfall: 1234.0,
            prices: vec![RowPrice {
                rule: "roi".into(),
                scope: "channel=search".into(),
                row: "revenue - 2 × spend ≥ 0".into(),
                price: 1.0,
            }],
        }),
        relaxations: vec![Relaxation {
            rule: "roi".into(),
            scope: "plan".into(),
            metric: Metric::Roi,
            bound: 2.0,
            reachable: Some(1.8),
            sentence: sentence.into(),
        }],
    });
    let text = of(&plan, 1.0, Path::new("out"));
    assert!(!text.contains("possible"), "the nearest plan breaks rules, so no bound speaks of it:\n{text}");
    assert!(
        text.contains("no plan can meet the rules")
            && text.contains("roi, volume")
            && text.contains(sentence)
            && text.contains("1.000  roi [channel=search]: revenue - 2 × spend ≥ 0")
            && text.contains("adds up to 1,234 or more"),
        "{text}"
    );
}
