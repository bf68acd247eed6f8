//! What is not there is named.

use std::fs;

use akscan::model::SourceErrorKind;

use super::{pack, pair, scan, write};
use crate::support::repository::Repo;

#[test]
fn objects_that_a_partial_clone_left_at_its_remote() {
    let repo = Repo::new();
    repo.write("a", "old").write("sub/b", "1").commit("first");
    repo.write("a", "new").commit("second");
    let config = repo.path().join(".git/config");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text + "[remote \"o\"]\n\turl = x\n\tpromisor = true\n\tpartialclonefilter = blob:none\n")
        .unwrap();
    assert!(scan(repo.path(), &["--history-only"]).complete, "everything was fetched");

    let old = git2::Oid::hash_object(git2::ObjectType::Blob, b"old").unwrap().to_string();
    fs::remove_file(repo.path().join(".git/objects").join(&old[..2]).join(&old[2..])).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert!(!report.complete);
    let gap = &report.coverage.skipped[0];
    assert_eq!((&*gap.what, &*gap.reason, gap.count), ("objects", "not fetched (partial clone)", 1));
    assert_eq!(&*gap.examples[0], format!("blob {old}"));
    assert!(scan(repo.path(), &["--no-history"]).complete, "history was not asked for");
}

#[test]
fn a_truncated_pack_is_named_and_the_rest_is_read() {
    let repo = Repo::new();
    for number in 0..20 {
        repo.write(format!("{number}"), format!("{number}: {}", pair(number))).commit("more");
    }
    let path = pack(&repo).with_extension("pack");
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let report = scan(repo.path(), &["--history-only"]);
    assert!(!report.complete);
    assert!(report.errors.iter().any(|error| error.kind == SourceErrorKind::Corrupt));
    assert!(!report.findings.is_empty(), "what is there is read");
}

#[test]
fn broken_refs_are_named_although_nothing_was_found() {
    let repo = Repo::new();
    repo.write("a", "1").commit("first");
    write(repo.path(), ".git/refs/heads/broken", "nonsense");
    let report = scan(repo.path(), &["--history-only"]);
    let errors: Vec<(&str, &str)> = report.errors.iter().map(|error| (&*error.place, &*error.cause)).collect();
    assert_eq!(errors, [("refs/heads/broken", "it names no object")]);
}
