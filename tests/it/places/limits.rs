//! Objects that say of themselves that they are huge: none of them is unpacked to learn what it is, and what is not read
//! for that is named.

use std::fs;

use akscan::model::{Report, SourceErrorKind};

use super::{pair, place, places, scan};
use crate::support::command::akscan_in;
use crate::support::repository::Repo;

/// More than the longest text that is read.
const HUGE: u64 = 1_500 << 20;

/// The places of what is over a limit.
fn limits(report: &Report) -> Vec<String> {
    assert!(!report.complete);
    let limits = report.errors.iter().filter(|error| error.kind == SourceErrorKind::Limit);
    let over = |cause: &str| cause.starts_with("1572864000 bytes, over the limit of ");
    limits
        .inspect(|error| assert!(over(&error.cause), "{}", error.cause))
        .map(|error| error.place.to_string())
        .collect()
}

fn head(repo: &Repo, id: git2::Oid) {
    fs::write(repo.path().join(".git/refs/heads/main"), format!("{id}\n")).unwrap();
}

#[test]
fn a_huge_commit_in_a_range_or_at_its_end() {
    let repo = Repo::new();
    let base = repo.write("README", "1").commit("base");
    let huge = repo.claiming("commit", HUGE);
    let child = repo.write("a", pair(1)).forge(&[huge]);
    let range =
        |tip: git2::Oid| akscan_in(repo.path()).run(["range", "--format", "json", &format!("{base}..{tip}")]).report();
    assert_eq!(limits(&range(huge)), [format!("commit {huge}")]);
    let report = range(child);
    assert_eq!(limits(&report), [format!("commit {huge}")]);
    assert_eq!(report.findings.len(), 1, "the rest is read");
}

#[test]
fn a_huge_commit_that_is_merged_hides_nothing_that_is_staged() {
    let repo = Repo::new();
    repo.write("README", "1").commit("base");
    let huge = repo.claiming("commit", HUGE);
    repo.write("a", pair(1));
    fs::write(repo.path().join(".git/MERGE_HEAD"), format!("{huge}\n")).unwrap();
    let report = akscan_in(repo.path()).run(["staged", "--format", "json"]).report();
    assert_eq!(limits(&report), [format!("commit {huge}")]);
    assert_eq!(report.findings.len(), 1);
    head(&repo, huge);
    let ran = akscan_in(repo.path()).run(["staged"]).ends(2);
    assert!(ran.stderr.contains("bytes, over the limit of"), "its configuration would count: {}", ran.stderr);
}

#[test]
fn huge_objects_in_a_history() {
    let repo = Repo::new();
    let (commit, blob, tag) = (repo.claiming("commit", HUGE), repo.claiming("blob", HUGE), repo.claiming("tag", HUGE));
    let tagged = format!("object {blob}\ntype blob\ntag t\ntagger Dev <dev@example.com> 0 +0000\n\n{}\n", pair(2));
    let small = repo.git().odb().unwrap().write(git2::ObjectType::Tag, tagged.as_bytes()).unwrap();
    let child = repo.write("a", pair(1)).forge(&[commit]);
    head(&repo, child);
    for (name, id) in [("of-blob", small), ("huge", tag), ("commit", commit)] {
        fs::write(repo.path().join(".git/refs/tags").join(name), format!("{id}\n")).unwrap();
    }
    let report = scan(repo.path(), &["--history-only"]);
    assert_eq!(limits(&report), [format!("commit {commit}"), "refs/tags/huge".to_owned()]);
    assert_eq!(places(&report, 1), place(akscan::model::Place::History, "a"));
    assert_eq!(places(&report, 2), place(akscan::model::Place::TagMessage, &format!("tag {small}")));
}
