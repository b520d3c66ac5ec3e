//! What kind of value a schema asks for.

use serde_json::Value;
use toml::de::DeValue;

/// Whether a value is of the schema's type. TOML has dates of its own where JSON has text.
pub(super) fn fits(schema: &Value, value: &DeValue<'_>) -> bool {
    match value {
        DeValue::String(_) => has_type(schema, "string"),
        DeValue::Integer(_) => has_type(schema, "integer") || has_type(schema, "number"),
        DeValue::Float(_) => has_type(schema, "number"),
        DeValue::Boolean(_) => has_type(schema, "boolean"),
        DeValue::Datetime(_) => schema["format"] == "date",
        DeValue::Array(_) => has_type(schema, "array"),
        DeValue::Table(_) => has_type(schema, "object"),
    }
}

/// Whether a schema allows a type of JSON.
pub(super) fn has_type(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::Array(types) => types.iter().any(|given| given == name),
        given => given == name,
    }
}

/// The names that a schema allows; none when it is not a choice of names.
pub(super) fn names(schema: &Value) -> Vec<&str> {
    match schema["const"].as_str() {
        Some(name) => vec![name],
        None => schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    }
}
