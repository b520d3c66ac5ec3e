//! `[scenario.NAME]`: named sets of the same KEY = VALUE as `--set`.
//!
//! `rule.roi.min = 2.5` is a table of tables to TOML; its leaves are taken as the arguments
//! `rule.roi.min=2.5` that lay the same values over the file. A key may also be written in quotes,
//! `"rule.roi.min" = 2.5`.

use std::path::Path;

use toml::{Table, Value};

use crate::config::names::nearest;
use crate::error::{Finding, Result};

/// The scenarios of a plan file by name; none of a text that is no TOML, which is found elsewhere.
pub(super) fn all(text: &str) -> Vec<(String, Table)> {
    let Ok(root) = text.trim_start_matches('\u{feff}').parse::<Table>() else { return Vec::new() };
    let Some(Value::Table(scenarios)) = root.get("scenario") else { return Vec::new() };
    let tables = scenarios.iter().filter_map(|(name, table)| Some((name.clone(), table.as_table()?.clone())));
    tables.collect()
}

/// A scenario's arguments, each with where it comes from.
///
/// # Errors
/// `C042` when there is no scenario of that name.
pub(super) fn find(all: &[(String, Table)], name: &str, path: &Path) -> Result<Vec<(String, String)>> {
    let Some((_, table)) = all.iter().find(|(other, _)| other == name) else {
        let names = || all.iter().map(|(name, _)| name.as_str());
        let action = match (nearest(name, names()), all.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, false) => format!("use one of: {}", names().collect::<Vec<_>>().join(", ")),
            (None, true) => "add a `[scenario.NAME]` to the plan file".into(),
        };
        return Err(Finding::error("C042", "the plan file has no scenario of this name", action)
            .in_file(path)
            .with_value(name)
            .into());
    };
    let mut arguments = Vec::new();
    leaves(table, "", &mut arguments);
    Ok(arguments.into_iter().map(|argument| (format!("[scenario.{name}]"), argument)).collect())
}

fn leaves(table: &Table, before: &str, arguments: &mut Vec<String>) {
    for (key, value) in table {
        let key = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Value::Table(inner) => leaves(inner, &key, arguments),
            leaf => arguments.push(format!("{key}={leaf}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_quoted_keys_are_the_same_arguments() {
        let text = r#"
            [scenario.tight]
            rule.roi.min = 2.5
            "rule.search budget.max" = 8000
            search.position = [4, 6]
            plan.objective = "profit"
            plan.date = 2026-12-13
            [scenario.loose.rule.roi]
            min = 1.5
        "#;
        let scenarios = all(text);
        let of = |name| -> Vec<String> {
            let found = find(&scenarios, name, Path::new("plan.toml")).unwrap();
            assert!(found.iter().all(|(from, _)| *from == format!("[scenario.{name}]")));
            found.into_iter().map(|(_, argument)| argument).collect()
        };
        let mut tight = of("tight");
        tight.sort();
        assert_eq!(
            tight,
            [
                "plan.date=2026-12-13",
                "plan.objective=\"profit\"",
                "rule.roi.min=2.5",
                "rule.search budget.max=8000",
                "search.position=[4, 6]"
            ]
        );
        assert_eq!(of("loose"), ["rule.roi.min=1.5"]);
        let refused = find(&scenarios, "tigth", Path::new("plan.toml")).unwrap_err().findings();
        assert!(refused[0].action.contains("`tight`"), "{refused:?}");
    }
}
