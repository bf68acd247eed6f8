//! The contract. In: what was written as JSON. Out: the report, once it is known to be valid.

use std::sync::LazyLock;

use akscan::model::Report;
use akscan::report::{SCHEMA_JSON, parse};
use serde_json::Value;

/// The published schema, and the same with every object closed: what it does not describe is wrong.
static SCHEMAS: LazyLock<[jsonschema::Validator; 2]> = LazyLock::new(|| {
    let published: Value = serde_json::from_str(SCHEMA_JSON).unwrap();
    [published.clone(), strict(published)]
        .map(|schema| jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap())
});

/// Reads a report that was written as JSON, and holds it to the contract.
///
/// # Panics
///
/// If it breaks the contract, or if reading it and writing it again gives other bytes.
pub(crate) fn valid(json: &[u8]) -> Report {
    let value: Value = serde_json::from_slice(json).unwrap();
    assert_eq!(problems(&value), Vec::<String>::new());
    let report = parse(json).unwrap();
    let mut again = Vec::new();
    akscan::report::write(&report, akscan::report::Format::Json, &akscan::report::Style::default(), &mut again)
        .unwrap();
    assert!(again == json, "a report is its JSON");
    report
}

/// What is wrong with a report, by both schemas.
pub(crate) fn problems(report: &Value) -> Vec<String> {
    let of = |schema: &jsonschema::Validator| -> Vec<String> {
        schema.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
    };
    SCHEMAS.iter().flat_map(of).collect()
}

fn strict(mut schema: Value) -> Value {
    close(&mut schema);
    // A region is closed by what it is a part of.
    schema.pointer_mut("/$defs/region").and_then(Value::as_object_mut).unwrap().remove("unevaluatedProperties");
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}
