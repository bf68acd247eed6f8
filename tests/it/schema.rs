//! The contract of the JSON report: what the tests of the command line write is valid (`Ran::report` checks each one),
//! and the check itself sees what is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use akscan::model::Kind;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::akscan_in;
use crate::support::made_up::fill;
use crate::support::schema::problems;

fn sample() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report/sample.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_sample_is_valid() {
    assert_eq!(problems(&sample()), Vec::<String>::new());
}

#[test]
fn a_field_that_nobody_described_is_seen() {
    for place in ["", "/coverage", "/findings/0", "/findings/0/locations/0", "/findings/0/recommendation/steps/0"] {
        let mut report = sample();
        report.pointer_mut(place).unwrap()["new"] = json!(1);
        assert_eq!(problems(&report).len(), 1, "{place}");
    }
}

#[test]
fn every_shape_of_credential_is_reported_within_the_contract() {
    let folder = TempDir::new().unwrap();
    let files = [
        ("pair", "accessKeyId: {{access-key-id:24}}\naccessKeySecret: {{access-key-secret}}\n"),
        ("secret", "alibaba_cloud_access_key_secret = {{access-key-secret}}\n"),
        ("id", "log: {{access-key-id:24}}\n"),
        (
            "sts",
            "{\"AccessKeyId\": \"{{sts-id}}\", \"AccessKeySecret\": \"{{sts-secret}}\", \
             \"SecurityToken\": \"{{security-token}}\", \"Expiration\": \"2030-01-01T00:00:00Z\"}\n",
        ),
        (
            "signed",
            "https://b.oss-cn-beijing.aliyuncs.com/o?OSSAccessKeyId={{access-key-id:16}}&Expires=1900000000\
             &Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D\n",
        ),
    ];
    for (name, text) in files {
        // An ID and a secret in one folder would be a pair.
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("file"), fill(text, name.len() as u64)).unwrap();
    }
    let ran = akscan_in(folder.path()).run(["scan", ".", "--format", "json", "--explain-drops"]).ends(1);
    let report = ran.report();
    let kinds: BTreeSet<Kind> = report.findings.iter().map(|exposure| exposure.identity.kind).collect();
    assert_eq!(kinds, Kind::ALL.into_iter().collect());
    assert!(report.as_of.is_some(), "some of them expire");
}
