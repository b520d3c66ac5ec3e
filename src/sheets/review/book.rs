//! `review.xlsx`: the review as a workbook.

use std::path::Path;

use rust_xlsxwriter::{Workbook, XlsxError};

use super::{Reviewing, front};
use crate::error::Result;
use crate::report::lang::{self, Word, review as words};
use crate::report::{number, reason, review as told};
use crate::review::{Difference, Effect, Group, HALF_A_FEN, Review, Verdict};
use crate::sheets::workbook::sheet::{MOST_ROWS, Sheet, Written};
use crate::sheets::workbook::style::{self, Kind, Shade};
use crate::sheets::workbook::{put, rules::kind};

/// Writes the workbook. The same review gives the same bytes.
pub fn write(package: &Reviewing<'_>, path: &Path) -> Result<()> {
    let (date, lang) = (package.review.date, package.lang);
    let title = words::REVIEW_OF.with(lang, &[&date.to_string()]);
    put(path, (&title, date, lang), |book| fill(package, &title, book))
}

fn fill(package: &Reviewing<'_>, title: &str, book: &mut Workbook) -> Written {
    let (review, lang) = (package.review, package.lang);
    fn sheet(book: &mut Workbook, name: Word, lang: lang::Lang) -> std::result::Result<Sheet<'_>, XlsxError> {
        Sheet::new(book.add_worksheet(), name.in_(lang), lang)
    }
    front::write(package, title, sheet(book, lang::SUMMARY, lang)?)?;
    groups(&review.channel_hours, &[lang::CHANNEL, lang::HOUR], review, sheet(book, lang::HOURS, lang)?)?;
    groups(&review.campaigns, &[lang::CHANNEL, lang::CAMPAIGN], review, sheet(book, lang::CAMPAIGN, lang)?)?;
    let unit = [lang::CHANNEL, lang::CAMPAIGN, lang::UNIT, lang::PRODUCT];
    groups(&review.units_summed, &unit, review, sheet(book, words::UNITS_SHEET, lang)?)?;
    rules(review, sheet(book, lang::RULES, lang)?)?;
    moves(review, sheet(book, lang::BID, lang)?)?;
    cells(review, sheet(book, words::CELLS_SHEET, lang)?)?;
    Ok(())
}

/// What every group shows after its keys, and how.
const BOTH: [(Word, Kind); 4] = [
    (lang::SPEND, Kind::Money),
    (lang::REVENUE, Kind::Money),
    (lang::ROI, Kind::Money),
    (lang::CLICKS, Kind::Whole),
];

/// The columns of money, beside the keys of a table: both sides, then the effects that there are.
struct Columns {
    first: u16,
    /// Orders are still to come: what the day will have brought has columns of its own.
    filling: bool,
    effects: Vec<Effect>,
}

impl Columns {
    /// Beside so many columns of keys.
    fn beside(keys: usize, review: &Review) -> Columns {
        Columns { first: keys as u16, filling: review.filling(), effects: review.met() }
    }

    /// Writes their heads; returns the column after them.
    fn head(&self, sheet: &mut Sheet<'_>) -> std::result::Result<u16, XlsxError> {
        let lang = sheet.lang;
        let both = BOTH.iter().flat_map(|(name, _)| {
            [words::PLANNED, words::HAPPENED].map(|side| format!("{} {}", name.in_(lang), side.in_(lang)))
        });
        let effects = [lang::REVENUE, lang::SPEND].into_iter().flat_map(|measure| {
            let name = measure.in_(lang);
            let whole = format!("{name} {}", words::DIFFERENCE.in_(lang));
            let parts = self.effects.iter().map(move |it| format!("{name}: {}", told::effect(*it).in_(lang)));
            std::iter::once(whole).chain(parts)
        });
        let due = [lang::REVENUE, lang::ROI].into_iter().filter(|_| self.filling);
        let due = due.map(|name| format!("{} {}", name.in_(lang), words::DUE.in_(lang)));
        let mut col = self.first;
        for text in both.chain(due).chain(effects) {
            sheet.cell(HEAD, col, text.as_str(), &style::head())?;
            col += 1;
        }
        Ok(col)
    }

    /// Writes a group; no money is an empty cell.
    fn put(&self, sheet: &mut Sheet<'_>, row: u32, group: &Group) -> Written {
        let sides = [&group.planned, &group.actual];
        let values = [
            sides.map(|side| Some(side.spend)),
            sides.map(|side| Some(side.revenue)),
            sides.map(|side| side.roi()),
            sides.map(|side| Some(side.clicks)),
        ];
        let mut col = self.first;
        for (pair, (_, kind)) in values.into_iter().zip(BOTH) {
            for value in pair {
                sheet.put(row, col, value, kind)?;
                col += 1;
            }
        }
        let due = [Some(group.due().revenue), group.due().roi()];
        for value in due.into_iter().filter(|_| self.filling) {
            sheet.put(row, col, value, Kind::Money)?;
            col += 1;
        }
        let total = group.effects.total();
        let parts: Vec<Difference> =
            std::iter::once(total).chain(self.effects.iter().map(|it| group.effects.of(*it))).collect();
        let revenue = parts.iter().map(|it| it.revenue);
        for money in revenue.chain(parts.iter().map(|it| it.spend)) {
            let some = Some(money).filter(|money| money.abs() >= HALF_A_FEN);
            let shade = match some {
                None => Shade::Plain,
                Some(money) if money < 0.0 => Shade::Heed,
                Some(_) => Shade::Fair,
            };
            sheet.shaded(row, col, some, Kind::Money, shade)?;
            col += 1;
        }
        Ok(())
    }
}

const HEAD: u32 = 2;

/// One line a group.
fn groups(groups: &[Group], keys: &[Word], review: &Review, mut sheet: Sheet<'_>) -> Written {
    let lang = sheet.lang;
    sheet.title(0, &words::REVIEW_OF.with(lang, &[&review.date.to_string()]))?;
    sheet.cell(1, 0, words::WHY_NOTE.in_(lang), &style::quiet())?;
    sheet.head(HEAD, keys)?;
    let first = keys.len() as u16;
    let beside = Columns::beside(keys.len(), review);
    let columns = beside.head(&mut sheet)?;
    sheet.widths(keys.iter().map(|_| 16.0).chain((first..columns).map(|_| 12.0)))?;
    for (row, group) in (HEAD + 1..).zip(groups.iter().take(MOST_ROWS)) {
        for (col, key) in (0..).zip(keys) {
            match *key {
                lang::HOUR => sheet.put(row, col, group.key.hour.map(f64::from), Kind::Whole)?,
                key => sheet.put(row, col, text(group, key, lang), Kind::Text)?,
            }
        }
        beside.put(&mut sheet, row, group)?;
    }
    sheet.wide(first)?;
    sheet.table(HEAD, groups.len().min(MOST_ROWS) as u32, columns, first)
}

fn text(group: &Group, key: Word, lang: lang::Lang) -> &str {
    match key {
        lang::CHANNEL => group.key.channel.map_or("", |channel| reason::channel(channel).in_(lang)),
        lang::CAMPAIGN => group.key.campaign.as_deref().unwrap_or(""),
        lang::UNIT => group.key.unit.as_deref().unwrap_or(""),
        _ => group.key.product.as_deref().unwrap_or(""),
    }
}

const RULES: [(Word, f64); 11] = [
    (lang::RULE, 24.0),
    (lang::SCOPE, 34.0),
    (lang::METRIC, 18.0),
    (lang::MIN, 12.0),
    (lang::MAX, 12.0),
    (words::PLANNED, 13.0),
    (words::HAPPENED, 13.0),
    (words::DUE, 15.0),
    (words::BAND_80, 20.0),
    (words::VERDICT, 9.0),
    (words::MONEY, 13.0),
];

/// Every rule, judged on what happened.
fn rules(review: &Review, mut sheet: Sheet<'_>) -> Written {
    let lang = sheet.lang;
    sheet.title(0, lang::RULES.in_(lang))?;
    sheet.cell(1, 0, told::rules_held(review, lang).as_str(), &style::quiet())?;
    sheet.head(HEAD, &RULES.map(|(name, _)| name))?;
    sheet.widths(RULES.map(|(_, width)| width))?;
    for (row, judged) in (HEAD + 1..).zip(review.rules.iter().take(MOST_ROWS)) {
        let rule = &judged.actual;
        sheet.put(row, 0, rule.rule.as_str(), Kind::Text)?;
        sheet.put(row, 1, reason::scope(&rule.scope, lang).as_str(), Kind::Text)?;
        sheet.put(row, 2, reason::bounded(rule.metric, rule.share, lang).as_str(), Kind::Text)?;
        let planned = judged.planned.as_ref().and_then(|planned| planned.value);
        let due = judged.due.as_ref().and_then(|due| due.value);
        for (col, value) in (3..).zip([rule.min, rule.max, planned, rule.value, due]) {
            sheet.put(row, col, value, kind(rule))?;
        }
        let shown = |value: f64| number::metric(rule.metric, rule.share, value);
        let band = judged.due.as_ref().and_then(|due| due.p80);
        let band = band.map(|[low, high]| format!("{} – {}", shown(low), shown(high)));
        sheet.put(row, 8, band.as_deref().unwrap_or(""), Kind::Text)?;
        let shade = match judged.verdict {
            Verdict::Kept => Shade::Good,
            Verdict::Open => Shade::Heed,
            Verdict::Broken => Shade::Bad,
        };
        sheet.shaded(row, 9, told::verdict_name(judged.verdict).in_(lang), Kind::Mark, shade)?;
        sheet.put(row, 10, judged.short.filter(|_| judged.verdict != Verdict::Kept), Kind::Money)?;
    }
    sheet.table(HEAD, review.rules.len().min(MOST_ROWS) as u32, RULES.len() as u16, 1)
}

const MOVES: [(Word, f64); 12] = [
    (lang::CHANNEL, 11.0),
    (lang::CAMPAIGN, 15.0),
    (lang::UNIT, 26.0),
    (lang::HOURS, 20.0),
    (words::PLAN_BID, 11.0),
    (words::SET_BID, 11.0),
    (lang::CHANGE, 9.0),
    (words::EXPLAINED_REVENUE, 14.0),
    (words::EXPLAINED_SPEND, 14.0),
    (lang::REVENUE, 14.0),
    (lang::SPEND, 14.0),
    (lang::FLAG, 24.0),
];

/// Bids that were not the plan's.
fn moves(review: &Review, mut sheet: Sheet<'_>) -> Written {
    let lang = sheet.lang;
    sheet.title(0, words::MOVES.in_(lang))?;
    let note = if review.moves.is_empty() { words::MOVES_NONE } else { words::MOVES_NOTE };
    sheet.cell(1, 0, note.in_(lang), &style::quiet())?;
    sheet.head(HEAD, &MOVES.map(|(name, _)| name))?;
    sheet.widths(MOVES.map(|(_, width)| width))?;
    for (row, it) in (HEAD + 1..).zip(review.moves.iter().take(MOST_ROWS)) {
        let bid = Kind::bid(it.unit.channel);
        sheet.put(row, 0, reason::channel(it.unit.channel).in_(lang), Kind::Text)?;
        sheet.put(row, 1, it.unit.campaign.as_str(), Kind::Text)?;
        sheet.put(row, 2, it.unit.unit.as_str(), Kind::Text)?;
        sheet.put(row, 3, crate::report::change::spans(&it.hours, lang).as_str(), Kind::Mark)?;
        sheet.put(row, 4, it.planned, bid)?;
        sheet.put(row, 5, it.actual, bid)?;
        sheet.put(row, 6, it.actual / it.planned - 1.0, Kind::Change)?;
        let explained = [it.explained.map(|it| it.revenue), it.explained.map(|it| it.spend)];
        let money = explained.into_iter().chain([Some(it.difference.revenue), Some(it.difference.spend)]);
        for (col, value) in (7..).zip(money) {
            sheet.put(row, col, value, Kind::Money)?;
        }
        let (flag, shade) =
            if it.kept_old { (words::KEPT_OLD.in_(lang), Shade::Heed) } else { ("", Shade::Plain) };
        sheet.shaded(row, 11, flag, Kind::Text, shade)?;
    }
    sheet.table(HEAD, review.moves.len().min(MOST_ROWS) as u32, MOVES.len() as u16, 3)
}

/// Cells of the sheet; all of them are in `cells.csv`.
const MOST_CELLS: usize = 50_000;

/// Every cell: channel × hour × campaign × unit.
fn cells(review: &Review, mut sheet: Sheet<'_>) -> Written {
    let lang = sheet.lang;
    let keys = [lang::CHANNEL, lang::CAMPAIGN, lang::UNIT, lang::PRODUCT, lang::HOUR];
    let bids = [words::PLAN_BID, words::SET_BID];
    sheet.title(0, words::CELLS_SHEET.in_(lang))?;
    sheet.cell(1, 0, words::WHY_NOTE.in_(lang), &style::quiet())?;
    let names: Vec<Word> = keys.into_iter().chain(bids).collect();
    sheet.head(HEAD, &names)?;
    let first = names.len() as u16;
    let beside = Columns::beside(names.len(), review);
    let columns = beside.head(&mut sheet)?;
    sheet.widths(
        [11.0, 15.0, 24.0, 15.0, 7.0, 10.0, 10.0].into_iter().chain((first..columns).map(|_| 12.0)),
    )?;
    for (row, cell) in (HEAD + 1..).zip(review.cells.iter().take(MOST_CELLS)) {
        let unit = &review.units[cell.cell.unit as usize];
        sheet.put(row, 0, reason::channel(unit.channel).in_(lang), Kind::Text)?;
        sheet.put(row, 1, unit.campaign.as_str(), Kind::Text)?;
        sheet.put(row, 2, unit.unit.as_str(), Kind::Text)?;
        sheet.put(row, 3, unit.product.as_deref().unwrap_or(""), Kind::Text)?;
        sheet.put(row, 4, f64::from(cell.cell.hour), Kind::Whole)?;
        for (col, side) in (5..).zip([cell.planned, cell.actual]) {
            sheet.put(row, col, side.and_then(|side| side.bid), Kind::bid(unit.channel))?;
        }
        let mut group = Group::default();
        group.add(cell);
        beside.put(&mut sheet, row, &group)?;
    }
    sheet.wide(5)?;
    sheet.table(HEAD, review.cells.len().min(MOST_CELLS) as u32, columns, 5)
}
