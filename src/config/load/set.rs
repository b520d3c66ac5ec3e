//! `--set KEY=VALUE`: one value laid over the plan file.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::names::nearest;
use crate::error::Finding;

type Node<'s> = Spanned<DeValue<'s>>;

/// Lays one argument over the tree. The key is dotted; an element of a list is named by its `name` (a
/// rule, a phase) or `unit` (a slot), or by its index from 0; a step in quotes may hold dots. The value
/// is TOML; what is not TOML is text. `span` is where the argument stands in the source.
///
/// # Errors
/// `C007` when the argument has no `=`, or its key leads through something that has no such part.
pub(super) fn apply<'s>(
    root: &mut Node<'s>,
    argument: &'s str,
    span: &Range<usize>,
) -> Result<(), Box<Finding>> {
    let refuse = |cause: String, action: String| Box::new(Finding::error("C007", cause, action));
    let (steps, value) = split(argument).ok_or_else(|| {
        refuse(
            "an argument of `--set` must be KEY=VALUE".into(),
            "write for example `--set plan.objective=profit` or `--set rule.roi.min=2.5`".into(),
        )
    })?;
    let value = match DeValue::parse(value) {
        Ok(value) => placed(value, span),
        Err(_) => Spanned::new(span.clone(), DeValue::String(Cow::Borrowed(value))),
    };
    let last = steps.len() - 1;
    let mut node = root;
    for (depth, step) in steps.into_iter().enumerate() {
        node = match node.get_mut() {
            DeValue::Table(table) => {
                if depth == last {
                    table.remove(step); // so that the key, too, points at the argument
                }
                let key = Spanned::new(span.clone(), Cow::Borrowed(step));
                table.entry(key).or_insert_with(|| empty_table(span))
            }
            DeValue::Array(items) => {
                let names: Vec<String> = items.iter().filter_map(name_of).map(str::to_owned).collect();
                let at = items
                    .iter()
                    .position(|item| name_of(item) == Some(step))
                    .or_else(|| step.parse().ok().filter(|at| *at < items.len()));
                let count = items.len();
                match at.and_then(|at| items.get_mut(at)) {
                    Some(item) => item,
                    None => {
                        let action = nearest(step, names.iter().map(String::as_str)).map_or_else(
                            || {
                                format!(
                                    "use one of its {count} names or indices from 0: {}",
                                    names.join(", ")
                                )
                            },
                            |near| format!("did you mean `{near}`?"),
                        );
                        return Err(refuse(format!("the list has no element `{step}`"), action));
                    }
                }
            }
            _ => {
                return Err(refuse(
                    format!("`{step}` cannot be set: what stands before it is a value, not a table"),
                    "leave the last part of the key away".into(),
                ));
            }
        };
    }
    *node = value;
    Ok(())
}

/// The steps of an argument's key and the text of its value.
pub(crate) fn split(argument: &str) -> Option<(Vec<&str>, &str)> {
    let mut steps = Vec::new();
    let mut rest = argument;
    loop {
        let (step, after) = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split_once(quote)?,
            _ => rest.split_at(rest.find(['.', '='])?),
        };
        steps.push(step.trim());
        match after.trim_start().split_at_checked(1)? {
            (".", after) => rest = after,
            ("=", value) => {
                return steps.iter().all(|step| !step.is_empty()).then_some((steps, value.trim()));
            }
            _ => return None,
        }
    }
}

fn name_of<'n>(item: &'n Node<'_>) -> Option<&'n str> {
    let table = item.get_ref().as_table()?;
    ["name", "unit"].into_iter().find_map(|key| table.get(key)?.get_ref().as_str())
}

fn empty_table<'s>(span: &Range<usize>) -> Node<'s> {
    Spanned::new(span.clone(), DeValue::Table(DeTable::new()))
}

/// The value with the span of the argument throughout.
fn placed<'s>(value: Node<'s>, span: &Range<usize>) -> Node<'s> {
    let value = match value.into_inner() {
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| placed(item, span)).collect()),
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, value)| (Spanned::new(span.clone(), key.into_inner()), placed(value, span)))
                .collect(),
        ),
        other => other,
    };
    Spanned::new(span.clone(), value)
}
