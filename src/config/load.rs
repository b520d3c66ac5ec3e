//! Reading a plan file, with everything that is wrong in it at its line.
//!
//! Four looks at the same text, each of which collects all it finds before the next begins: its
//! syntax, its shape (keys and types, beside the JSON Schema of [`PlanFile`]), its values (serde) and
//! its meaning ([`check`]).

mod document;
mod kind;
mod scenario;
mod set;
mod shape;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use super::{PlanFile, Request, check};
use crate::error::{Error, Finding, Result, Severity};
use document::{Document, Source};
pub(super) use set::{ADD, TAKE, split as steps};

impl Request {
    /// The error of findings about items of the plan file's lists (`rule`, `override`), each with the list and where in
    /// it: a name, or a number from 0. They are placed at their lines where the file has them as they are read, and
    /// nothing was laid over it.
    pub fn refuse(&self, found: Vec<(String, Finding)>) -> Error {
        let source = Source::new(&self.path, &self.text, Vec::new());
        let document = Document::parse(&source).ok();
        let place = |(key, finding): (String, Finding)| {
            let span = document.as_ref().and_then(|document| document.item(&key));
            match span {
                Some(span) => source.place(finding, span),
                None => finding.in_file(&self.path),
            }
        };
        Error::Input(found.into_iter().map(place).collect())
    }
}

/// A finding and the bytes of the [`Source`] that it is about.
type Located = (Range<usize>, Finding);

/// Reads a plan file and lays `set`, a list of `KEY=VALUE`, over it. Warnings go to the log.
///
/// # Errors
/// As [`examine`].
pub fn load(path: &Path, set: &[String]) -> Result<Request> {
    let (request, doubts) = examine(path, set)?;
    for doubt in doubts {
        tracing::warn!("{doubt}");
    }
    Ok(request)
}

/// Reads a plan file as [`load`] does, and hands on what is doubtful in it.
///
/// # Errors
/// As [`examine_scenario`].
pub fn examine(path: &Path, set: &[String]) -> Result<(Request, Vec<Finding>)> {
    examine_scenario(path, None, set)
}

/// The same with a `[scenario.NAME]` of the file laid over it, before `set`. Scenarios that are not asked for
/// are tried too: what is wrong in them is found before they are needed.
///
/// # Errors
/// [`Error::Io`] when the file cannot be read; otherwise every finding of the first look that has any,
/// `C001` to `C042`, in the order of the file.
pub fn examine_scenario(
    path: &Path,
    scenario: Option<&str>,
    set: &[String],
) -> Result<(Request, Vec<Finding>)> {
    laid(path, &text(path)?, scenario, set)
}

/// The text of a plan file.
///
/// # Errors
/// [`Error::Io`] when it cannot be read; `C001` when it is not UTF-8.
pub fn text(path: &Path) -> Result<String> {
    decode(path, std::fs::read(path).map_err(Error::io("read", path))?)
}

/// As [`examine`], of a text that is the plan file's or shall be.
///
/// # Errors
/// As [`examine`], but for the reading.
pub fn examine_text(path: &Path, text: &str, set: &[String]) -> Result<(Request, Vec<Finding>)> {
    laid(path, text, None, set)
}

/// What a `[scenario.NAME]` lays over its plan file, as arguments of `--set`.
///
/// # Errors
/// `C042` when there is no scenario of that name.
pub fn scenario(request: &Request, name: &str) -> Result<Vec<String>> {
    let arguments = scenario::find(&scenario::all(&request.text), name, &request.path)?;
    Ok(arguments.into_iter().map(|(_, argument)| argument).collect())
}

/// The reading that is asked for, after which all others are tried.
fn laid(path: &Path, text: &str, scenario: Option<&str>, set: &[String]) -> Result<(Request, Vec<Finding>)> {
    let scenarios = scenario::all(text);
    let set = set.iter().map(|argument| ("--set".to_owned(), argument.clone()));
    let first = match scenario {
        Some(name) => scenario::find(&scenarios, name, path)?,
        None => Vec::new(),
    };
    let found = read(path, text, first.into_iter().chain(set).collect())?;
    for (name, _) in scenarios.iter().filter(|(name, _)| scenario != Some(name)) {
        read(path, text, scenario::find(&scenarios, name, path)?)?;
    }
    Ok(found)
}

/// One reading of the text with arguments laid over it, each with where it comes from.
fn read(path: &Path, text: &str, arguments: Vec<(String, String)>) -> Result<(Request, Vec<Finding>)> {
    let source = Source::new(path, text, arguments);
    let document = Document::parse(&source).map_err(|found| source.refuse(found))?;
    let found = shape::Shape::of_plan_file().compare(document.root());
    if !found.is_empty() {
        return Err(source.refuse(found));
    }
    let mut file = PlanFile::deserialize(document.deserializer()).map_err(|error| {
        let finding =
            Finding::error("C006", error.message(), "write a value that the plan file's schema allows");
        source.refuse(vec![(error.span().unwrap_or(0..0), finding)])
    })?;
    let found = check::findings(&file).into_iter().map(|(key, finding)| (document.span_of(&key), finding));
    let (errors, doubts): (Vec<_>, Vec<_>) =
        found.partition(|(_, finding)| finding.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(source.refuse([errors, doubts].concat()));
    }
    let doubts = doubts.into_iter().map(|(span, doubt)| source.place(doubt, span)).collect();
    drop(document);
    file.off = file.rules.extract_if(.., |rule| rule.off).collect();
    Ok((Request { path: path.to_path_buf(), file, text: text.to_owned() }, doubts))
}

/// The text of a plan file, which is UTF-8; a byte order mark at its start is harmless.
fn decode(path: &Path, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
        Finding::error("C001", "the plan file is not UTF-8 text", "save it as UTF-8")
            .in_file(path)
            .at_line(line)
            .into()
    })
}
