//! The page's tables, every number already in words.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;

use super::change::{self, Task};
use super::lang::{self, Lang, Word};
use super::{number, reason};
use crate::calendar::HOURS;
use crate::config::Request;
use crate::error::Severity;
use crate::history::Audit;
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::plan::{Plan, PlanCell, row_name};

const MOST_TASKS: usize = 25;
const MOST_KEYWORDS: usize = 40;
const MOST_FINDINGS: usize = 20;

/// What to do today, most money at stake first.
pub fn tasks(tasks: &[Task<'_>], lang: Lang) -> Value {
    let row = |task: &Task<'_>| {
        let channel = task.unit.channel;
        let bid = |value| number::or_nothing(value, |value| number::bid(channel, value));
        let taken = channel == Channel::GroupBuy && task.to == Some(0.0);
        context! {
            act => task.act.word().en,
            action => task.act.word().in_(lang),
            channel => reason::channel(channel).in_(lang),
            campaign => task.unit.campaign.as_str(),
            unit => task.unit.unit.as_str(),
            product => task.unit.product.as_deref().unwrap_or(""),
            hours => change::spans(&task.hours, lang),
            from => bid(task.from),
            to => if taken { lang::FIXED_FEE.in_(lang).to_string() } else { bid(task.to) },
            change => number::or_nothing(task.change(), number::change),
            spend => money(task.outcome.spend),
            revenue => money(task.outcome.revenue),
            roi => ratio(task.outcome.roi()),
            stake => money(task.stake),
        }
    };
    tasks.iter().take(MOST_TASKS).map(row).collect()
}

fn ratio(value: Option<f64>) -> String {
    number::or_nothing(value, money)
}

/// Money in a column: always two decimals, so that the column is even.
fn money(value: f64) -> String {
    number::fixed(value, 2)
}

fn outcome_row(name: &str, outcome: &Outcome, cells: [usize; 2], margin: f64) -> Value {
    let rate = |value| number::or_nothing(value, |value| number::percent(value, 2));
    context! {
        name,
        on => number::fixed(cells[0] as f64, 0),
        off => number::fixed(cells[1] as f64, 0),
        spend => money(outcome.spend),
        revenue => money(outcome.revenue),
        roi => ratio(outcome.roi()),
        profit => money(margin * outcome.revenue - outcome.spend),
        orders => number::fixed(outcome.orders, 1),
        clicks => number::fixed(outcome.clicks, 0),
        impressions => number::fixed(outcome.impressions, 0),
        cpc => ratio(outcome.cpc()),
        cpm => ratio(outcome.cpm()),
        ctr => rate(outcome.ctr()),
        cvr => rate(outcome.cvr()),
        position => number::or_nothing(outcome.position(), |value| number::fixed(value, 2)),
    }
}

/// One row per channel that the plan holds, and their total.
pub fn channels(plan: &Plan, lang: Lang) -> Value {
    let count = |keep: &dyn Fn(&PlanCell) -> bool| plan.cells.iter().filter(|cell| keep(cell)).count();
    let mut rows: Vec<Value> = Vec::new();
    for channel in Channel::ALL {
        let within = |cell: &PlanCell| plan.unit(cell).channel == channel;
        let cells = [count(&|cell| within(cell) && cell.run), count(&|cell| within(cell) && !cell.run)];
        if cells != [0, 0] {
            rows.push(outcome_row(
                reason::channel(channel).in_(lang),
                &plan.channel(channel),
                cells,
                plan.margin,
            ));
        }
    }
    let cells = [count(&|cell| cell.run), count(&|cell| !cell.run)];
    rows.push(outcome_row(lang::TOTAL.in_(lang), &plan.total(|_, _| true), cells, plan.margin));
    rows.into_iter().collect()
}

/// The band of every total: the metrics, and a row a channel with a cell for each of them.
pub fn outlook(plan: &Plan, lang: Lang) -> Value {
    let rows: Vec<&[crate::plan::Band]> =
        plan.outlook.bands.chunk_by(|a, b| a.channel == b.channel).collect();
    let metrics = rows.first().map_or(&[][..], |bands| *bands).iter();
    let row = |bands: &&[crate::plan::Band]| {
        let cell = |band: &crate::plan::Band| {
            let value = |value| number::metric(band.metric, false, value);
            let between = |[low, high]: [f64; 2]| format!("{} – {}", value(low), value(high));
            context! { expected => value(band.expected), half => between(band.p50), most => between(band.p80) }
        };
        context! {
            channel => bands[0].channel.map_or(lang::TOTAL, reason::channel).in_(lang),
            cells => bands.iter().map(cell).collect::<Value>(),
        }
    };
    context! {
        metrics => metrics.map(|band| reason::metric(band.metric).in_(lang)).collect::<Value>(),
        rows => rows.iter().map(row).collect::<Value>(),
    }
}

/// What confidence costs, in a sentence; nothing at 0.5.
pub fn price(plan: &Plan, lang: Lang) -> Option<String> {
    let price = plan.outlook.price?;
    let share = number::percent(price.given_up / price.at_half.abs().max(1.0), 2);
    let confidence = number::percent(plan.outlook.confidence, 0);
    Some(lang::CONFIDENCE_PRICE.with(lang, &[&confidence, &number::sum(price.given_up), &share]))
}

/// The rule rows that tell something: see [`Plan::telling_rules`].
pub fn rules(plan: &Plan, lang: Lang) -> Value {
    let row = |(rule, stands_for): (&crate::plan::RuleValue, usize)| {
        let scope = reason::scope(&rule.scope, lang);
        let value = |value| number::or_nothing(value, |value| number::metric(rule.metric, rule.share, value));
        let state = match (rule.said_met(), rule.soft, rule.binding) {
            (false, false, _) => "broken",
            (false, true, _) => "missed",
            (true, _, true) => "binding",
            (true, _, false) => "free",
        };
        let priced = rule.shadow_price.is_finite() && rule.shadow_price > 0.0;
        context! {
            state,
            rule => rule.rule.as_str(),
            soft => rule.soft,
            scope => match stands_for {
                1 => scope,
                many => lang::CLOSEST_OF.with(lang, &[scope.as_str(), &many.to_string()]),
            },
            metric => reason::bounded(rule.metric, rule.share, lang),
            value => value(rule.value),
            min => value(rule.min),
            max => value(rule.max),
            slack => value(rule.slack),
            chance => number::or_nothing(rule.chance, |chance| number::percent(chance, 0)),
            price => number::or_nothing(priced.then(|| rule.told_price()), number::price),
            binding => yes(rule.binding, lang),
            met => yes(rule.said_met(), lang),
        }
    };
    plan.telling_rules().into_iter().map(row).collect()
}

fn yes(is: bool, lang: Lang) -> &'static str {
    if is { lang::YES.in_(lang) } else { lang::NO.in_(lang) }
}

/// Rules that contradict each other, and what would do; nothing when there is no such thing.
pub fn conflict(plan: &Plan, lang: Lang) -> Value {
    let Some(conflict) = &plan.conflict else { return Value::from(()) };
    let row = |relaxation: &crate::plan::Relaxation| {
        let bound = |value| number::metric(relaxation.metric, false, value);
        context! {
            rule => row_name(&relaxation.rule, &relaxation.scope),
            bound => bound(relaxation.bound),
            reachable => relaxation.reachable.map(bound),
            sentence => relaxation.sentence.as_str(),
        }
    };
    let price = |of: &crate::plan::RowPrice| {
        context! {
            rule => row_name(&of.rule, &of.scope),
            row => of.row.as_str(),
            price => number::price(of.price),
        }
    };
    context! {
        rules => conflict.rules.iter().map(String::as_str).collect::<Value>(),
        relaxations => conflict.relaxations.iter().map(row).collect::<Value>(),
        prices => conflict.proof.iter().flat_map(|proof| &proof.prices).map(price).collect::<Value>(),
        proof => conflict.proof.as_ref().map(|proof| {
            lang::CONFLICT_PROOF.with(lang, &[&number::price(proof.shortfall)])
        }),
    }
}

/// Positions of the keywords with most spend, hour by hour; nothing without search.
pub fn heatmap(request: &Request, plan: &Plan, lang: Lang) -> Value {
    type Chances<'a> = Vec<(&'a PlanCell, Option<f64>)>;
    let mut spends: BTreeMap<u32, (f64, Chances<'_>)> = BTreeMap::new();
    for (at, cell) in plan.cells.iter().enumerate() {
        if plan.unit(cell).channel == Channel::Search {
            let (spend, cells) = spends.entry(cell.cell.unit).or_default();
            *spend += if cell.run { cell.outcome.spend } else { 0.0 };
            cells.push((cell, plan.outlook.chance(at)));
        }
    }
    if spends.is_empty() {
        return Value::from(());
    }
    let mut keywords: Vec<_> = spends.into_values().collect();
    keywords.sort_by(|a, b| b.0.total_cmp(&a.0));
    keywords.truncate(MOST_KEYWORDS);
    let band = request.file.search.position;
    let row = |(spend, cells): &(f64, Vec<(&PlanCell, Option<f64>)>)| {
        let unit = plan.unit(cells[0].0);
        let mut hours = vec![context! { class => "off", text => "", title => "" }; HOURS];
        for (cell, chance) in cells {
            hours[usize::from(cell.cell.hour)] = position(cell, *chance, band, lang);
        }
        context! {
            unit => unit.unit.as_str(),
            title => unit.to_string(),
            spend => money(*spend),
            hours => hours.into_iter().collect::<Value>(),
        }
    };
    let bands = bands(band);
    context! {
        note => lang::HEATMAP_NOTE.with(lang, &[&keywords.len().to_string(), &bands[2]]),
        upper => lang::BAND_UPPER.with(lang, &[&bands[0]]),
        lower => lang::BAND_UPPER.with(lang, &[&bands[1]]),
        rows => keywords.iter().map(row).collect::<Value>(),
    }
}

/// Upper half, lower half and whole of a position band, in words.
pub fn bands([best, worst]: [f64; 2]) -> [String; 3] {
    let middle = (best + worst) / 2.0;
    [(best, middle), (middle, worst), (best, worst)].map(|(from, to)| format!("{from}–{to}"))
}

fn position(cell: &PlanCell, chance: Option<f64>, [best, worst]: [f64; 2], lang: Lang) -> Value {
    let why = reason::of(cell, Channel::Search, lang);
    if !cell.run {
        return context! { class => "off", text => "·", title => why };
    }
    let position = cell.outcome.position();
    let class = match position {
        Some(position) if position < best - 1e-6 || position > worst + 1e-6 => "outside",
        Some(position) if position <= (best + worst) / 2.0 => "upper",
        Some(_) => "lower",
        None => "unknown",
    };
    let bid = number::or_nothing(cell.bid, |bid| number::fixed(bid, 2));
    let held = chance.map(|chance| lang::CHANCE_IN_BAND.with(lang, &[&number::percent(chance, 0)]));
    let held = held.map_or(String::new(), |held| format!(" · {held}"));
    context! {
        class,
        text => number::or_nothing(position, |position| number::fixed(position, 1)),
        title => format!("{}:00 · {} {bid}{held} · {why}", cell.cell.hour, lang::BID.in_(lang)),
    }
}

/// How many cells do not run, by channel and reason, most first.
pub fn why_off(plan: &Plan, lang: Lang) -> Value {
    let mut counts: BTreeMap<(Channel, &str), usize> = BTreeMap::new();
    for cell in plan.cells.iter().filter(|cell| !cell.run) {
        *counts.entry((plan.unit(cell).channel, reason::kind(&cell.reason).in_(lang))).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
    let row = |((channel, why), count): ((Channel, &str), usize)| {
        context! { channel => reason::channel(channel).in_(lang), why, count => number::fixed(count as f64, 0) }
    };
    counts.into_iter().map(row).collect()
}

fn count(rows: usize) -> String {
    number::fixed(rows as f64, 0)
}

/// The account of each file.
pub fn files(audit: &Audit) -> Value {
    let row = |file: &crate::history::FileAudit| {
        context! {
            file => file.file.display().to_string(),
            rows => count(file.rows),
            accepted => count(file.accepted),
            rejected => count(file.rejected),
            any_rejected => file.rejected > 0,
            too_old => count(file.too_old),
            imputed => count(file.imputed),
            encoding => file.encoding.as_str(),
            unused => file.unused_columns.join(", "),
        }
    };
    audit.files.iter().map(row).collect()
}

/// The account of all files together.
pub fn file_totals(audit: &Audit) -> Value {
    let sum = |of: fn(&crate::history::FileAudit) -> usize| count(audit.files.iter().map(of).sum());
    context! {
        files => audit.files.len(),
        rows => sum(|file| file.rows),
        accepted => sum(|file| file.accepted),
        rejected => sum(|file| file.rejected),
        too_old => sum(|file| file.too_old),
        imputed => sum(|file| file.imputed),
    }
}

/// Warnings and notes, warnings first.
pub fn findings(audit: &Audit, lang: Lang) -> Value {
    let mut findings: Vec<_> = audit.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let row = |finding: &&crate::error::Finding| {
        context! {
            code => finding.code,
            severe => finding.severity >= Severity::Warning,
            cause => finding.cause.as_str(),
            action => finding.action.as_str(),
        }
    };
    let more = findings.len().saturating_sub(MOST_FINDINGS);
    context! {
        rows => findings.iter().take(MOST_FINDINGS).map(row).collect::<Value>(),
        more => (more > 0).then(|| lang::MORE_WARNINGS.with(lang, &[&more.to_string()])),
    }
}

/// What proves the plan: names and values.
pub fn proof(plan: &Plan, lang: Lang) -> Value {
    let evidence = &plan.evidence;
    let bound = plan.bound();
    let rows: [(Word, String); 10] = [
        (lang::MAXIMISED, reason::objective(plan.objective).in_(lang).to_string()),
        (lang::OBJECTIVE, number::fixed(evidence.objective, 2)),
        (lang::BOUND, number::or_nothing(bound.map(|(bound, _)| bound), |bound| number::fixed(bound, 2))),
        (lang::GAP, number::or_nothing(bound.map(|(_, gap)| gap), |gap| number::percent(gap, 4))),
        (lang::RELAXED, number::fixed(evidence.relaxed, 2)),
        (lang::ROUNDING_COST, number::fixed(evidence.rounding_cost, 2)),
        (lang::MENDED, count(evidence.mended_cells)),
        (lang::SOLVER, evidence.solver.clone()),
        (lang::SIZE, format!("{} × {}", count(evidence.columns), count(evidence.rows))),
        (lang::VIOLATION, format!("{:.1e}", evidence.violation)),
    ];
    rows.into_iter().map(|(name, value)| context! { name => name.in_(lang), value }).collect()
}
