//! A row as it stands in a file → an observation, or what is wrong with it.

use super::binding::{Binding, Slot};
use super::date::{NotADay, day_of_integer, parse_day, parse_hour};
use super::fault::{Fault, Kind};
use super::name::append_name;
use super::number::{self, NotANumber, Number};
use super::observation::Observation;
use super::position::parse_position;
use super::scale::Scales;
use super::schema::Column;
use super::table::{Cell, Table};
use crate::calendar::HOURS;
use crate::keys::{Channel, Unit};

/// Turns the rows of one file into observations. Clones read other rows of the same file beside each other.
#[derive(Clone)]
pub(super) struct Rows<'a> {
    pub(super) binding: &'a Binding,
    /// What bare numbers in ratio columns are.
    pub scales: Scales,
    window_days: u32,
    period_days: u16,
    /// First day that is no history: the planned date.
    end: Option<i32>,
    /// Which sums the file holds or implies.
    pub(super) implied: [bool; 5],
    names: [String; 3],
    last_day: (String, i32),
    last_channel: (String, Channel),
}

/// No shop has a number beyond this, in any currency; and sums of squares of what is below it are still numbers.
pub(super) const MOST: f64 = 1e12;
pub(super) const TOO_LARGE: &str = "the number is beyond 1e12, more than any shop has";

/// Why nothing stands in a cell of a required column.
const EMPTY: &str = "the cell is empty";
const NO_DAY: &str = "this is not a day";

impl<'a> Rows<'a> {
    /// Rows of a file so bound.
    pub fn new(binding: &'a Binding, window_days: u32, period_days: u32, end: Option<i32>) -> Rows<'a> {
        Rows {
            binding,
            scales: Scales::default(),
            window_days,
            period_days: u16::try_from(period_days.max(1)).unwrap_or(u16::MAX),
            end,
            implied: Column::SUMS.map(|sum| binding.implies(sum)),
            names: Default::default(),
            last_day: (String::new(), 0),
            last_channel: (String::new(), Channel::Search),
        }
    }

    /// Reads one row. The observation's `unit` is still 0: the caller numbers units by `key`,
    /// which is set to the channel and the names, and makes them with [`Rows::unit`].
    pub fn read(&mut self, table: &dyn Table, row: usize, key: &mut String) -> Result<Observation, Fault> {
        if let Some(fault) = table.misfit(row) {
            return Err(fault);
        }
        let day = self.day(table, row)?;
        let hour = self.hour(table, row)?;
        let channel = self.channel(table, row)?;
        for (at, column) in [Column::Campaign, Column::Unit, Column::Product].into_iter().enumerate() {
            self.name(table, row, at, column)?;
        }
        key.clear();
        key.push_str(channel.name());
        for name in &self.names {
            key.push('\u{1f}');
            key.push_str(name);
        }
        self.window(table, row)?;
        let sums = self.sums(table, row, channel)?;
        let bid = self.bid(table, row, channel)?;
        let position = self.position(table, row, sums[0])?;
        let quality =
            self.number(table, row, Column::Quality)?.map_or(f32::NAN, |number| number.value as f32);
        let [impressions, clicks, spend, orders, revenue] = sums;
        let days = if hour.is_some() { 1 } else { self.period_days };
        Ok(Observation {
            unit: 0,
            day,
            days,
            hour,
            age: 0,
            bid,
            position,
            quality,
            impressions,
            clicks,
            spend,
            orders,
            revenue,
        })
    }

    /// The unit of the row last read.
    pub fn unit(&self) -> Unit {
        let [campaign, unit, product] = &self.names;
        let product = (!product.is_empty()).then(|| product.clone());
        Unit { channel: self.last_channel.1, campaign: campaign.clone(), unit: unit.clone(), product }
    }

    pub(super) fn cell<'t>(&'t self, table: &'t dyn Table, row: usize, column: Column) -> Cell<'t> {
        cell(self.binding, table, row, column)
    }

    /// The day on which the row was exported, where the file says.
    pub fn exported(&self, table: &dyn Table, row: usize) -> Result<Option<i32>, Fault> {
        let cell = self.cell(table, row, Column::Exported);
        match cell {
            Cell::Missing => return Ok(None),
            Cell::Text(text) if number::is_missing(text) => return Ok(None),
            _ => {}
        }
        let fault = |_| Fault::new(Kind::Date, Column::Exported, cell.to_text(), NO_DAY);
        read_day(cell).map(Some).map_err(fault)
    }

    fn day(&mut self, table: &dyn Table, row: usize) -> Result<i32, Fault> {
        let cell = cell(self.binding, table, row, Column::Date);
        let day = match cell {
            Cell::Text(text) if text == self.last_day.0 && !text.is_empty() => Ok(self.last_day.1),
            Cell::Text(text) => parse_day(text).inspect(|day| self.last_day = (text.to_string(), *day)),
            cell => read_day(cell),
        };
        let fault = |kind, reason: &str| Fault::new(kind, Column::Date, cell.to_text(), reason);
        let day = day.map_err(|not| match not {
            NotADay::Unreadable => fault(Kind::Date, NO_DAY),
            NotADay::Period => fault(Kind::Period, "this is the total of a period, not a day"),
        })?;
        let last = day.saturating_add(i32::from(self.period_days) - 1);
        match self.end {
            Some(end) if last >= end => Err(fault(Kind::Future, "the row is not before the planned date")),
            _ => Ok(day),
        }
    }

    fn hour(&self, table: &dyn Table, row: usize) -> Result<Option<u8>, Fault> {
        let cell = self.cell(table, row, Column::Hour);
        let hour = match cell {
            Cell::Missing => return Ok(None),
            Cell::Text(text) if number::is_missing(text) => return Ok(None),
            Cell::Text(text) => parse_hour(text),
            Cell::Integer(hour) => Some(hour),
            Cell::Number(hour) if hour.is_nan() => return Ok(None),
            Cell::Number(hour) => (hour.fract() == 0.0).then_some(hour as i64),
            Cell::Day(_) | Cell::Instant(_) => None,
        };
        match hour.and_then(|hour| u8::try_from(hour).ok()).filter(|hour| usize::from(*hour) < HOURS) {
            Some(hour) => Ok(Some(hour)),
            None => Err(Fault::new(
                Kind::Hour,
                Column::Hour,
                cell.to_text(),
                "an hour is a whole number from 0 to 23",
            )),
        }
    }

    fn channel(&mut self, table: &dyn Table, row: usize) -> Result<Channel, Fault> {
        let cell = cell(self.binding, table, row, Column::Channel);
        if let Cell::Text(text) = cell {
            if !text.is_empty() && text == self.last_channel.0 {
                return Ok(self.last_channel.1);
            }
            if let Some(channel) = Channel::parse(text) {
                self.last_channel = (text.to_string(), channel);
                return Ok(channel);
            }
        }
        let reason = "the channel is none of search, display, affiliate, group_buy";
        Err(Fault::new(Kind::Channel, Column::Channel, cell.to_text(), reason))
    }

    fn name(&mut self, table: &dyn Table, row: usize, at: usize, column: Column) -> Result<(), Fault> {
        let mut name = std::mem::take(&mut self.names[at]);
        name.clear();
        match self.binding.slot(column) {
            Slot::Joined(parts) => {
                for (nth, part) in parts.iter().enumerate() {
                    name.push_str(if nth > 0 { " / " } else { "" });
                    let before = name.len();
                    append_name(&mut name, table.cell(row, *part), column)?;
                    if name.len() == before {
                        name.push('-');
                    }
                }
                if name.split(" / ").all(|part| part == "-") {
                    name.clear();
                }
            }
            _ => append_name(&mut name, self.cell(table, row, column), column)?,
        }
        if name.is_empty() && column != Column::Product {
            return Err(Fault::new(Kind::Nameless, column, "", EMPTY));
        }
        self.names[at] = name;
        Ok(())
    }

    fn window(&self, table: &dyn Table, row: usize) -> Result<(), Fault> {
        let text = match self.cell(table, row, Column::Window) {
            Cell::Missing => return Ok(()),
            cell => cell.to_text(),
        };
        let digits: String =
            text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        if digits.is_empty() || digits.parse() == Ok(self.window_days) {
            return Ok(());
        }
        let reason = format!(
            "sales are attributed over another window than `[history] window_days` = {}",
            self.window_days
        );
        Err(Fault::new(Kind::Window, Column::Window, text, reason))
    }

    /// A number that is not negative, as it stands in the cell.
    pub(super) fn number(
        &self,
        table: &dyn Table,
        row: usize,
        column: Column,
    ) -> Result<Option<Number>, Fault> {
        let cell = self.cell(table, row, column);
        let fault = |kind, reason: &str| Fault::new(kind, column, cell.to_text(), reason);
        match read_number(cell) {
            Ok(Some(number)) if number.value < 0.0 => Err(fault(Kind::Negative, "the number is negative")),
            Ok(Some(number)) if number.value > MOST => Err(fault(Kind::NotFinite, TOO_LARGE)),
            Ok(Some(number)) if number.percent && !column.is_share() => {
                Err(fault(Kind::Number, "a share stands where there must be money or a count"))
            }
            Ok(number) => Ok(number),
            Err(NotANumber::Unreadable) => Err(fault(Kind::Number, "this is not a number")),
            Err(NotANumber::NotFinite) => Err(fault(Kind::NotFinite, "the number is not finite")),
        }
    }

    fn bid(&self, table: &dyn Table, row: usize, channel: Channel) -> Result<f32, Fault> {
        let Some(bid) = self.number(table, row, Column::Bid)? else { return Ok(f32::NAN) };
        if channel != Channel::Affiliate && bid.percent {
            let text = self.cell(table, row, Column::Bid).to_text();
            return Err(Fault::new(
                Kind::Number,
                Column::Bid,
                text,
                "a share stands where there must be money",
            ));
        }
        if channel == Channel::Affiliate && bid.value > 1.0 {
            let text = self.cell(table, row, Column::Bid).to_text();
            return Err(Fault::new(
                Kind::Commission,
                Column::Bid,
                text,
                "a commission above all of the sales",
            ));
        }
        // Nothing can be bought for a bid of 0: platforms print it where there is no bid.
        Ok(if bid.value > 0.0 { bid.value as f32 } else { f32::NAN })
    }

    fn position(&self, table: &dyn Table, row: usize, impressions: f64) -> Result<[f32; 2], Fault> {
        let cell = self.cell(table, row, Column::Position);
        let none = [f32::NAN; 2];
        let read = match cell {
            Cell::Missing => return Ok(none),
            Cell::Text(text) if number::is_missing(text) => return Ok(none),
            Cell::Text(text) => parse_position(text),
            Cell::Integer(number) => Some([number as f64; 2]),
            Cell::Number(number) => number.is_finite().then_some([number; 2]),
            Cell::Day(_) | Cell::Instant(_) => None,
        };
        let fault = |reason: &str| Fault::new(Kind::Position, Column::Position, cell.to_text(), reason);
        match read {
            Some([_, worst]) if worst > MOST => Err(fault(TOO_LARGE)),
            None => Err(fault("this is not a position")),
            Some([best, _]) if best >= 1.0 => Ok(read.unwrap_or_default().map(|edge| edge as f32)),
            // What was not shown has no position, and some platforms print that as 0.
            Some([0.0, _]) if impressions == 0.0 => Ok(none),
            Some(_) => Err(fault("a position is 1 or more")),
        }
    }
}

/// A cell of a canonical column.
pub(super) fn cell<'t>(binding: &'t Binding, table: &'t dyn Table, row: usize, column: Column) -> Cell<'t> {
    match binding.slot(column) {
        Slot::Absent | Slot::Joined(_) => Cell::Missing,
        Slot::Cell(at) => table.cell(row, *at),
        Slot::Constant(text) => Cell::Text(text),
    }
}

/// A cell as a day number.
fn read_day(cell: Cell<'_>) -> Result<i32, NotADay> {
    match cell {
        Cell::Day(day) => Ok(day),
        Cell::Text(text) => parse_day(text),
        Cell::Integer(number) => day_of_integer(number).ok_or(NotADay::Unreadable),
        Cell::Missing | Cell::Number(_) | Cell::Instant(_) => Err(NotADay::Unreadable),
    }
}

/// A cell as a number.
pub(super) fn read_number(cell: Cell<'_>) -> Result<Option<Number>, NotANumber> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Text(text) => number::parse(text),
        Cell::Integer(number) => Ok(Some(Number::exact(number as f64))),
        Cell::Number(number) if number.is_finite() => Ok(Some(Number::exact(number))),
        Cell::Number(_) => Err(NotANumber::NotFinite),
        Cell::Day(_) | Cell::Instant(_) => Err(NotANumber::Unreadable),
    }
}
