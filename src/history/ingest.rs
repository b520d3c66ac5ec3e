//! One file: found, opened, bound to the canonical columns, and its rows read.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::account::Account;
use super::binding::{Binding, Slot, bind, is_known};
use super::csv::CsvTable;
use super::encoding::{Survey, survey};
use super::files::{Input, is_parquet};
use super::observation::{FileAudit, Observation};
use super::parquet::ParquetTable;
use super::piece::{Faulty, Piece, cut};
use super::row::Rows;
use super::schema::Column;
use super::table::Table;
use super::validate::Kept;
use crate::config::Source;
use crate::error::Finding;
use crate::keys::{Channel, Unit};

/// A file that can be read: its headers are understood.
pub(super) struct Job<'a> {
    /// The file.
    pub input: &'a Input,
    /// Its source.
    pub source: &'a Source,
    /// What fills our columns.
    pub binding: Binding,
    survey: Survey,
}

/// What holds for every row of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Attribution window.
    pub window_days: u32,
    /// Day number of the planned date.
    pub end: Option<i32>,
}

/// The rows of one file; units are numbered within it.
pub(super) struct Ingested {
    /// Accepted rows.
    pub kept: Vec<Kept>,
    /// Their units.
    pub units: Vec<Unit>,
    /// The account of all rows.
    pub account: Account,
}

impl<'a> Job<'a> {
    /// Opens a file far enough to know what its columns mean; errors and remarks come beside it.
    pub fn prepare(input: &'a Input, source: &'a Source) -> (Option<Job<'a>>, Vec<Finding>) {
        let survey = match survey(&input.path) {
            Ok(survey) => survey,
            Err(error) => {
                let cause = format!("the file cannot be read: {error}");
                return (
                    None,
                    vec![
                        Finding::error("H004", cause, "check the file and its permissions")
                            .in_file(&input.path),
                    ],
                );
            }
        };
        if survey.bytes == 0 {
            let finding = Finding::error(
                "H005",
                "the file is empty",
                "export it again, or leave it out of the pattern",
            );
            return (None, vec![finding.in_file(&input.path)]);
        }
        let mut table = match open(&input.path, &survey, source) {
            Ok(table) => table,
            Err(finding) => return (None, vec![finding]),
        };
        let (binding, mut findings) = bind(input, table.headers(), source);
        findings.extend(table.narrow(&binding.columns()).err());
        if survey.encoding.damaged > 0 && !is_parquet(&input.path) {
            let cause = format!(
                "{} byte sequences are no text in {}",
                survey.encoding.damaged,
                survey.encoding.name()
            );
            let action = "save the file as UTF-8 or GB18030; names with such bytes are rejected";
            findings.push(Finding::warning("H018", cause, action).in_file(&input.path));
        }
        (Some(Job { input, source, binding, survey }), findings)
    }

    fn open(&self) -> Result<Box<dyn Table>, Finding> {
        let mut table = open(&self.input.path, &self.survey, self.source)?;
        table.narrow(&self.binding.columns())?;
        Ok(table)
    }

    /// Reads all rows.
    pub fn read(&self, file: u32, limits: Limits) -> Result<Ingested, Finding> {
        let path = self.input.path.as_path();
        let mut table = self.open()?;
        let mut rows = Rows::new(&self.binding, limits.window_days, self.source.period_days, limits.end);
        let mut ingested =
            Ingested { kept: Vec::new(), units: Vec::new(), account: Account::new(self.audit()) };
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut late = 0;
        while table.advance()? {
            ingested.account.remarks.extend(rows.scales.decide(table.as_ref(), &self.binding, path));
            ingested.account.audit.rows += table.rows();
            let read = |run| Piece::read(table.as_ref(), rows.clone(), run, file);
            let pieces: Vec<Piece> = cut(table.rows()).into_par_iter().map(read).collect();
            for piece in pieces {
                late += piece.late;
                let numbered = piece.units.into_iter().map(|(key, unit)| {
                    *numbers.entry(key).or_insert_with(|| {
                        ingested.units.push(unit);
                        ingested.units.len() as u32 - 1
                    })
                });
                let numbered: Vec<u32> = numbered.collect();
                ingested.kept.extend(piece.kept.into_iter().map(|mut kept| {
                    kept.row.unit = numbered[kept.row.unit as usize];
                    kept
                }));
                for Faulty { fault, line, text } in piece.faulty {
                    let column = fault.column.map_or_else(String::new, |column| self.column_name(column));
                    ingested.account.reject(fault, line, column, text);
                }
            }
        }
        let here = |channel: &Channel| ingested.units.iter().any(|unit| unit.channel == *channel);
        ingested.account.audit.channels = Channel::ALL.into_iter().filter(here).collect();
        let remarks = &mut ingested.account.remarks;
        ingested.account.audit.dated = ingested.kept.iter().all(|kept| kept.exported.is_some());
        if ingested.account.audit.rows == 0 {
            let finding = Finding::warning(
                "H014",
                "the file has a header and no rows",
                "export it again if it should have some",
            );
            remarks.push(finding.in_file(path));
        }
        if late > 0 {
            let cause = format!("{late} rows have more orders than clicks; they are used");
            let finding = Finding::note(
                "H019",
                cause,
                "nothing to do where late orders are attributed to their day of sale",
            );
            remarks.push(finding.in_file(path));
        }
        tracing::debug!(file = %path.display(), rows = ingested.account.audit.rows, units = ingested.units.len(), "read");
        Ok(ingested)
    }

    /// The text of some rows, by line, from a second walk through the file.
    pub fn texts(&self, lines: &[usize]) -> HashMap<usize, String> {
        let mut texts = HashMap::new();
        let Ok(mut table) = self.open() else { return texts };
        while let Ok(true) = table.advance() {
            for at in 0..table.rows() {
                if lines.binary_search(&table.line(at)).is_ok() {
                    texts.insert(table.line(at), table.text(at));
                }
            }
        }
        texts
    }

    fn audit(&self) -> FileAudit {
        let encoding =
            if is_parquet(&self.input.path) { "parquet".into() } else { self.survey.encoding.name() };
        FileAudit {
            file: self.input.path.clone(),
            bytes: self.survey.bytes,
            sha256: self.survey.sha256.clone(),
            encoding,
            columns: self.binding.named.clone(),
            unused_columns: self.binding.unused.clone(),
            ..FileAudit::default()
        }
    }

    /// The column as the file names it, or as we do where it has none.
    fn column_name(&self, column: Column) -> String {
        let theirs = match self.binding.slot(column) {
            Slot::Cell(_) | Slot::Joined(_) => self
                .binding
                .named
                .iter()
                .find(|(ours, _)| ours == column.name())
                .map(|(_, theirs)| theirs.clone()),
            Slot::Absent | Slot::Constant(_) => None,
        };
        theirs.unwrap_or_else(|| column.name().to_string())
    }
}

/// Whole days from a row's last day to another.
pub(super) fn age(row: &Observation, newest: i32) -> u16 {
    u16::try_from(newest.saturating_sub(row.end()).max(0)).unwrap_or(u16::MAX)
}

fn open(path: &Path, survey: &Survey, source: &Source) -> Result<Box<dyn Table>, Finding> {
    Ok(if is_parquet(path) {
        Box::new(ParquetTable::open(path)?)
    } else {
        Box::new(CsvTable::open(path, survey.encoding, &|header| is_known(source, header))?)
    })
}
