//! `akscan baseline`: a known finding is accepted, kept up to date, and dropped when it is gone.

use std::fs;
use std::path::Path;

use super::{folder, pair, write};
use crate::support::command::{Ran, akscan_in};
use crate::support::made_up::first_id;

/// A folder with a key, and another for what is beside it: the report and the inventory.
struct Case {
    files: tempfile::TempDir,
    beside: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        Self { files: folder(&[("a.yaml", &pair(1))]), beside: folder(&[]) }
    }

    fn beside(&self, name: &str) -> String {
        self.beside.path().join(name).display().to_string()
    }

    fn inventory(&self, status: &str) {
        let id = first_id(1);
        write(
            self.beside.path(),
            "keys.csv",
            &format!("access_key_id,status,owner_type,user_name\n{id},{status},ram-user,etl\n"),
        );
    }

    fn scan(&self) -> Ran {
        let output = format!("json={}", self.beside("r.json"));
        let mut arguments = vec!["scan", ".", "--format", "json", "--output", &output];
        let inventory = self.beside("keys.csv");
        if Path::new(&inventory).exists() {
            arguments.extend(["--inventory", &inventory]);
        }
        akscan_in(self.files.path()).run(arguments)
    }

    fn baseline(&self, arguments: &[&str]) -> Ran {
        let report = self.beside("r.json");
        akscan_in(self.files.path()).run([&["baseline"], arguments, &["--report", &report]].concat())
    }

    fn text(&self) -> String {
        fs::read_to_string(self.files.path().join("akscan-baseline.toml")).unwrap()
    }
}

#[test]
fn add_update_prune() {
    let case = Case::new();
    case.inventory("active");
    let report = case.scan().ends(1).report();
    let fingerprint = report.findings[0].identity.fingerprint.to_string();
    let short = &fingerprint["v1:".len()..][..8];

    let refused = case.baseline(&["add", short, "--reason", "rotation is planned"]).ends(2);
    assert!(refused.stderr.starts_with("error: "), "a key that works needs an end: {}", refused.stderr);
    let added = case.baseline(&["add", short, "--reason", "rotation is planned", "--expires", "2099-12-31"]).ends(0);
    assert!(added.stderr.contains(&format!("accepted: key-pair {fingerprint}")), "{}", added.stderr);
    assert_eq!(added.text(), "");
    let report = case.scan().ends(0).report();
    let suppressed = report.findings[0].suppressed.as_ref().unwrap();
    assert_eq!((suppressed.by.as_str(), suppressed.reason.as_str()), ("baseline", "rotation is planned"));

    case.inventory("inactive");
    case.scan().ends(0);
    let before = case.text();
    case.baseline(&["update"]).ends(0);
    assert_ne!(case.text(), before, "it is less severe now");
    case.scan().ends(0);
    case.inventory("active");
    assert!(case.scan().ends(1).report().findings[0].suppressed.is_none(), "what got worse is open again");

    write(case.files.path(), "a.yaml", "gone\n");
    case.scan().ends(0);
    let pruned = case.baseline(&["prune"]).ends(0);
    assert!(pruned.stderr.contains(&format!("dropped: key-pair {fingerprint}")), "{}", pruned.stderr);
    assert!(!case.text().contains(&fingerprint));
    write(case.files.path(), "a.yaml", &pair(1));
    case.scan().ends(1);
}

#[test]
fn an_accepted_id_does_not_hide_the_pair_that_leaks_later() {
    let case = Case::new();
    let id = first_id(1);
    write(case.files.path(), "a.yaml", &format!("access key {id}\n"));
    let report = case.scan().ends(0).report();
    let fingerprint = report.findings[0].identity.fingerprint.to_string();
    case.baseline(&["add", &fingerprint, "--reason", "public"]).ends(0);
    assert!(case.scan().ends(0).report().findings[0].suppressed.is_some());
    write(case.files.path(), "a.yaml", &pair(1));
    assert!(case.scan().ends(1).report().findings[0].suppressed.is_none());
}

#[test]
fn mistakes_are_told() {
    let case = Case::new();
    case.scan().ends(1);
    let error = |arguments: &[&str]| case.baseline(arguments).ends(2).stderr;
    assert!(error(&["add", "1234", "--reason", "x"]).contains("at least eight digits"));
    assert!(error(&["add", "00000000", "--reason", "x"]).contains("no finding of the report has this fingerprint"));
    assert!(error(&["add", "00000000"]).contains("--reason"));
    write(case.beside.path(), "r.json", "{\"schema\": \"akscan.report/2\"}");
    assert!(error(&["prune"]).contains("its schema is `akscan.report/2`"));
    fs::remove_file(case.beside.path().join("r.json")).unwrap();
    assert!(error(&["prune"]).contains("cannot read"));
}
