//! The account of one file's rows: what was rejected, and what is said about it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fault::{Fault, Kind};
use super::observation::{FileAudit, Rejected};
use crate::error::Finding;

/// Rejections and remarks of one file.
pub(super) struct Account {
    /// What the audit will show.
    pub audit: FileAudit,
    /// Every rejected row.
    pub rejected: Vec<Rejected>,
    /// Remarks about the file.
    pub remarks: Vec<Finding>,
    /// Rejected rows that have no fault.
    pub harmless: usize,
    printed: Vec<Finding>,
    counts: BTreeMap<Kind, usize>,
}

impl Account {
    /// An account that is still empty.
    pub fn new(audit: FileAudit) -> Account {
        Account {
            audit,
            rejected: Vec::new(),
            remarks: Vec::new(),
            harmless: 0,
            printed: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Books a rejected row. `column` is the name in the file of the column at fault.
    pub fn reject(&mut self, fault: Fault, line: usize, column: String, row: String) {
        let count = self.counts.entry(fault.kind).or_default();
        *count += 1;
        if *count <= fault.kind.printed() {
            let mut finding = fault.finding().in_file(&self.audit.file).at_line(line);
            if !column.is_empty() {
                finding = finding.at_column(column.as_str());
            }
            self.printed.push(finding);
        }
        self.harmless += usize::from(fault.kind.is_harmless());
        self.audit.rejected += 1;
        let file: PathBuf = self.audit.file.clone();
        let Fault { kind, value, reason, .. } = fault;
        self.rejected.push(Rejected { file, line, column, value, code: kind.code(), reason, row });
    }

    /// Everything there is to say, and the rejected rows, in the order of the file.
    pub fn close(mut self) -> (FileAudit, Vec<Rejected>, Vec<Finding>) {
        self.rejected.sort_by_key(|rejected| rejected.line);
        let line = |finding: &Finding| finding.place.as_ref().and_then(|place| place.line);
        self.printed.sort_by_key(line);
        let mut findings = self.remarks;
        findings.extend(self.printed);
        for (kind, count) in self.counts {
            if count > kind.printed() {
                findings.push(the_rest(kind, count - kind.printed(), &self.audit.file));
            }
        }
        (self.audit, self.rejected, findings)
    }
}

fn the_rest(kind: Kind, count: usize, file: &Path) -> Finding {
    let cause = format!("{count} more rows of the file have the same fault");
    Finding::warning(
        kind.code(),
        cause,
        "each of them is in rejected.csv of a finished run: raise `history.max_rejected` if the run stopped",
    )
    .in_file(file)
}
