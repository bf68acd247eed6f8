//! How old a list of an account's keys is, and what still follows from it.

use akscan::MadeUp;
use akscan::model::KeyStatus;

use super::Case;
use crate::support::repository::Repo;
use crate::support::schema;

/// Scans a repository whose only key was committed on 2026-01-01, with a complete list of that day; two months later.
fn scanned(listed: &str) -> (KeyStatus, String, Vec<String>, String) {
    let repo = Repo::new();
    let mut keys = MadeUp::new(3);
    let text = format!("accessKeyId: {}\naccessKeySecret: {}\n", keys.access_key_id(24), keys.access_key_secret());
    repo.write("a.yaml", text).commit("add");
    let list = format!(r#"{{"accounts":[{{"account_id":"1234567890123456","complete":true,"as_of":"{listed}"}}]}}"#);
    let case = Case::new(&[("keys.json", &list)]);
    let path = repo.path().display().to_string();
    let ran =
        case.run(&["scan", &path, "--inventory", "keys.json", "--as-of", "2026-03-01", "--format", "json"]).ends(1);
    let exposure = schema::valid(&ran.stdout).findings.remove(0);
    let source = exposure.standing.status_source.map(|source| source.to_string()).unwrap_or_default();
    let evidence = exposure.evidence.iter().map(ToString::to_string).collect();
    (exposure.standing.status, source, evidence, ran.stderr)
}

#[test]
fn a_list_that_is_older_than_the_key_proves_nothing_of_it() {
    for (listed, status) in [
        ("2025-12-31T23:59:59Z", KeyStatus::NotChecked),
        ("2026-01-01", KeyStatus::Unlisted),
        ("2026-02-01", KeyStatus::Unlisted),
    ] {
        let (found, source, evidence, _) = scanned(listed);
        assert_eq!(found, status, "{listed}");
        assert_eq!(source, format!("inventory:1 complete account ({})", &listed[..10]));
        let told = "the inventory's list of account 1234567890123456 does not have it, but is of 2025-12-31, and the key \
                    was first seen 2026-01-01: it may have been made since";
        assert_eq!(evidence.iter().any(|line| line == told), status == KeyStatus::NotChecked, "{evidence:?}");
    }
}

#[test]
fn a_list_that_is_older_than_a_key_should_become_is_worth_a_word() {
    let told = |listed| scanned(listed).3;
    assert_eq!(told("2025-12-01"), "", "90 days");
    assert_eq!(
        told("2025-11-30"),
        "warning: the inventory's list of account 1234567890123456 is of 2025-11-30, 91 days ago: what was made, \
         disabled or deleted since is not in it; pull or import it again\n"
    );
}
