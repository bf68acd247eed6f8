//! The contracts. In: what was written as JSON. Out: the report or the plan, once it is known to be valid.

use std::sync::LazyLock;

use akscan::model::Report;
use akscan::report::runbook::RUNBOOK_SCHEMA_JSON;
use akscan::report::{SCHEMA_JSON, parse};
use serde_json::Value;

/// A published schema, and the same with every object closed: what it does not describe is wrong.
type Schemas = LazyLock<[jsonschema::Validator; 2]>;

static REPORT: Schemas = LazyLock::new(|| schemas(SCHEMA_JSON));
static PLAN: Schemas = LazyLock::new(|| schemas(RUNBOOK_SCHEMA_JSON));

fn schemas(json: &str) -> [jsonschema::Validator; 2] {
    let published: Value = serde_json::from_str(json).unwrap();
    assert!(jsonschema::meta::is_valid(&published));
    [published.clone(), strict(published)]
        .map(|schema| jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap())
}

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

/// Reads a plan that was written as JSON, and holds it to its contract.
///
/// # Panics
///
/// If it breaks the contract.
pub(crate) fn valid_plan(json: &[u8]) -> Value {
    let plan: Value = serde_json::from_slice(json).unwrap();
    assert_eq!(problems_of_plan(&plan), Vec::<String>::new());
    plan
}

/// What is wrong with a report, by both schemas.
pub(crate) fn problems(report: &Value) -> Vec<String> {
    problems_by(&REPORT, report)
}

/// What is wrong with a plan, by both schemas.
pub(crate) fn problems_of_plan(plan: &Value) -> Vec<String> {
    problems_by(&PLAN, plan)
}

fn problems_by(schemas: &Schemas, value: &Value) -> Vec<String> {
    let of = |schema: &jsonschema::Validator| -> Vec<String> {
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    };
    schemas.iter().flat_map(of).collect()
}

fn strict(mut schema: Value) -> Value {
    close(&mut schema);
    // A region is closed by what it is a part of.
    if let Some(region) = schema.pointer_mut("/$defs/region").and_then(Value::as_object_mut) {
        region.remove("unevaluatedProperties");
    }
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
