//! `bids.xlsx`: the operators' workbook.

pub(super) mod bids;
mod changes;
pub(super) mod matrix;
pub(super) mod rules;
pub(super) mod sheet;
pub(super) mod style;
mod summary;

use std::path::Path;

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::Package;
use crate::error::{Error, Result};
use crate::keys::Channel;
use crate::report::{Lang, change, lang};
use sheet::{Sheet, Written};

/// Writes the workbook. The same plan gives the same bytes.
pub fn write(package: &Package<'_>, path: &Path) -> Result<()> {
    let title = lang::PLAN_FOR.with(package.lang, &[&package.plan.date.to_string()]);
    put(path, (&title, package.plan.date, package.lang), |book| fill(package, &title, book))
}

/// Writes a workbook with its title and the day that it is about. It is put together in memory first: the library that
/// makes it says on the terminal by itself that a disk is full.
pub(super) fn put(
    path: &Path,
    (title, date, lang): (&str, Date, Lang),
    fill: impl FnOnce(&mut Workbook) -> Written,
) -> Result<()> {
    let make = || {
        let mut book = Workbook::new();
        // The moment of writing is in the manifest; here it would make equal books differ.
        let day =
            ExcelDateTime::from_ymd(date.year().max(1900) as u16, date.month() as u8, date.day() as u8)?;
        let author = lang::WRITTEN_BY.with(lang, &[env!("CARGO_PKG_VERSION")]);
        book.set_properties(
            &DocProperties::new().set_title(title).set_author(author).set_creation_datetime(&day),
        );
        fill(&mut book)?;
        book.save_to_buffer()
    };
    let bytes = make().map_err(|error: XlsxError| Error::Internal(format!("{}: {error}", path.display())))?;
    std::fs::write(path, bytes).map_err(Error::io("write", path))
}

fn fill(package: &Package<'_>, title: &str, book: &mut Workbook) -> Written {
    let (plan, lang) = (package.plan, package.lang);
    let changes = change::changes(plan);
    summary::write(
        package,
        &changes,
        title,
        Sheet::new(book.add_worksheet(), lang::SUMMARY.in_(lang), lang)?,
    )?;
    for channel in Channel::ALL {
        if plan.units.iter().any(|unit| unit.channel == channel) {
            let name = crate::report::reason::channel(channel).in_(lang);
            matrix::write(package, channel, Sheet::new(book.add_worksheet(), name, lang)?)?;
            let name = lang::BIDS_OF.with(lang, &[name]);
            bids::write(package, channel, Sheet::new(book.add_worksheet(), &name, lang)?)?;
        }
    }
    rules::write(package, Sheet::new(book.add_worksheet(), lang::RULES.in_(lang), lang)?)?;
    changes::write(package, &changes, Sheet::new(book.add_worksheet(), lang::CHANGES.in_(lang), lang)?)?;
    Ok(())
}
