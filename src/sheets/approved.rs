//! The operator's workbook read back: what a person decided of each bid.

use std::path::Path;

use calamine::{Data, DataType, Range, Reader, Xlsx, open_workbook};
use jiff::civil::Date;

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
    /// The planned date; nothing where the workbook has no bids.
    pub date: Option<Date>,
    /// Every row.
    pub rows: Vec<Decided>,
    /// Rows that were still open; their bids fall back.
    pub open: usize,
}

/// Reads the sheets of bids of a `bids.xlsx`, in whatever language it was written.
///
/// # Errors
/// `A030` for a file that is no such workbook, `A031` for every cell that says nothing that can be done.
pub fn read_approved(path: &Path) -> Result<Approved> {
    let foreign = |cause: String| {
        let action = "hand over the bids.xlsx of a plan of this version, with its columns as they were";
        Finding::error("A030", format!("this is not a workbook of bids: {cause}"), action).in_file(path)
    };
    let mut book: Xlsx<_> =
        open_workbook(path).map_err(|error: calamine::XlsxError| foreign(error.to_string()))?;
    let mut approved = Approved::default();
    let mut findings = Vec::new();
    let mut met = false;
    for name in book.sheet_names() {
        let Some(channel) = channel(&name) else { continue };
        let range = book.worksheet_range(&name).map_err(|error| foreign(error.to_string()))?;
        met = true;
        let sheet = Sheet { range: &range, channel };
        if let Some(column) = sheet.foreign() {
            return Err(foreign(format!("column {} of sheet {name} is another one", column + 1)).into());
        }
        approved.date = sheet.date().or(approved.date);
        for row in bids::HEAD + 1..range.end().map_or(0, |(last, _)| last + 1) {
            match sheet.row(row) {
                Ok(None) => {}
                Ok(Some((decided, open))) => {
                    approved.open += usize::from(open);
                    approved.rows.push(decided);
                }
                Err(cause) => findings.push(
                    Finding::error("A031", cause, "write yes, no or off, and a bid above 0 or nothing")
                        .in_file(path)
                        .at_line(row as usize + 1)
                        .at_column(name.as_str()),
                ),
            }
        }
    }
    match (findings.is_empty(), met) {
        (false, _) => Err(Error::Input(findings)),
        (true, false) => Err(foreign("it has no sheet of bids".into()).into()),
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

/// One sheet of bids.
struct Sheet<'a> {
    range: &'a Range<Data>,
    channel: Channel,
}

impl Sheet<'_> {
    fn text(&self, row: u32, col: u16) -> String {
        let cell = self.range.get_value((row, u32::from(col)));
        cell.and_then(DataType::as_string).unwrap_or_default().trim().to_owned()
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
        let is = |word: Word, text: &str| [Lang::En, Lang::Zh].iter().any(|lang| word.in_(*lang) == text);
        (0..)
            .zip(bids::COLUMNS)
            .find(|(col, (word, _))| !is(*word, &self.text(bids::HEAD, *col)))
            .map(|(col, _)| col)
    }

    /// The date of the title.
    fn date(&self) -> Option<Date> {
        self.text(0, 0).rsplit(' ').next()?.parse().ok()
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

    /// A row, and whether it was still open; nothing for an empty one.
    fn row(&self, row: u32) -> std::result::Result<Option<(Decided, bool)>, String> {
        let name = self.text(row, bids::UNIT);
        if name.is_empty() {
            return Ok(None);
        }
        let product = Some(self.text(row, bids::PRODUCT)).filter(|product| !product.is_empty());
        let unit =
            Unit { channel: self.channel, campaign: self.text(row, bids::CAMPAIGN), unit: name, product };
        let hours = self.hours(row)?;
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
        let open = word == lang::APPROVE_OPEN && yours.is_none();
        Ok(Some((Decided { unit, hours, bid }, open)))
    }
}
