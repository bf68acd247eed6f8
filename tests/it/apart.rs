//! IDs and secrets that stand apart: in files of one folder, or a secret alone that only an inventory knows.

use std::fs;

use akscan::model::{Confidence, DropReason, Exposure, Kind, SecretHash, Severity};
use akscan::{Detector, RuleSet};
use tempfile::TempDir;

use crate::support::command::akscan_in;
use crate::support::made_up::fill;
use crate::support::repository::Repo;

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

/// One half of a key in each file, as Terraform reads them.
const HALVES: [(&str, &str); 2] = [
    ("main.auto.tfvars", "access_key = \"{{access-key-id:24}}\"\n"),
    ("secret.auto.tfvars", "secret_key = \"{{access-key-secret}}\"\n"),
];

#[test]
fn a_secret_key_is_one_beside_a_lone_id_in_whatever_is_looked_at() {
    let repo = Repo::new();
    for (name, text) in HALVES {
        repo.write(name, fill(text, 6));
    }
    let kinds = |arguments: &[&str]| -> Vec<(Kind, Confidence, usize)> {
        let report = akscan_in(repo.path()).run(arguments.iter().copied()).ends(1).report();
        let told =
            |exposure: &Exposure| (exposure.identity.kind, exposure.identity.confidence, exposure.locations.len());
        report.findings.iter().map(told).collect()
    };
    let pair = [(Kind::KeyPair, Confidence::Medium, 2)];
    assert_eq!(kinds(&["staged", "--format", "json"]), pair);
    repo.commit("Set up");
    assert_eq!(kinds(&["scan", "--history-only", "--format", "json"]), pair);
    assert_eq!(kinds(&["scan", "--no-history", "--format", "json"]), pair);
}

#[test]
fn a_secret_key_alone_is_dropped_and_the_reason_told() {
    let folder = TempDir::new().unwrap();
    let (name, text) = HALVES[1];
    fs::write(folder.path().join(name), fill(text, 6)).unwrap();
    let arguments = ["scan", ".", "--format", "json", "--min-confidence", "low", "--explain-drops"];
    let report = akscan_in(folder.path()).run(arguments).ends(0).report();
    assert!(report.findings.is_empty(), "{report:?}");
    assert_eq!(report.coverage.dropped_candidates[&DropReason::NoContext], 1);
    let drops = report.coverage.drops.unwrap();
    let [drop] = drops.as_slice() else { panic!("{drops:?}") };
    assert_eq!((drop.content.as_str(), drop.line, drop.reason), (name, 1, DropReason::NoContext));
}

#[test]
fn the_key_that_a_framework_signs_with_is_no_half_of_an_accesskey() {
    let folder = TempDir::new().unwrap();
    let secrets = "SECRET_KEY = '{{access-key-secret}}'\n";
    let near = "SECRET_KEY = '{{access-key-secret}}'\nENDPOINT = 'oss-cn-hangzhou.aliyuncs.com'\n";
    fs::write(folder.path().join("settings.py"), fill("OSS_ID = '{{access-key-id:24}}'\n", 8)).unwrap();
    for text in [secrets, near] {
        fs::write(folder.path().join("secrets.py"), fill(text, 8)).unwrap();
        let arguments = ["scan", ".", "--format", "json", "--min-confidence", "low"];
        let report = akscan_in(folder.path()).run(arguments).ends(0).report();
        let kinds: Vec<Kind> = report.findings.iter().map(|exposure| exposure.identity.kind).collect();
        assert_eq!(kinds, [Kind::KeyId]);
    }
}

#[test]
fn what_a_name_leaves_open_a_hash_decides() {
    let mut detector = Detector::new(RuleSet::builtin().unwrap());
    let text = fill("secret_key = {{access-key-secret}}\n", 7);
    let secret = text.split_whitespace().last().unwrap();
    detector.know([SecretHash::of(secret.as_bytes())]);
    let found = detector.detect_bytes(text.as_bytes()).detections;
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.confidence, found.credential.needs_id()), (Confidence::High, false));
}
