//! A made-up but lifelike run for the tests of what people read.

use std::path::PathBuf;

use crate::calendar::HOURS;
use crate::config::{Objective, PlanFile, Request, Rule};
use crate::error::Finding;
use crate::history::{Audit, FileAudit, Rejected};
use crate::keys::{Cell, Channel, Unit};
use crate::metric::{Metric, Outcome};
use crate::plan::{
    Conflict, Evidence, Outlook, Plan, PlanCell, Proof, Reason, Relaxation, RowPrice, RuleValue, Status,
};

/// Names that break careless writers: markup, formulas, long IDs, separators, other scripts.
pub const HOSTILE: [&str; 8] = [
    "</script><b>bold</b>",
    "=HYPERLINK(\"http://example.com\",\"x\")",
    "12345678901234567",
    "000123",
    "a, \"quoted\" name\nin two lines",
    "连衣裙 新款",
    "🎁 gift <!-- note",
    "+1-1@x",
];

/// Evenly scattered numbers in 0..1, the same every time.
fn noise(a: usize, b: usize) -> f64 {
    let mixed = (a as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (b as u64 + 7).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 32)) & 0xFFFF_FFFF) as f64 / 4_294_967_296.0
}

fn units() -> Vec<Unit> {
    let words = ["连衣裙", "羽绒服 女", "牛仔裤", "保温杯", "wool coat", "snow boots", "围巾", "毛衣 中长款"];
    let unit = |channel, campaign: String, unit: String, product| Unit { channel, campaign, unit, product };
    let mut units = Vec::new();
    for n in 0..80 {
        let name =
            HOSTILE.get(n).map_or_else(|| format!("{} {n:04}", words[n % words.len()]), ToString::to_string);
        units.push(unit(
            Channel::Search,
            format!("plan-{}", n % 6),
            name,
            Some(format!("6{:011}", 10_007 * n)),
        ));
    }
    for n in 0..16 {
        let name = format!("audience-{} / placement-{}", n / 4, n % 4);
        units.push(unit(Channel::Display, format!("banner-{}", n % 3), name, None));
    }
    for n in 0..6 {
        units.push(unit(Channel::Affiliate, "taoke".into(), format!("affiliate-{n}"), None));
    }
    for n in 0..4 {
        units.push(unit(Channel::GroupBuy, "group-buy".into(), format!("slot-{n}"), None));
    }
    units.sort();
    units
}

/// The shape of a shop's day.
fn demand(hour: usize) -> f64 {
    let peak = |centre: f64, width: f64| (-((hour as f64 - centre) / width).powi(2)).exp();
    0.12 + 0.6 * peak(10.5, 2.5) + 0.5 * peak(15.5, 2.5) + peak(20.5, 2.2)
}

fn cell(unit: &Unit, index: usize, hour: usize) -> PlanCell {
    let stepped = |value: f64, step: f64| (value / step).round() * step;
    let luck = noise(index, hour);
    let size = 0.3 + 2.0 * noise(index, 99).powi(2);
    let (bid, last, position, impressions, ctr, cpc, rate, reason) = match unit.channel {
        Channel::Search => {
            let last = stepped(0.6 + 2.5 * noise(index, 1), 0.01);
            let position = 3.0 + 2.0 * noise(index, hour + 50);
            let bid = stepped(last * (0.7 + 0.7 * luck), 0.01);
            (bid, last, Some(position), 160.0 * size, 0.016, bid * 0.8, 0.035, Reason::Chosen)
        }
        Channel::Display => {
            let last = stepped(40.0 + 40.0 * noise(index, 1), 0.1);
            let bid = stepped(last * (0.8 + 0.4 * luck), 0.1);
            (bid, last, None, 1200.0 * size, 0.03, bid / 30.0, 0.035, Reason::Chosen)
        }
        Channel::Affiliate => {
            let day = noise(index, 3);
            let bid = stepped(0.08 + 0.2 * day, 0.005);
            (
                bid,
                stepped(0.08 + 0.2 * noise(index, 4), 0.005),
                None,
                400.0 * size,
                0.05,
                1.1,
                0.04,
                Reason::Chosen,
            )
        }
        Channel::GroupBuy => (0.0, 0.0, None, 5000.0 * size, 0.05, 0.9, 0.05, Reason::SlotTaken),
    };
    let by_day = if unit.channel.by_the_day() { noise(index, 5) } else { noise(index, hour + 200) };
    let off = match unit.channel {
        _ if by_day > 0.22 => None,
        Channel::Search if hour.is_multiple_of(3) => {
            Some(Reason::OutsideBand { at_lowest: 9.26, at_highest: 5.4 })
        }
        Channel::Search if hour % 3 == 1 => Some(Reason::NoAdmissibleBid { lowest: 0.8, highest: 0.6 }),
        Channel::GroupBuy => Some(Reason::NotOffered),
        _ => Some(Reason::DoesNotPay { best_bid: bid, gain: 31.2, price: 33.9 }),
    };
    let (run, reason) = match off {
        None => (true, reason),
        Some(reason) => (false, reason),
    };
    let impressions = impressions * demand(hour);
    let clicks = impressions * ctr;
    let orders = clicks * rate * (0.6 + 0.8 * luck);
    let outcome = Outcome {
        impressions,
        clicks,
        spend: clicks * cpc,
        orders,
        revenue: orders * 138.0,
        position_sum: position.unwrap_or(0.0) * impressions,
        position_weight: if position.is_some() { impressions } else { 0.0 },
    };
    PlanCell {
        cell: Cell { unit: index as u32, hour: hour as u8 },
        run,
        bid: run.then_some(bid),
        last_bid: (last > 0.0 && index % 9 != 4).then_some(last),
        outcome: if run { outcome } else { Outcome::default() },
        reason,
        extrapolated: run && luck > 0.97,
        imputed: unit.channel == Channel::Search && index % 11 == 5,
    }
}

/// A plan of 80 keywords, 16 audiences, 6 affiliate plans and 4 slots, 24 hours each.
pub fn plan() -> Plan {
    let units = units();
    let cells: Vec<PlanCell> = units
        .iter()
        .enumerate()
        .flat_map(|(index, unit)| (0..HOURS).map(move |hour| cell(unit, index, hour)))
        .collect();
    let evidence = Evidence {
        solver: "structured".into(),
        relaxed: 0.0,
        bound: 0.0,
        penalty: 0.0,
        objective: 0.0,
        gap: 0.0,
        relaxed_gap: 3.1e-9,
        violation: 4.4e-16,
        rounding_cost: 18.25,
        mended_cells: 3,
        by_hand: 0,
        by_hand_cost: 0.0,
        iterations: 412,
        columns: 21_480,
        ladders: 2_544,
        rows: 9,
    };
    let mut plan = Plan {
        date: jiff::civil::date(2026, 12, 12),
        objective: Objective::Revenue,
        margin: 0.35,
        currency: "CNY".into(),
        status: Status::Optimal,
        units,
        cells,
        rules: Vec::new(),
        evidence,
        conflict: None,
        outlook: Outlook::default(),
        underway: None,
    };
    let total = plan.total(|_, _| true);
    plan.evidence = Evidence {
        objective: total.revenue,
        relaxed: total.revenue + 21.0,
        bound: total.revenue + 20.5,
        gap: 20.5 / total.revenue,
        ..plan.evidence
    };
    plan.rules = rules(&plan);
    plan
}

fn rules(plan: &Plan) -> Vec<RuleValue> {
    let row = |rule: &str, scope: &str, metric, value: Option<f64>| RuleValue {
        rule: rule.into(),
        scope: scope.into(),
        metric,
        value,
        min: None,
        max: None,
        share: false,
        slack: None,
        binding: false,
        shadow_price: 0.0,
        met: true,
        soft: false,
        chance: None,
        deviation: None,
    };
    let total = plan.total(|_, _| true);
    let mut rules = vec![RuleValue {
        max: Some(total.spend + 0.37),
        slack: Some(0.37),
        binding: true,
        shadow_price: 1.87,
        ..row("budget", "plan", Metric::Spend, Some(total.spend))
    }];
    for channel in Channel::ALL {
        let roi = plan.channel(channel).roi();
        rules.push(RuleValue {
            min: Some(2.0),
            slack: roi.map(|roi| roi - 2.0),
            met: roi.is_none_or(|roi| roi >= 2.0),
            ..row("roi", &format!("channel={channel}"), Metric::Roi, roi)
        });
    }
    rules.push(RuleValue {
        min: Some(0.15),
        share: true,
        slack: Some(-0.02),
        met: false,
        soft: true,
        binding: true,
        shadow_price: 2104.0,
        ..row("evening round", "channel=search|display hour=20", Metric::Spend, Some(0.13))
    });
    rules.push(RuleValue { max: Some(5.0), ..row("cpc <b>", "channel=search", Metric::Cpc, None) });
    rules
}

/// The same plan where the rules contradict each other.
pub fn infeasible() -> Plan {
    let mut plan = plan();
    plan.status = Status::Infeasible;
    plan.rules[1].met = false;
    plan.conflict = Some(Conflict {
        rules: vec!["budget".into(), "roi [channel=search]".into()],
        relaxations: vec![Relaxation {
            rule: "budget".into(),
            scope: "plan".into(),
            metric: Metric::Spend,
            bound: 30_000.0,
            reachable: Some(31_250.0),
            sentence: "budget can be met at 31,250 instead of 30,000".into(),
        }],
        broken: Vec::new(),
        proof: Some(Proof {
            shortfall: 512.5,
            prices: vec![
                RowPrice {
                    rule: "budget".into(),
                    scope: "plan".into(),
                    row: "spend ≤ 30000".into(),
                    price: 1.0,
                },
                RowPrice {
                    rule: "roi".into(),
                    scope: "channel=search".into(),
                    row: "revenue - 2 × spend ≥ 0".into(),
                    price: 0.4321,
                },
            ],
        }),
    });
    plan
}

/// The plan file behind it.
pub fn request() -> Request {
    let mut file = PlanFile::default();
    file.history.files = vec!["history/*.csv".into()];
    file.rules.push(Rule {
        name: "budget".into(),
        metric: Metric::Spend,
        scope: None,
        per: None,
        min: None,
        max: Some(30_000.0),
        min_share: None,
        max_share: None,
        of: None,
        soft: false,
        weight: None,
        off: false,
    });
    Request {
        path: PathBuf::from("shop/PLAN.toml"),
        file,
        text: "[history]\nfiles = [\"history/*.csv\"]\n".into(),
    }
}

/// The account of its history.
pub fn audit() -> Audit {
    let file = |name: &str, imputed| FileAudit {
        file: PathBuf::from(name),
        bytes: 1_204_551,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        rows: 48_000,
        accepted: 47_990,
        rejected: 10,
        earlier: 0,
        dated: false,
        too_old: 120,
        imputed,
        encoding: "gb18030".into(),
        channels: Vec::new(),
        columns: vec![("spend".into(), "花费".into())],
        unused_columns: vec!["总收藏数".into(), "总购物车数".into()],
    };
    Audit {
        files: vec![file("history/search-2026-11.csv", 1_200), file("history/<i>display</i>.csv", 0)],
        rejected: vec![Rejected {
            file: PathBuf::from("history/search-2026-11.csv"),
            line: 17,
            column: "spend".into(),
            value: "12,x".into(),
            code: "H012",
            reason: "not a number".into(),
            row: "2026-11-01,3,search,\"a, b\",12,x".into(),
        }],
        findings: vec![
            Finding::warning(
                "H030",
                "sales of the newest 3 days are still filling in",
                "none needed: they are not learned from",
            ),
            Finding::note(
                "H031",
                "2 columns were not used",
                "map them under [[history.source]] if they matter",
            ),
        ],
    }
}
