//! Which column of a file, constant or folder fills which canonical column.

use std::path::Path;

use super::files::Input;
use super::relation::{RELATIONS, Relation};
use super::schema::{Column, normal};
use super::source::constant_text;
use crate::config::{OneOrMany, Source};
use crate::error::Finding;
use crate::keys::Channel;

/// What fills one canonical column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Slot {
    /// Nothing.
    Absent,
    /// A column of the file.
    Cell(usize),
    /// Several columns, joined with ` / `.
    Joined(Vec<usize>),
    /// The same text in every row: a constant of the source, or a `key=value` folder.
    Constant(String),
}

/// How the canonical columns of one file are filled.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    slots: Vec<Slot>,
    /// Ours and theirs, for the audit.
    pub named: Vec<(String, String)>,
    /// Headers that fill nothing.
    pub unused: Vec<String>,
}

impl Binding {
    /// What fills a column.
    pub fn slot(&self, column: Column) -> &Slot {
        &self.slots[column as usize]
    }

    /// Whether anything fills a column.
    pub fn has(&self, column: Column) -> bool {
        *self.slot(column) != Slot::Absent
    }

    /// The columns of the file that are read, ascending.
    pub fn columns(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = self.slots.iter().flat_map(indices).copied().collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Whether a sum is in the file, or follows from its ratios.
    pub fn implies(&self, sum: Column) -> bool {
        let mut known: Vec<Column> = Column::SUMS.into_iter().filter(|sum| self.has(*sum)).collect();
        for _ in Column::SUMS {
            for Relation { ratio, numerator, denominator, .. } in RELATIONS {
                if self.has(ratio) && known.contains(&numerator) != known.contains(&denominator) {
                    known.extend([numerator, denominator]);
                }
            }
        }
        known.contains(&sum)
    }
}

fn indices(slot: &Slot) -> &[usize] {
    match slot {
        Slot::Cell(at) => std::slice::from_ref(at),
        Slot::Joined(all) => all,
        Slot::Absent | Slot::Constant(_) => &[],
    }
}

/// Whether a header means something to a source: used to find the header row.
pub(super) fn is_known(source: &Source, header: &str) -> bool {
    let mapped = source.columns.values().flat_map(OneOrMany::as_slice);
    Column::of_header(header).is_some()
        || (!header.is_empty() && mapped.map(|name| normal(name)).any(|name| name == normal(header)))
}

/// Binds the headers of a file, with all findings on the way.
pub(super) fn bind(input: &Input, headers: &[String], source: &Source) -> (Binding, Vec<Finding>) {
    let mut binder = Binder { input, headers, source, findings: Vec::new() };
    let slots: Vec<Slot> = Column::ALL.into_iter().map(|column| binder.slot(column)).collect();
    let mut findings = binder.findings;
    let theirs = |slot: &Slot| match slot {
        Slot::Absent => None,
        Slot::Constant(text) => Some(format!("= {text}")),
        slot => Some(indices(slot).iter().map(|at| headers[*at].as_str()).collect::<Vec<_>>().join(" / ")),
    };
    let named = Column::ALL.into_iter().zip(&slots);
    let named = named.filter_map(|(column, slot)| Some((column.name().to_string(), theirs(slot)?))).collect();
    let mut binding = Binding { slots, named, unused: Vec::new() };
    let used = binding.columns();
    let unused = headers.iter().enumerate().filter(|(at, name)| !used.contains(at) && !name.is_empty());
    binding.unused = unused.map(|(_, name)| name.clone()).collect();
    require(&binding, &input.path, headers, &mut findings);
    (binding, findings)
}

struct Binder<'a> {
    input: &'a Input,
    headers: &'a [String],
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Binder<'_> {
    /// A mapping wins over a constant, that over a canonical name, that over an alias.
    fn slot(&mut self, column: Column) -> Slot {
        if let Some(names) = self.source.columns.get(column.name()) {
            let slots: Vec<Slot> = names.as_slice().iter().map(|name| self.mapped(column, name)).collect();
            return match slots.as_slice() {
                [slot] => slot.clone(),
                slots => Slot::Joined(slots.iter().flat_map(indices).copied().collect()),
            };
        }
        if let Some(value) = self.source.constants.get(column.name()) {
            return Slot::Constant(constant_text(value));
        }
        self.aliased(column)
    }

    fn hive(&self, name: &str) -> Option<Slot> {
        let (_, value) = self.input.hive.iter().find(|(key, _)| normal(key) == normal(name))?;
        Some(Slot::Constant(value.clone()))
    }

    fn mapped(&mut self, column: Column, name: &str) -> Slot {
        let those = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            (0..self.headers.len()).filter(|at| same(&self.headers[*at])).collect()
        };
        let exact = those(&|header| header == name.trim());
        let found = if exact.is_empty() { those(&|header| normal(header) == normal(name)) } else { exact };
        match found.as_slice() {
            [at] => Slot::Cell(*at),
            [] => self.hive(name).unwrap_or_else(|| {
                let nearest = nearest(name, self.headers.iter().map(String::as_str));
                let action = match nearest {
                    Some(nearest) => format!("the nearest column is `{nearest}`"),
                    None => "the file has no columns".to_string(),
                };
                let cause = format!("the column mapped to `{}` does not exist", column.name());
                self.findings
                    .push(Finding::error("H007", cause, action).in_file(&self.input.path).with_value(name));
                Slot::Absent
            }),
            several => self.ambiguous(column, several),
        }
    }

    fn aliased(&mut self, column: Column) -> Slot {
        let mapped = |header: &str| {
            let names = self.source.columns.values().flat_map(OneOrMany::as_slice);
            names.into_iter().any(|name| normal(name) == normal(header))
        };
        let rank = |at: usize| {
            let (known, rank) = Column::of_header(&self.headers[at])?;
            // What a mapping speaks for is not guessed at, but a column of our own name is no guess.
            (known == column && (rank == 0 || !mapped(&self.headers[at]))).then_some(rank)
        };
        let ranks: Vec<(usize, usize)> =
            (0..self.headers.len()).filter_map(|at| Some((rank(at)?, at))).collect();
        let Some(best) = ranks.iter().map(|(rank, _)| *rank).min() else {
            let hive = self.input.hive.iter().map(|(key, _)| key.as_str());
            let key =
                hive.into_iter().find(|key| Column::of_header(key).is_some_and(|(known, _)| known == column));
            return key.and_then(|key| self.hive(key)).unwrap_or(Slot::Absent);
        };
        let best: Vec<usize> = ranks.iter().filter(|(rank, _)| *rank == best).map(|(_, at)| *at).collect();
        match best.as_slice() {
            [at] => Slot::Cell(*at),
            several => self.ambiguous(column, several),
        }
    }

    fn ambiguous(&mut self, column: Column, several: &[usize]) -> Slot {
        let names: Vec<&str> = several.iter().map(|at| self.headers[*at].as_str()).collect();
        let finding = Finding::error(
            "H012",
            format!("{} columns can each be `{}`", names.len(), column.name()),
            format!("rename one, or map one: columns = {{ {} = \"…\" }}", column.name()),
        );
        self.findings.push(finding.in_file(&self.input.path).with_value(names.join(", ")));
        Slot::Cell(several[0])
    }
}

/// Names what a history cannot do without.
fn require(binding: &Binding, path: &Path, headers: &[String], findings: &mut Vec<Finding>) {
    let wrongly_mapped = findings.iter().any(|finding| finding.code == "H007");
    let by_the_day = match binding.slot(Column::Channel) {
        Slot::Constant(text) => Channel::parse(text).is_some_and(Channel::by_the_day),
        _ => false,
    };
    for column in [Column::Date, Column::Channel, Column::Campaign, Column::Unit] {
        let said = wrongly_mapped
            && findings.iter().any(|finding| finding.cause.contains(&format!("`{}`", column.name())));
        if !binding.has(column) && !said {
            findings.push(lacking(column, path, headers));
        }
    }
    for sum in Column::SUMS.into_iter().filter(|sum| !binding.implies(*sum)) {
        let optional = match sum {
            Column::Orders | Column::Revenue => true,
            Column::Impressions | Column::Clicks => by_the_day,
            _ => false,
        };
        let said = wrongly_mapped
            && findings.iter().any(|finding| finding.cause.contains(&format!("`{}`", sum.name())));
        if optional && !by_the_day {
            let cause =
                format!("the file has no `{}`, and no ratio that implies them: they count as 0", sum.name());
            let action = format!("map the column, unless no rule and no objective needs {}", sum.name());
            findings.push(Finding::warning("H013", cause, action).in_file(path));
        } else if !optional && !said {
            findings.push(lacking(sum, path, headers));
        }
    }
}

fn lacking(column: Column, path: &Path, headers: &[String]) -> Finding {
    let name = column.name();
    // A header that is not like the name would only mislead.
    let nearest = nearest(name, headers.iter().map(String::as_str))
        .filter(|other| likeness(name, other) > LIKE)
        .unwrap_or("…");
    let instead = match column {
        Column::Date | Column::Channel | Column::Campaign | Column::Unit => {
            format!(", or constants = {{ {name} = \"…\" }}")
        }
        _ => String::new(),
    };
    let action = format!("add a [[history.source]] with columns = {{ {name} = \"{nearest}\" }}{instead}");
    Finding::error("H006", format!("the required column `{name}` is missing"), action)
        .in_file(path)
        .at_column(name)
}

/// The most similar of some names.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names.filter(|other| !other.is_empty()).max_by(|a, b| likeness(name, a).total_cmp(&likeness(name, b)))
}

/// Likeness from which a header may be what was meant.
const LIKE: f64 = 0.8;

/// How alike two headers are, from 0 to 1.
fn likeness(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(&normal(a), &normal(b))
}
