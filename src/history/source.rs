//! Faults of a `[[history.source]]` that no file can mend.

use super::binding::nearest;
use super::date;
use super::number;
use super::schema::Column;
use crate::config::{self, Source};
use crate::error::Finding;
use crate::keys::Channel;

/// Errors of a source that no file can mend.
pub(super) fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let place = || format!("[[history.source]] of {}", source.files.join(", "));
    for name in source.columns.keys().chain(source.constants.keys()) {
        if Column::named(name).is_none() {
            let nearest = nearest(name, Column::ALL.iter().map(|column| column.name())).unwrap_or("unit");
            let cause = format!("{} names a column that bidwright does not have", place());
            findings.push(
                Finding::error("H008", cause, format!("did you mean `{nearest}`?")).with_value(name.as_str()),
            );
        }
    }
    for (name, theirs) in &source.columns {
        let joinable = Column::named(name).is_none_or(is_text);
        if source.constants.contains_key(name) {
            let cause = format!("{} maps `{name}` and makes it a constant", place());
            findings.push(Finding::error("H009", cause, "keep one of the two").with_value(name.as_str()));
        }
        if theirs.as_slice().is_empty() || (theirs.as_slice().len() > 1 && !joinable) {
            let cause = format!("{}: `{name}` takes exactly one column", place());
            findings.push(
                Finding::error("H009", cause, "only campaign, unit and product can be joined")
                    .with_value(name.as_str()),
            );
        }
    }
    for (name, value) in &source.constants {
        let text = constant_text(value);
        let wrong = Column::named(name).and_then(|column| constant_fault(column, &text));
        if let Some(wrong) = wrong {
            let cause = format!("{}: the constant `{name}` {wrong}", place());
            findings.push(
                Finding::error("H010", cause, "write the constant as a cell of the column would be")
                    .with_value(text),
            );
        }
    }
    findings
}

fn is_text(column: Column) -> bool {
    matches!(column, Column::Campaign | Column::Unit | Column::Product)
}

/// A constant as a cell.
pub(super) fn constant_text(value: &config::Constant) -> String {
    match value {
        config::Constant::Date(date) => date.to_string(),
        config::Constant::Number(number) => number.to_string(),
        config::Constant::Text(text) => text.trim().to_string(),
    }
}

fn constant_fault(column: Column, text: &str) -> Option<&'static str> {
    match column {
        Column::Date | Column::Exported if date::parse_day(text).is_err() => Some("is not a date"),
        Column::Hour if !date::parse_hour(text).is_some_and(|hour| (0..24).contains(&hour)) => {
            Some("is not an hour")
        }
        Column::Channel if Channel::parse(text).is_none() => Some("is not a channel"),
        Column::Campaign | Column::Unit | Column::Product if text.is_empty() => Some("is empty"),
        Column::Date
        | Column::Exported
        | Column::Hour
        | Column::Channel
        | Column::Window
        | Column::Position => None,
        column if is_text(column) => None,
        _ if !number::parse(text).is_ok_and(|number| number.is_some()) => Some("is not a number"),
        _ => None,
    }
}
