//! Names and IDs: text, whatever type they are stored with.

use super::fault::{Fault, Kind};
use super::number;
use super::schema::Column;
use super::table::Cell;

/// Appends a name as text, whatever type it was stored with; a missing one appends nothing.
pub(super) fn append_name(name: &mut String, cell: Cell<'_>, column: Column) -> Result<(), Fault> {
    match cell {
        Cell::Missing => {}
        Cell::Text(text) if number::is_missing(text) => {}
        Cell::Text(text) if text.contains('\u{fffd}') => {
            return Err(Fault::new(Kind::Damaged, column, text, "the name holds bytes that are no text"));
        }
        Cell::Text(text) if is_mangled(text) => {
            return Err(Fault::new(
                Kind::Mangled,
                column,
                text,
                "an ID in scientific notation has lost digits",
            ));
        }
        Cell::Text(text) => name.push_str(text),
        // Every whole double below 2^53 is the ID that it was made from.
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
            name.push_str(&(number as i64).to_string());
        }
        Cell::Number(number) if number.is_nan() => {}
        Cell::Number(number) => {
            return Err(Fault::new(
                Kind::Mangled,
                column,
                number.to_string(),
                "an ID stored as a float has lost digits",
            ));
        }
        cell => name.push_str(&cell.to_text()),
    }
    Ok(())
}

/// `4.3E+16`, which is how spreadsheets ruin long IDs.
fn is_mangled(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once("E+").or_else(|| text.split_once("e+")) else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(exponent) && exponent.len() <= 2 && digits(&mantissa.replacen('.', "", 1))
}
