//! One sheet per channel for the operator: every bid that runs or stops, what is expected of it, what it falls
//! back to, and two columns to write into. [`super::super::approved`] reads it back, so its columns are a promise.

use std::collections::BTreeMap;

use super::super::{Package, Within};
use super::changes::shade;
use super::sheet::{Sheet, Written};
use super::style::{self, Kind, Shade};
use crate::config::limits::Limits;
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::plan::{PlanCell, Reason};
use crate::report::lang::{self, Lang, Word, platform};
use crate::report::{approval, change, reason};
use crate::schedule::executable::Executable;

/// Row of the columns' heads.
pub const HEAD: u32 = 2;
/// Rows of one channel, more than anybody decides on; the whole plan is in `plan.csv`.
const MOST: usize = 20_000;

/// Columns that a reader of the sheet looks for, by their place.
pub const APPROVE: u16 = 0;
/// The bid that a person sets.
pub const YOURS: u16 = 1;
/// The hour, or a word for all of them.
pub const HOUR: u16 = 2;
/// The campaign.
pub const CAMPAIGN: u16 = 3;
/// The unit.
pub const UNIT: u16 = 4;
/// The product.
pub const PRODUCT: u16 = 5;
/// The plan's bid.
pub const NEW: u16 = 7;
/// The bid that it falls back to.
pub const FALL_BACK: u16 = 24;
/// What to keep in mind; why a row waits comes first.
pub const FLAG: u16 = 25;
/// What stands between the parts of the title.
pub const DOT: &str = " · ";
const FLOOR: u16 = 9;
const CEILING: u16 = 10;

/// The columns and their widths.
pub const COLUMNS: [(Word, f64); 27] = [
    (lang::APPROVE, 9.0),
    (lang::YOUR_BID, 9.0),
    (lang::HOUR, 8.0),
    (lang::CAMPAIGN, 13.0),
    (lang::UNIT, 24.0),
    (lang::PRODUCT, 14.0),
    (lang::OLD_BID, 9.0),
    (lang::NEW_BID, 9.0),
    (lang::CHANGE, 9.0),
    (lang::FLOOR, 9.0),
    (lang::CEILING, 9.0),
    (lang::TARGET, 9.0),
    (lang::POSITION, 9.0),
    (lang::CHANCE_HELD, 9.0),
    (lang::IMPRESSIONS, 11.0),
    (lang::CLICKS, 9.0),
    (lang::CPC, 9.0),
    (lang::SPEND, 10.0),
    (lang::SPEND_BAND, 16.0),
    (lang::ORDERS, 9.0),
    (lang::REVENUE, 11.0),
    (lang::REVENUE_BAND, 16.0),
    (lang::ROI, 8.0),
    (lang::STAKE, 10.0),
    (lang::FALL_BACK, 10.0),
    (lang::FLAG, 34.0),
    (lang::REASON, 46.0),
];

/// Columns beside those where a platform executes the bids.
const EXECUTED: [(Word, f64); 3] =
    [(platform::PLAN_BID, 9.0), (platform::MATCH, 9.0), (platform::AT_PLATFORM, 15.0)];

/// A row: a cell, or the whole day of a unit that is bought by the day.
struct Line<'a> {
    cell: &'a PlanCell,
    hours: Vec<u8>,
    outcome: Outcome,
    bands: Option<[[f64; 2]; 2]>,
    chance: Option<f64>,
    limits: Limits,
    needs: Option<Word>,
    stake: f64,
}

/// Writes the sheet of a channel: what waits for approval first, then by money at stake.
pub fn write(package: &Package<'_>, channel: Channel, mut sheet: Sheet<'_>) -> Written {
    let lang = sheet.lang;
    let mut lines = lines(package, channel);
    let left_out = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    let mut title = vec![reason::channel(channel).in_(lang).to_owned(), package.plan.date.to_string()];
    title.extend(
        package.plan.underway.as_ref().map(|day| lang::BIDS_FROM.with(lang, &[&day.now.to_string()])),
    );
    sheet.title(0, &title.join(DOT))?;
    let cut = if left_out > 0 {
        lang::CHANGES_CUT.with(lang, &[&left_out.to_string()]) + " "
    } else {
        String::new()
    };
    let note = match package.within {
        Some(Within::Platform(_)) => platform::EXPORT_NOTE.in_(lang),
        _ if may_be_edited(package) => lang::BIDS_NOTE.in_(lang),
        _ => "",
    };
    sheet.cell(1, 0, (cut + note).as_str(), &style::quiet())?;
    let columns = columns(package);
    let names: Vec<Word> = columns.iter().map(|(name, _)| *name).collect();
    sheet.head(HEAD, &names)?;
    let spans = |col: u16, width: f64| if col == HOUR && channel.by_the_day() { 14.0 } else { width };
    sheet.widths((0..).zip(&columns).map(|(col, (_, width))| spans(col, *width)))?;
    for (row, line) in (HEAD + 1..).zip(&lines) {
        put(&mut sheet, row, channel, package, line)?;
    }
    if !lines.is_empty() && may_be_edited(package) {
        let rows = [HEAD + 1, HEAD + lines.len() as u32];
        let words = [lang::APPROVE_YES, lang::APPROVE_NO, lang::APPROVE_OFF, lang::APPROVE_OPEN];
        let hint = [lang::APPROVE.in_(lang), lang::APPROVE_HINT.in_(lang)];
        sheet.choose(rows, APPROVE, &words.map(|word| word.in_(lang)), hint)?;
        if channel != Channel::GroupBuy {
            let hint = [lang::YOUR_BID.in_(lang), lang::YOUR_BID_HINT.in_(lang)];
            sheet.between(rows, YOURS, [FLOOR, CEILING], hint)?;
        }
        let colours = [Shade::Good, Shade::Bad, Shade::Off, Shade::Heed];
        for (word, shade) in words.into_iter().zip(colours) {
            sheet.marked(rows, APPROVE, word.in_(lang), shade)?;
        }
    }
    sheet.wide(PRODUCT)?;
    sheet.table(HEAD, lines.len() as u32, columns.len() as u16, PRODUCT)
}

/// The columns of a sheet.
fn columns(package: &Package<'_>) -> Vec<(Word, f64)> {
    let mut columns = COLUMNS.to_vec();
    if let Some(Within::Platform(_)) = package.within {
        // In the place of what a person would write: what the platform is told.
        columns[usize::from(APPROVE)].0 = platform::BASE_BID;
        columns[usize::from(YOURS)].0 = platform::DISCOUNT;
        columns[usize::from(NEW)].0 = platform::EFFECTIVE_BID;
        columns.extend(EXECUTED);
    }
    columns
}

/// Whether `plan --approve` takes the workbook back: a day under way is planned again, not approved, and what a
/// platform executes follows from the plan's own bids.
fn may_be_edited(package: &Package<'_>) -> bool {
    package.plan.underway.is_none() && !matches!(package.within, Some(Within::Platform(_)))
}

/// Whether bids wait for approval: of an approved plan, none does.
fn asks(package: &Package<'_>) -> bool {
    may_be_edited(package) && !matches!(package.within, Some(Within::Approved(_)))
}

/// Whether a cell has a row: everything that runs or ran before, and what a person switched off; every slot in the
/// hours in which it is on offer.
fn listed(cell: &PlanCell, channel: Channel) -> bool {
    let decided = match channel {
        Channel::GroupBuy => cell.reason != Reason::NotOffered,
        _ => cell.run || cell.last_bid.is_some() || cell.reason == Reason::OffByHand,
    };
    decided && cell.reason != Reason::Over
}

/// How many bids wait for approval in all channels.
pub fn waiting(package: &Package<'_>) -> usize {
    let of = |channel| lines(package, channel).iter().filter(|line| line.needs.is_some()).count();
    Channel::ALL.into_iter().map(of).sum()
}

fn lines<'a>(package: &Package<'a>, channel: Channel) -> Vec<Line<'a>> {
    let (plan, file) = (package.plan, &package.request.file);
    let date = plan.date.to_string();
    let mut limits: BTreeMap<u32, Vec<Limits>> = BTreeMap::new();
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (at, cell) in plan.cells.iter().enumerate() {
        let unit = plan.unit(cell);
        if unit.channel != channel || !listed(cell, channel) {
            continue;
        }
        let outcome = if cell.run { cell.outcome } else { Outcome::default() };
        let day = channel.by_the_day();
        if let Some(last) = lines.last_mut()
            && day
            && last.cell.cell.unit == cell.cell.unit
            && last.cell.run == cell.run
        {
            last.hours.push(cell.cell.hour);
            last.outcome += outcome;
            last.bands = None; // of hours that share their day, no band is known
            continue;
        }
        let of_unit = limits.entry(cell.cell.unit).or_insert_with(|| file.limits(unit, &date));
        let limits = of_unit[usize::from(cell.cell.hour)].clone();
        let rows = plan.outlook.rows.get(at).copied().unwrap_or(usize::MAX);
        lines.push(Line {
            needs: approval::needed(cell, &limits, rows, &file.approval).filter(|_| asks(package)),
            cell,
            hours: vec![cell.cell.hour],
            outcome,
            bands: plan.outlook.of_cell(at, &outcome).filter(|_| cell.run),
            chance: plan.outlook.chance(at),
            limits,
            stake: 0.0,
        });
    }
    for line in &mut lines {
        let size = match change::act(line.cell) {
            None => 0.0,
            Some(_) => line.cell.change().map_or(1.0, f64::abs),
        };
        line.stake = line.outcome.spend * size;
    }
    lines.sort_by(|a, b| {
        b.needs
            .is_some()
            .cmp(&a.needs.is_some())
            .then(b.stake.total_cmp(&a.stake))
            .then(a.cell.cell.cmp(&b.cell.cell))
    });
    lines
}

fn put(sheet: &mut Sheet<'_>, row: u32, channel: Channel, package: &Package<'_>, line: &Line<'_>) -> Written {
    let (lang, cell) = (sheet.lang, line.cell);
    let (unit, bid, outcome) = (package.plan.unit(cell), Kind::bid(channel), &line.outcome);
    let approve = if line.needs.is_some() { lang::APPROVE_OPEN } else { lang::APPROVE_YES };
    match may_be_edited(package) {
        true => sheet.cell(row, APPROVE, approve.in_(lang), &style::open(Kind::Mark))?,
        false => sheet.put(row, APPROVE, None, Kind::Mark)?,
    }
    match may_be_edited(package) && channel != Channel::GroupBuy {
        true => sheet.cell(row, YOURS, None, &style::open(bid))?,
        false => sheet.put(row, YOURS, None, bid)?,
    }
    match line.hours.as_slice() {
        [hour] => sheet.put(row, HOUR, f64::from(*hour), Kind::Whole)?,
        hours => sheet.put(row, HOUR, change::spans(hours, lang).as_str(), Kind::Mark)?,
    }
    sheet.put(row, CAMPAIGN, unit.campaign.as_str(), Kind::Text)?;
    sheet.put(row, UNIT, unit.unit.as_str(), Kind::Text)?;
    sheet.put(row, PRODUCT, unit.product.as_deref().unwrap_or(""), Kind::Text)?;
    sheet.put(row, 6, cell.last_bid, bid)?;
    let act = change::act(cell).map_or(Shade::Plain, shade);
    match cell.run {
        true => sheet.put(row, NEW, cell.bid, bid)?,
        false => sheet.shaded(row, NEW, lang::APPROVE_OFF.in_(lang), Kind::Mark, Shade::Off)?,
    }
    sheet.shaded(row, 8, cell.change(), Kind::Change, act)?;
    // What a slot costs is not bid for.
    let limits = line.limits.bid.map(|limit| Some(limit).filter(|_| channel != Channel::GroupBuy));
    sheet.put(row, FLOOR, limits[0], bid)?;
    sheet.put(row, CEILING, limits[1], bid)?;
    let target = line.limits.position.map(|[best, worst]| format!("{best}–{worst}"));
    sheet.put(row, 11, target.as_deref().unwrap_or(""), Kind::Mark)?;
    sheet.put(row, 12, outcome.position(), Kind::Position)?;
    sheet.put(row, 13, line.chance.filter(|_| cell.run), Kind::Share)?;
    sheet.put(row, 14, outcome.impressions, Kind::Whole)?;
    sheet.put(row, 15, outcome.clicks, Kind::Few)?;
    sheet.put(row, 16, outcome.cpc(), Kind::Money)?;
    sheet.put(row, 17, outcome.spend, Kind::Money)?;
    let band = |at: usize| line.bands.map(|bands| words(bands[at]));
    sheet.put(row, 18, band(0).as_deref().unwrap_or(""), Kind::Mark)?;
    sheet.put(row, 19, outcome.orders, Kind::Money)?;
    sheet.put(row, 20, outcome.revenue, Kind::Money)?;
    sheet.put(row, 21, band(1).as_deref().unwrap_or(""), Kind::Mark)?;
    sheet.put(row, 22, outcome.roi(), Kind::Money)?;
    sheet.put(row, 23, line.stake, Kind::Money)?;
    match cell.last_bid {
        Some(last) => sheet.put(row, FALL_BACK, last, bid)?,
        None => sheet.put(row, FALL_BACK, lang::APPROVE_OFF.in_(lang), Kind::Mark)?,
    }
    // Why it waits says already that the change is large.
    let waits = line.needs == Some(lang::APPROVE_CHANGE);
    let flags = reason::flags(cell).filter(|flag| !(waits && *flag == lang::LARGE_CHANGE));
    let flags: Vec<&str> = line.needs.into_iter().chain(flags).map(|flag| flag.in_(lang)).collect();
    let heed = if flags.is_empty() { Shade::Plain } else { Shade::Heed };
    sheet.shaded(row, FLAG, flags.join(lang::AND.in_(lang)).as_str(), Kind::Text, heed)?;
    let why = reason::words(cell, channel, lang);
    match package.within {
        Some(Within::Platform(executed)) => {
            let off = not_executed(executed, cell).map(|word| word.in_(lang));
            sheet.put(row, 26, off.unwrap_or(&why), Kind::Text)?;
            at_platform(sheet, row, executed, cell)
        }
        _ => sheet.put(row, 26, why.as_str(), Kind::Text),
    }
}

/// Why a platform does not run a cell that could run.
fn not_executed(executed: &Executable, cell: &PlanCell) -> Option<Word> {
    let could =
        matches!(cell.reason, Reason::Chosen | Reason::NotOffered | Reason::FixedBid | Reason::ByHand);
    let (_, base, percent) = executed.set(cell.cell).filter(|_| could && !cell.run)?;
    match (base, percent) {
        (Some(_), None) => Some(platform::HOUR_OFF),
        _ => Some(platform::UNIT_PAUSED),
    }
}

/// What is set at a platform for a cell.
fn at_platform(sheet: &mut Sheet<'_>, row: u32, executed: &Executable, cell: &PlanCell) -> Written {
    let first = COLUMNS.len() as u16;
    let channel = executed.units[cell.cell.unit as usize].channel;
    let (name, base, percent) = executed.set(cell.cell).unwrap_or_default();
    let runs = |value: Option<f64>| value.filter(|_| cell.run);
    sheet.put(row, APPROVE, runs(base), Kind::bid(channel))?;
    sheet.put(row, YOURS, runs(percent.map(|percent| f64::from(percent) / 100.0)), Kind::Share)?;
    let free =
        executed.free.binary_search_by_key(&cell.cell, |free| free.cell).ok().map(|at| &executed.free[at]);
    sheet.put(row, first, free.filter(|free| free.run).and_then(|free| free.bid), Kind::bid(channel))?;
    let search = channel == Channel::Search;
    let matched = executed.account.match_type.as_deref().filter(|_| search);
    sheet.put(row, first + 1, matched.unwrap_or(""), Kind::Mark)?;
    sheet.put(row, first + 2, name, Kind::Text)
}

/// A band of money.
fn words([low, high]: [f64; 2]) -> String {
    let digits = if high >= 100.0 { 0 } else { 2 };
    format!("{low:.digits$} – {high:.digits$}")
}

/// The word that a cell of [`APPROVE`] holds, in whatever language it was written.
pub fn decided(text: &str) -> Option<Word> {
    let words = [lang::APPROVE_YES, lang::APPROVE_NO, lang::APPROVE_OFF, lang::APPROVE_OPEN];
    let text = text.trim().to_lowercase();
    let own = |word: &Word| [Lang::En, Lang::Zh].iter().any(|lang| word.in_(*lang).to_lowercase() == text);
    words.into_iter().find(own).or(match text.as_str() {
        "y" | "ok" | "true" | "是" | "同意" => Some(lang::APPROVE_YES),
        "n" | "false" | "否" | "不同意" => Some(lang::APPROVE_NO),
        _ => None,
    })
}
