//! The operator's workbook read back: what a person decided of each bid.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{Data, DataType, Range, Reader, Xlsx, XlsxError};
use jiff::civil::Date;

use super::manifest::sha256;
use super::workbook::bids;
use crate::calendar::{HOURS, HourSpan, HourText};
use crate::error::{Error, Finding, Result};
use crate::keys::{Channel, Unit};
use crate::report::lang::{self, Lang, Word};
use crate::report::reason;

/// What a person decided of one row of the workbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The unit.
    pub unit: Unit,
    /// The hours that it speaks of.
    pub hours: Vec<u8>,
    /// The bid that goes live; nothing = does not run.
    pub bid: Option<f64>,
}

/// An approved workbook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Approved {
    /// The planned date.
    pub date: Date,
    /// Every row.
    pub rows: Vec<Decided>,
    /// Rows that were still open; their bids fall back.
    pub open: usize,
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// Reads the sheets of bids of a `bids.xlsx`, in whatever language it was written.
///
/// # Errors
/// A file that cannot be read; `A030` for one that is no such workbook, `A031` for every row that says nothing that can
/// be done, `A032` where the sheets are not of one day that is to come.
pub fn read_approved(path: &Path) -> Result<Approved> {
    let foreign = |cause: String| {
        let action = "hand over the bids.xlsx of a plan of this version, with its columns as they were";
        Finding::error("A030", format!("this is not a workbook of bids: {cause}"), action).in_file(path)
    };
    let absolute = std::path::absolute(path).map_err(Error::io("resolve", path))?;
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let mut approved =
        Approved { path: absolute, bytes: bytes.len() as u64, sha256: sha256(&bytes), ..Approved::default() };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error: XlsxError| foreign(error.to_string()))?;
    if book.sheet_names().iter().any(|name| is(lang::platform::SCHEDULES, name)) {
        let cause = "it is of an export, whose effective bids follow from base bids and percents";
        let action = "approve the bids.xlsx of the plan's own folder, and export that again";
        return Err(Finding::error("A030", format!("this is not a workbook of bids: {cause}"), action)
            .in_file(path)
            .into());
    }
    let (mut findings, mut answered) = (Vec::new(), false);
    let mut met = false;
    for name in book.sheet_names() {
        let Some(channel) = channel(&name) else { continue };
        let range = book.worksheet_range(&name).map_err(|error| foreign(error.to_string()))?;
        // A formula that no spreadsheet has counted yet holds no value.
        let formulas = book.worksheet_formula(&name).unwrap_or_default();
        let sheet = Sheet { range: &range, formulas: &formulas, channel };
        if let Some(column) = sheet.foreign() {
            return Err(foreign(format!("column {} of sheet {name} is another one", column + 1)).into());
        }
        let of_day = |[cause, action]: [&str; 2]| Finding::error("A032", cause, action).in_file(path);
        let date = sheet.date().map_err(of_day)?;
        if met && date != approved.date {
            let cause = format!("its sheets are of {} and of {date}", approved.date);
            return Err(Finding::error("A032", cause, "approve the workbook of one plan")
                .in_file(path)
                .into());
        }
        (met, approved.date) = (true, date);
        let wrong = |row: u32, cause: String| {
            Finding::error("A031", cause, "write yes, no or off, and a bid above 0 or nothing")
                .in_file(path)
                .at_line(row as usize + 1)
                .at_column(name.as_str())
        };
        let mut said: HashMap<(Unit, u8), (Option<f64>, u32)> = HashMap::new();
        for row in bids::HEAD + 1..range.end().map_or(0, |(last, _)| last + 1) {
            match sheet.row(row) {
                Ok(None) => {}
                Ok(Some((decided, answer))) => {
                    let before = decided.hours.iter().filter_map(|hour| {
                        said.insert((decided.unit.clone(), *hour), (decided.bid, row)).zip(Some(hour))
                    });
                    let other = before.filter(|((bid, _), _)| *bid != decided.bid).last();
                    findings.extend(other.map(|((_, first), hour)| {
                        let unit = &decided.unit.unit;
                        wrong(row, format!("row {} says something else of {unit} at {hour}:00", first + 1))
                    }));
                    approved.open += usize::from(answer == Answer::Open);
                    answered |= answer == Answer::Given;
                    approved.rows.push(decided);
                }
                Err(cause) => findings.push(wrong(row, cause)),
            }
        }
    }
    match (findings.is_empty(), met) {
        (false, _) => Err(Error::Input(findings)),
        (true, false) => Err(foreign("it has no sheet of bids".into()).into()),
        (true, true) if approved.open > 0 && !answered => {
            let cause = format!("nothing was decided: {} bids are still open", approved.open);
            let action =
                "write yes, no or off beside them, or bids of your own, save the file and approve it again";
            Err(Finding::error("A038", cause, action).in_file(path).into())
        }
        (true, true) => Ok(approved),
    }
}

/// The channel whose bids a sheet of this name holds.
fn channel(name: &str) -> Option<Channel> {
    let named = |channel: &Channel| {
        let words = [Lang::En, Lang::Zh];
        words.iter().any(|lang| lang::BIDS_OF.with(*lang, &[reason::channel(*channel).in_(*lang)]) == name)
    };
    Channel::ALL.into_iter().find(named)
}

/// Whether a text is a word, in whatever language it was written.
fn is(word: Word, text: &str) -> bool {
    [Lang::En, Lang::Zh].iter().any(|lang| word.in_(*lang) == text)
}

/// What a person said to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Nothing: it did not wait for anybody.
    Unasked,
    /// It waited, and was decided; or it was changed unasked.
    Given,
    /// It still waits.
    Open,
}

/// One sheet of bids.
struct Sheet<'a> {
    range: &'a Range<Data>,
    formulas: &'a Range<String>,
    channel: Channel,
}

impl Sheet<'_> {
    fn text(&self, row: u32, col: u16) -> String {
        match self.range.get_value((row, u32::from(col))) {
            Some(Data::Bool(whether)) => whether.to_string(),
            Some(Data::Error(error)) => error.to_string(),
            cell => cell.and_then(DataType::as_string).unwrap_or_default().trim().to_owned(),
        }
    }

    /// That a person's cell holds a formula without a value, if so.
    fn uncounted(&self, row: u32, col: u16) -> std::result::Result<(), String> {
        let formula = self.formulas.get_value((row, u32::from(col))).filter(|formula| !formula.is_empty());
        match formula.filter(|_| self.text(row, col).is_empty()) {
            None => Ok(()),
            Some(formula) => Err(format!(
                "`={formula}` has no value yet: open the file in a spreadsheet program and save it, or write the number"
            )),
        }
    }

    /// A number; nothing in an empty cell; an error in any other.
    fn number(&self, row: u32, col: u16) -> std::result::Result<Option<f64>, String> {
        let Some(cell) = self.range.get_value((row, u32::from(col))) else { return Ok(None) };
        let text = self.text(row, col);
        match cell.get_float().or_else(|| cell.get_int().map(|whole| whole as f64)) {
            Some(number) => Ok(Some(number)),
            None if text.is_empty() => Ok(None),
            None => text.parse().map(Some).map_err(|_| format!("`{text}` is no bid")),
        }
    }

    /// The first column whose head is not what it was.
    fn foreign(&self) -> Option<u16> {
        (0..)
            .zip(bids::COLUMNS)
            .find(|(col, (word, _))| !is(*word, &self.text(bids::HEAD, *col)))
            .map(|(col, _)| col)
    }

    /// The date of the title; a cause and what to do where it is not of a day to come.
    fn date(&self) -> std::result::Result<Date, [&'static str; 2]> {
        let title = self.text(0, 0);
        let mut parts = title.split(bids::DOT).skip(1);
        match (parts.next().map(str::parse), parts.next()) {
            (Some(Ok(date)), None) => Ok(date),
            (Some(Ok(_)), Some(_)) => Err([
                "the workbook is of a day that was under way",
                "carry its bids out as they are, or run `bidwright replan` with other rules: only plans that are made before their day are approved",
            ]),
            _ => Err([
                "the title of a sheet names no date, so nobody knows which day is approved",
                "bring its first line back: the channel and the date of the plan",
            ]),
        }
    }

    /// The hours of a row: one, or spans of the clock, or all of them.
    fn hours(&self, row: u32) -> std::result::Result<Vec<u8>, String> {
        let text = self.text(row, bids::HOUR);
        if [Lang::En, Lang::Zh].iter().any(|lang| lang::ALL_DAY.in_(*lang) == text) {
            return Ok((0..HOURS as u8).collect());
        }
        let span = |part: &str| HourSpan::try_from(HourText::Span(part.trim().to_owned()));
        let spans = text.split(',').map(span).collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(spans.iter().flat_map(|span| span.from..span.to).collect())
    }

    /// A row, and what was said to it; nothing for an empty one.
    fn row(&self, row: u32) -> std::result::Result<Option<(Decided, Answer)>, String> {
        let name = self.text(row, bids::UNIT);
        if name.is_empty() {
            return Ok(None);
        }
        let product = Some(self.text(row, bids::PRODUCT)).filter(|product| !product.is_empty());
        let unit =
            Unit { channel: self.channel, campaign: self.text(row, bids::CAMPAIGN), unit: name, product };
        let hours = self.hours(row)?;
        self.uncounted(row, bids::APPROVE)?;
        self.uncounted(row, bids::YOURS)?;
        let (word, off) = (self.text(row, bids::APPROVE), lang::APPROVE_OFF);
        let word = match word.as_str() {
            "" => lang::APPROVE_OPEN,
            text => bids::decided(text).ok_or_else(|| format!("`{text}` is no decision"))?,
        };
        let bid_or_off = |col| match bids::decided(&self.text(row, col)) {
            Some(_) => Ok(None),
            None => self.number(row, col),
        };
        let (planned, old) = (bid_or_off(bids::NEW)?, bid_or_off(bids::FALL_BACK)?);
        let yours = self.number(row, bids::YOURS)?;
        if yours.is_some() && self.channel == Channel::GroupBuy {
            return Err("a slot costs what the plan file says, so it has no bid of one's own".into());
        }
        if yours.is_some_and(|bid| !(bid > 0.0 && bid.is_finite())) {
            return Err(format!("`{}` is no bid", self.text(row, bids::YOURS)));
        }
        let bid = match (word, yours) {
            (word, Some(_)) if word == lang::APPROVE_NO || word == off => {
                return Err(format!("`{}` beside a bid of one's own", self.text(row, bids::APPROVE)));
            }
            (_, Some(bid)) => Some(bid),
            (word, None) if word == lang::APPROVE_YES => planned,
            (word, None) if word == off => None,
            (_, None) => old,
        };
        let flag = self.text(row, bids::FLAG);
        let waited = [lang::APPROVE_CHANGE, lang::APPROVE_THIN]
            .iter()
            .any(|word| [Lang::En, Lang::Zh].iter().any(|lang| flag.starts_with(word.in_(*lang))));
        let answer = match word {
            word if word == lang::APPROVE_OPEN && yours.is_none() => Answer::Open,
            word if word == lang::APPROVE_YES && yours.is_none() && !waited => Answer::Unasked,
            _ => Answer::Given,
        };
        Ok(Some((Decided { unit, hours, bid }, answer)))
    }
}
