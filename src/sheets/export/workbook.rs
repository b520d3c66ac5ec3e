//! `bids.xlsx` of an export: schedules, base bids, and the daily sheet of effective bids.

use std::path::Path;

use rust_xlsxwriter::Workbook;

use super::{Export, by_hand};
use crate::calendar::HOURS;
use crate::error::Result;
use crate::explain::Costs;
use crate::metric::Outcome;
use crate::plan::{Evidence, Plan, PlanCell, Status};
use crate::report::lang::{self, Lang, platform as words};
use crate::report::{number, reason};
use crate::schedule::executable::{Campaign, Executable};
use crate::sheets::workbook::sheet::{Sheet, Written};
use crate::sheets::workbook::style::{self, Kind, Shade};
use crate::sheets::workbook::{bids, matrix, put, rules};
use crate::sheets::{Package, Within};

/// The file's name.
pub const FILE: &str = "bids.xlsx";

/// Writes the workbook.
pub fn write(export: &Export<'_>, path: &Path) -> Result<()> {
    let (executable, lang) = (export.executable, export.lang);
    let date = executable.date;
    let title = words::SCHEDULES_OF.with(lang, &[executable.platform.name(), &date.to_string()]);
    put(path, (&title, date, lang), |book| fill(export, &title, book))
}

/// What rules cost is the plan's business.
static NO_COSTS: Costs = Costs { rules: Vec::new(), band: None };

fn fill(export: &Export<'_>, title: &str, book: &mut Workbook) -> Written {
    let (executable, lang) = (export.executable, export.lang);
    let plan = plan(executable);
    let package = Package {
        request: export.request,
        audit: export.audit,
        plan: &plan,
        stages: export.stages,
        frontiers: &[],
        costs: &NO_COSTS,
        tested: None,
        mps: None,
        within: Some(Within::Platform(executable)),
        started: export.started,
        lang,
    };
    if !executable.campaigns.is_empty() {
        schedules(executable, title, Sheet::new(book.add_worksheet(), words::SCHEDULES.in_(lang), lang)?)?;
        base_bids(executable, Sheet::new(book.add_worksheet(), words::BASE_BIDS.in_(lang), lang)?)?;
    }
    let channels = crate::keys::Channel::ALL.into_iter().filter(|channel| {
        let here = executable.platform.channel().is_none_or(|here| here == *channel);
        here && plan.units.iter().any(|unit| unit.channel == *channel)
    });
    for channel in channels {
        let name = reason::channel(channel).in_(lang);
        matrix::write(&package, channel, Sheet::new(book.add_worksheet(), name, lang)?)?;
        let name = lang::BIDS_OF.with(lang, &[name]);
        bids::write(&package, channel, Sheet::new(book.add_worksheet(), &name, lang)?)?;
    }
    if !executable.by_hand.is_empty() {
        hands(executable, Sheet::new(book.add_worksheet(), words::BY_HAND_SHEET.in_(lang), lang)?)?;
    }
    rules::write(&package, Sheet::new(book.add_worksheet(), lang::RULES.in_(lang), lang)?)?;
    Ok(())
}

/// The effective bids as a plan. Nothing is proven of them, so its evidence is empty.
fn plan(executable: &Executable) -> Plan {
    Plan {
        date: executable.date,
        objective: executable.objective,
        margin: executable.margin,
        currency: executable.currency.clone(),
        status: Status::Feasible,
        units: executable.units.clone(),
        cells: executable.cells.clone(),
        rules: executable.rules.clone(),
        evidence: Evidence::default(),
        conflict: None,
        outlook: executable.outlook.clone(),
        underway: None,
    }
}

const HEAD: u32 = 6;
const FIRST_HOUR: u16 = 3;
const AFTER_HOURS: u16 = FIRST_HOUR + HOURS as u16;
const COLUMNS: u16 = AFTER_HOURS + 4;
/// Letters that fit across all columns.
const ACROSS: usize = 190;
/// The lowest daily limit that Taobao takes.
const LEAST_LIMIT: f64 = 30.0;

fn sum<'c>(cells: impl Iterator<Item = &'c PlanCell>) -> Outcome {
    cells.filter(|cell| cell.run).map(|cell| cell.outcome).sum()
}

/// A row a campaign: the percents of the day.
fn schedules(executable: &Executable, title: &str, mut sheet: Sheet<'_>) -> Written {
    let lang = sheet.lang;
    let hours = std::iter::repeat_n(6.0, HOURS);
    sheet.widths([16.0, 10.0, 9.0].into_iter().chain(hours).chain([11.0, 12.0, 8.0, 12.0]))?;
    sheet.title(0, title)?;
    let [whole, here] = executable.kept();
    let share = |share: Option<f64>| share.map_or_else(String::new, |share| number::percent(share, 1));
    let (met, shade) = match executable.met() {
        true => (words::RULES_HOLD, Shade::Good),
        false => (words::RULES_BROKEN, Shade::Bad),
    };
    let format = style::cell(Kind::Text, shade).set_text_wrap().set_bold();
    let verdict = words::KEPT_SHARE.with(lang, &[&share(here), &share(whole)]) + " " + met.in_(lang);
    sheet.paragraph(1, [0, COLUMNS - 1], ACROSS, &verdict, &format)?;
    for (row, note) in (2..).zip([words::SCHEDULES_NOTE, words::DAILY_LIMIT_NOTE]) {
        sheet.paragraph(row, [0, COLUMNS - 1], ACROSS, note.in_(lang), &style::wrapped())?;
    }
    sheet.cell(4, 0, lang::MONEY_IN.with(lang, &[&executable.currency]).as_str(), &style::quiet())?;
    sheet.head(HEAD, &[lang::CAMPAIGN, words::UNITS_RUNNING, lang::HOURS_ON])?;
    let head = style::head();
    for hour in 0..HOURS as u16 {
        sheet.cell(HEAD, FIRST_HOUR + hour, f64::from(hour), &head)?;
    }
    for (col, name) in (AFTER_HOURS..).zip([lang::SPEND, lang::REVENUE, lang::ROI, words::DAILY_LIMIT]) {
        sheet.cell(HEAD, col, name.in_(lang), &head)?;
    }
    for (row, campaign) in (HEAD + 1..).zip(&executable.campaigns) {
        schedule(executable, campaign, row, &mut sheet)?;
    }
    sheet.table(HEAD, executable.campaigns.len() as u32, COLUMNS, 1)
}

fn schedule(executable: &Executable, campaign: &Campaign, row: u32, sheet: &mut Sheet<'_>) -> Written {
    let on = campaign.hours();
    let running = campaign.base.iter().filter(|(_, base)| base.is_some()).count();
    sheet.put(row, 0, campaign.name.as_str(), Kind::Text)?;
    sheet.put(row, 1, format!("{running} / {}", campaign.base.len()).as_str(), Kind::Mark)?;
    sheet.put(row, 2, on.iter().filter(|on| **on).count() as f64, Kind::Whole)?;
    for (hour, percent) in campaign.percent.iter().enumerate() {
        let percent = percent.filter(|_| on[hour]);
        let shade = match percent {
            None => Shade::Off,
            Some(percent) if percent > 100 => Shade::Good,
            Some(percent) if percent < 100 => Shade::Fair,
            Some(_) => Shade::Plain,
        };
        let share = percent.map(|percent| f64::from(percent) / 100.0);
        sheet.shaded(row, FIRST_HOUR + hour as u16, share, Kind::Share, shade)?;
    }
    let outcome = sum(executable.cells.iter().filter(|cell| campaign.executes(cell.cell)));
    sheet.put(row, AFTER_HOURS, outcome.spend, Kind::Money)?;
    sheet.put(row, AFTER_HOURS + 1, outcome.revenue, Kind::Money)?;
    sheet.put(row, AFTER_HOURS + 2, outcome.roi(), Kind::Money)?;
    let limit = campaign.spend.map(|band| band.p80[1].ceil().max(LEAST_LIMIT));
    sheet.put(row, AFTER_HOURS + 3, limit, Kind::Whole)
}

/// A row a unit: its base bid.
fn base_bids(executable: &Executable, mut sheet: Sheet<'_>) -> Written {
    const HEAD: u32 = 2;
    let lang = sheet.lang;
    let columns = [
        (lang::CAMPAIGN, 16.0),
        (lang::UNIT, 28.0),
        (lang::PRODUCT, 15.0),
        (words::STATE, 9.0),
        (words::MATCH, 9.0),
        (lang::LAST_BID_MEAN, 12.0),
        (words::BASE_BID, 10.0),
        (words::EFFECTIVE_LOW, 11.0),
        (words::EFFECTIVE_HIGH, 11.0),
        (lang::HOURS_ON, 9.0),
        (lang::IMPRESSIONS, 11.0),
        (lang::CLICKS, 10.0),
        (lang::SPEND, 11.0),
        (lang::ORDERS, 9.0),
        (lang::REVENUE, 12.0),
        (lang::ROI, 8.0),
    ];
    sheet.title(0, words::BASE_BIDS.in_(lang))?;
    sheet.cell(1, 0, words::BASE_BIDS_NOTE.in_(lang), &style::quiet())?;
    sheet.head(HEAD, &columns.map(|(name, _)| name))?;
    sheet.widths(columns.map(|(_, width)| width))?;
    let mut row = HEAD;
    for campaign in &executable.campaigns {
        for (unit, base) in &campaign.base {
            row += 1;
            let cells = || {
                let of_unit = |cell: &&PlanCell| cell.cell.unit == *unit && cell.run;
                executable.cells.iter().filter(of_unit).filter(|cell| campaign.executes(cell.cell))
            };
            let key = &executable.units[*unit as usize];
            let bid = Kind::bid(key.channel);
            let (outcome, base) = (sum(cells()), base.filter(|_| campaign.runs()));
            let bids = || cells().filter_map(|cell| cell.bid);
            let (state, shade) = match base {
                Some(_) => (words::RUNS, Shade::Good),
                None => (words::PAUSED_UNIT, Shade::Off),
            };
            let search = key.channel == crate::keys::Channel::Search;
            let matched = executable.account.match_type.as_deref().filter(|_| search);
            sheet.put(row, 0, campaign.name.as_str(), Kind::Text)?;
            sheet.put(row, 1, key.unit.as_str(), Kind::Text)?;
            sheet.put(row, 2, key.product.as_deref().unwrap_or(""), Kind::Text)?;
            sheet.shaded(row, 3, state.in_(lang), Kind::Mark, shade)?;
            sheet.put(row, 4, matched.unwrap_or(""), Kind::Mark)?;
            sheet.put(row, 5, executable.last_bid(*unit), bid)?;
            sheet.put(row, 6, base, bid)?;
            sheet.put(row, 7, bids().reduce(f64::min), bid)?;
            sheet.put(row, 8, bids().reduce(f64::max), bid)?;
            sheet.put(row, 9, cells().count() as f64, Kind::Whole)?;
            sheet.put(row, 10, outcome.impressions, Kind::Whole)?;
            sheet.put(row, 11, outcome.clicks, Kind::Few)?;
            sheet.put(row, 12, outcome.spend, Kind::Money)?;
            sheet.put(row, 13, outcome.orders, Kind::Money)?;
            sheet.put(row, 14, outcome.revenue, Kind::Money)?;
            sheet.put(row, 15, outcome.roi(), Kind::Money)?;
        }
    }
    sheet.table(HEAD, row - HEAD, columns.len() as u16, 3)
}

/// A row for every bid that a person set.
fn hands(executable: &Executable, mut sheet: Sheet<'_>) -> Written {
    const HEAD: u32 = 2;
    let lang: Lang = sheet.lang;
    let columns = [
        (lang::HOUR, 8.0),
        (lang::CAMPAIGN, 16.0),
        (lang::UNIT, 28.0),
        (lang::PRODUCT, 15.0),
        (words::ASKED, 10.0),
        (words::BECAME, 10.0),
        (lang::SPEND, 11.0),
        (words::IS_KEPT, 90.0),
    ];
    sheet.title(0, words::BY_HAND_SHEET.in_(lang))?;
    sheet.cell(1, 0, words::BY_HAND_NOTE.in_(lang), &style::quiet())?;
    sheet.head(HEAD, &columns.map(|(name, _)| name))?;
    sheet.widths(columns.map(|(_, width)| width))?;
    for (row, by_hand) in (HEAD + 1..).zip(&executable.by_hand) {
        let unit = &executable.units[by_hand.unit as usize];
        let kind = Kind::bid(unit.channel);
        sheet.put(row, 0, f64::from(by_hand.hour), Kind::Whole)?;
        sheet.put(row, 1, unit.campaign.as_str(), Kind::Text)?;
        sheet.put(row, 2, unit.unit.as_str(), Kind::Text)?;
        sheet.put(row, 3, unit.product.as_deref().unwrap_or(""), Kind::Text)?;
        for (col, bid) in [(4, by_hand.asked), (5, by_hand.effective)] {
            match bid {
                Some(bid) => sheet.put(row, col, bid, kind)?,
                None => sheet.shaded(row, col, lang::APPROVE_OFF.in_(lang), Kind::Mark, Shade::Off)?,
            }
        }
        sheet.put(row, 6, by_hand.outcome.spend, Kind::Money)?;
        let shade = if by_hand.why.is_none() { Shade::Good } else { Shade::Heed };
        sheet.shaded(row, 7, by_hand::words(by_hand.why).in_(lang), Kind::Text, shade)?;
    }
    sheet.table(HEAD, executable.by_hand.len() as u32, columns.len() as u16, 3)
}
