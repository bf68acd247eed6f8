//! The contract itself: `akscan.report/1` as JSON. In: a report, or the bytes of one. Out: the other of the two.

use std::io::{self, BufWriter, Write};

use serde::Deserialize;

use crate::model::{Report, SCHEMA};

/// The JSON Schema (2020-12) of `akscan.report/1`.
pub const SCHEMA_JSON: &str = include_str!("report.schema.json");

/// Why bytes are no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// They are no JSON, or a field is not what the contract says. The error names line and column.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// They are a report by another contract.
    #[error("it is not of `{SCHEMA}`: its schema is `{}`", found.escape_debug())]
    Schema {
        /// What it says it is.
        found: String,
    },
}

/// Writes `report` as indented JSON with a newline at the end.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    // The serializer writes every token on its own.
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, report)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Reads a report that [`super::write`] wrote as JSON, in this version or a later one that only added fields.
///
/// # Errors
///
/// If the bytes are no JSON, of another contract, or lack a field.
pub fn parse(bytes: &[u8]) -> Result<Report, ReportError> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    // First alone: of another contract, everything else may be different.
    let Head { schema: found } = serde_json::from_slice(bytes)?;
    if found != SCHEMA {
        return Err(ReportError::Schema { found });
    }
    Ok(serde_json::from_slice(bytes)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::sample::{clean_report, sample_report};
    use super::*;
    use crate::model::{Confidence, KeyStatus, Kind, Severity, Strategy};

    fn written(report: &Report) -> Vec<u8> {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        out
    }

    fn schema() -> Value {
        serde_json::from_str(SCHEMA_JSON).unwrap()
    }

    /// The schema, with every object closed: what it does not describe is wrong.
    fn strict(mut schema: Value) -> Value {
        match &mut schema {
            Value::Object(map) => {
                for value in map.values_mut() {
                    *value = strict(value.take());
                }
                if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                    map.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|value| *value = strict(value.take())),
            _ => {}
        }
        // A region is closed by what it is a part of.
        if let Some(region) = schema.pointer_mut("/$defs/region").and_then(Value::as_object_mut) {
            region.remove("unevaluatedProperties");
        }
        schema
    }

    fn problems(schema: &Value, report: &Value) -> Vec<String> {
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap();
        validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    #[test]
    fn the_sample_is_written_as_the_contract_shows_it() {
        insta::assert_snapshot!(String::from_utf8(written(&sample_report())).unwrap());
    }

    #[test]
    fn what_is_written_is_read_back() {
        for report in [sample_report(), clean_report()] {
            assert_eq!(parse(&written(&report)).unwrap(), report);
        }
    }

    #[test]
    fn every_report_is_valid_and_holds_no_field_that_the_schema_does_not_describe() {
        assert!(jsonschema::meta::is_valid(&schema()));
        for report in [sample_report(), clean_report()] {
            let report: Value = serde_json::from_slice(&written(&report)).unwrap();
            assert_eq!(problems(&schema(), &report), Vec::<String>::new());
            assert_eq!(problems(&strict(schema()), &report), Vec::<String>::new());
        }
    }

    #[test]
    fn what_breaks_the_contract_is_not_valid() {
        let sample: Value = serde_json::from_slice(&written(&sample_report())).unwrap();
        let breaks = [
            ("/schema", json!("akscan.report/2")),
            ("/complete", json!("yes")),
            ("/as_of", json!("yesterday")),
            ("/coverage/files", json!(-1)),
            ("/coverage/skipped/0/count", json!("many")),
            ("/coverage/dropped_candidates", json!([])),
            ("/coverage/drops/0/reason", json!("tired")),
            ("/findings/0/severity", json!("urgent")),
            ("/findings/0/kind", json!("password")),
            ("/findings/0/status", json!(null)),
            ("/findings/0/fingerprint", json!("v1:12")),
            ("/findings/0/secret_sha256", json!("12")),
            ("/findings/0/owner/type", json!("robot")),
            ("/findings/0/reach", json!("far")),
            ("/findings/0/exposure", json!({})),
            ("/findings/0/locations", json!([])),
            ("/findings/0/locations/0/line", json!(0)),
            ("/findings/0/locations/0/place", json!("cloud")),
            ("/findings/0/locations/0/parts/0/role", json!("password")),
            ("/findings/4/suppressed/by", json!(null)),
            ("/findings/0/recommendation/strategy", json!("panic")),
            ("/findings/0/recommendation/steps/0/must_update/0/line", json!("4")),
            ("/errors/0/kind", json!("odd")),
        ];
        for (place, value) in breaks {
            let mut broken = sample.clone();
            *broken.pointer_mut(place).unwrap_or_else(|| panic!("{place} is in the sample")) = value;
            assert_ne!(problems(&schema(), &broken), Vec::<String>::new(), "{place}");
        }
        for (place, field) in [("", "findings"), ("/findings/0", "severity"), ("/coverage", "skipped")] {
            let mut broken = sample.clone();
            broken.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(field).unwrap();
            assert_ne!(problems(&schema(), &broken), Vec::<String>::new(), "{place} without {field}");
        }
        let mut grown = sample;
        grown["findings"][0]["new"] = json!(1);
        assert_eq!(problems(&schema(), &grown), Vec::<String>::new());
        assert_ne!(problems(&strict(schema()), &grown), Vec::<String>::new());
    }

    #[test]
    fn the_schema_knows_every_name_of_the_model() {
        let finding = "/$defs/finding/properties";
        let cases: [(String, Vec<&str>); 5] = [
            (format!("{finding}/kind/enum"), Kind::ALL.map(Kind::name).to_vec()),
            (format!("{finding}/status/enum"), KeyStatus::ALL.map(KeyStatus::name).to_vec()),
            (format!("{finding}/severity/enum"), Severity::NAMES.to_vec()),
            (format!("{finding}/confidence/enum"), Confidence::NAMES.to_vec()),
            ("/$defs/recommendation/properties/strategy/enum".to_owned(), Strategy::ALL.map(Strategy::name).to_vec()),
        ];
        for (place, names) in cases {
            let schema = schema();
            let described: BTreeSet<_> =
                schema.pointer(&place).unwrap().as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert_eq!(described, names.into_iter().collect(), "{place}");
        }
    }

    #[test]
    fn a_writer_that_fails_is_an_error_of_its_own_kind() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write(&sample_report(), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_report_of_another_contract_is_refused_by_name() {
        let error = parse(br#"{"schema": "akscan.report/2", "findings": 7}"#).unwrap_err();
        assert_eq!(error.to_string(), "it is not of `akscan.report/1`: its schema is `akscan.report/2`");
        assert!(matches!(parse(b"{}").unwrap_err(), ReportError::Json(_)));
        assert!(matches!(parse(br#"{"schema": "akscan.report/1"}"#).unwrap_err(), ReportError::Json(_)));
    }

    #[test]
    fn a_report_with_added_fields_is_read() {
        let mut grown: Value = serde_json::from_slice(&written(&sample_report())).unwrap();
        grown["new"] = json!({"a": [1]});
        grown["findings"][0]["locations"][0]["new"] = json!(1);
        assert_eq!(parse(grown.to_string().as_bytes()).unwrap(), sample_report());
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse(&bytes);
        }
    }
}
