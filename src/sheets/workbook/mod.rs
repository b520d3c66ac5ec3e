//! `bids.xlsx`: the operators' workbook.

pub(super) mod bids;
mod changes;
mod matrix;
pub(super) mod rules;
pub(super) mod sheet;
pub(super) mod style;
mod summary;

use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::Package;
use crate::error::{Error, Result};
use crate::keys::Channel;
use crate::report::{change, lang};
use sheet::Sheet;

/// Writes the workbook. The same plan gives the same bytes.
pub fn write(package: &Package<'_>, path: &Path) -> Result<()> {
    fill(package, path).map_err(|error| failed(error, path))
}

/// What the writer of workbooks says, as an error of ours.
pub(super) fn failed(error: XlsxError, path: &Path) -> Error {
    match error {
        XlsxError::IoError(source) | XlsxError::TempFileError(_, source) => Error::io("write", path)(source),
        XlsxError::ZipError(error) => Error::io("write", path)(error.into()),
        other => Error::Internal(format!("{}: {other}", path.display())),
    }
}

fn fill(package: &Package<'_>, path: &Path) -> std::result::Result<(), XlsxError> {
    let (plan, lang) = (package.plan, package.lang);
    let mut book = Workbook::new();
    let date = plan.date;
    // The moment of writing is in the manifest; here it would make equal plans differ.
    let day = ExcelDateTime::from_ymd(date.year().max(1900) as u16, date.month() as u8, date.day() as u8)?;
    let title = lang::PLAN_FOR.with(lang, &[&date.to_string()]);
    let author = lang::WRITTEN_BY.with(lang, &[env!("CARGO_PKG_VERSION")]);
    book.set_properties(
        &DocProperties::new().set_title(&title).set_author(author).set_creation_datetime(&day),
    );

    let changes = change::changes(plan);
    summary::write(
        package,
        &changes,
        &title,
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
    book.save(path)
}
