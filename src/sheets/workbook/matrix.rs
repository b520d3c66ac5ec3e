//! One sheet per channel: bids of its units, hour by hour.

use std::collections::BTreeMap;

use super::super::Package;
use super::sheet::{MOST_ROWS, Sheet, Written};
use super::style::{self, Kind, Shade};
use crate::calendar::HOURS;
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::plan::PlanCell;
use crate::report::{change, lang};

const FIRST_HOUR: u16 = 5;
const AFTER_HOURS: u16 = FIRST_HOUR + HOURS as u16;
const COLUMNS: u16 = AFTER_HOURS + 3;
const HEAD: u32 = 3;

/// What a cell's colour says of it.
fn shade(cell: &PlanCell, channel: Channel, [best, worst]: [f64; 2]) -> Shade {
    match (channel, cell.outcome.position(), cell.change()) {
        _ if !cell.run => Shade::Off,
        (Channel::Search, Some(position), _) => match position {
            _ if position < best - 1e-6 || position > worst + 1e-6 => Shade::Heed,
            _ if position <= (best + worst) / 2.0 => Shade::Good,
            _ => Shade::Fair,
        },
        (Channel::Search, None, _) => Shade::Plain,
        (_, _, Some(change)) if change > 1e-9 => Shade::Good,
        (_, _, Some(change)) if change < -1e-9 => Shade::Fair,
        _ => Shade::Plain,
    }
}

/// Writes the sheet of a channel, its units by expected spend.
pub fn write(package: &Package<'_>, channel: Channel, mut sheet: Sheet<'_>) -> Written {
    let (plan, lang) = (package.plan, sheet.lang);
    let band = package.request.file.search.position;
    let mut cells: BTreeMap<u32, Vec<&PlanCell>> = BTreeMap::new();
    for cell in plan.cells.iter().filter(|cell| plan.unit(cell).channel == channel) {
        cells.entry(cell.cell.unit).or_default().push(cell);
    }
    let sum =
        |cells: &[&PlanCell]| cells.iter().filter(|cell| cell.run).map(|cell| cell.outcome).sum::<Outcome>();
    let mut units: Vec<(Outcome, Vec<&PlanCell>)> =
        cells.into_values().map(|cells| (sum(&cells), cells)).collect();
    units.sort_by(|a, b| b.0.spend.total_cmp(&a.0.spend));
    let left_out = units.len().saturating_sub(MOST_ROWS);

    let about = match channel {
        Channel::Search => lang::BID_SEARCH,
        Channel::Display => lang::BID_DISPLAY,
        Channel::Affiliate => lang::BID_AFFILIATE,
        Channel::GroupBuy => lang::BID_GROUP_BUY,
    };
    sheet.cell(0, 0, about.in_(lang), &style::quiet())?;
    key(&mut sheet, channel, band)?;
    if left_out > 0 {
        sheet.cell(2, 0, lang::UNITS_CUT.with(lang, &[&left_out.to_string()]).as_str(), &style::quiet())?;
    }
    head(&mut sheet)?;

    for (row, (outcome, cells)) in (HEAD + 1..).zip(units.iter().take(MOST_ROWS)) {
        let unit = plan.unit(cells[0]);
        sheet.put(row, 0, unit.campaign.as_str(), Kind::Text)?;
        sheet.put(row, 1, unit.unit.as_str(), Kind::Text)?;
        sheet.put(row, 2, unit.product.as_deref().unwrap_or(""), Kind::Text)?;
        let last = change::mean(cells.iter().filter_map(|cell| cell.last_bid));
        sheet.put(row, 3, last, Kind::bid(channel))?;
        sheet.put(row, 4, cells.iter().filter(|cell| cell.run).count() as f64, Kind::Whole)?;
        for cell in cells {
            let (bid, shade) = (cell.bid.filter(|_| cell.run), shade(cell, channel, band));
            sheet.shaded(row, FIRST_HOUR + u16::from(cell.cell.hour), bid, Kind::bid(channel), shade)?;
        }
        sheet.put(row, AFTER_HOURS, outcome.spend, Kind::Money)?;
        sheet.put(row, AFTER_HOURS + 1, outcome.revenue, Kind::Money)?;
        sheet.put(row, AFTER_HOURS + 2, outcome.roi(), Kind::Money)?;
    }
    sheet.table(HEAD, units.len().min(MOST_ROWS) as u32, COLUMNS, 2)
}

/// Says what the colours mean.
fn key(sheet: &mut Sheet<'_>, channel: Channel, [best, worst]: [f64; 2]) -> Written {
    let lang = sheet.lang;
    let middle = (best + worst) / 2.0;
    let band = |from: f64, to: f64| lang::BAND_UPPER.with(lang, &[&format!("{from}–{to}")]);
    let word = |word: lang::Word| word.in_(lang).to_string();
    let entries = if channel == Channel::Search {
        vec![
            (band(best, middle), Shade::Good),
            (band(middle, worst), Shade::Fair),
            (word(lang::BAND_OUTSIDE), Shade::Heed),
            (word(lang::NOT_RUNNING), Shade::Off),
        ]
    } else {
        vec![
            (word(lang::RAISED), Shade::Good),
            (word(lang::LOWERED), Shade::Fair),
            (word(lang::UNCHANGED), Shade::Plain),
            (word(lang::NOT_RUNNING), Shade::Off),
        ]
    };
    for (at, (text, shade)) in (0..).zip(entries) {
        // Entries of the key stand side by side over the hours, four columns each.
        let first = FIRST_HOUR + at * 4;
        sheet.paragraph(1, [first, first + 3], 99, &text, &style::cell(Kind::Mark, shade))?;
    }
    Ok(())
}

fn head(sheet: &mut Sheet<'_>) -> Written {
    sheet.head(HEAD, &[lang::CAMPAIGN, lang::UNIT, lang::PRODUCT, lang::LAST_BID_MEAN, lang::HOURS_ON])?;
    let format = style::head();
    for hour in 0..HOURS as u16 {
        sheet.cell(HEAD, FIRST_HOUR + hour, f64::from(hour), &format)?;
    }
    for (col, name) in (AFTER_HOURS..).zip([lang::SPEND, lang::REVENUE, lang::ROI]) {
        sheet.cell(HEAD, col, name.in_(sheet.lang), &format)?;
    }
    let hours = std::iter::repeat_n(7.2, HOURS);
    sheet.widths([15.0, 28.0, 15.0, 12.0, 9.0].into_iter().chain(hours).chain([12.0, 12.0, 11.0]))
}
