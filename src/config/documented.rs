//! The reference `docs/plan-file.md` names every key that a plan file may have.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema;

/// Names under `properties`, at any depth.
fn keys(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                found.extend(properties.keys().cloned());
            }
            fields.values().for_each(|value| keys(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_is_in_the_reference() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/plan-file.md");
    let reference = std::fs::read_to_string(path).unwrap();
    let mut found = BTreeSet::new();
    keys(&schema(), &mut found);
    assert!(found.contains("max_rejected") && found.contains("min_share"), "{found:?}");
    let absent: Vec<_> = found.iter().filter(|key| !reference.contains(&format!("`{key}`"))).collect();
    assert!(absent.is_empty(), "not in docs/plan-file.md: {absent:?}");
}
