//! The shape of a plan file: its keys and types, beside the JSON Schema that is generated from the
//! very types it is read into.

use std::sync::LazyLock;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Located;
use super::kind::{fits, has_type, names};
use crate::calendar::{HourSpan, HourText};
use crate::config::names::{kin, nearest};
use crate::error::Finding;

type Node<'n> = Spanned<DeValue<'n>>;

/// A JSON Schema as schemars writes it.
pub(super) struct Shape {
    schema: &'static Value,
}

/// Written once: a page has its settings read many times a second.
static SCHEMA: LazyLock<Value> = LazyLock::new(crate::config::schema);

impl Shape {
    /// The shape of [`PlanFile`](crate::config::PlanFile).
    pub fn of_plan_file() -> Self {
        Shape { schema: &SCHEMA }
    }

    /// Everything in which a document differs from the schema: unknown keys `C002`, wrong types `C003`,
    /// missing keys `C004`, unknown names `C005`, values out of reach `C006`.
    pub fn compare(&self, root: &Node<'_>) -> Vec<Located> {
        let mut found = Vec::new();
        self.value(self.schema, root, "", &mut found);
        found
    }

    /// The schemas that a value may answer to, `$ref`, `anyOf` and `oneOf` followed, without `null`.
    fn choices<'s>(&'s self, schema: &'s Value) -> Vec<&'s Value> {
        let target =
            schema["$ref"].as_str().and_then(|path| self.schema.pointer(path.trim_start_matches('#')));
        if let Some(target) = target {
            return self.choices(target);
        }
        match schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            Some(choices) => choices.iter().flat_map(|choice| self.choices(choice)).collect(),
            None if schema["type"] == "null" => Vec::new(),
            None => vec![schema],
        }
    }

    fn value(&self, schema: &Value, node: &Node<'_>, name: &str, found: &mut Vec<Located>) {
        let choices = self.choices(schema);
        let fitting: Vec<&Value> =
            choices.iter().copied().filter(|choice| fits(choice, node.get_ref())).collect();
        if fitting.is_empty() {
            found.push((node.span(), self.wrong_type(&choices, node.get_ref(), name)));
            return;
        }
        let names: Vec<&str> = fitting.iter().flat_map(|choice| names(choice)).collect();
        match (node.get_ref().as_str(), names.is_empty()) {
            (Some(text), false) if names.contains(&text) => {}
            (Some(text), false) => {
                let action = nearest(text, names.iter().copied()).map_or_else(
                    || format!("use one of {}", quoted(&names)),
                    |near| format!("did you mean `{near}`?"),
                );
                let cause = format!("{} cannot be this", subject(name));
                found.push((node.span(), Finding::error("C005", cause, action).with_value(text)));
            }
            _ => {
                // Enough that one choice accepts the value; the first one's complaints otherwise.
                let complaints = fitting.iter().map(|choice| {
                    let mut complaints = Vec::new();
                    self.inside(choice, node, name, &mut complaints);
                    complaints
                });
                let mut complaints: Vec<_> = complaints.collect();
                if complaints.iter().all(|complaints| !complaints.is_empty()) {
                    found.append(&mut complaints[0]);
                }
            }
        }
    }

    /// What is inside a value whose type is right.
    fn inside(&self, schema: &Value, node: &Node<'_>, name: &str, found: &mut Vec<Located>) {
        match node.get_ref() {
            DeValue::Table(table) => self.table(schema, table, node, name, found),
            DeValue::Array(items) => {
                if let Some(count) = schema["minItems"].as_u64()
                    && items.len() as u64 != count
                {
                    let cause = format!("{} must hold {count} values, not {}", subject(name), items.len());
                    let action = format!("write `{name} = [lowest, highest]`");
                    found.push((node.span(), Finding::error("C003", cause, action)));
                    return;
                }
                for item in items {
                    self.value(&schema["items"], item, name, found);
                }
            }
            DeValue::Integer(integer) => {
                let value = i64::from_str_radix(integer.as_str(), integer.radix()).map_err(drop);
                let highest = if schema["format"] == "uint32" {
                    Some(f64::from(u32::MAX))
                } else {
                    schema["maximum"].as_f64()
                };
                let within = value.is_ok_and(|value| {
                    schema["minimum"].as_f64().is_none_or(|lowest| lowest <= value as f64)
                        && highest.is_none_or(|highest| value as f64 <= highest)
                });
                if !within {
                    let range = match (schema["minimum"].as_f64(), highest) {
                        (Some(lowest), Some(highest)) => {
                            format!("write a whole number from {lowest} to {highest}")
                        }
                        _ => "write a number of fewer digits".into(),
                    };
                    let finding = Finding::error("C006", format!("{} is out of range", subject(name)), range);
                    found.push((node.span(), finding.with_value(integer.to_string())));
                }
            }
            DeValue::Float(float) if !float.as_str().parse::<f64>().is_ok_and(f64::is_finite) => {
                let finding = Finding::error(
                    "C006",
                    format!("{} is not finite", subject(name)),
                    "write a finite number",
                );
                found.push((node.span(), finding.with_value(float.as_str())));
            }
            DeValue::String(text) => {
                found.extend(format(schema, text, name).map(|finding| (node.span(), finding)))
            }
            DeValue::Datetime(date) => {
                found.extend(format(schema, &date.to_string(), name).map(|finding| (node.span(), finding)));
            }
            _ => {}
        }
    }

    fn table(
        &self,
        schema: &Value,
        table: &DeTable<'_>,
        node: &Node<'_>,
        name: &str,
        found: &mut Vec<Located>,
    ) {
        let known = schema["properties"].as_object();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(property) = known.and_then(|known| known.get(name)) {
                self.value(property, value, name, found);
            } else if schema["additionalProperties"].is_object() {
                self.value(&schema["additionalProperties"], value, name, found);
            } else if schema["additionalProperties"] != true {
                found.push((key.span(), self.unknown_key(schema, name)));
            }
        }
        for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !table.contains_key(key) {
                let finding = Finding::error(
                    "C004",
                    format!("{} lacks `{key}`", subject(name)),
                    format!("add `{key} = …`"),
                );
                found.push((node.span(), finding));
            }
        }
    }

    fn unknown_key(&self, schema: &Value, key: &str) -> Finding {
        let known: Vec<&str> =
            schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let action = if let Some(near) = nearest(key, known.iter().copied()) {
            format!("did you mean `{near}`?")
        } else if let Some(owners) = self.owners(schema, key) {
            format!("`{key}` belongs inside {owners}")
        } else if let Some(owners) = self.owners(self.schema, key) {
            format!("`{key}` belongs in the table {owners}; known keys here: {}", quoted(&known))
        } else if let Some(kin) = kin(key, known.iter().copied()) {
            format!("did you mean `{kin}`?")
        } else {
            format!("known keys here: {}", quoted(&known))
        };
        Finding::error("C002", format!("unknown key `{key}`"), action)
    }

    /// The tables inside this one that know a key.
    fn owners(&self, schema: &Value, key: &str) -> Option<String> {
        let knows =
            |inner: &Value| self.choices(inner).iter().any(|inner| !inner["properties"][key].is_null());
        let owners = schema["properties"].as_object()?.iter().filter(|(_, inner)| knows(inner));
        let owners: Vec<String> = owners.map(|(name, _)| format!("`{name}`")).collect();
        (!owners.is_empty()).then(|| owners.join(" or "))
    }

    fn wrong_type(&self, choices: &[&Value], value: &DeValue<'_>, name: &str) -> Finding {
        let mut expected: Vec<String> = choices.iter().map(|choice| self.noun(choice)).collect();
        expected.dedup();
        let expected = expected.join(" or ");
        let found = match value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let is_number = |choice: &&Value| has_type(choice, "number") || has_type(choice, "integer");
        let action = match value {
            DeValue::String(text) if choices.iter().any(is_number) && text.parse::<f64>().is_ok() => {
                format!("remove the quotes: `{name} = {text}`")
            }
            DeValue::Table(_) if choices.iter().any(|choice| self.lists_tables(choice)) => {
                format!("write `[[{name}]]`, with two brackets: it can be there many times")
            }
            DeValue::String(text) if choices.iter().any(|choice| has_type(choice, "array")) => {
                format!("write a list: `{name} = [\"{text}\"]`")
            }
            _ => format!("write {expected}"),
        };
        Finding::error("C003", format!("{} must be {expected}, not {found}", subject(name)), action)
    }

    fn lists_tables(&self, schema: &Value) -> bool {
        has_type(schema, "array")
            && self.choices(&schema["items"]).iter().any(|item| has_type(item, "object"))
    }

    /// A schema in words.
    fn noun(&self, schema: &Value) -> String {
        let names = names(schema);
        if !names.is_empty() {
            return quoted(&names);
        }
        match () {
            () if self.lists_tables(schema) => "a list of tables".into(),
            () if has_type(schema, "array") => match schema["minItems"].as_u64() {
                Some(count) => format!("a list of {count} numbers"),
                None => "a list".into(),
            },
            () if has_type(schema, "object") => "a table".into(),
            () if has_type(schema, "boolean") => "true or false".into(),
            () if has_type(schema, "integer") => "a whole number".into(),
            () if has_type(schema, "number") => "a number".into(),
            () if schema["format"] == "date" => "a date such as 2026-12-12".into(),
            () if schema["format"] == "hours" => "a span of hours such as \"20-21\"".into(),
            () => "text in quotes".into(),
        }
    }
}

/// What text must be beyond text.
fn format(schema: &Value, text: &str, name: &str) -> Option<Finding> {
    let (reason, action) = match schema["format"].as_str()? {
        "date" if text.parse::<jiff::civil::Date>().is_err() => {
            ("it is not a date".into(), "write it like 2026-12-12")
        }
        "hours" => (
            HourSpan::try_from(HourText::Span(text.into())).err()?,
            "write an hour, 20, or a span, \"20-21\"",
        ),
        _ => return None,
    };
    Some(
        Finding::error("C006", format!("{} cannot be read: {reason}", subject(name)), action)
            .with_value(text),
    )
}

fn subject(name: &str) -> String {
    if name.is_empty() { "the plan file".into() } else { format!("`{name}`") }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
