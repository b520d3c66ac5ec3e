//! The first sheet: how the plan ended, what it brings, and what to do today.

use super::super::Package;
use super::bids;
use super::changes::shade;
use super::sheet::{Sheet, Written};
use super::style::{self, Kind, Shade};
use crate::error::Severity;
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::report::change::{self, Change, Task};
use crate::report::lang::{self, Word};
use crate::report::{number, reason, underway, verdict};

const MOST_TASKS: usize = 20;
const MOST_WARNINGS: usize = 8;
const COLUMNS: u16 = 13;
/// Letters that fit across all columns.
const ACROSS: usize = 185;

const TOTALS: [Word; COLUMNS as usize] = [
    lang::CHANNEL,
    lang::SPEND,
    lang::REVENUE,
    lang::ROI,
    lang::PROFIT,
    lang::ORDERS,
    lang::CLICKS,
    lang::IMPRESSIONS,
    lang::CPC,
    lang::CPM,
    lang::CTR,
    lang::CVR,
    lang::POSITION,
];
const TASKS: [Word; COLUMNS as usize] = [
    lang::ACTION,
    lang::CHANNEL,
    lang::CAMPAIGN,
    lang::UNIT,
    lang::PRODUCT,
    lang::HOURS,
    lang::OLD_BID,
    lang::NEW_BID,
    lang::CHANGE,
    lang::SPEND,
    lang::REVENUE,
    lang::ROI,
    lang::AT_STAKE,
];

/// Writes the sheet.
pub fn write(package: &Package<'_>, changes: &[Change<'_>], title: &str, mut sheet: Sheet<'_>) -> Written {
    let (plan, lang) = (package.plan, sheet.lang);
    sheet.widths([13.0, 13.0, 15.0, 24.0, 16.0, 26.0, 11.0, 12.0, 10.0, 12.0, 13.0, 10.0, 13.0])?;
    sheet.title(0, title)?;
    let met = if plan.rules.iter().all(|rule| rule.met || rule.soft) { Shade::Good } else { Shade::Bad };
    let format = style::cell(Kind::Text, met).set_text_wrap().set_bold();
    sheet.paragraph(1, [0, COLUMNS - 1], ACROSS, &verdict(plan, lang), &format)?;
    sheet.cell(2, 0, lang::MONEY_IN.with(lang, &[&plan.currency]).as_str(), &style::quiet())?;

    let mut row = 3;
    for line in underway(plan, lang) {
        sheet.paragraph(row, [0, COLUMNS - 1], ACROSS, &line, &style::wrapped())?;
        row += 1;
    }
    row = proof(package, &mut sheet, row + 1)?;
    row = totals(package, &mut sheet, row + 1)?;
    row = tasks(&change::tasks(changes), &mut sheet, row + 1)?;
    let waiting = bids::waiting(package);
    if waiting > 0 {
        let text = lang::APPROVE_COUNT.with(lang, &[&waiting.to_string()]);
        let format = style::cell(Kind::Text, Shade::Heed).set_text_wrap().set_bold();
        sheet.paragraph(row, [0, COLUMNS - 1], ACROSS, &text, &format)?;
        row += 1;
    }
    warnings(package, &mut sheet, row + 1)
}

/// Writes name and value pairs side by side; returns the row after them.
fn proof(package: &Package<'_>, sheet: &mut Sheet<'_>, row: u32) -> Result<u32, rust_xlsxwriter::XlsxError> {
    let (plan, lang) = (package.plan, sheet.lang);
    let objective =
        lang::OBJECTIVE.in_(lang).to_string() + ": " + reason::objective(plan.objective).in_(lang);
    let (names, values) = (style::head(), |kind| style::total(kind));
    for (col, name) in
        [(0, lang::STATUS.in_(lang)), (2, &objective), (4, lang::BOUND.in_(lang)), (6, lang::GAP.in_(lang))]
    {
        sheet.paragraph(row, [col, col + 1], 99, name, &names)?;
    }
    let bound = plan.bound();
    let pairs: [(u16, String); 4] = [
        (0, reason::ended(plan.said_status(), &plan.rules).in_(lang).to_string()),
        (2, number::fixed(plan.evidence.objective, 2)),
        (4, number::or_nothing(bound.map(|(bound, _)| bound), |bound| number::fixed(bound, 2))),
        (6, number::or_nothing(bound.map(|(_, gap)| gap), |gap| number::percent(gap, 4))),
    ];
    for (col, value) in pairs {
        sheet.paragraph(row + 1, [col, col + 1], 99, &value, &values(Kind::Mark))?;
    }
    Ok(row + 2)
}

/// Writes the totals per channel; returns the row after them.
fn totals(package: &Package<'_>, sheet: &mut Sheet<'_>, row: u32) -> Result<u32, rust_xlsxwriter::XlsxError> {
    let (plan, lang) = (package.plan, sheet.lang);
    sheet.head(row, &TOTALS)?;
    let held =
        Channel::ALL.into_iter().filter(|channel| plan.units.iter().any(|unit| unit.channel == *channel));
    let mut lines: Vec<(&str, Outcome)> =
        held.map(|channel| (reason::channel(channel).in_(lang), plan.channel(channel))).collect();
    lines.push((lang::TOTAL.in_(lang), plan.total(|_, _| true)));
    let last = lines.len() - 1;
    let mut at = row + 1;
    for (line, (name, outcome)) in lines.into_iter().enumerate() {
        let format = |kind| if line == last { style::total(kind) } else { style::cell(kind, Shade::Plain) };
        sheet.cell(at, 0, name, &format(Kind::Text))?;
        let values = [
            (Some(outcome.spend), Kind::Money),
            (Some(outcome.revenue), Kind::Money),
            (outcome.roi(), Kind::Money),
            (Some(plan.margin * outcome.revenue - outcome.spend), Kind::Money),
            (Some(outcome.orders), Kind::Whole),
            (Some(outcome.clicks), Kind::Whole),
            (Some(outcome.impressions), Kind::Whole),
            (outcome.cpc(), Kind::Money),
            (outcome.cpm(), Kind::Money),
            (outcome.ctr(), Kind::Percent),
            (outcome.cvr(), Kind::Percent),
            (outcome.position(), Kind::Position),
        ];
        for (col, (value, kind)) in (1..).zip(values) {
            sheet.cell(at, col, value, &format(kind))?;
        }
        at += 1;
    }
    Ok(at)
}

/// Writes what to do today; returns the row after it.
fn tasks(tasks: &[Task<'_>], sheet: &mut Sheet<'_>, row: u32) -> Result<u32, rust_xlsxwriter::XlsxError> {
    let lang = sheet.lang;
    sheet.cell(row, 0, lang::TODAY.in_(lang), &style::heading())?;
    if tasks.is_empty() {
        sheet.cell(row + 1, 0, lang::TODAY_NONE.in_(lang), &style::quiet())?;
        return Ok(row + 2);
    }
    sheet.head(row + 1, &TASKS)?;
    let mut at = row + 2;
    for task in tasks.iter().take(MOST_TASKS) {
        let bid = Kind::bid(task.unit.channel);
        sheet.shaded(at, 0, task.act.word().in_(lang), Kind::Mark, shade(task.act))?;
        sheet.put(at, 1, reason::channel(task.unit.channel).in_(lang), Kind::Text)?;
        sheet.put(at, 2, task.unit.campaign.as_str(), Kind::Text)?;
        sheet.put(at, 3, task.unit.unit.as_str(), Kind::Text)?;
        sheet.put(at, 4, task.unit.product.as_deref().unwrap_or(""), Kind::Text)?;
        sheet.lines(at, 5, 24, &change::spans(&task.hours, lang))?;
        sheet.put(at, 6, task.from, bid)?;
        match task.to {
            Some(0.0) if task.unit.channel == Channel::GroupBuy => {
                sheet.put(at, 7, lang::FIXED_FEE.in_(lang), Kind::Mark)?
            }
            to => sheet.put(at, 7, to, bid)?,
        }
        sheet.put(at, 8, task.change(), Kind::Change)?;
        sheet.put(at, 9, task.outcome.spend, Kind::Money)?;
        sheet.put(at, 10, task.outcome.revenue, Kind::Money)?;
        sheet.put(at, 11, task.outcome.roi(), Kind::Money)?;
        sheet.put(at, 12, task.stake, Kind::Money)?;
        at += 1;
    }
    sheet.text_is_meant(row + 2, at, COLUMNS)?;
    sheet.cell(at, 0, lang::AT_STAKE_NOTE.in_(lang), &style::quiet())?;
    Ok(at + 1)
}

fn warnings(package: &Package<'_>, sheet: &mut Sheet<'_>, row: u32) -> Written {
    let lang = sheet.lang;
    sheet.cell(row, 0, lang::WARNINGS.in_(lang), &style::heading())?;
    let of_weight = |finding: &&crate::error::Finding| finding.severity >= Severity::Warning;
    let warnings: Vec<_> = package.audit.findings.iter().filter(of_weight).collect();
    if warnings.is_empty() {
        return sheet.cell(row + 1, 0, lang::NO_WARNINGS.in_(lang), &style::quiet());
    }
    let mut at = row + 1;
    for finding in warnings.iter().take(MOST_WARNINGS) {
        sheet.shaded(at, 0, finding.code, Kind::Mark, Shade::Heed)?;
        let text = format!("{} ({}: {})", finding.cause, lang::FIX.in_(lang), finding.action);
        sheet.paragraph(at, [1, COLUMNS - 1], ACROSS - 13, &text, &style::wrapped())?;
        at += 1;
    }
    match warnings.len().saturating_sub(MOST_WARNINGS) {
        0 => Ok(()),
        more => {
            sheet.cell(at, 0, lang::MORE_WARNINGS.with(lang, &[&more.to_string()]).as_str(), &style::quiet())
        }
    }
}
