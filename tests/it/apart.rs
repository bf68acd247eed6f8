//! IDs and secrets that stand apart: in files of one folder, or a secret alone that only an inventory knows.

use std::fs;

use akscan::model::{Kind, SecretHash, Severity};
use tempfile::TempDir;

use crate::support::command::akscan_in;
use crate::support::made_up::fill;

#[test]
fn a_secret_that_the_inventory_knows_is_found_without_any_context() {
    let folder = TempDir::new().unwrap();
    let text = fill("notes\nfor later: {{access-key-secret}} and so on\n", 3);
    let secret = text.split_whitespace().find(|word| word.len() == 30).unwrap();
    let inventory = format!(
        "access_key_id,status,user_name,secret_sha256\n{},active,etl,{}\n",
        fill("{{access-key-id:24}}", 4),
        SecretHash::of(secret.as_bytes()),
    );
    fs::create_dir(folder.path().join("tree")).unwrap();
    fs::write(folder.path().join("tree/notes.txt"), &text).unwrap();
    fs::write(folder.path().join("keys.csv"), inventory).unwrap();
    let tree = folder.path().join("tree");
    let tree = tree.to_str().unwrap();
    akscan_in(folder.path()).run(["scan", tree]).ends(0);
    let ran = akscan_in(folder.path()).run(["scan", tree, "--inventory", "keys.csv", "--format", "json"]).ends(1);
    let report = ran.report();
    let [exposure] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!(exposure.identity.kind, Kind::KeySecret);
    assert_eq!(exposure.identity.severity, Severity::Critical);
    let region = exposure.locations[0].region;
    assert_eq!((region.line, region.column), (2, 12));
    assert!(!ran.text().contains(secret));
}

#[test]
fn secrets_that_are_mounted_as_files_are_found() {
    let folder = TempDir::new().unwrap();
    for (name, text) in [("accessKeyId", "{{access-key-id:24}}"), ("accessKeySecret", "{{access-key-secret}}\n")] {
        fs::write(folder.path().join(name), fill(text, 5)).unwrap();
    }
    let report = akscan_in(folder.path()).run(["scan", ".", "--format", "json"]).ends(1).report();
    let [exposure] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!(exposure.identity.kind, Kind::KeyPair);
    assert_eq!(exposure.locations.len(), 2);
}
