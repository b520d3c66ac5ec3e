//! A sheet under the pen: cells that keep text as text and leave out what is not a number.

use std::collections::HashMap;

use rust_xlsxwriter::utility::column_number_to_name;
use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, DataValidation, DataValidationRule, Format, Formula,
    IgnoreError, Worksheet, XlsxError,
};

use super::style::{self, Kind, Shade};
use crate::report::Lang;
use crate::report::lang::Word;

/// What a writing function returns.
pub type Written = Result<(), XlsxError>;

/// Longest text of a cell, in UTF-16 units.
const LONGEST: usize = 32_767;

/// Rows of a sheet that are used at most; the format ends at 1,048,576.
pub const MOST_ROWS: usize = 1_000_000;

/// A worksheet and the language it is written in.
pub struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    formats: HashMap<(Kind, Shade), Format>,
    /// Language of its words.
    pub lang: Lang,
}

/// What stands in a cell.
pub enum Value<'a> {
    /// Text, never taken for a number or a formula.
    Text(&'a str),
    /// A number; an empty cell where there is none.
    Number(Option<f64>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Value::Number(Some(number))
    }
}

impl From<Option<f64>> for Value<'_> {
    fn from(number: Option<f64>) -> Self {
        Value::Number(number)
    }
}

/// Text that fits a cell.
fn fitting(text: &str) -> String {
    let mut length = 0;
    text.chars()
        .take_while(|letter| {
            length += letter.len_utf16();
            length <= LONGEST
        })
        .collect()
}

/// A number without the dust of adding up: a fee that was spread over hours is 5000 again, not 4999.999999999999.
fn clean(number: f64) -> f64 {
    /// Digits of which none is dust.
    const DIGITS: i32 = 12;
    if number == 0.0 {
        return number;
    }
    let scale = 10_f64.powi(DIGITS - 1 - number.abs().log10().floor() as i32);
    let cleaned = (number * scale).round() / scale;
    if cleaned.is_finite() { cleaned } else { number }
}

/// Height of a text in lines of so many letters; readers do not find it by themselves.
fn height(text: &str, letters: usize) -> f64 {
    // A Chinese character is as wide as two Latin letters.
    let wide: usize = text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum();
    15.5 * wide.div_ceil(letters.max(1)).clamp(1, 10) as f64
}

fn write(sheet: &mut Worksheet, row: u32, col: u16, value: Value<'_>, format: &Format) -> Written {
    match value {
        Value::Text(text) => sheet.write_string_with_format(row, col, fitting(text), format)?,
        Value::Number(Some(number)) if number.is_finite() => {
            sheet.write_number_with_format(row, col, clean(number), format)?
        }
        Value::Number(_) => sheet.write_blank(row, col, format)?,
    };
    Ok(())
}

impl<'a> Sheet<'a> {
    /// A named sheet, ready to be printed on A4 across.
    pub fn new(sheet: &'a mut Worksheet, name: &str, lang: Lang) -> Result<Self, XlsxError> {
        sheet.set_name(name)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3).set_footer("&L&A&R&P / &N");
        sheet.set_screen_gridlines(false);
        Ok(Sheet { sheet, formats: HashMap::new(), lang })
    }

    /// Writes a cell.
    pub fn cell<'v>(&mut self, row: u32, col: u16, value: impl Into<Value<'v>>, format: &Format) -> Written {
        write(self.sheet, row, col, value.into(), format)
    }

    /// Writes a cell of a table.
    pub fn put<'v>(&mut self, row: u32, col: u16, value: impl Into<Value<'v>>, kind: Kind) -> Written {
        self.shaded(row, col, value, kind, Shade::Plain)
    }

    /// Writes a coloured cell of a table.
    pub fn shaded<'v>(
        &mut self,
        row: u32,
        col: u16,
        value: impl Into<Value<'v>>,
        kind: Kind,
        shade: Shade,
    ) -> Written {
        let format = self.formats.entry((kind, shade)).or_insert_with(|| style::cell(kind, shade));
        write(self.sheet, row, col, value.into(), format)
    }

    /// Writes the title.
    pub fn title(&mut self, row: u32, text: &str) -> Written {
        self.cell(row, 0, text, &style::title())
    }

    /// Writes a text over several columns, high enough for its lines.
    pub fn paragraph(
        &mut self,
        row: u32,
        cols: [u16; 2],
        letters: usize,
        text: &str,
        format: &Format,
    ) -> Written {
        self.sheet.set_row_height(row, height(text, letters))?;
        self.sheet.merge_range(row, cols[0], row, cols[1], &fitting(text), format)?;
        Ok(())
    }

    /// Writes a text of a table that may need several lines of so many letters.
    pub fn lines(&mut self, row: u32, col: u16, letters: usize, text: &str) -> Written {
        self.sheet.set_row_height(row, height(text, letters))?;
        self.cell(row, col, text, &style::cell(Kind::Text, Shade::Plain).set_text_wrap())
    }

    /// Writes the head of a table.
    pub fn head(&mut self, row: u32, names: &[Word]) -> Written {
        let format = style::head();
        for (col, name) in (0..).zip(names) {
            self.cell(row, col, name.in_(self.lang), &format)?;
        }
        self.sheet.set_row_height(row, 32)?;
        Ok(())
    }

    /// Sets the widths of the columns, in letters.
    pub fn widths(&mut self, widths: impl IntoIterator<Item = f64>) -> Written {
        for (col, width) in (0..).zip(widths) {
            self.sheet.set_column_width(col, width)?;
        }
        Ok(())
    }

    /// Makes a table of the rows below `head`: its head stays in sight and on every printed page, its
    /// rows can be filtered, and its first `fixed` columns stay in sight.
    pub fn table(&mut self, head: u32, rows: u32, cols: u16, fixed: u16) -> Written {
        self.sheet.set_freeze_panes(head + 1, fixed)?;
        self.sheet.set_repeat_rows(head, head)?;
        self.sheet.autofilter(head, 0, head + rows.max(1), cols - 1)?;
        self.text_is_meant(head + 1, head + rows.max(1), cols)
    }

    /// Lets a column of rows hold one of some words alone, and says so where a reader clicks.
    pub fn choose(&mut self, rows: [u32; 2], col: u16, words: &[&str], hint: [&str; 2]) -> Written {
        let rule = DataValidation::new().allow_list_strings(words)?;
        let rule = rule.set_input_title(hint[0])?.set_input_message(hint[1])?;
        self.sheet.add_data_validation(rows[0], col, rows[1], col, &rule)?;
        Ok(())
    }

    /// Lets a column of rows hold nothing, or numbers between those of two other columns of the same row.
    pub fn between(&mut self, rows: [u32; 2], col: u16, ends: [u16; 2], hint: [&str; 2]) -> Written {
        let place = |col: u16| Formula::new(format!("=${}{}", column_number_to_name(col), rows[0] + 1));
        let rule = DataValidationRule::Between(place(ends[0]), place(ends[1]));
        let rule = DataValidation::new().allow_decimal_number_formula(rule).ignore_blank(true);
        let rule = rule.set_input_title(hint[0])?.set_input_message(hint[1])?;
        self.sheet.add_data_validation(rows[0], col, rows[1], col, &rule)?;
        Ok(())
    }

    /// Colours the cells of a column that hold a word, also after a person wrote it.
    pub fn marked(&mut self, rows: [u32; 2], col: u16, word: &str, shade: Shade) -> Written {
        let rule = ConditionalFormatCell::new()
            .set_rule(ConditionalFormatCellRule::EqualTo(word))
            .set_format(style::colours(shade));
        self.sheet.add_conditional_format(rows[0], col, rows[1], col, &rule)?;
        Ok(())
    }

    /// Prints a table that is too wide for one page on two, its first columns on both.
    pub fn wide(&mut self, fixed: u16) -> Written {
        self.sheet.set_print_fit_to_pages(2, 0).set_repeat_columns(0, fixed.saturating_sub(1))?;
        Ok(())
    }

    /// Long IDs are text on purpose: no green corners.
    pub fn text_is_meant(&mut self, first: u32, last: u32, cols: u16) -> Written {
        self.sheet.ignore_error_range(first, 0, last, cols - 1, IgnoreError::NumberStoredAsText)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_come_without_dust() {
        for (number, expected) in [
            (4999.999999999999, 5000.0),
            (0.1 + 0.2, 0.3),
            (-1234.5600000000002, -1234.56),
            (0.0, 0.0),
            (1e300, 1e300),
            (5e-324, 5e-324),
            (123456789.01, 123456789.01),
        ] {
            assert_eq!(clean(number), expected, "{number}");
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let long = "🎁".repeat(20_000);
        let cut = fitting(&long);
        assert_eq!(cut.encode_utf16().count(), LONGEST - 1);
    }
}
