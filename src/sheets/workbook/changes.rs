//! The sheet of changes: old bid → new bid, the largest first.

use super::super::Package;
use super::sheet::{Sheet, Written};
use super::style::{self, Kind, Shade};
use crate::report::change::{self, Act, Change};
use crate::report::lang::{self, Word};
use crate::report::reason;

/// More than anybody reads; the whole plan is in `plan.csv`.
const MOST_CHANGES: usize = 20_000;
const HEAD: u32 = 2;
const COLUMNS: [(Word, f64); 16] = [
    (lang::ACTION, 9.0),
    (lang::CHANNEL, 11.0),
    (lang::CAMPAIGN, 15.0),
    (lang::UNIT, 26.0),
    (lang::PRODUCT, 15.0),
    (lang::HOUR, 9.0),
    (lang::OLD_BID, 10.0),
    (lang::NEW_BID, 10.0),
    (lang::CHANGE, 9.0),
    (lang::IMPRESSIONS, 12.0),
    (lang::CLICKS, 10.0),
    (lang::SPEND, 11.0),
    (lang::REVENUE, 12.0),
    (lang::ROI, 8.0),
    (lang::POSITION, 9.0),
    (lang::FLAG, 30.0),
];

/// Writes the changes.
pub fn write(package: &Package<'_>, changes: &[Change<'_>], mut sheet: Sheet<'_>) -> Written {
    let lang = sheet.lang;
    sheet.title(0, lang::CHANGES.in_(lang))?;
    let left_out = changes.len().saturating_sub(MOST_CHANGES);
    let note = match (changes.len(), left_out) {
        (0, _) => lang::TODAY_NONE.in_(lang).to_string(),
        (_, 0) => lang::MONEY_IN.with(lang, &[&package.plan.currency]),
        _ => lang::CHANGES_CUT.with(lang, &[&left_out.to_string()]),
    };
    sheet.cell(1, 0, note.as_str(), &style::quiet())?;
    let names: Vec<Word> = COLUMNS.iter().map(|(name, _)| *name).chain([lang::REASON]).collect();
    sheet.head(HEAD, &names)?;
    sheet.widths(COLUMNS.iter().map(|(_, width)| *width).chain([52.0]))?;
    for (row, change) in (HEAD + 1..).zip(changes.iter().take(MOST_CHANGES)) {
        line(&mut sheet, row, change)?;
    }
    sheet.table(HEAD, changes.len().min(MOST_CHANGES) as u32, names.len() as u16, 4)
}

/// The colour of an act.
pub fn shade(act: Act) -> Shade {
    match act {
        Act::Raise | Act::Start => Shade::Good,
        Act::Lower => Shade::Fair,
        Act::Stop => Shade::Off,
    }
}

fn line(sheet: &mut Sheet<'_>, row: u32, change: &Change<'_>) -> Written {
    let (lang, unit, cell) = (sheet.lang, change.unit, change.cell);
    let bid = Kind::bid(unit.channel);
    let shade = shade(change.act);
    sheet.shaded(row, 0, change.act.word().in_(lang), Kind::Mark, shade)?;
    sheet.put(row, 1, reason::channel(unit.channel).in_(lang), Kind::Text)?;
    sheet.put(row, 2, unit.campaign.as_str(), Kind::Text)?;
    sheet.put(row, 3, unit.unit.as_str(), Kind::Text)?;
    sheet.put(row, 4, unit.product.as_deref().unwrap_or(""), Kind::Text)?;
    match change.hours.as_slice() {
        [hour] => sheet.put(row, 5, f64::from(*hour), Kind::Whole)?,
        hours => sheet.put(row, 5, change::spans(hours, lang).as_str(), Kind::Mark)?,
    }
    sheet.put(row, 6, cell.last_bid, bid)?;
    sheet.put(row, 7, cell.bid.filter(|_| cell.run), bid)?;
    sheet.shaded(row, 8, cell.change(), Kind::Change, shade)?;
    let outcome = &change.outcome;
    sheet.put(row, 9, outcome.impressions, Kind::Whole)?;
    sheet.put(row, 10, outcome.clicks, Kind::Money)?;
    sheet.put(row, 11, outcome.spend, Kind::Money)?;
    sheet.put(row, 12, outcome.revenue, Kind::Money)?;
    sheet.put(row, 13, outcome.roi(), Kind::Money)?;
    sheet.put(row, 14, outcome.position(), Kind::Position)?;
    let flags: Vec<&str> = reason::flags(cell).map(|flag| flag.in_(lang)).collect();
    let heed = if cell.run && cell.extrapolated { Shade::Heed } else { Shade::Plain };
    sheet.shaded(row, 15, flags.join(lang::AND.in_(lang)).as_str(), Kind::Text, heed)?;
    sheet.put(row, 16, reason::words(cell, unit.channel, lang).as_str(), Kind::Text)
}
