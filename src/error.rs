//! What went wrong, where, and what to do about it.
//!
//! Everything that a user can cause is a [`Finding`]: a code (each has a paragraph in
//! `docs/findings.md`), a place, a cause and an action. A run collects all of them before it stops.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Exit codes of the program, a public promise.
pub mod exit {
    /// The plan meets every rule.
    pub const DONE: u8 = 0;
    /// A defect of bidwright itself.
    pub const INTERNAL: u8 = 1;
    /// Bad usage, configuration or input.
    pub const INPUT: u8 = 2;
    /// No plan can meet the rules.
    pub const INFEASIBLE: u8 = 3;
    /// Stopped by a limit before the proof was complete.
    pub const LIMIT: u8 = 4;
    /// Another run of the daily batch is at work in the same folder.
    pub const BUSY: u8 = 5;
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the run goes on.
    Note,
    /// Probably not what was meant; the run goes on.
    Warning,
    /// The run cannot go on.
    Error,
}

/// Where a finding was met. Lines are counted from 1, the header included, as an editor shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as the user named it.
    pub file: PathBuf,
    /// Line in a text file, row (from 1, without header) in a Parquet file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// A column's name in a table, or a column number in a plan file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// One thing that is wrong or doubtful, with its cause and the action that mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code, for example `H012`; the index is `docs/findings.md`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where it was met, when it has a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The offending text as it stands in the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub action: String,
}

impl Finding {
    /// An error with its cause and action.
    pub fn error(code: &'static str, cause: impl Into<String>, action: impl Into<String>) -> Self {
        Finding {
            code,
            severity: Severity::Error,
            place: None,
            value: None,
            cause: cause.into(),
            action: action.into(),
        }
    }

    /// A warning with its cause and action.
    pub fn warning(code: &'static str, cause: impl Into<String>, action: impl Into<String>) -> Self {
        Finding { severity: Severity::Warning, ..Finding::error(code, cause, action) }
    }

    /// A note with its cause and action.
    pub fn note(code: &'static str, cause: impl Into<String>, action: impl Into<String>) -> Self {
        Finding { severity: Severity::Note, ..Finding::error(code, cause, action) }
    }

    /// The same finding, in this file.
    pub fn in_file(mut self, file: &Path) -> Self {
        self.place.get_or_insert_default().file = file.to_path_buf();
        self
    }

    /// The same finding, at this line of the file named before.
    pub fn at_line(mut self, line: usize) -> Self {
        self.place.get_or_insert_default().line = Some(line);
        self
    }

    /// The same finding, in this column of the file named before.
    pub fn at_column(mut self, column: impl Into<String>) -> Self {
        self.place.get_or_insert_default().column = Some(column.into());
        self
    }

    /// The same finding, about this text.
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}[{}] ", self.code)?;
        if let Some(place) = &self.place {
            write!(f, "{}", place.file.display())?;
            if let Some(line) = place.line {
                write!(f, ":{line}")?;
            }
            if let Some(column) = &place.column {
                write!(f, ":{column}")?;
            }
            write!(f, ": ")?;
        }
        write!(f, "{}", self.cause)?;
        if let Some(value) = &self.value {
            write!(f, " (found `{value}`)")?;
        }
        write!(f, "\n  fix: {}", self.action)
    }
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Configuration or input that the user can mend; all findings of the stage at once.
    #[error("{}", list(.0))]
    Input(Vec<Finding>),
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, for example `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Another process is at the same work.
    #[error("{0}")]
    Busy(Box<Finding>),
    /// A limit ended the run before there was any plan to write.
    #[error("stopped before a plan was found: {0}")]
    Stopped(String),
    /// A signal asked for the end before anything was written.
    #[error("a signal stopped {0}")]
    Interrupted(&'static str),
    /// A defect of bidwright itself.
    #[error("internal error: {0}\n  fix: please report this with the plan file and the log of `-vv`")]
    Internal(String),
}

impl Error {
    /// The exit code that this error ends the program with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Input(_) | Error::Io { .. } => exit::INPUT,
            Error::Stopped(_) | Error::Interrupted(_) => exit::LIMIT,
            Error::Busy(_) => exit::BUSY,
            Error::Internal(_) => exit::INTERNAL,
        }
    }

    /// A closure for `map_err` that names what was tried on which path.
    pub fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Error + 'a {
        move |source| Error::Io { action, path: path.to_path_buf(), source }
    }

    /// Wraps an error of writing a CSV file. Why the disk refused is kept: what to do follows from it.
    pub fn csv(path: &Path) -> impl Fn(csv::Error) -> Error + Copy + '_ {
        move |error| {
            let source = match error.into_kind() {
                csv::ErrorKind::Io(source) => source,
                other => std::io::Error::other(format!("{other:?}")),
            };
            Error::io("write", path)(source)
        }
    }

    /// The findings behind this error, for JSON logs.
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Error::Input(findings) => findings.clone(),
            Error::Busy(finding) => vec![(**finding).clone()],
            Error::Io { path, source, .. } => {
                let action = match source.kind() {
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                        "make room on its disk, and run again"
                    }
                    ErrorKind::FileTooLarge => {
                        "raise the limit on the size of files, or write to another file system, and run again"
                    }
                    _ => "check that the path exists and that you may use it",
                };
                vec![Finding::error("F001", self.to_string(), action).in_file(path)]
            }
            Error::Stopped(_) => vec![Finding::error("S001", self.to_string(), "raise --time-limit")],
            Error::Interrupted(_) => {
                let action = "nothing to mend: run it again, and let it end by itself";
                vec![Finding::error("S002", self.to_string(), action)]
            }
            Error::Internal(_) => vec![Finding::error("X001", self.to_string(), "report it")],
        }
    }
}

impl From<Finding> for Error {
    fn from(finding: Finding) -> Self {
        Error::Input(vec![finding])
    }
}

/// The result of anything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

fn list(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    /// Codes as they stand in a text: a letter and three digits between two delimiters.
    fn codes(text: &str, before: &str, after: &str) -> BTreeSet<String> {
        let of = |rest: &str| {
            let (code, tail) = rest.split_at_checked(4)?;
            let (letter, digits) = code.split_at_checked(1)?;
            let is_code =
                letter.as_bytes()[0].is_ascii_uppercase() && digits.bytes().all(|byte| byte.is_ascii_digit());
            (is_code && tail.starts_with(after)).then(|| code.to_owned())
        };
        text.match_indices(before).filter_map(|(at, _)| of(&text[at + before.len()..])).collect()
    }

    /// Codes in the source, tests left out.
    fn used(folder: &Path, codes_of: &dyn Fn(&str) -> BTreeSet<String>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            if ["tests", "specimen"].contains(&stem) {
                continue;
            }
            if path.is_dir() {
                found.extend(used(&path, codes_of));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.extend(codes_of(text.split("#[cfg(test)]").next().unwrap()));
            }
        }
        found
    }

    #[test]
    fn every_code_has_its_paragraph_and_every_paragraph_its_code() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let used = used(&root.join("src"), &|text| codes(text, "\"", "\""));
        let index = fs::read_to_string(root.join("docs/findings.md")).unwrap();
        let documented = codes(&index, "\n### ", "");
        let missing: Vec<_> = used.difference(&documented).collect();
        let stale: Vec<_> = documented.difference(&used).collect();
        assert!(missing.is_empty() && stale.is_empty(), "not in the index: {missing:?}; not used: {stale:?}");
        assert!(used.len() > 90, "the search itself works: {}", used.len());
    }

    #[test]
    fn a_finding_reads_as_place_cause_value_and_fix() {
        let finding = Finding::error("H030", "this is not a number", "write a number")
            .in_file(Path::new("a.csv"))
            .at_line(7)
            .at_column("spend")
            .with_value("x");
        let shown = finding.to_string();
        assert_eq!(
            shown,
            "error[H030] a.csv:7:spend: this is not a number (found `x`)\n  fix: write a number"
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_from_a_missing_folder() {
        let action = |path: &str, columns: usize| {
            let failed = Error::csv(Path::new(path));
            let wrote = csv::Writer::from_path(path).map_err(failed).and_then(|mut writer| {
                // Longer than the writer keeps back.
                writer.write_record(vec!["a long cell"; columns]).map_err(failed)
            });
            wrote.unwrap_err().findings().remove(0).action
        };
        assert!(action("/dev/full", 10_000).starts_with("make room"));
        assert!(action("/nowhere/plan.csv", 1).starts_with("check that the path exists"));
    }
}
