//! `--set KEY=VALUE`: one value laid over the plan file.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::config::names::nearest;
use crate::error::Finding;

type Node<'s> = Spanned<DeValue<'s>>;

/// Steps that add an element to a list, and take one away.
pub(crate) const ADD: &str = "+";
pub(crate) const TAKE: &str = "-";

/// Lays one argument over the tree. The key is dotted; an element of a list is named by its `name` (a
/// rule, a phase) or `unit` (a slot), or by its index from 0; a step in quotes may hold dots. The value
/// is TOML; what is not TOML is text. `LIST.+={…}` adds an element to a list, `LIST.-=NAME` takes one away. `span`
/// is where the argument stands in the source.
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
    let (mut node, mut value) = (root, Some(value));
    for (depth, step) in steps.iter().copied().enumerate() {
        node = match node.get_mut() {
            DeValue::Table(table) => {
                if depth == last {
                    table.remove(step); // so that the key, too, points at the argument
                }
                let key = Spanned::new(span.clone(), Cow::Borrowed(step));
                let list = steps.get(depth + 1) == Some(&ADD);
                table.entry(key).or_insert_with(|| empty(list, span))
            }
            DeValue::Array(items) if step == ADD && depth == last => {
                value.take().into_iter().for_each(|value| items.push(value));
                return Ok(());
            }
            DeValue::Array(items) => {
                let names: Vec<String> = items.iter().filter_map(name_of).map(str::to_owned).collect();
                let away = (step == TAKE && depth == last).then(|| value.take()).flatten();
                let step = away.as_ref().map_or(step, |name| name.get_ref().as_str().unwrap_or(step));
                let count = items.len();
                let at = items
                    .iter()
                    .position(|item| name_of(item) == Some(step))
                    .or_else(|| step.parse().ok().filter(|at| *at < count));
                if let (Some(at), true) = (at, away.is_some()) {
                    let all = std::mem::replace(items, DeArray::new()).into_iter().enumerate();
                    *items = all.filter(|(other, _)| *other != at).map(|(_, item)| item).collect();
                    return Ok(());
                }
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
    *node = value.unwrap_or_else(|| empty(false, span));
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

fn empty<'s>(list: bool, span: &Range<usize>) -> Node<'s> {
    let value = if list { DeValue::Array(DeArray::new()) } else { DeValue::Table(DeTable::new()) };
    Spanned::new(span.clone(), value)
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
