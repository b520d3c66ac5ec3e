//! The sheet of rules: what each asks, what the plan makes of it, and what it costs.

use super::super::Package;
use super::sheet::{Sheet, Written};
use super::style::{self, Kind, Shade};
use crate::metric::Metric;
use crate::plan::RuleValue;
use crate::report::lang::{self, Word};
use crate::report::reason;

const HEAD: u32 = 3;
const COLUMNS: [(Word, f64); 12] = [
    (lang::RULE, 24.0),
    (lang::SCOPE, 34.0),
    (lang::METRIC, 18.0),
    (lang::VALUE, 13.0),
    (lang::MIN, 12.0),
    (lang::MAX, 12.0),
    (lang::SLACK, 12.0),
    (lang::MET, 9.0),
    (lang::BINDING, 12.0),
    (lang::SHADOW_PRICE, 13.0),
    (lang::SOFT, 9.0),
    (lang::CHANCE, 11.0),
];

/// What a rule's numbers are.
pub fn kind(rule: &RuleValue) -> Kind {
    match rule.metric {
        _ if rule.share => Kind::Percent,
        Metric::Ctr | Metric::Cvr => Kind::Percent,
        Metric::Impressions | Metric::Clicks => Kind::Whole,
        _ => Kind::Money,
    }
}

/// Writes every rule row, in the plan's order.
pub fn write(package: &Package<'_>, mut sheet: Sheet<'_>) -> Written {
    let (plan, lang) = (package.plan, sheet.lang);
    sheet.title(0, lang::RULES.in_(lang))?;
    let note = lang::SHADOW_NOTE.with(lang, &[reason::objective(plan.objective).in_(lang)]);
    sheet.cell(1, 0, note.as_str(), &style::quiet())?;
    if plan.rules.is_empty() {
        sheet.cell(2, 0, lang::NO_RULES.in_(lang), &style::quiet())?;
    }
    sheet.head(HEAD, &COLUMNS.map(|(name, _)| name))?;
    sheet.widths(COLUMNS.map(|(_, width)| width))?;
    let yes = |is: bool| if is { lang::YES.in_(lang) } else { lang::NO.in_(lang) };
    for (row, rule) in (HEAD + 1..).zip(&plan.rules) {
        let kind = kind(rule);
        sheet.put(row, 0, rule.rule.as_str(), Kind::Text)?;
        sheet.put(row, 1, reason::scope(&rule.scope, lang).as_str(), Kind::Text)?;
        sheet.put(row, 2, reason::bounded(rule.metric, rule.share, lang).as_str(), Kind::Text)?;
        for (col, value) in (3..).zip([rule.value, rule.min, rule.max, rule.slack]) {
            sheet.put(row, col, value, kind)?;
        }
        let met = match (rule.said_met(), rule.soft) {
            (true, _) => Shade::Good,
            (false, true) => Shade::Heed,
            (false, false) => Shade::Bad,
        };
        sheet.shaded(row, 7, yes(rule.said_met()), Kind::Mark, met)?;
        let binding = if rule.binding { Shade::Heed } else { Shade::Plain };
        sheet.shaded(row, 8, yes(rule.binding), Kind::Mark, binding)?;
        sheet.put(row, 9, Some(rule.told_price()).filter(|price| *price > 0.0), Kind::Price)?;
        sheet.put(row, 10, yes(rule.soft), Kind::Mark)?;
        sheet.put(row, 11, rule.chance, Kind::Percent)?;
    }
    sheet.table(HEAD, plan.rules.len() as u32, COLUMNS.len() as u16, 1)
}
