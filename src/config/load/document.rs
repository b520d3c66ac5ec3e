//! A plan file as a tree that still knows where everything stands.

use std::ops::Range;
use std::path::Path;

use serde::Deserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{Located, set};
use crate::error::{Error, Finding};

/// Most syntax errors that are reported; a file of another kind has thousands.
const MOST_SYNTAX_ERRORS: usize = 20;

/// All text that a request is made of: the plan file and, behind it, the arguments of a scenario and of
/// `--set`. So a span says by itself which of them it points at.
pub(super) struct Source<'p> {
    path: &'p Path,
    text: String,
    /// Where the file ends in `text`.
    file_end: usize,
    /// Where each argument stands in `text`, and where it comes from.
    arguments: Vec<(Range<usize>, String)>,
}

impl<'p> Source<'p> {
    pub fn new(path: &'p Path, file: &str, arguments: Vec<(String, String)>) -> Self {
        let mut text = file.to_owned();
        let arguments = arguments
            .into_iter()
            .map(|(from, argument)| {
                text.push('\n');
                text.push_str(&argument);
                (text.len() - argument.len()..text.len(), from)
            })
            .collect();
        Source { path, text, file_end: file.len(), arguments }
    }

    /// The finding with the place of a span: line and column of the file, or the argument.
    pub fn place(&self, finding: Finding, span: Range<usize>) -> Finding {
        let holds =
            |(argument, _): &&(Range<usize>, String)| (argument.start..=argument.end).contains(&span.start);
        if let Some((argument, from)) = self.arguments.iter().find(holds) {
            return finding.in_file(Path::new(from)).with_value(&self.text[argument.clone()]);
        }
        let finding = finding.in_file(self.path);
        if span.is_empty() && span.start == 0 {
            return finding; // the file as a whole
        }
        let before = &self.text.as_bytes()[..span.start.min(self.file_end)];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column =
            String::from_utf8_lossy(&before[line_start..]).trim_start_matches('\u{feff}').chars().count() + 1;
        finding.at_line(line).at_column(column.to_string())
    }

    /// The error of a list of findings, sorted as they stand in the text.
    pub fn refuse(&self, mut found: Vec<Located>) -> Error {
        found.sort_by_key(|(span, _)| span.start);
        Error::Input(found.into_iter().map(|(span, finding)| self.place(finding, span)).collect())
    }
}

/// The tree of a [`Source`].
pub(super) struct Document<'s> {
    root: Spanned<DeValue<'s>>,
}

impl<'s> Document<'s> {
    /// Parses the file and lays the arguments over it.
    ///
    /// # Errors
    /// `C001` for each error of syntax; `C007` for each argument that cannot be applied.
    pub fn parse(source: &'s Source<'_>) -> Result<Self, Vec<Located>> {
        let (table, errors) = DeTable::parse_recoverable(&source.text[..source.file_end]);
        if !errors.is_empty() {
            return Err(errors.iter().take(MOST_SYNTAX_ERRORS).map(syntax).collect());
        }
        let mut root = Spanned::new(0..0, DeValue::Table(table.into_inner()));
        let refused: Vec<Located> = source
            .arguments
            .iter()
            .filter_map(|(span, _)| {
                let refused = set::apply(&mut root, &source.text[span.clone()], span).err()?;
                Some((span.clone(), *refused))
            })
            .collect();
        if refused.is_empty() { Ok(Document { root }) } else { Err(refused) }
    }

    pub fn root(&self) -> &Spanned<DeValue<'s>> {
        &self.root
    }

    pub fn deserializer(&self) -> impl Deserializer<'s, Error = toml::de::Error> {
        ValueDeserializer::from(self.root.clone())
    }

    /// Where an item of a list stands (`rule.evening round`, `override.0`).
    pub fn item(&self, key: &str) -> Option<Range<usize>> {
        let (list, which) = key.split_once('.')?;
        let DeValue::Table(root) = self.root.get_ref() else { return None };
        let DeValue::Array(items) = root.get(list)?.get_ref() else { return None };
        let named = |item: &&Spanned<DeValue<'_>>| match item.get_ref() {
            DeValue::Table(table) => match table.get("name").map(Spanned::get_ref) {
                Some(DeValue::String(name)) => name.as_ref() == which,
                _ => false,
            },
            _ => false,
        };
        let numbered = || which.parse().ok().and_then(|at: usize| items.get(at));
        Some(items.iter().find(named).or_else(numbered)?.span())
    }

    /// Where a dotted key stands (`rule.2.min`), or the innermost table around it that was written.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        let mut node = &self.root;
        let mut span = 0..0;
        for step in key.split('.') {
            let next = match node.get_ref() {
                DeValue::Table(table) => table.get_key_value(step).map(|(key, value)| (key.span(), value)),
                DeValue::Array(items) => {
                    step.parse().ok().and_then(|at: usize| items.get(at)).map(|item| (item.span(), item))
                }
                _ => None,
            };
            let Some((found, value)) = next else { break };
            (span, node) = (found, value);
        }
        span
    }
}

fn syntax(error: &toml::de::Error) -> Located {
    let action = "write TOML: `key = value`, text in quotes, `[table]`, `[[list of tables]]`";
    (error.span().unwrap_or(0..0), Finding::error("C001", error.message(), action))
}
